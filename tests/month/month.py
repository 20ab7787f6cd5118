"""Who reports when, who works, and whether queue, clocks and log were right at every turn."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import storage.communities
import storage.duty
import storage.persons
import storage.pins
import storage.roles
from domain import duty
from domain.cases import CLOCKS, Deed, Risk
from domain.hotline_roles import CONDUCT_VERSION
from domain.roles import Role
from domain.times import from_us
from storage.database import Connection
from tests.month.life import BEGIN, Life, opened
from tests.month.phones import Phone, Player, Script

PIN = "2580"
STEP = timedelta(minutes=5)  # between two looks; people of one step act at once
# What waits: its number, and where the queue must show it: the most urgent first, and among those the oldest.
Queue = dict[str, tuple[int, int]]

_SAFE = ("Skip", "Skip", "Yes", "Yes", "I am not sure", "No")
_BY_DAY, _BY_NIGHT = range(7, 22), 0.05  # hours (local) in which people report; the part of the others
_AT_NIGHT = 2  # workers
_MOST_STEPS_AFTER = 2_000
_FIRST_CHILD = 10**15


@dataclass(frozen=True, slots=True)
class Order:
    """What is played; on the day in the middle there are `peak` times as many reports."""

    seed: int
    days: int = 30
    a_day: int = 400
    peak: int = 10
    workers: int = 12
    looks_every: int = 1  # steps: how often the helpers look at the queue

    def reports_on(self, day: int) -> int:
        return self.a_day * (self.peak if day == self.days // 2 else 1)


@dataclass
class Found:
    """What came out."""

    reports: int = 0
    updates: int = 0
    unheard: int = 0  # acts of somebody that got no answer
    cases: int = 0
    wrong_queues: int = 0  # lists in which a less urgent or younger case stood above another
    wrong_clocks: list[str] = field(default_factory=list)
    left_over: int = 0  # cases that nobody closed
    most_waiting: int = 0
    climbed: int = 0  # rungs
    log_entries: int = 0
    log_verified_in: float = 0.0  # seconds
    log_is_whole: bool = False
    seconds: float = 0.0


async def play(order: Order, folder: Path) -> Found:
    """The whole month, and the judgement."""
    began, found, chance = time.monotonic(), Found(), Random(order.seed)
    async with opened(folder) as life:
        staff = await _staffed(life, order.workers)
        for number, (moment, count) in enumerate(_steps(order, chance)):
            await life.at(moment)
            found.reports += count
            looking = staff if number % order.looks_every == 0 else []
            await _one_step(life, found, chance, looking, count)
        await _until_nothing_waits(life, found, chance, staff)
        found.updates, found.unheard = life.updates, life.unheard
        await _judge(life, found)
    found.seconds = time.monotonic() - began
    return found


def _steps(order: Order, chance: Random) -> list[tuple[datetime, int]]:
    """Every step of the month, with how many report in it."""
    found: list[tuple[datetime, int]] = []
    a_day = int(timedelta(days=1) / STEP)
    for day in range(order.days):
        weights = [1.0 if _local_hour(BEGIN + step * STEP) in _BY_DAY else _BY_NIGHT for step in range(a_day)]
        counts = Counter(chance.choices(range(a_day), weights, k=order.reports_on(day)))
        begin = BEGIN + timedelta(days=day)
        found += [(begin + step * STEP, counts[step]) for step in range(a_day)]
    return found


def _local_hour(moment: datetime) -> int:
    return (moment + timedelta(hours=4)).hour  # Baku


# --- people -----------------------------------------------------------------------------------------------------------


async def _staffed(life: Life, workers: int) -> list[Phone]:
    """Schools, workers who are on duty in turns, a supervisor; the hotline is open."""
    async with life.database.writing() as db:
        network = await storage.communities.root(db)
        assert network is not None
        people = [await _member(db, network.id, f"worker{n}", Role.WORKER) for n in range(workers)]
        await _member(db, network.id, "supervisor", Role.SUPERVISOR)
        roster = duty.empty("0-24", network.zone)
        pairs = {slot: duty.Pair(people[n % workers], people[(n + 1) % workers]) for n, slot in enumerate(roster.slots)}
        await storage.duty.save_draft(db, network.id, replace(roster, pairs=pairs))
        assert await storage.duty.publish(db, network.id, people[0], BEGIN)
    return [life.phone(_address(f"worker{n}")) for n in range(workers)]


def _address(name: str) -> str:
    return str(1_000_000 + sum(ord(letter) * 131**at for at, letter in enumerate(name)) % 10**12)


async def _member(db: Connection, community_id: int, name: str, role: Role) -> int:
    known = await storage.persons.meet(db, "telegram", _address(name), "en", "Asia/Baku")
    person_id = known.person.id
    await storage.communities.add_member(db, person_id, community_id, role, name, BEGIN)
    if role in (Role.WORKER, Role.SUPERVISOR):
        await storage.roles.save_conduct(db, person_id, CONDUCT_VERSION, BEGIN)
        await storage.pins.save(db, person_id, PIN)
    return person_id


def reports(phone: Phone, chance: Random) -> Script:
    """Somebody reports; one in a hundred is in danger now."""
    yield "words", "/hotline"
    if chance.random() < 0.01:
        yield "tap", "Danger now"
        yield "tap", "Yes, fetch a helper"
        return
    yield "tap", "I have read it"
    yield "words", "They wait for me behind the school."
    for label in ("Next", "Skip", chance.choice(_SAFE), "Skip", "Send"):
        yield "tap", label


def works(phone: Phone, place: int, queue: Queue, found: "Found") -> Script:
    """A helper looks at the queue; what stands at her place in it she takes, answers and closes."""
    phone.shown.clear()
    yield "words", "/queue"
    if "PIN" in phone.last:
        for digit in (*PIN, "✓"):
            yield "tap", digit
    waiting = phone.labels("Take ")
    ranks = [queue[label.removeprefix("Take ")] for label in waiting]
    found.wrong_queues += ranks != sorted(ranks)
    if not waiting:  # others were faster
        return
    yield "tap", waiting[min(place, len(waiting) - 1)]
    if phone.button("Bullying") is None:  # a weekly test, which is over with that, or somebody was faster
        return
    yield "tap", "Bullying"
    yield "tap", "Keep: "
    yield "tap", "Answer"
    yield "words", "I believe you. Let us look at it together."
    yield "tap", "Send"
    yield "words", "/queue"
    for label in ("Open ", "Close", "Helped"):
        yield "tap", label
    yield "words", "We talked with the school."
    yield "tap", "Send and close"


# --- steps ------------------------------------------------------------------------------------------------------------


async def _one_step(life: Life, found: Found, chance: Random, staff: list[Phone], count: int) -> None:
    children = [life.phone(str(_FIRST_CHILD + found.reports - n)) for n in range(count)]
    await life.play([Player(phone, reports(phone, chance)) for phone in children])
    for phone in children:  # their phones are remembered no longer than needed
        life.phones.all.pop(phone.address)
    queue = await _queue(life)
    found.most_waiting = max(found.most_waiting, len(queue))
    working = staff if _local_hour(life.clock.now()) in _BY_DAY else staff[:_AT_NIGHT]
    helpers = [Player(phone, works(phone, place, queue, found)) for place, phone in enumerate(working[: len(queue)])]
    await life.play(helpers)


async def _queue(life: Life) -> Queue:
    async with life.database.reading() as db:
        rows = await db.all("SELECT number, risk, waiting_since FROM cases WHERE state = 'new'")
    urgency = list(Risk)
    return {row["number"]: (urgency.index(Risk(row["risk"])), row["waiting_since"]) for row in rows}


async def _until_nothing_waits(life: Life, found: Found, chance: Random, staff: list[Phone]) -> None:
    for _ in range(_MOST_STEPS_AFTER):
        await life.at(life.clock.now() + STEP)
        async with life.database.reading() as db:
            found.left_over = int(await db.value("SELECT COUNT(*) FROM cases WHERE state <> 'closed'"))
        if not found.left_over:
            return
        await _one_step(life, found, chance, staff, 0)


def is_right(found: Found) -> bool:
    """Whether nothing was lost, late, out of order or met with silence."""
    wrong = (found.unheard, found.wrong_queues, len(found.wrong_clocks), found.left_over)
    return not any(wrong) and found.cases == found.reports and found.log_is_whole


# --- the judgement ----------------------------------------------------------------------------------------------------


async def _judge(life: Life, found: Found) -> None:
    async with life.database.reading() as db:
        cases = await db.all("SELECT id, number, risk, opened_at, state FROM cases WHERE is_test = 0")
        entries = await db.all("SELECT case_id, deed, at FROM case_log WHERE case_id IS NOT NULL ORDER BY id")
        began = time.monotonic()
        verdict = await storage.cases.verify(db)
        found.log_verified_in = time.monotonic() - began
        found.log_entries = await db.value("SELECT COUNT(*) FROM case_log")
    found.log_is_whole = verdict.is_whole
    found.cases = len(cases)
    by_case: dict[int, list[tuple[str, datetime]]] = {}
    for entry in entries:
        by_case.setdefault(entry["case_id"], []).append((entry["deed"], from_us(entry["at"])))
    for case in cases:
        told = by_case.get(case["id"], [])
        found.wrong_clocks += _wrong_clock(case["number"], Risk(case["risk"]), from_us(case["opened_at"]), told)
        found.climbed += sum(deed in _CLIMBS for deed, _ in told)


_CLIMBS = (Deed.REMINDED.value, Deed.ESCALATED.value)


def _wrong_clock(number: str, risk: Risk, opened_at: datetime, told: list[tuple[str, datetime]]) -> list[str]:
    """What is wrong with the log of a case: it climbs at its times, until it is claimed, and is answered and closed."""
    deeds = [deed for deed, _ in told]
    claims = [at for deed, at in told if deed == Deed.CLAIMED.value]
    if len(claims) != 1 or not {Deed.OPENED.value, Deed.ANSWERED.value, Deed.CLOSED.value} <= set(deeds):
        return [f"{number}: {deeds}"]
    climbed = [at for deed, at in told if deed in _CLIMBS]
    due = _due(risk, opened_at, claims[0])
    return [] if climbed == due else [f"{number} ({risk}): climbed {climbed}, due {due}"]


def _due(risk: Risk, opened_at: datetime, claimed_at: datetime) -> list[datetime]:
    """At which looks it had to climb: half its clock, and each whole one."""
    found, stage, at = [], 0, opened_at + STEP
    while at <= claimed_at:
        waited, clock = at - opened_at, CLOCKS[risk]
        due = int(waited >= clock / 2) + waited // clock
        if due > stage:
            found.append(at)
            stage = due
        at += STEP
    return found
