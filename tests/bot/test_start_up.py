"""What keeps Birge from starting: one plain sentence each, and not a byte of anybody's rows is touched."""

import asyncio
import contextlib
import json
import os
import resource
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox import Sandbox
from storage import keyring
from storage.vault import make_key_ring
from tests.bot.test_commands import Shell
from tests.cast import START
from tests.conftest import TOKEN, Fresh, on_sqlite
from tests.storage import stored

REVISIONS = stored.revisions()


pytestmark = on_sqlite


@pytest.fixture
async def shell(fresh: Fresh, tmp_path: Path) -> AsyncIterator[Shell]:
    fresh.copy(tmp_path / "here")
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        yield Shell(tmp_path / "here", sandbox.url)


def change(path: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.executescript(sql)


def load_stored(shell: Shell, revision: str) -> None:
    shell.database.unlink()
    stored.load((stored.FOLDER / f"{revision}.sql").read_text(), shell.database)


async def refused_untouched(shell: Shell, *arguments: str, **more: str | None) -> str:
    """The sentence; every row is as it was, and the key ring, too."""
    before, keys = stored.dump(shell.database), shell.keys.read_bytes()
    said = await shell.refuses(*arguments, **more)
    assert stored.dump(shell.database) == before
    assert shell.keys.read_bytes() == keys
    return said


# --- the database -----------------------------------------------------------------------------------------------------


async def test_a_database_of_a_newer_birge(shell: Shell) -> None:
    change(shell.database, "UPDATE alembic_version SET version_num = '9999'")
    said = await refused_untouched(shell, "run")
    assert said == "The database birge.sqlite3 is of a newer Birge (migration 9999). Update Birge first."
    assert not list(shell.folder.glob("*.before-*"))


async def test_a_migration_that_was_applied_by_half(shell: Shell) -> None:
    """By hand, or by a copy that was cut off: tables of the next one are there, its number is not."""
    load_stored(shell, "0009")
    change(shell.database, "ALTER TABLE chats ADD COLUMN thread BIGINT; DELETE FROM sealing_keys")
    said = await refused_untouched(shell, "run")
    assert said == (
        "The database birge.sqlite3 can't be used: duplicate column name: thread. A migration was applied by half:"
        " restore a backup."
    )


async def test_tables_without_the_number_of_their_migration(shell: Shell) -> None:
    change(shell.database, "DELETE FROM alembic_version")
    said = await refused_untouched(shell, "run")
    assert "already exists. A migration was applied by half: restore a backup." in said


async def test_a_database_that_is_cut_off(shell: Shell) -> None:
    content = shell.database.read_bytes()
    shell.database.write_bytes(content[: len(content) // 2])
    cut = shell.database.read_bytes()
    said = await shell.refuses("run")
    assert "The database birge.sqlite3 can't be used: database disk image is malformed" in said
    assert shell.database.read_bytes()[100:] == cut[100:]


async def test_a_second_birge_on_the_same_file(shell: Shell) -> None:
    from storage.sqlite import take_lock

    held = take_lock(shell.database)
    try:
        for command in (["run"], ["init", "--name", "Another"]):
            said = await refused_untouched(shell, *command)
            assert said == "Another Birge is using the database birge.sqlite3. Stop it first."
    finally:
        os.close(held)


# --- the key ring -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", [REVISIONS[0], REVISIONS[-1]])
async def test_a_key_ring_without_the_needed_key(shell: Shell, tmp_path: Path, revision: str) -> None:
    """Also before tables are brought up to date: the wrong key ring may mean the wrong database."""
    load_stored(shell, revision)
    ring = json.loads(shell.keys.read_text())
    ring["masters"] = {"2026-11": ring["masters"]["2026-12"]}
    shell.keys.write_text(json.dumps(ring))
    assert (await refused_untouched(shell, "run")).startswith("The key ring lacks the key of 2026-12")
    assert not list(shell.folder.glob("*.before-*"))


async def test_an_older_key_that_is_missing_is_noticed_at_once(shell: Shell) -> None:
    """Not only when somebody opens what it sealed."""
    change(
        shell.database,
        """INSERT INTO sealing_keys (id, purpose, name, master, wrapped)
           VALUES (5, 'case', '7F3K2M', '2026-10', x'00')""",
    )
    assert (await refused_untouched(shell, "run")).startswith("The key ring lacks the key of 2026-10")


async def test_a_key_that_is_listed_as_destroyed_needs_no_master_key(shell: Shell) -> None:
    """A copy of the database from before its case was destroyed starts, and destroys it again."""
    change(
        shell.database,
        """INSERT INTO sealing_keys (id, purpose, name, master, wrapped)
           VALUES (5, 'case', '7F3K2M', '2026-10', x'00'), (6, 'case', '8G4M3N', '2026-09', x'00')""",
    )
    listed = keyring.list_of(shell.keys, "destroyed")
    listed.write_text("5 2026-12-01T05:00:00+00:00\n")
    assert (await refused_untouched(shell, "run")).startswith("The key ring lacks the key of 2026-09")


async def test_the_key_ring_of_another_database(shell: Shell, tmp_path: Path) -> None:
    make_key_ring(tmp_path / "other.keys", START)
    said = await refused_untouched(shell, "run", BIRGE_KEYS=str(tmp_path / "other.keys"))
    assert said == "This key ring belongs to another database."


# --- a full disk ------------------------------------------------------------------------------------------------------


async def refused_on_full_disk(shell: Shell, limit: int, *arguments: str) -> str:
    """No file can grow over `limit` bytes, as on a full disk."""

    def shut() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=shell.folder, env=shell.environment(), preexec_fn=shut,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, told = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, said) == (2, b""), told.decode()
    (sentence,) = told.decode().splitlines()
    return sentence


@pytest.mark.parametrize("limit", [8_192, 60_000])
async def test_a_full_disk_when_tables_are_to_be_brought_up_to_date(shell: Shell, limit: int) -> None:
    load_stored(shell, REVISIONS[0])
    change(shell.database, "DELETE FROM sealing_keys")
    before = stored.dump(shell.database)
    said = await refused_on_full_disk(shell, limit, "run")
    assert said.startswith("The database birge.sqlite3 can't be ")
    assert stored.dump(shell.database) == before
    assert not list(shell.folder.glob("*.before-*"))


@pytest.mark.parametrize("limit", [0, 20_000])
async def test_a_full_disk_at_the_start(shell: Shell, limit: int) -> None:
    before = stored.dump(shell.database)
    said = await refused_on_full_disk(shell, limit, "run")
    assert said.startswith("The database birge.sqlite3 can't be ")
    assert stored.dump(shell.database) == before


@pytest.mark.parametrize("limit", [100, 100_000])
async def test_a_full_disk_while_birge_is_set_up_leaves_nothing_in_the_way(shell: Shell, limit: int) -> None:
    shutil.rmtree(shell.folder)
    shell.folder.mkdir()
    said = await refused_on_full_disk(shell, limit, "init", "--name", "Schools")
    assert "can't be" in said
    made = await shell.runs("init", "--name", "Schools")
    assert made.code == 0, made
    assert "owner code" in made.said
