"""Notes of the staff on a case: for each other, never for whoever reported. A changed note keeps its older versions."""

import storage.cases
import storage.conversations
from domain.cases import WORDS_MOST, Case, Deed, Note, Section
from domain.messages import Delete, Moment, Outgoing, Say, Words, button, lines, text
from domain.requests import Request
from domain.writing import shorten
from handlers.cases import answer, claim
from handlers.cases.answer import words_of
from handlers.route import not_here
from storage.database import Connection

STEP = "cs.note"
_LINE = 60
_SHOWN = 20


def _check(request: Request, case: Case) -> None:
    """Raises Refused."""
    if not claim.has(request, case, Section.NOTES):
        raise not_here()


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The newest version of each note, and the way to a new one."""
    case: Case = request.subject
    _check(request, case)
    # NOTE: button. Somebody of the staff writes a note about a report.
    new = button(text("New note"), "cs.note", case.id)
    found = newest(await storage.cases.notes(db, case))[-_SHOWN:]
    if not found:
        return [Say(text("case %(number)s has no notes yet.", number=Words(case.number)), [[new]])]
    await claim.log(db, request, case, Deed.READ)
    numbered = list(enumerate(found, 1))
    listed = [
        lines(text("%(n)s. %(at)s:", n=number, at=Moment(note.at)), Words(shorten(note.words, _LINE)))
        for number, note in numbered
    ]
    # NOTE: button. Changes the note with this number.
    change = [button(text("Change note %(n)s", n=number), "cs.note", case.id, note.id) for number, note in numbered]
    return [
        await claim.copy(db, request, case, lines(*listed, gap="\n\n"), buttons=[*([one] for one in change), [new]])
    ]


def newest(notes: list[Note]) -> list[Note]:
    """Of each note the version that was written last, in the order of the first ones."""
    found: dict[int, Note] = {}
    first: dict[int, int] = {}
    for note in notes:
        root = first.get(note.changes or 0, note.id)
        first[note.id] = root
        found[root] = note
    return list(found.values())


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, and the note to change, if any."""
    case: Case = request.subject
    _check(request, case)
    changes = request.number(1)
    if changes and await storage.cases.note(db, case, changes) is None:
        raise not_here()
    draft = {"case": case.id, "changes": changes or None}
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)
    told = text("Please write the note. The staff of this case read it, the reporter never does.")
    return [Say(told, [[answer.cancel(token)]], asks=token)]


async def save(db: Connection, request: Request) -> list[Outgoing]:
    """What was typed leaves the chat; it comes back as a copy that is taken back in time."""
    draft = request.conversation.draft
    case = await storage.cases.seen_by(db, draft["case"], request.person.id)
    if case is None:
        raise not_here()
    _check(request, case)
    words = words_of(request, WORDS_MOST)
    await storage.cases.add_note(db, case, request.person.id, words, request.now, draft["changes"])
    await claim.log(db, request, case, Deed.NOTED)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    kept = lines(text("✓ Noted in case %(number)s:", number=Words(case.number)), Words(words))
    return [Delete(), await claim.copy(db, request, case, kept)]
