import asyncio
import dataclasses
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import strategies as st

import storage.outbox
from domain.messages import Lane, Subject
from storage.database import Database
from storage.outbox import UNOPENABLE, Draft, Outcome, Pause, Waiting
from storage.vault import Vault
from tests import postgres
from tests.storage.conftest import NOW, RING
from tests.storage.raw import raw_of

AYSEL, KAMRAN, GROUP = "telegram:1001", "telegram:1002", "telegram:-100"
SECOND = timedelta(seconds=1)


def say(words: str = "Salam", place: str | None = AYSEL, **more: Any) -> Draft:
    return Draft("say", place, {"html": words, "buttons": []}, **more)


def edit(words: str, place: str | None = AYSEL, *, card: str | None = "meeting:17", **more: Any) -> Draft:
    body = {"html": words, "buttons": []} | ({"live": True} if more.get("live") else {})
    return Draft("edit", place, body, card=card, **more)


async def put(database: Database, *drafts: Draft, now: datetime = NOW) -> None:
    async with database.writing() as db:
        await storage.outbox.enqueue(db, drafts, now)


async def due(
    database: Database,
    lane: Lane = Lane.REPLY,
    now: datetime = NOW,
    *,
    but: Sequence[int] = (),
    most: int = 100,
    without: Sequence[bytes] = (),
) -> list[Waiting]:
    async with database.reading() as db:
        return await storage.outbox.waiting(db, lane, now, but, most, without=without)


async def words_due(database: Database, lane: Lane = Lane.REPLY, now: datetime = NOW) -> list[str]:
    return [one.body["html"] for one in await due(database, lane, now)]


async def mark(database: Database, *outcomes: Outcome, now: datetime = NOW) -> None:
    async with database.writing() as db:
        await storage.outbox.save_outcomes(db, outcomes, now)


async def send_all(database: Database, lane: Lane = Lane.REPLY, now: datetime = NOW) -> list[Waiting]:
    """Everything that is due goes out, each as the message of its own number."""
    sent = await due(database, lane, now)
    await mark(database, *(Outcome(one, "sent", message_id=100 + one.id) for one in sent), now=now)
    return sent


async def rows(database: Database, columns: str = "*") -> list[Mapping[str, Any]]:
    async with database.reading() as db:
        return await db.all(f"SELECT {columns} FROM deliveries ORDER BY id")  # noqa: S608 - our own text


async def states(database: Database) -> list[tuple[str, str | None]]:
    return [(row["state"], row["reason"]) for row in await rows(database)]


# --- in order -------------------------------------------------------------------------------------------------------


async def test_what_is_said_first_goes_first(database: Database) -> None:
    await put(database, say("one"), say("two", KAMRAN))
    await put(database, say("three"))

    assert await words_due(database) == ["one", "two", "three"]


async def test_what_is_sent_has_no_words_any_more(database: Database) -> None:
    await put(database, say("one", question=5, person_id=None))
    (sent,) = await send_all(database)

    assert sent.question == 5
    (row,) = await rows(database)
    assert (row["state"], row["body"], row["message_id"]) == ("sent", None, 101)
    assert await words_due(database) == []


async def test_what_is_in_hand_is_not_taken_twice(database: Database) -> None:
    await put(database, say("one"), say("two"), say("three"))
    first, *_ = await due(database, most=1)

    assert [one.body["html"] for one in await due(database, but=[first.id], most=1)] == ["two"]


async def test_a_chat_with_a_thousand_waiting_hides_nobody_elses(database: Database) -> None:
    await put(database, *(say(str(number)) for number in range(50)), say("Hello", KAMRAN))
    served = [(await due(database, most=1))[0].place_mark]

    assert [one.place for one in await due(database, most=2, without=served)] == [KAMRAN]


async def test_each_lane_has_its_own_line(database: Database) -> None:
    await put(database, say("news", lane=Lane.BROADCAST), say("reply"), say("case", lane=Lane.CASE))

    assert [await words_due(database, lane) for lane in Lane] == [["case"], ["reply"], [], ["news"]]


async def test_nothing_goes_before_its_time_or_after_it(database: Database) -> None:
    later, late = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    await put(database, say("reminder", not_before=later, not_after=late))

    async with database.reading() as db:
        assert await storage.outbox.next_due(db, NOW) == later
        assert await storage.outbox.next_due(db, late) is None
    assert await words_due(database) == []
    (reminder,) = await due(database, now=later)
    assert reminder.not_after == late


