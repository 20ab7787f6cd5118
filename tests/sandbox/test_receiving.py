"""Long polling: confirmation, waiting, one poller, life times, repetition."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from sandbox import Person, Sandbox
from tests.sandbox.client import Api, RefusedError, kinds


async def test_updates_come_again_until_the_offset_confirms_them(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.sends(aysel, text="salam")

    first = await api.updates()
    again = await api.updates()
    rest = await api.updates(first[0]["update_id"] + 1)

    assert [one["message"]["text"] for one in first] == ["/start", "salam"]
    assert again == first
    assert rest == first[1:]
    assert sandbox.pending_updates == 1
    assert await api.updates(first[1]["update_id"] + 1) == []
    assert sandbox.pending_updates == 0


async def test_a_negative_offset_forgets_all_but_the_last(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.sends(aysel, text="one")
    sandbox.sends(aysel, text="two")

    assert [one["message"]["text"] for one in await api.updates(-1)] == ["two"]
    assert sandbox.pending_updates == 1


@pytest.mark.parametrize(("asked", "got"), [(1, 1), (0, 1), (-3, 1), (5, 5), (500, 100)])
async def test_the_limit_is_kept_between_1_and_100(
    sandbox: Sandbox, api: Api, aysel: Person, asked: int, got: int
) -> None:
    for number in range(120):
        sandbox.sends(aysel, text=str(number))

    assert len(await api.updates(limit=asked)) == got


async def test_a_long_poll_ends_with_the_first_update(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api.drained()
    poll = asyncio.create_task(api.updates(timeout=50))
    await sandbox.until(lambda: sandbox.polling)

    sandbox.sends(aysel, text="salam")

    assert kinds(await asyncio.wait_for(poll, 2)) == ["message"]


async def test_a_long_poll_ends_empty_when_nothing_comes(api: Api) -> None:
    assert await api.updates(timeout=1) == []


async def test_a_second_poller_ends_the_first(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api.drained()
    first = asyncio.create_task(api.updates(timeout=50))
    await sandbox.until(lambda: sandbox.polling)

    second = asyncio.create_task(api.updates(timeout=50))
    with pytest.raises(RefusedError) as refused:
        await first
    sandbox.sends(aysel, text="salam")

    assert refused.value.code == 409
    assert refused.value.description == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    assert len(await second) == 1


async def test_the_kinds_asked_for_are_kept_until_others_are_asked_for(
    sandbox: Sandbox, api: Api, aysel: Person
) -> None:
    await api.drained()
    await api.updates(allowed_updates=["callback_query"])
    sandbox.sends(aysel, text="unheard")
    await api.updates()
    sandbox.sends(aysel, text="unheard, too")
    assert await api.updates(allowed_updates=[]) == []

    sandbox.sends(aysel, text="heard")

    assert len(await api.updates()) == 1


async def test_messages_live_a_day_and_taps_150_seconds(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api.drained()
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    await api("sendMessage", chat_id=aysel.id, text="?", reply_markup=keyboard)
    sandbox.sends(aysel, text="salam")
    sandbox.taps(aysel, sandbox.chat_of(aysel).messages[-2], "Go")

    sandbox.clock.advance(timedelta(seconds=149))
    assert kinds(await api.updates()) == ["message", "callback_query"]
    sandbox.clock.advance(timedelta(seconds=2))
    assert kinds(await api.updates()) == ["message"]
    sandbox.clock.advance(timedelta(hours=24))
    assert await api.updates() == []


async def test_each_update_is_handed_out_twice_on_demand(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.redeliver = True
    (start,) = await api.updates()

    again = await api.updates(start["update_id"] + 1)
    rest = await api.updates(start["update_id"] + 1)

    assert again == [start]
    assert rest == []


async def test_the_last_updates_are_handed_out_again(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.sends(aysel, text="salam")
    seen = await api.drained()

    sandbox.redeliver_last(1)

    assert await api.updates(seen[-1]["update_id"] + 1) == seen[-1:]
    assert await api.updates(seen[-1]["update_id"] + 1) == []


async def test_any_json_can_be_an_update(sandbox: Sandbox, api: Api) -> None:
    sandbox.send_raw_update({"update_id": "x", "message": 7})
    sandbox.send_raw_update({"novelty": {"of": "tomorrow"}})

    hostile, novel = await api.updates()

    assert hostile == {"update_id": "x", "message": 7}
    assert novel["novelty"] == {"of": "tomorrow"}
    assert isinstance(novel["update_id"], int)


async def test_identifiers_rise_one_by_one(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.sends(aysel, text="salam")

    first, second = await api.updates()

    assert second["update_id"] == first["update_id"] + 1
