"""Codes to come back to a case with. Only their marks are kept: nobody can read a code out of the database."""

import secrets
from datetime import datetime, timedelta

from domain.cases import Case
from domain.codes import DIGITS, Tries
from domain.times import from_us, to_us
from storage.cases.case import get
from storage.cases.sealing import minute, new_id
from storage.database import Connection

VALID_AT_ONCE = 8
TRIES_COUNT = timedelta(hours=24)
_HOUR = timedelta(hours=1)


async def give_code(db: Connection, case: Case) -> tuple[int, str]:
    """A new code, with the id of its row. Those before it stay good until she says that she has this one (keep_code): a
    code that was never read, or that somebody else had made on her phone, takes nothing from her."""
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    code_id = new_id()
    await db.run(
        "INSERT INTO case_codes (id, case_id, mark) VALUES (:id, :case_id, :mark)",
        id=code_id,
        case_id=case.id,
        mark=_mark(db, code),
    )
    return code_id, code


async def codes(db: Connection, case: Case) -> int:
    """How many are good."""
    return int(await db.value("SELECT COUNT(*) FROM case_codes WHERE case_id = :id", id=case.id))


async def keep_code(db: Connection, case: Case, code_id: int) -> bool:
    """She has written this one down: the others end. False when it is none of the case's."""
    found = await db.value(
        "SELECT 1 FROM case_codes WHERE case_id = :case_id AND id = :id", case_id=case.id, id=code_id
    )
    if found is None:
        return False
    await db.run("DELETE FROM case_codes WHERE case_id = :case_id AND id <> :id", case_id=case.id, id=code_id)
    return True


async def by_code(db: Connection, code: str) -> Case | None:
    """The case of a code; None for one that never was, that ended, or whose case is destroyed."""
    found = await db.value("SELECT case_id FROM case_codes WHERE mark = :mark", mark=_mark(db, code))
    return None if found is None else await get(db, int(found))


def _mark(db: Connection, code: str) -> bytes:
    return db.vault.mark("case code", code)


# --- wrong tries ------------------------------------------------------------------------------------------------------


async def save_try(db: Connection, identity_id: int, now: datetime) -> None:
    """A code that fits no case was tried."""
    await db.run(
        "INSERT INTO case_code_tries (id, who_mark, at) VALUES (:id, :who, :now)",
        id=new_id(),
        who=_who(db, identity_id),
        now=minute(now),
    )


async def tries(db: Connection, identity_id: int, now: datetime) -> Tries:
    """How often wrong codes were tried: from this account in a day, and by all together in an hour."""
    row = await db.one(
        "SELECT COUNT(*) AS many, MAX(at) AS last FROM case_code_tries WHERE who_mark = :who AND at > :since",
        who=_who(db, identity_id),
        since=to_us(now - TRIES_COUNT),
    )
    everybody = await db.value("SELECT COUNT(*) FROM case_code_tries WHERE at > :since", since=to_us(now - _HOUR))
    if row is None or row["last"] is None:
        return Tries(0, int(everybody), None)
    return Tries(int(row["many"]), int(everybody), from_us(row["last"]))


async def forget_tries(db: Connection, before: datetime) -> None:
    await db.run("DELETE FROM case_code_tries WHERE at < :before", before=to_us(before))


def _who(db: Connection, identity_id: int) -> bytes:
    return db.vault.mark("case code try", str(identity_id))
