"""The monthly look: a supervisor is shown some reads of others, and says of each whether it is all right."""

import storage.cases
from domain import log_cards
from domain.cases import Deed
from domain.logbook import Entry
from domain.messages import Edit, Lane, Outgoing, Say, ToPerson, paragraphs, text
from domain.requests import Request
from domain.roles import Role
from handlers.route import not_here
from storage.database import Connection

_TOLD = frozenset({Role.AUDITOR, Role.SUPERVISOR})


async def find_fine(db: Connection, request: Request) -> list[Outgoing]:
    """args: entry."""
    await _judged(db, request, Deed.FOUND_FINE)
    return [Edit(text("✓ Noted: all right."), lane=Lane.CASE)]


async def find_odd(db: Connection, request: Request) -> list[Outgoing]:
    """The auditors and the other supervisors hear of it, but whoever it is about. args: entry."""
    entry = await _judged(db, request, Deed.FOUND_ODD)
    told = [
        one
        for one in await storage.cases.offices(db, _TOLD, request.now)
        if one != request.person.id
        and storage.cases.mark_of(db, one) != entry.who
        and await storage.cases.entry_of_read(db, entry.id, one)
    ]
    said = paragraphs(text("A supervisor finds this entry of the log odd. Please look into it:"), log_cards.line(entry))
    return [
        Edit(text("✓ Noted: this is odd. The auditor and the other supervisors are told."), lane=Lane.CASE),
        *(Say(said, to=ToPerson(one), lane=Lane.CASE, card=log_cards.card_of(entry)) for one in told),
    ]


async def _judged(db: Connection, request: Request, deed: Deed) -> Entry:
    """The entry that a tap names; what she says of it is an entry, too. Nobody judges a read of her own."""
    entry = await storage.cases.entry_of_read(db, request.number(0), request.person.id)
    if entry is None or entry.who == storage.cases.mark_of(db, request.person.id):
        raise not_here()
    await storage.cases.log(
        db,
        entry.case_id,
        Role.SUPERVISOR.value,
        deed,
        request.now,
        person_id=request.person.id,
        part_id=entry.id,
    )
    return entry
