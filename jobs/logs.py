"""What time does with the log of the cases: witnesses go to the auditors, breaches are told, supervisors sample it, and
what is too old goes."""

from datetime import UTC, datetime

import storage.cases
from domain import log_cards
from domain.logbook import AT_LEAST_EVERY, EVERY, KEPT, SAMPLE
from domain.messages import Lane, Moment, Outgoing, Say, ToPerson, text
from domain.roles import OFFICES, Role
from storage.cases import verdicts
from storage.database import Connection

_AUDITORS, _SUPERVISORS = frozenset({Role.AUDITOR}), frozenset({Role.SUPERVISOR})
_SAMPLED = "sample"


async def send_witness(db: Connection, now: datetime) -> list[Outgoing]:
    """Every hour in which the log has grown, else once a day, its length and its last mac go to the auditors: a new
    message each time. One that is edited again and again would say only what whoever holds the bot lets it say last;
    of many, some are on the auditor's phone, read or forwarded, before anybody thinks of changing them."""
    last, sent = await storage.cases.head(db), await verdicts.last_witness(db)
    if not last.number:
        return []
    pause = EVERY if sent is None or last.number != sent[0] else AT_LEAST_EVERY
    if sent is not None and sent[1] <= now < sent[1] + pause:
        return []
    auditors = await storage.cases.office(db, _AUDITORS, now)
    if not auditors:
        return []
    await verdicts.save_witness(db, last.number, now)
    return [log_cards.witness(last.number, last.at, last.mac, one) for one in auditors]


async def tell_verdict(db: Connection, now: datetime) -> list[Outgoing]:
    """Who waited for a verdict hears it; a bad one is told to auditors and supervisors, once a day."""
    known, wanted = await verdicts.last(db), await verdicts.wanted(db)
    if known is None:
        return []
    said: list[Outgoing] = []
    if wanted is not None and known.at >= wanted.at:
        await verdicts.forget_wanted(db)
        said += [Say(log_cards.verdict(known), to=ToPerson(one), lane=Lane.CASE) for one in wanted.by]
    wrong = known.lost if known.broken is None else known.broken
    if wrong is not None and await verdicts.is_new(db, "breach", f"{wrong} {now:%Y-%m-%d}"):
        told = await storage.cases.office(db, _AUDITORS | _SUPERVISORS, now)
        said += [Say(log_cards.breach(wrong), to=ToPerson(one), lane=Lane.CASE) for one in told]
    return said


async def tell_restore(db: Connection, now: datetime) -> list[Outgoing]:
    """A restore from a backup shortens the log: that is never silent."""
    entry = await storage.cases.last_restore(db)
    if entry is None or not await verdicts.is_new(db, "restore", f"{entry.id} {entry.at.isoformat()}"):
        return []
    told = text(
        "The bot was put back from a backup, %(when)s. Entries of the hotline's log after number %(number)s are gone."
        " If nobody told you about it, ask the operator.",
        when=Moment(entry.at),
        number=entry.id - 1,
    )
    watching = await storage.cases.office(db, _AUDITORS | _SUPERVISORS, now)
    return [Say(told, to=ToPerson(one), lane=Lane.CASE) for one in watching]


async def sample_reads(db: Connection, now: datetime) -> list[Outgoing]:
    """Once a month each supervisor is shown some reads of others since the last time. The last mac says which: nobody
    chooses them, and nobody knows them before."""
    month, before = f"{now:%Y-%m}", await verdicts.told(db, _SAMPLED)
    if not await verdicts.is_new(db, _SAMPLED, month) or before is None:
        return []
    since = datetime.strptime(before, "%Y-%m").replace(tzinfo=UTC)
    last = await storage.cases.head(db)
    chance = int.from_bytes(last.mac[:4]) / 2**32
    called = await storage.cases.called(db, OFFICES, now)
    names = {storage.cases.mark_of(db, person_id): name for person_id, name in called.items()}
    said: list[Outgoing] = []
    for supervisor in await storage.cases.offices(db, _SUPERVISORS, now):
        for entry in await storage.cases.reads_to_look_at(db, supervisor, since, now, SAMPLE, chance):
            said.append(log_cards.sampled(entry, names.get(entry.who or b""), supervisor))
    return said


async def prune(db: Connection, now: datetime) -> list[Outgoing]:
    """What is older than the log is kept goes; an entry stays that vouches for what follows."""
    await storage.cases.prune(db, now - KEPT, now)
    return []
