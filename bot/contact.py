"""When the messenger was last heard: it keeps what people write for 24 hours, and no longer."""

from collections.abc import Callable
from datetime import datetime, timedelta

import storage.operation
from storage.database import Connection

_NOTED_EVERY = timedelta(minutes=1)


class Contact:
    """`now` is the machine's own time: a stand-in's clock that jumps is no gap. `seconds` is the time that really
    passes; `heard_at` is the last contact by it."""

    def __init__(self, now: Callable[[], datetime], seconds: Callable[[], float]) -> None:
        self._now = now
        self._seconds = seconds
        self._heard: datetime | None = None
        self._noted: datetime | None = None
        self.heard_at = seconds()

    def heard(self) -> None:
        """The messenger has answered, be it that there is nothing."""
        self._heard = self._now()
        self.heard_at = self._seconds()

    async def note(self, db: Connection) -> tuple[datetime, timedelta | None] | None:
        """Writes the last contact down, at most once a minute. Returns it, for kept(), and the gap that it ended."""
        if self._heard is None or (self._noted is not None and self._heard - self._noted < _NOTED_EVERY):
            return None
        return self._heard, await storage.operation.note_contact(db, self._heard)

    def kept(self, noted: datetime) -> None:
        """What note() wrote is committed."""
        self._noted = noted
