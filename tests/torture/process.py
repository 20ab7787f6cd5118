"""The bot in a process of its own: killed, started again, its disk filled, its log listened to."""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent
LONGEST_LINE = 2**20
_UNUSABLE = 2  # the exit code for what an operator can mend
_UNREACHED = "Telegram can't be reached. Check the network and BIRGE_TELEGRAM_API, then start again."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log that is worth a look: an error, or something that is no line of ours at all."""

    text: str
    event: str = ""
    why: str = ""
    update: str = ""


@dataclass(eq=False)
class Victim:
    """One bot after the other on the same database."""

    sandbox: Sandbox
    database: str
    keys: Path
    told: Callable[[Line], None]
    log: Path
    starts: int = 0
    ended_badly: list[int] = field(default_factory=list)
    refused_starts: int = 0  # since the messenger could not be reached: whoever minds the program starts it again
    _expected: bool = False
    _running: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.torture.victim",
            cwd=ROOT,
            env=self._environment(),
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self.starts += 1
        self._expected = False
        self._reading = asyncio.create_task(self._listen(self._running))

    def _environment(self) -> dict[str, str]:
        mine = {
            "BIRGE_TELEGRAM_TOKEN": self.sandbox.bot.token,
            "BIRGE_TELEGRAM_API": self.sandbox.url,
            "BIRGE_DATABASE": self.database,
            "BIRGE_KEYS": str(self.keys),
            "BIRGE_CLOCK": f"{self.sandbox.url}/sandbox/clock",
            "BIRGE_LOG": "WARNING",
            "BIRGE_ADMIN_LISTEN": "",
            "PYTHONFAULTHANDLER": "1",
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("BIRGE_", "COV_"))}
        return clean | mine

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keeps the errors for the log file; a pipe, since a limit on files would limit a log file, too."""
        assert process.stderr is not None
        unreached = False
        with self.log.open("ab") as log:
            while line := await process.stderr.readline():
                known = _read(line.decode(errors="replace").strip())
                unreached = unreached or (known is not None and known.text == _UNREACHED)
                if known is not None and known.text != _UNREACHED:
                    log.write(line)
                    self.told(known)
        code = await process.wait()
        if self._expected:
            return
        if code == _UNUSABLE and unreached:
            self.refused_starts += 1
        else:
            self.ended_badly.append(code)
        await self.start()

    @property
    def pid(self) -> int:
        return self._running.pid if self._running else 0

    @property
    def lives(self) -> bool:
        return self._running is not None and self._running.returncode is None

    async def kill(self) -> None:
        """SIGKILL, now; returns when nothing of it is left."""
        await self._end(signal.SIGKILL, within=20)

    async def stop(self) -> None:
        """A clean stop."""
        code = await self._end(signal.SIGTERM, within=20)
        if code != 0:
            self.ended_badly.append(code)

    async def _end(self, number: int, within: float) -> int:
        assert self._running is not None
        assert self._reading is not None
        self._expected = True
        self._send(number)
        code = await asyncio.wait_for(self._running.wait(), within)
        await self._reading
        return code

    # --- its disk -----------------------------------------------------------------------------------------------------

    def fill_database(self) -> None:
        self._send(signal.SIGUSR1)

    def empty_database(self) -> None:
        self._send(signal.SIGUSR2)

    def limit_files(self, size: int) -> None:
        """No file of the running bot grows beyond so many bytes."""
        if self.lives:
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def free_files(self) -> None:
        if self.lives:
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def _send(self, number: int) -> None:
        if self.lives and self._running is not None:
            self._running.send_signal(number)


def _read(line: str) -> Line | None:
    if not line:
        return None
    try:
        said = json.loads(line)
        level = said["level"]
    except (ValueError, KeyError, TypeError):
        return Line(line)  # a traceback, an assertion of the interpreter
    if level in ("debug", "info", "warning"):
        return None
    return Line(line, said["event"], str(said.get("why", said.get("said", ""))), str(said.get("update", "")))
