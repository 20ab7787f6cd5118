import asyncio
import contextlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import storage.operation
import storage.postgres
import storage.sqlite
from storage.database import Connection, Database, DatabaseFails, DatabaseUnusable, Turn, savepoint
from storage.sqlite import SqliteConnection, sqlite_path
from storage.vault import Vault
from tests.conftest import on_sqlite
from tests.storage.conftest import RING
from tests.storage.ordinary import ordinary_user
from tests.storage.raw import raw_of


async def note(db: Connection, name: str, value: str = "x") -> None:
    await storage.operation.write(db, name, value)


async def noted(database: Database) -> list[str]:
    async with database.reading() as db:
        return [row["name"] for row in await db.all("SELECT name FROM notes_of_operation ORDER BY name")]


# --- the turn -------------------------------------------------------------------------------------------------------


async def _steps(count: int = 5) -> None:
    """Lets every other task go on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def _in_turn(turn: Turn, name: str, order: list[str], *, first: bool = False) -> None:
    async with turn.taken(first=first):
        order.append(name)
        await asyncio.sleep(0)


async def test_people_go_before_jobs_and_the_sender() -> None:
    turn, order = Turn(), list[str]()
    async with turn.taken(first=False):
        tasks = [
            asyncio.create_task(_in_turn(turn, "job", order)),
            asyncio.create_task(_in_turn(turn, "sender", order)),
            asyncio.create_task(_in_turn(turn, "person", order, first=True)),
        ]
        await _steps()
        assert order == []
    await asyncio.gather(*tasks)

    assert order == ["person", "job", "sender"]


async def test_whoever_stops_waiting_is_passed_over() -> None:
    turn, order = Turn(), list[str]()
    async with turn.taken(first=True):
        gone = asyncio.create_task(_in_turn(turn, "gone", order))
        stays = asyncio.create_task(_in_turn(turn, "stays", order))
        await _steps()
        gone.cancel()
        await _steps()
    await stays

    assert order == ["stays"]


async def test_a_turn_given_to_somebody_who_is_cancelled_is_passed_on() -> None:
    turn, order = Turn(), list[str]()
    async with turn.taken(first=True):
        gone = asyncio.create_task(_in_turn(turn, "gone", order))
        stays = asyncio.create_task(_in_turn(turn, "stays", order))
        await _steps()
    gone.cancel()  # it has its turn already, and has not run since
    await asyncio.gather(gone, stays, return_exceptions=True)
    async with turn.taken(first=False):
        order.append("free again")

    assert order == ["stays", "free again"]


# --- transactions ---------------------------------------------------------------------------------------------------


async def test_what_is_committed_is_read(database: Database) -> None:
    async with database.writing() as db:
        await note(db, "one")
        assert await noted(database) == []

    assert await noted(database) == ["one"]


async def test_an_exception_undoes_all(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await _note_and_break(database)

    assert await noted(database) == []
    async with database.writing() as db:
        await note(db, "next")
    assert await noted(database) == ["next"]


async def _note_and_break(database: Database) -> None:
    async with database.writing() as db:
        await note(db, "one")
        raise RuntimeError


async def test_a_savepoint_undoes_its_own_part_only(database: Database) -> None:
    async with database.writing() as db:
        await note(db, "before")
        with contextlib.suppress(RuntimeError):
            async with savepoint(db):
                await note(db, "inside")
                raise RuntimeError
        async with savepoint(db):
            await note(db, "kept")
            with contextlib.suppress(RuntimeError):
                async with savepoint(db):
                    await note(db, "deeper")
                    raise RuntimeError

    assert await noted(database) == ["before", "kept"]


@pytest.mark.parametrize("steps", range(12))
async def test_a_transaction_cancelled_at_any_moment_leaves_the_next_one_alone(database: Database, steps: int) -> None:
    """The connection's thread goes on with what was asked of it: BEGIN and COMMIT, too."""
    writing = asyncio.create_task(_note(database, "cancelled"))
    await _steps(steps)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    await _note(database, "next")

    assert "next" in await noted(database)


@on_sqlite
@pytest.mark.parametrize("statement", ["SELECT 1", "COMMIT"])
async def test_a_transaction_cancelled_in_the_middle_of_a_statement(database: Database, statement: str) -> None:
    entered, go_on = threading.Event(), threading.Event()
    writing = asyncio.create_task(_note_with_a_look(database))
    await _steps(0)

    def slow(sql: str) -> None:
        if sql.startswith(statement) and not entered.is_set():
            entered.set()
            go_on.wait(5)

    await raw_of(database).set_trace_callback(slow)
    await asyncio.to_thread(entered.wait, 5)
    writing.cancel()
    waiting = asyncio.create_task(_note(database, "next"))
    await _steps()
    go_on.set()
    await asyncio.gather(writing, return_exceptions=True)
    await waiting
    await raw_of(database).set_trace_callback(None)  # type: ignore[arg-type]

    assert writing.cancelled()
    assert await noted(database) == (["looked", "next"] if statement == "COMMIT" else ["next"])


async def _note(database: Database, name: str) -> None:
    async with database.writing() as db:
        await note(db, name)


async def _note_with_a_look(database: Database) -> None:
    async with database.writing(long=True) as db:
        await note(db, "looked")
        await db.run("SELECT 1")


