"""What nobody says aloud: silence of the database or the messenger, answers that wait, and gaps in the contact."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import storage.cases
import storage.operation
import storage.outbox
from bot import app
from bot.app import opened
from bot.causes import Cause
from bot.clock import Clock
from bot.config import Settings
from bot.contact import Contact
from bot.lookout import Lookout
from domain.messages import Lane
from sandbox import Sandbox
from storage.database import Database, DatabaseFails
from storage.outbox import Draft, Outcome, Pause
from storage.vault import Vault
from tests.cast import START, World
from tests.conftest import TOKEN, Fresh, NoPacer, on_sqlite
from tests.storage.conftest import RING


@dataclass
class Tower:
    """A lookout whose time a test moves."""

    database: Database
    log: list[dict[str, Any]]
    seconds: float = 0.0
    now: datetime = START
    contact: Contact = field(init=False)
    lookout: Lookout = field(init=False)

    def __post_init__(self) -> None:
        self.contact = Contact(lambda: self.now, lambda: self.seconds)
        self.lookout = Lookout(self.database, self.contact, lambda: self.now, lambda: self.seconds)

    async def after(self, seconds: float) -> list[Cause]:
        """Time passes in steps of 15 s, as in the bot; the causes of the last look."""
        for _ in range(int(seconds // 15)):
            self.seconds += 15
            self.log.clear()
            await self.lookout.look()
        return [one["cause"] for one in self.log if "cause" in one]


@pytest.fixture
async def tower(url: str, log_lines: list[dict[str, Any]]) -> AsyncIterator[Tower]:
    database = await Database.open(url, Vault(RING))
    async with database.writing() as db:
        await db.vault.ready_for(db, START)
    yield Tower(database, log_lines)
    await database.close()


async def test_a_database_that_fails_for_a_minute(tower: Tower) -> None:
    assert await tower.after(60) == []
    assert await tower.after(15) == [Cause.DATABASE]
    tower.lookout.database_works()
    assert await tower.after(60) == []


async def test_a_messenger_that_is_silent_for_five_minutes(tower: Tower) -> None:
    async def passes(seconds: int) -> list[Cause]:
        tower.lookout.database_works()
        return [one for one in await tower.after(seconds) if one is not Cause.DATABASE]

    assert await passes(300) == []
    assert await passes(15) == [Cause.MESSENGER]
    tower.contact.heard()
    assert await passes(300) == []


async def put(tower: Tower, lane: Lane = Lane.REPLY, **more: Any) -> None:
    async with tower.database.writing() as db:
        await storage.outbox.enqueue(db, [Draft("say", "telegram:1001", {"html": "x"}, lane, **more)], tower.now)


async def looks(tower: Tower, seconds: float) -> bool:
    tower.lookout.database_works()
    return Cause.OUTBOX_OLD in await tower.after(seconds)


async def test_a_reply_that_waits_for_two_minutes(tower: Tower) -> None:
    await looks(tower, 15)
    await put(tower)
    assert not await looks(tower, 120)
    assert await looks(tower, 30)
    async with tower.database.writing() as db:
        (one,) = await storage.outbox.waiting(db, Lane.REPLY, tower.now, (), 9)
        await storage.outbox.save_outcomes(db, [Outcome(one, "sent", message_id=1)], tower.now)
    assert not await looks(tower, 15)


async def test_replies_that_come_and_go_are_none_that_wait(tower: Tower) -> None:
    for _ in range(20):
        await put(tower)
        assert not await looks(tower, 15)
        async with tower.database.writing() as db:
            await db.run("UPDATE deliveries SET state = 'sent', body = NULL")


@pytest.mark.parametrize("lane", [Lane.CASE, Lane.REMINDER, Lane.BROADCAST])
async def test_only_replies_are_looked_at(tower: Tower, lane: Lane) -> None:
    """No figure of the case lane reaches the operator; what goes to many may take its time."""
    await put(tower, lane)
    assert not await looks(tower, 300)


async def test_what_is_to_go_later_and_a_chat_on_pause_don_t_wait(tower: Tower) -> None:
    await put(tower, not_before=tower.now + timedelta(hours=1))
    assert not await looks(tower, 300)
    await put(tower)
    async with tower.database.writing() as db:
        mark = storage.outbox.place_mark(db, Lane.REPLY, "telegram:1001")
        await storage.outbox.pause_place(db, mark, Pause(tower.now, tower.now + timedelta(hours=1)))
    assert not await looks(tower, 300)


async def test_a_database_that_can_not_be_read_stops_no_look(tower: Tower, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> int:
        raise DatabaseFails("disk I/O error")

    monkeypatch.setattr(storage.outbox, "newest", fails)
    await tower.after(75)
    assert [one["event"] for one in tower.log] == [
        "the database has failed for a minute",
        "the database can't be looked at",
    ]


# --- contact ----------------------------------------------------------------------------------------------------------


async def note(tower: Tower) -> timedelta | None:
    """What a beat does."""
    async with tower.database.writing() as db:
        noted = await tower.contact.note(db)
    if noted is None:
        return None
    tower.contact.kept(noted[0])
    return noted[1]


async def last(tower: Tower) -> datetime | None:
    async with tower.database.reading() as db:
        return await storage.operation.last_contact(db)


async def test_the_last_contact_is_noted_at_most_once_a_minute(tower: Tower) -> None:
    await note(tower)
    assert await last(tower) is None
    tower.contact.heard()
    await note(tower)
    assert await last(tower) == START
    for seconds, noted in ((59, START), (1, START + timedelta(minutes=1))):
        tower.now += timedelta(seconds=seconds)
        tower.contact.heard()
        await note(tower)
        assert await last(tower) == noted


@pytest.mark.parametrize(("hours", "is_gap"), [(19.9, False), (20, True), (500, True)])
async def test_a_gap_is_twenty_hours_and_is_found_once(tower: Tower, hours: float, is_gap: bool) -> None:
    tower.contact.heard()
    assert await note(tower) is None
    tower.now += timedelta(hours=hours)
    again = Tower(tower.database, tower.log, now=tower.now)  # a new start
    assert await note(again) is None  # nothing was heard yet
    again.contact.heard()

    assert await note(again) == (timedelta(hours=hours) if is_gap else None)
    async with tower.database.reading() as db:
        assert (await storage.operation.asking(db) is not None) == is_gap
    assert await note(again) is None


async def test_a_gap_whose_note_is_not_committed_is_found_again(tower: Tower) -> None:
    tower.contact.heard()
    await note(tower)
    tower.now += timedelta(hours=21)
    tower.contact.heard()
    async with tower.database.writing() as db:
        await db.run("SAVEPOINT half")
        assert await tower.contact.note(db) is not None
        await db.run("ROLLBACK TO SAVEPOINT half")

    assert await note(tower) == timedelta(hours=21)


@on_sqlite
async def test_a_bot_that_starts_after_a_gap_tells_so(
    fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_lines: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(app, "_BEATS", 0.01)
    address, keys = fresh.copy(tmp_path)
    then = Clock.machine() - timedelta(hours=21, minutes=5)
    raw = sqlite3.connect(tmp_path / "birge.sqlite3")
    with raw:
        raw.execute("INSERT INTO notes_of_operation VALUES ('last contact', ?)", [str(int(then.timestamp() * 1e6))])
    raw.close()
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        settings = Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=address, keys=keys)
        async with opened(settings, Clock(), NoPacer()) as birge:
            running = asyncio.create_task(birge.run())
            sandbox.presses_start(sandbox.add_person("Aysel"))
            try:
                async with asyncio.timeout(10):
                    while not [one for one in log_lines if one.get("cause") is Cause.GAP]:  # noqa: ASYNC110
                        await asyncio.sleep(0)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
    (told,) = [one for one in log_lines if one.get("cause") is Cause.GAP]
    assert (told["hours"], told["level"]) == (21, "warning")


async def test_a_stand_ins_clock_that_jumps_is_no_gap(world: World) -> None:
    await world.birge.beat_once()
    await world.later(days=3)
    person = world.person("Aysel")
    await person.starts()
    await world.birge.beat_once()
    async with world.birge.database.reading() as db:
        assert await storage.operation.asking(db) is None


async def test_a_case_that_nobody_may_work_on_is_told_without_a_number(
    tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = True

    async def has_nobody(*_: Any) -> bool:
        return nobody

    monkeypatch.setattr(storage.cases, "has_nobody", has_nobody)
    tower.contact.heard_at = 10_000.0
    tower.lookout.database_works()
    assert await tower.after(15) == [Cause.NOBODY]
    assert [set(one) & {"case", "number"} for one in tower.log] == [set()]
    assert Cause.NOBODY not in await tower.after(15)  # once in a minute is enough
    assert Cause.NOBODY in await tower.after(60 - 15)
    nobody = False
    assert Cause.NOBODY not in await tower.after(5 * 60)
