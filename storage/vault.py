"""Sealed columns: AES-GCM under keys that lie in the database wrapped by a master key that does not.

A sealed value is: version (1 byte), key id (8 bytes), nonce (12 bytes), ciphertext with tag. Its associated data is
the table, the column and the row, so that a value copied elsewhere doesn't open. The key ring is a JSON file outside
the database (BIRGE_KEYS, mode 0600): a master key per month, and one key for the marks (HMACs) that SQL may group by.
"""

import base64
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
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys by month ("2026-11"), and the key of the marks."""

    masters: Mapping[str, bytes]
    marks: bytes


def make_key_ring(path: Path, now: datetime) -> KeyRing:
    """A new key ring file, readable by its owner alone. Raises KeyRingUnusable if there is one."""
    ring = KeyRing({f"{now:%Y-%m}": secrets.token_bytes(_KEY_BYTES)}, secrets.token_bytes(_KEY_BYTES))
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
            json.dump(_as_json(ring), file)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:  # half a key ring opens nothing, and stands in the way of the next try
        path.unlink()
        raise KeyRingUnusable(f"The key ring {path} can't be written: {error.strerror}.") from error
    return ring


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


def _as_json(ring: KeyRing) -> dict[str, Any]:
    return {
        "format": 1,
        "masters": {month: base64.b64encode(key).decode() for month, key in ring.masters.items()},
        "marks": base64.b64encode(ring.marks).decode(),
    }


class Vault:
    """Seals and opens. Keys are unwrapped once and kept in memory; the day's key is made by `ready_for`."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._opened: dict[int, AESGCM] = {}
        self._day, self._day_key = self._kept_day = ("", 0)
        self._new: set[int] = set()  # keys of the transaction that is open

    def is_ready_for(self, now: datetime) -> bool:
        return self._day == f"{now:%Y-%m-%d}"

    async def ready_for(self, db: "Connection", now: datetime) -> None:
        """Makes or finds the key of the day, once a day: sealing uses it from now on."""
        if self.is_ready_for(now):
            return
        day = f"{now:%Y-%m-%d}"
        found = await db.one("SELECT id FROM sealing_keys WHERE purpose = 'day' AND name = :day", day=day)
        if found is None:
            await self._check_ring(db)
        key_id = found["id"] if found else await self.new_key(db, "day", day)
        await self._load(db, key_id)
        self._day, self._day_key = day, key_id

    async def must_fit(self, db: "Connection") -> None:
        """Raises KeyRingUnusable unless the key ring has every master key that the database needs, and is its own."""
        for row in await db.all("SELECT DISTINCT master FROM sealing_keys ORDER BY master"):
            if row["master"] not in self._ring.masters:
                raise KeyRingUnusable(f"The key ring lacks the key of {row['master']}.")
        await self._check_ring(db)

    async def _check_ring(self, db: "Connection") -> None:
        """Nothing new is sealed with a key ring that can't open what was sealed last: it is another database's."""
        last = await db.one("SELECT id FROM sealing_keys WHERE purpose = 'day' ORDER BY name DESC LIMIT 1")
        if last is not None:
            await self._load(db, last["id"])

    def keep_new_keys(self) -> None:
        """The transaction is committed."""
        self._new.clear()
        self._kept_day = (self._day, self._day_key)

    def forget_new_keys(self) -> None:
        """The transaction is undone: what its keys would seal from now on could never be opened again."""
        for key_id in self._new:
            self._opened.pop(key_id, None)
        self._new.clear()
        self._day, self._day_key = self._kept_day

    async def new_key(self, db: "Connection", purpose: str, name: str) -> int:
        """A fresh key, stored wrapped under the newest master key; its id is random, so that it tells no order."""
        month, master = max(self._ring.masters.items())
        key_id, key, nonce = secrets.randbits(62), secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(12)
        wrapped = nonce + AESGCM(master).encrypt(nonce, key, f"sealing_keys|{key_id}".encode())
        await db.run(
            """INSERT INTO sealing_keys (id, purpose, name, master, wrapped)
               VALUES (:id, :purpose, :name, :master, :wrapped)""",
            id=key_id,
            purpose=purpose,
            name=name,
            master=month,
            wrapped=wrapped,
        )
        self._opened[key_id] = AESGCM(key)
        self._new.add(key_id)
        return key_id

    async def destroy_key(self, db: "Connection", key_id: int) -> None:
        """What the key sealed can't be opened again, by anyone."""
        await db.run("DELETE FROM sealing_keys WHERE id = :id", id=key_id)
        self._opened.pop(key_id, None)

    def seal(self, plain: bytes, *, table: str, column: str, row: int | str, key: int | None = None) -> bytes:
        """The value sealed under `key` (a case's) or the key of the day."""
        key_id = self._day_key if key is None else key
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
        return hmac.new(self._ring.marks, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()[:_MARK_BYTES]

    async def _load(self, db: "Connection", key_id: int) -> None:
        if key_id in self._opened:
            return
        row = await db.one("SELECT master, wrapped FROM sealing_keys WHERE id = :id", id=key_id)
        if row is None:
            raise Sealed("the key is destroyed")
        master = self._ring.masters.get(row["master"])
        if master is None:
            raise KeyRingUnusable(f"The key ring lacks the key of {row['master']}.")
        nonce, wrapped = row["wrapped"][:12], row["wrapped"][12:]
        try:
            key = AESGCM(master).decrypt(nonce, wrapped, f"sealing_keys|{key_id}".encode())
        except (InvalidTag, ValueError) as error:
            raise KeyRingUnusable("This key ring belongs to another database.") from error
        self._opened[key_id] = AESGCM(key)


def _names(table: str, column: str, row: int | str) -> bytes:
    return f"{table}|{column}|{row}".encode()
