"""Who belongs to a community: the list for those who lead it, and what they may change about each member."""

import storage.communities
from domain.communities import (
    ROLE_NAMES,
    Belonging,
    Member,
    Term,
    above,
    end_of,
    kind_and_name,
    missed,
    suits,
)
from domain.hotline_roles import offices_at
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Moment,
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
    text_n,
)
from domain.names import in_order
from domain.requests import Community, Request
from domain.roles import (
    HOTLINE_GRANTERS,
    INSIDERS,
    OFFICES,
    PARTIES,
    Role,
    grantable,
    may_remove,
)
from handlers import menus
from handlers.communities import access, admit, find, roster
from handlers.communities.tree import community_of
from handlers.families import link
from handlers.route import not_here
from storage.database import Connection

_PAGE = 6
_COUNTED = 1_000  # who waits is counted so far
_LISTED = 5_000  # sorted as the reader's alphabet has it; who is behind them is found by name
_ORDER = tuple(Role)


async def load(db: Connection, membership_id: int, _person_id: int) -> Belonging | None:
    """A membership, for whoever has the route's right in its community."""
    return await storage.communities.belonging(db, membership_id)


# --- the list ---------------------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    body, buttons = await _list(db, request, 0)
    return [Say(body, buttons)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and the membership after which the page begins."""
    body, buttons = await _list(db, request, request.number(1))
    return [Edit(body, buttons)]


async def _list(db: Connection, request: Request, after: int) -> tuple[Body, Keyboard]:
    community = community_of(request)
    waiting = await storage.communities.members(db, community.id, ("waiting",), most=_COUNTED)
    page, last = await _page(db, request, community, waiting, after)
    body = lines(
        text("<b>Members</b>: %(name)s", name=community.name),
        text_n("%(n)s person waits to join.", "%(n)s people wait to join.", len(waiting)) if waiting else None,
        None if page else text("Nobody is here yet."),
    )
    more = [button(text("More"), "m", community.id, page[-1].membership_id)] if page and not last else []
    first = [button(text("Back"), "m", community.id)] if after else [button(text("Back"), "c", community.id)]
    awaited = await roster.awaited_door(db, request, community) if not after else []
    return body, [*([_line(one)] for one in page), awaited, [find.door(community)], [*first, *more]]


async def _page(
    db: Connection, request: Request, community: Community, waiting: list[Member], after: int
) -> tuple[list[Member], bool]:
    """Those behind this membership (0: the first), whoever waits before all others, these in the order of the reader's
    alphabet; whether there are no more."""
    found = await storage.communities.members(db, community.id, most=_LISTED)
    order = in_order(request.person.language)
    members = sorted((one for one in found if _may_be_seen(request, community, one)), key=lambda one: order(one.called))
    seen = [*waiting, *members]
    start = next((at for at, one in enumerate(seen, 1) if one.membership_id == after), 0)
    return seen[start : start + _PAGE], start + _PAGE >= len(seen)


def _may_be_seen(request: Request, community: Community, member: Member) -> bool:
    """Who works for the hotline is the business of those who give these roles."""
    return Role(member.role) not in OFFICES or request.may(HOTLINE_GRANTERS, community.path)


def _line(member: Member) -> Button:
    label = text("%(name)s – %(role)s", name=Words(member.called), role=ROLE_NAMES[Role(member.role)])
    if member.state == "waiting":
        label = text("⏳ %(name)s – %(role)s", name=Words(member.called), role=ROLE_NAMES[Role(member.role)])
    return button(label, "m.one", member.membership_id)


# --- one member -------------------------------------------------------------------------------------------------------


async def show_one(db: Connection, request: Request) -> list[Outgoing]:
    seen = _seen(request)
    if seen.member.state == "waiting":
        answers = admit.answers_to(seen.member) if admit.may_answer(request, seen) else []
        rows = [*answers, *await link.door(db, request, seen), [find.to_list(seen.community)]]
        return [Edit(await admit.wish_of(db, seen), rows)]
    return [Edit(_described(seen), await _choices(db, request, seen))]


def _seen(request: Request) -> Belonging:
    """The membership, if this person may know of it. Raises Refused."""
    seen: Belonging = request.subject
    if not _may_be_seen(request, seen.community, seen.member):
        raise not_here()
    return seen


def _described(seen: Belonging) -> Body:
    member = seen.member
    gone = None if member.state == "active" else text("No longer a member.")
    return lines(
        text("Name: %(name)s", name=member.called),
        text("As: %(role)s", role=ROLE_NAMES[Role(member.role)]),
        kind_and_name(seen.community),
        text("Until: %(day)s", day=Moment(member.until, show="day")) if member.until else None,
        gone,
    )


async def _choices(db: Connection, request: Request, seen: Belonging) -> Keyboard:
    member, community = seen.member, seen.community
    if member.state != "active":
        return [[find.to_list(community)]]
    stands = request.standing(community.path)
    held = await _held(db, request, seen)
    rows: list[list[Button]] = []
    if any(suits(community.kind, role) for role in _given_here(request, seen) - held):
        # NOTE: button
        rows.append([button(text("Give a role"), "m.give", member.membership_id)])
    if _may_propose(request, seen):
        rows += [
            [button(ROLE_NAMES[role], "m.hotline", member.membership_id, role.value)]
            for role in sorted(offices_at(community), key=_ORDER.index)
            if role not in held
        ]
    if may_remove(stands, Role(member.role)) and member.person_id != request.person.id:
        # NOTE: button. Ends a membership of somebody else.
        rows.append([button(text("Remove"), "m.out", member.membership_id)])
    rows += await access.doors(db, request, seen)
    rows += await link.door(db, request, seen)
    return [*rows, [find.to_list(community)]]


def _may_propose(request: Request, seen: Belonging) -> bool:
    return seen.member.person_id != request.person.id and request.may(HOTLINE_GRANTERS, seen.community.path)


async def _held(db: Connection, request: Request, seen: Belonging) -> frozenset[Role]:
    own = await storage.communities.own(db, seen.member.person_id, seen.community.id, request.now)
    return frozenset(Role(one.role) for one in own)


# --- give a role ------------------------------------------------------------------------------------------------------


async def ask_role(db: Connection, request: Request) -> list[Outgoing]:
    seen = _seen(request)
    free = _given_here(request, seen) - await _held(db, request, seen)
    rows = [
        [button(ROLE_NAMES[role], "m.role", seen.member.membership_id, role.value)]
        for role in sorted(free, key=_ORDER.index)
        if suits(seen.community.kind, role)
    ]
    asked = text("Which role do you want to give? For: %(name)s", name=seen.member.called)
    return [Edit(asked, [*rows, _to_one(seen)])]


def _given_here(request: Request, seen: Belonging) -> frozenset[Role]:
    """What may be given to somebody who belongs here: a partner comes from outside, by an invitation of her own."""
    return grantable(request.standing(seen.community.path)) - {Role.PARTNER}


async def grant(db: Connection, request: Request) -> list[Outgoing]:
    """args: the membership, the role, and for an office how long."""
    seen = _seen(request)
    role, term = _asked_for(request, seen)
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
        text("Until: %(day)s", day=Moment(until, show="day")) if until else None,
    )
    done = text("✓ %(name)s has a new role: %(role)s", name=member.called, role=ROLE_NAMES[role])
    return [
        Edit(done, [[find.to_list(community)]]),
        Say(told, [[button(text("Show"), "c", community.id)]], to=ToPerson(member.person_id)),
        await menus.menu_of(db, request, member.person_id),
    ]


def _asked_for(request: Request, seen: Belonging) -> tuple[Role, Term | None]:
    """The role and the term of the button, if this person may give them here. Raises Refused."""
    named = request.args[1] if len(request.args) > 1 else ""
    role = next((role for role in _given_here(request, seen) if role == named), None)
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
        _to_one(seen),
    ]
    return Edit(asked, rows)


def _to_one(seen: Belonging) -> list[Button]:
    return [button(text("Back"), "m.one", seen.member.membership_id)]


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


# --- remove -----------------------------------------------------------------------------------------------------------


async def ask_to_remove(_db: Connection, request: Request) -> list[Outgoing]:
    seen = _removable(request)
    asked = paragraphs(text("Remove this member? She or he will be told."), _described(seen))
    rows: Keyboard = [
        # NOTE: button
        [button(text("Yes, remove"), "m.out.yes", seen.member.membership_id)],
        _to_one(seen),
    ]
    return [Edit(asked, rows)]


async def remove(db: Connection, request: Request) -> list[Outgoing]:
    seen = _removable(request)
    member, community = seen.member, seen.community
    if not await storage.communities.end(db, member.membership_id):
        return [Edit(text("This was done already."), [[find.to_list(community)]])]
    if Role(member.role) in OFFICES:  # one tap revokes all; jobs.cases puts back what she had taken
        await access.revoke(db, request, member.person_id, community)
    told = text(
        "You no longer have this role: %(role)s, %(name)s. If you think this is a mistake, talk to whoever leads it.",
        role=ROLE_NAMES[Role(member.role)],
        name=community.name,
    )
    return [
        Edit(text("✓ Removed: %(name)s", name=member.called), [[find.to_list(community)]]),
        Say(told, to=ToPerson(member.person_id)),
        await menus.menu_of(db, request, member.person_id),
        *await tell_level_above(db, request, community, member),
    ]


def _removable(request: Request) -> Belonging:
    """The membership, if this person may end it: it ranks below hers, and is another's. Raises Refused."""
    seen: Belonging = request.subject
    role = Role(seen.member.role)
    if not may_remove(request.standing(seen.community.path), role) or seen.member.person_id == request.person.id:
        raise not_here()
    return seen


# --- step down --------------------------------------------------------------------------------------------------------


async def ask_to_step_down(db: Connection, request: Request) -> list[Outgoing]:
    community = community_of(request)
    own = await storage.communities.own(db, request.person.id, community.id, request.now)
    rows = [
        [button(ROLE_NAMES[Role(one.role)], "c.down.yes", community.id, one.membership_id)]
        for one in own
        if one.state == "active"
    ]
    if not rows:
        raise Refused(text("There is nothing here that you could leave."))
    asked = text("What do you want to leave? Tap it, and it ends at once. Community: %(name)s", name=community.name)
    back = "c" if request.may(INSIDERS, community.path) else "pt.see"
    return [Edit(asked, [*rows, [button(text("Back"), back, community.id)]])]


async def step_down(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the membership."""
    community = community_of(request)
    own = await storage.communities.own(db, request.person.id, community.id, request.now)
    member = next((one for one in own if one.membership_id == request.number(1) and one.state == "active"), None)
    if member is None:
        raise not_here()
    if member.role == Role.COORDINATOR and above(community.path) is None:
        await _let_somebody_stay(db, request, community)
    await storage.communities.step_down(db, member.membership_id, request.now)
    done = text("You have left: %(role)s, %(name)s", role=ROLE_NAMES[Role(member.role)], name=community.name)
    # An office of the hotline is given by two people, also when it is given back.
    # NOTE: button. Stepping down is undone.
    undo = [button(text("Take it back"), "c.back", community.id, member.membership_id)]
    return [
        Edit(done, [] if Role(member.role) in OFFICES else [undo]),
        await menus.menu_of(db, request, request.person.id),
        *await tell_level_above(db, request, community, member),
    ]


async def take_back(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the membership. Stepping down is undone, for an hour, by whoever did it."""
    community = community_of(request)
    member = await storage.communities.take_back_leave(
        db, community.id, request.number(1), request.person.id, request.now
    )
    if member is None:
        raise Refused(text("It is too late to take this back. Whoever leads the community can give it to you again."))
    told = text("✓ You are back: %(role)s, %(name)s", role=ROLE_NAMES[Role(member.role)], name=community.name)
    return [
        # NOTE: button
        Edit(told, [[button(text("Show"), "c", community.id)]]),
        await menus.menu_of(db, request, request.person.id),
        *await _tell_she_is_back(db, request, community, member),
    ]


async def _tell_she_is_back(db: Connection, request: Request, community: Community, back: Member) -> list[Outgoing]:
    """Those who were told that nobody leads hear that somebody does."""
    over, staff = above(community.path), await storage.communities.staff(db, community.id, request.now)
    if over is None or missed(community, back, staff) is None:
        return []
    told = lines(
        text("Somebody leads this community again."),
        kind_and_name(community),
        text("%(role)s: %(name)s", role=ROLE_NAMES[Role(back.role)], name=back.called),
    )
    above_it = await storage.communities.leaders(db, over, request.now)
    return [Say(told, to=ToPerson(one)) for one in above_it if one != request.person.id]


async def _let_somebody_stay(db: Connection, request: Request, root: Community) -> None:
    """The last coordinator of the whole network would leave nobody who could ever lead it. Raises Refused."""
    coordinators = await storage.communities.leaders(db, root.path, request.now, frozenset({Role.COORDINATOR}))
    if coordinators == [request.person.id]:
        raise Refused(
            text(
                "You are the only one who runs the whole network, and without you nobody could."
                " Please ask whoever keeps the bot running to hand it over first."
            )
        )


async def tell_level_above(db: Connection, request: Request, community: Community, gone: Member) -> list[Outgoing]:
    """When nobody does any more what she did for it, those above it hear so."""
    over = above(community.path)
    told = missed(community, gone, await storage.communities.staff(db, community.id, request.now))
    if over is None or told is None:
        return []
    to_it = [[button(text("Members"), "m", community.id)]]
    above_it = await storage.communities.leaders(db, over, request.now)
    return [Say(told, to_it, to=ToPerson(one)) for one in above_it if one != request.person.id]
