"""Hotline roles: one proposes, another confirms, and the person accepts the code of conduct.

Rule 14 of docs/safeguarding.md.
"""

from dataclasses import replace

import storage.communities
import storage.families
import storage.persons
import storage.roles
from domain.communities import ROLE_NAMES, Belonging, kind_and_name
from domain.hotline_roles import CONDUCT_VERSION, LASTS, Proposal, State, code_of_conduct, may_decide, offices_at
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    Text,
    Toast,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Community, Request
from domain.roles import HOTLINE_GRANTERS, OFFICES, Role, other_granter
from handlers import menus
from handlers.route import NOT_HERE, not_here
from storage.database import Connection


async def load(db: Connection, proposal_id: int, _person_id: int) -> Proposal | None:
    return await storage.roles.get(db, proposal_id)


async def load_own(db: Connection, proposal_id: int, person_id: int) -> Proposal | None:
    """A proposal, for the person it is about alone."""
    proposal = await storage.roles.get(db, proposal_id)
    return proposal if proposal is not None and proposal.person_id == person_id else None


def card_of(proposal_id: int) -> str:
    return f"hotline-role:{proposal_id}"


# --- one proposes -----------------------------------------------------------------------------------------------------


async def propose(db: Connection, request: Request) -> list[Outgoing]:
    """args: the membership of the person in the community that the role is for, the role."""
    seen: Belonging = request.subject
    role = _named(request, seen)
    member, community = seen.member, seen.community
    if await storage.families.is_pupil(db, member.person_id):
        raise not_here()
    confirms = other_granter(request.standing(community.path))
    deciders = await _deciders(db, request, seen, confirms)
    if not deciders:
        raise Refused(
            text(
                "Two people must agree to give this role, and there is nobody else who could: %(role)s",
                role=ROLE_NAMES[confirms],
            )
        )
    proposal_id = await storage.roles.propose(
        db, community.id, member.person_id, member.called, role, request.person.id, confirms, request.now
    )
    if proposal_id is None:
        raise Refused(text("This was proposed already and waits for an answer."))
    about = _about(member.called, role, community)
    asked = await _asked(db, about, request.person.id, community)
    rows = _answers(proposal_id)
    waiting = text("A second person must agree. I have asked, and will tell you the answer.")
    return [
        Edit(paragraphs(about, waiting)),
        *(Say(asked, rows, to=ToPerson(one), card=card_of(proposal_id)) for one in deciders),
    ]


async def _asked(db: Connection, about: Body, by: int, community: Community) -> Body:
    name = await storage.communities.known_as(db, by, community.path) or "?"
    return paragraphs(about, text("Proposed by: %(name)s. A second person must agree: do you confirm it?", name=name))


def _answers(proposal_id: int) -> Keyboard:
    return [
        [
            # NOTE: button
            button(text("Confirm"), "hotline.yes", proposal_id),
            # NOTE: button
            button(text("No"), "hotline.no", proposal_id),
        ]
    ]


def _named(request: Request, seen: Belonging) -> Role:
    """The role of the button, if it can be proposed for this member. Raises Refused."""
    role = next((role for role in offices_at(seen.community) if request.args[1:2] == (role.value,)), None)
    if role is None or seen.member.state != "active" or seen.member.person_id == request.person.id:
        raise not_here()
    return role


async def _deciders(db: Connection, request: Request, seen: Belonging, confirms: Role) -> list[int]:
    """The nearest of the other office, in the community or above it, but for the two whom it is about."""
    found = await storage.communities.along(db, seen.community.path, request.now, frozenset({confirms}))
    others = [one for one in found if one[1].person_id not in (seen.member.person_id, request.person.id)]
    return [member.person_id for at, member in others if at == others[0][0]]


def _about(called: str, role: Role, community: Community) -> Body:
    return lines(
        text("<b>A role of the hotline</b>"),
        text("Name: %(name)s", name=called),
        text("As: %(role)s", role=ROLE_NAMES[role]),
        kind_and_name(community),
    )


# --- another confirms -------------------------------------------------------------------------------------------------


async def show_again(db: Connection, request: Request) -> list[Outgoing]:
    """The question, for whom it was lost in the chat. args: the proposal."""
    proposal = _mine_to_decide(request)
    if proposal.state is not State.PROPOSED:
        return _decided_before(proposal)
    about = _about(proposal.called, proposal.role, proposal.community)
    asked = await _asked(db, about, proposal.proposed_by, proposal.community)
    return [Say(asked, _answers(proposal.id), card=card_of(proposal.id))]


async def confirm(db: Connection, request: Request) -> list[Outgoing]:
    """Two give the role: whoever proposed it may still do so, too."""
    proposal = _mine_to_decide(request)
    if not await _is_of_two(db, request, proposal):
        await storage.roles.decide(db, proposal.id, State.REFUSED, request.person.id, request.now)
        over = text("Whoever proposed this may no longer do so. If it is right, please propose it anew.")
        return [Edit(paragraphs(_about(proposal.called, proposal.role, proposal.community), over))]
    if not await storage.roles.decide(db, proposal.id, State.CONFIRMED, request.person.id, request.now):
        return _decided_before(proposal)
    told = text("✓ Confirmed. The person is asked to accept the code of conduct; then the role begins.")
    about = _about(proposal.called, proposal.role, proposal.community)
    return [
        Edit(paragraphs(about, told)),
        Say(paragraphs(about, told), to=ToPerson(proposal.proposed_by)),
        replace(_offer(proposal), to=ToPerson(proposal.person_id)),
    ]


