"""The PIN by which whoever may open a case proves herself per shift (rule 18): on buttons, not typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

SHORTEST, LONGEST = 4, 6  # digits
CODE = 6  # digits of a code that was mailed
IDLE = timedelta(minutes=20)
SHIFT = timedelta(hours=12)
TRIES = 5
KEPT_MOST = 20  # things asked for while it was locked
WORDS_KEPT_MOST = 16_000  # characters of them
LOCKED_OUT = timedelta(minutes=15)
LOCKED_OUT_MOST = timedelta(hours=12)


class Purpose(StrEnum):
    """What a keypad is for."""

    ENTER = "enter"
    CHOOSE = "choose"
    REPEAT = "repeat"
    MAIL = "mail"
    OPENED = "opened"  # the right PIN was entered: what was kept goes on
    CHOSEN = "chosen"  # the same, by the PIN she chose just now
    MAILED = "mailed"  # the code of the e-mail was right


OVER = frozenset({Purpose.OPENED, Purpose.CHOSEN, Purpose.MAILED})  # nothing more is entered on such a keypad


@dataclass(frozen=True, slots=True)
class Keypad:
    """What stands on the keypad of one account, and what waits for it: taps and words of hers, as JSON values."""

    token: int
    purpose: Purpose
    digits: str = ""
    first: str = ""  # the PIN she chose, when it is asked for once more
    kept: tuple[Mapping[str, Any], ...] = ()

    def asks_for_pin(self, *, is_chosen: bool) -> bool:
        """Whether it stands there for her PIN, which she has chosen before or is still to choose."""
        return self.purpose in ({Purpose.ENTER} if is_chosen else {Purpose.CHOOSE, Purpose.REPEAT})


@dataclass(frozen=True, slots=True)
class Lock:
    """How a person's PIN stands."""

    is_chosen: bool
    locked_until: datetime | None = None

    def is_shut(self, now: datetime) -> bool:
        """Whether too many wrong ones were tried a moment ago."""
        return self.locked_until is not None and now < self.locked_until


def is_weak(pin: str) -> bool:
    """Whether somebody who looks over a shoulder once, or guesses ten times, has it: 0000, 1234, 8765, 1212."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    half = pin[: len(pin) // 2]
    return steps in ({0}, {1}, {9}) or len(set(pin)) == 2 or half + half == pin


def locked_out_for(wrong: int) -> timedelta | None:
    """How long nothing can be entered after so many wrong tries since the last right one; None: not now."""
    if wrong == 0 or wrong % TRIES:
        return None
    doublings = min(wrong // TRIES - 1, 10)
    return min(LOCKED_OUT * (1 << doublings), LOCKED_OUT_MOST)


def left(wrong: int) -> int:
    """The tries before it is locked."""
    return TRIES - wrong % TRIES
