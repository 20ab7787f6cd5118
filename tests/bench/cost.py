"""What one update costs the database in statements: alone, and among a hundred that share a transaction."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from bot.app import Birge, opened
from bot.channels.translate import translate
from bot.config import Settings
from domain.requests import Incoming
from tests.bench import contestants
from tests.bench.api import StandIn
from tests.bench.country import Country
from tests.bench.report import Report
from tests.bench.rounds import DID, GOING, Saying
from tests.bench.standin import tap_of, words_of

_TOGETHER = 100


def measure(standin: StandIn, report: Report, country: Country) -> None:
    for name, saying in (("command", DID), ("rsvp", GOING)):
        with report.doing(name), tempfile.TemporaryDirectory(dir=contestants.BUILD) as made:
            asyncio.run(_count(standin, report, country.copy(Path(made)), name, saying))


async def _count(standin: StandIn, report: Report, country: Country, name: str, saying: Saying) -> None:
    settings = Settings(
        telegram_token=SecretStr("1:cost"), telegram_api=standin.url, database=country.url, keys=country.keys
    )
    chats = country.all_members()
    async with opened(settings) as birge:
        report.say(f"{name}_statements", await _statements(birge, _incoming(saying, chats[:1], 1)))
        together = await _statements(birge, _incoming(saying, chats[1 : _TOGETHER + 1], 2))
        report.say(f"{name}_statements_of_100", together / _TOGETHER)


def _incoming(saying: Saying, chats: Sequence[int], first: int) -> list[Incoming]:
    make = words_of if saying.kind == "words" else tap_of
    updates = [make(first + place, chat, saying.says(chat), 1_800_000_000) for place, chat in enumerate(chats)]
    return [incoming for update in updates if (incoming := translate(update, "bench_bot")) is not None]


async def _statements(birge: Birge, incoming: Sequence[Incoming]) -> int:
    async with birge.database.writing() as db:
        before = db.statements
    await birge.pipeline.take(incoming)
    async with birge.database.writing() as db:
        return db.statements - before
