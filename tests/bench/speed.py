"""Updates per second and latencies, side by side: as fast as possible, at a fixed rate, and with a slow API."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench import contestants
from tests.bench.api import StandIn
from tests.bench.country import Country
from tests.bench.report import Report
from tests.bench.rounds import DID, GOING, Failed, Saying, Talk

_SLOW = 0.05  # seconds a call takes
_WARM_UP = 100


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured in one turn of one bot."""

    turns: int
    fast: int  # updates
    rates: tuple[int, ...]  # updates per second
    rate_seconds: float
    slow: int  # updates of a bot that makes its calls side by side
    slow_one_by_one: int  # of one that doesn't

    def but(self, *, turns: int | None, fast: int | None, only_fast: bool) -> "Amounts":
        changed = replace(self, turns=turns or self.turns, fast=fast or self.fast)
        return replace(changed, rates=(), slow=0, slow_one_by_one=0) if only_fast else changed

    @property
    def persons(self) -> int:
        """Of each flow, one update each, with some to spare for the classes' heads."""
        each = _WARM_UP + self.fast + sum(int(rate * self.rate_seconds) for rate in self.rates) + self.slow
        return (each * 100 // 99 // 1_000 + 1) * 1_000


FULL = Amounts(5, 5_000, (100, 200), 2.5, 1_500, 40)
QUICK = Amounts(3, 1_200, (100,), 1.0, 400, 20)


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is measured: a bot, and what people send it."""

    name: str
    command: list[str]
    saying: Saying
    is_birge: bool = False
    one_by_one: bool = False


def contestants_(report: Report, only: Sequence[str], profile: Path | None) -> list[Contestant]:
    """All of them, or those that are named."""
    found = [
        Contestant("ptb_echo", contestants.PTB, DID, one_by_one=True),
        Contestant("aiogram_echo", contestants.AIOGRAM, DID),
        Contestant("command", contestants.birge(profile), DID, is_birge=True),
        Contestant("rsvp", contestants.birge(profile), GOING, is_birge=True),
    ]
    if not only or "grammy_echo" in only:
        try:
            found.insert(2, Contestant("grammy_echo", contestants.grammy(), DID, one_by_one=True))
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
            country.copy(folder)
            settings = contestants.settings_of(own.url, own.keys)
            before = asyncio.run(own.count_rows())
        with contestants.running(standin, one.name, one.command, folder, settings) as bot:
            talk = Talk(standin, bot, iter(country.all_members()))
            _take_turn(talk, report, amounts, one)
        if one.is_birge:
            after = asyncio.run(own.count_rows())
            written = {table: after[table] - before[table] for table in after}
            _check_rows(one, own, talk.updates, written)
            for table, count in written.items():
                if count:
                    report.add(f"{one.name}_rows_{table}_per_update", count / talk.updates)
            grown = own.database.stat().st_size - country.database.stat().st_size
            report.add(f"{one.name}_database_bytes", grown / talk.updates)
            for name, value in asyncio.run(own.pragmas()).items():
                report.say(f"pragma_{name}", value)


def _take_turn(talk: Talk, report: Report, amounts: Amounts, one: Contestant) -> None:
    talk.standin.set_faults(talk.bot.token)
    talk.send(one.saying, _WARM_UP)
    cpu, written = talk.bot.cpu_seconds, talk.bot.bytes_written
    told = talk.send(one.saying, amounts.fast)
    report.add(one.name, told.rate)
    report.add(f"{one.name}_cpu_ms", 1_000 * (talk.bot.cpu_seconds - cpu) / told.updates)
    if one.is_birge:
        report.add(f"{one.name}_bytes_written", (talk.bot.bytes_written - written) / told.updates)
    for rate in amounts.rates:
        told = talk.send(one.saying, int(rate * amounts.rate_seconds), rate)
        report.add(f"{one.name}_p50_ms_at_{rate}", told.quantile(0.5))
        report.add(f"{one.name}_p99_ms_at_{rate}", told.quantile(0.99))
    for method, count in told.calls.items():
        report.add(f"{one.name}_calls_{method}_per_update", count / talk.updates)
    slow = amounts.slow_one_by_one if one.one_by_one else amounts.slow
    if slow:
        talk.standin.set_faults(talk.bot.token, delay=_SLOW)
        report.add(f"slow_api_{one.name}", talk.send(one.saying, slow).rate)


# --- rows -------------------------------------------------------------------------------------------------------------

_CHANGED = {"command": "challenge_checkins", "rsvp": "rsvps"}


async def _left_behind(country: Country) -> int:
    """Deliveries that should have got through and did not."""
    async with country.opened() as database, database.reading() as db:
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
