"""A role is given to a member, by somebody above her, for a term."""

import storage.communities
from domain.communities import ROLE_NAMES, Belonging, Term, end_of, kind_and_name, suits
from domain.messages import Edit, Keyboard, Moment, Outgoing, Refused, Say, Text, ToPerson, button, lines, text
from domain.requests import Request
from domain.roles import PARTIES, Role
from handlers import menus
from handlers.communities import find
from handlers.communities.members import ORDER, given_here, held_by, seen_by, to_one
from handlers.route import not_here
from storage.database import Connection


async def ask_role(db: Connection, request: Request) -> list[Outgoing]:
    seen = seen_by(request)
    free = await given_here(db, request, seen) - await held_by(db, request, seen)
    rows = [
        [button(ROLE_NAMES[role], "m.role", seen.member.membership_id, role.value)]
        for role in sorted(free, key=ORDER.index)
        if suits(seen.community.kind, role)
    ]
    asked = text("Which role do you want to give? For: %(name)s", name=seen.member.called)
    return [Edit(asked, [*rows, to_one(seen)])]


async def grant(db: Connection, request: Request) -> list[Outgoing]:
    """args: the membership, the role, and for an office how long."""
    seen = seen_by(request)
    role, term = await _asked_for(db, request, seen)
    if term is None:
        return [_ask_term(seen, role)]
    until = end_of(term, request.now, seen.community.zone)
    member, community = seen.member, seen.community
    granted = await storage.communities.add_member(
        db,
        member.person_id,
        community.id,
        role,
        member.called,
        request.now,
        until=until,
        decided_by=request.person.id,
    )
    if granted is None:
        raise Refused(await _why_taken(db, request, seen, role))
    told = lines(
        text("You have a new role: %(role)s", role=ROLE_NAMES[role]),
        kind_and_name(community),
        text("Until: %(day)s", day=Moment(until, community.zone, show="day")) if until else None,
    )
    done = text("✓ %(name)s has a new role: %(role)s", name=member.called, role=ROLE_NAMES[role])
    return [
        Edit(done, [[find.to_list(community)]]),
        Say(told, [[button(text("Show"), "c", community.id)]], to=ToPerson(member.person_id)),
        await menus.menu_of(db, request, member.person_id),
    ]


async def _asked_for(db: Connection, request: Request, seen: Belonging) -> tuple[Role, Term | None]:
    """The role and the term of the button, if this person may give them here. Raises Refused."""
    named = request.args[1] if len(request.args) > 1 else ""
    role = next((role for role in await given_here(db, request, seen) if role == named), None)
    if role is None or not suits(seen.community.kind, role) or seen.member.state != "active":
        raise not_here()
    if role in PARTIES:
        return role, Term.OPEN
    term = request.args[2] if len(request.args) > 2 else ""
    return role, Term(term) if term in (Term.SCHOOL_YEAR, Term.YEAR) else None


def _ask_term(seen: Belonging, role: Role) -> Edit:
    number = seen.member.membership_id
    asked = text("How long shall this role last? %(name)s, %(role)s", name=seen.member.called, role=ROLE_NAMES[role])
    rows: Keyboard = [
        # NOTE: button. A term of office: until 31 August.
        [button(text("This school year"), "m.role", number, role.value, Term.SCHOOL_YEAR.value)],
        # NOTE: button. A term of office.
        [button(text("One year"), "m.role", number, role.value, Term.YEAR.value)],
        to_one(seen),
    ]
    return Edit(asked, rows)


async def _why_taken(db: Connection, request: Request, seen: Belonging, role: Role) -> Text:
    staff = await storage.communities.staff(db, seen.community.id, request.now)
    holder = next((one for one in staff if one.role == role), None)
    if holder is None or holder.person_id == seen.member.person_id:
        return text("%(name)s has this role already.", name=seen.member.called)
    return text(
        "There can be only one at a time. %(role)s now: %(name)s. Let her or him step down first.",
        role=ROLE_NAMES[role],
        name=holder.called,
    )
