"""What time triggers about PINs and pages: what nobody needs any more is forgotten."""

from datetime import datetime, timedelta

import storage.pins
from domain.messages import Outgoing
from storage.database import Connection

_KEYPADS_LAST = timedelta(hours=24)


async def forget(db: Connection, now: datetime) -> list[Outgoing]:
    """Shifts that are over, and keypads with all that waited for them."""
    await storage.pins.forget_before(db, now, now - _KEYPADS_LAST)
    return []
