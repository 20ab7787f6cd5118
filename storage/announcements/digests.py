"""Announcements for readers who chose one message in the evening. A row of the ledger goes through these states:

digest (until the evening) → in_digest (on its way with others; `digest` names their card) → sent, failed or dropped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.announcements import Announcement
from domain.digests import Entry, in_order
from domain.times import to_us
from storage.announcements import ANNOUNCEMENT, announcement_of, key_of
from storage.audiences import WHY_NOT, leave_out
from storage.database import Connection, listed
from storage.held import keep_until_awake


@dataclass(frozen=True, slots=True)
class Gathered:
    """A row of the ledger whose evening has come."""

    delivery_id: int
    person_id: int
    announcement_id: int


async def count_on_its_way(db: Connection) -> int:
    """How many rows of the ledger are in digests that have not arrived yet."""
    return int(await db.value("SELECT COUNT(*) FROM deliveries WHERE state = 'in_digest'"))


async def take_due(db: Connection, now: datetime, most: int) -> Mapping[int, list[Gathered]]:
    """By person, for the next persons: whole, however many rows each has. What somebody is no longer meant by
    is left out, and its row says why. Whoever sleeps by now, since the evening went by without a look, gets hers in the
    morning."""
    rows = await db.all(
        f"""SELECT deliveries.id, deliveries.person_id, deliveries.subject_kind, deliveries.subject_id,
                   deliveries.not_after, persons.zone, persons.quiet_from, persons.quiet_until, {WHY_NOT} AS why_not
            FROM deliveries
            JOIN outgoings ON outgoings.id = deliveries.outgoing_id
            JOIN persons ON persons.id = deliveries.person_id
            WHERE deliveries.state = 'digest' AND deliveries.not_before <= :now
            ORDER BY deliveries.not_before, deliveries.person_id
            LIMIT :most""",  # noqa: S608 - our own text
        now=to_us(now),
        most=most,
    )
    await leave_out(db, rows)
    if len(rows) == most and rows[0]["person_id"] != rows[-1]["person_id"]:
        rows = [row for row in rows if row["person_id"] != rows[-1]["person_id"]]  # some may be behind the limit
    asleep = await keep_until_awake(db, rows, now)
    found: dict[int, list[Gathered]] = {}
    for row in rows:
        if row["why_not"] is None and row["id"] not in asleep:
            found.setdefault(row["person_id"], []).append(Gathered(row["id"], row["person_id"], row["subject_id"]))
    return found


async def several(db: Connection, ids: Iterable[int]) -> Mapping[int, Announcement]:
    """Announcements by their numbers, in one statement."""
    names, wanted = listed(sorted(set(ids)))
    rows = await db.all(
        f"""SELECT {ANNOUNCEMENT} FROM announcements
            JOIN communities ON communities.id = announcements.community_id
            WHERE announcements.id IN ({names})""",  # noqa: S608 - names only
        **wanted,
    )
    return {row["announcement_id"]: announcement_of(row) for row in rows}


async def confirmed(db: Connection, person_ids: Iterable[int], ids: Iterable[int]) -> frozenset[tuple[int, int]]:
    """Which of these persons have confirmed which of these announcements: (person, announcement)."""
    people, persons = listed(sorted(set(person_ids)))
    named, announcements = listed(sorted(set(ids)))
    rows = await db.all(
        f"""SELECT person_id, announcement_id FROM announcement_confirmations
            WHERE announcement_id IN ({named.replace(":v", ":a")}) AND person_id IN ({people})""",  # noqa: S608 - names only
        **persons,
        **{name.replace("v", "a"): one for name, one in announcements.items()},
    )
    return frozenset((row["person_id"], row["announcement_id"]) for row in rows)


async def put_into(db: Connection, cards: Sequence[tuple[str, Sequence[int]]]) -> None:
    """These rows are on their way in these cards."""
    await db.many(
        "UPDATE deliveries SET state = 'in_digest', digest = :card WHERE id = :id",
        [{"card": card, "id": one} for card, ids in cards for one in ids],
    )


async def settle(db: Connection) -> None:
    """What became of a digest became of every row in it; its announcements are counted anew."""
    rows = await db.all(
        """SELECT gathered.id, gathered.subject_id, message.state, message.reason, message.sent_at
           FROM deliveries AS gathered
           JOIN deliveries AS message ON message.dedupe_key = gathered.digest || ':' || gathered.person_id
           WHERE gathered.state = 'in_digest' AND message.state IN ('sent', 'failed', 'dropped')"""
    )
    await db.many(
        "UPDATE deliveries SET state = :state, reason = :reason, sent_at = :sent_at WHERE id = :id",
        [{name: row[name] for name in ("state", "reason", "sent_at", "id")} for row in rows],
    )
    for announcement_id in {row["subject_id"] for row in rows}:
        await db.run("UPDATE announcements SET stale = 1 WHERE id = :id AND stale = 0", id=announcement_id)


async def card_with(db: Connection, announcement_id: int, person_id: int) -> str | None:
    """The digest in which this reader has the announcement; None: in none."""
    found = await db.value(
        """SELECT deliveries.digest FROM outgoings
           JOIN deliveries ON deliveries.outgoing_id = outgoings.id AND deliveries.person_id = :person_id
           WHERE outgoings.dedupe_key = :key""",
        key=key_of(announcement_id),
        person_id=person_id,
    )
    return None if found is None else str(found)


async def entries(db: Connection, person_id: int, card: str) -> list[Entry]:
    """What a reader's digest holds, in the order she sees it."""
    rows = await db.all(
        "SELECT subject_id FROM deliveries WHERE person_id = :person_id AND digest = :card",
        person_id=person_id,
        card=card,
    )
    ids = [row["subject_id"] for row in rows]
    found = await several(db, ids)
    done = await confirmed(db, [person_id], ids)
    return [Entry(one, (person_id, one.id) in done) for one in in_order(found.values())]
