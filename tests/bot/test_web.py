"""/health, /ready and /metrics, asked over HTTP: what they say, and to wrong callers."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

import storage.operation
from bot import VERSION
from bot.config import WrongSetting
from bot.watching import BACKED_UP_AT, CHECKS, Watching
from bot.web import serving
from sandbox import Fault
from tests.cast import World


def watch(world: World) -> Watching:
    return Watching(world.birge, world.url)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass(frozen=True)
class Answered:
    status: int
    headers: str
    body: str


@dataclass(frozen=True)
class Caller:
    """Speaks HTTP word for word: a library would mend what is wrong."""

    port: int

    async def asks(self, path: str, method: str = "GET", host: str = "birge", more: str = "") -> Answered:
        return await self.says(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n")

    async def says(self, request: str) -> Answered:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request.encode("latin-1"))
        async with asyncio.timeout(10):
            answer = (await reader.read()).decode()
        writer.close()
        await writer.wait_closed()
        head, _, body = answer.partition("\r\n\r\n")
        return Answered(int(head.split()[1]), head, body)


@contextlib.asynccontextmanager
async def served(world: World) -> AsyncIterator[Caller]:
    port = free_port()
    async with serving(f"127.0.0.1:{port}", watch(world)):
        await world.sandbox.until(lambda: world.sandbox.polling)
        yield Caller(port)


@pytest.fixture
async def caller(world: World) -> AsyncIterator[Caller]:
    async with served(world) as made:
        aysel = world.person("Aysel")
        await aysel.starts()
        yield made


async def wrong(caller: Caller) -> list[str]:
    answer = await caller.asks("/ready")
    names = [name for name in CHECKS if f'"{name}"' in answer.body]
    assert answer.status == (503 if names else 200)
    return names


# --- what they say --------------------------------------------------------------------------------------------------


async def test_a_bot_that_works(caller: Caller) -> None:
    health, ready, metrics = await asyncio.gather(*map(caller.asks, ("/health", "/ready", "/metrics")))
    assert (health.status, health.body) == (200, '{"ok":true,"wrong":[]}')
    assert (ready.status, ready.body) == (200, '{"ok":true,"wrong":[]}')
    assert metrics.status == 200
    assert "content-type: text/plain; version=" in metrics.headers.lower()
    assert 'birge_updates_total{kind="command",outcome="done"} 1.0' in metrics.body
    assert "process_resident_memory_bytes" in metrics.body


async def test_a_heart_that_stopped(world: World, caller: Caller) -> None:
    assert world.birge.beaten_at is not None
    world.birge.beaten_at -= 61
    assert (await caller.asks("/health")).status == 503
    assert await wrong(caller) == ["database"]
    assert 'birge_ready{check="database"} 0.0' in (await caller.asks("/metrics")).body


async def test_a_messenger_that_is_silent_and_a_second_poller(world: World, caller: Caller) -> None:
    assert world.birge.channel.heard_at is not None
    world.birge.channel.heard_at -= 91
    assert await wrong(caller) == ["messenger"]
    world.sandbox.faults.append(Fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates"))
    world.expects_errors = True
    aysel = world.talkers["Aysel"]
    world.sandbox.sends(aysel.person, text="/home")
    await world.sandbox.until(lambda: world.birge.channel.has_rival)
    assert "rival" in await wrong(caller)
    await world.settle()
    await aysel.says("/home")
    assert await wrong(caller) == []


async def test_tables_of_another_migration(world: World, caller: Caller) -> None:
    async with world.birge.database.writing() as db:
        await db.run("UPDATE alembic_version SET version_num = '9999'")
    assert await wrong(caller) == ["migration"]


async def test_a_day_without_its_key(world: World, caller: Caller) -> None:
    world.birge.clock.set_offset(world.sandbox.clock.offset + 86_400)
    assert await wrong(caller) == ["key"]


async def test_a_bot_that_waits_before_it_polls_or_ends(world: World, caller: Caller) -> None:
    world.birge.polls, world.birge.ends = False, True
    assert await wrong(caller) == ["restarts", "running"]


async def test_a_database_that_does_not_answer_hangs_nobody(
    world: World, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.watching._ANSWERS_WITHIN", 0.01)
    async with world.birge.database.reading():
        assert await wrong(caller) == ["migration"]
        metrics = await caller.asks("/metrics")
    assert metrics.status == 200
    assert "birge_outbox_waiting" not in metrics.body
    assert 'birge_ready{check="database"} 0.0' in metrics.body


async def test_the_age_of_a_backup(world: World, caller: Caller) -> None:
    assert "birge_backup_age_seconds" not in (await caller.asks("/metrics")).body
    async with world.birge.database.writing() as db:
        await storage.operation.write(db, BACKED_UP_AT, world.birge.clock.now().isoformat())
    body = (await caller.asks("/metrics")).body
    (age,) = [line.split()[1] for line in body.splitlines() if line.startswith("birge_backup_age_seconds")]
    assert 0 <= float(age) < 60


# --- wrong callers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/health/", "/Health", "//health", "/health/../ready", "/%2e%2e/etc/passwd"])
async def test_other_paths_are_not_there(caller: Caller, path: str) -> None:
    answer = await caller.asks(path, host="evil.example")
    assert answer.status == 404
    assert "evil" not in answer.headers + answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"])
async def test_nothing_can_be_done_but_looking(caller: Caller, method: str) -> None:
    assert (await caller.asks("/metrics", method)).status == 405


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "birge@evil.example", "x" * 5_000])
async def test_what_a_caller_calls_the_host_changes_nothing(caller: Caller, host: str) -> None:
    answer = await caller.asks(
        "/ready", host=host, more="X-Forwarded-Host: evil.example\r\nX-Forwarded-For: 1.2.3.4\r\n"
    )
    assert (answer.status, answer.body) == (200, '{"ok":true,"wrong":[]}')
    assert "evil" not in answer.headers


async def test_no_header_tells_a_version(caller: Caller) -> None:
    for path in ("/health", "/ready", "/nowhere"):
        headers = (await caller.asks(path)).headers.lower()
        assert "\r\nserver:" not in headers
        assert not {"uvicorn", "starlette", "python", VERSION} & set(headers.split())


@pytest.mark.parametrize(
    "request_",
    [
        "nonsense\r\n\r\n",
        "GET /ready HTTP/1.1\r\n\r\n",
        "GET /ready HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        f"GET /{'x' * 70_000} HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(caller: Caller, request_: str) -> None:
    assert 400 <= (await caller.says(request_)).status < 500
    assert (await caller.asks("/ready")).status == 200


async def test_nobody_upgrades(caller: Caller) -> None:
    wanted = "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    answer = await caller.says(f"GET /ready HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\n{wanted}\r\n")
    assert answer.status == 200


async def test_many_who_hang_on_are_told_to_come_later_and_end_nothing(world: World) -> None:
    async with served(world) as caller, contextlib.AsyncExitStack() as stack:
        for _ in range(40):
            _, writer = await asyncio.open_connection("127.0.0.1", caller.port)
            writer.write(b"GET /ready HTTP/1.1\r\n")  # and never more
            stack.callback(writer.close)
        assert (await caller.asks("/ready")).status == 503
        stop = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stop < 3


# --- the address ----------------------------------------------------------------------------------------------------


async def test_an_address_that_cannot_be_had(world: World) -> None:
    watching: Any = watch(world)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WrongSetting) as told:
            async with serving(f"127.0.0.1:{port}", watching):
                pass
    assert str(told.value) == (
        f"BIRGE_ADMIN_LISTEN: 127.0.0.1:{port} can't be used (Address already in use). "
        "Choose another port, or set it empty to turn it off."
    )
    for nowhere in ("203.0.113.7:9464", f"{'x' * 70}.invalid:9464"):
        with pytest.raises(WrongSetting, match=r"BIRGE_ADMIN_LISTEN: .* can't be used"):
            async with serving(nowhere, watching):
                pass


async def test_an_empty_address_turns_it_off(world: World) -> None:
    before = len(asyncio.all_tasks())
    async with serving("", watch(world)):
        assert len(asyncio.all_tasks()) == before
