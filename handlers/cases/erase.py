"""*Erase here*: what both sides wrote of the hotline leaves this chat. The report itself stays with the helpers."""

from collections.abc import Sequence
from dataclasses import replace

import storage.cases
import storage.conversations
from domain.cases import COPIES_DELETABLE
from domain.messages import Delete, Edit, Erase, Keyboard, Lane, Outgoing, Say, ToIdentity, button, paragraphs, text
from domain.requests import Request
from handlers.cases import notice
from storage.database import Connection

_AT_ONCE = 100  # messages of one delivery


async def ask(_db: Connection, request: Request) -> list[Outgoing]:
    draft = request.conversation.draft.get("parts") or request.conversation.aside
    told = paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text(
            "<b>Erase what stands here of the hotline?</b> I delete all of the last two days: what was written here, "
            "and what I answered."
        ),
        # NOTE: read by pupils and by teachers: without a form of address
        text("A report that was sent stays with the helpers, and /mycases still finds it."),
        # NOTE: read by pupils and by teachers: without a form of address
        text("What was not sent yet is lost.") if draft else None,
    )
    # NOTE: button
    yes, no = button(text("Yes, erase"), "my.erase.yes"), button(text("No"), "my.erase.no")
    return [Say(told, notice.with_doors([[yes, no]]))]


async def keep(_db: Connection, _request: Request) -> list[Outgoing]:
    return [Edit(text("All right, everything stays."))]


async def erase(db: Connection, request: Request) -> list[Outgoing]:
    """Nothing is awaited any more: she would not see for whom she writes."""
    gone, late = await storage.cases.take_traces(db, request.place, request.now - COPIES_DELETABLE)
    nothing_left = replace(request.conversation, aside={})
    await storage.conversations.forget(db, request.identity.id, nothing_left, request.now)
    older = late or await _reported_before(db, request)
    done = paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address. Nothing in it tells of the hotline.
        text("Done. Everything from the last two days is deleted here."),
        _BY_HAND if older else None,
    )
    return [*_deliveries(request, gone, late), Say(done, _remove())]


async def _reported_before(db: Connection, request: Request) -> bool:
    """Whether she wrote here when what she wrote can't be deleted any more."""
    cases = await storage.cases.of_reporter(db, request.identity.id)
    return any(request.now - case.opened_at >= COPIES_DELETABLE for case in cases)


# NOTE: read by pupils and by teachers: without a form of address. Nothing in it tells of the hotline.
_BY_HAND = text("Older messages can be deleted only by hand: hold a finger on them, then tap Delete.")


def _deliveries(request: Request, gone: Sequence[int], late: Sequence[int]) -> list[Erase]:
    # NOTE: What is left of an old message whose words were taken away.
    blank = text("This message was removed.")
    receipt = ("cases.erased", str(request.identity.id))
    new = [tuple(gone[at : at + _AT_ONCE]) for at in range(0, len(gone), _AT_ONCE)]
    old = [tuple(late[at : at + _AT_ONCE]) for at in range(0, len(late), _AT_ONCE)]
    return [
        *(Erase(numbers, (), blank, lane=Lane.CASE, receipt=receipt) for numbers in new),
        *(Erase((), numbers, blank, lane=Lane.CASE, receipt=receipt) for numbers in old),
    ]


async def note_erased(_db: Connection, request: Request) -> list[Outgoing]:
    """What could not be deleted is told. args: identity."""
    if not request.incoming.answer.get("left"):
        return []
    return [Say(_BY_HAND, _remove(), to=ToIdentity(request.number(0)), lane=Lane.CASE)]


def _remove() -> Keyboard:
    # NOTE: button. Removes this last message, too.
    return [[button(text("Remove this too"), "my.gone")]]


async def remove(_db: Connection, _request: Request) -> list[Outgoing]:
    return [Delete()]
