"""What time triggers about digests: each reader's goes at 18:00 of her own zone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain import digests
from domain.announcements import Announcement
from domain.digests import Entry
from domain.messages import Lane, Outgoing, Say, ToPerson
from storage.announcements import digests as kept
from storage.announcements.digests import Gathered
from storage.database import Connection

ROWS_AT_ONCE = 500
# Less than a minute of sending: what is written no sooner goes to nobody who left, or muted it, in between.
ON_THEIR_WAY_MOST = 2_000  # rows of the ledger


async def send(db: Connection, now: datetime) -> list[Outgoing]:
    """The next readers' digests; nothing for whom nothing was announced."""
    if await kept.count_on_its_way(db) >= ON_THEIR_WAY_MOST:
        return []
    found = await kept.take_due(db, now, ROWS_AT_ONCE)
    if not found:
        return []
    ids = {row.announcement_id for rows in found.values() for row in rows}
    announcements = await kept.several(db, ids)
    confirmed = await kept.confirmed(db, found, ids)
    said: list[Outgoing] = []
    cards: list[tuple[str, Sequence[int]]] = []
    for person_id, rows in found.items():
        for card, part in _parts(rows, announcements):
            entries = [Entry(one, (person_id, one.id) in confirmed) for one in part]
            said.append(_message(person_id, card, entries))
            cards.append((card, _rows_of(rows, part)))
    await kept.put_into(db, cards)
    return said


def _parts(
    rows: Sequence[Gathered], announcements: Mapping[int, Announcement]
) -> list[tuple[str, Sequence[Announcement]]]:
    """The messages of one reader's digest, each with its card; named after its newest, which is in no other digest."""
    own = (announcements[row.announcement_id] for row in rows)
    return [(f"digest:{max(one.id for one in part)}", part) for part in digests.messages(own)]


def _rows_of(rows: Iterable[Gathered], part: Iterable[Announcement]) -> list[int]:
    ids = {one.id for one in part}
    return [row.delivery_id for row in rows if row.announcement_id in ids]


def _message(person_id: int, card: str, entries: Sequence[Entry]) -> Say:
    return Say(
        digests.card(entries),
        digests.buttons(entries),
        to=ToPerson(person_id),
        card=card,
        lane=Lane.BROADCAST,
        dedupe_key=f"{card}:{person_id}",
    )


async def settle(db: Connection, _now: datetime) -> list[Outgoing]:
    """The ledger learns which digests arrived."""
    await kept.settle(db)
    return []
