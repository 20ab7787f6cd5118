"""Too many requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox import Chat, Limits, Person, Sandbox
from tests.sandbox.client import Api, RefusedError

ONLY_CHATS = Limits(chat_per_second=1, chat_burst=3, group_per_minute=0, overall_per_second=0)
ONLY_GROUPS = Limits(chat_per_second=0, group_per_minute=4, overall_per_second=0)
ONLY_BULK = Limits(chat_per_second=0, group_per_minute=0, overall_per_second=2, reply_grace=1)


@pytest.fixture
def group(sandbox: Sandbox, aysel: Person) -> Chat:
    made = sandbox.add_group("5A", aysel)
    sandbox.adds_bot(aysel, made)
    return made


async def refused(api: Api, chat_id: int, method: str = "sendMessage", **params: object) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await api(method, chat_id=chat_id, **{"text": "x"} | params)
    assert error.value.code == 429
    return error.value


async def test_a_burst_then_a_message_a_second(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.limits = ONLY_CHATS
    for number in range(3):
        await api("sendMessage", chat_id=aysel.id, text=str(number))

    error = await refused(api, aysel.id)
    sandbox.clock.advance(timedelta(seconds=1))
    await api("sendMessage", chat_id=aysel.id, text="x")

    assert error.description == "Too Many Requests: retry after 1"
    assert error.parameters == {"retry_after": 1}
    assert sandbox.calls_of("sendMessage")[3].retry_after == 1
    assert len(sandbox.chat_of(aysel).messages) == 5


async def test_a_group_takes_its_number_a_minute_edits_included(
    sandbox: Sandbox, api: Api, aysel: Person, group: Chat
) -> None:
    sandbox.limits = ONLY_GROUPS
    sent = await api("sendMessage", chat_id=group.id, text="0")
    for number in (1, 2, 3):
        await api("editMessageText", chat_id=group.id, message_id=sent["message_id"], text=str(number))

    for method, params in (("sendMessage", {}), ("editMessageText", {"message_id": sent["message_id"]})):
        assert 58 <= (await refused(api, group.id, method, **params)).parameters["retry_after"] <= 60

    await api("sendMessage", chat_id=aysel.id, text="other chats don't mind")
    sandbox.clock.advance(timedelta(seconds=60))
    await api("sendMessage", chat_id=group.id, text="x")


async def test_an_album_counts_each_part(sandbox: Sandbox, api: Api, group: Chat) -> None:
    await api("sendMessage", chat_id=group.id, text="0")
    document = await api.form("sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(group.id))
    sandbox.limits = ONLY_GROUPS
    media = [{"type": "document", "media": document["document"]["file_id"]}] * 3
    await api("sendMediaGroup", chat_id=group.id, media=media)

    await refused(api, group.id, "sendMediaGroup", media=media)


async def test_bulk_is_limited_over_all_chats_but_replies_are_not(sandbox: Sandbox, api: Api) -> None:
    people = [sandbox.add_person(str(number)) for number in range(4)]
    for person in people:
        sandbox.presses_start(person)
    sandbox.clock.advance(timedelta(seconds=10))
    sandbox.limits = ONLY_BULK
    for person in people[:2]:
        await api("sendMessage", chat_id=person.id, text="news")

    await refused(api, people[2].id)
    sandbox.sends(people[3], text="a question")
    await api("sendMessage", chat_id=people[3].id, text="its answer")


async def test_the_usual_limits_are_on(aysel: Person, sandbox: Sandbox, api: Api) -> None:
    sandbox.limits = Limits()
    for number in range(Limits().chat_burst):
        await api("sendMessage", chat_id=aysel.id, text=str(number))

    await refused(api, aysel.id)
    sandbox.limits = Limits.none()
    await api("sendMessage", chat_id=aysel.id, text="x")


async def test_a_refused_message_counts_for_nothing(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.limits = ONLY_CHATS
    for _ in range(5):
        await api.error("sendMessage", chat_id=aysel.id, text="")

    await api("sendMessage", chat_id=aysel.id, text="x")
