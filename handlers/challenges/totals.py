"""How many take part, community by community; never who, and nobody is ranked."""

from collections.abc import Sequence
from itertools import pairwise

import storage.challenges
import storage.communities
from domain.challenge_cards import table
from domain.challenges import Cell, Challenge, Totals, shown
from domain.lists import page_of
from domain.messages import Body, Button, Edit, Keyboard, Outgoing, Say, Words, button, text
from domain.requests import Community, Request
from domain.roles import LEADERS, MEMBERS
from handlers.route import not_here
from storage.database import Connection

_PAGE = 8


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the challenge, the community."""
    return [Say(*await _table(db, request))]


async def show_in_place(db: Connection, request: Request) -> list[Outgoing]:
    """args: the challenge, the community, the page."""
    return [Edit(*await _table(db, request))]


async def _table(db: Connection, request: Request) -> tuple[Body, Keyboard]:
    challenge: Challenge = request.subject
    community = await storage.communities.get(db, request.number(1))
    if community is None or not await _may_see(db, request, community):
        raise not_here()
    totals = await storage.challenges.totals(db, challenge.id, community.path)
    cells = await _cells(db, challenge, community, totals)
    if not request.may(LEADERS, community.path):
        cells = shown(cells)
    page = page_of(cells, request.number(2), _PAGE)
    rows: list[Sequence[Button]] = [
        [button(Words(below.name), "ch.in", challenge.id, below.id)] for below in await _with_more_below(db, page.shown)
    ]
    if page.more:
        rows.append([button(text("More"), "ch.in", challenge.id, community.id, page.number + 1)])
    if community.id != challenge.community.id and community.parent_id is not None:
        # NOTE: button. To the community above.
        rows.append([button(text("Up"), "ch.in", challenge.id, community.parent_id)])
    return table(community.name, totals, page.shown), rows


async def _cells(db: Connection, challenge: Challenge, community: Community, totals: Totals) -> list[Cell]:
    """The communities right below, and those who belong to none of them."""
    cells = await storage.challenges.totals_below(db, challenge.id, community.id)
    people = totals.people - sum(cell.totals.people for cell in cells)
    days = totals.days - sum(cell.totals.days for cell in cells)
    return [*cells, Cell(Totals(people, days))] if cells and people else cells


async def _with_more_below(db: Connection, cells: Sequence[Cell]) -> list[Community]:
    seen = [cell.community for cell in cells if cell.community and cell.totals.people and not cell.hidden]
    return [community for community in seen if await storage.communities.children(db, community.id)]


async def _may_see(db: Connection, request: Request, community: Community) -> bool:
    """A community of the challenge, of which the person is, or whose numbers no table on the way to it hides."""
    challenge: Challenge = request.subject
    if not community.path.startswith(challenge.community.path):
        return False
    way = await storage.communities.ancestors(db, community.path.removeprefix(_above(challenge.community)))
    for above, below in pairwise(way):
        if not request.may(MEMBERS, below.path) and await _is_hidden(db, challenge, above, below):
            return False
    return True


def _above(community: Community) -> str:
    """The part of a path that leads to a community, without itself: "/1/5/" for "/1/5/17/"."""
    return community.path.removesuffix(f"{community.id}/")


async def _is_hidden(db: Connection, challenge: Challenge, above: Community, below: Community) -> bool:
    totals = await storage.challenges.totals(db, challenge.id, above.path)
    return any(cell.hidden and cell.community == below for cell in shown(await _cells(db, challenge, above, totals)))
