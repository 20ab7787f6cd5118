"""Who came to a meeting, the code of its door, and heads that were counted."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from domain.attendance import ALPHABET, LETTERS, Came, Party
from domain.meetings import Meeting
from domain.times import to_us
from storage import meetings
from storage.database import Connection
from storage.resting import RESTED


async def code_for(db: Connection, meeting_id: int, shown_to: int) -> str:
    """The meeting's code, made when it is first asked for; whoever asked last has the live card."""
    found = None
    while found is None:  # a code that another meeting has is drawn again
        await db.run(
            """INSERT INTO attendance_codes (meeting_id, code, shown_to)
               VALUES (:meeting_id, :code, :shown_to)
               ON CONFLICT DO NOTHING""",
            meeting_id=meeting_id,
            code=_drawn(),
            shown_to=shown_to,
        )
        found = await db.value(
            "UPDATE attendance_codes SET shown_to = :shown_to WHERE meeting_id = :meeting_id RETURNING code",
            meeting_id=meeting_id,
            shown_to=shown_to,
        )
    return str(found)


def _drawn() -> str:
    return "".join(secrets.SystemRandom().sample(ALPHABET, LETTERS))


async def meeting_of(db: Connection, code: str) -> Meeting | None:
    found = await db.value("SELECT meeting_id FROM attendance_codes WHERE code = :code", code=code)
    return None if found is None else await meetings.get(db, found)


async def save(db: Connection, meeting_id: int, person_id: int, party: Party, came_at: datetime) -> bool:
    """She came; False: she was counted before."""
    found = await db.value(
        """INSERT INTO attendance (meeting_id, person_id, party, came_at)
           VALUES (:meeting_id, :person_id, :party, :came_at)
           ON CONFLICT (meeting_id, person_id) DO NOTHING
           RETURNING person_id""",
        meeting_id=meeting_id,
        person_id=person_id,
        party=party.value,
        came_at=to_us(came_at),
    )
    return found is not None


async def save_heads(db: Connection, meeting_id: int, party: Party, heads: int) -> None:
    await db.run(
        """INSERT INTO head_counts (meeting_id, party, heads)
           VALUES (:meeting_id, :party, :heads)
           ON CONFLICT (meeting_id, party) DO UPDATE
           SET heads = excluded.heads""",
        meeting_id=meeting_id,
        party=party.value,
        heads=heads,
    )


async def count(db: Connection, meeting_id: int) -> Came:
    rows = await db.all(
        """SELECT party, COUNT(*) AS by_code, 0 AS heads FROM attendance
           WHERE meeting_id = :meeting_id
           GROUP BY party
           UNION ALL
           SELECT party, 0, heads FROM head_counts
           WHERE meeting_id = :meeting_id""",
        meeting_id=meeting_id,
    )
    return Came(
        {Party(row["party"]): row["by_code"] for row in rows if row["by_code"]},
        {Party(row["party"]): row["heads"] for row in rows if row["heads"]},
    )


async def persons(db: Connection, meeting_id: int, *, skip: int, most: int) -> list[int]:
    """Who gave the code, the first ones first."""
    rows = await db.all(
        """SELECT person_id FROM attendance
           WHERE meeting_id = :meeting_id
           ORDER BY came_at, person_id
           LIMIT :most OFFSET :skip""",
        meeting_id=meeting_id,
        most=most,
        skip=skip,
    )
    return [row["person_id"] for row in rows]


# --- the live card ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose live card is old, and about which meeting."""

    meeting_id: int
    shown_to: int


async def card_is_due(db: Connection, meeting_id: int) -> None:
    await db.run(
        "UPDATE attendance_codes SET card_due = 1 WHERE meeting_id = :meeting_id AND card_due = 0",
        meeting_id=meeting_id,
    )


async def take_due(db: Connection, now: datetime, next_at: datetime, most: int) -> list[Shown]:
    """The cards to show anew; none of them is due again before `next_at`."""
    rows = await db.all(
        f"""UPDATE attendance_codes SET card_due = 0, refresh_at = :next_at
           WHERE meeting_id IN (
               SELECT meeting_id FROM attendance_codes
               WHERE card_due = 1 AND {RESTED}
               ORDER BY refresh_at
               LIMIT :most
           )
           RETURNING meeting_id, shown_to""",  # noqa: S608 - our own text
        now=to_us(now),
        next_at=to_us(next_at),
        most=most,
    )
    return [Shown(row["meeting_id"], row["shown_to"]) for row in rows]
