"""Does it stay as quick when a country joins? The same work in a database of 1,000 persons and in one of 1,000,000."""

import asyncio
import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import storage.communities
import storage.outgoings
from domain.communities import CommunityKind
from domain.messages import ToAudience
from domain.times import from_us, to_us
from jobs.meetings import remind_attendees
from tests.bench import contestants
from tests.bench.api import StandIn
from tests.bench.country import REGION, Country, Size, make, now_utc
from tests.bench.report import Report
from tests.bench.rounds import GOING, NOT_GOING, Saying, Talk

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
QUICK = Amounts(Size(1_000, 1_000), Size(100_000, 100_000), 3, 20)


def measure(standin: StandIn, report: Report, amounts: Amounts, seed: int) -> None:
    with tempfile.TemporaryDirectory(dir=contestants.BUILD) as made:
        with report.doing(f"making {amounts.few.persons:,} and {amounts.many.persons:,} persons"):
            few = asyncio.run(make(Path(made) / "few", amounts.few, seed, now_utc()))
            many = _kept(amounts.many, seed)
        report.say("growth_persons", amounts.many.persons)
        with report.doing("answers to meetings"):
            _answers(standin, report, amounts, {"few": few, "many": many}, random.Random(seed))
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
    return max(path.name for path in Path(storage.communities.__file__).parent.glob("migrations/versions/0*.py"))


# --- answers to meetings ----------------------------------------------------------------------------------------------


def _answers(
    standin: StandIn, report: Report, amounts: Amounts, countries: dict[str, Country], chance: random.Random
) -> None:
    """Both bots run side by side, so that one turn of each follows the other; whoever isn't asked does nothing."""
    with ExitStack() as stack:
        talks: dict[str, Talk] = {}
        for name, country in countries.items():
            settings = contestants.settings_of(country.url, country.keys)
            bot = stack.enter_context(
                contestants.running(standin, f"birge-{name}", contestants.birge(), country.folder, settings)
            )
            report.say("start_up_seconds" if name == "many" else "start_up_seconds_few", bot.polled - bot.started)
            talks[name] = Talk(standin, bot, iter(()))
        for turn in range(-1, amounts.turns):
            for name, talk in talks.items():
                talk.chats = _from_classes(countries[name], chance)
                _answer(talk, report, name, GOING if turn % 2 else NOT_GOING, counts=turn >= 0)
        report.say("resident_mb", talks["many"].bot.resident_mb)
        report.say("resident_mb_few", talks["few"].bot.resident_mb)


def _from_classes(country: Country, chance: random.Random) -> Iterator[int]:
    classes = chance.sample(range(country.size.classes), _CLASSES)
    chats = [chat for number in classes for chat in country.members(number)]
    chance.shuffle(chats)
    return iter(chats)


def _answer(talk: Talk, report: Report, name: str, saying: Saying, *, counts: bool) -> None:
    talk.send(saying, _WARM_UP)
    cpu = talk.bot.cpu_seconds
    told = talk.send(saying, _CLASSES * 99 - _WARM_UP)
    if counts:
        report.add(f"rsvp_ms_at_{name}_persons", 1_000 * told.seconds / told.updates)
        report.add(f"rsvp_cpu_ms_at_{name}_persons", 1_000 * (talk.bot.cpu_seconds - cpu) / told.updates)


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
