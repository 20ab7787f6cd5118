"""The command line: birge run | demo | init | doctor | letters | health | backup | restore | keys."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from rich.console import Console

from bot import logs
from bot.channels.channel import ChannelUnusable
from bot.clock import Clock
from bot.config import Settings, WrongSetting, need_token, read_settings
from bot.stopping import Stop
from storage.backup import BackupUnusable
from storage.database import DatabaseFails, DatabaseUnusable
from storage.vault import KeyRingUnusable

app = App(name="birge", help="Birge, the bot that school communities run on.")
keys = App(name="keys", help="The master keys in the key ring: list, rotate, destroy.")
app.command(keys)
console = Console()
errors = Console(stderr=True)

# What an operator can mend: one sentence and this exit code, no traceback.
_UNUSABLE = 2


@app.command
def run() -> int:
    """Run the bot until it is stopped."""
    settings = read_settings()
    need_token(settings)
    logs.set_up(settings.log)
    from storage.schema import create_or_migrate
    from storage.vault import read_key_ring

    read_key_ring(settings.keys)
    asyncio.run(_must_fit(settings))
    create_or_migrate(settings.database, must_exist=True)
    return _until_stopped(_run(settings))


@app.command
def demo(port: Annotated[int, Parameter(help="Where the page is served; 0 takes any free port.")] = 8080) -> int:
    """A pretend messenger, the bot and example schools in a browser page; needs no token."""
    from bot.demo import serve

    return _until_stopped(serve(port, console))


@app.command
def init(*, name: str, country: Literal["az", "kz", "ru", "ua"] = "az") -> int:
    """Make the database, the key ring and the network at the root of the tree; print its two codes, once."""
    from bot.setup import init as make

    settings = read_settings()
    codes = asyncio.run(make(settings.database, settings.keys, name, country, Clock().now()))
    console.print(f"owner code: {codes.owner}", highlight=False)
    console.print(f"supervisor code: {codes.supervisor}", highlight=False)
    console.print("Each works once, within 24 hours: send /start CODE to the bot.", highlight=False)
    console.print("Give the supervisor code to somebody outside the schools.", highlight=False)
    return 0


@app.command
def doctor() -> int:
    """Check the settings, the database, the key ring, the messenger and the hotline, and say what to do."""
    from bot.doctor import examine

    settings = read_settings()
    logs.set_up("ERROR")
    findings = asyncio.run(examine(settings))
    for finding in findings:
        console.print(f"{'ok' if finding.good else '!!'}  {finding.sentence}", highlight=False)
    return 0 if all(finding.good for finding in findings) else 1


@app.command
def letters(
    action: Annotated[Literal["list", "retry"], Parameter(help="See them, or send again.")] = "list",
    which: Annotated[str, Parameter(help="The number of one, or all.")] = "",
) -> int:
    """Messages that were given up: list them, or retry one or all; after 14 days they are gone."""
    from bot.letters import listed, send_again
    from bot.letters import which as read_which

    settings = read_settings()
    logs.set_up("ERROR")
    if action == "retry":
        console.print(asyncio.run(send_again(settings, read_which(which))), highlight=False)
        return 0
    found = asyncio.run(listed(settings))
    for line in found or ["No message was given up."]:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    return 0


@app.command
def health() -> int:
    """Whether the bot runs and works: for the container's health check."""
    from bot.heartbeat import is_beating

    settings = read_settings()
    if is_beating(settings.database, Clock().now()):
        return 0
    errors.print("The bot does not run, or has not worked for a minute.", highlight=False)
    return 1


@app.command
def backup(file: Annotated[Path, Parameter(help="The file to write; it must not exist.")]) -> int:
    """Write everything but the key ring to one file, while the bot runs, and read it back."""
    from storage.backup import back_up
    from storage.vault import read_key_ring

    settings = read_settings()
    made = back_up(settings.database, read_key_ring(settings.keys), file, _now(settings))
    _say(f"{file} is whole: {made.rows} rows of {len(made.tables)} tables.")
    return 0


