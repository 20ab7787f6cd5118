"""B5: a correction and a recall find each copy, also one that was on its way while they were made."""

from datetime import datetime, timedelta

import pytest

import storage.announcements
from domain.announcements import ChangeKind
from domain.messages import Delete, Edit, Outgoing, Say, ToPerson
from domain.times import to_us
from jobs import changes as telling
from storage.announcements import changes
from storage.database import Connection, Database
from tests.jobs.test_digests import EVENING, gathered
from tests.storage.conftest import NOW, database

__all__ = ["database"]

MADE_AT = NOW + timedelta(hours=1)


async def told(db: Connection, at: datetime) -> list[Outgoing]:
    """Everything that is said by then."""
    said: list[Outgoing] = []
    while await changes.next_change(db, at) is not None:
        said += await telling.tell(db, at)
    return said


async def reach_some(db: Connection, before: datetime, after: datetime) -> int:
    """Person 100 got her copy before the change, 101 after it; all others have none yet. The announcement."""
    [first, _] = await gathered(db)
    for person_id, at in ((100, before), (101, after)):
        await db.run(
            "UPDATE deliveries SET state = 'sent', sent_at = :at WHERE person_id = :id AND subject_id = :announcement",
            at=to_us(at),
            id=person_id,
            announcement=first.id,
        )
    return first.id


def whom(said: list[Outgoing]) -> list[int]:
    return [one.to.person_id for one in said if isinstance(one, Edit | Delete | Say) and isinstance(one.to, ToPerson)]


@pytest.mark.row("B5")
@pytest.mark.parametrize("change", [ChangeKind.CORRECTED, ChangeKind.RECALLED])
async def test_a_copy_that_was_on_its_way_is_found_by_the_second_look(change: ChangeKind, database: Database) -> None:
    async with database.writing() as db:
        number = await reach_some(db, NOW, MADE_AT + timedelta(seconds=2))
        announcement = await storage.announcements.get(db, number)
        assert announcement is not None
        if change is ChangeKind.RECALLED:
            assert await changes.recall(db, announcement, 100, MADE_AT)
        else:
            assert await changes.correct(db, announcement, announcement.look, 100, MADE_AT)
        assert whom(await told(db, MADE_AT + timedelta(seconds=1))) == [100]
        assert whom(await told(db, MADE_AT + timedelta(seconds=29))) == []
        assert whom(await told(db, MADE_AT + timedelta(seconds=31))) == [101]
        assert await changes.next_change(db, EVENING) is None


@pytest.mark.row("B5")
async def test_a_recall_deletes_within_48_hours_and_blanks_what_is_older(database: Database) -> None:
    async with database.writing() as db:
        number = await reach_some(db, MADE_AT - timedelta(hours=45), MADE_AT - timedelta(hours=49))
        announcement = await storage.announcements.get(db, number)
        assert announcement is not None
        assert await changes.recall(db, announcement, 100, MADE_AT)
        said = await told(db, MADE_AT)
        assert [(type(one), one.to) for one in said if isinstance(one, Delete | Edit | Say)] == [
            (Delete, ToPerson(100)),
            (Edit, ToPerson(101)),
            (Say, ToPerson(101)),
        ]


@pytest.mark.row("B5")
async def test_a_correction_of_what_was_taken_back_since_is_told_to_nobody(database: Database) -> None:
    async with database.writing() as db:
        number = await reach_some(db, NOW, NOW)
        before = await storage.announcements.get(db, number)
        assert before is not None
        assert await changes.correct(db, before, before.look, 100, MADE_AT)
        assert await changes.recall(db, before, 100, MADE_AT + timedelta(microseconds=1))
        assert all(isinstance(one, Delete) for one in await told(db, MADE_AT + timedelta(seconds=40)))
