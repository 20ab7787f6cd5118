"""python -m tests.month [--seed N] [--days N] [--a-day N] [--peak N]: writes build/month.json."""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.month.month import Order, is_right, play

_BUILD = Path("build")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.month", description="A month of a city's hotline.")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--a-day", type=int, default=400, help="reports")
    parser.add_argument("--peak", type=int, default=10, help="times as many, on the day in the middle")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(play(Order(asked.seed, asked.days, asked.a_day, asked.peak), Path(folder)))
    told = json.dumps(asdict(found), indent=2) + "\n"
    _BUILD.mkdir(exist_ok=True)
    (_BUILD / "month.json").write_text(told)
    sys.stdout.write(told)
    return 0 if is_right(found) else 1


if __name__ == "__main__":
    sys.exit(main())
