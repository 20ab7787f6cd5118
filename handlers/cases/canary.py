"""A helper has taken the weekly test: thank you."""

import storage.canary
import storage.cases
from domain.canary import Ended
from domain.cases import Case, Deed
from domain.messages import Say, text_n
from domain.requests import Request
from storage.database import Connection


async def thank(db: Connection, request: Request, case: Case) -> Say:
    """It is closed, and nobody but her hears of it."""
    ended = await storage.canary.finish(db, case, Ended.TAKEN, request.now)
    await storage.cases.log(db, case.id, "clock", Deed.CLOSED, request.now)
    return Say(
        text_n(
            "This was the weekly test: thank you. It took %(n)s minute.",
            "This was the weekly test: thank you. It took %(n)s minutes.",
            ended.minutes,
        )
    )
