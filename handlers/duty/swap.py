"""A shift of one day changes hands: one offers it, another takes it by a tap, the head of the helpers sees it."""

import storage.duty
import storage.hotline
from domain.duty import Shift, Swap
from domain.messages import Edit, Outgoing, Refused, Say, Text, ToPerson, button, text
from domain.requests import Request
from domain.roles import Role
from handlers.duty.office import Office, enter, post_of
from handlers.route import not_here
from storage.database import Connection

_TAKEN = text("Somebody has taken this shift, or it is offered no more. /duty shows how it stands.")


async def offer(db: Connection, request: Request) -> list[Outgoing]:
    """args: day, shift, post. The others hear of it."""
    office = await enter(db, request, Role.WORKER)
    post, me = post_of(request, 2), request.person.id
    shift = office.shift(request.args[0], request.number(1))
    if office.stored is None or shift is None or shift.pair.at(post) != me:
        raise not_here()
    swap = Swap(0, shift.on, shift.slot.shift, post, me)
    swap_id = await storage.duty.offer(db, office.stored.id, swap)
    if swap_id is None:
        raise Refused(_TAKEN)
    told = text("%(name)s offers a shift: %(at)s", name=office.name(me), at=office.at(shift))
    take = [[button(text("Take: %(at)s", at=office.short(shift)), "du.take", swap_id)]]
    others = [one for one in dict.fromkeys(office.facts.workers) if one not in (shift.pair.worker, shift.pair.backup)]
    said = Say(text("Your shift is offered. Until somebody takes it, it stays yours: %(at)s", at=office.at(shift)))
    return [said, *(Say(told, take, to=ToPerson(one)) for one in others)]


async def keep(db: Connection, request: Request) -> list[Outgoing]:
    """args: swap. She keeps it after all."""
    await enter(db, request, Role.WORKER)
    if not await storage.duty.withdraw(db, request.number(0), request.person.id):
        raise Refused(_TAKEN)
    return [Edit(text("The shift stays yours."))]


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """args: swap. The shift is hers, if she is first and can be on duty then."""
    office = await enter(db, request, Role.WORKER)
    swap, shift = await _offered(db, office, request.number(0))
    if request.person.id not in office.facts.workers:
        raise not_here()
    if request.person.id in (shift.pair.worker, shift.pair.backup):
        raise Refused(text("You are on duty in this shift already: helper and backup are two people."))
    if office.stored is None or await storage.duty.take(db, office.stored.id, swap.id, request.person.id) is None:
        raise Refused(_TAKEN)
    told = _swapped(office, shift, swap, request.person.id)
    supervisors = [one.person_id for one in office.facts.able(Role.SUPERVISOR)]
    whom = [one for one in dict.fromkeys([swap.giver, *supervisors]) if one != request.person.id]
    return [
        Edit(text("✓ The shift is yours: %(at)s", at=office.at(shift))),
        *(Say(told, to=ToPerson(one)) for one in whom),
    ]


async def _offered(db: Connection, office: Office, swap_id: int) -> tuple[Swap, Shift]:
    """Raises Refused."""
    offers = await storage.duty.offered(db, office.stored.id, office.today) if office.stored else []
    swap = next((one for one in offers if one.id == swap_id), None)
    shift = office.shift(swap.on.isoformat(), swap.shift) if swap else None
    if swap is None or shift is None or shift.pair.at(swap.post) != swap.giver:
        raise Refused(_TAKEN)
    return swap, shift


def _swapped(office: Office, shift: Shift, swap: Swap, taker: int) -> Text:
    return text(
        "Swapped, %(at)s: %(taker)s instead of %(giver)s.",
        at=office.at(shift),
        taker=office.name(taker),
        giver=office.name(swap.giver),
    )
