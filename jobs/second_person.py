"""What waits for a second person is never silently forgotten: she is reminded, and the one who asked hears the end."""

from datetime import datetime

import storage.cases
from domain.cases import Case, Deed, about_card
from domain.messages import Lane, Outgoing, Say, ToPerson, Words, button, text
from domain.roles import OFFICES, Role
from domain.second_person import JUDGES, LASTS, Ask, Matter, should_remind
from storage.database import Connection


async def ask_again(db: Connection, now: datetime) -> list[Outgoing]:
    """At half of its time whoever decides is asked again; at the end it expires, and all who should know hear it. What
    was opened in danger never expires: it is asked for every day."""
    said: list[Outgoing] = []
    for case, ask in await storage.cases.asks_waiting(db):
        if should_remind(ask, now):
            said += await _remind(db, case, ask, now)
        elif now >= ask.due_at:
            said += await (_overdue if ask.matter is Matter.BREAKING else _expire)(db, case, ask, now)
    return said


async def _remind(db: Connection, case: Case, ask: Ask, now: datetime) -> list[Say]:
    if not await storage.cases.note_reminded(db, ask, ask.due_at):
        return []
    await storage.cases.log(db, case.id, "clock", Deed.REMINDED, now)
    called = await _deciders(db, case, ask, now)
    return [_say(case, ask, one) for one in called]


async def _deciders(db: Connection, case: Case, ask: Ask, now: datetime) -> list[int]:
    """Who may decide; where nobody of the office is left, the supervisors do from now on, and what was opened in danger
    is judged by whoever of the others is left."""
    others = JUDGES if ask.matter is Matter.BREAKING else () if ask.matter is Matter.KEEPING_OUT else (Role.SUPERVISOR,)
    for office in dict.fromkeys([ask.office, *others]):
        if called := await storage.cases.on_call_besides(db, case, office, now, *ask.parties):
            if office is not ask.office:
                await storage.cases.hand_over(db, ask, office)
            return called
    return []


def _say(case: Case, ask: Ask, person_id: int) -> Say:
    told = text("case %(number)s: a second person is still needed, please look at it", number=Words(case.number))
    look = button(text("Open"), "cs.second", case.id, ask.id)
    return Say(told, [[look]], to=ToPerson(person_id), lane=Lane.CASE, card=about_card(case))


async def _expire(db: Connection, case: Case, ask: Ask, now: datetime) -> list[Say]:
    """Who asked may ask again; the supervisors know that nobody has decided."""
    if not await storage.cases.expire(db, ask):
        return []
    await storage.cases.log(db, case.id, "clock", Deed.EXPIRED, now)
    told = text("case %(number)s: nobody has decided in time. Please ask again.", number=Words(case.number))
    heard = text("case %(number)s: no second person has decided in time", number=Words(case.number))
    others = await storage.cases.on_call_besides(db, case, Role.SUPERVISOR, now, *ask.parties)
    asker = await storage.cases.without_excluded(db, case, [ask.asker_id])
    return [
        *(Say(told, to=ToPerson(one), lane=Lane.CASE, card=about_card(case)) for one in asker),
        *(Say(heard, to=ToPerson(one), lane=Lane.CASE, card=about_card(case)) for one in others),
    ]


async def _overdue(db: Connection, case: Case, ask: Ask, now: datetime) -> list[Say]:
    """Nobody has judged it within a day: whoever should is asked again, and the others who watch are told."""
    if not await storage.cases.note_reminded(db, ask, now + LASTS[ask.matter]):
        return []
    await storage.cases.log(db, case.id, "clock", Deed.REMINDED, now)
    deciders = await _deciders(db, case, ask, now)
    told = text(
        "case %(number)s: nobody has judged yet whether it was right to open the name", number=Words(case.number)
    )
    watching = await storage.cases.at_hand(db, case, frozenset(OFFICES - {Role.WORKER}), now)
    others = [one for one in watching if one not in deciders and one != ask.asker_id]
    return [
        *(_say(case, ask, one) for one in deciders),
        *(Say(told, to=ToPerson(one), lane=Lane.CASE, card=about_card(case)) for one in others),
    ]
