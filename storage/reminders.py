"""What is told about meetings later, by thousands: reminders, and that a meeting was moved or cancelled.

A reminder is one row for everybody. Whoever has quiet hours then is served by a row for all who share those hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.meetings import Meeting, Reader
from domain.reminders import FORESIGHT, Before, QuietHours, closer, due_at
from domain.times import from_us, to_us
from storage.audiences import READS
from storage.database import Connection, Row
from storage.meetings import FREE, MINE, answer_of

_EVERYBODY: dict[str, Any] = {"zone": "", "quiet_from": -1, "quiet_until": -1}
_AUDIENCE = f"""SELECT memberships.person_id FROM communities AS below
               JOIN memberships ON memberships.community_id = below.id AND {READS}
                               AND (:roles = '' OR :roles LIKE '%,' || memberships.role || ',%')
               WHERE below.path >= :path AND below.path < :path || ':'
                 AND NOT EXISTS (SELECT 1 FROM mutes
                                 WHERE mutes.person_id = memberships.person_id AND mutes.community_id = :community_id
                                   AND (mutes.until IS NULL OR mutes.until > :now))"""  # noqa: S608 - our own text
_CONCERNED = f"{_AUDIENCE} UNION SELECT rsvps.person_id FROM rsvps WHERE rsvps.meeting_id = :meeting_id"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that may go; `hours`: only to those with these quiet hours."""

    id: int
    meeting_id: int
    before: Before
    due_at: datetime
    reached_person: int
    hours: QuietHours | None


def key_of(meeting: Meeting, before: Before, person_id: int | str = "") -> str:
    """What makes a reminder to one person the only one of its kind."""
    return f"meeting:{meeting.id}:{meeting.revision}:{before.value}:{person_id}"


# --- planning ---------------------------------------------------------------------------------------------------------


async def plan(db: Connection, meeting: Meeting, now: datetime) -> None:
    """The reminders the organiser wants, as far as their time is still to come; all others are off."""
    unwanted = {f"b{number}": before.value for number, before in enumerate(set(Before) - meeting.reminds)}
    await db.run(
        f"""UPDATE meeting_reminders
            SET state = 'dropped', reason = CASE WHEN revision < :revision THEN 'changed' ELSE 'unwanted' END
            WHERE meeting_id = :meeting_id AND state = 'waiting'
              AND (revision < :revision OR before IN ({", ".join(f":{name}" for name in unwanted) or "NULL"}))""",  # noqa: S608 - our names
        meeting_id=meeting.id,
        revision=meeting.revision,
        **unwanted,
    )
    # An hour before each family's own time another job reminds (jobs.meetings.remind_of_slots).
    for before in sorted(meeting.reminds - ({Before.HOUR} if meeting.slot_minutes is not None else set())):
        at = due_at(before, meeting.starts_at, meeting.zone)
        if at > now:
            await _save(db, meeting, before, at, _EVERYBODY)


async def drop_all(db: Connection, meeting_id: int) -> None:
    """The meeting was cancelled."""
    await db.run(
        """UPDATE meeting_reminders SET state = 'dropped', reason = 'changed'
           WHERE meeting_id = :meeting_id AND state = 'waiting'""",
        meeting_id=meeting_id,
    )


async def save_for_hours(db: Connection, meeting: Meeting, before: Before, hours: QuietHours, at: datetime) -> None:
    """At this time for those who have these quiet hours: before they begin, or when they end."""
    only = {"zone": hours.zone, "quiet_from": hours.start, "quiet_until": hours.end}
    await _save(db, meeting, before, at, only)


async def _save(db: Connection, meeting: Meeting, before: Before, at: datetime, only: dict[str, Any]) -> None:
    await db.run(
        """INSERT INTO meeting_reminders (meeting_id, revision, before, due_at, zone, quiet_from, quiet_until, state)
           VALUES (:meeting_id, :revision, :before, :due_at, :zone, :quiet_from, :quiet_until, 'waiting')
           ON CONFLICT (meeting_id, revision, before, zone, quiet_from, quiet_until) DO UPDATE
           SET due_at = excluded.due_at, state = 'waiting', reason = NULL, reached_person = 0, foreseen = 0""",
        meeting_id=meeting.id,
        revision=meeting.revision,
        before=before.value,
        due_at=to_us(at),
        **only,
    )


