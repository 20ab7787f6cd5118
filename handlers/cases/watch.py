"""Danger: numbers at once, then an offer to call the helper on duty; and nothing confidential in groups."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import storage.cases
import storage.conversations
import storage.hotline
import storage.operation
import storage.persons
from domain import distress
from domain.asking_for_help import danger_button
from domain.cases import PARTS_MOST, Answers, Case, Risk, State, kept
from domain.messages import (
    Body,
    Delete,
    Edit,
    Keyboard,
    Outgoing,
    Say,
    ToIdentity,
    Words,
    button,
    paragraphs,
    text,
)
from domain.requests import Incoming, Kind, Request
from handlers.cases import claim, files, going_on, mine, notice, parts
from handlers.cases.asking import STAFF_FORMS
from handlers.cases.notice import HEARD
from handlers.cases.open import STEP, call_staff, make, nobody, unsent, when_read
from handlers.route import Handler, Watched, not_here
from storage.database import Connection

STAFF_STEPS = frozenset(claim.QUESTIONS)  # of whoever answers a child
FALSE_ALARMS = "hotline false alarms"  # a count, and nothing else is kept of them


def concerns(incoming: Incoming, secret_commands: frozenset[str]) -> bool:
    """Whether words or a command must be seen before they are answered."""
    if incoming.kind not in (Kind.WORDS, Kind.COMMAND):
        return False
    in_group = not incoming.is_private
    return (in_group and incoming.command in secret_commands) or distress.is_heard(incoming.words)


def _is_answering(request: Request) -> bool:
    """Whether somebody of the staff was asked for words about a case just now."""
    return request.conversation.step in STAFF_STEPS and not request.conversation.draft.get("over")


async def watch(db: Connection, request: Request) -> Watched:
    """What is said first. In private the words go their own way after it, in a group nothing else is said."""
    if request.incoming.is_private:
        if _is_answering(request) or request.conversation.step.startswith(STAFF_FORMS):
            return Watched([])  # whoever answers a child quotes her
        await _keep(db, request)
        if request.incoming.hurried:  # she was told the numbers just now, again and again
            return Watched([])
        numbers, *offer = await danger(db, request, wrote=True)
        return Watched([numbers], after=offer)
    told = [] if request.incoming.hurried else await _in_private(db, request)
    return Watched([Delete(), *told], alone=True)


async def _keep(db: Connection, request: Request) -> None:
    """Words behind a command or in another form go their own way, and may be refused there: for a helper they are kept
    until she says whether she wants one."""
    before = request.conversation
    is_command = request.incoming.kind is Kind.COMMAND
    if before.step.startswith(notice.OURS) or not (before.step or is_command) or not await notice.is_open(db, request):
        return
    part, _ = parts.read(request)
    if part is None:
        return
    aside = before.aside or {"step": HEARD, "draft": {"parts": []}}
    if len(aside["draft"]["parts"]) >= PARTS_MOST:
        return
    draft = {**aside["draft"], "parts": [*aside["draft"]["parts"], kept(part, request.incoming.message_id)]}
    if not before.step:
        await storage.conversations.expect(db, request.identity.id, before, HEARD, draft, request.now)
        return
    before = replace(before, aside={**aside, "draft": draft})
    await storage.conversations.keep(db, request.identity.id, before, before.draft, request.now)


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


def or_danger(handler: Handler) -> Handler:
    """A way that stands under a report of hers. Where the report is destroyed, or of another account by now, it says
    what *Danger now* says: to everybody the same, and nobody who is not safe is only turned away."""

    async def handle(db: Connection, request: Request) -> list[Outgoing]:
        case = await mine.load(db, request.number(0), request.person.id)
        if case is None or case.reporter.identity_id != request.identity.id:
            return await press(db, request)
        return await handler(db, replace(request, subject=case, community=case.community))

    return handle


async def danger(db: Connection, request: Request, *, wrote: bool = False) -> list[Say]:
    """The numbers first; then, where the hotline is open, the offer. `wrote`: the helper gets these very words."""
    numbers = Say(await _numbers(db, request))
    if not await notice.goes_on(db, request):
        return [numbers]
    has_written = wrote or unsent(request) or await _open_ones(db, request)
    return [numbers, Say(_OFFER_WITH_WORDS if has_written else _OFFER, _offer_buttons())]


# NOTE: child
_OFFER_WITH_WORDS = text(
    "Shall I fetch the helper on duty right now? The helper learns of the danger and reads what you wrote here."
)
# NOTE: child
_OFFER = text("Shall I fetch the helper on duty right now? The helper learns of the danger.")


async def _open_ones(db: Connection, request: Request) -> list[Case]:
    """Her open cases, the newest first."""
    return [case for case in await storage.cases.of_reporter(db, request.identity.id) if case.state is not State.CLOSED]


async def _numbers(db: Connection, request: Request) -> Body:
    numbers = await storage.hotline.helplines(db, request.person.id)
    return paragraphs(
        # NOTE: child
        text("<b>If you are in danger now, please call:</b>")
        if numbers
        # NOTE: child
        else text("<b>If you are in danger now, ask an adult near you to call for help.</b>"),
        numbers,
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
    before = request.conversation
    if before.step == STEP:
        draft = {**before.draft, "calm": len(before.draft["parts"])}
        await storage.conversations.keep(db, request.identity.id, before, draft, request.now)
        before = replace(before, draft=draft)
    if before.step == HEARD:
        await storage.conversations.forget(db, request.identity.id, before, request.now)
        before = replace(before, step="")
    if before.aside.get("step") == HEARD:
        before = replace(before, aside={})
        await storage.conversations.keep(db, request.identity.id, before, before.draft, request.now)
    if before.step != STEP and not await storage.cases.of_reporter(db, request.identity.id):
        await storage.cases.drop_traces(db, request.place)
    again = await going_on.ask_again(db, replace(request, conversation=before))
    told = (
        # NOTE: child. What was begun before (a report, a message to a helper) stands below this once more.
        text("All right, I have called nobody. We go on below.")
        if again
        # NOTE: child
        else text("All right, I have called nobody. I am here if you need me: /hotline")
    )
    return [Edit(told, [[danger_button()]]), *again]


# --- the alarm --------------------------------------------------------------------------------------------------------


async def alert(db: Connection, request: Request) -> list[Outgoing]:
    """One tap: a case in danger with whatever was written so far, and the helpers called at once."""
    if not await notice.goes_on(db, request):
        raise not_here()
    case, told, on_duty = await _raise_alarm(db, request)
    said = paragraphs(
        text("<b>The alarm is sent.</b> Its number is %(number)s.", number=Words(case.number)),
        when_read(Risk.DANGER) if on_duty else await nobody(db, replace(case, risk=Risk.DANGER), request.now),
        # NOTE: child
        text("Don't only wait for an answer here. Please call, too:") if on_duty else None,
        await storage.hotline.helplines(db, request.person.id),
    )
    asked = await files.fetch(db, request, case)
    return [Edit(said, _more(case)), *told, *await _go_on(db, request, case), *asked]


def _more(case: Case) -> Keyboard:
    return notice.with_doors([[button(text("Write more"), "my.say", case.id)]])


async def _go_on(db: Connection, request: Request, case: Case) -> list[Say]:
    """What she writes from now on goes into the case, and into no form that was open before."""
    if request.conversation.step in STAFF_STEPS:
        return []
    nothing_left = replace(request.conversation, draft={}, aside={})
    return [await mine.wait_for_words(db, replace(request, conversation=nothing_left), case)]


async def _raise_alarm(db: Connection, request: Request) -> tuple[Case, Sequence[Outgoing], bool]:
    """The case she writes to, or her newest, becomes one of danger; without any a new one is made. What she has written
    goes into it, unless others must read it. A second tap calls nobody twice."""
    open_ones = await _open_ones(db, request)
    if not open_ones:
        return await _new_alarm(db, request)
    raised = _meant(request, open_ones)
    await storage.cases.note_alarm(db, raised, request.now)
    told, on_duty = await mine.call_again(db, request, raised, Risk.DANGER)
    if _is_for_others(_report(request), raised):
        case, called, on_duty = await _new_alarm(db, request)
        return case, [*called, *told], on_duty
    for part, message_id in unsent(request):
        await storage.cases.add_version(db, raised, part, f"{request.place}/{message_id}")
    return raised, told, on_duty


def _meant(request: Request, open_ones: Sequence[Case]) -> Case:
    writes_to = request.conversation.draft.get("case")
    return next((case for case in open_ones if case.id == writes_to), open_ones[0])


async def _new_alarm(db: Connection, request: Request) -> tuple[Case, Sequence[Outgoing], bool]:
    case = await make(db, request, _answers(request), Risk.DANGER, unsent(request))
    await storage.cases.note_alarm(db, case, request.now)
    told, on_duty = await call_staff(db, case, request)
    return case, told, on_duty


def _is_for_others(drafted: Mapping[str, Any], case: Case) -> bool:
    """Whether those who read this case must not read what is drafted: it is about an adult of their school, or about
    somebody else."""
    return bool(drafted) and (drafted.get("adult") in ("yes", "unsure") or drafted["about"] != case.answers.about)


def _answers(request: Request) -> Answers:
    draft = _report(request)
    return Answers(draft["about"], draft.get("adult"), draft.get("safe"), draft.get("when")) if draft else Answers()


def _report(request: Request) -> Mapping[str, Any]:
    """The report that she has begun and not sent; empty: there is none."""
    conversation = request.conversation
    if conversation.step == STEP:
        return conversation.draft
    found: Mapping[str, Any] = conversation.aside["draft"] if conversation.aside.get("step") == STEP else {}
    return found
