"""`birge letters`: messages that were given up, and sending them again.

While the bot runs, its database has one writer: the bot. So asking to send again is a file beside the database, which
the bot takes at its next beat. Whoever can write there can write the database itself: the file gives nobody more.
"""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import structlog

import storage.letters
from bot.config import Settings, WrongSetting
from domain.messages import Lane
from storage.database import Connection, Database, DatabaseTaken, looking
from storage.letters import Letter
from storage.vault import Vault, read_key_ring

logger = structlog.get_logger(__name__)

ALL = "all"
_LONGEST_ID = 18  # digits
_MOST_BYTES = 1_000_000


def requests_file(database: Path) -> Path:
    return database.with_name(f"{database.name}.letters")


# --- on the command line ----------------------------------------------------------------------------------------------


async def listed(settings: Settings) -> list[str]:
    """A line for each letter, the oldest first."""
    async with looking(settings.database) as db:
        return [_line(one) for one in await storage.letters.kept(db)]


def _line(letter: Letter) -> str:
    lane = Lane(letter.lane).name.lower()
    at = f"{letter.given_up_at:%Y-%m-%d %H:%M} UTC"
    tries = f"{letter.attempts} {'try' if letter.attempts == 1 else 'tries'}"
    said = f": {letter.said}" if letter.said else ""
    return f"{letter.id}  {at}  {lane} {letter.kind}, {tries}, {letter.reason}{said}"


def which(typed: str) -> list[int] | None:
    """The ids that were asked for; None: all. Raises WrongSetting."""
    if typed == ALL:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_ID):
        raise WrongSetting("Say which letter to send again, by its number or all: birge letters retry 17")
    return [int(typed)]


async def send_again(settings: Settings, ids: Sequence[int] | None) -> str:
    """Has them sent again, by the bot that runs or at the next start; returns what to tell the operator."""
    async with looking(settings.database) as db:
        if not await storage.letters.count(db):
            return "No message was given up."
    try:
        database = await Database.open(settings.database, Vault(read_key_ring(settings.keys)))
    except DatabaseTaken:
        return _ask_the_bot(settings, ids)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        found = await _send_again(database, ids)
    return f"{found} to be sent again once the bot runs." if found else "There is no such letter."


def _ask_the_bot(settings: Settings, ids: Sequence[int] | None) -> str:
    from storage.database import path_of

    line = ALL if ids is None else " ".join(map(str, ids))
    file = requests_file(path_of(settings.database))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(f"{line}\n")
        beside = path_of(settings.database).parent.stat()
        if os.geteuid() == 0:  # the bot runs as somebody else, most often, and must be able to read it
            os.fchown(opened.fileno(), beside.st_uid, beside.st_gid)
    return "The bot was asked to send again; it does so within 15 seconds. See what is left with: birge letters"


# --- in the bot -------------------------------------------------------------------------------------------------------


async def take_requests(database: Database) -> int:
    """Does what was asked in the file, if there is one; returns how many messages go again. The file stays until that
    is committed, and doing it twice sends nothing twice."""
    asked = requests_file(database.path)
    taken = asked.with_name(f"{asked.name}.taken")
    if not taken.exists():
        try:
            asked.rename(taken)  # what is asked from now on is for the next time
        except FileNotFoundError:
            return 0
    with taken.open("rb") as opened:
        words = opened.read(_MOST_BYTES).decode(errors="replace").split()
    found = await _send_again(database, None if ALL in words else _ids(words))
    taken.unlink()
    logger.info("letters are sent again", letters=found)
    return found


async def _send_again(database: Database, ids: Sequence[int] | None) -> int:
    async def work(db: Connection) -> int:
        return await storage.letters.send_again(db, ids)

    return await database.transact(work)


def _ids(words: Sequence[str]) -> list[int]:
    return [int(one) for one in words if one.isascii() and one.isdigit() and len(one) <= _LONGEST_ID]
