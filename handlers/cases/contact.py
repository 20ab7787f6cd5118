"""What the hotline says to a reporter of its own accord, and how: every word that staff or the clock cause goes this
way."""

from datetime import datetime

from domain.cases import Case
from domain.messages import Body, Keyboard, Lane, Outgoing, Say, ToIdentity
from storage.database import Connection


async def say(
    _db: Connection,
    case: Case,
    body: Body,
    buttons: Keyboard,
    _now: datetime,
    *,
    receipt: tuple[str, ...] = (),
    protected: bool = False,
) -> list[Outgoing]:
    """To the account that the report came from, and to no other."""
    to = ToIdentity(case.reporter.identity_id)
    return [Say(body, buttons, to=to, lane=Lane.CASE, protected=protected, receipt=receipt)]