def _offer(proposal: Proposal) -> Say:
    """What the person is asked whom it is about."""
    asked = paragraphs(
        text("You are asked to work for the hotline. Your role: %(role)s", role=ROLE_NAMES[proposal.role]),
        kind_and_name(proposal.community),
        code_of_conduct(),
        text("The role begins when you accept this, and lasts one year."),
    )
    rows = [
        # NOTE: button. Accepts the code of conduct.
        [button(text("I accept this"), "conduct.yes", proposal.id)],
        # NOTE: button. Does not want the role.
        [button(text("No, thank you"), "conduct.no", proposal.id)],
    ]
    return Say(asked, rows, card=card_of(proposal.id))


async def _is_of_two(db: Connection, request: Request, proposal: Proposal) -> bool:
    path = proposal.community.path
    return await storage.persons.may(db, HOTLINE_GRANTERS, proposal.proposed_by, path, request.now)


async def refuse(db: Connection, request: Request) -> list[Outgoing]:
    proposal = _mine_to_decide(request)
    if not await storage.roles.decide(db, proposal.id, State.REFUSED, request.person.id, request.now):
        return _decided_before(proposal)
    told = paragraphs(_about(proposal.called, proposal.role, proposal.community), text("✗ Not confirmed."))
    return [Edit(told), Say(told, to=ToPerson(proposal.proposed_by))]


def _mine_to_decide(request: Request) -> Proposal:
    proposal: Proposal = request.subject
    if not may_decide(proposal, request.person.id, request.standing(proposal.community.path)):
        raise not_here()
    return proposal


def _decided_before(proposal: Proposal) -> list[Outgoing]:
    decided = text("This was decided already.")
    return [Edit(paragraphs(_about(proposal.called, proposal.role, proposal.community), decided)), Toast(decided)]


# --- the person accepts -----------------------------------------------------------------------------------------------


async def accept_conduct(db: Connection, request: Request) -> list[Outgoing]:
    proposal: Proposal = request.subject
    own = await storage.communities.own(db, request.person.id, proposal.community.id, request.now)
    belongs = any(one.state == "active" for one in own)  # else she was removed since, or has left: the offer is over
    if not await storage.roles.answer(db, proposal.id, State.ACTIVE if belongs else State.DECLINED, request.now):
        return _decided_before(proposal)
    if not belongs:
        return [Edit(NOT_HERE)]
    await storage.roles.save_conduct(db, request.person.id, CONDUCT_VERSION, request.now)
    await storage.communities.add_member(
        db,
        request.person.id,
        proposal.community.id,
        proposal.role,
        proposal.called,
        request.now,
        until=request.now + LASTS,
        decided_by=proposal.decided_by,
    )
    return [
        Edit(paragraphs(code_of_conduct(), _accepted(proposal.role)), _onward(proposal.role)),
        await menus.menu_of(db, request, request.person.id),
        *_tell_both(proposal, text("✓ The code of conduct is accepted. The role has begun.")),
    ]


async def decline_conduct(db: Connection, request: Request) -> list[Outgoing]:
    proposal: Proposal = request.subject
    if not await storage.roles.answer(db, proposal.id, State.DECLINED, request.now):
        return _decided_before(proposal)
    return [
        Edit(text("Thank you for your answer. Nothing changes for you.")),
        *_tell_both(proposal, text("✗ The person does not want this role.")),
    ]


def _tell_both(proposal: Proposal, told: Text) -> list[Outgoing]:
    both = dict.fromkeys(one for one in (proposal.proposed_by, proposal.decided_by) if one is not None)
    about = _about(proposal.called, proposal.role, proposal.community)
    return [Say(paragraphs(about, told), to=ToPerson(one)) for one in both]


def _accepted(role: Role) -> Text:
    return text("✓ Accepted. Your role has begun: %(role)s", role=ROLE_NAMES[role])


def _onward(role: Role) -> Keyboard:
    """Where her work begins."""
    label, route = {
        # NOTE: button. The log of who did what in the hotline.
        Role.AUDITOR: (text("Open the log"), "au"),
        # NOTE: button
        Role.CUSTODIAN: (text("Show what you can do"), "home"),
        # NOTE: button. What waits for whoever works for the hotline.
    }.get(role, (text("Open the queue"), "queue"))
    return [[button(label, route)]]


# --- the first supervisor, who has nobody before her ------------------------------------------------------------------


def conduct_of_the_first() -> Say:
    """The code of conduct for whoever came with the supervisor's first code: she holds the role already."""
    # NOTE: button. Accepts the code of conduct.
    accept = [[button(text("I accept this"), "conduct.own")]]
    why = text("Whoever works for the hotline accepts this. Until you do, the hotline stays closed.")
    return Say(paragraphs(code_of_conduct(), why), accept)


async def conduct_waits(db: Connection, request: Request) -> bool:
    """Whether somebody who holds an office has not accepted the code of conduct as it is today."""
    holds = bool(request.roles & OFFICES)
    return holds and not await storage.roles.has_accepted_conduct(db, request.person.id, CONDUCT_VERSION)


async def show_conduct(db: Connection, request: Request) -> list[Outgoing]:
    """All that she is asked to accept, once more."""
    offers: list[Outgoing] = [_offer(one) for one in await storage.roles.offered_to(db, request.person.id)]
    own = [conduct_of_the_first()] if await conduct_waits(db, request) else []
    if not offers and not own:
        raise not_here()
    return [*offers, *own]


async def accept_own_conduct(db: Connection, request: Request) -> list[Outgoing]:
    await storage.roles.save_conduct(db, request.person.id, CONDUCT_VERSION, request.now)
    # NOTE: button. Who is on duty for the hotline, and what it still needs.
    to_do = [[button(text("Duty"), "du")]]
    return [Edit(paragraphs(code_of_conduct(), text("✓ Accepted. Thank you.")), to_do)]
