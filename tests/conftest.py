"""A world for each test: a sandbox and a bot in one process, over a fresh database."""

import asyncio
import contextlib
import os
import re
import shutil
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

import storage.pins
from bot import logs
from bot.app import Birge, opened
from bot.clock import Clock
from bot.config import Settings
from bot.pacer import Pacer, Rate
from bot.setup import init
from sandbox import Sandbox
from storage.database import path_of
from storage.schema import create_or_migrate
from tests import postgres
from tests.calls import breaches, crowded
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
    template: str | None  # the name of a PostgreSQL database; None: the file in the folder

    def copy(self, to: Path) -> tuple[str, Path]:
        """Its address and its key ring."""
        shutil.copytree(self.folder, to, dirs_exist_ok=True)
        if self.template is not None:
            return postgres.address(postgres.create(self.template, like="")), to / "birge.keys"
        return f"sqlite:///{to / 'birge.sqlite3'}", to / "birge.keys"


# For what only a file can do: be read-only, lie in a folder, be copied.
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every test of storage, handlers and jobs runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def fresh(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    folder = tmp_path_factory.mktemp("fresh")
    template = postgres.create() if kind == "postgres" else None
    url = postgres.address(template) if template else f"sqlite:///{folder / 'birge.sqlite3'}"
    codes = asyncio.run(init(url, folder / "birge.keys", "Bakı məktəbləri", "az", START))
    yield Fresh(folder, codes.owner, codes.supervisor, template)
    if template:
        postgres.drop(template)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with tables and no rows."""
    path = tmp_path_factory.mktemp("empty") / "birge.sqlite3"
    create_or_migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_on_server() -> Iterator[str]:
    """The name of a PostgreSQL database with tables and no rows."""
    name = postgres.create()
    create_or_migrate(postgres.address(name))
    yield name
    postgres.drop(name)


@pytest.fixture
def file_url(empty: Path, tmp_path: Path) -> str:
    """The address of a file of the test's own."""
    shutil.copy(empty, tmp_path / "birge.sqlite3")
    return f"sqlite:///{tmp_path / 'birge.sqlite3'}"


@pytest.fixture
def server_url(empty_on_server: str) -> Iterator[str]:
    """The address of a PostgreSQL database of the test's own."""
    name = postgres.create(empty_on_server, like="")
    yield postgres.address(name)
    postgres.drop(name)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> str:
    """The address of a database of the test's own, of each kind."""
    return str(request.getfixturevalue("file_url" if kind == "sqlite" else "server_url"))


PIN_COST = storage.pins._COST


@pytest.fixture(autouse=True)
def _cheap_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever plays staff has a PIN: thousands of times 15 ms, spent on purpose to make guessing slow."""
    monkeypatch.setattr(storage.pins, "_COST", 2)


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-on-both", action="store_true", help="the long suites whole on PostgreSQL, too")


# What is said and answered, by far the longest: whole on SQLite, one test in six on PostgreSQL (always the same),
# so that everything together stays under a quarter of an hour. What SQL they use runs on both below tests/storage.
_LONG = re.compile(r"tests/(safeguarding|conversations)/")
_ONE_IN = 6


# Whole programs and models: they walk again what the tests of each subject walk, and being traced takes twice as long.
_AGAIN = re.compile(
    r"tests/(bench|bot|browser|checks|month|pilot|sandbox|story|torture)/"
    r"|tests/safeguarding/test_(every_step|exclusion|leak_hunt|linked_parent|log|never_silent)\.py"
    r"|tests/conversations/test_every_(button|step)\.py"
)


def _walks_again(item: pytest.Item) -> bool:
    """Whether what it walks is traced elsewhere: by the same test on SQLite, or by the tests of the subjects."""
    is_twin = "[postgres" in item.nodeid and not item.nodeid.startswith("tests/storage/")
    return is_twin or _AGAIN.match(item.nodeid) is not None


def _runs(item: pytest.Item) -> bool:
    on_server = "[postgres" in item.nodeid
    return not (on_server and _LONG.match(item.nodeid)) or zlib.crc32(item.nodeid.encode()) % _ONE_IN == 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first: what runs beside them fills the rest of the time."""
    if not config.getoption("--all-on-both"):
        left_out = [item for item in items if not _runs(item)]
        items[:] = [item for item in items if _runs(item)]
        config.hook.pytest_deselected(items=left_out)
    for item in items:
        if _walks_again(item):
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=lambda item: "tests/story/" not in item.nodeid)


class NoPacer(Pacer):
    """As fast as possible: pace has tests of its own."""

    def __init__(self) -> None:
        super().__init__(Rate(0.0))

    def wait(self, *_: object, **__: object) -> float:
        return 0.0

    wait_in_bulk = wait

    def hold(self, *_: object) -> None:
        """The outbox keeps a pause by itself."""


def _tidy(beside: Path) -> None:
    """What stands beside a database on a server stands in a folder of the machine's."""
    for file in beside.parent.glob(f"{beside.name}.*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()


@contextlib.asynccontextmanager
async def _world(fresh: Fresh, folder: Path, **more: Any) -> AsyncIterator[World]:
    url, keys = fresh.copy(folder)
    async with contextlib.AsyncExitStack() as stack:
        if fresh.template is not None:
            stack.callback(postgres.drop, postgres.name_of(url))
            stack.callback(_tidy, path_of(url))
        sandbox = await stack.enter_async_context(Sandbox(token=TOKEN, limits=None))
        sandbox.clock.set(START)
        clock = Clock()
        clock.set_offset(sandbox.clock.offset)
        settings = Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=url, keys=keys, **more)
        life = await stack.enter_async_context(contextlib.AsyncExitStack())

        def begin() -> contextlib.AbstractAsyncContextManager[Birge]:
            return _running(settings, clock)

        birge = await life.enter_async_context(begin())
        world = World(sandbox, birge, url, keys, fresh.owner_code, fresh.supervisor_code, begin, life)
        yield world
        await life.aclose()
        assert breaches(sandbox.calls) == []
        assert crowded(sandbox.calls) == []
        if not world.expects_errors:
            assert [one for one in _said_to_the_log if one["level"] in ("error", "critical")] == []


@contextlib.asynccontextmanager
async def _running(settings: Settings, clock: Clock) -> AsyncIterator[Birge]:
    """A bot at work, whose jobs look when the test says so."""
    async with opened(settings, clock, NoPacer()) as birge:
        running = asyncio.create_task(birge.run())
        await birge.working.wait()
        birge.scheduler.stop()
        try:
            yield birge
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def world(fresh: Fresh, tmp_path: Path) -> AsyncIterator[World]:
    """A world with nobody in it but the network and its two codes."""
    async with _world(fresh, tmp_path) as made:
        yield made


@pytest.fixture
def worlds(fresh: Fresh, tmp_path: Path) -> Callable[..., contextlib.AbstractAsyncContextManager[World]]:
    """Worlds by name, for a test that needs more than one, or other settings."""
    return lambda name, **more: _world(fresh, tmp_path / name, **more)
