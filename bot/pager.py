"""Sends the pages that also go by e-mail (rule 9): from a table of its own, in a task of its own, so that neither route
waits for the other.

A page is written in the transaction that changed its case, and sent after that: what crashes in between is sent at the
next start. A crash between sending and noting it sends it twice; none is lost.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import structlog

import storage.pages
from bot.causes import Cause
from bot.channels.email import CHANNEL
from bot.logs import where_it_broke
from domain.messages import Result, Sent, TryLater
from domain.paging import LATE, PAUSES, Page
from storage.database import Connection, Database, DatabaseFails

logger = structlog.get_logger(__name__)

_LOOK = 1.0  # seconds between looks
_AT_ONCE = 20


class Way(Protocol):
    """How a page goes out."""

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result: ...


class Pager:
    """`way`: None where no mail can be sent; then nobody can have confirmed an address, and what waits from before is
    given up in time."""

    def __init__(self, database: Database, way: Way | None, now: Callable[[], datetime]) -> None:
        self._database = database
        self._way = way
        self._now = now
        self._looking = asyncio.Lock()  # two looks at once would send a page twice

    async def run(self) -> None:
        """Sends what is due, until cancelled."""
        while True:
            try:
                await self.look()
            except DatabaseFails as error:
                logger.error("pages can't be read", why=where_it_broke(error))
            await asyncio.sleep(_LOOK)

    async def look(self) -> int:
        """One look: all that is due, side by side, since a server may take long to answer. How many there were."""
        async with self._looking:
            async with self._database.reading() as db:
                due = await storage.pages.due(db, self._now(), _AT_ONCE)
            await asyncio.gather(*(self._send(page) for page in due))
        return len(due)

    async def _send(self, page: Page) -> None:
        result = await self._try(page)
        await self._database.transact(lambda db: self._note(db, page, result))

    async def _try(self, page: Page) -> Result | None:
        """None: its address was taken back, and there is nothing to send any more."""
        if page.address is None:
            return None
        if self._way is None:
            return TryLater(0.0)
        try:
            return await self._way.send("say", page.address, page.body, None)
        except Exception as error:  # noqa: BLE001 - one page must not stop the others; it is told and tried again
            logger.error("a page broke", channel=CHANNEL, why=where_it_broke(error), cause=Cause.BUG)
            return TryLater(0.0)

    async def _note(self, db: Connection, page: Page, result: Result | None) -> None:
        match result:
            case None:
                await storage.pages.note_failed(db, page.id)
            case Sent():
                await storage.pages.note_sent(db, page.id)
            case TryLater() if page.tries < len(PAUSES):  # the pause it names is a guess; a page is urgent
                await storage.pages.note_later(db, page.id, self._now() + PAUSES[page.tries])
                if page.tries == LATE:
                    logger.error("a page by e-mail is late", tries=page.tries + 1, cause=Cause.PAGE)
            case _:
                await storage.pages.note_failed(db, page.id)
                why = type(result).__name__
                logger.error("a page by e-mail was given up", tries=page.tries + 1, why=why, cause=Cause.PAGE)
