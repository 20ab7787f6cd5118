"""How time passes in the demo: a minute of its life lasts a second, and between two scenes hours are leapt over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.pacer import Pacer, Rate
from sandbox import Sandbox

_STEP, _SECONDS_IN_IT = 0.03, 1.8
_BULK = Rate(1 / 20)  # the story's time passes in leaps, so that a send may arrive a moment late
_A_SEND = 1 / 25  # seconds of the story: a crowd that is answered at once stays under 30 messages a second


class Passing:
    """The story's calendar: days counted from today, hours on the clocks of `zone`. Time never goes back, and never
    beyond the real now."""

    def __init__(self, sandbox: Sandbox, zone: str) -> None:
        self._clock = sandbox.clock
        self._zone = ZoneInfo(zone)
        self._is_quick = False

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
        running, self._is_quick = asyncio.create_task(self._run()), True
        try:
            yield
        finally:
            self._is_quick = False
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_STEP)
            self.pass_quickly(_SECONDS_IN_IT)

    def pass_quickly(self, seconds: float) -> bool:
        """Whether these seconds have passed already, since time goes quickly."""
        passes = self._is_quick and self._clock.offset < -seconds
        if passes:
            self._clock.advance(timedelta(seconds=seconds))
        return passes

    def elapsed(self) -> float:
        return self._clock.elapsed()


class StoryPacer(Pacer):
    """The bot's own rates, counted by the story's time: what it has to wait passes quickly there, too."""

    def __init__(self, passing: Passing) -> None:
        super().__init__(_BULK)
        self._passing = passing

    def wait(self, now: float, place: str, *, is_group: bool, is_live: bool) -> float:
        left = self._left_at_once(place, is_group=is_group, is_live=is_live)
        if left and self._passing.pass_quickly(left):
            left = self._left_at_once(place, is_group=is_group, is_live=is_live)
        if not left:
            self._passing.pass_quickly(_A_SEND)
        return left

    def _left_at_once(self, place: str, *, is_group: bool, is_live: bool) -> float:
        return super().wait(self._passing.elapsed(), place, is_group=is_group, is_live=is_live)

    def wait_in_bulk(self, now: float) -> float:
        left = super().wait_in_bulk(self._passing.elapsed())
        if left and self._passing.pass_quickly(left):
            left = super().wait_in_bulk(self._passing.elapsed())
        return left

    def left_of_hold(self, now: float, place: str) -> float:
        return super().left_of_hold(self._passing.elapsed(), place)

    def hold(self, now: float, place: str, seconds: float) -> None:
        super().hold(self._passing.elapsed(), place, seconds)
