"""Whoever leads a community finds people in it and below it by their names, typed in whatever alphabet."""

import storage.communities
import storage.conversations
from domain.communities import ROLE_NAMES, Found
from domain.messages import Body, Button, Keyboard, Outgoing, Refused, Say, Words, button, lines, text
from domain.names import find
from domain.requests import Community, Request
from domain.roles import HOTLINE_GRANTERS, OFFICES, ROSTER
from handlers.communities.tree import community_of
from storage.database import Connection

STEP = "m.find"
_SHOWN = 8
# A region has more than anybody is found in by name alone: there one begins at a school.
_LOOKED_THROUGH = 20_000


def door(community: Community) -> Button:
    # NOTE: button. Finds somebody in a list of members by name.
    return button(text("Find"), "m.find", community.id)


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    community = community_of(request)
    token = await _expect(db, request, community)
    asked = text("Whom are you looking for? Write a name or the beginning of it, in any alphabet.")
    # NOTE: button
    return [Say(asked, [[button(text("Cancel"), "cancel", token)]], asks=token)]


async def _expect(db: Connection, request: Request, community: Community) -> int:
    draft = {"community": community.id}
    return await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """Her words are a name; whoever bears one like it is shown, and the question is over when somebody does."""
    community = community_of(request)
    everybody = await storage.communities.everybody_below(db, community.path, request.now, _LOOKED_THROUGH)
    seen = {one.membership_id: one for one in everybody if _may_be_seen(request, one)}
    named = [(number, one.called) for number, one in seen.items()]
    found = [seen[number] for number in find(request.words, named, request.person.language)]
    if not found:
        raise Refused(text("I find nobody by this name. Try another spelling, or only the beginning."))
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Say(_told(found), _buttons(found[:_SHOWN], community))]


def _may_be_seen(request: Request, one: Found) -> bool:
    """As in the list of that very community."""
    hidden = one.role in OFFICES and not request.may(HOTLINE_GRANTERS, one.path)
    return request.may(ROSTER, one.path) and not hidden


def _told(found: list[Found]) -> Body:
    many = text("These are the first. Write more of the name to see others.") if len(found) > _SHOWN else None
    return lines(text("Found: %(count)s", count=len(found)), many)


def to_list(community: Community) -> Button:
    # NOTE: button. Back to the list of members.
    return button(text("All members"), "m", community.id)


def _buttons(found: list[Found], community: Community) -> Keyboard:
    return [*([_line(one)] for one in found), [door(community), to_list(community)]]


def _line(one: Found) -> Button:
    # NOTE: a person in a list: her name, what she is, and her class
    label = text(
        "%(name)s – %(role)s, %(community)s",
        name=Words(one.called),
        role=ROLE_NAMES[one.role],
        community=Words(one.community),
    )
    return button(label, "m.one", one.membership_id)
