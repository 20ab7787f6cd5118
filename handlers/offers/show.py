"""The offers of a community to others and those that it got, and the code by which others find it."""

import storage.communities
import storage.offers
from domain.communities import kind_and_name
from domain.lists import page_of, turning
from domain.messages import (
    Body,
    Copy,
    DeepLink,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.offers import Offer, State, code_of, in_list, shown
from domain.requests import Community, Request
from domain.roles import COORDINATORS
from handlers.communities.tree import community_of
from storage.database import Connection

_MOST, _PAGE = 200, 5  # each that waits has a button; three stand below, and two turn the page


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the page. What waits for its answer comes first."""
    community = community_of(request)
    newest = await storage.offers.of_community(db, community.id, most=_MOST)
    page = page_of(sorted(newest, key=lambda one: not _waits(one, community)), request.number(1), _PAGE)
    received = [one for one in page.shown if one.target.id == community.id]
    made = [one for one in page.shown if one.source.id == community.id]
    body = paragraphs(
        text("<b>Offers</b>: %(name)s", name=community.name),
        _listed(text("From others:"), received, received=True),
        _listed(text("To others:"), made, received=False),
        None if page.shown else text("Nothing was offered yet."),
    )
    rows: Keyboard = [
        *([button(Words(one.title), "of.see", one.id)] for one in received if _waits(one, community)),
        turning("of", community.id, page=page.number, more=page.more),
        # NOTE: button. Offer a meeting, challenge or announcement to another community.
        [button(text("Offer something"), "of.new", community.id)],
        # NOTE: button. The code by which other communities find this one.
        [button(text("Our code"), "of.code", community.id)],
        [button(text("Back"), "pt", community.id)],
    ]
    return [Edit(body, rows)]


def _waits(offer: Offer, community: Community) -> bool:
    return offer.target.id == community.id and offer.state is State.OFFERED


def _listed(heading: Body, offers: list[Offer], *, received: bool) -> Body | None:
    return lines(heading, *(in_list(one, received=received) for one in offers)) if offers else None


async def show_code(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and `new` for another code."""
    community = community_of(request)
    is_new = request.args[1:2] == ("new",)
    code = await storage.offers.code_of(db, community.id, request.person.id, request.now, new=is_new)
    body = paragraphs(
        text("Give this code or link to coordinators of other communities: with it they can offer you something."),
        lines(
            kind_and_name(community),
            # Not isolated: a reader copies it.
            text("Code: <code>%(code)s</code>", code=Words(shown(code))),
            text("Link: %(link)s", link=DeepLink(f"near-{code}")),
        ),
        text("Nobody can join with it."),
    )
    rows: Keyboard = [
        # NOTE: button. Copies an invitation's code.
        [Copy(text("Copy the code"), shown(code))],
        # NOTE: button. Another code; the one before it stops working.
        [button(text("New code"), "of.code", community.id, "new")],
        [button(text("Back"), "of", community.id)],
    ]
    return [Edit(body, rows)]


async def open_link(db: Connection, request: Request) -> list[Outgoing]:
    """args: the code. Which of her own communities offers something?"""
    code = code_of(request.args[0]) if request.args else None
    target = await storage.offers.by_code(db, code) if code else None
    if target is None or code is None:
        raise Refused(text("I know no community by this code. Please check it, or ask whoever gave it to you."))
    led = dict.fromkeys(one.community_id for one in request.memberships if request.may(COORDINATORS, one.path))
    own = await storage.communities.several(db, list(led))
    asked = text("Which of your communities offers something?")
    rows = [[button(Words(one.name), "of.new", one.id, code)] for one in own if one.id != target.id]
    return [Say(lines(text("For: %(whom)s", whom=kind_and_name(target)), asked), rows)]
