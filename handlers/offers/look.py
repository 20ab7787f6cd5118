"""An offer as whoever may take it sees it: all that her people would get, before she says yes."""

from dataclasses import replace

import storage.announcements
import storage.challenges
import storage.meetings
from domain import announcement_cards, challenge_cards, meeting_cards
from domain.messages import Body, Say, button
from domain.offers import Offer, Thing, described
from handlers.communities import tree
from storage.database import Connection


async def card(db: Connection, offer: Offer) -> Body:
    return described(offer, await tree.where(db, offer.source), await _all_of_it(db, offer))


async def _all_of_it(db: Connection, offer: Offer) -> Body | None:
    """None: an announcement, which may be as long as a message."""
    match offer.thing:
        case Thing.MEETING:
            meeting = await storage.meetings.get(db, offer.subject_id)
            return meeting_cards.described(replace(meeting, community=offer.target, capacity=offer.places))
        case Thing.CHALLENGE:
            return challenge_cards.described(await storage.challenges.get_certain(db, offer.subject_id))
        case Thing.ANNOUNCEMENT:
            return None


async def as_read(db: Connection, offer: Offer) -> list[Say]:
    """An announcement with its photo, video or file, as its readers have it, but for who signed it."""
    if offer.thing is not Thing.ANNOUNCEMENT:
        return []
    look = (await storage.announcements.get_certain(db, offer.subject_id)).look
    return [
        Say(
            announcement_cards.unsigned(look), [[button(announcement_cards.CONFIRM, "a.try")]], media=look.content.media
        )
    ]
