"""Meetings that recur: one row for what they have in common, and when the next of them is announced."""

from datetime import datetime, timedelta

from domain.meetings import Meeting
from domain.series import Every
from domain.times import to_us
from storage.database import Connection


async def add(db: Connection, every: Every) -> int:
    return int(await db.value("INSERT INTO series (every) VALUES (:every) RETURNING id", every=every.value))


async def from_on(db: Connection, meeting: Meeting) -> list[int]:
    """This meeting and those after it that are not cancelled, soonest first."""
    rows = await db.all(
        """SELECT id FROM meetings
           WHERE series_id = :series_id AND starts_at >= :starts_at AND state = 'called'
           ORDER BY starts_at, id""",
        series_id=meeting.series_id,
        starts_at=to_us(meeting.starts_at),
    )
    return [row["id"] for row in rows]


async def shift_announcing(db: Connection, meeting_id: int, by: timedelta) -> None:
    """The series was moved: people hear of this one as long before it as was planned."""
    await db.run(
        "UPDATE meetings SET announce_at = announce_at + :by WHERE id = :id AND announce_at IS NOT NULL",
        by=by // timedelta(microseconds=1),
        id=meeting_id,
    )


async def announce_in_time(db: Connection, meeting_id: int, now: datetime) -> None:
    """It was moved to before people were to hear of it: they hear now."""
    await db.run(
        "UPDATE meetings SET announce_at = :now WHERE id = :id AND announce_at >= starts_at",
        now=to_us(now),
        id=meeting_id,
    )


async def to_announce(db: Connection, now: datetime, most: int) -> list[int]:
    """Meetings whose turn it is to be told of; from now on they are announced."""
    rows = await db.all(
        """UPDATE meetings SET announce_at = NULL
           WHERE id IN (SELECT id FROM meetings
                        WHERE announce_at <= :now AND state = 'called'
                        ORDER BY announce_at, id
                        LIMIT :most)
           RETURNING id""",
        now=to_us(now),
        most=most,
    )
    return sorted(row["id"] for row in rows)
