"""Readers confirm an announcement: in private or in a group, each of them once."""

import storage.announcements
from domain.announcement_cards import confirmed_card, doors
from domain.announcements import Announcement, Received, State, may_confirm
from domain.messages import Edit, Outgoing, Refused, Toast, ToPerson, text
from domain.requests import Request
from handlers.announcements import digest
from storage.database import Connection


async def load(db: Connection, announcement_id: int, person_id: int) -> Received | None:
    """An announcement as this reader has it."""
    return await storage.announcements.received(db, announcement_id, person_id)


async def confirm(db: Connection, request: Request) -> list[Outgoing]:
    """A reader's ✓, in private or in a group. args: the announcement."""
    received: Received = request.subject
    if not may_confirm(received, request.memberships):
        raise Refused(text("This announcement was not sent to you, so there is nothing for you to confirm."))
    announcement = received.announcement
    if announcement.state is State.RECALLED:
        raise Refused(text("This announcement was taken back. Please disregard it."))
    if await storage.announcements.confirm(db, announcement.id, request.person.id, request.now):
        in_digest = await digest.shown_again(db, request.person.id, received.digest) if received.digest else []
        return [*_close_cards(request, announcement), *in_digest, Toast(text("✓ Thank you! You are counted."))]
    return [*_close_tapped(request, announcement), Toast(text("You have confirmed this already. Thank you!"))]


def _close_cards(request: Request, announcement: Announcement) -> list[Outgoing]:
    """Every copy the reader has shows that she confirmed. The group's card counts with the next look of the jobs."""
    tapped = _close_tapped(request, announcement)
    if tapped and not announcement.reminders:
        return tapped
    body, below = confirmed_card(announcement.look), doors(announcement.look)
    to = ToPerson(request.person.id)
    return [*tapped, *(Edit(body, below, card=name, to=to) for name in announcement.cards)]


def _close_tapped(request: Request, announcement: Announcement) -> list[Outgoing]:
    return [Edit(confirmed_card(announcement.look), doors(announcement.look))] if request.incoming.is_private else []
