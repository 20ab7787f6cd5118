"""The running program, wired: database, channel, pipeline, sender, scheduler; started and stopped together."""

import asyncio
import contextlib
import gc
import hashlib
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import structlog

import storage.communities
import storage.forgetting
import storage.keys
import storage.operation
import storage.outbox
from bot import backups, keys, restarts, witnesses
from bot.causes import Cause
from bot.channels.channel import Introduction
from bot.channels.email import Email
from bot.channels.telegram import Telegram
from bot.checklist import setup_of
from bot.clock import Clock
from bot.config import Settings, need_token
from bot.contact import Contact
from bot.heartbeat import beat, end
from bot.letters import take_requests
from bot.logs import where_it_broke
from bot.lookout import Lookout
from bot.mailbox import server_of
from bot.metrics import Metrics
from bot.operator import Operator
from bot.pacer import Pacer, Rate
from bot.pager import Pager
from bot.pipeline import Defaults, Pipeline
from bot.render import LOCALES, Renderer
from bot.scheduler import Scheduler
from bot.sender import Sender
from domain.languages import LANGUAGES
from domain.messages import Text
from domain.paging import is_address
from domain.requests import Incoming
from handlers import menus
from handlers.home import ABOUT
from storage import keyring
from storage.database import Connection, Database, DatabaseFails
from storage.vault import Vault, read_key_ring

logger = structlog.get_logger(__name__)

