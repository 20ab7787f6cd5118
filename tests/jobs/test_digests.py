"""B6: the digests of thousands are written some at a time, and the ledger adds up."""

from dataclasses import replace
from datetime import timedelta

import pytest

import storage.announcements
import storage.communities
import storage.mutes
import storage.outbox
import storage.outgoings
from bot import outgoing
from bot.render import Renderer
from domain.announcement_cards import to_everybody
from domain.announcements import Announcement, Content, Dispatch, Look, State
from domain.messages import Say, ToPerson
from domain.roles import Role
from domain.times import to_us
from jobs import announcements, digests
from jobs import changes as telling
from storage.announcements import changes
from storage.announcements import digests as kept
from storage.database import Connection, Database
from tests.storage.conftest import NOW, database

__all__ = ["database"]

READERS = 1_500
EVENING = NOW + timedelta(hours=9, seconds=1)  # 18:00 in Baku
RENDERER = Renderer(lambda _link: "https://t.me/birge_bot")


async def gathered(db: Connection) -> list[Announcement]:
    """Two announcements to many who chose a digest, expanded."""
    community = await readers(db)
    said = [await announced(db, community, f"Salam {number}") for number in range(2)]
    while await storage.outgoings.expanding(db):
        await announcements.expand_outgoings(db, NOW)
    return said


async def readers(db: Connection, *, digest: int = 1, many: int = READERS) -> int:
    """Parents of a school; the school's number."""
    community = await storage.communities.add(db, None, "school", "Məktəb 12", "az", "Asia/Baku", "az")
    people = [
        {"id": 100 + number, "community": community.id, "now": to_us(NOW), "digest": digest} for number in range(many)
    ]
    await db.many("INSERT INTO persons (id, language, zone, digest) VALUES (:id, 'az', 'Asia/Baku', :digest)", people)
    await db.many(
        "INSERT INTO identities (person_id, channel, address) VALUES (:id, 'telegram', CAST(:id AS TEXT))", people
    )
    await db.many(
        """INSERT INTO memberships (person_id, community_id, role, called, state, since)
           VALUES (:id, :community, 'parent', 'Parent', 'active', :now)""",
        people,
    )
    return community.id


async def announced(db: Connection, community_id: int, words: str, *, urgent: bool = False) -> Announcement:
    community = await storage.communities.get(db, community_id)
    assert community is not None
    look = Look(community.name, "Rəna", Role.COORDINATOR, Content(words), "az")
    how = Dispatch(State.SENT, urgent)
    found = await storage.announcements.save(db, community, 100, look, (), READERS, NOW, how)
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
        readers = await written(db)
        assert digests.ON_THEIR_WAY_MOST <= 2 * readers < 2 * READERS  # the others wait for these
        await digests.settle(db, EVENING)
        assert await states(db) == {"digest": 2 * (READERS - readers), "in_digest": 2 * readers}
        await arrived(db)
        assert await states(db) == {"digest": 2 * (READERS - readers), "sent": 2 * readers}
        assert readers + await written(db) == READERS
        await arrived(db)
        assert await states(db) == {"sent": 2 * READERS}


async def written(db: Connection) -> int:
    """How many readers' digests are written until no more may be on their way."""
    readers = 0
    while True:
        before = db.statements
        said = await digests.send(db, EVENING)
        assert db.statements - before <= 5  # however many readers
        assert len(said) <= digests.ROWS_AT_ONCE
        if not said:
            return readers
        await outgoing.store(db, RENDERER, said, None, EVENING)
        readers += len(said)


async def arrived(db: Connection) -> None:
    await db.run(
        "UPDATE deliveries SET state = 'sent', sent_at = :now WHERE dedupe_key LIKE 'digest:%'", now=to_us(EVENING)
    )
    await digests.settle(db, EVENING)


@pytest.mark.row("A12")
@pytest.mark.row("B6")
async def test_who_left_or_muted_it_meanwhile_gets_nothing_in_the_evening_and_the_ledger_adds_up(
    database: Database,
) -> None:
    async with database.writing() as db:
        [first, second] = await gathered(db)
        left, muted = range(100, 400), range(400, 600)
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id < 400")
        for person_id in muted:
            await storage.mutes.save(db, person_id, first.community.id, None)
        heard: set[int] = set()
        while await left_to_write(db):
            before = db.statements
            said = await digests.send(db, EVENING)
            assert db.statements - before <= 8  # the reasons are written, and both announcements counted anew
            await outgoing.store(db, RENDERER, said, None, EVENING)
            heard |= {one.to.person_id for one in said if isinstance(one, Say) and isinstance(one.to, ToPerson)}
            await arrived(db)
        assert heard == set(range(600, 100 + READERS))
        assert await reasons(db) == {None: 2 * len(heard), "left": 2 * len(left), "muted": 2 * len(muted)}
        for one in (first, second):
            counts = await storage.announcements.count(db, one)
            assert (counts.all, counts.sent, counts.lost) == (READERS, len(heard), len(left) + len(muted))
            assert counts.settled


async def left_to_write(db: Connection) -> bool:
    return "digest" in await states(db)


async def reasons(db: Connection) -> dict[str | None, int]:
    rows = await db.all(
        "SELECT reason, COUNT(*) AS n FROM deliveries WHERE outgoing_id IS NOT NULL GROUP BY reason ORDER BY reason"
    )
    return {row["reason"]: row["n"] for row in rows}


@pytest.mark.row("A12")
@pytest.mark.row("B6")
async def test_what_waits_for_who_left_meanwhile_is_not_sent_but_the_urgent_is_to_who_muted(
    database: Database,
) -> None:
    async with database.writing() as db:
        community = await readers(db, digest=0, many=5)
        plain = await announced(db, community, "Salam")
        urgent = await announced(db, community, "Tez", urgent=True)
        while await storage.outgoings.expanding(db):
            await announcements.expand_outgoings(db, NOW)
        await storage.mutes.save(db, 101, community, None)
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = 102")
        await db.run("UPDATE memberships SET until = :now WHERE person_id = 103", now=to_us(NOW + timedelta(minutes=1)))
        before = db.statements
        await announcements.leave_out(db, NOW + timedelta(minutes=2))
        assert db.statements - before == 4
        assert (await storage.announcements.count(db, plain)).lost == 3
        assert (await storage.announcements.count(db, urgent)).lost == 2
        assert await reasons(db) == {None: 5, "left": 4, "muted": 1}
        before = db.statements
        await announcements.leave_out(db, NOW + timedelta(minutes=2))
        assert db.statements - before == 1


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


@pytest.mark.row("B6")
async def test_what_is_urgent_goes_before_what_thousands_are_still_to_get(database: Database) -> None:
    async with database.writing() as db:
        community = await readers(db, digest=0, many=1_200)
        await announced(db, community, "Salam")
        await announcements.expand_outgoings(db, NOW)
        urgent = await announced(db, community, "Tez", urgent=True)
        await announcements.expand_outgoings(db, NOW)
        waits = await storage.outbox.lanes_waiting(db)
        [first, *_] = await storage.outbox.waiting(db, min(waits), NOW, (), 10)
        [row] = await db.all("SELECT subject_id FROM deliveries WHERE id = :id", id=first.id)
        assert row["subject_id"] == urgent.id
