"""What a meeting decided: who takes care of what until when, and when that person is reminded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.announcements import Content
from domain.meetings import Meeting, whose
from domain.messages import (
    Body,
    DeepLink,
    Keyboard,
    Link,
    Moment,
    Text,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Community
from domain.writing import clean, clean_line, shorten, units

WORDS_MOST = 200
NOTE_MOST = 200
MINUTES_MOST = 3_000
CAPTION_MOST = 700  # of minutes that come as a file
MOST = 15  # decisions of one meeting

_SHOWN_IN_GROUP = 100
_REMINDED_AT = time(9)  # where the meeting was
_DUE_AT = time(18)
_OVERDUE = (7, 14, 21)  # days after


class State(StrEnum):
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Minutes:
    content: Content
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """`owner_id` None: nobody takes care of it any more. `revision` counts its owners, its days and its end."""

    id: int
    meeting: Meeting
    words: str
    owner_id: int | None
    made_by: int
    due_at: datetime
    state: State = State.OPEN
    note: str | None = None
    revision: int = 0
    reminded: int = 0

    @property
    def community(self) -> Community:
        return self.meeting.community

    @property
    def card(self) -> str:
        return f"decision:{self.id}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who takes care of it, as others are told: a child has no name there."""

    name: str
    is_pupil: bool


# --- when -------------------------------------------------------------------------------------------------------------


def due_on(day: str, zone: str) -> datetime:
    """The end of the working day of an ISO date."""
    return _at(datetime.fromisoformat(day), _DUE_AT, zone)


def _at(day: datetime, hour: time, zone: str) -> datetime:
    return datetime.combine(day.date(), hour, ZoneInfo(zone)).astimezone(UTC)


def reminders(due_at: datetime, zone: str) -> tuple[datetime, ...]:
    """The day before, on the day, and weekly when it is overdue: three times, then nobody nags any more."""
    day = due_at.astimezone(ZoneInfo(zone))
    return tuple(_at(day + timedelta(days=days), _REMINDED_AT, zone) for days in (-1, 0, *_OVERDUE))


def next_reminder(due_at: datetime, zone: str, now: datetime) -> tuple[int, datetime | None]:
    """The number of the first one still ahead, and its time; None: there is none."""
    times = reminders(due_at, zone)
    passed = sum(at <= now for at in times)
    return passed, times[passed] if passed < len(times) else None


def is_overdue(decision: Decision, now: datetime) -> bool:
    """Whether its day is over."""
    zone = ZoneInfo(decision.meeting.zone)
    return decision.state is State.OPEN and decision.due_at.astimezone(zone).date() < now.astimezone(zone).date()


# --- what is typed ----------------------------------------------------------------------------------------------------


def read_words(typed: str) -> str | None:
    words = clean_line(typed)
    return words if units(words) <= WORDS_MOST and any(letter.isalnum() for letter in words) else None


def read_note(typed: str) -> str | None:
    note = clean(typed)
    return note if 1 <= units(note) <= NOTE_MOST else None


def room_for(content: Content) -> int:
    return MINUTES_MOST if content.kind is None else CAPTION_MOST


# --- what the group and those who were invited see --------------------------------------------------------------------


def card_of(meeting_id: int) -> str:
    return f"decisions:{meeting_id}"


def group_card(
    meeting: Meeting, minutes: Minutes | None, decided: Sequence[tuple[Decision, Owner | None]], now: datetime
) -> Body:
    """How far it is; adults by name, no child."""
    done = sum(decision.state is State.DONE for decision, _ in decided)
    return paragraphs(
        text("📝 <b>After the meeting</b>: %(title)s", title=meeting.title),
        text("Done: %(done)s of %(all)s", done=done, all=len(decided)) if decided else None,
        *(progress(decision, owner, now) for decision, owner in decided),
        text("The minutes can be read in the private chat with me.") if minutes else None,
    )


def group_buttons(meeting: Meeting, minutes: Minutes | None) -> Keyboard:
    # NOTE: button. What was talked about and decided at a meeting.
    return [[Link(text("Read the minutes"), DeepLink(f"mn-{meeting.id}"))]] if minutes else []


def progress(decision: Decision, owner: Owner | None, now: datetime) -> Body:
    words = shorten(decision.words, _SHOWN_IN_GROUP)
    if decision.state is State.DONE:
        return text("✓ %(words)s", words=words)
    late = is_overdue(decision, now)
    sign = text("⏰ %(words)s", words=words) if late else text("☐ %(words)s", words=words)
    until = text("Until: %(day)s", day=_day(decision))
    return lines(sign, text("Who: %(name)s", name=who(owner)), until)


def who(owner: Owner | None) -> Text | Words:
    if owner is None:
        return text("nobody yet")
    # NOTE: in place of a child's name: Who: a pupil
    return text("a pupil") if owner.is_pupil else text("%(name)s", name=owner.name)


def _day(decision: Decision) -> Moment:
    return Moment(decision.due_at, decision.meeting.zone, show="day")


# --- what its owner sees ----------------------------------------------------------------------------------------------


def task(decision: Decision, first: Text | None = None) -> Body:
    """`first`: why it is said now."""
    return paragraphs(
        first,
        # NOTE: any alphabet
        text("<b>%(title)s</b>", title=decision.words),
        lines(
            text("Until: %(day)s", day=_day(decision)),
            text("From the meeting: %(title)s", title=decision.meeting.title),
            whose(decision.meeting),
        ),
    )


def done_task(decision: Decision) -> Body:
    return lines(text("✓ %(words)s", words=decision.words), text("Done. Thank you!"))


def task_buttons(decision: Decision) -> Keyboard:
    return [
        [
            # NOTE: button. A task is done.
            button(text("✓ Done"), "tk.say", decision.id, "done"),
            # NOTE: button. A task needs more time.
            button(text("Later"), "tk.say", decision.id, "later"),
        ],
        # NOTE: button. Whoever was given a task can't do it.
        [button(text("I can't do it"), "tk.say", decision.id, "no")],
    ]


# NOTE: read by pupils and by teachers: without a form of address
GIVEN = text("📌 A task from the meeting:")
REMINDERS: tuple[Text, ...] = (
    # NOTE: a reminder of a task
    text("⏰ Tomorrow is the day:"),
    # NOTE: a reminder of a task
    text("⏰ Today is the day:"),
    # NOTE: a reminder of a task
    text("⏰ The day is over. Is it done?"),
)


def reminder(decision: Decision, number: int) -> Body:
    return task(decision, REMINDERS[min(number, len(REMINDERS) - 1)])
