"""The running program, wired: database, channel, pipeline, sender, scheduler; started and stopped together."""

import asyncio
import contextlib
import gc
import hashlib
from collections.abc import AsyncIterator, Sequence

import structlog

import storage.communities
import storage.keys
import storage.operation
import storage.outbox
from bot import keys
from bot.channels.channel import Introduction
from bot.channels.telegram import Telegram
from bot.clock import Clock
from bot.config import Settings, need_token
from bot.heartbeat import beat, end
from bot.logs import where_it_broke
from bot.pacer import Pacer, Rate
from bot.pipeline import Defaults, Pipeline
from bot.render import LOCALES, Renderer
from bot.scheduler import Scheduler
from bot.sender import Sender
from domain import countries
from domain.cases import Checklist, may_open
from domain.languages import LANGUAGES
from domain.messages import Text
from domain.requests import Incoming
from handlers import menus
from handlers.home import ABOUT
from storage import keyring
from storage.database import Database, DatabaseFails
from storage.vault import Vault, read_key_ring

logger = structlog.get_logger(__name__)

_CAUTIOUS_FOR = 100  # updates after an unclean stop
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds
_INTRODUCED = "introduced as"
_CLEAN = "stopped cleanly"
_BEATS = 15.0  # seconds


class Birge:
    """An open bot. Made by `opened()`; `run()` works until it is cancelled."""

    def __init__(
        self,
        database: Database,
        channel: Telegram,
        clock: Clock,
        renderer: Renderer,
        defaults: Defaults,
        pacer: Pacer,
    ) -> None:
        self.database = database
        self.channel = channel
        self.clock = clock
        self.renderer = renderer
        self.defaults = defaults
        channels = {channel.name: channel}
        self.sender = Sender(database, channels, clock, pacer, self._learn)
        self.scheduler = Scheduler(database, renderer, clock, self.sender.wake)
        self.pipeline = Pipeline(database, renderer, clock.now, self.sender.hand_over, self.sender.tell_taps, defaults)
        self._cautious_left = 0
        self.working = asyncio.Event()

    async def _learn(self, learnt: Sequence[Incoming]) -> None:
        """What a channel answered to an Ask comes in like any other event."""
        await self.pipeline.take(learnt)

    async def run(self) -> None:
        """Receives, sends and ticks until cancelled; then finishes what is on its way."""
        await self._note_start()
        sending = asyncio.create_task(self.sender.run())
        receiving = asyncio.create_task(self._receive())
        beating = asyncio.create_task(self._beat())
        keeping_keys = asyncio.create_task(keys.keep(self.database, self.clock))
        self.scheduler.start()
        gc.freeze()  # what is there now stays: a full collection would look at it for 50 ms, again and again
        self.working.set()
        clean = False
        try:
            await asyncio.gather(sending, receiving)
        except asyncio.CancelledError:
            clean = True
            raise
        finally:
            receiving.cancel()
            beating.cancel()
            keeping_keys.cancel()
            await asyncio.gather(receiving, beating, keeping_keys, return_exceptions=True)
            self.scheduler.stop()
            await self.sender.stop()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            if clean:
                async with self.database.writing() as db:
                    await storage.operation.write(db, _CLEAN, "yes")
                end(self.database.path)

    async def introduce(self) -> None:
        """What people see before the first word: what the bot is, and its / menus. Told again only when it changed."""
        shown = {language: self._introduction(language or self.defaults.language) for language in ("", *LANGUAGES)}
        told = hashlib.sha256(repr((self.channel.username, sorted(shown.items()))).encode()).hexdigest()
        async with self.database.reading() as db:
            if await storage.operation.read(db, _INTRODUCED) == told:
                return
        if await self.channel.introduce(shown):
            async with self.database.writing() as db:
                await storage.operation.write(db, _INTRODUCED, told)

    def _introduction(self, language: str) -> Introduction:
        def shown(what: Text) -> str:
            return self.renderer.plain(what, language, self.defaults.zone)

        return Introduction(
            shown(ABOUT),
            tuple((name, shown(what)) for name, what in menus.commands(())),
            tuple((name, shown(what)) for name, what in menus.group_commands()),
        )

    async def _note_start(self) -> None:
        async with self.database.writing() as db:
            clean = await storage.operation.read(db, _CLEAN)
            await storage.operation.write(db, _CLEAN, "no")
            newest = await storage.outbox.newest(db)
        if clean == "no":
            self.sender.sent_perhaps = newest
            logger.warning("the last stop was not a clean one: the first updates are taken one by one")
            self._cautious_left = _CAUTIOUS_FOR

    async def _beat(self) -> None:
        """Says every 15 s that the bot works: it can still write to its database, after whoever else wants to."""
        while True:
            try:
                async with self.database.writing():
                    pass
                beat(self.database.path)
            except (DatabaseFails, OSError) as error:
                logger.error("no heartbeat", why=where_it_broke(error))
            await asyncio.sleep(_BEATS)

    async def _receive(self) -> None:
        """Step 1: updates come, are committed, and only then confirmed."""
        async with contextlib.aclosing(self.channel.receive()) as coming:
            async for received in coming:
                if received.incoming:
                    await self._take(received.incoming)
                self._cautious_left = max(0, self._cautious_left - len(received.incoming))
                self.channel.confirmed(received)

    async def _take(self, incoming: Sequence[Incoming]) -> None:
        """Until it is committed: a database that fails for a while (a full disk, a lock) loses nobody's words."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self.pipeline.take(incoming, cautious=self._cautious_left > 0)
            except DatabaseFails as error:
                logger.error("the database fails; trying again", why=where_it_broke(error), seconds=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return


@contextlib.asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None, pacer: Pacer | None = None) -> AsyncIterator[Birge]:
    """Opens everything. Raises WrongSetting, KeyRingUnusable, DatabaseUnusable or ChannelUnusable: a sentence each."""
    token = need_token(settings)
    vault = Vault(read_key_ring(settings.keys), settings.keys)
    destroyed = keyring.destroyed(settings.keys)
    clock = clock or Clock()
    async with contextlib.AsyncExitStack() as stack:
        database = await Database.open(settings.database, vault)
        stack.push_async_callback(database.close)
        channel = Telegram(token, settings.telegram_api)
        await channel.open()
        stack.push_async_callback(channel.close)
        if settings.clock:
            await stack.enter_async_context(clock.following(settings.clock))
        renderer = Renderer(channel.address_of, settings.locales or LOCALES)
        async with database.writing() as db:
            await storage.keys.replay_destroyed(db, destroyed)  # the database may be a copy from before
            await storage.keys.must_open(db)
            await vault.ready_for(db, clock.now())
            root = await storage.communities.root(db)
        defaults = Defaults(
            root.language if root else "en",
            root.zone if root else "UTC",
            hotline_open=may_open(
                Checklist(settings.is_stand_in, bool(root and countries.get(root.country).helplines))
            ),
            bot=token.partition(":")[0],
        )
        yield Birge(database, channel, clock, renderer, defaults, pacer or Pacer(Rate(1 / settings.pace)))
