"""What time does with keys: a new master key takes over from the older ones."""

from datetime import datetime

import storage.keys
from domain.messages import Outgoing
from storage.database import Connection

_AT_ONCE = 1_000


async def wrap_keys_again(db: Connection, now: datetime) -> list[Outgoing]:
    """Some of the keys that an older master key wraps; once there are none, since when."""
    if not await storage.keys.wrap_again(db, _AT_ONCE):
        await storage.keys.note_out_of_use(db, now)
    return []
