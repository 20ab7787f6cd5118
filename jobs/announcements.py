"""What time triggers about announcements: messages to many become one delivery per person."""

from datetime import datetime

import storage.outgoings
from domain.messages import Outgoing
from storage.database import Connection

AT_ONCE = 1_000


async def expand_outgoings(db: Connection, now: datetime) -> list[Outgoing]:
    """The next thousand deliveries of the oldest message to many that is not yet wholly expanded."""
    for outgoing in (await storage.outgoings.expanding(db))[:1]:
        await storage.outgoings.expand(db, outgoing, now, AT_ONCE)
    return []
