"""How time passes in the demo: a minute of its life lasts a second, and between two scenes hours are leapt over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.pacer import Pacer
from domain.messages import Lane
from sandbox import Clock, Sandbox

_STEP, _SECONDS_IN_IT = 0.03, 1.8  # finer than the messenger counts what is sent in a second


class StoryPacer(Pacer):
    """The bot's own rates, counted by the story's clock: hours leapt over have passed for the messenger, too."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, now: float, lane: Lane, place: str, *, is_group: bool, is_live: bool) -> float:
        left = super().wait(self._clock.elapsed(), lane, place, is_group=is_group, is_live=is_live)
        return min(left, _STEP)  # by then more of the story's time may have passed

    def hold(self, now: float, place: str, seconds: float) -> None:
        super().hold(self._clock.elapsed(), place, seconds)


class Passing:
    """The story's calendar: days counted from today, hours on the clocks of `zone`. Time never goes back, and never
    beyond the real now."""

    def __init__(self, sandbox: Sandbox, zone: str) -> None:
        self._clock = sandbox.clock
        self._zone = ZoneInfo(zone)

    def today(self) -> datetime:
        return datetime.now(self._zone)

    def begin(self, day: int, hour: int) -> None:
        self._clock.set(self._at(day, hour))

    def come(self, day: int, hour: int) -> None:
        """It becomes that time, if it isn't past."""
        if self._clock.now() < self._at(day, hour) < datetime.now(UTC):
            self._clock.set(self._at(day, hour))

    def _at(self, day: int, hour: int) -> datetime:
        date = self.today().date() + timedelta(days=day)
        return datetime.combine(date, time(hour), self._zone).astimezone(UTC)

    def come_before_now(self, minutes: float) -> None:
        to = datetime.now(UTC) - timedelta(minutes=minutes)
        if self._clock.now() < to:
            self._clock.set(to)

    def end(self) -> None:
        """From here on it is the time it really is."""
        self._clock.advance(-timedelta(seconds=self._clock.offset))

    @contextlib.asynccontextmanager
    async def quickly(self) -> AsyncIterator[None]:
        """While people act, a minute lasts a second."""
        running = asyncio.create_task(self._run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_STEP)
            if self._clock.offset < -_SECONDS_IN_IT:
                self._clock.advance(timedelta(seconds=_SECONDS_IN_IT))
