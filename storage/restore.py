"""A backup becomes a database: an empty one only, whole or not at all."""

import contextlib
import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.times import to_us
from storage import keyring, vault, witnesses
from storage.backup import VERSION_TABLE, Backup, BackupUnusable, Manifest, Table, opened, rows_at_once, tables_of
from storage.cases.chain import ADD, HEAD, SAVE_HEAD, Head, head_of, restored, sealed_head
from storage.database import DatabaseUnusable, is_postgres
from storage.inbox import EVENTS_LAST
from storage.snapshot import connected, is_file
from storage.sqlite import sqlite_path, take_lock
from storage.vault import KeyRing, read_key_ring

if TYPE_CHECKING:
    import sqlalchemy as sa
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Restored:
    """`destroyed`: keys that were in the backup and had been destroyed since. `waiting`: messages that will be sent."""

    manifest: Manifest
    destroyed: int
    waiting: int


def restore(url: str, keys: Path, file: Path, now: datetime) -> Restored:
    """Makes the database of the backup, brought up to the newest migration.

    Raises BackupUnusable, DatabaseUnusable or KeyRingUnusable; then the database is as it was. The log of the cases
    says, and the list of its witnesses, that it was put back.
    """
    ring = read_key_ring(keys)
    gone = set(keyring.destroyed(keys))
    with opened(file, ring) as backup:
        _must_have_keys(ring, keys, backup.manifest, file)
        _must_be_known(backup.manifest, file)
        with _empty_database(url) as connection:
            return _whole(connection, lambda: _fill(connection, backup, file, gone, now, keys, ring))


def _must_have_keys(ring: KeyRing, keys: Path, manifest: Manifest, file: Path) -> None:
    lacking = sorted(set(manifest.masters) - set(ring.masters))
    if lacking:
        raise BackupUnusable(f"The key ring {keys} lacks the key of {lacking[0]}, which the backup {file} needs.")


def _must_be_known(manifest: Manifest, file: Path) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if manifest.migration not in known:
        raise BackupUnusable(
            f"The backup {file} is of a newer Birge (migration {manifest.migration}). Update Birge first."
        )


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


# --- an empty database ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _empty_database(url: str) -> Iterator["sa.Connection"]:
    """A connection to it. A file is made first if there is none, and taken away again if something fails."""
    if is_postgres(url):
        with connected(url, "written") as connection:
            _take_server(url, connection)
            yield connection
    else:
        with _empty_file(sqlite_path(url)), connected(url, "written") as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # checked once all rows are there
            yield connection


def _take_server(url: str, connection: "sa.Connection") -> None:
    """Holds the lock that keeps a bot away, as long as the connection lasts."""
    from storage import postgres

    raw: Any = connection.connection.driver_connection
    postgres.check_server(url, raw.info)
    postgres.take_lock(raw, url)


@contextlib.contextmanager
def _empty_file(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"The folder of the database {path} can't be made: {error.strerror}.") from error
    lock_file = take_lock(path)
    new = not path.exists()
    left = path.with_name(f"{path.name}-wal")
    if new and left.exists():
        os.close(lock_file)
        raise DatabaseUnusable(
            f"{left} is of an earlier database and may hold its newest changes: move it away together with that one."
        )
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        yield
        new = False
    except OSError as error:
        raise DatabaseUnusable(f"The database {path} can't be written: {error.strerror}.") from error
    finally:
        if new:
            for end in ("", "-wal", "-shm"):
                path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
        os.close(lock_file)


def _whole(connection: "sa.Connection", work: Callable[[], Restored]) -> Restored:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_file(connection) else "BEGIN")
    try:
        done = work()
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    return done


# --- filled -----------------------------------------------------------------------------------------------------------


