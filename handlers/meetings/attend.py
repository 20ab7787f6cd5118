"""Attendance: the code at the door, and counting those who have no phone with them."""

from datetime import datetime
from functools import partial

import storage.attendance
import storage.called
import storage.conversations
import storage.meetings
from domain import attendance
from domain.attendance import Party, heads_of, party_of
from domain.meetings import Meeting, State
from domain.messages import (
    Body,
    DeepLink,
    Edit,
    Moment,
    Outgoing,
    QrCode,
    Refused,
    Say,
    Toast,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import LEADERS, MEMBERS, is_allowed
from domain.typed_codes import Kind
from handlers import forms, typed_codes
from handlers.forms import Answers, Field, Form
from handlers.route import not_here
from handlers.typed_codes import Door
from storage.database import Connection

STEP = "mt.code"
# NOTE: read by pupils and by teachers: without a form of address
_NO_SUCH = text("No meeting has this code. It has 6 letters, for example BKTRPX.")
_DOOR = Door(Kind.ATTENDANCE, attendance.read, _NO_SUCH)
_NAMES, _LAST_PAGE = 40, 100_000


# --- whoever comes ----------------------------------------------------------------------------------------------------


async def ask_code(db: Connection, request: Request) -> list[Outgoing]:
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, {}, request.now)
    # NOTE: read by pupils and by teachers: without a form of address
    asked = text("The 6 letters shown at the door or in the webinar, please:")
    return [Say(asked, [[button(text("Cancel"), "cancel", token)]], asks=token)]


async def take_code(db: Connection, request: Request) -> list[Outgoing]:
    """The code that was asked for. A wrong one may be typed again."""
    said = await come_by(db, request)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return said


async def by_link(db: Connection, request: Request) -> list[Outgoing]:
    """/start here-CODE: what the QR code opens. args: the code."""
    return await _come(db, request, request.args[0] if request.args else "")


async def is_code(db: Connection, words: str) -> bool:
    """Whether it is the code of some meeting."""
    code = attendance.read(words)
    return code is not None and await storage.attendance.meeting_of(db, code) is not None


async def come_by(db: Connection, request: Request) -> list[Outgoing]:
    """A code as plain words."""
    return await _come(db, request, request.words)


async def _come(db: Connection, request: Request, typed: str) -> list[Outgoing]:
    meeting = await typed_codes.opened(db, request, _DOOR, typed, partial(storage.attendance.meeting_of, db))
    if not is_allowed(MEMBERS, request.memberships, meeting.community.path, meeting.audience):
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("This code belongs to a meeting for others. Guests are counted by the organiser."))
    came_at = _moment(request)
    closed = attendance.why_not(meeting, came_at)
    if closed is not None:
        raise Refused(closed)
    party = party_of(request.memberships, meeting.community.path)
    is_new = await storage.attendance.save(db, meeting.id, request.person.id, party, came_at)
    await storage.attendance.card_is_due(db, meeting.id)
    # NOTE: read by pupils and by teachers: without a form of address
    welcome = text("✓ Welcome to “%(title)s”! Counted.", title=meeting.title)
    # NOTE: read by pupils and by teachers: without a form of address
    again = text("✓ Already counted: %(title)s", title=meeting.title)
    return [Say(welcome if is_new else again)]


def _moment(request: Request) -> datetime:
    """When it was typed: whoever came in time is counted, however late the messenger hands it over."""
    return min(request.incoming.sent_at or request.now, request.now)


# --- the organiser ----------------------------------------------------------------------------------------------------


async def show_door(db: Connection, request: Request) -> list[Outgoing]:
    """The code to show to everybody, and under it the card that counts."""
    meeting = _not_cancelled(request)
    came = await storage.attendance.count(db, meeting.id)
    live = Say(
        attendance.card(meeting, came),
        attendance.buttons(meeting, came),
        to=ToPerson(request.person.id),
        card=attendance.card_of(meeting.id),
    )
    if request.now >= attendance.counts_until(meeting):
        return [live]
    code = await storage.attendance.code_for(db, meeting.id, request.person.id)
    return [Say(_door(meeting, code), media=QrCode(DeepLink(f"here-{code}"))), live]


