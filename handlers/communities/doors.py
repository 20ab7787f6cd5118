"""What a person can do with a community: the buttons of its page, and of the one behind it."""

from collections.abc import Sequence

import storage.communities
from domain.communities import CommunityKind, above, kind_and_name, kinds_below
from domain.languages import zones_of
from domain.lists import page_of, turning
from domain.messages import Button, Edit, Keyboard, Outgoing, button, text
from domain.requests import Community, Request
from domain.roles import COORDINATORS, LEADERS, MEMBERS, ROSTER
from domain.rosters import HAVE_CLASSES
from domain.stages import has_stage
from storage.database import Connection

_PAGE = 8
_WITH_CLASSES = HAVE_CLASSES | {CommunityKind.CLASS}


async def tools(db: Connection, request: Request, community: Community, room: int) -> Keyboard:
    """What is done most, as far as there is `room` for buttons; the rest stands behind one of them."""
    often, seldom = await _often(db, request, community), _seldom(request, community)
    if not seldom and len(often) <= room:
        return _in_pairs(often)
    shown = often[: room - 1]
    # NOTE: button. What is seldom done with a community: the new school year, partners, its name, language and place.
    return _in_pairs([*shown, button(text("Manage"), "c.more", community.id, len(shown), 0)])


async def show_more(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, how many stand on its page, the page of those that don't."""
    community: Community = request.subject.community
    often = await _often(db, request, community)
    rest = [*often[request.number(1) :], *_seldom(request, community)]
    page = page_of(rest, request.number(2), _PAGE)
    rows = [
        *_in_pairs(page.shown),
        turning("c.more", community.id, request.number(1), page=page.number, more=page.more),
        [button(text("Back"), "c", community.id)],
    ]
    return [Edit(kind_and_name(community), rows)]


def _in_pairs(buttons: Sequence[Button]) -> Keyboard:
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


async def _often(db: Connection, request: Request, community: Community) -> list[Button]:
    leads, may_invite = request.may(COORDINATORS, community.path), request.may(LEADERS, community.path)
    own = await storage.communities.own(db, request.person.id, community.id, request.now)
    may_add = leads and bool(kinds_below(community.kind, request.standing(community.path).leads))
    shown = (
        # NOTE: button
        (text("Members"), "m", request.may(ROSTER, community.path)),
        # NOTE: button. Invite people to join.
        (text("Invite"), "i", may_invite),
        # NOTE: button. Which classes have no pupils, no parents or no teachers yet.
        (text("Who is missing"), "b", may_invite and community.kind in _WITH_CLASSES),
        # NOTE: button. Adds a class to a school, a school to a district…
        (text("Add below"), "c.add", may_add),
        # NOTE: button. Files of classes with the names that are expected in them.
        (text("Class lists"), "rs", leads and community.kind in HAVE_CLASSES),
        # NOTE: button. The group chats that belong to a community.
        (text("Groups"), "c.chat", may_invite),
        # NOTE: button. A member tells a story to her community.
        (text("Tell a story"), "st.new", request.may(MEMBERS, community.path)),
        # NOTE: button. Give up a role, leave.
        (text("Leave"), "c.down", any(one.state == "active" for one in own)),
    )
    return [button(label, route, community.id) for label, route, may in shown if may]


def _seldom(request: Request, community: Community) -> list[Button]:
    leads = request.may(COORDINATORS, community.path)
    shown = (
        # NOTE: button. All classes move up by a year: 5A becomes 6A.
        (text("New school year"), "yr", leads and community.kind in HAVE_CLASSES),
        # NOTE: button. Other communities, speakers, officials, organisations.
        (text("Partners"), "pt", leads),
        # NOTE: button. How far a school has come: beginner, advanced, model.
        (text("Stage"), "c.stage", leads and has_stage(community)),
        # NOTE: button. Another name for a community.
        (text("Rename"), "c.name", leads),
        # NOTE: button. The language of a community.
        (text("Language"), "c.lang", leads),
        # NOTE: button. The time zone of a community.
        (text("Time zone"), "c.zone", leads and len(zones_of(community.country)) > 1),
        # NOTE: button. Puts a community under another one.
        (text("Move under…"), "c.move", may_move(request, community)),
    )
    return [button(label, route, community.id) for label, route, may in shown if may]


def may_move(request: Request, community: Community) -> bool:
    """Whether this person leads the community above it, too."""
    over = above(community.path)
    return over is not None and request.may(COORDINATORS, over)
