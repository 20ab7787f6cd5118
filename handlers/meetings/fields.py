"""The questions of the form that calls a meeting: only what its kind needs is asked, and most of it can be skipped."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from domain import series
from domain.meetings import (
    AGENDA_MOST,
    AUDIENCE_NAMES,
    CAPACITY_MOST,
    MEETING_KINDS,
    PLACE_MOST,
    SESSIONS_MOST,
    SLOT_MINUTES,
    SLOTS_MOST,
    TITLE_MOST,
    MeetingKind,
    Session,
    agenda_of,
    capacity_of,
    place_of,
    sessions_of,
    title_of,
)
from domain.messages import Body, Moment, Refused, Text, Words, paragraphs, text, text_n
from domain.reminders import Before
from domain.requests import Request
from domain.series import EVERY, MOST, Every
from domain.when import read_date
from domain.writing import shorten
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, fixed
from handlers.meetings import when
from storage.database import Connection

# NOTE: button. Leaves a question without an answer.
_SKIP = text("Skip")
_AS_TYPED = "="  # no title looks like this
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


def of_kind(*kinds: MeetingKind) -> Any:
    """Whether the meeting is of one of these kinds."""
    return lambda answers: answers["kind"] in kinds


# --- what every kind is asked -----------------------------------------------------------------------------------------


def _ask_kind(_request: Request, _answers: Answers) -> Body:
    return text("What kind of meeting is it?")


def _ask_title(_request: Request, answers: Answers) -> Body:
    wrong = text("The title is too long, or it has no letters.") if rest(answers) else None
    return paragraphs(wrong, text("What is its title? At most %(most)s characters.", most=TITLE_MOST))


def _read_title(request: Request, _answers: Answers) -> str:
    title = title_of(request.words)
    if title is None:
        raise Refused(
            text(
                "A title has letters or figures and at most %(most)s characters. For example: First joint meeting",
                most=TITLE_MOST,
            )
        )
    return title


async def _titles(_db: Connection, _request: Request, answers: Answers) -> Sequence[Choice]:
    """What was typed without a date is most likely the title."""
    title = title_of(answers.get("line", ""))
    offered = title is not None and not rest(answers)
    return [Choice(Words(shorten(title, 40)), _AS_TYPED)] if offered and title else []


def rest(answers: Answers) -> str:
    """What followed the date in one line."""
    day = answers.get("day")
    return str(day.get("rest", "")) if isinstance(day, dict) else ""


def wants_title(answers: Answers) -> bool:
    return title_of(rest(answers).partition("\n")[0]) is None


def _ask_place(_request: Request, _answers: Answers) -> Body:
    return text("Where is it? A room, an address or a link.")


def _read_place(request: Request, _answers: Answers) -> str:
    return _in_words(place_of(request.words), PLACE_MOST)


def _in_words(written: str | None, most: int) -> str:
    if written is None:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=most))
    return written


def _ask_agenda(_request: Request, answers: Answers) -> Body:
    if _WEBINAR(answers):  # its speakers were asked for
        return text("What will it be about?")
    return text("What will it be about, and who will speak?")


def _read_agenda(request: Request, _answers: Answers) -> str:
    return _in_words(agenda_of(request.words), AGENDA_MOST)


def _ask_capacity(_request: Request, _answers: Answers) -> Body:
    return text("How many people can come? Whoever comes later goes on a waiting list.")


def _read_capacity(request: Request, _answers: Answers) -> int:
    capacity = capacity_of(request.words)
    if capacity is None:
        raise Refused(text("Please write a whole number from 1 to %(most)s. For example: 30", most=CAPACITY_MOST))
    return capacity


def _ask_people(_request: Request, _answers: Answers) -> Body:
    return text("Who is it for?")


def _ask_post(_request: Request, _answers: Answers) -> Body:
    return text("Shall the group chat see it too? Everybody in the group can read it there.")


def _may_post(answers: Answers) -> bool:
    """Whether the group must be asked about: there is one, and the meeting is not for everybody in it."""
    return bool(answers["groups"]) and answers["people"] != "all"


# --- what some kinds need ---------------------------------------------------------------------------------------------


def _ask_link(_request: Request, _answers: Answers) -> Body:
    return text("What is the link to it?")


def _ask_host(_request: Request, _answers: Answers) -> Body:
    return text("Whom do you visit? A school, a hub or a person.")


def _ask_speakers(_request: Request, _answers: Answers) -> Body:
    return text("Who will speak?")


def _ask_length(_request: Request, _answers: Answers) -> Body:
    return text("How long is it in all?")


def has_no_end(answers: Answers) -> bool:
    day = answers["day"]
    return day["end"] is None if isinstance(day, dict) else "-" not in answers["hour"]


def _ask_minutes(_request: Request, _answers: Answers) -> Body:
    return text("How many minutes for each family?")


def _read_minutes(request: Request, answers: Answers) -> str:
    words = request.words.strip()
    if not (words.isascii() and words.isdigit() and len(words) <= 3 and int(words) in SLOT_MINUTES):
        raise Refused(
            text(
                "Please write a whole number from %(least)s to %(most)s. For example: 15",
                least=SLOT_MINUTES.start,
                most=SLOT_MINUTES.stop - 1,
            )
        )
    _check_slots(request, answers, int(words))
    return words


def _check_slots(request: Request, answers: Answers, minutes: int) -> None:
    starts_at, ends_at = chosen(request, answers)
    if ends_at is None or not 1 <= (ends_at - starts_at).total_seconds() // (60 * minutes) <= SLOTS_MOST:
        raise Refused(text("That makes no time at all, or more than %(most)s. Please take another.", most=SLOTS_MOST))


def chosen(request: Request, answers: Answers) -> tuple[datetime, datetime | None]:
    """From when to when, in UTC."""
    starts_at, ends_at = when.chosen(request, answers)
    hours = answers.get("length")
    return starts_at, starts_at + timedelta(hours=int(hours)) if ends_at is None and hours else ends_at


async def _minutes(_db: Connection, request: Request, answers: Answers) -> Sequence[Choice]:
    starts_at, ends_at = chosen(request, answers)
    lasts = (ends_at - starts_at).total_seconds() // 60 if ends_at else 0
    offered = (10, 15, 20, 30)
    return [Choice(Words(str(one)), str(one)) for one in offered if 1 <= lasts // one <= SLOTS_MOST]


# --- what the review offers -------------------------------------------------------------------------------------------


def _ask_sessions(_request: Request, _answers: Answers) -> Body:
    return paragraphs(
        text("Write each part in a line of its own: hour, title, then the room and the speaker, each after a |."),
        text("For example: %(example)s", example=Words("18:30 Reading aloud | Room 5 | Aysel")),
    )


def _read_sessions(request: Request, answers: Answers) -> list[dict[str, Any]]:
    starts_at, _ = chosen(request, answers)
    found = sessions_of(request.words, starts_at, community_of(request).zone)
    known = answers.get("sessions") or []
    if found is None:
        raise Refused(
            text(
                "Each line begins with an hour of the meeting. For example: %(example)s",
                example=Words("18:30 Reading aloud | Room 5 | Aysel"),
            )
        )
    if len(found) + sum(map(len, known)) > SESSIONS_MOST:
        raise Refused(text("At most %(most)s parts, please.", most=SESSIONS_MOST))
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
    starts_at, _ = chosen(request, answers)
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
    starts_at, _ = chosen(request, answers)
    if len(_until(request, answers, day)) < 2:
        first = Moment(starts_at, zone.key, show="day")
        raise Refused(text("The last day comes after the second meeting. The first one: %(day)s", day=first))
    return day.isoformat()


def repeats(request: Request, answers: Answers) -> list[datetime]:
    """When each of the meetings begins: one, unless it recurs."""
    starts_at, _ = chosen(request, answers)
    often, given = every(answers), answers.get("times")
    if often is None or given is None:
        return [starts_at]
    if given.isdigit():
        return series.times(starts_at, when.zone_of(request), often, int(given))
    return _until(request, answers, date.fromisoformat(given))


def _until(request: Request, answers: Answers, day: date) -> list[datetime]:
    starts_at, _ = chosen(request, answers)
    return series.until(starts_at, when.zone_of(request), every(answers) or Every.WEEK, day)


def _ask_reminders(_request: Request, _answers: Answers) -> Body:
    return text("When shall I remind people of it? Those who can't come are not reminded.")


def reminds(answers: Answers) -> frozenset[Before]:
    return _REMINDERS[answers.get("remind") or "all"][1]


_CONSULTATION = of_kind(MeetingKind.CONSULTATION)
_WEBINAR = of_kind(MeetingKind.WEBINAR)


def _unless_consultation(label: Text) -> Any:
    return lambda answers: None if _CONSULTATION(answers) else label


def _unless(kind: Any) -> Any:
    return lambda answers: not kind(answers)


FIELDS = (
    Field("kind", _ask_kind, choices=fixed(*(Choice(name, kind.value) for kind, name in MEETING_KINDS.items()))),
    *when.FIELDS,
    Field(
        "length",
        _ask_length,
        choices=fixed(*(Choice(text_n("%(n)s hour", "%(n)s hours", hours), str(hours)) for hours in (1, 2, 3, 4))),
        when=lambda answers: _CONSULTATION(answers) and has_no_end(answers),
    ),
    Field("minutes", _ask_minutes, read=_read_minutes, choices=_minutes, columns=4, when=_CONSULTATION),
    Field("title", _ask_title, read=_read_title, choices=_titles, columns=1, when=wants_title),
    Field("host", _ask_host, read=_read_place, skip=_SKIP, when=of_kind(MeetingKind.VISIT)),
    Field("link", _ask_link, read=_read_place, skip=_SKIP, when=_WEBINAR),
    Field("place", _ask_place, read=_read_place, skip=_SKIP, when=_unless(_WEBINAR)),
    Field("speakers", _ask_speakers, read=_read_place, skip=_SKIP, when=_WEBINAR),
    Field("agenda", _ask_agenda, read=_read_agenda, skip=_SKIP),
    Field(
        "capacity",
        _ask_capacity,
        read=_read_capacity,
        choices=fixed(*(Choice(Words(number), number) for number in ("10", "20", "30", "50"))),
        columns=4,
        # NOTE: button. As many people as like may come.
        skip=text("No limit"),
        when=_unless(_CONSULTATION),
    ),
    Field("people", _ask_people, choices=fixed(*(Choice(name, key) for key, name in AUDIENCE_NAMES.items()))),
    Field(
        "post",
        _ask_post,
        # NOTE: button
        choices=fixed(Choice(text("Yes"), "yes"), Choice(text("No"), "no")),
        when=_may_post,
    ),
    Field(
        "every",
        _ask_every,
        # NOTE: button. A meeting that does not recur.
        choices=fixed(Choice(text("Once"), _ONCE), *(Choice(name, often.value) for often, name in EVERY.items())),
        when=_unless(_CONSULTATION),
        # NOTE: button. A meeting that recurs every week or month.
        offer=_unless_consultation(text("🔁 Repeat")),
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
        choices=fixed(*(Choice(name, key) for key, (name, _) in _REMINDERS.items())),
        # NOTE: button. When people are reminded of a meeting.
        offer=lambda _: text("⏰ Reminders"),
    ),
    Field(
        "sessions",
        _ask_sessions,
        read=_read_sessions,
        many=True,
        skip=_SKIP,
        when=_unless(_CONSULTATION),
        # NOTE: button. The parts of a meeting, with rooms and speakers.
        offer=_unless_consultation(text("🗂 Parts")),
    ),
)


def title(answers: Answers) -> str:
    given = answers.get("title")
    typed = title_of(answers["line"]) if given == _AS_TYPED else given
    return typed or rest(answers).partition("\n")[0]
