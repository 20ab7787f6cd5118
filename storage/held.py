"""What is kept back while its reader has quiet hours: deliveries in the state *held*, which the sender doesn't see."""

from collections.abc import Iterable
from datetime import datetime

from domain.messages import Lane, Pace
from domain.reminders import QuietHours, quiet_hours
from domain.times import to_us
from storage.audiences import WHY_NOT, count_anew, leave_out
from storage.database import Connection, Row


async def release(db: Connection, now: datetime, most: int) -> None:
    """Whose quiet hours are over gets what was kept back, if she is still meant; what it was about is counted anew."""
    rows = await db.all(
        f"""SELECT deliveries.id, deliveries.subject_kind, deliveries.subject_id, deliveries.not_after,
                   persons.zone, persons.quiet_from, persons.quiet_until, {WHY_NOT} AS why_not
            FROM deliveries
            JOIN outgoings ON outgoings.id = deliveries.outgoing_id
            JOIN persons ON persons.id = deliveries.person_id
            WHERE deliveries.state = 'held' AND deliveries.not_before <= :now
            ORDER BY deliveries.not_before, deliveries.id
            LIMIT :most""",  # noqa: S608 - our own text
        now=to_us(now),
        most=most,
    )
    await leave_out(db, rows)
    asleep = await keep_until_awake(db, rows, now)
    await db.many(
        "UPDATE deliveries SET state = 'waiting', not_before = 0 WHERE id = :id AND state = 'held'",
        [{"id": row["id"]} for row in rows if row["id"] not in asleep],
    )
    await count_anew(db, rows)


async def keep_until_awake(db: Connection, rows: Iterable[Row], now: datetime) -> set[int]:
    """Of these rows, whose time came while nobody looked, those whose readers have quiet hours again by now: they wait
    until these end, unless they are over by then."""
    hours = {row["id"]: quiet_hours(row["zone"], row["quiet_from"], row["quiet_until"]) for row in rows}
    over = {row["id"]: row["not_after"] for row in rows if row["not_after"] is not None}
    wakes = {row_id: to_us(one.ends(now)) for row_id, one in hours.items() if one is not None and one.holds(now)}
    kept = {row_id: ends for row_id, ends in wakes.items() if row_id not in over or ends < over[row_id]}
    await db.many(
        "UPDATE deliveries SET not_before = :ends WHERE id = :id AND state IN ('held', 'digest')",
        [{"id": row_id, "ends": ends} for row_id, ends in kept.items()],
    )
    return set(kept)


async def hold_sleepers(db: Connection, now: datetime) -> None:
    """A message to thousands is on its way for an hour: for whom the quiet hours begin meanwhile, it is kept back."""
    if not await db.value(f"SELECT 1 WHERE EXISTS (SELECT 1 {_STILL_TO_GO})"):
        return
    rows = await db.all(
        """SELECT DISTINCT zone, quiet_from, quiet_until FROM persons
           WHERE quiet_from IS NOT NULL AND quiet_until IS NOT NULL"""
    )
    for row in rows:
        hours = quiet_hours(row["zone"], row["quiet_from"], row["quiet_until"])
        if hours is not None and hours.holds(now):
            await _hold(db, hours, now)


async def _hold(db: Connection, hours: QuietHours, now: datetime) -> None:
    await db.run(
        f"""UPDATE deliveries SET state = 'held', not_before = :ends
            WHERE id IN (SELECT deliveries.id {_STILL_TO_GO})
              AND (not_after IS NULL OR not_after > :ends)
              AND person_id IN (
                  SELECT id FROM persons
                  WHERE zone = :zone AND quiet_from = :start AND quiet_until = :end
              )""",  # noqa: S608 - our own text
        ends=to_us(hours.ends(now)),
        zone=hours.zone,
        start=hours.start,
        end=hours.end,
    )


_STILL_TO_GO = f"""FROM deliveries
    JOIN outgoings ON outgoings.id = deliveries.outgoing_id AND outgoings.pace <> '{Pace.URGENT.value}'
    WHERE deliveries.state = 'waiting' AND deliveries.lane = {int(Lane.BROADCAST)}"""
