"""Keys while the bot runs: a changed key ring is noticed, and what was destroyed goes into the list beside it."""

import asyncio
from datetime import datetime
from pathlib import Path

import structlog

import storage.keys
from bot.clock import Clock
from bot.logs import where_it_broke
from storage import keyring
from storage.database import Database, DatabaseFails
from storage.vault import KeyRingUnusable

logger = structlog.get_logger(__name__)

_PAUSE = 5.0  # seconds


async def keep(database: Database, clock: Clock) -> None:
    """Looks every 5 s, until cancelled."""
    while True:
        try:
            await look(database, clock.now())
        except (DatabaseFails, KeyRingUnusable) as error:
            logger.error("keys are not kept", why=where_it_broke(error))
        await asyncio.sleep(_PAUSE)


async def look(database: Database, now: datetime) -> None:
    """One look. Raises KeyRingUnusable once for each change of the file that can't be used."""
    if database.vault.masters.look_again():
        logger.info("the key ring has changed", newest=database.vault.masters.newest)
    if database.vault.masters.path is not None:
        await _list_destroyed(database, database.vault.masters.path, now)


async def _list_destroyed(database: Database, keys: Path, now: datetime) -> None:
    """First into the list, then out of the table: a crash between the two only lists a key twice."""
    async with database.reading() as db:
        key_ids = await storage.keys.unlisted(db)
    if key_ids:
        await asyncio.to_thread(keyring.note_destroyed, keys, key_ids, now)
        async with database.writing() as db:
            await storage.keys.note_listed(db, key_ids)
