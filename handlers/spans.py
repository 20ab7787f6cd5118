"""Asking from which day to which something lasts, by a calendar or in words: challenges and campaigns.

The answers are "first", an ISO date, and "last", an ISO date or a number of days.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from domain.messages import Refused, text, text_n
from domain.requests import Request
from domain.when import NotUnderstood, read_date
from domain.when import last_day as last_that_can_be_planned
from handlers import grids
from handlers.forms import Answers, Choice, Grid
from handlers.meetings.when import reason, zone_of


def today(request: Request) -> date:
    return request.now.astimezone(zone_of(request)).date()


def first_of(answers: Answers) -> date:
    return date.fromisoformat(answers["first"])


def last_of(answers: Answers) -> date:
    last: str = answers["last"]
    return _last_after(first_of(answers), int(last)) if last.isdigit() else date.fromisoformat(last)


def _last_after(first: date, days: int) -> date:
    """Both days belong to it."""
    return first + timedelta(days=days - 1)


def read_day(request: Request) -> date:
    """A day that was written. Raises Refused with an example."""
    found = read_date(request.words, request.now, zone_of(request), request.person.language)
    if isinstance(found, NotUnderstood):
        raise Refused(reason(request, found))
    return found


# --- calendars --------------------------------------------------------------------------------------------------------


def _starts(request: Request, _answers: Answers) -> Sequence[Choice]:
    now = today(request)
    days = {
        # NOTE: button
        now: text("Today"),
        # NOTE: button
        now + timedelta(days=1): text("Tomorrow"),
    }
    # NOTE: button. Something starts next Monday.
    days.setdefault(next_monday(now), text("Next Monday"))
    return [grids.named(label, day, zone_of(request)) for day, label in days.items()]


def next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


FIRST_DAYS = grids.days(zone_of, quick=_starts)


def last_days(lasts: Iterable[int], most: int) -> Grid:
    """From the first day on, for at most so many days; `lasts`: how many days are offered by a button of their own."""
    # NOTE: button. How long something lasts.
    quick = [Choice(text_n("%(n)s day", "%(n)s days", days), str(days)) for days in lasts]

    def within(request: Request, answers: Answers) -> tuple[date, date]:
        first, end = first_of(answers), last_that_can_be_planned(today(request))
        return first, min(_last_after(first, most), end)

    return grids.days(zone_of, within, quick=lambda _request, _answers: quick)
