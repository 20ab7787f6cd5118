"""Step 8: deliveries go out, lane by lane, in order within each chat, side by side across chats.

Deliveries are claimed in memory only: what a crash leaves unmarked is sent again. Results are marked in groups.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog

import storage.chats
import storage.conversations
import storage.outbox
import storage.persons
from bot.calls import Calls
from bot.causes import Cause
from bot.channels.channel import Channel
from bot.clock import Clock
from bot.copies import Copies
from bot.logs import where_it_broke
from bot.marker import Marker
from bot.metrics import Metrics
from bot.pacer import Pacer
from bot.papers import Papers
from bot.turns import Turns
from domain.messages import Lane, Moved, Rejected, Result, Sent, TryLater, Unreachable
from domain.requests import Incoming, Kind
from storage.database import Connection, Database, DatabaseFails
from storage.outbox import GIVEN_UP, UNOPENABLE, UNREACHABLE, Outcome, Pause, Waiting

logger = structlog.get_logger(__name__)

_IN_HAND = {Lane.CASE: 200, Lane.REPLY: 400, Lane.REMINDER: 100, Lane.BROADCAST: 200}
_PER_CHAT = 5  # of one chat in one lane, so that a flooding one fills nobody's place
_IDLE = 1.0  # seconds between looks at the outbox when nobody wakes the sender
_PATIENCE = timedelta(hours=20)  # a delivery that the network refuses so long is given up
_SLOWEST_RETRY = 30.0
_LOOKED_BEFORE = timedelta(seconds=10)  # who looked at the clock so long before a pause was told heeds it, too
_AGAIN = 1.0  # seconds until the next try after the database failed
_STALE = 0.2  # seconds in hand after which a delivery may have been taken back
_END_WITHIN = 4.0  # seconds that a call on its way at the end may still take


@dataclass(slots=True)
class _Queue:
    """The deliveries in hand for one chat in one lane, and the task that sends them one after the other."""

    waiting: deque[tuple[float, Waiting]] = field(default_factory=deque)  # since when, what
    task: asyncio.Task[None] | None = None


Learn = Callable[[Sequence[Incoming]], Awaitable[None]]


class Sender:
    """`learn` takes what a channel answered to an Ask, or the receipt of a delivery, through the pipeline."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        pacer: Pacer,
        learn: Learn,
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._pacer = pacer
        self._wake = asyncio.Event()
        self._turns = Turns(pacer)
        self._calls = Calls(channels, self._wake.set)
        self._marker = Marker(self._save, self._saved)
        self._learn = learn
        self._copies = Copies(database)
        self._papers = Papers()
        self._metrics = metrics or Metrics()
        self._queues: dict[tuple[Lane, str], _Queue] = {}
        self._hand: dict[int, Waiting] = {}
        self._let_go_meanwhile: set[str] = set()  # places of what left the hand since the last look began
        self._held = Counter[Lane]()  # how many are in hand
        self._unread = set(Lane)  # lanes with deliveries in the database that may be older than what is handed over
        self._news = Counter[Lane]()  # how often a lane got something that is not in hand
        self._looked_at = -_IDLE  # when all lanes were looked at
        # Chats (marks) that were told to wait; None: not read from the database yet.
        self._paused: dict[bytes, Pause] | None = None
        self._rested = asyncio.Event()
        self._sending: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._napping: set[asyncio.Task[None]] = set()
        # Places that have moved, and where to: what was committed for an old one may be handed over after it moved.
        self._moved: dict[str, str] = {}
        self._stopping = False
        self.tell_taps = self._calls.tell_taps
        self.quiet = self._calls.quiet
        # Up to this one a delivery that waits may have been sent before a crash, without our mark.
        self.sent_perhaps = 0

    def wake(self) -> None:
        """There may be something new in the database to send, in whatever lane."""
        for lane in Lane:
            self._is_behind(lane)
        self._rested.clear()
        self._wake.set()

    def _is_behind(self, lane: Lane) -> None:
        self._unread.add(lane)
        self._news[lane] += 1

    def hand_over(self, deliveries: Sequence[Waiting]) -> None:
        """What was committed just now. Where nothing older waits it is taken in hand as it is; the rest is read from
        the database in its order. There may be more there than what is handed over."""
        for one in deliveries:
            older_waits = one.lane in self._unread or self._paused is None or one.place_mark in self._paused
            moves = one.place in self._moved or self._is_awaited(one.place)
            if older_waits or moves or not self._has_room(one.lane) or not self._put(one):
                self._is_behind(one.lane)
        self._rested.clear()
        self._wake.set()

    async def rested(self) -> None:
        """Returns when everything that was due is sent and marked."""
        await self._rested.wait()

    @property
    def is_rested(self) -> bool:
        return self._rested.is_set()

    async def run(self) -> None:
        """Sends until cancelled or stopped."""
        marking = asyncio.create_task(self._marker.run())
        try:
            while not self._stopping:
                self._wake.clear()
                if await self._take_what_there_is() or self._wake.is_set():
                    continue
                if not (self._hand or self._calls.taps) and self._marker.is_idle:
                    self._looked_at = -_IDLE  # what is about a card may go now that the card is sent
                    if await self._take_what_there_is() or self._wake.is_set():
                        continue
                    self._rested.set()
                await self._rest()
        finally:
            self._marker.stop()
            await marking  # whoever can't wait for a database that hangs cancels once more

    async def stop(self) -> None:
        """Takes no more, lets what is on its way end, and marks it."""
        self._stopping = True
        self._wake.set()
        for napping in list(self._napping):  # nothing of theirs is on its way
            napping.cancel()
        self._marker.stop()
        self._turns.stop()
        running = [*(queue.task for queue in self._queues.values() if queue.task is not None), *self._calls.taps]
        for queue in self._queues.values():
            queue.waiting.clear()
        if running:
            await asyncio.wait(running, timeout=_END_WITHIN)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._marker.mark_all()

    async def _nap(self, seconds: float) -> None:
        """Time passes."""
        async with self._stoppable():
            await asyncio.sleep(seconds)

    @contextlib.asynccontextmanager
    async def _stoppable(self) -> AsyncIterator[None]:
        """The end of the program doesn't wait for what is awaited here: nothing is on its way meanwhile."""
        task = asyncio.current_task()
        if self._stopping or task is None:
            raise asyncio.CancelledError
        self._napping.add(task)
        try:
            yield
        finally:
            self._napping.discard(task)

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout=_IDLE)

    # --- taking in hand ---------------------------------------------------------------------------------------------

    async def _take_what_there_is(self) -> int:
        try:
            return await self._take_in_hand()
        except DatabaseFails as error:
            logger.error("the outbox can't be read", why=where_it_broke(error))
            return 0

    async def _take_in_hand(self) -> int:
        now = self._clock.now()
        if self._paused is None:
            async with self._database.reading() as db:
                self._paused = dict(await storage.outbox.pauses(db, now))
        over = [mark for mark, pause in self._paused.items() if not pause.holds(now)]
        everywhere = self._loop_time() - self._looked_at >= _IDLE  # what had to wait may be due meanwhile
        lanes = set(self._unread)
        if everywhere:
            self._looked_at = self._loop_time()
            lanes = await self._glance()
        taken, looked = 0, everywhere
        for lane in sorted(lanes):
            held_back = lane >= Lane.REMINDER and self._turns.are_paused()
            if self._wants_more(lane) and not held_back:
                taken += await self._take_of(lane, now)
            else:
                looked = False
        if looked and not self._unread:  # what waited in these chats is in hand, and none was told to wait meanwhile
            for mark in over:
                if (pause := self._paused.get(mark)) is not None and not pause.holds(now):
                    del self._paused[mark]
        return taken

    async def _glance(self) -> set[Lane]:
        """The lanes in which anything waits; of the others it is known then that nothing does."""
        news = self._news.copy()
        async with self._database.reading(short=True) as db:
            waiting = await storage.outbox.lanes_waiting(db)
        self._unread -= {lane for lane in set(Lane) - waiting if news[lane] == self._news[lane]}
        return waiting

    def _has_room(self, lane: Lane) -> bool:
        return self._held[lane] < _IN_HAND[lane]

    def _wants_more(self, lane: Lane) -> bool:
        """A look for two or three places, at each mark, would cost more than the sends."""
        return self._held[lane] <= _IN_HAND[lane] * 3 // 4

    async def _take_of(self, lane: Lane, now: datetime) -> int:
        """Takes in hand what is due in a lane, the oldest first, and remembers whether that was all."""
        held = [one for one in self._hand.values() if one.lane == lane]
        room = _IN_HAND[lane] - len(held)
        served = [mark for mark, count in Counter(one.place_mark for one in held).items() if count >= _PER_CHAT]
        but = [*(one.id for one in held), *self._marker.unmarkable]
        news = self._news[lane]
        self._let_go_meanwhile.clear()
        async with self._database.reading() as db:
            rows = await storage.outbox.waiting(db, lane, now, but, room, without=served)
        # What was handed over, sent and marked while this was read still waits in what was read; and what was put back
        # meanwhile is not in it, though it comes before the rest of its chat. These chats are read once more.
        # Nor is what is in hand for an old address, which goes before what waits at the new one.
        free = (row for row in rows if row.place not in self._let_go_meanwhile and not self._is_awaited(row.place))
        taken = sum(self._put(row) for row in free)
        that_was_all = taken == len(rows) < room and not served and news == self._news[lane]
        if that_was_all:
            self._unread.discard(lane)
        else:
            self._unread.add(lane)
        return taken

    def _claim(self, delivery: Waiting) -> None:
        self._hand[delivery.id] = delivery
        self._held[delivery.lane] += 1

    def _let_go(self, delivery_id: int) -> None:
        delivery = self._hand.pop(delivery_id, None)
        if delivery is not None:
            self._let_go_meanwhile |= {delivery.place, self._moved.get(delivery.place, delivery.place)}
            self._held[delivery.lane] -= 1

    def _put(self, delivery: Waiting) -> int:
        if delivery.id in self._hand:
            return 0
        if delivery.kind == UNOPENABLE:
            logger.error("no key opens a delivery", row=delivery.id, cause=_cause(delivery))
            self._claim(delivery)
            self._marker.note(Outcome(delivery, "failed", UNOPENABLE))
            return 1
        queue = self._queues.setdefault((delivery.lane, delivery.place), _Queue())
        if len(queue.waiting) >= _PER_CHAT:
            return 0
        self._claim(delivery)
        queue.waiting.append((self._loop_time(), delivery))
        if queue.task is None:
            queue.task = asyncio.create_task(self._serve(delivery.lane, delivery.place, queue))
        return 1

    async def _serve(self, lane: Lane, place: str, queue: _Queue) -> None:
        try:
            while queue.waiting and not self._stopping:
                since, delivery = queue.waiting.popleft()
                outcome = await self._outcome(delivery, since)
                if outcome is None:
                    self._leave(delivery)
                    break
                if outcome.state == "waiting":  # the chat is on pause: what stands behind waits with it, unclaimed
                    break
        finally:
            for _, left in queue.waiting:
                self._leave(left)
            self._queues.pop((lane, place), None)
            self._wake.set()

    def _is_awaited(self, place: str) -> bool:
        """Whether something is in hand for an address that this group had before."""
        return any(new == place and self._has_in_hand(old) for old, new in self._moved.items())

    def _has_in_hand(self, place: str) -> bool:
        return any((lane, place) in self._queues for lane in Lane)

    def _leave(self, delivery: Waiting) -> None:
        """It stays in the database, to be taken in hand again."""
        self._let_go(delivery.id)
        self._is_behind(delivery.lane)

    async def _outcome(self, delivery: Waiting, since: float) -> Outcome | None:
        """What became of a delivery; None: nothing yet, it is to be taken in hand again."""
        try:
            return await self._deliver(delivery, since)
        except DatabaseFails as error:
            logger.error("the database fails", row=delivery.id, why=where_it_broke(error))
            await self._nap(_AGAIN)
            return None
        except Exception as error:  # noqa: BLE001 - one row must not stop the others; it is told
            logger.error("a delivery broke", row=delivery.id, why=where_it_broke(error), cause=_cause(delivery))
            return await self._marker.marked(await self._broken(delivery))

    # --- one delivery -----------------------------------------------------------------------------------------------

    async def _deliver(self, delivery: Waiting, since: float) -> Outcome | None:
        """One delivery until something became of it; None when the program stops first."""
        failures, first = 0, self._clock.now()
        while not self._stopping:
            await self._wait_turn(delivery)
            if delivery.not_after is not None and delivery.not_after < self._clock.now():
                return await self._marker.marked(await self._failed(delivery, "dropped", "late"))
            stale = delivery.may_be_taken_back and self._loop_time() - since > _STALE
            if stale and not await self._still_waits(delivery):
                return await self._marker.marked(Outcome(delivery, "dropped", "changed"))
            async with self._alone(delivery.place):
                if delivery.place in self._moved:
                    await self._follow(delivery.place)
                    return None
                if self._pacer.left_of_hold(self._loop_time(), delivery.place):  # meanwhile, by what went before it
                    continue
                result = await self._send(delivery)
                if isinstance(result, Moved):
                    channel, _ = delivery.place.split(":", 1)
                    self._moved[delivery.place] = f"{channel}:{result.address}"
                    await self._follow(delivery.place)
                    return None
                if not isinstance(result, TryLater):
                    return await self._marker.marked(await self._judge(delivery, result))
            if result.told:
                return await self._marker.marked(await self._pause(delivery, result.after))
            failures += 1
            self._metrics.not_answered(delivery.lane, delivery.kind)
            if self._clock.now() - first > _PATIENCE:
                logger.error("a delivery was not answered", row=delivery.id, cause=_cause(delivery))
                return await self._marker.marked(await self._failed(delivery, "failed", "unanswered"))
            await self._nap(min(result.after * 2 ** min(failures - 1, 6), _SLOWEST_RETRY))
        return None

    def _alone(self, place: str) -> asyncio.Lock:
        """One unmarked delivery per chat, over all lanes: a crash then repeats at most one message there."""
        return self._sending.setdefault(place, asyncio.Lock())

    async def _still_waits(self, delivery: Waiting) -> bool:
        """A reminder in hand may have been taken back: its meeting was moved."""
        async with self._database.reading() as db:
            return await storage.outbox.is_waiting(db, delivery.id)

    async def _wait_turn(self, delivery: Waiting) -> None:
        if delivery.kind in ("menu", "ask", "admit"):
            while left := self._pacer.left_of_hold(self._loop_time(), delivery.place):
                await self._nap(left)
            return
        _, address = delivery.place.split(":", 1)
        live = delivery.kind == "edit" and delivery.live
        is_group = address.startswith("-")
        while left := self._pacer.wait(self._loop_time(), delivery.place, is_group=is_group, is_live=live):
            await self._nap(left)
        if delivery.lane >= Lane.REMINDER:
            async with self._stoppable():
                await self._turns.wait(delivery.lane)

    async def _send(self, delivery: Waiting) -> Result:
        channel, address = delivery.place.split(":", 1)
        body = delivery.body
        media = body.get("media") or ()
        if "kept" in media:
            body = await self._copies.filled(body)
        elif "paper" in media:
            body = await self._papers.filled(body)
        return await self._calls.call(channel, delivery.kind, address, body, delivery.target)

    async def _judge(self, delivery: Waiting, result: Result) -> Outcome:
        match result:
            case Sent():
                if delivery.kind == "ask" or delivery.body.get("receipt"):
                    await self._tell_back(delivery, dict(result.answer or {"sent": True}))
                message_id = result.message_ids[0] if result.message_ids else None
                return Outcome(delivery, "sent", None, message_id, result.poll_id)
            case Unreachable(why):
                return await self._failed(delivery, "failed", why)
            case Rejected(reason):
                logger.error(
                    "the messenger rejected a delivery",
                    row=delivery.id,
                    kind=delivery.kind,
                    said=reason,
                    cause=_cause(delivery),
                )
                return replace(await self._failed(delivery, "failed", "rejected"), said=reason)
            case _:
                raise TypeError(f"a result of {type(result).__name__}")

    async def _failed(self, delivery: Waiting, state: str, why: str) -> Outcome:
        if delivery.body.get("receipt") or (why in GIVEN_UP and _of_a_case(delivery)):
            await self._tell_back(delivery, {"sent": False, "why": why})
        return Outcome(delivery, state, why)

    async def _broken(self, delivery: Waiting) -> Outcome:
        """A bug of ours: the delivery is given up. If even that breaks, it is at least no stone in the others' way."""
        try:
            return await self._failed(delivery, "failed", "broken")
        except Exception as error:  # noqa: BLE001 - it is told
            logger.error("nobody could be told of it", row=delivery.id, why=where_it_broke(error))
            return Outcome(delivery, "failed", "broken")

    async def _tell_back(self, delivery: Waiting, answer: Mapping[str, object]) -> None:
        """What became of it goes through the pipeline like any other event, once."""
        channel, address = delivery.place.split(":", 1)
        if delivery.kind == "ask":
            then, args = delivery.body["then"], delivery.body["args"]
        else:
            then, *args = delivery.body.get("receipt") or [LOST]
        learnt = Incoming(
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
        while True:  # it is sent already: giving up here would send it again
            try:
                return await self._learn([learnt])
            except DatabaseFails as error:
                logger.error("the database fails", row=delivery.id, why=where_it_broke(error))
                await self._nap(_AGAIN)

    async def _pause(self, delivery: Waiting, seconds: float) -> Outcome:
        """The messenger named a pause: the chat is left alone until then, also after a restart."""
        told = self._clock.now()
        pause = Pause(told - _LOOKED_BEFORE, told + timedelta(seconds=seconds))
        await self._database.transact(lambda db: storage.outbox.pause_place(db, delivery.place_mark, pause))
        if self._paused is not None:
            before = self._paused.get(delivery.place_mark)
            if before is None or not before.holds(told) or before.until < pause.until:
                self._paused[delivery.place_mark] = pause
        self._pacer.hold(self._loop_time(), delivery.place, seconds)
        self._turns.was_refused(seconds)
        logger.warning("told to wait", row=delivery.id, seconds=seconds)
        return Outcome(delivery, "waiting")

    async def _follow(self, old: str) -> None:
        """The group became a supergroup: it and what waits for it move, and are taken in hand again in their order."""
        channel, address = old.split(":", 1)
        _, new_address = self._moved[old].split(":", 1)

        async def move(db: Connection) -> None:
            await storage.chats.move(db, channel, address, new_address)
            await storage.outbox.move_place(db, old, self._moved[old])

        await self._database.transact(move)
        for lane in Lane:
            self._is_behind(lane)

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()

    # --- marking ----------------------------------------------------------------------------------------------------

    async def _save(self, group: Sequence[Outcome]) -> None:
        now = self._clock.now()
        await self._database.transact(lambda db: self._mark(db, group, now))

    def _saved(self, group: Sequence[Outcome]) -> None:
        self._metrics.tried(group)
        for outcome in group:
            self._let_go(outcome.delivery.id)
            if outcome.state == "waiting":
                self._is_behind(outcome.delivery.lane)
        self._wake.set()

    async def _mark(self, db: Connection, group: Sequence[Outcome], now: datetime) -> None:
        await db.vault.ready_for(db, now)
        await storage.outbox.save_outcomes(db, group, now)
        for outcome in group:
            channel, _, address = outcome.delivery.place.partition(":")
            if outcome.reason in UNREACHABLE and outcome.delivery.kind not in _ABOUT_OTHERS:
                await storage.persons.mark_unreachable(db, channel, address, outcome.reason)
                await storage.chats.mark_unreachable(db, channel, address, outcome.reason)
            # A question asked twice is answered under either: then its time tells what was written before it.
            asked_once = outcome.delivery.id > self.sent_perhaps
            if asked_once and outcome.delivery.question is not None and outcome.message_id is not None:
                await storage.conversations.note_question(
                    db, channel, address, outcome.delivery.question, outcome.message_id
                )


LOST = "cases.lost"  # the route that learns of a message of the case lane that was given up and had no receipt


def _of_a_case(delivery: Waiting) -> bool:
    return delivery.lane is Lane.CASE and delivery.kind == "say"


def _cause(delivery: Waiting) -> Cause:
    """What the operator hears of a delivery that is given up. In the case lane it is something that broke, without its
    row: the case's own people learn which it was."""
    return Cause.BUG if delivery.lane is Lane.CASE else Cause.GIVEN_UP


_ABOUT_OTHERS = {"admit", "ask"}  # "user not found" is not said of the chat they are sent to
