"""Who belongs to a community: the list for those who lead it, and what they can do about each member."""

import storage.communities
import storage.families
from domain.communities import ROLE_NAMES, Belonging, Member, kind_and_name, suits
from domain.hotline_roles import offices_at
from domain.messages import Body, Button, Edit, Keyboard, Moment, Outgoing, Say, Words, button, lines, text, text_n
from domain.names import in_order
from domain.requests import Community, Request
from domain.roles import HOTLINE_GRANTERS, OFFICES, PROVEN, Role, grantable, may_remove
from handlers.communities import access, admit, find, roster
from handlers.communities.tree import community_of
from handlers.families import pupil
from handlers.route import not_here
from storage.database import Connection

_PAGE = 6
_COUNTED = 1_000  # who waits is counted so far
_LISTED = 5_000  # sorted as the reader's alphabet has it; who is behind them is found by name
ORDER = tuple(Role)


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
    seen = seen_by(request)
    if seen.member.state == "waiting":
        answers = admit.answers_to(seen.member) if admit.may_answer(request, seen) else []
        rows = [*answers, *await pupil.door(db, request, seen), [find.to_list(seen.community)]]
        return [Edit(await admit.wish_of(db, seen, request.person.id), rows)]
    return [Edit(described(seen), await _choices(db, request, seen))]


def seen_by(request: Request) -> Belonging:
    """The membership, if this person may know of it. Raises Refused."""
    seen: Belonging = request.subject
    if not _may_be_seen(request, seen.community, seen.member):
        raise not_here()
    return seen


def described(seen: Belonging) -> Body:
    member = seen.member
    gone = None if member.state == "active" else text("No longer a member.")
    return lines(
        text("Name: %(name)s", name=member.called),
        text("As: %(role)s", role=ROLE_NAMES[Role(member.role)]),
        kind_and_name(seen.community),
        text("Until: %(day)s", day=Moment(member.until, seen.community.zone, show="day")) if member.until else None,
        gone,
    )


async def _choices(db: Connection, request: Request, seen: Belonging) -> Keyboard:
    member, community = seen.member, seen.community
    if member.state != "active":
        return [[find.to_list(community)]]
    stands = request.standing(community.path)
    held = await held_by(db, request, seen)
    rows: list[list[Button]] = []
    if any(suits(community.kind, role) for role in await given_here(db, request, seen) - held):
        # NOTE: button
        rows.append([button(text("Give a role"), "m.give", member.membership_id)])
    if _may_propose(request, seen) and not await storage.families.is_pupil(db, member.person_id):
        rows += [
            [button(ROLE_NAMES[role], "m.hotline", member.membership_id, role.value)]
            for role in sorted(offices_at(community), key=ORDER.index)
            if role not in held
        ]
    if may_remove(stands, Role(member.role)) and member.person_id != request.person.id:
        # NOTE: button. Ends a membership of somebody else.
        rows.append([button(text("Remove"), "m.out", member.membership_id)])
    rows += await access.doors(db, request, seen)
    rows += await pupil.door(db, request, seen)
    return [*rows, [find.to_list(community)]]


def _may_propose(request: Request, seen: Belonging) -> bool:
    return seen.member.person_id != request.person.id and request.may(HOTLINE_GRANTERS, seen.community.path)


async def held_by(db: Connection, request: Request, seen: Belonging) -> frozenset[Role]:
    own = await storage.communities.own(db, seen.member.person_id, seen.community.id, request.now)
    return frozenset(Role(one.role) for one in own)


async def given_here(db: Connection, request: Request, seen: Belonging) -> frozenset[Role]:
    """What may be given to somebody who belongs here: a partner comes from outside, by an invitation of her own; and no
    pupil gets a role that opens cases."""
    given = grantable(request.standing(seen.community.path)) - {Role.PARTNER}
    return given - PROVEN if await storage.families.is_pupil(db, seen.member.person_id) else given


def to_one(seen: Belonging) -> list[Button]:
    return [button(text("Back"), "m.one", seen.member.membership_id)]
