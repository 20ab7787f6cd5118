"""Whoever leads opens a question with its name, joins those that ask the same, takes unfit ones off, and answers."""

from dataclasses import replace
from typing import Any

import storage.called
import storage.meetings
import storage.persons
import storage.questions
from domain import questions
from domain.lists import turning
from domain.meetings import Meeting, whose, why_closed
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    TextFile,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.questions import ANSWER_MOST, OUTCOMES, Kind, Outcome, Question, State
from domain.requests import Request
from domain.roles import LEADERS
from domain.writing import shorten
from handlers import forms
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.meetings.questions import leads, of_dialogue, page_of
from handlers.route import not_here
from storage.database import Connection

_PRINTED = 2_000
_SAME = 7  # offered on a page
_LAST_PAGE = 10_000


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page. What those who lead do with the list; what was taken off stands in it, too."""
    return [await _shown(db, request, of_dialogue(request), request.number(1))]


async def _shown(db: Connection, request: Request, meeting: Meeting, given: int) -> Edit:
    page = await page_of(db, request, meeting, given, hidden=True)
    # NOTE: button. A file with all questions, to print.
    paper = button(text("🖨 To print"), "q.print", meeting.id)
    rows = [
        [button(Words(f"✎ {at}"), "q", one.id) for at, one in page.numbered],
        turning("qs.work", meeting.id, page=page.number, more=page.more),
        [paper] if page.numbered else [],
        _taking(request, meeting, page.number),
        [button(text("Back"), "qs.page", meeting.id, page.number)],
    ]
    return Edit(questions.listed(meeting, page.numbered, questions.why_not(meeting, request.now)), rows)


def _taking(request: Request, meeting: Meeting, page: int) -> list[Button]:
    if why_closed(meeting, request.now) is not None:
        return []
    if meeting.takes_questions:
        # NOTE: button. The organiser of a meeting takes no more questions.
        return [button(text("Stop questions"), "q.take", meeting.id, "off", page)]
    # NOTE: button. The organiser of a meeting takes questions again.
    return [button(text("Take questions"), "q.take", meeting.id, "on", page)]


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, on | off, the page."""
    meeting, wanted = of_dialogue(request), request.args[1] if len(request.args) > 1 else ""
    closed = why_closed(meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    if wanted not in ("on", "off"):
        raise not_here()
    await storage.questions.save_taking(db, meeting.id, taking=wanted == "on")
    return [await _shown(db, request, replace(meeting, takes_questions=wanted == "on"), request.number(2))]


async def print_all(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting. The ranking on paper, for the table at which they are answered; without names."""
    meeting = of_dialogue(request)
    found = await storage.questions.of_meeting(db, meeting.id, request.person.id, most=_PRINTED)
    sheet = questions.listed(meeting, list(enumerate(found, 1)))
    return [Say(text("All of them, the most supported ones first."), media=TextFile("questions.txt", sheet))]


async def open_one(db: Connection, request: Request) -> list[Outgoing]:
    """args: the question. Who asked stays in this chat: the message can't be forwarded."""
    question: Question = request.subject
    if question.state is State.MERGED:
        raise not_here()
    return [Say(await _described(db, question), _work(question), protected=True)]


async def _described(db: Connection, question: Question) -> Body:
    by = question.asked_by
    known = await storage.called.around(db, [by], question.community.path) if by is not None else {}
    name = known[by].name if by is not None and by in known else None
    return paragraphs(
        Words(question.words),
        lines(
            text("👍 %(count)s", count=question.votes),
            text("Asked by: %(name)s", name=name) if name else None,
            text("Off the list: only those who lead see it.") if question.state is State.HIDDEN else None,
            questions.answered(question),
        ),
    )


def _work(question: Question) -> Keyboard:
    # NOTE: button. The organiser writes down what was answered.
    answer = button(text("Record the answer"), "q.answer", question.id)
    # NOTE: button. A question that asks the same as another one.
    same = button(text("Same as another"), "q.same", question.id)
    return [
        [answer] if question.state is not State.HIDDEN else [],
        [same] if question.state is State.OPEN else [],
        _on_or_off(question),
    ]


def _on_or_off(question: Question) -> list[Button]:
    if question.state is State.HIDDEN:
        # NOTE: button. A question is shown again.
        return [button(text("Back on the list"), "q.show", question.id)]
    # NOTE: button. A question that doesn't fit is shown to nobody any more.
    return [button(text("Off the list"), "q.hide", question.id)] if question.state is State.OPEN else []


async def hide(db: Connection, request: Request) -> list[Outgoing]:
    question: Question = request.subject
    if not await storage.questions.save_state(db, question.id, State.OPEN, State.HIDDEN):
        raise Refused(text("This question is not open any more."))
    # NOTE: read by pupils and by teachers: without a form of address
    told = paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text("The organiser took this off the list. It can be asked again in other words."),
        Words(question.words),
    )
    return [*await _shown_again(db, request, question), *await _tell(db, request, question, told)]


async def put_back(db: Connection, request: Request) -> list[Outgoing]:
    question: Question = request.subject
    await storage.questions.save_state(db, question.id, State.HIDDEN, State.OPEN)
    return await _shown_again(db, request, question)


async def _shown_again(db: Connection, request: Request, question: Question) -> list[Outgoing]:
    now = await storage.questions.seen_by(db, question.id, request.person.id)
    return [Edit(await _described(db, now), _work(now))] if now is not None else []


async def choose_same(db: Connection, request: Request) -> list[Outgoing]:
    """args: the question, the page."""
    question: Question = request.subject
    page = min(request.number(1), _LAST_PAGE)
    found = await storage.questions.others(
        db, question.meeting.id, request.person.id, question.id, skip=page * _SAME, most=_SAME + 1
    )
    if not found:
        raise Refused(text("There is no other open question."))
    asked = paragraphs(text("Which one asks the same? The votes are added up."), Words(question.words))
    rows = [[button(Words(shorten(one.words, 40)), "q.merge", question.id, one.id)] for one in found[:_SAME]]
    return [Edit(asked, [*rows, turning("q.same", question.id, page=page, more=len(found) > _SAME)])]


async def merge(db: Connection, request: Request) -> list[Outgoing]:
    """args: the question, the one it goes into."""
    question: Question = request.subject
    into = await storage.questions.seen_by(db, request.number(1), request.person.id)
    if into is None or into.meeting.id != question.meeting.id or into.id == question.id:
        raise not_here()
    if question.state is not State.OPEN or into.state is not State.OPEN:
        raise Refused(text("This question is not open any more."))
    await storage.questions.merge(db, question.id, into.id)
    return await _shown_again(db, request, into)


# --- the answer -------------------------------------------------------------------------------------------------------


async def start_answer(db: Connection, request: Request) -> list[Outgoing]:
    """args: the question."""
    question: Question = request.subject
    _not_off(question)
    given: dict[str, Any] = {"question": question.id, "words": question.words, "kind": question.kind.value}
    return await forms.start(db, request, ANSWER_FORM, given)


def _not_off(question: Question) -> None:
    """What is answered stands on the list that everybody reads: what was taken off it is put back first. Raises
    Refused."""
    if question.state is State.MERGED:
        raise not_here()
    if question.state is State.HIDDEN:
        raise Refused(text("This question is not open any more."))


def _ask_outcome(_request: Request, answers: Answers) -> Body:
    return paragraphs(Words(answers["words"]), text("What becomes of this proposal?"))


def _ask_answer(_request: Request, answers: Answers) -> Body:
    if answers["kind"] == Kind.PROPOSAL:
        return text("Please write one line about it: by whom, by when, or why not.")
    return paragraphs(Words(answers["words"]), text("What was answered? Please write it in a line or two."))


def _read_answer(request: Request, _answers: Answers) -> str:
    words = questions.read_answer(request.words)
    if words is None:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=ANSWER_MOST))
    return words


