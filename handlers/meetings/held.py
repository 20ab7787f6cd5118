"""What has begun already, for whoever leads it: who came is counted, and minutes are written, when its card has long
scrolled away."""

from datetime import timedelta

import storage.meetings
from domain.meetings import Meeting, State, has_begun
from domain.messages import Button, Moment, Outgoing, Refused, Say, Words, button, text
from domain.requests import Request
from domain.roles import LEADERS, ids_above, is_allowed
from domain.writing import shorten
from storage.database import Connection

_LATELY = timedelta(days=30)
_MOST = 8


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The latest first."""
    ids, since = ids_above(request.memberships), request.now - _LATELY
    found = [seen.meeting for seen in await storage.meetings.in_calendar(db, request.person.id, ids, since)]
    held = [meeting for meeting in found if _is_hers(request, meeting)]
    if not held:
        raise Refused(text("None of your meetings has begun in the last 30 days."))
    return [Say(text("Which meeting is it?"), [[_door(meeting)] for meeting in held[: -_MOST - 1 : -1]])]


def _is_hers(request: Request, meeting: Meeting) -> bool:
    leads = is_allowed(LEADERS, request.memberships, meeting.community.path)
    return leads and meeting.state is State.CALLED and has_begun(meeting, request.now)


def _door(meeting: Meeting) -> Button:
    day = Moment(meeting.starts_at, show="date")
    label = text("%(day)s: %(words)s", day=day, words=Words(shorten(meeting.title, 30)))
    return button(label, "mt.manage", meeting.id)
