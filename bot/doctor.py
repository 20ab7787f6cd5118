"""`birge doctor`: what is set up, what is not, and what to do about it."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import domain.cases
import storage.communities
from bot.channels.channel import ChannelUnusable
from bot.channels.telegram import Telegram
from bot.clock import Clock
from bot.config import Settings, WrongSetting, need_token
from storage.database import Database, DatabaseTaken, DatabaseUnusable
from storage.operation import BACKED_UP_AT
from storage.snapshot import masters_in_use, notes, snapshot
from storage.vault import KeyRing, KeyRingUnusable, Vault, read_key_ring

_BACKUP_LASTS = timedelta(hours=26)  # one a night, with some delay


@dataclass(frozen=True, slots=True)
class Finding:
    good: bool
    sentence: str


async def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order an operator mends things."""
    return [
        *await _messenger(settings),
        *_keys(settings),
        *await _database(settings),
        *_backup_and_masters(settings, Clock().now()),
    ]


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


def _backup_and_masters(settings: Settings, now: datetime) -> list[Finding]:
    """Read beside a bot that runs, too."""
    try:
        ring = read_key_ring(settings.keys)
        with snapshot(settings.database) as connection:
            noted, used = notes(connection), masters_in_use(connection)
    except (KeyRingUnusable, DatabaseUnusable):
        return []  # the checks before this one say so
    return [_backup(noted.get(BACKED_UP_AT), now), *_masters(ring, settings, used)]


def _backup(noted: str | None, now: datetime) -> Finding:
    if noted is None:
        return Finding(False, "There is no backup yet. Let this run every night: birge backup FILE")
    made = datetime.fromisoformat(noted)
    said = f"The last backup is of {made:%Y-%m-%d %H:%M} UTC"
    if now - made > _BACKUP_LASTS:
        return Finding(False, f"{said}, older than a day. Look why it did not run, and run: birge backup FILE")
    return Finding(True, f"{said}.")


def _masters(ring: KeyRing, settings: Settings, used: dict[str, int]) -> list[Finding]:
    return [
        Finding(
            False,
            f"The key ring {settings.keys} lacks the key of {month}, which wraps {count} keys of this database: "
            "put back a copy that has it.",
        )
        for month, count in used.items()
        if month not in ring.masters
    ]
