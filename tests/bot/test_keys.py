"""Keys while the bot runs: a new master key is taken up between two words, and destroyed cases stay destroyed."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import opened
from bot.config import Settings
from bot.keys import look
from bot.masters import destroy, masters, rotate, table
from sandbox import Sandbox
from storage import keyring
from storage.database import Database
from storage.vault import KeyRingUnusable, Vault, read_key_ring
from tests import scenes
from tests.cast import START, World
from tests.conftest import TOKEN, Fresh
from tests.scenes import report

FEBRUARY = START + timedelta(days=62)


def keys_of(world: World) -> Path:
    path = world.birge.database.vault.masters.path
    assert path is not None
    return path


async def look_now(world: World) -> None:
    await look(world.birge.database, world.now)


async def wraps(world: World) -> set[str]:
    return {row["master"] for row in await world.rows("SELECT DISTINCT master FROM sealing_keys")}


async def test_a_rotation_between_two_words_of_a_report(world: World) -> None:
    scene = await scenes.hotline(world)
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.says("Something bad happens at home")
    (old,) = await wraps(world)
    new = keyring.add_master(keys_of(world), FEBRUARY)
    await look_now(world)
    await scene.pupil.says("and nobody listens")  # sealed before the job has looked
    await world.tick()
    assert await wraps(world) == {new}
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await scene.pupil.taps(label)
    keyring.remove_masters(keys_of(world), [old])
    await look_now(world)
    await scene.worker.taps("Take")

    shown = "\n".join(message.text for message in scene.worker.messages)
    assert "Something bad happens at home" in shown
    assert "and nobody listens" in shown


async def test_a_key_ring_that_breaks_while_the_bot_runs_is_told_and_stops_nobody(world: World) -> None:
    keys = keys_of(world)
    whole = keys.read_bytes()
    keys.write_text("{")
    with pytest.raises(KeyRingUnusable, match="is not a key ring"):
        await look_now(world)
    await look_now(world)
    assert "Birge" in await world.person("Aysel").starts()
    keys.write_bytes(whole)


async def test_a_destroyed_case_is_listed_beside_the_key_ring_and_answers_like_one_that_never_was(world: World) -> None:
    scene = await scenes.hotline(world)
    await report(scene.pupil, "Something bad happens at home")
    (case,) = await world.rows("SELECT id, key_id FROM cases")
    async with world.birge.database.writing() as db:
        await db.vault.destroy_key(db, case["key_id"])
    await look_now(world)

    assert keyring.destroyed(keys_of(world)) == [case["key_id"]]
    assert await world.rows("SELECT id FROM destroyed_keys") == []
    assert await scene.worker.forges(f"cs:{case['id']}") == "You can't do this here. /home shows what you can do."


async def test_a_start_destroys_again_what_a_copy_of_the_database_brought_back(fresh: Fresh, tmp_path: Path) -> None:
    """Whatever way it came back: a file put back by hand, a snapshot of the machine."""
    url, keys = fresh.copy(tmp_path)
    database = await Database.open(url, Vault(read_key_ring(keys)))
    async with database.writing() as db:
        await db.vault.ready_for(db, START)
        kept, gone = [await db.vault.new_key(db, "case", name) for name in ("kept", "gone")]
    await database.close()
    keyring.note_destroyed(keys, [gone], START)
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        settings = Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=url, keys=keys)
        async with opened(settings) as birge, birge.database.reading() as db:
            left = {row["id"] for row in await db.all("SELECT id FROM sealing_keys WHERE purpose = 'case'")}
    assert left == {kept}


# --- birge keys -------------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(fresh: Fresh, tmp_path: Path) -> Settings:
    url, keys = fresh.copy(tmp_path)
    return Settings(database=url, keys=keys, backups_kept_days=35)


async def bot_works(settings: Settings, now: datetime) -> None:
    """What a bot that runs does with keys, in a moment."""
    from jobs.keys import wrap_keys_again

    database = await Database.open(settings.database, Vault(read_key_ring(settings.keys), settings.keys))
    for _ in range(2):
        async with database.writing() as db:
            await wrap_keys_again(db, now)
    await database.close()


async def test_a_master_key_lives_as_long_as_a_backup_may_need_it(settings: Settings) -> None:
    def refused(month: str, now: datetime) -> str:
        with pytest.raises(KeyRingUnusable) as told:
            destroy(settings, month, now)
        return str(told.value)

    assert table(settings) == ["2026-12  wraps 2 keys and what is new"]
    assert refused("2026-12", FEBRUARY) == "The master key of 2026-12 stays: it wraps what is new."
    assert refused("2026-11", FEBRUARY) == f"The key ring {settings.keys} has no master key of 2026-11: birge keys list"
    said = rotate(settings, FEBRUARY, again=False)
    assert said[0].startswith("Added the master key of 2027-02.")
    assert "Copy" in said[1]
    assert table(settings)[0] == "2026-12  wraps 2 keys; the bot wraps them again while it runs"
    assert "it still wraps 2 keys" in refused("2026-12", FEBRUARY + timedelta(days=100))
    await bot_works(settings, FEBRUARY)
    until = FEBRUARY + timedelta(days=35)
    assert table(settings) == [
        f"2026-12  wraps nothing; backups may need it until {until:%Y-%m-%d}",
        "2027-02  wraps 2 keys and what is new",
    ]
    assert "backups may need it until" in refused("2026-12", until - timedelta(seconds=1))
    assert destroy(settings, "2026-12", until) == "Destroyed the master key of 2026-12. Destroy its copies, too."
    assert [one.month for one in masters(settings)] == ["2027-02"]


async def test_a_rotation_destroys_what_no_backup_needs(settings: Settings) -> None:
    rotate(settings, FEBRUARY, again=False)
    assert rotate(settings, FEBRUARY, again=False) == [
        "This month has its master key already. Another one after a leak: birge keys rotate --again"
    ]
    await bot_works(settings, FEBRUARY)
    said = rotate(settings, FEBRUARY + timedelta(days=34), again=False)
    assert not any("Destroyed" in line for line in said)
    await bot_works(settings, FEBRUARY + timedelta(days=34))
    said = rotate(settings, FEBRUARY + timedelta(days=36), again=True)
    assert said[0] == "Destroyed the master key of 2026-12: no kept backup needs it."
    assert [one.month for one in masters(settings)] == ["2027-02", "2027-03", "2027-03.02"]


async def test_a_master_key_that_no_bot_has_looked_at_stays(settings: Settings, tmp_path: Path) -> None:
    """Nothing is under it, but since when is not known: a backup of yesterday may need it."""
    rotate(settings, FEBRUARY, again=False)
    database = await Database.open(settings.database, Vault(read_key_ring(settings.keys)))
    async with database.writing() as db:
        await db.run("DELETE FROM sealing_keys")
    await database.close()

    with pytest.raises(KeyRingUnusable, match="the bot has not yet seen that it wraps nothing: start it"):
        destroy(settings, "2026-12", FEBRUARY + timedelta(days=100))


async def test_a_bot_does_not_start_without_a_key_it_needs(settings: Settings) -> None:
    """The day's key is under the new master key; a case is under the old one."""
    database = await Database.open(settings.database, Vault(read_key_ring(settings.keys)))
    async with database.writing() as db:
        await db.vault.new_key(db, "case", "one")
    await database.close()
    (old,) = read_key_ring(settings.keys).masters
    keyring.add_master(settings.keys, FEBRUARY)
    database = await Database.open(settings.database, Vault(read_key_ring(settings.keys)))
    async with database.writing() as db:
        await db.vault.ready_for(db, FEBRUARY)
    await database.close()
    keyring.remove_masters(settings.keys, [old])
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        given = settings.model_copy(update={"telegram_api": sandbox.url, "telegram_token": _secret()})
        with pytest.raises(KeyRingUnusable, match=f"lacks the key of {old}, which this database needs"):
            async with opened(given):
                pass


def _secret() -> object:
    return Settings(telegram_token=TOKEN).telegram_token
