"""Sending: order, lanes, pauses, retries, failures of the database, the end. No time passes: naps are counted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

import storage.conversations
import storage.outbox
from bot import marker
from bot import sender as sending
from bot.clock import Clock
from bot.pacer import Pacer
from bot.pipeline import Tap
from bot.sender import Sender
from domain.messages import Lane, Moved, Rejected, Result, Sent, Subject, TryLater, Unreachable
from domain.requests import Incoming
from storage.database import Connection, Database, DatabaseFails
from storage.outbox import Draft, Waiting
from storage.persons import identify, meet
from storage.vault import Vault
from tests.conftest import NoPacer
from tests.storage.conftest import RING

AYSEL, KAMRAN, GROUP = "telegram:1001", "telegram:1002", "telegram:-100"


class Channel:
    """A messenger that writes down what it is told. `answers` come first; then everything is sent."""

    name = "telegram"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []  # place, words
        self.calls: list[tuple[str, int | None]] = []  # kind, target
        self.answers: dict[str, list[Result]] = {}  # by address
        self.gates: dict[str, asyncio.Event] = {}  # chats that are slow: until it is set
        self.number = 0

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result:
        if address in self.gates:
            await self.gates[address].wait()
        self.calls.append((kind, target))
        if self.answers.get(address):
            return self.answers[address].pop(0)
        self.sent.append((address, body.get("html", kind)))
        self.number += 1
        return Sent((self.number,), answer={"yes": True} if kind == "ask" else None)

    @property
    def words(self) -> list[str]:
        return [words for _, words in self.sent]


@dataclass
class Post:
    """A sender with its messenger over a database."""

    database: Database
    channel: Channel
    clock: Clock
    sender: Sender
    naps: list[float] = field(default_factory=list)
    learnt: list[Incoming] = field(default_factory=list)
    running: asyncio.Task[None] | None = None

    async def put(self, *drafts: Draft) -> None:
        async with self.database.writing() as db:
            await storage.outbox.enqueue(db, drafts, self.clock.now())
        self.sender.wake()

    async def rested(self) -> None:
        self.start()
        async with asyncio.timeout(10):
            await self.sender.rested()

    def start(self) -> None:
        if self.running is None:
            self.running = asyncio.create_task(self.sender.run())

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110 - the sender has no event for it
                await asyncio.sleep(0)

    async def states(self) -> list[tuple[str, str | None]]:
        async with self.database.reading() as db:
            rows = await db.all("SELECT state, reason FROM deliveries ORDER BY id")
        return [(row["state"], row["reason"]) for row in rows]

    async def stop(self) -> None:
        await self.sender.stop()
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)


Make = Callable[..., Awaitable[Post]]


@pytest.fixture
async def make(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Senders, one after the other, over the same database: restarts."""
    async with contextlib.AsyncExitStack() as stack:

        async def made(channel: Channel | None = None, pacer: Pacer | None = None) -> Post:
            database = await Database.open(url, Vault(RING))
            clock = Clock()
            async with database.writing() as db:
                await db.vault.ready_for(db, clock.now())
            learnt: list[Incoming] = []

            async def learn(some: Sequence[Incoming]) -> None:
                learnt.extend(some)

            mouth = channel or Channel()
            sender = Sender(database, {"telegram": mouth}, clock, pacer or NoPacer(), learn)  # type: ignore[dict-item]
            post = Post(database, mouth, clock, sender, learnt=learnt)

            async def nap(seconds: float) -> None:
                post.naps.append(seconds)
                await asyncio.sleep(0)

            monkeypatch.setattr(sender, "_nap", nap)
            stack.push_async_callback(database.close)
            stack.push_async_callback(post.stop)
            return post

        for module in (sending, marker):
            monkeypatch.setattr(module, "_AGAIN", 0.0)
        yield made


@pytest.fixture
async def post(make: Make) -> Post:
    return await make()


def say(words: str, place: str = AYSEL, **more: Any) -> Draft:
    return Draft("say", place, {"html": words, "buttons": []}, **more)


