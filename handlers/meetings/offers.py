"""What the review of a meeting offers besides: that it recurs, other reminders, parts with rooms and speakers."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from domain import series
from domain.meetings import PARTS_MOST, SESSIONS_MOST, Session, sessions_of
from domain.messages import Body, Moment, Refused, Text, Words, paragraphs, text
from domain.reminders import Before, ahead
from domain.requests import Request
from domain.series import EVERY, MOST, Every
from domain.when import read_date
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, fixed
from handlers.meetings import consultation, when
from storage.database import Connection

# NOTE: button. Leaves a question without an answer.
SKIP = text("Skip")
_ONCE = "once"
# What may be chosen at the review, by what the button carries.
_REMINDERS: dict[str, tuple[Text, frozenset[Before]]] = {
    # NOTE: button. When people are reminded of a meeting: a week, a day and an hour before.
    "all": (text("Week, day, hour"), frozenset(Before)),
    # NOTE: button. When people are reminded of a meeting: a day and an hour before.
    "near": (text("Day and hour"), frozenset({Before.DAY, Before.HOUR})),
    # NOTE: button. A reminder of a meeting.
    "day": (text("A day before"), frozenset({Before.DAY})),
    # NOTE: button. A reminder of a meeting.
    "hour": (text("An hour before"), frozenset({Before.HOUR})),
    # NOTE: button. Nobody is reminded of a meeting.
    "none": (text("No reminders"), frozenset()),
}


def _ask_sessions(_request: Request, _answers: Answers) -> Body:
    return paragraphs(
        text("Write each part in a line of its own: hour, title, then the room and the speaker, each after a |."),
        text("For example: %(example)s", example=Words("18:30 Reading aloud | Room 5 | Aysel")),
    )


def _read_sessions(request: Request, answers: Answers) -> list[dict[str, Any]]:
    starts_at, ends_at = consultation.chosen(request, answers)
    found = sessions_of(request.words, starts_at, ends_at, community_of(request).zone)
    known = answers.get("sessions") or []
    if found is None:
        raise Refused(
            text(
                "Begin each line with a time during the meeting. For example: %(example)s",
                example=Words("18:30 Reading aloud | Room 5 | Aysel"),
            )
        )
    if len(found) + sum(map(len, known)) > SESSIONS_MOST:
        raise Refused(text("At most %(most)s parts, please.", most=SESSIONS_MOST))
    written, left = sum(one.length for one in found), PARTS_MOST - sum(one.length for one in sessions(answers))
    if written > left:
        raise Refused(
            text(
                "This is too long: there is room for %(most)s characters, and your text has %(written)s."
                " Please shorten it and send it again.",
                most=left,
                written=written,
            )
        )
    return [asdict(one) for one in found]


def sessions(answers: Answers) -> tuple[Session, ...]:
    found = (Session(**one) for one in chain.from_iterable(answers.get("sessions") or ()))
    return tuple(sorted(found, key=lambda one: one.after))


def _ask_every(_request: Request, _answers: Answers) -> Body:
    return text("How often is it?")


def every(answers: Answers) -> Every | None:
    given = answers.get("every", _ONCE)
    return None if given in (None, _ONCE) else Every(given)


def _ask_times(request: Request, answers: Answers) -> Body:
    starts_at, _ = consultation.chosen(request, answers)
    zone = when.zone_of(request)
    last = Moment(starts_at + timedelta(weeks=12), zone.key, show="day")
    return paragraphs(
        text("How many times in all? Tap a number, or write the last day."),
        text("For example: %(example)s", example=last),
    )


def _read_times(request: Request, answers: Answers) -> str:
    words, zone = request.words.strip(), when.zone_of(request)
    if words.isascii() and words.isdigit():
        if len(words) <= 3 and 2 <= int(words) <= MOST:
            return words
        raise Refused(text("Please write a whole number from 2 to %(most)s, or the last day.", most=MOST))
    day = read_date(words, request.now, zone, request.person.language)
    if not isinstance(day, date):
        raise Refused(when.reason(request, day))
    starts_at, _ = consultation.chosen(request, answers)
    if len(_until(request, answers, day)) < 2:
        first = Moment(starts_at, zone.key, show="day")
        raise Refused(text("The last day comes after the second meeting. The first one: %(day)s", day=first))
    return day.isoformat()


def repeats(request: Request, answers: Answers) -> list[datetime]:
    """When each of the meetings begins: one, unless it recurs."""
    starts_at, _ = consultation.chosen(request, answers)
    often, given = every(answers), answers.get("times")
    if often is None or given is None:
        return [starts_at]
    if given.isdigit():
        return series.times(starts_at, when.zone_of(request), often, int(given))
    return _until(request, answers, date.fromisoformat(given))


def _until(request: Request, answers: Answers, day: date) -> list[datetime]:
    starts_at, _ = consultation.chosen(request, answers)
    return series.until(starts_at, when.zone_of(request), every(answers) or Every.WEEK, day)


def _ask_reminders(_request: Request, _answers: Answers) -> Body:
    return text("When shall I remind people of it? Those who can't come are not reminded.")


async def _reminder_choices(_db: Connection, request: Request, answers: Answers) -> list[Choice]:
    can_come = reminders_ahead(request, answers)
    return [Choice(name, key) for key, (name, befores) in _REMINDERS.items() if befores <= can_come]


def reminders_ahead(request: Request, answers: Answers) -> frozenset[Before]:
    """Those that can still come before the meeting, or before one that recurs after it."""
    first, *later = repeats(request, answers)
    zone = when.zone_of(request).key
    can_come = ahead(first, zone, request.now)
    if later:  # of those that recur each week people hear a week before anyway
        can_come |= ahead(later[-1], zone, request.now) - ({Before.WEEK} if every(answers) is Every.WEEK else set())
    return can_come if consultation.is_none(answers) else can_come | {Before.HOUR}  # each family has its own hour


def reminds(answers: Answers) -> frozenset[Before]:
    return _REMINDERS[answers.get("remind") or "all"][1]


FIELDS = (
    Field(
        "every",
        _ask_every,
        # NOTE: button. A meeting that does not recur.
        choices=fixed(Choice(text("Once"), _ONCE), *(Choice(name, often.value) for often, name in EVERY.items())),
        # NOTE: button. A meeting that recurs every week or month.
        offer=lambda answers: text("🔁 Repeat") if consultation.is_none(answers) else None,
        reopens=("times",),
    ),
    Field(
        "times",
        _ask_times,
        read=_read_times,
        choices=fixed(*(Choice(Words(number), number) for number in ("4", "8", "12", "36"))),
        columns=4,
        when=lambda answers: every(answers) is not None,
    ),
    Field(
        "remind",
        _ask_reminders,
        choices=_reminder_choices,
        # NOTE: button. When people are reminded of a meeting.
        offer=lambda _: text("⏰ Reminders"),
    ),
    Field(
        "sessions",
        _ask_sessions,
        read=_read_sessions,
        many=True,
        skip=SKIP,
        # NOTE: button. The parts of a meeting, with rooms and speakers.
        offer=lambda answers: text("🗂 Parts") if consultation.is_none(answers) else None,
    ),
)
