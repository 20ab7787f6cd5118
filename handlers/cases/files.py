"""Files of a case: the messenger is asked for their bytes at once, and what it answers is kept sealed."""

import storage.cases
import storage.files
from domain.cases import Case, about_card, asking
from domain.messages import Lane, Outgoing, Say, Text, ToPerson, Words, button, text
from domain.requests import Request
from storage.database import Connection
from storage.files import Wanted


async def fetch(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    """Asks the messenger for what of this case's files is not here."""
    return [asking(one.channel, one.part) for one in await storage.files.due_of(db, case, request.now)]


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """The bytes, or why there are none. args: part."""
    wanted = await storage.files.wanted(db, int(request.args[0]))
    if wanted is None:
        return []
    answer = request.incoming.answer
    if "content" in answer:
        await storage.files.save(db, wanted, answer["content"])
        return []
    if answer.get("why") == "too_big":
        await storage.files.give_up(db, wanted)
    elif await storage.files.not_yet(db, wanted, request.now):
        return []
    return await _tell(db, request, wanted)


async def _tell(db: Connection, request: Request, lost: Wanted) -> list[Outgoing]:
    """Both sides: the one can send it again, the other must not wait for it."""
    case = lost.case
    # NOTE: button
    write = button(text("Write to the helper"), "my.say", case.id)
    said: list[Outgoing] = [*await storage.cases.say_to_reporter(db, case, _LOST, [[write]], request.now)]
    if case.worker_id is None:
        return said
    told = text("case %(number)s: a file could not be fetched", number=Words(case.number))
    knows = await storage.cases.without_excluded(db, case, [case.worker_id])
    return [*said, *(Say(told, to=ToPerson(one), lane=Lane.CASE, card=about_card(case)) for one in knows)]


# NOTE: child
_LOST: Text = text("A photo, video or voice message did not arrive. Please send it once more. A video must be shorter.")
