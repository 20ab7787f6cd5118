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
from bot.demo.cast import Cast, read_cast
from bot.demo.company import Company
from bot.demo.life import BEGINS, Life
from bot.demo.passing import Passing, StoryPacer
from bot.setup import Codes, init
from sandbox import Limits, Sandbox

_TOKEN = "100:demo"  # noqa: S105 - of the pretend messenger
# Whom the page shows side by side at first.
SIDES = {"left": "parent_5a", "right": "head_5a"}


async def serve(port: int, console: Console, cast: Cast | None = None) -> None:
    """Serves the page until it is cancelled; the communities come to life while one looks at them."""

    def tell(words: str) -> None:
        console.print(words, highlight=False, markup=False, soft_wrap=True)

    logs.set_up("WARNING")
    sandbox = Sandbox(token=_TOKEN, username="birge_bot", name="Birge", limits=Limits())
    cast = cast or read_cast()
    passing = Passing(sandbox, cast.places[0]["zone"])
    passing.begin(*BEGINS)
    async with contextlib.AsyncExitStack() as stack:
        await _open_page(sandbox, port)
        stack.push_async_callback(sandbox.stop)
        birge, codes = await stack.enter_async_context(_bot(sandbox))
        company = Company(sandbox, cast)
        life = Life(company, passing, lambda: _rested(sandbox, birge), tell)
        tell(f"Birge's demo: {sandbox.url}/?{_shown(company)}")
        working = asyncio.create_task(birge.run())
        try:
            await birge.working.wait()
            await birge.set_menus()
            await _unless_it_ends(life.play(codes), working)
            tell("The communities are there. Choose somebody in the page and write. Ctrl-C ends.")
            await working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def _unless_it_ends(living: Coroutine[Any, Any, None], working: asyncio.Task[None]) -> None:
    """Plays the story to its end. A bot that breaks ends the demo, with the reason."""
    playing = asyncio.create_task(living)
    try:
        await asyncio.wait((playing, working), return_when=asyncio.FIRST_COMPLETED)
        await (working if working.done() else playing)
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


def _shown(company: Company) -> str:
    """What the page shows: two people, each in her chat with the bot."""
    chosen = ((side, company.by_handle(handle)) for side, handle in SIDES.items())
    return "&".join(f"{side}={one.person.id}&{side}chat={one.chat.id}" for side, one in chosen)


async def _rested(sandbox: Sandbox, birge: Birge) -> None:
    """Returns when every update is handled, what is due at this time of the story is done, and all of it is sent."""
    birge.clock.set_offset(sandbox.clock.offset)
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
async def _bot(sandbox: Sandbox) -> AsyncIterator[tuple[Birge, Codes]]:
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
                "clock": f"{sandbox.url}/sandbox/clock",
            }
        )
        async with opened(settings, clock, StoryPacer(sandbox.clock)) as birge:
            yield birge, codes
