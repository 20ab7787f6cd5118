"""Grids of buttons: the days of a month, with pages to turn, and the hours of a day.

`days` and `hours` are for any form. A day is answered as an ISO date, an hour as "1830".
"""

import re
from calendar import Calendar
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.messages import Body, Moment, Text, Words, text
from domain.requests import Request
from domain.when import last_day
from handlers.forms import Answers, Choice, Grid

_MOST_ROWS = 8  # a phone shows them at once
_HOURS = range(7, 23)
_MINUTES = ("00", "15", "30", "45")
_IN_A_ROW = 4
_PAGE = re.compile(r"\d{4}-\d{2}", re.ASCII)

Zone = Callable[[Request], ZoneInfo]
Within = Callable[[Request, Answers], tuple[date, date]]
Quick = Callable[[Request, Answers], Sequence[Choice]]
Rows = Sequence[Sequence[Choice]]

_TAP_A_DAY = text("Please tap a day with a number.")
_TAP_AN_HOUR = text("Please tap an hour.")
_NOTHING = Choice(Words("·"), "", does="no")


def days(zone_of: Zone, within: Within | None = None, *, quick: Quick | None = None) -> Grid:
    """A month at a time, from a first day to a last: from today to the last that can be planned, unless told otherwise.

    `quick`: a few answers above the first month, in place of today and tomorrow.
    """

    def page(request: Request, answers: Answers, month: str) -> Rows:
        zone = zone_of(request)
        today = request.now.astimezone(zone).date()
        span = within(request, answers) if within else (today, last_day(today))
        if quick is None:
            return month_of(zone, span, month, today)
        rows = month_of(zone, span, month)
        return [*_in_pairs(quick(request, answers)), *rows] if _is_first(span, month) else rows

    return Grid(page, lambda value: value[:7], _TAP_A_DAY)


def _in_pairs(choices: Sequence[Choice]) -> Rows:
    """Three beside each other are cut off on a phone."""
    return [choices[at : at + 2] for at in range(0, len(choices), 2)]


def hours(zone_of: Zone, day_of: Callable[[Answers], date]) -> Grid:
    """The hours of a day that are still ahead, on one page for each quarter."""

    def page(request: Request, answers: Answers, minutes: str) -> Rows:
        return hours_of(request.now, day_of(answers), zone_of(request), minutes)

    return Grid(page, lambda value: value[2:4], _TAP_AN_HOUR)


def is_left(now: datetime, day: date, zone: ZoneInfo) -> bool:
    """Whether an hour of the day can still be tapped."""
    return any(_ahead(now, day, zone, minutes) for minutes in _MINUTES)


def day_moment(day: date, zone: ZoneInfo) -> Moment:
    """A day, in words."""
    return _noon(day, zone, "day")


# --- a month ----------------------------------------------------------------------------------------------------------


def month_of(zone: ZoneInfo, span: tuple[date, date], given: str, today: date | None = None) -> Rows:
    """The page that a button names ("2026-12"), or the one nearest to it that has days to tap; `today`: it and the day
    after it stand above the first month, too."""
    (first, last), shown = span, _clamped(given, span)
    weeks = [
        [_cell(day, shown, first, last, zone) for day in week]
        for week in Calendar().monthdatescalendar(shown.year, shown.month)
        if week[-1] >= first
    ]
    monday = date(2024, 1, 1)
    names = [Choice(_in_words(_noon(monday + timedelta(ahead), zone, "weekday")), "", does="no") for ahead in range(7)]
    rows = [_turning(shown, first, last, zone), names, *weeks]
    near = _near(today, span, zone) if today and _is_first(span, given) and len(rows) < _MOST_ROWS else []
    return [near, *rows] if near else rows


def _is_first(span: tuple[date, date], given: str) -> bool:
    return _clamped(given, span) == span[0].replace(day=1)


def _clamped(given: str, span: tuple[date, date]) -> date:
    """The first of the month that a button names; buttons can be forged, and old."""
    lowest, highest = (day.replace(day=1) for day in span)
    if not _PAGE.fullmatch(given) or not 1 <= int(given[5:]) <= 12 or given.startswith("0000"):
        return lowest
    return min(max(date.fromisoformat(f"{given}-01"), lowest), highest)


def _cell(day: date, shown: date, first: date, last: date, zone: ZoneInfo) -> Choice:
    if day.month != shown.month or not first <= day <= last:
        return _NOTHING
    return Choice(Words(str(day.day)), day.isoformat(), said=_in_words(day_moment(day, zone)))


def _turning(shown: date, first: date, last: date, zone: ZoneInfo) -> list[Choice]:
    """The month, between the one before and the one after."""
    before, after = shown - timedelta(days=1), (shown + timedelta(days=31)).replace(day=1)
    return [
        Choice(Words("‹"), before.isoformat()[:7], does="turn") if before >= first else _NOTHING,
        Choice(_in_words(_noon(shown, zone, "month")), "", does="no"),
        Choice(Words("›"), after.isoformat()[:7], does="turn") if after <= last else _NOTHING,
    ]


def named(label: Text, day: date, zone: ZoneInfo) -> Choice:
    return Choice(label, day.isoformat(), said=_in_words(day_moment(day, zone)))


def _near(today: date, span: tuple[date, date], zone: ZoneInfo) -> list[Choice]:
    # NOTE: button
    labels: dict[date, Text] = {today: text("Today")}
    # NOTE: button
    labels[today + timedelta(days=1)] = text("Tomorrow")
    # A day that can be tapped stands on its month's own page, too.
    return [named(label, day, zone) for day, label in labels.items() if span[0] <= day <= span[1]]


def _noon(day: date, zone: ZoneInfo, show: str) -> Moment:
    return Moment(datetime.combine(day, time(12), zone), zone.key, show=show)  # type: ignore[arg-type]


def _in_words(moment: Moment) -> Body:
    return text("%(day)s", day=moment)


# --- a day ------------------------------------------------------------------------------------------------------------


def hours_of(now: datetime, day: date, zone: ZoneInfo, given: str) -> Rows:
    """The page of a quarter ("30"), or the first one that has an hour still ahead."""
    open_pages = [minutes for minutes in _MINUTES if _ahead(now, day, zone, minutes)]
    shown = given if given in open_pages else next(iter(open_pages), _MINUTES[0])
    left = [Choice(Words(f"{hour}:{shown}"), f"{hour:02}{shown}") for hour in _ahead(now, day, zone, shown)]
    quarters = [
        Choice(Words(f"•:{minutes}" if minutes == shown else f":{minutes}"), minutes, does="turn")
        for minutes in open_pages
    ]
    return [*(left[at : at + _IN_A_ROW] for at in range(0, len(left), _IN_A_ROW)), quarters]


def _ahead(now: datetime, day: date, zone: ZoneInfo, minutes: str) -> list[int]:
    return [hour for hour in _HOURS if _at(day, hour, minutes, zone) > now]


def _at(day: date, hour: int, minutes: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour, int(minutes)), zone).astimezone(UTC)