async def test_what_is_past_its_time_is_dropped(database: Database) -> None:
    await put(database, say("late", not_after=NOW - SECOND), say("now", not_after=NOW), say("always"))
    async with database.writing() as db:
        await storage.outbox.drop_stale(db, NOW)

    assert await states(database) == [("dropped", "late"), ("waiting", None), ("waiting", None)]
    assert (await rows(database))[0]["body"] is None


async def test_a_dedupe_key_is_used_once(database: Database) -> None:
    await put(database, say("first", dedupe_key="remind:17:1"), say("twice", dedupe_key="remind:17:1"))
    await send_all(database)
    await put(database, say("again", dedupe_key="remind:17:1"))

    assert await states(database) == [("sent", None)]


async def test_what_cannot_be_sent_stays_in_the_ledger_without_words(database: Database) -> None:
    await put(database, say("unsaid", None, failed="blocked", person_id=None, card="meeting:17"))
    await put(database, edit("newer", None))

    first = (await rows(database))[0]
    assert (first["state"], first["reason"], first["body"]) == ("failed", "blocked", None)


async def test_an_edit_does_not_give_words_to_what_failed_in_the_same_breath(database: Database) -> None:
    await put(database, say("unsaid", AYSEL, failed="blocked", card="meeting:17"), edit("newer"))

    assert [(row["kind"], row["state"], row["body"] is None) for row in await rows(database)] == [
        ("say", "failed", True),
        ("edit", "waiting", False),
    ]


async def test_older_revisions_of_a_subject_are_taken_back(database: Database) -> None:
    for revision in (1, 2, 3):
        await put(database, say(f"revision {revision}", subject=Subject("meeting", 17, revision)))
    await put(database, say("another", subject=Subject("meeting", 18, 1)), say("none"))
    async with database.writing() as db:
        await storage.outbox.drop_of_subject(db, Subject("meeting", 17, 3))

    assert await words_due(database) == ["revision 3", "another", "none"]
    assert (await states(database))[0] == ("dropped", "changed")


async def test_what_was_taken_back_while_in_hand_is_noticed(database: Database) -> None:
    await put(database, say("reminder", subject=Subject("meeting", 17, 1)))
    (reminder,) = await due(database)
    async with database.writing() as db:
        await storage.outbox.drop_of_subject(db, Subject("meeting", 17, 2))

    async with database.reading() as db:
        assert not await storage.outbox.is_waiting(db, reminder.id)
    await mark(database, Outcome(reminder, "dropped", "noticed"))
    assert await states(database) == [("dropped", "changed")]


# --- cards ----------------------------------------------------------------------------------------------------------


async def test_an_edit_of_a_card_that_waits_replaces_its_words(database: Database) -> None:
    body = {"html": "0 going", "buttons": [], "silent": True, "protected": True}
    await put(database, dataclasses.replace(say(card="meeting:17"), body=body))
    await put(database, edit("1 going"))
    await put(database, edit("2 going"), edit("3 going"))

    (card,) = await due(database)
    assert card.kind == "say"
    assert card.body == {**body, "html": "3 going"}
    assert card.changes == 3


async def test_an_edit_in_the_same_breath_replaces_the_newest_card(database: Database) -> None:
    await put(database, say("old card", card="meeting:17"), say("new card", card="meeting:17"), edit("edited"))

    assert await words_due(database) == ["old card", "edited"]


async def test_at_most_one_edit_of_a_card_waits(database: Database) -> None:
    await put(database, say("0 going", card="meeting:17"))
    (card,) = await send_all(database)
    await put(database, edit("1 going"))
    await put(database, edit("2 going"))

    (waiting,) = await due(database)
    assert (waiting.kind, waiting.body["html"], waiting.target) == ("edit", "2 going", 100 + card.id)


