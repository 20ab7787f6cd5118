"""What a parent is shown of a school's support plan: goals and dates, by a code that somebody handed to her (rule 11).

Not one word here tells where the plan comes from: every sentence of this module is tested for that, in each language.
"""

from dataclasses import replace
from functools import partial

import storage.cases
import storage.invitations
import storage.plans
from domain.cases import Case, Deed
from domain.messages import Body, Edit, Lane, Moment, Outgoing, Say, ToIdentity, Words, lines, paragraphs, text
from domain.plans import Invitation, Plan, last_day
from domain.requests import Request
from handlers import typed_codes
from storage.database import Connection


def card_of(invitation: Invitation) -> str:
    return f"support plan:{invitation.id}"


def body_of(plan: Plan) -> Body:
    dates = dict.fromkeys(last_day(step) for step in plan.steps)
    return paragraphs(
        text("<b>Support plan from the school</b>"),
        lines(text("What shall get better:"), *(Words(goal) for goal in plan.goals)),
        lines(text("Until:"), *(text("%(day)s", day=Moment(day, show="day")) for day in dates)),
        text("Do you have a question? Please talk to the person who gave you the code."),
    )


async def _open(db: Connection, request: Request, code: str) -> tuple[Case, Invitation, Plan] | None:
    found = await storage.invitations.by_code(db, code, request.person.id, request.now)
    if found is None:
        return None
    case, invitation = found
    plan = await storage.plans.get(db, case, invitation.plan_id)
    if plan is None or not await storage.invitations.open_by(db, case, invitation, request.identity.id, request.now):
        return None
    return case, invitation, plan


async def open_by_code(db: Connection, request: Request) -> list[Outgoing]:
    """/start plan-CODE. Whoever uses a code first has it; any other, and any other code, opens nothing."""
    door = replace(typed_codes.TO_JOIN, read=str)
    code = request.args[0] if request.args else ""
    case, invitation, plan = await typed_codes.opened(db, request, door, code, partial(_open, db, request))
    await storage.cases.log(db, case.id, "parent", Deed.PARENT_READ, request.now, part_id=invitation.id)
    to = ToIdentity(request.identity.id)
    # What she was shown before goes, so that all of it can be taken back.
    gone = Edit(text("This message was removed."), card=card_of(invitation), to=to, lane=Lane.CASE)
    before = [gone] if invitation.opened_at is not None else []
    return [*before, Say(body_of(plan), to=to, card=card_of(invitation), lane=Lane.CASE, protected=True)]
