"""Who belongs to a community, and what she is called there."""

from datetime import datetime

from domain.communities import Found, Member
from domain.roles import Role
from domain.times import to_us
from storage.communities.memberships import MEMBER, member_of
from storage.database import Connection


async def members(
    db: Connection, community_id: int, states: tuple[str, ...] = ("active",), *, after: int = 0, most: int = 50
) -> list[Member]:
    """Members by their number, `most` at a time."""
    names = {f"s{number}": state for number, state in enumerate(states)}
    rows = await db.all(
        f"""SELECT {MEMBER} FROM memberships
            WHERE community_id = :community_id AND state IN ({", ".join(f":{name}" for name in names)}) AND id > :after
            ORDER BY id
            LIMIT :most""",  # noqa: S608 - our names
        community_id=community_id,
        after=after,
        most=most,
        **names,
    )
    return [member_of(row) for row in rows]


async def everybody_below(db: Connection, path: str, now: datetime, most: int) -> list[Found]:
    """Who belongs to a community or to one below it: no more than her name and where."""
    rows = await db.all(
        """SELECT memberships.id, memberships.called, memberships.role, below.name, below.path
           FROM communities AS below
           JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                           AND (memberships.until IS NULL OR memberships.until > :now)
           WHERE below.path >= :path AND below.path < :behind
           LIMIT :most""",
        path=path,
        behind=path + ":",
        now=to_us(now),
        most=most,
    )
    return [Found(row["id"], row["called"], Role(row["role"]), row["name"], row["path"]) for row in rows]


async def count_members(db: Connection, community_id: int, now: datetime) -> dict[str, int]:
    """Different persons by role, in the community and below it."""
    rows = await db.all(
        """SELECT memberships.role, COUNT(DISTINCT memberships.person_id) AS persons
           FROM communities
           JOIN communities AS below ON below.path >= communities.path AND below.path < communities.path || ':'
           JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                           AND (memberships.until IS NULL OR memberships.until > :now)
           WHERE communities.id = :id
           GROUP BY memberships.role""",
        id=community_id,
        now=to_us(now),
    )
    return {row["role"]: row["persons"] for row in rows}


async def known_as(db: Connection, person_id: int, path: str) -> str | None:
    """The name a person goes by in a community, or in the nearest one above it where she is known."""
    up = {f"c{number}": int(part) for number, part in enumerate(path.strip("/").split("/"))}
    found = await db.value(
        f"""SELECT memberships.called FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.person_id = :person_id
              AND communities.id IN ({", ".join(f":{name}" for name in up)})
            ORDER BY LENGTH(communities.path) DESC, memberships.state = 'active' DESC, memberships.id DESC
            LIMIT 1""",  # noqa: S608 - our names
        person_id=person_id,
        **up,
    )
    return None if found is None else str(found)


async def called(db: Connection, person_id: int, community_id: int) -> str | None:
    """The name a community knows a person by."""
    found = await db.value(
        """SELECT called FROM memberships
           WHERE person_id = :person_id AND community_id = :community_id
           ORDER BY state = 'active' DESC, id DESC
           LIMIT 1""",
        person_id=person_id,
        community_id=community_id,
    )
    return None if found is None else str(found)
