"""A time of one's own in a consultation: chosen, changed, given back; or waited for."""

import storage.rsvps
import storage.slots
from domain import meeting_cards
from domain.lists import page_of, turning
from domain.meeting_cards import OPENED
from domain.meetings import SeenMeeting
from domain.messages import Body, Edit, Keyboard, Moment, Outgoing, Refused, Say, button, paragraphs, text
from domain.requests import Request
from handlers.meetings.answer import answered, still_open
from handlers.route import not_here
from storage.database import Connection

_IN_A_ROW, _PAGE = 4, 8


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The times nobody has yet."""
    body, rows = await _free(db, request, 0)
    return [Say(body, rows)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page."""
    body, rows = await _free(db, request, request.number(1))
    return [Edit(body, rows)]


async def _free(db: Connection, request: Request, given: int) -> tuple[Body, Keyboard]:
    seen = still_open(request)
    meeting = seen.meeting
    if meeting.slot_minutes is None:
        raise not_here()
    free = await storage.slots.free(db, meeting.id)
    title = text("<b>%(title)s</b>", title=meeting.title)
    mine = meeting_cards.stands(seen.mine) if seen.mine else None
    if not free:
        return _all_taken(seen, title, mine)
    page = page_of(free, given, _PAGE)  # others took what stood on the last one
    taps = [
        button(text("%(time)s", time=Moment(one.starts_at, show="time")), "mt.slot", meeting.id, one.id, OPENED)
        for one in page.shown
    ]
    day = text("%(day)s", day=Moment(page.shown[0].starts_at, show="day"))
    return paragraphs(title, day, mine, text("Which time suits you?")), [
        *(taps[at : at + _IN_A_ROW] for at in range(0, len(taps), _IN_A_ROW)),
        turning("mt.slots.page", meeting.id, page=page.number, more=page.more),
    ]


def _all_taken(seen: SeenMeeting, title: Body, mine: Body | None) -> tuple[Body, Keyboard]:
    # NOTE: button. A free time of a consultation comes to whoever waits for it.
    wait = button(text("Wait for one"), "mt.slot.wait", seen.meeting.id, "", OPENED)
    full = text("All times are taken. When one becomes free, it goes to whoever waits for the longest.")
    return paragraphs(title, full, mine), [] if seen.mine and seen.mine.slot else [[wait]]


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the slot. Another one that she had goes to whoever waits."""
    seen = still_open(request)
    await _one_for_each_family(db, request, seen)
    await storage.slots.give_back(db, seen.meeting.id, request.person.id)
    if not await storage.slots.take(db, seen.meeting.id, request.number(1), request.person.id, request.now):
        again = [[meeting_cards.choose_slot(seen.meeting)]] if seen.meeting.slot_minutes else []
        raise Refused(text("Somebody else has this time already. Please choose another."), buttons=again)
    await storage.rsvps.take_place(db, seen.meeting.id, request.person.id, 0, request.now)
    return await answered(db, request, seen.meeting)


async def wait(db: Connection, request: Request) -> list[Outgoing]:
    seen = still_open(request)
    if seen.meeting.slot_minutes is None or (seen.mine and seen.mine.slot):
        raise not_here()
    await _one_for_each_family(db, request, seen)
    await storage.rsvps.wait_in_line(db, seen.meeting.id, request.person.id, request.now)
    return await answered(db, request, seen.meeting)


async def _one_for_each_family(db: Connection, request: Request, seen: SeenMeeting) -> None:
    taken = await storage.slots.of_family(db, seen.meeting.id, request.person.id)
    if taken is not None:
        raise Refused(text("Your family has a time already: %(time)s", time=Moment(taken)))
