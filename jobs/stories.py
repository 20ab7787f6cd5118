"""What time triggers about stories: photos are taken back, and what nobody decided on is forgotten."""

from datetime import datetime

import storage.stories
from domain.messages import Delete, Edit, Lane, Outgoing, Say, ToPerson, text
from domain.stories import WAITS, State
from storage.database import Connection

_AT_ONCE, _COPIES_AT_ONCE = 100, 500


async def take_photos_back(db: Connection, _now: datetime) -> list[Outgoing]:
    """Of stories that their writers took back, from those who asked for all photos, some at a time."""
    said: list[Outgoing] = []
    for story in await storage.stories.taking_back(db, 1):
        people = await storage.stories.take_copies(db, story.id, _COPIES_AT_ONCE)
        said += [Delete(story.photos_card, ToPerson(one), Lane.BROADCAST, every=True) for one in people]
    return said


async def forget_undecided(db: Connection, now: datetime) -> list[Outgoing]:
    """Its writer hears so, and may tell it again."""
    said: list[Outgoing] = []
    for story in await storage.stories.undecided(db, now - WAITS, _AT_ONCE):
        await storage.stories.close(db, story.id, [State.WAITING], State.DECLINED, None, now)
        # NOTE: read by pupils and by adults: without a form of address
        told = text("Nobody has decided on your story, so I have deleted it. You can tell it again: /story")
        to = ToPerson(story.person_id)
        said.append(Edit(told, card=story.writers_card, to=to))
        said.append(Say(told, to=to, lane=Lane.REMINDER))
    return said
