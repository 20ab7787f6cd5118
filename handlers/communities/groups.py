"""Group chats: which community each belongs to, who says so, and what happens to them.

In a group only buttons work and one person may lead many communities, so the choice is made in her private chat; then
the messenger is asked whether she is an administrator of that group.
"""

from datetime import datetime

import storage.chats
import storage.communities
import storage.meetings
import storage.outbox
import storage.persons
import storage.rsvps
from domain import meeting_cards
from domain.communities import kind_and_name
from domain.lists import page_of, turning
from domain.messages import (
    Admit,
    Ask,
    Button,
    DeepLink,
    Edit,
    Keyboard,
    Lane,
    Link,
    Outgoing,
    Question,
    Refused,
    Say,
    Text,
    ToChat,
    ToPerson,
    Words,
    button,
    paragraphs,
    text,
)
from domain.requests import Chat, Community, Request
from domain.roles import LEADERS, MEMBERS, is_allowed
from domain.writing import clean_line
from handlers.communities import bound
from handlers.communities.bound import TITLE_MOST
from handlers.communities.bound import card_of as _card
from handlers.communities.tree import community_of
from storage.database import Connection

_PAGE = 8
_MEETINGS = 3  # cards that a group is brought at once


# --- the bot comes and goes -------------------------------------------------------------------------------------------


async def notice_membership(db: Connection, request: Request) -> list[Outgoing]:
    """The bot was added to a group or removed from it, or a person blocked it."""
    incoming = request.incoming
    match incoming.change:
        case "blocked":
            await storage.persons.mark_unreachable(db, incoming.channel, request.identity.address, "blocked")
        case "unblocked":
            await storage.persons.mark_reachable(db, request.identity.id)
        case "added":
            return await greet(db, request)
        case "removed" if incoming.chat is not None:
            await storage.chats.mark_unreachable(db, incoming.channel, incoming.chat, "removed")
            return await _tell_leaders(db, request, _REMOVED) if request.chat else []
    return []


async def greet(db: Connection, request: Request) -> list[Outgoing]:
    """The card of a group: whose it is, or the way to say so."""
    incoming = request.incoming
    if incoming.chat is None:
        return []
    chat = await storage.chats.save(
        db, incoming.channel, incoming.chat, clean_line(incoming.chat_title or "")[:TITLE_MOST]
    )
    community = await storage.communities.get(db, chat.community_id) if chat.community_id else None
    if community is not None and not community.archived:
        return [Say(_belongs_to(community), to=ToChat(chat.id, incoming.thread or 0), card=_card(chat))]
    asked = paragraphs(
        text("Hello! I am Birge, the bot of your school community."),
        text("Which class or community is this group for? Whoever leads it and is an administrator here can say so."),
    )
    # In a forum everything goes later to the topic where /start was written.
    topic = f"-{incoming.thread}" if incoming.thread else ""
    # NOTE: button. Opens the private chat, where the class of a group is chosen.
    choose = [[Link(text("Choose the class"), DeepLink(f"bind-{chat.id}{topic}"))]]
    return [Say(asked, choose, card=_card(chat))]


def _belongs_to(community: Community) -> Text:
    return text(
        "This group belongs to: %(name)s. Announcements and meetings appear here.",
        name=community.name,
    )


_REMOVED = text(
    "I am no longer in a group of yours, so announcements can't appear there. If that was a mistake, add me again."
)
_MOVED = text(
    "The messenger has moved a group of yours to a new place. I moved along; there is nothing you need to do."
)


async def _tell_leaders(db: Connection, request: Request, what: Text) -> list[Outgoing]:
    """Those who lead the community of the group hear what happened to it."""
    chat = request.chat
    community = await storage.communities.get(db, chat.community_id) if chat and chat.community_id else None
    if chat is None or community is None:
        return []
    told = paragraphs(what, kind_and_name(community), text("Group: %(title)s", title=chat.title))
    return [Say(told, to=ToPerson(one)) for one in await storage.communities.leaders(db, community.path, request.now)]


async def move(db: Connection, request: Request) -> list[Outgoing]:
    """A group became a supergroup: a new address for it and for what waits to be sent there. The cards of the meetings
    ahead stayed behind and come anew."""
    incoming, chat = request.incoming, request.chat
    if chat is None or not incoming.change:
        return []
    new = await storage.chats.find(db, incoming.channel, incoming.change)
    await storage.chats.move(db, incoming.channel, chat.address, incoming.change)
    await storage.outbox.move_place(db, chat.place, f"{incoming.channel}:{incoming.change}")
    told: list[Outgoing] = [*await _tell_leaders(db, request, _MOVED)]
    there = await storage.chats.find(db, incoming.channel, incoming.change)
    community = await storage.communities.get(db, there.community_id) if there and there.community_id else None
    if there is None or community is None:
        return told
    # Where the bot was added to the new one before it heard of the move it has asked there whose it is.
    shown = [] if new is None else [await _shown_in(db, there, community)]
    return [*shown, *await _meetings_ahead(db, there, community, request.now), *told]


async def answer_join_request(db: Connection, request: Request) -> list[Outgoing]:
    """Members of the group's community are let in; about others its administrators decide."""
    chat = request.chat
    community = await storage.communities.get(db, chat.community_id) if chat and chat.community_id else None
    if chat is None or community is None or community.archived:
        return []
    if not is_allowed(MEMBERS, request.memberships, community.path):
        return []
    return [Admit(chat.id, request.identity.address, accept=True)]


# --- the choice, in the private chat ----------------------------------------------------------------------------------


async def choose(db: Connection, request: Request) -> list[Outgoing]:
    """args: the group, its topic. Which of the communities she leads does it belong to?"""
    chat, thread = await _group(db, request.number(0)), request.number(1)
    return [Say(_WHICH, await _led(db, request, chat, thread, 0))]


