"""After a meeting: its minutes, written by whoever leads, read by whoever was invited, with all that was decided."""

from collections.abc import Sequence
from typing import Any

import storage.called
import storage.decisions
import storage.meetings
import storage.outbox
import storage.persons
from domain import decisions
from domain.announcements import Content, content_of, length
from domain.decisions import Decision, Minutes, Owner, State
from domain.lists import page_of, turning
from domain.meetings import Meeting, SeenMeeting, has_begun
from domain.meetings import State as MeetingState
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Moment,
    Outgoing,
    Refused,
    Say,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import LEADERS, MEMBERS, ids_above, is_allowed
from domain.times import to_us
from domain.writing import shorten
from handlers import forms
from handlers.forms import Answers, Field, Form
from storage.database import Connection

_EXCERPT = 500
_IN_A_LIST = 100
_LATEST = 8
_PAGE, _LAST = 5, 100  # decisions; no meeting has so many pages of them


# --- the organiser's view ---------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting."""
    return [await desk(db, request, over(request), 0)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page."""
    shown = await desk(db, request, over(request), request.number(1))
    return [Edit(shown.body, shown.buttons)]


def over(request: Request) -> Meeting:
    """The meeting, if it has begun. Raises Refused."""
    seen: SeenMeeting = request.subject
    if seen.meeting.state is MeetingState.CANCELLED:
        raise Refused(text("This meeting was cancelled: %(title)s", title=seen.meeting.title))
    if not has_begun(seen.meeting, request.now):
        raise Refused(text("This meeting has not begun yet: %(title)s", title=seen.meeting.title))
    return seen.meeting


async def desk(db: Connection, request: Request, meeting: Meeting, given: int = _LAST) -> Say:
    """What was written and decided so far, with what can be added; a page of the decisions, the newest one's unless
    another one is named."""
    minutes = await storage.decisions.minutes_of(db, meeting.id)
    decided = list(enumerate(await storage.decisions.of_meeting(db, meeting), 1))
    page = page_of(decided, given, _PAGE)
    owners = await storage.decisions.owners_of(db, meeting, [one for _, one in page.shown])
    body = paragraphs(
        text("<b>Minutes</b>: %(title)s", title=meeting.title),
        Words(shorten(minutes.content.words, _EXCERPT)) if minutes and minutes.content.words else None,
        *(line(number, one, owners.get(one.id)) for number, one in page.shown),
    )
    turns = turning("mn.page", meeting.id, page=page.number, more=page.more)
    rows = [*_desk_buttons(meeting, minutes, page.shown), turns]
    return Say(body, rows, protected=True)


def line(number: int, decision: Decision, owner: Owner | None) -> Body:
    mark = "✓" if decision.state is State.DONE else f"{number}."
    name: Body = Words(owner.name) if owner else text("nobody yet")
    return lines(
        text("%(mark)s %(words)s", mark=Words(mark), words=shorten(decision.words, _IN_A_LIST)),
        text("Who: %(name)s", name=name),
        text("Until: %(day)s", day=_day(decision)),
        text("A word about it: %(words)s", words=shorten(decision.note, _IN_A_LIST)) if decision.note else None,
    )


def _day(decision: Decision) -> Moment:
    return Moment(decision.due_at, decision.meeting.zone, show="day")


def _desk_buttons(meeting: Meeting, minutes: Minutes | None, shown: Sequence[tuple[int, Decision]]) -> Keyboard:
    # NOTE: button. The minutes of a meeting are written.
    write = button(text("Write the minutes"), "mn.new", meeting.id)
    # NOTE: button. The minutes of a meeting are written once more, in place of the old ones.
    again = button(text("Write them anew"), "mn.new", meeting.id)
    change = [button(Words(f"✎ {number}"), "dn", one.id) for number, one in shown if one.state is State.OPEN]
    return [
        [again if minutes else write],
        # NOTE: button. Something that was decided at a meeting.
        [button(text("Add a decision"), "dn.new", meeting.id)],
        change,
    ]


# --- writing the minutes ----------------------------------------------------------------------------------------------


async def write(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting."""
    meeting = over(request)
    answers = {"meeting": meeting.id, "title": meeting.title, "was": await _written_at(db, meeting)}
    return await forms.start(db, request, FORM, answers)


async def _written_at(db: Connection, meeting: Meeting) -> int | None:
    """When the minutes that stand were written."""
    minutes = await storage.decisions.minutes_of(db, meeting.id)
    return to_us(minutes.written_at) if minutes else None


def _ask_minutes(_request: Request, answers: Answers) -> Body:
    return lines(
        text("What was talked about? %(title)s", title=answers["title"]),
        text("Please send me a text, or one photo or file with a text under it. No child's name, please."),
    )


def _read_minutes(request: Request, _answers: Answers) -> dict[str, Any]:
    content = content_of(request.incoming, request.words)
    if content is None or content.kind == "video" or request.incoming.album is not None:
        raise Refused(text("Please send me a text, or one photo or file with a text under it."))
    if length(content.words) > decisions.room_for(content):
        raise Refused(
            text(
                "This is too long: there is room for %(most)s characters, and your text has %(written)s."
                " Please shorten it and send it again.",
                most=decisions.room_for(content),
                written=length(content.words),
            )
        )
    return {"words": content.words, "kind": content.kind, "file_id": content.file_id, "channel": content.channel}


async def _save_minutes(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    meeting = await storage.meetings.get(db, answers["meeting"])
    if await _written_at(db, meeting) != answers["was"]:
        told = text("Somebody else has written the minutes meanwhile, so yours were not saved.")
        return [Say(told), await desk(db, request, meeting)]
    content = Content(**answers["minutes"])
    await storage.decisions.save_minutes(db, meeting.id, content, request.person.id, request.now)
    await storage.decisions.card_is_due(db, meeting.id)
    return [Say(text("✓ The minutes are saved.")), await desk(db, request, meeting)]


FORM = Form(
    "minutes",
    (Field("minutes", _ask_minutes, read=_read_minutes, files=True),),
    _save_minutes,
    may=LEADERS,
    version=2,
)


async def read(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting. For whoever was invited: the minutes, and how far the decisions are."""
    meeting: Meeting = request.subject.meeting
    minutes = await storage.decisions.minutes_of(db, meeting.id)
    decided = await storage.decisions.of_meeting(db, meeting)
    if minutes is None and not decided:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("There are no minutes yet: %(title)s", title=meeting.title))
    owners = await storage.decisions.owners_of(db, meeting, decided)
    far = Say(decisions.group_card(meeting, None, [(one, owners.get(one.id)) for one in decided], request.now))
    if minutes is None:
        return [far]
    heading = text("<b>Minutes</b>: %(title)s", title=meeting.title)
    body = paragraphs(heading, Words(minutes.content.words) if minutes.content.words else None)
    # A file is known only to the messenger it came by.
    is_known = minutes.content.channel == request.incoming.channel
    return [Say(body, media=minutes.content.media if is_known else None), *([far] if decided else [])]


async def show_past(db: Connection, request: Request) -> list[Outgoing]:
    """The minutes of the latest meetings she was invited to."""
    found = await past(db, request)
    if not found:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("There are no minutes yet."))
    rows = [[button(Words(shorten(meeting.title, 40)), "mn", meeting.id)] for meeting in found]
    # NOTE: read by pupils and by teachers: without a form of address
    return [Say(text("Minutes of which meeting?"), rows)]


async def door(db: Connection, request: Request) -> list[Button]:
    # NOTE: button. What was talked about and decided at a meeting.
    return [button(text("Minutes"), "mn.past")] if await past(db, request) else []


async def past(db: Connection, request: Request) -> list[Meeting]:
    found = await storage.decisions.with_minutes(db, ids_above(request.memberships), _LATEST)
    return [one for one in found if is_allowed(MEMBERS, request.memberships, one.community.path, one.audience)]
