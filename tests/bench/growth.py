"""Does it stay as quick when a country joins? The same work in a database of 1,000 persons and in one of 1,000,000."""

import asyncio
import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import storage.communities
import storage.outgoings
import storage.schema
from domain.communities import CommunityKind
from domain.messages import ToAudience
from domain.times import from_us, to_us
from jobs.meetings import remind_attendees
from tests.bench import contestants
from tests.bench.api import StandIn
from tests.bench.country import REGION, Country, Size, make, now_utc
from tests.bench.report import Report
from tests.bench.rounds import GOING, Talk

_CLASSES = 10  # whose people answer, in both countries
_WARM_UP = 90
_GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Amounts:
    few: Size
    many: Size
    turns: int
    ticks: int


FULL = Amounts(Size(1_000, 1_000), Size(1_000_000, 1_000_000), 5, 40)
QUICK = Amounts(Size(1_000, 1_000), Size(50_000, 50_000), 3, 20)


def measure(standin: StandIn, report: Report, amounts: Amounts, seed: int) -> None:
    with tempfile.TemporaryDirectory(dir=contestants.BUILD) as made:
        with report.doing(f"making {amounts.few.persons:,} and {amounts.many.persons:,} persons"):
            (Path(made) / "many").mkdir()
            few = asyncio.run(make(Path(made) / "few", amounts.few, seed, now_utc()))
            many = _kept(amounts.many, seed).copy(Path(made) / "many")
            os.sync()  # else the disk writes half a gigabyte while the first turns are measured
        report.say("growth_persons", amounts.many.persons)
        _answers(standin, report, amounts, few, many, random.Random(seed))
        with report.doing("ticks and previews"):
            for _ in range(amounts.turns):
                for name, country in (("few", few), ("many", many)):
                    asyncio.run(_ticks(report, name, country, amounts.ticks))
            asyncio.run(_preview(report, many, amounts.turns))


def _kept(size: Size, seed: int) -> Country:
    """A country that is kept from one run to the next, until its meetings would come too near."""
    folder = contestants.BUILD / f"country-{size.persons}-{seed}"
    mark, wanted = folder / "made.json", asdict(size) | {"migration": _newest_migration()}
    if mark.exists():
        made = json.loads(mark.read_text())
        if made["of"] == wanted and now_utc() - from_us(made["at"]) < _GOOD_FOR:
            return Country(folder, size)
    shutil.rmtree(folder, ignore_errors=True)
    country = asyncio.run(make(folder, size, seed, now_utc()))
    mark.write_text(json.dumps({"of": wanted, "at": to_us(now_utc())}))
    return country


def _newest_migration() -> str:
    return max(path.name for path in Path(storage.schema.__file__).parent.glob("migrations/versions/0*.py"))


# --- answers to meetings ----------------------------------------------------------------------------------------------


def _answers(
    standin: StandIn, report: Report, amounts: Amounts, few: Country, many: Country, chance: random.Random
) -> None:
    """Each answer is its person's first, and each turn has a bot of its own: what came before makes none quicker."""
    classes = chance.sample(range(many.size.classes), _CLASSES * amounts.turns)
    for turn in range(amounts.turns):
        with report.doing(f"turn {turn + 1}"), tempfile.TemporaryDirectory(dir=contestants.BUILD) as made:
            _turn(standin, report, "few", few.copy(Path(made)), range(_CLASSES))
            _turn(standin, report, "many", many, classes[_CLASSES * turn : _CLASSES * (turn + 1)])


def _turn(standin: StandIn, report: Report, name: str, country: Country, classes: Sequence[int]) -> None:
    chats = [chat for number in classes for chat in country.members(number)]
    random.Random(name).shuffle(chats)
    settings = contestants.settings_of(country.url, country.keys)
    with contestants.running(standin, f"birge-{name}", contestants.birge(), country.folder, settings) as bot:
        started_cpu = bot.cpu_seconds
        talk = Talk(standin, bot, iter(chats))
        talk.send(GOING, _WARM_UP)
        cpu = bot.cpu_seconds
        told = talk.send(GOING, len(chats) - _WARM_UP)
        report.add(f"rsvp_ms_at_{name}_persons", 1_000 * told.seconds / told.updates)
        report.add(f"rsvp_cpu_ms_at_{name}_persons", 1_000 * (bot.cpu_seconds - cpu) / told.updates)
        end = "" if name == "many" else f"_{name}"
        report.add(f"start_up_seconds{end}", bot.polled - bot.started)
        report.add(f"start_up_cpu_seconds{end}", started_cpu)
        report.add(f"resident_mb{end}", bot.resident_mb)


# --- ticks and previews -----------------------------------------------------------------------------------------------


async def _ticks(report: Report, name: str, country: Country, count: int) -> None:
    """The reminders' tick when nothing is due: as the scheduler runs it, but for the clock."""
    async with country.opened() as database:
        times: list[float] = []
        for _ in range(count):
            began = time.perf_counter()
            async with database.writing() as db:
                said = await remind_attendees(db, now_utc())
            times.append(time.perf_counter() - began)
            assert not said
    report.add(f"reminder_tick_ms_at_{name}", 1_000 * _middle(times))


async def _preview(report: Report, country: Country, turns: int) -> None:
    """The audience of a region counted, as the preview of an announcement does."""
    async with country.opened() as database, database.reading() as db:
        region = await db.value("SELECT MIN(id) FROM communities WHERE kind = :kind", kind=CommunityKind.REGION.value)
        for _ in range(turns):
            began = time.perf_counter()
            reach = await storage.outgoings.reach(db, ToAudience(region), now_utc())
            report.add("audience_preview_ms", 1_000 * (time.perf_counter() - began))
            assert reach.persons == min(REGION, country.size.persons)


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
