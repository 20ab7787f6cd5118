"""A world for each test: a sandbox and a bot in one process, over a fresh database."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

from bot import logs
from bot.app import opened
from bot.clock import Clock
from bot.config import Settings
from bot.pacer import Pacer, Rate
from bot.setup import init
from sandbox import Sandbox
from tests.calls import breaches
from tests.cast import START, World

TOKEN = "100:test-token"

# Where a change is judged, the same examples for all; everywhere else new ones each time.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


@dataclass(frozen=True)
class Fresh:
    """A database and key ring as `birge init` leaves them."""

    folder: Path
    owner_code: str
    supervisor_code: str

    def copy(self, to: Path) -> tuple[str, Path]:
        shutil.copytree(self.folder, to, dirs_exist_ok=True)
        return f"sqlite:///{to / 'birge.sqlite3'}", to / "birge.keys"


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    folder = tmp_path_factory.mktemp("fresh")
    url, keys = f"sqlite:///{folder / 'birge.sqlite3'}", folder / "birge.keys"
    codes = asyncio.run(init(url, keys, "Bakı məktəbləri", "az", START))
    return Fresh(folder, codes.owner, codes.supervisor)


_said_to_the_log: list[dict[str, Any]] = []


def _remember(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    _said_to_the_log.append(dict(event))
    raise structlog.DropEvent


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """What the program said to its log during the test."""
    structlog.configure(processors=[logs.tell_listeners, structlog.processors.add_log_level, _remember])
    _said_to_the_log.clear()
    yield _said_to_the_log
    structlog.reset_defaults()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: what runs beside them fills the rest of the time."""
    items.sort(key=lambda item: "tests/story/" not in item.nodeid)


class NoPacer(Pacer):
    """As fast as possible: pace has tests of its own."""

    def __init__(self) -> None:
        super().__init__(Rate(0.0))

    def wait(self, *_: object, **__: object) -> float:
        return 0.0

    wait_in_bulk = wait


@contextlib.asynccontextmanager
async def _world(fresh: Fresh, folder: Path) -> AsyncIterator[World]:
    url, keys = fresh.copy(folder)
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        sandbox.clock.set(START)
        clock = Clock()
        clock.set_offset(sandbox.clock.offset)
        settings = Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=url, keys=keys)
        async with opened(settings, clock, NoPacer()) as birge:
            running = asyncio.create_task(birge.run())
            await birge.working.wait()
            birge.scheduler.stop()  # tests say themselves when the jobs look
            world = World(sandbox, birge, fresh.owner_code, fresh.supervisor_code)
            try:
                yield world
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            assert breaches(sandbox.calls) == []
            if not world.expects_errors:
                assert [one for one in _said_to_the_log if one["level"] in ("error", "critical")] == []


@pytest.fixture
async def world(fresh: Fresh, tmp_path: Path) -> AsyncIterator[World]:
    """A world with nobody in it but the network and its two codes."""
    async with _world(fresh, tmp_path) as made:
        yield made


@pytest.fixture
def worlds(fresh: Fresh, tmp_path: Path) -> Callable[[str], contextlib.AbstractAsyncContextManager[World]]:
    """Worlds by name, for a test that needs more than one."""
    return lambda name: _world(fresh, tmp_path / name)
