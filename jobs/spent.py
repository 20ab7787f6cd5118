"""What time takes of what was said, or was to be: nothing that is over, or was never sent, stays for ever."""

from datetime import datetime, timedelta

import storage.campaigns
import storage.mutes
import storage.newsletters
import storage.offers
from domain.messages import Outgoing
from storage.announcements import changes, planned
from storage.database import Connection

AT_ONCE = 500
DRAFTS_LAST = timedelta(days=60)
OFFERS_LAST = timedelta(days=365)  # as long as the ledger: whoever accepted one may still hear that it was taken back


async def forget(db: Connection, now: datetime) -> list[Outgoing]:
    """Drafts, what was called off, the words of what was taken back, offers and mutes that are over: some of each at
    each look."""
    before = now - DRAFTS_LAST
    await storage.newsletters.drop_drafts_before(db, before)
    await planned.drop_unsent_before(db, before, AT_ONCE)
    await changes.blank_recalled_before(db, before, AT_ONCE)
    await storage.campaigns.drop_unsent_before(db, before, AT_ONCE)
    await storage.offers.drop_before(db, now - OFFERS_LAST, AT_ONCE)
    await storage.mutes.drop_ended(db, now, AT_ONCE)
    return []
