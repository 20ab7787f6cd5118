"""PostgreSQL: a few connections that write, each transaction SERIALIZABLE and run again when the server refuses it for
that, one connection that only reads, and one that holds the lock which keeps a second process away.
"""

import asyncio
import contextlib
import hashlib
import random
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection, IsolationLevel
from psycopg import errors as refusals
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import RowMaker
from psycopg.types.numeric import Int8Dumper

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

T = TypeVar("T")

_WRITERS = 4
_OLDEST = 14  # the oldest PostgreSQL that is still maintained
_PREPARE_AFTER, _MOST_PREPARED = 2, 500
_MOST_RUNS = 30
_CERTAINLY_A_BUG = 5  # runs that meet the same row
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.5  # seconds
_GIVES_WAY = b"SET lock_timeout = '500ms'"
_LOCK = 0x4269726765  # the advisory lock of this program; each database has its own
_BLOCK, _FEWEST = 1_000_000, 100_000  # ids taken at once, and how many a transaction may need

Raw = AsyncConnection[Any]


class _RunAgain(BaseException):
    """The server asks for the transaction to be run again. No handler's `except Exception` may take it for its own."""


# --- texts, rows and values -------------------------------------------------------------------------------------------

_TOKENS = re.compile(
    r"""'(?:[^']|'')*'          # a literal
      | "[^"]*"                 # a name in quotes
      | --[^\n]*                # a comment
      | ::                      # a cast
      | :(?P<name>[A-Za-z_]\w*)
      | %""",
    re.VERBOSE,
)


@lru_cache(4096)
def translated(sql: str) -> bytes:
    """Our SQL text as psycopg wants it: `:name` becomes `%(name)s`, every other `%` is doubled."""

    def one(found: re.Match[str]) -> str:
        return f"%({found['name']})s" if found["name"] else found[0].replace("%", "%%")

    return _TOKENS.sub(one, sql).encode()


class _Row(tuple[Any, ...]):
    """A row whose values are read by name or by index, as sqlite3.Row has it."""

    __slots__ = ()
    at: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.at[key] if key.__class__ is str else key)

    def keys(self) -> Iterable[str]:
        return self.at.keys()


@lru_cache(1024)
def _row_of(names: tuple[bytes, ...]) -> type[_Row]:
    places = {name.decode(): place for place, name in reversed(list(enumerate(names)))}  # of two the first, as SQLite
    return type("_Row", (_Row,), {"__slots__": (), "at": places})


def _readable(cursor: Any) -> RowMaker[_Row]:
    result = cursor.pgresult
    if result is None:
        return _Row
    return _row_of(tuple(result.fname(place) for place in range(result.nfields)))


class _Number(Int8Dumper):
    """Every number is a bigint: else each size of it makes a prepared statement of its own. A truth is a number, too,
    as SQLite has it."""

    def dump(self, obj: Any) -> bytes:
        return str(int(obj)).encode()


# --- a connection -----------------------------------------------------------------------------------------------------


