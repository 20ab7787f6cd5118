"""A case that begins with a plan: whoever works with pupils as their psychologist, or for the hotline, opens it, has it
from the beginning, and goes on with its support plan."""

import storage.cases
import storage.communities
import storage.plans
from domain import distress
from domain.cases import WORDS_MOST, Answers, Case, Deed, Desk, Kind, Part, Risk, Side, about_card
from domain.messages import Body, Keyboard, Lane, Outgoing, Say, ToPerson, Words, button, paragraphs, text
from domain.requests import Request
from domain.roles import CARERS
from handlers import forms
from handlers.cases import asking, notice
from handlers.cases.open import written_by
from handlers.forms import Answers as Given
from handlers.forms import Field, Form
from handlers.route import not_here
from storage.database import Connection


async def start(db: Connection, request: Request) -> list[Outgoing]:
    if not await notice.is_open(db, request) or not await notice.may_plan(db, request):
        raise not_here()
    return await forms.start(db, request, FORM)


def _ask_what(_request: Request, _answers: Given) -> Body:
    return text("What worries you about the pupil? Write what you saw or heard, as it was said. Then tap Next.")


async def _open(db: Connection, request: Request, answers: Given) -> list[Outgoing]:
    home = await storage.plans.home_of(db, request.person.id, request.now)
    if home is None:
        raise not_here()
    heard = any(distress.is_heard(words) for words in answers["what"])
    case = await storage.cases.open_case(
        db,
        0,  # nobody has reported it: whoever opens it has her place in the log, and hears nothing as a child would
        0,
        Answers("pupil", by=written_by(request.roles, "pupil")),
        Risk.HIGH if heard else Risk.NORMAL,
        Desk.WORKERS,
        request.now,
        home=home,
    )
    await storage.plans.begin_own(db, case, request.person.id)
    await storage.cases.log(db, case.id, "worker", Deed.OPENED, request.now, person_id=request.person.id)
    for words in answers["what"]:
        await storage.cases.add_part(db, case, Part(Side.REPORTER, Kind.WORDS, words, at=request.now))
    opened = text("✓ Case %(number)s is yours. What shall get better, and who does what?", number=Words(case.number))
    rows = [[button(text("Write a plan"), "pl.new", case.id)], [button(text("Open"), "cs", case.id)]]
    told = Say(paragraphs(opened, text("Your cases: /queue")), rows, card=about_card(case))
    return [told, *await _tell_supervisors(db, request, case)]


async def _tell_supervisors(db: Connection, request: Request, case: Case) -> list[Say]:
    supervisors = await storage.cases.supervisors(db, case, request.now)
    told = text("case %(number)s: opened for a support plan", number=Words(case.number))
    look = [[button(text("Open"), "cs", case.id)]]
    card, others = about_card(case), [one for one in supervisors if one != request.person.id]
    return [Say(told, look, to=ToPerson(one), lane=Lane.CASE, card=card) for one in others]


async def _asked(_db: Connection, _request: Request, _answers: Given, body: Body, buttons: Keyboard, token: int) -> Say:
    return Say(body, buttons, asks=token, protected=True)


FORM = Form(
    "cs_direct",
    (Field("what", _ask_what, read=asking.words(WORDS_MOST), many=True),),
    _open,
    may=CARERS,
    confidential=True,
    copy=_asked,
)
