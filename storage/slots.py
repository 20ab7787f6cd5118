"""The slots of a consultation, one family each: whoever is first has it, until she gives it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.times import from_us, maybe_time, to_us
from storage.database import Connection

# Whoever waits; not while another parent of one of her children has a time.
_WAITING = """SELECT rsvps.person_id FROM rsvps
              WHERE rsvps.meeting_id = :meeting_id AND rsvps.answer = 'waiting'
                AND NOT EXISTS (
                    SELECT 1 FROM families AS mine
                    JOIN families AS hers ON hers.child_id = mine.child_id AND hers.state = 'linked'
                    JOIN slots AS theirs ON theirs.person_id = hers.parent_id AND theirs.meeting_id = :meeting_id
                    WHERE mine.parent_id = rsvps.person_id AND mine.state = 'linked'
                )"""


@dataclass(frozen=True, slots=True)
class Slot:
    id: int
    starts_at: datetime


async def add(db: Connection, meeting_id: int, stretches: Iterable[tuple[datetime, datetime]]) -> None:
    for starts_at, ends_at in stretches:
        await db.run(
            """INSERT INTO slots (meeting_id, starts_at, ends_at, person_id)
               VALUES (:meeting_id, :starts_at, :ends_at, NULL)""",
            meeting_id=meeting_id,
            starts_at=to_us(starts_at),
            ends_at=to_us(ends_at),
        )


async def free(db: Connection, meeting_id: int) -> list[Slot]:
    """Those nobody has, soonest first."""
    rows = await db.all(
        """SELECT id, starts_at FROM slots
           WHERE meeting_id = :meeting_id AND person_id IS NULL
           ORDER BY starts_at""",
        meeting_id=meeting_id,
    )
    return [Slot(row["id"], from_us(row["starts_at"])) for row in rows]


async def of_family(db: Connection, meeting_id: int, person_id: int) -> datetime | None:
    """The time that another parent of one of her children has."""
    found = await db.value(
        """SELECT MIN(slots.starts_at) FROM families AS mine
           JOIN families AS hers ON hers.child_id = mine.child_id AND hers.state = 'linked'
           JOIN slots ON slots.person_id = hers.parent_id AND slots.meeting_id = :meeting_id
           WHERE mine.parent_id = :person_id AND mine.state = 'linked' AND hers.parent_id <> :person_id""",
        meeting_id=meeting_id,
        person_id=person_id,
    )
    return maybe_time(found)


async def take(db: Connection, meeting_id: int, slot_id: int, person_id: int, now: datetime) -> bool:
    """The slot is hers, if it is free, the meeting is still ahead and she has none; else nothing changes."""
    found = await db.value(
        """UPDATE slots SET person_id = :person_id
           WHERE id = :slot_id AND meeting_id = :meeting_id AND person_id IS NULL
             AND NOT EXISTS (SELECT 1 FROM slots AS other
                             WHERE other.meeting_id = :meeting_id AND other.person_id = :person_id)
             AND EXISTS (SELECT 1 FROM meetings
                         WHERE meetings.id = :meeting_id AND meetings.state = 'called' AND meetings.starts_at > :now)
           RETURNING id""",
        slot_id=slot_id,
        meeting_id=meeting_id,
        person_id=person_id,
        now=to_us(now),
    )
    return found is not None


async def give_back(db: Connection, meeting_id: int, person_id: int) -> None:
    """It is free again; whoever has none changes nothing."""
    await db.run(
        "UPDATE slots SET person_id = NULL WHERE meeting_id = :meeting_id AND person_id = :person_id",
        meeting_id=meeting_id,
        person_id=person_id,
    )


async def hand_on(db: Connection, meeting_id: int, now: datetime) -> int | None:
    """Gives the soonest free slot to whoever waits for the longest; None: there is none, or nobody waits."""
    person_id = await db.value(
        f"""UPDATE slots SET person_id = ({_WAITING} ORDER BY rsvps.turn LIMIT 1)
            WHERE id = (SELECT open.id FROM slots AS open
                        WHERE open.meeting_id = :meeting_id AND open.person_id IS NULL
                        ORDER BY open.starts_at
                        LIMIT 1)
              AND EXISTS ({_WAITING})
              AND EXISTS (SELECT 1 FROM meetings
                          WHERE meetings.id = :meeting_id AND meetings.state = 'called' AND meetings.starts_at > :now)
            RETURNING person_id""",  # noqa: S608 - our own text
        meeting_id=meeting_id,
        now=to_us(now),
    )
    return None if person_id is None else int(person_id)


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody's time in a consultation."""

    meeting_id: int
    person_id: int
    starts_at: datetime


async def taken_between(db: Connection, now: datetime, until: datetime) -> list[Taken]:
    """Whose time comes in this stretch, in consultations that began within the last day or begin in it."""
    rows = await db.all(
        # CROSS JOIN: SQLite keeps this order, from the meetings of these days down.
        """SELECT slots.meeting_id, slots.person_id, slots.starts_at FROM meetings
           CROSS JOIN slots
           WHERE (meetings.capacity IS NOT NULL OR meetings.slot_minutes IS NOT NULL)
             AND meetings.starts_at > :began AND meetings.starts_at <= :until AND meetings.state = 'called'
             AND slots.meeting_id = meetings.id AND slots.starts_at > :now AND slots.starts_at <= :until
             AND slots.person_id IS NOT NULL
           ORDER BY slots.starts_at, slots.id""",
        began=to_us(now - timedelta(days=1)),
        now=to_us(now),
        until=to_us(until),
    )
    return [Taken(row["meeting_id"], row["person_id"], from_us(row["starts_at"])) for row in rows]


async def keep_one(db: Connection, older: int, younger: int) -> None:
    """Two persons turn out to be one: where each had a time, the younger one's is free again."""
    await db.run(
        """UPDATE slots SET person_id = NULL
           WHERE person_id = :younger
             AND meeting_id IN (SELECT hers.meeting_id FROM slots AS hers WHERE hers.person_id = :older)""",
        older=older,
        younger=younger,
    )


async def shift(db: Connection, meeting_id: int, by: timedelta) -> None:
    """The meeting was moved: each keeps her place in the line."""
    await db.run(
        "UPDATE slots SET starts_at = starts_at + :by, ends_at = ends_at + :by WHERE meeting_id = :meeting_id",
        by=by // timedelta(microseconds=1),
        meeting_id=meeting_id,
    )