async def test_live_edits_come_three_seconds_apart(database: Database) -> None:
    await put(database, say("0 going", card="meeting:17"))
    await send_all(database)
    await put(database, edit("1 going", live=True))
    assert await words_due(database, now=NOW + 2.9 * SECOND) == []
    assert await words_due(database, now=NOW + 3 * SECOND) == ["1 going"]

    (sent,) = await send_all(database, now=NOW + 3 * SECOND)
    assert sent.live
    await put(database, edit("2 going", live=True), now=NOW + 4 * SECOND)
    await put(database, edit("3 going", live=True), now=NOW + 5 * SECOND)
    assert await words_due(database, now=NOW + 5.9 * SECOND) == []
    assert await words_due(database, now=NOW + 6 * SECOND) == ["3 going"]


async def test_a_clock_that_is_set_back_keeps_no_count_back(database: Database) -> None:
    await put(database, say("0 going", card="meeting:17"))
    await send_all(database, now=NOW + 3_600 * SECOND)
    await put(database, edit("1 going", live=True), now=NOW)
    assert await words_due(database, now=NOW + 3 * SECOND) == ["1 going"]


async def test_an_edit_that_is_not_live_goes_at_once(database: Database) -> None:
    await put(database, say("Who comes?", card="meeting:17"))
    await send_all(database)
    await put(database, edit("Cancelled"))

    assert await words_due(database) == ["Cancelled"]


async def test_words_replaced_while_on_their_way_follow_as_an_edit(database: Database) -> None:
    body = {"html": "0 going", "buttons": [], "receipt": ["told", "1"], "media": {"kind": "photo", "file_id": "x"}}
    await put(database, dataclasses.replace(say(card="meeting:17"), body=body))
    (card,) = await due(database)
    await put(database, edit("1 going"))
    await mark(database, Outcome(card, "sent", message_id=900))

    (follow,) = await due(database)
    assert (follow.kind, follow.body, follow.target) == ("edit", {"html": "1 going", "buttons": []}, 900)


async def test_a_live_edit_that_follows_waits_its_three_seconds(database: Database) -> None:
    await put(database, say("0 going", card="meeting:17"))
    (card,) = await due(database)
    await put(database, edit("1 going", live=True))
    await mark(database, Outcome(card, "sent", message_id=900))

    assert await words_due(database, now=NOW + 2.9 * SECOND) == []
    assert await words_due(database, now=NOW + 3 * SECOND) == ["1 going"]


async def test_a_result_marked_twice_is_one_result(database: Database) -> None:
    """A stop can cancel the marking while it commits."""
    await put(database, say("0 going", card="meeting:17"))
    (card,) = await due(database)
    await put(database, edit("1 going"))
    for _ in range(2):
        await mark(database, Outcome(card, "sent", message_id=900))

    assert [row["kind"] for row in await rows(database)] == ["say", "edit"]


async def test_newer_words_are_tried_when_the_older_were_rejected(database: Database) -> None:
    await put(database, say("too <b>long", card="meeting:17"))
    (card,) = await due(database)
    await put(database, edit("short"))
    await mark(database, Outcome(card, "failed", "rejected"))

    assert await words_due(database) == ["short"]
    (again,) = await due(database)
    await mark(database, Outcome(again, "failed", "rejected"))
    assert await states(database) == [("failed", "rejected")]


async def test_newer_words_to_whom_nothing_reaches_are_not_tried(database: Database) -> None:
    await put(database, say(card="meeting:17"))
    (card,) = await due(database)
    await put(database, edit("newer"))
    await mark(database, Outcome(card, "failed", "blocked"))

    assert await states(database) == [("failed", "blocked")]


async def test_what_is_about_a_card_waits_until_the_card_is_sent(database: Database) -> None:
    """Said together, as a class's group gets them: the card, and pin it."""
    await put(database, say("Who comes?", GROUP, card="meeting:17"), Draft("pin", GROUP, {}, card="meeting:17"))
    (card,) = await due(database)
    assert card.kind == "say"
    await mark(database, Outcome(card, "sent", message_id=900))

    (pin,) = await due(database)
    assert (pin.kind, pin.target) == ("pin", 900)


async def test_a_pin_is_of_the_newest_card_before_it(database: Database) -> None:
    await put(database, say("old", card="home"))
    await mark(database, Outcome((await due(database))[0], "sent", message_id=900))
    await put(database, Draft("delete", AYSEL, {}, card="home"), say("new", card="home"))

    delete, new = await due(database)
    await mark(database, Outcome(new, "sent", message_id=901))
    (delete,) = await due(database)
    assert (delete.kind, delete.target) == ("delete", 900)
    await put(database, Draft("pin", AYSEL, {}, card="home"))
    assert [(one.kind, one.target) for one in await due(database)] == [("delete", 900), ("pin", 901)]


