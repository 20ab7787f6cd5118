from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import domain.cases
from bot.config import Settings
from bot.doctor import Finding, examine
from sandbox import Fault, Sandbox
from storage import keyring
from storage.backup import back_up
from storage.database import Database
from storage.schema import create_or_migrate
from storage.vault import Vault, read_key_ring
from tests.cast import START
from tests.conftest import TOKEN, Fresh


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=None) as made:
        yield made


def settings(sandbox: Sandbox, database: str, keys: Path) -> Settings:
    return Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=database, keys=keys)


def wrong(findings: list[Finding]) -> list[str]:
    """What is to be mended before Birge runs at all; what keeps the hotline from opening has tests of its own."""
    hotline = domain.cases.findings("az", datetime.now(UTC).date(), is_stand_in=True)
    known = {*hotline, NO_BACKUP}
    return [one.sentence for one in findings if not one.good and one.sentence not in known]


NO_BACKUP = "There is no backup yet. Let this run every night: birge backup FILE"


async def test_all_is_well(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    back_up(url, read_key_ring(keys), tmp_path / "backup", datetime.now(UTC))
    findings = await examine(settings(sandbox, url, keys))

    assert wrong(findings) == []
    assert Finding(True, "The database is in order.") in findings


async def test_the_doctor_says_why_the_hotline_is_closed(fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    real = Settings(telegram_token="", telegram_api="https://telegram.example", database=url, keys=keys)

    closed = [sentence for sentence in wrong(await examine(real)) if "hotline is closed" in sentence]
    assert len(closed) == 1
    assert "until every rule of safeguarding has its test" in closed[0]
    # Also while a bot runs on the database.
    database = await Database.open(url, Vault(read_key_ring(keys)))
    try:
        assert closed[0] in wrong(await examine(real))
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


@pytest.mark.parametrize(
    ("age", "good", "said"),
    [(timedelta(hours=25), True, "The last backup is of "), (timedelta(hours=27), False, "older than a day")],
)
async def test_the_age_of_the_last_backup(
    sandbox: Sandbox, fresh: Fresh, tmp_path: Path, age: timedelta, good: bool, said: str
) -> None:
    url, keys = fresh.copy(tmp_path)
    given = settings(sandbox, url, keys)
    assert Finding(False, NO_BACKUP) in await examine(given)
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
        f"The key ring {keys} lacks the key of {month}, which wraps 1 keys of this database: "
        "put back a copy that has it."
    ]
