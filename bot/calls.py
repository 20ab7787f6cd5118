"""Calls to the messengers: counted while they are on their way, and held back for a moment when asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import structlog

from bot.causes import Cause
from bot.channels.channel import Channel
from bot.logs import where_it_broke
from bot.pipeline import Tap
from domain.messages import Result

logger = structlog.get_logger(__name__)

_QUIET_WITHIN = 1.0
_TOAST_LIVES = 15.0


class Calls:
    """`ended` hears when an answer to a tap is done with."""

    def __init__(self, channels: Mapping[str, Channel], ended: Callable[[], None]) -> None:
        self._channels = channels
        self._ended = ended
        self.taps: set[asyncio.Task[None]] = set()
        self.on_their_way = 0
        self._none, self._may_begin = asyncio.Event(), asyncio.Event()
        self._may_begin.set()

    async def call(self, channel: str, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result:
        while not self._may_begin.is_set():  # it may be quiet again before this task goes on
            await self._may_begin.wait()
        self.on_their_way += 1
        try:
            return await self._channels[channel].send(kind, address, body, target)
        finally:
            self.on_their_way -= 1
            if not self.on_their_way:
                self._none.set()

    @contextlib.asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """No call begins meanwhile; those on their way are waited for, but not for long."""
        self._may_begin.clear()
        try:
            if self.on_their_way:
                self._none.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._none.wait(), _QUIET_WITHIN)
            yield
        finally:
            self._may_begin.set()

    def tell_taps(self, taps: Sequence[Tap]) -> None:
        """Answers taps at once; an answer that doesn't get through is not repeated, the card says the same."""
        for tap in taps:
            task = asyncio.create_task(self._tell_tap(tap))
            self.taps.add(task)
            task.add_done_callback(self._tap_told)

    async def _tell_tap(self, tap: Tap) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TOAST_LIVES):
                await self.call(tap.channel, "toast", "", tap.body, None)

    def _tap_told(self, task: asyncio.Task[None]) -> None:
        self.taps.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("an answer to a tap broke", why=where_it_broke(error), cause=Cause.BUG)
        self._ended()
