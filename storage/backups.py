"""Backups that were made, by where they were put: one older than backups are kept must not be there any more, since
what was destroyed meanwhile lies in it whole."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

NOTE = "backup at "  # and its path; the value is its time, ISO


def outlived(noted: Mapping[str, str], now: datetime, kept: timedelta) -> list[tuple[Path, datetime]]:
    """Those of the notes of operation that are too old and still there, the oldest first. What lies on another machine
    can't be seen from here."""
    made = {Path(name.removeprefix(NOTE)): value for name, value in noted.items() if name.startswith(NOTE)}
    known = [(path, datetime.fromisoformat(value)) for path, value in made.items()]
    return sorted(((path, at) for path, at in known if now - at > kept and path.exists()), key=lambda one: one[1])
