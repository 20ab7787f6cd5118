"""Coming back with a code: a new one, one that was written down, and one that is typed on another phone.

A code that fits nothing, one that ended and one whose case is destroyed sound the same, and every wrong one makes the
next wait longer. While somebody has to wait nothing is looked up, so that waiting tells nothing either.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import storage.cases
import storage.conversations
import storage.hotline
from domain import codes
from domain.asking_for_help import danger_button
from domain.cases import Case, Deed, Side, Stage, State
from domain.messages import (
    Body,
    Delete,
    Edit,
    Keyboard,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from handlers.cases import claim, mine, notice, parts
from handlers.cases import open as report
from handlers.cases.mine import own
from handlers.cases.open import after_sending, call_staff, code_lines, sent_again, written_down
from handlers.route import Handler, not_here
from storage.cases.codes import VALID_AT_ONCE
from storage.database import Connection

STEP = "my.code"
_SHOWN = 3  # of what a helper wrote lately


# --- a code of her own ------------------------------------------------------------------------------------------------


async def show_new(db: Connection, request: Request) -> list[Outgoing]:
    """A new code; those before it are good until she says that she has this one."""
    case = own(request)
    if await storage.cases.codes(db, case) >= VALID_AT_ONCE:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("There are many codes for this report already. Each of them works."))
    code_id, code = await storage.cases.give_code(db, case)
    await storage.cases.log(db, case.id, "reporter", Deed.CODE_GIVEN, request.now)
    return [Say(code_lines(code), notice.with_doors([[written_down(case, code_id)]]))]


async def keep(db: Connection, request: Request) -> list[Outgoing]:
    """She has it on paper: it leaves the chat, and codes before it end. args: case, code."""
    case = own(request)
    if not await storage.cases.keep_code(db, case, request.number(1)):
        raise not_here()
    # NOTE: read by pupils and by teachers: without a form of address
    gone = text("✓ The code is gone from this chat. It works on any phone: /hotline, then “I have a code”.")
    if _is_as_sent(case, request.now):
        return [Edit(paragraphs(await sent_again(db, case, request.now), gone), after_sending(case))]
    stands = paragraphs(mine.standing(case), gone, await storage.hotline.helplines(db, request.person.id))
    return [Edit(stands, notice.with_doors(mine.ways(case)))]


def _is_as_sent(case: Case, now: datetime) -> bool:
    """Whether what was said of its clock when it was sent is still ahead."""
    ahead = case.stage == Stage.ASLEEP or now < case.due_at
    return case.state is State.NEW and case.withdrawn_at is None and ahead


# --- a code on any phone ----------------------------------------------------------------------------------------------


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """*I have a code*."""
    before = request.conversation
    token = await storage.conversations.expect(db, request.identity.id, before, STEP, {}, request.now)
    return [await question(db, request, token)]


async def question(db: Connection, request: Request, token: int) -> Say:
    at = codes.next_try_at(await storage.cases.tries(db, request.identity.id, request.now))
    # NOTE: read by pupils and by teachers: without a form of address
    told = text("Please type the 16 digits of the code.")
    wait = _wait(at) if at is not None and request.now < at else None
    return Say(paragraphs(told, wait), _ways(token), asks=token)


def _ways(token: int) -> Keyboard:
    # NOTE: button
    return notice.with_doors([[button(text("Stop"), "my.code.no", token)]])


async def stop(db: Connection, request: Request) -> list[Outgoing]:
    """*Stop*: no code is awaited any more. args: token."""
    before = request.conversation
    if before.step != STEP or request.args[:1] != (str(before.token),):
        raise Refused(text("This question is over already. /home shows what you can do."))
    token = await storage.conversations.forget(db, request.identity.id, before, request.now)
    stopped = Edit(text("Stopped. Nothing was sent or saved. /home shows what you can do."), [[danger_button()]])
    return [stopped, *report.ask_again(before, token)]


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """The code, typed. What was typed leaves the chat in any case."""
    code = codes.read(request.words)
    if code is None and not any(letter.isdecimal() for letter in request.words):
        return await _take_words(db, request)
    if code is None:
        # NOTE: read by pupils and by teachers: without a form of address
        told = text("A code has 16 digits, like 1234 5678 1234 5678. Please type it once more, or tap a button.")
        return [Say(told, _ways(request.conversation.token), asks=request.conversation.token)]
    at = codes.next_try_at(await storage.cases.tries(db, request.identity.id, request.now))
    if at is not None and request.now < at:
        token = request.conversation.token
        return [Delete(), Say(_wait(at), _ways(token), asks=token)]
    case = await storage.cases.by_code(db, code)
    if case is None:
        return [Delete(), *await _wrong(db, request)]
    token = await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Delete(), *await _come_back(db, request, case), *report.ask_again(request.conversation, token)]


async def _take_words(db: Connection, request: Request) -> list[Outgoing]:
    """Words or a picture where a code was awaited: they are for a helper, and nothing of them is lost."""
    before = request.conversation
    if before.aside:
        token = await storage.conversations.forget(db, request.identity.id, before, request.now)
        step, draft = before.aside["step"], before.aside["draft"]
        resumed = replace(before, step=step, draft=draft, token=token, asked_at=request.now, aside={})
        return await _RESUMED.get(step, report.hold_more)(db, replace(request, conversation=resumed))
    if (offered := await mine.offer(db, request)) is not None:
        return offered
    return await report.hold_anew(db, request)


_RESUMED: Mapping[str, Handler] = {report.STEP: report.take_words, mine.OFFER: mine.take_more}


async def _wrong(db: Connection, request: Request) -> list[Outgoing]:
    await storage.cases.save_try(db, request.identity.id, request.now)
    await storage.cases.log(db, None, "reporter", Deed.REFUSED, request.now)  # of no case, by nobody: rules 15 and 20
    at = codes.next_try_at(await storage.cases.tries(db, request.identity.id, request.now))
    again = request.now if at is None else max(at, request.now)
    # NOTE: read by pupils and by teachers: without a form of address. %(at)s is a time: 14:32.
    wrong = text(
        "This code does not fit. Please look at it once more. The next try: from %(at)s on.",
        at=Moment(again, show="time"),
    )
    told = paragraphs(wrong, await storage.hotline.helplines(db, request.person.id))
    return [Say(told, _ways(request.conversation.token), asks=request.conversation.token)]


def _wait(at: datetime) -> Text:
    # NOTE: read by pupils and by teachers: without a form of address. %(at)s is a time: 14:32.
    return text("Please wait until %(at)s, then type the code again.", at=Moment(at, show="time"))


async def _come_back(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    """The case answers to this account from now on. The other one hears nothing more, and nothing of the change."""
    moved = case.reporter.identity_id != request.identity.id
    said: list[Outgoing] = []
    if moved:
        case = await storage.cases.move(db, case, request.person.id, request.identity.id)
        await storage.cases.log(db, case.id, "reporter", Deed.CAME_BACK, request.now)
        said = await _free_of_reader(db, request, case)
    return [Say(await _found(db, request, case, moved=moved), notice.with_doors(mine.ways(case))), *said]


async def _free_of_reader(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    """Who holds the code of a case can't be the one who works on it."""
    if case.worker_id != request.person.id or case.state is not State.TAKEN:
        return []
    gone = [copy for copy in await storage.cases.copies_of(db, case) if copy.person_id == request.person.id]
    await storage.cases.put_back(db, case, case.desk, request.now)
    waiting = await storage.cases.get(db, case.id)
    called = [] if waiting is None else (await call_staff(db, waiting, request))[0]
    return [*claim.take_back(gone), *called]


async def _found(db: Connection, request: Request, case: Case, *, moved: bool) -> Body:
    return paragraphs(
        mine.standing(case),
        # NOTE: read by pupils and by teachers: without a form of address
        text("From now on the answers come here. The other phone gets nothing more, and is not told.")
        if moved
        else None,
        await _written_lately(db, case),
        await storage.hotline.helplines(db, request.person.id),
    )


async def _written_lately(db: Connection, case: Case) -> Body | None:
    """What the helper wrote, as far as it fits."""
    written = [part for part in await storage.cases.parts(db, case) if part.side is Side.HELPER and part.words]
    waiting = bool(await storage.cases.held(db, case))
    if not written:
        return None if waiting else text("The helper has written nothing yet.")
    shown: list[Body] = []
    room = parts.ONE_MESSAGE
    for part in reversed(written[-_SHOWN:]):
        if len(part.words) > room:
            break
        shown.insert(0, parts.said(part))
        room -= len(part.words)
    # NOTE: child
    return lines(text("<b>Helper:</b>"), paragraphs(*shown))