def _fill(
    connection: "sa.Connection", backup: Backup, file: Path, gone: set[int], now: datetime, keys: Path, ring: KeyRing
) -> Restored:
    from alembic import command

    config, manifest = _config(), backup.manifest
    config.attributes["connection"] = connection
    _drop_empty_tables(connection)
    command.upgrade(config, manifest.migration)
    _must_fit(connection, manifest, file)
    for table in manifest.tables:
        (_insert if is_file(connection) else _copy)(connection, table, backup.rows(table.name))
    _must_refer_to_something(connection)
    command.upgrade(config, "head")
    _forget_old_events(connection, now)
    made = Restored(manifest, _destroy_again(connection, gone), _waiting(connection))
    witnesses.note_restored(keys, _note_in_log(connection, ring, now), now)
    return made


def _note_in_log(connection: "sa.Connection", ring: KeyRing, now: datetime) -> Head:
    """The log goes on from what the backup had, with an entry that says so; one that has not begun stays so."""
    import sqlalchemy as sa

    last = head_of(connection.exec_driver_sql(HEAD).mappings().first())
    if not last.number:
        return last
    link = functools.partial(vault.link, vault.chain_key(ring))
    entry = restored(link, last, now)
    connection.execute(sa.text(ADD), entry)
    connection.execute(sa.text(SAVE_HEAD), sealed_head(link, entry))
    return Head(entry["id"], entry["mac"], entry["at"])


def _drop_empty_tables(connection: "sa.Connection") -> None:
    import sqlalchemy as sa

    names = sa.inspect(connection).get_table_names()
    for name in names:
        filled = connection.exec_driver_sql(f'SELECT 1 FROM "{name}" LIMIT 1').first()  # noqa: S608 - it is there
        if filled is not None and name != VERSION_TABLE:
            raise DatabaseUnusable("The database is not empty. Restore into a new one, or move this one away first.")
    for name in names:
        connection.exec_driver_sql(f'DROP TABLE "{name}"' + ("" if is_file(connection) else " CASCADE"))


def _must_fit(connection: "sa.Connection", manifest: Manifest, file: Path) -> None:
    import sqlalchemy as sa

    there = sa.inspect(connection)
    wanted = {name: {one["name"] for one in there.get_columns(name)} for name in tables_of(connection)}
    if wanted != {table.name: set(table.columns) for table in manifest.tables}:
        raise BackupUnusable(f"The backup {file} has other tables than migration {manifest.migration} makes.")


def _insert(connection: "sa.Connection", table: Table, rows: Iterator[list[Any]]) -> None:
    marks = ", ".join("?" for _ in table.columns)
    statement = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})"  # noqa: S608 - our own names
    while some := list(itertools.islice(rows, rows_at_once(table.name))):
        connection.exec_driver_sql(statement, [tuple(row) for row in some])


def _copy(connection: "sa.Connection", table: Table, rows: Iterable[list[Any]]) -> None:
    """One statement for a table: a row may refer to a later one of its own table. Then its numbers go on from there."""
    raw: Any = connection.connection.driver_connection
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([_without_nul(value) for value in row])
    if "id" in table.columns:
        connection.exec_driver_sql(
            f"""SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), MAX(id)) FROM {table.name}
                HAVING MAX(id) IS NOT NULL"""  # noqa: S608 - our own names
        )


def _without_nul(value: Any) -> Any:
    """SQLite keeps this character, which says nothing; PostgreSQL has no place for it."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _must_refer_to_something(connection: "sa.Connection") -> None:
    """PostgreSQL has checked it already."""
    if is_file(connection) and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise DatabaseUnusable("The backup is not consistent: rows refer to rows that are not in it.")


def _destroy_again(connection: "sa.Connection", gone: set[int]) -> int:
    """What was destroyed after the backup was made stays destroyed."""
    import sqlalchemy as sa

    statement = sa.text("DELETE FROM sealing_keys WHERE id = :id")
    return sum(connection.execute(statement, {"id": key_id}).rowcount for key_id in gone)


def _waiting(connection: "sa.Connection") -> int:
    return int(connection.exec_driver_sql("SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'").scalar_one())


def _forget_old_events(connection: "sa.Connection", now: datetime) -> None:
    """After a week of silence the messenger numbers its updates anew: a number of then must not stop one of now."""
    import sqlalchemy as sa

    connection.execute(sa.text("DELETE FROM inbox WHERE at < :before"), {"before": to_us(now - EVENTS_LAST)})
