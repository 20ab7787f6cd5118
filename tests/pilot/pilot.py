"""The pilot from its list to its second year: one file, everybody joins, an announcement, the new school year and back.

All of it goes through the pipeline as it does in a messenger; only the messenger is in memory. Each part is timed.
"""

import hashlib
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import storage.announcements
import storage.communities
import storage.persons
import storage.rosters
from domain.announcements import Counts
from domain.communities import CommunityKind
from domain.roles import Role
from storage.database import Connection
from tests.month.life import BEGIN, Life, opened
from tests.month.phones import Phone, Player, Script
from tests.papers import page_count
from tests.pilot.people import Newcomer, Order

_DISTRICT, _COORDINATOR, _FIRST_HEAD, _FILE = "Nəsimi", "1000", 2_000, "list"
_ROLES = {Role.PUPIL: "Pupil", Role.PARENT: "Parent", Role.TEACHER: "Teacher"}
_TOUCHED = ("communities", "memberships", "invites", "chats")
_MOST_TICKS = 1_000


@dataclass
class Found:
    """What came out. `seconds`: by part; `cpu_seconds`, `peak_mb`: of this process, messenger and all."""

    persons: int = 0
    updates: int = 0
    unheard: int = 0
    classes: int = 0
    expected: int = 0
    posters: int = 0  # printed pages that came with the codes, in so many files
    poster_files: int = 0
    joined: int = 0
    recognised: int = 0  # whose name was found on the list of the class
    parents: int = 0
    counted: dict[str, int] = field(default_factory=dict)  # the ledger of the announcement
    ledger_rows: int = 0
    received: int = 0
    moved: int = 0
    left: int = 0
    ended: int = 0
    changed_by_the_move: bool = False
    same_after_undo: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    peak_mb: int = 0

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[part] = round(time.monotonic() - began, 2)


async def play(order: Order, folder: Path) -> Found:
    found = Found(persons=order.persons)
    async with opened(folder) as life:
        coordinator = await _district(life)
        codes = await _sends_the_list(life, found, coordinator, order)
        heads = await _heads(life, order)
        await _everybody_joins(life, found, order, codes, heads)
        await _announces(life, found, coordinator)
        await _begins_a_year(life, found, coordinator)
        found.updates, found.unheard = life.updates, life.unheard
    used = resource.getrusage(resource.RUSAGE_SELF)
    found.cpu_seconds, found.peak_mb = round(used.ru_utime + used.ru_stime, 1), used.ru_maxrss // 1024
    return found


def is_right(found: Found, order: Order) -> bool:
    """Whether everything adds up to the last row."""
    parents, ledger = found.parents, found.counted
    return (
        found.classes == found.posters == len(order.classes)
        and found.expected == found.joined == found.recognised == found.persons
        and ledger == {"all": parents, "sent": parents, "lost": 0}
        and found.ledger_rows == found.received == parents
        and found.moved + found.left == found.classes
        and found.changed_by_the_move
        and found.same_after_undo
        and not found.unheard
    )


# --- the list ---------------------------------------------------------------------------------------------------------


async def _district(life: Life) -> Phone:
    async with life.database.writing() as db:
        network = await storage.communities.network(db)
        district = await storage.communities.add(
            db, network, CommunityKind.DISTRICT, _DISTRICT, network.language, network.zone, network.country
        )
        await _member(db, _COORDINATOR, district.id, Role.COORDINATOR)
    return life.phone(_COORDINATOR)


async def _member(db: Connection, address: str, community_id: int, role: Role) -> None:
    known = await storage.persons.meet(db, "telegram", address, "en", "Asia/Baku")
    await storage.communities.add_member(db, known.person.id, community_id, role, role.value, BEGIN)


async def _sends_the_list(life: Life, found: Found, coordinator: Phone, order: Order) -> dict[tuple[str, str], str]:
    """The codes that the coordinator gets, by school and class."""
    rows = [f"{one.of_class};{one.name};{one.role};{one.school}" for at_once in order.rounds() for one in at_once]
    life.phones.files[_FILE] = "\n".join(["class;name;role;school", *rows]).encode()
    with found.timed("list"):
        await life.play([Player(coordinator, _reads(_FILE))])
    with found.timed("list_kept"):
        await life.play([Player(coordinator, iter_of(("tap", "Add them")))])
    found.classes = await _value(life, "SELECT COUNT(*) FROM communities WHERE kind = 'class'")
    found.expected = await _value(life, "SELECT COUNT(*) FROM expected_names")
    files = _posters(coordinator)
    found.posters, found.poster_files = sum(page_count(one) for one in files), len(files)
    async with life.database.reading() as db:
        network = await storage.communities.network(db)
        codes = await storage.rosters.codes(db, network, life.clock.now())
    return {(one.school, one.of_class): one.code for one in codes}


def iter_of(*acts: tuple[str, str]) -> Script:
    yield from acts


def _reads(file: str) -> Script:
    yield "words", "/home"
    yield "tap", _DISTRICT
    yield "tap", "Class lists"
    yield "tap", "Send a list"
    yield "file", file


def _posters(phone: Phone) -> list[bytes]:
    """The files to print that the bot sent."""
    files = [body["media"] for body in phone.shown.values() if body.get("media")]
    return [media["content"] for media in files if media["name"].startswith("posters")]


