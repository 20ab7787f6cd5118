"""Danger: numbers at once, then an offer to call the helper on duty; and nothing confidential in groups."""

from dataclasses import replace
from typing import Any

import storage.cases
import storage.conversations
import storage.operation
import storage.persons
from domain import distress
from domain.cases import Answers, Case, Deed, Risk, State
from domain.messages import (
    Body,
    Delete,
    Edit,
    Keyboard,
    Outgoing,
    Say,
    ToIdentity,
    ToPerson,
    Words,
    button,
    paragraphs,
    text,
)
from domain.requests import Incoming, Kind, Request
from domain.roles import HOTLINE, Role
from handlers.cases import mine, notice
from handlers.cases.open import HEARD, STEP, call_staff, drafted_parts, make, nobody, when_read
from handlers.route import Watched, not_here
from storage.database import Connection

FALSE_ALARMS = "hotline false alarms"  # a count, and nothing else is kept of them


def concerns(incoming: Incoming, secret_commands: frozenset[str]) -> bool:
    """Whether words or a command must be seen before they are answered."""
    if incoming.kind not in (Kind.WORDS, Kind.COMMAND):
        return False
    in_group = not incoming.is_private
    return (in_group and incoming.command in secret_commands) or distress.is_heard(incoming.words)


async def watch(db: Connection, request: Request, staff_steps: frozenset[str]) -> Watched:
    """What is said first. In private the words go their own way after it, in a group nothing else is said."""
    if request.incoming.is_private:
        if request.conversation.step in staff_steps:
            return Watched([])  # whoever answers a child quotes her
        return Watched([*await danger(db, request)])
    return Watched([Delete(), *await _in_private(db, request)], alone=True)


async def _in_private(db: Connection, request: Request) -> list[Outgoing]:
    """The way to help, in the writer's own chat if it was ever opened; in the group nobody sees an echo."""
    account = (await storage.persons.accounts(db, [request.identity.id])).get(request.identity.id)
    if account is None or account.place is None:
        return []
    to = ToIdentity(request.identity.id)
    if request.incoming.command and not distress.is_heard(request.incoming.words):
        told = text("Please write this to me here. If your message is still in the group, please delete it there.")
        # NOTE: button
        return [Say(told, notice.with_doors([[button(text("I need help"), "hl")]]), to=to)]
    # NOTE: child
    told = text(
        "You can talk to me here. If your message is still in the group, delete it there: not everybody should read it."
    )
    return [Say(told, to=to), *(replace(one, to=to) for one in await danger(db, request))]


async def press(db: Connection, request: Request) -> list[Outgoing]:
    """The button *Danger now*."""
    return [*await danger(db, request)]


async def danger(db: Connection, request: Request) -> list[Say]:
    """The numbers first; then, where the hotline is open, the offer."""
    numbers = Say(await _numbers(db))
    if not request.hotline_open:
        return [numbers]
    # NOTE: child
    offer = text("Shall I fetch the helper on duty right now? The helper learns of the danger and reads your report.")
    return [numbers, Say(offer, _offer_buttons())]


async def _numbers(db: Connection) -> Body:
    return paragraphs(
        # NOTE: child
        text("<b>If you are in danger now, please call:</b>"),
        await notice.helplines(db),
        # NOTE: child
        text("If you can, go to a place with other people, and to an adult you trust. It is not your fault."),
    )


def _offer_buttons() -> Keyboard:
    return [
        # NOTE: button. Fetches the helper of the hotline who is on duty.
        [button(text("Yes, fetch a helper"), "hl.alert")],
        # NOTE: button. There is no danger.
        [button(text("No, false alarm"), "hl.false")],
        [notice.notice_button()],
    ]


async def dismiss(db: Connection, request: Request) -> list[Outgoing]:
    """A false alarm: one more in the count, and nothing else is kept of it."""
    count = int(await storage.operation.read(db, FALSE_ALARMS) or 0)
    await storage.operation.write(db, FALSE_ALARMS, str(count + 1))
    if request.conversation.step == STEP:
        draft = {**request.conversation.draft, "calm": True}
        await storage.conversations.keep(db, request.identity.id, request.conversation, draft, request.now)
    if request.conversation.step == HEARD:
        await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    # NOTE: child
    return [Edit(text("All right. Nothing is kept of it. I am here if you need me: /hotline"))]


# --- the alarm --------------------------------------------------------------------------------------------------------


async def alert(db: Connection, request: Request) -> list[Outgoing]:
    """One tap: a case in danger with whatever was written so far, and the helpers called at once."""
    if not request.hotline_open:
        raise not_here()
    case, told, on_duty = await _raise_alarm(db, request)
    said = paragraphs(
        text("<b>The alarm is sent.</b> Its number is %(number)s.", number=Words(case.number)),
        when_read(Risk.DANGER) if on_duty else nobody(case.answers),
        # NOTE: child
        text("Don't only wait for an answer here. Please call, too:"),
        await notice.helplines(db),
    )
    return [Edit(said, _more(case)), *told, *await _go_on(db, request, case)]


def _more(case: Case) -> Keyboard:
    return [[button(text("Write more"), "my.say", case.id)], [notice.notice_button()]]


async def _go_on(db: Connection, request: Request, case: Case) -> list[Say]:
    """Whoever was writing a report goes on writing, into the case; another form is left alone."""
    return [await mine.wait_for_words(db, request, case)] if _writes_a_report(request) else []


def _writes_a_report(request: Request) -> bool:
    return request.conversation.step in ("", STEP, HEARD)


async def _raise_alarm(db: Connection, request: Request) -> tuple[Case, list[Say], bool]:
    """Her newest open case becomes one of danger, else a new one is made. A second tap calls nobody twice."""
    open_ones = [
        case for case in await storage.cases.of_reporter(db, request.identity.id) if case.state is not State.CLOSED
    ]
    drafted = drafted_parts(request.conversation.draft) if request.conversation.step in (STEP, HEARD) else []
    if not open_ones:
        case = await make(db, request, _answers(request), Risk.DANGER, drafted)
        told, on_duty = await call_staff(db, case, request)
        return case, told, on_duty
    case = open_ones[0]
    for part, message_id in drafted:
        await storage.cases.add_version(db, case, part, f"{request.place}/{message_id}")
    if case.risk is Risk.DANGER:
        return case, [], bool(await storage.cases.on_call(db, case, HOTLINE, request.now))
    await storage.cases.raise_risk(db, case, Risk.DANGER, request.now)
    case = replace(case, risk=Risk.DANGER, waiting_since=request.now)
    return await _call_again(db, request, case)


def _answers(request: Request) -> Answers:
    if request.conversation.step != STEP:
        return Answers()
    draft = request.conversation.draft
    return Answers(draft["about"], draft.get("adult"), draft.get("safe"), draft.get("when"))


async def _call_again(db: Connection, request: Request, case: Case) -> tuple[Case, list[Say], bool]:
    if case.state is State.NEW:
        told, on_duty = await call_staff(db, case, request)
        return case, told, on_duty
    await storage.cases.log(db, case.id, "clock", Deed.PAGED, request.now)
    supervisors = await storage.cases.on_call(db, case, frozenset({Role.SUPERVISOR}), request.now)
    workers: list[Any] = [case.worker_id] if case.worker_id is not None else []
    told = [_urgent(case, person_id) for person_id in dict.fromkeys([*workers, *supervisors])]
    return case, told, bool(told)


def _urgent(case: Case, person_id: int) -> Say:
    said = text("case %(number)s, danger, now", number=Words(case.number))
    return Say(said, [[button(text("Open"), "cs", case.id)]], to=ToPerson(person_id))
