"""A report is taken back: nothing more is said about it, and somebody of the staff looks and closes it. It never leaves
the queue by itself: who took it back may have been made to."""

import storage.cases
import storage.hotline
from domain import ladder
from domain.cases import Case, Deed, Stage, State, about_card
from domain.messages import Edit, Lane, Outgoing, Say, Text, ToPerson, Words, button, paragraphs, text
from domain.requests import Request
from domain.roles import HOTLINE
from handlers.cases import claim, notice
from handlers.cases.mine import own
from handlers.route import not_here
from storage.database import Connection


async def ask(_db: Connection, request: Request) -> list[Outgoing]:
    case = _open(request)
    # NOTE: button. A report is taken back by whoever sent it.
    back = button(text("Yes, take back"), "my.back.yes", case.id)
    # NOTE: button. A report stays as it is.
    keep = button(text("Keep it"), "my", case.id)
    rows = [[back], [keep]]
    return [Say(_ASKED[case.answers.about], notice.with_doors(rows))]


_ASKED: dict[str, Text] = {
    # NOTE: child
    "me": text(
        "You can take your report back. Then I write nothing more to you, and a helper closes it. "
        "But if somebody is in danger, the helpers must still do something. It is all right to take it back."
    ),
    "pupil": text(
        "The report can be taken back. Then I write nothing more about it, and a helper closes it. "
        "But if somebody is in danger, the helpers must still act."
    ),
}


def _open(request: Request) -> Case:
    case = own(request)
    if case.state is State.CLOSED or case.withdrawn_at is not None:
        raise not_here()
    return case


async def withdraw(db: Connection, request: Request) -> list[Outgoing]:
    case = _open(request)
    if not await storage.cases.withdraw(db, case, request.now):
        raise not_here()
    await storage.cases.drop_held(db, case)
    await storage.cases.log(db, case.id, "reporter", Deed.WITHDRAWN, request.now)
    said = paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text("✓ Report %(number)s is taken back. I write nothing more about it.", number=Words(case.number)),
        # NOTE: read by pupils and by teachers: without a form of address
        text("If help is wanted again, a few words are enough: /mycases. Or call at any time:"),
        await storage.hotline.helplines(db, request.person.id),
    )
    return [Edit(said, notice.with_doors([])), *await _tell_staff(db, request, case)]


async def _tell_staff(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    """Its worker; without one who can be reached it waits again, and who is on duty hears of it."""
    at_work = await storage.cases.at_hand(db, case, HOTLINE, request.now)
    told = text(
        "case %(number)s: taken back. Is somebody in danger? Please look, then close it.", number=Words(case.number)
    )
    card = about_card(case)
    if case.state is State.TAKEN and case.worker_id in at_work:
        look = button(text("Open"), "cs", case.id)
        return [Say(told, [[look]], to=ToPerson(case.worker_id), lane=Lane.CASE, card=card)]
    gone = await claim.take_from_worker(db, case)
    if case.state is State.TAKEN:
        await storage.cases.put_back(db, case, case.desk, request.now)
        await storage.cases.log(db, case.id, "clock", Deed.REOPENED, request.now)
    there = await storage.hotline.there_for(db, case, request.now)
    called = [] if ladder.sleeps(case, there) else ladder.called(case, Stage.PAGED, there)
    take = button(text("Take"), "cs.take", case.id)
    return [*(Say(told, [[take]], to=ToPerson(one), lane=Lane.CASE, card=card) for one in called), *gone]
