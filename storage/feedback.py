"""How meetings were. Who answered is kept as a mark made of meeting and person, which nobody reads back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.attendance import LASTS
from domain.feedback import OPEN_FOR, Tally
from domain.meetings import Meeting
from domain.times import from_us, to_us
from storage import meetings
from storage.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Round:
    """One meeting's question how it was. `told`: the answers in the numbers that were shown; state: asking | open |
    closed."""

    meeting_id: int
    asks_at: datetime
    closes_at: datetime
    reached_person: int
    told: int
    state: str

    def takes_answers(self, now: datetime) -> bool:
        return self.state != "closed" and now < self.closes_at


# --- planning ---------------------------------------------------------------------------------------------------------


async def just_over(db: Connection, now: datetime, most: int) -> list[Meeting]:
    """Meetings that have ended and whose people were not asked yet. Those over for long never are."""
    await db.run(
        "UPDATE meetings SET asked_after = 1 WHERE asked_after = 0 AND starts_at <= :long_ago",
        long_ago=to_us(now - OPEN_FOR),
    )
    rows = await db.all(
        """SELECT id FROM meetings
           WHERE asked_after = 0 AND starts_at <= :now AND state = 'called'
             AND COALESCE(ends_at, starts_at + :lasts) <= :now
           ORDER BY starts_at
           LIMIT :most""",
        now=to_us(now),
        lasts=LASTS // timedelta(microseconds=1),
        most=most,
    )
    return [await meetings.get(db, row["id"]) for row in rows]


async def plan(db: Connection, meeting_id: int, asks_at: datetime) -> None:
    await db.run("UPDATE meetings SET asked_after = 1 WHERE id = :id", id=meeting_id)
    await db.run(
        """INSERT INTO feedback_rounds (meeting_id, asks_at, closes_at, state, next_at)
           VALUES (:meeting_id, :asks_at, :closes_at, 'asking', :asks_at)
           ON CONFLICT DO NOTHING""",
        meeting_id=meeting_id,
        asks_at=to_us(asks_at),
        closes_at=to_us(asks_at + OPEN_FOR),
    )


async def due(db: Connection, now: datetime, most: int) -> list[Round]:
    rows = await db.all(
        """SELECT * FROM feedback_rounds
           WHERE state <> 'closed' AND next_at <= :now
           ORDER BY next_at
           LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [_round(row) for row in rows]


async def round_of(db: Connection, meeting_id: int) -> Round | None:
    row = await db.one("SELECT * FROM feedback_rounds WHERE meeting_id = :id", id=meeting_id)
    return _round(row) if row else None


async def save(db: Connection, one: Round, next_at: datetime) -> None:
    """How far it is, and when to look again."""
    await db.run(
        """UPDATE feedback_rounds
           SET reached_person = :reached, told = :told, state = :state, next_at = :next_at
           WHERE meeting_id = :meeting_id""",
        reached=one.reached_person,
        told=one.told,
        state=one.state,
        next_at=to_us(next_at),
        meeting_id=one.meeting_id,
    )


# --- whoever was there ------------------------------------------------------------------------------------------------

# Whoever gave the code at the door; where nobody did, whoever said that she would come.
_THERE = """SELECT attendance.person_id FROM attendance WHERE attendance.meeting_id = :meeting_id
            UNION ALL
            SELECT rsvps.person_id FROM rsvps
            WHERE rsvps.meeting_id = :meeting_id AND rsvps.answer = 'accepted'
              AND NOT EXISTS (SELECT 1 FROM attendance WHERE attendance.meeting_id = :meeting_id)"""


async def were_there(db: Connection, meeting: Meeting, after: int, most: int) -> list[int]:
    """The next persons to ask, by number; not whoever called the meeting."""
    rows = await db.all(
        f"""SELECT there.person_id FROM ({_THERE}) AS there
            WHERE there.person_id > :after AND there.person_id <> :called_by
            ORDER BY there.person_id
            LIMIT :most""",  # noqa: S608 - our own text
        meeting_id=meeting.id,
        called_by=meeting.called_by,
        after=after,
        most=most,
    )
    return [row["person_id"] for row in rows]


async def count_there(db: Connection, meeting: Meeting) -> int:
    """How many are asked."""
    return int(
        await db.value(
            f"SELECT COUNT(*) FROM ({_THERE}) AS there WHERE there.person_id <> :called_by",  # noqa: S608 - our own text
            meeting_id=meeting.id,
            called_by=meeting.called_by,
        )
    )


