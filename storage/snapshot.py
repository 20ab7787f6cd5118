"""The database as commands have it that read much or little and end: beside a bot that runs, without its lock.

SQLAlchemy, which speaks to both databases, is imported at first use.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from storage.database import DatabaseUnusable, is_postgres
from storage.sqlite import sqlite_path

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy as sa

_PATIENCE = 10  # seconds


@contextlib.contextmanager
def snapshot(url: str) -> Iterator["sa.Connection"]:
    """A connection that reads one state and keeps nobody waiting. Raises DatabaseUnusable with one plain sentence."""
    with connected(url, "read") as connection:
        begin = "BEGIN" if is_file(connection) else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        connection.exec_driver_sql(begin)
        _must_have_tables(connection)
        yield connection
        connection.exec_driver_sql("ROLLBACK")


def masters_in_use(connection: "sa.Connection") -> dict[str, int]:
    """How many keys each master key wraps."""
    found = connection.exec_driver_sql("SELECT master, COUNT(*) FROM sealing_keys GROUP BY master ORDER BY master")
    return {str(master): int(count) for master, count in found}


def notes(connection: "sa.Connection") -> dict[str, str]:
    """The notes of operation."""
    found = connection.exec_driver_sql("SELECT name, value FROM notes_of_operation")
    return {str(name): str(value) for name, value in found}


def note(url: str, name: str, value: str) -> None:
    """Writes a single note of operation, in a transaction of its own. Raises DatabaseUnusable."""
    import sqlalchemy as sa

    with connected(url, "written") as connection:
        connection.execute(
            sa.text("""INSERT INTO notes_of_operation (name, value)
                       VALUES (:name, :value)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value"""),
            {"name": name, "value": value},
        )


@contextlib.contextmanager
def connected(url: str, what: str) -> Iterator["sa.Connection"]:
    """A connection on which each statement is a transaction of its own unless BEGIN was said. `what` is done with it:
    "read" or "written". Raises DatabaseUnusable."""
    import sqlalchemy as sa

    engine = _server(url) if is_postgres(url) else _file(url, "ro" if what == "read" else "rw")
    driver: type[Exception] = engine.dialect.loaded_dbapi.Error
    try:
        with engine.connect() as connection:
            yield connection
    except (sa.exc.DBAPIError, driver) as error:
        raise DatabaseUnusable(f"The database can't be {what}: {_first_line(error)}.") from error
    finally:
        engine.dispose()


def _first_line(error: Exception) -> str:
    """What the database said, without the statement that is quoted below."""
    told = getattr(error, "orig", None) or error
    return (str(told).strip() or type(told).__name__).splitlines()[0].rstrip(".")


def is_file(connection: "sa.Connection") -> bool:
    """Whether it is SQLite's."""
    return connection.dialect.name == "sqlite"


def _file(url: str, mode: str) -> "sa.Engine":
    path = sqlite_path(url)
    if not path.exists():
        raise DatabaseUnusable(f"There is no database at {path}. Make one with: birge init")

    def connect() -> sqlite3.Connection:
        address = f"{path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE)

    return _engine("sqlite://", connect)


def _server(url: str) -> "sa.Engine":
    import psycopg

    from storage.postgres import SESSION

    def connect() -> "psycopg.Connection[Any]":
        return psycopg.connect(url, connect_timeout=_PATIENCE, **SESSION)

    return _engine("postgresql+psycopg://", connect)


def _engine(address: str, connect: Any) -> "sa.Engine":
    import sqlalchemy as sa

    return sa.create_engine(address, creator=connect, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")


def _must_have_tables(connection: "sa.Connection") -> None:
    import sqlalchemy as sa

    if not sa.inspect(connection).has_table("alembic_version"):
        raise DatabaseUnusable("The database has no tables yet. Make them with: birge init")
