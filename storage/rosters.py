"""Rosters: files that wait for a yes, and the names that classes expect."""

import asyncio
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from domain import roster_files, rosters
from domain.communities import CommunityKind
from domain.invites import Expiry, expires_at
from domain.requests import Community
from domain.roles import Role
from domain.rosters import USES, Expected, Known, Roster, class_key, fold, name_key
from domain.times import from_us, to_us
from storage import communities, invites
from storage.database import Connection, Row
from storage.vault import Sealed

_TABLE = "rosters"
_BELOW = "communities.path >= :path AND communities.path < :path || ':' AND communities.archived_at IS NULL"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A roster that was read and waits for a yes; `names` empty: it is over."""

    id: int
    community: Community
    person_id: int
    names: tuple[Expected, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What keeping a roster changed: its classes with their codes, the school's name beside each."""

    schools: int
    classes: int
    names: int


async def read(content: bytes, of: Community) -> Roster:
    """The file's names, worked out where it keeps nobody else waiting. Raises Refused."""
    return await asyncio.to_thread(lambda: rosters.read(roster_files.read(content), of))


# --- what waits for a yes ---------------------------------------------------------------------------------------------


async def hold(db: Connection, community: Community, person_id: int, names: Iterable[Expected], now: datetime) -> int:
    """Keeps what was read, sealed; the number that the yes names."""
    new_id = await db.value(
        """INSERT INTO rosters (community_id, person_id, made_at)
           VALUES (:community_id, :person_id, :now)
           RETURNING id""",
        community_id=community.id,
        person_id=person_id,
        now=to_us(now),
    )
    plain = zlib.compress(orjson.dumps([(one.school, one.of_class, one.role.value, one.called) for one in names]))
    sealed = db.vault.seal(plain, table=_TABLE, column="content", row=new_id, key=db.vault.draft_key)
    await db.run("UPDATE rosters SET content = :content WHERE id = :id", content=sealed, id=new_id)
    return int(new_id)


async def get(db: Connection, roster_id: int) -> Waiting | None:
    row = await db.one("SELECT * FROM rosters WHERE id = :id", id=roster_id)
    community = await communities.get(db, row["community_id"]) if row else None
    if row is None or community is None:
        return None
    names = await _opened(db, row) if row["content"] is not None else ()
    return Waiting(row["id"], community, row["person_id"], names, from_us(row["made_at"]))


async def _opened(db: Connection, row: Row) -> tuple[Expected, ...]:
    try:
        plain = await db.vault.open(db, row["content"], table=_TABLE, column="content", row=row["id"])
    except Sealed:  # of a day whose drafts are gone: a restore brought the row back
        return ()
    listed = orjson.loads(zlib.decompress(plain))
    return tuple(Expected(school, of_class, Role(role), called) for school, of_class, role, called in listed)


async def end(db: Connection, roster_id: int) -> bool:
    """It waits no more; False when it didn't before."""
    found = await db.value(
        "UPDATE rosters SET content = NULL WHERE id = :id AND content IS NOT NULL RETURNING id", id=roster_id
    )
    return found is not None


async def end_before(db: Connection, before: datetime) -> None:
    await db.run(
        "UPDATE rosters SET content = NULL WHERE content IS NOT NULL AND made_at < :before", before=to_us(before)
    )


# --- classes and names ------------------------------------------------------------------------------------------------


async def known(db: Connection, of: Community) -> Known:
    """The schools and classes below a community (a school: itself), and whom they expect. In a school's own file the
    school has no name."""
    found = await db.all(
        f"""SELECT id, parent_id, kind, name FROM communities
            WHERE kind IN ('school', 'class') AND {_BELOW}
            ORDER BY id""",  # noqa: S608 - our own text
        path=of.path,
    )
    schools: dict[str, int] = {"": of.id} if of.kind == CommunityKind.SCHOOL else {}
    classes: dict[tuple[int, str], int] = {}
    for row in found:
        if row["kind"] == CommunityKind.SCHOOL:
            schools.setdefault(name_key(row["name"]), row["id"])
        else:
            classes.setdefault((row["parent_id"], class_key(row["name"])), row["id"])
    expected = await db.all(
        f"""SELECT expected_names.community_id, expected_names.role, expected_names.folded
            FROM communities
            JOIN expected_names ON expected_names.community_id = communities.id
            WHERE {_BELOW}""",  # noqa: S608 - our own text
        path=of.path,
    )
    return Known(schools, classes, {(row["community_id"], row["role"], row["folded"]) for row in expected})


