"""The end of the program: clean where it can be, and soon in every case."""

import asyncio
import os
import threading
from typing import Any

import structlog

logger = structlog.get_logger(__name__)

WITHIN = 9.0  # seconds: who runs containers kills after 10
CUT_OFF = 3  # the exit code of a stop that was not clean; what was on its way is done again at the next start


class Stop:
    """Told of each request to stop. What hangs in a thread of the database, or anywhere else, can't outlast it."""

    def __init__(self, within: float = WITHIN) -> None:
        self._last = threading.Timer(within, _cut_off, ("the stop took too long and was cut off",))
        self._last.daemon = True
        self._is_asked = False

    def asked(self, work: asyncio.Future[Any]) -> None:
        """The first time the work is cancelled, so that it ends in good order; the second time the program ends."""
        if self._is_asked:
            _cut_off("a second request to stop cut the first one off")
        self._is_asked = True
        self._last.start()
        work.cancel()

    def over(self) -> None:
        """The work has ended."""
        self._last.cancel()


def _cut_off(why: str) -> None:
    logger.error(why)
    os._exit(CUT_OFF)
