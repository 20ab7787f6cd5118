"""The story, told once as it is, and told again with the bot killed in the middle of everything."""

import asyncio
import contextlib
import re
import sqlite3
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest

import storage.canary
from bot.setup import init
from sandbox import Chat, Sandbox
from storage.database import Database, is_postgres
from storage.sqlite import sqlite_path
from storage.vault import Vault, open_or_make_key_ring
from tests import postgres
from tests.calls import breaches
from tests.story.mortal import STEPS
from tests.story.process import BotProcess
from tests.story.tale import ANSWER, BEGIN, CONFIRMING, IN_CHALLENGE, SECRET, Tale

pytestmark = pytest.mark.timeout(400)  # the whole story, with the bot started up to twenty times


@dataclass
class Told:
    """What is left when the story is over."""

    state: dict[str, list[Any]]
    heard: dict[str, Counter[str]]  # by chat: the bot's messages
    kills: int = 0
    log: str = ""
    outside: list[str] = field(default_factory=list)


async def tell(
    folder: Path,
    deaths: Iterable[str] = (),
    *,
    in_flight: bool = False,
    twice: bool = False,
    locales: Path | None = None,
    on_server: bool = False,
    look: Callable[[Sandbox, Tale], None] = lambda _sandbox, _tale: None,
    between: Callable[[BotProcess, str], Awaitable[None]] | None = None,
) -> Told:
    """Tells the story to a bot in a process of its own, which dies as it is told to."""
    url, keys = f"sqlite:///{folder / 'birge.sqlite3'}", folder / "birge.keys"
    if on_server:
        url = postgres.address(postgres.create())
    codes = await init(url, keys, "Birge", "az", BEGIN)
    await _without_weekly_test(url, keys)
    async with Sandbox(token="100:story", limits=None, seed=1) as sandbox:
        sandbox.clock.set(BEGIN)
        sandbox.redeliver = twice
        process = BotProcess(sandbox, url, keys, folder, locales, deaths=deque(deaths))
        if in_flight:
            sandbox.on_call(_killer(process))
        await process.start()
        tale = Tale(sandbox, codes.owner, codes.supervisor)
        try:
            await tale.play(partial(between, process) if between else None)
            await sandbox.until(lambda: sandbox.pending_updates == 0, timeout=60)
        finally:
            code = await process.stop()
        assert (code, process.ended_badly) == (0, []), process.log()[-2000:]
        assert breaches(sandbox.calls) == []
        look(sandbox, tale)
        heard = {chat.name: _heard(chat) for chat in sandbox.state.chats.values()}
        names = {str(person.id): person.name for person in sandbox.people}
        return Told(_state(process.database, names), heard, process.kills, process.log())


async def _without_weekly_test(url: str, keys: Path) -> None:
    """Its moment is drawn: it would come in one tale and not in the other."""
    database = await Database.open(url, Vault(open_or_make_key_ring(keys, BEGIN)))
    try:
        async with database.writing() as db:
            await storage.canary.save_next(db, BEGIN + timedelta(days=3_650))
    finally:
        await database.close()


def _killer(process: BotProcess) -> Callable[[str, str, dict[str, Any]], Literal["drop"] | None]:
    """Kills the bot once before and once after the effect of each method it calls."""
    done: set[tuple[str, str]] = set()

    def kill(moment: str, method: str, _params: dict[str, Any]) -> Literal["drop"] | None:
        if (moment, method) in done:
            return None
        done.add((moment, method))
        process.kill()
        return "drop"  # nobody is there to hear the answer; before the effect, there is none

    return kill


def _heard(chat: Chat) -> Counter[str]:
    """The bot's messages, without what chance chose (codes, numbers of cases, pseudonyms) and without live counts: a
    card may be edited once more after the story's end. What was counted is compared in the database."""
    texts = (message.text for message in chat.messages if message.from_bot and message.text)
    return Counter(_COUNT.sub("#", _CHANCE.sub("#", text)) for text in texts)


_CHANCE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-?[0-9A-HJKMNP-TV-Z]{2,4})+\b")
_COUNT = re.compile(r"\d+")


_STATE = {
    "members": """SELECT identities.address, communities.name, memberships.role, memberships.state
                  FROM memberships
                  JOIN identities ON identities.person_id = memberships.person_id
                  JOIN communities ON communities.id = memberships.community_id""",
    "communities": """SELECT own.name, own.kind, above.name, own.language, own.zone FROM communities AS own
                      LEFT JOIN communities AS above ON above.id = own.parent_id""",
    "groups": """SELECT chats.title, communities.name FROM chats
                 LEFT JOIN communities ON communities.id = chats.community_id""",
    "uses of invites": """SELECT communities.name, role, uses_left FROM invites
                          JOIN communities ON communities.id = invites.community_id""",
    "confirmations": """SELECT identities.address, announcements.words FROM announcement_confirmations AS own
                        JOIN announcements ON announcements.id = own.announcement_id
                        JOIN identities ON identities.person_id = own.person_id""",
    "answers to meetings": """SELECT identities.address, meetings.title, meetings.starts_at, answer FROM rsvps
                              JOIN meetings ON meetings.id = rsvps.meeting_id
                              JOIN identities ON identities.person_id = rsvps.person_id""",
    "ballots": """SELECT identities.address, polls.question, choices FROM poll_ballots
                  JOIN polls ON polls.id = poll_ballots.poll_id
                  JOIN identities ON identities.person_id = poll_ballots.person_id""",
    "check-ins": """SELECT identities.address, challenges.title, COUNT(*) FROM challenge_checkins AS own
                    JOIN challenges ON challenges.id = own.challenge_id
                    JOIN identities ON identities.person_id = own.person_id
                    GROUP BY identities.address, challenges.title""",
    "cases": "SELECT state, risk, desk FROM cases",
    "parts of cases": "SELECT COUNT(*) FROM case_parts",
    "log of cases": "SELECT deed, COUNT(*) FROM case_log GROUP BY deed",
    "meetings": "SELECT title, starts_at, zone, state, revision FROM meetings",
    "polls": "SELECT question, state FROM polls",
    "not at their end": "SELECT kind, lane, subject_kind, not_before FROM deliveries WHERE state = 'waiting'",
}


