"""A writer takes her story back, whenever she wants: what can be deleted is deleted, the rest says that it is gone."""

import storage.announcements
import storage.communities
import storage.families
import storage.stories
from domain import stories
from domain.announcements import Announcement, can_be_deleted
from domain.announcements import State as Sent
from domain.messages import Edit, Outgoing, Refused, Text, button, lines, text
from domain.requests import Request
from domain.stories import State, Story
from handlers.announcements import recall
from handlers.route import not_here
from handlers.stories import end
from storage.database import Connection


def _own(request: Request) -> Story:
    """Her own story, wherever she is a member by now."""
    story: Story = request.subject
    if story.person_id != request.person.id:
        raise not_here()
    if story.state not in (State.WAITING, State.PUBLISHED):
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("This story is not shown any more."))
    return story


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    story = _own(request)
    # NOTE: read by pupils and by adults: without a form of address
    asked = text("Shall I take your story back? Nobody can read it here any more then.")
    rows = [
        # NOTE: button. Yes, the story is withdrawn.
        [button(text("Yes, take it back"), "st.back.yes", story.id)],
        # NOTE: button. The story stays.
        [button(text("Leave it"), "st.back.no", story.id)],
    ]
    return [Edit(lines(stories.to_writer(story), asked), rows)]


async def keep(_db: Connection, request: Request) -> list[Outgoing]:
    story = _own(request)
    return [Edit(stories.to_writer(story), stories.of_writer(story))]


async def withdraw(db: Connection, request: Request) -> list[Outgoing]:
    """args: the story."""
    story, was = _own(request), [State.WAITING, State.PUBLISHED]
    if not await storage.stories.close(db, story.id, was, State.WITHDRAWN, request.person.id, request.now):
        raise not_here()
    gone = await storage.stories.get_certain(db, story.id)
    announcement = await _announced(db, story)
    return [
        Edit(_told(request, story, announcement)),
        *await end.cards(db, request, gone),
        *(await recall.recalled(db, request, announcement) if announcement is not None else []),
    ]


def _told(request: Request, story: Story, announcement: Announcement | None) -> Text:
    """What a messenger can't take back is said."""
    sent_at = announcement.sent_at if announcement is not None else None
    if story.told.photos and sent_at is not None and not can_be_deleted(sent_at, request.now):
        # NOTE: read by pupils and by adults: without a form of address
        return text("✓ Your story is taken back. Its words are gone; photos older than two days may stay in chats.")
    # NOTE: read by pupils and by adults: without a form of address
    return text("✓ Your story is taken back. What was sent disappears from everybody's chat.")


async def _announced(db: Connection, story: Story) -> Announcement | None:
    """The announcement it became, without its words and photo by now; it is taken back as any other is. The photos of
    those who asked for all of them follow by the jobs."""
    if story.announcement_id is None:
        return None
    await storage.announcements.blank(db, story.announcement_id)
    found = await storage.announcements.get(db, story.announcement_id)
    return found if found is not None and found.state is Sent.SENT else None
