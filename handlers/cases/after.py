"""Seven and thirty days after others could notice that something is done: was anybody treated badly for it?"""

from collections.abc import Sequence
from dataclasses import replace

import storage.cases
import storage.hotline
from domain.cases import Case, Deed, Desk, Risk, Stage, State, at_least, page
from domain.messages import Edit, Outgoing, paragraphs, text
from domain.requests import Request
from handlers.cases import mine, notice, watch
from handlers.cases.mine import own
from handlers.cases.open import nobody, when_read
from handlers.route import not_here
from storage.database import Connection


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, yes or no. Once for each time she is asked; whoever taps beyond that is shown where help is."""
    case = own(request)
    if request.args[1:2] not in (("yes",), ("no",)):
        raise not_here()
    if not await storage.cases.is_asked_after(db, case):
        return await watch.press(db, request)
    if request.args[1] == "no":
        await storage.cases.log(db, case.id, "reporter", Deed.NOT_TREATED_BADLY, request.now)
        # NOTE: read by pupils and by teachers: without a form of address
        told = text("Thank you. If that changes, a few words are enough: /mycases")
        return [Edit(told, notice.with_doors([]))]
    await storage.cases.log(db, case.id, "reporter", Deed.TREATED_BADLY, request.now)
    return await _treated_badly(db, request, case)


async def _treated_badly(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    risk = at_least(case.risk, Risk.HIGH)
    called, on_duty = await _call(db, request, case, risk)
    # NOTE: read by pupils and by teachers: without a form of address
    thanks = text("Thank you for telling me. That must not happen. The head of the helpers looks at the report again.")
    when = when_read(risk) if on_duty else await nobody(db, replace(case, risk=risk), request.now)
    said = paragraphs(thanks, when, await storage.hotline.helplines(db, request.person.id))
    return [Edit(said, notice.with_doors(mine.ways(case))), *called]


async def _call(db: Connection, request: Request, case: Case, risk: Risk) -> tuple[Sequence[Outgoing], bool]:
    """It is the supervisors' now. One that waits keeps the time that it has waited, and they hear of it at once."""
    if case.state is not State.NEW:
        return await mine.back_to_queue(db, request, case, Desk.SUPERVISORS, risk)
    await storage.cases.take_up_again(db, case)
    await storage.cases.raise_waiting(db, case, risk)
    there = await storage.hotline.there_for(db, case, request.now)
    await storage.cases.log(db, case.id, "clock", Deed.PAGED, request.now)
    called = page(replace(case, risk=risk), request.now, there.supervisors)
    return called, case.stage != Stage.ASLEEP and (there.on_duty or there.has_supervisor)
