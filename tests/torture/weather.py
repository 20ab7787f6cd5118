"""What goes wrong, and when: drawn from the seed before anything begins."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from sandbox import Fault, Sandbox

_TIMED_OUT = 21.0  # seconds: the bot's patience with one call is 20
_OUTAGE = 2.5  # seconds that an outage lasts; the clock then says that it was a minute


class Trouble(StrEnum):
    NONE = "none"
    DUPLICATES = "duplicates"
    REORDERED = "reordered"
    OUTAGE = "outage"
    FULL_DATABASE = "full database"
    FULL_FILES = "full files"
    FORWARD = "clock forward"
    BACK = "clock back"
    NEXT_DAY = "next day"


@dataclass(frozen=True, slots=True)
class Life:
    """What one bot lives through. `seconds` after it begins to work (or to start, if `early`) it is killed."""

    seconds: float
    early: bool
    trouble: Trouble
    after: float  # seconds until the trouble
    size: float  # 0 … 1: how bad it is


_WEIGHTS: dict[Trouble, float] = {
    Trouble.NONE: 10,
    Trouble.DUPLICATES: 2,
    Trouble.REORDERED: 2,
    Trouble.OUTAGE: 1,
    Trouble.FULL_DATABASE: 1,
    Trouble.FULL_FILES: 1,
    Trouble.FORWARD: 1,
    Trouble.BACK: 1,
}
_MOST_DAYS = 4
# Odds of what befalls a call.
_BEFORE = (("429", 0.006), ("500", 0.006), ("502", 0.004), ("closed before", 0.006), ("slow before", 0.0001))
_AFTER = (("closed after", 0.006), ("slow after", 0.0001))


def plan(seed: int, kills: int) -> list[Life]:
    chance = Random(f"{seed}:plan")
    lives = [_life(chance) for _ in range(kills)]
    many = kills >= 5 * _MOST_DAYS
    days = {round((day + 1) * kills / (_MOST_DAYS + 1)) for day in range(_MOST_DAYS)} if many else set()
    return [_with_next_day(life) if number in days else life for number, life in enumerate(lives)]


def _life(chance: Random) -> Life:
    (trouble,) = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
    early = chance.random() < 0.1
    seconds = chance.uniform(0.0, 1.2) if early else chance.choice((0.3, 1.5, 3.0)) * chance.random()
    return Life(seconds, early, Trouble.NONE if early else trouble, seconds * chance.random(), chance.random())


def _with_next_day(life: Life) -> Life:
    return Life(life.seconds, False, Trouble.NEXT_DAY, life.after, life.size)


@dataclass(eq=False)
class Weather:
    """The network between the bot and the stand-in. Odds are per call; none while it is calm."""

    sandbox: Sandbox
    chance: Random
    calm: bool = True
    outage: bool = False
    struck: Counter[str] = field(default_factory=Counter)
    slow_calls: int = 0

    async def closes(self, moment: str, method: str) -> bool:
        """Whether the connection ends here."""
        if self.outage:
            self.struck["outage"] += 1
            return True
        if self.calm:
            return False
        if moment == "before":
            return await self._before(method)
        return await self._after()

    async def _before(self, method: str) -> bool:
        what = self._drawn(
            ("429", 0.006), ("500", 0.006), ("502", 0.004), ("closed before", 0.006), ("slow before", 0.0001)
        )
        match what:
            case "429":
                wait = self.chance.choice((1, 1, 2))
                self.sandbox.faults.insert(0, Fault(method, status=429, retry_after=wait))
            case "500" | "502":
                self.sandbox.faults.insert(0, Fault(method, status=int(what)))
            case "slow before":
                await self._slow()
        return what in ("closed before", "slow before")

    async def _after(self) -> bool:
        what = self._drawn(*_AFTER)
        if what == "slow after":
            await self._slow()
        return bool(what)

    async def _slow(self) -> None:
        """Until the bot gives up."""
        self.slow_calls += 1
        try:
            await asyncio.sleep(_TIMED_OUT)
        finally:
            self.slow_calls -= 1

    def _drawn(self, *odds: tuple[str, float]) -> str:
        drawn = self.chance.random()
        for what, odd in odds:
            drawn -= odd
            if drawn < 0:
                self.struck[what] += 1
                return what
        return ""


def seconds_of(trouble: Trouble, size: float) -> float:
    """How long a trouble lasts."""
    lasting = {Trouble.OUTAGE: _OUTAGE, Trouble.FULL_DATABASE: 2.0, Trouble.FULL_FILES: 2.0}
    return lasting.get(trouble, 0.0) * (0.3 + 0.7 * size) if trouble is not Trouble.OUTAGE else _OUTAGE


def chances(seed: int, name: str) -> Iterator[Random]:
    """One for each who asks."""
    number = 0
    while True:
        number += 1
        yield Random(f"{seed}:{name}:{number}")
