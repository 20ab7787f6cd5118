"""The storm: the bot in a process of its own is killed, starved and lied to while a school uses it; then it is quiet,
and what is there is held against what must be."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from sandbox import Sandbox
from tests.torture import malformed, people
from tests.torture.deeds import Deeds
from tests.torture.judge import judge
from tests.torture.ledger import Ledger
from tests.torture.people import Phone, Storm
from tests.torture.process import Line, Victim
from tests.torture.school import BEGIN, found
from tests.torture.weather import Life, Trouble, Weather, chances, plan, seconds_of
from tests.torture.witness import Witness

HUNG = 30.0  # seconds without any progress while work waits and nothing is wrong
_AT_ONCE = 300  # malformed updates waiting
_MOMENT = 0.05
_GRACE = 12.0  # seconds in which what a full disk broke may still be told of
_SETTLES_WITHIN = 90.0
_SLOWEST_TICK = 3.5  # seconds: of the jobs that say something to many


@dataclass(frozen=True, slots=True)
class Order:
    """How much of everything."""

    seed: int
    kills: int = 200
    malformed: int = 100_000
    minutes: float = 30.0  # at most
    parents: int = 30
    newcomers: int = 20
    afterwards: float = 3.0  # seconds of life after the last kill


@dataclass(eq=False)
class Run:
    """One storm. `await run.through()` returns the figures."""

    order: Order
    folder: Path
    show: Callable[[str], None] = lambda _line: None
    tell: Callable[[str], None] = lambda _line: None  # everything that happened
    figures: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)  # what was wrong, in words
    kills: int = 0
    hung: int = 0
    allowed: int = 0
    crowded: int = 0  # messages beyond one in a chat that a kill left unmarked
    full_until: float = 0.0
    fed: int = 0
    unmarked: set[tuple[int, int]] = field(default_factory=set)

    async def through(self) -> dict[str, int | float]:
        began = time.monotonic()
        self.deadline = began + self.order.minutes * 60
        async with Sandbox(token="100:torture", limits=None, seed=self.order.seed) as sandbox:
            sandbox.clock.set(BEGIN)
            sandbox.state.bot.privacy = False
            await self._set_up(sandbox)
            forgetting = asyncio.create_task(self._forget_expired())
            try:
                await self._rehearse()
                await self._storm()
                await self._calm_down()
            finally:
                for task in (forgetting, *self.living):
                    task.cancel()
                await asyncio.gather(forgetting, *self.living, return_exceptions=True)
                if self.victim.lives:
                    await self.victim.kill()
            return judge(self) | {"seconds": round(time.monotonic() - began, 1)}

    async def _set_up(self, sandbox: Sandbox) -> None:
        url, keys = f"sqlite:///{self.folder / 'birge.sqlite3'}", self.folder / "birge.keys"
        school = await found(url, keys, sandbox, parents=self.order.parents)
        self.sandbox = sandbox
        self.weather = Weather(sandbox, Random(f"{self.order.seed}:weather"))
        self.witness = Witness(sandbox, self.weather.closes, self.tell)
        self.ledger = Ledger(self.folder / "birge.sqlite3", keys)
        self.storm = Storm(sandbox, self.witness, school, Deeds())
        self.storm.gate.set()
        self.victim = Victim(sandbox, url, keys, self._hear, self.folder / "errors.log")
        self.living: list[asyncio.Task[None]] = []
        self.chances = chances(self.order.seed, "people")

    # --- what the log says --------------------------------------------------------------------------------------------

    def _hear(self, line: Line) -> None:
        """A line that is more than a warning."""
        if line.event == "an update was set aside: it was started twice without an end":
            self.figures["set_aside"] += 1
        elif "DatabaseFails" in line.why and time.monotonic() < self.full_until:
            self.figures["told_of_the_full_disk"] += 1
        elif line.event == "the last stop was not a clean one: the first updates are taken one by one":
            self.figures["unclean_starts"] += 1
        else:
            self.figures["unhandled"] += 1
            if len(self.notes) < 100:
                self.notes.append(f"unhandled: {line.text[:600]}")

    # --- before it breaks loose ---------------------------------------------------------------------------------------

    async def _rehearse(self) -> None:
        """There is something to answer, to vote on, to take part in, and real updates to distort."""
        await self.victim.start()
        school = self.storm.school
        for person in (school.head, school.ghost_head):
            phone = self._phone(person)
            await people.call_for(phone, "/meeting 20 December 18:00 Görüş", "done")
            await people.call_for(phone, "/meeting 21 December 18:00 Kiçik görüş", "done")
            await people.call_for(phone, "/challenge Marafon | Hər gün", "is", "is:14", "is:all", "done")
            await people.call_for(phone, "/poll Muzey? | Bəli | Xeyr", "done")
            await people.call_for(phone, "/announce Salam hamıya", "done", what="announce", about="Salam hamıya")
        await self._until(lambda: any(one.poll for one in school.ghost_group.messages))
        self.recorded = malformed.Recorder(self.sandbox, {one.id for one in (school.ghost_head, *school.ghosts)})
        with self.recorded:
            for ghost in school.ghosts:
                await self._haunt(self._phone(ghost))
        await self._quiet()
        self.patterns = await asyncio.to_thread(
            malformed.patterns, self.order.seed, self.order.malformed, self.recorded.updates
        )
        self.ledger.execute("UPDATE meetings SET capacity = :few WHERE id IN (2, 4)", few=self.order.parents // 3)
        self.storm.deeds.done = [deed for deed in self.storm.deeds.done if deed.person != school.ghost_head.id]

    async def _haunt(self, phone: Phone) -> None:
        """One of everything."""
        group = self.storm.school.ghost_group
        for name in ("home", "settings", "help", "meetings", "challenges", "polls", "hotline", "mycases", "join"):
            await phone.asks(f"/{name}", lambda said: said.message_id)
        for route in ("mt.rsvp", "ch.join", "ch.did", "a.ok", "settings", "zone", "lang.is", "home", "hl.go"):
            if door := phone.door(route):
                await phone.taps(*door)
        polls = [one for one in group.messages if one.poll]
        self.sandbox.votes(phone.person, polls[-1], [0])
        await phone.asks("sözlər", lambda said: said.message_id)
        self.sandbox.sends(phone.person, photo=b"\xff\xd8\xff\xe0" + b"0" * 100, caption="şəkil")
        self.sandbox.sends(phone.person, document=("a.txt", b"a", "text/plain"))
        message = self.sandbox.sends(phone.person, group, text="salam")
        self.sandbox.edits(phone.person, message, "salam!")
        self.sandbox.sends(phone.person, group, text="/help")

    def _phone(self, person: Any) -> Phone:
        return Phone(self.storm, person, next(self.chances))

    # --- the storm ----------------------------------------------------------------------------------------------------

    async def _storm(self) -> None:
        school = self.storm.school
        self.weather.calm = False
        for parent in school.parents:
            self._live(people.parent_lives(self._phone(parent)))
        for pupil in school.reporters:
            self._live(people.reporter_lives(self._phone(pupil)))
        for worker in school.workers:
            self._live(people.worker_lives(self._phone(worker)))
        self._live(people.head_lives(self._phone(school.head)))
        self._live(self._newcomers())
        feeding = asyncio.create_task(self._feed())
        watching = asyncio.create_task(self._watch())
        suffering = asyncio.create_task(self._suffer())
        try:
            await self._unless_hung(watching, suffering)
            await self._unless_hung(watching, feeding)
        finally:
            for task in (watching, suffering, feeding):
                task.cancel()
            await asyncio.gather(watching, suffering, feeding, return_exceptions=True)

    async def _unless_hung(self, watching: asyncio.Task[None], work: asyncio.Task[None]) -> None:
        done, _ = await asyncio.wait({watching, work}, return_when=asyncio.FIRST_COMPLETED)
        if work in done:
            work.result()

    def _live(self, life: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(life)
        task.add_done_callback(self._lived)
        self.living.append(task)

    def _lived(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self.figures["broken_people"] += 1  # ours: the storm itself is wrong
            self.notes.append(f"a person broke: {error!r}")

    async def _newcomers(self) -> None:
        for number in range(self.order.newcomers):
            if self.storm.over:
                return
            person = self.sandbox.add_person(f"Newcomer{number}", language_code="en")
            self.storm.school.newcomers.append(person)
            await people.newcomer_comes(self._phone(person))
            await asyncio.sleep(1.0)

    async def _forget_expired(self) -> None:
        expired = self.sandbox.state.queue.expired
        while True:
            while expired:
                self.figures["expired"] += 1
                self.storm.forget(expired.pop())
            await asyncio.sleep(_MOMENT)

    async def _feed(self) -> None:
        """Malformed updates, never so many that nobody else is heard."""
        updates = malformed.updates(self.order.seed, self.order.malformed, self.patterns)
        queue = self.sandbox.state.queue
        while self.fed < self.order.malformed and time.monotonic() < self.deadline:
            while len(queue) < _AT_ONCE and (update := next(updates, None)) is not None:
                self.sandbox.send_raw_update(update.body, bare=update.bare)
                self.fed += 1
            await asyncio.sleep(_MOMENT)

    async def _suffer(self) -> None:
        for number, life in enumerate(plan(self.order.seed, self.order.kills)):
            if time.monotonic() > self.deadline:
                self.notes.append(f"out of time after {number} kills")
                return
            await self._live_through(life)
            await self._kill()
            await self.victim.start()
            if number % 10 == 9:
                self.show(f"{number + 1} kills, {self.fed} malformed, {len(self.storm.deeds.done)} deeds")
        await self._working()
        await asyncio.sleep(self.order.afterwards)

    async def _live_through(self, life: Life) -> None:
        if not life.early:
            await self._working()
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(life.after)
        await self._trouble(life)
        await asyncio.sleep(max(0.0, began + life.seconds - asyncio.get_running_loop().time()))

    async def _working(self) -> None:
        """The bot that was started asks for updates."""
        before = self.witness.calls["getUpdates"]
        await self._until(lambda: self.witness.calls["getUpdates"] > before or self.sandbox.polling)

    async def _trouble(self, life: Life) -> None:
        self.figures[f"trouble_{life.trouble.replace(' ', '_')}"] += life.trouble is not Trouble.NONE
        clock, queue, lasts = self.sandbox.clock, self.sandbox.state.queue, seconds_of(life.trouble, life.size)
        match life.trouble:
            case Trouble.DUPLICATES:
                self.sandbox.redeliver_last(int(life.size * 300))
            case Trouble.REORDERED:
                queue.shuffle = Random(f"{self.order.seed}:{life.size}")
                await asyncio.sleep(1.0)
                queue.shuffle = None
            case Trouble.OUTAGE:
                await self._outage(lasts)
            case Trouble.FULL_DATABASE | Trouble.FULL_FILES:
                await self._full_disk(life, lasts)
            case Trouble.FORWARD:
                clock.advance(timedelta(seconds=60 * life.size))
            case Trouble.BACK:
                clock.advance(timedelta(seconds=-90 * life.size))
            case Trouble.NEXT_DAY:
                await self._next_day()

    async def _outage(self, lasts: float) -> None:
        self.weather.outage = True
        await asyncio.sleep(lasts)
        self.weather.outage = False
        self.sandbox.clock.advance(timedelta(seconds=60 - lasts))

    async def _full_disk(self, life: Life, lasts: float) -> None:
        self.full_until = time.monotonic() + lasts + _GRACE
        log = self.folder / "birge.sqlite3-wal"
        if life.trouble is Trouble.FULL_DATABASE:
            self.victim.fill_database()
        else:
            self.victim.limit_files((log.stat().st_size if log.exists() else 0) + int(life.size * 20_000))
        await asyncio.sleep(lasts)
        self.victim.empty_database()
        self.victim.free_files()

    async def _next_day(self) -> None:
        """Nobody is between two acts when the day changes, so that we know what was done on which."""
        self.storm.gate.clear()
        try:
            if not await self._until(lambda: not self.storm.waiting):
                self.figures["days_skipped"] += 1
                return
            self.sandbox.clock.advance(timedelta(days=1))
            await self._until(lambda: self.sandbox.clock.followed)
        finally:
            self.storm.gate.set()

    async def _until(self, true: Callable[[], bool], within: float = 60.0) -> bool:
        end = time.monotonic() + within
        while not true() and time.monotonic() < end:  # noqa: ASYNC110 - a process has no event for it
            await asyncio.sleep(_MOMENT)
        return true()

    async def _kill(self) -> None:
        await self.victim.kill()
        self.kills += 1
        await asyncio.sleep(_MOMENT)  # what was on its way to the stand-in gets there
        await self.ledger.look()
        self._count_unmarked()

    def _count_unmarked(self) -> None:
        """Messages that stand in a chat and that the dead bot had not marked: these may come once more, one a chat."""
        new = self.witness.sent.keys() - self.ledger.known - self.unmarked - self.witness.closed
        self.unmarked |= new
        chats = {chat for chat, _ in new}
        self.allowed += len(chats)
        self.crowded += len(new) - len(chats)

    # --- watching -----------------------------------------------------------------------------------------------------

    @property
    def _progress(self) -> tuple[int, int]:
        return self.witness.progress, self.sandbox.state.queue.confirmed

    @property
    def _waits(self) -> bool:
        return bool(self.storm.waiting or self.sandbox.pending_updates)

    async def _watch(self) -> None:
        """Returns when the bot does nothing for long although there is something to do."""
        last, since = self._progress, time.monotonic()
        while True:
            await asyncio.sleep(1.0)
            wrong = self.weather.outage or time.monotonic() < self.full_until
            if self._progress != last or wrong or not self._waits:
                last, since = self._progress, time.monotonic()
            elif time.monotonic() - since > HUNG:
                self.hung += 1
                self.notes.append(f"hung: {self.sandbox.pending_updates} updates wait, and {self._shown_waiting()}")
                return

    def _shown_waiting(self) -> str:
        return ", ".join(f"{deed}" for deed, _ in list(self.storm.waiting.values())[:5])

    # --- quiet --------------------------------------------------------------------------------------------------------

    async def _calm_down(self) -> None:
        """Everybody is answered, everything is delivered, the bot stops."""
        self.weather.calm, self.sandbox.state.queue.shuffle = True, None
        self.storm.over = True
        began = time.monotonic()
        if not self.hung and await self._until(lambda: not self._busy(), _SETTLES_WITHIN):
            await self._quiet()
        self.figures["seconds_to_settle"] = round(time.monotonic() - began)
        await self.victim.stop()
        await self.ledger.look()

    def _busy(self) -> bool:
        return any(not task.done() for task in self.living)

    async def _quiet(self) -> None:
        """No update waits, and no delivery that may go now."""
        quiet_since = time.monotonic()

        def is_quiet() -> bool:
            nonlocal quiet_since
            if self.sandbox.pending_updates or self._due():
                quiet_since = time.monotonic()
            return time.monotonic() - quiet_since > _SLOWEST_TICK

        await self._until(is_quiet, _SETTLES_WITHIN)

    def _due(self) -> int:
        return int(
            self.ledger.live(
                """SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'waiting' AND not_before <= :now)
                        + (SELECT COUNT(*) FROM outgoings WHERE state = 'expanding')""",
                now=self.now_us,
            )
        )

    @property
    def now_us(self) -> int:
        return int(self.sandbox.clock.now().timestamp() * 1_000_000)

    @property
    def ghosts(self) -> set[int]:
        """Chats of which nothing is demanded."""
        school = self.storm.school
        return {school.ghost_head.id, school.ghost_group.id, *(one.id for one in school.ghosts)}
