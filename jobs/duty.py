"""Whoever can't be on duty any more leaves a gap in the roster: the heads of the helpers are told."""

from datetime import datetime

import storage.communities
import storage.duty
import storage.hotline
from domain.duty import Roster
from domain.messages import Outgoing, Say, ToPerson, Words, text
from domain.roles import Role
from storage.database import Connection


async def tell_gaps(db: Connection, now: datetime) -> list[Outgoing]:
    """Once for each person who stands in the roster, but holds the role no more or can't be reached."""
    network = await storage.communities.root(db)
    stored = await storage.duty.pattern(db, network.id, network.zone) if network else None
    if network is None or stored is None:
        return []
    officers = await storage.hotline.officers(db, network, now)
    able = {one.person_id for one in officers if one.ready and one.role is Role.WORKER}
    absent = _on(stored.roster) - able
    if absent == stored.told:
        return []
    await storage.duty.save_told(db, stored.id, absent)
    supervisors = {one.person_id for one in officers if one.ready and one.role is Role.SUPERVISOR}
    said: list[Outgoing] = []
    for person_id in sorted(absent - stored.told):
        name = await storage.communities.known_as(db, person_id, network.path)
        told = text("%(name)s can't be on duty any more. Others are called instead. /duty", name=Words(name or "?"))
        said += [Say(told, to=ToPerson(one)) for one in sorted(supervisors)]
    return said


def _on(roster: Roster) -> frozenset[int]:
    """Everybody who stands in it."""
    both = ((pair.worker, pair.backup) for pair in roster.pairs.values())
    return frozenset(one for pair in both for one in pair if one is not None)
