"""The log of the cases: who did what, never what was written. How it is kept is told in storage.cases.chain."""

from collections.abc import Iterable
from datetime import datetime

from domain.cases import Case, Deed
from domain.logbook import READS, Entry
from domain.messages import ReadAttempt
from domain.times import from_us, to_us
from storage.cases import chain
from storage.cases.sealing import mark_of_excluded
from storage.database import Connection, Row


async def log(
    db: Connection,
    case_id: int | None,
    role: str,
    deed: Deed,
    now: datetime,
    *,
    person_id: int | None = None,
    part_id: int | None = None,
) -> None:
    """One more entry: who did what, never what was written. A look that is about no single case names none."""
    who = None if person_id is None else mark_of(db, person_id)
    await chain.append(db, role, deed, now, case_id=case_id, who=who, part_id=part_id)


async def log_refused(db: Connection, attempt: ReadAttempt, person_id: int, now: datetime) -> None:
    """Somebody was refused: no entry tells of which case, nor whether there is one (rule 15)."""
    await log(db, None, attempt.role, Deed.REFUSED, now, person_id=person_id)


def mark_of(db: Connection, person_id: int) -> bytes:
    """What stands in the log for a person."""
    return db.vault.mark("case log", str(person_id))


# Entries that somebody may know of: of a case that she is excluded from there is none.
_SEEN = """FROM case_log
           LEFT JOIN cases ON cases.id = case_log.case_id
           WHERE NOT EXISTS (SELECT 1 FROM case_excluded
                             WHERE case_excluded.case_id = case_log.case_id
                               AND case_excluded.person_mark = :excluded)"""
_ENTRIES = f"""SELECT case_log.id, case_log.at, case_log.role, case_log.deed, case_log.case_id, case_log.who,
                      cases.number AS case_number
               {_SEEN}"""
_READS = ", ".join(f"'{deed}'" for deed in sorted(READS))


async def entries(db: Connection, person_id: int, skip: int, most: int) -> list[Entry]:
    """The newest entries that she may know of, behind the first `skip`."""
    rows = await db.all(
        f"{_ENTRIES} ORDER BY case_log.id DESC LIMIT :most OFFSET :skip",
        excluded=mark_of_excluded(db, person_id),
        skip=skip,
        most=most,
    )
    return [_entry(row) for row in rows]


async def entry_of_read(db: Connection, entry_id: int, person_id: int) -> Entry | None:
    """An entry that tells of a read, for somebody who may know of it."""
    row = await db.one(
        f"{_ENTRIES} AND case_log.id = :id AND case_log.deed IN ({_READS})",
        id=entry_id,
        excluded=mark_of_excluded(db, person_id),
    )
    return _entry(row) if row else None


async def reads_to_look_at(
    db: Connection, person_id: int, since: datetime, until: datetime, most: int, chance: float
) -> list[Entry]:
    """Some of the reads of this time that others did, spread evenly; `chance` (0 to 1) says where to begin."""
    theirs = f"AND case_log.at >= :since AND case_log.at < :until AND case_log.who <> :own AND deed IN ({_READS})"
    values = {
        "excluded": mark_of_excluded(db, person_id),
        "own": mark_of(db, person_id),
        "since": to_us(since),
        "until": to_us(until),
    }
    count = int(await db.value(f"SELECT COUNT(*) {_SEEN} {theirs}", **values))
    found = []
    for number in range(min(most, count)):
        place = int((number + chance) * count / min(most, count)) % count
        row = await db.one(f"{_ENTRIES} {theirs} ORDER BY case_log.id LIMIT 1 OFFSET :place", **values, place=place)
        if row is not None:
            found.append(_entry(row))
    return found


async def reads_of(db: Connection, case: Case, most: int) -> list[Entry]:
    """Who has read a case, the newest first."""
    rows = await db.all(
        f"""SELECT id, at, role, deed, case_id, who, NULL AS case_number FROM case_log
            WHERE case_id = :case_id AND deed IN ({_READS})
            ORDER BY id DESC
            LIMIT :most""",  # noqa: S608 - our own words
        case_id=case.id,
        most=most,
    )
    return [_entry(row) for row in rows]


async def may_know(db: Connection, entry: Entry, person_ids: Iterable[int]) -> list[int]:
    """Those of the persons who may know of what the entry is about."""
    rows = await db.all("SELECT person_mark FROM case_excluded WHERE case_id = :id", id=entry.case_id)
    marks = {row["person_mark"] for row in rows}
    return [one for one in person_ids if mark_of_excluded(db, one) not in marks]


async def last_restore(db: Connection) -> Entry | None:
    """The entry that the last restore from a backup left."""
    row = await db.one(
        """SELECT id, at, role, deed, case_id, who, NULL AS case_number FROM case_log
           WHERE deed = 'restored'
           ORDER BY id DESC
           LIMIT 1"""
    )
    return _entry(row) if row else None


def _entry(row: Row) -> Entry:
    return Entry(
        row["id"], from_us(row["at"]), row["role"], row["deed"], row["case_id"], row["case_number"], row["who"]
    )
