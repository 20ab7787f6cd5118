"""The end of a case: its key is destroyed, and with it goes every row that hangs on the case. What stays is a dull row
that tells of nobody, for the figures.

What hangs on a case is asked of the database's own references, so that a table made later is not forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cases import Reason, State
from domain.times import coarse, from_us, to_us
from storage import cases
from storage.database import Connection, Reference

# Of the case's own row. The number and the mark of the pseudonym are random and stay so that no other case ever gets
# them, and that the log goes on naming what it tells of; the district is a mark, too.
DULL = frozenset(
    {
        "id",
        "number",
        "pseudonym_mark",
        "kind",
        "risk",
        "state",
        "reason",
        "face",
        "opened_at",
        "closed_at",
        "destroyed_on",
        "answered_after",
        "district_mark",
        "is_test",
    }
)
# Who did what, never what was written: five years. And as long as the log names the case: whose it was, and who must
# not learn of it (rule 15).
OUTLIVES = frozenset({"case_log", "case_teams", "case_excluded"})
_NOTHING = {"blob": b"", "bytea": b"", "text": ""}  # for a column that must not be NULL; all others are numbers
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A case to destroy. `since`: when its time was over; None: its key is gone already, a restore brought back the
    rest."""

    id: int
    since: datetime | None


async def set_missing_ends(db: Connection, most: int) -> None:
    """For cases that were closed in another way, or before there were ends."""
    rows = await db.all(
        """SELECT id, reason, closed_at FROM cases
           WHERE state = 'closed' AND destroyed_on IS NULL AND ends_on IS NULL
           LIMIT :most""",
        most=most,
    )
    for row in rows:
        case = await cases.get(db, row["id"])
        if case is not None and case.state is State.CLOSED and row["closed_at"] is not None:
            reason = next((one for one in Reason if one.value == row["reason"]), Reason.HELPED)
            await cases.set_end(db, case, reason, from_us(row["closed_at"]))


async def due(db: Connection, now: datetime) -> list[Due]:
    """What is to be destroyed now."""
    rows = await db.all(
        """SELECT id, ends_on FROM cases
           WHERE state = 'closed' AND destroyed_on IS NULL AND ends_on <= :now
           ORDER BY ends_on, id""",
        now=to_us(now),
    )
    without_key = await db.all(
        """SELECT id FROM cases
           WHERE destroyed_on IS NULL AND NOT EXISTS (SELECT 1 FROM sealing_keys WHERE sealing_keys.id = cases.key_id)
           ORDER BY id"""
    )
    found = {row["id"]: Due(row["id"], from_us(row["ends_on"])) for row in rows}
    return list((found | {row["id"]: Due(row["id"], None) for row in without_key}).values())


async def destroy(db: Connection, case_id: int, now: datetime) -> None:
    """Nothing of the case can be read again, by anybody, nor after a restore."""
    key_id = await db.value("SELECT key_id FROM cases WHERE id = :id", id=case_id)
    minutes = await _answered_after(db, case_id)
    await _remove(db, await db.references(), "cases", "id = :id", case_id)
    await _forget_excluded(db, case_id)
    await _make_dull(db, case_id, minutes, now)
    # At the very end: the vault forgets the key at once, even if a savepoint undoes what else broke.
    await db.vault.destroy_key(db, key_id)


async def _answered_after(db: Connection, case_id: int) -> int | None:
    """How many minutes the reporter waited for the first answer; None: there was none."""
    answered = await db.value(
        """SELECT MIN(case_log.at) - MIN(cases.opened_at) FROM case_log
           JOIN cases ON cases.id = case_log.case_id
           WHERE case_log.case_id = :id AND case_log.deed = 'answered'""",
        id=case_id,
    )
    return None if answered is None else max(int(answered) // 60_000_000, 0)


async def _remove(db: Connection, references: Sequence[Reference], table: str, where: str, case_id: int) -> None:
    """Every row that refers to these, those that hang on them first."""
    for one in references:
        if one.parent != table or one.child in OUTLIVES or one.child == "cases":
            continue
        theirs = f"{one.column} IN (SELECT {one.parent_column} FROM {table} WHERE {where})"  # noqa: S608 - our tables
        await _remove(db, references, one.child, theirs, case_id)
        await db.run(f"DELETE FROM {one.child} WHERE {theirs}", id=case_id)  # noqa: S608 - our tables


async def _forget_excluded(db: Connection, case_id: int) -> None:
    """Whoever reported is kept out of her case, too: her mark goes with it."""
    stay = await cases.marks_that_stay(db)
    for row in await db.all("SELECT person_mark FROM case_excluded WHERE case_id = :id", id=case_id):
        if bytes(row["person_mark"]) not in stay:
            await db.run(
                "DELETE FROM case_excluded WHERE case_id = :id AND person_mark = :mark",
                id=case_id,
                mark=row["person_mark"],
            )


async def _make_dull(db: Connection, case_id: int, minutes: int | None, now: datetime) -> None:
    cleared = {
        column.name: _NOTHING.get(column.type, 0) if column.must_be else None
        for column in await db.columns("cases")
        if column.name not in DULL
    }
    row = await db.one("SELECT opened_at, closed_at FROM cases WHERE id = :id", id=case_id)
    if row is None:
        raise LookupError("a case that was just there")
    values = cleared | {
        "state": State.CLOSED.value,
        "opened_at": _rounded(row["opened_at"], _HOUR),  # periods of figures begin on the hour
        "closed_at": _rounded(row["closed_at"], _DAY),
        "destroyed_on": to_us(coarse(now, _DAY)),
        "answered_after": minutes,
    }
    changes = ", ".join(f"{name} = :{name}" for name in values)
    await db.run(f"UPDATE cases SET {changes} WHERE id = :id", id=case_id, **values)  # noqa: S608 - our columns


def _rounded(at: int | None, step: timedelta) -> int | None:
    return None if at is None else to_us(coarse(from_us(at), step))