class PostgresConnection(Connection):
    """One connection; `vault` is changed with every transaction."""

    def __init__(self, raw: Raw, vault: Vault, numbers: "_Numbers") -> None:
        self.raw = raw
        self.vault = vault
        self.statements = 0
        self.may_run_again = False
        self._changes = 0
        self._numbers = numbers

    @property
    def changes(self) -> int:
        return self._changes

    async def all(self, sql: str, **values: Any) -> list[Row]:
        self.statements += 1
        with self._told():
            cursor = await self.raw.execute(translated(sql), values)
            self._note(cursor)
            return await cursor.fetchall() if cursor.description else []

    async def many(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        given = list(rows)
        if not given:
            return
        if len(given) == 1:  # the driver's pipeline costs more than one row
            await self.all(sql, **given[0])
            return
        self.statements += 1
        with self._told():
            try:
                async with self.raw.cursor() as cursor:
                    await cursor.executemany(translated(sql), given)
                    self._note(cursor)
            except (asyncio.CancelledError, AssertionError) as error:
                if not _is_cancelled():
                    raise
                # Cancelled while it begins or ends, the driver's pipeline breaks: with an AssertionError, or later on.
                await self.raw.close()
                raise asyncio.CancelledError from error

    def _note(self, cursor: psycopg.AsyncCursor[Any]) -> None:
        if (cursor.statusmessage or "").startswith(("INSERT", "UPDATE", "DELETE")):
            self._changes += max(0, cursor.rowcount)

    def new_id(self, table: str) -> int:
        return self._numbers.next(table)

    async def references(self) -> list[Reference]:
        rows = await self.all(
            """SELECT child.relname AS child, held.attname AS held_by, parent.relname AS parent,
                      named.attname AS parent_column
               FROM pg_constraint AS rule
               JOIN pg_class AS child ON child.oid = rule.conrelid
               JOIN pg_class AS parent ON parent.oid = rule.confrelid
               JOIN pg_attribute AS held ON held.attrelid = rule.conrelid AND held.attnum = rule.conkey[1]
               JOIN pg_attribute AS named ON named.attrelid = rule.confrelid AND named.attnum = rule.confkey[1]
               WHERE rule.contype = 'f' AND child.relnamespace = to_regnamespace(current_schema())
               ORDER BY child.relname, held.attname"""
        )
        return [Reference(row["child"], row["held_by"], row["parent"], row["parent_column"]) for row in rows]

    async def columns(self, table: str) -> list[Column]:
        rows = await self.all(
            """SELECT column_name AS name, data_type AS type, is_nullable AS may_be_null
               FROM information_schema.columns
               WHERE table_schema = current_schema() AND table_name = :table
               ORDER BY ordinal_position""",
            table=table,
        )
        return [Column(row["name"], row["type"], row["may_be_null"] == "NO") for row in rows]

    async def unique_keys(self, table: str) -> list[UniqueKey]:
        rows = await self.all(
            """SELECT array_agg(part.attname::text ORDER BY held.place) AS parts,
                      COALESCE(pg_get_expr(rule.indpred, rule.indrelid), '1 = 1') AS true_for
               FROM pg_index AS rule
               JOIN pg_class AS owner ON owner.oid = rule.indrelid
               CROSS JOIN unnest(rule.indkey) WITH ORDINALITY AS held(number, place)
               JOIN pg_attribute AS part ON part.attrelid = rule.indrelid AND part.attnum = held.number
               WHERE rule.indisunique AND owner.relname = :table
                 AND owner.relnamespace = to_regnamespace(current_schema())
               GROUP BY rule.indexrelid, rule.indpred, rule.indrelid
               ORDER BY rule.indexrelid""",
            table=table,
        )
        return [UniqueKey(tuple(row["parts"]), row["true_for"]) for row in rows]

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        with _told():
            try:
                yield
            except refusals.UniqueViolation as error:
                # Often the row of a transaction that this one could not see. If it stays so, it is a bug of ours.
                if self.may_run_again:
                    raise _RunAgain(_first_line(error)) from error
                raise


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What the driver raises, as the rest of the program knows it."""
    try:
        yield
    except (refusals.SerializationFailure, refusals.DeadlockDetected) as error:
        raise _RunAgain(_first_line(error)) from error
    except (psycopg.OperationalError, refusals.ReadOnlySqlTransaction) as error:
        raise DatabaseFails(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    """What the server said, without the statement it quotes below."""
    said = str(error).strip().split("\n", 1)[0]
    return said.rstrip(".") or type(error).__name__


class _Numbers:
    """Ids of tables whose rows know theirs before they are written: taken from their sequence in blocks."""

    def __init__(self) -> None:
        self._blocks = dict.fromkeys(SEALED_TABLES, (0, 0))  # the next one, the end

    def next(self, table: str) -> int:
        at, end = self._blocks[table]
        if at >= end:
            raise DatabaseFails(f"one transaction used more than {_FEWEST} ids")
        self._blocks[table] = (at + 1, end)
        return at

    def is_low(self) -> bool:
        return any(end - at < _FEWEST for at, end in self._blocks.values())

    async def refill(self, raw: Raw) -> None:
        """No statement per row, none per transaction. Rows that came with ids of their own (a restored backup) are
        passed over. Nobody else takes any: this process has the lock."""
        for table in SEALED_TABLES:
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor = await raw.execute(
                f"""SELECT setval({sequence}, GREATEST(nextval({sequence}), MAX(id) + 1) + {_BLOCK - 1}) AS last
                    FROM {table}""".encode()  # noqa: S608 - our own names
            )
            [row] = await cursor.fetchall()
            self._blocks[table] = (row["last"] - _BLOCK + 1, row["last"] + 1)


# --- the database -----------------------------------------------------------------------------------------------------


class PostgresDatabase(Database):
    """An open PostgreSQL database, locked against other processes. `run_again` counts the refused transactions."""

    def __init__(self, url: str, vault: Vault, writers: int, chance: Callable[[], float]) -> None:
        self.path = path_of(url)
        self.vault = vault
        self.run_again = 0
        self._url = url
        self._chance = chance
        self._turn = Turn(writers)
        self._idle: list[PostgresConnection] = []
        self._reading = asyncio.Lock()
        self._reader: PostgresConnection | None = None
        self._keeping = asyncio.Lock()
        self._lock: Raw | None = None
        self._ended = False
        self._numbers = _Numbers()

    @classmethod
    async def open_server(
        cls, url: str, vault: Vault, *, writers: int = _WRITERS, chance: Callable[[], float] = random.random
    ) -> "PostgresDatabase":
        """Opens the database of a `postgresql://` address and takes its lock; `chance` (0 to 1) spreads the pauses
        before a transaction is run again. Raises DatabaseUnusable."""
        database = cls(url, vault, writers, chance)
        try:
            await database._take_lock()
            await database._check_writable()
            await database._keep_numbers()
        except BaseException as error:
            await database.close()
            if isinstance(error, (DatabaseFails, psycopg.Error)):
                raise unusable(url, error) from error
            raise
        return database

    async def _check_writable(self) -> None:
        raw = self._held()
        check_server(self._url, raw.info)
        cursor = await raw.execute("SELECT to_regclass('notes_of_operation') AS there")
        if (await cursor.fetchall())[0]["there"] is None:
            raise DatabaseUnusable(f"The database {shown(self._url)} has no tables yet. Make them with: birge init")
        try:
            await raw.execute("DELETE FROM notes_of_operation WHERE 1 = 0")
        except psycopg.Error as error:
            raise DatabaseUnusable(
                f"The database {shown(self._url)} can't be written: {_first_line(error)}."
            ) from error

    # --- transactions -------------------------------------------------------------------------------------------------

    async def transact(
        self, work: Callable[[Connection], Awaitable[T]], *, first: bool = False, long: bool = False
    ) -> T:
        for run in count(1):
            try:
                async with self._transaction(first=first) as db:
                    db.may_run_again = run < _CERTAINLY_A_BUG
                    return await work(db)
            except _RunAgain as refused:
                self.run_again += 1
                if run == _MOST_RUNS:
                    raise DatabaseFails(f"refused {run} times in a row: {refused}") from refused
            longest = min(_FIRST_PAUSE * 2**run, _LONGEST_PAUSE)
            await asyncio.sleep(longest * self._chance())
        raise AssertionError("unreachable")

    @contextlib.asynccontextmanager
    async def writing(self, *, first: bool = False, long: bool = False) -> AsyncIterator[Connection]:
        """As everywhere; a refused one is not run again here: it fails."""
        try:
            async with self._transaction(first=first) as db:
                db.may_run_again = False
                yield db
        except _RunAgain as refused:
            raise DatabaseFails(str(refused)) from refused

    @contextlib.asynccontextmanager
    async def _transaction(self, *, first: bool) -> AsyncIterator[PostgresConnection]:
        async with self._turn.taken(first=first), self._writer() as db:
            await self._keep_numbers()
            vault = db.vault = self.vault.of_transaction()
            try:
                yield db
                with _told():
                    await _to_its_end(db.raw.commit())
            except BaseException:
                vault.forget_new_keys()
                raise
            vault.keep_new_keys()

    @contextlib.asynccontextmanager
    async def _writer(self) -> AsyncIterator[PostgresConnection]:
        """A connection outside of any transaction; kept for the next one unless it broke."""
        db = self._idle.pop() if self._idle else await self._connected()
        try:
            yield db
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                await _to_its_end(db.raw.rollback())
            raise
        finally:
            if self._ended or db.raw.closed or db.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                await db.raw.close()
            else:
                self._idle.append(db)

    @contextlib.asynccontextmanager
    async def reading(self, *, short: bool = False) -> AsyncIterator[Connection]:
        async with self._reading:
            if self._reader is None or self._reader.raw.closed:
                self._reader = await self._connected(read_only=True)
            self._reader.vault = self.vault
            yield self._reader

    # --- connections --------------------------------------------------------------------------------------------------

    async def _connected(self, *, read_only: bool = False) -> PostgresConnection:
        """A new connection; not before the lock is certain, which a server that went away has forgotten."""
        with _told():
            async with self._keeping:
                await self._keep_lock()
            async with self._opening() as raw:
                if read_only:
                    await raw.set_autocommit(True)
                    await raw.execute("SET default_transaction_read_only = on")
                else:
                    await raw.set_isolation_level(IsolationLevel.SERIALIZABLE)
        return PostgresConnection(raw, self.vault, self._numbers)

    @contextlib.asynccontextmanager
    async def _opening(self) -> AsyncIterator[Raw]:
        """A new connection, which outlives the block only if the block ends well and nobody closed the database
        meanwhile: whoever is cancelled in here leaves none behind."""
        raw = await _connect(self._url)
        try:
            yield raw
            if self._ended:
                raise DatabaseFails("the database is closed")
        except BaseException:
            await raw.close()
            raise

    def _held(self) -> Raw:
        if self._lock is None:
            raise DatabaseFails("the connection that holds the lock is gone")
        return self._lock

    async def _take_lock(self) -> None:
        async with self._opening() as raw:
            await raw.set_autocommit(True)
            with lock_refused(self._url):
                for statement in locking():
                    await raw.execute(statement)
        self._lock = raw

    async def _keep_lock(self) -> None:
        if self._lock is not None:
            try:
                await self._lock.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                await self._lock.close()
                self._lock = None
        try:
            await self._take_lock()
        except DatabaseTaken as error:  # maybe by our own lost session, until the server has noticed
            raise DatabaseFails(str(error)) from error

    async def _keep_numbers(self) -> None:
        if self._numbers.is_low():
            with _told():
                async with self._keeping:
                    await self._keep_lock()
                    await self._numbers.refill(self._held())

    async def wipe(self, tables: Sequence[str]) -> None:
        """Each table is written anew: a plain VACUUM leaves the bytes of old rows in the pages that stay. Nobody
        reads it meanwhile; while a backup does, this gives way soon, since all others would wait behind it."""
        with _told():
            async with self._opening() as raw:
                await raw.set_autocommit(True)
                await raw.execute(_GIVES_WAY)
                for table in tables:
                    await raw.execute(f"VACUUM (FULL) {table}".encode())
                await raw.close()

    async def close(self) -> None:
        self._ended = True
        raws = [db.raw for db in self._idle] + ([self._reader.raw] if self._reader else [])
        self._idle.clear()
        self._reader = None
        for raw in [*raws, *([self._lock] if self._lock else [])]:
            await raw.close()
        self._lock = None


@contextlib.asynccontextmanager
async def looking(url: str, vault: Vault) -> AsyncIterator[Connection]:
    """A connection that only reads, also while a Birge runs on the database. Raises DatabaseUnusable."""
    try:
        raw = await _connect(url)
    except psycopg.Error as error:
        raise unusable(url, error) from error
    try:
        await raw.set_autocommit(True)
        await raw.execute("SET default_transaction_read_only = on")
        yield PostgresConnection(raw, vault, _Numbers())
    finally:
        await raw.close()


async def _connect(url: str) -> Raw:
    raw: Raw = await AsyncConnection.connect(url, row_factory=_readable, connect_timeout=10, **SESSION)
    raw.prepare_threshold, raw.prepared_max = _PREPARE_AFTER, _MOST_PREPARED
    for kind in (int, bool):
        raw.adapters.register_dumper(kind, _Number)
    return raw


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _to_its_end(work: Awaitable[None]) -> None:
    """Waited for even by a task that is cancelled: whether a COMMIT was done must be known."""
    running = asyncio.ensure_future(work)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        running.exception()
        raise


# --- addresses and sentences, for storage.schema as well --------------------------------------------------------------

LOCK_WAIT_MS = 3_000  # the server may not have noticed yet that the last Birge was killed
SESSION: dict[str, Any] = {"application_name": "birge", "client_encoding": "UTF8"}


def locking() -> tuple[bytes, ...]:
    """The statements that take the lock for the life of a connection; LockNotAvailable if another one has it."""
    return (
        f"SET lock_timeout = {LOCK_WAIT_MS}".encode(),
        f"SELECT pg_advisory_lock({_LOCK})".encode(),
        b"SET lock_timeout = 0",
    )


@contextlib.contextmanager
def lock_refused(url: str) -> Iterator[None]:
    """Raises DatabaseTaken if another Birge holds the lock."""
    try:
        yield
    except refusals.LockNotAvailable as error:
        raise DatabaseTaken(f"Another Birge is using the database {shown(url)}. Stop it first.") from error


def take_lock(raw: Any, url: str) -> None:
    """The lock, for the life of a connection that isn't async. Raises DatabaseTaken."""
    with lock_refused(url):
        for statement in locking():
            raw.execute(statement)


def shown(url: str) -> str:
    """The address as an operator may read it in a log: without the user and the password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        return "postgresql://…"
    host = f"{parts.get('host', '')}" + (f":{parts['port']}" if "port" in parts else "")
    return f"postgresql://{host}/{parts.get('dbname', '')}"


def path_of(url: str) -> Path:
    """Where files about the operation of this database stand on this machine."""
    return Path(tempfile.gettempdir()) / f"birge-{hashlib.sha256(shown(url).encode()).hexdigest()[:16]}"


def unusable(url: str, error: Exception) -> DatabaseUnusable:
    return DatabaseUnusable(f"The database {shown(url)} can't be used: {_first_line(error)}.")


def check_server(url: str, info: psycopg.ConnectionInfo) -> None:
    """Raises DatabaseUnusable if the server is too old, or the database can't hold every alphabet."""
    if info.server_version < _OLDEST * 10_000:
        raise DatabaseUnusable(f"The server of {shown(url)} is too old: Birge needs PostgreSQL {_OLDEST} or newer.")
    if info.parameter_status("server_encoding") != "UTF8":
        raise DatabaseUnusable(
            f"The database {shown(url)} can't hold every alphabet. Make one with: CREATE DATABASE … ENCODING 'UTF8'"
        )
