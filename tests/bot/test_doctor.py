import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import storage.chats
import storage.postgres
import storage.schema
from bot import VERSION, restarts
from bot.clock import Clock
from bot.config import Settings
from bot.doctor import About, Finding, examine
from sandbox import Fault, Sandbox
from storage import keyring
from storage.backup import back_up
from storage.database import Database, is_postgres
from storage.schema import create_or_migrate
from storage.vault import Vault, read_key_ring
from tests import scenes
from tests.cast import START, World
from tests.conftest import TOKEN, Fresh, on_sqlite


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=None) as made:
        yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that is taken is taken: nobody was killed a moment ago."""
    monkeypatch.setattr(storage.postgres, "LOCK_WAIT_MS", 10)


def settings(sandbox: Sandbox, database: str, keys: Path) -> Settings:
    return Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=database, keys=keys)


def wrong(findings: list[Finding]) -> list[str]:
    """What is to be mended before Birge runs at all; what keeps the hotline from opening has tests of its own."""
    found = [one for one in findings if one.about is not About.HOTLINE and one.sentence != NO_BACKUP]
    return [one.sentence for one in found if not one.good]


NO_BACKUP = "There is no backup yet. Let this run every night: birge backup FILE"


def about(findings: list[Finding], *about: About) -> list[tuple[bool, str]]:
    return [(one.good, one.sentence) for one in findings if one.about in about]


async def test_all_is_well(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    back_up(url, read_key_ring(keys), tmp_path / "backup", datetime.now(UTC))
    findings = await examine(settings(sandbox, url, keys))

    assert wrong(findings) == []
    assert Finding(True, "The database can be read and written.", About.DATABASE) in findings
    assert about(findings, About.OPERATOR)[0][1].startswith("Nobody is told when something breaks")


async def test_the_doctor_says_why_the_hotline_is_closed(fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    real = Settings(telegram_token="", telegram_api="https://telegram.example", database=url, keys=keys)

    found = [sentence for _, sentence in about(await examine(real), About.HOTLINE)]
    closed = [sentence for sentence in found if sentence.startswith("The hotline is closed until")]
    assert [sentence.rpartition(": ")[2] for sentence in closed[:3]] == [
        "Two helpers who can be reached here and have accepted the code of conduct.",
        "A head of the helpers who belongs to no school and has accepted the code of conduct.",
        "a helper and a backup for every shift.",
    ]
    assert any("e-mail (BIRGE_SMTP)" in sentence for sentence in closed)
    assert any("Nobody has reviewed the distress words" in sentence for sentence in found)
    assert any("Nobody has checked these rules of the law" in sentence for sentence in found)
    assert any("last checked over 90 days ago; ring them again: 112" in sentence for sentence in found)
    # Also while a bot runs on the database.
    database = await Database.open(url, Vault(read_key_ring(keys)))
    try:
        assert about(await examine(real), About.HOTLINE) == [(False, sentence) for sentence in found]
    finally:
        await database.close()


async def test_a_webhook_in_the_way_and_a_telegram_that_fails(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path))
    sandbox.faults.append(Fault("getWebhookInfo", status=500))
    (said,) = wrong(await examine(given))
    assert "does not say whether a webhook is set" in said
    sandbox.state.webhook = replace(sandbox.state.webhook, url="http://127.0.0.1:9/hook")
    (said,) = wrong(await examine(given))
    assert "A webhook is set at Telegram" in said


@on_sqlite
async def test_a_database_without_a_network(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    _, keys = fresh.copy(tmp_path)
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    assert wrong(await examine(settings(sandbox, url, keys))) == [
        f"There is no database at {tmp_path / 'empty.sqlite3'}. Make one with: birge init"
    ]
    create_or_migrate(url)
    assert wrong(await examine(settings(sandbox, url, keys))) == [
        "The database has no network yet. Make one with: birge init"
    ]


# --- the messenger --------------------------------------------------------------------------------------------------


async def test_a_clock_that_is_wrong(
    sandbox: Sandbox, fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path))
    assert about(await examine(given), About.CLOCK) == [(True, "This machine's clock agrees with Telegram's.")]
    real, ahead = Clock.now, 0

    def now(clock: Clock) -> datetime:
        return real(clock) + timedelta(seconds=ahead)

    monkeypatch.setattr("bot.doctor.Clock.now", now)
    for ahead, said in ((90, "90 seconds ahead of"), (-7, "7 seconds behind")):
        ((good, sentence),) = about(await examine(given), About.CLOCK)
        assert not good
        # The Date of an answer is in whole seconds.
        shown = int(sentence.split(" is ")[1].split()[0])
        assert abs(shown - abs(ahead)) <= 1
        assert sentence.replace(str(shown), str(abs(ahead)), 1).startswith(f"This machine's clock is {said} Telegram's")
        assert "timedatectl set-ntp true" in sentence
    ahead = 4
    assert about(await examine(given), About.CLOCK)[0][0]


async def test_what_privacy_mode_means(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path))
    ((_, on),) = about(await examine(given), About.PRIVACY_MODE)
    sandbox.privacy = False
    ((_, off),) = about(await examine(given), About.PRIVACY_MODE)
    assert on.startswith("Privacy mode is on: in a group Birge sees only commands")
    assert off.startswith("Privacy mode is off: Telegram hands Birge every message of its groups.")


async def test_kinds_of_updates_that_another_program_left_out(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path))
    assert about(await examine(given), About.ALLOWED_UPDATES)[0][0]
    sandbox.state.queue.allow(["message", "callback_query", "poll", "my_chat_member", "chat_join_request"])
    ((good, sentence),) = about(await examine(given), About.ALLOWED_UPDATES)
    assert not good
    assert "not to hand out edited_message, poll_answer." in sentence


async def test_groups_in_which_the_bot_cannot_work(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await scenes.school(world)
    group = await scenes.group(scene, scene.class_a)
    given = settings(world.sandbox, world.url, world.keys)

    async def groups() -> list[tuple[bool, str]]:
        return about(await examine(given), About.GROUPS)

    where = f"The group chat of 5A (community {scene.class_a.id})"
    ask = "Ask an administrator of the group to"
    assert await groups() == [(True, "The bot can work in every group chat it was looked for in.")]
    world.sandbox.faults.append(Fault("getChatMember", status=500))
    assert await groups() == [(False, f"{where}: Telegram does not say what the bot may do there. Try again.")]
    for allowed, cannot in (
        ({"can_send_messages": False}, "may not write there"),
        ({"can_send_polls": False}, "may not open polls there"),
    ):
        monkeypatch.setattr("sandbox.objects.permissions", lambda allowed=allowed: allowed)
        assert await groups() == [(False, f"{where}: the bot {cannot}. {ask} let it.")]
    world.sandbox.promotes_bot(scene.head.person, group)
    assert (await groups())[0][0]
    world.sandbox.removes_bot(scene.head.person, group)
    await world.settle()
    assert await groups() == [(False, f"{where}: the bot is no longer in it. {ask} add it again.")]


async def test_so_many_groups_are_looked_at_and_no_more(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.doctor._GROUPS", 2)
    scene = await scenes.school(world)
    for number in range(4):
        async with world.birge.database.writing() as db:
            chat = await storage.chats.save(db, "telegram", f"-{number + 1}", "5A")
            await storage.chats.bind(db, chat.id, scene.class_a.id)
    given = settings(world.sandbox, world.url, world.keys)
    found = about(await examine(given), About.GROUPS)
    assert [good for good, _ in found] == [False, False, True]
    assert found[-1] == (True, "Only the first 2 group chats were looked at.")


# --- the database and this machine ----------------------------------------------------------------------------------


async def test_everything_is_said_while_a_bot_runs(world: World, tmp_path: Path) -> None:
    given = settings(world.sandbox, world.url, world.keys)
    findings = await examine(given)
    assert Finding(True, "The database is in use by a Birge that runs.", About.DATABASE) in findings
    assert {one.about for one in findings} >= set(About) - {
        About.GROUPS,
        About.RESTARTS,
        About.LETTERS,
        About.OLD_COPIES,
        *([About.DISK] if is_postgres(world.url) else []),
    }
    assert wrong(findings) == []
    ((_, versions),) = about(findings, About.VERSIONS)
    assert versions.startswith(f"Birge {VERSION}, Python 3.")
    engine = "PostgreSQL " if is_postgres(world.url) else f"SQLite {sqlite3.sqlite_version}"
    assert f", {engine}" in versions
    assert ", python-telegram-bot 22." in versions


@on_sqlite
@pytest.mark.parametrize(
    ("migration", "said"), [("0001", "birge run brings them up to date."), ("9999", "Update Birge first.")]
)
async def test_tables_of_another_migration(
    sandbox: Sandbox, fresh: Fresh, tmp_path: Path, migration: str, said: str
) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path))
    with contextlib.closing(sqlite3.connect(tmp_path / "birge.sqlite3")) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = ?", (migration,))
    newest = storage.schema.newest()
    assert about(await examine(given), About.MIGRATION) == [
        (False, f"The database's tables are of migration {migration}, this Birge's of {newest}. {said}")
    ]


async def test_starts_that_got_nowhere(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    database = await Database.open(url, Vault(read_key_ring(keys)))
    for _ in range(5):
        async with database.writing() as db:
            await restarts.note_start(db, datetime.now(UTC), clean=False)
    await database.close()
    assert about(await examine(settings(sandbox, url, keys)), About.RESTARTS) == [
        (False, "Birge started 5 times within 10 minutes and got nowhere: its log says where it broke.")
    ]


@on_sqlite
async def test_a_full_disk_and_copies_left_behind(
    sandbox: Sandbox, fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path))
    copy = tmp_path / "birge.sqlite3.before-0006"
    copy.touch()
    monkeypatch.setattr("bot.doctor.shutil.disk_usage", lambda _path: SimpleNamespace(free=300 * 1024**2))
    assert about(await examine(given), About.DISK, About.OLD_COPIES) == [
        (False, "Only 0.3 GiB are free beside the database; make room for 1.0 GiB."),
        (False, f"{copy} is the database as it was before an upgrade. When all is well, delete it: rm {copy}"),
    ]


@pytest.mark.parametrize(
    ("listen", "said"),
    [
        ("", "Nobody can watch Birge: BIRGE_ADMIN_LISTEN is empty"),
        ("[::1]:9464", "are served on this machine alone"),
        ("localhost:9464", "are served on this machine alone"),
        ("0.0.0.0:9464", "to whoever reaches it"),
        ("birge:9464", "to whoever reaches it"),
    ],
)
async def test_who_can_watch(sandbox: Sandbox, fresh: Fresh, tmp_path: Path, listen: str, said: str) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path)).model_copy(update={"admin_listen": listen})
    ((good, sentence),) = about(await examine(given), About.ADMIN)
    assert good
    assert said in sentence


@pytest.mark.parametrize(
    ("public", "said"),
    [
        ("", "People get files for their calendars"),
        ("https://birge.example.org", "at https://birge.example.org/feeds/"),
    ],
)
async def test_where_calendars_are(sandbox: Sandbox, fresh: Fresh, tmp_path: Path, public: str, said: str) -> None:
    given = settings(sandbox, *fresh.copy(tmp_path)).model_copy(update={"public_url": public})
    ((good, sentence),) = about(await examine(given), About.CALENDARS)
    assert good
    assert said in sentence


@pytest.mark.parametrize(
    ("age", "good", "said"),
    [(timedelta(hours=25), True, "The last backup is of "), (timedelta(hours=27), False, "older than a day")],
)
async def test_the_age_of_the_last_backup(
    sandbox: Sandbox, fresh: Fresh, tmp_path: Path, age: timedelta, good: bool, said: str
) -> None:
    url, keys = fresh.copy(tmp_path)
    given = settings(sandbox, url, keys)
    assert Finding(False, NO_BACKUP, About.BACKUP) in await examine(given)
    back_up(url, read_key_ring(keys), tmp_path / "backup", datetime.now(UTC) - age)

    # Also while a bot runs on the database.
    database = await Database.open(url, Vault(read_key_ring(keys)))
    try:
        (found,) = [one for one in await examine(given) if "last backup" in one.sentence]
    finally:
        await database.close()
    assert found.good == good
    assert said in found.sentence


async def test_a_key_ring_that_lacks_a_master_key(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    (month,) = read_key_ring(keys).masters
    keyring.add_master(keys, START + timedelta(days=60))
    keyring.remove_masters(keys, [month])

    lacks = [one for one in wrong(await examine(settings(sandbox, url, keys))) if "lacks the key" in one]
    assert lacks == [
        f"The key ring {keys} lacks the key of {month}, which wraps 2 keys of this database: "
        "put back a copy that has it."
    ]
