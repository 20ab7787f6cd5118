"""*How to write*: at what hours we may write to whoever reported, and behind which harmless line. Both can be changed
at any time, and count for what waits already."""

from dataclasses import replace

import storage.cases
from domain.cases import Answers, Case, Deed
from domain.messages import Body, Button, Edit, Keyboard, Outgoing, Say, Text, button, lines, paragraphs, text
from domain.requests import Request
from domain.safe_contact import LINES, hidden, line_of, uncovered
from handlers.cases import notice
from handlers.cases.mine import own
from handlers.cases.open import WHEN
from handlers.route import not_here
from storage.database import Connection


async def show(_db: Connection, request: Request) -> list[Outgoing]:
    case = own(request)
    return [Say(_body(case), _keyboard(case))]


async def choose_hours(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, when."""
    case = own(request)
    when = request.args[1] if len(request.args) > 1 else ""
    if when not in WHEN:
        raise not_here()
    return await _save(db, request, case, replace(case.answers, when=when))


async def choose_line(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, line."""
    case = own(request)
    line = request.args[1] if len(request.args) > 1 else ""
    if line not in (*LINES, _NONE):
        raise not_here()
    return await _save(db, request, case, replace(case.answers, line=None if line == _NONE else line))


_NONE = "none"


async def _save(db: Connection, request: Request, case: Case, answers: Answers) -> list[Outgoing]:
    if answers == case.answers:
        return [Edit(_body(case), _keyboard(case))]
    case = await storage.cases.save_answers(db, case, answers)
    await storage.cases.log(db, case.id, "reporter", Deed.CONTACT_CHANGED, request.now)
    return [Edit(_body(case), _keyboard(case))]


def _body(case: Case) -> Body:
    line = line_of(case)
    return paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text("When may a helper write here? An answer that is ready before waits until then, or for the next tap."),
        # NOTE: read by pupils and by teachers: without a form of address
        text("A harmless line can stand in place of a message. A tap on Read shows the message. The lines:"),
        lines(*LINES.values()),
        # NOTE: %(line)s is one of the harmless lines.
        text("✓ Now: “%(line)s”", line=line) if line else text("✓ Now: no harmless line"),
    )


def _keyboard(case: Case) -> Keyboard:
    when, line = case.answers.when or "any", case.answers.line or _NONE
    hours = [[_choice(label, value == when, "my.when", case, value)] for value, label in WHEN.items()]
    chosen = [[_choice(label, name == line, "my.line", case, name)] for name, label in _SHORT.items()]
    return notice.with_doors([*hours, *chosen])


def _choice(label: Text, chosen: bool, route: str, case: Case, value: str) -> Button:
    return button(text("✓ %(answer)s", answer=label) if chosen else label, route, case.id, value)


_SHORT: dict[str, Text] = {
    # NOTE: button. A harmless line about a library book.
    "book": text("Line: book"),
    # NOTE: button. A harmless line about the weather.
    "weather": text("Line: weather"),
    # NOTE: button. A harmless line about a quiz.
    "quiz": text("Line: quiz"),
    # NOTE: button. A harmless line about the timetable.
    "timetable": text("Line: timetable"),
    # NOTE: button. Messages come as they are.
    _NONE: text("No line"),
}


# --- behind the line --------------------------------------------------------------------------------------------------


async def read(db: Connection, request: Request) -> list[Outgoing]:
    """*Read*, under a harmless line: all that came behind it. args: letter."""
    found = await storage.cases.letter(db, request.number(0))
    if found is None or found[0].reporter.identity_id != request.identity.id:
        raise not_here()
    return [uncovered(found[1]), *await storage.cases.say_behind(db, *found)]


async def hide(db: Connection, request: Request) -> list[Outgoing]:
    """*Hide*: the line again. args: letter."""
    found = await storage.cases.letter(db, request.number(0))
    if found is None or found[0].reporter.identity_id != request.identity.id:
        raise not_here()
    case, letter = found
    return [hidden(line_of(case) or next(iter(LINES.values())), letter)]