# --- joining ----------------------------------------------------------------------------------------------------------


async def _heads(life: Life, order: Order) -> dict[tuple[str, str], Phone]:
    """A head for each class; she was let in before."""
    heads = {}
    async with life.database.writing() as db:
        rows = await db.all(
            """SELECT communities.id, communities.name, school.name AS school FROM communities
               JOIN communities AS school ON school.id = communities.parent_id
               WHERE communities.kind = 'class'"""
        )
        ids = {(row["school"], row["name"]): row["id"] for row in rows}
        for number, place in enumerate(order.classes):
            address = str(_FIRST_HEAD + number)
            await _member(db, address, ids[place], Role.HEAD_OF_CLASS)
            heads[place] = life.phone(address)
    return heads


async def _everybody_joins(
    life: Life, found: Found, order: Order, codes: dict[tuple[str, str], str], heads: dict[tuple[str, str], Phone]
) -> None:
    with found.timed("joins"):
        for at_once in order.rounds():
            life.clock.moment += timedelta(minutes=1)
            phones = {one.address: life.phone(one.address) for one in at_once}
            await life.play([Player(phones[one.address], _joins(one, codes)) for one in at_once])
            deciders = [heads[one.school, one.of_class] for one in at_once]
            found.recognised += sum("On the list" in head.last for head in deciders)
            await life.play([Player(head, iter_of(("tap", "Accept"))) for head in deciders])
            for phone in (*phones.values(), *deciders):
                phone.shown.clear()
    in_parties = "memberships WHERE role IN ('pupil', 'parent', 'teacher') AND state = 'active'"
    found.joined = await _value(life, f"SELECT COUNT(*) FROM {in_parties}")  # noqa: S608 - our own text
    found.parents = await _value(life, "SELECT COUNT(*) FROM memberships WHERE role = 'parent' AND state = 'active'")


def _joins(one: Newcomer, codes: dict[tuple[str, str], str]) -> Script:
    yield "words", f"/start {codes[one.school, one.of_class]}"
    yield "tap", _ROLES[one.role]
    yield "words", one.name


# --- the announcement -------------------------------------------------------------------------------------------------


async def _announces(life: Life, found: Found, coordinator: Phone) -> None:
    """To all parents of the district; until nothing of it waits."""
    with found.timed("preview"):
        await life.play([Player(coordinator, _writes())])
    with found.timed("announcement"):
        await life.play([Player(coordinator, iter_of(("tap", "Send")))])
        for _ in range(_MOST_TICKS):
            await life.at(life.clock.now() + timedelta(seconds=1))
            if not await _value(life, "SELECT COUNT(*) FROM outgoings WHERE state = 'expanding'"):
                break
    async with life.database.reading() as db:
        number = await db.value("SELECT MAX(id) FROM announcements")
        made = await storage.announcements.get(db, number)
        assert made is not None
        counts: Counts = await storage.announcements.count(db, made)
    found.counted = {"all": counts.all, "sent": counts.sent, "lost": counts.lost}
    found.ledger_rows = await _value(
        life, "SELECT COUNT(*) FROM deliveries WHERE outgoing_id IS NOT NULL AND state = 'sent'"
    )
    found.received = sum(
        sum("📢" in str(body["html"]) for body in phone.shown.values()) == 1
        for phone in life.phones.all.values()
        if phone is not coordinator
    )


def _writes() -> Script:
    yield "words", "/announce"
    yield "tap", "Whole: "
    yield "words", "The first joint meeting is on Friday."
    yield "tap", "Parents"


# --- the new school year ----------------------------------------------------------------------------------------------


async def _begins_a_year(life: Life, found: Found, coordinator: Phone) -> None:
    before = await _rows(life)
    acts = iter_of(("words", "/home"), ("tap", _DISTRICT), ("tap", "Manage"), ("tap", "New school year"))
    with found.timed("year_preview"):
        await life.play([Player(coordinator, acts)])
    with found.timed("year"):
        await life.play([Player(coordinator, iter_of(("tap", "Begin it")))])
    found.changed_by_the_move = await _rows(life) != before
    found.moved = await _value(life, "SELECT COUNT(*) FROM moved_classes WHERE after IS NOT NULL")
    found.left = await _value(life, "SELECT COUNT(*) FROM moved_classes WHERE after IS NULL")
    found.ended = await _value(life, "SELECT COUNT(*) FROM ended_memberships")
    with found.timed("undo"):
        await life.play([Player(coordinator, iter_of(("tap", "Undo the move")))])
    found.same_after_undo = await _rows(life) == before


async def _rows(life: Life) -> str:
    """A hash of every row that a new year touches."""
    digest = hashlib.sha256()
    async with life.database.reading() as db:
        for table in _TOUCHED:
            columns = [column.name for column in await db.columns(table)]
            for row in await db.all(f"SELECT * FROM {table} ORDER BY id"):  # noqa: S608 - our tables
                digest.update(repr([row[name] for name in columns]).encode())
    return digest.hexdigest()


async def _value(life: Life, sql: str) -> int:
    async with life.database.reading() as db:
        return int(await db.value(sql))
