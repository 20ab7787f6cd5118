"""Starts a sandbox alone: `python -m sandbox --port 8081 --token 100:test`."""

from __future__ import annotations

import argparse
import asyncio
import sys

from sandbox.control import Sandbox
from sandbox.limits import Limits


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A pretend Telegram on this machine.")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; nobody else can reach the default")
    parser.add_argument("--token", default="100:test")
    parser.add_argument("--username", default="birge_bot")
    parser.add_argument("--name", default="Birge")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-limits", action="store_true", help="never answer 429")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    limits = Limits.none() if options.no_limits else Limits()
    sandbox = Sandbox(options.token, options.username, options.name, limits, options.seed)
    await sandbox.start(options.port, options.host)
    sys.stdout.write(f"{sandbox.url}\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await sandbox.stop()


def main() -> None:
    try:
        asyncio.run(serve(arguments()))
    except KeyboardInterrupt:
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
