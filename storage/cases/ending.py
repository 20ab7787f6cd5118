"""When a case ends: the day on which storage.retention destroys it."""

from datetime import datetime

from domain.cases import Case, Reason
from domain.retention import PLANNED, REFERRED, ends_on
from domain.times import to_us
from storage.database import Connection


async def set_end(db: Connection, case: Case, reason: Reason, closed_at: datetime) -> None:
    """The case was closed: from now on it shows when it ends."""
    rows = await db.all(
        "SELECT DISTINCT deed FROM case_log WHERE case_id = :id AND deed IN (:planned, :referred)",
        id=case.id,
        planned=PLANNED,
        referred=REFERRED,
    )
    ends = ends_on(case, reason, {row["deed"] for row in rows}, closed_at)
    await db.run("UPDATE cases SET ends_on = :ends WHERE id = :id", ends=to_us(ends), id=case.id)
