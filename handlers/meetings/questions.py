"""Questions before a dialogue meeting: asked and supported by those who are invited. In the list nobody has a name,
and nothing of it is ever said in a group."""

from dataclasses import dataclass

import storage.called
import storage.meetings
import storage.persons
import storage.questions
from domain import questions
from domain.lists import turning
from domain.meetings import Meeting, SeenMeeting
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    Toast,
    Words,
    button,
    paragraphs,
    text,
)
from domain.questions import OPEN_MOST, PAGE, WORDS_MOST, Kind, Question, State
from domain.requests import Request
from domain.roles import LEADERS, MEMBERS, is_allowed
from handlers import forms
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.route import not_here
from storage.database import Connection

load = storage.questions.seen_by
_LAST_PAGE = 10_000


# --- the list ---------------------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting. A button under its card, or a link in the group."""
    body, rows = await _list(db, request, of_dialogue(request), 0)
    return [Say(body, rows)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page."""
    body, rows = await _list(db, request, of_dialogue(request), request.number(1))
    return [Edit(body, rows)]


def of_dialogue(request: Request) -> Meeting:
    seen: SeenMeeting = request.subject
    if not questions.are_taken(seen.meeting):
        raise not_here()
    return seen.meeting


def leads(request: Request, meeting: Meeting) -> bool:
    return is_allowed(LEADERS, request.memberships, meeting.community.path)


async def _list(db: Connection, request: Request, meeting: Meeting, given: int) -> tuple[Body, Keyboard]:
    page = await page_of(db, request, meeting, given)
    closed = questions.why_not(meeting, request.now)
    votes = [questions.vote_button(one, at, page.number) for at, one in page.numbered if one.state is State.OPEN]
    # NOTE: button. Sends a question to a meeting.
    ask = [button(text("Ask or propose"), "q.ask", meeting.id)]
    # NOTE: button. For whoever may change the meeting.
    work = [button(text("Manage"), "qs.work", meeting.id, page.number)] if leads(request, meeting) else []
    below = closed or questions.how_to_support(any_yet=bool(page.numbered))
    return questions.listed(meeting, page.numbered, below), [
        votes if closed is None else [],
        turning("qs.page", meeting.id, page=page.number, more=page.more),
        ask if closed is None else [],
        work,
    ]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list: its questions, each with its number in the whole, and whether more come after them."""

    number: int
    numbered: list[tuple[int, Question]]
    more: bool


async def page_of(db: Connection, request: Request, meeting: Meeting, given: int, *, hidden: bool = False) -> Page:
    """The page that a button names; the first one if there is no such page any more."""
    number = min(given, _LAST_PAGE)
    found = await storage.questions.of_meeting(
        db, meeting.id, request.person.id, hidden=hidden, skip=number * PAGE, most=PAGE + 1
    )
    if number and not found:
        return await page_of(db, request, meeting, 0, hidden=hidden)
    return Page(number, list(enumerate(found[:PAGE], number * PAGE + 1)), len(found) > PAGE)


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
    closed = questions.why_not(question.meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    if question.state is not State.OPEN:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("This question is not open any more."))


# --- asking -----------------------------------------------------------------------------------------------------------


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting."""
    meeting = of_dialogue(request)
    closed = questions.why_not(meeting, request.now)
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
    return text("Is it a question or a proposal? Meeting: %(title)s", title=answers["title"])


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
    closed = questions.why_not(meeting, request.now)
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
