"""`birge doctor`: what is set up, what is not, and what to do about it."""

import asyncio
import contextlib
import platform
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path

import storage.canary
import storage.cases
import storage.chats
import storage.communities
import storage.hotline
import storage.letters
import storage.operation
import storage.schema
from bot import VERSION, restarts, witnesses
from bot.channels.channel import ChannelUnusable
from bot.channels.telegram import Place, Telegram
from bot.channels.translate import ALLOWED_UPDATES
from bot.checklist import setup_of
from bot.clock import Clock
from bot.config import Settings, WrongSetting, address_of, need_token
from bot.render import LOCALES, Renderer
from domain.canary import Canary, Ended
from domain.hotline_checklist import findings, missing
from domain.requests import Chat, Community
from domain.roles import Role
from storage.backups import outlived
from storage.database import Connection, Database, DatabaseTaken, DatabaseUnusable, looking
from storage.operation import BACKED_UP_AT
from storage.snapshot import masters_in_use, notes, snapshot
from storage.sqlite import sqlite_path
from storage.vault import KeyRing, KeyRingUnusable, Vault, read_key_ring

_BACKUP_LASTS = timedelta(hours=26)  # one a night, with some delay

_GROUPS = 200  # are asked about at most
_PACE = 0.05  # seconds between two questions to Telegram
_SKEW = 5.0  # seconds
_ROOM = 1024**3  # bytes beside the database


class About(StrEnum):
    """What a finding is about. docs/operating.md has a runbook for each."""

    MESSENGER = "messenger"
    WEBHOOK = "webhook"
    ALLOWED_UPDATES = "allowed-updates"
    PRIVACY_MODE = "privacy-mode"
    CLOCK = "clock"
    GROUPS = "groups"
    KEYS = "keys"
    BACKUP = "backup"
    DATABASE = "database"
    MIGRATION = "migration"
    RESTARTS = "restarts"
    LETTERS = "letters"
    DISK = "disk"
    OLD_COPIES = "old-copies"
    ADMIN = "admin"
    CALENDARS = "calendars"
    OPERATOR = "operator"
    HOTLINE = "hotline"
    LOG = "log"
    VERSIONS = "versions"


@dataclass(frozen=True, slots=True)
class Finding:
    good: bool
    sentence: str
    about: About


