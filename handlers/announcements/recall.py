"""An announcement is taken back: from everybody, from newsletters, and where an offer of it was accepted."""

import storage.announcements
import storage.chats
from domain import newsletters
from domain.announcement_cards import first_words, recalled_author_card, recalled_card
from domain.announcements import Announcement, State, can_be_deleted
from domain.messages import (
    Delete,
    Edit,
    Lane,
    Outgoing,
    Refused,
    Say,
    ToChat,
    ToPerson,
    Words,
    button,
    lines,
    text,
)
from domain.offers import taken_back_at_source
from domain.requests import Request
from handlers.announcements import change, copies
from handlers.partners import manage as partners
from handlers.stories import end
from storage.announcements import changes
from storage.database import Connection


async def ask(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = _still_sent(request.subject)
    asked = lines(
        text("Take this announcement back from everybody?"),
        Words(first_words(announcement)) if announcement.look.content.words else None,
        None
        if announcement.sent_at is None or can_be_deleted(announcement.sent_at, request.now)
        else text("It is too old to be deleted: its text is removed, and everybody is told."),
    )
    buttons = [
        [
            # NOTE: button. Yes, the announcement is deleted from everybody's chat.
            button(text("Yes, take it back"), "a.back.yes", announcement.id),
            # NOTE: button. No, the announcement stays.
            button(text("No"), "a.back.no", announcement.id),
        ]
    ]
    return [Say(asked, buttons)]


def _still_sent(announcement: Announcement) -> Announcement:
    if announcement.state is not State.SENT:
        raise Refused(text("This announcement was taken back already."))
    return announcement


async def leave(_db: Connection, request: Request) -> list[Outgoing]:
    _still_sent(request.subject)
    return [Edit(text("The announcement stays."))]


async def take_back(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = _still_sent(request.subject)
    ended = await end.by_leader(db, request, announcement)
    if ended:  # its words are gone
        announcement = await storage.announcements.get_certain(db, announcement.id)
    said = await recalled(db, request, announcement)
    return [Edit(text("✓ Taken back. It disappears from everybody's chat now.")), *ended, *said]


async def recalled(db: Connection, request: Request, announcement: Announcement) -> list[Outgoing]:
    """It is taken back: the author's card and the groups' posts at once, readers' copies by the jobs."""
    if not await changes.recall(db, announcement, request.person.id, request.now):
        raise Refused(text("This announcement was taken back already."))
    author = ToPerson(announcement.author_id)
    return [
        Edit(recalled_author_card(announcement), card=announcement.author_card, to=author),
        *await _posts(db, request, announcement),
        *await change.newsletters_follow(
            db, request, announcement, lambda one: newsletters.without(one, announcement.id)
        ),
        *await copies.tell(db, request, announcement, taken_back_at_source),
        *await partners.take_back(db, request, announcement),
    ]


async def _posts(db: Connection, request: Request, announcement: Announcement) -> list[Outgoing]:
    if not announcement.goes_to_groups:
        return []
    chats = await storage.chats.of_community(db, announcement.community.id)
    if announcement.sent_at is not None and can_be_deleted(announcement.sent_at, request.now):
        return [Delete(announcement.card, ToChat(chat.id), Lane.BROADCAST) for chat in chats]
    return [
        Edit(recalled_card(announcement.look), card=announcement.card, to=ToChat(chat.id), lane=Lane.BROADCAST)
        for chat in chats
    ]
