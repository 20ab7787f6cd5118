"""The files of cases: their bytes as they came, sealed under the case's key in pieces of 256 KiB.

A part with a file has a row in case_files from the moment it is kept: first `wanted`, then `kept`, or `lost` when the
messenger gives it no more. What was found to be sexual material is read by no function.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cases import Case, Part
from domain.files import PAUSES
from domain.times import to_us
from storage import cases
from storage.cases.sealing import minute
from storage.database import Connection, Row

CHUNK = 256 * 1024  # bytes
_TABLE = "case_file_chunks"
# An answer that is lost with a crash: the outbox asks again by itself, so this is for what nobody foresaw.
_ASKED_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to ask a messenger for. `tries`: how often it was asked and did not give it."""

    case: Case
    part: Part
    channel: str
    tries: int


async def due(db: Connection, now: datetime, most: int) -> list[Wanted]:
    """Files to ask for now, those that wait longest first; they are asked for by nobody else for a while."""
    rows = await db.all(
        """SELECT part_id, case_id, tries FROM case_files
           WHERE state = 'wanted' AND ask_at <= :now
           ORDER BY ask_at, part_id
           LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return await _asked(db, rows, now)


async def due_of(db: Connection, case: Case, now: datetime) -> list[Wanted]:
    """The same, of one case alone."""
    rows = await db.all(
        """SELECT part_id, case_id, tries FROM case_files
           WHERE case_id = :id AND state = 'wanted' AND ask_at <= :now
           ORDER BY part_id""",
        id=case.id,
        now=to_us(now),
    )
    return await _asked(db, rows, now)


async def _asked(db: Connection, rows: Iterable[Row], now: datetime) -> list[Wanted]:
    found = []
    for row in rows:
        await db.run(
            "UPDATE case_files SET ask_at = :later WHERE part_id = :id",
            later=minute(now + _ASKED_AGAIN),
            id=row["part_id"],
        )
        wanted = await _whole(db, row)
        if wanted is not None:
            found.append(wanted)
    return found


async def wanted(db: Connection, part_id: int) -> Wanted | None:
    """What the messenger was asked for; None when it came already, or there is no such case any more."""
    row = await db.one(
        "SELECT part_id, case_id, tries FROM case_files WHERE part_id = :id AND state = 'wanted'", id=part_id
    )
    return None if row is None else await _whole(db, row)


async def _whole(db: Connection, row: Row) -> Wanted | None:
    case = await cases.get(db, row["case_id"])
    part = None if case is None else await cases.part(db, case, row["part_id"])
    if case is None or part is None:
        return None
    channel = await db.value("SELECT channel FROM identities WHERE id = :id", id=case.reporter.identity_id)
    return None if channel is None else Wanted(case, part, channel, row["tries"])


async def save(db: Connection, found: Wanted, content: bytes) -> None:
    """The bytes as they came."""
    await db.run("UPDATE case_files SET state = 'kept' WHERE part_id = :id", id=found.part.id)
    for place, at in enumerate(range(0, len(content), CHUNK), 1):
        await db.run(
            "INSERT INTO case_file_chunks (part_id, place, content) VALUES (:id, :place, :content)",
            id=found.part.id,
            place=place,
            content=db.vault.seal(
                content[at : at + CHUNK],
                table=_TABLE,
                column="content",
                row=f"{found.part.id}:{place}",
                key=found.case.key_id,
            ),
        )
        await asyncio.sleep(0)  # 20 MB at a stretch would stop the loop for longer than anybody should wait


async def not_yet(db: Connection, found: Wanted, now: datetime) -> bool:
    """The messenger did not give it. It is asked again later; False: it was asked often enough, the file is lost."""
    if found.tries >= len(PAUSES):
        await give_up(db, found)
        return False
    await db.run(
        "UPDATE case_files SET tries = tries + 1, ask_at = :later WHERE part_id = :id",
        later=minute(now + PAUSES[found.tries]),
        id=found.part.id,
    )
    return True


async def give_up(db: Connection, found: Wanted) -> None:
    await db.run("UPDATE case_files SET state = 'lost' WHERE part_id = :id", id=found.part.id)


async def content(db: Connection, part_id: int) -> bytes | None:
    """The bytes as they came; None when there are none, and for what is hidden for good."""
    found, place = bytearray(), 0
    while True:
        place += 1
        sealed = await db.value(
            """SELECT case_file_chunks.content FROM case_file_chunks
               JOIN case_parts ON case_parts.id = case_file_chunks.part_id AND case_parts.state = 'open'
               WHERE case_file_chunks.part_id = :id AND case_file_chunks.place = :place""",
            id=part_id,
            place=place,
        )
        if sealed is None:
            return bytes(found) or None
        found += await db.vault.open(db, sealed, table=_TABLE, column="content", row=f"{part_id}:{place}")
