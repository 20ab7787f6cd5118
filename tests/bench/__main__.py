"""The command line of the bench: parts, one after the other; a table; build/bench.json."""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from storage.database import DatabaseUnusable
from tests.bench import broadcast, contestants, cost, country, disk, growth, on_postgres, rounds, speed
from tests.bench.api import ROOT, StandIn, ceiling
from tests.bench.country import Country, Size
from tests.bench.report import Report

JSON = ROOT / "build" / "bench.json"


def main() -> int:
    asked = _arguments()
    console = Console()
    report = Report(console)
    contestants.BUILD.mkdir(parents=True, exist_ok=True)
    try:
        with StandIn() as standin:
            report.say("stand_in_calls", ceiling(standin))
            report.say("disk_fsync_ms", disk.fsync_ms(contestants.BUILD))
            for part in _wanted(asked.only):
                _PARTS[part](standin, report, asked)
    except (rounds.Failed, contestants.NotMeasured) as why:
        console.print(str(why), highlight=False)
        return 1
    finally:
        report.write(JSON)
        missed = report.show()
    if missed:
        console.print(f"Not reached: {', '.join(missed)}.", highlight=False)
    console.print(f"Written: {JSON.relative_to(ROOT)}", highlight=False)
    return 0


def _wanted(only: Sequence[str]) -> list[str]:
    """The parts that are named; of bots alone, their speed."""
    return [part for part in _PARTS if part in only] or ["speed"] if only else list(_PARTS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer turns and updates: under two minutes")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a part or a bot; may be repeated")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the made-up country")
    parser.add_argument("--turns", type=int, metavar="N", help="how often each bot is measured")
    parser.add_argument("--updates", type=int, metavar="N", help="in one turn, as fast as possible")
    parser.add_argument("--fast", action="store_true", help="of the speed only: as fast as possible")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="cProfile's statistics of Birge's last turn")
    return parser.parse_args()


def _speed(standin: StandIn, report: Report, asked: argparse.Namespace) -> None:
    amounts = speed.QUICK if asked.quick else speed.FULL
    amounts = amounts.but(turns=asked.turns, fast=asked.updates, only_fast=asked.fast or bool(asked.profile))
    taking_part = speed.contestants_(report, [one for one in asked.only if one not in _PARTS], asked.profile)
    made = _fresh_country(Size(amounts.persons), asked.seed)
    with report.part("speed", amounts.turns * len(taking_part)):
        speed.measure(standin, report, amounts, made, taking_part)


def _cost(standin: StandIn, report: Report, asked: argparse.Namespace) -> None:
    with report.part("cost", 2):
        cost.measure(standin, report, _fresh_country(Size(1_000), asked.seed))


def _postgresql(standin: StandIn, report: Report, asked: argparse.Namespace) -> None:
    turns = asked.turns or (3 if asked.quick else 5)
    with report.part("postgresql", turns + 1):
        try:
            on_postgres.measure(standin, report, turns, 500 if asked.quick else 1_500, asked.seed)
        except (ImportError, DatabaseUnusable) as why:
            report.note(f"PostgreSQL was left out: {why}")


def _broadcast(standin: StandIn, report: Report, asked: argparse.Namespace) -> None:
    with report.part("broadcast", 3):
        broadcast.measure(standin, report, broadcast.QUICK if asked.quick else broadcast.FULL, asked.seed)


def _growth(standin: StandIn, report: Report, asked: argparse.Namespace) -> None:
    sizes = growth.QUICK if asked.quick else growth.FULL
    with report.part("growth", sizes.turns + 2):
        growth.measure(standin, report, sizes, asked.seed)


def _fresh_country(size: Size, seed: int) -> Country:
    folder = contestants.BUILD / "country"
    shutil.rmtree(folder, ignore_errors=True)
    return asyncio.run(country.make(folder, size, seed, country.now_utc()))


_PARTS = {
    "speed": _speed,
    "cost": _cost,
    "postgresql": _postgresql,
    "broadcast": _broadcast,
    "growth": _growth,
}


if __name__ == "__main__":
    sys.exit(main())