async def test_what_is_about_a_card_that_failed_does_not_wait_for_ever(database: Database) -> None:
    await put(database, say(card="home"), Draft("pin", AYSEL, {}, card="home"))
    await mark(database, Outcome((await due(database))[0], "failed", "rejected"))

    assert [(one.kind, one.target) for one in await due(database)] == [("pin", None)]


async def test_a_poll_that_is_closed_at_once_is_closed_after_it_opened(database: Database) -> None:
    poll = Draft("open_poll", GROUP, {"question": "?", "options": ["a", "b"], "multiple": False}, card="poll:1")
    await put(database, poll, Draft("stop_poll", GROUP, {}, card="poll:1"))
    (opened,) = await due(database)
    await mark(database, Outcome(opened, "sent", message_id=7, poll_id="p1"))

    assert [(one.kind, one.target) for one in await due(database)] == [("stop_poll", 7)]
    assert (await rows(database))[0]["poll_id"] == "p1"


async def test_a_card_is_known_to_stand(database: Database) -> None:
    async def stands(card: str) -> bool:
        async with database.reading() as db:
            return await storage.outbox.is_sent(db, Lane.REPLY, AYSEL, card)

    await put(database, say(card="meeting:17"), say(card="meeting:18"))
    assert await stands("meeting:17")
    await mark(database, *(Outcome(one, "failed", "rejected") for one in (await due(database))[:1]))
    assert [await stands(f"meeting:{number}") for number in (17, 18, 19)] == [False, True, False]


# --- pauses, retries ------------------------------------------------------------------------------------------------


async def test_a_chat_on_pause_gets_nothing_and_the_others_do(database: Database) -> None:
    await put(database, say("one"), say("two", lane=Lane.BROADCAST), say("Hello", KAMRAN))
    (mine, *_) = await due(database)
    async with database.writing() as db:
        await storage.outbox.pause_place(db, mine.place_mark, Pause(NOW, NOW + 9 * SECOND))
        await storage.outbox.pause_place(db, mine.place_mark, Pause(NOW, NOW + 5 * SECOND))

    assert await words_due(database) == ["Hello"]
    assert await words_due(database, Lane.BROADCAST) == []
    assert await words_due(database, now=NOW + 5 * SECOND) == ["Hello"]  # a shorter pause ends no longer one
    assert await words_due(database, now=NOW + 9 * SECOND) == ["one", "Hello"]


async def test_a_pause_is_over_where_the_clock_was_set_back_before_it(database: Database) -> None:
    await put(database, say("one"))
    (one,) = await due(database)
    async with database.writing() as db:
        await storage.outbox.pause_place(db, one.place_mark, Pause(NOW, NOW + 5 * SECOND))

    before = NOW - 60 * SECOND
    assert await words_due(database) == []
    assert await words_due(database, now=before) == ["one"]
    async with database.writing() as db:
        assert await storage.outbox.pauses(db, before) == {}
        assert await storage.outbox.oldest_reply(db, before) == one.id
        await storage.outbox.pause_place(db, one.place_mark, Pause(before, before + SECOND))  # told anew: that counts
        assert await storage.outbox.pauses(db, before) == {one.place_mark: Pause(before, before + SECOND)}
    assert await words_due(database, now=before) == []
    assert await words_due(database, now=before + SECOND) == ["one"]


async def test_what_is_put_back_goes_again_in_its_place(database: Database) -> None:
    await put(database, say("one"), say("two"))
    (one, _) = await due(database)
    await mark(database, Outcome(one, "waiting"))

    again, _ = await due(database)
    assert (again.id, again.attempts) == (one.id, 1)
    async with database.reading() as db:
        assert await storage.outbox.count_waiting(db) == 2


# --- confidential ---------------------------------------------------------------------------------------------------


