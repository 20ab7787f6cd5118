"""The delivery ledger: what was sent to whom is kept for a year (rule 21); the numbers of announcements stay.

A delivery doesn't say when it was written, so that nobody can join it to anything by its time. Each day the number of
the newest one is noted instead: a year later all up to it are old enough.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from storage import announcements
from storage.database import Connection, listed
from storage.operation import forget

KEPT_FOR = timedelta(days=365)
_NOTE = "ledger of "  # and the day; its value is the number of the newest delivery then


async def note(db: Connection, day: date, newest: int) -> None:
    """The newest delivery there is at the first look on a day."""
    await db.run(
        "INSERT INTO notes_of_operation (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
        name=f"{_NOTE}{day:%Y-%m-%d}",
        value=str(newest),
    )


async def drop_before(db: Connection, day: date, most: int) -> int:
    """Some of what was written until that day, the oldest first; returns how many. Nothing that still waits."""
    noted = await db.one(
        """SELECT name, value FROM notes_of_operation
           WHERE name >= :first AND name <= :last
           ORDER BY name DESC
           LIMIT 1""",
        first=_NOTE,
        last=f"{_NOTE}{day:%Y-%m-%d}",
    )
    if noted is None:
        return 0
    rows = await db.all(
        """SELECT id, outgoing_id FROM deliveries
           WHERE id <= :newest AND state NOT IN ('waiting', 'held', 'digest', 'in_digest') AND given_up_at IS NULL
           ORDER BY id
           LIMIT :most""",
        newest=int(noted["value"]),
        most=most,
    )
    if not rows:
        await forget(db, noted["name"])
        return 0
    await _fold(db, {row["outgoing_id"] for row in rows if row["outgoing_id"] is not None})
    await _drop(db, [row["id"] for row in rows])
    return len(rows)


async def _fold(db: Connection, outgoing_ids: Iterable[int]) -> None:
    """The numbers of the announcements that lose rows are written down first."""
    for outgoing_id in outgoing_ids:
        key = await db.value("SELECT dedupe_key FROM outgoings WHERE id = :id", id=outgoing_id)
        found = await announcements.of_ledger(db, key or "")
        if found is not None:
            await announcements.fold(db, found)


async def _drop(db: Connection, ids: list[int]) -> None:
    names, values = listed(ids)
    await db.run(f"DELETE FROM poll_stops WHERE delivery_id IN ({names})", **values)  # noqa: S608 - names only
    await db.run(f"DELETE FROM deliveries WHERE id IN ({names})", **values)  # noqa: S608 - names only
