"""The log of the cases as a chain: the mac of each entry covers the entry and the mac of the one before it.

Entries are numbered without a gap. The key lies outside the database (storage.vault), so whoever changes, removes, cuts
off or reorders entries without it is found by verify(). Whoever has it can make another chain, and can't make one that
contains what was witnessed of this one (storage.witnesses): the number and the mac of its last entry, told every hour.

An entry about somebody of the staff carries her mark as its digest. Two more carry one, which stand for others that are
not there: BEGAN, the first, that of the entries from before the chain (which get no macs of their own: they would vouch
for what nobody watched over); and PRUNED the mac of the last entry that was removed since its time was over, with its
number as the part.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.cases import Deed
from domain.times import to_us
from storage.cases.sealing import minute
from storage.database import Connection, Row

_AT_ONCE = 2_000
_COLUMNS = "id, at, case_id, role, deed, who, part_id, digest, mac"
ADD = """INSERT INTO case_log (id, at, case_id, role, deed, who, part_id, digest, mac)
         VALUES (:id, :at, :case_id, :role, :deed, :who, :part_id, :digest, :mac)"""
SAVE_HEAD = """INSERT INTO case_log_head (id, number, at, mac, seal)
               VALUES (1, :number, :at, :mac, :seal)
               ON CONFLICT (id) DO UPDATE SET number = excluded.number, at = excluded.at, mac = excluded.mac,
                                              seal = excluded.seal"""
HEAD = "SELECT number, at, mac, seal FROM case_log_head WHERE id = 1"

Link = Callable[[bytes, bytes], bytes]  # Vault.link


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of the chain: its number (0: there is none), its mac, and its time in microseconds."""

    number: int = 0
    mac: bytes = b""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verify() found. `broken`: the number of the first entry that isn't as it was written. `lost`: that of the
    first witnessed entry that the chain doesn't contain. None: all is well."""

    head: Head
    broken: int | None = None
    lost: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.broken is None and self.lost is None


# --- written ----------------------------------------------------------------------------------------------------------


async def append(
    db: Connection,
    role: str,
    deed: Deed,
    now: datetime,
    *,
    case_id: int | None = None,
    who: bytes | None = None,
    part_id: int | None = None,
    digest: bytes | None = None,
) -> None:
    """One more entry, in the transaction of what it tells of. Of two at once PostgreSQL runs one again."""
    last = await head(db)
    if not last.number and deed is not Deed.BEGAN:
        await append(db, "clock", Deed.BEGAN, now, digest=await _digest_of_before(db))
        last = await head(db)
    number, before = last.number, last.mac
    if deed is Deed.BEGAN:
        number, before = int(await db.value("SELECT COALESCE(MAX(id), 0) FROM case_log")), digest or b""
    entry = _entry(number + 1, role, deed, now) | {
        "case_id": case_id,
        "who": who,
        "part_id": part_id,
        "digest": digest,
    }
    made = linked(db.vault.link, before, entry)
    # The head first: two at once meet at its row, where PostgreSQL sees that one must be run again.
    await db.run(SAVE_HEAD, **sealed_head(db.vault.link, made))
    await db.run(ADD, **made)


def _entry(number: int, role: str, deed: Deed, now: datetime) -> dict[str, Any]:
    empty = dict.fromkeys(("case_id", "who", "part_id", "digest"))
    return {"id": number, "at": minute(now), "role": role, "deed": deed.value} | empty


