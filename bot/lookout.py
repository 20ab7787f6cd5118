"""Looks out for what nobody says aloud: a database or a messenger that stays silent, and answers that don't get out."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime

import structlog

import storage.canary
import storage.cases
import storage.outbox
from bot.causes import Cause
from bot.contact import Contact
from bot.logs import where_it_broke
from domain.canary import Ended
from storage.database import Database, DatabaseFails

logger = structlog.get_logger(__name__)

_EVERY = 15.0  # seconds
_DATABASE_SILENT = 60.0
_MESSENGER_SILENT = 5 * 60.0
_REPLY_WAITS = 2 * 60.0
_CASES_EVERY = 60.0


class Lookout:
    """`seconds` tells the time that really passes: a stand-in's clock may jump."""

    def __init__(
        self, database: Database, contact: Contact, now: Callable[[], datetime], seconds: Callable[[], float]
    ) -> None:
        self._database = database
        self._contact = contact
        self._now = now
        self._seconds = seconds
        self._written = seconds()
        self._missed: datetime | None = None  # the test of the hotline that was told of
        self._cases_at = -_CASES_EVERY
        self._newest: deque[tuple[float, int]] = deque()  # when, and the newest delivery there was then

    def database_works(self) -> None:
        """A transaction was committed."""
        self._written = self._seconds()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whoever looks out goes on looking; it is told
                logger.error("the lookout broke", why=where_it_broke(error), cause=Cause.BUG)

    async def look(self) -> None:
        """One look at everything."""
        if self._seconds() - self._written > _DATABASE_SILENT:
            logger.error("the database has failed for a minute", cause=Cause.DATABASE)
        if self._seconds() - self._contact.heard_at > _MESSENGER_SILENT:
            logger.error("the messenger has been silent for 5 minutes", cause=Cause.MESSENGER)
        try:
            await self._look_at_replies()
            await self._look_at_the_canary()
            await self._look_at_cases()
        except DatabaseFails as error:  # told of above, when it lasts
            logger.warning("the database can't be looked at", why=where_it_broke(error))

    async def _look_at_replies(self) -> None:
        """A delivery doesn't say how old it is: one that is older than the newest of 2 minutes ago has waited since."""
        now = self._seconds()
        async with self._database.reading() as db:
            oldest = await storage.outbox.oldest_reply(db, self._now())
            self._newest.append((now, await storage.outbox.newest(db)))
        while len(self._newest) > 1 and now - self._newest[1][0] >= _REPLY_WAITS:
            self._newest.popleft()
        since, newest = self._newest[0]
        if oldest is not None and oldest <= newest and now - since >= _REPLY_WAITS:
            logger.error("a reply has waited for 2 minutes", cause=Cause.OUTBOX_OLD)

    async def _look_at_the_canary(self) -> None:
        async with self._database.reading() as db:
            canary = await storage.canary.last(db)
        if canary is not None and canary.ended is Ended.MISSED and canary.sent_at != self._missed:
            self._missed = canary.sent_at
            logger.error("nobody took the weekly test of the hotline", cause=Cause.CANARY)

    async def _look_at_cases(self) -> None:
        """Once in a minute: everybody may be kept out of a case, and then nobody of the hotline can know of it."""
        if self._seconds() - self._cases_at < _CASES_EVERY:
            return
        self._cases_at = self._seconds()
        async with self._database.reading() as db:
            has_nobody = await storage.cases.has_nobody(db, self._now())
            has_nobody = has_nobody or await storage.cases.has_no_judge(db, self._now())
        if has_nobody:
            logger.error("nobody may work on a case", cause=Cause.NOBODY)