# --- order ----------------------------------------------------------------------------------------------------------


async def test_each_chat_hears_everything_in_order(post: Post) -> None:
    said = [say(f"{number}", place) for number in range(40) for place in (AYSEL, KAMRAN)]
    await post.put(*said)
    await post.rested()

    for address in ("1001", "1002"):
        assert [words for to, words in post.channel.sent if to == address] == [str(number) for number in range(40)]
    assert set(await post.states()) == {("sent", None)}


async def test_confidential_words_go_first_and_announcements_last(post: Post) -> None:
    lanes = (Lane.BROADCAST, Lane.REMINDER, Lane.REPLY, Lane.CASE)
    await post.put(*(say(lane.name, f"telegram:{lane.value}", lane=lane) for lane in lanes))
    await post.rested()

    assert post.channel.words == ["CASE", "REPLY", "REMINDER", "BROADCAST"]


async def test_one_slow_chat_delays_nobody(post: Post) -> None:
    post.channel.gates["1001"] = asyncio.Event()
    await post.put(*(say(f"slow {number}") for number in range(60)), say("quick", KAMRAN))
    post.start()
    await post.until(lambda: ("1002", "quick") in post.channel.sent)
    assert len(post.channel.sent) == 1

    post.channel.gates["1001"].set()
    await post.rested()
    assert len(post.channel.sent) == 61


async def test_a_chat_with_a_thousand_waiting_fills_nobodys_place(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sending._IN_HAND, Lane.REPLY, 8)
    post.channel.gates["1001"] = asyncio.Event()
    await post.put(*(say(str(number)) for number in range(100)))
    await post.put(*(say(str(number), KAMRAN) for number in range(100)))
    post.start()
    await post.until(lambda: len([to for to, _ in post.channel.sent if to == "1002"]) == 100)

    post.channel.gates["1001"].set()
    await post.rested()


async def test_a_card_is_pinned_after_it_is_sent(post: Post) -> None:
    await post.put(say("Who comes?", GROUP, card="meeting:17"), Draft("pin", GROUP, {}, card="meeting:17"))
    await post.rested()

    assert post.channel.calls == [("say", None), ("pin", 1)]


# --- refusals -------------------------------------------------------------------------------------------------------


async def test_a_retry_in_place_keeps_the_order(post: Post) -> None:
    post.channel.answers["1001"] = [TryLater(1.0)] * 8
    await post.put(say("one"), say("two"))
    await post.rested()

    assert post.channel.words == ["one", "two"]
    assert post.naps == [1, 2, 4, 8, 16, 30, 30, 30]