def linked(link: Link, before: bytes, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with its mac."""
    return {**entry, "mac": link(before, canonical(entry))}


def sealed_head(link: Link, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The row of the head for this last entry."""
    last = Head(entry["id"], entry["mac"], entry["at"])
    return {"number": last.number, "mac": last.mac, "at": last.at, "seal": _seal(link, last)}


def restored(link: Link, last: Head, now: datetime) -> dict[str, Any]:
    """The entry that a restore leaves behind the last one of a backup."""
    return linked(link, last.mac, _entry(last.number + 1, "operator", Deed.RESTORED, now))


def canonical(entry: Mapping[str, Any] | Row) -> bytes:
    """What a mac covers: every value, each with its kind, so that no two entries read alike."""
    values = [entry["id"], entry["at"], entry["case_id"], entry["role"], entry["deed"]]
    values += [_hex(entry["who"]), entry["part_id"], _hex(entry["digest"])]
    return json.dumps(values, separators=(",", ":"), default=repr).encode()


def _hex(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _seal(link: Link, last: Head) -> bytes:
    return link(b"head\0", b"%d:%d:" % (last.number, last.at) + last.mac)


async def head(db: Connection) -> Head:
    return head_of(await db.one(HEAD))


def head_of(row: Any) -> Head:
    return Head(row["number"], row["mac"], row["at"]) if row else Head()


async def _digest_of_before(db: Connection) -> bytes:
    digest = hashlib.sha256()
    async for row in _rows(db, 2**62):
        digest.update(canonical(row) + b"\n")
    return digest.digest()


async def _rows(db: Connection, to: int) -> AsyncIterator[Row]:
    after = 0
    while some := await db.all(
        f"SELECT {_COLUMNS} FROM case_log WHERE id > :after AND id <= :to ORDER BY id LIMIT :most",  # noqa: S608
        after=after,
        to=to,
        most=_AT_ONCE,
    ):
        for row in some:
            yield row
        after = some[-1]["id"]


async def prune(db: Connection, before: datetime, now: datetime) -> int:
    """Removes the entries of before this time and leaves one that vouches for what follows; the number of the last
    that was removed, 0 for none. Entries from before the chain go together with the one that seals them."""
    kept = await db.value("SELECT id FROM case_log WHERE at >= :before ORDER BY id LIMIT 1", before=to_us(before))
    last = (await head(db)).number if kept is None else int(kept) - 1
    row = await db.one("SELECT id, mac FROM case_log WHERE id = :last AND mac IS NOT NULL", last=last)
    if row is None:
        return 0
    await append(db, "clock", Deed.PRUNED, now, part_id=row["id"], digest=row["mac"])
    await db.run("DELETE FROM case_log WHERE id <= :last", last=row["id"])
    return int(row["id"])


# --- verified ---------------------------------------------------------------------------------------------------------


async def verify(db: Connection, witnesses: Mapping[int, bytes] | None = None) -> Verdict:
    """Walks the whole chain, and looks whether it contains what was witnessed (numbers with macs, or their
    beginnings). Reads in small steps: nobody waits for it."""
    newest = int(await db.value("SELECT COALESCE(MAX(id), 0) FROM case_log"))
    row = await db.one(HEAD)
    last = head_of(row)
    if row and not (_is_sound(row) and row["seal"] == _seal(db.vault.link, last)):
        return Verdict(Head(), broken=newest)
    walk, first = _Walk(db.vault.link, witnesses or {}), 0
    async for one in _rows(db, last.number):
        if walk.begins and not walk.number and one["mac"] is not None and one["deed"] != Deed.BEGAN:
            await _begin_behind_pruned(db, walk, one["id"])
        first = first or one["id"]
        if not walk.takes(one):
            return Verdict(last, broken=walk.number + 1, lost=walk.forked)
    if (walk.number, walk.before) != (last.number, last.mac):
        return Verdict(last, broken=walk.number + 1, lost=walk.forked)
    if newest > last.number and (row is not None or await _is_chained(db)):
        return Verdict(last, broken=last.number + 1, lost=walk.forked)
    return Verdict(last, lost=walk.lost(first))


async def contains(db: Connection, number: int, mac: bytes) -> bool:
    """Whether the chain goes as far as this entry, and has it: of a mac its beginning is enough."""
    found = await db.value("SELECT mac FROM case_log WHERE id = :number", number=number)
    return (await head(db)).number >= number and isinstance(found, bytes) and found.startswith(mac)


def _is_sound(row: Row) -> bool:
    """SQLite takes any value for a column; what isn't ours isn't calculated with."""
    return isinstance(row["number"], int) and isinstance(row["at"], int) and isinstance(row["mac"], bytes)


async def _is_chained(db: Connection) -> bool:
    return await db.value("SELECT 1 FROM case_log WHERE mac IS NOT NULL LIMIT 1") is not None


async def _begin_behind_pruned(db: Connection, walk: "_Walk", first: int) -> None:
    """The chain's beginning was removed: an entry further on vouches for the mac it goes on from, and is itself
    verified when the walk comes to it."""
    found = await db.value(
        "SELECT digest FROM case_log WHERE deed = 'pruned' AND part_id = :last ORDER BY id DESC LIMIT 1", last=first - 1
    )
    if isinstance(found, bytes):
        walk.begins, walk.number, walk.before = False, first - 1, found


@dataclass(slots=True)
class _Walk:
    """How far a verification has come: behind entry `number`, whose mac is `before`."""

    link: Link
    witnesses: Mapping[int, bytes]
    number: int = 0
    before: bytes = b""
    begins: bool = True
    found: int = 0  # witnesses
    forked: int | None = None
    _old: Any = field(default_factory=hashlib.sha256)

    def takes(self, row: Row) -> bool:
        """Whether the entry is the next one, as it was written."""
        if self.begins:
            return self._takes_first(row)
        if row["id"] != self.number + 1 or row["mac"] != self.link(self.before, canonical(row)):
            return False
        self.number, self.before = row["id"], row["mac"]
        witnessed = self.witnesses.get(self.number)
        if witnessed is not None and self.before.startswith(witnessed):
            self.found += 1
        elif witnessed is not None and self.forked is None:
            self.forked = self.number
        return True

    def _takes_first(self, row: Row) -> bool:
        if row["mac"] is None:  # from before the chain
            self._old.update(canonical(row) + b"\n")
            self.number = row["id"]
            return True
        if row["deed"] != Deed.BEGAN or row["digest"] != self._old.digest():
            return False
        self.begins, self.before = False, row["digest"]
        return self.takes(row)

    def lost(self, first: int) -> int | None:
        """The first witnessed entry that isn't in the chain, which begins with entry `first`."""
        if self.found == len(self.witnesses):
            return None
        missing = [number for number in self.witnesses if not first <= number <= self.number]
        return min([*missing, *([self.forked] if self.forked is not None else [])])
