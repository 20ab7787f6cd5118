"""What others can end for whoever works for the hotline: everything at once for a lost phone, or a forgotten PIN.

Rules 14 and 18 of docs/safeguarding.md. Nobody does it for herself: it is for when her phone is in other hands.
"""

import storage.cases
import storage.communities
import storage.pages
import storage.persons
import storage.pins
from domain.cases import Deed
from domain.communities import Belonging
from domain.logbook import highest_of
from domain.messages import Button, Edit, Lane, Outgoing, Say, ToPerson, button, lines, text
from domain.requests import Community, Request
from domain.roles import HOTLINE_GRANTERS, OFFICES, PROVEN, Role
from handlers import menus
from handlers.communities.find import to_list
from handlers.route import not_here
from storage.database import Connection


async def doors(db: Connection, request: Request, seen: Belonging) -> list[list[Button]]:
    """What the page of a member offers for this."""
    rows: list[list[Button]] = []
    if await _may_end(db, request, seen):
        # NOTE: button. Somebody who works for the hotline has lost her phone: all her rights there end at once.
        rows.append([button(text("Lost phone"), "m.lost", seen.member.membership_id)])
    if _is_another(request, seen, PROVEN) and _may_reset(request, seen, seen.community):
        # NOTE: button. Removes the PIN of somebody who works for the hotline, who has forgotten it.
        rows.append([button(text("Remove PIN"), "m.pin", seen.member.membership_id)])
    return rows


async def _may_end(db: Connection, request: Request, seen: Belonging) -> bool:
    """Whether she works for the hotline where the asker may end it: whatever else of hers is looked at."""
    if seen.member.state != "active" or seen.member.person_id == request.person.id:
        return False
    held = await storage.persons.held_by(db, seen.member.person_id, request.now)
    offices = [one for one in held if one.role in OFFICES]
    return any(request.may(HOTLINE_GRANTERS, one.path) for one in offices)


def _is_another(request: Request, seen: Belonging, roles: frozenset[Role]) -> bool:
    return (
        Role(seen.member.role) in roles
        and seen.member.state == "active"
        and seen.member.person_id != request.person.id
        and request.may(HOTLINE_GRANTERS, seen.community.path)
    )


def _may_reset(request: Request, seen: Belonging, place: Community) -> bool:
    """A supervisor for everybody else; a coordinator only for a supervisor, who may be the only one, and for a
    psychologist in her community: no supervisor need be there."""
    held = request.standing(place.path).leads
    by_coordinator = seen.member.role in (Role.SUPERVISOR, Role.PSYCHOLOGIST)
    return Role.SUPERVISOR in held or (Role.COORDINATOR in held and by_coordinator)


def _supervises(request: Request, place: Community) -> bool:
    return Role.SUPERVISOR in request.standing(place.path).leads


async def revoke(db: Connection, request: Request, person_id: int, here: Community) -> list[Community]:
    """Every office of hers that the asker may end is over; at the next look of jobs.cases her cases wait again, and
    what stands of them in her chats is taken back. Offices that lie above the asker stay, locked: returned."""
    for place in [here, *await storage.communities.offices_of(db, person_id)]:
        if place.id == here.id or request.may(HOTLINE_GRANTERS, place.path):
            await storage.communities.end_hotline_roles(db, person_id, place.id)
    left = await storage.communities.offices_of(db, person_id)
    held = await storage.persons.held_by(db, person_id, request.now)
    if any(one.role in PROVEN for one in held):  # whoever has her phone has not her PIN: without one he would choose it
        await storage.pins.lock(db, person_id)
    else:
        await storage.pins.remove(db, person_id)
    if not left:
        await storage.pages.forget_address(db, person_id)
    return left


async def lose_phone(db: Connection, request: Request) -> list[Outgoing]:
    """One tap revokes all."""
    seen: Belonging = request.subject
    if not await _may_end(db, request, seen):
        raise not_here()
    member, community = seen.member, seen.community
    left = await revoke(db, request, member.person_id, community)
    await _log(db, request, Deed.PHONE_LOST, member.person_id)
    told = lines(
        text(
            "✓ Lost phone: the work of %(name)s for the hotline has ended. The cases wait for others.",
            name=member.called,
        ),
        text("The roles of this person in communities above yours are locked, too.") if left else None,
    )
    supervisors = [one for place in (community, *left) for one in await _supervisors(db, request, place)]
    others = dict.fromkeys(one for one in supervisors if one not in (request.person.id, member.person_id))
    return [
        Edit(told, [[to_list(community)]]),
        *(Say(told, to=ToPerson(one), lane=Lane.CASE) for one in others),
        await menus.menu_of(db, request, member.person_id),
    ]


async def _log(db: Connection, request: Request, deed: Deed, whom: int) -> None:
    role = highest_of(request.roles) if request.roles & OFFICES else Role.COORDINATOR.value
    await storage.cases.log_of_staff(db, role, deed, request.now, person_id=request.person.id, whom=whom)


async def _supervisors(db: Connection, request: Request, place: Community) -> list[int]:
    along = await storage.communities.along(db, place.path, request.now, frozenset({Role.SUPERVISOR}))
    return [member.person_id for _, member in along]


async def remove_pin(db: Connection, request: Request) -> list[Outgoing]:
    """She chooses a new one when she next needs it. It opens all her offices: only who supervises all of them removes
    it."""
    seen: Belonging = request.subject
    member = seen.member
    offices = await storage.communities.offices_of(db, member.person_id)
    if not _is_another(request, seen, PROVEN):
        raise not_here()
    if not all(_may_reset(request, seen, place) for place in (seen.community, *offices)):
        raise not_here()
    if seen.member.role == Role.PSYCHOLOGIST and not all(_supervises(request, place) for place in offices):
        raise not_here()  # the PIN of her office is no business of whoever made her a psychologist
    if await storage.pins.remove(db, member.person_id):
        await _log(db, request, Deed.PIN_REMOVED, member.person_id)
    told = text("✓ The PIN is removed. %(name)s chooses a new one at the next tap.", name=member.called)
    to_her = text("Your PIN was removed. You choose a new one when you next open something.")
    return [
        Edit(told, [[to_list(seen.community)]]),
        Say(to_her, to=ToPerson(member.person_id), lane=Lane.CASE),
    ]
