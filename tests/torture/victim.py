"""Runs the bot as `birge run` does, without pauses between messages, on a disk that can be full.

    python -m tests.torture.victim

SIGUSR1 fills the disk: from then on no database of this process grows by a page. SIGUSR2 makes room again.
"""

import signal
import sqlite3
import sys
from typing import Any

from bot.__main__ import main
from tests.story.mortal import hurry

_NO_LIMIT = 4_294_967_294  # pages
_pages = _NO_LIMIT


class Limited(sqlite3.Connection):
    """A connection that asks, before each statement, how large its database may become."""

    _allowed = _NO_LIMIT

    def _limit(self) -> None:
        if self._allowed != _pages:
            self._allowed = _pages
            super().execute(f"PRAGMA max_page_count = {_pages}")  # never less than there are

    def execute(self, *asked: Any) -> sqlite3.Cursor:
        self._limit()
        return super().execute(*asked)

    def executemany(self, *asked: Any) -> sqlite3.Cursor:
        self._limit()
        return super().executemany(*asked)


def limit_disks() -> None:
    connect = sqlite3.connect

    def limited(*asked: Any, **more: Any) -> Any:
        return connect(*asked, **{"factory": Limited} | more)

    sqlite3.connect = limited
    signal.signal(signal.SIGUSR1, lambda *_: _allow(1))
    signal.signal(signal.SIGUSR2, lambda *_: _allow(_NO_LIMIT))


def _allow(pages: int) -> None:
    global _pages  # noqa: PLW0603 - there is one disk
    _pages = pages


if __name__ == "__main__":
    hurry()
    limit_disks()
    sys.argv[1:] = ["run"]
    main()
