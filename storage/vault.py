"""Sealed columns: AES-GCM under keys that lie in the database wrapped by a master key that does not.

A sealed value is: version (1 byte), key id (8 bytes), nonce (12 bytes), ciphertext with tag. Its associated data is
the table, the column and the row, so that a value copied elsewhere doesn't open. The key ring is a JSON file outside
the database (BIRGE_KEYS, mode 0600): a master key per month, and one key for the marks (HMACs) that SQL may group by.
How that file changes is told in storage.keyring.
"""

import base64
import copy
import hashlib
import hmac
import json
import os
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from storage.database import Connection

_VERSION = 1
_HEAD = struct.Struct(">BQ12s")
_KEY_BYTES = 32
_MARK_BYTES = 16


class KeyRingUnusable(Exception):  # noqa: N818 - its text is the sentence the operator reads
    """The key ring is missing, unreadable or lacks a key; the text is one plain sentence."""


class Sealed(Exception):  # noqa: N818
    """A sealed value that doesn't open: its key is destroyed, or it was moved or changed."""


class Destroyed(Sealed):
    """A sealed value whose key was destroyed, on purpose."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys by month ("2026-11"; a second one of a month is "2026-11.02"), and the key of the marks."""

    masters: Mapping[str, bytes]
    marks: bytes

    @property
    def newest(self) -> str:
        """The month of the key that wraps what is new."""
        return max(self.masters)


