"""What time triggers about stories and newsletters: what nobody decided on, or sent, is forgotten."""

from datetime import datetime, timedelta

import storage.newsletters
import storage.stories
from domain.messages import Edit, Lane, Outgoing, Say, ToPerson, text
from domain.stories import WAITS, State
from storage.database import Connection

_AT_ONCE = 100
_DRAFTS_LAST = timedelta(days=60)


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


async def drop_old_drafts(db: Connection, now: datetime) -> list[Outgoing]:
    await storage.newsletters.drop_drafts_before(db, now - _DRAFTS_LAST)
    return []
