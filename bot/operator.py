"""Tells whoever runs the bot that something is wrong: the cause, the time, ids and what to read, never content.

One notice per cause in 10 minutes, kept in memory and sent straight through its channel: it goes out while the database
fails, and what happens while it is sent becomes no notice itself.
"""

import asyncio
import contextlib
import html
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot import logs
from bot.causes import HEADINGS, SENTENCES, Cause
from bot.logs import where_it_broke
from domain.messages import Result, Sent, TryLater

logger = structlog.get_logger(__name__)

_ONCE_IN = timedelta(minutes=10)
_PAUSES = tuple(timedelta(seconds=one) for one in (15, 30, 60, 120, 300, 600))  # between tries; then it is given up
# What a notice repeats of a log line. A row that broke may be one of the case lane: it stands in the log alone.
_IDS = {Cause.BUG: "update", Cause.SET_ASIDE: "update", Cause.GIVEN_UP: "row"}
_IDS_MOST = 5
_LOOK = 5.0  # seconds between looks at what may be told now

_telling: ContextVar[bool] = ContextVar("telling", default=False)


class Way(Protocol):
    """How a notice goes out: any channel."""

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result: ...


@dataclass(slots=True)
class _Trouble:
    """What happened of one cause since it was told last."""

    count: int = 0
    since: datetime | None = None
    ids: list[str] = field(default_factory=list)
    tries: int = 0
    not_before: datetime | None = None


class Operator:
    """`way` and `address` (a chat's or a mailbox's) say where notices go; without a way they stay in the log alone."""

    def __init__(self, way: Way | None, address: str, now: Callable[[], datetime]) -> None:
        self._way = way
        self._address = address
        self._now = now
        self._troubles: dict[Cause, _Trouble] = {}
        self._wake = asyncio.Event()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Takes the log lines that have a cause, as long as this lasts."""
        with logs.heard_by(self.hear):
            yield

    def hear(self, line: Mapping[str, Any]) -> None:
        """A log line with a cause. Costs next to nothing and never fails whoever wrote it."""
        if _telling.get() or self._way is None:
            return
        cause = Cause(line["cause"])
        trouble = self._troubles.setdefault(cause, _Trouble())
        trouble.count += 1
        trouble.since = trouble.since or self._now()
        name = _IDS.get(cause, "")
        if name in line and len(trouble.ids) < _IDS_MOST:
            trouble.ids.append(f"{name} {line[name]}")
        self._wake.set()

    async def run(self) -> None:
        """Tells what there is to tell, until cancelled."""
        while True:
            self._wake.clear()
            await self.tell()
            if not any(trouble.count for trouble in self._troubles.values()):
                await self._wake.wait()
            else:
                await asyncio.sleep(_LOOK)

    async def tell(self) -> None:
        """One look: every cause that may be told now."""
        if self._way is None:
            return
        now = self._now()
        for cause, trouble in list(self._troubles.items()):
            if trouble.count and (trouble.not_before is None or trouble.not_before <= now):
                await self._tell_one(self._way, cause, trouble)

    async def _tell_one(self, way: Way, cause: Cause, trouble: _Trouble) -> None:
        told, count = notice(cause, trouble.count, trouble.since or self._now(), trouble.ids), trouble.count
        result = await self._send(way, told)
        now = self._now()
        if isinstance(result, TryLater) and trouble.tries < len(_PAUSES):
            trouble.not_before = now + max(_PAUSES[trouble.tries], timedelta(seconds=min(result.after, 600)))
            trouble.tries += 1
            return
        if not isinstance(result, Sent):
            logger.warning("a notice did not reach the operator", about=cause.value, why=type(result).__name__)
        more = trouble.count - count  # happened while it was told
        self._troubles[cause] = _Trouble(more, now if more else None, not_before=now + _ONCE_IN)

    async def _send(self, way: Way, told: str) -> Result:
        token = _telling.set(True)
        try:
            return await way.send("say", self._address, {"html": html.escape(told, quote=False)}, None)
        except Exception as error:  # noqa: BLE001 - it must not stop the notices to come; it is told in the log
            logger.warning("a notice broke", why=where_it_broke(error))
            return TryLater(0.0)
        finally:
            _telling.reset(token)


def notice(cause: Cause, count: int, since: datetime, ids: list[str]) -> str:
    """The cause, when, how often, ids, and where it says what to do."""
    lines = [f"Birge: {SENTENCES[cause]}", f"{since:%Y-%m-%d %H:%M} UTC" + "".join(f", {one}" for one in ids)]
    if count > 1:
        lines.append(f"And {count - 1} more since.")
    lines.append(f"What to do: docs/operating.md, “{HEADINGS[cause]}”.")
    return "\n".join(lines)
