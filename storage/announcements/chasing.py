"""Reminders of an announcement to those who got it and have not confirmed it, some at a time."""

from datetime import datetime

from domain.announcements import Announcement, Reminder
from domain.times import from_us, to_us
from storage.announcements import ANNOUNCEMENT, LEDGER, announcement_of, key_of
from storage.audiences import HAS_MUTED, STILL_IN
from storage.database import Connection


async def start(db: Connection, announcement_id: int, number: int, asked_by: int, now: datetime) -> bool:
    """Takes the reminder of this number; False when it was taken before."""
    found = await db.value(
        """INSERT INTO announcement_reminders (announcement_id, number, asked_by, at, state)
           VALUES (:announcement_id, :number, :asked_by, :now, 'expanding')
           ON CONFLICT DO NOTHING
           RETURNING number""",
        announcement_id=announcement_id,
        number=number,
        asked_by=asked_by,
        now=to_us(now),
    )
    return found is not None


async def next_one(db: Connection) -> Reminder | None:
    """The oldest reminder that has not gone to everybody yet."""
    row = await db.one(
        f"""SELECT {ANNOUNCEMENT}, reminder.number, reminder.at, reminder.reached_person
            FROM announcement_reminders AS reminder
            JOIN announcements ON announcements.id = reminder.announcement_id
            JOIN communities ON communities.id = announcements.community_id
            WHERE reminder.state = 'expanding'
            ORDER BY reminder.at
            LIMIT 1"""  # noqa: S608 - our names
    )
    return Reminder(announcement_of(row), row["number"], from_us(row["at"]), row["reached_person"]) if row else None


# Who got it and has not confirmed it, is still in the audience, and has not muted the community meanwhile.
_AWAITED = f"""{LEDGER} AND deliveries.state = 'sent' AND deliveries.sent_at <= :at AND confirmed.person_id IS NULL
      AND deliveries.person_id > :reached AND deliveries.person_id <> :author_id
      AND {STILL_IN} AND NOT {HAS_MUTED}
"""


async def count_awaited(db: Connection, announcement: Announcement, now: datetime) -> int:
    """How many a reminder would reach now."""
    found = await db.value(
        f"SELECT COUNT(*) {_AWAITED}",
        at=to_us(now),
        reached=0,
        **_of_awaited(announcement, now),
    )
    return int(found)


async def next_awaited(db: Connection, reminder: Reminder, now: datetime, most: int) -> list[int]:
    """The next persons, by number, of those who had got the announcement when the author asked."""
    rows = await db.all(
        f"""SELECT deliveries.person_id
            {_AWAITED}
            ORDER BY deliveries.person_id
            LIMIT :most""",
        at=to_us(reminder.at),
        reached=reminder.reached_person,
        most=most,
        **_of_awaited(reminder.announcement, now),
    )
    return [row["person_id"] for row in rows]


def _of_awaited(announcement: Announcement, now: datetime) -> dict[str, int | str]:
    return {
        "id": announcement.id,
        "key": key_of(announcement.id),
        "author_id": announcement.author_id,
        "now": to_us(now),
    }


async def save_reached(db: Connection, reminder: Reminder, reached_person: int, *, done: bool) -> None:
    await db.run(
        """UPDATE announcement_reminders SET reached_person = :reached, state = :state
           WHERE announcement_id = :id AND number = :number""",
        reached=reached_person,
        state="done" if done else "expanding",
        id=reminder.announcement.id,
        number=reminder.number,
    )
