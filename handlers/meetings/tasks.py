"""What somebody took on at a meeting: done, later, or not at all, each with a word to the organiser."""

from dataclasses import replace

import storage.called
import storage.decisions
import storage.outbox
import storage.persons
from domain import decisions
from domain.decisions import NOTE_MOST, Decision, State
from domain.lists import turning
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Moment,
    Outgoing,
    Refused,
    Say,
    Subject,
    Text,
    ToPerson,
    Words,
    button,
    lines,
    text,
)
from domain.requests import Request
from domain.roles import MEMBERS
from domain.writing import shorten
from handlers import forms
from handlers.forms import Answers, Field, Form
from handlers.meetings.decide import DAY_FIELD, due_of
from handlers.route import not_here
from storage.database import Connection

load = storage.decisions.own
_ANSWERS = ("done", "later", "no")
_PAGE, _LAST_PAGE = 8, 10_000


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """Her own tasks."""
    body, rows = await _list(db, request, 0)
    return [Say(body, rows)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the page."""
    body, rows = await _list(db, request, request.number(0))
    return [Edit(body, rows)]


async def _list(db: Connection, request: Request, given: int) -> tuple[Body, Keyboard]:
    page = min(given, _LAST_PAGE)
    own = await storage.decisions.open_of(db, request.person.id, skip=page * _PAGE, most=_PAGE + 1)
    if not own and page:  # some of them were done meanwhile
        return await _list(db, request, 0)
    if not own:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("There is no open task."))
    # NOTE: read by pupils and by teachers: without a form of address
    return text("<b>My tasks</b>"), [
        *([button(Words(shorten(one.words, 40)), "tk", one.id)] for one in own[:_PAGE]),
        turning("tk.page", page=page, more=len(own) > _PAGE),
    ]


async def open_one(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the decision."""
    decision = _still_open(request.subject)
    return [Say(decisions.task(decision), decisions.task_buttons(decision))]


def _still_open(decision: Decision | None) -> Decision:
    if decision is None:
        raise not_here()
    if decision.state is State.DONE:
        raise Refused(text("This is done already: %(words)s", words=decision.words))
    return decision


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """args: the decision, done | later | no."""
    decision = _still_open(request.subject)
    what = request.args[1] if len(request.args) > 1 else ""
    if what not in _ANSWERS:
        raise not_here()
    return await forms.start(db, request, FORM, {"decision": decision.id, "what": what, "words": decision.words})


def _ask_word(_request: Request, answers: Answers) -> Body:
    return lines(
        text("<b>%(title)s</b>", title=answers["words"]),
        # NOTE: read by pupils and by teachers: without a form of address
        text("A word about it to the organiser? At most %(most)s characters.", most=NOTE_MOST),
    )


def _read_word(request: Request, _answers: Answers) -> str:
    note = decisions.read_note(request.words)
    if note is None:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("It needs words, and at most %(most)s characters. Please write it again.", most=NOTE_MOST))
    return note


async def _answer(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    decision = _still_open(await storage.decisions.own(db, answers["decision"], request.person.id))
    note: str | None = answers.get("word")
    if answers["what"] == "done":
        said = await _finish(db, request, decision, note)
    elif answers["what"] == "later":
        decision = replace(decision, due_at=due_of(request, answers))
        said = await _postpone(db, request, decision)
    else:
        said = await _decline(db, request, decision)
    await storage.decisions.card_is_due(db, decision.meeting.id)
    await storage.outbox.drop_of_subject(db, Subject("decision", decision.id, decision.revision + 1))
    return [*said, *await _tell_organiser(db, request, decision, answers["what"], note)]


async def _finish(db: Connection, request: Request, decision: Decision, note: str | None) -> list[Outgoing]:
    await storage.decisions.finish(db, decision.id, note)
    done = decisions.done_task(decision)
    return [Say(done), Edit(done, card=decision.card, to=ToPerson(request.person.id))]


async def _postpone(db: Connection, request: Request, moved: Decision) -> list[Outgoing]:
    await storage.decisions.give(db, moved, moved.owner_id, moved.due_at, request.now)
    buttons, given = decisions.task_buttons(moved), decisions.task(moved, decisions.GIVEN)
    return [
        # NOTE: read by pupils and by teachers: without a form of address
        Say(decisions.task(moved, text("The new day is saved.")), buttons),
        Edit(given, buttons, card=moved.card, to=ToPerson(request.person.id)),
    ]


async def _decline(db: Connection, request: Request, decision: Decision) -> list[Outgoing]:
    await storage.decisions.give(db, decision, None, decision.due_at, request.now)
    # NOTE: read by pupils and by teachers: without a form of address
    told = text("All right, the organiser is told: %(words)s", words=decision.words)
    return [Say(told), Edit(told, card=decision.card, to=ToPerson(request.person.id))]


_TOLD: dict[str, Text] = {
    "done": text("✓ A task from a meeting is done:"),
    "later": text("A task from a meeting has a new day:"),
    "no": text("⚠️ Somebody can't do a task from a meeting. Please choose somebody else:"),
}


async def _tell_organiser(
    db: Connection, request: Request, decision: Decision, what: str, note: str | None
) -> list[Outgoing]:
    told = [one for one in await storage.decisions.whom_to_tell(db, decision, request.now) if one != request.person.id]
    known = await storage.called.around(db, [request.person.id], decision.community.path)
    asleep = await storage.persons.in_quiet_hours(db, told, request.now)
    name = known[request.person.id].name if request.person.id in known else "?"
    body = lines(
        _TOLD[what],
        text("<b>%(title)s</b>", title=decision.words),
        text("Who: %(name)s", name=name),
        text("Until: %(day)s", day=Moment(decision.due_at, decision.meeting.zone, show="day"))
        if what == "later"
        else None,
        text("A word about it: %(words)s", words=note) if note else None,
    )
    # NOTE: button. Somebody else takes care of a decision.
    rows: Keyboard = [[button(text("Somebody else"), "dn.give", decision.id)]] if what == "no" else []
    return [Say(body, rows, to=ToPerson(one), silent=one in asleep, protected=True) for one in told]


FORM = Form(
    "task",
    (
        replace(DAY_FIELD, when=lambda answers: answers["what"] == "later"),
        # NOTE: button. Leaves a question without an answer.
        Field("word", _ask_word, read=_read_word, skip=text("Skip")),
    ),
    _answer,
    may=MEMBERS,
)
