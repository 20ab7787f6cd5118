"""What has begun already, for whoever leads it: who came is counted, and minutes are written, when its card has long
scrolled away."""

from datetime import timedelta

import storage.meetings
from domain.meeting_cards import dated
from domain.meetings import Meeting, State, has_begun
from domain.messages import Outgoing, Say, button, text
from domain.requests import Request
from domain.roles import LEADERS, ids_above, is_allowed
from handlers.meetings import minutes
from storage.database import Connection

_LATELY = timedelta(days=30)
_MOST = 8


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The latest first."""
    ids, since = ids_above(request.memberships), request.now - _LATELY
    found = [seen.meeting for seen in await storage.meetings.in_calendar(db, request.person.id, ids, since)]
    held = [meeting for meeting in found if _is_hers(request, meeting)]
    asked = text("Which meeting is it?") if held else text("None of your meetings has begun in the last 30 days.")
    latest = reversed(held[-_MOST:])
    rows = [[button(dated(meeting), "mt.manage", meeting.id)] for meeting in latest]
    return [Say(asked, [*rows, await minutes.door(db, request)])]


def _is_hers(request: Request, meeting: Meeting) -> bool:
    leads = is_allowed(LEADERS, request.memberships, meeting.community.path)
    return leads and meeting.state is State.CALLED and has_begun(meeting, request.now)
