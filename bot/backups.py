"""While the bot runs: whoever runs it is told of backups that are older than they may be."""

import asyncio
from datetime import datetime, timedelta

import structlog

import storage.operation
from bot.causes import Cause
from bot.clock import Clock
from bot.logs import where_it_broke
from storage.backups import NOTE, outlived
from storage.database import Database, DatabaseFails

logger = structlog.get_logger(__name__)

_EVERY = 6 * 3_600.0  # seconds
_REMEMBERED = timedelta(days=365)  # a disk that was away meanwhile may come back


async def keep_an_eye(database: Database, clock: Clock, kept: timedelta) -> None:
    """Looks four times a day, until cancelled."""
    while True:
        try:
            await look(database, clock.now(), kept)
        except (DatabaseFails, OSError) as error:
            logger.error("backups can't be looked at", why=where_it_broke(error))
        await asyncio.sleep(_EVERY)


async def look(database: Database, now: datetime, kept: timedelta) -> None:
    async with database.reading() as db:
        noted = await storage.operation.beginning(db, NOTE)
    old = await asyncio.to_thread(outlived, noted, now, kept)
    if old:
        logger.error("backups are older than they may be", count=len(old), cause=Cause.OLD_BACKUP)
    spent = [name for name, at in noted.items() if now - datetime.fromisoformat(at) > kept + _REMEMBERED]
    if spent:
        async with database.writing() as db:
            for name in spent:
                await storage.operation.forget(db, name)
