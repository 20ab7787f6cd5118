"""What the posters of a school's classes are made of, in a few statements for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.communities import CommunityKind, Member
from domain.invites import Invite
from domain.requests import Community
from domain.roles import LEADING
from storage import communities, invites, rosters
from storage.database import Connection, listed

_MOST = 200  # classes of one school


@dataclass(frozen=True, slots=True)
class Door:
    """A class's code, who leads it (or else what is above it), and how many there read which language."""

    invite: Invite
    leaders: Sequence[Member]
    spoken: Mapping[str, int]


async def doors_of(db: Connection, school: Community, made_by: int, until: datetime, now: datetime) -> list[Door]:
    """For each class of a school, by name. A class that has no code for everybody gets one."""
    below = await communities.children(db, school.id)
    ids = [one.id for one in below if one.kind == CommunityKind.CLASS][:_MOST]
    if not ids:
        return []
    await rosters.give_codes(db, school, ids, made_by, until, now)
    codes = await invites.newest_of(db, ids, now)
    leaders, above = await communities.holders(db, ids, LEADING, now), await communities.nearest(db, school.path, now)
    spoken = await languages_of_each(db, ids)
    return [Door(codes[one], leaders.get(one) or above, spoken.get(one, {})) for one in ids]


async def languages_of(db: Connection, community_id: int) -> dict[str, int]:
    """How many of a community's people, and of those who wait to be, read which language."""
    return (await languages_of_each(db, [community_id])).get(community_id, {})


async def languages_of_each(db: Connection, community_ids: list[int]) -> dict[int, dict[str, int]]:
    """The same of several, by community."""
    names, wanted = listed(community_ids)
    rows = await db.all(
        f"""SELECT memberships.community_id, persons.language, COUNT(DISTINCT persons.id) AS persons
            FROM memberships
            JOIN persons ON persons.id = memberships.person_id
            WHERE memberships.community_id IN ({names}) AND memberships.state IN ('waiting', 'active')
            GROUP BY memberships.community_id, persons.language""",  # noqa: S608 - names only
        **wanted,
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["community_id"], {})[row["language"]] = row["persons"]
    return found
