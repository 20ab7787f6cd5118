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
from domain.rosters import USES, Expected, Known, Roster, class_key, name_key
from domain.times import from_us, to_us
from storage import communities, expected, invites
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
    """What keeping a roster changed: how much it made, and which classes have a code since."""

    schools: int
    classes: int
    names: int
    with_new_code: Sequence[int]


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
    twins: set[str] = set()
    for row in found:
        if row["kind"] == CommunityKind.SCHOOL:
            twins |= {name_key(row["name"])} & schools.keys()
            schools.setdefault(name_key(row["name"]), row["id"])
        else:
            classes.setdefault((row["parent_id"], class_key(row["name"])), row["id"])
    return Known(schools, classes, await expected.known(db, of), twins)


async def keep(db: Connection, waiting: Waiting, person_id: int, now: datetime) -> Taken:
    """Makes what is missing, keeps the names, and gives each class of the roster a code. In a handful of statements,
    however many classes there are."""
    of, names = waiting.community, waiting.names
    before = await known(db, of)
    plan = rosters.preview(names, before)
    await _make(db, of, CommunityKind.SCHOOL, ((of, name) for name in plan.schools))
    schools = (await known(db, of) if plan.schools else before).schools
    missing = {
        (schools[name_key(one.school)], class_key(one.of_class)): one.of_class
        for one in reversed(names)  # of several spellings the first is the class's name
    }
    missing = {place: missing[place] for place in reversed(missing) if place not in before.classes}
    parents = await _communities(db, of, {school_id for school_id, _ in missing})
    await _make(db, of, CommunityKind.CLASS, ((parents[school_id], name) for (school_id, _), name in missing.items()))
    after = await known(db, of) if missing or plan.schools else before
    await list_again(db, of, names, after, now)
    until = expires_at(Expiry.SCHOOL_YEAR, now, of.zone)
    new = await give_codes(db, of, sorted({at for at, _ in _placed(names, after)}), person_id, until, now)
    return Taken(len(plan.schools), len(missing), sum(plan.names.values()), new)


async def list_again(db: Connection, of: Community, names: Iterable[Expected], known: Known, now: datetime) -> None:
    """The classes expect these from now on, those that they expected before for another year."""
    await expected.save(db, of, _placed(names, known), now)


def _placed(names: Iterable[Expected], known: Known) -> list[tuple[int, Expected]]:
    """Each of them with the number of her class, which is there."""
    return [(known.classes[known.schools[name_key(one.school)], class_key(one.of_class)], one) for one in names]


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
) -> list[int]:
    """A code for everybody for each of these classes that has none that works; which those are."""
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
    return without


@dataclass(frozen=True, slots=True)
class ClassCode:
    school_id: int
    school: str
    of_class: str
    code: str


async def codes(db: Connection, of: Community, now: datetime) -> list[ClassCode]:
    """The newest code for everybody of each class below."""
    rows = await db.all(
        f"""SELECT school.id AS school_id, school.name AS school, communities.name AS of_class, invites.code
            FROM communities
            JOIN communities AS school ON school.id = communities.parent_id
            JOIN invites ON invites.id = (
                SELECT MAX(newest.id) FROM invites AS newest
                WHERE newest.community_id = communities.id AND newest.made_by IS NOT NULL AND newest.role IS NULL
                  AND newest.revoked_at IS NULL AND newest.uses_left > 0 AND newest.expires_at > :now
            )
            WHERE {_BELOW} AND communities.kind = 'class'
            ORDER BY communities.id""",  # noqa: S608 - our own text
        path=of.path,
        now=to_us(now),
    )
    return [ClassCode(row["school_id"], row["school"], row["of_class"], row["code"]) for row in rows]
