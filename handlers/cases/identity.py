"""Who reported, by name (F14): a reason and a second person; in danger at once, judged by a second person in a day."""

import storage.cases
import storage.conversations
from domain.cases import Case, Deed, Risk, Section, State, about_card
from domain.communities import ROLE_NAMES
from domain.messages import (
    Body,
    Delete,
    Edit,
    Keyboard,
    Lane,
    Outgoing,
    Refused,
    Say,
    Text,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import OFFICES, Role
from domain.second_person import REASON_MOST, Ask, Matter
from handlers.cases import answer, claim, second
from handlers.cases.answer import words_of
from handlers.cases.wanted import BREAK_REASONS
from handlers.route import not_here
from storage.cases import KnownAs, Unmasked
from storage.database import Connection

STEP = "cs.who"


def _check(request: Request, case: Case) -> None:
    """She works on this case. Raises Refused."""
    if not claim.has(request, case, Section.IDENTITY) or case.worker_id != request.person.id:
        raise not_here()
    if case.state is not State.TAKEN or not case.has_reporter:
        raise not_here()


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """*Who is it?*: first the reason, in her own words; in danger the buttons that open it at once."""
    case: Case = request.subject
    _check(request, case)
    draft = {"case": case.id}
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)
    told = text("Why do you need the name? Please write the reason. A second person reads it and decides.")
    rows: Keyboard = [[answer.cancel(token)]]
    if case.risk is Risk.DANGER:
        told = text(
            "Why do you need the name? In danger it opens at once: tap a reason, or write one. "
            "The supervisor, the keeper of names and the auditor are told. Within a day one of "
            "them judges whether it was right."
        )
        rows = [*([button(label, "cs.break", case.id, name)] for name, label in BREAK_REASONS.items()), *rows]
    return [Say(told, rows, asks=token)]


async def take_reason(db: Connection, request: Request) -> list[Outgoing]:
    """The reason was typed. In danger it opens the name, else a second person is asked."""
    case = await storage.cases.seen_by(db, request.conversation.draft["case"], request.person.id)
    if case is None:
        raise not_here()
    _check(request, case)
    reason = words_of(request, REASON_MOST)
    if not any(letter.isalnum() for letter in reason):
        raise Refused(text("Without a reason the name is not shown. Please write why you need it."))
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    if case.risk is Risk.DANGER:
        return [Delete(), *await _break(db, request, case, reason)]
    nobody = text("Nobody else is there who could agree. If somebody is in danger, say so under Kind and risk first.")
    asked = await second.ask(db, request, case, Matter.UNMASKING, {"reason": reason}, nobody)
    return [Delete(), Say(text("A second person is asked. I will tell you the answer here.")), *asked]


# --- a second person has decided --------------------------------------------------------------------------------------


def granted(case: Case, ask: Ask) -> list[Outgoing]:
    """The name itself is shown only to her who asked, after a tap."""
    # NOTE: button. Shows the name of whoever reported.
    show = button(text("Show the name"), "cs.name", case.id, ask.id)
    told = text("case %(number)s: the name may be shown, for a day", number=Words(case.number))
    done = text("case %(number)s: agreed", number=Words(case.number))
    return [Edit(done), Say(told, [[show]], to=ToPerson(ask.asker_id), lane=Lane.CASE, card=about_card(case))]


