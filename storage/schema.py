"""The tables, brought up to the newest migration. Alembic is imported here alone, and only if there is work for it."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog

from storage.database import DatabaseUnusable, is_postgres
from storage.sqlite import sqlite_path, take_lock

logger = structlog.get_logger(__name__)

_MIGRATIONS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The migration that this program's tables are of, read from the names of the files: importing them costs time."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def create_or_migrate(url: str, *, must_exist: bool = False) -> None:
    """Makes the database (unless it `must_exist`), or brings it up to date: a file after a copy of it was put beside
    it; of a server's database nobody but its operator can make a copy, so the log says what was done.

    Raises DatabaseUnusable with one plain sentence.
    """
    if is_postgres(url):
        _on_server(url, must_exist=must_exist)
    else:
        _in_file(sqlite_path(url), must_exist=must_exist)


def _in_file(path: Path, *, must_exist: bool) -> None:
    if must_exist and not path.exists():
        raise DatabaseUnusable(f"There is no database at {path}. Make one with: birge init")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"The folder of the database {path} can't be made: {error.strerror}.") from error
    lock_file = take_lock(path)  # nobody's tables change under a Birge that runs
    try:
        _make_private(path)
        if not _is_current(path):
            with _file_opened(path) as connection:
                _migrate(connection, str(path), lambda to: _copy(path, path.with_name(f"{path.name}.before-{to}")))
    except OSError as error:
        raise DatabaseUnusable(f"The database {path} can't be used: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"The database {path} can't be used: {error}.") from error
    finally:
        os.close(lock_file)


def _is_current(path: Path) -> bool:
    """Whether there is nothing to do: most starts end here, without Alembic's half second and 40 MB."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        known = raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        found = raw.execute("SELECT version_num FROM alembic_version").fetchall() if known else []
    return found == [(newest(),)]


def _on_server(url: str, *, must_exist: bool) -> None:
    from storage import postgres

    name = postgres.shown(url)
    with _server_opened(url) as connection:
        raw = connection.connection.dbapi_connection
        postgres.check_server(url, raw.info)
        postgres.take_lock(raw, url)
        if must_exist and raw.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is None:
            raise DatabaseUnusable(f"The database {name} has no tables yet. Make them with: birge init")
        _migrate(connection, name, lambda newest: logger.warning("the tables are brought up to date", to=newest))


def _make_private(path: Path) -> None:
    """A new database is its owner's alone from its first byte on; the files SQLite puts beside it follow it."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _migrate(connection: Any, name: str, before: Callable[[str], None]) -> None:
    """`before` is called with the newest migration before tables that have rows are changed."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = _config(connection)
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    newest = str(scripts.get_current_head())
    if current == newest:
        return
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseUnusable(f"The database {name} is of a newer Birge (migration {current}). Update Birge first.")
    if current is not None:
        before(newest)
    _upgrade(config, connection)


def _config(connection: Any) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


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


def _upgrade(config: Any, connection: Any, to: str = "head") -> None:
    """All of it or nothing: the connection is in autocommit, so that the transaction is ours alone."""
    from alembic import command

    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
    try:
        command.upgrade(config, to)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise


def _hint(said: str) -> str:
    """What to do about tables that are neither those of one migration nor those of the next."""
    by_half = ("already exists", "duplicate column", "no such table", "no such column")
    return " A migration was applied by half: restore a backup." if any(sign in said for sign in by_half) else ""


@contextlib.contextmanager
def _file_opened(path: Path) -> Iterator[Any]:
    import sqlalchemy as sa

    with _opened(str(path), sa.URL.create("sqlite", database=str(path)), None) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        yield connection


@contextlib.contextmanager
def _server_opened(url: str) -> Iterator[Any]:
    import psycopg
    import sqlalchemy as sa

    from storage import postgres

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(url, connect_timeout=10, **postgres.SESSION)

    try:
        with _opened(postgres.shown(url), sa.URL.create("postgresql+psycopg"), connect) as connection:
            yield connection
    except psycopg.Error as error:
        raise postgres.unusable(url, error) from error


@contextlib.contextmanager
def _opened(name: str, address: Any, connect: Callable[[], Any] | None) -> Iterator[Any]:
    import sqlalchemy as sa

    given = {"creator": connect} if connect else {}
    engine = sa.create_engine(address, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", **given)
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        said = str(error.orig).strip().split("\n", 1)[0].rstrip(".")
        raise DatabaseUnusable(f"The database {name} can't be used: {said}.{_hint(said)}") from error
    finally:
        engine.dispose()
