"""The parts of a meeting, with rooms and speakers."""

from collections.abc import Sequence

from domain.meetings import Session
from storage.database import Connection


async def add(db: Connection, meeting_id: int, sessions: Sequence[Session]) -> None:
    for turn, one in enumerate(sessions):
        await db.run(
            """INSERT INTO sessions (meeting_id, turn, after, title, room, speaker)
               VALUES (:meeting_id, :turn, :after, :title, :room, :speaker)""",
            meeting_id=meeting_id,
            turn=turn,
            after=one.after,
            title=one.title,
            room=one.room,
            speaker=one.speaker,
        )


async def of(db: Connection, meeting_id: int) -> tuple[Session, ...]:
    rows = await db.all(
        "SELECT after, title, room, speaker FROM sessions WHERE meeting_id = :meeting_id ORDER BY turn",
        meeting_id=meeting_id,
    )
    return tuple(Session(row["after"], row["title"], row["room"], row["speaker"]) for row in rows)
