"""The figures: what is counted, what it costs in words, and that nobody can count cases by them."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

import jobs.cases
import jobs.meetings
import storage.operation
import storage.outbox
from bot.metrics import HOTLINE, Histogram, Metrics, Seen, job_name
from domain.messages import Lane
from domain.requests import Incoming, Kind
from handlers import routes
from handlers.route import Route
from jobs.schedule import TICKS, Tick
from storage.database import Database
from storage.operation import Backlog
from storage.outbox import Draft, Outcome, Waiting
from tests import scenes
from tests.bot.test_pipeline import breaks
from tests.bot.test_web import watch
from tests.cast import START, World
from tests.conftest import on_sqlite
from tests.storage.conftest import database

__all__ = ["database"]  # fixtures

WELL = {"database": True}
CHILD = "Məni döyürlər"
Figures = dict[tuple[str, tuple[str, ...]], float]


def read(text: bytes) -> Figures:
    """Each sample by its name and the values of its labels."""
    families = text_string_to_metric_families(text.decode())
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


@pytest.fixture
def time() -> SimpleNamespace:
    """`time.now` seconds have passed."""
    return SimpleNamespace(now=100.0)


@pytest.fixture
def metrics(time: SimpleNamespace) -> Metrics:
    return Metrics(lambda: time.now)


def figures(
    metrics: Metrics, backlog: dict[Lane, Backlog] | None = None, now: datetime = START, **more: Any
) -> Figures:
    given = {"database_bytes": None, "backed_up_at": None} | more
    return read(metrics.told(Seen(WELL, backlog, now=now, **given)))


def incoming(number: int, kind: Kind = Kind.COMMAND) -> Incoming:
    return Incoming("telegram", str(number), kind, chat="1", sender="1")


def delivery(number: int, lane: Lane = Lane.REPLY, kind: str = "say") -> Waiting:
    return Waiting(number, lane, kind, "telegram:1", b"", None, {}, None, None, 0, 0, None, None, False)


# --- updates and answers --------------------------------------------------------------------------------------------


def test_updates_are_counted_by_kind_and_outcome_and_timed(metrics: Metrics, time: SimpleNamespace) -> None:
    some = [incoming(1), incoming(2, Kind.BUTTON), incoming(3, Kind.BUTTON), incoming(4, Kind.ANSWER), incoming(5)]
    metrics.received()
    time.now += 0.02
    answers = [delivery(11), delivery(12), delivery(14, Lane.CASE), delivery(15, Lane.REMINDER)]
    metrics.handled(some, {"1": "done", "2": "done", "3": "refused", "4": "done", "5": "done"}, {"5"}, answers)
    time.now += 0.2
    metrics.tried([Outcome(delivery(12), "waiting"), Outcome(delivery(11), "failed", "blocked")])
    metrics.tried([Outcome(delivery(number), "sent") for number in (11, 12, 13)])
    metrics.tried([Outcome(delivery(14, Lane.CASE), "sent"), Outcome(delivery(15, Lane.REMINDER), "sent")])

    told = figures(metrics)
    assert {labels: value for (name, labels), value in told.items() if name == "birge_updates_total"} == {
        ("command", "done"): 1,
        ("button", "done"): 1,
        ("button", "refused"): 1,
    }
    assert told["birge_commit_seconds_count", ()] == 3
    assert (told["birge_commit_seconds_bucket", ("0.01",)], told["birge_commit_seconds_bucket", ("0.025",)]) == (0, 3)
    assert told["birge_commit_seconds_sum", ()] == pytest.approx(0.06)
    assert told["birge_reply_seconds_count", ()] == 1  # 11 was given up, 13 answers nothing
    assert told["birge_reply_seconds_sum", ()] == pytest.approx(0.22)


def test_a_histogram_holds_the_slowest_too() -> None:
    histogram = Histogram()
    histogram.observe(0.005)
    histogram.observe(3_600.0, 2)
    buckets, total = histogram.told()
    assert (buckets[0], buckets[-2], buckets[-1]) == (("0.005", 1), ("30.0", 1), ("+Inf", 3))
    assert total == pytest.approx(7_200.005)


def test_what_is_said_without_an_update_has_no_time_to_answer(metrics: Metrics, time: SimpleNamespace) -> None:
    metrics.received()
    time.now += 3_600
    metrics.handled([incoming(1, Kind.ANSWER)], {"1": "done"}, (), [delivery(1)])
    metrics.tried([Outcome(delivery(1), "sent")])
    assert figures(metrics)["birge_reply_seconds_count", ()] == 0


def test_answers_that_never_go_out_fill_no_memory(metrics: Metrics) -> None:
    for number in range(20_000):
        metrics.handled([incoming(1)], {"1": "done"}, (), [delivery(number)])
    assert len(metrics._asked) <= 8_192


def test_sends_are_counted_by_what_became_of_them(metrics: Metrics) -> None:
    metrics.tried(
        [
            Outcome(delivery(1), "sent"),
            Outcome(delivery(2, Lane.BROADCAST), "sent"),
            Outcome(delivery(3, kind="edit"), "waiting"),
            Outcome(delivery(4), "failed", "blocked"),
            Outcome(delivery(5, Lane.CASE), "sent"),
            Outcome(delivery(6, kind="ask"), "sent"),
        ]
    )
    metrics.not_answered(Lane.REMINDER, "say")
    metrics.not_answered(Lane.CASE, "say")

    told = figures(metrics)
    assert {labels: value for (name, labels), value in told.items() if name == "birge_sends_total"} == {
        ("say", "sent"): 2,
        ("edit", "waiting"): 1,
        ("say", "blocked"): 1,
        ("say", "no_answer"): 1,
    }


# --- jobs -----------------------------------------------------------------------------------------------------------


def test_how_late_a_job_is(metrics: Metrics, time: SimpleNamespace) -> None:
    tick = Tick(jobs.meetings.remind_attendees, 10)
    metrics.expects(tick)
    assert figures(metrics)["birge_jobs_due", ()] == 0
    time.now += 12
    assert figures(metrics)["birge_job_lag_seconds", ("meetings.remind_attendees",)] == 2
    assert figures(metrics)["birge_jobs_due", ()] == 1
    metrics.looked(tick, time.now - 0.5, well=False)
    told = figures(metrics)
    assert told["birge_jobs_due", ()] == 1  # it broke: nothing was looked at
    metrics.looked(tick, time.now - 0.25, well=True)
    told = figures(metrics)
    assert told["birge_jobs_due", ()] == 0
    assert told["birge_job_seconds_total", ("meetings.remind_attendees",)] == 0.75
    assert told["birge_job_looks_total", ("meetings.remind_attendees", "done")] == 1
    assert told["birge_job_looks_total", ("meetings.remind_attendees", "failed")] == 1


def test_the_hotlines_jobs_are_one_and_tell_no_seconds(metrics: Metrics, time: SimpleNamespace) -> None:
    climbs, puts_back = Tick(jobs.cases.climb, 10), Tick(jobs.cases.put_back, 10)
    for tick in (climbs, puts_back):
        metrics.expects(tick)
    time.now += 69
    metrics.looked(puts_back, time.now - 5, well=True)
    assert figures(metrics)["birge_job_lag_seconds", (HOTLINE,)] == 0  # 59 s: less than a minute isn't told
    time.now += 75
    metrics.looked(puts_back, time.now - 5, well=True)
    told = figures(metrics)
    assert told["birge_job_lag_seconds", (HOTLINE,)] == 120  # the one that stands still, though the other looks
    assert told["birge_job_looks_total", (HOTLINE, "done")] == 2
    assert ("birge_job_seconds_total", (HOTLINE,)) not in told
    assert [name for name in told if "climb" in str(name) or "put_back" in str(name)] == []


def test_the_jobs_of_cases_and_no_others_are_the_hotlines() -> None:
    subjects = ("canary", "cases", "duty", "files", "follow_up", "logs", "pins", "plans", "reporters", "retention")
    ours = {f"jobs.{one}" for one in (*subjects, "second_person")}
    names = {(job_name(tick), tick.job.__module__) for tick in TICKS}
    assert {module for name, module in names if name == HOTLINE} == ours
    assert not ours & {module for name, module in names if name != HOTLINE}
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", name) for name, _ in names if name != HOTLINE)


# --- the outbox -----------------------------------------------------------------------------------------------------


async def test_what_waits_in_each_lane_but_one(database: Database) -> None:
    later = START + timedelta(hours=1)
    drafts = [
        Draft("say", "telegram:1", {}, lane=Lane.CASE),
        Draft("say", "telegram:1", {}, lane=Lane.REPLY, not_before=later),
        Draft("say", "telegram:1", {}, lane=Lane.REPLY),
        Draft("say", "telegram:1", {}, lane=Lane.REPLY, not_before=START - timedelta(minutes=1)),
        Draft("say", "telegram:1", {}, lane=Lane.BROADCAST, not_before=later),
        Draft("say", "telegram:1", {}, lane=Lane.REMINDER, not_before=START - timedelta(minutes=1)),
    ]
    async with database.writing() as db:
        await storage.outbox.enqueue(db, drafts, START)
    async with database.reading() as db:
        assert await storage.operation.backlogs(db, START) == {
            Lane.REPLY: Backlog(3, 3),
            Lane.REMINDER: Backlog(1, 6, START - timedelta(minutes=1)),
            Lane.BROADCAST: Backlog(1),
        }


@on_sqlite
async def test_counting_the_outbox_walks_along_its_index(database: Database) -> None:
    values: dict[str, Any] = {"lane": 1, "most": 10, "now": 0}
    async with database.reading() as db:
        for sql in (storage.operation._WAITING, storage.operation._OLDEST):
            rows = await db.all(f"EXPLAIN QUERY PLAN {sql}", **values)
            plan = [row["detail"] for row in rows if "deliveries" in row["detail"]]
            assert plan
            assert all("deliveries_waiting" in detail and detail.startswith("SEARCH") for detail in plan), plan


def test_the_age_of_what_waits_longest(metrics: Metrics, time: SimpleNamespace) -> None:
    for newest in (5, 5, 9, 30):
        metrics.grew(newest)
        time.now += 10
    assert [metrics.age(number) for number in (1, 5, 6, 9, 30, 31)] == [40, 40, 20, 20, 10, 0]
    held_back = Backlog(1, 6, START - timedelta(seconds=3))
    told = figures(metrics, {Lane.REPLY: Backlog(2, 6), Lane.REMINDER: held_back, Lane.BROADCAST: Backlog(7)})
    assert told["birge_outbox_oldest_seconds", ("reply",)] == 20
    assert told["birge_outbox_oldest_seconds", ("reminder",)] == 3
    assert told["birge_outbox_oldest_seconds", ("broadcast",)] == 0
    assert told["birge_outbox_waiting", ("broadcast",)] == 7


def test_the_outboxs_growth_is_remembered_ever_more_coarsely(metrics: Metrics, time: SimpleNamespace) -> None:
    for newest in range(100_000):
        metrics.grew(newest)
        time.now += 1
    assert len(metrics._grown) <= 8_192
    assert metrics.age(0) == 100_000
    assert metrics.age(99_990) == 10


def test_without_an_answer_of_the_database_its_series_are_missing(metrics: Metrics) -> None:
    told = {name for name, _ in figures(metrics)}
    assert "birge_ready" in told
    assert not told & {"birge_outbox_waiting", "birge_backup_age_seconds", "birge_database_bytes"}
    backed_up = figures(metrics, database_bytes=4096, backed_up_at=START - timedelta(hours=5))
    assert (backed_up["birge_backup_age_seconds", ()], backed_up["birge_database_bytes", ()]) == (18_000, 4096)


# --- a bot that runs ------------------------------------------------------------------------------------------------

_OF_TIME = ("process_", "birge_job", "birge_database_bytes")  # change by themselves


async def watched(world: World) -> Figures:
    told = read(await watch(world).figures())
    return {key: value for key, value in told.items() if not key[0].startswith(_OF_TIME)}


async def test_a_bot_counts_what_it_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.expects_errors = True
    monkeypatch.setitem(routes.COMMANDS, "broken", Route(breaks))
    aysel = world.person("Aysel")
    await aysel.starts()
    await aysel.says("/home")
    await aysel.says(f"/broken {CHILD}")

    told = await watched(world)
    assert told["birge_updates_total", ("command", "done")] == 2
    assert told["birge_updates_total", ("command", "failed")] == 1
    assert told["birge_commit_seconds_count", ()] == 3
    assert told["birge_sends_total", ("say", "sent")] == told["birge_reply_seconds_count", ()] > 0
    assert told["birge_outbox_waiting", ("reply",)] == 0
    assert told["birge_ready", ("migration",)] == 1


async def test_nobody_can_count_cases(world: World) -> None:
    """A report is written, taken, answered and closed: no series moved but those of what everybody can see."""
    scene = await scenes.hotline(world)
    await world.tick()
    before = await watched(world)
    await scenes.taken(scene, CHILD)
    await scene.pupil.says("Are you there?")
    await world.later(minutes=5)

    after = await watched(world)
    changed = {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key)}
    assert changed == {}


async def test_no_label_is_a_person_a_chat_a_community_or_a_text(world: World) -> None:
    scene = await scenes.school(world)
    await scenes.group(scene, scene.class_a)
    await scene.head.says("/meeting 7 dekabr 18:00 Çay süfrəsi")
    await world.tick()

    allowed = {*Kind, *map(job_name, TICKS), "reply", "reminder", "broadcast"}
    words = {label for _, labels in read(await watch(world).figures()) for label in labels}
    odd = {word for word in words - allowed if not re.fullmatch(r"[a-z_]{2,12}|\d+\.\d+|\d\.\d\.\d|\+Inf", word)}
    assert odd == set()
