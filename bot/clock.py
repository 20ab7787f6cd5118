"""The one place that looks at the clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import structlog

from bot.config import WrongSetting

logger = structlog.get_logger(__name__)

_PATIENCE = 20.0  # seconds that one question to a stand-in's clock may hang
_AGAIN = 1.0
_NO_CLOCK = (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, OverflowError)


class Clock:
    """Real time, plus the offset of a stand-in's clock when one is followed (the demo and the tests move time)."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    @staticmethod
    def machine() -> datetime:
        """The machine's own time, wherever a stand-in's clock stands: for how long something really took."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Returns at that time by this clock, also when the clock is moved."""
        while (left := (moment - self.now()).total_seconds()) > 0:
            moved = self._moved
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), timeout=left)

    @contextlib.asynccontextmanager
    async def following(self, url: str) -> AsyncIterator[None]:
        """Follows a stand-in's clock at `url`, which answers {"now": seconds, "offset": seconds}."""
        async with aiohttp.ClientSession() as session:
            try:
                await self._follow_once(session, url, wait=0)
            except _NO_CLOCK:
                raise WrongSetting(f"BIRGE_CLOCK is wrong: at {url} is no stand-in's clock.") from None
            task = asyncio.create_task(self._follow(session, url))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _follow(self, session: aiohttp.ClientSession, url: str) -> None:
        while True:
            try:
                await self._follow_once(session, url, wait=_PATIENCE)
            except _NO_CLOCK as error:
                logger.warning("the stand-in's clock does not answer", why=type(error).__name__)
                await asyncio.sleep(_AGAIN)

    async def _follow_once(self, session: aiohttp.ClientSession, url: str, *, wait: float) -> None:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE + 10)
        query = {"after": str(self._offset.total_seconds()), "wait": str(wait)}
        async with session.get(url, params=query, timeout=timeout) as response:
            self.set_offset(float((await response.json())["offset"]))

    def set_offset(self, seconds: float) -> None:
        offset = timedelta(seconds=seconds)
        if offset != self._offset:
            self._offset = offset
            self._moved.set()
            self._moved = asyncio.Event()
