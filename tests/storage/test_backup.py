"""Backups: whole, of one moment, read back; restored into an empty database only, whole or not at all."""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import sqlite3
import stat
import subprocess
import sys
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import storage.backup
import storage.restore
import tests.postgres
from domain.times import to_us
from storage import keyring, postgres
from storage.backup import BackupUnusable, back_up
from storage.database import Database, DatabaseTaken, DatabaseUnusable
from storage.restore import restore
from storage.schema import create_or_migrate
from storage.sqlite import take_lock
from storage.vault import KeyRing, KeyRingUnusable, Sealed, Vault, as_json
from tests.storage import stored
from tests.storage.conftest import NOW, RING
from tests.storage.ordinary import ordinary_user

ROOT = Path(__file__).parent.parent.parent
THEN = datetime(2025, 12, 1, 8, 0, tzinfo=UTC)  # three hours after the stored databases' rows


def keys_in(folder: Path, ring: KeyRing = RING) -> Path:
    path = folder / "birge.keys"
    path.write_text(as_json(ring))
    path.chmod(0o600)
    return path


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a database but the note of its last backup."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        found = {name: sorted(raw.execute(f"SELECT * FROM {name}"), key=repr) for name in names}  # noqa: S608 - names that are there
    found["notes_of_operation"] = [
        one for one in found["notes_of_operation"] if not one[0].startswith(("backed up at", "backup at "))
    ]
    return found


def run(path: Path, sql: str, *values: Any) -> None:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute(sql, values)
        raw.commit()


