"""How it was: three faces and one line after a meeting, from those who were there, and what its organiser is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.meetings import Meeting, whose
from domain.messages import Body, Keyboard, Moment, Words, button, lines, paragraphs, text
from domain.suppression import LEAST
from domain.writing import clean_line, units

LINE_MOST = 150
OPEN_FOR = timedelta(days=3)  # then the words are read, all at once
FIRST_LOOK = timedelta(days=1)  # after asking: the numbers, when enough have answered
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
        _asked(meeting),
        # NOTE: read by pupils and by teachers: without a form of address
        text("The organiser sees the average of at least %(least)s answers, and nobody's name.", least=LEAST),
    )


def _asked(meeting: Meeting) -> Body:
    # NOTE: read by pupils and by teachers: without a form of address
    return lines(text("How was it? %(title)s", title=meeting.title), whose(meeting))


def ask_line(read_at: datetime, *, few: bool) -> Body:
    """`few`: so few were there that the organiser may know each by her words."""
    return lines(
        # NOTE: read by pupils and by teachers: without a form of address
        text("What was good, what was missing? One line, at most %(most)s characters.", most=LINE_MOST),
        # NOTE: read by pupils and by teachers: without a form of address
        text("The organiser reads all lines together, without names: %(day)s.", day=Moment(read_at, show="day")),
        # NOTE: read by pupils and by teachers: without a form of address
        text("Only a few were there, so the organiser may guess who wrote it.") if few else None,
    )


def answered(meeting: Meeting, face: int, line: str | None) -> Body:
    return paragraphs(
        _asked(meeting),
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


def first_look(meeting: Meeting, shown: Tally, words_at: datetime) -> Body:
    """While people still answer: the numbers alone, so that no word is known by when it came."""
    return paragraphs(
        _heading(meeting),
        _numbers(shown),
        text("If anybody has written something, it comes on this day: %(day)s", day=Moment(words_at, show="day")),
    )


def summary(meeting: Meeting, tally: Tally, told: int, said: Sequence[str]) -> Body:
    """At the end. `told`: the answers in the numbers that were shown before."""
    if is_worth_showing(tally, told):
        numbers: Body | None = _numbers(tally)
    elif told:
        numbers = None
    else:
        numbers = text("Fewer than %(least)s people answered, so I show no numbers.", least=LEAST)
    return paragraphs(_heading(meeting), numbers, _lines(said) if said else None)


def _heading(meeting: Meeting) -> Body:
    return text("<b>How it was</b>: %(title)s", title=meeting.title)


def _numbers(tally: Tally) -> Body:
    return lines(
        text("On average: %(average)s of 3", average=tally.faces / tally.persons),
        text("Answers: %(count)s", count=tally.persons),
    )


def _lines(said: Sequence[str]) -> Body:
    return lines(*(text("– %(words)s", words=one) for one in said))


def words_of(meeting: Meeting, said: Sequence[str]) -> Body:
    """What does not fit into the summary."""
    return paragraphs(_heading(meeting), _lines(said))


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
