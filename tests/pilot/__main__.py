"""python -m tests.pilot [--schools N] [--persons N]: writes build/pilot.json."""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.pilot.people import Order
from tests.pilot.pilot import is_right, play

_BUILD = Path("build")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pilot", description="The pilot, from its list on.")
    parser.add_argument("--schools", type=int, default=Order().schools)
    parser.add_argument("--persons", type=int, default=Order().persons)
    asked = parser.parse_args()
    order = Order(asked.schools, asked.persons)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(play(order, Path(folder)))
    told = json.dumps(asdict(found), indent=2) + "\n"
    _BUILD.mkdir(exist_ok=True)
    (_BUILD / "pilot.json").write_text(told)
    sys.stdout.write(told)
    return 0 if is_right(found, order) else 1


if __name__ == "__main__":
    sys.exit(main())
