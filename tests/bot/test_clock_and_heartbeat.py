import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

import bot.clock
from bot.clock import Clock
from bot.config import WrongSetting
from bot.heartbeat import beat, end, is_beating
from sandbox import Sandbox
from tests.cast import World


async def test_a_clock_follows_a_stand_ins(tmp_path: Path) -> None:
    async with Sandbox(limits=None) as sandbox:
        sandbox.clock.advance(timedelta(days=3))
        clock = Clock()
        async with clock.following(f"{sandbox.url}/sandbox/clock"):
            assert abs(clock.now() - sandbox.clock.now()) < timedelta(seconds=5)
            sleeping = asyncio.create_task(clock.sleep_until(sandbox.clock.now() + timedelta(hours=2)))
            await asyncio.sleep(0)
            sandbox.clock.advance(timedelta(hours=3))
            await asyncio.wait_for(sleeping, 10)
            assert abs(clock.now() - sandbox.clock.now()) < timedelta(seconds=5)


async def test_a_clock_that_is_none_stops_the_start() -> None:
    async with Sandbox(limits=None) as sandbox:
        url = f"{sandbox.url}/bot{sandbox.bot.token}/getMe"
        with pytest.raises(WrongSetting, match="BIRGE_CLOCK is wrong"):
            async with Clock().following(url):
                pass
    with pytest.raises(WrongSetting, match="BIRGE_CLOCK is wrong"):
        async with Clock().following(url):
            pass


async def test_a_clock_that_fails_for_a_while_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.clock, "_AGAIN", 0.0)
    answers = [web.json_response({"offset": 0}), web.json_response({}), web.json_response({"offset": 3600})]

    async def answer(_request: web.Request) -> web.Response:
        return answers.pop(0) if answers else web.Response(status=500)

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    clock = Clock()
    try:
        async with clock.following(f"http://127.0.0.1:{runner.addresses[0][1]}/"):
            async with asyncio.timeout(10):
                await clock.sleep_until(datetime.now(UTC) + timedelta(minutes=59))
    finally:
        await runner.cleanup()


async def test_sleeping_until_a_time_that_is_over() -> None:
    clock = Clock()
    await clock.sleep_until(clock.now() - timedelta(hours=1))


# --- the heartbeat --------------------------------------------------------------------------------------------------


def test_a_beat_is_good_for_a_minute(tmp_path: Path) -> None:
    database, now = tmp_path / "birge.sqlite3", datetime.now(UTC)
    url = f"sqlite:///{database}"
    assert not is_beating(url, now)
    beat(database)
    assert is_beating(url, now)
    assert is_beating(url, now + timedelta(seconds=58))
    assert not is_beating(url, now + timedelta(seconds=62))
    os.utime(tmp_path / "birge.sqlite3.heartbeat", (0, 0))
    assert not is_beating(url, now)
    beat(database)
    assert is_beating(url, now)
    for _ in range(2):
        end(database)
    assert not is_beating(url, now)


async def test_a_bot_that_works_beats(world: World) -> None:
    url = world.url
    async with asyncio.timeout(10):
        while not is_beating(url, datetime.now(UTC)):
            async with world.birge.database.writing():
                pass


async def test_a_bot_that_was_stopped_cleanly_does_not_beat(tmp_path: Path, worlds) -> None:  # type: ignore[no-untyped-def]
    async with worlds("one") as world:
        url = world.url
        person = world.person("Aysel")
        await person.starts()
    assert not is_beating(url, datetime.now(UTC))
