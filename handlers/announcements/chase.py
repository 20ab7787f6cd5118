"""The author follows up: who could not be reached, and a reminder for those who have not confirmed."""

from dataclasses import replace

import storage.announcements
from domain.announcement_cards import author_card, following
from domain.announcements import LEFT, LOST_ON_A_PAGE, REMINDERS_MOST, Announcement, Lost, State, in_readers_order, why
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Outgoing,
    Paper,
    PaperValue,
    Refused,
    Say,
    Text,
    ToPerson,
    button,
    lines,
    text,
    text_n,
)
from domain.requests import Request
from storage.announcements import chasing
from storage.database import Connection

_LAST_PAGE = 1_000_000  # of whatever a forged button asks for


async def load(db: Connection, announcement_id: int, _person_id: int) -> Announcement | None:
    """An announcement, for whoever has the route's right in its community."""
    return await storage.announcements.get(db, announcement_id)


# --- who was not reached ----------------------------------------------------------------------------------------------


async def show_lost(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    return [Say(*await _lost_page(db, request.subject, 0))]


async def show_lost_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement and the page."""
    return [Edit(*await _lost_page(db, request.subject, min(request.number(1), _LAST_PAGE)))]


async def _lost_page(db: Connection, announcement: Announcement, page: int) -> tuple[Body, Keyboard]:
    found = await storage.announcements.lost(db, announcement, after=page * LOST_ON_A_PAGE, most=LOST_ON_A_PAGE + 1)
    if not found and page:  # some of them were reached meanwhile
        return await _lost_page(db, announcement, 0)
    if not found and await storage.announcements.is_folded(db, announcement):
        return text("This was sent over a year ago: who was not reached is no longer kept."), ()
    if not found:
        return text("Everybody here has been reached: %(community)s", community=announcement.look.heading), ()
    turn = [
        # NOTE: button. The previous page of a list.
        *([button(text("‹ Previous"), "a.lost.page", announcement.id, page - 1)] if page else []),
        # NOTE: button. The next page of a list.
        *([button(text("Next ›"), "a.lost.page", announcement.id, page + 1)] if len(found) > LOST_ON_A_PAGE else []),
    ]
    body = lines(
        text("<b>Not reached</b>: %(community)s", community=announcement.look.heading),
        *(_one_lost(one) for one in found[:LOST_ON_A_PAGE]),
    )
    # NOTE: button. Sends the list as a file.
    return body, [turn, [button(text("As a file to print"), "a.lost.file", announcement.id)]]


async def send_lost_file(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement: Announcement = request.subject
    found = in_readers_order(await storage.announcements.lost(db, announcement), request.person.language)
    title = text("Not reached: %(community)s", community=announcement.look.heading)
    printed = Paper("list", {"title": title, "lines": [_line(one) for one in found]}, "not-reached.pdf")
    return [Say(text("Here is the list to keep or to print."), media=printed)]


def _line(one: Lost) -> PaperValue:
    """Cells of a table; somebody who left has no name in it."""
    return _one_lost(one) if one.called is None else [one.called, one.community or "", why(one.reason)]


def _one_lost(one: Lost) -> Text:
    if one.called is None or one.community is None:
        if one.reason == LEFT:
            # NOTE: stands in a list of people who could not be reached; nobody knows the name any more.
            return text("Somebody who left before it was sent")
        return text("Somebody who is no longer a member: %(reason)s", reason=why(one.reason))
    return text(
        "%(name)s (%(community)s): %(reason)s", name=one.called, community=one.community, reason=why(one.reason)
    )


# --- reminding the rest -----------------------------------------------------------------------------------------------


async def ask_to_remind(db: Connection, request: Request) -> list[Outgoing]:
    """Whom a reminder would reach, before it goes. args: the announcement."""
    announcement: Announcement = request.subject
    awaited = await _awaited(db, request, announcement)
    asked = text_n(
        "%(n)s person got it and has not confirmed it yet. Shall I remind this person?",
        "%(n)s people got it and have not confirmed it yet. Shall I remind them?",
        awaited,
    )
    return [
        Say(
            lines(asked, _reminders_left(REMINDERS_MOST - announcement.reminders)),
            [
                # NOTE: button. Yes, send the reminder.
                [button(text("Remind"), "a.remind", announcement.id, announcement.reminders + 1)],
                # NOTE: button. No reminder.
                [button(text("Not now"), "a.remind.no", announcement.id)],
            ],
        )
    ]


async def remind(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement, and which reminder this is, so that two taps are one."""
    announcement: Announcement = request.subject
    awaited, number = await _awaited(db, request, announcement), request.number(1)
    if number != announcement.reminders + 1 or not await chasing.start(
        db, announcement.id, number, request.person.id, request.now
    ):
        raise Refused(text("This reminder has gone out already. The card of your announcement shows how it stands."))
    told = text_n("I am reminding %(n)s person.", "I am reminding %(n)s people.", awaited)
    counts = await storage.announcements.count(db, announcement)
    reminded = replace(announcement, reminders=number)
    return [
        Edit(lines(told, _reminders_left(REMINDERS_MOST - number))),
        Edit(
            author_card(reminded, counts),
            following(reminded, counts),
            card=announcement.author_card,
            to=ToPerson(announcement.author_id),
            live=True,
        ),
    ]


async def leave_them(_db: Connection, _request: Request) -> list[Outgoing]:
    return [Edit(text("Nobody was reminded."))]


async def _awaited(db: Connection, request: Request, announcement: Announcement) -> int:
    """How many a reminder would reach. Raises Refused when there is none left to send, or nobody to send it to."""
    if announcement.state is State.RECALLED:
        raise Refused(text("This announcement was taken back, so nobody is reminded of it."))
    if announcement.reminders >= REMINDERS_MOST:
        raise Refused(
            text("The rest were reminded twice. A third time would only annoy them: please talk to them yourself.")
        )
    awaited = await chasing.count_awaited(db, announcement, request.now)
    if not awaited:
        raise Refused(
            text("There is nobody to remind: whoever got it has confirmed it, has left, or has muted this community.")
        )
    return awaited


def _reminders_left(left: int) -> Text:
    if not left:
        return text("This was the last reminder.")
    return text_n("You can remind them %(n)s more time.", "You can remind them %(n)s more times.", left)
