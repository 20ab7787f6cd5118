"""The bots that are measured, each in a process of its own: started, asked what it used, stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.api import ROOT, StandIn

BUILD = ROOT / "build" / "bench"
_NODE = BUILD / "node"
_GRAMMY = Path(__file__).parent / "echoes" / "grammy"
_TICKS = os.sysconf("SC_CLK_TCK")
_STOP_WITHIN = 15.0


class NotMeasured(Exception):  # noqa: N818 - its text is the line in the report
    """Why something can't be measured here, in one plain sentence."""


@dataclass(slots=True)
class Bot:
    """A bot that runs and asks for updates."""

    name: str
    token: str
    process: subprocess.Popen[bytes]
    started: float  # time.perf_counter() before it was started
    polled: float = 0.0  # when it first asked for updates

    @property
    def cpu_seconds(self) -> float:
        """Of all its threads, since it started."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def bytes_written(self) -> int:
        """To files, since it started."""
        return int(Path(f"/proc/{self.process.pid}/io").read_text().partition("wchar: ")[2].split()[0])

    @property
    def resident_mb(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1_024
        raise LookupError("the system doesn't say how much memory a process has")


@contextmanager
def running(
    standin: StandIn, name: str, command: Sequence[str], folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Bot]:
    """A bot from its start until it has stopped; it asks for updates when this begins. `{api}` and `{token}` in the
    command are filled in."""
    token = f"1:{name}-{time.monotonic_ns()}"
    filled = [part.format(api=standin.url, token=token) for part in command]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("BIRGE_", "COV_"))}
    its_own = {key: value.format(api=standin.url, token=token) for key, value in (settings or {}).items()}
    environment = clean | {"PYTHONPATH": str(ROOT)} | its_own
    log = folder / f"{name}.log"
    with log.open("ab") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(filled, cwd=folder, env=environment, stdout=errors, stderr=errors)
    bot = Bot(name, token, process, began)
    try:
        if not standin.waits_for_poll(token):
            raise NotMeasured(f"{name} never asked for updates. Its last words: {_last_words(log)}")
        bot.polled = standin.report(token)["first_poll"]
        yield bot
        if process.poll() is not None:
            raise NotMeasured(f"{name} ended by itself. Its last words: {_last_words(log)}")
    finally:
        _stop(process)


def _last_words(log: Path) -> str:
    return (log.read_text().strip().splitlines() or ["none"])[-1]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- the echoes -------------------------------------------------------------------------------------------------------

PTB = [sys.executable, "-m", "tests.bench.echoes.ptb", "{api}", "{token}"]
AIOGRAM = [sys.executable, "-m", "tests.bench.echoes.with_aiogram", "{api}", "{token}"]


def grammy() -> list[str]:
    """The command of the grammY echo, installed first if need be. Raises NotMeasured."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotMeasured("The grammY echo was left out: there is no node and npm here.")
    _NODE.mkdir(parents=True, exist_ok=True)
    wanted = (_GRAMMY / "package-lock.json").read_bytes()
    installed = _NODE / "package-lock.json"
    if not (_NODE / "node_modules" / "grammy").exists() or installed.read_bytes() != wanted:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_GRAMMY / name, _NODE / name)
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=_NODE, capture_output=True, timeout=120, check=False
        )
        if done.returncode:
            installed.unlink()
            raise NotMeasured("The grammY echo was left out: npm could not install it (is its registry reachable?).")
    shutil.copy(_GRAMMY / "echo.mjs", _NODE / "echo.mjs")
    return [node, str(_NODE / "echo.mjs"), "{api}", "{token}"]


# --- Birge ------------------------------------------------------------------------------------------------------------


def birge(profile: Path | None = None) -> list[str]:
    """Birge by its real entry; with a profile, cProfile's statistics of its loop are written there at its end."""
    profiled = ["-m", "cProfile", "-o", str(profile.absolute())] if profile else []
    return [sys.executable, *profiled, "-m", "bot", "run"]


def settings_of(database: str, keys: Path, **more: str) -> dict[str, str]:
    return {
        "BIRGE_TELEGRAM_TOKEN": "{token}",
        "BIRGE_TELEGRAM_API": "{api}",
        "BIRGE_DATABASE": database,
        "BIRGE_KEYS": str(keys),
        "BIRGE_LOG": "WARNING",
        "BIRGE_ADMIN_LISTEN": f"127.0.0.1:{_free_port()}",
    } | more


def _free_port() -> int:
    """Metrics are served as in life, but where no other Birge of this machine serves its own."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
