"""`birge letters`: seen and sent again beside the bot that runs, and while none does."""

from pathlib import Path

import pytest

import storage.letters
from bot.config import Settings, WrongSetting
from bot.doctor import About, Finding, examine
from bot.letters import listed, requests_file, send_again, take_requests, which
from domain.messages import Lane
from sandbox import Fault
from storage.database import Database, DatabaseUnusable
from storage.outbox import Draft, Outcome, enqueue, save_outcomes, waiting
from storage.vault import Vault, read_key_ring
from tests.cast import START, Talker, World
from tests.conftest import TOKEN, Fresh, on_sqlite


@pytest.fixture
def settings(world: World) -> Settings:
    return Settings(telegram_token=TOKEN, telegram_api=world.sandbox.url, database=world.url, keys=world.keys)


@pytest.fixture
async def lost(world: World) -> Talker:
    """Somebody whose answer was rejected."""
    world.expects_errors = True
    aysel = world.person("Aysel")
    await aysel.starts()
    for quoted in ('Bad Request: can\'t parse "Aysel" in it', "Bad Request: message is too long"):
        fault = Fault("sendMessage", chat_id=aysel.person.id, status=400, description=quoted)
        world.sandbox.faults.append(fault)
        assert await aysel.says("/help") == ""
    return aysel


async def test_letters_are_listed_beside_the_bot_without_what_they_say(lost: Talker, settings: Settings) -> None:
    first, second = await listed(settings)

    assert first.endswith('  reply say, 1 try, rejected: Can\'t parse "…" in it')
    assert second.split("  ")[1] == "2026-12-01 05:00 UTC"
    assert [word for word in ("Aysel", "/help", str(lost.person.id)) if word in first + second] == []


async def test_the_bot_sends_them_again_when_it_is_asked(lost: Talker, settings: Settings) -> None:
    world = lost.world
    number = (await listed(settings))[0].split()[0]
    said = await send_again(settings, which(number))
    assert said == "The bot was asked to send again; it does so within 15 seconds. See what is left with: birge letters"
    file = requests_file(world.birge.database.path)
    assert file.stat().st_mode & 0o777 == 0o600

    await world.birge.beat_once()
    await world.settle()

    assert "These are the commands" in lost.last.text
    assert len(await listed(settings)) == 1
    assert list(file.parent.glob(f"{file.name}*")) == []
    await send_again(settings, which("all"))
    await world.birge.beat_once()
    await world.settle()
    assert await listed(settings) == []
    assert len([one for one in lost.messages if "These are the commands" in one.text]) == 2


async def test_what_was_asked_outlives_a_crash_and_nonsense(lost: Talker, settings: Settings) -> None:
    world, database = lost.world, lost.world.birge.database
    file = requests_file(database.path)
    number = (await listed(settings))[0].split()[0]
    # The bot was killed before it had done what was asked; and somebody else has written into the file.
    file.with_name(f"{file.name}.taken").write_bytes(b"\xff\xfe ../.. -1 " + b"9" * 40 + f" {number}\n".encode())
    assert await take_requests(database) == 1
    await world.settle()
    assert await take_requests(database) == 0

    file.mkdir()
    await world.birge.beat_once()  # it can't be read: told in the log, and the bot lives on
    assert len(await listed(settings)) == 1


async def test_while_no_bot_runs_the_rows_are_changed_at_once(fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    given = Settings(telegram_token=TOKEN, database=url, keys=keys)
    assert await send_again(given, None) == "No message was given up."
    database = await Database.open(url, Vault(read_key_ring(keys)))
    async with database.writing() as db:
        await db.vault.ready_for(db, START)
        await enqueue(db, [Draft("say", "telegram:1", {"html": "x"})], START)
        (one,) = await waiting(db, Lane.REPLY, START, (), 1)
        await save_outcomes(db, [Outcome(one, "failed", "broken")], START)
    await database.close()

    assert await send_again(given, [one.id + 1]) == "There is no such letter."
    assert await send_again(given, [one.id]) == "1 to be sent again once the bot runs."
    assert await listed(given) == []


@pytest.mark.parametrize("typed", ["", "one", "-1", "1 2", "²", "9" * 19])
def test_only_a_number_or_all_names_letters(typed: str) -> None:
    with pytest.raises(WrongSetting, match="birge letters retry 17"):
        which(typed)
    assert which("all") is None
    assert which("17") == [17]


async def test_no_database_to_look_at(tmp_path: Path) -> None:
    given = Settings(telegram_token=TOKEN, database=f"sqlite:///{tmp_path / 'none.sqlite3'}")
    with pytest.raises(DatabaseUnusable, match="There is no database"):
        await listed(given)
    (tmp_path / "none.sqlite3").write_text("no database " * 100)
    with pytest.raises(DatabaseUnusable, match=r"can't be (read|used): file is not a database"):
        await listed(given)


@on_sqlite
async def test_a_database_that_is_not_up_to_date_yet(world: World, settings: Settings) -> None:
    async with world.birge.database.writing() as db:
        await db.run("DROP INDEX deliveries_given_up")
        await db.run("ALTER TABLE deliveries DROP COLUMN given_up_at")
    for asked in (listed(settings), send_again(settings, None)):
        with pytest.raises(DatabaseUnusable, match="can't be read: no such column: given_up_at"):
            await asked


async def test_the_doctor_tells_how_many_there_are(lost: Talker, settings: Settings) -> None:
    findings = await examine(settings)
    told = "Messages that could not be delivered: 2. See them with: birge letters"
    assert Finding(False, told, About.LETTERS) in findings

    async with lost.world.birge.database.writing() as db:
        await storage.letters.drop_before(db, lost.world.now + storage.letters.KEPT_FOR)
    assert "could not be delivered" not in repr(await examine(settings))


async def test_a_message_to_many_is_kept_while_somebody_may_be_sent_it_again(world: World, settings: Settings) -> None:
    from tests.scenes import school

    scene = await school(world)
    world.expects_errors = True
    parent = scene.parents[0]
    fault = Fault("sendMessage", chat_id=parent.person.id, status=400, description="Bad Request: odd")
    world.sandbox.faults.append(fault)
    await scene.head.says("/announce Tomorrow school begins at 9")
    await scene.head.taps("Send")
    await world.tick()
    assert "Tomorrow" not in "".join(one.text for one in parent.messages)

    await send_again(settings, None)
    await world.birge.beat_once()
    await world.settle()
    assert "Tomorrow school begins at 9" in parent.last.text
    await world.tick()
    rows = await world.rows("SELECT COUNT(*) AS kept FROM outgoing_bodies WHERE body IS NOT NULL")
    assert rows[0]["kept"] == 0


async def test_the_job_drops_them_after_two_weeks(lost: Talker, settings: Settings) -> None:
    await lost.world.later(days=13, hours=23)
    assert len(await listed(settings)) == 2
    await lost.world.later(hours=2)
    assert await listed(settings) == []