async def was_there(db: Connection, meeting_id: int, person_id: int) -> bool:
    found = await db.one(
        f"SELECT 1 FROM ({_THERE}) AS there WHERE there.person_id = :person_id",  # noqa: S608 - our own text
        meeting_id=meeting_id,
        person_id=person_id,
    )
    return found is not None


# --- answers ----------------------------------------------------------------------------------------------------------


async def rate(db: Connection, meeting_id: int, person_id: int, face: int, now: datetime) -> bool:
    """Her answer, once, however often it changes; False: it is too late."""
    found = await db.value(
        """INSERT INTO feedback (meeting_id, mark, face)
           SELECT meeting_id, :mark, :face FROM feedback_rounds
           WHERE meeting_id = :meeting_id AND state <> 'closed' AND closes_at > :now
           ON CONFLICT (meeting_id, mark) DO UPDATE
           SET face = excluded.face
           RETURNING meeting_id""",
        meeting_id=meeting_id,
        mark=_mark(db, meeting_id, person_id),
        face=face,
        now=to_us(now),
    )
    return found is not None


async def save_line(db: Connection, meeting_id: int, person_id: int, line: str, now: datetime) -> int | None:
    """Her line; returns the face it belongs to, None: there is none, or it is too late."""
    found = await db.value(
        """UPDATE feedback SET words = :line
           WHERE meeting_id = :meeting_id AND mark = :mark
             AND EXISTS (SELECT 1 FROM feedback_rounds
                         WHERE feedback_rounds.meeting_id = :meeting_id AND state <> 'closed' AND closes_at > :now)
           RETURNING face""",
        line=line,
        meeting_id=meeting_id,
        mark=_mark(db, meeting_id, person_id),
        now=to_us(now),
    )
    return None if found is None else int(found)


async def line_of(db: Connection, meeting_id: int, person_id: int) -> str | None:
    found = await db.value(
        "SELECT words FROM feedback WHERE meeting_id = :meeting_id AND mark = :mark",
        meeting_id=meeting_id,
        mark=_mark(db, meeting_id, person_id),
    )
    return None if found is None else str(found)


async def follow(db: Connection, older: int, younger: int) -> None:
    """One person was two: what the younger one answered counts as the older one's, unless both answered. Before
    anything else is named after the older one."""
    rows = await db.all(
        """SELECT feedback_rounds.meeting_id FROM feedback_rounds
           WHERE feedback_rounds.state <> 'closed'
             AND feedback_rounds.meeting_id IN (
                 SELECT attendance.meeting_id FROM attendance WHERE attendance.person_id = :younger
                 UNION ALL
                 SELECT rsvps.meeting_id FROM rsvps WHERE rsvps.person_id = :younger)""",
        younger=younger,
    )
    for row in rows:
        meeting_id = row["meeting_id"]
        old, new = _mark(db, meeting_id, younger), _mark(db, meeting_id, older)
        await db.run(
            """UPDATE feedback SET mark = :new
               WHERE meeting_id = :meeting_id AND mark = :old
                 AND NOT EXISTS (SELECT 1 FROM feedback AS hers
                                 WHERE hers.meeting_id = :meeting_id AND hers.mark = :new)""",
            meeting_id=meeting_id,
            old=old,
            new=new,
        )
        await db.run(
            "DELETE FROM feedback WHERE meeting_id = :meeting_id AND mark = :old", meeting_id=meeting_id, old=old
        )


def _mark(db: Connection, meeting_id: int, person_id: int) -> bytes:
    return db.vault.mark("feedback", f"{meeting_id}:{person_id}")


async def tally(db: Connection, meeting_id: int) -> Tally:
    row = await db.one(
        """SELECT COUNT(*) AS persons, COALESCE(SUM(face), 0) AS faces, COUNT(words) AS lines FROM feedback
           WHERE meeting_id = :meeting_id""",
        meeting_id=meeting_id,
    )
    return Tally(row["persons"], int(row["faces"]), row["lines"]) if row else Tally()


async def lines(db: Connection, meeting_id: int, *, skip: int, most: int) -> list[str]:
    """What was written, in an order that says nothing of when or by whom."""
    rows = await db.all(
        """SELECT words FROM feedback
           WHERE meeting_id = :meeting_id AND words IS NOT NULL
           ORDER BY mark
           LIMIT :most OFFSET :skip""",
        meeting_id=meeting_id,
        most=most,
        skip=skip,
    )
    return [row["words"] for row in rows]


def _round(row: Row) -> Round:
    return Round(
        row["meeting_id"],
        from_us(row["asks_at"]),
        from_us(row["closes_at"]),
        row["reached_person"],
        row["told"],
        row["state"],
    )
