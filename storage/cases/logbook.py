"""The log of the cases: who did what, never what was written."""

from datetime import datetime

from domain.cases import Deed
from storage.cases.sealing import minute
from storage.database import Connection


async def log(
    db: Connection,
    case_id: int,
    role: str,
    deed: Deed,
    now: datetime,
    *,
    person_id: int | None = None,
    part_id: int | None = None,
) -> None:
    """One more entry: who did what, never what was written."""
    await db.run(
        """INSERT INTO case_log (who, case_id, role, deed, part_id, at)
           VALUES (:who, :case_id, :role, :deed, :part_id, :now)""",
        who=None if person_id is None else db.vault.mark("case log", str(person_id)),
        case_id=case_id,
        role=role,
        deed=deed.value,
        part_id=part_id,
        now=minute(now),
    )
