"""The tables, brought up to the newest migration. Alembic is imported here alone, at the program's start."""

import contextlib
import functools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storage.database import DatabaseUnusable
from storage.sqlite import sqlite_path, take_lock

_MIGRATIONS = Path(__file__).parent / "migrations"


@functools.cache
def newest() -> str:
    """The migration that this program's tables are of, read from the names of the files: importing them costs time."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def create_or_migrate(url: str) -> None:
    """Makes the database, or brings it up to date after a copy of it was put beside it.

    Raises DatabaseUnusable with one plain sentence.
    """
    path = sqlite_path(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"The folder of the database {path} can't be made: {error.strerror}.") from error
    lock_file = take_lock(path)  # nobody's tables change under a Birge that runs
    try:
        _make_private(path)
        _migrate(path)
    except OSError as error:
        raise DatabaseUnusable(f"The database {path} can't be used: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"The database {path} can't be used: {error}.") from error
    finally:
        os.close(lock_file)


def _make_private(path: Path) -> None:
    """A new database is its owner's alone from its first byte on; the files SQLite puts beside it follow it."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _migrate(path: Path) -> None:
    with _alembic(path) as (config, connection):
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        current = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(config)
        newest = scripts.get_current_head()
        if current == newest:
            return
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise DatabaseUnusable(
                f"The database {path} is of a newer Birge (migration {current}). Update Birge first."
            )
        if current is not None:
            _copy(path, path.with_name(f"{path.name}.before-{newest}"))
        _upgrade(config, connection)


def _copy(path: Path, to: Path) -> None:
    """By SQLite itself: after a crash the newest changes stand in the write-ahead log beside the file."""
    to.unlink(missing_ok=True)
    _make_private(to)
    try:
        with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
    except sqlite3.Error:  # a copy that is cut off helps nobody
        to.unlink(missing_ok=True)
        raise
    shutil.copymode(path, to)


def _upgrade(config: Any, connection: Any) -> None:
    from alembic import command

    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        command.upgrade(config, "head")
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise


def _hint(said: str) -> str:
    """What to do about tables that are neither those of one migration nor those of the next."""
    by_half = ("already exists", "duplicate column", "no such table", "no such column")
    return " A migration was applied by half: restore a backup." if any(sign in said for sign in by_half) else ""


@contextlib.contextmanager
def _alembic(path: Path) -> Iterator[tuple[Any, Any]]:
    import sqlalchemy as sa
    from alembic.config import Config

    address = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(address, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS))
            config.attributes["connection"] = connection
            yield config, connection
    except sa.exc.DBAPIError as error:
        raise DatabaseUnusable(f"The database {path} can't be used: {error.orig}.{_hint(str(error.orig))}") from error
    finally:
        engine.dispose()
