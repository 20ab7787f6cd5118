"""What time destroys: cases whose end has come."""

from datetime import datetime

import structlog

import storage.cases
import storage.retention
from domain.cases import COPIES_DELETABLE
from domain.messages import Delete, Lane, Outgoing, ToIdentity
from domain.retention import COPIES_HOLD
from storage.database import Connection, DatabaseFails, savepoint
from storage.retention import Due

logger = structlog.get_logger(__name__)

_AT_ONCE = 200


async def destroy_what_is_due(db: Connection, now: datetime) -> list[Outgoing]:
    """First what was shown of a case leaves the chats it stands in; then the case is destroyed."""
    await storage.retention.set_missing_ends(db, _AT_ONCE)
    said: list[Outgoing] = []
    for one in await storage.retention.due(db, now):
        try:
            async with savepoint(db, "case_"):
                said += await _end(db, one, now)
        except DatabaseFails:
            raise
        except Exception as error:  # noqa: BLE001 - one case must not stop the others; it is told
            logger.error("a case could not be destroyed", why=type(error).__name__, cause="bug")
    return said


async def _end(db: Connection, due: Due, now: datetime) -> list[Outgoing]:
    if due.since is not None and now - due.since < COPIES_HOLD:
        case = await storage.cases.get(db, due.id)
        standing = [] if case is None else await storage.cases.copies_of(db, case)
        if standing:
            return [await _take_back(db, copy, now) for copy in standing if _may_ask(copy, now)]
    await storage.retention.destroy(db, due.id, now)
    return []


def _may_ask(copy: storage.cases.Copy, now: datetime) -> bool:
    return now - copy.shown_at < COPIES_DELETABLE


async def _take_back(db: Connection, copy: storage.cases.Copy, now: datetime) -> Delete:
    await storage.cases.note_asked(db, copy.id, now)
    receipt = ("cases.removed", str(copy.id))
    return Delete(copy.card, to=ToIdentity(copy.identity_id), lane=Lane.CASE, receipt=receipt)
