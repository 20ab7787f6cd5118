"""What those who lead do with a meeting that is called: who answered, reminders, calling it off."""

from collections.abc import Sequence, Set
from dataclasses import replace

import storage.chats
import storage.meetings
import storage.offers
import storage.outbox
import storage.outgoings
import storage.reminders
import storage.rsvps
import storage.series
from domain import meeting_cards
from domain.meetings import Meeting, Rsvp, State, reminders_ahead, why_closed
from domain.messages import (
    Body,
    Button,
    Copy,
    Edit,
    Keyboard,
    Lane,
    Moment,
    Outgoing,
    Plain,
    Refused,
    Say,
    Subject,
    Text,
    Toast,
    ToChat,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.offers import Thing
from domain.reminders import Before
from domain.requests import Request
from handlers.partners import manage as partners
from handlers.route import not_here
from storage.database import Connection
from storage.rsvps import Answered

_NAMES_ON_A_PAGE = 40
_LAST_PAGE = 100_000

_HEADINGS: dict[Rsvp, Text] = {
    Rsvp.ACCEPTED: text("<b>Going</b>"),
    Rsvp.WAITING: text("<b>On the waiting list</b>"),
    Rsvp.TENTATIVE: text("<b>Maybe</b>"),
    Rsvp.DECLINED: text("<b>Can't come</b>"),
}


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The organiser's view, for any other leader too."""
    meeting: Meeting = request.subject.meeting
    await _let_go(db, request, meeting)
    counts = await storage.rsvps.count(db, meeting.id)
    body = meeting_cards.organisers_card(meeting, counts, request.now)
    return [Say(body, meeting_cards.organisers_buttons(meeting, request.now))]


async def _let_go(db: Connection, request: Request, meeting: Meeting) -> None:
    """Whoever is not of the audience any more is not counted on. Where places are few a job looks by itself."""
    left = await storage.rsvps.left_of(db, meeting.id, request.now)
    for person_id in left:
        await storage.rsvps.leave(db, meeting.id, person_id)
    if left:
        await storage.meetings.cards_are_due(db, meeting.id)


def still_open(request: Request) -> Meeting:
    """The meeting, if it can still be changed."""
    meeting: Meeting = request.subject.meeting
    closed = why_closed(meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    return meeting


async def copy(_db: Connection, request: Request) -> list[Outgoing]:
    """The same text for another messenger, with the hour of the meeting's own place."""
    meeting = still_open(request)
    words = Plain(meeting_cards.described(meeting, shown_in=meeting.zone))
    told = paragraphs(
        text("Copy this into WhatsApp, Viber or any other chat:"), text("<pre>%(words)s</pre>", words=words)
    )
    # NOTE: button. Puts a text on the clipboard.
    return [Say(told, [[Copy(text("Copy"), words)]])]


# --- who answered -----------------------------------------------------------------------------------------------------


async def show_names(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page. Names stay in this chat: the message can't be forwarded."""
    meeting, page = request.subject.meeting, min(request.number(1), _LAST_PAGE)
    await _let_go(db, request, meeting)
    found = await storage.rsvps.answered(db, meeting, skip=page * _NAMES_ON_A_PAGE, most=_NAMES_ON_A_PAGE + 1)
    if not found and page:  # some of them left meanwhile
        page, found = 0, await storage.rsvps.answered(db, meeting, skip=0, most=_NAMES_ON_A_PAGE + 1)
    # NOTE: button
    more = [button(text("More"), "mt.who", meeting.id, page + 1)] if len(found) > _NAMES_ON_A_PAGE else []
    return [Say(_named(meeting, found[:_NAMES_ON_A_PAGE]), [more], protected=True)]


def _named(meeting: Meeting, found: Sequence[Answered]) -> Body:
    if not found:
        return text("Nobody has answered yet.")
    given = [[one for one in found if one.rsvp is rsvp] for rsvp in _HEADINGS]
    groups = [lines(_HEADINGS[some[0].rsvp], *map(_name, some)) for some in given if some]
    return paragraphs(text("%(title)s", title=meeting.title), *groups)


def _name(one: Answered) -> Text:
    if one.slot:
        return text("%(time)s %(title)s", time=Moment(one.slot, show="time"), title=one.called)
    if one.guests:
        return text("%(name)s, guests: %(count)s", name=one.called, count=one.guests)
    return text("%(name)s", name=one.called)


# --- reminders --------------------------------------------------------------------------------------------------------


async def show_reminders(_db: Connection, request: Request) -> list[Outgoing]:
    meeting = still_open(request)
    can_come = reminders_ahead(meeting, request.now)
    return [Say(_reminders(meeting, can_come), _toggles(meeting, can_come))]


async def toggle_reminder(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, which one, on | off."""
    meeting = still_open(request)
    before = next((one for one in Before if request.args[1:2] == (one.value,)), None)
    wanted = request.args[2] if len(request.args) > 2 else ""
    if before is None or wanted not in ("on", "off"):
        raise not_here()
    can_come = reminders_ahead(meeting, request.now)
    if wanted == "on" and before not in can_come:
        raise Refused(text("It is too late for this reminder."))
    reminds = meeting.reminds | {before} if wanted == "on" else meeting.reminds - {before}
    await storage.meetings.save_reminds(db, meeting.id, reminds)
    meeting = replace(meeting, reminds=reminds)
    await storage.reminders.plan(db, meeting, request.now)
    shown = Edit(_reminders(meeting, can_come), _toggles(meeting, can_come))
    await storage.meetings.cards_are_due(db, meeting.id)
    return [shown, Toast(text("Saved."))]


def _reminders(meeting: Meeting, can_come: Set[Before]) -> Body:
    asked = text("When shall I remind people of it? Those who can't come are not reminded.") if can_come else None
    return paragraphs(asked, meeting_cards.reminders(meeting.reminds & can_come))


def _toggles(meeting: Meeting, can_come: Set[Before]) -> Keyboard:
    return [[_toggle(meeting, before)] for before in Before if before in can_come]


def _toggle(meeting: Meeting, before: Before) -> Button:
    if before in meeting.reminds:
        return button(
            text("✓ %(answer)s", answer=meeting_cards.REMINDERS[before]), "mt.remind.is", meeting.id, before, "off"
        )
    return button(meeting_cards.REMINDERS[before], "mt.remind.is", meeting.id, before, "on")


# --- calling it off ---------------------------------------------------------------------------------------------------


async def ask_to_cancel(_db: Connection, request: Request) -> list[Outgoing]:
    meeting = still_open(request)
    asked = paragraphs(
        text("Cancel this meeting? Everybody who has not declined will be told."), meeting_cards.described(meeting)
    )
    # NOTE: button
    yes = button(text("Yes, cancel it"), "mt.off.yes", meeting.id)
    # NOTE: button. Cancels this meeting and those that recur after it.
    later = button(text("Yes, all later too"), "mt.off.all", meeting.id)
    # NOTE: button
    no = button(text("No, keep it"), "mt.off.no", meeting.id)
    return [Say(asked, [[yes], [later] if meeting.series_id else [], [no]])]


async def keep(_db: Connection, request: Request) -> list[Outgoing]:
    return [Edit(text("The meeting stays as it is: %(title)s", title=still_open(request).title))]


async def cancel(db: Connection, request: Request) -> list[Outgoing]:
    meeting = still_open(request)
    told = text("The meeting is cancelled, and everybody is being told: %(title)s", title=meeting.title)
    return [Edit(told), *await _cancel(db, request, meeting)]


async def cancel_following(db: Connection, request: Request) -> list[Outgoing]:
    """It and all of the same series that come after it."""
    meeting = still_open(request)
    if meeting.series_id is None:
        raise not_here()
    said: list[Outgoing] = []
    ids = await storage.series.from_on(db, meeting)
    for meeting_id in ids:
        said += await _cancel(db, request, await storage.meetings.get(db, meeting_id))
    told = text_n("%(n)s meeting is cancelled.", "%(n)s meetings are cancelled.", len(ids))
    return [Edit(told), *said]


async def _cancel(db: Connection, request: Request, meeting: Meeting) -> list[Outgoing]:
    await storage.meetings.cancel(db, meeting.id, request.now)
    await storage.reminders.drop_all(db, meeting.id)
    return await tell_change(db, request, meeting)


async def tell_change(db: Connection, request: Request, before: Meeting) -> list[Outgoing]:
    """After a move or a cancellation: nothing old goes out any more; the group and the organiser see it at once, and a
    job tells everybody else."""
    meeting = await storage.meetings.get(db, before.id)
    await storage.outbox.drop_of_subject(db, Subject("meeting_reminder", meeting.id, meeting.revision))
    await storage.outbox.drop_of_subject(db, Subject("meeting_notice", meeting.id, meeting.revision))
    await storage.reminders.plan_notice(db, meeting)
    shown = await partners.tell_change(db, request, meeting)
    if not meeting.is_announced:  # it has no cards; who saw it in her list and answered hears by the job
        return shown
    counts = await storage.rsvps.count(db, meeting.id)
    # Who has not got the card yet gets it as it is now.
    still_to_go = f"{meeting.card}:card"
    shown.append(Edit(meeting_cards.card(meeting), meeting_cards.buttons(meeting), still_to_go, meeting.to))
    for chat in await storage.chats.of_community(db, meeting.community.id):
        if await storage.outbox.is_sent(db, Lane.BROADCAST, chat.place, meeting.card):
            to, body = ToChat(chat.id), meeting_cards.group_card(meeting, counts)
            shown.append(Edit(body, meeting_cards.group_buttons(meeting), meeting.card, to))
            shown.append(Say(meeting_cards.notice(meeting), to=to, silent=True))
    body = meeting_cards.organisers_card(meeting, counts, request.now)
    own = meeting_cards.organisers_buttons(meeting, request.now)
    shown.append(Edit(body, own, meeting.organisers_card, ToPerson(meeting.called_by)))
    await storage.offers.meeting_moved(db, meeting.id, meeting.starts_at)
    for copy_id in await storage.offers.copies_of(db, Thing.MEETING, meeting.id):
        shown += await _follow(db, request, meeting, copy_id)
    return shown


async def _follow(db: Connection, request: Request, original: Meeting, copy_id: int) -> list[Outgoing]:
    """Where another community accepted it, it is moved or called off along."""
    copy = await storage.meetings.get(db, copy_id)
    if why_closed(copy, request.now) is not None:
        return []
    if original.state is State.CANCELLED:
        await storage.meetings.cancel(db, copy.id, request.now)
        await storage.reminders.drop_all(db, copy.id)
    else:
        await storage.meetings.move(db, copy.id, copy.revision, original.starts_at, original.ends_at, request.now)
        await plan_anew(db, request, copy)
    return await tell_change(db, request, copy)


async def plan_anew(db: Connection, request: Request, before: Meeting) -> None:
    """Reminders, and how long what waits may go, after a meeting got another time."""
    meeting = await storage.meetings.get(db, before.id)
    await storage.reminders.plan(db, meeting, request.now)
    await storage.outgoings.save_not_after(db, Subject("meeting", meeting.id), meeting.starts_at)
