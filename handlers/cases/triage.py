"""Of what kind a report is and how urgent: two taps for the usual one, before anything else is done about it (F8)."""

from dataclasses import replace
from typing import TypeVar

import storage.cases
from domain.cases import RISKS, Case, Deed, Risk, Section, Stage, State, about_card, page
from domain.concerns import CONCERNS, Concern
from domain.messages import Body, Edit, Keyboard, Lane, Outgoing, Say, ToPerson, Words, button, lines, text
from domain.requests import Request
from domain.roles import Role
from domain.second_person import Ask, Matter, Stands
from domain.triage import LOWER_REASONS, LowerReason, is_raised
from handlers.cases import claim, mine, ready, second
from handlers.cases.open import call_staff
from handlers.route import not_here
from storage.database import Connection

_Choice = TypeVar("_Choice", Concern, Risk, LowerReason)


def _case(request: Request) -> Case:
    """The case of a tap, for whoever may say of what kind it is. Raises Refused."""
    case: Case = request.subject
    if not claim.has(request, case, Section.TRIAGE) or case.state is State.CLOSED:
        raise not_here()
    return case


def _kind(request: Request) -> Concern:
    return _named(Concern, request, 1)


def _named(kind: type[_Choice], request: Request, at: int) -> _Choice:
    """Raises Refused for what no button of ours carries."""
    found = next((one for one in kind if request.args[at : at + 1] == (one.value,)), None)
    if found is None:
        raise not_here()
    return found


async def ask_kind(db: Connection, request: Request) -> list[Outgoing]:
    """*Kind and risk*, under More: it can be set anew."""
    case = _case(request)
    told = text("case %(number)s: of what kind is it?", number=Words(case.number))
    return [await claim.copy(db, request, case, told, buttons=claim.kinds(case))]


async def ask_risk(db: Connection, request: Request) -> list[Outgoing]:
    """The kind is chosen; the risk that it has is the first choice. args: case, kind."""
    case, kind = _case(request), _kind(request)
    # NOTE: button. A report stays as urgent as it is: "Keep: high".
    keep = button(text("Keep: %(risk)s", risk=RISKS[case.risk]), "cs.risk", case.id, kind.value, case.risk.value)
    others = [  # a row each: three in one are cut off on a phone
        button(RISKS[risk], "cs.risk", case.id, kind.value, risk.value) for risk in Risk if risk is not case.risk
    ]
    # NOTE: After the kind of a report: "Bullying. How urgent is it?"
    told = text("%(kind)s. How urgent is it?", kind=CONCERNS[kind])
    return [await claim.copy(db, request, case, told, buttons=[[keep], *([other] for other in others)])]


async def set_risk(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, kind, risk."""
    case, kind, risk = _case(request), _kind(request), _named(Risk, request, 2)
    if risk is not case.risk and not is_raised(case.risk, risk):
        return [Edit(text("Why is it less urgent?"), _reasons(case, kind, risk))]
    called = await _raise(db, request, case, risk) if risk is not case.risk else []
    return [*await _sorted(db, request, replace(case, risk=risk), kind), *called]


def _reasons(case: Case, kind: Concern, risk: Risk) -> Keyboard:
    return [
        [button(label, "cs.low", case.id, kind.value, risk.value, reason.value)]
        for reason, label in LOWER_REASONS.items()
    ]


async def _sorted(
    db: Connection, request: Request, case: Case, kind: Concern, told: Body | None = None
) -> list[Outgoing]:
    """From now on the rest can be done."""
    await storage.cases.save_kind(db, case, kind)
    await claim.log(db, request, case, Deed.SORTED)
    now = replace(case, kind=kind)
    # NOTE: Of what kind a report is, and how urgent: "✓ Bullying, high".
    done = text("✓ %(kind)s, %(risk)s", kind=CONCERNS[kind], risk=RISKS[case.risk])
    edited = Edit(lines(done, told), claim.doors(request, now))
    asked = kind is Concern.INFORMATION and case.has_reporter
    offers = asked and claim.has(request, now, Section.RELAY) and now.state is State.TAKEN
    return [edited, *([ready.offer(now)] if offers else [])]


# --- more urgent, at once ---------------------------------------------------------------------------------------------


async def _raise(db: Connection, request: Request, case: Case, risk: Risk) -> list[Say]:
    """Its new clock begins, and who should know is called."""
    await storage.cases.raise_risk(db, case, risk, request.now)
    await claim.log(db, request, case, Deed.RAISED)
    raised = replace(case, risk=risk, waiting_since=request.now, stage=int(Stage.PAGED))
    if case.state is State.NEW:
        return (await call_staff(db, raised, request))[0]
    await storage.cases.log(db, case.id, "clock", Deed.PAGED, request.now)
    called = await mine.on_alarm(db, raised, request.now)
    return page(raised, request.now, [one for one in called if one != request.person.id])


# --- less urgent, with a reason, and the second time with a second person ---------------------------------------------


async def lower(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, kind, risk, reason."""
    case, kind, risk = _case(request), _kind(request), _named(Risk, request, 2)
    reason = _named(LowerReason, request, 3)
    if risk is case.risk or is_raised(case.risk, risk):
        raise not_here()
    content = {"risk": risk.value, "reason": reason.value}
    if await storage.cases.has_lowered(db, case, request.person.id):
        nobody = text("You have lowered the risk of this case before. Nobody else is there to agree, so it stays.")
        asked = await second.ask(db, request, case, Matter.LOWERING, content, nobody)
        waits = text("You have lowered the risk before, so a second person must agree. The supervisor is asked.")
        return [*await _sorted(db, request, case, kind, waits), *asked]
    if not await storage.cases.lower_risk(db, case, risk):
        raise not_here()
    await storage.cases.ask(
        db, case, Matter.LOWERING, request.person.id, Role.SUPERVISOR, content, request.now, state=Stands.AGREED
    )
    await claim.log(db, request, case, Deed.LOWERED)
    return await _sorted(db, request, replace(case, risk=risk), kind)


async def agree(db: Connection, request: Request, case: Case, ask: Ask) -> list[Outgoing]:
    """The second person holds it for less urgent, too."""
    risk = Risk(ask.content["risk"])
    if is_raised(case.risk, risk) or not await storage.cases.lower_risk(db, case, risk):
        raise not_here()
    await claim.log(db, request, case, Deed.LOWERED)
    return _told(case, risk, ask)


async def keep(case: Case, ask: Ask) -> list[Outgoing]:
    return _told(case, case.risk, ask)


def _told(case: Case, risk: Risk, ask: Ask) -> list[Outgoing]:
    told = text("case %(number)s, decided: %(risk)s", number=Words(case.number), risk=RISKS[risk])
    return [Say(told), Say(told, to=ToPerson(ask.asker_id), lane=Lane.CASE, card=about_card(case))]
