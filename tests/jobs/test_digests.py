"""B6: the digests of thousands are written some at a time, and the ledger adds up."""

from dataclasses import replace
from datetime import timedelta

import pytest

import storage.announcements
import storage.communities
import storage.outgoings
from bot import outgoing
from bot.render import Renderer
from domain.announcement_cards import to_everybody
from domain.announcements import Announcement, Content, Look
from domain.roles import Role
from domain.times import to_us
from jobs import announcements, digests
from jobs import changes as telling
from storage.announcements import changes
from storage.announcements import digests as kept
from storage.database import Connection, Database
from tests.storage.conftest import NOW, database

__all__ = ["database"]

READERS = 1_200
EVENING = NOW + timedelta(hours=9, seconds=1)  # 18:00 in Baku
RENDERER = Renderer(lambda _link: "https://t.me/birge_bot")


async def gathered(db: Connection) -> list[Announcement]:
    """Two announcements to many who chose a digest, expanded."""
    community = await storage.communities.add(db, None, "school", "Məktəb 12", "az", "Asia/Baku", "az")
    people = [{"id": 100 + number, "community": community.id, "now": to_us(NOW)} for number in range(READERS)]
    await db.many("INSERT INTO persons (id, language, zone, digest) VALUES (:id, 'az', 'Asia/Baku', 1)", people)
    await db.many(
        "INSERT INTO identities (person_id, channel, address) VALUES (:id, 'telegram', CAST(:id AS TEXT))", people
    )
    await db.many(
        """INSERT INTO memberships (person_id, community_id, role, called, state, since)
           VALUES (:id, :community, 'parent', 'Parent', 'active', :now)""",
        people,
    )
    said = [await announced(db, community.id, f"Salam {number}") for number in range(2)]
    while await storage.outgoings.expanding(db):
        await announcements.expand_outgoings(db, NOW)
    return said


async def announced(db: Connection, community_id: int, words: str) -> Announcement:
    community = await storage.communities.get(db, community_id)
    assert community is not None
    look = Look(community.name, "Rəna", Role.COORDINATOR, Content(words), "az")
    found = await storage.announcements.save(db, community, 100, look, (), READERS, NOW)
    await outgoing.store(db, RENDERER, to_everybody(found, []), None, NOW)
    return found


async def states(db: Connection) -> dict[str, int]:
    rows = await db.all(
        "SELECT state, COUNT(*) AS n FROM deliveries WHERE outgoing_id IS NOT NULL GROUP BY state ORDER BY state"
    )
    return {row["state"]: row["n"] for row in rows}


@pytest.mark.row("B6")
async def test_a_tick_writes_some_digests_in_a_few_statements_and_each_reader_has_one(database: Database) -> None:
    async with database.writing() as db:
        await gathered(db)
        assert await states(db) == {"digest": 2 * READERS}
        assert await digests.send(db, EVENING - timedelta(minutes=1)) == []
        readers = 0
        while True:
            before = db.statements
            said = await digests.send(db, EVENING)
            assert db.statements - before <= 4  # however many readers
            assert len(said) <= digests.ROWS_AT_ONCE
            if not said:
                break
            await outgoing.store(db, RENDERER, said, None, EVENING)
            readers += len(said)
        assert readers == READERS
        assert await states(db) == {"in_digest": 2 * READERS}
        await digests.settle(db, EVENING)
        assert await states(db) == {"in_digest": 2 * READERS}  # not before they arrive
        await db.run(
            "UPDATE deliveries SET state = 'sent', sent_at = :now WHERE dedupe_key LIKE 'digest:%'", now=to_us(EVENING)
        )
        for _ in range(3):
            await digests.settle(db, EVENING)
        assert await states(db) == {"sent": 2 * READERS}


@pytest.mark.row("B5")
async def test_a_correction_of_thousands_is_told_some_at_a_time_and_a_recall_ends_it(database: Database) -> None:
    async with database.writing() as db:
        [first, second] = await gathered(db)
        look = replace(first.look, content=Content("Sabah"))
        assert await changes.correct(db, first, look, 100, NOW)
        assert not await changes.correct(db, first, look, 100, NOW)  # by somebody who saw the old one
        assert await changes.recall(db, second, 100, NOW)
        assert not await changes.recall(db, second, 100, NOW)
        for _ in range(READERS):
            if await changes.next_change(db, NOW) is None:
                break
            await telling.tell(db, NOW)
        assert await states(db) == {"digest": READERS, "dropped": READERS}
        await digests.send(db, EVENING)
        assert {one.look.content.words for one in (await kept.several(db, [first.id])).values()} == {"Sabah"}
