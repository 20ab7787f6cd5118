"""Who is still meant when a message to many is about to go: many hours may lie between its writing and its sending.

Whoever is no longer in its audience gets nothing, and whoever muted its community meanwhile only what is urgent. The
row of the ledger stays and says the reason.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.announcements import LEFT
from domain.messages import Lane, Pace
from domain.mutes import MUTED
from domain.times import to_us
from storage.database import Connection, Row

# A membership by which somebody hears what is said to many.
READS = """memberships.state = 'active'
      AND (memberships.until IS NULL OR memberships.until > :now)
      AND memberships.role NOT IN ('auditor', 'custodian', 'partner', 'supervisor', 'worker')"""
# Of a row of `deliveries`, beside its row of `outgoings`: whether its reader is in the audience by :now.
# CROSS JOIN: SQLite keeps this order, from the person up. Else it may look into each class of a district.
STILL_IN = f"""EXISTS (
    SELECT 1 FROM memberships
    CROSS JOIN communities AS below
    CROSS JOIN communities AS top
    WHERE memberships.person_id = deliveries.person_id AND {READS}
      AND (outgoings.roles = '' OR outgoings.roles LIKE '%,' || memberships.role || ',%')
      AND below.id = memberships.community_id
      AND top.id = outgoings.community_id
      AND below.path >= top.path AND below.path < top.path || ':' AND (outgoings.subtree = 1 OR below.id = top.id)
)"""  # noqa: S608 - our own text
HAS_MUTED = """EXISTS (
    SELECT 1 FROM mutes
    WHERE mutes.person_id = deliveries.person_id AND mutes.community_id = outgoings.community_id
      AND (mutes.until IS NULL OR mutes.until > :now)
)"""
# Why a delivery goes no more; NULL: it goes.
WHY_NOT = f"""CASE WHEN NOT {STILL_IN} THEN '{LEFT}'
    WHEN outgoings.pace <> '{Pace.URGENT.value}' AND {HAS_MUTED} THEN '{MUTED}' END"""


async def leave_out(db: Connection, rows: Iterable[Row]) -> None:
    """Of these rows (id, why_not, subject_kind, subject_id) those with a reason are given up; announcements are counted
    anew."""
    lost = [row for row in rows if row["why_not"] is not None]
    await db.many(
        """UPDATE deliveries SET state = 'failed', reason = :why_not, body = NULL
           WHERE id = :id AND state IN ('waiting', 'held', 'digest')""",
        [{"id": row["id"], "why_not": row["why_not"]} for row in lost],
    )
    await count_anew(db, lost)


async def count_anew(db: Connection, rows: Iterable[Row]) -> None:
    """The cards of the announcements that these rows (subject_kind, subject_id) are about are looked at again."""
    for announcement_id in {row["subject_id"] for row in rows if row["subject_kind"] == "announcement"}:
        await db.run("UPDATE announcements SET stale = 1 WHERE id = :id AND stale = 0", id=announcement_id)


async def leave_out_of_next(db: Connection, now: datetime, most: int) -> None:
    """Of the next messages to many, and of the next copies of polls, that wait to be sent."""
    await leave_out(db, await db.all(_NEXT, now=to_us(now), most=most))


_BULK = ", ".join(str(int(lane)) for lane in (Lane.REMINDER, Lane.BROADCAST))


def _among_next(of_many: str) -> str:
    return f"""SELECT deliveries.id, deliveries.subject_kind, deliveries.subject_id, {WHY_NOT} AS why_not
               FROM deliveries
               {of_many}
               WHERE deliveries.id IN (SELECT id FROM deliveries
                                       WHERE state = 'waiting' AND lane IN ({_BULK})
                                       ORDER BY lane, id
                                       LIMIT :most)"""  # noqa: S608 - our own text


# Each copy of a poll, and each reminder of it, is a message of its own, for everybody in its community and below.
_OF_POLL = f"""JOIN (SELECT id, community_id, '' AS roles, 1 AS subtree, '{Pace.AWAKE.value}' AS pace FROM polls)
                 AS outgoings
                 ON deliveries.subject_kind = 'poll' AND deliveries.person_id IS NOT NULL
                AND outgoings.id = deliveries.subject_id"""  # noqa: S608 - our own text
_NEXT = f"""{_among_next("JOIN outgoings ON outgoings.id = deliveries.outgoing_id")}
            UNION ALL
            {_among_next(_OF_POLL)}"""
