"""The second route of a page: e-mail, to an address that whoever works for the hotline gave herself (rule 9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

CODE_LASTS = timedelta(hours=1)
CODE_TRIES = 5
ASK_AGAIN = timedelta(minutes=1)  # no second code before
PAUSES = tuple(timedelta(seconds=one) for one in (5, 15, 30, 60, 120, 300, 600, 600, 600))  # then it is given up
LATE = 3  # tries after which the operator should know
KEPT_FOR = timedelta(days=7)  # what stands of a page that was sent: its time
_ADDRESS = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+")


def is_address(typed: str) -> bool:
    """Whether it looks like one mailbox."""
    return len(typed) <= 254 and typed.isascii() and _ADDRESS.fullmatch(typed) is not None


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is paged; only what she confirmed by a code counts."""

    person_id: int
    key_id: int
    address: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One that waits. Without an address: it was taken back meanwhile."""

    id: int
    tries: int
    address: str | None
    body: Mapping[str, str]
