"""Reads the bot's database from outside, while it lives or when it is dead."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from domain.messages import Lane
from storage.database import Connection
from storage.vault import Vault, read_key_ring

Row = Mapping[str, Any]


@dataclass(eq=False)
class Ledger:
    """Which messages the bot knows to have sent. `look()` reads on from where the last look ended."""

    path: Path
    keys: Path
    known: set[tuple[int, int]] = field(default_factory=set)  # (chat, message)
    lanes: dict[tuple[int, int], Lane] = field(default_factory=dict)
    _ended: int = 0  # up to this delivery all had ended

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A copy: whoever opens the files of a dead bot last tidies them up, and that is the next bot's work."""
        with tempfile.TemporaryDirectory(dir=self.path.parent) as folder:
            for name in (self.path.name, f"{self.path.name}-wal"):
                if (self.path.parent / name).exists():
                    shutil.copy(self.path.parent / name, folder)
            with contextlib.closing(sqlite3.connect(Path(folder) / self.path.name)) as db:
                db.row_factory = sqlite3.Row
                yield db

    @contextlib.contextmanager
    def _open_live(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            db.row_factory = sqlite3.Row
            yield db

    def live(self, sql: str, **values: Any) -> Any:
        """The first value, of a bot that runs."""
        with self._open_live() as db:
            return db.execute(sql, values).fetchone()[0]

    def rows(self, sql: str, **values: Any) -> list[Row]:
        with self._open() as db:
            return db.execute(sql, values).fetchall()

    def value(self, sql: str, **values: Any) -> Any:
        (first, *_) = self.rows(sql, **values)
        return first[next(iter(first.keys()))]

    def execute(self, sql: str, **values: Any) -> None:
        """A change from outside, before the storm."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as db:
            db.execute(sql, values)
            db.commit()

    async def look(self) -> None:
        """Learns of the messages that were marked since the last look. The bot is dead."""
        with self._open() as db:
            await self._read(_Reading(db))

    async def _read(self, db: "_Reading") -> None:
        vault = Vault(read_key_ring(self.keys))
        rows = db.rows(
            """SELECT id, lane, place, message_id, trace FROM deliveries
               WHERE id > :ended AND state = 'sent' AND kind IN ('say', 'open_poll')
                 AND (message_id IS NOT NULL OR trace IS NOT NULL)""",
            ended=self._ended,
        )
        for row in rows:
            place, message_id = row["place"], row["message_id"]
            if row["trace"] is not None:
                sealed = row["trace"]
                plain = await vault.open(
                    cast("Connection", db), sealed, table="deliveries", column="trace", row=row["id"]
                )
                place, message_id = json.loads(plain)["place"], json.loads(plain)["message_id"]
            if message_id is not None:
                message = (int(place.partition(":")[2]), int(message_id))
                self.known.add(message)
                self.lanes[message] = Lane(row["lane"])
        (ended,) = db.rows(
            """SELECT COALESCE((SELECT MIN(id) - 1 FROM deliveries WHERE state = 'waiting'),
                               (SELECT MAX(id) FROM deliveries), 0) AS id"""
        )
        self._ended = ended["id"]


@dataclass(frozen=True)
class _Reading:
    """An open copy; the vault asks it for its keys."""

    db: sqlite3.Connection

    def rows(self, sql: str, **values: Any) -> list[Row]:
        return self.db.execute(sql, values).fetchall()

    async def one(self, sql: str, **values: Any) -> Row | None:
        return next(iter(self.rows(sql, **values)), None)
