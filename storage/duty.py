"""The duty roster of the hotline: one that counts, one that is being planned, and the swaps of single days."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.duty import Pair, Post, Roster, Slot, Swap
from domain.times import to_us
from storage.database import Connection, Row

_SWAP = "id, day, shift, post, giver_id, taker_id"


@dataclass(frozen=True, slots=True)
class Stored:
    """A roster with its row. `told`: whose absence the supervisors know of already."""

    id: int
    roster: Roster
    told: frozenset[int]


async def published(db: Connection, community_id: int, zone: str, today: date) -> Stored | None:
    """The roster that counts, with what was swapped from yesterday on."""
    stored = await pattern(db, community_id, zone)
    if stored is None:
        return None
    rows = await db.all(
        f"SELECT {_SWAP} FROM duty_swaps WHERE roster_id = :id AND day >= :day AND state = 'taken' ORDER BY id",  # noqa: S608
        id=stored.id,
        day=date.fromordinal(today.toordinal() - 1).isoformat(),
    )
    return replace(stored, roster=replace(stored.roster, swaps=tuple(map(_swap, rows))))


async def pattern(db: Connection, community_id: int, zone: str) -> Stored | None:
    """The same without the swaps of single days."""
    row = await _row(db, community_id, "published")
    return None if row is None else Stored(row["id"], _roster(row, zone), frozenset(json.loads(row["told"])))


async def draft(db: Connection, community_id: int, zone: str) -> Roster | None:
    """The roster that is being planned."""
    row = await _row(db, community_id, "draft")
    return None if row is None else _roster(row, zone)


async def save_draft(db: Connection, community_id: int, roster: Roster) -> None:
    await db.run(
        """INSERT INTO duty_rosters (community_id, state, hours, pairs)
           VALUES (:community_id, 'draft', :hours, :pairs)
           ON CONFLICT (community_id, state) WHERE state <> 'over'
           DO UPDATE SET hours = excluded.hours, pairs = excluded.pairs""",
        community_id=community_id,
        hours=roster.hours,
        pairs=_pairs(roster.pairs),
    )


async def publish(db: Connection, community_id: int, by: int, now: datetime) -> bool:
    """The draft counts from now on, in the place of the one before; False when there is none."""
    if await _row(db, community_id, "draft") is None:
        return False
    await db.run(
        """UPDATE duty_rosters SET state = 'over'
           WHERE community_id = :id AND state = 'published' AND state <> 'over'""",
        id=community_id,
    )
    await db.run(
        """UPDATE duty_rosters SET state = 'published', published_by = :by, published_at = :now
           WHERE community_id = :id AND state = 'draft' AND state <> 'over'""",
        id=community_id,
        by=by,
        now=to_us(now),
    )
    return True


async def discard(db: Connection, community_id: int) -> None:
    await db.run(
        "DELETE FROM duty_rosters WHERE community_id = :id AND state = 'draft' AND state <> 'over'", id=community_id
    )


async def save_told(db: Connection, roster_id: int, told: Iterable[int]) -> None:
    await db.run("UPDATE duty_rosters SET told = :told WHERE id = :id", told=json.dumps(sorted(told)), id=roster_id)


async def _row(db: Connection, community_id: int, state: str) -> Row | None:
    return await db.one(
        """SELECT id, hours, pairs, told FROM duty_rosters
           WHERE community_id = :id AND state = :state AND state <> 'over'""",
        id=community_id,
        state=state,
    )


def _roster(row: Row, zone: str) -> Roster:
    pairs = {Slot(day, shift): Pair(worker, backup) for day, shift, worker, backup in json.loads(row["pairs"])}
    return Roster(row["hours"], zone, pairs)


def _pairs(pairs: Mapping[Slot, Pair]) -> str:
    return json.dumps([[slot.day, slot.shift, pair.worker, pair.backup] for slot, pair in sorted(pairs.items())])


# --- swaps ------------------------------------------------------------------------------------------------------------


async def offer(db: Connection, roster_id: int, swap: Swap) -> int | None:
    """Somebody would like to give this shift away. Returns the offer's id; None when it is offered already."""
    found = await db.value(
        """INSERT INTO duty_swaps (roster_id, day, shift, post, giver_id, state)
           VALUES (:roster_id, :day, :shift, :post, :giver, 'offered')
           ON CONFLICT DO NOTHING
           RETURNING id""",
        roster_id=roster_id,
        day=swap.on.isoformat(),
        shift=swap.shift,
        post=swap.post.value,
        giver=swap.giver,
    )
    return None if found is None else int(found)


async def offered(db: Connection, roster_id: int, today: date) -> list[Swap]:
    """What is offered and taken by nobody yet."""
    rows = await db.all(
        f"SELECT {_SWAP} FROM duty_swaps WHERE roster_id = :id AND day >= :day AND state = 'offered' ORDER BY day, id",  # noqa: S608
        id=roster_id,
        day=today.isoformat(),
    )
    return [_swap(row) for row in rows]


async def take(db: Connection, roster_id: int, swap_id: int, taker: int) -> Swap | None:
    """The shift is hers; None when somebody was faster, or it is offered no more. Of two at once exactly one wins."""
    row = await db.one(
        f"""UPDATE duty_swaps SET taker_id = :taker, state = 'taken'
            WHERE id = :id AND roster_id = :roster_id AND state = 'offered' AND giver_id <> :taker
            RETURNING {_SWAP}""",  # noqa: S608 - our own names
        id=swap_id,
        roster_id=roster_id,
        taker=taker,
    )
    return None if row is None else _swap(row)


async def withdraw(db: Connection, swap_id: int, giver: int) -> bool:
    """She keeps the shift after all; False when somebody has taken it."""
    found = await db.value(
        """UPDATE duty_swaps SET state = 'withdrawn'
           WHERE id = :id AND giver_id = :giver AND state = 'offered'
           RETURNING id""",
        id=swap_id,
        giver=giver,
    )
    return found is not None


def _swap(row: Row) -> Swap:
    return Swap(
        row["id"], date.fromisoformat(row["day"]), row["shift"], Post(row["post"]), row["giver_id"], row["taker_id"]
    )
