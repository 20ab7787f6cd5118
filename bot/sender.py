"""Step 8: deliveries go out, lane by lane, in order within each chat, side by side across chats.

Deliveries are claimed in memory only: what a crash leaves unmarked is sent again. Results are marked in groups.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

import storage.chats
import storage.conversations
import storage.outbox
import storage.persons
from bot.channels.channel import Channel
from bot.clock import Clock
from bot.logs import where_it_broke
from bot.pacer import Pacer
from bot.pipeline import Tap
from domain.messages import Lane, Moved, Rejected, Result, Sent, TryLater, Unreachable
from domain.requests import Incoming, Kind
from storage.database import Connection, Database
from storage.outbox import Outcome, Waiting

logger = structlog.get_logger(__name__)

_IN_HAND = {Lane.CASE: 200, Lane.REPLY: 400, Lane.REMINDER: 100, Lane.BROADCAST: 200}
_PER_CHAT = 20
_MARK_TOGETHER = 100
_MARK_WITHIN = 0.05  # seconds
_IDLE = 1.0  # seconds between looks at the outbox when nobody wakes the sender
_TOAST_LIVES = 15.0
_PATIENCE = timedelta(hours=20)  # a delivery that the network refuses so long is given up
_SLOWEST_RETRY = 30.0
_SEVERAL = 3  # chats refused within a second pause the bulk lanes


@dataclass(slots=True)
class _Queue:
    """The deliveries in hand for one chat in one lane, and the task that sends them one after the other."""

    waiting: deque[Waiting] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


Learn = Callable[[Sequence[Incoming]], Awaitable[None]]


class Sender:
    """`learn` takes what a channel answered to an Ask, or the receipt of a delivery, through the pipeline."""

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], clock: Clock, pacer: Pacer, learn: Learn
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._pacer = pacer
        self._learn = learn
        self._queues: dict[tuple[Lane, str], _Queue] = {}
        self._hand: dict[int, Waiting] = {}
        self._results: deque[Outcome] = deque()
        self._wake = asyncio.Event()
        self._rested = asyncio.Event()
        self._to_mark = asyncio.Event()
        self._taps: set[asyncio.Task[None]] = set()
        self._refused_at: deque[float] = deque(maxlen=_SEVERAL)
        self._bulk_until = 0.0
        self._stopping = False

    def wake(self) -> None:
        """There may be something to send."""
        self._rested.clear()
        self._wake.set()

    async def rested(self) -> None:
        """Returns when everything that was due is sent and marked."""
        await self._rested.wait()

    @property
    def is_rested(self) -> bool:
        return self._rested.is_set()

    def tell_taps(self, taps: Sequence[Tap]) -> None:
        """Answers taps at once; an answer that doesn't get through is not repeated, the card says the same."""
        for tap in taps:
            task = asyncio.create_task(self._tell_tap(tap))
            self._taps.add(task)
            task.add_done_callback(self._tap_told)

    def _tap_told(self, task: asyncio.Task[None]) -> None:
        self._taps.discard(task)
        self._wake.set()

    async def _tell_tap(self, tap: Tap) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TOAST_LIVES):
                await self._channels[tap.channel].send("toast", "", tap.body, None)

    async def run(self) -> None:
        """Sends until cancelled or stopped."""
        marking = asyncio.create_task(self._mark_results())
        try:
            while not self._stopping:
                self._wake.clear()
                if await self._take_in_hand() or self._wake.is_set():
                    continue
                if not (self._hand or self._results or self._taps):
                    self._rested.set()
                await self._rest()
        finally:
            marking.cancel()
            await asyncio.gather(marking, return_exceptions=True)

    async def stop(self) -> None:
        """Takes no more, lets what is on its way end, and marks it."""
        self._stopping = True
        self._wake.set()
        running = [queue.task for queue in self._queues.values() if queue.task is not None]
        for queue in self._queues.values():
            queue.waiting.clear()
        if running:
            await asyncio.wait(running, timeout=8)
        for task in running:
            task.cancel()
        await self._mark_group()

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout=_IDLE)

    # --- taking in hand ---------------------------------------------------------------------------------------------

    async def _take_in_hand(self) -> int:
        now, taken = self._clock.now(), 0
        for lane in Lane:
            held = [one for one in self._hand.values() if one.lane == lane]
            room = _IN_HAND[lane] - len(held)
            if room <= 0 or (lane >= Lane.REMINDER and self._loop_time() < self._bulk_until):
                continue
            async with self._database.reading() as db:
                rows = await storage.outbox.waiting(db, lane, now, [one.id for one in held], room)
            for row in rows:
                taken += self._put(row)
        return taken

    def _put(self, delivery: Waiting) -> int:
        if delivery.id in self._hand:
            return 0
        queue = self._queues.setdefault((delivery.lane, delivery.place), _Queue())
        if len(queue.waiting) >= _PER_CHAT:
            return 0
        self._hand[delivery.id] = delivery
        queue.waiting.append(delivery)
        if queue.task is None:
            queue.task = asyncio.create_task(self._serve(delivery.lane, delivery.place, queue))
        return 1

    async def _serve(self, lane: Lane, place: str, queue: _Queue) -> None:
        while queue.waiting and not self._stopping:
            delivery = queue.waiting.popleft()
            try:
                outcome = await self._deliver(delivery)
            except Exception as error:  # noqa: BLE001 - one row must not stop the others; it is told
                logger.error("a delivery broke", row=delivery.id, why=where_it_broke(error))
                outcome = Outcome(delivery, "failed", "broken")
            if outcome is None:
                break
            self._note(outcome)
            if outcome.state == "waiting":  # the chat is on pause: what stands behind waits with it, in the database
                break
        for left in queue.waiting:
            self._hand.pop(left.id, None)
        self._queues.pop((lane, place), None)
        self._wake.set()

    # --- one delivery -----------------------------------------------------------------------------------------------

    async def _deliver(self, delivery: Waiting) -> Outcome | None:
        """One delivery until something became of it; None when the program stops first."""
        failures, first = 0, self._clock.now()
        while not self._stopping:
            if delivery.not_after is not None and delivery.not_after < self._clock.now():
                return Outcome(delivery, "dropped", "late")
            await self._wait_turn(delivery)
            result = await self._send(delivery)
            if not isinstance(result, TryLater):
                return await self._judge(delivery, result)
            if result.told:
                return await self._pause(delivery, result.after)
            failures += 1
            if self._clock.now() - first > _PATIENCE:
                return Outcome(delivery, "failed", "unanswered")
            await asyncio.sleep(min(result.after * 2 ** min(failures - 1, 6), _SLOWEST_RETRY))
        return None

    async def _wait_turn(self, delivery: Waiting) -> None:
        if delivery.kind in ("menu", "ask", "admit"):
            return
        _, address = delivery.place.split(":", 1)
        live = delivery.kind == "edit" and delivery.live
        is_group = address.startswith("-")
        lane, place = delivery.lane, delivery.place
        # It is time that is waited for, no event.
        while left := self._pacer.wait(  # noqa: ASYNC110
            self._loop_time(), lane, place, is_group=is_group, is_live=live
        ):
            await asyncio.sleep(left)

    async def _send(self, delivery: Waiting) -> Result:
        channel, address = delivery.place.split(":", 1)
        return await self._channels[channel].send(delivery.kind, address, delivery.body, delivery.target)

    async def _judge(self, delivery: Waiting, result: Result) -> Outcome | None:
        match result:
            case Sent():
                if delivery.kind == "ask" or delivery.body.get("receipt"):
                    await self._tell_back(delivery, dict(result.answer or {"sent": True}))
                message_id = result.message_ids[0] if result.message_ids else None
                return Outcome(delivery, "sent", None, message_id, result.poll_id)
            case Unreachable(why):
                if delivery.body.get("receipt"):
                    await self._tell_back(delivery, {"sent": False, "why": why})
                return Outcome(delivery, "failed", why)
            case Rejected(reason):
                logger.error("the messenger rejected a delivery", row=delivery.id, kind=delivery.kind, said=reason)
                if delivery.body.get("receipt"):
                    await self._tell_back(delivery, {"sent": False, "why": "rejected"})
                return Outcome(delivery, "failed", "rejected")
            case Moved(address):
                return await self._follow(delivery, address)
            case _:
                raise TypeError(f"a result of {type(result).__name__}")

    async def _tell_back(self, delivery: Waiting, answer: Mapping[str, object]) -> None:
        """What became of it goes through the pipeline like any other event, once."""
        channel, address = delivery.place.split(":", 1)
        if delivery.kind == "ask":
            then, args = delivery.body["then"], delivery.body["args"]
        else:
            then, *args = delivery.body["receipt"]
        await self._learn(
            [
                Incoming(
                    channel,
                    f"answer:{delivery.id}",
                    Kind.ANSWER,
                    chat=address,
                    chat_kind="group" if address.startswith("-") else "private",
                    sender=delivery.body.get("who"),
                    answer=answer,
                    then=then,
                    args=tuple(args),
                )
            ]
        )

    async def _pause(self, delivery: Waiting, seconds: float) -> Outcome:
        """The messenger named a pause: the chat is left alone until then, also after a restart."""
        until = self._clock.now() + timedelta(seconds=seconds)
        async with self._database.writing() as db:
            await storage.outbox.pause_place(db, delivery.place_mark, until)
        now = self._loop_time()
        self._refused_at.append(now)
        if len(self._refused_at) == _SEVERAL and now - self._refused_at[0] < 1.0:
            self._bulk_until = now + seconds
        logger.warning("told to wait", row=delivery.id, seconds=seconds)
        return Outcome(delivery, "waiting", not_before=until)

    async def _follow(self, delivery: Waiting, address: str) -> Outcome:
        """The group became a supergroup: it and what waits for it move, and this row goes again."""
        channel, old = delivery.place.split(":", 1)
        async with self._database.writing() as db:
            await storage.chats.move(db, channel, old, address)
            await storage.outbox.move_place(db, delivery.place, f"{channel}:{address}")
        return Outcome(delivery, "waiting", not_before=self._clock.now())

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()

    # --- marking ----------------------------------------------------------------------------------------------------

    def _note(self, outcome: Outcome) -> None:
        self._results.append(outcome)
        self._to_mark.set()

    async def _mark_results(self) -> None:
        while True:
            await self._to_mark.wait()
            if len(self._results) < _MARK_TOGETHER and any(queue.waiting for queue in self._queues.values()):
                await asyncio.sleep(_MARK_WITHIN)
            self._to_mark.clear()
            await self._mark_group()

    async def _mark_group(self) -> None:
        while self._results:
            group = [self._results.popleft() for _ in range(min(_MARK_TOGETHER, len(self._results)))]
            try:
                async with self._database.writing() as db:
                    await self._mark(db, group, self._clock.now())
            finally:
                for outcome in group:
                    self._hand.pop(outcome.delivery.id, None)
            self._wake.set()

    async def _mark(self, db: Connection, group: Sequence[Outcome], now: datetime) -> None:
        if not db.vault.is_ready_for(now):
            await db.vault.ready_for(db, now)
        await storage.outbox.save_outcomes(db, group, now)
        for outcome in group:
            channel, address = outcome.delivery.place.split(":", 1)
            if outcome.state == "failed" and outcome.reason in _UNREACHABLE:
                await storage.persons.mark_unreachable(db, channel, address, outcome.reason)
                await storage.chats.mark_unreachable(db, channel, address, outcome.reason)
            if outcome.delivery.question is not None and outcome.message_id is not None:
                await storage.conversations.note_question(
                    db, channel, address, outcome.delivery.question, outcome.message_id
                )


_UNREACHABLE = {"blocked", "deactivated", "never_started", "removed"}
