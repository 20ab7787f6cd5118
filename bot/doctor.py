"""`birge doctor`: what is set up, what is not, and what to do about it."""

import contextlib
from dataclasses import dataclass

import domain.cases
import storage.communities
from bot.channels.channel import ChannelUnusable
from bot.channels.telegram import Telegram
from bot.clock import Clock
from bot.config import Settings, WrongSetting, need_token
from storage.database import Database, DatabaseTaken, DatabaseUnusable
from storage.vault import KeyRingUnusable, Vault, read_key_ring


@dataclass(frozen=True, slots=True)
class Finding:
    good: bool
    sentence: str


async def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order an operator mends things."""
    return [*await _messenger(settings), *_keys(settings), *await _database(settings)]


async def _messenger(settings: Settings) -> list[Finding]:
    try:
        channel = Telegram(need_token(settings), settings.telegram_api)
        await channel.open()
    except (WrongSetting, ChannelUnusable) as error:
        return [Finding(False, str(error))]
    try:
        found = [Finding(True, f"Telegram answers: the bot is @{channel.username}.")]
        return found + [Finding(False, sentence) for sentence in await channel.complaints()]
    finally:
        await channel.close()


def _keys(settings: Settings) -> list[Finding]:
    try:
        read_key_ring(settings.keys)
    except KeyRingUnusable as error:
        return [Finding(False, str(error))]
    mode = settings.keys.stat().st_mode & 0o777
    if mode & 0o077:
        return [Finding(False, f"The key ring {settings.keys} can be read by others: chmod 600 {settings.keys}")]
    return [Finding(True, f"The key ring {settings.keys} is in order.")]


async def _database(settings: Settings) -> list[Finding]:
    try:
        database = await Database.open(settings.database, Vault(read_key_ring(settings.keys)))
    except DatabaseTaken:
        # Its country stands in there; that the hotline opens in a demo alone is sure all the same.
        closed = domain.cases.why_closed(domain.cases.Checklist(settings.is_stand_in, has_numbers=True))
        taken = Finding(True, "The database is in use by a Birge that runs.")
        return [taken, *(Finding(False, sentence) for sentence in closed)]
    except (KeyRingUnusable, DatabaseUnusable) as error:
        return [Finding(False, str(error))]
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        async with database.reading() as db:
            root = await storage.communities.root(db)
    if root is None:
        return [Finding(False, "The database has no network yet. Make one with: birge init")]
    today = Clock().now().date()
    hotline = domain.cases.findings(root.country, today, is_stand_in=settings.is_stand_in)
    return [Finding(True, "The database is in order."), *(Finding(False, sentence) for sentence in hotline)]
