"""The contracts in pyproject.toml and ruff's bans catch what the design forbids, and allow what it allows."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PACKAGES = ("bot", "bot.channels", "handlers", "jobs", "storage", "domain", "locales", "sandbox")
ALLOWED = {
    "bot.pipeline": "import asyncio, handlers.meetings, jobs.meetings, storage.meetings, bot.channels.post",
    "bot.demo": "import sandbox.server",
    "bot.web": "import starlette, uvicorn, prometheus_client",
    "bot.channels.post": "import telegram, aiohttp",
    "handlers.meetings": "import storage.meetings, domain.meetings",
    "jobs.meetings": "import storage.meetings, domain.meetings",
    "storage.meetings": "import aiosqlite, sqlite3, asyncio, secrets, domain.meetings",
    "domain.meetings": "import babel, icalendar, dateparser, unicodedata, tomllib",
    "locales.tool": "import babel",
    "sandbox.server": "import aiohttp, asyncio",
}
FORBIDDEN = [
    ("domain.meetings", "storage.meetings"),
    ("storage.meetings", "handlers.meetings"),
    ("handlers.meetings", "bot.pipeline"),
    ("handlers.meetings", "jobs.meetings"),
    ("jobs.meetings", "handlers.meetings"),
    ("handlers.meetings", "telegram"),
    ("sandbox.server", "telegram"),
    ("bot.pipeline", "telegram"),
    ("bot.pipeline", "sqlite3"),
    ("handlers.meetings", "aiosqlite"),
    ("jobs.meetings", "sqlalchemy"),
    ("domain.meetings", "asyncio"),
    ("domain.meetings", "random"),
    ("handlers.meetings", "secrets"),
    ("jobs.meetings", "aiohttp"),
    ("sandbox.server", "domain.meetings"),
    ("bot.pipeline", "sandbox.server"),
    ("handlers.meetings", "sandbox.server"),
    ("locales.tool", "domain.meetings"),
    ("storage.meetings", "prometheus_client"),
    ("sandbox.server", "starlette"),
    ("jobs.meetings", "uvicorn"),
]
CLOCKS = [
    "import datetime\nNOW = datetime.datetime.now(datetime.UTC)\n",
    "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
    "import time\n\nNOW = time.time()\n",
    "from time import monotonic\n\nNOW = monotonic()\n",
]


def lint_imports(root: Path, modules: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the contracts of this project on a tree of packages with these modules and imports."""
    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for package in PACKAGES:
        folder = root.joinpath(*package.split("."))
        folder.mkdir()
        (folder / "__init__.py").touch()
    for name, source in modules.items():
        root.joinpath(*name.split(".")).with_suffix(".py").write_text(source + "\n", encoding="utf-8")
    command = [str(BIN / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def ruff(filename: str, source: str) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "ruff"), "check", "--select", "TID251", "--stdin-filename", filename, "-"]
    return subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says about a tree that does everything forbidden at once."""
    modules = dict(ALLOWED)
    for name, imported in FORBIDDEN:
        modules[name] += f"\nimport {imported}"
    done = lint_imports(tmp_path_factory.mktemp("forbidden"), modules)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_what_the_design_allows_passes(tmp_path: Path) -> None:
    done = lint_imports(tmp_path, ALLOWED)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "imported"), FORBIDDEN)
def test_a_forbidden_import_is_found(verdict: str, name: str, imported: str) -> None:
    assert f"{name} -> {imported} (l." in verdict


@pytest.mark.parametrize("source", CLOCKS)
@pytest.mark.parametrize("package", ["handlers", "jobs", "storage", "domain"])
def test_only_bot_reads_the_clock(package: str, source: str) -> None:
    assert "Only bot/ reads the clock" in ruff(f"{package}/meetings.py", source).stdout
    assert ruff("bot/clock.py", source).returncode == 0