_CAUTIOUS_FOR = 100  # updates after an unclean stop
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds
_INTRODUCED = "introduced as"
_CLEAN = "stopped cleanly"
_BEAT = "last beat"
_BEATS = 15.0  # seconds
_SETTLED = 4  # beats after which a start has led somewhere
_BATCH_ENDS_WITHIN = 3.0  # seconds: the batch in hand when the bot is stopped
_SENDER_ENDS_WITHIN = 5.0


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
        operator: Operator,
        contact: Contact,
    ) -> None:
        self.database = database
        self.operator = operator
        self.contact = contact
        self.channel = channel
        self.clock = clock
        self.renderer = renderer
        self.defaults = defaults
        channels = {channel.name: channel}
        self.metrics = Metrics()
        self.sender = Sender(database, channels, clock, pacer, self._learn, self.metrics)
        self.scheduler = Scheduler(database, renderer, clock, self.sender.wake, self.metrics)
        self.pipeline = Pipeline(
            database, renderer, clock.now, self.sender.hand_over, self.sender.tell_taps, defaults, self.metrics
        )
        self.pager = Pager(database, None, clock.now)
        self.lookout = Lookout(database, contact, clock.now, asyncio.get_running_loop().time)
        self._cautious_left = 0
        self._hold_back = 0.0  # seconds not to poll at the start
        self._confirmed = False  # whether this run confirmed a batch
        self._led_nowhere = True
        self._in_hand = asyncio.Lock()  # held while a batch is being handled
        self.working = asyncio.Event()
        self.polls = False
        self.ends = False
        self.backups_kept = timedelta(days=35)
        self.beaten_at: float | None = None  # monotonic: when the database was last seen to be writable

    async def _learn(self, learnt: Sequence[Incoming]) -> None:
        """What a channel answered to an Ask comes in like any other event."""
        await self.pipeline.take(learnt)

    async def run(self) -> None:
        """Receives, sends and ticks until cancelled; then takes nothing new and finishes what is on its way."""
        with self.operator.listening():
            await self._run()

    async def _run(self) -> None:
        await self._note_start()
        sending = asyncio.create_task(self.sender.run())
        receiving = asyncio.create_task(self._receive())
        besides = [
            asyncio.create_task(self._beat()),
            asyncio.create_task(keys.keep(self.database, self.clock)),
            asyncio.create_task(witnesses.keep(self.database, self.clock)),
            asyncio.create_task(backups.keep_an_eye(self.database, self.clock, self.backups_kept)),
            asyncio.create_task(self.lookout.run()),
            asyncio.create_task(self.operator.run()),
            asyncio.create_task(self.pager.run()),
        ]
        self.scheduler.start()
        gc.freeze()  # what is there now stays: a full collection would look at it for 50 ms, again and again
        self.working.set()
        clean = False
        try:
            # Not gather: it would cut off the batch in hand when this task is cancelled.
            ended, _ = await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        except asyncio.CancelledError:
            clean = True
            raise
        finally:
            self.ends = True
            for task in besides:
                task.cancel()
            self.scheduler.stop()
            await self._finish_batch(receiving)
            await self._finish_sending(sending)
            await asyncio.gather(receiving, *besides, sending, return_exceptions=True)
            if clean:
                await self._note_clean_stop()

    async def _finish_batch(self, receiving: asyncio.Task[None]) -> None:
        """A poll is cut off: what it would bring comes again. What is being handled is finished."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BATCH_ENDS_WITHIN), self._in_hand:
                pass
        receiving.cancel()
        await asyncio.wait((receiving,))

    async def _finish_sending(self, sending: asyncio.Task[None]) -> None:
        try:
            async with asyncio.timeout(_SENDER_ENDS_WITHIN):
                await self.sender.stop()
        except TimeoutError:
            logger.error("what was sent last could not be marked: it may be sent once more")
        sending.cancel()

    async def _note_clean_stop(self) -> None:
        try:
            async with self.database.writing() as db:
                await storage.operation.write(db, _CLEAN, "yes")
        except DatabaseFails as error:
            logger.error("the clean stop could not be noted", why=where_it_broke(error))
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
            self._hold_back = await restarts.note_start(db, self.clock.now(), clean=clean != "no")
        if clean == "no":
            self.sender.sent_perhaps = newest
            logger.warning(
                "the last stop was not a clean one: the first updates are taken one by one", cause=Cause.UNCLEAN_STOP
            )
            self._cautious_left = _CAUTIOUS_FOR

    async def _beat(self) -> None:
        """Says every 15 s that the bot works: it can still write to its database, after whoever else wants to."""
        for beats in itertools.count(1):
            try:
                await self.beat_once()
                if beats >= _SETTLED:
                    await self._note_success()
            except (DatabaseFails, OSError) as error:
                logger.error("no heartbeat", why=where_it_broke(error))
            await asyncio.sleep(_BEATS)

    async def beat_once(self) -> None:
        """One beat; with it goes what is noted or asked now and then: the last contact, letters to send again."""
        noted, newest = await self.database.transact(self._note_beat)
        if noted is not None:
            at, gap = noted
            self.contact.kept(at)
            if gap is not None:
                logger.warning(
                    "a gap in the contact with the messenger", hours=gap.total_seconds() // 3600, cause=Cause.GAP
                )
        self.metrics.grew(newest)
        beat(self.database.path)
        self.beaten_at = time.monotonic()
        self.lookout.database_works()
        try:
            if await take_requests(self.database):
                self.sender.wake()
        except OSError as error:
            logger.warning("what was asked about letters can't be read", why=where_it_broke(error))
        await self._wipe()

    async def _wipe(self) -> None:
        """Somebody was forgotten: nothing of her is left in pages and logs either. Tried again with the next beat."""
        async with self.database.reading() as db:
            noted = await storage.operation.read(db, storage.forgetting.FORGOTTEN)
        if noted is None:
            return
        try:
            await self.database.wipe(storage.forgetting.wiped_by(noted))
        except DatabaseFails as error:
            logger.warning("what was forgotten is not wiped yet", why=where_it_broke(error))
            return
        async with self.database.writing() as db:
            if await storage.operation.read(db, storage.forgetting.FORGOTTEN) == noted:
                await storage.operation.forget(db, storage.forgetting.FORGOTTEN)

    async def _note_beat(self, db: Connection) -> tuple[tuple[datetime, timedelta | None] | None, int]:
        await storage.operation.write(db, _BEAT, self.clock.now().isoformat())
        return await self.contact.note(db), await storage.outbox.newest(db)

    async def _receive(self) -> None:
        """Step 1: updates come, are committed, and only then confirmed."""
        await asyncio.sleep(self._hold_back)
        self.polls = True
        async with contextlib.aclosing(self.channel.receive()) as coming:
            async for received in coming:
                self.metrics.received()
                if received.incoming:
                    async with self._in_hand:
                        await self._take(received.incoming)
                self._cautious_left = max(0, self._cautious_left - len(received.incoming))
                if self._confirmed:
                    await self._note_success()
                self.channel.confirmed(received)
                self._confirmed = True

    async def _take(self, incoming: Sequence[Incoming]) -> None:
        """Until it is committed: a database that fails for a while (a full disk, a lock) loses nobody's words."""
        pause = _FIRST_PAUSE
        while True:
            try:
                if self._cautious_left > 0:
                    await self._take_cautiously(incoming)
                else:
                    await self.pipeline.take(incoming)
            except DatabaseFails as error:
                logger.error("the database fails; trying again", why=where_it_broke(error), seconds=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return

    async def _take_cautiously(self, incoming: Sequence[Incoming]) -> None:
        """One by one, and nothing else goes on meanwhile: else a call that ends the program again and again would make
        innocent words look like the cause."""
        for one in incoming:
            async with self.sender.quiet():
                await self.pipeline.take([one], cautious=True)

    async def _note_success(self) -> None:
        """Once in a run: this start led somewhere."""
        if not self._led_nowhere:
            return
        try:
            async with self.database.writing() as db:
                await restarts.note_success(db)
            self._led_nowhere = False
        except DatabaseFails as error:
            logger.error("a good start could not be noted", why=where_it_broke(error))


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
        contact = Contact(clock.machine, asyncio.get_running_loop().time)
        channel = Telegram(token, settings.telegram_api, contact.heard)
        stack.push_async_callback(channel.close)
        await channel.open()
        if settings.clock:
            await stack.enter_async_context(clock.following(settings.clock))
        renderer = Renderer(channel.address_of, settings.locales or LOCALES)
        async with database.writing() as db:
            await storage.keys.replay_destroyed(db, destroyed)  # the database may be a copy from before
            await storage.keys.must_open(db)
            await db.vault.ready_for(db, clock.now())
            root = await storage.communities.root(db)
        defaults = Defaults(
            root.language if root else "en",
            root.zone if root else "UTC",
            setup=setup_of(settings, renderer),
            bot=token.partition(":")[0],
            public_url=settings.public_url,
        )
        operator = _operator(settings, channel, clock)
        birge = Birge(
            database, channel, clock, renderer, defaults, pacer or Pacer(Rate(1 / settings.pace)), operator, contact
        )
        birge.pager = Pager(database, _mailer(settings, clock), clock.now)
        birge.backups_kept = timedelta(days=settings.backups_kept_days)
        yield birge


def _operator(settings: Settings, channel: Telegram, clock: Clock) -> Operator:
    """Who is told when something is wrong, and by which way."""
    if is_address(settings.operator):
        return Operator(_mailer(settings, clock), settings.operator, clock.machine)
    return Operator(channel if settings.operator else None, settings.operator, clock.machine)


def _mailer(settings: Settings, clock: Clock) -> Email | None:
    if not settings.can_mail:
        return None
    return Email(server_of(settings.smtp.get_secret_value()), settings.smtp_from, clock)
