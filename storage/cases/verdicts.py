"""What was found when the log was verified, whether somebody waits to hear it, and what of it is told already.

It stands among the notes of operation, which anybody who can write the database can write: they save work, and prove
nothing. What proves something is verify() itself, and the witnesses.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import storage.operation
from domain.logbook import Known
from domain.times import from_us, to_us
from storage.cases.chain import Verdict
from storage.database import Connection

_VERDICT, _WANTED, _BREACH, _WITNESS = "log verdict", "log to be verified", "log breach", "log witness"
_TOLD = "log told"


async def save(db: Connection, verdict: Verdict, now: datetime) -> None:
    """The last verdict, from now on."""
    found = {"at": to_us(now), "number": verdict.head.number, "broken": verdict.broken, "lost": verdict.lost}
    await storage.operation.write(db, _VERDICT, json.dumps(found))


async def last(db: Connection) -> Known | None:
    """None: the log was never verified."""
    found = await _read(db, _VERDICT)
    return Known(from_us(found["at"]), found["number"], found["broken"], found["lost"]) if found else None


async def want(db: Connection, person_id: int, now: datetime) -> None:
    """Somebody waits for a verdict of now."""
    waiting = await wanted(db)
    people = sorted({*(waiting.by if waiting else ()), person_id})
    await storage.operation.write(db, _WANTED, json.dumps({"by": people, "at": to_us(now)}))


async def wanted(db: Connection) -> "Wanted | None":
    """Who waits for a verdict; None: nobody."""
    found = await _read(db, _WANTED)
    return Wanted(tuple(found["by"]), from_us(found["at"])) if found else None


async def forget_wanted(db: Connection) -> None:
    """They have heard it."""
    await storage.operation.forget(db, _WANTED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who waits for a verdict, and of when it must be."""

    by: tuple[int, ...]
    at: datetime


async def save_witness(db: Connection, number: int, now: datetime) -> None:
    """The auditors were sent a witness of this entry."""
    await storage.operation.write(db, _WITNESS, json.dumps({"number": number, "at": to_us(now)}))


async def last_witness(db: Connection) -> tuple[int, datetime] | None:
    """Of which entry the auditors were sent a witness last, and when."""
    found = await _read(db, _WITNESS)
    return (found["number"], from_us(found["at"])) if found else None


async def note_breach(db: Connection, number: int) -> None:
    """A witness showed that the log doesn't contain this entry any more: the operator is to hear so."""
    await storage.operation.write(db, _BREACH, str(number))


async def has_breach(db: Connection) -> bool:
    return await storage.operation.read(db, _BREACH) is not None


async def take_breach(db: Connection) -> int | None:
    """The entry of a breach that the operator hasn't heard of; now she has."""
    found = await storage.operation.read(db, _BREACH)
    if found is None:
        return None
    await storage.operation.forget(db, _BREACH)
    return int(found)


async def is_new(db: Connection, about: str, what: str) -> bool:
    """Whether this is to be told: it isn't what was told of it last. From now on it is."""
    if await told(db, about) == what:
        return False
    await storage.operation.write(db, f"{_TOLD}: {about}", what)
    return True


async def told(db: Connection, about: str) -> str | None:
    """What was told of it last."""
    return await storage.operation.read(db, f"{_TOLD}: {about}")


async def _read(db: Connection, name: str) -> Any:
    found = await storage.operation.read(db, name)
    return None if found is None else json.loads(found)
