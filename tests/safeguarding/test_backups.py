"""Rule 20 in backups: what was written in confidence is in none of their bytes, nor is what opens it; and what was
destroyed stays destroyed."""

import asyncio
import zipfile
from pathlib import Path

import pytest

from storage import keyring
from storage.backup import back_up
from storage.database import Database
from storage.restore import restore
from storage.vault import Destroyed, Vault, read_key_ring
from tests import scenes
from tests.cast import World
from tests.safeguarding.search import leaks
from tests.safeguarding.test_leaks import CASE, FORM, MARKERS
from tests.scenes import Hotline, report

pytestmark = pytest.mark.rule(20)


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


def url_of(world: World) -> str:
    return world.url


def keys_of(world: World) -> Path:
    path = world.birge.database.vault.masters.path
    assert path is not None
    return path


async def backed_up(world: World, to: Path) -> Path:
    ring = read_key_ring(keys_of(world))
    await asyncio.to_thread(back_up, url_of(world), ring, to, world.now)
    return to


async def test_no_byte_of_a_backup_tells(scene: Hotline, tmp_path: Path) -> None:
    """A report that was sent, one that is unfinished, and messages that wait for a messenger that is away."""
    world, other = scene.world, scene.school.parents[0]
    await report(scene.pupil, CASE)
    await other.says("/hotline")
    await other.taps("I have read it")
    await other.says(FORM)
    backup = await backed_up(world, tmp_path / "backup")

    open_ = tmp_path / "open"
    with zipfile.ZipFile(backup) as archive:
        archive.extractall(open_)
    assert leaks(MARKERS, open_, "") == []
    content = b"".join(file.read_bytes() for file in open_.rglob("*") if file.is_file()) + backup.read_bytes()
    for key in read_key_ring(keys_of(world)).masters.values():
        assert key not in content
    assert keys_of(world).read_bytes()[20:60] not in content


async def test_a_case_destroyed_after_the_backup_opens_from_no_restore(scene: Hotline, tmp_path: Path) -> None:
    world = scene.world
    await report(scene.pupil, CASE)
    backup = await backed_up(world, tmp_path / "backup")
    (case,) = await world.rows("SELECT id, key_id, facts FROM cases")
    async with world.birge.database.writing() as db:
        await db.vault.destroy_key(db, case["key_id"])
    keyring.note_destroyed(keys_of(world), [case["key_id"]], world.now)  # as the bot does within seconds

    url = f"sqlite:///{tmp_path / 'new' / 'birge.sqlite3'}"
    assert restore(url, keys_of(world), backup, world.now).destroyed == 1

    vault = Vault(read_key_ring(keys_of(world)))
    again = await Database.open(url, vault)
    async with again.reading() as db:
        with pytest.raises(Destroyed):
            await vault.open(db, case["facts"], table="cases", column="facts", row=case["id"])
    await again.close()
