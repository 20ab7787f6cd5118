"""A database with the newest tables for each test, and a ring of keys."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from storage.database import Database
from storage.vault import KeyRing, Vault

NOW = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
RING = KeyRing({"2026-12": b"m" * 32}, b"h" * 32)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """It, open, with the key of the day."""
    opened = await Database.open(url, Vault(RING))
    async with opened.writing() as db:
        await db.vault.ready_for(db, NOW)
    yield opened
    await opened.close()
