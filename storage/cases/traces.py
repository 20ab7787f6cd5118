"""What stands of the hotline in somebody's private chat, both sides of it, while the messenger can delete it."""

from datetime import datetime, timedelta

import orjson

from domain.messages import Lane
from domain.times import coarse, from_us, to_us
from storage.cases.sealing import new_id
from storage.database import Connection
from storage.outbox import place_mark
from storage.vault import Sealed

_TABLE = "case_traces"
_HOUR = timedelta(hours=1)


async def note_trace(db: Connection, place: str, message_id: int, now: datetime) -> None:
    """Somebody wrote this message to the hotline."""
    trace_id = new_id()
    await db.run(
        "INSERT INTO case_traces (id, place_mark, message, at) VALUES (:id, :mark, :message, :at)",
        id=trace_id,
        mark=_mark(db, place),
        message=db.vault.seal(str(message_id).encode(), table=_TABLE, column="message", row=trace_id),
        at=to_us(coarse(now, _HOUR)),
    )


async def take_traces(db: Connection, place: str, since: datetime) -> tuple[list[int], list[int]]:
    """The messages that stand in a chat: those that can still be deleted, hers and ours; and ours that are older.
    They are known no more after this."""
    theirs = await _theirs(db, place)
    ours = await _ours(db, place)
    late = [message_id for message_id, at in ours if at is None or at < since]
    return sorted({*theirs, *(message_id for message_id, _ in ours)} - set(late)), sorted(late)


async def drop_traces(db: Connection, place: str) -> None:
    """Nothing that was written there is known as something for the hotline."""
    await db.run("DELETE FROM case_traces WHERE place_mark = :mark", mark=_mark(db, place))


async def _theirs(db: Connection, place: str) -> list[int]:
    rows = await db.all("DELETE FROM case_traces WHERE place_mark = :mark RETURNING id, message", mark=_mark(db, place))
    found = []
    for row in rows:
        try:
            plain = await db.vault.open(db, row["message"], table=_TABLE, column="message", row=row["id"])
        except Sealed:  # its day's key is gone: it is older than what can be deleted
            continue
        found.append(int(plain))
    return found


async def _ours(db: Connection, place: str) -> list[tuple[int, datetime | None]]:
    """What the case lane said there, with the time it was said where that is known."""
    standing = "place_mark = :mark AND lane = 0 AND trace IS NOT NULL"
    mark = place_mark(db, Lane.CASE, place)
    rows = await db.all(f"SELECT id, kind, trace FROM deliveries WHERE {standing}", mark=mark)  # noqa: S608 - our own
    await db.run(f"UPDATE deliveries SET trace = NULL WHERE {standing}", mark=mark)  # noqa: S608 - our own
    found = []
    for row in rows:
        try:
            plain = await db.vault.open(db, row["trace"], table="deliveries", column="trace", row=row["id"])
        except Sealed:
            continue
        known = orjson.loads(plain)
        if known["message_id"] is not None and row["kind"] == "say":
            found.append((known["message_id"], from_us(known["at"]) if "at" in known else None))
    return found


async def forget_traces(db: Connection, before: datetime) -> None:
    await db.run("DELETE FROM case_traces WHERE at < :before", before=to_us(before))


def _mark(db: Connection, place: str) -> bytes:
    return db.vault.mark("case trace", place)