@app.command
def restore(file: Annotated[Path, Parameter(help="What birge backup wrote.")]) -> int:
    """Make the database of a backup, where there is none or an empty one. The bot must not run on it yet."""
    from storage.restore import restore as make

    settings = read_settings()
    made = make(settings.database, settings.keys, file, _now(settings))
    _say(f"Restored {made.manifest.rows} rows as they were at {made.manifest.made_at}.")
    if made.destroyed:
        _say(f"{made.destroyed} keys that were destroyed since then stay destroyed.")
    if made.waiting:
        _say(f"{made.waiting} messages waited then and will be sent; some may have been sent since.")
    return 0


@keys.command(name="list")
def list_keys() -> int:
    """The master keys: what each wraps, and until when backups may need it."""
    from bot.masters import table

    for line in table(read_settings()):
        _say(line)
    return 0


@keys.command
def rotate(*, again: Annotated[bool, Parameter(help="One more key in a month that has its own.")] = False) -> int:
    """Add this month's master key; destroy those that no kept backup needs. The bot notices while it runs."""
    from bot.masters import rotate as turn

    settings = read_settings()
    for line in turn(settings, _now(settings), again=again):
        _say(line)
    return 0


@keys.command
def destroy(month: Annotated[str, Parameter(help="Its name, as birge keys list shows it.")]) -> int:
    """Destroy a master key that no kept backup needs any more."""
    from bot.masters import destroy as end

    settings = read_settings()
    _say(end(settings, month, _now(settings)))
    return 0


def _now(settings: Settings) -> datetime:
    """The time, by a stand-in's clock where there is one."""

    async def asked() -> datetime:
        clock = Clock()
        async with clock.following(settings.clock):
            return clock.now()

    return asyncio.run(asked()) if settings.clock else Clock().now()


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


async def _must_fit(settings: Settings) -> None:
    """Before anything is changed: a key ring that doesn't fit may mean that it is the wrong database."""
    from storage.database import Database
    from storage.keyring import destroyed
    from storage.keys import must_open
    from storage.vault import Vault, read_key_ring

    database = await Database.open(settings.database, Vault(read_key_ring(settings.keys)))
    try:
        async with database.reading() as db:
            await must_open(db, set(destroyed(settings.keys)))
    finally:
        await database.close()


async def _run(settings: Settings) -> None:
    from bot.app import opened
    from bot.watching import Watching
    from bot.web import serving, serving_feeds

    async with contextlib.AsyncExitStack() as stack:
        birge = await stack.enter_async_context(opened(settings))
        await stack.enter_async_context(serving(settings.admin_listen, Watching(birge, settings.database)))
        if settings.public_url:  # else nobody could be told where the calendars are
            await stack.enter_async_context(serving_feeds(settings.listen, birge))
        await birge.introduce()
        await birge.run()


def _until_stopped(work: Coroutine[Any, Any, None]) -> int:
    """Runs until the work ends or SIGTERM or SIGINT asks for a clean stop; a second one doesn't wait for it."""
    stop = Stop()

    async def watched() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for asked in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(asked, stop.asked, task)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(watched())
    finally:
        stop.over()
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one: calls of the messenger cost it a third less."""
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.new_event_loop


def main() -> None:
    try:
        sys.exit(app())
    except (WrongSetting, KeyRingUnusable, DatabaseUnusable, BackupUnusable, ChannelUnusable) as error:
        errors.print(str(error), highlight=False, markup=False, soft_wrap=True)
        sys.exit(_UNUSABLE)
    except DatabaseFails as error:
        said = str(error).partition("\n")[0]
        errors.print(f"The database can't be written: {said}.", highlight=False, markup=False, soft_wrap=True)
        sys.exit(_UNUSABLE)
    except Exception as error:  # noqa: BLE001 - a traceback could quote what somebody wrote
        errors.print(f"Birge stopped: {logs.where_it_broke(error)}", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