async def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order an operator mends things."""
    async with contextlib.AsyncExitStack() as stack:
        found, channel = await _messenger(settings, stack)
        kept = [*await _database(settings, channel), *_backup_and_masters(settings, Clock().now())]
        return [
            *found,
            *_keys(settings),
            *kept,
            *_disk(settings),
            *_admin(settings),
            _calendars(settings),
            _operator(settings),
        ]


# --- the messenger --------------------------------------------------------------------------------------------------


async def _messenger(settings: Settings, stack: contextlib.AsyncExitStack) -> tuple[list[Finding], Telegram | None]:
    try:
        channel = Telegram(need_token(settings), settings.telegram_api)
        await channel.open()
    except (WrongSetting, ChannelUnusable) as error:
        return [Finding(False, str(error), About.MESSENGER)], None
    stack.push_async_callback(channel.close)
    answers = Finding(True, f"Telegram answers: the bot is @{channel.username}.", About.MESSENGER)
    return [answers, *await _webhook(channel), _privacy_mode(channel), await _clock(channel)], channel


async def _webhook(channel: Telegram) -> list[Finding]:
    webhook = await channel.webhook()
    if webhook is None:
        return [Finding(False, "Telegram does not say whether a webhook is set. Try again.", About.WEBHOOK)]
    if webhook.is_set:
        sentence = "A webhook is set at Telegram, so polling gets nothing. Delete it with: deleteWebhook"
        return [Finding(False, sentence, About.WEBHOOK)]
    found = [Finding(True, "Updates are polled; no webhook is in the way.", About.WEBHOOK)]
    return [*found, _allowed_updates(webhook.kinds)]


def _allowed_updates(kinds: frozenset[str] | None) -> Finding:
    """`kinds` as Telegram keeps them; None, or a program that never asked for any: all that Birge wants, and more."""
    missing = [] if kinds is None else [kind for kind in ALLOWED_UPDATES if kind not in kinds]
    if not missing:
        return Finding(True, "Telegram hands out every kind of update that Birge wants.", About.ALLOWED_UPDATES)
    sentence = (
        f"Telegram was told by another program not to hand out {', '.join(missing)}. Stop that program; the next "
        "birge run asks for them again."
    )
    return Finding(False, sentence, About.ALLOWED_UPDATES)


def _privacy_mode(channel: Telegram) -> Finding:
    if channel.account.get("can_read_all_group_messages"):
        sentence = (
            "Privacy mode is off: Telegram hands Birge every message of its groups. To hand it only commands, turn the "
            "mode on with /setprivacy at @BotFather and add the bot to its groups again."
        )
    else:
        sentence = (
            "Privacy mode is on: in a group Birge sees only commands and answers to its messages, and everything where "
            "it is an administrator. Words of danger written in other groups don't reach it."
        )
    return Finding(True, sentence, About.PRIVACY_MODE)


async def _clock(channel: Telegram) -> Finding:
    before = Clock().now()
    there = await channel.time()
    here = Clock().now()
    if there is None:
        return Finding(True, "Telegram names no time, so this machine's clock can't be compared.", About.CLOCK)
    ahead = (before + (here - before) / 2 - there).total_seconds()
    if abs(ahead) <= _SKEW:
        return Finding(True, "This machine's clock agrees with Telegram's.", About.CLOCK)
    side = "ahead of" if ahead > 0 else "behind"
    sentence = (
        f"This machine's clock is {abs(ahead):.0f} seconds {side} Telegram's, so reminders come at the wrong time. "
        "Set it by the network: timedatectl set-ntp true"
    )
    return Finding(False, sentence, About.CLOCK)


async def _groups(db: Connection, channel: Telegram) -> list[Finding]:
    """A question or two for each group chat, one after the other."""
    chats = await storage.chats.bound(db, _GROUPS + 1)
    found = []
    for chat, community in chats[:_GROUPS]:
        found += _of_group(chat, community, await channel.place_in(chat.address))
        await asyncio.sleep(_PACE)
    if not found and chats:
        found.append(Finding(True, "The bot can work in every group chat it was looked for in.", About.GROUPS))
    if len(chats) > _GROUPS:
        found.append(Finding(True, f"Only the first {_GROUPS} group chats were looked at.", About.GROUPS))
    return found


def _of_group(chat: Chat, community: str, place: Place | None) -> list[Finding]:
    where = f"The group chat of {community} (community {chat.community_id})"
    if place is None:
        sentence = f"{where}: Telegram does not say what the bot may do there. Try again."
    elif not place.member:
        sentence = f"{where}: the bot is no longer in it. Ask an administrator of the group to add it again."
    elif not place.writes:
        sentence = f"{where}: the bot may not write there. Ask an administrator of the group to let it."
    elif not place.opens_polls:
        sentence = f"{where}: the bot may not open polls there. Ask an administrator of the group to let it."
    else:
        return []
    return [Finding(False, sentence, About.GROUPS)]


# --- the key ring and the database ----------------------------------------------------------------------------------


def _keys(settings: Settings) -> list[Finding]:
    try:
        read_key_ring(settings.keys)
    except KeyRingUnusable as error:
        return [Finding(False, str(error), About.KEYS)]
    mode = settings.keys.stat().st_mode & 0o777
    if mode & 0o077:
        sentence = f"The key ring {settings.keys} can be read by others: chmod 600 {settings.keys}"
        return [Finding(False, sentence, About.KEYS)]
    return [Finding(True, f"The key ring {settings.keys} is in order.", About.KEYS)]


async def _database(settings: Settings, channel: Telegram | None) -> list[Finding]:
    try:
        async with _opened(settings) as (db, first):
            return [first, *await _inside(db, settings, channel)]
    except (KeyRingUnusable, DatabaseUnusable) as error:
        return [Finding(False, str(error), About.DATABASE)]


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Connection, Finding]]:
    """A connection that reads; while a Birge runs on the database, one beside it."""
    vault = Vault(read_key_ring(settings.keys))
    async with contextlib.AsyncExitStack() as stack:
        try:
            database = await Database.open(settings.database, vault)
        except DatabaseTaken:
            db = await stack.enter_async_context(looking(settings.database, vault))
            yield db, Finding(True, "The database is in use by a Birge that runs.", About.DATABASE)
            return
        stack.push_async_callback(database.close)
        db = await stack.enter_async_context(database.reading())
        yield db, Finding(True, "The database can be read and written.", About.DATABASE)


async def _inside(db: Connection, settings: Settings, channel: Telegram | None) -> list[Finding]:
    migration, engine = await storage.operation.migration(db), await storage.operation.engine(db, settings.database)
    found = [_versions(engine)]
    if migration != storage.schema.newest():
        return [*found, _other_migration(migration)]
    found.append(Finding(True, f"The database's tables are up to date (migration {migration}).", About.MIGRATION))
    root = await storage.communities.root(db)
    if root is None:
        return [*found, Finding(False, "The database has no network yet. Make one with: birge init", About.DATABASE)]
    now = Clock().now()
    found += [*await _restarts(db, now), *await _letters(db)]
    if channel is not None:
        found += await _groups(db, channel)
    return [*found, *await _hotline(db, root, settings, now), *await _log(db, settings, now)]


async def _hotline(db: Connection, root: Community, settings: Settings, now: datetime) -> list[Finding]:
    """The same checklist as /duty shows."""
    renderer = Renderer(lambda link: link.payload, settings.locales or LOCALES)
    facts = await storage.hotline.facts(db, root, setup_of(settings, renderer), now)
    found = [Finding(False, sentence, About.HOTLINE) for sentence in findings(facts, now.date())]
    if missing(facts):
        return found
    return [Finding(True, "The hotline is open.", About.HOTLINE), _canary(await storage.canary.last(db)), *found]


def _canary(last: Canary | None) -> Finding:
    if last is None:
        return Finding(True, "There was no weekly test of the hotline yet.", About.HOTLINE)
    how = {
        Ended.WAITING: "waits for a helper",
        Ended.TAKEN: f"was taken after {last.minutes} minutes",
        Ended.MISSED: "was taken by nobody in time",
    }
    sentence = f"The last weekly test of the hotline, of {last.sent_at:%Y-%m-%d}, {how[last.ended]}."
    return Finding(last.ended is not Ended.MISSED, sentence, About.HOTLINE)


async def _log(db: Connection, settings: Settings, now: datetime) -> list[Finding]:
    """The log of the cases against itself and the list of its witnesses; and who holds witnesses elsewhere."""
    verdict = await witnesses.examine(db, settings.keys, now)
    if verdict.broken is not None:
        log = Finding(False, f"The hotline's log: entry {verdict.broken} is not as it was written.", About.LOG)
    elif verdict.lost is not None:
        sentence = f"The hotline's log: entry {verdict.lost}, which was witnessed, is not in it as it was."
        log = Finding(False, sentence, About.LOG)
    else:
        log = Finding(True, "The hotline's log: everything is as it was written and witnessed.", About.LOG)
    if await storage.cases.office(db, frozenset({Role.AUDITOR}), now):
        return [log]
    sentence = "The hotline has no auditor: its log is witnessed by the list beside the key ring alone."
    return [log, Finding(True, sentence, About.LOG)]


def _versions(engine: str) -> Finding:
    bot_api = f"python-telegram-bot {version('python-telegram-bot')}"
    sentence = f"Birge {VERSION}, Python {platform.python_version()}, {engine}, {bot_api}."
    return Finding(True, sentence, About.VERSIONS)


def _other_migration(migration: str | None) -> Finding:
    newest = storage.schema.newest()
    sentence = f"The database's tables are of migration {migration}, this Birge's of {newest}. "
    older = migration is None or migration < newest
    sentence += "birge run brings them up to date." if older else "Update Birge first."
    return Finding(False, sentence, About.MIGRATION)


async def _restarts(db: Connection, now: datetime) -> list[Finding]:
    starts = await restarts.too_many(db, now)
    if not starts:
        return []
    sentence = f"Birge started {starts} times within 10 minutes and got nowhere: its log says where it broke."
    return [Finding(False, sentence, About.RESTARTS)]


async def _letters(db: Connection) -> list[Finding]:
    count = await storage.letters.count(db)
    if not count:
        return []
    sentence = f"Messages that could not be delivered: {count}. See them with: birge letters"
    return [Finding(False, sentence, About.LETTERS)]


# --- this machine ---------------------------------------------------------------------------------------------------


def _disk(settings: Settings) -> list[Finding]:
    """What lies beside a database that is a file."""
    if not settings.database.startswith("sqlite:"):
        return []
    path = sqlite_path(settings.database)
    if not path.exists():
        return []
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    needed = max(_ROOM, 2 * size)  # an upgrade and a backup make a copy each
    room = Finding(True, f"There are {_gigabytes(free)} free beside the database.", About.DISK)
    if free < needed:
        sentence = f"Only {_gigabytes(free)} are free beside the database; make room for {_gigabytes(needed)}."
        room = Finding(False, sentence, About.DISK)
    return [room, *(_old_copy(copy) for copy in sorted(path.parent.glob(f"{path.name}.before-*")))]


def _old_copy(copy: Path) -> Finding:
    sentence = f"{copy} is the database as it was before an upgrade. When all is well, delete it: rm {copy}"
    return Finding(False, sentence, About.OLD_COPIES)


def _gigabytes(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB"


def _admin(settings: Settings) -> list[Finding]:
    address = address_of(settings.admin_listen)
    if address is None:
        sentence = "Nobody can watch Birge: BIRGE_ADMIN_LISTEN is empty, so there are no health, readiness and metrics."
    elif _is_loopback(address[0]):
        sentence = f"Health, readiness and metrics are served on this machine alone, at {settings.admin_listen}."
    else:
        sentence = (
            f"Health, readiness and metrics are served at {settings.admin_listen}, to whoever reaches it: let a "
            "firewall or the container's network keep everybody but your monitoring away."
        )
    return [Finding(True, sentence, About.ADMIN)]


def _calendars(settings: Settings) -> Finding:
    if not settings.public_url:
        sentence = "People get files for their calendars; to give them an address of their own, set BIRGE_PUBLIC_URL."
    else:
        sentence = f"People's calendars are at {settings.public_url}/feeds/, served at {settings.listen} for a proxy."
    return Finding(True, sentence, About.CALENDARS)


def _operator(settings: Settings) -> Finding:
    if not settings.operator:
        sentence = "Nobody is told when something breaks; the log says it. To be told, set BIRGE_OPERATOR."
    else:
        sentence = f"Whoever is told when something breaks: {settings.operator}."
    return Finding(True, sentence, About.OPERATOR)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# --- what is kept ---------------------------------------------------------------------------------------------------


def _backup_and_masters(settings: Settings, now: datetime) -> list[Finding]:
    """Read beside a bot that runs, too."""
    try:
        ring = read_key_ring(settings.keys)
        with snapshot(settings.database) as connection:
            noted, used = notes(connection), masters_in_use(connection)
    except (KeyRingUnusable, DatabaseUnusable):
        return []  # the checks before this one say so
    kept = timedelta(days=settings.backups_kept_days)
    old = [_old_backup(path, made, settings) for path, made in outlived(noted, now, kept)]
    return [_backup(noted.get(BACKED_UP_AT), now), *old, *_masters(ring, settings, used)]


def _old_backup(path: Path, made: datetime, settings: Settings) -> Finding:
    sentence = (
        f"The backup {path} is of {made:%Y-%m-%d}, older than backups are kept ({settings.backups_kept_days} days): "
        f"what was destroyed since lies in it. Delete it: rm {path}"
    )
    return Finding(False, sentence, About.OLD_COPIES)


def _backup(noted: str | None, now: datetime) -> Finding:
    if noted is None:
        return Finding(False, "There is no backup yet. Let this run every night: birge backup FILE", About.BACKUP)
    made = datetime.fromisoformat(noted)
    said = f"The last backup is of {made:%Y-%m-%d %H:%M} UTC"
    if now - made > _BACKUP_LASTS:
        sentence = f"{said}, older than a day. Look why it did not run, and run: birge backup FILE"
        return Finding(False, sentence, About.BACKUP)
    return Finding(True, f"{said}.", About.BACKUP)


def _masters(ring: KeyRing, settings: Settings, used: dict[str, int]) -> list[Finding]:
    return [
        Finding(
            False,
            f"The key ring {settings.keys} lacks the key of {month}, which wraps {count} keys of this database: "
            "put back a copy that has it.",
            About.KEYS,
        )
        for month, count in used.items()
        if month not in ring.masters
    ]
