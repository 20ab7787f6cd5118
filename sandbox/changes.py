"""Waking whoever waits for something to change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Changes:
    """A counter of changes that can be awaited by any number of waiters; `followers` are called at once."""

    def __init__(self) -> None:
        self.version = 0
        self.followers: list[Callable[[], None]] = []
        self._waiting: set[asyncio.Future[None]] = set()

    def announce(self) -> None:
        self.version += 1
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)
        for follower in self.followers:
            follower()

    async def next(self, seen: int, timeout: float | None = None) -> int:
        """The version once it is beyond `seen`, or the old one after `timeout` seconds."""
        if self.version == seen:
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait([future], timeout=timeout)
            finally:
                self._waiting.discard(future)
        return self.version
