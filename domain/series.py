"""Meetings that recur: which days they fall on. The hour on the wall stays, also when the clocks change."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from domain.messages import Text, text

MOST = 60


class Every(StrEnum):
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


EVERY: dict[Every, Text] = {
    # NOTE: button. How often a meeting recurs.
    Every.WEEK: text("Every week"),
    # NOTE: button. How often a meeting recurs.
    Every.FORTNIGHT: text("Every two weeks"),
    # NOTE: button. How often a meeting recurs.
    Every.MONTH: text("Every month"),
}


def times(start: datetime, zone: ZoneInfo, every: Every, number: int) -> list[datetime]:
    """So many moments, in UTC, the first included."""
    return list(islice(_moments(start, zone, every), min(number, MOST)))


def until(start: datetime, zone: ZoneInfo, every: Every, last: date) -> list[datetime]:
    """All moments up to that day, in UTC, the first included; never more than can be planned."""
    return list(islice(takewhile(lambda at: at.astimezone(zone).date() <= last, _moments(start, zone, every)), MOST))


def shifted(start: datetime, zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Where one of those that follow goes, when `before` was moved to `after`: as many days on, at the new hour."""
    old, new = before.astimezone(zone), after.astimezone(zone)
    day = start.astimezone(zone).date() + (new.date() - old.date())
    return datetime.combine(day, new.time(), zone).astimezone(UTC)


def end(ends_at: datetime, zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """When something that began at `before` ends if it begins at `after`: as long by the clock on the wall."""
    ended, began, begins = (at.astimezone(zone).replace(tzinfo=None) for at in (ends_at, before, after))
    return (begins + (ended - began)).replace(tzinfo=zone).astimezone(UTC)


def _moments(start: datetime, zone: ZoneInfo, every: Every) -> Iterator[datetime]:
    local = start.astimezone(zone)
    number = 0
    while True:
        yield datetime.combine(_day(local.date(), every, number), local.time(), zone).astimezone(UTC)
        number += 1


def _day(first: date, every: Every, number: int) -> date:
    if every is not Every.MONTH:
        return first + timedelta(weeks=number * (2 if every is Every.FORTNIGHT else 1))
    months = first.year * 12 + first.month - 1 + number
    year, month = divmod(months, 12)
    # The 31st is the last day of a shorter month.
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
