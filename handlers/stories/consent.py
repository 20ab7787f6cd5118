"""Who is asked before a story is shown: a parent of the pupil who wrote it, where a child is to be seen; then those who
lead."""

from collections.abc import Iterable

import storage.communities
import storage.families
import storage.stories
from domain import stories
from domain.messages import Body, Edit, Outgoing, Photo, Refused, Say, ToPerson, lines, text
from domain.requests import Request
from domain.stories import Consent, State, Story
from handlers.route import not_here
from storage.database import Connection


async def ask_leaders(db: Connection, request: Request, story: Story) -> list[Outgoing]:
    said: list[Outgoing] = []
    for person_id in await storage.communities.leaders(db, story.community.path, request.now):
        to = ToPerson(person_id)
        said += _photos(story, to)
        said.append(Say(stories.to_decide(story), stories.deciding(story), to=to, card=story.card))
    return said


def ask_parents(story: Story, parents: Iterable[int]) -> list[Outgoing]:
    """Each parent who is linked; the first yes is enough, and a no ends it."""
    said: list[Outgoing] = []
    for person_id in parents:
        to = ToPerson(person_id)
        said += _photos(story, to)
        said.append(Say(stories.to_parent(story), stories.agreeing(story), to=to, card=story.parents_card))
    return said


def _photos(story: Story, to: ToPerson) -> list[Say]:
    return [
        Say(text("A photo of the story"), media=Photo(photo), to=to, card=story.photos_card)
        for photo in story.told.photos
    ]


async def agree(db: Connection, request: Request) -> list[Outgoing]:
    """args: the story."""
    story = await _of_own_child(db, request)
    if not await storage.stories.agree(db, story.id, request.person.id):
        raise not_here()
    story = await storage.stories.get_certain(db, story.id)
    said = text("✓ Thank you! Those who lead the community decide next.")
    return [
        *await _close(db, story, lines(stories.signature(story.role), said)),
        *await ask_leaders(db, request, story),
    ]


async def refuse(db: Connection, request: Request) -> list[Outgoing]:
    """args: the story."""
    story = await _of_own_child(db, request)
    if not await storage.stories.close(db, story.id, [State.WAITING], State.DECLINED, request.person.id, request.now):
        raise not_here()
    # NOTE: read by pupils and by adults: without a form of address
    told = text("The story is not shown: a parent would rather keep it in the family.")
    to = ToPerson(story.person_id)
    return [*await _close(db, story, told), Edit(told, card=story.writers_card, to=to), Say(told, to=to)]


async def _of_own_child(db: Connection, request: Request) -> Story:
    """A story that waits for this parent's answer. Raises Refused."""
    story: Story = request.subject
    if request.person.id not in await storage.families.parents(db, story.person_id):
        raise not_here()
    if story.state is not State.WAITING or story.consent is not Consent.ASKED:
        raise Refused(text("This story was decided on or withdrawn already."))
    return story


async def _close(db: Connection, story: Story, body: Body) -> list[Outgoing]:
    parents = await storage.families.parents(db, story.person_id)
    return [Edit(body, card=story.parents_card, to=ToPerson(person_id)) for person_id in parents]
