"""What is ahead for one person, and one meeting opened from that list."""

from collections import Counter
from collections.abc import Sequence

import storage.decisions
import storage.meetings
import storage.rsvps
from domain import meeting_cards
from domain.lists import page_of, turning
from domain.meeting_cards import OPENED, dated
from domain.meetings import SeenMeeting, is_for, why_closed
from domain.messages import Body, Edit, Keyboard, Outgoing, Refused, Say, Text, Words, button, text
from domain.requests import Request
from domain.roles import LEADERS, ids_above, is_in
from handlers.meetings import minutes
from handlers.meetings.answer import opened_buttons
from handlers.menus import has_anywhere
from storage.database import Connection

_PAGE = 3  # six doors stand below the first page


async def show(db: Connection, request: Request) -> list[Outgoing]:
    body, buttons = await _list(db, request, 0)
    return [Say(body, buttons)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the page."""
    body, buttons = await _list(db, request, request.number(0))
    return [Edit(body, buttons)]


async def open_one(db: Connection, request: Request) -> list[Outgoing]:
    seen: SeenMeeting = request.subject
    closed = why_closed(seen.meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    # With the places that are free by now.
    mine = await storage.rsvps.answer(db, seen.meeting.id, request.person.id) if seen.mine else None
    card = meeting_cards.card(seen.meeting, mine)
    return [Edit(card, opened_buttons(request, seen.meeting, mine, OPENED))]


async def _list(db: Connection, request: Request, given: int) -> tuple[Body, Keyboard]:
    found = await _for_me(db, request)
    page = page_of(found, given, _PAGE)
    shown = [(seen.meeting, seen.mine, is_in(seen.audience, request.memberships)) for seen in page.shown]
    return meeting_cards.ahead(shown), [
        *([button(label, "mt", seen.meeting.id)] for seen, label in zip(page.shown, _labels(page.shown), strict=True)),
        turning("mt.all", page=page.number, more=page.more),
        *(await _doors(db, request) if page.number == 0 else ()),
    ]


def _labels(shown: Sequence[SeenMeeting]) -> list[Text | Words]:
    """Titles; with its day where several meetings of a series have the same."""
    titles = Counter(seen.meeting.title for seen in shown)
    return [dated(seen.meeting) if titles[seen.meeting.title] > 1 else Words(seen.meeting.title) for seen in shown]


async def _doors(db: Connection, request: Request) -> Keyboard:
    """What else there is about meetings."""
    leads = has_anywhere(LEADERS, request.memberships)
    return [
        # NOTE: button. What one took on at meetings.
        [button(text("My tasks"), "tk.mine")] if await storage.decisions.open_of(db, request.person.id, most=1) else [],
        # NOTE: button. Meetings that have begun or are over, for whoever leads: who came, the minutes.
        [button(text("Past meetings"), "mt.held")] if leads else await minutes.door(db, request),
        # NOTE: button. Whoever came to a meeting gives its code.
        [button(text("I am here"), "mt.here")],
        # NOTE: button. All one's meetings in the calendar of one's phone.
        [button(text("📅 My calendar"), "mt.feed")],
        # NOTE: button
        [button(text("Call a meeting"), "meeting")] if leads else [],
    ]


async def _for_me(db: Connection, request: Request) -> list[SeenMeeting]:
    """Those she is invited to, has called or answered; only as long as she may see them."""
    found = await storage.meetings.ahead(db, request.person.id, ids_above(request.memberships), request.now)
    return [seen for seen in found if is_for(seen, request.person.id, request.memberships)]
