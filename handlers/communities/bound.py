"""The group chats that are bound to a community: which they are, letting one go, and what the bot may do in them."""

import storage.chats
import storage.communities
import storage.outbox
from domain.communities import kind_and_name
from domain.lists import page_of, turning
from domain.messages import (
    Ask,
    Body,
    Edit,
    Keyboard,
    Lane,
    Outgoing,
    Question,
    Say,
    Text,
    ToChat,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Chat, Community, Request
from domain.writing import clean_line
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.database import Connection

TITLE_MOST = 128
_PAGE = 7


def card_of(chat: Chat) -> str:
    """The card in the group that says whose it is."""
    return f"group:{chat.id}"


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the page."""
    community = community_of(request)
    chats = await storage.chats.of_community(db, community.id)
    page = page_of(chats, request.number(1), _PAGE)
    body = lines(
        text("<b>Group chats</b>: %(name)s", name=community.name),
        text("What is for everybody appears there, too. Tap a group to disconnect it.")
        if chats
        else text("No group chat is connected. Add me to a group, and I ask there which community it belongs to."),
    )
    rows = [
        *([button(Words(chat.title or "?"), "c.chat.off", community.id, chat.id)] for chat in page.shown),
        turning("c.chat", community.id, page=page.number, more=page.more),
        # NOTE: button
        [button(text("Back"), "c", community.id)],
    ]
    return [Edit(body, rows)]


async def ask_to_let_go(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the group."""
    community, chat = await _bound(db, request)
    asked = text("Disconnect this group? Nothing more appears there: %(title)s", title=chat.title)
    rows: Keyboard = [
        # NOTE: button. A group chat belongs to the community no more.
        [button(text("Disconnect"), "c.chat.yes", community.id, chat.id)],
        [button(text("Back"), "c.chat", community.id)],
    ]
    return [Edit(asked, rows)]


async def let_go(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the group."""
    community, chat = await _bound(db, request)
    await storage.chats.let_go(db, chat.id)
    done = lines(
        text("✓ Disconnected: %(title)s", title=chat.title),
        text("To connect it again, write /start in the group."),
    )
    said: list[Outgoing] = [Edit(done, [[button(text("Back"), "c.chat", community.id)]])]
    if await storage.outbox.is_sent(db, Lane.REPLY, chat.place, card_of(chat)):
        said.append(Edit(_BELONGS_NOWHERE, card=card_of(chat), to=ToChat(chat.id)))
    told = text("A group chat was disconnected from your community: %(title)s", title=chat.title)
    return [*said, *await tell_leaders(db, request, community, told)]


_BELONGS_NOWHERE = text("This group belongs to no community now. To connect it again: /start")


async def _bound(db: Connection, request: Request) -> tuple[Community, Chat]:
    community, chat = community_of(request), await storage.chats.get(db, request.number(1))
    if chat is None or chat.community_id != community.id:
        raise not_here()
    return community, chat


async def tell_leaders(db: Connection, request: Request, community: Community, what: Text) -> list[Outgoing]:
    """Those who lead a community, but for whoever did it, hear what happened to a group of theirs."""
    told = paragraphs(what, kind_and_name(community))
    leaders = await storage.communities.leaders(db, community.path, request.now)
    return [Say(told, to=ToPerson(one)) for one in leaders if one != request.person.id]


# --- what the bot may do there ----------------------------------------------------------------------------------------


def ask_rights(chat: Chat, community: Community) -> Ask:
    return Ask(Question.CHAT_RIGHTS, "groups.rights", (str(chat.id), str(community.id)), to=ToChat(chat.id))


async def tell_missing_rights(db: Connection, request: Request) -> list[Outgoing]:
    """What the messenger said. args: the group, its community. Those who lead it are told once what is missing."""
    chat = await storage.chats.get(db, request.number(0))
    community = await storage.communities.get(db, request.number(1))
    missing = _missing(request)
    if chat is None or community is None or chat.community_id != community.id or missing is None:
        return []
    if not await storage.chats.tell_rights(db, chat.id):
        return []
    told = paragraphs(text("Group: %(title)s", title=chat.title), missing)
    return [Say(told, to=ToPerson(one)) for one in await storage.communities.leaders(db, community.path, request.now)]


def _missing(request: Request) -> Body | None:
    rights = request.incoming.answer
    how = text("An administrator of the group can allow it: group settings, Administrators, add me.")
    if rights.get("pin") and rights.get("delete"):
        return None
    return lines(
        text("I may not pin messages there.") if not rights.get("pin") else None,
        text("I may not delete messages there, so a call for help that is written by mistake stays visible.")
        if not rights.get("delete")
        else None,
        how,
    )


# --- its title --------------------------------------------------------------------------------------------------------


async def retitle(db: Connection, request: Request) -> list[Outgoing]:
    """The group has another title."""
    if request.chat is not None and request.incoming.chat_title:
        await storage.chats.save_title(db, request.chat.id, clean_line(request.incoming.chat_title)[:TITLE_MOST])
    return []