async def test_a_failed_commit_undoes_all(database: Database) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        await _break_at_commit(database)

    assert await noted(database) == []
    await _note(database, "next")
    assert await noted(database) == ["next"]


async def _break_at_commit(database: Database) -> None:
    async with database.writing() as db:
        await note(db, "one")
        if isinstance(db, SqliteConnection):
            await db.run("PRAGMA defer_foreign_keys = ON")
        else:
            await db.run("CREATE TABLE late (id BIGINT REFERENCES persons DEFERRABLE INITIALLY DEFERRED)")
            await db.run("INSERT INTO late VALUES (99)")
            return
        await db.run("INSERT INTO identities (person_id, channel, address) VALUES (99, 'telegram', '1')")


async def test_the_reading_connection_writes_nothing(database: Database) -> None:
    async with database.reading() as db:
        with pytest.raises(DatabaseFails, match=r"readonly|read-only"):
            await note(db, "one")


async def test_many_rows_take_one_trip_and_none_takes_none(database: Database) -> None:
    async with database.writing() as db:
        before = db.statements
        await db.many("INSERT INTO notes_of_operation VALUES (:name, '')", [{"name": "a"}, {"name": "b"}])
        await db.many("INSERT INTO notes_of_operation VALUES (:name, '')", [])
        assert db.statements == before + 1
        assert await db.value("SELECT name FROM notes_of_operation WHERE name = :name", name="c") is None
        assert await db.one("SELECT name FROM notes_of_operation WHERE name = :name", name="c") is None

    assert await noted(database) == ["a", "b"]


async def test_ids_go_on_after_a_restart(url: str) -> None:
    for wanted in (1, 2):
        database = await Database.open(url, Vault(RING))
        async with database.writing() as db:
            assert db.new_id("deliveries") >= wanted
            await db.run(
                """INSERT INTO deliveries (id, lane, kind, place_mark, state, not_before)
                   VALUES (:id, 1, 'say', :mark, 'waiting', 0)""",
                id=wanted,
                mark=b"m",
            )
        await database.close()


# --- what an operator can mend --------------------------------------------------------------------------------------


@pytest.fixture
def nothing_leaks() -> Iterator[None]:
    """No thread and no open file stays behind: a thread of a connection would keep the program from ending."""
    threads, files = set(threading.enumerate()), _open_files()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
    assert set(threading.enumerate()) <= threads
    assert _open_files() <= files


def _open_files() -> set[str]:
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found.add(os.readlink(f"/proc/self/fd/{name}"))
    return {name for name in found if "birge" in name}


async def refused(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as told:
        await (await Database.open(url, Vault(RING))).close()
    said = str(told.value)
    assert "\n" not in said
    assert said.endswith((".", "birge init"))
    return said


pytestmark = pytest.mark.usefixtures("nothing_leaks")


async def test_a_missing_database(tmp_path: Path) -> None:
    said = await refused(f"sqlite:///{tmp_path / 'none'}")

    assert said == f"There is no database at {tmp_path / 'none'}. Make one with: birge init"
    assert os.listdir(tmp_path) == []


async def test_a_second_process_is_refused_until_the_first_ends(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.postgres, "LOCK_WAIT_MS", 10)
    assert "Another Birge is using the database" in await refused(url)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "birge.sqlite3"
    path.write_text("Ceci n'est pas une base de données. " * 100)

    assert "can't be used: file is not a database" in await refused(f"sqlite:///{path}")


async def test_a_database_without_our_tables(tmp_path: Path) -> None:
    path = tmp_path / "birge.sqlite3"
    path.touch()

    assert "no such table" in await refused(f"sqlite:///{path}")
    assert "no such table" in await refused(f"sqlite:///{path}")  # the lock was given back


async def test_a_read_only_file(empty: Path) -> None:
    with ordinary_user(empty) as folder:
        path = folder / empty.name
        path.chmod(0o400)
        assert "readonly" in await refused(f"sqlite:///{path}")


async def test_a_read_only_folder(empty: Path) -> None:
    with ordinary_user(empty) as folder:
        folder.chmod(0o500)
        assert "can't be written: Permission denied" in await refused(f"sqlite:///{folder / empty.name}")


async def test_a_database_locked_by_somebody_else(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.sqlite, "_SHORT_WAIT_MS", 1)
    with contextlib.closing(sqlite3.connect(sqlite_path(file_url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "can't be written: database is locked" in await refused(file_url)

    await (await Database.open(file_url, Vault(RING))).close()


@pytest.mark.parametrize("url", ["", "sqlite:///", "postgres://x", "birge.sqlite3"])
def test_another_kind_of_address(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="BIRGE_DATABASE must look like"):
        sqlite_path(url)


async def test_a_path_that_looks_like_an_address(empty: Path, tmp_path: Path) -> None:
    """Folders may be called as their owners like."""
    folder = tmp_path / "5A?mode=ro#1 %41"
    folder.mkdir()
    shutil.copy(empty, folder)
    database = await Database.open(f"sqlite:///{folder / 'birge.sqlite3'}", Vault(RING))
    async with database.writing() as db:
        await note(db, "here")
    await database.close()

    with contextlib.closing(sqlite3.connect(folder / "birge.sqlite3")) as raw:
        assert raw.execute("SELECT name FROM notes_of_operation").fetchall() == [("here",)]
