"""Readers confirm what they read in a digest: one announcement, or all; the digest is edited in place."""

import storage.announcements
from domain import digests
from domain.announcement_cards import card, confirmed_card, confirming, doors
from domain.announcements import Received, State
from domain.messages import Edit, Outgoing, Refused, Say, Toast, ToPerson, text
from domain.requests import Request
from handlers.route import not_here
from storage.announcements import digests as kept
from storage.database import Connection


async def confirm(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    name = await _card_of(db, request)
    _check_stands(request)
    await storage.announcements.confirm(db, request.subject.announcement.id, request.person.id, request.now)
    return [*await shown_again(db, request.person.id, name), Toast(text("✓ Thank you! You are counted."))]


async def confirm_all(db: Connection, request: Request) -> list[Outgoing]:
    """args: one of the announcements in the digest."""
    name = await _card_of(db, request)
    for entry in await kept.entries(db, request.person.id, name):
        if entry.is_open:
            await storage.announcements.confirm(db, entry.announcement.id, request.person.id, request.now)
    return [*await shown_again(db, request.person.id, name), Toast(text("✓ Thank you! You are counted."))]


async def send_file(db: Connection, request: Request) -> list[Outgoing]:
    """The whole announcement with its photo, video or file. args: the announcement."""
    await _card_of(db, request)
    _check_stands(request)
    announcement = request.subject.announcement
    look = announcement.look
    done = await kept.confirmed(db, [request.person.id], [announcement.id])
    body, below = (confirmed_card(look), doors(look)) if done else (card(look), confirming(announcement))
    # By its card a correction finds it, and so does whoever takes it back.
    return [Say(body, below, card=announcement.card, media=look.content.media)]


def _check_stands(request: Request) -> None:
    """Raises Refused when it was taken back: the digest shows so, but buttons can be old."""
    if request.subject.announcement.state is State.RECALLED:
        raise Refused(text("This announcement was taken back. Please disregard it."))


async def _card_of(db: Connection, request: Request) -> str:
    received: Received = request.subject
    name = await kept.card_with(db, received.announcement.id, request.person.id)
    if name is None:
        raise not_here()
    return name


async def shown_again(db: Connection, person_id: int, name: str) -> list[Outgoing]:
    """A digest with what its reader has confirmed by now."""
    entries = await kept.entries(db, person_id, name)
    return [Edit(digests.card(entries), digests.buttons(entries), card=name, to=ToPerson(person_id))]
