"""The weekly test of the hotline: when the next one is due, and how the last one ended."""

import json
import secrets
from datetime import datetime, timedelta

from domain.canary import MINUTES, Canary, Ended
from domain.cases import Case
from domain.times import coarse, from_us, to_us
from storage import operation
from storage.database import Connection

_NEXT, _LAST = "next test of the hotline", "last test of the hotline"
_TAKEN_AT = "last test of the hotline that was taken"


def random_minute() -> int:
    return secrets.randbelow(MINUTES)


async def next_at(db: Connection) -> datetime | None:
    noted = await operation.read(db, _NEXT)
    return None if noted is None else from_us(int(noted))


async def save_next(db: Connection, at: datetime) -> None:
    await operation.write(db, _NEXT, str(to_us(at)))


async def last(db: Connection) -> Canary | None:
    noted = await operation.read(db, _LAST)
    if noted is None:
        return None
    sent_at, ended, minutes = json.loads(noted)
    return Canary(from_us(sent_at), Ended(ended), minutes)


async def save_last(db: Connection, canary: Canary) -> None:
    await operation.write(db, _LAST, json.dumps([to_us(canary.sent_at), canary.ended.value, canary.minutes]))


async def finish(db: Connection, case: Case, ended: Ended, now: datetime) -> Canary:
    """The test is over, in whatever state it was; what it leaves is marked as a test for good."""
    closed_at = to_us(coarse(now, timedelta(minutes=1)))
    await db.run("UPDATE cases SET state = 'closed', closed_at = :now WHERE id = :id", now=closed_at, id=case.id)
    canary = Canary(case.opened_at, ended, max((now - case.opened_at) // timedelta(minutes=1), 0))
    await save_last(db, canary)
    if ended is Ended.TAKEN:
        await operation.write(db, _TAKEN_AT, str(closed_at))
    return canary


async def last_taken_at(db: Connection) -> datetime | None:
    noted = await operation.read(db, _TAKEN_AT)
    return None if noted is None else from_us(int(noted))
