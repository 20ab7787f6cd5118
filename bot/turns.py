"""Turns of what is sent in bulk: reminders before announcements, at the pace the messenger allows for all chats."""

import asyncio
from collections import deque

from bot.pacer import Pacer
from domain.messages import Lane

_SEVERAL = 3  # chats refused within a second pause the bulk lanes


class Turns:
    """One task looks at the clock for all who wait: two hundred that each did would keep the loop busy with nothing
    else."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._lines: dict[Lane, deque[asyncio.Future[None]]] = {Lane.REMINDER: deque(), Lane.BROADCAST: deque()}
        self._refused_at: deque[float] = deque(maxlen=_SEVERAL)
        self._paused_until = 0.0
        self._giving: asyncio.Task[None] | None = None

    async def wait(self, lane: Lane) -> None:
        """Returns when it is this one's turn."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines[lane].append(turn)
        if self._giving is None or self._giving.done():
            self._giving = asyncio.create_task(self._give())
        await turn

    async def _give(self) -> None:
        while any(self._lines.values()):
            now = _now()
            if left := max(self._paused_until - now, 0.0) or self._pacer.wait_in_bulk(now):
                await asyncio.sleep(left)
                continue
            line = self._lines[Lane.REMINDER] or self._lines[Lane.BROADCAST]
            while line:
                turn = line.popleft()
                if not turn.done():  # else whoever waited was stopped
                    turn.set_result(None)
                    break

    def was_refused(self, seconds: float) -> None:
        """A chat was told to wait so long. Where several are at once, it is about all of them."""
        now = _now()
        self._refused_at.append(now)
        if len(self._refused_at) == _SEVERAL and now - self._refused_at[0] < 1.0:
            self._paused_until = now + seconds

    def are_paused(self) -> bool:
        return _now() < self._paused_until

    def stop(self) -> None:
        if self._giving is not None:
            self._giving.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()
