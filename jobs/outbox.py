"""What time takes out of the outbox: nothing is kept longer than somebody waits for it."""

from datetime import datetime

import storage.ledger
import storage.letters
import storage.outbox
import storage.outgoings
from domain.messages import Outgoing
from storage.database import Connection


async def clear_spent(db: Connection, now: datetime) -> list[Outgoing]:
    """Pauses that are over, and the words of messages to many that everybody has."""
    await storage.outbox.forget_pauses(db, now)
    await storage.outgoings.drop_spent_bodies(db)
    return []


async def drop_old_letters(db: Connection, now: datetime) -> list[Outgoing]:
    """What was given up and nobody sent again."""
    await storage.letters.drop_before(db, now - storage.letters.KEPT_FOR)
    return []


_ROWS_AT_ONCE = 5_000


async def drop_old_ledger(db: Connection, now: datetime) -> list[Outgoing]:
    """Some of what is older than a year, at each look."""
    await storage.ledger.note(db, now.date(), await storage.outbox.newest(db))
    await storage.ledger.drop_before(db, (now - storage.ledger.KEPT_FOR).date(), _ROWS_AT_ONCE)
    return []
