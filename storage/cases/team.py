"""Who works for the hotline, may know of a case and can be reached."""

from collections.abc import Iterable
from datetime import datetime

from domain.cases import Case
from domain.roles import HOTLINE, Role
from storage import communities, persons
from storage.cases.sealing import mark_of_excluded
from storage.database import Connection

# In a question about `cases`: not those that the person of the mark :excluded may not know of.
NOT_EXCLUDED = """NOT EXISTS (SELECT 1 FROM case_excluded
                               WHERE case_excluded.case_id = cases.id AND case_excluded.person_mark = :excluded)"""


async def without_excluded(db: Connection, case: Case, person_ids: Iterable[int]) -> list[int]:
    """Those of the persons who may know of the case."""
    rows = await db.all("SELECT person_mark FROM case_excluded WHERE case_id = :id", id=case.id)
    marks = {row["person_mark"] for row in rows}
    return [person_id for person_id in person_ids if mark_of_excluded(db, person_id) not in marks]


async def on_call(db: Connection, case: Case, roles: frozenset[Role], now: datetime) -> list[int]:
    """Who of the case's network holds one of the roles, may know of the case and can be reached."""
    staff = [member.person_id for member in await communities.nearest(db, case.community.path, now, roles)]
    return await _reached(db, await without_excluded(db, case, staff))


async def staff(db: Connection, now: datetime) -> frozenset[int]:
    """Who holds a role of the hotline."""
    network = await communities.root(db)
    held = await communities.nearest(db, network.path, now, HOTLINE) if network else []
    return frozenset(member.person_id for member in held)


async def at_work(db: Connection, now: datetime) -> list[int]:
    """Those of them who can be reached."""
    return await _reached(db, await staff(db, now))


async def _reached(db: Connection, person_ids: Iterable[int]) -> list[int]:
    readers = await persons.readers(db, person_ids)
    return [person_id for person_id, reader in readers.items() if reader.place is not None]


async def exclude(db: Connection, case_id: int, person_id: int) -> None:
    """From now on the case doesn't exist for her."""
    await db.run(
        "INSERT INTO case_excluded (case_id, person_mark) VALUES (:case_id, :mark) ON CONFLICT DO NOTHING",
        case_id=case_id,
        mark=mark_of_excluded(db, person_id),
    )