def _door(meeting: Meeting, code: str) -> Body:
    zone = meeting.zone
    return paragraphs(
        text("<b>%(title)s</b>", title=meeting.title),
        text("Code: <code>%(code)s</code>", code=Words(code)),
        lines(
            text("Show this picture at the door or on the screen. Whoever scans it, or sends me the code, is counted."),
            text(
                "It works from %(start)s until %(end)s.",
                start=Moment(attendance.counts_from(meeting), zone),
                end=Moment(attendance.counts_until(meeting), zone, show="time"),
            ),
        ),
    )


def _not_cancelled(request: Request) -> Meeting:
    meeting: Meeting = request.subject.meeting
    if meeting.state is State.CANCELLED:
        raise Refused(text("This meeting was cancelled: %(title)s", title=meeting.title))
    return meeting


def _begun(meeting: Meeting, now: datetime) -> None:
    """Heads can be counted from the moment the door opens; nobody hurries afterwards."""
    closed = attendance.why_not(meeting, now)
    if closed is not None and now < attendance.counts_until(meeting):
        raise Refused(closed)


async def count_heads(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the party, how many of it came without a phone."""
    meeting = _not_cancelled(request)
    _begun(meeting, request.now)
    party = next((one for one in Party if request.args[1:2] == (one.value,)), None)
    given = request.args[2] if len(request.args) > 2 else ""
    if party is None or str(request.number(2)) != given or request.number(2) > attendance.HEADS_MOST:
        raise not_here()
    await storage.attendance.save_heads(db, meeting.id, party, request.number(2))
    came = await storage.attendance.count(db, meeting.id)
    return [Edit(attendance.card(meeting, came), attendance.buttons(meeting, came)), Toast(text("Saved."))]


async def show_names(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page. Names stay in this chat: the message can't be forwarded."""
    meeting, page = _not_cancelled(request), min(request.number(1), _LAST_PAGE)
    found = await storage.attendance.persons(db, meeting.id, skip=page * _NAMES, most=_NAMES + 1)
    if not found and page:  # such a page is no more
        page, found = 0, await storage.attendance.persons(db, meeting.id, skip=0, most=_NAMES + 1)
    if not found:
        raise Refused(text("Nobody has given the code yet."))
    known = await storage.called.around(db, found, meeting.community.path)
    names = [known[one].name for one in found[:_NAMES] if one in known]
    # NOTE: button
    more = [button(text("More"), "mt.came", meeting.id, page + 1)] if len(found) > _NAMES else []
    heading = text("<b>Who came</b>: %(title)s", title=meeting.title)
    return [Say(lines(heading, *(text("%(name)s", name=name) for name in names)), [more], protected=True)]


async def ask_heads(db: Connection, request: Request) -> list[Outgoing]:
    meeting = _not_cancelled(request)
    _begun(meeting, request.now)
    return await forms.start(db, request, FORM, {"meeting": meeting.id})


def _ask_heads(_request: Request, _answers: Answers) -> Body:
    return paragraphs(
        text("How many came without a phone? Write four numbers: pupils, parents, teachers, guests."),
        text("For example: %(example)s", example=Words("12 8 2 1")),
    )


def _read_heads(request: Request, _answers: Answers) -> dict[str, int]:
    found = heads_of(request.words)
    if found is None:
        raise Refused(text("Please write four whole numbers. For example: %(example)s", example=Words("12 8 2 1")))
    return {party.value: heads for party, heads in found.items()}


async def _save_heads(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    meeting = await storage.meetings.get(db, answers["meeting"])
    for party, heads in answers["heads"].items():
        await storage.attendance.save_heads(db, meeting.id, Party(party), heads)
    came = await storage.attendance.count(db, meeting.id)
    return [
        Say(
            attendance.card(meeting, came),
            attendance.buttons(meeting, came),
            to=ToPerson(request.person.id),
            card=attendance.card_of(meeting.id),
        )
    ]


FORM = Form("heads", (Field("heads", _ask_heads, read=_read_heads),), _save_heads, may=LEADERS)
