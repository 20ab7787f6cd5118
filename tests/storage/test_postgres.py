"""What is PostgreSQL's alone: our texts in its dialect, its rows, its lock, its refusals, a server that goes away."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import psycopg.waiting
import pytest

import storage.operation
import storage.postgres
import storage.schema
from storage.database import Connection, Database, DatabaseFails, DatabaseTaken, DatabaseUnusable
from storage.postgres import PostgresDatabase, shown, translated
from storage.schema import create_or_migrate
from storage.vault import Vault
from tests import postgres
from tests.storage import stored
from tests.storage.conftest import NOW, RING

NEWEST = stored.revisions()[-1]


@pytest.fixture
async def server(server_url: str) -> AsyncIterator[PostgresDatabase]:
    opened = await PostgresDatabase.open_server(server_url, Vault(RING), chance=lambda: 0.0)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that is taken is taken: nobody was killed a moment ago."""
    monkeypatch.setattr(storage.postgres, "LOCK_WAIT_MS", 10)


def run(url: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as raw:
        cursor = raw.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


# --- texts and rows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT :a, :b_2 WHERE x = :a", "SELECT %(a)s, %(b_2)s WHERE x = %(a)s"),
        ("SELECT x::text, :x::bigint", "SELECT x::text, %(x)s::bigint"),
        ("path < :path || ':'", "path < %(path)s || ':'"),
        ("roles LIKE '%,' || :role || ',%'", "roles LIKE '%%,' || %(role)s || ',%%'"),
        ("SELECT 'it''s :not one', \":nor\" % 2", "SELECT 'it''s :not one', \":nor\" %% 2"),
        ("SELECT 1 -- :no, it's 5 %\n, :yes", "SELECT 1 -- :no, it's 5 %%\n, %(yes)s"),
    ],
)
def test_our_texts_become_its_texts(ours: str, theirs: str) -> None:
    assert translated(ours).decode() == theirs


async def test_a_row_is_read_by_name_and_by_place(server: PostgresDatabase) -> None:
    async with server.reading() as db:
        row = await db.one("SELECT 7 AS id, 'a%b' AS word, :bytes AS bytes, 8 AS id", bytes=b"\x00\xff")
    assert row is not None
    assert (row["id"], row["word"], row[2]) == (7, "a%b", b"\x00\xff")  # type: ignore[index]
    assert dict(row) == {"id": 7, "word": "a%b", "bytes": b"\x00\xff"}


async def test_a_path_is_compared_by_bytes_whatever_the_language_of_the_database(server_url: str) -> None:
    """In the order of a language, ':' and '/' don't count, and a school would have the other schools' classes."""
    [(collation,)] = run(
        server_url,
        "SELECT collation_name::text FROM information_schema.columns WHERE table_name = 'communities' "
        "AND column_name = 'path'",
    )
    assert collation == "C"
    others = run(
        server_url,
        "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE data_type = 'text' "
        "AND table_schema = 'public' AND collation_name IS DISTINCT FROM 'C'",
    )
    assert others == []


