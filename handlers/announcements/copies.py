"""Where another community accepted an announcement as an offer: whoever runs that one hears what becomes of it."""

from collections.abc import Callable

import storage.announcements
import storage.communities
import storage.offers
from domain.announcements import Announcement, State
from domain.messages import Body, Keyboard, Outgoing, Say, ToPerson
from domain.offers import Thing
from domain.requests import Request
from domain.roles import COORDINATORS
from storage.database import Connection


async def tell(
    db: Connection,
    request: Request,
    original: Announcement,
    notice: Callable[[Announcement], tuple[Body, Keyboard]],
) -> list[Outgoing]:
    """At once, of each copy that stands; its button lets the copy follow."""
    said: list[Outgoing] = []
    for copy_id in await storage.offers.copies_of(db, Thing.ANNOUNCEMENT, original.id):
        copy = await storage.announcements.get(db, copy_id)
        if copy is not None and copy.state is State.SENT:
            leading = await storage.communities.nearest(db, copy.community.path, request.now, COORDINATORS.leading)
            said += [Say(*notice(copy), to=ToPerson(one.person_id)) for one in leading]
    return said


async def original_of(db: Connection, copy: Announcement) -> Announcement | None:
    """None: it is no copy, or its offer is long over."""
    found = await storage.offers.original_of(db, Thing.ANNOUNCEMENT, copy.id, copy.community.id)
    return None if found is None else await storage.announcements.get(db, found)
