"""What a meeting decided: written down with somebody who takes care of it until a day, given to somebody else, done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import storage.called
import storage.decisions
import storage.meetings
import storage.outbox
import storage.persons
from domain import decisions
from domain.communities import ROLE_NAMES
from domain.decisions import WORDS_MOST, Decision, State
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Moment,
    Outgoing,
    Refused,
    Say,
    Subject,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
)
from domain.names import find
from domain.requests import Request
from domain.roles import LEADERS, STAFF
from domain.times import from_us
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form
from handlers.meetings import when
from handlers.meetings.minutes import desk, line, over
from handlers.route import not_here
from storage.database import Connection
from storage.decisions import Candidate

_OFFERED, _LOOKED_THROUGH = 8, 20_000


async def load(db: Connection, decision_id: int, _person_id: int) -> Decision | None:
    """A decision, for whoever has the route's right in its community."""
    return await storage.decisions.get(db, decision_id)


# --- a decision -------------------------------------------------------------------------------------------------------


async def decide(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting."""
    meeting = over(request)
    if len(await storage.decisions.of_meeting(db, meeting)) >= decisions.MOST:
        raise _too_many()
    return await forms.start(db, request, DECISION_FORM, {"meeting": meeting.id})


def _too_many() -> Refused:
    return Refused(text("A meeting can have %(most)s decisions at most.", most=decisions.MOST))


def _ask_what(_request: Request, _answers: Answers) -> Body:
    return text("What was decided? One sentence, at most %(most)s characters.", most=WORDS_MOST)


def _read_what(request: Request, _answers: Answers) -> str:
    words = decisions.read_words(request.words)
    if words is None:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=WORDS_MOST))
    return words


def _ask_who(_request: Request, _answers: Answers) -> Body:
    return text("Who takes care of it? Tap a name, or write a part of it.")


def _read_who(request: Request, _answers: Answers) -> dict[str, str]:
    words = decisions.read_words(request.words)
    if words is None:
        raise Refused(text("Please write a name, or the beginning of it."))
    return {"find": words}


async def _near(db: Connection, request: Request, _answers: Answers) -> list[Choice]:
    """Those who lead or care for it: most often it is one of them."""
    everybody = await _everybody(db, request)
    own = [one for one in everybody if one.person_id == request.person.id]
    return _choices([*own, *(one for one in everybody if one.role in STAFF)])


async def _everybody(db: Connection, request: Request) -> list[Candidate]:
    return await storage.decisions.candidates(db, community_of(request).path, request.now, _LOOKED_THROUGH)


def _choices(found: Sequence[Candidate]) -> list[Choice]:
    once = {one.person_id: one for one in reversed(found)}
    shown = list(reversed(once.values()))[:_OFFERED]
    return [Choice(_label(one), str(one.person_id)) for one in shown]


def _label(one: Candidate) -> Body:
    return text("%(name)s – %(role)s", name=one.called, role=ROLE_NAMES[one.role])


def _ask_owner(_request: Request, _answers: Answers) -> Body:
    return text("Whom do you mean? If nobody fits, tap “Back” and write the name in another way.")


async def _found(db: Connection, request: Request, answers: Answers) -> list[Choice]:
    everybody = dict(enumerate(await _everybody(db, request)))
    named = [(place, one.called) for place, one in everybody.items()]
    return _choices([everybody[place] for place in find(answers["who"]["find"], named, request.person.language)])


async def _check_who(db: Connection, request: Request, answers: Answers) -> None:
    if _is_sought(answers) and not await _found(db, request, answers):
        raise Refused(text("I find nobody by this name. Try another spelling, or only the beginning."))


def _is_sought(answers: Answers) -> bool:
    return isinstance(answers["who"], dict)


def _ask_day(_request: Request, _answers: Answers) -> Body:
    return text("Until which day? Tap, or write a day. For example: 7 December")


OWNER_FIELDS = (
    Field("who", _ask_who, read=_read_who, choices=_near, columns=1, check=_check_who),
    Field("owner", _ask_owner, choices=_found, columns=1, when=_is_sought),
)
DAY_FIELD = replace(when.FIELDS[0], ask=_ask_day)


def owner_of(answers: Answers) -> int:
    return int(answers["owner"] if _is_sought(answers) else answers["who"])


def due_of(request: Request, answers: Answers) -> Any:
    """The day that was chosen; of a whole moment, that moment."""
    day = answers["day"]
    return decisions.due_on(day, community_of(request).zone) if isinstance(day, str) else from_us(day["start"])


def _review(request: Request, answers: Answers) -> Body:
    return paragraphs(
        text("Please check it once more:"),
        lines(
            text("<b>%(title)s</b>", title=answers["what"]),
            text("Who: %(name)s", name=answers["name"]),
            text("Until: %(day)s", day=Moment(due_of(request, answers), community_of(request).zone, show="day")),
        ),
    )


async def _facts(db: Connection, request: Request, answers: Answers) -> Answers:
    owner = owner_of(answers)
    known = await storage.called.around(db, [owner], community_of(request).path)
    return {"name": known[owner].name if owner in known else "?"}


async def _decide(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    meeting = await storage.meetings.get(db, answers["meeting"])
    drafted = Decision(0, meeting, answers["what"], owner_of(answers), request.person.id, due_of(request, answers))
    new_id = await storage.decisions.add(db, drafted, request.now)
    if new_id is None:
        raise _too_many()
    await storage.decisions.card_is_due(db, meeting.id)
    told = await tell_owner(db, request, replace(drafted, id=new_id))
    return [Say(text("✓ Saved, and whoever takes care of it is told.")), await desk(db, request, meeting), *told]


async def tell_owner(db: Connection, request: Request, decision: Decision) -> list[Outgoing]:
    owner = decision.owner_id
    if owner is None:
        return []
    asleep = await storage.persons.in_quiet_hours(db, [owner], request.now)
    return [
        Say(
            decisions.task(decision, decisions.GIVEN),
            decisions.task_buttons(decision),
            to=ToPerson(owner),
            card=decision.card,
            subject=Subject("decision", decision.id, decision.revision),
            dedupe_key=f"{decision.card}:{decision.revision}:given",
            silent=owner in asleep,
        )
    ]


DECISION_FORM = Form(
    "decision",
    (Field("what", _ask_what, read=_read_what), *OWNER_FIELDS, DAY_FIELD),
    _decide,
    _review,
    _facts,
    # NOTE: button. A decision is written down.
    done=text("Save"),
    may=LEADERS,
)


# --- what the organiser does with one ---------------------------------------------------------------------------------


async def open_one(db: Connection, request: Request) -> list[Outgoing]:
    """args: the decision."""
    decision = _still_open(request)
    owners = await storage.decisions.owners_of(db, decision.meeting, [decision])
    decided = await storage.decisions.of_meeting(db, decision.meeting)
    number = 1 + [one.id for one in decided].index(decision.id)
    rows: Keyboard = [
        # NOTE: button. Somebody else takes care of a decision.
        [button(text("Somebody else"), "dn.give", decision.id)],
        # NOTE: button. What was decided is done.
        [button(text("It is done"), "dn.done", decision.id)],
        # NOTE: button. A decision is taken off the list.
        [button(text("Take it off"), "dn.out", decision.id)],
    ]
    return [Say(line(number, decision, owners.get(decision.id)), rows, protected=True)]


def _still_open(request: Request) -> Decision:
    decision: Decision = request.subject
    if decision.state is State.DONE:
        raise Refused(text("This is done already: %(words)s", words=decision.words))
    return decision


async def mark_done(db: Connection, request: Request) -> list[Outgoing]:
    decision = _still_open(request)
    await storage.decisions.finish(db, decision.id, decision.note)
    return [Edit(decisions.done_task(decision)), *await _over_for_owner(db, request, decision)]


async def take_off(db: Connection, request: Request) -> list[Outgoing]:
    decision = _still_open(request)
    await storage.decisions.remove(db, decision.id)
    return [
        Edit(text("Taken off: %(words)s", words=decision.words)),
        *await _over_for_owner(db, request, decision),
    ]


async def _over_for_owner(db: Connection, request: Request, decision: Decision) -> list[Outgoing]:
    """Whoever had it is reminded no more and sees so; the group sees it, too."""
    await storage.decisions.card_is_due(db, decision.meeting.id)
    await storage.outbox.drop_of_subject(db, Subject("decision", decision.id, decision.revision + 1))
    if decision.owner_id is None or decision.owner_id == request.person.id:
        return []
    # NOTE: read by pupils and by teachers: without a form of address
    told = text("This task is over: %(words)s", words=decision.words)
    return [Edit(told, card=decision.card, to=ToPerson(decision.owner_id))]


async def give(db: Connection, request: Request) -> list[Outgoing]:
    """args: the decision."""
    decision = _still_open(request)
    return await forms.start(db, request, OWNER_FORM, {"decision": decision.id})


async def _give(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    decision = await storage.decisions.get(db, answers["decision"])
    if decision is None or decision.state is State.DONE:
        raise not_here()
    owner = owner_of(answers)
    await storage.decisions.give(db, decision, owner, decision.due_at, request.now)
    before = await _over_for_owner(db, request, decision)
    now = replace(decision, owner_id=owner, revision=decision.revision + 1)
    told = Say(text("✓ Saved, and whoever takes care of it is told."))
    return [told, *(before if owner != decision.owner_id else []), *await tell_owner(db, request, now)]


OWNER_FORM = Form("decision_owner", OWNER_FIELDS, _give, may=LEADERS)
