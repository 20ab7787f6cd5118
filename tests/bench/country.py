"""A made-up country in a database: regions, districts, schools, classes of 100, each with its people, a meeting that
is called and a challenge that runs. Made through storage where rows are few, in bulk where they are many; the same
seed and size make the same country.
"""

import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import storage.challenges
import storage.communities
import storage.meetings
from bot.setup import init
from domain.challenges import Plan
from domain.communities import CommunityKind
from domain.meetings import Meeting, MeetingKind
from domain.messages import Lane
from domain.requests import Community
from domain.roles import Role
from domain.times import to_us
from storage.database import Connection, Database
from storage.outbox import card_mark, place_mark
from storage.vault import Vault, read_key_ring
from tests.rota import open_hotline

CLASS_OF = 100  # persons; the first one leads the class
_SCHOOL_OF, _DISTRICT_OF, _REGION_OF = 10, 10, 10  # classes, schools, districts
SCHOOL = CLASS_OF * _SCHOOL_OF  # persons
DISTRICT = SCHOOL * _DISTRICT_OF
REGION = DISTRICT * _REGION_OF
_FIRST_CHAT = 10_000_000
_TOGETHER = 20_000  # rows in one trip
_ZONE, _LANGUAGE = "Asia/Baku", "en"
_REMINDERS_OF_MEETING = 100
_PRAGMAS = ("journal_mode", "synchronous", "page_size")


@dataclass(frozen=True, slots=True)
class Size:
    """How many persons live in a country, and how many reminders lie ahead."""

    persons: int
    reminders: int = 0

    @property
    def classes(self) -> int:
        return self.persons // CLASS_OF


@dataclass(frozen=True, slots=True)
class Country:
    """Where it lies, and how to find people in it without asking the database. Classes count from 0."""

    folder: Path
    size: Size
    on_server: str = ""  # the address of its database, if it is no file

    @property
    def database(self) -> Path:
        return self.folder / "birge.sqlite3"

    @property
    def url(self) -> str:
        return self.on_server or f"sqlite:///{self.database}"

    @property
    def keys(self) -> Path:
        return self.folder / "birge.keys"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Database]:
        """The database, opened as the bot opens it."""
        database = await Database.open(self.url, Vault(read_key_ring(self.keys)))
        try:
            yield database
        finally:
            await database.close()

    async def count_rows(self) -> dict[str, int]:
        """How many rows each table has."""
        async with self.opened() as database, database.reading() as db:
            tables = await db.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            return {row["name"]: await db.value(f"SELECT COUNT(*) FROM {row['name']}") for row in tables}  # noqa: S608

    async def pragmas(self) -> dict[str, str | int]:
        """How the connection that writes is set."""
        async with self.opened() as database, database.writing() as db:
            return {name: await db.value(f"PRAGMA {name}") for name in _PRAGMAS}

    def copy(self, folder: Path) -> "Country":
        """The same country elsewhere."""
        for path in (self.database, self.keys):
            shutil.copy(path, folder)
        return Country(folder, self.size)

    def members(self, of_class: int) -> list[int]:
        """The chats of the persons of a class, without who leads it."""
        first = of_class * CLASS_OF
        return [chat_of(number) for number in range(first + 1, first + CLASS_OF)]

    def all_members(self) -> list[int]:
        return [chat for of_class in range(self.size.classes) for chat in self.members(of_class)]


def chat_of(person: int) -> int:
    """The chat of the person with this number, from 0."""
    return _FIRST_CHAT + person


def meeting_of(chat: int) -> int:
    """The number of the meeting of somebody's class: meetings were called class by class."""
    return (chat - _FIRST_CHAT) // CLASS_OF + 1


async def make(folder: Path, size: Size, seed: int, now: datetime, on_server: str = "") -> Country:
    """Makes the country in a folder of its own, or in a server's empty database with its key ring in the folder."""
    country = Country(folder, size, on_server)
    await init(country.url, country.keys, "Bench", "az", now)
    async with country.opened() as database, database.writing() as db:
        await db.vault.ready_for(db, now)
        await _fill(db, size, random.Random(seed), now)
    return country


async def _fill(db: Connection, size: Size, chance: random.Random, now: datetime) -> None:
    root = await storage.communities.root(db)
    assert root is not None
    await _people(db, size, chance)
    tree = _Tree(db, root)
    for number in range(size.classes):
        await tree.grow(number)
    await db.many(_MEMBER, _memberships(tree, size, now))
    await _challenges(db, tree, size, now)
    await _meetings(db, tree, size, now)
    await db.many(_CARD, _cards(db, size))
    await _reminders(db, size, now)
    await _hotline(db, root, size, now)


class _Tree:
    def __init__(self, db: Connection, root: Community) -> None:
        self._db, self.root = db, root
        self.regions: list[Community] = []
        self.districts: list[Community] = []
        self.schools: list[Community] = []
        self.classes: list[Community] = []

    async def grow(self, number: int) -> None:
        """The class of this number, with what stands above it."""
        school, district = number // _SCHOOL_OF, number // (_SCHOOL_OF * _DISTRICT_OF)
        region = district // _REGION_OF
        await self._reach(self.regions, region, CommunityKind.REGION, self.root)
        await self._reach(self.districts, district, CommunityKind.DISTRICT, self.regions[region])
        await self._reach(self.schools, school, CommunityKind.SCHOOL, self.districts[district])
        await self._reach(self.classes, number, CommunityKind.CLASS, self.schools[school])

    async def _reach(self, row: list[Community], number: int, kind: CommunityKind, parent: Community) -> None:
        if number == len(row):
            name = f"{kind.value} {number + 1}"
            row.append(
                await storage.communities.add(self._db, parent, kind, name, _LANGUAGE, parent.zone, parent.country)
            )


