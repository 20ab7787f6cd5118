"""A database with the newest tables for each test, and a ring of keys."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.database import Database
from storage.schema import create_or_migrate
from storage.vault import KeyRing, Vault

NOW = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
RING = KeyRing({"2026-12": b"m" * 32}, b"h" * 32)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with tables and no rows."""
    path = tmp_path_factory.mktemp("empty") / "birge.sqlite3"
    create_or_migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def url(empty: Path, tmp_path: Path) -> str:
    """The address of a database of the test's own."""
    shutil.copy(empty, tmp_path / "birge.sqlite3")
    return f"sqlite:///{tmp_path / 'birge.sqlite3'}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """It, open, with the key of the day."""
    opened = await Database.open(url, Vault(RING))
    async with opened.writing() as db:
        await opened.vault.ready_for(db, NOW)
    yield opened
    await opened.close()
