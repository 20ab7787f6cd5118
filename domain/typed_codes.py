"""Codes that people type: the kinds whose wrong tries are counted, each apart, and when guessing must stop."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

MOST_WRONG_TRIES = 5
PAUSE = timedelta(hours=1)


class Kind(StrEnum):
    INVITE = "invite"
    FAMILY = "family"
    MOVE = "move"
    ATTENDANCE = "attendance"


def paused_until(wrong_tries: Sequence[datetime]) -> datetime | None:
    """Until when a person must wait after these wrong tries of the last hour; None: she may try."""
    if len(wrong_tries) < MOST_WRONG_TRIES:
        return None
    return sorted(wrong_tries)[-MOST_WRONG_TRIES] + PAUSE


def whole_minutes(wait: timedelta) -> int:
    """Minutes to wait, rounded up."""
    return max(1, -(-wait // timedelta(minutes=1)))
