"""A bot that crashes again and again polls ever more rarely."""

from datetime import timedelta
from typing import Any

import pytest

from bot import restarts
from storage.database import Database
from tests.cast import START
from tests.storage.conftest import database

__all__ = ["database"]  # fixtures


async def start(database: Database, after: float = 0, *, clean: bool = False) -> float:
    async with database.writing() as db:
        return await restarts.note_start(db, START + timedelta(seconds=after), clean=clean)


async def test_starts_that_led_nowhere_wait_longer_and_longer(
    database: Database, log_lines: list[dict[str, Any]]
) -> None:
    assert [await start(database, number) for number in range(10)] == [0, 0, 0, 4, 8, 16, 32, 60, 60, 60]
    assert log_lines[0] == {
        "event": "Birge started again and again and got nowhere: polling waits",
        "level": "warning",
        "seconds": 4.0,
        "starts": 4,
    }
    async with database.reading() as db:
        assert await restarts.too_many(db, START) == 10
        assert await restarts.too_many(db, START + timedelta(hours=1)) == 0


async def test_old_starts_are_forgotten(database: Database) -> None:
    assert [await start(database, number * 200) for number in range(10)] == [0.0] * 10


@pytest.mark.parametrize("good", ["success", "clean"])
async def test_a_good_end_is_a_new_beginning(database: Database, good: str) -> None:
    for number in range(6):
        await start(database, number)
    if good == "success":
        async with database.writing() as db:
            await restarts.note_success(db)
        assert await start(database, 7) == 0
    else:
        assert await start(database, 7, clean=True) == 0
    async with database.reading() as db:
        assert await restarts.too_many(db, START) == 0


async def test_a_clock_that_jumps_back_holds_nobody_for_hours(database: Database) -> None:
    for number in range(6):
        await start(database, 3_600 + number)
    assert await start(database) == 0
