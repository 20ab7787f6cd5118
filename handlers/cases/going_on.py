"""The question of the hotline that is open, asked once more: with its own token, so that nothing of it is lost."""

from domain.messages import Outgoing, Refused, Say, text
from domain.requests import Request
from handlers.cases import code, mine
from handlers.cases import open as report
from storage.database import Connection


async def back(db: Connection, request: Request) -> list[Outgoing]:
    """*Back*, from what was read in between."""
    again = await ask_again(db, request)
    if not again:
        raise Refused(text("This question is over already. /home shows what you can do."))
    return [*again]


async def ask_again(db: Connection, request: Request) -> list[Say]:
    """Nothing where no question of the hotline is open."""
    conversation = request.conversation
    match conversation.step:
        case report.STEP:
            return [report.question(conversation.draft, conversation.token)]
        case mine.STEP:
            return [mine.writing(conversation.token)]
        case mine.OFFER:
            return [await mine.offered(db, request)]
        case code.STEP:
            return [await code.question(db, request, conversation.token)]
        case _:
            return []
