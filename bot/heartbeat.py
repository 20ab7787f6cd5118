"""A file beside the database whose time says that the bot works: what `birge health` looks at."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.database import sqlite_path

_FRESH = timedelta(minutes=1)


def _file(url: str) -> Path:
    path = sqlite_path(url)
    return path.with_name(f"{path.name}.heartbeat")


def beat(url: str) -> None:
    """The bot has just finished a round of work."""
    path = _file(url)
    path.touch()
    os.utime(path)


def is_beating(url: str, now: datetime) -> bool:
    """Whether the last round of work is at most a minute old, by the machine's clock."""
    path = _file(url)
    if not path.exists():
        return False
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) < _FRESH
