"""SIGTERM to a real process: it ends in good order, and soon in every case."""

import asyncio
import contextlib
import json
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import opened
from bot.config import Settings
from bot.stopping import CUT_OFF
from domain.messages import Outgoing, Say, Words
from domain.requests import Request
from handlers import routes
from handlers.route import Route
from sandbox import Fault, Sandbox
from storage.database import Connection
from tests.bot.test_commands import Shell
from tests.bot.test_web import Caller, free_port
from tests.conftest import TOKEN, Fresh, on_sqlite

__all__ = ["shell"]  # fixtures


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=None) as made:
        yield made


@pytest.fixture
def shell(fresh: Fresh, tmp_path: Path, sandbox: Sandbox) -> Shell:
    fresh.copy(tmp_path / "here")
    return Shell(tmp_path / "here", sandbox.url)


@contextlib.asynccontextmanager
async def running(shell: Shell, sandbox: Sandbox, **more: str | None) -> AsyncIterator[asyncio.subprocess.Process]:
    """A bot that polls; gone afterwards, whatever happens."""
    process = await shell.start("run", **more)
    try:
        await sandbox.until(lambda: sandbox.polling, timeout=20)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stopped(process: asyncio.subprocess.Process, within: float = 10.0) -> tuple[int, str, float]:
    """Asks it to stop: the exit code, what it said, and how long it took. It has `within` seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    process.send_signal(signal.SIGTERM)
    _, told = await asyncio.wait_for(process.communicate(), within)
    assert process.returncode is not None
    return process.returncode, told.decode(), loop.time() - began


async def when(true: Callable[[], object]) -> None:
    """Returns when it is true; for what the sandbox announces to nobody."""
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.01)


def rows(shell: Shell, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(shell.database)) as raw:
        return raw.execute(sql).fetchall()


STARTS = "SELECT json_array_length(value) FROM notes_of_operation WHERE name = 'starts that led nowhere'"
STOPPED_CLEANLY = "SELECT value FROM notes_of_operation WHERE name = 'stopped cleanly'"


@on_sqlite
async def test_a_bot_at_rest_stops_at_once(shell: Shell, sandbox: Sandbox) -> None:
    async with running(shell, sandbox) as process:
        code, told, seconds = await stopped(process)
    assert (code, told) == (0, "")
    assert seconds < 3
    assert rows(shell, STOPPED_CLEANLY) == [("yes",)]


@on_sqlite
async def test_what_is_on_its_way_is_sent_and_marked(shell: Shell, sandbox: Sandbox) -> None:
    aysel = sandbox.add_person("Aysel", language_code="en")
    async with running(shell, sandbox) as process:
        sandbox.faults.append(Fault("sendMessage", delay=1.5))
        on_its_way = asyncio.Event()
        sandbox.on_call(lambda _moment, method, _params: on_its_way.set() if method == "sendMessage" else None)
        sandbox.presses_start(aysel)
        await when(lambda: rows(shell, "SELECT 1 FROM deliveries WHERE state = 'waiting'"))
        code, told, _ = await stopped(process)

    assert (code, told) == (0, "")
    assert on_its_way.is_set()
    said = [one for one in sandbox.chat_of(aysel).visible if one.from_bot]
    states = rows(shell, "SELECT state, COUNT(*) FROM deliveries WHERE message_id IS NOT NULL GROUP BY state")
    assert said
    assert states == [("sent", len(said))]


@on_sqlite
async def test_an_api_that_hangs_holds_nobody(shell: Shell, sandbox: Sandbox) -> None:
    people = [sandbox.add_person(f"Person{number}", language_code="en") for number in range(5)]
    async with running(shell, sandbox) as process:
        hangs = Fault("sendMessage", delay=60, times=1_000)
        sandbox.faults.append(hangs)
        for person in people:
            sandbox.presses_start(person)
        await when(lambda: hangs.times == 1_000 - len(people))
        code, _, seconds = await stopped(process)
    assert code == 0
    assert 3 < seconds < 10  # what is on its way had its chance
    assert rows(shell, STOPPED_CLEANLY) == [("yes",)]
    assert rows(shell, "SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'")[0] >= (5,)


@on_sqlite
async def test_a_locked_database_holds_nobody(shell: Shell, sandbox: Sandbox) -> None:
    aysel = sandbox.add_person("Aysel", language_code="en")
    async with running(shell, sandbox) as process:
        with contextlib.closing(sqlite3.connect(shell.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            sandbox.presses_start(aysel)
            await when(lambda: not sandbox.polling)
            code, _, seconds = await stopped(process)
    assert code in (0, CUT_OFF)
    assert seconds < 10
    # What was in hand was never confirmed: it comes again.
    assert sandbox.pending_updates > 0


@on_sqlite
async def test_a_caller_that_hangs_on_holds_nobody(shell: Shell, sandbox: Sandbox) -> None:
    port = free_port()
    async with running(shell, sandbox, BIRGE_ADMIN_LISTEN=f"127.0.0.1:{port}") as process:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: ")
        await writer.drain()
        code, told, seconds = await stopped(process)
        writer.close()
    assert (code, told) == (0, "")
    assert seconds < 6


@on_sqlite
async def test_a_second_request_to_stop_does_not_wait(shell: Shell, sandbox: Sandbox) -> None:
    aysel = sandbox.add_person("Aysel", language_code="en")
    async with running(shell, sandbox) as process:
        hangs = Fault("sendMessage", delay=60, times=2)
        sandbox.faults.append(hangs)
        sandbox.presses_start(aysel)
        await when(lambda: hangs.times == 1)
        process.send_signal(signal.SIGTERM)
        # It takes nothing new any more: the poll is over.
        await when(lambda: not sandbox.polling)
        process.send_signal(signal.SIGINT)
        _, told = await asyncio.wait_for(process.communicate(), 3)
    assert process.returncode == CUT_OFF
    assert "a second request to stop cut the first one off" in told.decode()
    assert rows(shell, STOPPED_CLEANLY) == [("no",)]


@on_sqlite
async def test_a_start_is_stopped_too(shell: Shell, sandbox: Sandbox) -> None:
    hangs = Fault("getMe", delay=60, times=2)
    sandbox.faults.append(hangs)
    process = await shell.start("run")
    await when(lambda: hangs.times == 1)
    code, told, seconds = await stopped(process)
    assert (code, told) == (0, "")
    assert seconds < 3


@on_sqlite
async def test_a_taken_port_stops_the_start(shell: Shell) -> None:
    port = free_port()
    listener = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)
    async with listener:
        said = await shell.refuses("run", BIRGE_ADMIN_LISTEN=f"127.0.0.1:{port}")
    assert said == (
        f"BIRGE_ADMIN_LISTEN: 127.0.0.1:{port} can't be used (Address already in use). "
        "Choose another port, or set it empty to turn it off."
    )


@on_sqlite
async def test_a_start_after_many_that_led_nowhere_waits_before_it_polls(shell: Shell, sandbox: Sandbox) -> None:
    """A batch that is committed leads nowhere until it is confirmed: polling the same again and again helps nobody."""
    now = datetime.now(UTC).timestamp()
    with contextlib.closing(sqlite3.connect(shell.database)) as raw, raw:
        raw.executemany(
            "INSERT OR REPLACE INTO notes_of_operation (name, value) VALUES (?, ?)",
            [("stopped cleanly", "no"), ("starts that led nowhere", json.dumps([now - 9, now - 6, now - 3]))],
        )
    caller = Caller(free_port())
    process = await shell.start("run", BIRGE_ADMIN_LISTEN=f"127.0.0.1:{caller.port}", BIRGE_LOG="WARNING")
    try:
        await when(lambda: rows(shell, STARTS) == [(4,)])
        ready = await caller.asks("/ready")
        assert '"restarts"' in ready.body
        assert not sandbox.polling
        await sandbox.until(lambda: sandbox.polling, timeout=30)
        assert '"restarts"' not in (await caller.asks("/ready")).body
    finally:
        code, told, _ = await stopped(process)
    assert code == 0
    assert '"seconds": 4.0' in told


# --- the batch in hand ----------------------------------------------------------------------------------------------


@dataclass
class Slow:
    """A command that takes as long as the test wants."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def works(self, _db: Connection, _request: Request) -> list[Outgoing]:
        self.begun.set()
        await self.may_end.wait()
        return [Say(Words("It took a while."))]


@on_sqlite
@pytest.mark.parametrize("ends", [True, False])
async def test_the_batch_in_hand_is_finished_unless_it_takes_too_long(
    fresh: Fresh, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    slow = Slow()
    monkeypatch.setitem(routes.COMMANDS, "slow", Route(slow.works))
    if not ends:
        monkeypatch.setattr("bot.app._BATCH_ENDS_WITHIN", 0.0)
    url, keys = fresh.copy(tmp_path)
    aysel = sandbox.add_person("Aysel", language_code="en")
    sandbox.presses_start(aysel)
    given = Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=url, keys=keys)
    async with opened(given) as birge:
        working = asyncio.create_task(birge.run())
        await sandbox.until(lambda: sandbox.pending_updates == 0)
        sandbox.sends(aysel, text="/slow")
        await slow.begun.wait()
        working.cancel()
        if ends:
            asyncio.get_running_loop().call_soon(slow.may_end.set)
        await asyncio.wait((working,))
        async with birge.database.reading() as db:
            done = await db.value("SELECT COUNT(*) FROM inbox WHERE outcome = 'done'")
    assert done == (2 if ends else 1)
    assert sandbox.pending_updates == 1  # committed, it is stopped by the inbox when it comes again
