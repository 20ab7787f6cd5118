"""A meeting: for whom it is, what people answered, and what may still be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.messages import Text, ToAudience, text
from domain.reminders import Before
from domain.requests import Community
from domain.roles import Audience, Role
from domain.writing import clean, clean_line, units

if TYPE_CHECKING:
    from icalendar import vCalAddress

# Characters, as the messenger counts them.
TITLE_MOST = 100
PLACE_MOST = 200
AGENDA_MOST = 1_500
CAPACITY_MOST = 100_000
MOST_GUESTS = 5
# Time zones change once or twice a year: a calendar needs those around the meeting.
_ZONES_KNOWN = timedelta(days=366)


class MeetingKind(StrEnum):
    JOINT = "joint"
    TRAINING = "training"
    WEBINAR = "webinar"
    DIALOGUE = "dialogue"
    VISIT = "visit"


MEETING_KINDS: dict[MeetingKind, Text] = {
    # NOTE: button. Parents, teachers and pupils of a class or school come together.
    MeetingKind.JOINT: text("Joint meeting"),
    # NOTE: button
    MeetingKind.TRAINING: text("Training"),
    # NOTE: button
    MeetingKind.WEBINAR: text("Webinar"),
    # NOTE: button. Pupils meet somebody who decides, and ask questions.
    MeetingKind.DIALOGUE: text("Dialogue"),
    # NOTE: button. One school visits another to learn from it.
    MeetingKind.VISIT: text("Study visit"),
}

_TEACHERS = frozenset({Role.TEACHER, Role.HEAD_OF_CLASS, Role.PSYCHOLOGIST})
# What a button carries, and the roles that are meant.
AUDIENCES: Mapping[str, frozenset[Role]] = {
    "all": frozenset(),
    "parents": frozenset({Role.PARENT}),
    "pupils": frozenset({Role.PUPIL}),
    "teachers": _TEACHERS,
    "adults": _TEACHERS | {Role.PARENT},
}
AUDIENCE_NAMES: Mapping[str, Text] = {
    # NOTE: button. Everybody in a class or school.
    "all": text("Everybody"),
    # NOTE: button. Several people.
    "parents": text("Parents"),
    # NOTE: button. Several people.
    "pupils": text("Pupils"),
    # NOTE: button. Several people.
    "teachers": text("Teachers"),
    # NOTE: button
    "adults": text("Parents, teachers"),
}


class Rsvp(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    WAITING = "waiting"  # would come, but it is full


class State(StrEnum):
    CALLED = "called"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Meeting:
    """`roles`: for whom (empty: everybody); `zone`: whose wall time was meant; `revision` counts changes."""

    id: int
    community: Community
    kind: MeetingKind
    title: str
    starts_at: datetime
    zone: str
    called_by: int
    ends_at: datetime | None = None
    place: str | None = None
    agenda: str | None = None
    roles: frozenset[Role] = frozenset()
    capacity: int | None = None
    in_group: bool = True
    reminds: frozenset[Before] = frozenset(Before)
    state: State = State.CALLED
    revision: int = 0
    uid: str = ""

    @property
    def audience(self) -> Audience:
        return Audience(self.community.id, self.community.path, self.roles)

    @property
    def to(self) -> ToAudience:
        return ToAudience(self.community.id, tuple(sorted(role.value for role in self.roles)))

    @property
    def card(self) -> str:
        return f"meeting:{self.id}"

    @property
    def organisers_card(self) -> str:
        return f"organiser:{self.id}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person answered. `place`: on the waiting list, 1 is next."""

    rsvp: Rsvp
    guests: int = 0
    place: int | None = None


@dataclass(frozen=True, slots=True)
class SeenMeeting:
    """A meeting as one person sees it."""

    meeting: Meeting
    mine: Answer | None = None

    @property
    def community(self) -> Community:
        return self.meeting.community

    @property
    def audience(self) -> Audience:
        return self.meeting.audience


@dataclass(frozen=True, slots=True)
class Counts:
    """How many answered what; guests come on top of those who are going."""

    persons: Mapping[Rsvp, int] = field(default_factory=dict)
    guests: int = 0

    def of(self, rsvp: Rsvp) -> int:
        return self.persons.get(rsvp, 0)

    def free(self, capacity: int) -> int:
        return max(0, capacity - self.of(Rsvp.ACCEPTED) - self.guests)


def has_begun(meeting: Meeting, now: datetime) -> bool:
    return meeting.starts_at <= now


def why_closed(meeting: Meeting, now: datetime) -> Text | None:
    """Why nothing can be answered or changed any more; None while it can."""
    if meeting.state is State.CANCELLED:
        return text("This meeting was cancelled: %(title)s", title=meeting.title)
    if has_begun(meeting, now):
        return text("This meeting has begun already: %(title)s", title=meeting.title)
    return None


def audience_name(meeting: Meeting) -> Text:
    return next(AUDIENCE_NAMES[name] for name, roles in AUDIENCES.items() if roles == meeting.roles)


def title_of(words: str) -> str | None:
    """A title; None when it is too long or says nothing."""
    title = clean_line(words)
    return title if units(title) <= TITLE_MOST and any(letter.isalnum() for letter in title) else None


def place_of(words: str) -> str | None:
    place = clean_line(words)
    return place if 1 <= units(place) <= PLACE_MOST else None


def agenda_of(words: str) -> str | None:
    agenda = clean(words)
    return agenda if 1 <= units(agenda) <= AGENDA_MOST else None


def capacity_of(words: str) -> int | None:
    """How many may come, as a whole number."""
    figures = words.strip()
    if not figures.isascii() or not figures.isdigit() or len(figures) > len(str(CAPACITY_MOST)):
        return None
    return int(figures) if 1 <= int(figures) <= CAPACITY_MOST else None


def calendar_file(meeting: Meeting, now: datetime) -> bytes:
    """The meeting for people's calendars. Opened again after a change it replaces the entry (same UID, next SEQUENCE),
    after a cancellation it takes it away."""
    from icalendar import Calendar, Event  # few ask for the file: 80 modules wait for the first who does

    cancelled = meeting.state is State.CANCELLED
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.revision)
    event.add("dtstamp", now)
    there = ZoneInfo(meeting.zone)
    event.add("dtstart", meeting.starts_at.astimezone(there))
    if meeting.ends_at is not None:
        event.add("dtend", meeting.ends_at.astimezone(there))
    event.add("summary", meeting.title)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if meeting.place is not None:
        event.add("location", meeting.place)
    if meeting.agenda is not None:
        event.add("description", meeting.agenda)
    event.add("organizer", _organiser(meeting))
    calendar = Calendar()
    calendar.add("prodid", "-//Birge//Birge//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones((meeting.starts_at - _ZONES_KNOWN).date(), (meeting.starts_at + _ZONES_KNOWN).date())
    return bytes(calendar.to_ical())


def _organiser(meeting: Meeting) -> "vCalAddress":
    # The standard wants an organiser. It is the community: no person's name leaves with the file.
    from icalendar import vCalAddress

    organiser = vCalAddress("invalid:nomail")
    organiser.params["CN"] = meeting.community.name
    return organiser
