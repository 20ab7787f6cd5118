"""The weekly test of the hotline (row F11): a report that nobody wrote goes the way of every report, until a helper
takes it. It shows that whoever should be called really is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.cases import Risk

RISK = Risk.HIGH  # within an hour
_DAYS, _BEGINS, _ENDS = 5, 9, 17  # Monday to Friday, in the hours in which an office is open
_OF_A_DAY = (_ENDS - _BEGINS) * 60
MINUTES = _DAYS * _OF_A_DAY


class Ended(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Canary:
    """The last test: when it began, how it ended, and after how many minutes."""

    sent_at: datetime
    ended: Ended = Ended.WAITING
    minutes: int = 0


def after(now: datetime, zone: str, minute: int) -> datetime:
    """The moment of next week's test; `minute` (of MINUTES in a week) is drawn, so that nobody waits for it."""
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today + timedelta(days=7 - today.weekday())
    return _moment(monday, zone, minute % MINUTES)


def _moment(monday: date, zone: str, minute: int) -> datetime:
    day, minute_of_day = divmod(minute, _OF_A_DAY)
    hour, minutes = divmod(_BEGINS * 60 + minute_of_day, 60)
    local = datetime.combine(monday + timedelta(days=day), time(hour, minutes), ZoneInfo(zone))
    return local.astimezone(UTC)