async def _answer(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    question = await storage.questions.seen_by(db, answers["question"], request.person.id)
    if question is None or not leads(request, question.meeting):
        raise not_here()
    _not_off(question)
    outcome = Outcome(answers["outcome"]) if answers.get("outcome") else None
    await storage.questions.answer(db, question.id, outcome, answers["answer"])
    now = await storage.questions.seen_by(db, question.id, request.person.id)
    if now is None:
        raise not_here()
    told = paragraphs(
        lines(
            # NOTE: read by pupils and by teachers: without a form of address
            text("There is an answer from the meeting: %(title)s", title=question.meeting.title),
            whose(question.meeting),
        ),
        Words(question.words),
        questions.answered(now),
    )
    return [Say(text("✓ Saved, and whoever asked is told.")), *await _tell(db, request, question, told)]


async def _tell(db: Connection, request: Request, question: Question, told: Body) -> list[Outgoing]:
    """To whoever asked, without a sound in quiet hours; not to the organiser herself."""
    askers = [one for one in await storage.questions.askers(db, question.id) if one != request.person.id]
    asleep = await storage.persons.in_quiet_hours(db, askers, request.now)
    return [Say(told, to=ToPerson(one), silent=one in asleep) for one in askers]


ANSWER_FORM = Form(
    "question_answer",
    (
        Field(
            "outcome",
            _ask_outcome,
            choices=fixed(*(Choice(name, one.value) for one, name in OUTCOMES.items())),
            columns=3,
            when=lambda answers: answers["kind"] == Kind.PROPOSAL,
        ),
        Field("answer", _ask_answer, read=_read_answer),
    ),
    _answer,
    may=LEADERS,
)
