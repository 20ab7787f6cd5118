"""/audit: the log of the cases for an auditor, without content; and the witnesses she holds of it."""

import storage.cases
from domain import log_cards
from domain.cases import Deed
from domain.logbook import Entry, Witness, witness_of
from domain.messages import (
    Body,
    Keyboard,
    Lane,
    Moment,
    Outgoing,
    Say,
    Text,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Request
from domain.roles import Role
from domain.times import from_us
from handlers.route import not_here
from storage.cases import verdicts
from storage.database import Connection

_PAGE = 20
_WATCHERS = frozenset({Role.AUDITOR, Role.SUPERVISOR})


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """How long the log is, when it was verified last and what came of it."""
    await _note(db, request)
    last = await storage.cases.head(db)
    about = [
        text_n("%(n)s entry", "%(n)s entries", last.number),
        log_cards.verdict(await verdicts.last(db)),
        await _witnessed(db),
        await _restored(db),
    ]
    # NOTE: button. Verifies the hotline's log now.
    check = button(text("Check now"), "au.now")
    # NOTE: button. Shows the newest lines of the hotline's log.
    read = button(text("Entries"), "au.log", 0)
    return [Say(paragraphs(text("<b>The hotline's log</b>"), lines(*about)), [[check, read]])]


async def _witnessed(db: Connection) -> Text:
    sent = await verdicts.last_witness(db)
    if sent is None:
        return text("No check message was sent yet.")
    return text("Last check message: %(when)s, entry %(number)s", when=Moment(sent[1]), number=sent[0])


async def _restored(db: Connection) -> Text | None:
    entry = await storage.cases.last_restore(db)
    return None if entry is None else text("Put back from a backup: %(when)s", when=Moment(entry.at))


async def _note(db: Connection, request: Request) -> None:
    """Who looks at the log stands in it, too."""
    await storage.cases.log(db, None, Role.AUDITOR.value, Deed.AUDITED, request.now, person_id=request.person.id)


async def verify(db: Connection, request: Request) -> list[Outgoing]:
    """The bot verifies beside its other work (bot.witnesses), then she hears."""
    await _note(db, request)
    await verdicts.want(db, request.person.id, request.now)
    return [Say(text("I am checking every entry. You hear from me within a minute."))]


# --- entries ----------------------------------------------------------------------------------------------------------


async def show_entries(db: Connection, request: Request) -> list[Outgoing]:
    """The newest entries by page: who by role, what, which case, when. args: page."""
    page = min(request.number(0), 10**6)
    await _note(db, request)
    found = await storage.cases.entries(db, request.person.id, page * _PAGE, _PAGE + 1)
    if not found:
        return [Say(text("There is nothing more."))]
    return [Say(lines(*(log_cards.line(entry) for entry in found[:_PAGE])), _pages(page, more=len(found) > _PAGE))]


def _pages(page: int, *, more: bool) -> Keyboard:
    # NOTE: button. Newer lines of the hotline's log.
    newer = [button(text("Newer"), "au.log", page - 1)] if page else []
    # NOTE: button. Older lines of the hotline's log.
    older = [button(text("Older"), "au.log", page + 1)] if more else []
    return [newer + older] if newer or older else []


# --- witnesses --------------------------------------------------------------------------------------------------------


async def check_witness(db: Connection, request: Request) -> list[Outgoing]:
    """What her chat knew of the log: does it still contain that? args: number, minute, mac's beginning."""
    witness = witness_of(request.args)
    if witness is None:
        raise not_here()
    is_there = await storage.cases.contains(db, witness.number, witness.mac)
    restored = await storage.cases.last_restore(db)
    await _note(db, request)
    if is_there:
        return [Say(text("✓ Entry %(number)s is still there, as it was written.", number=witness.number))]
    if not witness.is_due(request.now):
        return [Say(text("This entry was deleted because of its age. Later ones are still checked."))]
    if restored is not None and _explains(restored, witness):
        return [Say(paragraphs(_GONE_BY_RESTORE, await _restored(db)))]
    return await _tell_breach(db, request, witness)


def _explains(restored: Entry, witness: Witness) -> bool:
    """Whether a restore took this entry away: it left an entry in its place or before it, later than it."""
    return restored.id <= witness.number and restored.at >= from_us(witness.at)


_GONE_BY_RESTORE: Body = text(
    "The log was put back from a backup after this, so this entry is not in it. If nobody told you about the backup,"
    " ask the operator."
)


async def _tell_breach(db: Connection, request: Request, witness: Witness) -> list[Outgoing]:
    await verdicts.note_breach(db, witness.number)
    told = log_cards.breach(witness.number)
    others = set(await storage.cases.office(db, _WATCHERS, request.now)) - {request.person.id}
    return [Say(told), *(Say(told, to=ToPerson(one), lane=Lane.CASE) for one in sorted(others))]
