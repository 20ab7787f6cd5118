"""A file beside the database whose time says that the bot works: what `birge health` looks at."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.database import path_of

_FRESH = timedelta(minutes=1)


def _file(database: Path) -> Path:
    return database.with_name(f"{database.name}.heartbeat")


def beat(database: Path) -> None:
    """The bot that uses this database file works."""
    path = _file(database)
    path.touch()
    os.utime(path)


def end(database: Path) -> None:
    """The bot stopped as it was asked to."""
    _file(database).unlink(missing_ok=True)


def is_beating(url: str, now: datetime) -> bool:
    """Whether the last beat is at most a minute old, by the machine's clock."""
    path = _file(path_of(url))
    if not path.exists():
        return False
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) < _FRESH
