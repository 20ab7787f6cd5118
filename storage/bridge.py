"""Which classes lack one of the three parties that make a community: pupils, parents, teachers."""

from dataclasses import dataclass
from datetime import datetime

from domain.requests import Community
from domain.roles import Role
from domain.times import to_us
from storage import communities
from storage.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Gap:
    """A class with its school's name, and who is missing there."""

    community: Community
    school: str
    missing: tuple[Role, ...]


async def gaps_below(
    db: Connection, community_id: int, now: datetime, *, skip: int = 0, most: int = 50
) -> tuple[list[Gap], int]:
    """The classes in and below a community where a party is missing, by school and name, and how many there are in all.
    A head of class is one of the teachers."""
    rows = await db.all(
        f"""SELECT classes.*, COUNT(*) OVER () AS all_of_them
            FROM (SELECT below.*, schools.name AS school,
                         {_has("'pupil'")} AS pupils,
                         {_has("'parent'")} AS parents,
                         {_has("'teacher', 'head_of_class'")} AS teachers
                  FROM communities AS here
                  JOIN communities AS below ON below.path >= here.path AND below.path < here.path || ':'
                  JOIN communities AS schools ON schools.id = below.parent_id
                  WHERE here.id = :id AND below.kind = 'class' AND below.archived_at IS NULL) AS classes
            WHERE NOT (classes.pupils AND classes.parents AND classes.teachers)
            ORDER BY classes.school, classes.name, classes.id
            LIMIT :most OFFSET :skip""",  # noqa: S608 - our names
        id=community_id,
        now=to_us(now),
        most=most,
        skip=skip,
    )
    return [_gap(row) for row in rows], rows[0]["all_of_them"] if rows else 0


def _has(roles: str) -> str:
    return f"""EXISTS (SELECT 1 FROM memberships
                       WHERE memberships.community_id = below.id AND memberships.state = 'active'
                         AND memberships.role IN ({roles})
                         AND (memberships.until IS NULL OR memberships.until > :now))"""  # noqa: S608 - our names


async def has_classes(db: Connection, community_id: int) -> bool:
    """Whether there is a class in or below a community."""
    found = await db.value(
        """SELECT 1 FROM communities AS here
           JOIN communities AS below ON below.path >= here.path AND below.path < here.path || ':'
           WHERE here.id = :id AND below.kind = 'class' AND below.archived_at IS NULL
           LIMIT 1""",
        id=community_id,
    )
    return found is not None


def _gap(row: Row) -> Gap:
    there = {Role.PUPIL: row["pupils"], Role.PARENT: row["parents"], Role.TEACHER: row["teachers"]}
    missing = tuple(role for role, is_there in there.items() if not is_there)
    return Gap(communities.community_of(row), row["school"], missing)