def refused(case: Case, ask: Ask) -> list[Outgoing]:
    number = Words(case.number)
    told = text("case %(number)s: the name is not shown. You can ask again with another reason.", number=number)
    done = text("case %(number)s: not agreed", number=number)
    return [Edit(done), Say(told, to=ToPerson(ask.asker_id), lane=Lane.CASE, card=about_card(case))]


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, ask."""
    case: Case = request.subject
    _check(request, case)
    return [await _name(db, request, case, request.number(1))]


async def _name(db: Connection, request: Request, case: Case, ask_id: int) -> Say:
    """The name, protected, logged and taken back like every copy. Raises Refused."""
    found = await storage.cases.identity(db, case, ask_id, request.person.id, request.now)
    if found is None:
        raise not_here()
    await claim.log(db, request, case, Deed.UNMASKED)
    return await claim.copy(db, request, case, _told(case, found))


def _told(case: Case, found: Unmasked) -> Body:
    heading = text("%(pseudonym)s of case %(number)s:", pseudonym=case.reporter.name, number=Words(case.number))
    if not found.known:
        nowhere = text("This account belongs to no class and no school. Account: %(account)s", account=found.account)
        return paragraphs(heading, nowhere)
    return paragraphs(heading, *(_known(one) for one in found.known))


def _known(one: KnownAs) -> Body:
    place = f"{one.community}, {one.within}" if one.within else one.community
    return lines(
        text("Name: %(name)s", name=one.called),
        text("As: %(role)s", role=ROLE_NAMES[one.role]),
        text("Where: %(place)s", place=place),
    )


# --- in danger, at once -----------------------------------------------------------------------------------------------


async def break_glass(db: Connection, request: Request) -> list[Outgoing]:
    """A reason was tapped. args: case, reason."""
    case: Case = request.subject
    _check(request, case)
    reason = request.args[1] if len(request.args) > 1 else ""
    if case.risk is not Risk.DANGER or reason not in BREAK_REASONS:
        raise not_here()
    if request.conversation.step == STEP:
        await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    chosen = Edit(text("✓ %(answer)s", answer=BREAK_REASONS[reason]))
    return [chosen, *await _break(db, request, case, reason)]


async def _break(db: Connection, request: Request, case: Case, reason: str) -> list[Outgoing]:
    """The name at once; a second tap alarms nobody twice."""
    before = await storage.cases.opened_in_danger(db, case, request.person.id)
    if before is not None:
        return [await _name(db, request, case, before)]
    office, others = await second.deciders(db, request, case, Matter.BREAKING)
    if not others:  # nobody would ever hear of it
        raise Refused(
            text("The name can't be opened now: no supervisor, keeper of names or auditor is there to be told.")
        )
    ask_id = await storage.cases.ask(
        db, case, Matter.BREAKING, request.person.id, office, {"reason": reason}, request.now
    )
    await claim.log(db, request, case, Deed.BROKEN)
    name = await _name(db, request, case, ask_id)
    questions = [second.question(case, Matter.BREAKING, ask_id, one) for one in others]
    alarm = text("case %(number)s: the name was opened in danger", number=Words(case.number))
    return [name, *questions, *await _tell(db, request, case, alarm, besides=others)]


async def judged(db: Connection, request: Request, case: Case, ask: Ask, *, is_right: bool) -> list[Outgoing]:
    """The second person has judged what was opened in danger; the name is closed if it was not justified."""
    told = (
        text("case %(number)s: opening the name was justified", number=Words(case.number))
        if is_right
        else text("case %(number)s: opening the name was not justified", number=Words(case.number))
    )
    # She may have been kept out meanwhile: then the case isn't there for her.
    knows = [] if is_right else await storage.cases.without_excluded(db, case, [ask.asker_id])
    asker = [Say(told, to=ToPerson(one), lane=Lane.CASE, card=about_card(case)) for one in knows]
    return [Edit(told), *asker, *await _tell(db, request, case, told, besides=[ask.asker_id])]


async def _tell(db: Connection, request: Request, case: Case, told: Text, besides: list[int]) -> list[Say]:
    """Supervisor, custodian and auditor: the number only."""
    watchers = OFFICES - {Role.WORKER}
    called = await storage.cases.at_hand(db, case, frozenset(watchers), request.now)
    others = [one for one in dict.fromkeys(called) if one not in (request.person.id, *besides)]
    return [Say(told, to=ToPerson(one), lane=Lane.CASE, card=about_card(case)) for one in others]
