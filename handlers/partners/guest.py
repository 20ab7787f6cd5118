"""What a partner sees of the community that invited her: what was opened to her, and no member of it."""

import storage.communities
import storage.partners
from domain import calendars
from domain.meetings import SeenMeeting, why_closed
from domain.messages import (
    Body,
    Delete,
    Edit,
    Keyboard,
    Moment,
    NewFile,
    Outgoing,
    Refused,
    Say,
    Words,
    button,
    paragraphs,
    text,
)
from domain.partners import (
    MOST_SHOWN,
    OpenAnnouncement,
    OpenMeeting,
    announcement_shown,
    card_of,
    first_words,
    in_short,
    meeting_shown,
)
from domain.requests import Community, Request
from domain.roles import Role
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.database import Connection

_FIRST_WORDS = 40


async def load_meeting(db: Connection, meeting_id: int, person_id: int) -> OpenMeeting | None:
    """One that is open: all others are not there."""
    found = await storage.partners.meeting(db, meeting_id, person_id)
    return found if found is not None and found.is_open else None


async def load_announcement(db: Connection, announcement_id: int, person_id: int) -> OpenAnnouncement | None:
    found = await storage.partners.announcement(db, announcement_id, person_id)
    return found if found is not None and found.is_open else None


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community."""
    community = community_of(request)
    meetings = await storage.partners.meetings_ahead(db, community.id, request.now, most=MOST_SHOWN, only_open=True)
    announcements = await storage.partners.announcements(db, community.id, most=MOST_SHOWN, only_open=True)
    rows: Keyboard = [
        *([button(Words(one.meeting.title), "pt.m", one.meeting.id)] for one in meetings),
        *([button(first_words(one, _FIRST_WORDS), "pt.a", one.id)] for one in announcements),
        # NOTE: button. Give up a role, leave.
        [button(text("Leave"), "c.down", community.id)],
    ]
    nothing = text("Nothing is open to you at the moment.") if not (meetings or announcements) else None
    return [Say(paragraphs(await _guest_of(db, request, community), in_short(meetings), nothing), rows)]


async def _guest_of(db: Connection, request: Request, community: Community) -> Body:
    own = await storage.communities.own(db, request.person.id, community.id, request.now)
    until = next((one.until for one in own if one.role == Role.PARTNER), None)
    if until is None:
        return text("You are a partner of: %(name)s", name=community.name)
    day = Moment(until, community.zone, show="date")
    return text("You are a partner of: %(name)s, until %(day)s", name=community.name, day=day)


async def show_meeting(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting."""
    meeting = request.subject.meeting
    closed = why_closed(meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    # NOTE: button. Gives a file that puts the meeting into the phone's calendar.
    calendar = button(text("📅 Calendar"), "pt.ics", meeting.id)
    return [Edit(meeting_shown(meeting), [[calendar], [button(text("Back"), "pt.see", meeting.community.id)]])]


async def send_calendar(_db: Connection, request: Request) -> list[Outgoing]:
    meeting = request.subject.meeting
    file = NewFile("meeting.ics", calendars.file(SeenMeeting(meeting)), "text/calendar")
    return [Say(text("Open this file to put it into your calendar: %(title)s", title=meeting.title), media=file)]


async def show_announcement(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    one: OpenAnnouncement = request.subject
    if not one.content.words and one.content.media is None:
        raise not_here()
    back = [[button(text("Back"), "pt.see", one.community.id)]]
    # One copy of it, so that none is left over when it is taken back.
    again = Say(announcement_shown(one), back, media=one.content.media, card=card_of(one.id))
    return [Delete(card_of(one.id)), again]
