"""What must stay fast when a whole city is told something."""

import time
from collections.abc import AsyncIterator

import pytest

import storage.announcements
import storage.communities
import storage.outgoings
from domain.announcements import Content, Look
from domain.messages import Lane, Say, ToAudience, Words
from domain.roles import Role
from domain.times import to_us
from storage.database import Connection, Database
from tests.storage.conftest import NOW

MANY = 100_000


@pytest.fixture
async def db(database: Database) -> AsyncIterator[Connection]:
    """An open transaction."""
    async with database.writing() as connection:
        yield connection


async def a_city(db: Connection) -> int:
    """A hundred thousand parents in a thousand classes; a tenth blocked the bot, a tenth never started it."""
    network = await storage.communities.add(db, None, "network", "Bakı məktəbləri", "az", "Asia/Baku", "az")
    classes = [
        await storage.communities.add(db, network, "class", str(number), "az", "Asia/Baku", "az")
        for number in range(1_000)
    ]
    why = {0: "blocked", 5: "never_started"}
    people = [
        {"id": 1_000 + number, "why": why.get(number % 10), "class": classes[number % 1_000].id, "now": to_us(NOW)}
        for number in range(MANY)
    ]
    await db.many("INSERT INTO persons (id, language, zone) VALUES (:id, 'az', 'Asia/Baku')", people)
    await db.many(
        """INSERT INTO identities (person_id, channel, address, unreachable)
           VALUES (:id, 'telegram', CAST(:id AS TEXT), :why)""",
        people,
    )
    await db.many(
        """INSERT INTO memberships (person_id, community_id, role, called, state, since)
           VALUES (:id, :class, 'parent', 'Parent', 'active', :now)""",
        people,
    )
    return network.id


@pytest.mark.row("B1")
async def test_the_reach_of_a_hundred_thousand_is_one_statement_and_less_than_a_second(db: Connection) -> None:
    to = ToAudience(await a_city(db), (Role.PARENT.value,))
    before, began = db.statements, time.process_time()
    reach = await storage.outgoings.reach(db, to, NOW)
    took = time.process_time() - began
    assert (reach.persons, reach.now, reach.blocked, reach.never_started) == (MANY, 80_000, 10_000, 10_000)
    assert db.statements == before + 1
    assert took < 1.0


@pytest.mark.row("B2")
async def test_counting_a_ledger_of_thousands_holds_nobody_up(db: Connection) -> None:
    to = ToAudience(await a_city(db), (Role.PARENT.value,))
    community = await storage.communities.get(db, to.community_id)
    assert community is not None
    look = Look(community.name, "Rəna", Role.COORDINATOR, Content("Salam"))
    announcement = await storage.announcements.save(db, community, 1000, look, to.roles, MANY, NOW)
    key = storage.announcements.key_of(announcement.id)
    say = Say(Words("Salam"), to=to, lane=Lane.BROADCAST, dedupe_key=key)
    await storage.outgoings.save(db, say, lambda _language, _zone: {"html": "Salam"}, NOW)
    [outgoing] = await storage.outgoings.expanding(db)
    await storage.outgoings.expand(db, outgoing, NOW, 15_000)
    began = time.process_time()
    counts = await storage.announcements.count(db, announcement)
    took = time.process_time() - began
    assert counts.shown == (MANY, 0, 3_000, 0)  # those not written yet are counted, too
    assert not counts.settled
    assert took < 0.5