async def turn(db: Connection, request: Request) -> list[Outgoing]:
    """args: the group, its topic, the page of the communities that she leads."""
    chat = await _group(db, request.number(0))
    return [Edit(_WHICH, await _led(db, request, chat, request.number(1), request.number(2)))]


async def _led(db: Connection, request: Request, chat: Chat, thread: int, given: int) -> Keyboard:
    led = dict.fromkeys(one.community_id for one in request.memberships if request.may(LEADERS, one.path))
    found = await storage.communities.several(db, list(led))
    page = page_of(found, given, _PAGE)
    rows = [[await _choice(db, one, chat, thread)] for one in page.shown]
    return [*rows, turning("bind.turn", chat.id, thread, page=page.number, more=page.more)]


async def choose_below(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the group, the page of those below it, the group's topic."""
    community, chat, thread = community_of(request), await _group(db, request.number(1)), request.number(3)
    page = page_of(await storage.communities.children(db, community.id), request.number(2), _PAGE)
    rows: list[list[Button]] = [] if page.number else [[_bind(community, chat, thread)]]
    rows += [[await _choice(db, one, chat, thread)] for one in page.shown]
    if page.more:
        rows.append([button(text("More"), "bind.in", community.id, chat.id, page.number + 1, thread)])
    return [Edit(_WHICH, rows)]


_WHICH = text("Which community does your group belong to?")


async def _choice(db: Connection, community: Community, chat: Chat, thread: int) -> Button:
    if await storage.communities.children(db, community.id):
        return button(Words(f"{community.name} …"), "bind.in", community.id, chat.id, 0, thread)
    return _bind(community, chat, thread)


def _bind(community: Community, chat: Chat, thread: int) -> Button:
    return button(Words(community.name), "bind", community.id, chat.id, thread)


async def _group(db: Connection, chat_id: int) -> Chat:
    chat = await storage.chats.get(db, chat_id)
    # Nothing can be asked about a group the bot is no longer in.
    if chat is None or (await storage.chats.readers(db, [chat_id]))[chat_id].unreachable:
        raise Refused(text("I don't know this group. Please add me to it again."))
    return chat


async def ask_administrator(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the group, its topic. The messenger is asked whether she is an administrator there."""
    community, chat = community_of(request), await _group(db, request.number(1))
    await _check_free(db, request, community, chat)
    checking = text("One moment, please. I am checking whether you are an administrator of that group.")
    args = (str(community.id), str(chat.id), str(request.number(2)))
    asked = Ask(Question.IS_ADMINISTRATOR, "groups.bound", args, to=ToChat(chat.id))
    return [Edit(checking), asked]


async def _check_free(db: Connection, request: Request, community: Community, chat: Chat) -> None:
    """A group that belongs somewhere else is given away only by somebody who leads there, too; one of a class that left
    school is free. Raises Refused."""
    if chat.community_id in (None, community.id):
        return
    other = await storage.communities.get(db, chat.community_id) if chat.community_id else None
    if other is not None and not other.archived and not request.may(LEADERS, other.path):
        raise Refused(
            text("This group belongs to another community already. Only somebody who leads both can change that.")
        )


# --- the answer -------------------------------------------------------------------------------------------------------


async def bind(db: Connection, request: Request) -> list[Outgoing]:
    """What the messenger said about the administrator. args: the community, the group, its topic."""
    community, chat = community_of(request), await _group(db, request.number(1))
    asker = ToPerson(request.person.id)
    if not request.incoming.answer.get("yes"):
        why = text(
            "You are not an administrator of that group, so I can't connect it with your community."
            " Please ask one of its administrators to make you one, then try again."
        )
        return [Say(why, to=asker)]
    await _check_free(db, request, community, chat)
    before = await storage.communities.get(db, chat.community_id) if chat.community_id else None
    await storage.chats.bind(db, chat.id, community.id, request.number(2) or None)
    told = paragraphs(
        text("✓ Done. This group belongs to you now: %(title)s", title=chat.title), kind_and_name(community)
    )
    return [
        await _shown_in(db, chat, community),
        Say(told, to=asker),
        *await _meetings_ahead(db, chat, community, request.now),
        bound.ask_rights(chat, community),
        *await _tell_those_before(db, request, chat, before, community),
    ]


async def _meetings_ahead(db: Connection, chat: Chat, community: Community, now: datetime) -> list[Outgoing]:
    """The cards of the next meetings that other groups of the community see already."""
    said: list[Outgoing] = []
    for meeting in await storage.meetings.in_groups(db, community.id, now, _MEETINGS):
        if not await storage.outbox.is_sent(db, Lane.BROADCAST, chat.place, meeting.card):
            counts = await storage.rsvps.count(db, meeting.id)
            said.append(meeting_cards.in_group(meeting, counts, chat))
    return said


async def _tell_those_before(
    db: Connection, request: Request, chat: Chat, before: Community | None, after: Community
) -> list[Outgoing]:
    """A group that belonged elsewhere: those who led it there hear where it went."""
    if before is None or before.id == after.id:
        return []
    what = text("A group chat of yours belongs to another community now: %(title)s", title=chat.title)
    return await bound.tell_leaders(db, request, before, what)


async def _shown_in(db: Connection, chat: Chat, community: Community) -> Outgoing:
    """The group's card says whose it is now; a new one where the old card is gone."""
    card, to = _card(chat), ToChat(chat.id)
    if await storage.outbox.is_sent(db, Lane.REPLY, chat.place, card):
        return Edit(_belongs_to(community), card=card, to=to)
    return Say(_belongs_to(community), to=to, card=card)
