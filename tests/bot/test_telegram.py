"""The channel against the sandbox: what Telegram says becomes a Result, whatever it is."""

import asyncio
import base64
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

import bot.channels.telegram
from bot.channels.channel import ChannelUnusable, Introduction, Received
from bot.channels.telegram import Telegram, Webhook
from bot.channels.translate import ALLOWED_UPDATES
from bot.channels.transport import AiohttpRequest
from domain.languages import LANGUAGES
from domain.messages import DeepLink, Moved, Rejected, Result, Sent, TryLater, Unreachable
from sandbox import Chat, Fault, Message, Person, Sandbox
from tests.cast import World

TOKEN = "100:test-token"
HELLO: Mapping[str, Any] = {"html": "<b>Hello</b>", "buttons": []}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=None) as made:
        yield made


@pytest.fixture
async def telegram(sandbox: Sandbox) -> AsyncIterator[Telegram]:
    made = Telegram(TOKEN, sandbox.url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def aysel(sandbox: Sandbox) -> Person:
    person = sandbox.add_person("Aysel", language_code="az")
    sandbox.presses_start(person)
    return person


@pytest.fixture
def group(sandbox: Sandbox, aysel: Person) -> Chat:
    made = sandbox.add_group("5A", creator=aysel)
    sandbox.adds_bot(aysel, made)
    return made


_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


async def say(telegram: Telegram, to: Person | Chat, body: Mapping[str, Any] = HELLO) -> Result:
    return await telegram.send("say", str(to.id), body, None)


def last(sandbox: Sandbox, where: Person | Chat) -> Message:
    found = sandbox.chat_of(where).last
    assert found is not None
    return found


# --- sending --------------------------------------------------------------------------------------------------------


async def test_a_message_is_sent_with_its_buttons(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    buttons = [
        [{"label": "Going", "press": "rsvp:17:accepted"}],
        [{"label": "Open", "url": "https://t.me/x"}, {"label": "Copy", "copy": "4KTR"}],
    ]
    result = await say(telegram, aysel, {**HELLO, "buttons": buttons, "silent": True, "protected": True})

    sent = last(sandbox, aysel)
    assert result == Sent((sent.id,))
    assert (sent.text, sent.html, sent.labels) == ("Hello", "<b>Hello</b>", ["Going", "Open", "Copy"])
    assert sent.silent
    assert sent.protected


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_a_file_we_made_is_uploaded(sandbox: Sandbox, telegram: Telegram, aysel: Person, kind: str) -> None:
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    media = {"kind": kind, "name": "a.png", "content": base64.b64encode(png).decode(), "mime": "image/png"}
    await say(telegram, aysel, {**HELLO, "media": media})

    sent = last(sandbox, aysel)
    assert sent.media is not None
    assert sent.html == "<b>Hello</b>"
    again = await say(telegram, aysel, {"html": "", "media": {"kind": kind, "file_id": sent.media.file.file_id}})
    assert isinstance(again, Sent)
    assert last(sandbox, aysel).text == ""


async def test_a_card_is_edited_by_its_number_or_the_tapped_one(
    sandbox: Sandbox, telegram: Telegram, aysel: Person
) -> None:
    await say(telegram, aysel)
    sent = last(sandbox, aysel)
    assert await telegram.send("edit", str(aysel.id), {"html": "one", "buttons": []}, sent.id) == Sent((sent.id,))
    assert sent.text == "one"
    await telegram.send("edit", str(aysel.id), {"html": "two", "message_id": sent.id}, None)
    assert sent.text == "two"
    assert await telegram.send("edit", str(aysel.id), {"html": "none"}, None) == Sent()


async def test_the_caption_of_a_picture_is_edited(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    media = {"kind": "document", "name": "a.txt", "content": base64.b64encode(b"x").decode(), "mime": "text/plain"}
    await say(telegram, aysel, {**HELLO, "media": media})

    assert isinstance(await telegram.send("edit", str(aysel.id), {"html": "new"}, last(sandbox, aysel).id), Sent)
    assert last(sandbox, aysel).text == "new"


async def test_what_is_done_already_is_done(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    """Not modified, gone, too old: nothing is left to do."""
    await say(telegram, aysel)
    sent = last(sandbox, aysel)
    assert isinstance(await telegram.send("edit", str(aysel.id), HELLO, sent.id), Sent)
    for _ in range(2):
        assert isinstance(await telegram.send("delete", str(aysel.id), {}, sent.id), Sent)
    assert isinstance(await telegram.send("edit", str(aysel.id), HELLO, sent.id), Sent)
    assert await telegram.send("toast", "", {"query_id": "12345", "text": "Saved", "alert": False}, None) == Sent()
    assert await telegram.send("pin", str(aysel.id), {}, None) == Sent()
    assert await telegram.send("delete", str(aysel.id), {}, None) == Sent()
    assert await telegram.send("stop_poll", str(aysel.id), {}, None) == Sent()


async def test_many_messages_are_erased_what_is_too_old_is_blanked_and_the_rest_is_counted(
    sandbox: Sandbox, telegram: Telegram, aysel: Person
) -> None:
    """One that is too old stands in the way of the whole group: then each goes by itself."""
    await say(telegram, aysel)
    sandbox.sends(aysel, text="mine, and old")
    old = [message.id for message in sandbox.chat_of(aysel).visible]
    sandbox.clock.set(sandbox.clock.now() + timedelta(hours=50))
    for _ in range(120):
        await say(telegram, aysel)
    new = [message.id for message in sandbox.chat_of(aysel).visible if message.id not in old]
    body = {"gone": [*old[-2:], *new], "late": old[:-2], "html": "removed"}
    result = await telegram.send("erase", str(aysel.id), body, None)
    left = sandbox.chat_of(aysel).visible
    hers = [message for message in left if not message.from_bot]
    assert result == Sent(answer={"sent": True, "left": len(hers)})
    assert [message.text for message in left if message.from_bot] == ["removed"]
    again = await telegram.send("erase", str(aysel.id), {"gone": new, "late": old, "html": "removed"}, None)
    assert again == result


async def test_a_poll_opens_is_pinned_and_stops(
    sandbox: Sandbox, telegram: Telegram, aysel: Person, group: Chat
) -> None:
    sandbox.promotes_bot(aysel, group)
    body = {"question": "When?", "options": ["Mon", "Tue"], "multiple": True}
    result = await telegram.send("open_poll", str(group.id), body, None)

    poll = last(sandbox, group)
    assert result == Sent((poll.id,), poll_id=poll.poll.id if poll.poll else None)
    await telegram.send("pin", str(group.id), {}, poll.id)
    assert group.pinned
    for _ in range(2):
        assert isinstance(await telegram.send("stop_poll", str(group.id), {}, poll.id), Sent)
    assert poll.poll is not None
    assert poll.poll.closed


async def test_a_toast_and_a_menu(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    await say(telegram, aysel, {**HELLO, "buttons": [[{"label": "Going", "press": "home"}]]})
    query = sandbox.taps(aysel, last(sandbox, aysel), "Going")
    await telegram.send("toast", "", {"query_id": query.id, "text": "Saved", "alert": True}, None)
    assert (query.answer, query.alert) == ("Saved", True)

    await telegram.send("menu", str(aysel.id), {"commands": [["home", "Ev"]]}, None)
    assert sandbox.menu(aysel) == [{"command": "home", "description": "Ev"}]


async def test_who_rules_a_group(sandbox: Sandbox, telegram: Telegram, aysel: Person, group: Chat) -> None:
    async def ask(call: str, who: str | None) -> Mapping[str, Any] | None:
        result = await telegram.send("ask", str(group.id), {"call": call, "then": "x", "args": [], "who": who}, None)
        assert isinstance(result, Sent)
        return result.answer

    kamran = sandbox.add_person("Kamran")
    sandbox.joins(kamran, group)
    assert await ask("is_administrator", str(aysel.id)) == {"yes": True}
    assert await ask("is_administrator", str(kamran.id)) == {"yes": False}
    assert await ask("is_administrator", "999999") == {"yes": False}
    assert await ask("is_administrator", None) == {"yes": False}
    assert await ask("chat_rights", None) == {"administrator": False, "delete": False, "pin": False}
    sandbox.promotes_bot(aysel, group)
    rights = await ask("chat_rights", None)
    assert rights is not None
    assert rights["administrator"]


def test_addresses_that_open_the_bot() -> None:
    telegram = Telegram(TOKEN, "http://127.0.0.1:1")
    telegram.username = "birge_bot"

    assert telegram.address_of(DeepLink("4KTR")) == "https://t.me/birge_bot?start=4KTR"
    assert telegram.address_of(DeepLink("4KTR", group=True)) == "https://t.me/birge_bot?startgroup=4KTR"


# --- what Telegram refuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (Fault("sendMessage", status=429, retry_after=7), TryLater(7.0, told=True)),
        (Fault("sendMessage", status=500), TryLater(1.0)),
        (Fault("sendMessage", status=502), TryLater(1.0)),
        (Fault("sendMessage", status=409, description="Conflict: x"), TryLater(1.0)),
        (Fault("sendMessage", status=401, description="Unauthorized"), TryLater(60.0)),
        (Fault("sendMessage", status=418, description="?"), TryLater(1.0)),
        (Fault("sendMessage", drop="before"), TryLater(1.0)),
        (Fault("sendMessage", drop="after"), TryLater(1.0)),
        (
            Fault("sendMessage", status=403),
            Unreachable("blocked"),
        ),
        (Fault("sendMessage", status=403, description="Forbidden: user is deactivated"), Unreachable("deactivated")),
        (
            Fault("sendMessage", status=403, description="Forbidden: bot can't initiate conversation with a user"),
            Unreachable("never_started"),
        ),
        (
            Fault("sendMessage", status=403, description="Forbidden: bot was kicked from the supergroup chat"),
            Unreachable("removed"),
        ),
        (Fault("sendMessage", status=400, description="Bad Request: chat not found"), Unreachable("never_started")),
        (Fault("sendMessage", status=400, description="Bad Request: MESSAGE IS NOT MODIFIED: x"), Sent()),
        (
            Fault("sendMessage", status=400, description='Bad Request: can\'t parse "Ağrıyır" at byte 5'),
            Rejected('Can\'t parse "…" at byte 5'),
        ),
    ],
)
async def test_what_a_refusal_means(
    sandbox: Sandbox, telegram: Telegram, aysel: Person, fault: Fault, result: Result
) -> None:
    sandbox.faults.append(fault)

    assert await say(telegram, aysel) == result


async def test_a_group_that_became_a_supergroup(
    sandbox: Sandbox, telegram: Telegram, aysel: Person, group: Chat
) -> None:
    old = group.id
    new = sandbox.upgrades(group)

    assert await telegram.send("say", str(old), HELLO, None) == Moved(str(new.id))


async def test_people_who_left(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    stranger = sandbox.add_person("Stranger")
    assert isinstance(await say(telegram, stranger), Unreachable)
    sandbox.blocks(aysel)
    assert await say(telegram, aysel) == Unreachable("blocked")
    sandbox.unblocks(aysel)
    sandbox.deactivates(aysel)
    assert await say(telegram, aysel) == Unreachable("deactivated")


@contextlib.asynccontextmanager
async def server(answer: web.Response) -> AsyncIterator[str]:
    """Something else that listens where the messenger should."""

    async def respond(_request: web.Request) -> web.Response:
        return web.Response(body=answer.body, status=answer.status, content_type=answer.content_type)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", respond)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="<html>Hello</html>", content_type="text/html"),
        web.json_response({}),
        web.json_response([]),
        web.json_response({"ok": True, "result": {}}),
        web.json_response({"ok": True, "result": None}),
        web.json_response([], status=500),
        web.Response(body=b"\xff\xfe", status=403),
    ],
)
async def test_something_else_that_answers_is_no_messenger(answer: web.Response) -> None:
    async with server(answer) as url:
        telegram = Telegram(TOKEN, url)
        with pytest.raises(ChannelUnusable, match=r"Check the network and BIRGE_TELEGRAM_API, then start again\."):
            await telegram.open()
    assert telegram._sending._session is telegram._receiving._session is None


async def test_a_wrong_token(sandbox: Sandbox) -> None:
    for token in ("100:other", "nonsense"):
        telegram = Telegram(token, sandbox.url)
        with pytest.raises(ChannelUnusable, match="does not know the token in BIRGE_TELEGRAM_TOKEN") as told:
            await telegram.open()
        assert token not in str(told.value)
        assert telegram._sending._session is telegram._receiving._session is None


async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        telegram = Telegram(TOKEN, f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(ChannelUnusable, match="can't be reached"):
            await telegram.open()
    assert telegram._sending._session is None


async def test_what_an_operator_must_know(sandbox: Sandbox, telegram: Telegram) -> None:
    webhook = await telegram.webhook()
    assert webhook is not None
    assert not webhook.is_set
    await telegram._call("setWebhook", {"url": "http://127.0.0.1:9/hook", "allowed_updates": ["message"]})
    assert await telegram.webhook() == Webhook(True, frozenset({"message"}))
    sandbox.faults.append(Fault("getWebhookInfo", status=500))
    assert await telegram.webhook() is None


async def test_an_introduction_that_telegram_refuses_stops_nothing(sandbox: Sandbox, telegram: Telegram) -> None:
    sandbox.faults.append(Fault("setMyCommands", status=500))
    shown = {language: Introduction("A bot", (("home", "Home"),), ()) for language in ("", "az")}
    assert await telegram.introduce(shown) is False
    assert [call.status for call in sandbox.calls_of("setMyCommands")] == [500, 200, 200]

    assert await telegram.introduce(shown) is True
    assert sandbox.calls_of("setMyDescription")[-1].params == {"description": "A bot", "language_code": "az"}


async def test_the_introduction_is_told_again_only_when_it_changed(world: World) -> None:
    await world.birge.introduce()
    told = len(world.sandbox.calls_of("setMyDescription"))
    assert told == 1 + len(LANGUAGES)
    await world.birge.introduce()
    assert len(world.sandbox.calls_of("setMyDescription")) == told


# --- receiving ------------------------------------------------------------------------------------------------------


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.channels.telegram, "_PAUSES", (0.0, 0.0))


async def received(telegram: Telegram, count: int, *, confirm: bool = True) -> list[Received]:
    found: list[Received] = []
    async with asyncio.timeout(10), aclosing(telegram.receive()) as coming:
        async for one in coming:
            found.append(one)
            if confirm:
                telegram.confirmed(one)
            if len(found) == count:
                break
    return found


def words(found: list[Received]) -> list[str]:
    return [one.words or one.command for part in found for one in part.incoming]


async def test_updates_come_again_until_they_are_confirmed(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    assert words(await received(telegram, 2, confirm=False)) == ["start", "start"]
    await received(telegram, 1)
    sandbox.sends(aysel, text="Salam")
    assert words(await received(telegram, 1)) == ["Salam"]


async def test_only_the_kinds_we_read_are_asked_for(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    await received(telegram, 1)

    assert sandbox.calls_of("getUpdates")[0].params["allowed_updates"] == list(ALLOWED_UPDATES)


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize(
    "fault",
    [
        Fault("getUpdates", status=500),
        Fault("getUpdates", status=502),
        Fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates request"),
        Fault("getUpdates", status=401, description="Unauthorized"),
        Fault("getUpdates", drop="before"),
        Fault("getUpdates", drop="after"),
    ],
)
async def test_whatever_happens_to_the_line_updates_come(
    sandbox: Sandbox, telegram: Telegram, aysel: Person, fault: Fault, log_lines: list[dict[str, Any]]
) -> None:
    fault.times = 3
    sandbox.faults.append(fault)

    assert words(await received(telegram, 1)) == ["start"]
    assert len(log_lines) == 3
    assert TOKEN not in str(log_lines)
    if fault.status == 409:
        assert {line["event"] for line in log_lines} == {"another program polls with this token: stop one of the two"}


async def test_a_pause_that_telegram_names_is_kept(
    sandbox: Sandbox, telegram: Telegram, aysel: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("bot.channels.telegram.asyncio", SimpleNamespace(sleep=sleep))
    sandbox.faults.append(Fault("getUpdates", status=429, retry_after=9))
    await received(telegram, 1)

    assert [seconds for seconds in slept if seconds] == [9.0]


async def test_an_update_of_no_shape_is_confirmed_and_left_out(sandbox: Sandbox, telegram: Telegram) -> None:
    sandbox.send_raw_update({"message": {"text": 5}})
    sandbox.send_raw_update({"something_new": {}})
    (found,) = await received(telegram, 1)

    assert found.incoming == []
    aysel = sandbox.add_person("Aysel")
    sandbox.presses_start(aysel)
    assert words(await received(telegram, 1)) == ["start"]


@pytest.mark.parametrize("depth", [1_100, 30_000])
async def test_an_update_that_nothing_can_read_stops_nobody_else(
    sandbox: Sandbox,
    telegram: Telegram,
    aysel: Person,
    monkeypatch: pytest.MonkeyPatch,
    log_lines: list[dict[str, Any]],
    depth: int,
) -> None:
    """Else it would come first in every answer, for ever."""
    real = AiohttpRequest.do_request

    async def do_request(self: AiohttpRequest, *args: Any, **more: Any) -> tuple[int, bytes]:
        status, payload = await real(self, *args, **more)
        return status, payload.replace(b'"DEEP"', b"[" * depth + b"]" * depth)

    monkeypatch.setattr(AiohttpRequest, "do_request", do_request)
    sandbox.send_raw_update({"message": {"text": "DEEP"}})
    sandbox.sends(aysel, text="after it")

    assert words(await received(telegram, 2)) == ["start", "after it"]
    (line,) = [line for line in log_lines if line["level"] == "error"]
    assert line["event"] == "an update that is no JSON was left out"
    sandbox.sends(aysel, text="many at once again")
    await received(telegram, 1)
    assert "limit" not in sandbox.calls_of("getUpdates")[-1].params


async def test_half_a_letter_does_not_stop_the_line(sandbox: Sandbox, telegram: Telegram, aysel: Person) -> None:
    await received(telegram, 1)
    told = {"message_id": 9, "date": 1, "chat": {"id": aysel.id, "type": "private"}, "from": aysel.user()}
    sandbox.send_raw_update({"message": {**told, "text": "Qorxu\ud800ram"}})

    assert words(await received(telegram, 1)) == ["Qorxu?ram"]


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize("result", ['{"a": 1}', "[5]", '[{"message": {}}]', '[{"update_id": "x"}]', "null"])
async def test_what_could_never_be_confirmed_is_asked_for_again(
    sandbox: Sandbox, telegram: Telegram, aysel: Person, monkeypatch: pytest.MonkeyPatch, result: str
) -> None:
    real, odd = AiohttpRequest.do_request, [f'{{"ok": true, "result": {result}}}'.encode()]

    async def do_request(self: AiohttpRequest, url: str, *args: Any, **more: Any) -> tuple[int, bytes]:
        return (200, odd.pop()) if odd and url.endswith("getUpdates") else await real(self, url, *args, **more)

    monkeypatch.setattr(AiohttpRequest, "do_request", do_request)
    assert words(await received(telegram, 1)) == ["start"]
    assert odd == []
