"""What stands of a case in the chats of its staff."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.cases import Case
from domain.times import from_us, to_us
from storage.cases.sealing import minute, new_id, seal, unseal
from storage.database import Connection, Row
from storage.vault import Sealed


@dataclass(frozen=True, slots=True)
class Copy:
    """Something of a case that stands in the chat of somebody who works on it."""

    id: int
    case_id: int
    part_id: int | None
    person_id: int
    identity_id: int
    shown_at: datetime

    @property
    def card(self) -> str:
        return card_of(self.id)


def card_of(copy_id: int) -> str:
    return f"case copy:{copy_id}"


async def note_copy(
    db: Connection, case: Case, person_id: int, identity_id: int, now: datetime, part_id: int | None = None
) -> int:
    """Something of the case is about to stand in somebody's chat. Returns the id that names its card."""
    copy_id = new_id()
    reader = {"person": person_id, "identity": identity_id}
    await db.run(
        """INSERT INTO case_copies (id, case_id, part_id, reader, state, shown_at, asked_at)
           VALUES (:id, :case_id, :part_id, :reader, 'standing', :now, :now)""",
        id=copy_id,
        case_id=case.id,
        part_id=part_id,
        reader=seal(db, case.key_id, "case_copies", "reader", copy_id, reader),
        now=minute(now),
    )
    return copy_id


async def copies_to_remove(db: Connection, shown_before: datetime, asked_before: datetime) -> list[Copy]:
    """What has stood long enough and wasn't asked to go a moment ago."""
    rows = await db.all(
        """SELECT * FROM case_copies
           WHERE state = 'standing' AND shown_at <= :shown_before AND asked_at <= :asked_before
           ORDER BY shown_at, id
           LIMIT 500""",
        shown_before=to_us(shown_before),
        asked_before=to_us(asked_before),
    )
    return await _copies(db, rows)


async def standing_copies(db: Connection, asked_before: datetime) -> list[Copy]:
    """What stands anywhere and wasn't asked to go a moment ago."""
    rows = await db.all(
        """SELECT * FROM case_copies
           WHERE state = 'standing' AND (asked_at = shown_at OR asked_at <= :asked_before)
           ORDER BY shown_at, id""",
        asked_before=to_us(asked_before),
    )
    return await _copies(db, rows)


async def copies_of(db: Connection, case: Case) -> list[Copy]:
    """What still stands of a case, in anybody's chat."""
    rows = await db.all(
        "SELECT * FROM case_copies WHERE case_id = :id AND state = 'standing' ORDER BY shown_at, id", id=case.id
    )
    return await _copies(db, rows)


async def _copies(db: Connection, rows: Iterable[Row]) -> list[Copy]:
    found = []
    for row in rows:
        with contextlib.suppress(Sealed):  # as in _cases
            found.append(await _copy(db, row))
    return found


async def _copy(db: Connection, row: Row) -> Copy:
    reader = await unseal(db, row["reader"], "case_copies", "reader", row["id"])
    return Copy(
        row["id"], row["case_id"], row["part_id"], reader["person"], reader["identity"], from_us(row["shown_at"])
    )


async def note_asked(db: Connection, copy_id: int, now: datetime) -> None:
    await db.run("UPDATE case_copies SET asked_at = :now WHERE id = :id", now=minute(now), id=copy_id)


async def save_copy(db: Connection, copy_id: int, state: str) -> None:
    """`removed` or `blanked`."""
    await db.run("UPDATE case_copies SET state = :state WHERE id = :id", state=state, id=copy_id)
