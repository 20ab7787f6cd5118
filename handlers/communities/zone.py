"""The time zone of a community in a country that has several: its meetings are called in it, those below it, too."""

from dataclasses import replace

import storage.communities
from domain.communities import kind_and_name
from domain.languages import zones_of
from domain.messages import Body, Edit, Outgoing, Toast, button, lines, text
from domain.requests import Community, Request
from domain.zones import ASK_ZONE, ZONE_NAMES
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.database import Connection


async def ask(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the community."""
    return [_question(community_of(request))]


def _question(community: Community) -> Edit:
    zones = zones_of(community.country)
    rows = [
        [button(_marked(zone, community.zone), "c.zone.is", community.id, number)] for number, zone in enumerate(zones)
    ]
    # NOTE: button
    back = [button(text("Back"), "c", community.id)]
    return Edit(lines(kind_and_name(community), ASK_ZONE), [*rows, back])


def _marked(zone: str, own: str) -> Body:
    return text("✓ %(answer)s", answer=ZONE_NAMES[zone]) if zone == own else ZONE_NAMES[zone]


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the number of the zone."""
    community = community_of(request)
    zone = next((one for at, one in enumerate(zones_of(community.country)) if request.args[1:] == (str(at),)), None)
    if zone is None:
        raise not_here()
    await storage.communities.save_zone_below(db, community, zone)
    return [_question(replace(community, zone=zone)), Toast(text("Saved."))]
