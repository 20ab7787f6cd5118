"""How the running bot does: alive, ready or not and why, and its figures."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import storage.canary
import storage.operation
import storage.outbox
import storage.schema
from bot.app import Birge
from bot.metrics import Seen
from domain.messages import Lane
from storage.database import DatabaseFails
from storage.operation import Backlog

BACKED_UP_AT = "backed up at"
CHECKS = ("database", "migration", "key", "messenger", "rival", "restarts", "running")

_BEATS_WITHIN = 60.0  # seconds
_HEARD_WITHIN = 90.0  # a poll that brings nothing is answered after 25 s
_ANSWERS_WITHIN = 2.0  # the database, to somebody who only looks


class Watching:
    """Looks at a bot from outside; nothing it does writes or waits long."""

    def __init__(self, birge: Birge, url: str) -> None:
        self._birge = birge
        self._url = url  # of the database

    def is_alive(self) -> bool:
        """Whether the heart beats: the loop turns and the database is written."""
        return self._lately(self._birge.beaten_at, _BEATS_WITHIN)

    async def checks(self) -> Mapping[str, bool]:
        """Each of CHECKS, and whether it is well."""
        birge = self._birge
        return {
            "database": self.is_alive(),
            "migration": await self._is_migrated(),
            "key": birge.database.vault.is_ready_for(birge.clock.now()),
            "messenger": self._lately(birge.channel.heard_at, _HEARD_WITHIN),
            "rival": not birge.channel.has_rival,
            "restarts": birge.polls,
            "running": not birge.ends,
        }

    async def figures(self) -> bytes:
        """Everything in the text format of Prometheus; what the database doesn't tell in time is left out."""
        birge = self._birge
        ready, now = await self.checks(), birge.clock.now()
        backlog: Mapping[Lane, Backlog] | None = None
        backed_up: datetime | None = None
        size: int | None = None
        taken_at: datetime | None = None
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN), birge.database.reading() as db:
                birge.metrics.grew(await storage.outbox.newest(db))
                backlog = await storage.operation.backlogs(db, now)
                size = await storage.operation.size(db, self._url)
                taken_at = await storage.canary.last_taken_at(db)
                backed_up = _moment(await storage.operation.read(db, BACKED_UP_AT))
        except (DatabaseFails, TimeoutError):
            ready = {**ready, "database": False}
        return birge.metrics.told(Seen(ready, backlog, size, backed_up, now, taken_at))

    async def _is_migrated(self) -> bool:
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN), self._birge.database.reading() as db:
                return await storage.operation.migration(db) == storage.schema.newest()
        except (DatabaseFails, TimeoutError):
            return False

    def _lately(self, at: float | None, seconds: float) -> bool:
        return at is not None and time.monotonic() - at < seconds


def _moment(noted: str | None) -> datetime | None:
    """As ISO 8601."""
    return None if noted is None else datetime.fromisoformat(noted).astimezone(UTC)
