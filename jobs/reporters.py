"""What time triggers for whoever reported: what waited for her hours is said, and she is asked how she is treated."""

from datetime import datetime

import storage.cases
import storage.persons
from domain.cases import COPIES_DELETABLE, Deed
from domain.messages import Outgoing, Text, button, text
from storage.cases.codes import TRIES_COUNT
from storage.database import Connection


async def say_what_waited(db: Connection, now: datetime) -> list[Outgoing]:
    """It waits on while she can't be reached: nothing of it is thrown into the void."""
    cases = await storage.cases.with_held(db)
    accounts = await storage.persons.accounts(db, [case.reporter.identity_id for case in cases])
    said: list[Outgoing] = []
    for case in cases:
        account = accounts.get(case.reporter.identity_id)
        if account is not None and account.place is not None:
            said += await storage.cases.say_held(db, case, now)
    return said


async def ask_after(db: Connection, now: datetime) -> list[Outgoing]:
    """Rule 12. The days count from the first answer or the closing, whichever came first: from then on those whom it is
    about may notice that somebody has spoken."""
    said: list[Outgoing] = []
    for case in await storage.cases.to_ask_after(db, now):
        if not await storage.cases.claim_asking(db, case, now):
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
