"""Fifty who want the same thing at the same moment: exactly as many get it as there is, on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar

import pytest

import storage.cases
import storage.communities
import storage.invites
import storage.meetings
import storage.persons
import storage.polls
import storage.rsvps
import storage.slots
from domain.cases import Answers, Deed, Desk, Risk
from domain.meetings import Meeting, MeetingKind, Rsvp
from domain.polls import Asked, Whom
from domain.requests import Community
from domain.times import to_us
from storage.database import Connection, Database
from storage.postgres import PostgresDatabase
from storage.vault import Vault
from tests.storage.conftest import NOW, RING

MANY = 50
T = TypeVar("T")
WRITERS = 12


@dataclass(eq=False)
class Crowd:
    """Many who write to one database: one after the other on SQLite, a dozen side by side on PostgreSQL."""

    database: Database
    side_by_side: asyncio.Barrier | None
    inside: int = 0

    async def met(self) -> None:
        """The first dozen go on together: each of them has seen what the others are about to change."""
        self.inside += 1
        if self.side_by_side is not None and self.inside <= WRITERS:
            await self.side_by_side.wait()

    async def all(self, works: Iterable[Callable[[Connection], Awaitable[T]]]) -> list[T]:
        return await asyncio.gather(*(self.database.transact(work) for work in works))


@pytest.fixture
async def crowd(url: str, kind: str) -> AsyncIterator[Crowd]:
    chances = (number % 10 / 10 for number in count())
    if kind == "postgres":
        opened: Database = await PostgresDatabase.open_server(
            url, Vault(RING), writers=WRITERS, chance=lambda: next(chances)
        )
    else:
        opened = await Database.open(url, Vault(RING))
    await opened.transact(lambda db: db.vault.ready_for(db, NOW))
    yield Crowd(opened, asyncio.Barrier(WRITERS) if kind == "postgres" else None)
    await opened.close()
    if isinstance(opened, PostgresDatabase):
        assert opened.run_again >= WRITERS - 1  # of those who met, all but one ran again


async def school(db: Connection) -> tuple[Community, list[int]]:
    """A network, and fifty persons."""
    network = await storage.communities.add(db, None, "network", "Bakı", "az", "Asia/Baku", "az")
    known = [await storage.persons.meet(db, "telegram", str(1_000 + n), "az", "Asia/Baku") for n in range(MANY)]
    return network, [one.person.id for one in known]


async def test_the_last_place_of_a_meeting(crowd: Crowd) -> None:
    async def scene(db: Connection) -> tuple[int, list[int]]:
        network, persons = await school(db)
        starts = NOW + timedelta(days=1)
        meeting = Meeting(0, network, MeetingKind.JOINT, "Picnic", starts, "Asia/Baku", persons[0], capacity=1)
        return await storage.meetings.add(db, meeting, NOW), persons

    number, persons = await crowd.database.transact(scene)

    async def goes(db: Connection, person_id: int) -> bool:
        # As the handler does: she sees the meeting, then takes the place or stands in line.
        assert await storage.meetings.seen_by(db, number, person_id) is not None
        await crowd.met()
        taken = await storage.rsvps.take_place(db, number, person_id, 0, NOW)
        if not taken:
            await storage.rsvps.wait_in_line(db, number, person_id, NOW)
        return taken

    got = await crowd.all(partial(goes, person_id=one) for one in persons)

    assert Counter(got) == {True: 1, False: MANY - 1}
    async with crowd.database.reading() as db:
        counted = (await storage.rsvps.count(db, number)).persons
        assert counted == {Rsvp.ACCEPTED: 1, Rsvp.WAITING: MANY - 1}
        turns = await db.all("SELECT turn FROM rsvps WHERE answer = 'waiting' ORDER BY turn")
    assert [row["turn"] for row in turns] == list(range(1, MANY))  # everybody has a place of her own in the line


async def test_a_slot_of_a_consultation(crowd: Crowd) -> None:
    async def scene(db: Connection) -> tuple[int, int, list[int]]:
        network, persons = await school(db)
        starts = NOW + timedelta(days=1)
        meeting = Meeting(
            0, network, MeetingKind.CONSULTATION, "Talk", starts, "Asia/Baku", persons[0], slot_minutes=15
        )
        number = await storage.meetings.add(db, meeting, NOW)
        await storage.slots.add(db, number, [(starts, starts + timedelta(minutes=15))])
        [slot] = await storage.slots.free(db, number)
        return number, slot.id, persons

    number, slot_id, persons = await crowd.database.transact(scene)

    async def takes(db: Connection, person_id: int) -> bool:
        assert await storage.meetings.seen_by(db, number, person_id) is not None
        await crowd.met()
        return await storage.slots.take(db, number, slot_id, person_id, NOW)

    got = await crowd.all(partial(takes, person_id=one) for one in persons)

    assert Counter(got) == {True: 1, False: MANY - 1}
    async with crowd.database.reading() as db:
        assert await db.value("SELECT person_id FROM slots") == persons[got.index(True)]


async def test_a_case_is_taken_once(crowd: Crowd) -> None:
    async def scene(db: Connection) -> tuple[Any, list[int]]:
        _, persons = await school(db)
        answers = Answers()
        case = await storage.cases.open_case(db, persons[0], 1, answers, Risk.HIGH, Desk.WORKERS, NOW)
        return case, [one for one in persons if one != persons[0]] + [999_999]

    case, workers = await crowd.database.transact(scene)

    async def takes(db: Connection, person_id: int) -> bool:
        seen = await storage.cases.get(db, case.id)
        assert seen is not None
        await crowd.met()
        return await storage.cases.take(db, seen, person_id)

    got = await crowd.all(partial(takes, person_id=one) for one in workers)

    assert Counter(got) == {True: 1, False: MANY - 1}
    async with crowd.database.reading() as db:
        taken = await storage.cases.get(db, case.id)
    assert taken is not None
    assert taken.worker_id == workers[got.index(True)]


async def test_every_entry_of_the_log_of_cases_has_a_number_of_its_own(crowd: Crowd) -> None:
    async def logs(db: Connection, number: int) -> None:
        await storage.cases.head(db)
        await crowd.met()
        await storage.cases.log(db, None, "worker", Deed.LISTED, NOW, person_id=number)

    await crowd.database.transact(lambda db: storage.cases.log(db, None, "worker", Deed.LISTED, NOW))
    await crowd.all(partial(logs, number=one) for one in range(MANY))

    async with crowd.database.reading() as db:
        assert (await storage.cases.head(db)).number == MANY + 2  # and what the chain begins with
        assert (await storage.cases.verify(db)).is_whole
        assert await db.value("SELECT COUNT(DISTINCT who) FROM case_log") == MANY


async def test_the_last_use_of_a_code(crowd: Crowd) -> None:
    async def scene(db: Connection) -> tuple[Any, list[int]]:
        network, persons = await school(db)
        return await storage.invites.make(db, network, None, persons[0], 1, NOW + timedelta(days=1)), persons

    invite, persons = await crowd.database.transact(scene)

    async def joins(db: Connection, person_id: int) -> bool:
        found = await storage.invites.find_valid(db, invite.code, NOW)
        await crowd.met()
        if found is None or not await storage.invites.take_use(db, found.id, NOW):
            return False
        await storage.communities.ask_to_join(db, person_id, found.community.id, "parent", "Aysel", NOW)
        return True

    got = await crowd.all(partial(joins, person_id=one) for one in persons)

    assert Counter(got) == {True: 1, False: MANY - 1}
    async with crowd.database.reading() as db:
        assert await db.value("SELECT uses_left FROM invites") == 0
        assert await db.value("SELECT COUNT(*) FROM memberships") == 1


async def test_all_votes_of_one_person_are_one_ballot_and_the_last_wins(crowd: Crowd) -> None:
    async def scene(db: Connection) -> tuple[int, int]:
        network, persons = await school(db)
        asked = Asked("Where to?", ("Zoo", "Park"), multiple=False, whom=Whom.PERSONS, closes_at=None)
        return await storage.polls.add(db, network.id, persons[0], asked, NOW, None), persons[0]

    poll_id, voter = await crowd.database.transact(scene)

    async def votes(db: Connection, number: int) -> None:
        poll = await storage.polls.get(db, poll_id)
        assert poll is not None
        await crowd.met()
        await storage.polls.cast(db, poll_id, voter, 1 << (number % 2), NOW + timedelta(seconds=number))

    await crowd.all(partial(votes, number=one) for one in range(MANY))

    async with crowd.database.reading() as db:
        (ballot,) = await db.all("SELECT choices, cast_at FROM poll_ballots")
        poll = await storage.polls.get(db, poll_id)
        assert poll is not None
        assert (await storage.polls.count(db, poll)).answered == 1
    assert (ballot["choices"], ballot["cast_at"]) == (0b10, to_us(NOW + timedelta(seconds=MANY - 1)))
