"""The sandbox's time: the real clock and an offset, or a frozen moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sandbox.changes import Changes

# Telegram's dates are 32-bit: beyond them no message has a date.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2038, 1, 18, tzinfo=UTC)


class Clock:
    """Says what time it is for everyone in the sandbox; `changes` tells when somebody moved it."""

    def __init__(self, frozen: datetime | None = None) -> None:
        self.changes = Changes()
        self._frozen = frozen.astimezone(UTC) if frozen else None
        self._offset = self._measured_offset()
        self._skipped = 0.0
        # Whether somebody who follows the clock over HTTP knows the present offset.
        self.followed = False

    def now(self) -> datetime:
        return self._frozen or datetime.now(UTC) + timedelta(seconds=self._offset)

    @property
    def offset(self) -> float:
        """Seconds ahead of the real clock; for a frozen clock, as it was when last moved."""
        return self._offset

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def elapsed(self) -> float:
        """Seconds that only grow: what rate limits count by. A jump forward is time passed, one back is not."""
        return time.monotonic() + self._skipped

    def advance(self, by: timedelta) -> None:
        self._move(self.now() + by, by)

    def set(self, to: datetime) -> None:
        if to.tzinfo is None:
            raise ValueError("The sandbox's clock needs a time with its zone.")
        self._move(to, to - self.now())

    def _move(self, to: datetime, by: timedelta) -> None:
        if not EARLIEST <= to <= LATEST:
            raise ValueError(f"Telegram knows no such time: {to}")
        if self._frozen:
            self._frozen = to.astimezone(UTC)
            self._offset = self._measured_offset()
        else:
            self._offset += by.total_seconds()
        self._skipped += max(0.0, by.total_seconds())
        self.followed = False
        self.changes.announce()

    def _measured_offset(self) -> float:
        return (self._frozen - datetime.now(UTC)).total_seconds() if self._frozen else 0.0
