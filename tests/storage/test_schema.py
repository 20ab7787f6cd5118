import contextlib
import os
import shutil
import sqlite3
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

import storage.schema
from storage.database import Database, DatabaseUnusable
from storage.schema import create_or_migrate
from storage.sqlite import take_lock
from storage.vault import Vault
from tests.storage import stored
from tests.storage.conftest import RING
from tests.storage.ordinary import ordinary_user

REVISIONS = stored.revisions()


def tables(path: Path) -> list[tuple[str, ...]]:
    """What the database looks like; the statements may differ in spaces only."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
        return [(kind, name, " ".join(sql.split())) for kind, name, sql in rows]


def revision_of(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        return str(raw.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def run(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        found = raw.execute(sql).fetchall()
        raw.commit()
        return found


async def test_a_new_database_is_made_with_its_folders_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "birge.sqlite3"
    create_or_migrate(f"sqlite:///{path}")

    assert revision_of(path) == REVISIONS[-1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await (await Database.open(f"sqlite:///{path}", Vault(RING))).close()
    assert not [one for one in path.parent.iterdir() if "before" in one.name]


def test_migrating_twice_changes_nothing(file_url: str, tmp_path: Path) -> None:
    path = tmp_path / "birge.sqlite3"
    before = path.read_bytes()
    create_or_migrate(file_url)

    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.before-*"))


def test_every_migration_has_its_stored_database() -> None:
    """Missing? python -m tests.storage.stored"""
    assert [file.stem for file in sorted(stored.FOLDER.glob("*.sql"))] == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_stored_database_goes_up_to_the_newest(revision: str, empty: Path, tmp_path: Path) -> None:
    path = tmp_path / "birge.sqlite3"
    stored.load((stored.FOLDER / f"{revision}.sql").read_text(), path)
    create_or_migrate(f"sqlite:///{path}")

    assert revision_of(path) == REVISIONS[-1]
    assert tables(path) == tables(empty)
    assert run(path, "SELECT called FROM memberships ORDER BY id") == [("Aysel Məmmədova",), ("Айгүл",)]
    assert run(path, "SELECT id, state FROM deliveries ORDER BY id") == [(1, "sent"), (2, "waiting")]
    assert run(path, "PRAGMA foreign_key_check") == []
    assert run(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_stored_database_is_what_its_migration_makes(revision: str, tmp_path: Path) -> None:
    """A migration that is out is never changed: databases that had it would not get the change."""
    path, again = tmp_path / "stored.sqlite3", tmp_path / "made.sqlite3"
    stored.load((stored.FOLDER / f"{revision}.sql").read_text(), path)
    stored.migrate(again, revision)

    assert tables(path) == tables(again), "not out yet? python -m tests.storage.stored --again"


def test_a_copy_is_put_beside_the_database_first(tmp_path: Path) -> None:
    path, copy = tmp_path / "birge.sqlite3", tmp_path / f"birge.sqlite3.before-{REVISIONS[-1]}"
    stored.load((stored.FOLDER / f"{REVISIONS[0]}.sql").read_text(), path)
    path.chmod(0o600)
    copy.write_text("an older copy")
    create_or_migrate(f"sqlite:///{path}")

    assert revision_of(copy) == REVISIONS[0]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert run(copy, "SELECT COUNT(*) FROM memberships") == [(2,)]


def test_the_copy_has_what_a_crash_left_in_the_log(tmp_path: Path) -> None:
    """A killed Birge leaves its newest rows in the -wal file, not in the database file."""
    path, killed = tmp_path / "birge.sqlite3", tmp_path / "killed" / "birge.sqlite3"
    killed.parent.mkdir()
    stored.load((stored.FOLDER / f"{REVISIONS[0]}.sql").read_text(), path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("INSERT INTO notes_of_operation VALUES ('late', 'row')")
        raw.commit()
        for name in ("birge.sqlite3", "birge.sqlite3-wal"):
            shutil.copy(tmp_path / name, killed.parent / name)
    create_or_migrate(f"sqlite:///{killed}")

    copy = killed.with_name(f"birge.sqlite3.before-{REVISIONS[-1]}")
    assert run(copy, "SELECT name FROM notes_of_operation") == [("late",)]
    assert run(killed, "SELECT name FROM notes_of_operation") == [("late",)]


def test_a_database_of_a_newer_birge_is_refused(file_url: str, tmp_path: Path) -> None:
    path = tmp_path / "birge.sqlite3"
    run(path, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseUnusable, match=r"is of a newer Birge \(migration 9999\)\. Update Birge first\."):
        create_or_migrate(file_url)
    assert revision_of(path) == "9999"


_BROKEN = """import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "NEWEST"


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("DELETE FROM alembic_version")
    op.execute("INSERT INTO no_such_table VALUES (1)")
"""


def test_a_migration_that_fails_half_way_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, migrations = tmp_path / "birge.sqlite3", tmp_path / "migrations"
    create_or_migrate(f"sqlite:///{path}")
    before = tables(path)
    shutil.copytree(stored.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    broken = migrations / "versions" / "9000_broken.py"
    broken.write_text(_BROKEN.replace("NEWEST", REVISIONS[-1]))
    monkeypatch.setattr(storage.schema, "_MIGRATIONS", migrations)

    with pytest.raises(DatabaseUnusable, match="no such table: no_such_table"):
        create_or_migrate(f"sqlite:///{path}")
    assert tables(path) == before
    assert revision_of(path) == REVISIONS[-1]
    assert revision_of(path.with_name("birge.sqlite3.before-9000")) == REVISIONS[-1]


def test_nobodys_tables_change_under_a_birge_that_runs(tmp_path: Path) -> None:
    path = tmp_path / "birge.sqlite3"
    stored.load((stored.FOLDER / f"{REVISIONS[0]}.sql").read_text(), path)
    running = take_lock(path)
    try:
        with pytest.raises(DatabaseUnusable, match="Another Birge is using the database"):
            create_or_migrate(f"sqlite:///{path}")
    finally:
        os.close(running)
    assert revision_of(path) == REVISIONS[0]


def refused(path: Path) -> str:
    threads = set(threading.enumerate())
    with pytest.raises(DatabaseUnusable) as told:
        create_or_migrate(f"sqlite:///{path}")
    assert set(threading.enumerate()) == threads
    assert "\n" not in str(told.value)
    return str(told.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "birge.sqlite3"
    path.write_text("Not a database. " * 100)

    assert "file is not a database" in refused(path)
    assert path.read_text().startswith("Not a database.")


def test_places_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "can't be made: Not a directory" in refused(tmp_path / "file" / "deep" / "birge.sqlite3")
    with ordinary_user() as folder:
        folder.chmod(0o500)
        assert "can't be made: Permission denied" in refused(folder / "deep" / "birge.sqlite3")
        assert "can't be written: Permission denied" in refused(folder / "birge.sqlite3")
    old = tmp_path / "birge.sqlite3"
    stored.load((stored.FOLDER / f"{REVISIONS[0]}.sql").read_text(), old)
    with ordinary_user(old) as folder:
        (folder / old.name).chmod(0o400)
        assert "can't be used: attempt to write a readonly database" in refused(folder / old.name)
