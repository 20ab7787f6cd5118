"""The connection below a database of ours: for tests that reach under it."""

import aiosqlite

from storage.database import Database
from storage.sqlite import SqliteDatabase


def raw_of(database: Database) -> aiosqlite.Connection:
    """The writing connection as aiosqlite has it."""
    assert isinstance(database, SqliteDatabase)
    return database._raw
