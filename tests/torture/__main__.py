"""python -m tests.torture [--seed N] [--kills N] [--malformed N] [--minutes M]: writes build/torture.json."""

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from pathlib import Path

from tests.torture.judge import holds
from tests.torture.storm import Order, Run

_BUILD = Path("build")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="Kill, starve and lie to the bot.")
    parser.add_argument("--seed", type=int, default=None, help="which storm; printed when it is drawn")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--malformed", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=30.0, help="at most")
    parser.add_argument("--people", type=int, default=30, help="parents in the class")
    parser.add_argument("--afterwards", type=float, default=3.0, help="seconds of life after the last kill")
    parser.add_argument("--keep", type=Path, default=None, help="where the database and what happened stay")
    return parser.parse_args()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    asked = arguments()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    say(f"seed {seed}")
    order = Order(seed, asked.kills, asked.malformed, asked.minutes, asked.people, afterwards=asked.afterwards)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "story.log").open("w", encoding="utf-8") as story:
            run = Run(order, folder, say, lambda line: story.writelines((line, "\n")))
            found = asyncio.run(run.through())
    for note in run.notes:
        say(note)
    _BUILD.mkdir(exist_ok=True)
    (_BUILD / "torture.json").write_text(json.dumps(found, indent=2) + "\n")
    say(json.dumps(found, indent=2))
    return 0 if holds(found) else 1


if __name__ == "__main__":
    sys.exit(main())