# --- what is due ------------------------------------------------------------------------------------------------------


async def unforeseen(db: Connection, now: datetime, most: int) -> list[Due]:
    """Reminders that come within a day and whose readers' quiet hours nobody has looked at yet."""
    rows = await db.all(
        """SELECT * FROM meeting_reminders
           WHERE state = 'waiting' AND foreseen = 0 AND zone = '' AND due_at > :now AND due_at <= :within
           ORDER BY due_at
           LIMIT :most""",
        now=to_us(now),
        within=to_us(now + FORESIGHT),
        most=most,
    )
    return [_due(row) for row in rows]


async def quiet_hours_at(db: Connection, meeting: Meeting, now: datetime) -> list[QuietHours]:
    """The different quiet hours of those whom a meeting concerns."""
    rows = await db.all(
        f"""SELECT DISTINCT persons.zone, persons.quiet_from, persons.quiet_until FROM persons
            WHERE persons.quiet_from IS NOT NULL AND persons.quiet_until IS NOT NULL
              AND persons.quiet_from <> persons.quiet_until
              AND persons.id IN ({_CONCERNED})""",  # noqa: S608 - our own text
        **_rule(meeting, now),
    )
    return [QuietHours(row["zone"], row["quiet_from"], row["quiet_until"]) for row in rows]


async def mark_foreseen(db: Connection, reminder_id: int) -> None:
    await db.run("UPDATE meeting_reminders SET foreseen = 1 WHERE id = :id", id=reminder_id)


