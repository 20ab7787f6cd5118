"""The bot in a process of its own, over a sandbox that stays: started, killed, started again."""

import asyncio
import os
import signal
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent


@dataclass(eq=False)
class BotProcess:
    """One bot after the other on the same database. Each unexpected end is a failure of the test."""

    sandbox: Sandbox
    database: str
    keys: Path
    folder: Path
    locales: Path | None = None
    deaths: deque[str] = field(default_factory=deque)  # STEP:N for each bot to come; when there are none left, it lives
    kills: int = 0
    _running: asyncio.subprocess.Process | None = None
    _watching: asyncio.Task[None] | None = None
    _stopping: bool = False
    ended_badly: list[int] = field(default_factory=list)

    async def start(self) -> None:
        """Starts a bot that kills itself at the next of the deaths, or lives on."""
        self._stopping = False
        kill_at = [self.deaths.popleft()] if self.deaths else []
        with (self.folder / "bot.log").open("ab") as log:
            self._running = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.story.mortal", *kill_at, cwd=ROOT, env=self._environment(), stderr=log
            )
        self._watching = asyncio.create_task(self._watch(self._running))

    def _environment(self) -> dict[str, str]:
        mine = {
            "BIRGE_TELEGRAM_TOKEN": self.sandbox.bot.token,
            "BIRGE_TELEGRAM_API": self.sandbox.url,
            "BIRGE_DATABASE": self.database,
            "BIRGE_KEYS": str(self.keys),
            "BIRGE_CLOCK": f"{self.sandbox.url}/sandbox/clock",
            "BIRGE_LOG": "DEBUG",
            "BIRGE_ADMIN_LISTEN": "",
        }
        if self.locales is not None:
            mine["BIRGE_LOCALES"] = str(self.locales)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("BIRGE_", "COV_"))}
        return clean | mine

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """A bot that was killed is followed by another; any other end is noted."""
        code = await process.wait()
        if self._stopping:
            return
        if code == -signal.SIGKILL:
            self.kills += 1
            await self.start()
        else:
            self.ended_badly.append(code)

    async def command(self, *arguments: str) -> str:
        """What `birge …` says, beside the bot or without it, with the bot's settings."""
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            cwd=ROOT,
            env=self._environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(done.communicate(), 60)
        assert done.returncode == 0, said.decode()
        return said.decode()

    async def burn(self) -> None:
        """SIGKILL, and nobody comes after it."""
        self._stopping = True
        self.kill()
        if self._watching is not None:
            await self._watching

    def move(self, folder: Path, server_url: str | None) -> None:
        """To an empty machine, with the key ring alone; its database is to be in a file or on that server."""
        folder.mkdir()
        self.keys = self.keys.rename(folder / "birge.keys")
        self.database = server_url or f"sqlite:///{folder / 'birge.sqlite3'}"

    def kill(self) -> None:
        """SIGKILL, now."""
        if self._running is not None and self._running.returncode is None:
            self._running.send_signal(signal.SIGKILL)

    async def stop(self) -> int:
        """A clean stop; returns the exit code."""
        self._stopping = True
        if self._running is None:
            return 0
        if self._running.returncode is None:
            self._running.terminate()
        code = await asyncio.wait_for(self._running.wait(), 15)
        if self._watching is not None:
            await self._watching
        return code

    def log(self) -> str:
        return (self.folder / "bot.log").read_text()