async def keep(db: Connection, waiting: Waiting, person_id: int, now: datetime) -> Taken:
    """Makes what is missing, keeps the names, and gives each class of the roster a code. In a handful of statements,
    however many classes there are."""
    of, names = waiting.community, waiting.names
    before = await known(db, of)
    plan = rosters.preview(names, before)
    await _make(db, of, CommunityKind.SCHOOL, ((of, name) for name in plan.schools))
    with_schools = await known(db, of) if plan.schools else before
    parents = await _communities(db, of, with_schools.schools.values())
    missing: dict[tuple[int, str], str] = {}
    for one in names:
        place = (with_schools.schools[name_key(one.school)], class_key(one.of_class))
        if place not in with_schools.classes:
            missing.setdefault(place, one.of_class)
    await _make(db, of, CommunityKind.CLASS, ((parents[school_id], name) for (school_id, _), name in missing.items()))
    after = await known(db, of) if missing else with_schools
    placed = [(after.classes[after.schools[name_key(one.school)], class_key(one.of_class)], one) for one in names]
    await db.many(
        """INSERT INTO expected_names (community_id, role, called, folded)
           VALUES (:community_id, :role, :called, :folded)
           ON CONFLICT DO NOTHING""",
        [
            {"community_id": at, "role": one.role.value, "called": one.called, "folded": fold(one.called)}
            for at, one in placed
        ],
    )
    await _recognise_members(db, of)
    await give_codes(
        db, of, sorted({at for at, _ in placed}), person_id, expires_at(Expiry.SCHOOL_YEAR, now, of.zone), now
    )
    return Taken(len(plan.schools), len(missing), sum(plan.names.values()))


async def _communities(db: Connection, of: Community, ids: Iterable[int]) -> Mapping[int, Community]:
    return {one.id: one for one in await communities.several(db, list(ids))} | {of.id: of}


async def _make(db: Connection, of: Community, kind: CommunityKind, wanted: Iterable[tuple[Community, str]]) -> None:
    """New communities under their parents; their paths are known once their numbers are."""
    rows = [
        {
            "parent_id": parent.id,
            "kind": kind.value,
            "name": name,
            "path": f"?{parent.id}?{name}",
            "language": parent.language,
            "zone": parent.zone,
            "country": parent.country,
        }
        for parent, name in wanted
    ]
    if not rows:
        return
    await db.many(
        """INSERT INTO communities (parent_id, kind, name, path, language, zone, country)
           VALUES (:parent_id, :kind, :name, :path, :language, :zone, :country)""",
        rows,
    )
    await db.run(
        """UPDATE communities
           SET path = (SELECT above.path FROM communities AS above WHERE above.id = communities.parent_id)
                      || communities.id || '/'
           WHERE path >= '?' AND path < '@'"""
    )


async def give_codes(
    db: Connection, of: Community, class_ids: Sequence[int], made_by: int, until: datetime, now: datetime
) -> None:
    """A code for everybody for each of these classes that has none that works."""
    have = await db.all(
        f"""SELECT DISTINCT invites.community_id FROM communities
            JOIN invites ON invites.community_id = communities.id
            WHERE {_BELOW} AND invites.made_by IS NOT NULL AND invites.role IS NULL AND invites.revoked_at IS NULL
              AND invites.uses_left > 0 AND invites.expires_at > :now""",  # noqa: S608 - our own text
        path=of.path,
        now=to_us(now),
    )
    with_code = {row["community_id"] for row in have}
    without = [one for one in class_ids if one not in with_code]
    await invites.make_for_classes(db, without, made_by, USES, until)


@dataclass(frozen=True, slots=True)
class ClassCode:
    school: str
    of_class: str
    code: str


