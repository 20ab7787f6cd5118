"""A meeting: for whom it is, what people answered, and what may still be done about it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.messages import Text, ToAudience, text
from domain.reminders import Before, QuietHours, ahead, quiet_hours
from domain.requests import Community
from domain.roles import MEMBERS, Audience, Membership, Role, is_allowed, is_in
from domain.series import Every
from domain.writing import clean, clean_line, units

# Characters, as the messenger counts them.
TITLE_MOST = 100
PLACE_MOST = 200
AGENDA_MOST = 1_500
CAPACITY_MOST = 100_000
MOST_GUESTS = 5
SLOT_MINUTES = range(5, 121)
SLOTS_MOST = 40
SESSIONS_MOST = 20
PARTS_MOST = 1_100  # characters of all of them, so that with the longest agenda they fit into one message
_HOUR = re.compile(r"\s*(\d{1,2})[:.](\d{2})(?!\d)[\s–—-]*", re.ASCII)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class MeetingKind(StrEnum):
    JOINT = "joint"
    TRAINING = "training"
    WEBINAR = "webinar"
    DIALOGUE = "dialogue"
    VISIT = "visit"
    CONSULTATION = "consultation"


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
    # NOTE: button. Each family comes for a few minutes, at a time of its own.
    MeetingKind.CONSULTATION: text("Consultation"),
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
class Session:
    """A part of a meeting, so many minutes after it begins."""

    after: int
    title: str
    room: str | None = None
    speaker: str | None = None

    @property
    def length(self) -> int:
        """Its line, with the hour and what stands between."""
        return units(f"18:30 {self.title} · {self.room or ''} · {self.speaker or ''}\n")


@dataclass(frozen=True, slots=True)
class Meeting:
    """`roles`: for whom (empty: everybody); `zone`: whose wall time was meant; `revision` counts changes; `host`: whom
    a study visit goes to; `slot_minutes`: of a consultation, for each family; `is_announced`: its card went out.
    """

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
    changed_at: datetime = _LONG_AGO
    host: str | None = None
    speakers: str | None = None
    sessions: tuple[Session, ...] = ()
    slot_minutes: int | None = None
    series_id: int | None = None
    every: Every | None = None
    is_announced: bool = True
    takes_questions: bool = True  # until the organiser stops it
    source: str | None = None  # the community that offered it, by name; None: it is this community's own

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
    """What one person answered. `place`: on the waiting list, 1 is next; `slot`: her time in a consultation; `free`:
    places that nobody has, None: there is no limit, or nobody looked."""

    rsvp: Rsvp
    guests: int = 0
    place: int | None = None
    slot: datetime | None = None
    free: int | None = None

    @property
    def guests_most(self) -> int:
        """How many guests there is room for."""
        return MOST_GUESTS if self.free is None else max(0, min(MOST_GUESTS, self.guests + self.free))


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a meeting may be told to: how she lives, what she answered, whether she was sent the card."""

    person_id: int
    zone: str
    quiet_from: int | None
    quiet_until: int | None
    mine: Answer | None
    has_card: bool = False

    @property
    def hours(self) -> QuietHours | None:
        return quiet_hours(self.zone, self.quiet_from, self.quiet_until)


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


def is_for(seen: SeenMeeting, person_id: int, memberships: Iterable[Membership]) -> bool:
    """Whether somebody is invited to it, or has called or answered it and may still see it."""
    held = tuple(memberships)
    if is_in(seen.audience, held):
        return True
    concerned = seen.mine is not None or seen.meeting.called_by == person_id
    return concerned and is_allowed(MEMBERS, held, seen.community.path, seen.audience)


def reminders_ahead(meeting: Meeting, now: datetime) -> frozenset[Before]:
    """The reminders of it that can still come; in a consultation each family has an hour of its own."""
    hour = {Before.HOUR} if meeting.slot_minutes is not None else frozenset[Before]()
    return ahead(meeting.starts_at, meeting.zone, now) | hour


def has_begun(meeting: Meeting, now: datetime) -> bool:
    return meeting.starts_at <= now


def why_closed(meeting: Meeting, now: datetime) -> Text | None:
    """Why nothing can be answered or changed any more; None while it can."""
    if meeting.state is State.CANCELLED:
        return text("This meeting was cancelled: %(title)s", title=meeting.title)
    if has_begun(meeting, now):
        return text("This meeting has begun already: %(title)s", title=meeting.title)
    return None


def whose(meeting: Meeting) -> Text:
    """Of what kind it is, and of which community: a parent of several children has meetings of several classes."""
    return text("%(kind)s: %(name)s", kind=MEETING_KINDS[meeting.kind], name=meeting.community.name)


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


def sessions_of(words: str, starts_at: datetime, ends_at: datetime | None, zone: str) -> list[Session] | None:
    """The parts of a meeting, one on a line: "10:30 Reading aloud | Room 5 | Aysel"; None when a line is none, or lies
    outside the meeting."""
    found = [_session(line, starts_at, ends_at, ZoneInfo(zone)) for line in words.splitlines() if line.strip()]
    return [one for one in found if one is not None] if found and None not in found else None


def _session(line: str, starts_at: datetime, ends_at: datetime | None, zone: ZoneInfo) -> Session | None:
    hour = _HOUR.match(line)
    if hour is None or int(hour[1]) > 23 or int(hour[2]) > 59:
        return None
    after = _minutes_after(time(int(hour[1]), int(hour[2])), starts_at, ends_at, zone)
    title, room, speaker = ([clean_line(part) for part in line[hour.end() :].split("|", 2)] + ["", ""])[:3]
    fits = title_of(title) is not None and units(room) <= PLACE_MOST and units(speaker) <= PLACE_MOST
    return Session(after, title, room or None, speaker or None) if fits and after is not None else None


def _minutes_after(at: time, starts_at: datetime, ends_at: datetime | None, zone: ZoneInfo) -> int | None:
    """How long after the beginning it is that hour, on the day of the meeting; None: outside it."""
    moment = datetime.combine(starts_at.astimezone(zone).date(), at, zone).astimezone(UTC)
    if moment < starts_at or (ends_at is not None and moment >= ends_at):
        return None
    return (moment - starts_at) // timedelta(minutes=1)


def slots_of(meeting: Meeting) -> list[tuple[datetime, datetime]]:
    """The stretches of a consultation, one after the other."""
    if meeting.slot_minutes is None or meeting.ends_at is None:
        return []
    each = timedelta(minutes=meeting.slot_minutes)
    number = (meeting.ends_at - meeting.starts_at) // each
    return [(meeting.starts_at + at * each, meeting.starts_at + (at + 1) * each) for at in range(number)]


def capacity_of(words: str) -> int | None:
    """How many may come, as a whole number."""
    figures = words.strip()
    if not figures.isascii() or not figures.isdigit() or len(figures) > len(str(CAPACITY_MOST)):
        return None
    return int(figures) if 1 <= int(figures) <= CAPACITY_MOST else None
