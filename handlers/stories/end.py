"""A story that was published is over: what stands of it in chats is taken away."""

import storage.announcements
import storage.communities
import storage.families
import storage.stories
from domain import stories
from domain.announcements import Announcement
from domain.messages import Delete, Edit, Outgoing, Say, ToPerson, text
from domain.requests import Request
from domain.stories import State, Story
from storage.database import Connection


async def by_leader(db: Connection, request: Request, announcement: Announcement) -> list[Outgoing]:
    """Somebody who leads takes back what the story became: its words and photos are gone, as when its writer does."""
    story = await storage.stories.of_announcement(db, announcement.community.id, announcement.id)
    if story is None:
        return []
    await storage.stories.close(db, story.id, [State.PUBLISHED], State.DECLINED, request.person.id, request.now)
    await storage.announcements.blank(db, announcement.id)
    by = await storage.communities.known_as(db, request.person.id, story.community.path) or request.incoming.sender_name
    # NOTE: read by pupils and by adults: without a form of address
    told = text("Your story is not shown any more: somebody who leads here took it back.")
    to = ToPerson(story.person_id)
    return [
        Edit(told, card=story.writers_card, to=to),
        *([] if story.person_id == request.person.id else [Say(told, to=to)]),
        *await cards(db, request, await storage.stories.get_certain(db, story.id), by),
    ]


async def cards(db: Connection, request: Request, gone: Story, by: str = "") -> list[Outgoing]:
    """Before those who lead, and before parents: nothing of it is left."""
    leaders = await storage.communities.leaders(db, gone.community.path, request.now)
    parents = await storage.families.parents(db, gone.person_id)
    told = stories.decided(gone, by)
    before = [*((one, gone.card) for one in leaders), *((one, gone.parents_card) for one in parents)]
    return [
        shown
        for person_id, card in before
        for shown in (
            Edit(told, card=card, to=ToPerson(person_id)),
            Delete(gone.photos_card, ToPerson(person_id), every=True),
        )
    ]
