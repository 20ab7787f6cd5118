"""What time triggers about offers: nobody answered, and it is over."""

from datetime import datetime

import storage.communities
import storage.offers
from domain.messages import Edit, Lane, Outgoing, Say, ToPerson
from domain.offers import outcome, told_to_source
from domain.roles import COORDINATORS
from storage.database import Connection

_AT_ONCE = 200


async def let_lapse(db: Connection, now: datetime) -> list[Outgoing]:
    """Both sides hear: whoever offered it, and whoever could have accepted."""
    said: list[Outgoing] = []
    for offer in await storage.offers.let_lapse(db, now, _AT_ONCE):
        said += [
            Say(told_to_source(offer), to=ToPerson(one), lane=Lane.REMINDER, silent=True)
            for one in await storage.offers.who_hears(db, offer, now)
        ]
        roles = COORDINATORS.leading
        runs_it = await storage.communities.nearest(db, offer.target.path, now, roles)
        for member in runs_it:
            to = ToPerson(member.person_id)
            said.append(Edit(outcome(offer), card=offer.card, to=to))
            said.append(Say(outcome(offer), to=to, lane=Lane.REMINDER, silent=True))
    return said
