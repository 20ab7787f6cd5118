"""How a membership ends: by whoever leads, or by the member herself, who may take that back for an hour. When nobody
does any more what she did, those above hear so. Who only asks to join may stop asking."""

import storage.communities
from domain.communities import ROLE_NAMES, Belonging, Member, above, kind_and_name, missed
from domain.messages import Edit, Keyboard, Outgoing, Refused, Say, ToPerson, button, lines, paragraphs, text
from domain.requests import Community, Request
from domain.roles import INSIDERS, OFFICES, Role, may_remove
from handlers import menus
from handlers.communities import access, admit, find
from handlers.communities.members import described, to_one
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.database import Connection

# --- remove -----------------------------------------------------------------------------------------------------------


async def ask_to_remove(_db: Connection, request: Request) -> list[Outgoing]:
    seen = _removable(request)
    asked = paragraphs(text("Remove this member? She or he will be told."), described(seen))
    rows: Keyboard = [
        # NOTE: button
        [button(text("Yes, remove"), "m.out.yes", seen.member.membership_id)],
        to_one(seen),
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
        *await _tell_level_above(db, request, community, member),
    ]


def _removable(request: Request) -> Belonging:
    """The membership, if this person may end it: it ranks below hers, and is another's. Raises Refused."""
    seen: Belonging = request.subject
    role = Role(seen.member.role)
    if not may_remove(request.standing(seen.community.path), role) or seen.member.person_id == request.person.id:
        raise not_here()
    return seen


# --- ask no more ----------------------------------------------------------------------------------------------------


async def ask_whether(_db: Connection, request: Request) -> list[Outgoing]:
    """args, here and below: the membership that waits."""
    seen = _her_wish(request)
    asked = text("Do you want to take back your request to join? %(name)s", name=seen.community.name)
    number = seen.member.membership_id
    rows: Keyboard = [
        # NOTE: button. Take back the request to join.
        [button(text("Yes, take back"), "join.back.yes", number)],
        # NOTE: button. Leave the request to join as it is.
        [button(text("Keep waiting"), "join.wait", number)],
    ]
    return [Edit(asked, rows)]


async def keep_waiting(db: Connection, request: Request) -> list[Outgoing]:
    seen = _her_wish(request)
    waiting = await admit.waiting_for(db, request, seen.community, Role(seen.member.role))
    return [Edit(waiting, admit.to_ask_no_more(seen.member))]


async def ask_no_more(db: Connection, request: Request) -> list[Outgoing]:
    """A wrong class, role or name: with the code she asks anew, as it should be."""
    seen, me = _her_wish(request), request.person.id
    if not await storage.communities.decide(db, seen.member.membership_id, "waiting", "left", me, request.now):
        raise LookupError("a wish that was there a moment ago")
    done = text(
        "✓ You no longer ask to join: %(name)s. To ask again, open the link or enter the code once more.",
        name=seen.community.name,
    )
    # NOTE: button
    again = [[button(text("Join with a code"), "join")]]
    return [Edit(done, again), *await admit.shown_to_others(db, request, seen)]


def _her_wish(request: Request) -> Belonging:
    """The membership, if this person waits for an answer about it. Raises Refused."""
    seen: Belonging = request.subject
    if seen.member.person_id != request.person.id:
        raise not_here()
    if seen.member.state != "waiting":
        raise Refused(text("This was decided already."))
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
    # NOTE: button. Who has just left a community, or a role in it, keeps it after all.
    undo = [button(text("Stay after all"), "c.back", community.id, member.membership_id)]
    return [
        Edit(done, [] if Role(member.role) in OFFICES else [undo]),
        await menus.menu_of(db, request, request.person.id),
        *await _tell_level_above(db, request, community, member),
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


async def _tell_level_above(db: Connection, request: Request, community: Community, gone: Member) -> list[Outgoing]:
    """When nobody does any more what she did for it, those above it hear so."""
    over = above(community.path)
    told = missed(community, gone, await storage.communities.staff(db, community.id, request.now))
    if over is None or told is None:
        return []
    to_it = [[button(text("Members"), "m", community.id)]]
    above_it = await storage.communities.leaders(db, over, request.now)
    return [Say(told, to_it, to=ToPerson(one)) for one in above_it if one != request.person.id]
