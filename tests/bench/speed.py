"""Updates per second and latencies, side by side: as fast as possible, at a fixed rate, and with a slow API."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storage.database import Database
from storage.vault import Vault, read_key_ring
from tests.bench import contestants
from tests.bench.api import StandIn, Told
from tests.bench.contestants import Bot
from tests.bench.country import Country, meeting_of
from tests.bench.report import Report

_SLOW = 0.05  # seconds a call takes
_WARM_UP = 100


class Failed(Exception):  # noqa: N818 - its text is the sentence the reader gets
    """What was measured is not what should have happened: an update without an answer, a row that isn't there."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured in one turn of one bot."""

    turns: int
    fast: int  # updates
    rates: tuple[int, ...]  # updates per second
    rate_seconds: float
    slow: int  # updates of a bot that makes its calls side by side
    slow_one_by_one: int  # of one that doesn't

    def but(self, *, turns: int | None, fast: int | None) -> "Amounts":
        return replace(self, turns=turns or self.turns, fast=fast or self.fast)

    @property
    def persons(self) -> int:
        """Of each flow, one update each, with some to spare for the classes' heads."""
        each = _WARM_UP + self.fast + sum(int(rate * self.rate_seconds) for rate in self.rates) + self.slow
        return (each * 100 // 99 // 1_000 + 1) * 1_000


FULL = Amounts(5, 5_000, (100, 200), 3.0, 1_500, 60)
QUICK = Amounts(3, 1_500, (100,), 1.5, 600, 30)


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is measured: a bot, and what people send it."""

    name: str
    command: list[str]
    kind: str  # words | tap
    says: Callable[[int], str]  # by chat
    is_birge: bool = False
    one_by_one: bool = False


def _did(_chat: int) -> str:
    return "/did"


def _going(chat: int) -> str:
    return f"mt.rsvp:{meeting_of(chat)}:yes"


def contestants_(report: Report, only: Sequence[str], profile: Path | None) -> list[Contestant]:
    """All of them, or those that are named."""
    found = [
        Contestant("ptb_echo", contestants.PTB, "words", _did, one_by_one=True),
        Contestant("aiogram_echo", contestants.AIOGRAM, "words", _did),
        Contestant("command", contestants.birge(profile), "words", _did, is_birge=True),
        Contestant("rsvp", contestants.birge(profile), "tap", _going, is_birge=True),
    ]
    if not only or "grammy_echo" in only:
        try:
            found.insert(2, Contestant("grammy_echo", contestants.grammy(), "words", _did, one_by_one=True))
        except contestants.NotMeasured as why:
            report.note(str(why))
    return [one for one in found if not only or one.name in only]


def measure(
    standin: StandIn, report: Report, amounts: Amounts, country: Country, taking_part: Sequence[Contestant]
) -> None:
    """The turns, interleaved: one bot after the other, then all of them again."""
    for _ in range(amounts.turns):
        for one in taking_part:
            with report.doing(one.name):
                _turn(standin, report, amounts, country, one)


def _turn(standin: StandIn, report: Report, amounts: Amounts, country: Country, one: Contestant) -> None:
    with tempfile.TemporaryDirectory(dir=contestants.BUILD) as made:
        folder, own = Path(made), Country(Path(made), country.size)
        settings: dict[str, str] = {}
        before: dict[str, int] = {}
        if one.is_birge:
            for path in (country.database, country.keys):
                shutil.copy(path, folder)
            settings = contestants.settings_of(own.url, own.keys)
            before = asyncio.run(count_rows(own))
        with contestants.running(standin, one.name, one.command, folder, settings) as bot:
            turn = _Turn(standin, report, one, bot, iter(country.all_members()))
            turn.go(amounts)
        if one.is_birge:
            after = asyncio.run(count_rows(own))
            written = {table: after[table] - before[table] for table in after}
            _check_rows(one, own, turn.updates, written)
            for table, count in written.items():
                if count:
                    report.add(f"{one.name}_rows_{table}_per_update", count / turn.updates)
            for name, value in asyncio.run(pragmas(own)).items():
                report.say(f"pragma_{name}", value)


@dataclass(slots=True)
class _Turn:
    standin: StandIn
    report: Report
    contestant: Contestant
    bot: Bot
    chats: Iterator[int]
    updates: int = 0

    def go(self, amounts: Amounts) -> None:
        name = self.contestant.name
        self.standin.set_faults(self.bot.token)
        self._send(_WARM_UP)
        cpu = self.bot.cpu_seconds
        told = self._send(amounts.fast)
        self.report.add(name, told.rate)
        self.report.add(f"{name}_cpu_ms", 1_000 * (self.bot.cpu_seconds - cpu) / told.updates)
        for rate in amounts.rates:
            told = self._send(int(rate * amounts.rate_seconds), rate)
            self.report.add(f"{name}_p50_ms_at_{rate}", told.quantile(0.5))
            self.report.add(f"{name}_p99_ms_at_{rate}", told.quantile(0.99))
        calls = self.standin.report(self.bot.token)["calls"]
        for method, count in calls.items():
            self.report.add(f"{name}_calls_{method}_per_update", count / self.updates)
        self.standin.set_faults(self.bot.token, delay=_SLOW)
        told = self._send(amounts.slow_one_by_one if self.contestant.one_by_one else amounts.slow)
        self.report.add(f"slow_api_{name}", told.rate)

    def _send(self, count: int, rate: float | None = None) -> Told:
        """So many updates, each from a chat that has sent none; all must be answered, once."""
        chats = [next(self.chats) for _ in range(count)]
        if not self.standin.waits_for_poll(self.bot.token):
            raise Failed(f"{self.bot.name} no longer asks for updates.")
        says = [self.contestant.says(chat) for chat in chats]
        self.standin.plan(self.bot.token, self.contestant.kind, chats, says, rate)
        told = self.standin.run(self.bot.token)
        self.updates += count
        if told.unanswered or told.again:
            raise Failed(
                f"{self.bot.name}: of {count} updates, {told.unanswered} got no answer, {told.again} more than one."
            )
        return told


# --- rows -------------------------------------------------------------------------------------------------------------

_PRAGMAS = ("journal_mode", "synchronous", "page_size")
_CHANGED = {"command": "challenge_checkins", "rsvp": "rsvps"}


@contextlib.asynccontextmanager
async def opened(country: Country) -> AsyncIterator[Database]:
    """The country's database, opened as the bot opens it."""
    database = await Database.open(country.url, Vault(read_key_ring(country.keys)))
    try:
        yield database
    finally:
        await database.close()


async def count_rows(country: Country) -> dict[str, int]:
    """How many rows each table has."""
    async with opened(country) as database, database.reading() as db:
        tables = await db.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {row["name"]: await db.value(f"SELECT COUNT(*) FROM {row['name']}") for row in tables}  # noqa: S608


async def pragmas(country: Country) -> dict[str, str | int]:
    """How the writing connection is set."""
    async with opened(country) as database, database.writing() as db:
        return {name: await db.value(f"PRAGMA {name}") for name in _PRAGMAS}


async def _left_behind(country: Country) -> int:
    """Deliveries that should have got through and did not."""
    async with opened(country) as database, database.reading() as db:
        return int(
            await db.value(
                "SELECT COUNT(*) FROM deliveries WHERE state = 'failed' OR (state = 'waiting' AND kind = 'say')"
            )
        )


def _check_rows(one: Contestant, country: Country, updates: int, written: Mapping[str, int]) -> None:
    """Every update left its row, and nothing is left unsent."""
    for table in ("inbox", _CHANGED[one.name]):
        if written[table] != updates:
            raise Failed(f"{one.name}: {updates} updates were answered, {table} has {written[table]} new rows.")
    if left := asyncio.run(_left_behind(country)):
        raise Failed(f"{one.name}: {left} deliveries were not sent.")
