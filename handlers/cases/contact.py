"""What the hotline says to a reporter of its own accord, and how: every word that staff or the clock cause goes this
way. It comes at the hours she chose, behind the line she chose, and to the account that the report came from."""

from datetime import datetime

import storage.cases
from domain.cases import Case
from domain.messages import Body, Keyboard, Outgoing
from storage.database import Connection


async def say(
    db: Connection,
    case: Case,
    body: Body,
    buttons: Keyboard,
    now: datetime,
    *,
    receipt: tuple[str, ...] = (),
    protected: bool = False,
    passing: bool = False,
) -> list[Outgoing]:
    """What goes out at once of it; nothing, while it waits for her hours (jobs.reporters) or for her (release).
    `passing`: it is never said if something else comes before its hour."""
    said = await storage.cases.say_to_reporter(
        db, case, body, buttons, now, receipt=receipt, protected=protected, passing=passing
    )
    return [*said]


async def release(db: Connection, identity_id: int, now: datetime) -> list[Outgoing]:
    """She writes or taps here just now: what waits for her comes at once, in its order."""
    return [*await storage.cases.say_held_to(db, identity_id, now)]
