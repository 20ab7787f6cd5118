""" "Which class?": asked by buttons when a command doesn't name its community and several could be meant."""

from dataclasses import replace

import storage.communities
import storage.conversations
from domain.communities import KIND_NAMES, CommunityKind
from domain.lists import Page, page_of
from domain.messages import Body, Button, Edit, Outgoing, Refused, Say, Words, button, text
from domain.names import in_order
from domain.requests import Community, Conversation, Request
from domain.roles import Right, is_allowed
from handlers.route import Handler, Route, not_here
from storage.database import Connection

STEP = "which"
_PAGE = 7


def ask(route: Route) -> Handler:
    """A handler that asks which community the command is for, or goes on at once where only one is possible."""

    async def ask_which(db: Connection, request: Request) -> list[Outgoing]:
        found = await _own(db, request, route.may)
        if not found:
            raise not_here()
        if len(found) == 1 and route.leads_below:
            return await route.handler(db, replace(request, community=found[0]))
        if len(found) == 1:
            below = await _below(db, request, route.may, found[0])
            if not below:
                return await route.handler(db, replace(request, community=found[0]))
            return [await _question(db, request, _draft(request), page_of(below, 0, _PAGE), found[0])]
        return [await _question(db, request, _draft(request), page_of(found, 0, _PAGE), None)]

    return ask_which


async def _own(db: Connection, request: Request, right: Right) -> list[Community]:
    """Those she belongs to in which she has the right."""
    held = [one.community_id for one in request.memberships if is_allowed(right, request.memberships, one.path)]
    return await storage.communities.several(db, list(dict.fromkeys(held)))


async def _below(db: Connection, request: Request, right: Right, community: Community) -> list[Community]:
    """The communities right below in which the person has the right, too, in the order of her alphabet."""
    order = in_order(request.person.language)
    children = await storage.communities.children(db, community.id)
    allowed = [child for child in children if is_allowed(right, request.memberships, child.path)]
    return sorted(allowed, key=lambda child: order(child.name))


async def show_below(right: Right, db: Connection, request: Request) -> list[Outgoing]:
    """A tap on a community that has others below it, or on *More*. args: token, community, page."""
    if not is_current(request) or len(request.args) != 3:
        raise Refused(text("This button belongs to an earlier question. Please answer my last message."))
    community, page = request.community, request.args[2]
    if community is None or not page.isdecimal() or len(page) > 4:
        raise not_here()
    below = page_of(await _below(db, request, right, community), int(page), _PAGE)
    return [await _question(db, request, dict(request.conversation.draft), below, community)]


async def show_own(right: Right, db: Connection, request: Request) -> list[Outgoing]:
    """A tap on *More* below those she belongs to. args: token, page."""
    own = await _own(db, request, right)
    if not own:
        raise not_here()
    page = page_of(own, request.number(1), _PAGE)
    return [await _question(db, request, dict(request.conversation.draft), page, None)]


def is_current(request: Request) -> bool:
    """Whether the tap belongs to the question that is open."""
    conversation = request.conversation
    return conversation.step == STEP and request.args[:1] == (str(conversation.token),)


def _draft(request: Request) -> dict[str, object]:
    # A button of /home has the name of its command.
    return {"command": request.incoming.command or request.incoming.press, "words": request.words}


async def _question(
    db: Connection,
    request: Request,
    draft: dict[str, object],
    page: Page[Community],
    inside: Community | None,
) -> Say:
    """Those of the page, and the one they are all in, if it may be the one that is meant."""
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)
    rows = [[await _choice(db, token, community, inside)] for community in [*([inside] if inside else []), *page.shown]]
    if page.more:
        to = ("own", token) if inside is None else ("into", token, inside.id)
        # NOTE: button
        rows.append([button(text("More"), *to, page.number + 1)])
    rows.append([button(text("Cancel"), "cancel", token)])
    return Say(text("Which one is it for?"), rows, asks=token)


async def _choice(db: Connection, token: int, community: Community, inside: Community | None) -> Button:
    label: Body = Words(community.name)
    if inside is not None and community.id == inside.id:
        # NOTE: button
        whole = text("Whole: %(kind)s", kind=KIND_NAMES[CommunityKind(community.kind)])
        return button(whole, "at", token, community.id)
    if await storage.communities.children(db, community.id):
        return button(label, "into", token, community.id, 0)
    return button(label, "at", token, community.id)


async def close(db: Connection, request: Request, route: Route) -> list[Outgoing]:
    """The choice is made: the question is closed and the command goes on."""
    if request.community is None:
        raise LookupError("a choice without its community")
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    chosen = Edit(text("✓ %(answer)s", answer=Words(request.community.name)))
    # What was forgotten counts up the token: the next question of this update goes on from there.
    request = replace(request, conversation=Conversation(token=request.conversation.token + 1))
    return [chosen, *await route.handler(db, request)]