async def due(db: Connection, now: datetime, most: int) -> list[Due]:
    """Reminders whose time has come, oldest first."""
    rows = await db.all(
        """SELECT * FROM meeting_reminders
           WHERE state = 'waiting' AND due_at <= :now
           ORDER BY due_at, id
           LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [_due(row) for row in rows]


async def drop(db: Connection, meeting_id: int, befores: Iterable[Before]) -> None:
    """Too late for these: another one is nearer, or the meeting has begun."""
    for before in befores:
        await db.run(
            """UPDATE meeting_reminders SET state = 'dropped', reason = 'late'
               WHERE meeting_id = :meeting_id AND before = :before AND state = 'waiting'""",
            meeting_id=meeting_id,
            before=before.value,
        )


async def save_progress(
    db: Connection, reminder_id: int, *, reached: int, told: int, missed: int, is_done: bool
) -> None:
    await db.run(
        """UPDATE meeting_reminders
           SET reached_person = :reached, told = told + :told, missed = missed + :missed, state = :state
           WHERE id = :id""",
        reached=reached,
        told=told,
        missed=missed,
        state="done" if is_done else "waiting",
        id=reminder_id,
    )


# --- to whom ----------------------------------------------------------------------------------------------------------


async def to_remind(db: Connection, meeting: Meeting, reminder: Due, now: datetime, most: int) -> list[Reader]:
    """The next persons to remind, by number: nobody who declined, nobody who had this reminder or a nearer one."""
    keys = {f"key{number}": key_of(meeting, before) for number, before in enumerate(closer(reminder.before))}
    hours = reminder.hours
    rows = await db.all(
        f"""{_READERS}
            WHERE (rsvps.answer IS NULL OR rsvps.answer <> 'declined')
              AND (:zone = '' OR (persons.zone = :zone AND persons.quiet_from = :quiet_from
                                  AND persons.quiet_until = :quiet_until))
              AND NOT EXISTS (SELECT 1 FROM deliveries
                              WHERE dedupe_key IN ({", ".join(f":{name} || persons.id" for name in keys)}))
            ORDER BY persons.id
            LIMIT :most""",  # noqa: S608 - our own text
        zone=hours.zone if hours else "",
        quiet_from=hours.start if hours else -1,
        quiet_until=hours.end if hours else -1,
        reached=reminder.reached_person,
        most=most,
        outgoing_id=0,
        **keys,
        **_rule(meeting, now),
    )
    return [_reader(row) for row in rows]


_READERS = f"""SELECT persons.id, persons.zone, persons.quiet_from, persons.quiet_until, card.id AS card_id, {MINE},
                      {FREE}
               FROM ({_CONCERNED}) AS concerned
               JOIN persons ON persons.id = concerned.person_id AND persons.id > :reached
               LEFT JOIN rsvps ON rsvps.meeting_id = :meeting_id AND rsvps.person_id = persons.id
               LEFT JOIN deliveries AS card ON card.outgoing_id = :outgoing_id AND card.person_id = persons.id"""  # noqa: S608


# --- moved, cancelled -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """A change of a meeting that people are being told of; `outgoing_id`: the message that brought them the card."""

    id: int
    meeting_id: int
    reached_person: int
    outgoing_id: int


async def plan_notice(db: Connection, meeting: Meeting) -> None:
    """Everybody who knows of the meeting is told its newest revision, and no older one."""
    await db.run(
        "UPDATE meeting_notices SET state = 'dropped' WHERE meeting_id = :meeting_id AND state = 'waiting'",
        meeting_id=meeting.id,
    )
    await db.run(
        "INSERT INTO meeting_notices (meeting_id, revision, state) VALUES (:meeting_id, :revision, 'waiting')",
        meeting_id=meeting.id,
        revision=meeting.revision,
    )


async def next_notice(db: Connection) -> Notice | None:
    """The oldest that is not told to all yet; not before everybody's card is on its way, else some were left out. Of
    what is not announced yet nobody has a card, but some may have answered."""
    row = await db.one(
        """SELECT meeting_notices.id, meeting_notices.meeting_id, meeting_notices.reached_person,
                  COALESCE(outgoings.id, 0) AS outgoing_id
           FROM meeting_notices
           LEFT JOIN outgoings ON outgoings.dedupe_key = 'meeting:' || meeting_notices.meeting_id || ':card'
           WHERE meeting_notices.state = 'waiting' AND COALESCE(outgoings.state, 'done') <> 'expanding'
           ORDER BY meeting_notices.id
           LIMIT 1"""
    )
    return Notice(row["id"], row["meeting_id"], row["reached_person"], row["outgoing_id"]) if row else None


async def to_notify(db: Connection, meeting: Meeting, notice: Notice, now: datetime, most: int) -> list[Reader]:
    """The next persons who got the card or answered, by number."""
    rows = await db.all(
        f"""{_READERS}
            WHERE rsvps.answer IS NOT NULL OR card.id IS NOT NULL
            ORDER BY persons.id
            LIMIT :most""",
        reached=notice.reached_person,
        outgoing_id=notice.outgoing_id,
        most=most,
        **_rule(meeting, now),
    )
    return [_reader(row) for row in rows]


async def save_notice_progress(db: Connection, notice_id: int, *, reached: int, is_done: bool) -> None:
    await db.run(
        "UPDATE meeting_notices SET reached_person = :reached, state = :state WHERE id = :id",
        reached=reached,
        state="done" if is_done else "waiting",
        id=notice_id,
    )


# --- rows -------------------------------------------------------------------------------------------------------------


def _rule(meeting: Meeting, now: datetime) -> dict[str, Any]:
    roles = f",{','.join(sorted(role.value for role in meeting.roles))}," if meeting.roles else ""
    return {
        "path": meeting.community.path,
        "community_id": meeting.community.id,
        "roles": roles,
        "now": to_us(now),
        "meeting_id": meeting.id,
    }


def _reader(row: Row) -> Reader:
    mine = answer_of(row)
    return Reader(
        row["id"], row["zone"], row["quiet_from"], row["quiet_until"], mine, has_card=row["card_id"] is not None
    )


def _due(row: Row) -> Due:
    hours = QuietHours(row["zone"], row["quiet_from"], row["quiet_until"]) if row["zone"] else None
    return Due(
        row["id"], row["meeting_id"], Before(row["before"]), from_us(row["due_at"]), row["reached_person"], hours
    )