def _state(url: str, names: dict[str, str]) -> dict[str, list[Any]]:
    """What the database holds, with people by their names and without numbers: on a server, what was undone leaves
    gaps in them."""
    opened: Any = psycopg.connect(url) if is_postgres(url) else sqlite3.connect(sqlite_path(url))
    with contextlib.closing(opened) as db:
        rows = {name: db.execute(sql).fetchall() for name, sql in _STATE.items()}
    return {
        name: sorted((tuple(names.get(one, one) for one in row) for row in found), key=repr)
        for name, found in rows.items()
    }


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story as it is, with nobody killed."""
    return asyncio.run(tell(tmp_path_factory.mktemp("plain")))


def test_the_story(plain: Told) -> None:
    assert plain.kills == 0
    assert len(plain.state["confirmations"]) == CONFIRMING
    assert len(plain.state["ballots"]) == 10
    assert [row[2] for row in plain.state["check-ins"]] == [2] * IN_CHALLENGE
    assert len(plain.state["meetings"]) == 5
    assert plain.state["polls"] == [("Muzeyə gedək?", "closed")]


def test_nobody_outside_sees_anything_of_a_case(plain: Told) -> None:
    assert _chats_with(plain, SECRET) == {"Nigar", "Lalə"}
    assert _chats_with(plain, ANSWER) == {"Nigar"}  # what the worker typed was taken out of her chat
    assert _chats_with(plain, "5A") & {"Kənan"} == set()
    assert len(plain.heard["Kənan"]) == 4  # of her joining alone


def _chats_with(told: Told, words: str) -> set[str]:
    return {chat for chat, heard in told.heard.items() if any(words in text for text in heard)}


async def test_the_bot_killed_at_each_step_tells_the_same_story(plain: Told, tmp_path: Path) -> None:
    # Far enough apart that no update meets two deaths: at its third coming it would be set aside.
    deaths = [f"{step}:{passing + number}" for passing in (5, 14) for number, step in enumerate(STEPS)]
    told = await tell(tmp_path, deaths)
    assert told.kills == len(deaths)
    assert told.state == plain.state
    assert _doubled(plain, told).total() <= told.kills


async def test_the_bot_killed_during_each_call_tells_the_same_story(plain: Told, tmp_path: Path) -> None:
    told = await tell(tmp_path, in_flight=True)
    assert told.kills >= 10
    assert told.state == plain.state
    assert _doubled(plain, told).total() <= told.kills


async def test_on_postgres_the_bot_killed_at_each_step_tells_the_same_story_as_on_sqlite(
    plain: Told, tmp_path: Path
) -> None:
    deaths = [f"{step}:{5 + number}" for number, step in enumerate(STEPS)]
    told = await tell(tmp_path, deaths, on_server=True)
    assert told.kills == len(deaths)
    assert told.state == plain.state
    assert _doubled(plain, told).total() <= told.kills


async def test_every_update_twice_tells_the_same_story(plain: Told, tmp_path: Path) -> None:
    told = await tell(tmp_path, twice=True)
    assert told.state == plain.state
    assert _doubled(plain, told) == Counter()


@pytest.mark.parametrize("then", ["sqlite", "postgres"])
async def test_the_machine_burns_and_the_night_s_backup_tells_the_same_story(
    plain: Told, tmp_path: Path, then: str
) -> None:
    """Twice: first an announcement is under way, then a poll. Nothing but the backup and the key ring is left."""
    burnt: list[str] = []
    told = await tell(tmp_path, between=partial(_burn, tmp_path, {"announce", "ask"}, burnt, then))

    assert burnt == ["announce", "ask"]
    assert told.state == plain.state
    _doubled(plain, told)  # nobody missed anything


async def _burn(folder: Path, after: set[str], burnt: list[str], then: str, process: BotProcess, chapter: str) -> None:
    """After these chapters: a backup beside the bot that runs; then its machine is gone, and another takes over."""
    if chapter not in after:
        return
    await process.sandbox.until(lambda: process.sandbox.pending_updates == 0, timeout=60)
    await process.command("keys", "rotate", "--again")
    backup = folder / f"{chapter}.backup"
    assert "is whole" in await process.command("backup", str(backup))
    await process.burn()
    process.move(folder / f"after {chapter}", postgres.address(postgres.create()) if then == "postgres" else None)
    assert "Restored" in await process.command("restore", str(backup))
    await process.start()
    burnt.append(chapter)


def _doubled(plain: Told, told: Told) -> Counter[str]:
    """What the chat that heard most twice heard more often than in the plain story; none may be missing."""
    most = Counter[str]()
    for chat, heard in plain.heard.items():
        missing, more = heard - told.heard[chat], told.heard[chat] - heard
        assert not missing, f"{chat} did not hear {missing}, but {more}"
        most = max(most, more, key=Counter.total)
    return most
