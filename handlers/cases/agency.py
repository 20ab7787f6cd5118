"""A referral, on the side of the agency: its own people alone, and nothing but the form and what was said to and fro.
No case, no reporter, no other agency's referral (rules 13 and 17)."""

from collections.abc import Iterable

import storage.cases
import storage.plans
import storage.referrals
from domain.cases import Case, Deed, Scope, Section, about_card, rights
from domain.concerns import CONCERNS
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Lane,
    Outgoing,
    Refused,
    Say,
    Text,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.referrals import LINE_MOST, STATES, URGENCIES, WORDS_MOST, Asked, Referral, State, Told
from domain.requests import Community, Request
from domain.roles import AGENTS
from handlers import forms
from handlers.cases import asking, claim
from handlers.forms import Answers, Field, Form
from handlers.route import not_here
from storage.database import Connection

_STALE = text("This referral has changed meanwhile. /queue shows what waits.")


async def load(db: Connection, referral_id: int, person_id: int) -> Referral | None:
    """An open referral, for whoever has the route's right in the agency it went to."""
    return await storage.referrals.seen_by(db, referral_id, person_id)


def card_of(referral: Referral, *, answered: bool) -> str:
    """The notice of a new referral, and the one of an answer to a question: both can be taken back."""
    return f"referral:{referral.id}:{'answer' if answered else 'new'}"


def call(referral: Referral, person_ids: Iterable[int]) -> list[Say]:
    """What an agency's people are told of a referral: its number."""
    told = text("referral %(number)s: please look at it", number=Words(referral.number))
    # NOTE: button. Opens a referral for the agency it went to.
    rows = [[button(text("Open"), "ag", referral.id)]]
    card = card_of(referral, answered=referral.told.answer is not None)
    return [Say(told, rows, to=ToPerson(one), card=card, lane=Lane.CASE) for one in person_ids]


# --- what it says -----------------------------------------------------------------------------------------------------


def form_of(asked: Asked) -> Body:
    return lines(
        text("About: %(concern)s", concern=CONCERNS[asked.concern]),
        text("How urgent: %(urgency)s", urgency=URGENCIES[asked.urgency]),
        text("Age: %(age)s", age=Words(asked.age)),
        text("Asked for: %(wish)s", wish=asked.wish),
    )


def told_of(told: Told) -> Body | None:
    said = [
        text("The agency asks: %(words)s", words=told.question) if told.question else None,
        text("Answer: %(words)s", words=told.answer) if told.answer else None,
        text("The agency rejects it: %(words)s", words=told.rejected) if told.rejected else None,
        text("The agency has done: %(words)s", words=told.done) if told.done else None,
    ]
    return lines(*said) if any(said) else None


async def waiting(db: Connection, request: Request, agency: Community) -> Say:
    """/queue of an agency's person: its referrals by number and state."""
    found = await storage.referrals.of_agency(db, agency.id, request.person.id)
    listed = [
        text("referral %(number)s: %(state)s", number=Words(one.number), state=STATES[one.state]) for one in found
    ]
    # NOTE: button. Opens the referral with this number.
    rows = [[button(text("Open %(number)s", number=Words(one.number)), "ag", one.id)] for one in found]
    nothing = text("No referral waits.")
    return Say(paragraphs(text("<b>Referrals</b>"), lines(*listed) if listed else nothing), rows)


async def open_one(db: Connection, request: Request) -> list[Outgoing]:
    referral, case = await _own(db, request)
    await _note(db, request, case, Deed.READ, referral)
    return [await _shown(db, request, case, referral)]


async def _own(db: Connection, request: Request) -> tuple[Referral, Case]:
    """The referral of the request with its case, of which nothing is shown. Raises Refused."""
    referral: Referral = request.subject
    return referral, await _case(db, request, referral)


async def _case(db: Connection, request: Request, referral: Referral) -> Case:
    here = request.standing(referral.community.path).here
    case = await storage.cases.get(db, referral.case_id)
    if case is None or not any(Section.REFERRAL in rights(role, Scope.AGENCY) for role in here):
        raise not_here()
    return case


async def _note(db: Connection, request: Request, case: Case, deed: Deed, referral: Referral) -> None:
    await storage.cases.log(db, case.id, "agency", deed, request.now, person_id=request.person.id, part_id=referral.id)


async def _shown(db: Connection, request: Request, case: Case, referral: Referral) -> Say:
    heading = text("<b>Referral %(number)s</b>: %(state)s", number=Words(referral.number), state=STATES[referral.state])
    body = paragraphs(heading, form_of(referral.asked), told_of(referral.told))
    return await claim.copy(db, request, case, body, buttons=_doors(referral))


