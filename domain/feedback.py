"""How it was: three faces and one line after a meeting, from those who were there, and what its organiser is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.meetings import Meeting
from domain.messages import Body, Keyboard, Words, button, lines, paragraphs, text
from domain.suppression import LEAST
from domain.writing import clean_line, units

LINE_MOST = 150
OPEN_FOR = timedelta(days=7)
FIRST_LOOK = timedelta(days=1)  # after asking, when enough have answered
PAGE = 20  # lines in one message
FACES = {3: "🙂", 2: "😐", 1: "🙁"}

_ASKED_AT = (time(9), time(19))  # where the meeting was
_BREATH = timedelta(minutes=30)  # nobody is asked on the stairs


@dataclass(frozen=True, slots=True)
class Tally:
    """What was answered: how many persons, the sum of their faces, and how many wrote a line."""

    persons: int = 0
    faces: int = 0
    lines: int = 0


def asks_at(ended_at: datetime, zone: str) -> datetime:
    """The next morning or evening."""
    there, ready = ZoneInfo(zone), ended_at + _BREATH
    today = ready.astimezone(there).date()
    moments = (_moment(day, at, there) for day in (today, today + timedelta(days=1)) for at in _ASKED_AT)
    return next(moment for moment in moments if moment >= ready)


def _moment(day: date, at: time, there: ZoneInfo) -> datetime:
    return datetime.combine(day, at, there).astimezone(UTC)


def read(typed: str) -> str | None:
    line = clean_line(typed)
    return line if units(line) <= LINE_MOST and any(letter.isalnum() for letter in line) else None


def is_worth_showing(tally: Tally, shown: int) -> bool:
    """Whether the numbers may go to the organiser, or once more: never so that the difference is fewer than five."""
    return tally.persons - shown >= LEAST


# --- whoever was there ------------------------------------------------------------------------------------------------


def question(meeting: Meeting) -> Body:
    return lines(
        # NOTE: read by pupils and by teachers: without a form of address
        text("How was it? %(title)s", title=meeting.title),
        # NOTE: read by pupils and by teachers: without a form of address
        text("The organiser sees the average, and nobody's name."),
    )


def answered(meeting: Meeting, face: int, line: str | None) -> Body:
    return paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text("How was it? %(title)s", title=meeting.title),
        lines(
            # NOTE: read by pupils and by teachers: without a form of address
            text("%(face)s Thank you! Another tap changes it.", face=Words(FACES[face])),
            Words(line) if line else None,
        ),
    )


def buttons(meeting: Meeting, face: int | None = None) -> Keyboard:
    faces = [button(Words(f"✓ {sign}" if one == face else sign), "fb", meeting.id, one) for one, sign in FACES.items()]
    # NOTE: button. A line about a meeting, after a face was chosen.
    write = button(text("Write a line"), "fb.line", meeting.id)
    # NOTE: button. Leaves a question without an answer.
    skip = button(text("Skip"), "fb.skip", meeting.id)
    return [faces, [skip if face is None else write]]


# --- its organiser ----------------------------------------------------------------------------------------------------


def card_of(meeting_id: int) -> str:
    return f"feedback:{meeting_id}"


def summary(meeting: Meeting, shown: Tally | None, said: Sequence[str]) -> Body:
    """`shown` None: too few answered for any number."""
    if shown is None:
        numbers: Body = text("Fewer than %(least)s people answered, so I show no numbers.", least=LEAST)
    else:
        numbers = lines(
            text("On average: %(average)s of 3", average=Words(f"{shown.faces / shown.persons:.1f}")),
            text("Answers: %(count)s", count=shown.persons),
        )
    return paragraphs(
        text("<b>How it was</b>: %(title)s", title=meeting.title),
        numbers,
        lines(*(text("– %(words)s", words=one) for one in said)) if said else None,
    )


def words_of(meeting: Meeting, said: Sequence[str]) -> Body:
    """What does not fit into the summary."""
    heading = text("<b>How it was</b>: %(title)s", title=meeting.title)
    return paragraphs(heading, lines(*(text("– %(words)s", words=one) for one in said)))


def summary_buttons(meeting: Meeting, page: int, *, more: bool) -> Keyboard:
    # NOTE: button
    return [[button(text("More"), "fb.words", meeting.id, page + 1)]] if more else []


def over(meeting: Meeting) -> Body:
    """Told to its organiser when it has ended."""
    return text("The meeting is over: %(title)s", title=meeting.title)


def over_buttons(meeting: Meeting) -> Keyboard:
    return [
        # NOTE: button. The code at the door of a meeting, and how many came.
        [button(text("Attendance"), "mt.door", meeting.id)],
        # NOTE: button. What was talked about and decided at a meeting.
        [button(text("Minutes"), "mn.write", meeting.id)],
    ]
