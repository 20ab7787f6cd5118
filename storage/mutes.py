"""Whom somebody wants to hear nothing from for a while."""

from collections.abc import Mapping
from datetime import datetime

from domain.times import maybe_time, maybe_us, to_us
from storage.database import Connection


async def save(db: Connection, person_id: int, community_id: int, until: datetime | None) -> None:
    """None: for good."""
    await db.run(
        """INSERT INTO mutes (person_id, community_id, until)
           VALUES (:person_id, :community_id, :until)
           ON CONFLICT (person_id, community_id) DO UPDATE SET until = excluded.until""",
        person_id=person_id,
        community_id=community_id,
        until=maybe_us(until),
    )


async def end(db: Connection, person_id: int, community_id: int) -> None:
    await db.run(
        "DELETE FROM mutes WHERE person_id = :person_id AND community_id = :community_id",
        person_id=person_id,
        community_id=community_id,
    )


async def drop_ended(db: Connection, now: datetime, most: int) -> None:
    await db.run(
        """DELETE FROM mutes
           WHERE (person_id, community_id) IN (
               SELECT person_id, community_id FROM mutes
               WHERE until <= :now
               ORDER BY until
               LIMIT :most
           )""",
        now=to_us(now),
        most=most,
    )


async def of_person(db: Connection, person_id: int, now: datetime) -> Mapping[int, datetime | None]:
    """Until when, by community; None: for good."""
    rows = await db.all(
        "SELECT community_id, until FROM mutes WHERE person_id = :person_id AND (until IS NULL OR until > :now)",
        person_id=person_id,
        now=to_us(now),
    )
    return {row["community_id"]: maybe_time(row["until"]) for row in rows}
