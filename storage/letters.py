"""Dead letters: messages that were given up though somebody could have read them, kept sealed until they are sent again
or too old. None is of the case lane: there the case's own people are told, and the body is gone at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.messages import Subject
from domain.times import from_us, to_us
from storage.database import Connection

KEPT_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Letter:
    """What whoever runs the bot may see of one. `reason` is rejected | broken | unanswered; `said` are the messenger's
    own words for it, with nothing quoted."""

    id: int
    lane: int
    kind: str
    given_up_at: datetime
    attempts: int
    reason: str
    said: str | None


async def kept(db: Connection) -> list[Letter]:
    """All of them, the oldest first."""
    rows = await db.all(
        """SELECT id, lane, kind, given_up_at, attempts, reason, said FROM deliveries
           WHERE given_up_at IS NOT NULL
           ORDER BY given_up_at, id"""
    )
    return [
        Letter(
            row["id"],
            row["lane"],
            row["kind"],
            from_us(row["given_up_at"]),
            row["attempts"],
            row["reason"],
            row["said"],
        )
        for row in rows
    ]


async def count(db: Connection) -> int:
    return int(await db.value("SELECT COUNT(*) FROM deliveries WHERE given_up_at IS NOT NULL"))


async def send_again(db: Connection, ids: Iterable[int] | None) -> int:
    """Puts these (None: all) back among what waits, as they were. Returns how many there were; one that is past its
    time is dropped by the sender."""
    if ids is None:
        return len(await db.all(_AGAIN + " RETURNING id"))
    found = 0
    for letter_id in ids:
        found += len(await db.all(_AGAIN + " AND id = :id RETURNING id", id=letter_id))
    return found


_AGAIN = """UPDATE deliveries
            SET state = 'waiting', reason = NULL, attempts = 0, not_before = 0, given_up_at = NULL, said = NULL
            WHERE given_up_at IS NOT NULL"""


async def drop_before(db: Connection, before: datetime) -> None:
    """Those that nobody sent again: their words are gone, their row says that they failed."""
    await db.run(
        "UPDATE deliveries SET body = NULL, given_up_at = NULL, said = NULL WHERE given_up_at < :before",
        before=to_us(before),
    )


async def drop_of_subject(db: Connection, subject: Subject) -> None:
    """Those about older revisions of a subject: sent now they would be wrong."""
    await db.run(
        """UPDATE deliveries SET body = NULL, given_up_at = NULL, said = NULL
           WHERE given_up_at IS NOT NULL AND subject_kind = :kind AND subject_id = :id
             AND subject_revision < :revision""",
        kind=subject.kind,
        id=subject.id,
        revision=subject.revision,
    )
