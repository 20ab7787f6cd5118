"""Figures about the running program for whoever watches it. No label is a person, a chat, a community or a text.

The hotline is in none of them, nor in a sum that another one could be taken from: an update whose own answer goes into
the case lane is counted nowhere, answers to taps and to our questions aren't counted at all (a case's would be among
them), and of the hotline's jobs it is told that they look, as one, never how long that took.
"""

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot import VERSION
from domain.messages import Lane
from domain.requests import Incoming, Kind
from jobs.schedule import Tick
from storage.operation import Backlog
from storage.outbox import Outcome, Waiting

HOTLINE = "hotline"  # its jobs, as one
_ITS_JOBS = frozenset(
    (
        "canary",
        "cases",
        "duty",
        "files",
        "follow_up",
        "logs",
        "pins",
        "plans",
        "reporters",
        "retention",
        "second_person",
    )
)
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_REMEMBERED = 8_192  # answers that may be on their way at once; marks of the outbox's growth


class Histogram:
    """How long something took, in buckets. Many of one duration cost as much as one."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_SECONDS) + 1)
        self._sum = 0.0

    def observe(self, seconds: float, times: int = 1) -> None:
        self._counts[bisect_left(_SECONDS, seconds)] += times
        self._sum += seconds * times

    def told(self) -> tuple[list[tuple[str, float]], float]:
        """(upper bound, how many up to it) for each bucket, and the sum: as prometheus-client takes them."""
        seen, buckets = 0, []
        for bound, count in zip((*map(str, _SECONDS), "+Inf"), self._counts, strict=True):
            seen += count
            buckets.append((bound, float(seen)))
        return buckets, self._sum


@dataclass(slots=True)
class Looks:
    """A job's looks at what is due: how often it should, when it last did (or was set up), and how they ended."""

    shown_as: str
    every: float
    since: float
    ended: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read for one answer at /metrics; None where the database did not answer in time."""

    ready: Mapping[str, bool]
    backlog: Mapping[Lane, Backlog] | None
    database_bytes: int | None
    backed_up_at: datetime | None
    now: datetime
    canary_at: datetime | None = None  # when the weekly test of the hotline was last taken in time


class Metrics(Collector):
    """Counts on the way of every batch; `told()` tells. `monotonic` goes only forward, in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._time = monotonic
        self._since = 0.0
        self._updates: Counter[tuple[Kind, str]] = Counter()
        self._committed, self._replied = Histogram(), Histogram()
        self._sends: Counter[tuple[str, str]] = Counter()
        self._jobs: dict[str, Looks] = {}
        self._asked: dict[int, float] = {}  # answers on their way, and when what they answer came in
        # How far the outbox had grown when: a delivery's age without a column for it.
        self._grown: list[int] = []
        self._grown_at: list[float] = []
        self._seen: Seen | None = None
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    # --- counting ---------------------------------------------------------------------------------------------------

    def received(self) -> None:
        """A batch came in. One is in hand at a time."""
        self._since = self._time()

    def handled(
        self,
        incoming: Sequence[Incoming],
        outcomes: Mapping[str, str],
        hidden: Container[str],
        answers: Iterable[Waiting],
    ) -> None:
        """A batch is committed. `hidden`: events answered in confidence, or handled before; `answers`: what it says
        that may be sent at once."""
        counted = 0
        for one in incoming:
            if one.kind is not Kind.ANSWER and one.event_id not in hidden:
                self._updates[one.kind, outcomes[one.event_id]] += 1
                counted += 1
        if not counted:  # what a channel answered to us, for one: that came in on its own
            return
        self._committed.observe(self._time() - self._since, counted)
        for answer in answers:
            if answer.lane is Lane.REPLY and answer.kind != "ask":
                if len(self._asked) >= _REMEMBERED:  # what was taken back is never told of
                    self._asked.pop(next(iter(self._asked)))
                self._asked[answer.id] = self._since

    def tried(self, outcomes: Iterable[Outcome]) -> None:
        """What became of some tries to send, as the database has it."""
        now = self._time()
        for outcome in outcomes:
            delivery = outcome.delivery
            if delivery.lane is Lane.CASE or delivery.kind == "ask":
                continue
            self._sends[delivery.kind, outcome.reason or outcome.state] += 1
            if outcome.state == "waiting":
                continue
            since = self._asked.pop(delivery.id, None)
            if since is not None and outcome.state == "sent":
                self._replied.observe(now - since)

    def not_answered(self, lane: Lane, kind: str) -> None:
        """The messenger did not answer a try; there will be another."""
        if lane is not Lane.CASE and kind != "ask":
            self._sends[kind, "no_answer"] += 1

    def expects(self, tick: Tick) -> None:
        """A job will look from now on."""
        self._jobs.setdefault(_own_name(tick), Looks(job_name(tick), tick.every, self._time()))

    def looked(self, tick: Tick, began: float, *, well: bool) -> None:
        """A job looked, from `began` (of the same clock) until now."""
        self.expects(tick)
        job, now = self._jobs[_own_name(tick)], self._time()
        job.ended["done" if well else "failed"] += 1
        job.seconds += now - began
        if well:
            job.since = now

    def grew(self, newest_delivery: int) -> None:
        """How far the outbox has grown by now: every few seconds."""
        if not self._grown or newest_delivery > self._grown[-1]:
            self._grown.append(newest_delivery)
            self._grown_at.append(self._time())
            if len(self._grown) > _REMEMBERED:
                # Every second one of the older half: the older a delivery, the less a few seconds matter.
                del self._grown[1 : _REMEMBERED // 2 : 2], self._grown_at[1 : _REMEMBERED // 2 : 2]

    def age(self, delivery_id: int) -> float:
        """For how many seconds a delivery has been in the outbox, as far as this run of the program saw it there."""
        if not self._grown:
            return 0.0
        at = bisect_left(self._grown, delivery_id)
        return 0.0 if at == len(self._grown) else self._time() - self._grown_at[at]

    # --- telling ----------------------------------------------------------------------------------------------------

    def told(self, seen: Seen) -> bytes:
        """Everything in the text format of Prometheus."""
        self._seen = seen
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        return ()  # the registry needn't collect to know our names

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("birge_info", "The version that runs; always 1.", labels=["version"])
        info.add_metric([VERSION], 1)
        yield info
        yield from self._of_updates()
        yield from self._of_jobs()
        if self._seen is not None:
            yield from self._of_checks(self._seen)
            yield from self._of_outbox(self._seen)
            yield from self._of_database(self._seen)

    def _of_updates(self) -> Iterator[Metric]:
        updates = CounterMetricFamily("birge_updates", "Updates handled.", labels=["kind", "outcome"])
        for (kind, outcome), count in sorted(self._updates.items()):
            updates.add_metric([kind.value, outcome], count)
        yield updates
        for name, what, histogram in (
            ("birge_commit_seconds", "From an update's arrival until what it changed is committed.", self._committed),
            ("birge_reply_seconds", "From an update's arrival until its answer is sent and marked.", self._replied),
        ):
            buckets, total = histogram.told()
            yield HistogramMetricFamily(name, what, buckets=buckets, sum_value=total)
        sends = CounterMetricFamily("birge_sends", "Tries to send, by what became of them.", labels=["kind", "result"])
        for (method, result), count in sorted(self._sends.items()):
            sends.add_metric([method, result], count)
        yield sends

    def _of_jobs(self) -> Iterator[Metric]:
        late, ended, took = self._looks()
        due = sum(left > 0 for left in late.values())
        yield GaugeMetricFamily("birge_jobs_due", "Jobs whose next look is due and not done yet.", value=due)
        lag = GaugeMetricFamily(
            "birge_job_lag_seconds", "How much longer ago a job looked than it should have.", labels=["job"]
        )
        looks = CounterMetricFamily("birge_job_looks", "Looks at what is due.", labels=["job", "outcome"])
        seconds = CounterMetricFamily("birge_job_seconds", "Time that a job's looks took.", labels=["job"])
        for name in sorted(late):
            lag.add_metric([name], late[name])
            if name != HOTLINE:
                seconds.add_metric([name], took[name])
        for (name, outcome), count in sorted(ended.items()):
            looks.add_metric([name, outcome], count)
        yield from (lag, looks, seconds)

    def _looks(self) -> tuple[dict[str, float], Counter[tuple[str, str]], dict[str, float]]:
        """By the names that are shown: lag (the longest), looks by outcome, seconds."""
        now, late = self._time(), dict[str, float]()
        ended, took = Counter[tuple[str, str]](), defaultdict[str, float](float)
        for job in self._jobs.values():
            lag = max(0.0, now - job.since - job.every)
            if job.shown_as == HOTLINE:  # in whole minutes: seconds would tell how much there was to do
                lag -= lag % 60
            late[job.shown_as] = max(lag, late.get(job.shown_as, 0.0))
            took[job.shown_as] += job.seconds
            for outcome, count in job.ended.items():
                ended[job.shown_as, outcome] += count
        return late, ended, took

    def _of_checks(self, seen: Seen) -> Iterator[Metric]:
        ready = GaugeMetricFamily("birge_ready", "The checks of /ready: 1 is well.", labels=["check"])
        for name, well in seen.ready.items():
            ready.add_metric([name], well)
        yield ready

    def _of_outbox(self, seen: Seen) -> Iterator[Metric]:
        if seen.backlog is None:
            return
        waiting = GaugeMetricFamily("birge_outbox_waiting", "Deliveries that wait to be sent.", labels=["lane"])
        oldest = GaugeMetricFamily(
            "birge_outbox_oldest_seconds", "For how long the oldest delivery that may go has waited.", labels=["lane"]
        )
        for lane, backlog in seen.backlog.items():
            waiting.add_metric([lane.name.lower()], backlog.waiting)
            oldest.add_metric([lane.name.lower()], self._oldest(backlog, seen.now))
        yield from (waiting, oldest)

    def _oldest(self, backlog: Backlog, now: datetime) -> float:
        if backlog.oldest is None:
            return 0.0
        age = self.age(backlog.oldest)
        if backlog.not_before is None:
            return age
        return max(0.0, min(age, (now - backlog.not_before).total_seconds()))

    def _of_database(self, seen: Seen) -> Iterator[Metric]:
        if seen.database_bytes is not None:
            yield GaugeMetricFamily("birge_database_bytes", "The size of the database.", value=seen.database_bytes)
        if seen.backed_up_at is not None:
            age = (seen.now - seen.backed_up_at).total_seconds()
            yield GaugeMetricFamily("birge_backup_age_seconds", "How old the last backup is.", value=age)
        if seen.canary_at is not None:
            age = (seen.now - seen.canary_at).total_seconds() // 3_600 * 3_600
            what = "How long ago the weekly test of the hotline was last taken in time, in whole hours."
            yield GaugeMetricFamily("birge_canary_age_seconds", what, value=age)


def _own_name(tick: Tick) -> str:
    return f"{tick.job.__module__}.{tick.job.__qualname__}"


def job_name(tick: Tick) -> str:
    """As jobs/ has it, such as "meetings.remind_attendees"; the hotline's jobs have one name together."""
    subject = tick.job.__module__.rpartition(".")[2]
    return HOTLINE if subject in _ITS_JOBS else f"{subject}.{tick.job.__name__}"
