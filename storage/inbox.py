"""Which events were handled, so that a repeated one stops at the door. Never what they said."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from domain.times import to_us
from storage.database import Connection, listed

EVENTS_LAST = timedelta(days=8)  # a messenger repeats none after a week


async def seen(db: Connection, channel: str, event_ids: Iterable[str]) -> Mapping[str, str]:
    """The outcomes of those of the events that came before."""
    names, values = listed(event_ids)
    rows = await db.all(
        f"SELECT event_id, outcome FROM inbox WHERE channel = :channel AND event_id IN ({names})",  # noqa: S608 - names only
        channel=channel,
        **values,
    )
    return {row["event_id"]: row["outcome"] for row in rows}


async def save_outcomes(db: Connection, channel: str, outcomes: Mapping[str, str], now: datetime) -> None:
    await db.many(
        """INSERT INTO inbox (channel, event_id, at, outcome)
           VALUES (:channel, :event_id, :at, :outcome)
           ON CONFLICT (channel, event_id) DO UPDATE SET outcome = excluded.outcome""",
        [
            {"channel": channel, "event_id": event_id, "at": to_us(now), "outcome": outcome}
            for event_id, outcome in outcomes.items()
        ],
    )


async def forget_before(db: Connection, before: datetime) -> None:
    """Drops the events no messenger repeats any more."""
    await db.run("DELETE FROM inbox WHERE at < :before", before=to_us(before))
