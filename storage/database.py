"""The database: one connection that writes, one lock before it, and one that only reads.

Handlers and jobs get a Connection inside an open transaction; nobody else writes. SQL texts use :name parameters and
the subset that SQLite and PostgreSQL share.
"""

import asyncio
import contextlib
import os
import re
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiosqlite

from storage.vault import Vault

Row = Mapping[str, Any]

# What a statement or a COMMIT raises when the database itself fails: locked, full, unreadable.
DatabaseFails = sqlite3.OperationalError

_SHORT_WAIT_MS = 5_000


class DatabaseUnusable(Exception):  # noqa: N818 - its text is the sentence the operator reads
    """The database can't be opened or written; the text is one plain sentence."""


class DatabaseTaken(DatabaseUnusable):
    """Another process uses the database."""


class Connection:
    """One connection, one statement at a time. Reads and writes by plain SQL with named parameters."""

    def __init__(self, raw: aiosqlite.Connection, vault: Vault, ids: dict[str, int]) -> None:
        self._raw = raw
        self._ids = ids
        self.vault = vault
        self.statements = 0  # how many trips were made; tests hold it

    async def all(self, sql: str, **values: Any) -> list[Row]:
        """All rows, each readable by column name."""
        self.statements += 1
        return list(await self._raw.execute_fetchall(sql, values))  # type: ignore[arg-type]

    async def one(self, sql: str, **values: Any) -> Row | None:
        """The first row, or None."""
        rows = await self.all(sql, **values)
        return rows[0] if rows else None

    async def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = await self.one(sql, **values)
        return None if row is None else row[0]  # type: ignore[index]

    async def run(self, sql: str, **values: Any) -> None:
        """A statement whose rows nobody asks for."""
        await self.all(sql, **values)

    async def many(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """One statement for many rows, in one trip."""
        given = list(rows)
        if given:
            self.statements += 1
            await self._raw.executemany(sql, given)

    def new_id(self, table: str) -> int:
        """The next id of a table whose rows must know their id before they are written (sealed columns name it)."""
        self._ids[table] = self._ids.get(table, 0) + 1
        return self._ids[table]

    async def learn_ids(self, tables: Sequence[str]) -> None:
        """Where the ids of these tables go on."""
        for table in tables:
            self._ids[table] = await self.value(f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # noqa: S608 - our own names


class Turn:
    """A lock that lets the pipeline go first: jobs and the sender wait for people."""

    def __init__(self) -> None:
        self._held = False
        self._first: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @contextlib.asynccontextmanager
    async def taken(self, *, first: bool) -> AsyncIterator[None]:
        await self._take(self._first if first else self._others)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, line: deque[asyncio.Future[None]]) -> None:
        if not self._held:
            self._held = True
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        for line in (self._first, self._others):
            while line:
                waiting = line.popleft()
                if not waiting.done():
                    waiting.set_result(None)
                    return
        self._held = False


class Database:
    """An open database. `await Database.open(url, vault)`; `await database.close()`."""

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection, vault: Vault, lock_file: int
    ) -> None:
        self.path = path
        self.vault = vault
        self._turn = Turn()
        self._raw = writer
        self._lock_file: int | None = lock_file
        self._ids: dict[str, int] = {}
        self._reading = asyncio.Lock()
        self.writer = Connection(writer, vault, self._ids)
        self.reader = Connection(reader, vault, self._ids)
        self._raw_reader = reader

    @classmethod
    async def open(cls, url: str, vault: Vault) -> "Database":
        """Opens the database and takes its lock file. Raises DatabaseUnusable with one plain sentence."""
        path = sqlite_path(url)
        if not path.exists():
            raise DatabaseUnusable(f"There is no database at {path}. Make one with: birge init")
        async with contextlib.AsyncExitStack() as opened:  # closes what is open already when something fails
            lock_file = take_lock(path)
            opened.callback(os.close, lock_file)
            try:
                writer = await _connect(path, read_only=False)
                opened.push_async_callback(writer.close)
                reader = await _connect(path, read_only=True)
                opened.push_async_callback(reader.close)
                database = cls(path, writer, reader, vault, lock_file)
                await database._check_writable()
                await database.writer.learn_ids(SEALED_TABLES)
            except sqlite3.Error as error:
                raise DatabaseUnusable(f"The database {path} can't be used: {error}.") from error
            opened.pop_all()
        return database

    async def _check_writable(self) -> None:
        try:
            await self._raw.execute_fetchall("BEGIN IMMEDIATE")
            # BEGIN alone succeeds on a read-only file.
            await self._raw.execute_fetchall("DELETE FROM notes_of_operation WHERE 1 = 0")
            await self._raw.execute_fetchall("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise DatabaseUnusable(f"The database {self.path} can't be written: {error}.") from error

    @contextlib.asynccontextmanager
    async def writing(self, *, first: bool = False) -> AsyncIterator[Connection]:
        """A transaction: committed at the end, rolled back by an exception. `first` for what people wait for."""
        async with self._turn.taken(first=first):
            try:
                await self._to_its_end("BEGIN IMMEDIATE")
                yield self.writer
                await self._to_its_end("COMMIT")
            except BaseException:
                # There may be none: BEGIN failed, or COMMIT was under way when this task was cancelled.
                with contextlib.suppress(sqlite3.OperationalError):
                    await self._to_its_end("ROLLBACK")
                self.vault.forget_new_keys()
                raise
            self.vault.keep_new_keys()

    async def _to_its_end(self, sql: str) -> None:
        """A statement that is waited for even by a task that is cancelled: the connection's thread runs it anyhow,
        and the next transaction must not begin inside this one."""
        running = asyncio.ensure_future(self._raw.execute_fetchall(sql))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait({running})
            running.exception()
            raise

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection that only reads what is committed."""
        async with self._reading:
            yield self.reader

    async def close(self) -> None:
        try:
            await self._raw_reader.close()
            await self._raw.close()
        finally:
            if self._lock_file is not None:  # closed twice, its number could be another file's
                os.close(self._lock_file)
            self._lock_file = None


SEALED_TABLES = ("deliveries",)


@contextlib.asynccontextmanager
async def savepoint(db: Connection, name: str = "update_") -> AsyncIterator[None]:
    """Undoes what was done inside it when an exception leaves it; the transaction goes on."""
    await db.run(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        await db.run(f"ROLLBACK TO SAVEPOINT {name}")
        await db.run(f"RELEASE SAVEPOINT {name}")
        raise
    await db.run(f"RELEASE SAVEPOINT {name}")


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:///path` address."""
    found = re.fullmatch(r"sqlite:///(.+)", url)
    if found is None:
        raise DatabaseUnusable("BIRGE_DATABASE must look like sqlite:///birge.sqlite3.")
    return Path(found[1])


async def _connect(path: Path, *, read_only: bool) -> aiosqlite.Connection:
    raw = await aiosqlite.connect(_address(path, "ro" if read_only else "rw"), uri=True, isolation_level=None)
    raw.row_factory = sqlite3.Row
    pragmas = [f"busy_timeout = {_SHORT_WAIT_MS}"]
    if not read_only:
        pragmas += ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"]
    try:
        for pragma in pragmas:
            await raw.execute_fetchall(f"PRAGMA {pragma}")
    except BaseException:
        await raw.close()
        raise
    return raw


def _address(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def take_lock(path: Path) -> int:
    """The lock file that keeps a second process away, until it is closed. Raises DatabaseUnusable if another has it."""
    import fcntl

    try:
        lock_file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseUnusable(f"The folder of the database {path} can't be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock_file)
        raise DatabaseTaken(f"Another Birge is using the database {path}. Stop it first.") from error
    return lock_file
