"""SQLite: one connection that writes, one turn before it, one that only reads, and one that keeps the log short.

aiosqlite gives each connection a thread, so that a long statement stops nobody. A trip there and back costs as much as
three statements by index: a transaction that is not long runs its statements where the loop runs, and goes to the
thread only for the COMMIT of what it changed, which waits for the disk.
"""

import asyncio
import contextlib
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
import structlog

from storage.database import (
    SEALED_TABLES,
    Column,
    Connection,
    Database,
    DatabaseFails,
    DatabaseTaken,
    DatabaseUnusable,
    Reference,
    Row,
    Turn,
    UniqueKey,
)
from storage.vault import Vault

logger = structlog.get_logger(__name__)

_SHORT_WAIT_MS = 5_000
_LOOK_AGAIN = 0.02  # seconds
_CHANGES_IN_LOG = 1_000  # changed rows, each in two or three pages
_LONGEST_LOG = 16_000  # pages: under a load that leaves no pause, a COMMIT copies them after all
_KEPT_STATEMENTS = 512  # prepared ones


class SqliteConnection(Connection):
    """`raw` is the connection as its thread sees it, `direct` the same one for statements run on the spot."""

    def __init__(
        self, raw: aiosqlite.Connection, direct: sqlite3.Connection, vault: Vault, ids: dict[str, int]
    ) -> None:
        self._raw = raw
        self._direct = direct
        self._ids = ids
        self.on_the_spot = False
        self.vault = vault
        self.statements = 0

    async def all(self, sql: str, **values: Any) -> list[Row]:
        self.statements += 1
        try:
            if self.on_the_spot:
                return self._direct.execute(sql, values).fetchall()
            return list(await self._raw.execute_fetchall(sql, values))  # type: ignore[arg-type]
        except sqlite3.OperationalError as error:
            raise _told(error) from error

    async def many(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        given = list(rows)
        if not given:
            return
        self.statements += 1
        try:
            if self.on_the_spot:
                self._direct.executemany(sql, given)
            else:
                await self._raw.executemany(sql, given)
        except sqlite3.OperationalError as error:
            raise _told(error) from error

    @property
    def changes(self) -> int:
        return self._direct.total_changes

    def new_id(self, table: str) -> int:
        self._ids[table] = self._ids.get(table, 0) + 1
        return self._ids[table]

    async def references(self) -> list[Reference]:
        rows = await self.all(
            """SELECT child.name AS child, held."from" AS held_by, held."table" AS parent, held."to" AS parent_column
               FROM sqlite_master AS child, pragma_foreign_key_list(child.name) AS held
               WHERE child.type = 'table'
               ORDER BY child.name, held."from" """
        )
        return [Reference(row["child"], row["held_by"], row["parent"], row["parent_column"]) for row in rows]

    async def columns(self, table: str) -> list[Column]:
        rows = await self.all('SELECT name, type, "notnull" AS must_be FROM pragma_table_info(:table)', table=table)
        return [Column(row["name"], row["type"].lower(), bool(row["must_be"])) for row in rows]

    async def unique_keys(self, table: str) -> list[UniqueKey]:
        rows = await self.all(
            """SELECT held.name, parts.name AS part, made.sql
               FROM pragma_index_list(:table) AS held, pragma_index_info(held.name) AS parts
               LEFT JOIN sqlite_master AS made ON made.type = 'index' AND made.name = held.name
               WHERE held."unique" = 1
               ORDER BY held.name, parts.seqno""",
            table=table,
        )
        parts: dict[str, list[Row]] = {}
        for row in rows:
            parts.setdefault(row["name"], []).append(row)
        return [UniqueKey(tuple(row["part"] for row in some), _where(some[0]["sql"])) for some in parts.values()]

    async def learn_ids(self, tables: Sequence[str]) -> None:
        """Where the ids of these tables go on."""
        for table in tables:
            self._ids[table] = await self.value(f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # noqa: S608 - our own names


def _where(sql: str | None) -> str:
    """The condition of a partial index; what a primary key made has no text."""
    return (sql or "").partition(" WHERE ")[2] or "1 = 1"


def _told(error: sqlite3.OperationalError) -> Exception:
    """A statement that is wrong is a bug; everything else SQLite calls operational is the database failing."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return error
    return DatabaseFails(str(error))


class SqliteDatabase(Database):
    """An open SQLite file, locked against other processes."""

    def __init__(
        self,
        path: Path,
        writer: "_Opened",
        reader: "_Opened",
        copier: aiosqlite.Connection,
        vault: Vault,
        lock_file: int,
    ) -> None:
        self.path = path
        self.vault = vault
        self._turn = Turn()
        self._raw = writer.raw
        self._direct = writer.direct
        self._raw_reader = reader.raw
        self._copier = copier
        self._copying: asyncio.Task[None] | None = None
        self._copied_at = 0
        self._lock_file: int | None = lock_file
        self._reading = asyncio.Lock()
        ids: dict[str, int] = {}
        self.writer = SqliteConnection(writer.raw, writer.direct, vault, ids)
        self.reader = SqliteConnection(reader.raw, reader.direct, vault, ids)

    @classmethod
    async def open_file(cls, url: str, vault: Vault) -> "SqliteDatabase":
        """Opens the file of a `sqlite:///` address and takes its lock file. Raises DatabaseUnusable."""
        path = sqlite_path(url)
        if not path.exists():
            raise DatabaseUnusable(f"There is no database at {path}. Make one with: birge init")
        async with contextlib.AsyncExitStack() as opened:  # closes what is open already when something fails
            lock_file = take_lock(path)
            opened.callback(os.close, lock_file)
            try:
                writer = await _connect(path, read_only=False)
                opened.push_async_callback(writer.raw.close)
                reader = await _connect(path, read_only=True)
                opened.push_async_callback(reader.raw.close)
                copier = await _connect(path, read_only=False)
                opened.push_async_callback(copier.raw.close)
                database = cls(path, writer, reader, copier.raw, vault, lock_file)
                await database._check_writable()
                await writer.raw.execute_fetchall("PRAGMA busy_timeout = 0")  # _begin() waits itself
                await writer.raw.execute_fetchall(f"PRAGMA wal_autocheckpoint = {_LONGEST_LOG}")
                await database.writer.learn_ids(SEALED_TABLES)
            except (sqlite3.Error, DatabaseFails) as error:
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
    async def writing(self, *, first: bool = False, long: bool = False) -> AsyncIterator[Connection]:
        async with self._turn.taken(first=first):
            try:
                await self._begin()
                before = self.writer.changes
                self.writer.on_the_spot = not long
                yield self.writer
                if self.writer.changes == before:
                    self._direct.execute("COMMIT")
                else:
                    await self._to_its_end("COMMIT")
                    self._keep_log_short()
            except BaseException:
                # There may be none: BEGIN failed, or COMMIT was under way when this task was cancelled.
                with contextlib.suppress(DatabaseFails, sqlite3.OperationalError):
                    await self._to_its_end("ROLLBACK")
                self.vault.forget_new_keys()
                raise
            finally:
                self.writer.on_the_spot = False
            self.vault.keep_new_keys()

    def _keep_log_short(self) -> None:
        """Copies the write-ahead log into the file beside those who write. SQLite itself would let the one do it whose
        COMMIT makes the log long: a person in a hundred would wait 5 to 30 ms for her answer."""
        copied = self._copying is None or self._copying.done()
        if copied and self.writer.changes - self._copied_at >= _CHANGES_IN_LOG:
            self._copied_at = self.writer.changes
            self._copying = asyncio.create_task(self._copy_log())

    async def _copy_log(self) -> None:
        try:
            await self._copier.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.OperationalError as error:  # a full disk: who writes next hears of it
            logger.warning("the log could not be copied into the file", code=error.sqlite_errorname)

    async def wipe(self, tables: Sequence[str]) -> None:
        """`secure_delete` has emptied the pages; the log still holds them as they were."""
        async with self._turn.taken(first=False), self._reading:
            [row] = await self._raw.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        if row[0]:
            raise DatabaseFails("somebody reads an old state of the database: the log could not be emptied")

    async def _begin(self) -> None:
        """Nobody but a tool of the operator's can hold the file now: that is waited for without stopping the loop."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _SHORT_WAIT_MS / 1_000
        while True:
            try:
                self._direct.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() >= until:
                    raise _told(error) from error
            await asyncio.sleep(_LOOK_AGAIN)

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
        except sqlite3.OperationalError as error:
            raise _told(error) from error

    @contextlib.asynccontextmanager
    async def reading(self, *, short: bool = False) -> AsyncIterator[Connection]:
        async with self._reading:
            self.reader.on_the_spot = short
            try:
                yield self.reader
            finally:
                self.reader.on_the_spot = False

    async def close(self) -> None:
        if self._copying is not None:
            await asyncio.wait((self._copying,))
        try:
            await self._copier.close()
            await self._raw_reader.close()
            await self._raw.close()
        finally:
            if self._lock_file is not None:  # closed twice, its number could be another file's
                os.close(self._lock_file)
            self._lock_file = None


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:///path` address."""
    found = re.fullmatch(r"sqlite:///(.+)", url)
    if found is None:
        raise DatabaseUnusable("BIRGE_DATABASE must look like sqlite:///birge.sqlite3.")
    return Path(found[1])


@dataclass(frozen=True, slots=True)
class _Opened:
    raw: aiosqlite.Connection
    direct: sqlite3.Connection


async def _connect(path: Path, *, read_only: bool) -> _Opened:
    made: list[sqlite3.Connection] = []

    def connect() -> sqlite3.Connection:
        address = _address(path, "ro" if read_only else "rw")
        # Its thread and the loop use it in turn, never at once: see SqliteDatabase.writing.
        opened = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=_KEPT_STATEMENTS
        )
        opened.row_factory = sqlite3.Row
        made.append(opened)
        return opened

    raw = await aiosqlite.Connection(connect, iter_chunk_size=64)
    pragmas = [f"busy_timeout = {_SHORT_WAIT_MS}"]
    if not read_only:
        pragmas += ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"]
    try:
        for pragma in pragmas:
            await raw.execute_fetchall(f"PRAGMA {pragma}")
    except BaseException:
        await raw.close()
        raise
    return _Opened(raw, made[0])


@contextlib.asynccontextmanager
async def looking(url: str, vault: Vault) -> AsyncIterator[Connection]:
    """A connection that only reads, also while a Birge runs on the database. Raises DatabaseUnusable."""
    path = sqlite_path(url)
    if not path.exists():
        raise DatabaseUnusable(f"There is no database at {path}. Make one with: birge init")
    try:
        opened = await _connect(path, read_only=True)
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"The database {path} can't be read: {error}.") from error
    try:
        yield SqliteConnection(opened.raw, opened.direct, vault, {})
    except (sqlite3.Error, DatabaseFails) as error:
        raise DatabaseUnusable(f"The database {path} can't be read: {error}.") from error
    finally:
        await opened.raw.close()


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
