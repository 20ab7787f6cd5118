"""Keys wrapped again under a new master key, by the hundred, while everything sealed keeps opening."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import storage.keys
import storage.operation
from jobs.keys import wrap_keys_again
from storage import keyring
from storage.database import Connection, Database
from storage.keys import out_of_use
from storage.vault import Destroyed, KeyRing, KeyRingUnusable, Vault, as_json, read_key_ring
from tests.storage.conftest import NOW, RING

AT = {"table": "cases", "column": "facts"}
LATER = NOW + timedelta(days=31)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write(tmp_path / "birge.keys", RING)


def write(path: Path, ring: KeyRing) -> Path:
    return overwrite(path, as_json(ring))


def overwrite(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


@pytest.fixture
async def opened(url: str, keys: Path) -> AsyncIterator[Database]:
    """A database whose vault knows where its key ring lies, with the key of the day."""
    database = await Database.open(url, Vault(RING, keys))
    async with database.writing() as db:
        await db.vault.ready_for(db, NOW)
    yield database
    await database.close()


async def seal(database: Database, count: int) -> dict[int, bytes]:
    """So many cases' words, by the ids of their keys."""
    async with database.writing() as db:
        made = [await database.vault.new_key(db, "case", f"case {number} {count}") for number in range(count)]
        return {key: database.vault.seal(b"salam", key=key, row=1, **AT) for key in made}


async def must_open(database: Database, sealed: dict[int, bytes]) -> None:
    """Also for a program that starts now, with the key ring as it is."""
    assert database.vault.masters.path is not None
    fresh = Vault(read_key_ring(database.vault.masters.path))
    async with database.reading() as db:
        for value in sealed.values():
            for vault in (database.vault, fresh):
                assert await vault.open(db, value, row=1, **AT) == b"salam"


async def wrapped_by(database: Database) -> dict[str, int]:
    async with database.reading() as db:
        rows = await db.all("SELECT master, COUNT(*) AS n FROM sealing_keys GROUP BY master")
    return {row["master"]: row["n"] for row in rows}


async def wrap(database: Database, most: int = 1_000) -> int:
    async with database.writing() as db:
        return await storage.keys.wrap_again(db, most)


async def job(database: Database, now: object = LATER) -> None:
    async with database.writing() as db:
        assert await wrap_keys_again(db, now) == []  # type: ignore[arg-type]


async def test_a_new_master_key_takes_over_in_steps(opened: Database, keys: Path) -> None:
    sealed = await seal(opened, 25)
    keyring.add_master(keys, LATER)
    assert await wrap(opened) == 0  # nobody has looked yet
    assert opened.vault.masters.look_again()
    assert not opened.vault.masters.look_again()

    assert await wrap(opened, 10) == 10
    await must_open(opened, sealed)
    assert await wrapped_by(opened) == {"2026-12": 17, "2027-01": 10}
    assert [await wrap(opened, 10), await wrap(opened, 10), await wrap(opened, 10)] == [10, 7, 0]
    assert await wrapped_by(opened) == {"2027-01": 27}
    await must_open(opened, sealed | await seal(opened, 3))
    # And without the old one.
    keyring.remove_masters(keys, ["2026-12"])
    await must_open(opened, sealed)


async def test_what_is_rolled_back_stays_under_the_old_one(opened: Database, keys: Path) -> None:
    sealed = await seal(opened, 5)
    keyring.add_master(keys, LATER)
    opened.vault.masters.look_again()
    with pytest.raises(RuntimeError):
        await _break_after_wrapping(opened)

    assert await wrapped_by(opened) == {"2026-12": 7}
    await must_open(opened, sealed)


async def _break_after_wrapping(database: Database) -> None:
    async with database.writing() as db:
        await storage.keys.wrap_again(db, 100)
        raise RuntimeError


async def test_another_process_notices_when_it_needs_the_new_key(opened: Database, keys: Path) -> None:
    """On PostgreSQL two bots may run: the second has not looked yet when it meets what the first wrapped."""
    sealed = await seal(opened, 2)
    second = Vault(RING, keys)
    keyring.add_master(keys, LATER)
    opened.vault.masters.look_again()
    await wrap(opened)

    async with opened.reading() as db:
        for value in sealed.values():
            assert await second.open(db, value, row=1, **AT) == b"salam"
    assert second.masters.newest == "2027-01"


async def test_a_ring_that_was_put_back_by_mistake_loses_nothing(opened: Database, keys: Path) -> None:
    """An older copy over the new file: what the new key wrapped is wrapped again by one that stands in the file."""
    sealed = await seal(opened, 4)
    keyring.add_master(keys, LATER)
    opened.vault.masters.look_again()
    await wrap(opened)
    write(keys, RING)
    assert opened.vault.masters.look_again()
    await wrap(opened)

    assert await wrapped_by(opened) == {"2026-12": 6}
    await must_open(opened, sealed)


