"""Who leads a community: in it, and else above it."""

from datetime import datetime

from domain.communities import Member
from domain.roles import LEADING, STAFF, Role
from domain.times import to_us
from storage.communities.memberships import MEMBER, member_of
from storage.database import Connection, listed


async def staff(db: Connection, community_id: int, now: datetime) -> list[Member]:
    """Who is who: those who lead a community or care for it."""
    return await _holders(db, community_id, STAFF, now)


async def nearest(
    db: Connection,
    path: str,
    now: datetime,
    roles: frozenset[Role] = LEADING,
    *,
    but: int | None = None,
    grown_up: bool = False,
) -> list[Member]:
    """Those who hold one of `roles` nearest to a community: in it, else above; one entry for each person, none for
    `but`, and with `grown_up` none for a pupil (`holders`)."""
    for community_id in reversed([int(part) for part in path.strip("/").split("/")]):
        found = (await holders(db, [community_id], roles, now, grown_up=grown_up)).get(community_id, [])
        first = {member.person_id: member for member in reversed(found) if member.person_id != but}
        if first:
            return sorted(first.values(), key=lambda member: member.membership_id)
    return []


async def along(db: Connection, path: str, now: datetime, roles: frozenset[Role]) -> list[tuple[int, Member]]:
    """Everybody who holds one of `roles` in a community or above it, with the community's id, the nearest first."""
    up, ids = listed(path.strip("/").split("/"))
    wanted = {f"r{number}": role.value for number, role in enumerate(sorted(roles))}
    rows = await db.all(
        f"""SELECT {MEMBER}, memberships.community_id FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.community_id IN ({up})
              AND memberships.role IN ({", ".join(f":{name}" for name in wanted)})
              AND memberships.state = 'active' AND (memberships.until IS NULL OR memberships.until > :now)
            ORDER BY LENGTH(communities.path) DESC, memberships.id""",  # noqa: S608 - our names
        now=to_us(now),
        **{name: int(one) for name, one in ids.items()},
        **wanted,
    )
    return [(row["community_id"], member_of(row)) for row in rows]


async def leaders_below(db: Connection, path: str, now: datetime, roles: frozenset[Role] = LEADING) -> list[int]:
    """Everybody who leads a community or one below it."""
    wanted = {f"r{number}": role.value for number, role in enumerate(sorted(roles))}
    rows = await db.all(
        f"""SELECT DISTINCT memberships.person_id FROM communities AS below
            JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                            AND memberships.role IN ({", ".join(f":{name}" for name in wanted)})
                            AND (memberships.until IS NULL OR memberships.until > :now)
            WHERE below.path >= :path AND below.path < :behind
            ORDER BY memberships.person_id""",  # noqa: S608 - our names
        path=path,
        behind=path + ":",
        now=to_us(now),
        **wanted,
    )
    return [row["person_id"] for row in rows]


async def holding(db: Connection, community_id: int, role: Role, now: datetime) -> list[Member]:
    """Who holds a role in this very community."""
    return await _holders(db, community_id, frozenset({role}), now)


async def leaders(db: Connection, path: str, now: datetime, roles: frozenset[Role] = LEADING) -> list[int]:
    """The persons who lead a community: those with one of `roles` nearest to it, in it or above."""
    return [member.person_id for member in await nearest(db, path, now, roles)]


async def _holders(db: Connection, community_id: int, roles: frozenset[Role], now: datetime) -> list[Member]:
    return (await holders(db, [community_id], roles, now)).get(community_id, [])


async def holders(
    db: Connection, community_ids: list[int], roles: frozenset[Role], now: datetime, *, grown_up: bool = False
) -> dict[int, list[Member]]:
    """Who holds one of `roles` in each of these very communities. `grown_up`: nobody who is a pupil somewhere, for who
    only looks in: a pupil who leads a fraction is still a child."""
    no_pupil = """AND NOT EXISTS (SELECT 1 FROM memberships AS own
                                  WHERE own.person_id = memberships.person_id AND own.role = 'pupil'
                                    AND own.state = 'active')"""
    names, ids = listed(community_ids)
    wanted = {f"r{number}": role.value for number, role in enumerate(sorted(roles))}
    rows = await db.all(
        f"""SELECT {MEMBER}, memberships.community_id FROM memberships
            WHERE community_id IN ({names}) AND role IN ({", ".join(f":{name}" for name in wanted)})
              AND state = 'active' AND (until IS NULL OR until > :now)
              {no_pupil if grown_up else ""}
            ORDER BY id""",  # noqa: S608 - our names
        now=to_us(now),
        **ids,
        **wanted,
    )
    found: dict[int, list[Member]] = {}
    for row in rows:
        found.setdefault(row["community_id"], []).append(member_of(row))
    return found
