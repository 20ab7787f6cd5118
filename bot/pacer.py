"""How fast to send: a GCRA (leaky bucket as a meter) per chat, and one for everything in bulk."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """One send per `every` seconds, of which `burst` may go at once."""

    every: float
    burst: int = 1


# Telegram names no exact limits; these are what its documentation, PTB and grammY agree on.
PRIVATE = Rate(1.0, 5)
GROUP = Rate(4.0, 5)  # at most 20 in any minute, edits included, though the first few come some seconds late
LIVE_EDITS = Rate(6.7, 2)  # a group's live edits: at most half of that
BULK = Rate(1 / 30, 1)

_LATE = 0.02  # seconds that a bulk send may make up for: timers wake late, and the pace would suffer from it
_KEPT = 10_000
_NOTHING = 1e-6  # seconds: what adding up fractions leaves is no wait


class Pacer:
    """Tells how long to wait before the next send. Times are seconds of a clock that only goes forward."""

    def __init__(self, bulk: Rate = BULK) -> None:
        self._bulk = bulk
        self._next_bulk = 0.0
        self._next: dict[Hashable, float] = {}

    def wait(self, now: float, place: str, *, is_group: bool, is_live: bool) -> float:
        """Seconds until this chat may get something; 0 takes its turn."""
        wanted: list[tuple[Hashable, Rate]] = [(place, GROUP if is_group else PRIVATE)]
        if is_live and is_group:
            wanted.append((("live", place), LIVE_EDITS))
        wait = max(self._left(now, key, rate) for key, rate in wanted)
        wait = max(wait, self._next.get(("held", place), now) - now)
        if wait > _NOTHING:
            return wait
        for key, rate in wanted:
            self._next[key] = max(self._next.get(key, now), now) + rate.every
        if len(self._next) > _KEPT:
            self._next = {key: at for key, at in self._next.items() if at > now}
        return 0.0

    def wait_in_bulk(self, now: float) -> float:
        """Seconds until the next reminder or announcement may go to whomever; 0 takes its turn."""
        wait = self._next_bulk - now
        if wait > _NOTHING:
            return wait
        rested = now - self._next_bulk > _LATE
        self._next_bulk = (now if rested else self._next_bulk) + self._bulk.every
        return 0.0

    def hold(self, now: float, place: str, seconds: float) -> None:
        """Nothing goes to this chat for so long, in whatever lane: the messenger said so."""
        self._next["held", place] = max(now + seconds, self._next.get(("held", place), now))

    def left_of_hold(self, now: float, place: str) -> float:
        """Seconds until a pause is over that the messenger named for this chat; 0: there is none."""
        left = self._next.get(("held", place), now) - now
        return left if left > _NOTHING else 0.0

    def _left(self, now: float, key: Hashable, rate: Rate) -> float:
        return self._next.get(key, now) - now - rate.every * (rate.burst - 1)
