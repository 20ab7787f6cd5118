"""Messages that were given up: kept sealed, sent again, dropped; none of the case lane."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

import storage.letters
import storage.outbox
from domain.messages import Lane, Subject
from storage.database import Database
from storage.outbox import Draft, Outcome, Waiting
from tests.storage.conftest import NOW

HOUR = timedelta(hours=1)


async def put(database: Database, *drafts: Draft) -> None:
    async with database.writing() as db:
        await storage.outbox.enqueue(db, drafts, NOW)


async def due(database: Database, lane: Lane = Lane.REPLY) -> list[Waiting]:
    async with database.reading() as db:
        return await storage.outbox.waiting(db, lane, NOW, (), 10)


async def give_up(database: Database, one: Waiting, reason: str, state: str = "failed", now: datetime = NOW) -> None:
    async with database.writing() as db:
        await storage.outbox.save_outcomes(db, [Outcome(one, state, reason, said="message is too long")], now)


async def kept(database: Database) -> list[storage.letters.Letter]:
    async with database.reading() as db:
        return await storage.letters.kept(db)


async def row(database: Database, row_id: int) -> Mapping[str, Any]:
    async with database.reading() as db:
        found = await db.one("SELECT * FROM deliveries WHERE id = :id", id=row_id)
    assert found is not None
    return found


def say(words: str, lane: Lane = Lane.REPLY, **more: Any) -> Draft:
    return Draft("say", "telegram:1001", {"html": words}, lane, **more)


@pytest.mark.parametrize("reason", ["rejected", "broken", "unanswered"])
async def test_what_was_given_up_is_kept_and_can_be_sent_again(database: Database, reason: str) -> None:
    await put(database, say("Hello"))
    (one,) = await due(database)
    await give_up(database, one, reason, now=NOW + HOUR)

    (letter,) = await kept(database)
    assert (letter.id, letter.lane, letter.kind) == (one.id, Lane.REPLY, "say")
    assert (letter.given_up_at, letter.attempts, letter.reason) == (NOW + HOUR, 1, reason)
    assert letter.said == "message is too long"
    assert await due(database) == []
    assert b"Hello" not in (await row(database, one.id))["body"]

    async with database.writing() as db:
        assert await storage.letters.send_again(db, [one.id, 99]) == 1
        assert await storage.letters.send_again(db, [one.id]) == 0
    (again,) = await due(database)
    assert (again.id, again.body, again.attempts) == (one.id, {"html": "Hello"}, 0)
    assert await kept(database) == []


async def test_all_are_sent_again_at_once(database: Database) -> None:
    await put(database, say("one"), say("two"))
    for one in await due(database):
        await give_up(database, one, "rejected")
    async with database.writing() as db:
        assert await storage.letters.count(db) == 2
        assert await storage.letters.send_again(db, None) == 2
    assert [one.body["html"] for one in await due(database)] == ["one", "two"]


@pytest.mark.parametrize(
    ("state", "reason"), [("failed", "blocked"), ("failed", "unopenable"), ("dropped", "late"), ("dropped", "changed")]
)
async def test_what_nobody_could_read_any_more_is_gone_at_once(database: Database, state: str, reason: str) -> None:
    await put(database, say("Hello"))
    (one,) = await due(database)
    await give_up(database, one, reason, state)

    assert await kept(database) == []
    assert (await row(database, one.id))["body"] is None


@pytest.mark.rule(20)
async def test_nothing_of_the_case_lane_is_kept(database: Database) -> None:
    await put(database, say("secret", Lane.CASE))
    (one,) = await due(database, Lane.CASE)
    await give_up(database, one, "rejected")

    assert await kept(database) == []
    async with database.writing() as db:
        assert await storage.letters.count(db) == 0
        assert await storage.letters.send_again(db, None) == 0
        assert await storage.letters.send_again(db, [one.id]) == 0
    stored = await row(database, one.id)
    assert (stored["body"], stored["said"], stored["given_up_at"]) == (None, None, None)


async def test_an_edit_that_was_given_up_puts_no_old_words_over_newer_ones(database: Database) -> None:
    await put(database, Draft("edit", "telegram:1001", {"html": "old", "message_id": 7}))
    (one,) = await due(database)
    await give_up(database, one, "rejected")

    assert await kept(database) == []
    assert (await row(database, one.id))["body"] is None


async def test_after_two_weeks_its_words_are_gone(database: Database) -> None:
    await put(database, say("old"), say("young"))
    old, young = await due(database)
    await give_up(database, old, "rejected", now=NOW)
    await give_up(database, young, "rejected", now=NOW + HOUR)
    async with database.writing() as db:
        await storage.letters.drop_before(db, NOW + HOUR)

    assert [one.id for one in await kept(database)] == [young.id]
    gone = await row(database, old.id)
    assert (gone["state"], gone["reason"], gone["body"], gone["said"]) == ("failed", "rejected", None, None)


async def test_what_is_about_an_older_revision_is_not_sent_again(database: Database) -> None:
    old, new = Subject("meeting", 17, 1), Subject("meeting", 17, 2)
    await put(database, say("at six", subject=old), say("at seven", subject=new))
    for one in await due(database):
        await give_up(database, one, "rejected")
    async with database.writing() as db:
        await storage.outbox.drop_of_subject(db, new)
        assert await storage.letters.send_again(db, None) == 1
    assert [one.body["html"] for one in await due(database)] == ["at seven"]