# --- transactions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", range(25))
async def test_many_rows_cancelled_at_any_moment_are_cancelled_and_break_nothing(
    server: PostgresDatabase, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Whoever is cancelled hears that, and no error of the driver; the connection serves the next one."""
    monkeypatch.setattr(psycopg.waiting, "MAX_BUSY_TIME", 0.0)  # as on a busy machine: the driver waits where it can
    begun = asyncio.Event()
    writing = asyncio.create_task(_note_many(server, "cancelled", begun))
    await begun.wait()
    for _ in range(steps):
        await asyncio.sleep(0)
    writing.cancel()
    [ended] = await asyncio.gather(writing, return_exceptions=True)
    await _note_many(server, "next", begun)

    assert ended is None or isinstance(ended, asyncio.CancelledError)
    async with server.reading() as db:
        names = await db.all("SELECT name FROM notes_of_operation WHERE name LIKE 'next%'")
    assert len(names) == 3


async def _note_many(server: PostgresDatabase, name: str, begun: asyncio.Event) -> None:
    async with server.writing() as db:
        begun.set()
        await db.many(
            "INSERT INTO notes_of_operation (name, value) VALUES (:name, 'x') ON CONFLICT (name) DO NOTHING",
            ({"name": f"{name} {number}"} for number in range(3)),
        )


async def test_a_transaction_that_was_refused_is_run_again_from_its_beginning(server: PostgresDatabase) -> None:
    both_have_read = asyncio.Barrier(2)
    runs: list[str] = []

    def adding(name: str) -> Any:
        async def add(db: Connection) -> None:
            runs.append(name)
            before = int(await storage.operation.read(db, "sum") or 0)
            if runs.count(name) == 1:
                await both_have_read.wait()
            await storage.operation.write(db, "sum", str(before + 1))

        return add

    await asyncio.gather(server.transact(adding("a")), server.transact(adding("b")))

    assert server.run_again == 1
    assert sorted(runs) in (["a", "a", "b"], ["a", "b", "b"])
    async with server.reading() as db:
        assert await storage.operation.read(db, "sum") == "2"


async def test_no_handler_takes_a_refusal_for_a_bug_of_its_own(server: PostgresDatabase) -> None:
    runs: list[int] = []

    async def refused_once(db: Connection) -> str:
        runs.append(1)
        if len(runs) == 1:
            try:
                await db.run("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
            except Exception:  # noqa: BLE001 - as the pipeline does around a handler
                return "swallowed"
        return "done"

    assert await server.transact(refused_once) == "done"


async def test_who_is_refused_all_the_time_fails(server: PostgresDatabase) -> None:
    async def refused(db: Connection) -> None:
        await db.run("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")

    with pytest.raises(DatabaseFails, match="refused 30 times in a row"):
        await server.transact(refused)
    with pytest.raises(DatabaseFails):
        async with server.writing() as db:
            await refused(db)


async def test_a_row_that_is_there_twice_is_a_bug_in_the_end(server: PostgresDatabase) -> None:
    async def twice(db: Connection) -> None:
        for _ in range(2):
            await db.run("INSERT INTO notes_of_operation (name, value) VALUES ('one', '')")

    with pytest.raises(psycopg.errors.UniqueViolation):
        await server.transact(twice)


async def test_the_key_of_a_new_day_is_the_others_when_it_is_committed(server: PostgresDatabase) -> None:
    async with server.writing() as one:
        await one.vault.ready_for(one, NOW)
        one.vault.seal(b"x", table="t", column="c", row=1)
        async with server.writing() as other:
            assert not other.vault.is_ready_for(NOW)
        assert not server.vault.is_ready_for(NOW)
    assert server.vault.is_ready_for(NOW)


async def test_ids_pass_over_rows_that_brought_theirs(server_url: str) -> None:
    """A restored backup."""
    run(
        server_url,
        "INSERT INTO deliveries (id, lane, kind, place_mark, state, not_before) "
        "VALUES (5000000, 1, 'say', 'm', 'sent', 0)",
    )
    seen = set()
    for _ in range(2):
        database = await Database.open(server_url, Vault(RING))
        async with database.writing() as db:
            seen |= {db.new_id("deliveries") for _ in range(100)}
        await database.close()
    assert len(seen) == 200
    assert min(seen) > 5_000_000


# --- a server that goes away ------------------------------------------------------------------------------------------


def _cut(url: str) -> None:
    """As a server that is started again: every connection to the database is gone, and the lock with it."""
    name = postgres.name_of(url)
    with psycopg.connect(postgres.address("postgres"), autocommit=True) as raw:
        raw.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


async def test_after_a_lost_connection_it_goes_on(server: PostgresDatabase, server_url: str) -> None:
    await server.transact(lambda db: storage.operation.write(db, "before", "x"))
    async with server.reading() as db:
        await db.value("SELECT 1")
    _cut(server_url)
    with pytest.raises(DatabaseFails):
        await server.transact(lambda db: storage.operation.write(db, "lost", "x"))
    with pytest.raises(DatabaseFails):
        async with server.reading() as db:
            await db.value("SELECT 1")

    await server.transact(lambda db: storage.operation.write(db, "after", "x"))

    async with server.reading() as db:
        assert await storage.operation.read(db, "after") == "x"
        assert await storage.operation.read(db, "lost") is None
    with pytest.raises(DatabaseTaken):  # it has its lock again
        await Database.open(server_url, Vault(RING))


async def test_it_does_not_go_on_when_another_one_took_the_lock_meanwhile(
    server: PostgresDatabase, server_url: str
) -> None:
    await server.transact(lambda db: storage.operation.write(db, "before", "x"))
    _cut(server_url)
    other = await Database.open(server_url, Vault(RING))
    for _ in range(3):
        with pytest.raises(DatabaseFails):
            await server.transact(lambda db: storage.operation.write(db, "second", "x"))
    await other.transact(lambda db: storage.operation.write(db, "first", "x"))
    await other.close()

    await server.transact(lambda db: storage.operation.write(db, "again", "x"))
    async with server.reading() as db:
        assert await storage.operation.read(db, "second") is None


# --- tables -----------------------------------------------------------------------------------------------------------


def refused(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as told:
        create_or_migrate(url)
    said = str(told.value)
    assert "\n" not in said
    assert "geheim" not in said
    return said


def test_tables_are_made_once_and_brought_up_to_date(log_lines: list[dict[str, Any]]) -> None:
    url = postgres.address(postgres.create())
    create_or_migrate(url)
    create_or_migrate(url)
    assert run(url, "SELECT version_num FROM alembic_version") == [(NEWEST,)]
    assert log_lines == []


@pytest.mark.parametrize("revision", stored.revisions()[:-1])
def test_every_migration_goes_up_to_the_newest_with_its_rows(revision: str, log_lines: list[dict[str, Any]]) -> None:
    url = postgres.address(postgres.create())
    with storage.schema._server_opened(url) as connection:
        storage.schema._upgrade(storage.schema._config(connection), connection, revision)
    run(url, stored.ROWS.replace("x'00'", "'\\x00'").replace("x'01'", "'\\x01'").replace("x'02'", "'\\x02'"))
    create_or_migrate(url)

    assert run(url, "SELECT version_num FROM alembic_version") == [(NEWEST,)]
    assert run(url, "SELECT id, state FROM deliveries ORDER BY id") == [(1, "sent"), (2, "waiting")]
    assert [(line["event"], line["to"]) for line in log_lines] == [("the tables are brought up to date", NEWEST)]


def test_a_database_of_a_newer_birge_is_refused(server_url: str) -> None:
    run(server_url, "UPDATE alembic_version SET version_num = '9999'")
    assert refused(server_url).endswith("is of a newer Birge (migration 9999). Update Birge first.")
    assert run(server_url, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_half_applied_migration_is_told_and_nothing_is_touched(server_url: str) -> None:
    run(server_url, "UPDATE alembic_version SET version_num = '0005'")  # though the tables of 0006 are there
    assert 'can\'t be used: relation "cases" already exists' in refused(server_url)
    assert run(server_url, "SELECT version_num FROM alembic_version") == [("0005",)]


_BROKEN = """import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "NEWEST"


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO no_such_table VALUES (1)")
"""


def test_a_migration_that_fails_half_way_leaves_the_old_state(
    server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations = tmp_path / "migrations"
    shutil.copytree(stored.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "9000_broken.py").write_text(_BROKEN.replace("NEWEST", NEWEST))
    monkeypatch.setattr(storage.schema, "_MIGRATIONS", migrations)

    assert 'relation "no_such_table" does not exist' in refused(server_url)
    assert run(server_url, "SELECT version_num FROM alembic_version") == [(NEWEST,)]
    assert run(server_url, "SELECT to_regclass('half')") == [(None,)]


async def test_nobodys_tables_change_under_a_birge_that_runs(server: PostgresDatabase, server_url: str) -> None:
    assert refused(server_url) == f"Another Birge is using the database {shown(server_url)}. Stop it first."


# --- what an operator can mend ----------------------------------------------------------------------------------------


async def test_what_is_no_database_of_ours_is_told_in_a_sentence() -> None:
    nowhere = "postgresql://birge:geheim@127.0.0.1:1/birge"
    assert "can't be used: connection failed" in refused(nowhere)
    missing = postgres.address("nobody_made_it")
    assert 'database "nobody_made_it" does not exist' in refused(missing)
    empty = postgres.address(postgres.create())
    latin = postgres.address(postgres.create(like="ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"))
    assert refused(latin).endswith("Make one with: CREATE DATABASE … ENCODING 'UTF8'")
    for url, said in (
        (nowhere, "can't be used"),
        (missing, "does not exist"),
        (empty, "has no tables yet. Make them with: birge init"),
        (latin, "can't hold every alphabet"),
    ):
        with pytest.raises(DatabaseUnusable) as told:
            await Database.open(url, Vault(RING))
        assert said in str(told.value)
        assert "geheim" not in str(told.value)
    with pytest.raises(DatabaseUnusable, match="has no tables yet"):
        create_or_migrate(empty, must_exist=True)


async def test_a_database_that_can_not_be_written(server_url: str) -> None:
    run(server_url, f'ALTER DATABASE "{postgres.name_of(server_url)}" SET default_transaction_read_only = on')
    with pytest.raises(DatabaseUnusable, match="can't be written: cannot execute DELETE in a read-only transaction"):
        await Database.open(server_url, Vault(RING))


async def test_wiping_a_table_waits_for_no_backup_with_everybody_behind_it(
    server: PostgresDatabase, server_url: str
) -> None:
    with psycopg.connect(server_url) as backup:
        backup.execute("SELECT 1 FROM memberships")
        with pytest.raises(DatabaseFails):
            await server.wipe(["memberships"])
        async with server.reading() as db:
            assert await db.value("SELECT COUNT(*) FROM memberships") == 0
    await server.wipe(["memberships"])


def test_no_password_is_shown() -> None:
    assert shown("postgresql://birge:geheim@db.example.org:5433/birge?sslmode=require") == (
        "postgresql://db.example.org:5433/birge"
    )
    assert shown("postgresql://birge:geheim@[") == "postgresql://…"
