"""The one exception of rule 11: a parent is shown goals and dates of the plan, once whoever works on the case and a
supervisor have both recorded that it is safe and that the pupil was asked."""

import storage.cases
import storage.invitations
import storage.plans
from domain.cases import COPIES_DELETABLE, Case, Deed, about_card
from domain.messages import (
    Body,
    DeepLink,
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
    lines,
    paragraphs,
    text,
)
from domain.plans import Invitation, Plan, Showing
from domain.requests import Request
from domain.roles import Role
from handlers import support_plan
from handlers.cases import claim
from handlers.cases.plan import case_of, note
from handlers.route import not_here
from storage.database import Connection

_STALE = text("This has changed meanwhile. Please open the plan again.")

_ASKED: dict[Showing, Text] = {
    Showing.ASKED: text("The helper has said yes to both. Now the supervisor must."),
    Showing.AGREED: text("Both have said yes. The code can be handed over."),
    Showing.OPENED: text("A parent has opened it."),
}


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """What a parent would read, word for word, and how far it has come."""
    case = case_of(request)
    plan = await storage.plans.approved(db, case)
    found = await storage.invitations.of_case(db, case)
    said = [await _shown(db, request, case, one) for one in found]
    if plan is None and not said:
        raise Refused(text("Only an approved plan can be shown to a parent."))
    if plan is None or any(one.plan_id == plan.id for one in found) or case.worker_id != request.person.id:
        return [*said] if said else [Say(text("No parent is shown this plan."))]
    # NOTE: button. Somebody records that a parent may safely see a support plan, and that the pupil was asked.
    rows = [[button(text("Yes to both"), "pp.ask", case.id, plan.id)]]
    return [*said, await claim.copy(db, request, case, _preview(case, plan, _RECORD), buttons=rows)]


_RECORD = text(
    "Is it safe for the pupil that a parent reads this, and was the pupil asked? A parent may be the danger."
)


def _preview(case: Case, plan: Plan, told: Text) -> Body:
    heading = text("case %(number)s. A parent would read this and nothing else:", number=Words(case.number))
    return paragraphs(heading, support_plan.body_of(plan), told)


async def _shown(db: Connection, request: Request, case: Case, invitation: Invitation) -> Say:
    plan = await storage.plans.get(db, case, invitation.plan_id)
    if plan is None:
        raise LookupError("an invitation without its plan")
    told = _RECORD if _may_agree(request, case, invitation) else _ASKED[invitation.state]
    return await claim.copy(db, request, case, _preview(case, plan, told), buttons=_doors(request, case, invitation))


def _may_agree(request: Request, case: Case, invitation: Invitation) -> bool:
    """Whether she is the second one."""
    supervises = Role.SUPERVISOR in claim.roles(request, case)
    return invitation.state is Showing.ASKED and supervises and invitation.author != request.person.id


def _doors(request: Request, case: Case, invitation: Invitation) -> Keyboard:
    # NOTE: button. Ends that a parent may see a support plan.
    stop = [button(text("Revoke"), "pp.stop", case.id, invitation.id)]
    if _may_agree(request, case, invitation):
        return [[button(text("Yes to both"), "pp.yes", case.id, invitation.id)], stop]
    if invitation.state is Showing.AGREED and case.worker_id == request.person.id:
        # NOTE: button. Makes the code that a worker hands to a parent.
        return [[button(text("Get the code"), "pp.code", case.id, invitation.id)], stop]
    return [stop]


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, plan. The first record: of whoever works on the case."""
    case = case_of(request)
    plan = await storage.plans.approved(db, case)
    found = await storage.invitations.of_case(db, case)
    if plan is None or plan.id != request.number(1) or case.worker_id != request.person.id:
        raise Refused(_STALE)
    if any(one.plan_id == plan.id for one in found):
        raise Refused(_STALE)
    supervisors = await storage.cases.supervisors(db, case, request.now)
    others = [one for one in supervisors if one != request.person.id]
    if not others:
        raise Refused(text("A supervisor must agree, and nobody else is there now."))
    invitation = await storage.invitations.ask(db, case, plan, request.person.id)
    await note(db, request, case, Deed.PARENT_ASKED, invitation.id)
    told = text("case %(number)s: may a parent be shown the plan?", number=Words(case.number))
    return [Edit(text("✓ Recorded. The supervisor is asked.")), *(_notice(case, told, one) for one in others)]


def _notice(case: Case, told: Text, person_id: int) -> Say:
    rows = [[button(text("Open"), "pp", case.id)]]
    return Say(told, rows, to=ToPerson(person_id), lane=Lane.CASE, card=about_card(case))


async def _invitation(db: Connection, request: Request, case: Case) -> Invitation:
    """The one that a button names, unless it is over. Raises Refused."""
    found = await storage.invitations.of_case(db, case)
    invitation = next((one for one in found if one.id == request.number(1)), None)
    if invitation is None:
        raise Refused(_STALE)
    return invitation


async def agree(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, invitation. The second record: a supervisor's."""
    case = case_of(request)
    invitation = await _invitation(db, request, case)
    if not _may_agree(request, case, invitation):
        raise not_here()
    if not await storage.invitations.agree(db, invitation):
        raise Refused(_STALE)
    await note(db, request, case, Deed.PARENT_AGREED, invitation.id)
    told = text("case %(number)s: a parent may be shown the plan", number=Words(case.number))
    return [Edit(text("✓ Recorded.")), *await _tell(db, request, case, invitation, told)]


async def _tell(db: Connection, request: Request, case: Case, invitation: Invitation, told: Text) -> list[Say]:
    hear = await storage.plans.who_may_hear(db, case, [invitation.author], request.now)
    return [_notice(case, told, one) for one in hear]


async def give_code(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, invitation. For whoever works on the case, to hand over in person; an earlier code works no more."""
    case = case_of(request)
    invitation = await _invitation(db, request, case)
    if case.worker_id != request.person.id:
        raise not_here()
    code = await storage.invitations.make_code(db, invitation, request.now)
    if code is None:
        raise Refused(_STALE)
    await note(db, request, case, Deed.PARENT_CODE, invitation.id)
    told = lines(
        text("Please hand this over in person. It works for one account, for 7 days:"),
        text("%(link)s", link=DeepLink(f"plan-{code}")),
        # NOTE: For a parent who gets a note on paper: what stands in it is written to the bot.
        text("Or on paper, to be written to me: <code>%(words)s</code>", words=Words(f"/start plan-{code}")),
    )
    return [await claim.copy(db, request, case, told)]


async def revoke(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, invitation. The code opens nothing any more, and what the parent was shown leaves the chat."""
    case = case_of(request)
    invitation = await _invitation(db, request, case)
    if not await storage.invitations.end(db, invitation):
        raise Refused(_STALE)
    await note(db, request, case, Deed.REVOKED, invitation.id)
    return [Edit(text("✓ Revoked.")), *_taken_back(request, invitation)]


def _taken_back(request: Request, invitation: Invitation) -> list[Outgoing]:
    """The messenger deletes nothing that is two days old: then the words are edited away."""
    if invitation.identity_id is None or invitation.opened_at is None:
        return []
    card, to = support_plan.card_of(invitation), ToIdentity(invitation.identity_id)
    if request.now - invitation.opened_at < COPIES_DELETABLE:
        return [Delete(card, to=to, lane=Lane.CASE)]
    return [Edit(text("This message was removed."), card=card, to=to, lane=Lane.CASE)]
