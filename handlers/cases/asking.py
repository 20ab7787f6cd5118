"""What every form of the staff about a case has in common: each question is a copy that is known and taken back, the
right is looked at again with each of them, and what was typed leaves the chat."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import storage.cases
from domain.cases import Case, Section
from domain.messages import Body, Keyboard, Moment, Refused, Say, text
from domain.plans import DAYS_OFFERED
from domain.requests import Request
from domain.when import NotUnderstood, read_date
from domain.writing import clean, units
from handlers.cases import claim
from handlers.forms import Answers, Choice, Copies, Reads
from handlers.route import not_here
from storage.database import Connection

STAFF_FORMS = "form:cs_"  # how the steps of these forms begin


async def drafted(db: Connection, request: Request, answers: Answers, section: Section) -> Case:
    """The case that a form is about, if she still has the right to this section of it. Raises Refused."""
    case = await storage.cases.seen_by(db, answers["case"], request.person.id)
    if case is None or not claim.has(request, case, section):
        raise not_here()
    return case


def copied(section: Section) -> Copies:
    """The questions of a form about this section of a case."""

    async def copy(
        db: Connection, request: Request, answers: Answers, body: Body, buttons: Keyboard, token: int
    ) -> Say:
        case = await drafted(db, request, answers, section)
        return await claim.copy(db, request, case, body, buttons=buttons, asks=token)

    return copy


def words(most: int) -> Reads:
    """Words of at most so many characters."""

    def read(request: Request, _answers: Answers) -> str:
        return words_of(request, most)

    return read


def words_of(request: Request, most: int) -> str:
    """Raises Refused."""
    written = clean(request.words)
    if request.incoming.parts or not written or units(written) > most:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=most))
    return written


# --- a day ------------------------------------------------------------------------------------------------------------


async def days(_db: Connection, request: Request, _answers: Answers) -> Sequence[Choice]:
    """The next two weeks."""
    zone = _zone(request)
    today = request.now.astimezone(zone).date()
    ahead = [today + timedelta(days=number) for number in range(1, DAYS_OFFERED + 1)]
    # NOTE: button
    first = text("Tomorrow")
    return [
        Choice(text("%(day)s", day=_shown(request, day)) if day != ahead[0] else first, day.isoformat())
        for day in ahead
    ]


def read_day(request: Request, _answers: Answers) -> str:
    """A day in words, later than today. Raises Refused."""
    zone = _zone(request)
    today = request.now.astimezone(zone).date()
    found = read_date(request.words, request.now, zone, request.person.language)
    if isinstance(found, NotUnderstood) or found <= today:
        example = _shown(request, today + timedelta(days=21))
        raise Refused(text("Please tap a day, or write one that is ahead. For example: %(example)s", example=example))
    return found.isoformat()


def _shown(request: Request, day: date) -> Moment:
    zone = _zone(request)
    return Moment(datetime.combine(day, time(12), zone), zone.key, show="day")


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(request.community.zone if request.community else request.person.zone)
