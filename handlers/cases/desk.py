"""/queue: for each of those who work on cases, what is theirs: the hotline's queue, her own cases, her agency's
referrals, her steps of support plans."""

import storage.cases
import storage.communities
import storage.plans
from domain.cases import Deed
from domain.communities import CommunityKind
from domain.logbook import highest_of
from domain.messages import Outgoing, Say, Words, button, lines, paragraphs, text
from domain.requests import Request
from domain.roles import HOTLINE, Role
from handlers.cases import agency, claim
from handlers.cases.plan import mine_button
from storage.database import Connection


async def show(db: Connection, request: Request) -> list[Outgoing]:
    works_at = [membership.community_id for membership in request.memberships if membership.role in HOTLINE]
    places = await storage.communities.several(db, sorted(set(works_at)))
    agencies = [place for place in places if place.kind == CommunityKind.AGENCY]
    said: list[Outgoing] = []
    if len(agencies) < len(places):
        said += await claim.show_queue(db, request)
    else:
        role = highest_of(request.roles)
        await storage.cases.log(db, None, role, Deed.LISTED, request.now, person_id=request.person.id)
        said += await _own_cases(db, request) if Role.PSYCHOLOGIST in request.roles else []
    said += [await agency.waiting(db, request, place) for place in agencies]
    if await storage.plans.steps_of(db, request.person.id):
        said.append(Say(text("Some steps of support plans are yours."), [[mine_button()]]))
    return said


async def _own_cases(db: Connection, request: Request) -> list[Outgoing]:
    cases = await storage.plans.own_cases(db, request.person.id)
    if not cases:
        return [Say(text("You have no case."))]
    listed = [text("case %(number)s: yours", number=Words(case.number)) for case in cases]
    rows = [[button(text("Open %(number)s", number=Words(case.number)), "cs", case.id)] for case in cases]
    return [Say(paragraphs(text("<b>Your cases</b>"), lines(*listed)), rows)]
