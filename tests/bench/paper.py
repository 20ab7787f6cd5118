"""The tables of docs/performance.md from build/bench.json: `python -m tests.bench.paper` after a full run."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench.api import ROOT
from tests.bench.report import AIMS, RATIOS, shown

PAGE = ROOT / "docs" / "performance.md"

# What is assumed of a country; the rest is measured.
PEOPLE = 10_000_000
_UPDATES_A_DAY = 2  # of each person
_BUSIEST_HOUR = 1 / 3  # of a day's updates: the evening after an announcement
_TO_EVERYBODY_A_DAY = 1
_FREE_PACE, _PAID_PACE = 30, 1_000  # messages per second that Telegram lets a bot send to many
_DAYS_KEPT = 90

Numbers = Mapping[str, float]


def _results(found: Numbers) -> str:
    wanted = [name for name in found if name in AIMS or name in RATIOS or name in _RATES]
    lines = ["| name | median | aim | |", "|---|---:|---:|---|"]
    for name in sorted(wanted, key=[*_RATES, *RATIOS, *AIMS].index):
        aim = AIMS.get(name)
        mark = "" if aim is None else "✓" if aim.is_reached(found[name]) else "not reached"
        lines.append(f"| `{name}` | {shown(found[name])} | {aim or ''} | {mark} |")
    return "\n".join(lines)


_RATES = ("stand_in_calls", "ptb_echo", "aiogram_echo", "grammy_echo", "command", "rsvp")


def _country(found: Numbers) -> str:
    """What the measured cost of one update comes to."""
    cpu = (found["command_cpu_ms"] + found["rsvp_cpu_ms"]) / 2
    rate = min(found["command"], found["rsvp"])
    kept = (found["command_database_bytes"] + found["rsvp_database_bytes"]) / 2
    peak = PEOPLE * _UPDATES_A_DAY * _BUSIEST_HOUR / 3_600
    grown = PEOPLE * _UPDATES_A_DAY * kept * _DAYS_KEPT
    written = (found["command_bytes_written"] + found["rsvp_bytes_written"]) / 2
    rows = [
        (
            "one update costs",
            f"{cpu:.2f} ms of CPU, {found['command_statements_of_100']:.0f} statements, {written:,.0f} bytes written, "
            f"{kept:,.0f} bytes that stay (half `command`, half `rsvp`)",
        ),
        (
            "the busiest hour",
            f"{PEOPLE:,} people × {_UPDATES_A_DAY} updates a day, a third of them in one hour: {peak:,.0f} updates/s",
        ),
        ("CPU for it", f"{peak * cpu / 1_000:.1f} cores, and as much again to have room"),
        ("one process manages", f"{rate:,.0f} updates/s: {-(-peak // rate):.0f} of them, each with its own database"),
        ("the disk then writes", f"{peak * written / 1e6:,.0f} MB/s"),
        (f"{_DAYS_KEPT} days of it", f"{grown / 1e9:,.0f} GB, before `forget_old_events` and `clear_spent` take most"),
        (
            "one message to everybody",
            f"{PEOPLE / _FREE_PACE / 3_600:,.0f} hours at {_FREE_PACE}/s, {PEOPLE / _PAID_PACE / 3_600:.1f} hours at "
            f"{_PAID_PACE:,}/s (Telegram's paid broadcasts)",
        ),
    ]
    table = "\n".join(["| | |", "|---|---|", *(f"| {what} | {how} |" for what, how in rows)])
    regions = -(-PEOPLE // (_FREE_PACE * 2 * 3_600))
    return f"""{table}

**Where the limit is.** Not in the CPU and not in the database: in how fast a messenger lets one bot send. A message to
everybody within two hours takes {regions} bots at {_FREE_PACE}/s, or one with paid broadcasts. So a country is served
by a bot for each region: its own token, process and database, none of which knows the others, and each region far below
what one process manages. What would meet its limit next is the one write lock of a database: the deliveries of an
announcement and the answers to it are written by the same process, one transaction after the other."""


def fill(page: str, found: Numbers) -> str:
    """The page with both sections made anew. Raises LookupError when it has no place for them."""
    for mark, make in _SECTIONS.items():
        section = re.compile(rf"(<!-- {mark} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        if not section.search(page):
            raise LookupError(f"docs/performance.md has no place for {mark}")
        made = make(found)
        page = section.sub(lambda place, made=made: f"{place[1]}{made}{place[2]}", page)  # type: ignore[misc]
    return page


_SECTIONS: Mapping[str, Callable[[Numbers], str]] = {"results": _results, "country": _country}


def main(file: Path) -> None:
    found = {name: value for name, value in json.loads(file.read_text()).items() if isinstance(value, int | float)}
    PAGE.write_text(fill(PAGE.read_text(), found))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "bench.json")
