"""What time triggers for whoever reported: what waited for her hours is said, and she is asked how she is treated."""

from datetime import datetime

import storage.cases
from domain.cases import COPIES_DELETABLE, Case, Deed, about_card, may_write_at
from domain.messages import Lane, Outgoing, Say, Text, ToPerson, button, text
from domain.roles import HOTLINE
from storage.cases.codes import TRIES_COUNT
from storage.database import Connection


async def say_what_waited(db: Connection, now: datetime) -> list[Outgoing]:
    """Of who can't be reached when her hour comes it waits on until she is back, and who works on it hears so."""
    said: list[Outgoing] = []
    for case in await storage.cases.with_held(db):
        if await storage.cases.is_reached(db, case):
            said += await storage.cases.say_held(db, case, now)
        elif await storage.cases.turn_of(db, case, now) == now:
            await storage.cases.note_stuck(db, case)
            await storage.cases.log(db, case.id, "clock", Deed.UNDELIVERED, now)
            said += await _tell_staff(db, case, now)
    return said


async def _tell_staff(db: Connection, case: Case, now: datetime) -> list[Say]:
    """Its worker; without one who can be reached the supervisors."""
    at_work = await storage.cases.at_hand(db, case, HOTLINE, now)
    called = [one for one in at_work if one == case.worker_id] or await storage.cases.supervisors(db, case, now)
    told = text("%(name)s: not delivered yet. It is sent as soon as the reporter is back.", name=case.reporter.name)
    receipt = ("cases.told", str(case.id))
    card = about_card(case)
    return [Say(told, to=ToPerson(one), lane=Lane.CASE, card=card, receipt=receipt) for one in called]


async def ask_after(db: Connection, now: datetime) -> list[Outgoing]:
    """Rule 12. The days count from the first answer or the closing, whichever came first: from then on those whom it is
    about may notice that somebody has spoken."""
    said: list[Outgoing] = []
    for case in await storage.cases.to_ask_after(db, now):
        by_day = may_write_at(case.answers, case.community.zone, now) in (now, None)
        if not by_day or not await storage.cases.claim_asking(db, case, now):
            continue
        await storage.cases.log(db, case.id, "clock", Deed.ASKED_AFTER, now)
        # NOTE: button
        yes, no = button(text("Yes"), "my.after", case.id, "yes"), button(text("No"), "my.after", case.id, "no")
        rows = [[yes, no], [button(text("🆘 Danger now"), "hl.danger")]]
        said += await storage.cases.say_to_reporter(db, case, _ASKED[case.answers.about], rows, now)
    return said


_ASKED: dict[str, Text] = {
    # NOTE: child
    "me": text("Some time has passed. Has anybody treated you badly since you told us?"),
    "pupil": text("Some time has passed. Has anybody been treated badly because of the report?"),
}


async def forget(db: Connection, now: datetime) -> list[Outgoing]:
    """Messages that can't be deleted from a chat any more, and wrong codes that count no more."""
    await storage.cases.forget_traces(db, now - COPIES_DELETABLE)
    await storage.cases.forget_tries(db, now - TRIES_COUNT)
    return []
