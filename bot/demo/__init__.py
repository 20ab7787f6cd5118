"""`birge demo`: the sandbox, the bot and three example communities, in one process, shown in a browser page."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from bot import logs
from bot.app import Birge, opened
from bot.clock import Clock
from bot.config import Settings, WrongSetting
from bot.demo.life import play
from bot.setup import Codes, init
from sandbox import Limits, Sandbox

_TOKEN = "100:demo"  # noqa: S105 - of the pretend messenger
_DAYS_OF_LIFE = 4


async def serve(port: int, console: Console) -> None:
    """Serves the page until it is cancelled; the communities come to life while one looks at them."""
    logs.set_up("WARNING")
    sandbox = Sandbox(token=_TOKEN, username="birge_bot", name="Birge", limits=Limits())
    sandbox.clock.advance(-timedelta(days=_DAYS_OF_LIFE))
    async with contextlib.AsyncExitStack() as stack:
        await _open_page(sandbox, port)
        stack.push_async_callback(sandbox.stop)
        console.print(f"Birge's demo: {sandbox.url}", highlight=False)
        birge, codes = await stack.enter_async_context(_bot(sandbox))
        working = asyncio.create_task(birge.run())
        try:
            await birge.working.wait()
            await birge.set_menus()
            await play(sandbox, codes)
            console.print("The communities are there. Choose somebody in the page and write. Ctrl-C ends.")
            await working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


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
        async with opened(settings, clock) as birge:
            yield birge, codes
