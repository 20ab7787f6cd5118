"""The second person: she sees what is asked for and why, and agrees or doesn't. Never who asked for it herself."""

import storage.cases
from domain.cases import Case, Deed, Section
from domain.messages import Outgoing, Refused, text
from domain.requests import Request
from domain.second_person import Ask, Matter, Stands, may_decide
from handlers.cases import claim, close, exclusion, identity, triage, wanted
from handlers.route import not_here
from storage.database import Connection

OVER = text("This was decided already, or is not asked for any more.")


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """What is asked for: with the whole case, or with the reason alone. args: case, ask."""
    case, ask = await _asked(db, request)
    if ask.matter in (Matter.CLOSING, Matter.LOWERING):
        if not claim.has(request, case, Section.FACTS):
            raise not_here()
        return await claim.show_content(db, request, case)
    await claim.log(db, request, case, Deed.READ)
    return [await claim.copy(db, request, case, wanted.wanted(case, ask), buttons=[wanted.doors(case, ask)])]


async def _asked(db: Connection, request: Request) -> tuple[Case, Ask]:
    """What is asked for, if this person may decide it. Raises Refused."""
    case: Case = request.subject
    ask = await storage.cases.asked(db, case, request.number(1))
    if ask is None:
        raise not_here()
    held = claim.roles(request, case)
    if ask.state is not Stands.ASKED and ask.office in held and request.person.id not in ask.parties:
        raise Refused(OVER)
    if not may_decide(ask, request.person.id, held):
        raise not_here()
    return case, ask


async def agree(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, ask."""
    case, ask = await _decided(db, request, Stands.AGREED)
    match ask.matter:
        case Matter.CLOSING:
            return await close.agree(db, request, case, ask)
        case Matter.LOWERING:
            return await triage.agree(db, request, case, ask)
        case Matter.UNMASKING:
            return identity.granted(case, ask)
        case Matter.BREAKING:
            return await identity.judged(db, request, case, ask, is_right=True)
        case Matter.KEEPING_OUT:
            return await exclusion.agree(db, request, case, ask)


async def keep(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, ask."""
    case, ask = await _decided(db, request, Stands.DENIED)
    match ask.matter:
        case Matter.CLOSING:
            return await close.keep_open(case, ask)
        case Matter.LOWERING:
            return await triage.keep(case, ask)
        case Matter.UNMASKING:
            return identity.refused(case, ask)
        case Matter.BREAKING:
            return await identity.judged(db, request, case, ask, is_right=False)
        case Matter.KEEPING_OUT:
            return exclusion.keep(case, ask)


async def _decided(db: Connection, request: Request, state: Stands) -> tuple[Case, Ask]:
    """Of two taps one decides. Raises Refused."""
    case, ask = await _asked(db, request)
    if not await storage.cases.decide(db, ask, state, request.person.id, request.now):
        raise Refused(OVER)
    deed = Deed.AGREED if state is Stands.AGREED else Deed.DENIED
    await claim.log(db, request, case, deed)
    return case, ask
