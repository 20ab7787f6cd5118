"""What time triggers about attendance: the organiser's card shows how many have come by now."""

from datetime import datetime, timedelta

import storage.attendance
import storage.meetings
import storage.persons
from domain import attendance
from domain.messages import Edit, Outgoing, ToPerson
from domain.roles import LEADERS, is_allowed
from storage.database import Connection

_CARDS = 50  # in one tick
_PAUSE = timedelta(seconds=3)


async def refresh_attendance_cards(db: Connection, now: datetime) -> list[Outgoing]:
    shown = await storage.attendance.take_due(db, now, now + _PAUSE, _CARDS)
    held = await storage.persons.memberships_of(db, [one.shown_to for one in shown], now)
    said: list[Outgoing] = []
    for one in shown:
        meeting = await storage.meetings.get(db, one.meeting_id)
        if is_allowed(LEADERS, held.get(one.shown_to, ()), meeting.community.path):
            came = await storage.attendance.count(db, meeting.id)
            body, rows = attendance.card(meeting, came), attendance.buttons(meeting, came)
            said.append(Edit(body, rows, attendance.card_of(meeting.id), ToPerson(one.shown_to), live=True))
    return said
