"""The log of the cases: who did what, never what was written. How it is kept is told in storage.cases.chain."""

from dataclasses import replace
from datetime import datetime

from domain.cases import Case, Deed
from domain.logbook import READS, Entry
from domain.messages import ReadAttempt
from domain.times import from_us, to_us
from storage.cases import chain
from storage.cases.team import Known, known_to
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


async def log_of_staff(
    db: Connection, role: str, deed: Deed, now: datetime, *, person_id: int, whom: int | None = None
) -> None:
    """What somebody of the staff did about herself or, `whom`, about another: of no case."""
    other = None if whom is None else mark_of(db, whom)
    await chain.append(db, role, deed, now, who=mark_of(db, person_id), digest=other)


async def log_refused(db: Connection, attempt: ReadAttempt, person_id: int, now: datetime) -> None:
    """Somebody was refused: no entry tells of which case, nor whether there is one (rule 15)."""
    await log(db, None, attempt.role, Deed.REFUSED, now, person_id=person_id)


def mark_of(db: Connection, person_id: int) -> bytes:
    """What stands in the log for a person."""
    return db.vault.mark("case log", str(person_id))


_READS = ", ".join(f"'{deed}'" for deed in sorted(READS))
_ABOUT = """case_log.id, case_log.at, case_log.role, case_log.deed, case_log.case_id, case_log.who,
            cases.number AS case_number"""


async def _seen(db: Connection, person_id: int) -> Known:
    """The entries that somebody may know of: of a case that she may not know of there is none."""
    known = await known_to(db, person_id)
    sql = f"""FROM case_log
              LEFT JOIN cases ON cases.id = case_log.case_id
              WHERE (case_log.case_id IS NULL OR ({known.sql}))"""
    return replace(known, sql=sql)


async def entries(db: Connection, person_id: int, skip: int, most: int) -> list[Entry]:
    """The newest entries that she may know of, behind the first `skip`."""
    seen = await _seen(db, person_id)
    rows = await db.all(
        f"SELECT {_ABOUT} {seen.sql} ORDER BY case_log.id DESC LIMIT :most OFFSET :skip",
        **seen.values,
        skip=skip,
        most=most,
    )
    return [_entry(row) for row in rows]


async def entry_of_read(db: Connection, entry_id: int, person_id: int) -> Entry | None:
    """An entry that tells of a read, for somebody who may know of it."""
    seen = await _seen(db, person_id)
    row = await db.one(
        f"SELECT {_ABOUT} {seen.sql} AND case_log.id = :id AND case_log.deed IN ({_READS})",
        **seen.values,
        id=entry_id,
    )
    return _entry(row) if row else None


async def reads_to_look_at(
    db: Connection, person_id: int, since: datetime, until: datetime, most: int, chance: float
) -> list[Entry]:
    """Some of the reads of this time that others did, spread evenly; `chance` (0 to 1) says where to begin."""
    seen = await _seen(db, person_id)
    theirs = f"""{seen.sql} AND case_log.at >= :since AND case_log.at < :until AND case_log.who <> :own
                 AND case_log.deed IN ({_READS})"""
    values = {**seen.values, "own": mark_of(db, person_id), "since": to_us(since), "until": to_us(until)}
    count = int(await db.value(f"SELECT COUNT(*) {theirs}", **values))
    found = []
    for number in range(min(most, count)):
        place = int((number + chance) * count / min(most, count)) % count
        row = await db.one(
            f"SELECT {_ABOUT} {theirs} ORDER BY case_log.id LIMIT 1 OFFSET :place",
            **values,
            place=place,
        )
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
