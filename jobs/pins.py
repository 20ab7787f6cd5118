"""What time triggers about PINs and pages: what nobody needs any more is forgotten."""

from datetime import datetime, timedelta

import storage.communities
import storage.pages
import storage.pins
from domain.messages import Outgoing
from domain.paging import KEPT_FOR
from storage.database import Connection

_KEYPADS_LAST = timedelta(hours=24)


async def forget(db: Connection, now: datetime) -> list[Outgoing]:
    """Shifts that are over, keypads with all that waited for them, pages long sent; and of whoever holds no office any
    more her PIN (a psychologist keeps hers) and her address."""
    await storage.pins.forget_before(db, now, now - _KEYPADS_LAST)
    await storage.pages.forget_before(db, now - KEPT_FOR)
    held = await storage.communities.officers(db, now)
    await storage.pins.keep_only(db, [*held, *await storage.communities.psychologists(db, now)])
    await storage.pages.keep_only(db, held)
    return []
