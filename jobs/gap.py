"""After a gap in which what somebody wrote or tapped may have been lost, everybody is asked in the same harmless words.

Everybody whom the bot can reach: of two phones that lie side by side, the one that is asked would else be that of
somebody with a report. For the same reason nobody comes first, and what a reporter chose for her hours makes no
difference: who chose "only after I write" would be known by hearing nothing.
"""

from datetime import datetime

import storage.cases
import storage.communities
import storage.operation
import storage.persons
from domain.cases import Answers, may_write_at
from domain.messages import Lane, Outgoing, Say, ToIdentity, text
from domain.reminders import QuietHours
from storage.database import Connection

# With a look every 10 seconds these are five a second: they go by the lane of cases, like all that could tell of one,
# and a child in danger must find that lane empty.
_ASKED_AT_ONCE = 50


async def ask_after_gap(db: Connection, now: datetime) -> list[Outgoing]:
    """Each account once for each gap, by day, and after its quiet hours."""
    asking, root = await storage.operation.asking(db), await storage.communities.root(db)
    if asking is None or root is None or _asked_from(root.zone, None, now) != now:
        return []
    asked, behind = await storage.persons.reachable_after(db, asking.reached, _ASKED_AT_ONCE)
    await storage.operation.ask_on(db, asking, behind)
    return [
        _ask_for_what_was_lost(
            one.identity_id,
            _asked_from(one.zone, one.quiet, now),
            storage.cases.once_for(db, asking.gap, one.identity_id),
        )
        for one in asked
    ]


def _asked_from(zone: str, quiet: QuietHours | None, now: datetime) -> datetime:
    """The first moment of day that is not in somebody's quiet hours."""
    at = may_write_at(Answers(), zone, now) or now
    if quiet is None or not quiet.holds(at):
        return at
    return may_write_at(Answers(), zone, quiet.ends(at)) or quiet.ends(at)


def _ask_for_what_was_lost(identity_id: int, at: datetime, once: str) -> Say:
    # NOTE: read by pupils and by teachers: without a form of address. Nothing in it tells of the hotline: it stands on
    # the lock screen, where others may read it.
    told = text("I could not be reached for a while. If a message got no answer, it can simply be sent again.")
    return Say(told, to=ToIdentity(identity_id), lane=Lane.CASE, not_before=at, dedupe_key=once, silent=True)
