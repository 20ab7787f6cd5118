"""What time triggers a day after somebody was in danger (rule 9)."""

from datetime import datetime

import storage.cases
from domain import follow_up
from domain.cases import Case, Deed, about_card
from domain.messages import Lane, Outgoing, Say, ToPerson, button, text
from domain.roles import HOTLINE, Role
from storage.database import Connection


async def ask(db: Connection, now: datetime) -> list[Outgoing]:
    """Whoever works on the case and the supervisors are asked to look again; the supervisors once more, when nothing
    was answered or noted after it."""
    said: list[Outgoing] = []
    for case, entries in await storage.cases.in_danger(db):
        if follow_up.is_due(case, entries, now):
            again = follow_up.is_again(case, entries)
            await storage.cases.log(db, case.id, "clock", Deed.FOLLOW_UP, now)
            said += [_say(case, one) for one in await _called(db, case, now, again=again)]
    return said


async def _called(db: Connection, case: Case, now: datetime, *, again: bool) -> list[int]:
    supervisors = await storage.cases.on_call(db, case, frozenset({Role.SUPERVISOR}), now)
    at_hand = await storage.cases.at_hand(db, case, HOTLINE, now)
    worker = [one for one in at_hand if one == case.worker_id]
    return supervisors if again and supervisors else list(dict.fromkeys([*worker, *supervisors]))


def _say(case: Case, person_id: int) -> Say:
    look = button(text("Open"), "cs", case.id)
    return Say(follow_up.asked(case), [[look]], to=ToPerson(person_id), lane=Lane.CASE, card=about_card(case))
