"""Questions before a dialogue meeting: asked and supported by those who are invited, ranked and answered by whoever
leads. In the list nobody has a name, and nothing of it is ever said in a group."""

from typing import Any

import storage.called
import storage.meetings
import storage.persons
import storage.questions
from domain import questions
from domain.meetings import Meeting, SeenMeeting, why_closed
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    TextFile,
    Toast,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.questions import ANSWER_MOST, OPEN_MOST, OUTCOMES, PAGE, WORDS_MOST, Kind, Outcome, Question, State
from domain.requests import Request
from domain.roles import LEADERS, MEMBERS, is_allowed
from domain.writing import shorten
from handlers import forms
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.route import not_here
from storage.database import Connection

load = storage.questions.seen_by
_LAST_PAGE, _PRINTED = 10_000, 2_000


# --- the list ---------------------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting. A button under its card, or a link in the group."""
    body, rows = await _list(db, request, _of_dialogue(request), 0)
    return [Say(body, rows)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page."""
    body, rows = await _list(db, request, _of_dialogue(request), request.number(1))
    return [Edit(body, rows)]


def _of_dialogue(request: Request) -> Meeting:
    seen: SeenMeeting = request.subject
    if not questions.are_taken(seen.meeting):
        raise not_here()
    return seen.meeting


def _leads(request: Request, meeting: Meeting) -> bool:
    return is_allowed(LEADERS, request.memberships, meeting.community.path)


async def _list(db: Connection, request: Request, meeting: Meeting, page: int) -> tuple[Body, Keyboard]:
    page, leads = min(page, _LAST_PAGE), _leads(request, meeting)
    found = await storage.questions.of_meeting(
        db, meeting.id, request.person.id, hidden=leads, skip=page * PAGE, most=PAGE + 1
    )
    shown, first = found[:PAGE], page * PAGE + 1
    open_now = why_closed(meeting, request.now) is None
    turning = [button(text("Earlier"), "qs.page", meeting.id, page - 1)] if page else []
    if len(found) > PAGE:
        turning.append(button(text("Later"), "qs.page", meeting.id, page + 1))
    numbered = list(enumerate(shown, first))
    votes = [questions.vote_button(one, number, page) for number, one in numbered if one.state is State.OPEN]
    work = [button(Words(f"✎ {number}"), "q", one.id) for number, one in numbered] if leads else []
    # NOTE: button. Sends a question to a meeting.
    ask = [button(text("Ask or propose"), "q.ask", meeting.id)]
    body = questions.listed(meeting, shown, first, open_now=open_now)
    # NOTE: button. A file with all questions, to print.
    paper = [button(text("🖨 To print"), "q.print", meeting.id)] if leads and shown else []
    return body, [votes if open_now else [], work, turning, ask if open_now else [], paper]


async def vote(db: Connection, request: Request) -> list[Outgoing]:
    """args: the question, on | off, the page the button stands on."""
    question: Question = request.subject
    _still_open(request, question)
    wanted = request.args[1] if len(request.args) > 1 else ""
    if wanted not in ("on", "off"):
        raise not_here()
    change = storage.questions.vote if wanted == "on" else storage.questions.take_back_vote
    await change(db, question.id, request.person.id)
    body, rows = await _list(db, request, question.meeting, request.number(2))
    return [Edit(body, rows), Toast(text("Saved."))]


def _still_open(request: Request, question: Question) -> None:
    closed = why_closed(question.meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    if question.state is not State.OPEN:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("This question is not open any more."))


# --- asking -----------------------------------------------------------------------------------------------------------


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting."""
    meeting = _of_dialogue(request)
    closed = why_closed(meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    if await storage.questions.count_open_of(db, meeting.id, request.person.id) >= OPEN_MOST:
        raise _too_many()
    return await forms.start(db, request, FORM, {"meeting": meeting.id, "title": meeting.title})


def _too_many() -> Refused:
    # NOTE: read by pupils and by teachers: without a form of address
    return Refused(
        text(
            "One person can have %(most)s open questions at a meeting. Others can be supported with 👍.", most=OPEN_MOST
        )
    )


def _ask_kind(_request: Request, answers: Answers) -> Body:
    # NOTE: read by pupils and by teachers: without a form of address
    return text("What is it? For the meeting: %(title)s", title=answers["title"])


def _ask_words(_request: Request, _answers: Answers) -> Body:
    # NOTE: read by pupils and by teachers: without a form of address
    return text("Please write it in one message, at most %(most)s characters.", most=WORDS_MOST)


def _read_words(request: Request, _answers: Answers) -> str:
    words = questions.read(request.words)
    if words is None:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("It needs words, and at most %(most)s characters. Please write it again.", most=WORDS_MOST))
    return words


def _review(_request: Request, answers: Answers) -> Body:
    # NOTE: read by pupils and by teachers: without a form of address
    told = text("Everybody who is invited can read it, without a name. Only the organiser sees who asked.")
    return paragraphs(Words(answers["words"]), told)


async def _add(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    meeting = await _still_invited(db, request, answers["meeting"])
    added = await storage.questions.add(
        db, meeting.id, request.person.id, Kind(answers["kind"]), answers["words"], request.now
    )
    if added is None:
        raise _too_many()
    body, rows = await _list(db, request, meeting, 0)
    # NOTE: read by pupils and by teachers: without a form of address
    return [Say(text("✓ It is on the list. When the answer is there, I will tell it here.")), Say(body, rows)]


async def _still_invited(db: Connection, request: Request, meeting_id: int) -> Meeting:
    """The meeting of a form that may have been open for long. Raises Refused."""
    meeting = await storage.meetings.get(db, meeting_id)
    if not is_allowed(MEMBERS, request.memberships, meeting.community.path, meeting.audience):
        raise not_here()
    closed = why_closed(meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    return meeting


FORM = Form(
    "question",
    (
        Field(
            "kind",
            _ask_kind,
            choices=fixed(
                # NOTE: button
                Choice(text("A question"), Kind.QUESTION.value),
                # NOTE: button. Something that somebody would like to be done.
                Choice(text("💡 A proposal"), Kind.PROPOSAL.value),
            ),
        ),
        Field("words", _ask_words, read=_read_words),
    ),
    _add,
    _review,
    may=MEMBERS,
)


async def print_all(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting. The ranking on paper, for the table at which they are answered; without names."""
    meeting = _of_dialogue(request)
    found = await storage.questions.of_meeting(db, meeting.id, request.person.id, most=_PRINTED)
    sheet = questions.listed(meeting, found, 1, open_now=False)
    return [Say(text("All of them, the most supported ones first."), media=TextFile("questions.txt", sheet))]


# --- whoever leads ----------------------------------------------------------------------------------------------------


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
    return [[answer], [same] if question.state is State.OPEN else [], _on_or_off(question)]


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
    """args: the question."""
    question: Question = request.subject
    found = await storage.questions.of_meeting(db, question.meeting.id, request.person.id, most=20)
    others = [one for one in found if one.id != question.id and one.state is State.OPEN]
    if not others:
        raise Refused(text("There is no other open question."))
    asked = paragraphs(text("Which one asks the same? The votes are added up."), Words(question.words))
    rows = [[button(Words(shorten(one.words, 40)), "q.merge", question.id, one.id)] for one in others]
    return [Edit(asked, rows)]


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
    if question.state is State.MERGED:
        raise not_here()
    given: dict[str, Any] = {"question": question.id, "words": question.words, "kind": question.kind.value}
    return await forms.start(db, request, ANSWER_FORM, given)


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
    if question is None or not _leads(request, question.meeting):
        raise not_here()
    outcome = Outcome(answers["outcome"]) if answers.get("outcome") else None
    await storage.questions.answer(db, question.id, outcome, answers["answer"])
    now = await storage.questions.seen_by(db, question.id, request.person.id)
    if now is None:
        raise not_here()
    told = paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text("There is an answer from the meeting: %(title)s", title=question.meeting.title),
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
