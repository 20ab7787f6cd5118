from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import domain.cases
from bot.config import Settings
from bot.doctor import Finding, examine
from sandbox import Fault, Sandbox
from storage.database import Database
from storage.schema import create_or_migrate
from storage.vault import Vault, read_key_ring
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
    return [one.sentence for one in findings if not one.good and one.sentence not in hotline]


async def test_all_is_well(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    findings = await examine(settings(sandbox, *fresh.copy(tmp_path)))

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
