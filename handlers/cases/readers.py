"""*Who read it?*: whoever reported may ask who has read the report, and hears offices and days, never names."""

from zoneinfo import ZoneInfo

import storage.cases
from domain.cases import Deed
from domain.logbook import OPENINGS, Entry
from domain.messages import Moment, Outgoing, Say, Text, Words, lines, paragraphs, text
from domain.requests import Request
from domain.roles import Role
from handlers.cases import mine, notice
from storage.database import Connection

_LOOKED_AT, _SHOWN = 500, 20


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """Each office once a day, the newest day first."""
    case = mine.own(request)
    entries = await storage.cases.reads_of(db, case, _LOOKED_AT)
    await storage.cases.log(db, case.id, "reporter", Deed.ASKED, request.now)
    zone = ZoneInfo(request.person.zone)
    days = {(entry.at.astimezone(zone).date(), _kind(entry)): _line(entry) for entry in entries}
    if not days:
        # NOTE: read by pupils and by teachers: without a form of address
        nobody = text("Nobody has read report %(number)s yet.", number=Words(case.number))
        return [Say(nobody, notice.with_doors([]))]
    # NOTE: read by pupils and by teachers: without a form of address
    told = text("Who has read report %(number)s:", number=Words(case.number))
    return [Say(paragraphs(told, lines(*list(days.values())[:_SHOWN])), notice.with_doors([]))]


def _kind(entry: Entry) -> str:
    return "name" if entry.deed in OPENINGS else entry.role


def _line(entry: Entry) -> Text:
    day = Moment(entry.at, show="day")
    if _kind(entry) == "name":
        # NOTE: read by pupils and by teachers: without a form of address. Two people of the hotline, or one in danger,
        # have opened the name of who reported.
        return text("%(day)s: somebody of the hotline looked up who sent this; the reason is written down", day=day)
    if entry.role == Role.WORKER:
        # NOTE: read by pupils and by teachers. Who has read a report: "Mon 1 December: a helper".
        return text("%(day)s: a helper", day=day)
    if entry.role == Role.SUPERVISOR:
        # NOTE: read by pupils and by teachers. Who has read a report.
        return text("%(day)s: the head of the helpers", day=day)
    # NOTE: read by pupils and by teachers. Who has read a report.
    return text("%(day)s: somebody else of the hotline", day=day)
