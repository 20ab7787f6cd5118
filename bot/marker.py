"""What became of deliveries, saved in groups. While the database fails it is kept: nothing is sent twice for that."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice

import structlog

from bot.causes import Cause
from bot.logs import where_it_broke
from storage.database import DatabaseFails
from storage.outbox import Outcome

logger = structlog.get_logger(__name__)

_TOGETHER = 100
_AGAIN = 1.0  # seconds until the next try after the database failed
_LAST_TRIES = 3  # at the end

Save = Callable[[Sequence[Outcome]], Awaitable[None]]
Saved = Callable[[Sequence[Outcome]], None]


class Marker:
    """`save` writes outcomes in one transaction and may raise; `saved` is told of those that are done with."""

    def __init__(self, save: Save, saved: Saved) -> None:
        self._save = save
        self._saved = saved
        self._outcomes: deque[Outcome] = deque()
        self._waited_for: dict[int, asyncio.Future[None]] = {}
        self._news = asyncio.Event()
        self._saving = asyncio.Lock()
        self._stopping = False
        self.unmarkable: set[int] = set()  # deliveries that are not to be sent again before the next start

    @property
    def is_idle(self) -> bool:
        """Whether everything that was noted is saved."""
        return not self._outcomes

    def note(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._news.set()

    async def marked(self, outcome: Outcome) -> Outcome:
        """Notes the outcome and returns when the database has it, or the program stops."""
        marked = self._waited_for[outcome.delivery.id] = asyncio.get_running_loop().create_future()
        self.note(outcome)
        if not self._stopping:
            await marked
        return outcome

    async def run(self) -> None:
        """Saves what is noted until told to stop, and never ends in the middle of a transaction unless cancelled."""
        while not self._stopping:
            await self._news.wait()
            self._news.clear()
            await self.mark_all()

    def stop(self) -> None:
        """Nobody waits for a mark any more; what is noted from now on is saved by the last `mark_all`."""
        self._stopping = True
        self._news.set()
        for delivery_id in list(self._waited_for):
            self._go_on(delivery_id)

    async def mark_all(self) -> None:
        """Until nothing is left to mark; at the end a few tries must do."""
        tries = 0
        async with self._saving:
            while self._outcomes:
                try:
                    await self._mark_group(list(islice(self._outcomes, _TOGETHER)))
                    tries = 0
                except DatabaseFails as error:
                    tries += 1
                    logger.error("results can't be marked yet", results=len(self._outcomes), why=where_it_broke(error))
                    if self._stopping and tries >= _LAST_TRIES:
                        return
                    await asyncio.sleep(0 if self._stopping else _AGAIN)

    async def _mark_group(self, group: Sequence[Outcome]) -> None:
        try:
            await self._save(group)
        except DatabaseFails:
            raise
        except Exception as error:  # noqa: BLE001 - it is told; one by one shows which it is
            logger.error("results were not marked", results=len(group), why=where_it_broke(error), cause=Cause.BUG)
            if len(group) > 1:
                for outcome in group:
                    await self._mark_group([outcome])
                return
            self.unmarkable.add(group[0].delivery.id)
        self._saved(group)
        for outcome in group:
            self._outcomes.remove(outcome)
            self._go_on(outcome.delivery.id)

    def _go_on(self, delivery_id: int) -> None:
        marked = self._waited_for.pop(delivery_id, None)
        if marked is not None and not marked.done():
            marked.set_result(None)
