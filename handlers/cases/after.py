"""Seven and thirty days after others could notice that something is done: was anybody treated badly for it?"""

from dataclasses import replace

import storage.cases
from domain.cases import Deed, Desk, Risk, at_least
from domain.messages import Edit, Outgoing, paragraphs, text
from domain.requests import Request
from handlers.cases import mine, notice
from handlers.cases.mine import own
from handlers.cases.open import nobody, when_read
from handlers.route import not_here
from storage.database import Connection


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, yes or no."""
    case = own(request)
    match request.args[1:2]:
        case ("yes",):
            pass
        case ("no",):
            await storage.cases.log(db, case.id, "reporter", Deed.NOT_TREATED_BADLY, request.now)
            # NOTE: read by pupils and by teachers: without a form of address
            told = text("Thank you. If that changes, a few words are enough: /mycases")
            return [Edit(told, notice.with_doors([]))]
        case _:
            raise not_here()
    await storage.cases.log(db, case.id, "reporter", Deed.TREATED_BADLY, request.now)
    risk = at_least(case.risk, Risk.HIGH)
    called, on_duty = await mine.back_to_queue(db, request, case, Desk.SUPERVISORS, risk)
    # NOTE: read by pupils and by teachers: without a form of address
    thanks = text("Thank you for telling me. That must not happen. The head of the helpers looks at the report again.")
    when = when_read(risk) if on_duty else await nobody(db, replace(case, risk=risk), request.now)
    said = paragraphs(thanks, when, await notice.helplines(db, request.person.id))
    return [Edit(said, notice.with_doors(mine.ways(case))), *called]
