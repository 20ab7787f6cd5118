"""The ticker: APScheduler says "now", the jobs ask the database what is due. A tick that is late is one tick."""

import time
from collections.abc import Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import outgoing
from bot.causes import Cause
from bot.clock import Clock
from bot.logs import where_it_broke
from bot.metrics import Metrics
from bot.render import Renderer
from jobs.schedule import TICKS, Tick
from storage.database import Connection, Database, DatabaseFails

logger = structlog.get_logger(__name__)


class Scheduler:
    """Runs every job of jobs.schedule at its pace, each in a transaction of its own."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        clock: Clock,
        after_commit: Callable[[], None],
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._renderer = renderer
        self._clock = clock
        self._after_commit = after_commit
        self._metrics = metrics or Metrics()
        self._ticker = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        for tick in TICKS:
            self._metrics.expects(tick)
            self._ticker.add_job(
                self.run,
                "interval",
                args=[tick],
                seconds=tick.every,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._ticker.start()

    def stop(self) -> None:
        if self._ticker.running:
            self._ticker.shutdown(wait=False)

    async def run_all(self) -> bool:
        """Every job once: tests and the end of a moved clock need not wait for the ticker. Whether one changed
        anything."""
        changed = [await self.run(tick) for tick in TICKS]
        self._after_commit()  # what had to wait may be due by the new time, though no job changed anything
        return any(changed)

    async def run(self, tick: Tick) -> bool:
        """One look; whether it changed anything. A job that breaks is logged and looked at again at its next tick."""
        now, began = self._clock.now(), time.monotonic()

        async def look(db: Connection) -> bool:
            before = db.changes
            await db.vault.ready_for(db, now)
            await outgoing.store(db, self._renderer, await tick.job(db, now), None, now)
            return db.changes > before

        try:
            changed = await self._database.transact(look, long=tick.long)
        except Exception as error:  # noqa: BLE001 - a bug in one job must not stop the others; it is told
            # A database that fails is told of by who watches it: there it is one notice, not one for every job.
            cause = None if isinstance(error, DatabaseFails) else Cause.BUG
            logger.error("a job broke", job=tick.job.__name__, why=where_it_broke(error), cause=cause)
            self._metrics.looked(tick, began, well=False)
            return False
        self._metrics.looked(tick, began, well=True)
        if changed:
            self._after_commit()
        return changed
