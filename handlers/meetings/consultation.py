"""The questions of a consultation: how long it is, and how many minutes each family has."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.meetings import SLOT_MINUTES, SLOTS_MOST, MeetingKind
from domain.messages import Body, Refused, Words, text, text_n
from domain.requests import Request
from handlers.forms import Answers, Choice, Field, fixed
from handlers.meetings import when
from storage.database import Connection


def is_one(answers: Answers) -> bool:
    return bool(answers["kind"] == MeetingKind.CONSULTATION)


def is_none(answers: Answers) -> bool:
    return not is_one(answers)


def _ask_length(_request: Request, _answers: Answers) -> Body:
    return text("How long is it in all?")


def _has_no_end(answers: Answers) -> bool:
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
        wrong = text(
            "This leaves no time for any family, or makes more than %(most)s times. Please take another.",
            most=SLOTS_MOST,
        )
        raise Refused(wrong)


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


FIELDS = (
    Field(
        "length",
        _ask_length,
        choices=fixed(*(Choice(text_n("%(n)s hour", "%(n)s hours", hours), str(hours)) for hours in (1, 2, 3, 4))),
        when=lambda answers: is_one(answers) and _has_no_end(answers),
    ),
    Field("minutes", _ask_minutes, read=_read_minutes, choices=_minutes, columns=4, when=is_one),
)
