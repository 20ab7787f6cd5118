"""What the posters of a school's classes are made of, in a few statements for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.communities import CommunityKind, Member
from domain.invites import Invite
from domain.requests import Community
from domain.roles import LEADING
from storage import communities, invites, rosters
from storage.database import Connection

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
    spoken = await communities.languages_of_each(db, ids)
    return [Door(codes[one], leaders.get(one) or above, spoken.get(one, {})) for one in ids]
