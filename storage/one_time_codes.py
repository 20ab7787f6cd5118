"""Codes that are used once: of /move, and of a child for her parents. Only their marks are kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.invites import ALPHABET, CLASS_CODE
from domain.times import to_us
from storage.database import Connection


class Purpose(StrEnum):
    MOVE = "move"
    BOTH = "both"  # of whoever entered a code of /move, for the account that made that one to say yes with
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Taken:
    """Whose code it was, and who asked for it."""

    person_id: int
    made_by: int


async def make(db: Connection, purpose: Purpose, person_id: int, made_by: int, now: datetime, lasts: timedelta) -> str:
    """A new code; the one before it works no more."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CLASS_CODE))
    await db.run(
        """INSERT INTO one_time_codes (purpose, mark, person_id, made_by, expires_at)
           VALUES (:purpose, :mark, :person_id, :made_by, :expires_at)
           ON CONFLICT (person_id, purpose) DO UPDATE
           SET mark = excluded.mark, made_by = excluded.made_by, expires_at = excluded.expires_at""",
        purpose=purpose.value,
        mark=_mark(db, purpose, code),
        person_id=person_id,
        made_by=made_by,
        expires_at=to_us(now + lasts),
    )
    return code


async def works_for(db: Connection, purpose: Purpose, code: str, person_id: int, now: datetime) -> str | None:
    """The code, if it is somebody else's that she could use; looking uses nothing up."""
    found = await db.value(
        """SELECT 1 FROM one_time_codes
           WHERE mark = :mark AND purpose = :purpose AND expires_at > :now AND person_id <> :person_id""",
        mark=_mark(db, purpose, code),
        person_id=person_id,
        purpose=purpose.value,
        now=to_us(now),
    )
    return code if found is not None else None


async def take(db: Connection, purpose: Purpose, code: str, person_id: int, now: datetime) -> Taken | None:
    """Uses somebody else's code up; None when there is none (any more)."""
    row = await db.one(
        """DELETE FROM one_time_codes
           WHERE mark = :mark AND purpose = :purpose AND expires_at > :now AND person_id <> :person_id
           RETURNING person_id, made_by""",
        mark=_mark(db, purpose, code),
        person_id=person_id,
        purpose=purpose.value,
        now=to_us(now),
    )
    return Taken(row["person_id"], row["made_by"]) if row else None


async def end_moves(db: Connection, *person_ids: int) -> None:
    """What was asked before two persons became one is over."""
    for person_id in person_ids:
        await db.run(
            "DELETE FROM one_time_codes WHERE purpose <> 'family' AND (person_id = :id OR made_by = :id)", id=person_id
        )


async def forget_before(db: Connection, now: datetime) -> None:
    await db.run("DELETE FROM one_time_codes WHERE expires_at <= :now", now=to_us(now))


def _mark(db: Connection, purpose: Purpose, code: str) -> bytes:
    return db.vault.mark(f"code {purpose.value}", code)
