"""What a child reads before the first word, and where she can turn outside this chat.

Rules 1 to 3, 7, 10 and 11 of docs/safeguarding.md.
Nothing here promises that nobody will ever know: that would not be true.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import storage.cases
import storage.communities
import storage.conversations
import storage.hotline
import storage.plans
from domain.asking_for_help import danger_button
from domain.cases import State, kept
from domain.hotline_checklist import missing
from domain.messages import Body, Button, Keyboard, Outgoing, Say, button, lines, paragraphs, text
from domain.requests import Request
from domain.roles import HOTLINE, LEADING, Role
from handlers.cases import parts
from storage.database import Connection

# Who works with children may report a concern about one of them.
WORKS_AT_A_SCHOOL = LEADING | {Role.TEACHER, Role.PSYCHOLOGIST}

HEARD = "cs.heard"  # words that nobody has asked for yet: kept until she says what is to become of them
OURS = ("cs.", "my.")  # how the hotline's own steps begin


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """/hotline and "I need help": the notice, and the way on after a tap."""
    if not await is_open(db, request):
        return [Say(await _closed(db, request))]
    await _listen(db, request)
    return [Say(await _notice(db, request), await ways_on(db, request))]


async def _listen(db: Connection, request: Request) -> None:
    """What she writes under the notice, or right behind the command, is for the hotline: it is kept, and nothing else
    that was open takes it for its own answer."""
    before = request.conversation
    if before.step.startswith(OURS) and "parts" in before.draft:
        draft = _with_words(request, before.draft)
        await storage.conversations.keep(db, request.identity.id, before, draft, request.now)
    elif not before.step.startswith(OURS):
        step = before.aside.get("step", HEARD)
        draft = _with_words(request, before.aside.get("draft", {"parts": [], "read": False}))
        await storage.conversations.expect(db, request.identity.id, before, step, draft, request.now)


def _with_words(request: Request, draft: Mapping[str, Any]) -> Mapping[str, Any]:
    part, _ = parts.read(request)
    return draft if part is None else {**draft, "parts": [*draft["parts"], kept(part, request.incoming.message_id)]}


async def show_again(db: Connection, request: Request) -> list[Outgoing]:
    """The notice once more, in the middle of whatever goes on."""
    if not await is_open(db, request):
        return [Say(await _closed(db, request))]
    step = request.conversation.step
    # NOTE: button
    back = [[button(text("Back"), "hl.back")]] if step.startswith(OURS) and step != HEARD else []
    return [Say(await _notice(db, request), [[danger_button()], *back])]


async def ways_on(db: Connection, request: Request) -> Keyboard:
    return [*await _after_reading(db, request), [danger_button()], [code_button()]]


async def may_plan(db: Connection, request: Request) -> bool:
    """Whether she may open a case about a pupil as her own, and begin with a plan."""
    asks = bool(request.roles & (HOTLINE | {Role.PSYCHOLOGIST}))
    return asks and await storage.plans.home_of(db, request.person.id, request.now) is not None


async def _after_reading(db: Connection, request: Request) -> Keyboard:
    # NOTE: button. A psychologist begins a case about a pupil with a support plan.
    planned = [[button(text("Begin a plan"), "hl.plan")]] if await may_plan(db, request) else []
    if request.roles & WORKS_AT_A_SCHOOL:
        return [
            # NOTE: button
            [button(text("It is about me"), "hl.go", "me")],
            # NOTE: button. A teacher reports that she is worried about a pupil.
            [button(text("About a pupil"), "hl.go", "pupil")],
            *planned,
        ]
    # NOTE: button
    return [[button(text("I have read it"), "hl.go", "me")], *planned]


NOTICE = (
    # NOTE: child
    text("<b>You can tell us here what is wrong.</b> Please read these six lines first:"),
    # NOTE: child
    text("1. Who reads it: the helpers of the hotline, and the head of the helpers."),
    # NOTE: child
    text(
        "2. It is confidential: I show it to nobody else, except as line 4 says. "
        "But this messenger tells me the name on your account."
    ),
    # NOTE: child
    text("3. The messenger itself, and whoever holds your phone, may see what stands in this chat."),
    # NOTE: child
    text("4. If somebody is in serious danger, we must tell those who can protect them."),
    # NOTE: child
    text("5. You decide how much you write. One word is enough, and you need not name anybody."),
    # NOTE: child
    text("6. You can also call, or go to an adult you trust, instead of writing:"),
)


async def _notice(db: Connection, request: Request) -> Body:
    first, who, *five = NOTICE
    if await storage.cases.is_read_at_school(db, request.memberships, request.now):
        who = _SOME_AT_SCHOOL
    return paragraphs(first, lines(who, *five), await storage.hotline.helplines(db, request.person.id))


# NOTE: child. In place of line 1, where the child's own school has helpers.
_SOME_AT_SCHOOL = text(
    "1. Who reads it: the helpers of the hotline, some of them at your school, and the head of the helpers. "
    "If it is about an adult there, say so when I ask: then nobody at your school gets it."
)


async def _closed(db: Connection, request: Request) -> Body:
    """Where no message is taken, nobody is left waiting for an answer."""
    numbers = await storage.hotline.helplines(db, request.person.id)
    return paragraphs(
        # NOTE: child
        text("<b>I can't take messages for the hotline here.</b> Nobody would read what you write to me about it."),
        # NOTE: child
        text("But there are people who listen. You can call them:") if numbers else None,
        numbers,
        # NOTE: child
        text("You can also go to an adult you trust: at home, at school, or a doctor."),
    )


# --- what other screens show, too -------------------------------------------------------------------------------------


async def is_open(db: Connection, request: Request) -> bool:
    """Whether this person can write to the hotline: its checklist is true, and her country has numbers."""
    if not request.setup.second_route or await storage.hotline.helplines(db, request.person.id) is None:
        return False
    network = await storage.communities.root(db)
    return network is not None and not missing(await storage.hotline.facts(db, network, request.setup, request.now))


async def goes_on(db: Connection, request: Request) -> bool:
    """Whether danger can be told from here: where the hotline is open, and where a report is open already, which
    nothing cuts off."""
    if await is_open(db, request):
        return True
    return any(one.state is not State.CLOSED for one in await storage.cases.of_reporter(db, request.identity.id))


def code_button() -> Button:
    # NOTE: button. Opens a report with its code, on any phone.
    return button(text("I have a code"), "my.code")


def notice_button() -> Button:
    # NOTE: button. Shows again who reads what is written here.
    return button(text("Who reads this?"), "hl.read")


def with_doors(rows: Iterable[Iterable[Button]]) -> Keyboard:
    """A screen of the hotline: its own buttons, then the ones that stand on all of them, each in a row of its own: two
    side by side are cut off on a phone in most languages."""
    return [*[list(row) for row in rows], [danger_button()], [notice_button()]]
