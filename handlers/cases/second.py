"""Asking a second person: what one must not do alone waits for her, and is never silently forgotten."""

from collections.abc import Mapping
from typing import Any

import storage.cases
from domain.cases import Case, Deed, about_card
from domain.messages import Lane, Refused, Say, Text, ToPerson, Words, button, text
from domain.requests import Request
from domain.roles import Role
from domain.second_person import JUDGES, Matter
from handlers.cases import claim
from storage.database import Connection

# Who decides: the first of these offices in which somebody else can be reached.
OFFICES: Mapping[Matter, tuple[Role, ...]] = {
    Matter.CLOSING: (Role.SUPERVISOR,),
    Matter.LOWERING: (Role.SUPERVISOR,),
    Matter.UNMASKING: (Role.CUSTODIAN, Role.SUPERVISOR),
    Matter.BREAKING: JUDGES,
    Matter.KEEPING_OUT: (Role.CUSTODIAN, Role.WORKER),  # there is no other supervisor
}


async def deciders(db: Connection, request: Request, case: Case, matter: Matter, *but: int) -> tuple[Role, list[int]]:
    """The office that decides, and who of it is asked; the last office and nobody, when there is nobody."""
    office, others = OFFICES[matter][-1], list[int]()
    for office in OFFICES[matter]:
        others = await storage.cases.on_call_besides(db, case, office, request.now, request.person.id, *but)
        if others:
            break
    return office, others


async def ask(
    db: Connection,
    request: Request,
    case: Case,
    matter: Matter,
    content: Mapping[str, Any],
    nobody: Text,
    *but: int,
) -> list[Say]:
    """Others are asked to agree, `but` whom it is about. Raises Refused, with `nobody`, when there is nobody else."""
    office, others = await deciders(db, request, case, matter, *but)
    if not others:
        raise Refused(nobody)
    ask_id = await storage.cases.ask(db, case, matter, request.person.id, office, content, request.now)
    await claim.log(db, request, case, Deed.ASKED_SECOND)
    return [question(case, matter, ask_id, one) for one in others]


def question(case: Case, matter: Matter, ask_id: int, person_id: int) -> Say:
    """The number and what it is about; everything else stands behind the button."""
    look = button(text("Open"), "cs.second", case.id, ask_id)
    return Say(about(case, matter), [[look]], to=ToPerson(person_id), lane=Lane.CASE, card=about_card(case))


def about(case: Case, matter: Matter) -> Text:
    number = Words(case.number)
    match matter:
        case Matter.CLOSING:
            return text("case %(number)s: is to be closed, please look at it", number=number)
        case Matter.LOWERING:
            return text("case %(number)s: a lower risk is asked for, please look at it", number=number)
        case Matter.UNMASKING:
            return text("case %(number)s: somebody asks for the name, please look at it", number=number)
        case Matter.KEEPING_OUT:
            return text("case %(number)s: somebody is to be kept out, please look at it", number=number)
        case Matter.BREAKING:
            return text("case %(number)s: the name was opened in danger, please judge it within a day", number=number)
