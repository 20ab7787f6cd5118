"""The database as everybody above sees it: connections, transactions, and one turn for those who write.

Handlers and jobs get a Connection inside an open transaction; nobody else writes. SQL texts use :name parameters and
the subset that SQLite and PostgreSQL share. The two backends are storage.sqlite and storage.postgres.
"""

import abc
import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from storage.vault import KeyRing, Vault

Row = Mapping[str, Any]
T = TypeVar("T")


class DatabaseFails(Exception):  # noqa: N818 - it is what happens, and no bug of ours
    """A statement or a COMMIT failed because of the database itself: locked, full, unreadable, gone. Trying again
    later may work; nothing of the transaction stands."""


class DatabaseUnusable(Exception):  # noqa: N818 - its text is the sentence the operator reads
    """The database can't be opened or written; the text is one plain sentence."""


class DatabaseTaken(DatabaseUnusable):
    """Another process uses the database."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of the table `child` that names a row of the table `parent`."""

    child: str
    column: str
    parent: str
    parent_column: str


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """Columns of which no two rows hold the same, among the rows for which `where` is true."""

    columns: tuple[str, ...]
    where: str = "1 = 1"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str  # as the database calls it, in small letters
    must_be: bool  # it can't be NULL


class Connection(abc.ABC):
    """One connection, one statement at a time. Reads and writes by plain SQL with named parameters."""

    vault: Vault
    statements: int  # how many were run; tests hold it

    @abc.abstractmethod
    async def all(self, sql: str, **values: Any) -> list[Row]:
        """All rows, each readable by column name."""

    @abc.abstractmethod
    async def many(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """One statement for many rows, in one trip."""

    @abc.abstractmethod
    def new_id(self, table: str) -> int:
        """The next id of a table whose rows must know their id before they are written (sealed columns name it)."""

    @abc.abstractmethod
    async def references(self) -> list[Reference]:
        """Every reference from one table to another."""

    @abc.abstractmethod
    async def columns(self, table: str) -> list[Column]: ...

    @abc.abstractmethod
    async def unique_keys(self, table: str) -> list[UniqueKey]:
        """A table's primary key and its unique indexes."""

    @property
    @abc.abstractmethod
    def changes(self) -> int:
        """How many rows were changed on this connection so far."""

    async def one(self, sql: str, **values: Any) -> Row | None:
        """The first row, or None."""
        rows = await self.all(sql, **values)
        return rows[0] if rows else None

    async def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        rows = await self.all(sql, **values)
        return rows[0][0] if rows else None  # type: ignore[index]

    async def run(self, sql: str, **values: Any) -> None:
        """A statement whose rows nobody asks for."""
        await self.all(sql, **values)


Within = contextlib.AbstractAsyncContextManager[Connection]


class Turn:
    """A lock that lets the pipeline go first: jobs and the sender wait for people. `places`: how many hold it."""

    def __init__(self, places: int = 1) -> None:
        self._free = places
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
        if self._free:
            self._free -= 1
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
        self._free += 1


class Database(abc.ABC):
    """An open database. `await Database.open(url, vault)`; `await database.close()`."""

    vault: Vault
    path: Path  # what files about its operation stand beside: the heartbeat

    @staticmethod
    async def open(url: str, vault: Vault) -> "Database":
        """Opens the database for this process alone. Raises DatabaseUnusable with one plain sentence."""
        if is_postgres(url):
            from storage.postgres import PostgresDatabase

            return await PostgresDatabase.open_server(url, vault)
        from storage.sqlite import SqliteDatabase

        return await SqliteDatabase.open_file(url, vault)

    @abc.abstractmethod
    def writing(self, *, first: bool = False, long: bool = False) -> "Within":
        """A transaction: committed at the end, rolled back by an exception. `first` for what people wait for; `long`
        for statements that touch many rows each: SQLite then runs them where they stop nobody else's work."""

    @abc.abstractmethod
    def reading(self, *, short: bool = False) -> "Within":
        """A connection that only reads what is committed; `short` for a glance by index, which SQLite takes on the
        spot."""

    @abc.abstractmethod
    async def wipe(self, tables: Sequence[str]) -> None:
        """What was deleted or changed in these tables is left in no page and in no log that this program keeps."""

    @abc.abstractmethod
    async def close(self) -> None: ...

    async def transact(
        self, work: Callable[[Connection], Awaitable[T]], *, first: bool = False, long: bool = False
    ) -> T:
        """What `work` returns, done in one transaction. It may be run again from its beginning when the database
        asks for that (a serialization failure), so it keeps nothing outside the transaction."""
        async with self.writing(first=first, long=long) as db:
            return await work(db)


SEALED_TABLES = ("deliveries",)


def listed(values: Iterable[Any], *, or_none: Any = None) -> tuple[str, dict[str, Any]]:
    """The inside of an IN (…) and its values by name. The last value is repeated up to a power of two, so that a
    database prepares a handful of statements and not one for each length. For no values at all: `or_none` alone."""
    given = list(values) or [or_none]
    size = 1 << (len(given) - 1).bit_length()
    given += [given[-1]] * (size - len(given))
    return _names_of(size), {f"v{number}": value for number, value in enumerate(given)}


@lru_cache(maxsize=64)
def _names_of(size: int) -> str:
    return ", ".join(f":v{number}" for number in range(size))


def is_postgres(url: str) -> bool:
    """Whether an address names a PostgreSQL database; all others name a file of SQLite."""
    return url.startswith(("postgresql://", "postgres://"))


def looking(url: str, vault: Vault | None = None) -> Within:
    """A connection that only reads, beside a Birge that runs; without a vault nothing sealed opens. Raises
    DatabaseUnusable."""
    vault = vault or Vault(KeyRing({}, b""))
    if is_postgres(url):
        import storage.postgres

        return storage.postgres.looking(url, vault)
    import storage.sqlite

    return storage.sqlite.looking(url, vault)


def path_of(url: str) -> Path:
    """What files about the operation of this database stand beside."""
    if is_postgres(url):
        import storage.postgres

        return storage.postgres.path_of(url)
    from storage.sqlite import sqlite_path

    return sqlite_path(url)


@contextlib.asynccontextmanager
async def savepoint(db: Connection, name: str = "update_") -> AsyncIterator[None]:
    """Undoes what was done inside it when an exception leaves it; the transaction goes on, but after DatabaseFails."""
    await db.run(f"SAVEPOINT {name}")
    try:
        yield
    except DatabaseFails:
        raise  # nothing of the transaction is to stand, and SQLite may have undone it already, savepoint and all
    except BaseException:
        await db.run(f"ROLLBACK TO SAVEPOINT {name}")
        await db.run(f"RELEASE SAVEPOINT {name}")
        raise
    await db.run(f"RELEASE SAVEPOINT {name}")
