"""Once a week a report that nobody wrote is sent by the way of all reports, and somebody must take it in its time."""

from datetime import datetime

import storage.canary
import storage.cases
import storage.communities
import storage.hotline
from domain import canary, ladder
from domain.canary import Canary, Ended
from domain.cases import Answers, Case, Deed, Desk, Stage, about_card, page, page_card
from domain.messages import Edit, Lane, Outgoing, Say, ToPerson, Words, text
from domain.roles import HOTLINE, Role
from storage.database import Connection


async def send(db: Connection, now: datetime) -> list[Outgoing]:
    """When its moment has come and somebody is on duty. The first moment, and the next one, are drawn here."""
    due = await storage.canary.next_at(db)
    network = await storage.communities.root(db) if due is None or now >= due else None
    if network is None:
        return []
    if due is None:
        await storage.canary.save_next(db, canary.after(now, network.zone, storage.canary.random_minute()))
        return []
    stored = await storage.hotline.roster(db, network, now)
    if stored is None or stored.roster.at(now) is None:  # nobody would take it: it waits for the shift
        return []
    await storage.canary.save_next(db, canary.after(now, network.zone, storage.canary.random_minute()))
    return await _begin(db, now)


async def _begin(db: Connection, now: datetime) -> list[Outgoing]:
    """Like any report, but that nobody sent it."""
    case = await storage.cases.open_case(db, 0, 0, Answers(), canary.RISK, Desk.WORKERS, now, is_test=True)
    await storage.cases.log(db, case.id, "clock", Deed.OPENED, now)
    await storage.canary.save_last(db, Canary(case.opened_at))
    called = ladder.called(case, Stage.PAGED, await storage.hotline.there_for(db, case, now))
    if called:
        await storage.cases.log(db, case.id, "clock", Deed.PAGED, now)
    return [*page(case, now, called)]


async def end_missed(db: Connection, now: datetime) -> list[Outgoing]:
    """A test that nobody took in its clock: the heads of the helpers hear of it, and whoever runs the bot (by
    bot.lookout)."""
    said: list[Outgoing] = []
    for case in await storage.cases.waiting(db):
        if case.is_test and now >= case.due_at:
            await storage.canary.finish(db, case, Ended.MISSED, now)
            await storage.cases.log(db, case.id, "clock", Deed.CLOSED, now)
            said += await _tell(db, case, now)
    return said


async def _tell(db: Connection, case: Case, now: datetime) -> list[Outgoing]:
    supervisors = await storage.cases.on_call(db, case, frozenset({Role.SUPERVISOR}), now)
    told = text(
        "Nobody took the weekly test of the hotline in time: case %(number)s. A real report would have waited just as "
        "long. Who was on duty: /duty",
        number=Words(case.number),
    )
    over = text("case %(number)s: it was the weekly test, and it is over", number=Words(case.number))
    return [
        *(
            Edit(over, card=page_card(case), to=ToPerson(one), lane=Lane.CASE)
            for one in await storage.cases.on_call(db, case, HOTLINE, now)
        ),
        *(Say(told, to=ToPerson(one), lane=Lane.CASE, card=about_card(case)) for one in supervisors),
    ]