async def test_a_ring_that_cannot_be_used_is_told_once_and_the_one_before_goes_on(opened: Database, keys: Path) -> None:
    sealed = await seal(opened, 2)
    for content, said in (("{", "is not a key ring"), (as_json(replace(RING, marks=b"x" * 32)), "is another one")):
        overwrite(keys, content)
        with pytest.raises(KeyRingUnusable, match=said):
            opened.vault.masters.look_again()
        assert not opened.vault.masters.look_again()
    os.unlink(keys)
    with pytest.raises(KeyRingUnusable, match="There is no key ring"):
        opened.vault.masters.look_again()
    assert not opened.vault.masters.look_again()
    write(keys, RING)
    assert opened.vault.masters.look_again()
    await must_open(opened, sealed)


async def test_a_row_that_was_damaged_keeps_no_other_from_it(opened: Database, keys: Path) -> None:
    sealed = await seal(opened, 6)
    damaged = min(sealed)
    async with opened.writing() as db:
        await db.run("UPDATE sealing_keys SET wrapped = :wrapped WHERE id = :id", wrapped=b"\0", id=damaged)
    keyring.add_master(keys, LATER)
    opened.vault.masters.look_again()

    assert [await wrap(opened, 4), await wrap(opened, 4), await wrap(opened, 4)] == [4, 3, 0]
    await must_open(opened, {key: value for key, value in sealed.items() if key != damaged})


async def test_a_case_that_is_destroyed_meanwhile_does_not_come_back(opened: Database, keys: Path) -> None:
    sealed = await seal(opened, 1)
    async with opened.writing() as db:
        rows = await db.all("SELECT id, wrapped FROM sealing_keys WHERE purpose = 'case'")
        keyring.add_master(keys, LATER)
        opened.vault.masters.look_again()
        await db.vault.destroy_key(db, rows[0]["id"])
        await storage.keys._save_wrapped_again(db, "2026-12", rows)
        with pytest.raises(Destroyed):
            await db.vault.open(db, sealed[rows[0]["id"]], row=1, **AT)


async def test_since_when_a_master_key_wraps_nothing_is_noted(opened: Database, keys: Path) -> None:
    keyring.add_master(keys, LATER)
    opened.vault.masters.look_again()
    await job(opened)
    assert await noted(opened) is None  # this time it wrapped one
    await job(opened, LATER)
    await job(opened, LATER + timedelta(days=1))
    assert await noted(opened) == LATER.isoformat()
    # A copy of the database from before is put back.
    async with opened.writing() as db:
        await db.run("UPDATE sealing_keys SET master = '2026-12', wrapped = :none", none=b"\0")
    await job(opened)
    assert await noted(opened) is None


async def noted(database: Database) -> str | None:
    async with database.reading() as db:
        return await storage.operation.read(db, out_of_use("2026-12"))


# --- destroyed keys ---------------------------------------------------------------------------------------------------


async def test_a_destroyed_key_waits_to_be_listed(opened: Database) -> None:
    sealed = await seal(opened, 3)
    first, second, _ = sealed
    async with opened.writing() as db:
        for key in (first, second, first):
            await db.vault.destroy_key(db, key)
        assert await storage.keys.unlisted(db) == sorted([first, second])
        await storage.keys.note_listed(db, [first])
        assert await storage.keys.unlisted(db) == [second]


async def test_a_copy_of_the_database_from_before_forgets_what_was_destroyed(opened: Database) -> None:
    sealed = await seal(opened, 3)
    gone = list(sealed)[:2]
    async with opened.writing() as db:
        assert await storage.keys.replay_destroyed(db, [*gone, *range(1_200)]) == 2
        assert await storage.keys.replay_destroyed(db, gone) == 0
        assert await storage.keys.replay_destroyed(db, []) == 0
    await must_open(opened, {list(sealed)[2]: sealed[list(sealed)[2]]})
    async with opened.reading() as db:
        with pytest.raises(Destroyed):
            await Vault(RING).open(db, sealed[gone[0]], row=1, **AT)


async def test_a_start_needs_every_master_key(opened: Database) -> None:
    async def start(ring: KeyRing) -> None:
        async with opened.reading() as db:
            other = _Like(db, Vault(ring))
            await storage.keys.must_open(other)  # type: ignore[arg-type]

    await start(RING)
    with pytest.raises(KeyRingUnusable, match="lacks the key of 2026-12, which this database needs"):
        await start(replace(RING, masters={"2027-01": os.urandom(32)}))


class _Like:
    """A connection with another vault."""

    def __init__(self, db: Connection, vault: Vault) -> None:
        self.value, self.one, self.vault = db.value, db.one, vault
