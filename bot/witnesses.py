"""Verifies the log of the cases beside the bot's other work, every hour and when an auditor asks, and writes down
outside the database what it has seen of it."""

import asyncio
from datetime import datetime
from pathlib import Path

import structlog

import storage.cases
from bot.causes import Cause
from bot.clock import Clock
from bot.logs import where_it_broke
from domain.logbook import EVERY
from storage import witnesses
from storage.cases import Verdict, verdicts
from storage.database import Connection, Database, DatabaseFails

logger = structlog.get_logger(__name__)

_PAUSE = 5.0  # seconds
_PATIENT = 60  # looks in a row


async def keep(database: Database, clock: Clock) -> None:
    """Looks every 5 s whether it is time, until cancelled."""
    failed = 0
    while True:
        try:
            await look(database, clock.now())
            failed = 0
        except Exception as error:  # noqa: BLE001 - whoever changes the log must not end the watch by what she wrote
            failed += 1
            # A database that fails is told of by who watches it; one that only this can't read is not.
            is_short = isinstance(error, DatabaseFails) and failed < _PATIENT
            cause = None if is_short else Cause.LOG_BROKEN
            logger.error("the log of the cases is not watched", why=where_it_broke(error), cause=cause)
        await asyncio.sleep(_PAUSE)


async def look(database: Database, now: datetime) -> Verdict | None:
    """One look; what was found, if it was time. Raises KeyRingUnusable when the list beside the key ring is damaged."""
    async with database.reading() as db:
        is_due, has_breach = await _is_due(db, now), await verdicts.has_breach(db)
    if has_breach:
        number = await database.transact(verdicts.take_breach)
        logger.error("the log of the cases lacks what an auditor holds", entry=number, cause=Cause.LOG_BROKEN)
    return await verify(database, now) if is_due else None


async def _is_due(db: Connection, now: datetime) -> bool:
    known, wanted = await verdicts.last(db), await verdicts.wanted(db)
    if known is None or now - known.at >= EVERY or now < known.at:
        return True
    return wanted is not None and known.at < wanted.at


async def verify(database: Database, now: datetime) -> Verdict:
    """Now, whether it is time or not; the verdict is kept, and what was seen is witnessed."""
    keys = database.vault.masters.path
    async with database.reading() as db:
        verdict = await examine(db, keys, now)
        if not verdict.is_whole:  # what is too old may have gone while it was walked
            verdict = await examine(db, keys, now)
    if not verdict.is_whole:
        logger.error(
            "the log of the cases is not what it was",
            broken=verdict.broken,
            lost=verdict.lost,
            cause=Cause.LOG_BROKEN,
        )
    elif keys is not None and verdict.head.number:
        await asyncio.to_thread(witnesses.note, keys, verdict.head, now)
    await database.transact(lambda db: verdicts.save(db, verdict, now))
    return verdict


async def examine(db: Connection, keys: Path | None, now: datetime) -> Verdict:
    """The log against itself, and against the list beside the key ring. Raises KeyRingUnusable."""
    known = await asyncio.to_thread(witnesses.standing, keys) if keys is not None else []
    return await storage.cases.verify(db, witnesses.by_number(known, now))
