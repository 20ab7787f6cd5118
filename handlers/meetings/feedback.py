"""How it was: a face and a line from whoever was there, never with a name."""

import storage.feedback
import storage.meetings
from domain import feedback
from domain.feedback import FACES, LINE_MOST, PAGE
from domain.meetings import Meeting, SeenMeeting
from domain.messages import Body, Edit, Outgoing, Refused, Say, text
from domain.requests import Request
from domain.roles import MEMBERS
from domain.suppression import LEAST
from domain.times import from_us, to_us
from handlers import forms
from handlers.forms import Answers, Field, Form
from handlers.route import not_here
from storage.database import Connection

_LAST_PAGE = 10_000


async def load(db: Connection, meeting_id: int, person_id: int) -> SeenMeeting | None:
    """A meeting, for whoever was there."""
    if not await storage.feedback.was_there(db, meeting_id, person_id):
        return None
    return await storage.meetings.seen_by(db, meeting_id, person_id)


async def rate(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, 1 | 2 | 3."""
    meeting: Meeting = request.subject.meeting
    face = request.number(1)
    if face not in FACES:
        raise not_here()
    if not await storage.feedback.rate(db, meeting.id, request.person.id, face, request.now):
        raise _too_late()
    line = await storage.feedback.line_of(db, meeting.id, request.person.id)
    return [Edit(feedback.answered(meeting, face, line), feedback.buttons(meeting, face))]


def _too_late() -> Refused:
    # NOTE: read by pupils and by teachers: without a form of address
    return Refused(text("It is too late for an answer: the organiser has the result."))


async def skip(_db: Connection, request: Request) -> list[Outgoing]:
    # NOTE: read by pupils and by teachers: without a form of address
    return [Edit(text("All right, no answer: %(title)s", title=request.subject.meeting.title))]


async def ask_line(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting."""
    meeting: Meeting = request.subject.meeting
    found = await storage.feedback.round_of(db, meeting.id)
    if found is None or not found.takes_answers(request.now):  # before she writes, not after it
        raise _too_late()
    few = await storage.feedback.count_there(db, meeting) < LEAST
    given = {"meeting": meeting.id, "read_at": to_us(found.closes_at), "few": few}
    return await forms.start(db, request, FORM, given)


def _ask_line(_request: Request, answers: Answers) -> Body:
    return feedback.ask_line(from_us(answers["read_at"]), few=answers["few"])


def _read_line(request: Request, _answers: Answers) -> str:
    line = feedback.read(request.words)
    if line is None:
        # NOTE: read by pupils and by teachers: without a form of address
        raise Refused(text("It needs words, and at most %(most)s characters. Please write it again.", most=LINE_MOST))
    return line


async def _save_line(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    seen = await load(db, answers["meeting"], request.person.id)
    if seen is None:
        raise not_here()
    meeting, line = seen.meeting, answers["line"]
    face = await storage.feedback.save_line(db, meeting.id, request.person.id, line, request.now)
    if face is None:
        raise _too_late()
    return [Say(feedback.answered(meeting, face, line), feedback.buttons(meeting, face))]


FORM = Form("feedback", (Field("line", _ask_line, read=_read_line),), _save_line, may=MEMBERS, version=2)


async def show_lines(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, the page. For its organiser alone, once nobody can write any more."""
    meeting, page = request.subject.meeting, min(request.number(1), _LAST_PAGE)
    found = await storage.feedback.round_of(db, meeting.id)
    if found is None or found.state != "closed" or meeting.called_by != request.person.id:
        raise not_here()
    lines = await storage.feedback.lines(db, meeting.id, skip=page * PAGE, most=PAGE + 1)
    if not lines:
        raise not_here()
    more = feedback.summary_buttons(meeting, page, more=len(lines) > PAGE)
    return [Say(feedback.words_of(meeting, lines[:PAGE]), more)]
