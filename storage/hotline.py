"""How the hotline stands: who works for it, what the roster says, who is there for a case right now."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain import countries
from domain.cases import Case
from domain.duty import Pair
from domain.hotline_checklist import Facts, Officer, Setup
from domain.hotline_roles import CONDUCT_VERSION
from domain.ladder import Reached, There
from domain.messages import Body
from domain.requests import Community
from domain.roles import HOTLINE, Role
from domain.times import to_us
from storage import cases, communities, duty, persons
from storage.database import Connection
from storage.duty import Stored

_WORKERS, _SUPERVISORS = frozenset({Role.WORKER}), frozenset({Role.SUPERVISOR})


async def facts(db: Connection, network: Community, setup: Setup, now: datetime) -> Facts:
    """What the checklist looks at, in two statements."""
    stored = await duty.pattern(db, network.id, network.zone)
    return Facts(network.country, await officers(db, network, now), stored.roster if stored else None, setup)


async def roster(db: Connection, network: Community, now: datetime) -> Stored | None:
    """The roster that counts."""
    return await duty.published(db, network.id, network.zone, now.astimezone(ZoneInfo(network.zone)).date())


async def officers(db: Connection, network: Community, now: datetime) -> tuple[Officer, ...]:
    """Who works for the hotline in the network."""
    rows = await db.all(
        """SELECT memberships.person_id, memberships.role, memberships.called,
                  EXISTS (SELECT 1 FROM identities
                          WHERE identities.person_id = memberships.person_id
                            AND identities.unreachable IS NULL) AS is_reached,
                  EXISTS (SELECT 1 FROM conduct_acceptances
                          WHERE conduct_acceptances.person_id = memberships.person_id
                            AND conduct_acceptances.version = :version) AS has_accepted,
                  EXISTS (SELECT 1 FROM memberships AS other
                          JOIN communities ON communities.id = other.community_id
                          WHERE other.person_id = memberships.person_id AND other.state = 'active'
                            AND communities.kind IN ('school', 'class')
                            AND other.role NOT IN ('parent', 'pupil')) AS is_of_a_school
           FROM memberships
           WHERE memberships.community_id = :community_id AND memberships.state = 'active'
             AND memberships.role IN ('worker', 'supervisor')
             AND (memberships.until IS NULL OR memberships.until > :now)
           ORDER BY memberships.id""",
        community_id=network.id,
        version=CONDUCT_VERSION,
        now=to_us(now),
    )
    return tuple(
        Officer(
            row["person_id"],
            Role(row["role"]),
            row["called"],
            bool(row["is_reached"]) and bool(row["has_accepted"]),
            outside=not row["is_of_a_school"],
        )
        for row in rows
    )


async def there_for(db: Connection, case: Case, now: datetime) -> There:
    """Who could be called about a case right now."""
    network = await communities.network(db)
    reached = await cases.reached(db, case, HOTLINE, now)
    supervisors, everybody = reached.nearest(_SUPERVISORS), reached.at_hand(HOTLINE)
    outside = await cases.outside_of(db, case, reached.at_hand(_SUPERVISORS))
    stored = await roster(db, network, now)
    if stored is None:  # it can't be open; whoever waits since before is everybody's
        workers = reached.nearest(_WORKERS)
        return There(True, workers, workers, supervisors, outside, everybody)
    shift = stored.roster.at(now)
    pair = shift.pair if shift else Pair()
    local = _without_roster(reached)
    at_hand = reached.at_hand(_WORKERS)
    worker = [one for one in at_hand if one == pair.worker]
    backup = [one for one in at_hand if one == pair.backup]
    return There(
        shift is not None or bool(local),
        local or worker,
        [*worker, *backup] if local else backup,
        supervisors,
        outside,
        everybody,
    )


def _without_roster(reached: Reached) -> list[int]:
    """Workers of the case's own school or district: the roster is the network's, so they are always on call, and the
    network's come after them."""
    of_network = {one for one, _ in reached.levels[-1]}
    return [one for one in reached.nearest(_WORKERS) if one not in of_network]


async def next_shift(db: Connection, now: datetime) -> datetime | None:
    """When somebody is on duty next; None: somebody is now, or there is no roster."""
    stored = await roster(db, await communities.network(db), now)
    if stored is None or stored.roster.at(now) is not None:
        return None
    following = stored.roster.next(now)
    return following.begins if following else None


async def helplines(db: Connection, person_id: int) -> Body | None:
    """The numbers of the countries a person's communities are in (the network's, while she belongs nowhere) that were
    checked; None: there are none."""
    codes = await persons.countries(db, person_id)
    if not codes:
        root = await communities.root(db)
        codes = [root.country] if root else []
    return countries.numbers_of(countries.get(code) for code in codes)