async def test_a_case_row_names_nobody_in_clear(database: Database, tmp_path: Path) -> None:
    drafts = [
        say("Ağrıyır", lane=lane, card="case:1", person_id=None, subject=Subject("case", 987_654_321, 3))
        for lane in (Lane.CASE, Lane.REPLY)
    ]
    await put(database, *drafts)
    (secret,) = await send_all(database, Lane.CASE)

    assert secret.place == AYSEL
    case, reply = await rows(database)
    for column in ("place", "person_id", "message_id", "subject_kind", "subject_id", "subject_revision", "sent_at"):
        assert case[column] is None, column
    assert case["place_mark"] != reply["place_mark"]
    assert case["card_mark"] != reply["card_mark"]
    await put(database, edit("newer", card="case:1", lane=Lane.CASE))
    (newer,) = await due(database, Lane.CASE)
    assert newer.target == 101
    url = str(getattr(database, "_url", ""))
    written = postgres.written(postgres.name_of(url)) if url else _all_bytes(tmp_path)
    assert b"say" in written
    assert "Ağrıyır".encode() not in written
    assert b"case:1" not in written


def _all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_one_row_that_no_key_opens_stops_nothing(database: Database) -> None:
    async with database.writing() as db:
        key = await database.vault.new_key(db, "case", "1")
    await put(database, say("first"), say("lost"), say("last"))
    async with database.writing() as db:
        sealed = database.vault.seal(b"{}", table="deliveries", column="body", row=2, key=key)
        await db.run("UPDATE deliveries SET body = :body WHERE id = 2", body=sealed)
        await database.vault.destroy_key(db, key)

    assert [one.kind for one in await due(database)] == ["say", UNOPENABLE, "say"]


async def test_a_row_without_words_stops_nothing(database: Database) -> None:
    await put(database, say("first"), say("last"))
    async with database.writing() as db:
        await db.run("UPDATE deliveries SET body = NULL WHERE id = 1")

    assert [one.kind for one in await due(database)] == [UNOPENABLE, "say"]


# --- a new address --------------------------------------------------------------------------------------------------


async def test_what_waits_for_a_group_moves_with_it(database: Database) -> None:
    new = "telegram:-1009"
    await put(database, say("Who comes?", GROUP, card="meeting:17"), say("secret", GROUP, lane=Lane.CASE), say())
    async with database.writing() as db:
        await storage.outbox.move_place(db, GROUP, new)
    await put(database, edit("1 going", new))

    card, other = await due(database)
    assert (card.place, card.body["html"], other.place) == (new, "1 going", AYSEL)
    (secret,) = await due(database, Lane.CASE)
    assert secret.place == new
    assert [row["place"] for row in await rows(database)] == [new, None, AYSEL]
    await send_all(database)
    await put(database, edit("2 going", new))
    assert (await due(database))[0].target == 101


# --- whatever happens -----------------------------------------------------------------------------------------------