async def test_what_nobody_answers_for_a_day_is_given_up(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.channel.answers["1001"] = [TryLater(1.0), TryLater(1.0)]

    async def a_day(_seconds: float) -> None:
        post.clock.set_offset(86_400)

    monkeypatch.setattr(post.sender, "_nap", a_day)
    await post.put(say("lost", not_after=None), say("next"))
    await post.rested()

    assert await post.states() == [("failed", "unanswered"), ("sent", None)]


async def test_a_pause_is_kept_by_the_whole_chat_and_by_the_next_start(make: Make) -> None:
    post = await make()
    post.channel.answers["1001"] = [TryLater(60.0, told=True)]
    await post.put(say("one"), say("two"), say("reminder", lane=Lane.REMINDER, not_before=None), say("x", KAMRAN))
    await post.rested()
    assert [words for words in post.channel.words if words != "reminder"] == ["x"]
    await post.stop()
    await post.database.close()

    again = await make()
    await again.rested()
    assert again.channel.sent == []
    again.clock.set_offset(61)
    again.sender.wake()
    await again.rested()
    assert again.channel.words[0] == "one"
    # The lanes of one chat take turns: each keeps its own order.
    assert [words for words in again.channel.words if words != "reminder"] == ["one", "two"]
    assert set(await again.states()) == {("sent", None)}


async def test_a_clock_that_is_set_back_makes_no_pause_longer(make: Make) -> None:
    post = await make()
    post.clock.set_offset(90)
    post.channel.answers["1001"] = [TryLater(60.0, told=True)]
    await post.put(say("one"))
    await post.rested()
    assert post.channel.words == []
    await post.stop()
    await post.database.close()

    again = await make()
    await again.rested()
    assert again.channel.words == ["one"]


async def test_several_refusals_at_once_hold_announcements_only(post: Post) -> None:
    for number in range(3):
        post.channel.answers[str(number)] = [TryLater(5.0, told=True)]
    await post.put(*(say("refused", f"telegram:{number}") for number in range(3)))
    await post.rested()
    await post.put(say("news", KAMRAN, lane=Lane.BROADCAST), say("reply"))
    await post.rested()

    assert post.channel.words == ["reply"]


@pytest.mark.parametrize("why", ["blocked", "deactivated", "never_started", "removed"])
async def test_who_cannot_be_reached_is_marked(post: Post, why: str) -> None:
    async with post.database.writing() as db:
        await meet(db, "telegram", "1001", "az", "Asia/Baku")
    post.channel.answers["1001"] = [Unreachable(why)]
    await post.put(say("one"), say("two"))
    await post.rested()

    assert await post.states() == [("failed", why), ("sent", None)]
    async with post.database.reading() as db:
        assert await db.value("SELECT unreachable FROM identities") == why


async def test_a_newcomer_who_is_gone_does_not_make_the_group_unreachable(post: Post) -> None:
    async with post.database.writing() as db:
        await db.run("INSERT INTO chats (channel, address, title) VALUES ('telegram', '-100', '5A')")
    post.channel.answers["-100"] = [Unreachable("never_started")]
    await post.put(Draft("admit", GROUP, {"address": "5", "accept": True}))
    await post.rested()

    assert await post.states() == [("failed", "never_started")]
    async with post.database.reading() as db:
        assert await db.value("SELECT unreachable FROM chats") is None


async def test_what_is_rejected_is_told_and_stops_nothing(post: Post, log_lines: list[dict[str, Any]]) -> None:
    post.channel.answers["1001"] = [Rejected("Message is too long")]
    await post.put(say("x" * 5000), say("next"))
    await post.rested()

    assert await post.states() == [("failed", "rejected"), ("sent", None)]
    (line,) = log_lines
    assert (line["event"], line["row"], line["said"]) == (
        "the messenger rejected a delivery",
        1,
        "Message is too long",
    )


async def test_a_group_that_moved_gets_what_waits_at_its_new_address(post: Post) -> None:
    async with post.database.writing() as db:
        await db.run("INSERT INTO chats (channel, address, title) VALUES ('telegram', '-100', '5A')")
    post.channel.answers["-100"] = [Moved("-1009")] * 2
    await post.put(say("one", GROUP), say("two", GROUP), say("secret", GROUP, lane=Lane.CASE))
    await post.rested()

    assert sorted(post.channel.sent) == [("-1009", "one"), ("-1009", "secret"), ("-1009", "two")]
    async with post.database.reading() as db:
        assert await db.value("SELECT address FROM chats") == "-1009"


async def test_a_delivery_that_breaks_stops_nothing(post: Post, log_lines: list[dict[str, Any]]) -> None:
    await post.put(say("lost", "whatsapp:1"), say("next"))
    await post.rested()

    assert await post.states() == [("failed", "broken"), ("sent", None)]
    assert [line["event"] for line in log_lines] == ["a delivery broke"]


async def test_a_row_that_no_key_opens_stops_nothing(post: Post, log_lines: list[dict[str, Any]]) -> None:
    await post.put(say("lost"), say("next"))
    async with post.database.writing() as db:
        await db.run("UPDATE deliveries SET body = :none WHERE id = 1", none=b"\0")
    await post.rested()

    assert await post.states() == [("failed", "unopenable"), ("sent", None)]
    assert [line["event"] for line in log_lines] == ["no key opens a delivery"]


# --- too late, taken back -------------------------------------------------------------------------------------------


async def test_what_is_too_late_is_dropped_and_told(post: Post) -> None:
    before = post.clock.now() - timedelta(seconds=1)
    body = {"html": "late", "buttons": [], "receipt": ["told", "17"]}
    await post.put(Draft("say", AYSEL, body, not_after=before), say("now"))
    await post.rested()

    assert await post.states() == [("dropped", "late"), ("sent", None)]
    (told,) = post.learnt
    assert (told.then, told.args, told.answer) == ("told", ("17",), {"sent": False, "why": "late"})


async def test_what_was_taken_back_while_in_hand_is_not_sent(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_STALE", 0.0)
    post.channel.gates["1001"] = asyncio.Event()
    await post.put(say("first"), say("reminder", subject=Subject("meeting", 17, 1)))
    post.start()
    await post.until(lambda: len(post.sender._hand) == 2)
    async with post.database.writing() as db:
        await storage.outbox.drop_of_subject(db, Subject("meeting", 17, 2))
    post.channel.gates["1001"].set()
    await post.rested()

    assert post.channel.words == ["first"]
    assert await post.states() == [("sent", None), ("dropped", "changed")]


async def test_words_replaced_while_on_their_way_follow(post: Post) -> None:
    post.channel.gates["1001"] = asyncio.Event()
    await post.put(say("0 going", card="meeting:17"))
    post.start()
    await post.until(lambda: len(post.sender._hand) == 1)
    await post.put(Draft("edit", AYSEL, {"html": "1 going", "buttons": []}, card="meeting:17"))
    post.channel.gates["1001"].set()
    await post.rested()

    assert post.channel.words == ["0 going", "1 going"]
    assert post.channel.calls == [("say", None), ("edit", 1)]


# --- what is learnt -------------------------------------------------------------------------------------------------


async def test_an_answer_comes_back_once_with_who_asked(post: Post) -> None:
    body = {"call": "is_administrator", "then": "groups.bound", "args": ["1", "2"], "who": "1001"}
    await post.put(Draft("ask", GROUP, body))
    await post.rested()

    (told,) = post.learnt
    assert (told.event_id, told.then, told.args, told.answer) == ("answer:1", "groups.bound", ("1", "2"), {"yes": True})
    assert (told.chat, told.chat_kind, told.sender) == ("-100", "group", "1001")


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (Sent((5,)), {"sent": True}),
        (Unreachable("blocked"), {"sent": False, "why": "blocked"}),
        (Rejected("x"), {"sent": False, "why": "rejected"}),
    ],
)
async def test_a_receipt_tells_what_became_of_it(post: Post, result: Result, answer: Mapping[str, Any]) -> None:
    post.channel.answers["1001"] = [result]
    await post.put(Draft("say", AYSEL, {"html": "x", "buttons": [], "receipt": ["told", "17"]}))
    await post.rested()

    assert [told.answer for told in post.learnt] == [answer]


