"""The bot of the month: its database, its phones, its clock, and turns in which many people act at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import Clock
from bot.pacer import Pacer, Rate
from bot.pipeline import Defaults, Pipeline
from bot.render import Renderer
from bot.scheduler import Scheduler
from bot.sender import Sender
from bot.setup import init
from domain.hotline_checklist import Setup
from domain.requests import Incoming
from storage.database import Database
from storage.vault import Vault, read_key_ring
from tests.month.phones import Phone, Phones, Player

BEGIN = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
_TOGETHER = 100  # updates of one batch


class Simulated(Clock):
    """Stands still until it is set."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class NoPacer(Pacer):
    """Nobody waits for a messenger that isn't there."""

    def __init__(self) -> None:
        super().__init__(Rate(0.0))

    def wait(self, *_: object, **__: object) -> float:
        return 0.0

    wait_in_bulk = wait


@dataclass(eq=False)
class Life:
    """A bot at work without a network. `unheard`: acts that got no answer."""

    database: Database
    phones: Phones
    clock: Simulated
    pipeline: Pipeline
    sender: Sender
    scheduler: Scheduler
    updates: int = 0
    unheard: int = 0

    def phone(self, address: str) -> Phone:
        return self.phones.all.setdefault(address, Phone(address))

    async def play(self, players: Sequence[Player]) -> None:
        """All of them at once, an act a turn, until each script is over."""
        while players:
            acts = [(player, player.act(next(self.phones.numbers), self.clock.now())) for player in players]
            players = [player for player, act in acts if act is not None]
            await self.take([act for _, act in acts if act is not None])
            self.unheard += sum(not player.phone.heard for player in players)

    async def take(self, incoming: Sequence[Incoming]) -> None:
        for at in range(0, len(incoming), _TOGETHER):
            await self.pipeline.take(incoming[at : at + _TOGETHER])
        self.updates += len(incoming)
        await self.sender.rested()

    async def at(self, moment: datetime) -> None:
        """It is that time now, and every job looks once."""
        self.clock.moment = moment
        await self.scheduler.run_all()
        await self.sender.rested()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Life]:
    """A new network in a folder, and the bot at work for it."""
    url, keys = f"sqlite:///{folder / 'birge.sqlite3'}", folder / "birge.keys"
    await init(url, keys, "Bakı məktəbləri", "az", BEGIN)
    database = await Database.open(url, Vault(read_key_ring(keys), keys))
    phones, clock = Phones(), Simulated(BEGIN)
    renderer = Renderer(phones.address_of)

    async def learn(learnt: Sequence[Incoming]) -> None:
        await pipeline.take(learnt)

    sender = Sender(database, {phones.name: phones}, clock, NoPacer(), learn)
    defaults = Defaults("en", "Asia/Baku", Setup(second_route=True), bot="100")
    pipeline = Pipeline(database, renderer, clock.now, sender.hand_over, sender.tell_taps, defaults)
    scheduler = Scheduler(database, renderer, clock, sender.wake)
    sending = asyncio.create_task(sender.run())
    try:
        yield Life(database, phones, clock, pipeline, sender, scheduler)
    finally:
        await sender.stop()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await database.close()
