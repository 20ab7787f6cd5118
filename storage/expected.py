"""Expected names: whom classes wait for, as their rosters say, and who of them has joined."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain import rosters
from domain.requests import Community
from domain.roles import Role
from domain.rosters import Expected, fold
from domain.times import to_us
from storage.database import Connection

_BELOW = "communities.path >= :path AND communities.path < :path || ':' AND communities.archived_at IS NULL"


async def known(db: Connection, of: Community) -> set[tuple[int, str, str]]:
    """Class, role and folded name of everybody who is expected in a community and below it."""
    rows = await db.all(
        f"""SELECT expected_names.community_id, expected_names.role, expected_names.folded
            FROM communities
            JOIN expected_names ON expected_names.community_id = communities.id
            WHERE {_BELOW}""",  # noqa: S608 - our own text
        path=of.path,
    )
    return {(row["community_id"], row["role"], row["folded"]) for row in rows}


async def save(db: Connection, of: Community, placed: Iterable[tuple[int, Expected]], now: datetime) -> None:
    """Each class with somebody it expects from now on; who is expected already stays as she is."""
    await db.many(
        """INSERT INTO expected_names (community_id, role, called, folded, listed_at)
           VALUES (:community_id, :role, :called, :folded, :now)
           ON CONFLICT (community_id, role, folded) DO UPDATE
           SET listed_at = excluded.listed_at""",
        [
            {
                "community_id": at,
                "role": one.role.value,
                "called": one.called,
                "folded": fold(one.called),
                "now": to_us(now),
            }
            for at, one in placed
        ],
    )
    await _recognise_members(db, of)


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


async def forget_listed_before(db: Connection, before: datetime) -> None:
    """Names that no roster has had since then: a list is for one school year."""
    await db.run("DELETE FROM expected_names WHERE listed_at < :before", before=to_us(before))


async def of_person(db: Connection, person_id: int) -> list[int]:
    """The expected names that somebody joined by."""
    rows = await db.all(
        """SELECT expected_names.id FROM memberships
           JOIN expected_names ON expected_names.membership_id = memberships.id
           WHERE memberships.person_id = :person_id""",
        person_id=person_id,
    )
    return [row["id"] for row in rows]


async def follow(db: Connection, joined: Iterable[int], person_id: int) -> None:
    """These names, by which somebody joined on two accounts that became one, are of what she is in the class now."""
    await db.many(
        """UPDATE expected_names
           SET membership_id = (SELECT MAX(now.id) FROM memberships AS now
                                WHERE now.person_id = :person_id AND now.community_id = expected_names.community_id
                                  AND now.role = expected_names.role AND now.state IN ('waiting', 'active'))
           WHERE id = :id""",
        [{"id": one, "person_id": person_id} for one in joined],
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