def _doors(referral: Referral) -> Keyboard:
    # NOTE: button. An agency takes on a referral.
    accept = button(text("Accept"), "ag.yes", referral.id)
    # NOTE: button. An agency does not take on a referral.
    reject = button(text("Reject"), "ag.say", referral.id, "rejected")
    # NOTE: button. An agency has done what a referral asked for.
    done = button(text("Done"), "ag.say", referral.id, "done")
    # NOTE: button. An agency asks one question back.
    ask = [[button(text("Ask back"), "ag.say", referral.id, "question")]] if not referral.told.question else []
    return [[accept, reject] if referral.state is State.SENT else [done], *ask]


# --- what they do -----------------------------------------------------------------------------------------------------


async def accept(db: Connection, request: Request) -> list[Outgoing]:
    referral, case = await _own(db, request)
    if referral.state is not State.SENT or not await storage.referrals.move(db, referral, State.ACCEPTED, request.now):
        raise Refused(_STALE)
    await _note(db, request, case, Deed.REFERRAL_ANSWERED, referral)
    # NOTE: button. An agency has done what a referral asked for.
    done = [[button(text("Done"), "ag.say", referral.id, "done")]]
    mine = Edit(text("✓ Referral %(number)s: accepted. Thank you.", number=Words(referral.number)), done)
    told = text("case %(number)s: an agency has accepted a referral", number=Words(case.number))
    return [mine, *await _tell_author(db, request, case, referral, told)]


async def start_saying(db: Connection, request: Request) -> list[Outgoing]:
    """args: referral, what for: rejected, done or question."""
    referral, _ = await _own(db, request)
    what = request.args[1] if len(request.args) > 1 else ""
    _check(referral, what)
    return await forms.start(db, request, FORM, {"referral": referral.id, "what": what})


def _check(referral: Referral, what: str) -> None:
    """Whether this can be said of it now. Raises Refused."""
    fits = {
        "rejected": referral.state is State.SENT,
        "done": referral.state is State.ACCEPTED,
        "question": not referral.told.question,
    }
    if not fits.get(what, False):
        raise Refused(_STALE)


def _ask_words(_request: Request, answers: Answers) -> Body:
    return _ASKED[answers["what"]]


_ASKED: dict[str, Text] = {
    "rejected": text("Why can't you take it on? One line is enough."),
    "done": text("What was done? One line is enough."),
    "question": text("What do you need to know? You can ask once."),
}
_MOST = {"rejected": LINE_MOST, "done": LINE_MOST, "question": WORDS_MOST}


def _read_words(request: Request, answers: Answers) -> str:
    return asking.words_of(request, _MOST[answers["what"]])


async def _drafted(db: Connection, request: Request, answers: Answers) -> tuple[Referral, Case]:
    """Raises Refused."""
    referral = await storage.referrals.seen_by(db, answers["referral"], request.person.id)
    if referral is None:
        raise not_here()
    return referral, await _case(db, request, referral)


async def _copied(db: Connection, request: Request, answers: Answers, body: Body, buttons: Keyboard, token: int) -> Say:
    _, case = await _drafted(db, request, answers)
    return await claim.copy(db, request, case, body, buttons=buttons, asks=token)


async def _say(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    referral, case = await _drafted(db, request, answers)
    what = answers["what"]
    _check(referral, what)
    await storage.referrals.save_told(db, case, referral.with_told(**{what: answers["words"]}), request.now)
    after = {"rejected": State.REJECTED, "done": State.DONE}.get(what)
    if after is not None and not await storage.referrals.move(db, referral, after, request.now):
        raise Refused(_STALE)
    await _note(db, request, case, Deed.REFERRAL_ANSWERED, referral)
    told = text("case %(number)s: word from an agency", number=Words(case.number))
    return [Say(text("✓ Sent. Thank you.")), *await _tell_author(db, request, case, referral, told)]


FORM = Form(
    "cs_agency",
    (Field("words", _ask_words, read=_read_words),),
    _say,
    may=AGENTS,
    confidential=True,
    copy=_copied,
)


async def _tell_author(db: Connection, request: Request, case: Case, referral: Referral, told: Text) -> list[Say]:
    """Whoever asked, and whoever works on the case by now."""
    open_it = [[button(text("Open"), "rf", case.id)]]
    return [
        Say(told, open_it, to=ToPerson(one), lane=Lane.CASE, card=about_card(case))
        for one in await storage.plans.who_may_hear(db, case, (referral.author, case.worker_id), request.now)
    ]