@dataclass
class Story:
    """What was wanted and what a messenger shows: the outbox must bring the second to the first."""

    database: Database
    now: datetime = NOW
    hand: list[Waiting] = field(default_factory=list)
    wanted: dict[str, str] = field(default_factory=dict)  # card → the newest words
    shown: dict[str, str] = field(default_factory=dict)
    messages: dict[int, str] = field(default_factory=dict)  # message id → card
    final: dict[int, str] = field(default_factory=dict)  # delivery → its last state
    number: int = 0

    def words(self) -> str:
        self.number += 1
        return str(self.number)

    async def say(self, card: str) -> None:
        if card in self.wanted:
            return await self.edit(card)
        self.wanted[card] = self.words()
        return await put(self.database, say(self.wanted[card], card=card), now=self.now)

    async def edit(self, card: str, *, live: bool = False) -> None:
        if card in self.wanted:
            self.wanted[card] = self.words()
            await put(self.database, edit(self.wanted[card], card=card, live=live), now=self.now)

    async def live(self, card: str) -> None:
        await self.edit(card, live=True)

    async def take(self, _card: str) -> None:
        held = [one.id for one in self.hand]
        self.hand += await due(self.database, now=self.now, but=held, most=2)

    async def send(self, _card: str, *, marked: bool = True) -> None:
        """What is in hand gets there; the mark may be lost with the program."""
        for one in self.hand:
            await self._arrive(one, marked=marked)
        self.hand.clear()

    async def _arrive(self, one: Waiting, *, marked: bool) -> None:
        message = one.target or 1000 + one.id
        if one.kind == "say":
            (row,) = [row for row in await rows(self.database, "id, card_mark") if row["id"] == one.id]
            self.messages[message] = await self._card(row["card_mark"])
        if message in self.messages:
            self.shown[self.messages[message]] = one.body["html"]
        if marked:
            await mark(self.database, Outcome(one, "sent", message_id=message), now=self.now)

    async def _card(self, mark_of: bytes) -> str:
        async with self.database.reading() as db:
            return next(
                card for card in self.wanted if storage.outbox.card_mark(db, Lane.REPLY, AYSEL, card) == mark_of
            )

    async def killed_after_sending(self, card: str) -> None:
        await self.send(card, marked=False)

    async def restart(self, _card: str) -> None:
        self.hand.clear()

    async def told_to_wait(self, _card: str) -> None:
        for one in self.hand:
            async with self.database.writing() as db:
                await storage.outbox.pause_place(db, one.place_mark, Pause(self.now, self.now + 2 * SECOND))
            await mark(self.database, Outcome(one, "waiting"), now=self.now)
        self.hand.clear()

    async def rejected(self, _card: str) -> None:
        """Refused for its words: the next ones may do."""
        for one in self.hand[:1]:
            (row,) = [row for row in await rows(self.database, "id, card_mark") if row["id"] == one.id]
            card = await self._card(row["card_mark"])
            await mark(self.database, Outcome(one, "failed", "rejected"), now=self.now)
            given_up = (await self.states())[one.id] == "failed"
            if given_up and self.wanted[card] == one.body["html"]:
                self.wanted[card] = self.shown.get(card, "")  # given up, and known to be
            if given_up and one.kind == "say":
                # The card does not stand, and has to be said anew. A copy that a kill left is known to nobody.
                self.wanted.pop(card)
                self.shown.pop(card, None)
        del self.hand[:1]

    async def later(self, _card: str) -> None:
        self.now += 2 * SECOND

    async def states(self) -> dict[int, str]:
        return {row["id"]: row["state"] for row in await rows(self.database, "id, state")}

    async def check(self) -> None:
        """What has ended stays ended."""
        now = await self.states()
        for number, state in self.final.items():
            assert now[number] == state
        self.final = {number: state for number, state in now.items() if state != "waiting"}

    async def end(self) -> None:
        """In the end everything is sent, and every card shows what was wanted last."""
        for _ in range(10):
            self.now += 4 * SECOND
            await self.take("")
            await self.send("")
        await self.check()
        assert set((await self.states()).values()) <= {"sent", "failed"}
        assert {card: self.shown.get(card, "") for card in self.wanted} == self.wanted


_ACTS = ("say", "edit", "live", "take", "send", "killed_after_sending", "restart", "told_to_wait", "rejected", "later")


@hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(story=st.lists(st.tuples(st.sampled_from(_ACTS), st.sampled_from("AAAB")), min_size=4, max_size=25))
@hypothesis.example(story=[("say", "A"), ("take", "A"), ("edit", "A"), ("rejected", "A")])
@hypothesis.example(story=[("say", "A"), ("take", "A"), ("edit", "A"), ("killed_after_sending", "A")])
@hypothesis.example(
    story=[(act, "A") for act in ("say", "take", "killed_after_sending", "take", "rejected", "say", "take", "send")]
)
def test_whatever_happens_no_cards_last_words_are_lost(empty: Path, story: list[tuple[str, str]]) -> None:
    asyncio.run(_live_through(empty, story))


async def _live_through(empty: Path, story: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{shutil.copy(empty, folder)}", Vault(RING))
        await raw_of(database).execute_fetchall("PRAGMA synchronous = OFF")
        try:
            async with database.writing() as db:
                await db.vault.ready_for(db, NOW)
            lived = Story(database)
            for act, card in story:
                await getattr(lived, act)(card)
                await lived.check()
            await lived.end()
        finally:
            await database.close()


async def test_bodies_are_json_with_the_place(database: Database) -> None:
    await put(database, say("Ə", card="home"))
    (row,) = await rows(database)
    async with database.reading() as db:
        plain = await database.vault.open(db, row["body"], table="deliveries", column="body", row=1)

    content = json.loads(plain)
    assert (content["place"], content["body"]) == (AYSEL, {"html": "Ə", "buttons": []})
