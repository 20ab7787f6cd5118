"""A worker hands a case over to somebody else: until that one takes it, it stays hers, so that nobody's it never is."""

import storage.cases
from domain.cases import Case, Deed, Desk, Section, State, about_card
from domain.communities import ROLE_NAMES
from domain.messages import Edit, Lane, Outgoing, Refused, Say, Text, ToPerson, Words, button, text
from domain.requests import Request
from domain.roles import HOTLINE, Role
from handlers.cases import claim
from handlers.route import not_here
from storage.cases import Colleague
from storage.database import Connection

_SHOWN = 40


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """*Hand over*: to whom?"""
    case = _own(request)
    rows = [
        [
            button(
                text("%(name)s – %(role)s", name=Words(one.called), role=ROLE_NAMES[one.role]),
                "cs.hand.to",
                case.id,
                one.person_id,
            )
        ]
        for one in (await _others(db, request, case))[:_SHOWN]
    ]
    if not rows:
        raise Refused(text("Nobody else can take it over right now. It stays yours."))
    return [Say(text("case %(number)s: who shall take it over?", number=Words(case.number)), rows)]


def _own(request: Request) -> Case:
    case: Case = request.subject
    if not claim.has(request, case, Section.RELAY) or case.state is not State.TAKEN:
        raise not_here()
    return case


async def _others(db: Connection, request: Request, case: Case) -> list[Colleague]:
    """Who works on such cases, but for its worker; a supervisor's case stays with supervisors. The same people as at
    *Keep out*: who was missing here would be the one who has reported it."""
    found = await storage.cases.colleagues(db, case, request.now)
    wanted = _wanted(case)
    return [one for one in found if one.roles & wanted and not one.kept_out and one.person_id != request.person.id]


def _wanted(case: Case) -> frozenset[Role]:
    return frozenset({Role.SUPERVISOR}) if case.desk is Desk.SUPERVISORS else HOTLINE


async def offer(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, person."""
    case = _own(request)
    chosen = next((one for one in await _others(db, request, case) if one.person_id == request.number(1)), None)
    if chosen is None:
        raise not_here()
    if chosen.person_id not in await storage.cases.at_hand(db, case, _wanted(case), request.now):
        raise Refused(cant(chosen.called))
    await storage.cases.offer(db, case, chosen.person_id)
    await storage.cases.log(
        db, case.id, claim.role(request, case), Deed.OFFERED, request.now, person_id=request.person.id
    )
    asked = text("case %(number)s: can you take it over?", number=Words(case.number))
    # NOTE: button. A helper takes a report over from another helper.
    take = button(text("Take over"), "cs.hand.take", case.id)
    return [
        Edit(text("I have asked %(name)s. Until somebody takes it over, it stays yours.", name=chosen.called)),
        Say(asked, [[take]], to=ToPerson(chosen.person_id), lane=Lane.CASE, card=about_card(case)),
    ]


def cant(name: str) -> Text:
    """Why is for nobody to know: she may be away, or may be the one who has reported it."""
    return text("%(name)s can't take this on right now. Please choose somebody else.", name=name)


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """She was asked, and it is hers from now on. What its worker was shown is taken back."""
    case: Case = request.subject
    before = case.worker_id
    if case.offered_to != request.person.id or before is None:
        raise not_here()
    if not await storage.cases.take_over(db, case, request.person.id):
        raise Refused(claim.TAKEN)
    await storage.cases.drop_asks_of(db, case, before)
    for deed in (Deed.HANDED_OVER, Deed.CLAIMED):
        await storage.cases.log(db, case.id, claim.role(request, case), deed, request.now, person_id=request.person.id)
    mine = await storage.cases.get(db, case.id)
    if mine is None:
        raise LookupError("a case that was just handed over")
    gone = [copy for copy in await storage.cases.copies_of(db, case) if copy.person_id == before]
    told = text("case %(number)s: taken over. What you were shown is removed.", number=Words(case.number))
    return [
        Edit(text("✓ Case %(number)s is yours.", number=Words(case.number))),
        *await claim.show_content(db, request, mine),
        Say(told, to=ToPerson(before), lane=Lane.CASE, card=about_card(case)),
        *claim.take_back(gone),
    ]
