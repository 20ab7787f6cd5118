"""What the posters of classes are made of, in a few statements for all of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.communities import Member
from domain.invites import Invite
from domain.requests import Community
from domain.roles import LEADING
from storage import communities, invites
from storage.database import Connection, listed


@dataclass(frozen=True, slots=True)
class Door:
    """A class's code, its school, who leads it (or else what is above it), and how many there read which language."""

    invite: Invite
    school: Community
    leaders: Sequence[Member]
    spoken: Mapping[str, int]


async def classes(db: Connection, of: Community, most: int) -> list[int]:
    """The numbers of the classes below a community, `most` at most."""
    rows = await db.all(
        """SELECT id FROM communities
           WHERE kind = 'class' AND archived_at IS NULL AND path >= :path AND path < :path || ':'
           ORDER BY path
           LIMIT :most""",
        path=of.path,
        most=most,
    )
    return [row["id"] for row in rows]


async def doors_of(db: Connection, class_ids: Collection[int], now: datetime) -> list[Door]:
    """Of these classes, those that have a code for everybody."""
    if not class_ids:
        return []
    codes = await invites.newest_of(db, list(class_ids), now)
    above = {int(one) for code in codes.values() for one in code.community.path.strip("/").split("/")}
    schools = {one.id: one for one in await communities.several(db, sorted(above - codes.keys()))}
    leaders = await communities.holders(db, sorted(above), LEADING, now, grown_up=True) if above else {}
    spoken = await languages_of_each(db, list(codes)) if codes else {}
    return [
        Door(code, schools[code.community.parent_id or 0], _nearest(code.community, leaders), spoken.get(one, {}))
        for one, code in codes.items()
    ]


def _nearest(of: Community, leaders: Mapping[int, list[Member]]) -> list[Member]:
    """Whoever leads it: in it, else above; each person once."""
    up = reversed(of.path.strip("/").split("/"))
    found = next((leaders[int(one)] for one in up if int(one) in leaders), [])
    return list({one.person_id: one for one in reversed(found)}.values())[::-1]


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