@pytest.fixture
def fresh_server_url() -> Iterator[str]:
    """The address of a PostgreSQL database with nothing in it."""
    name = tests.postgres.create()
    yield tests.postgres.address(name)
    tests.postgres.drop(name)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A database with rows of every type, and its key ring beside it."""
    path = tmp_path / "birge.sqlite3"
    stored.load((stored.FOLDER / f"{stored.revisions()[-1]}.sql").read_text(), path)
    path.chmod(0o600)
    run(path, "PRAGMA journal_mode = WAL")
    run(path, "UPDATE communities SET name = ? WHERE id = 3", '5"A"\n\u2028 💛 \\ ə')
    run(path, "UPDATE deliveries SET body = ?, message_id = ? WHERE id = 2", bytes(range(256)), 2**62)
    keys_in(tmp_path)
    return path


@pytest.fixture
def backup(filled: Path, tmp_path: Path) -> Path:
    back_up(url_of(filled), RING, tmp_path / "backup", NOW)
    return tmp_path / "backup"


def restored(backup: Path, folder: Path) -> Path:
    """The database of a backup, in a new folder with the key ring beside the backup."""
    path = folder / "birge.sqlite3"
    restore(url_of(path), backup.with_name("birge.keys"), backup, THEN)
    return path


# --- what comes back --------------------------------------------------------------------------------------------------


def test_what_is_backed_up_comes_back(filled: Path, backup: Path, tmp_path: Path) -> None:
    again = restored(backup, tmp_path / "new")

    assert rows(again) == rows(filled)
    assert stat.S_IMODE(again.stat().st_mode) == stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir() if "part" in one.name) == []
    with contextlib.closing(sqlite3.connect(again)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("revision", stored.revisions())
def test_a_backup_of_an_older_birge_comes_back_in_the_newest_tables(revision: str, tmp_path: Path) -> None:
    path, file = tmp_path / "birge.sqlite3", tmp_path / "backup"
    stored.load((stored.FOLDER / f"{revision}.sql").read_text(), path)
    keys_in(tmp_path)
    made = back_up(url_of(path), RING, file, NOW)
    create_or_migrate(url_of(path))

    assert made.migration == revision
    assert rows(restored(file, tmp_path / "new")) == rows(path)


@pytest.mark.parametrize("revision", stored.revisions())
async def test_a_backup_goes_from_one_kind_of_database_to_the_other_and_back(
    revision: str, tmp_path: Path, fresh_server_url: str
) -> None:
    path, file, back = tmp_path / "birge.sqlite3", tmp_path / "backup", tmp_path / "back"
    stored.load((stored.FOLDER / f"{revision}.sql").read_text(), path)
    run(path, "UPDATE communities SET name = ? WHERE id = 3", '5"A"\n\t\u2028 💛 \\N \\ ə')
    run(path, "UPDATE deliveries SET body = ?, message_id = ? WHERE id = 2", bytes(range(256)), 2**62)
    keys = keys_in(tmp_path)
    back_up(url_of(path), RING, file, NOW)
    restore(fresh_server_url, keys, file, THEN)
    back_up(fresh_server_url, RING, back, NOW)
    create_or_migrate(url_of(path))

    assert rows(restored(back, tmp_path / "new")) == rows(path)
    # Ids go on after those that came.
    database = await Database.open(fresh_server_url, Vault(RING))
    try:
        async with database.writing() as db:
            await db.run("INSERT INTO persons (language, zone) VALUES ('uk', 'Europe/Kyiv')")
            assert await db.value("SELECT MAX(id) FROM persons") == 3
            assert db.new_id("deliveries") == 3
    finally:
        await database.close()


def test_a_server_s_database_is_filled_only_if_it_is_empty_and_nobody_uses_it(
    backup: Path, tmp_path: Path, fresh_server_url: str
) -> None:
    keys = tmp_path / "birge.keys"
    with psycopg.connect(fresh_server_url) as running:
        for statement in postgres.locking():
            running.execute(statement)
        assert "Another Birge is using" in refused(lambda: restore(fresh_server_url, keys, backup, THEN), DatabaseTaken)
    assert "has no tables yet" in refused(
        lambda: back_up(fresh_server_url, RING, tmp_path / "other", NOW), DatabaseUnusable
    )
    create_or_migrate(fresh_server_url)
    restore(fresh_server_url, keys, backup, THEN)
    said = refused(lambda: restore(fresh_server_url, keys, backup, THEN), DatabaseUnusable)
    assert said == "The database is not empty. Restore into a new one, or move this one away first."


def test_a_restore_into_a_server_that_breaks_half_way_leaves_it_empty(
    backup: Path, tmp_path: Path, fresh_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "birge.keys"
    with monkeypatch.context() as broken:
        broken.setattr(storage.restore, "_waiting", lambda _: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            restore(fresh_server_url, keys, backup, THEN)
    with psycopg.connect(fresh_server_url) as raw:
        assert raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == []
    nowhere = "postgresql://birge:secret@127.0.0.1:9/birge"
    said = refused(lambda: restore(nowhere, keys, backup, THEN), DatabaseUnusable)
    assert "can't be written: " in said
    assert "secret" not in said
    assert restore(fresh_server_url, keys, backup, THEN).waiting == 1


def test_a_character_that_a_server_has_no_place_for_is_left_out(
    filled: Path, tmp_path: Path, fresh_server_url: str
) -> None:
    run(filled, "UPDATE communities SET name = ? WHERE id = 3", "5\0A")
    back_up(url_of(filled), RING, tmp_path / "backup", NOW)
    restore(fresh_server_url, tmp_path / "birge.keys", tmp_path / "backup", THEN)

    with psycopg.connect(fresh_server_url) as raw:
        assert raw.execute("SELECT name FROM communities WHERE id = 3").fetchone() == ("5A",)


async def test_a_restored_database_goes_on(backup: Path, tmp_path: Path) -> None:
    path = restored(backup, tmp_path / "new")
    database = await Database.open(url_of(path), Vault(replace(RING)))
    try:
        async with database.writing() as db:
            await db.run("DELETE FROM sealing_keys")  # the stored one is no real key
            await db.vault.ready_for(db, NOW)
            assert db.new_id("deliveries") == 3
            await db.run("INSERT INTO persons (language, zone) VALUES ('uk', 'Europe/Kyiv')")
            assert await db.value("SELECT MAX(id) FROM persons") == 3
    finally:
        await database.close()


def test_the_key_ring_is_not_in_it(backup: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    for key in (*RING.masters.values(), RING.marks):
        assert key not in content
    assert as_json(RING)[20:60].encode() not in content


async def test_the_time_of_the_last_backup_is_noted_beside_a_bot_that_runs(url: str, tmp_path: Path) -> None:
    database = await Database.open(url, Vault(RING))
    try:
        await asyncio.to_thread(back_up, url, RING, tmp_path / "backup", NOW)
        async with database.reading() as db:
            noted = await db.value("SELECT value FROM notes_of_operation WHERE name = 'backed up at'")
    finally:
        await database.close()
    assert noted == NOW.isoformat()


async def test_a_backup_is_of_one_moment_while_the_bot_writes(url: str, tmp_path: Path) -> None:
    """Each transaction adds an announcement's worth of rows to two tables: no backup has one without the other."""
    database = await Database.open(url, Vault(RING))
    done = threading.Event()

    async def write() -> int:
        written = 0
        while not done.is_set():
            async with database.writing() as db:
                await db.run("INSERT INTO persons (language, zone) VALUES ('az', 'Asia/Baku')")
                await db.run(
                    "INSERT INTO identities (person_id, channel, address) SELECT MAX(id), 'x', MAX(id) FROM persons"
                )
            written += 1
        return written

    def take() -> list[dict[str, int]]:
        found = []
        for number in range(5):
            made = back_up(url, RING, tmp_path / f"backup-{number}", NOW)
            found.append({table.name: table.rows for table in made.tables})
        done.set()
        return found

    try:
        written, counts = await asyncio.gather(write(), asyncio.to_thread(take))
    finally:
        await database.close()
    assert written > 5
    assert all(one["persons"] == one["identities"] for one in counts)


