"""A code to come back to a report with: how it looks, how it is understood, and how wrong tries are slowed down."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

DIGITS = 16
_FREE = 3  # wrong tries that cost no wait
_LONGEST = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
# When so many wrong codes come in an hour from everybody together, somebody guesses from many accounts.
_MANY, _MANY_WAIT = 50, timedelta(minutes=10)


def shown(code: str) -> str:
    """In groups of four."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def read(typed: str) -> str | None:
    """The code that somebody typed, in whatever digits and with whatever between them; None: it can't be one."""
    digits = [_digit(letter) for letter in typed if not _separates(letter)]
    found = "".join(digit for digit in digits if digit is not None)
    return found if None not in digits and len(found) == DIGITS else None


def _digit(letter: str) -> str | None:
    value = unicodedata.decimal(letter, None)
    return None if value is None else str(value)


def _separates(letter: str) -> bool:
    """Spaces, dashes of all kinds, dots, and marks that can't be seen."""
    return letter.isspace() or unicodedata.category(letter) in ("Pd", "Cf") or letter in "._·,"


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong codes: how many from one account in a day, how many from all in an hour, and the account's last one."""

    own: int
    everybody: int
    last: datetime | None


def next_try_at(tries: Tries) -> datetime | None:
    """Before when nothing is looked up for this account; None: at any time. A first try always passes: no flood from
    elsewhere shuts out a child who types her code once."""
    if tries.last is None:
        return None
    doubled = tries.own - _FREE
    own = min(_MINUTE * 2 ** min(doubled, 10), _LONGEST) if doubled >= 0 else timedelta(0)
    crowd = _MANY_WAIT if tries.everybody >= _MANY else timedelta(0)
    wait = max(own, crowd)
    # Tries are noted in whole minutes: the minute it was noted in doesn't count.
    return tries.last + _MINUTE + wait if wait else None
