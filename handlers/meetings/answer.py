"""Answering: going, can't, maybe; guests; the waiting list; the file for a calendar."""

import storage.chats
import storage.meetings
import storage.outbox
import storage.persons
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
    paragraphs,
    text,
)
from domain.reminders import is_quiet, quiet_hours
from domain.requests import Request
from domain.roles import LEADERS, MEMBERS, is_allowed
from handlers.route import not_here
from storage.database import Connection
from storage.meetings import Reader

load = storage.meetings.seen_by


async def answer_rsvp(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, yes | no | maybe, where the button stands."""
    seen = _open(request)
    rsvp = ANSWERS.get(request.args[1]) if len(request.args) > 1 else None
    if rsvp is None:
        raise not_here()
    if rsvp is Rsvp.ACCEPTED:
        await _come(db, request, seen)
    else:
        await storage.meetings.save_rsvp(db, seen.meeting.id, request.person.id, rsvp, request.now)
    return await _answered(db, request, seen.meeting)


async def bring_guests(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, how many guests in all, where the button stands."""
    seen = _open(request)
    given = request.args[1] if len(request.args) > 1 else ""
    if given not in map(str, range(MOST_GUESTS + 1)):
        raise not_here()
    if seen.mine is None or seen.mine.rsvp is not Rsvp.ACCEPTED:
        raise Refused(text("Please tap “Going” first, then say how many guests you bring."))
    if not await storage.meetings.take_place(db, seen.meeting.id, request.person.id, int(given), request.now):
        raise Refused(
            text(
                "There are not enough free places for so many guests. Please choose fewer. Your own place stays yours."
            )
        )
    return await _answered(db, request, seen.meeting)


async def send_calendar(_db: Connection, request: Request) -> list[Outgoing]:
    meeting = request.subject.meeting
    file = NewFile("meeting.ics", calendars.file(request.subject), "text/calendar")
    return [Say(text("Open this file to put it into your calendar: %(title)s", title=meeting.title), media=file)]


def _open(request: Request) -> SeenMeeting:
    seen: SeenMeeting = request.subject
    closed = why_closed(seen.meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    return seen


async def _come(db: Connection, request: Request, seen: SeenMeeting) -> None:
    """Takes a place, else one on the waiting list. Who is coming already keeps her guests."""
    if seen.mine is not None and seen.mine.rsvp is Rsvp.ACCEPTED:
        return
    if not await storage.meetings.take_place(db, seen.meeting.id, request.person.id, 0, request.now):
        await storage.meetings.wait_in_line(db, seen.meeting.id, request.person.id, request.now)


async def _answered(db: Connection, request: Request, meeting: Meeting) -> list[Outgoing]:
    promoted = await _promote(db, request, meeting)
    mine = await storage.meetings.answer(db, meeting.id, request.person.id)
    await storage.meetings.cards_are_due(db, meeting.id)
    return [*_shown(request, meeting, mine), *promoted]


# --- whoever waits ----------------------------------------------------------------------------------------------------


async def _promote(db: Connection, request: Request, meeting: Meeting) -> list[Outgoing]:
    """Places that became free go to those who wait for the longest and still belong to the audience."""
    said: list[Outgoing] = []
    if meeting.capacity is None:  # nobody waits
        return said
    while (reader := await storage.meetings.promote_first(db, meeting.id, request.now)) is not None:
        held = (await storage.persons.memberships_of(db, [reader.person_id], request.now)).get(reader.person_id, ())
        if is_allowed(MEMBERS, held, meeting.community.path, meeting.audience):
            said += _tell_promoted(request, meeting, reader)
        else:
            await storage.meetings.forget_rsvp(db, meeting.id, reader.person_id)
    return said


def _tell_promoted(request: Request, meeting: Meeting, reader: Reader) -> list[Outgoing]:
    told = paragraphs(
        text("A place has become free, and it is yours: %(title)s", title=meeting.title),
        meeting_cards.when_of(meeting),
        text("If you can't come after all, please tap “Can't”, so that somebody else can."),
    )
    hours = quiet_hours(reader.zone, reader.quiet_from, reader.quiet_until)
    to = ToPerson(reader.person_id)
    return [
        Say(told, to=to, silent=is_quiet(hours, request.now)),
        Edit(meeting_cards.card(meeting, reader.mine), meeting_cards.buttons(meeting, reader.mine), meeting.card, to),
    ]


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
