"""Asking when: a day and an hour by buttons, or both in words; asked again, with an example, until it is clear.

The answers are "day" (an ISO date, or a whole moment that was said at once) and "hour" ("1800", "1800-1930").
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.messages import Body, Moment, Refused, Text, Value, Words, lines, paragraphs, text
from domain.requests import Request
from domain.times import from_us, maybe_time, maybe_us, to_us
from domain.when import Clock, NotUnderstood, When, last_day, read_date, read_leading, read_time, read_when, when_on
from handlers import grids
from handlers.communities.tree import community_of
from handlers.forms import Answers, Field

_REASONS: Mapping[NotUnderstood, Text] = {
    NotUnderstood.NO_DATE: text("I can't find a date in it that I understand."),
    NotUnderstood.NO_TIME: text("I can't find an hour in it that I understand."),
    NotUnderstood.AMBIGUOUS: text("I could understand this in more than one way."),
    NotUnderstood.DISAGREE: text("The weekday and the date in it don't belong together."),
    NotUnderstood.PAST: text("This time is past already."),
    NotUnderstood.TOO_FAR: text("This is too far ahead: I can plan until the end of the year after next."),
    NotUnderstood.NO_SUCH_TIME: text("There is no such date or hour."),
    NotUnderstood.END_BEFORE_START: text("It would end before it begins."),
    NotUnderstood.REPEATS: text("I can only take one date at a time."),
    NotUnderstood.OTHER_ZONE: text("Please write the local time of the meeting place."),
}


def zone_of(request: Request) -> ZoneInfo:
    """Wall times are those of the community."""
    return ZoneInfo(community_of(request).zone)


def reason(request: Request, why: NotUnderstood) -> Body:
    """Why a time must be asked again, with an example in the reader's own words."""
    return _with_example(request, _REASONS[why])


def _with_example(request: Request, why: Body) -> Body:
    return lines(why, text("Please write it again. For example: %(example)s", example=_example(request)))


def _example(request: Request) -> Moment:
    """In a week: written as it is shown here, it is understood."""
    zone = zone_of(request)
    in_a_week = request.now.astimezone(zone).date() + timedelta(days=7)
    return Moment(datetime.combine(in_a_week, time(18), zone), zone.key)


def read_line(request: Request, words: str) -> When | NotUnderstood:
    """A time and a title after it, in one line."""
    return read_leading(words, request.now, zone_of(request), request.person.language)


def said(found: When, **more: Any) -> dict[str, Any]:
    """A moment as the form keeps it."""
    return {"start": to_us(found.start), "end": maybe_us(found.end), **more}


def chosen(request: Request, answers: Answers) -> tuple[datetime, datetime | None]:
    """From when to when, in UTC."""
    day = answers["day"]
    if not isinstance(day, str):
        return from_us(day["start"]), maybe_time(day["end"])
    clock, zone = _clock(answers["hour"]), zone_of(request)
    start, *end = (
        datetime.combine(date.fromisoformat(day), at, zone).astimezone(UTC)
        for at in (clock.start, clock.end)
        if at is not None
    )
    return start, end[0] if end else None


def still_ahead(request: Request, starts_at: datetime) -> None:
    """Time goes on while somebody reads a review. Raises Refused."""
    if starts_at <= request.now:
        raise Refused(
            text("This time is past by now. Please tap “Back” and choose another, or /cancel and start again.")
        )


# --- the day ----------------------------------------------------------------------------------------------------------


def _ask_day(request: Request, _answers: Answers) -> Body:
    return paragraphs(
        text("On which day? Tap one, or write the day and the hour in your own words."),
        text("For example: %(example)s", example=_example(request)),
    )


def within(request: Request, _answers: Answers) -> tuple[date, date]:
    """From today, as long as an hour of it can still be chosen."""
    zone = zone_of(request)
    today = request.now.astimezone(zone).date()
    first = today if grids.is_left(request.now, today, zone) else today + timedelta(days=1)
    return first, last_day(today)


def _read_day(request: Request, answers: Answers) -> str | dict[str, Any]:
    words, zone, language = request.words, zone_of(request), request.person.language
    if "line" in answers:
        found = read_line(request, words)
        if isinstance(found, When):
            return said(found, rest=found.rest)
    else:
        found = read_when(words, request.now, zone, language)
        if isinstance(found, When) and not found.rest:
            return said(found)
    if isinstance(found, When):
        why = text("I did not understand this part: %(words)s", words=found.rest)
        raise Refused(_with_example(request, why))
    if found is NotUnderstood.NO_TIME:
        day = read_date(words, request.now, zone, language)
        if isinstance(day, date):
            return day.isoformat()
    raise Refused(reason(request, found))


# --- the hour ---------------------------------------------------------------------------------------------------------


def _ask_hour(request: Request, answers: Answers) -> Body:
    day: Value = grids.day_moment(date.fromisoformat(answers["day"]), zone_of(request))
    return paragraphs(
        text("At what time? %(day)s", day=day),
        text("Tap one, or write it: 18:30, or 18:30–20:00 if you know when it ends."),
    )


def _ask_moment(request: Request, answers: Answers) -> Body:
    """Of what has no end."""
    day: Value = grids.day_moment(date.fromisoformat(answers["day"]), zone_of(request))
    return paragraphs(text("At what time? %(day)s", day=day), text("Tap one, or write it. For example: 18:30"))


def _read_hour(request: Request, answers: Answers) -> str:
    clock = read_time(request.words, request.person.language)
    if isinstance(clock, Clock):
        found = when_on(date.fromisoformat(answers["day"]), clock, request.now, zone_of(request))
        if isinstance(found, When):
            return "-".join(at.strftime("%H%M") for at in (clock.start, clock.end) if at is not None)
        clock = found
    raise Refused(
        lines(_REASONS[clock], text("Please write it again. For example: %(example)s", example=Words("18:30")))
    )


def _clock(hour: str) -> Clock:
    start, _, end = hour.partition("-")
    return Clock(_time(start), _time(end) if end else None)


def _time(hour: str) -> time:
    return time(int(hour[:2]), int(hour[2:]))


FIELDS = (
    Field("day", _ask_day, read=_read_day, grid=grids.days(zone_of, within)),
    Field(
        "hour",
        _ask_hour,
        read=_read_hour,
        grid=grids.hours(zone_of, lambda answers: date.fromisoformat(answers["day"])),
        when=lambda answers: isinstance(answers["day"], str),
    ),
)
# When something goes out: it lasts no time.
MOMENT = (FIELDS[0], replace(FIELDS[1], ask=_ask_moment))
