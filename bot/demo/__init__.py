"""`birge demo`: the sandbox, the bot and three example communities, in one process, shown in a browser page."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console

from bot import logs
from bot.app import Birge, opened
from bot.clock import Clock
from bot.config import Settings, WrongSetting
from bot.demo.acting import PIN
from bot.demo.cast import Cast, read_cast
from bot.demo.company import Company
from bot.demo.life import BEGINS, Life
from bot.demo.passing import Passing, StoryPacer
from bot.setup import Codes, init
from sandbox import Limits, Sandbox

_TOKEN = "100:demo"  # noqa: S105 - of the pretend messenger
_TICK = 0.4
# Whom the page shows side by side at first.
SIDES = {"left": "parent_5a", "right": "head_5a"}


async def serve(port: int, console: Console, cast: Cast | None = None) -> None:
    """Serves the page until it is cancelled; the communities come to life while one looks at them."""

    def tell(words: str) -> None:
        console.print(words, highlight=False, markup=False, soft_wrap=True)

    logs.set_up("ERROR")
    sandbox = Sandbox(token=_TOKEN, username="birge_bot", name="Birge", limits=Limits())
    cast = cast or read_cast()
    passing = Passing(sandbox, cast.places[0]["zone"])
    passing.begin(*BEGINS)
    async with contextlib.AsyncExitStack() as stack:
        await _open_page(sandbox, port)
        stack.push_async_callback(sandbox.stop)
        birge, codes = await stack.enter_async_context(_bot(sandbox, passing))
        company = Company(sandbox, cast)
        life = Life(company, passing, lambda: _rested(sandbox, birge), tell)
        tell(f"Birge's demo: {sandbox.url}/?{_shown(company)}")
        working = await stack.enter_async_context(_running(birge.run()))
        await birge.working.wait()
        await birge.introduce()
        async with _running(_tick_quickly(birge)), _running(life.play(codes)) as playing:
            await asyncio.wait((playing, working), return_when=asyncio.FIRST_COMPLETED)
            await (working if working.done() else playing)  # a bot that breaks ends the demo, with the reason
        tell(
            "The communities are there. Choose somebody in the page and write. Ctrl-C ends. "
            f"The PIN of whoever works for the hotline: {PIN}; the page says so beside their names."
        )
        await working


@contextlib.asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Work that goes on alongside, and is over after it."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _tick_quickly(birge: Birge) -> None:
    """While the story's time runs fast, so do the jobs."""
    while True:
        await birge.scheduler.run_all()
        await asyncio.sleep(_TICK)


def _shown(company: Company) -> str:
    """What the page shows: two people, each in her chat with the bot."""
    chosen = ((side, company.by_handle(handle)) for side, handle in SIDES.items())
    return "&".join(f"{side}={one.person.id}&{side}chat={one.chat.id}" for side, one in chosen)


async def _rested(sandbox: Sandbox, birge: Birge) -> None:
    """Returns when every update is handled, what is due at this time of the story is done, and all of it is sent."""
    await _settled(sandbox, birge)
    await birge.scheduler.run_all()
    await _settled(sandbox, birge)


async def _settled(sandbox: Sandbox, birge: Birge) -> None:
    while True:
        await sandbox.until(lambda: sandbox.pending_updates == 0, timeout=30)
        await birge.sender.rested()
        if sandbox.pending_updates == 0 and birge.sender.is_rested:
            return


async def _open_page(sandbox: Sandbox, port: int) -> None:
    try:
        await sandbox.start(port)
    except OSError as error:
        raise WrongSetting(f"Port {port} is taken. Choose another: make demo ARGS=--port=8090") from error


@contextlib.asynccontextmanager
async def _bot(sandbox: Sandbox, passing: Passing) -> AsyncIterator[tuple[Birge, Codes]]:
    """A bot with a fresh database that is gone with the demo."""
    with tempfile.TemporaryDirectory(prefix="birge-demo-") as folder:
        url, keys = f"sqlite:///{folder}/birge.sqlite3", Path(folder) / "birge.keys"
        clock = Clock()
        clock.set_offset(sandbox.clock.offset)
        codes = await init(url, keys, "Birge", "az", clock.now())
        settings = Settings.model_validate(
            {
                "telegram_token": _TOKEN,
                "telegram_api": sandbox.url,
                "database": url,
                "keys": keys,
            }
        )
        sandbox.clock.changes.followers.append(lambda: clock.set_offset(sandbox.clock.offset))
        async with opened(settings, clock, StoryPacer(passing)) as birge:
            yield birge, codes