@pytest.mark.parametrize(("sent_perhaps", "message_id"), [(0, 1), (1, None)])
async def test_a_question_learns_its_message_unless_it_may_stand_there_twice(
    post: Post, sent_perhaps: int, message_id: int | None
) -> None:
    """After a crash the same question may come again, below an answer to its first copy."""
    post.sender.sent_perhaps = sent_perhaps
    async with post.database.writing() as db:
        known = await meet(db, "telegram", "1001", "az", "Asia/Baku")
        now = post.clock.now()
        token = await storage.conversations.expect(db, known.identity.id, known.conversation, "join.code", {}, now)
    await post.put(say("Which class?", question=token))
    await post.rested()

    async with post.database.reading() as db:
        found = await identify(db, "telegram", ["1001"], now)
    assert found["1001"].conversation.message_id == message_id


# --- a database that fails ------------------------------------------------------------------------------------------


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """A function of storage.outbox fails some times, as a locked or full database does."""

    def fail(name: str, times: int, error: Exception | None = None) -> list[int]:
        real, left = getattr(storage.outbox, name), [times]

        async def sometimes(*args: Any, **kwargs: Any) -> Any:
            if left[0] > 0:
                left[0] -= 1
                raise error or DatabaseFails("database is locked")
            return await real(*args, **kwargs)

        monkeypatch.setattr(storage.outbox, name, sometimes)
        return left

    return fail


