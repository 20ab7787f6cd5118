"""When a case ends: the day on which storage.retention destroys it."""

from datetime import datetime

from domain.cases import Case, Reason
from domain.retention import PLANNED, REFERRED, ends_on, lasts
from domain.times import to_us
from storage.database import Connection


async def set_end(db: Connection, case: Case, reason: Reason, closed_at: datetime) -> None:
    """The case was closed: from now on it shows when it ends."""
    ends = ends_on(case, reason, await _deeds(db, case), closed_at)
    await db.run("UPDATE cases SET ends_on = :ends WHERE id = :id", ends=to_us(ends), id=case.id)


async def days_kept(db: Connection, case: Case) -> int:
    """For how many days an open case is kept once it is closed, as it stands now."""
    return lasts(case, Reason.HELPED, await _deeds(db, case)).days


async def _deeds(db: Connection, case: Case) -> set[str]:
    rows = await db.all(
        "SELECT DISTINCT deed FROM case_log WHERE case_id = :id AND deed IN (:planned, :referred)",
        id=case.id,
        planned=PLANNED,
        referred=REFERRED,
    )
    return {row["deed"] for row in rows}
