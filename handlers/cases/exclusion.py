"""Somebody must not know of a case: she steps aside, or is kept out by those who work on it.

Nothing of it remains in her chat, and from then on it is to her as if it weren't there (rule 15, F7).
"""

from datetime import datetime

import storage.cases
import storage.communities
import storage.conversations
import storage.hotline
from domain import ladder
from domain.cases import Case, Deed, Section, Stage, State, about_card, cards_of, page
from domain.communities import ROLE_NAMES
from domain.messages import (
    Delete,
    Edit,
    Keyboard,
    Lane,
    Outgoing,
    Refused,
    Say,
    Text,
    ToIdentity,
    ToPerson,
    Words,
    button,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import HOTLINE, Role
from domain.second_person import Ask, Matter
from handlers.cases import claim, notice, second
from handlers.cases.open import call_staff, nobody_left
from handlers.route import not_here
from storage.cases import Colleague
from storage.database import Connection

_SHOWN = 40
_WATCHING = frozenset({Role.CUSTODIAN, Role.AUDITOR})


async def step_aside(db: Connection, request: Request) -> list[Outgoing]:
    """She knows these people: the case goes to somebody else, and for her it exists no more."""
    case: Case = request.subject
    if case.worker_id != request.person.id or case.state is not State.TAKEN:
        raise not_here()
    await _log(db, request, case, Deed.STEPPED_ASIDE)
    gone = await _keep_out(db, request, case, request.person.id)
    if await storage.cases.at_hand(db, case, HOTLINE, request.now):
        told = text("Thank you for saying so. Somebody else takes it; what you were shown is removed.")
    else:
        told = text(
            "Thank you for saying so. What you were shown is removed. Nobody else is left for it. "
            "Those who run the hotline are told."
        )
    # First the words, then the removal of what stands there: one of the copies is the message that was tapped.
    return [Say(told), *gone]


# --- keeping somebody out ---------------------------------------------------------------------------------------------


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """*Keep somebody out*: who could know of the case, by name."""
    case: Case = request.subject
    return [Say(*await _question(db, request, case))]


async def _question(db: Connection, request: Request, case: Case) -> tuple[Text, Keyboard]:
    listed = await _others(db, request, case)
    rows = [
        [
            button(_named(one), "cs.out.is", case.id, one.person_id)
            if not one.kept_out
            # NOTE: button. Lets somebody know of a report again who was kept out: "↩ Leyla – Hotline worker".
            else button(text("↩ %(who)s", who=_named(one)), "cs.out.undo", case.id, one.person_id)
        ]
        for one in listed[:_SHOWN]
    ]
    if not rows:
        return text("case %(number)s: nobody else has access to it.", number=Words(case.number)), []
    asked = text(
        "case %(number)s: who must not know of it? A tap keeps her or him out at once, without a word.",
        number=Words(case.number),
    )
    return asked, rows


async def _others(db: Connection, request: Request, case: Case) -> list[Colleague]:
    """Those whom she may keep out; a supervisor sees who is kept out, too, and may undo it."""
    if not claim.has(request, case, Section.FACTS):
        raise not_here()
    found = await storage.cases.colleagues(db, case, request.now)
    undoes = Role.SUPERVISOR in claim.roles(request, case)
    return [one for one in found if one.person_id != request.person.id and (undoes or not one.kept_out)]


def _named(one: Colleague) -> Text:
    return text("%(name)s – %(role)s", name=Words(one.called), role=ROLE_NAMES[one.role])


async def keep_out(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, person."""
    case: Case = request.subject
    one = await _chosen(db, request, case, kept_out=False)
    await _check_left(db, request, case, one)
    if await _is_last_supervisor(db, request, case, one):
        return await _ask_second(db, request, case, one)
    if one.roles & _WATCHING and Role.SUPERVISOR not in claim.roles(request, case):
        raise Refused(text("Only a supervisor can keep this person out. Please ask one."))
    await _log(db, request, case, Deed.KEPT_OUT)
    gone = await _keep_out(db, request, case, one.person_id)
    return [Edit(*await _question(db, request, case)), Say(_kept_out(one.called)), *gone]


_NOBODY_LEFT = text("Nobody would be left for this report. Please ask the coordinator for another supervisor first.")


async def _check_left(db: Connection, request: Request, case: Case, one: Colleague) -> None:
    """Besides her who keeps out, too, somebody stays who could work on it: she may have to step aside next. Counted are
    those whom she sees, so that nothing tells who among them has reported it. Raises Refused."""
    if one.role not in HOTLINE:
        return
    stay = [other for other in await _who_stay(db, case, request.now, one) if other.person_id != request.person.id]
    able = await storage.cases.at_hand(db, case, HOTLINE, request.now)
    if not stay or not any(other != one.person_id for other in able):
        raise Refused(_NOBODY_LEFT)


async def _who_stay(db: Connection, case: Case, now: datetime, one: Colleague) -> list[Colleague]:
    """Who works for the hotline and is not kept out, without this one."""
    found = await storage.cases.colleagues(db, case, now)
    return [
        other for other in found if other.role in HOTLINE and not other.kept_out and other.person_id != one.person_id
    ]


async def _is_last_supervisor(db: Connection, request: Request, case: Case, one: Colleague) -> bool:
    if one.role is not Role.SUPERVISOR:
        return False
    return all(other.role is not Role.SUPERVISOR for other in await _who_stay(db, case, request.now, one))


async def _ask_second(db: Connection, request: Request, case: Case, one: Colleague) -> list[Outgoing]:
    content = {"person": one.person_id, "name": one.called}
    asked = await second.ask(db, request, case, Matter.KEEPING_OUT, content, _NOBODY_LEFT, one.person_id)
    told = text("There is no other supervisor, so a second person must agree first. Until then nothing changes.")
    return [Say(told), *asked]


async def agree(db: Connection, request: Request, case: Case, ask: Ask) -> list[Outgoing]:
    """The second person keeps the last supervisor out, too."""
    found = await storage.cases.colleagues(db, case, request.now)
    one = next((one for one in found if one.person_id == ask.content["person"] and not one.kept_out), None)
    if one is None:
        raise not_here()
    await _check_left(db, request, case, one)
    await _log(db, request, case, Deed.KEPT_OUT)
    told = _kept_out(one.called)
    gone = await _keep_out(db, request, case, one.person_id)
    return [Say(told), Say(told, to=ToPerson(ask.asker_id), lane=Lane.CASE, card=about_card(case)), *gone]


def keep(case: Case, ask: Ask) -> list[Outgoing]:
    """The second person doesn't."""
    told = text("case %(number)s: nobody was kept out", number=Words(case.number))
    return [Say(told), Say(told, to=ToPerson(ask.asker_id), lane=Lane.CASE, card=about_card(case))]


async def let_in(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, person."""
    case: Case = request.subject
    one = await _chosen(db, request, case, kept_out=True)
    await storage.cases.let_in(db, case.id, one.person_id)
    await _log(db, request, case, Deed.LET_IN)
    told = text("✓ May know of it again: %(name)s", name=one.called)
    return [Edit(*await _question(db, request, case)), Say(told)]


async def _chosen(db: Connection, request: Request, case: Case, *, kept_out: bool) -> Colleague:
    named = request.number(1)
    found = [one for one in await _others(db, request, case) if (one.person_id, one.kept_out) == (named, kept_out)]
    if not found:
        raise not_here()
    return found[0]


def _kept_out(name: str) -> Text:
    return text("✓ Kept out from now on: %(name)s. Only a supervisor can undo this.", name=name)


async def _log(db: Connection, request: Request, case: Case, deed: Deed) -> None:
    await storage.cases.log(db, case.id, claim.role(request, case), deed, request.now, person_id=request.person.id)


# --- what becomes of the case -----------------------------------------------------------------------------------------


async def _keep_out(db: Connection, request: Request, case: Case, person_id: int) -> list[Outgoing]:
    """She is kept out; what she was to do about the case falls to the next."""
    called = await _called(db, case, request.now)
    knew = await storage.cases.without_excluded(db, case, [person_id])
    await storage.cases.keep_out(db, case.id, person_id)
    gone: list[Outgoing] = []
    for case_id in await storage.cases.joined(db, case.id):
        one = await storage.cases.get(db, case_id)
        if one is not None:
            await storage.cases.drop_asks_of(db, one, person_id)  # its answer would tell her of the case
            # Whoever could not know of it before has nothing of it, and must not notice a tidied chat.
            gone += await withdraw(db, one, person_id, request.now) if knew else []
    if case.state is State.TAKEN and case.worker_id == person_id:
        await storage.cases.put_back(db, case, case.desk, request.now)
        waiting = await storage.cases.get(db, case.id)
        pages = [] if waiting is None else (await call_staff(db, waiting, request))[0]
    else:
        pages = await _call_the_next(db, request, case, called)
    return [*gone, *pages, *(await _tell_the_truth(db, request, case) if knew else [])]


async def _called(db: Connection, case: Case, now: datetime) -> list[int]:
    """Who is called on the rung where the case stands."""
    if case.stage == Stage.ASLEEP:
        return []
    return ladder.called(case, case.stage, await storage.hotline.there_for(db, case, now))


async def _call_the_next(db: Connection, request: Request, case: Case, before: list[int]) -> list[Say]:
    """Where she was the last who was called for a waiting case, those behind her are called now."""
    if case.state is not State.NEW:
        return []
    new = [one for one in await _called(db, case, request.now) if one not in before]
    if new:
        await storage.cases.log(db, case.id, "clock", Deed.PAGED, request.now)
    return page(case, request.now, new)


async def _tell_the_truth(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    """Nobody is left who may work on it: the report waits, and the operator (bot.lookout), the coordinators of the
    network and the child hear so. Whoever comes next is called at once (jobs.cases)."""
    if case.state is State.CLOSED or await storage.cases.at_hand(db, case, HOTLINE, request.now):
        return []
    await storage.cases.note_uncalled(db, case)
    told = paragraphs(nobody_left(case), await storage.hotline.helplines(db, case.reporter.person_id))
    to_reporter = await storage.cases.say_to_reporter(db, case, told, notice.with_doors([]), request.now)
    return [*to_reporter, *await _ask_for_a_supervisor(db, request.now)]


async def _ask_for_a_supervisor(db: Connection, now: datetime) -> list[Say]:
    """Those who can give the role learn that it is needed, and nothing of the case."""
    network = await storage.communities.network(db)
    told = text("The hotline needs another supervisor: somebody must be given the role.")
    members = button(text("Members"), "m", network.id)
    found = await storage.communities.nearest(db, network.path, now, frozenset({Role.COORDINATOR}))
    return [Say(told, [[members]], to=ToPerson(one.person_id), lane=Lane.CASE) for one in found]


async def withdraw(db: Connection, case: Case, person_id: int, now: datetime) -> list[Outgoing]:
    """Nothing of the case remains in the chats of this person: copies, notices, and a question that is open."""
    accounts = await storage.conversations.of_person(db, person_id)
    for identity_id, conversation in accounts.items():
        if conversation.draft.get("case") == case.id:
            await storage.conversations.forget(db, identity_id, conversation, now)
    copies = [copy for copy in await storage.cases.copies_of(db, case) if copy.person_id == person_id]
    cards = [
        Delete(card, to=ToIdentity(identity_id), lane=Lane.CASE, every=True)
        for identity_id in accounts
        for card in cards_of(case)
    ]
    return [*claim.take_back(copies), *cards]