async def test_what_could_not_be_marked_is_marked_later_and_sent_once(
    post: Post, failing: Callable[..., list[int]]
) -> None:
    left = failing("save_outcomes", 3)
    await post.put(say("one"), say("two"), say("three", KAMRAN))
    await post.rested()

    assert left == [0]
    assert sorted(post.channel.words) == ["one", "three", "two"]
    assert set(await post.states()) == {("sent", None)}


async def test_one_result_that_cannot_be_marked_stops_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch, log_lines: list[dict[str, Any]]
) -> None:
    real = storage.outbox.save_outcomes

    async def broken(db: Connection, outcomes: Sequence[storage.outbox.Outcome], now: Any) -> None:
        if any(outcome.delivery.id == 2 for outcome in outcomes):
            raise KeyError("content")
        await real(db, outcomes, now)

    monkeypatch.setattr(storage.outbox, "save_outcomes", broken)
    await post.put(say("one"), say("two"), say("three"))
    await post.rested()
    await post.put(say("four"))
    await post.rested()

    assert post.channel.words == ["one", "two", "three", "four"]
    assert [state for state, _ in await post.states()] == ["sent", "waiting", "sent", "sent"]
    assert "content" not in str(log_lines)


async def test_an_outbox_that_cannot_be_read_is_read_later(post: Post, failing: Callable[..., list[int]]) -> None:
    failing("waiting", 1)
    await post.put(say("one"))
    post.start()
    await post.until(lambda: post.sender._wake.is_set() is False)
    post.sender.wake()
    await post.rested()

    assert post.channel.words == ["one"]


async def test_a_pause_that_could_not_be_kept_is_told_again(post: Post, failing: Callable[..., list[int]]) -> None:
    failing("pause_place", 1)
    post.channel.answers["1001"] = [TryLater(60.0, told=True)] * 2
    await post.put(say("one"))
    await post.rested()

    assert await post.states() == [("waiting", None)]
    assert post.channel.answers["1001"] == []


async def test_an_answer_is_learnt_though_the_database_fails_meanwhile(post: Post) -> None:
    learnt: list[Incoming] = []
    failures = [2]

    async def learn(some: Sequence[Incoming]) -> None:
        if failures[0]:
            failures[0] -= 1
            raise DatabaseFails("database is locked")
        learnt.extend(some)

    post.sender._learn = learn
    await post.put(Draft("say", AYSEL, {"html": "once", "buttons": [], "receipt": ["told"]}))
    await post.rested()

    assert post.channel.words == ["once"]
    assert len(learnt) == 1


# --- taps -----------------------------------------------------------------------------------------------------------


async def test_taps_are_answered_at_once_and_rest_waits_for_them(post: Post) -> None:
    post.channel.gates[""] = asyncio.Event()
    post.sender.tell_taps([Tap("telegram", {"query_id": "1", "html": "Saved"})])
    post.start()
    await asyncio.sleep(0)
    assert not post.sender.is_rested
    post.channel.gates[""].set()
    await post.rested()
    assert post.channel.words == ["Saved"]


async def test_a_tap_that_breaks_is_told_without_its_words(post: Post, log_lines: list[dict[str, Any]]) -> None:
    post.sender.tell_taps([Tap("whatsapp", {"query_id": "1", "text": "Ağrıyır"})])
    await post.rested()
    await post.until(lambda: bool(log_lines))

    assert log_lines[0]["event"] == "an answer to a tap broke"
    assert "Ağrıyır" not in str(log_lines)


# --- the end --------------------------------------------------------------------------------------------------------


