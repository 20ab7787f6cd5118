from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Settings
from bot.doctor import Finding, examine
from sandbox import Fault, Sandbox
from storage.schema import create_or_migrate
from tests.conftest import TOKEN, Fresh


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=None) as made:
        yield made


def settings(sandbox: Sandbox, database: str, keys: Path) -> Settings:
    return Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=database, keys=keys)


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.sentence for finding in findings if not finding.good]


async def test_all_is_well(sandbox: Sandbox, fresh: Fresh, tmp_path: Path) -> None:
    findings = await examine(settings(sandbox, *fresh.copy(tmp_path)))

    assert wrong(findings) == []
    assert Finding(True, "The database is in order.") in findings


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
