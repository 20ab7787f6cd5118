"""A community whose messages somebody wants to be left alone by, for a while or for good; urgent ones still come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from domain.messages import Text, text

MUTED = "muted"  # why something was not delivered


class Mute(StrEnum):
    """For how long; OFF ends it."""

    DAY = "1"
    WEEK = "7"
    FOR_GOOD = "x"
    OFF = "0"


MUTES: Mapping[Mute, Text] = {
    # NOTE: button. No messages of a class or school for so long.
    Mute.DAY: text("For 1 day"),
    # NOTE: button. No messages of a class or school for so long.
    Mute.WEEK: text("For 1 week"),
    # NOTE: button. No messages of a class or school any more.
    Mute.FOR_GOOD: text("For good"),
}


def ends(mute: Mute, now: datetime) -> datetime | None:
    return None if mute is Mute.FOR_GOOD else now + timedelta(days=int(mute.value))