async def _people(db: Connection, size: Size, chance: random.Random) -> None:
    """Persons and their accounts; the supervisor and two workers of the hotline come last."""
    everybody = range(size.persons + 3)
    quiet = [None, None, 21 * 60, 22 * 60]
    for some in _slices(everybody):
        await db.many(
            """INSERT INTO persons (language, zone, quiet_from, quiet_until)
               VALUES (:language, :zone, :quiet_from, :quiet_until)""",
            [
                {
                    "language": _LANGUAGE,
                    "zone": _ZONE,
                    "quiet_from": (begins := chance.choice(quiet)),
                    "quiet_until": None if begins is None else 7 * 60,
                }
                for _ in some
            ],
        )
        await db.many(
            "INSERT INTO identities (person_id, channel, address) VALUES (:person_id, 'telegram', :address)",
            [{"person_id": number + 1, "address": str(chat_of(number))} for number in some],
        )


def _slices(whole: range) -> Iterator[range]:
    for start in range(0, len(whole), _TOGETHER):
        yield whole[start : start + _TOGETHER]


_MEMBER = """INSERT INTO memberships (person_id, community_id, role, called, state, since)
             VALUES (:person_id, :community_id, :role, :called, 'active', :since)"""


def _memberships(tree: _Tree, size: Size, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(size.persons):
        role = Role.PUPIL if number % 2 else Role.PARENT
        yield {
            "person_id": number + 1,
            "community_id": tree.classes[number // CLASS_OF].id,
            "role": (role if number % CLASS_OF else Role.HEAD_OF_CLASS).value,
            "called": f"Person {number + 1}",
            "since": to_us(now),
        }


async def _challenges(db: Connection, tree: _Tree, size: Size, now: datetime) -> None:
    """One in each school, of the head of its first class; everybody takes part."""
    today = now.date()
    plan = Plan("Reading", "Read 20 minutes a day.", today - timedelta(days=2), today + timedelta(days=300))
    ends_at = now + timedelta(days=301)
    for number, school in enumerate(tree.schools):
        author = number * SCHOOL + 1
        await storage.challenges.add(db, school, author, plan, ends_at)
    await db.run("UPDATE challenges SET posting = 0")
    for some in _slices(range(size.persons)):
        await db.many(
            """INSERT INTO challenge_participants (challenge_id, person_id, community_id, joined_at)
               VALUES (:challenge_id, :person_id, :community_id, :now)""",
            [
                {
                    "challenge_id": number // SCHOOL + 1,
                    "person_id": number + 1,
                    "community_id": tree.classes[number // CLASS_OF].id,
                    "now": to_us(now),
                }
                for number in some
            ],
        )


async def _meetings(db: Connection, tree: _Tree, size: Size, now: datetime) -> None:
    """One in each class, called by its head."""
    for number in range(size.classes):
        meeting = Meeting(
            id=0,
            community=tree.classes[number],
            kind=MeetingKind.JOINT,
            title="Spring festival",
            starts_at=now + timedelta(days=300),
            zone=_ZONE,
            called_by=number * CLASS_OF + 1,
            place="Room 12",
        )
        await storage.meetings.add(db, meeting, now)


_CARD = """INSERT INTO deliveries (id, lane, kind, place, place_mark, card_mark, person_id, state, message_id,
                                   not_before, attempts, sent_at)
           VALUES (:id, :lane, 'say', :place, :place_mark, :card_mark, :person_id, 'sent', 9, 0, 1, 1)"""


def _cards(db: Connection, size: Size) -> Iterator[dict[str, Any]]:
    """The invitation that each person got: the ledger grows with the country."""
    for number in range(size.persons):
        leads = number % CLASS_OF == 0
        chat, lane = chat_of(number), Lane.REPLY if leads else Lane.BROADCAST
        place, card = f"telegram:{chat}", f"{'organiser' if leads else 'meeting'}:{meeting_of(chat)}"
        yield {
            "id": db.new_id("deliveries"),
            "lane": int(lane),
            "place": place,
            "place_mark": place_mark(db, lane, place),
            "card_mark": card_mark(db, lane, place, card),
            "person_id": number + 1,
        }


async def _reminders(db: Connection, size: Size, now: datetime) -> None:
    """Far ahead, spread over the meetings and over those whose quiet hours make them earlier."""
    due = to_us(now + timedelta(days=290))
    for some in _slices(range(size.reminders)):
        await db.many(
            """INSERT INTO meeting_reminders (meeting_id, revision, before, due_at, zone, quiet_from, quiet_until,
                                              foreseen, state)
               VALUES (:meeting_id, 0, 'day', :due_at, :zone, :quiet_from, 420, 1, 'waiting')""",
            [
                {
                    "meeting_id": number // _REMINDERS_OF_MEETING % size.classes + 1,
                    "due_at": due + number * 1_000,
                    "zone": f"{_ZONE}{number // _REMINDERS_OF_MEETING // size.classes or ''}",
                    "quiet_from": number % _REMINDERS_OF_MEETING,
                }
                for number in some
            ],
        )


async def _hotline(db: Connection, root: Community, size: Size, now: datetime) -> None:
    for number, role in enumerate((Role.WORKER, Role.WORKER, Role.SUPERVISOR)):
        person_id = size.persons + number + 1
        await storage.communities.add_member(db, person_id, root.id, role, f"Helper {number + 1}", now)
    await open_hotline(db, root, [size.persons + number + 1 for number in range(3)], now)


def now_utc() -> datetime:
    return datetime.now(UTC)
