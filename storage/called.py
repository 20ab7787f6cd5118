"""What people are called around a community, and whether they are children there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.roles import Role
from storage.database import Connection, listed


@dataclass(frozen=True, slots=True)
class Called:
    name: str
    is_pupil: bool


async def around(db: Connection, person_ids: Iterable[int], path: str) -> Mapping[int, Called]:
    """By person, the name she goes by in the community at `path`, below it, or above it."""
    names, wanted = listed(person_ids)
    rows = await db.all(
        f"""SELECT memberships.person_id, memberships.called, memberships.role FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.person_id IN ({names})
              AND memberships.state = 'active'
              AND ((communities.path >= :path AND communities.path < :path || ':')
                   OR :path LIKE communities.path || '%')
            ORDER BY LENGTH(communities.path), memberships.id""",  # noqa: S608 - our names
        path=path,
        **wanted,
    )
    pupils = {row["person_id"] for row in rows if row["role"] == Role.PUPIL}
    return {row["person_id"]: Called(row["called"], row["person_id"] in pupils) for row in reversed(rows)}