async def codes(db: Connection, of: Community, now: datetime) -> list[ClassCode]:
    """The newest code for everybody of each class below, by school and class."""
    rows = await db.all(
        f"""SELECT school.name AS school, communities.name AS of_class, invites.code
            FROM communities
            JOIN communities AS school ON school.id = communities.parent_id
            JOIN invites ON invites.id = (
                SELECT MAX(newest.id) FROM invites AS newest
                WHERE newest.community_id = communities.id AND newest.made_by IS NOT NULL AND newest.role IS NULL
                  AND newest.revoked_at IS NULL AND newest.uses_left > 0 AND newest.expires_at > :now
            )
            WHERE {_BELOW} AND communities.kind = 'class'
            ORDER BY school.name, school.id, communities.name, communities.id""",  # noqa: S608 - our own text
        path=of.path,
        now=to_us(now),
    )
    return [ClassCode(row["school"], row["of_class"], row["code"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Count:
    """How many names of a role are expected, and how many of them have joined."""

    role: Role
    expected: int
    joined: int


async def counts(db: Connection, of: Community) -> list[Count]:
    """By role, in a community and below it."""
    rows = await db.all(
        f"""SELECT expected_names.role, COUNT(*) AS expected, COUNT(memberships.id) AS joined
            FROM communities
            JOIN expected_names ON expected_names.community_id = communities.id
            LEFT JOIN memberships ON memberships.id = expected_names.membership_id AND memberships.state = 'active'
            WHERE {_BELOW}
            GROUP BY expected_names.role""",  # noqa: S608 - our own text
        path=of.path,
    )
    order = list(Role)
    found = [Count(Role(row["role"]), row["expected"], row["joined"]) for row in rows]
    return sorted(found, key=lambda one: order.index(one.role))


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody who is expected and has not joined."""

    of_class: str
    role: Role
    called: str


async def awaited(db: Connection, of: Community, most: int) -> list[Awaited]:
    """Who is expected in a community or below it and has not joined, by class."""
    rows = await db.all(
        f"""SELECT communities.name, expected_names.role, expected_names.called
            FROM communities
            JOIN expected_names ON expected_names.community_id = communities.id
            LEFT JOIN memberships ON memberships.id = expected_names.membership_id AND memberships.state = 'active'
            WHERE {_BELOW} AND memberships.id IS NULL
            ORDER BY communities.path, expected_names.role, expected_names.called, expected_names.id
            LIMIT :most""",  # noqa: S608 - our own text
        path=of.path,
        most=most,
    )
    return [Awaited(row["name"], Role(row["role"]), row["called"]) for row in rows]


async def forget_person(db: Connection, person_id: int, names: Iterable[str]) -> None:
    """Where a class expected her: under the name she joined by, and under any that she went by."""
    await db.run(
        """DELETE FROM expected_names
           WHERE membership_id IN (SELECT id FROM memberships WHERE person_id = :person_id)""",
        person_id=person_id,
    )
    await db.many(
        """DELETE FROM expected_names
           WHERE folded = :folded
             AND community_id IN (SELECT community_id FROM memberships WHERE person_id = :person_id)""",
        [{"folded": fold(name), "person_id": person_id} for name in names],
    )


async def forget(db: Connection, of: Community) -> None:
    """All names that are expected in a community and below it."""
    await db.run(
        f"""DELETE FROM expected_names
            WHERE community_id IN (SELECT communities.id FROM communities WHERE {_BELOW})""",  # noqa: S608 - our own text
        path=of.path,
    )


async def forget_archived_before(db: Connection, before: datetime) -> None:
    """The names of classes that left school, once that can't be undone any more."""
    await db.run(
        """DELETE FROM expected_names
           WHERE community_id IN (SELECT id FROM communities WHERE archived_at < :before)""",
        before=to_us(before),
    )


# --- who joins --------------------------------------------------------------------------------------------------------


async def recognise(db: Connection, community_id: int, role: Role, called: str, membership_id: int) -> bool:
    """Whether a newcomer is on the list of the class in her role: noted beside the name it is, if nobody holds that."""
    rows = await db.all(
        """SELECT expected_names.id, expected_names.called FROM expected_names
           LEFT JOIN memberships ON memberships.id = expected_names.membership_id
                                AND memberships.state IN ('waiting', 'active')
           WHERE expected_names.community_id = :community_id AND expected_names.role = :role
             AND memberships.id IS NULL""",
        community_id=community_id,
        role=role.value,
    )
    found = rosters.fitting(called, {row["id"]: row["called"] for row in rows})
    if found is None:
        return False
    await db.run(
        "UPDATE expected_names SET membership_id = :membership_id WHERE id = :id",
        membership_id=membership_id,
        id=found,
    )
    return True


async def _recognise_members(db: Connection, of: Community) -> None:
    """Those who joined before their class had a list: by the letters of their names alone, which are quickly compared
    however many they are."""
    rows = await db.all(
        f"""SELECT memberships.id, memberships.community_id, memberships.role, memberships.called
            FROM communities
            JOIN memberships ON memberships.community_id = communities.id
                            AND memberships.state IN ('waiting', 'active')
                            AND memberships.role IN ('pupil', 'parent', 'teacher')
            LEFT JOIN expected_names ON expected_names.membership_id = memberships.id
            WHERE {_BELOW} AND expected_names.id IS NULL
            ORDER BY memberships.id""",  # noqa: S608 - our own text
        path=of.path,
    )
    await db.many(
        """UPDATE expected_names SET membership_id = :id
           WHERE community_id = :community_id AND role = :role AND folded = :folded AND membership_id IS NULL""",
        [
            {"id": row["id"], "community_id": row["community_id"], "role": row["role"], "folded": fold(row["called"])}
            for row in rows
        ],
    )
