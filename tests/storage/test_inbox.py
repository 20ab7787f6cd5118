from datetime import timedelta

import storage.inbox
from storage.database import Database
from tests.storage.conftest import NOW


async def test_an_event_that_came_before_is_known_by_its_channel_and_number(database: Database) -> None:
    async with database.writing() as db:
        await storage.inbox.save_outcomes(db, "telegram", {"1": "done", "2": "refused"}, NOW)

    async with database.reading() as db:
        assert await storage.inbox.seen(db, "telegram", ["1", "2", "3", "3"]) == {"1": "done", "2": "refused"}
        assert await storage.inbox.seen(db, "whatsapp", ["1"]) == {}
        assert await storage.inbox.seen(db, "telegram", []) == {}


async def test_the_newest_outcome_stands(database: Database) -> None:
    async with database.writing() as db:
        await storage.inbox.save_outcomes(db, "telegram", {"1": "started"}, NOW)
        await storage.inbox.save_outcomes(db, "telegram", {"1": "done"}, NOW)
        assert await storage.inbox.seen(db, "telegram", ["1"]) == {"1": "done"}


async def test_old_events_are_forgotten(database: Database) -> None:
    async with database.writing() as db:
        await storage.inbox.save_outcomes(db, "telegram", {"old": "done"}, NOW - timedelta(days=8))
        await storage.inbox.save_outcomes(db, "telegram", {"new": "done"}, NOW)
        await storage.inbox.forget_before(db, NOW - timedelta(days=7))
        assert await storage.inbox.seen(db, "telegram", ["old", "new"]) == {"new": "done"}