async def test_what_is_on_its_way_at_the_end_arrives_and_is_marked(make: Make) -> None:
    post = await make()
    post.channel.gates["1001"] = asyncio.Event()
    await post.put(say("one"), say("two"))
    post.start()
    await post.until(lambda: len(post.sender._hand) == 2 and post.sender._calls.on_their_way == 1)
    stopping = asyncio.create_task(post.stop())
    await asyncio.sleep(0)
    post.channel.gates["1001"].set()
    await stopping

    assert post.channel.words == ["one"]
    assert await post.states() == [("sent", None), ("waiting", None)]
    await post.database.close()
    again = await make()
    await again.rested()
    assert again.channel.words == ["two"]


async def test_results_that_are_being_saved_at_the_end_are_saved_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving, go_on, tries = asyncio.Event(), asyncio.Event(), list[str]()
    real = storage.outbox.save_outcomes

    async def slowly(*args: Any) -> None:
        tries.append("begun")
        saving.set()
        await go_on.wait()
        await real(*args)
        tries.append("saved")

    monkeypatch.setattr(storage.outbox, "save_outcomes", slowly)
    await post.put(say("one"))
    post.start()
    await saving.wait()
    stopping = asyncio.create_task(post.stop())
    for _ in range(5):
        await asyncio.sleep(0)
    go_on.set()
    await stopping

    assert tries == ["begun", "saved"]
    assert await post.states() == [("sent", None)]


async def test_a_database_that_hangs_at_the_end_is_not_waited_for_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving = asyncio.Event()

    async def hang(*_: Any) -> None:
        saving.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(storage.outbox, "save_outcomes", hang)
    await post.put(say("one"))
    post.start()
    await saving.wait()
    stopping = asyncio.create_task(post.sender.stop())
    for _ in range(5):
        await asyncio.sleep(0)
    stopping.cancel()
    assert post.running is not None
    post.running.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(stopping, post.running, return_exceptions=True)

    monkeypatch.undo()
    assert await post.states() == [("waiting", None)]


async def test_the_end_does_not_wait_for_pauses(url: str) -> None:
    """A retry that sleeps for 30 s holds nothing on its way."""
    database = await Database.open(url, Vault(RING))
    try:
        channel, clock = Channel(), Clock()
        async with database.writing() as db:
            await db.vault.ready_for(db, clock.now())
            await storage.outbox.enqueue(db, [say("one")], clock.now())
        channel.answers["1001"] = [TryLater(30.0)]

        async def learn(_some: Sequence[Incoming]) -> None: ...

        sender = Sender(database, {"telegram": channel}, clock, NoPacer(), learn)  # type: ignore[dict-item]
        running = asyncio.create_task(sender.run())
        async with asyncio.timeout(5):
            while not sender._napping:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0)
            await sender.stop()
            await running
        async with database.reading() as db:
            assert await storage.outbox.count_waiting(db) == 1
    finally:
        await database.close()


async def test_a_database_that_fails_at_the_end_holds_nothing_up(post: Post, failing: Callable[..., list[int]]) -> None:
    failing("save_outcomes", 99)
    await post.put(say("one"))
    post.start()
    await post.until(lambda: not post.sender._marker.is_idle)
    async with asyncio.timeout(5):
        await post.stop()

    assert await post.states() == [("waiting", None)]


async def test_what_was_sent_while_the_outbox_was_read_is_not_sent_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_IDLE", 0.0)  # the next look comes at once
    post = await make()
    await post.rested()
    read, found = storage.outbox.waiting, list[Waiting]()

    async def overtaken(db: Connection, lane: Lane, *given: Any, **more: Any) -> list[Waiting]:
        rows = await read(db, lane, *given, **more)
        if rows and not found:
            found.extend(rows)
            post.sender.hand_over(rows)
            await post.until(lambda: not post.sender._hand)
        return rows

    monkeypatch.setattr(storage.outbox, "waiting", overtaken)
    async with post.database.writing() as db:
        await storage.outbox.enqueue(db, [say("Once")], post.clock.now())
    await post.until(lambda: bool(found) and not post.sender._hand)
    await post.rested()
    assert post.channel.words == ["Once"]