def test_memory_stays_flat(filled: Path, tmp_path: Path) -> None:
    """Twenty thousand rows of 500 bytes: read and written by the thousand."""
    with contextlib.closing(sqlite3.connect(filled)) as raw:
        one = ("network", "x" * 500, "az", "Asia/Baku", "az")
        raw.executemany(
            "INSERT INTO communities (kind, name, path, language, zone, country) VALUES (?, ?, ?, ?, ?, ?)",
            ((one[0], one[1], f"/{number}/", *one[2:]) for number in range(10, 20_010)),
        )
        raw.commit()
    back_up(url_of(filled), RING, tmp_path / "first", NOW)  # what is imported counts once
    tracemalloc.start()
    try:
        back_up(url_of(filled), RING, tmp_path / "backup", NOW)
        restored(tmp_path / "backup", tmp_path / "new")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


# --- what a restore does beside ---------------------------------------------------------------------------------------


async def test_what_was_destroyed_after_the_backup_stays_destroyed(url: str, tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    database = await Database.open(url, Vault(RING))
    at = {"table": "cases", "column": "facts", "row": 1}
    async with database.writing() as db:
        kept, gone = [await database.vault.new_key(db, "case", name) for name in ("kept", "gone")]
        sealed = {key: database.vault.seal(b"salam", key=key, **at) for key in (kept, gone)}  # type: ignore[arg-type]
    await asyncio.to_thread(back_up, url, RING, tmp_path / "backup", NOW)
    await database.close()
    keyring.note_destroyed(keys, [gone, 17], NOW)

    found = restore(url_of(tmp_path / "new" / "b.sqlite3"), keys, tmp_path / "backup", NOW)

    assert found.destroyed == 1
    again = await Database.open(url_of(tmp_path / "new" / "b.sqlite3"), Vault(RING))
    async with again.reading() as db:
        assert await again.vault.open(db, sealed[kept], **at) == b"salam"  # type: ignore[arg-type]
        with pytest.raises(Sealed, match="destroyed"):
            await again.vault.open(db, sealed[gone], **at)  # type: ignore[arg-type]
    await again.close()


def test_messages_that_waited_are_counted_and_kept(backup: Path, tmp_path: Path) -> None:
    found = restore(url_of(tmp_path / "new.sqlite3"), tmp_path / "birge.keys", backup, NOW)

    assert found.waiting == 1
    assert {row[0] for row in rows(tmp_path / "new.sqlite3")["deliveries"]} == {1, 2}


def test_events_so_old_that_their_numbers_may_come_again_are_forgotten(filled: Path, tmp_path: Path) -> None:
    run(filled, "DELETE FROM inbox")
    for event, days in (("old", 9), ("new", 7)):
        run(filled, "INSERT INTO inbox VALUES ('telegram', ?, ?, 'done')", event, to_us(THEN - timedelta(days=days)))
    back_up(url_of(filled), RING, tmp_path / "backup", NOW)

    assert [row[1] for row in rows(restored(tmp_path / "backup", tmp_path / "new"))["inbox"]] == ["new"]


# --- bad input: one sentence, and nothing touched ---------------------------------------------------------------------


def refused(act: Callable[[], object], kind: type[Exception] = BackupUnusable) -> str:
    with pytest.raises(kind) as told:
        act()
    assert "\n" not in str(told.value)
    return str(told.value)


def refused_restore(file: Path, tmp_path: Path) -> str:
    """What a restore of it says; it leaves no database behind."""
    target = tmp_path / "target" / "birge.sqlite3"
    said = refused(lambda: restore(url_of(target), tmp_path / "birge.keys", file, NOW))
    assert not target.exists()
    return said


def test_a_file_that_is_no_backup(backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert refused_restore(other, tmp_path) == f"There is no backup at {other}."
    for content in (b"", b"PK", b"SQLite format 3\0" + b"\0" * 5000, backup.read_bytes()[::-1]):
        other.write_bytes(content)
        assert f"{other} is no backup of Birge" in refused_restore(other, tmp_path)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("manifest.json", "{}")
    assert f"{other} is no backup of Birge" in refused_restore(other, tmp_path)
    assert "can't be read: Is a directory" in refused_restore(tmp_path, tmp_path)


def test_a_backup_that_was_cut_off_anywhere(backup: Path, tmp_path: Path) -> None:
    whole, cut = backup.read_bytes(), tmp_path / "cut"
    for length in [*range(0, len(whole), len(whole) // 20), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        assert "damaged or cut off" in refused_restore(cut, tmp_path)


def test_a_changed_byte_is_noticed_or_changes_nothing(filled: Path, backup: Path, tmp_path: Path) -> None:
    whole, changed, noticed = backup.read_bytes(), tmp_path / "changed", 0
    chance = random.Random(3)
    for number in range(80):  # half of so small an archive is headers
        content = bytearray(whole)
        content[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        changed.write_bytes(content)
        try:
            again = restored(changed, tmp_path / f"new-{number}")
        except BackupUnusable:
            noticed += 1
        else:  # a time in the archive's headers, say
            assert rows(again) == rows(filled)
    assert noticed > 25


def rewritten(backup: Path, to: Path, ring: KeyRing = RING, **changes: Any) -> Path:
    """A backup with another manifest, as somebody with that key ring could make it."""
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(to, "w") as archive:
        manifest = json.dumps(json.loads(source.read("manifest.json")) | changes).encode()
        for name in source.namelist():
            if name.startswith("tables/"):
                archive.writestr(name, source.read(name))
        archive.writestr("manifest.json", manifest)
        archive.writestr("manifest.hmac", storage.backup._mac(ring, manifest))
    return to


def test_a_backup_of_a_newer_birge(backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    said = refused_restore(rewritten(backup, other, format=2), tmp_path)
    assert said == f"The backup {other} was made by a newer Birge. Update Birge first."
    said = refused_restore(rewritten(backup, other, migration="9999"), tmp_path)
    assert said == f"The backup {other} is of a newer Birge (migration 9999). Update Birge first."
    assert rows(restored(rewritten(backup, other), tmp_path / "new"))["persons"]


def test_a_backup_of_somebody_else_or_changed_by_somebody(backup: Path, tmp_path: Path) -> None:
    other = rewritten(backup, tmp_path / "other", replace(RING, marks=b"x" * 32))
    assert "does not belong to this key ring, or somebody changed it" in refused_restore(other, tmp_path)


def test_a_backup_with_other_tables_or_rows_that_refer_to_nothing(filled: Path, backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as source:
        tables = json.loads(source.read("manifest.json"))["tables"]
    fewer = rewritten(backup, tmp_path / "fewer", tables=tables[1:])
    assert "has other tables than migration" in refused_restore(fewer, tmp_path)
    columns = "id, person_id, community_id, role, called, state, since"
    run(filled, f"INSERT INTO memberships ({columns}) SELECT 9, 99, 3, 'pupil', 'X', 'left', 1")
    back_up(url_of(filled), RING, tmp_path / "torn", NOW)
    target = tmp_path / "target.sqlite3"
    said = refused(lambda: restore(url_of(target), tmp_path / "birge.keys", tmp_path / "torn", NOW), DatabaseUnusable)
    assert said == "The backup is not consistent: rows refer to rows that are not in it."
    assert not target.exists()


def test_a_key_ring_that_lacks_a_key_of_the_backup(backup: Path, tmp_path: Path) -> None:
    keys = keys_in(tmp_path, replace(RING, masters={"2027-01": b"y" * 32}))
    assert refused_restore(backup, tmp_path) == (
        f"The key ring {keys} lacks the key of 2026-12, which the backup {backup} needs."
    )
    keys.unlink()
    target = url_of(tmp_path / "target.sqlite3")
    assert "There is no key ring" in refused(lambda: restore(target, keys, backup, NOW), KeyRingUnusable)


def test_a_list_of_destroyed_keys_that_is_damaged_stops_the_restore(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "birge.keys.destroyed").write_text("not a number\n")
    target = tmp_path / "target.sqlite3"
    said = refused(lambda: restore(url_of(target), tmp_path / "birge.keys", backup, NOW), KeyRingUnusable)
    assert "is damaged: put back a copy of it" in said
    assert not target.exists()


def test_a_database_with_rows_is_never_overwritten(filled: Path, backup: Path, tmp_path: Path) -> None:
    before = hashlib.sha256(filled.read_bytes()).digest()
    said = refused(lambda: restore(url_of(filled), tmp_path / "birge.keys", backup, NOW), DatabaseUnusable)

    assert said == "The database is not empty. Restore into a new one, or move this one away first."
    assert hashlib.sha256(filled.read_bytes()).digest() == before


def test_the_log_of_a_database_that_was_moved_away_is_not_destroyed(backup: Path, tmp_path: Path) -> None:
    """After a crash the newest words may stand there alone."""
    folder = tmp_path / "new"
    folder.mkdir()
    left = folder / "birge.sqlite3-wal"
    left.write_bytes(b"the newest words")
    said = refused(
        lambda: restore(url_of(folder / "birge.sqlite3"), backup.with_name("birge.keys"), backup, NOW), DatabaseUnusable
    )

    assert "move it away together with that one" in said
    assert left.read_bytes() == b"the newest words"


def test_a_database_that_has_only_empty_tables_is_filled(filled: Path, backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "empty.sqlite3"
    create_or_migrate(url_of(other))
    restore(url_of(other), tmp_path / "birge.keys", backup, THEN)

    assert rows(other) == rows(filled)


def test_a_database_in_use_and_a_file_that_is_no_database(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.sqlite3"
    running = take_lock(target)
    try:
        assert "Another Birge" in refused(lambda: restored_to(target, backup), DatabaseTaken)
    finally:
        os.close(running)
    target.write_text("Not a database. " * 100)
    assert "file is not a database" in refused(lambda: restored_to(target, backup), DatabaseUnusable)
    assert target.read_text().startswith("Not a database.")


def restored_to(target: Path, backup: Path) -> None:
    restore(url_of(target), backup.with_name("birge.keys"), backup, NOW)


def test_a_restore_that_breaks_half_way_leaves_what_was_there(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, new = tmp_path / "empty.sqlite3", tmp_path / "new.sqlite3"
    create_or_migrate(url_of(empty))
    before = rows(empty)

    def breaks(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.restore, "_waiting", breaks)
    for target in (empty, new):
        assert "No space left on device" in refused(lambda at=target: restored_to(at, backup), DatabaseUnusable)  # type: ignore[misc]
    assert rows(empty) == before
    assert not new.exists()


# --- writing ----------------------------------------------------------------------------------------------------------


def test_nothing_is_overwritten(filled: Path, backup: Path) -> None:
    before = backup.read_bytes()
    assert refused(lambda: back_up(url_of(filled), RING, backup, NOW)) == (
        f"There is a file at {backup} already. Give the backup another name."
    )
    assert backup.read_bytes() == before


def test_a_second_backup_to_the_same_name_waits_for_nobody(filled: Path, tmp_path: Path) -> None:
    to = tmp_path / "backup"
    with storage.backup._part_of(to):
        assert "is under way" in refused(lambda: back_up(url_of(filled), RING, to, NOW))
    assert not list(tmp_path.glob("*.part"))


def test_what_a_crash_left_is_no_obstacle(filled: Path, tmp_path: Path) -> None:
    left = tmp_path / "backup.part"
    left.write_text("half a backup" * 10_000)
    left.chmod(0o644)
    back_up(url_of(filled), RING, tmp_path / "backup", NOW)

    assert not left.exists()
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert rows(restored(tmp_path / "backup", tmp_path / "new")) == rows(filled)


def test_databases_that_cannot_be_backed_up(tmp_path: Path) -> None:
    path, to = tmp_path / "birge.sqlite3", tmp_path / "backup"
    assert "There is no database" in refused(lambda: back_up(url_of(path), RING, to, NOW), DatabaseUnusable)
    path.touch()
    assert "has no tables yet" in refused(lambda: back_up(url_of(path), RING, to, NOW), DatabaseUnusable)
    path.write_text("Not a database. " * 100)
    assert "file is not a database" in refused(lambda: back_up(url_of(path), RING, to, NOW), DatabaseUnusable)
    assert [one.name for one in tmp_path.iterdir() if "backup" in one.name] == []


def test_places_where_no_backup_can_be_written(filled: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "backup"
    assert "can't be written: No such file or directory" in refused(lambda: back_up(url_of(filled), RING, nowhere, NOW))
    with ordinary_user(filled) as folder:
        os.chmod(folder, 0o500)
        said = refused(lambda: back_up(url_of(folder / filled.name), RING, folder / "backup", NOW))
    assert "can't be written: Permission denied" in said


_LIMITED = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from storage.backup import back_up
from storage.restore import restore
from storage.vault import read_key_ring
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]),) * 2)
now, url, keys, file = datetime(2025, 12, 1, tzinfo=UTC), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[5])
try:
    back_up(url, read_key_ring(keys), file, now) if sys.argv[1] == "backup" else restore(url, keys, file, now)
except Exception as error:
    print(type(error).__name__, error)
"""


def limited(what: str, path: Path, file: Path, most: int) -> str:
    """What it says where no file may grow beyond `most` bytes: a disk that is full."""
    arguments = [what, url_of(path), str(file.with_name("birge.keys")), str(most), str(file)]
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_full_disk(filled: Path, backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    run(filled, "UPDATE deliveries SET body = ? WHERE id = 2", os.urandom(200_000))
    said = limited("backup", filled, other, 50_000)
    assert said == f"BackupUnusable The backup {other} can't be written: File too large."
    target = tmp_path / "target.sqlite3"
    said = limited("restore", target, backup, 50_000)
    assert said.startswith("DatabaseUnusable The database can't be written: ")
    assert not other.exists()
    assert not list(tmp_path.glob("*.part"))
    assert not target.exists()
    assert rows(restored(backup, tmp_path / "new"))["persons"] == rows(filled)["persons"]
