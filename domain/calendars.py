"""Meetings for people's calendars: a file of one, and the feed of all that concern somebody.

Opened or read again after a change an entry replaces the one before (same UID, next SEQUENCE); a cancellation takes it
away. What is made of the same meetings is the same to the byte.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.meetings import Meeting, Rsvp, SeenMeeting, State

if TYPE_CHECKING:
    from icalendar import Calendar, Event, vCalAddress

# Time zones change once or twice a year: a calendar needs those around its meetings.
_ZONES_KNOWN = timedelta(days=366)
_FORM = 2  # one more when what is written of the same meetings changes
_ASKED_AGAIN = timedelta(hours=1)


def file(seen: SeenMeeting) -> bytes:
    """One meeting, as somebody sees it."""
    calendar = _calendar([seen])
    calendar.add("method", "CANCEL" if seen.meeting.state is State.CANCELLED else "PUBLISH")
    return bytes(calendar.to_ical())


def wanted(found: Sequence[SeenMeeting]) -> list[SeenMeeting]:
    """Of what somebody is invited to, all that she has not declined."""
    return [seen for seen in found if seen.mine is None or seen.mine.rsvp is not Rsvp.DECLINED]


def tag(found: Sequence[SeenMeeting]) -> str:
    """Another one when the feed of these would be another: known before anything of it is written."""
    facts = "\0".join(f"{_facts(seen)}" for seen in found)
    return sha256(f"{_FORM}\0{facts}".encode()).hexdigest()[:32]


def _facts(seen: SeenMeeting) -> tuple[str, ...]:
    meeting, slot = seen.meeting, seen.mine.slot if seen.mine else None
    return meeting.uid, str(meeting.revision), str(meeting.changed_at), meeting.state, meeting.community.name, str(slot)


def feed(found: Sequence[SeenMeeting]) -> bytes:
    """For a calendar that asks for it again every hour."""
    calendar = _calendar(found)
    calendar.add("x-wr-calname", "Birge")
    calendar.add("refresh-interval", _ASKED_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return bytes(calendar.to_ical())


def _calendar(found: Sequence[SeenMeeting]) -> "Calendar":
    from icalendar import Calendar  # few ask for it: 80 modules wait for the first who does

    calendar = Calendar()
    calendar.add("prodid", "-//Birge//Birge//EN")
    calendar.add("version", "2.0")
    for seen in found:
        calendar.add_component(_event(seen))
    starts = [seen.meeting.starts_at for seen in found]
    if starts:
        calendar.add_missing_timezones((min(starts) - _ZONES_KNOWN).date(), (max(starts) + _ZONES_KNOWN).date())
    return calendar


def _event(seen: SeenMeeting) -> "Event":
    from icalendar import Event

    meeting, there = seen.meeting, ZoneInfo(seen.meeting.zone)
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.revision)
    event.add("dtstamp", meeting.changed_at)
    starts_at, ends_at = _times(seen)
    event.add("dtstart", starts_at.astimezone(there))
    if ends_at is not None:
        event.add("dtend", ends_at.astimezone(there))
    event.add("summary", f"{meeting.title} · {meeting.community.name}")
    event.add("status", _status(seen))
    if meeting.place is not None:
        event.add("location", meeting.place)
    if meeting.agenda is not None:
        event.add("description", meeting.agenda)
    event.add("organizer", _organiser(meeting))
    return event


def _times(seen: SeenMeeting) -> tuple[datetime, datetime | None]:
    """Of a consultation, one's own."""
    slot, minutes = seen.mine.slot if seen.mine else None, seen.meeting.slot_minutes
    if slot is None or minutes is None:
        return seen.meeting.starts_at, seen.meeting.ends_at
    return slot, slot + timedelta(minutes=minutes)


def _status(seen: SeenMeeting) -> str:
    return "CANCELLED" if seen.meeting.state is State.CANCELLED else "CONFIRMED"


def _organiser(meeting: Meeting) -> "vCalAddress":
    # The standard wants an organiser. It is the community: no person's name leaves with the file.
    from icalendar import vCalAddress

    organiser = vCalAddress("invalid:nomail")
    organiser.params["CN"] = meeting.community.name
    return organiser
