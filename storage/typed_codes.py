"""Wrong tries of codes that people type: who, of which kind, when; never what was typed."""

from datetime import datetime

from domain.messages import WrongTry
from domain.times import from_us, to_us
from domain.typed_codes import PAUSE
from storage.database import Connection


async def save_wrong_try(db: Connection, wrong: WrongTry, person_id: int, now: datetime) -> None:
    await db.run(
        "INSERT INTO wrong_tries (person_id, kind, at) VALUES (:person_id, :kind, :at)",
        person_id=person_id,
        kind=wrong.kind,
        at=to_us(now),
    )


async def wrong_tries(db: Connection, person_id: int, kind: str, now: datetime) -> list[datetime]:
    """When a person tried wrong codes of a kind in the last hour."""
    rows = await db.all(
        "SELECT at FROM wrong_tries WHERE person_id = :person_id AND kind = :kind AND at > :since ORDER BY at",
        person_id=person_id,
        kind=kind,
        since=to_us(now - PAUSE),
    )
    return [from_us(row["at"]) for row in rows]


async def forget_before(db: Connection, before: datetime) -> None:
    await db.run("DELETE FROM wrong_tries WHERE at < :before", before=to_us(before))
