"""The way in and the way around: /start, /home, /help, /cancel."""

import storage.communities
import storage.conversations
import storage.roles
from domain.asking_for_help import danger_button
from domain.communities import CommunityKind
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Lines,
    Outgoing,
    Refused,
    Say,
    ToIdentity,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Community, Request
from domain.roles import INSIDERS
from handlers import menus
from handlers.cases import mine
from handlers.communities import groups, join
from handlers.route import TO_PRIVATE
from storage.database import Connection

CARD = "home"
# Also what the messenger shows of the bot before the first word.
ABOUT = text("Hello! I am Birge, the bot of your school community: pupils, parents and teachers together.")
_MOST_COMMUNITIES = 6


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/start alone, or with a code. What else a link may open stands in routes.STARTS."""
    if not request.incoming.is_private:
        return await groups.greet(db, request)
    if request.words:
        return await join.by_code(db, request)
    return await show_home(db, request)


async def show_home(db: Connection, request: Request) -> list[Outgoing]:
    """What this person can do, in buttons."""
    return [Say(await _welcome(db, request), await _buttons(db, request), card=CARD)]


async def show_home_again(db: Connection, request: Request) -> list[Outgoing]:
    """The card of show_home in another language. It goes to the account that asks, whose language has just changed."""
    welcome, buttons = await _welcome(db, request), await _buttons(db, request)
    return [Edit(welcome, buttons, card=CARD, to=ToIdentity(request.identity.id))]


async def show_help(_db: Connection, request: Request) -> list[Outgoing]:
    if not request.incoming.is_private:
        private = text("The rest works in your private chat with me.")
        return [Say(paragraphs(_listed(menus.group_commands()), private), [[TO_PRIVATE]])]
    cast = text("These are the commands you can use. Almost everything also works by buttons: /home")
    # NOTE: button. The way to the hotline.
    help_me = button(text("I need help"), "hl")
    listed = _listed(menus.commands(request.memberships))
    return [Say(paragraphs(cast, listed), [[help_me], [danger_button()]])]


async def cancel(db: Connection, request: Request) -> list[Outgoing]:
    if not request.conversation.step:
        return [Say(text("There is nothing to stop. /home shows what you can do."))]
    if request.conversation.step == mine.STEP:
        return await mine.stop(db, request)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Say(text("Stopped. Nothing was sent or saved. /home shows what you can do."))]


async def cancel_by_button(db: Connection, request: Request) -> list[Outgoing]:
    """args: the token of the question that is not to be answered."""
    conversation = request.conversation
    if not conversation.step or request.args[:1] != (str(conversation.token),):
        raise Refused(text("This question is over already. /home shows what you can do."))
    await storage.conversations.forget(db, request.identity.id, conversation, request.now)
    return [Edit(text("Stopped. Nothing was sent or saved. /home shows what you can do."))]


def _listed(commands: menus.Commands) -> Lines:
    return lines(*(text("/%(command)s – %(what)s", command=Words(name), what=what) for name, what in commands))


async def _welcome(db: Connection, request: Request) -> Body:
    awaited = await storage.communities.awaited(db, request.person.id, request.now)
    waiting = [text("Waiting for an answer: %(name)s", name=community.name) for community in awaited]
    if request.memberships:
        return paragraphs(text("What would you like to do?"), lines(*waiting) if waiting else None)
    if waiting:
        told = text("As soon as somebody answers, I will tell you here.")
        return paragraphs(text("Hello!"), lines(*waiting), told)
    return paragraphs(
        ABOUT,
        text("Do you have a code from your class or school? Then tap “Join with a code”."),
    )


def _to(request: Request, community: Community) -> str:
    """Her community's page, or what it shows its partners."""
    return "c" if request.may(INSIDERS, community.path) else "pt.see"


async def _buttons(db: Connection, request: Request) -> Keyboard:
    ids = list(dict.fromkeys(membership.community_id for membership in request.memberships))
    own = await storage.communities.several(db, ids[:_MOST_COMMUNITIES])
    # Offices are held above classes: nobody else is asked about.
    may_be_offered = any(one.kind != CommunityKind.CLASS for one in own)
    offered = await storage.roles.offered_to(db, request.person.id) if may_be_offered else []
    doors = [button(label, route) for label, route in menus.doors(request.memberships)]
    return [
        *menus.first_languages(request, CARD),
        # NOTE: button. What whoever works for the hotline accepts.
        *([[button(text("Code of conduct"), "conduct")]] if offered else []),
        *([button(Words(community.name), _to(request, community), community.id)] for community in own),
        *(doors[at : at + 2] for at in range(0, len(doors), 2)),
        # NOTE: button. The way to the hotline: in a row of its own, where nobody overlooks it.
        [button(text("I need help"), "hl")],
        # NOTE: button
        [button(text("Join with a code"), "join")],
        [
            # NOTE: button
            button(text("Settings"), "settings"),
            # NOTE: button. Lists the commands; is not the way to the hotline.
            button(text("How it works"), "help"),
        ],
    ]
