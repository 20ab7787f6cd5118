"""Answering: going, can't, maybe; guests; the waiting list; the file for a calendar."""

import storage.chats
import storage.meetings
import storage.outbox
import storage.rsvps
import storage.slots
from domain import calendars, meeting_cards
from domain.meeting_cards import ANSWERS, OPENED, REMINDED
from domain.meetings import MOST_GUESTS, Answer, Meeting, Rsvp, SeenMeeting, why_closed
from domain.messages import (
    Edit,
    Keyboard,
    NewFile,
    Outgoing,
    Refused,
    Say,
    Toast,
    ToPerson,
    button,
    text,
)
from domain.requests import Request
from domain.roles import LEADERS, is_allowed
from handlers.route import not_here
from storage.database import Connection

load = storage.meetings.seen_by


async def answer_rsvp(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, yes | no | maybe, where the button stands."""
    seen = still_open(request)
    rsvp = ANSWERS.get(request.args[1]) if len(request.args) > 1 else None
    if rsvp is None:
        raise not_here()
    if rsvp is not Rsvp.DECLINED and seen.meeting.slot_minutes is not None:
        raise not_here()  # a time is chosen there
    if rsvp is Rsvp.ACCEPTED:
        await _come(db, request, seen)
    else:
        await storage.slots.give_back(db, seen.meeting.id, request.person.id)
        await storage.rsvps.save_rsvp(db, seen.meeting.id, request.person.id, rsvp, request.now)
    return await answered(db, request, seen.meeting)


async def bring_guests(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, how many guests in all, where the button stands."""
    seen = still_open(request)
    given = request.args[1] if len(request.args) > 1 else ""
    if given not in map(str, range(MOST_GUESTS + 1)) or seen.meeting.slot_minutes is not None:
        raise not_here()
    if seen.mine is None or seen.mine.rsvp is not Rsvp.ACCEPTED:
        raise Refused(text("Please tap “Going” first, then say how many guests you bring."))
    if not await storage.rsvps.take_place(db, seen.meeting.id, request.person.id, int(given), request.now):
        raise Refused(
            text(
                "There are not enough free places for so many guests. Please choose fewer. Your own place stays yours."
            )
        )
    return await answered(db, request, seen.meeting)


async def send_calendar(_db: Connection, request: Request) -> list[Outgoing]:
    meeting = request.subject.meeting
    file = NewFile("meeting.ics", calendars.file(request.subject), "text/calendar")
    return [Say(text("Open this file to put it into your calendar: %(title)s", title=meeting.title), media=file)]


def still_open(request: Request) -> SeenMeeting:
    """The meeting, if it can still be answered."""
    seen: SeenMeeting = request.subject
    closed = why_closed(seen.meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    return seen


async def _come(db: Connection, request: Request, seen: SeenMeeting) -> None:
    """Takes a place, else one on the waiting list. Who is coming already keeps her guests."""
    if seen.mine is not None and seen.mine.rsvp is Rsvp.ACCEPTED:
        return
    if not await storage.rsvps.take_place(db, seen.meeting.id, request.person.id, 0, request.now):
        await storage.rsvps.wait_in_line(db, seen.meeting.id, request.person.id, request.now)


async def answered(db: Connection, request: Request, meeting: Meeting) -> list[Outgoing]:
    """After somebody's answer: whoever waited, her cards, and soon everybody's counts."""
    promoted = await storage.rsvps.promote(db, meeting, request.now)
    mine = await storage.rsvps.answer(db, meeting.id, request.person.id)
    await storage.meetings.cards_are_due(db, meeting.id)
    return [*_shown(request, meeting, mine), *meeting_cards.promoted(meeting, promoted, request.now)]


# --- what everybody sees ----------------------------------------------------------------------------------------------


def _shown(request: Request, meeting: Meeting, mine: Answer) -> list[Outgoing]:
    """Her answer on her own card, and on the message she tapped if that is another one."""
    card, given = meeting_cards.card(meeting, mine), request.args[2] if len(request.args) > 2 else ""
    place = given if given in (OPENED, REMINDED) else ""
    own = Edit(card, meeting_cards.buttons(meeting, mine), meeting.card, ToPerson(request.person.id))
    toast = Toast(meeting_cards.stands(mine))
    if not request.incoming.is_private:
        return [own, toast]
    if not place:
        return [Edit(card, meeting_cards.buttons(meeting, mine)), toast]
    return [Edit(card, opened_buttons(request, meeting, mine, place)), own, toast]


def opened_buttons(request: Request, meeting: Meeting, mine: Answer | None, place: str) -> Keyboard:
    """Under a meeting that was opened from the list, or under a reminder."""
    leads = is_allowed(LEADERS, request.memberships, meeting.community.path)
    return [
        *meeting_cards.buttons(meeting, mine, place=place),
        # NOTE: button. For whoever may change the meeting.
        [button(text("Manage"), "mt.manage", meeting.id)] if leads and place == OPENED else [],
        # NOTE: button. Back to the list of meetings.
        [button(text("All meetings"), "mt.all", 0)] if place == OPENED else [],
    ]
