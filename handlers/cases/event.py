"""*Same event*: several reports of one event stand beside each other for the staff. Nothing changes for those who
reported: they never learn of each other (rule 12)."""

import storage.cases
from domain.cases import Case, Deed, Desk, Section, State
from domain.messages import Button, Edit, Keyboard, Outgoing, Say, Words, button, text
from domain.requests import Request
from domain.roles import OFFICES
from handlers.cases import claim, exclusion
from handlers.route import not_here
from storage.database import Connection

_SHOWN = 20
_PAGES_MOST = 1_000


def _case(request: Request) -> Case:
    """Raises Refused."""
    case: Case = request.subject
    if not claim.has(request, case, Section.TRIAGE) or case.state is State.CLOSED:
        raise not_here()
    return case


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """Numbers alone: of those that are joined, and of those that could be. args: case, page."""
    case, page = _case(request), min(request.number(1), _PAGES_MOST)
    me = request.person.id
    joined = await storage.cases.of_same_event(db, case, me)
    found = await storage.cases.joinable(db, case, me, most=_SHOWN + 1, skip=page * _SHOWN)
    rows: Keyboard = [
        *([_apart(case, one, number)] for one, number in joined),
        *([button(Words(number), "cs.join", case.id, one)] for one, number in found[:_SHOWN]),
        *claim.pager("cs.event", page, case.id, goes_on=len(found) > _SHOWN),
    ]
    if not rows:
        return [Say(text("There is no other open case that you could join with it."))]
    told = text("Which case is about the same event as case %(number)s?", number=Words(case.number))
    return [Edit(told, rows) if len(request.args) > 1 else Say(told, rows)]


def _apart(case: Case, other_id: int, number: str) -> Button:
    # NOTE: button. This report and the one with this number are of different events: "Not 7F3K2M".
    return button(text("Not %(number)s", number=Words(number)), "cs.apart", case.id, other_id)


async def join(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, the other one."""
    case, other_id = _case(request), request.number(1)
    other = await storage.cases.seen_by(db, other_id, request.person.id)
    if other is None or other.id == case.id or not _is_open_to(request, other):
        raise not_here()
    knew = {one.id: await storage.cases.at_hand(db, one, OFFICES, request.now) for one in (case, other)}
    await storage.cases.join(db, case.id, other.id)
    await storage.cases.exclude_together(db, case.id, other.id)
    gone: list[Outgoing] = []
    for one in (case, other):
        know = await storage.cases.without_excluded(db, one, knew[one.id])
        for person_id in [person_id for person_id in knew[one.id] if person_id not in know]:
            gone += await exclusion.withdraw(db, one, person_id, request.now)
    for one in (case, other):
        await claim.log(db, request, one, Deed.JOINED)
    told = text(
        "✓ Cases %(number)s and %(other)s are of one event. Those who reported do not learn of it.",
        number=Words(case.number),
        other=Words(other.number),
    )
    return [Edit(told), *gone]


def _is_open_to(request: Request, other: Case) -> bool:
    """Whether this person may know that the other case is there."""
    return other.state is not State.CLOSED and (other.desk is Desk.WORKERS or claim.supervises(request, other))


async def part(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, the other one."""
    case, other_id = _case(request), request.number(1)
    joined = await storage.cases.of_same_event(db, case, request.person.id)
    other = await storage.cases.seen_by(db, other_id, request.person.id)
    if other is None or other_id not in [one for one, _ in joined]:
        raise not_here()
    await storage.cases.part_from(db, case.id, other_id)
    for one in (case, other):
        await claim.log(db, request, one, Deed.PARTED)
    told = text(
        "✓ Cases %(number)s and %(other)s are of different events again.",
        number=Words(case.number),
        other=Words(other.number),
    )
    return [Edit(told)]