def make_key_ring(path: Path, now: datetime) -> KeyRing:
    """A new key ring file, readable by its owner alone. Raises KeyRingUnusable if there is one."""
    ring = KeyRing({f"{now:%Y-%m}": new_master()}, secrets.token_bytes(_KEY_BYTES))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KeyRingUnusable(f"The folder of the key ring {path} can't be made: {error.strerror}.") from error
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyRingUnusable(f"There is a key ring at {path} already.") from error
    except OSError as error:
        raise KeyRingUnusable(f"The key ring {path} can't be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(as_json(ring))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:  # half a key ring opens nothing, and stands in the way of the next try
        path.unlink()
        raise KeyRingUnusable(f"The key ring {path} can't be written: {error.strerror}.") from error
    return ring


def new_master() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def open_or_make_key_ring(path: Path, now: datetime) -> KeyRing:
    """The key ring of the file, made first if there is none."""
    return read_key_ring(path) if path.exists() else make_key_ring(path, now)


def read_key_ring(path: Path) -> KeyRing:
    """The key ring of a file. Raises KeyRingUnusable with one plain sentence."""
    try:
        data = json.loads(path.read_text())
        masters = {month: base64.b64decode(key, validate=True) for month, key in data["masters"].items()}
        ring = KeyRing(masters, base64.b64decode(data["marks"], validate=True))
    except FileNotFoundError as error:
        raise KeyRingUnusable(
            f"There is no key ring at {path}. Put it back, or make a new Birge with: birge init"
        ) from error
    except OSError as error:
        raise KeyRingUnusable(f"The key ring {path} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyRingUnusable(f"The file {path} is not a key ring.") from error
    if not ring.masters or any(len(key) != _KEY_BYTES for key in (*ring.masters.values(), ring.marks)):
        raise KeyRingUnusable(f"The key ring {path} is damaged.")
    return ring


def as_json(ring: KeyRing) -> str:
    """What stands in the file of such a key ring."""
    return json.dumps(
        {
            "format": 1,
            "masters": {month: base64.b64encode(key).decode() for month, key in ring.masters.items()},
            "marks": base64.b64encode(ring.marks).decode(),
        }
    )


class Masters:
    """The master keys: of the key ring as its file is now, and as it was since the program started.

    What is new is wrapped only by a key that stands in the file now; one that was taken out of it still opens what it
    wraps until the program stops. So a file that was put back by mistake loses nothing: its keys are wrapped again.
    """

    def __init__(self, ring: KeyRing, path: Path | None) -> None:
        self.path = path
        self._ring = ring
        self._seen = _looks(path)
        self._known = dict(ring.masters)

    @property
    def newest(self) -> str:
        """The month of the one that wraps what is new."""
        return self._ring.newest

    @property
    def older(self) -> list[str]:
        """The months of the others."""
        return sorted(self._known.keys() - {self.newest})

    def look_again(self) -> bool:
        """Takes over the key ring's file if it changed; whether it did. Raises KeyRingUnusable, once for each change,
        and goes on with what it had."""
        if self.path is None or (seen := _looks(self.path)) == self._seen:
            return False
        self._seen = seen
        ring = read_key_ring(self.path)
        if ring.marks != self._ring.marks:
            raise KeyRingUnusable(f"The key ring {self.path} is another one than before: put the right one back.")
        self._ring = ring
        self._known |= ring.masters
        return True

    def wrap(self, key_id: int, key: bytes) -> bytes:
        """The key under the newest master key."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._ring.masters[self.newest]).encrypt(nonce, key, f"sealing_keys|{key_id}".encode())

    def unwrap(self, key_id: int, month: str, wrapped: bytes) -> bytes:
        """The key again. Raises KeyRingUnusable."""
        if month not in self._known:  # another process may have noticed a new key ring before this one
            self.look_again()
        if month not in self._known:
            raise KeyRingUnusable(f"The key ring lacks the key of {month}.")
        try:
            return AESGCM(self._known[month]).decrypt(wrapped[:12], wrapped[12:], f"sealing_keys|{key_id}".encode())
        except (InvalidTag, ValueError) as error:
            raise KeyRingUnusable("This key ring belongs to another database.") from error


@dataclass(frozen=True, slots=True)
class Day:
    """The keys of a day: `drafts` seals what is begun and not finished, and is destroyed two days later."""

    name: str = ""
    key: int = 0
    drafts: int = 0


class Vault:
    """Seals and opens. Keys are unwrapped once and kept in memory; the day's key is made by `ready_for`.

    `path` is the key ring's file, whose changes `masters` notices; None for a ring that has none.
    """

    def __init__(self, ring: KeyRing, path: Path | None = None) -> None:
        self.masters = Masters(ring, path)
        self._marks = ring.marks
        self._chain = chain_key(ring)
        self._opened: dict[int, AESGCM] = {}
        self._day = self._kept_day = Day()
        self._new: set[int] = set()  # keys of the transaction that is open
        self._ended: set[int] = set()  # keys that it destroys
        self._destroyed: set[int] = set()
        self._above: Vault | None = None

    def of_transaction(self) -> "Vault":
        """The vault of one of several transactions open at once: the day it makes a key for is the others' only when
        that key is committed, and what one of them undoes takes nothing from the others."""
        made = copy.copy(self)
        made._new, made._ended, made._above = set(), set(), self
        made._day = made._kept_day
        return made

    def is_ready_for(self, now: datetime) -> bool:
        return self._day.name == f"{now:%Y-%m-%d}"

    @property
    def draft_key(self) -> int:
        """The key of today's drafts."""
        return self._day.drafts

    async def ready_for(self, db: "Connection", now: datetime) -> None:
        """Makes or finds the keys of the day, once a day: sealing uses them from now on."""
        if self.is_ready_for(now):
            return
        day = f"{now:%Y-%m-%d}"
        rows = await db.all(
            "SELECT purpose, id FROM sealing_keys WHERE purpose IN ('day', 'draft') AND name = :day", day=day
        )
        found = {row["purpose"]: row["id"] for row in rows}
        if "day" not in found:
            await self.check_ring(db)
        for purpose in ("day", "draft"):
            if purpose not in found:
                found[purpose] = await self.new_key(db, purpose, day)
            await self._load(db, found[purpose])
        self._day = Day(day, found["day"], found["draft"])

    async def check_ring(self, db: "Connection") -> None:
        """Nothing new is sealed with a key ring that can't open what was sealed last: it is another database's."""
        last = await db.one("SELECT id FROM sealing_keys WHERE purpose = 'day' ORDER BY name DESC LIMIT 1")
        if last is not None:
            await self._load(db, last["id"])

    def keep_new_keys(self) -> None:
        """The transaction is committed."""
        self._new.clear()
        # Whoever read beside it may have opened once more what it was destroying.
        self._destroyed |= self._ended
        for key_id in self._ended:
            self._opened.pop(key_id, None)
        self._ended.clear()
        if self._above is not None and self._kept_day != self._day:
            self._above._day = self._above._kept_day = self._day
        self._kept_day = self._day

    def forget_new_keys(self) -> None:
        """The transaction is undone: what its keys would seal from now on could never be opened again."""
        for key_id in self._new:
            self._opened.pop(key_id, None)
        self._new.clear()
        self._ended.clear()
        self._day = self._kept_day

    async def new_key(self, db: "Connection", purpose: str, name: str) -> int:
        """A fresh key, stored wrapped under the newest master key; its id is random, so that it tells no order."""
        key_id, key = secrets.randbits(62), secrets.token_bytes(_KEY_BYTES)
        await db.run(
            """INSERT INTO sealing_keys (id, purpose, name, master, wrapped)
               VALUES (:id, :purpose, :name, :master, :wrapped)""",
            id=key_id,
            purpose=purpose,
            name=name,
            master=self.masters.newest,
            wrapped=self.masters.wrap(key_id, key),
        )
        self._opened[key_id] = AESGCM(key)
        self._new.add(key_id)
        return key_id

    async def destroy_key(self, db: "Connection", key_id: int) -> None:
        """What the key sealed can't be opened again, by anyone, nor after a restore: once this is committed, the
        program writes the key's id to the list beside the key ring."""
        await db.run("DELETE FROM sealing_keys WHERE id = :id", id=key_id)
        await db.run("INSERT INTO destroyed_keys (id) VALUES (:id) ON CONFLICT (id) DO NOTHING", id=key_id)
        self._opened.pop(key_id, None)
        self._ended.add(key_id)

    def seal(self, plain: bytes, *, table: str, column: str, row: int | str, key: int | None = None) -> bytes:
        """The value sealed under `key` (a case's) or the key of the day."""
        key_id = self._day.key if key is None else key
        nonce = secrets.token_bytes(12)
        sealed = self._opened[key_id].encrypt(nonce, plain, _names(table, column, row))
        return _HEAD.pack(_VERSION, key_id, nonce) + sealed

    async def open(self, db: "Connection", sealed: bytes, *, table: str, column: str, row: int | str) -> bytes:
        """The value. Raises Sealed if its key is gone or the value was tampered with."""
        try:
            version, key_id, nonce = _HEAD.unpack_from(sealed)
        except (struct.error, TypeError) as error:
            raise Sealed(f"{table}.{column} of row {row} is no sealed value") from error
        if version != _VERSION:
            raise Sealed(f"{table}.{column} of row {row} is sealed in another way")
        await self._load(db, key_id)
        try:
            return self._opened[key_id].decrypt(nonce, sealed[_HEAD.size :], _names(table, column, row))
        except InvalidTag as error:
            raise Sealed(f"{table}.{column} of row {row} doesn't open") from error

    def mark(self, purpose: str, value: str) -> bytes:
        """What SQL may group by in place of a value it must not see. Marks of two purposes never meet."""
        return hmac.new(self._marks, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()[:_MARK_BYTES]

    def link(self, before: bytes, entry: bytes) -> bytes:
        """The mac of a log's entry, which covers the mac of the one before it."""
        return link(self._chain, before, entry)

    async def _load(self, db: "Connection", key_id: int) -> None:
        if key_id in self._opened:
            return
        row = await db.one("SELECT master, wrapped FROM sealing_keys WHERE id = :id", id=key_id)
        if row is None or key_id in self._destroyed:
            raise Destroyed("the key is destroyed")
        self._opened[key_id] = AESGCM(self.masters.unwrap(key_id, row["master"], row["wrapped"]))


def chain_key(ring: KeyRing) -> bytes:
    """The key of the log's chain: it comes from the key of the marks, which outlives every master key, as the log
    outlives every case."""
    return HKDF(SHA256(), _KEY_BYTES, None, b"birge: chain of the log of cases").derive(ring.marks)


def link(key: bytes, before: bytes, entry: bytes) -> bytes:
    return hmac.digest(key, before + entry, "sha256")


def _names(table: str, column: str, row: int | str) -> bytes:
    return f"{table}|{column}|{row}".encode()


def _looks(path: Path | None) -> tuple[int, int, int] | None:
    """What differs once a file has changed or was replaced."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None
