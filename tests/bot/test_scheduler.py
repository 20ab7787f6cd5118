from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

import storage.operation
from bot import scheduler as ticking
from bot.clock import Clock
from bot.render import Renderer
from bot.scheduler import Scheduler
from domain.messages import Outgoing, Say, ToChat, ToPerson, Words
from jobs.schedule import TICKS, Tick
from storage.database import Connection, Database
from storage.persons import meet
from storage.vault import Vault
from tests.storage.conftest import RING


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await Database.open(url, Vault(RING))
    yield opened
    await opened.close()


@pytest.fixture
def ticker(database: Database, monkeypatch: pytest.MonkeyPatch) -> Scheduler:
    """Runs the jobs of the tests; `commits` counts what it tells the sender."""
    monkeypatch.setattr(ticking, "TICKS", ())
    made = Scheduler(database, Renderer(lambda link: link.payload), Clock(), lambda: commits.append(1))
    commits: list[int] = []
    made.commits = commits  # type: ignore[attr-defined]
    return made


async def notes(database: Database) -> list[str]:
    async with database.reading() as db:
        return [row["name"] for row in await db.all("SELECT name FROM notes_of_operation ORDER BY name")]


async def breaks(db: Connection, _now: datetime) -> list[Outgoing]:
    await storage.operation.write(db, "half done", "x")
    raise RuntimeError("Məni döyürlər")


async def works(db: Connection, now: datetime) -> list[Outgoing]:
    await storage.operation.write(db, "done", str(now))
    return []


async def test_a_job_that_breaks_stops_no_other(
    ticker: Scheduler, database: Database, monkeypatch: pytest.MonkeyPatch, log_lines: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(ticking, "TICKS", (Tick(breaks, 1), Tick(works, 1)))
    await ticker.run_all()

    assert await notes(database) == ["done"]
    (line,) = log_lines
    assert (line["event"], line["job"]) == ("a job broke", "breaks")
    assert "döyürlər" not in str(line)
    # After the job that changed something, and at the end of the round.
    assert ticker.commits == [1, 1]  # type: ignore[attr-defined]


async def test_a_day_key_made_by_a_job_that_breaks_is_made_anew(ticker: Scheduler, database: Database) -> None:
    """Everything sealed under the lost one could never be opened again."""
    await ticker.run(Tick(breaks, 1))
    assert not database.vault.is_ready_for(ticker._clock.now())
    await ticker.run(Tick(works, 1))

    sealed = database.vault.seal(b"x", table="t", column="c", row=1)
    async with database.reading() as db:
        assert await Vault(RING).open(db, sealed, table="t", column="c", row=1) == b"x"


async def test_what_a_job_says_is_in_the_outbox(ticker: Scheduler, database: Database) -> None:
    async with database.writing() as db:
        known = await meet(db, "telegram", "1001", "az", "Asia/Baku")

    async def reminds(_db: Connection, _now: datetime) -> list[Outgoing]:
        return [Say(Words("Tomorrow"), to=ToPerson(known.person.id), dedupe_key="remind:17:1")]

    for _ in range(2):
        await ticker.run(Tick(reminds, 1))

    async with database.reading() as db:
        assert [row["place"] for row in await db.all("SELECT place FROM deliveries")] == ["telegram:1001"]


@pytest.mark.parametrize("to", [ToPerson(99), ToChat(99)])
async def test_a_job_that_writes_to_nobody_breaks_alone(
    ticker: Scheduler, to: Any, log_lines: list[dict[str, Any]]
) -> None:
    async def reminds(_db: Connection, _now: datetime) -> list[Outgoing]:
        return [Say(Words("Tomorrow"), to=to)]

    await ticker.run(Tick(reminds, 1))
    assert [line["event"] for line in log_lines] in ([], ["a job broke"])


async def test_every_job_of_the_schedule_looks_at_an_empty_database(
    ticker: Scheduler, database: Database, monkeypatch: pytest.MonkeyPatch, log_lines: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(ticking, "TICKS", TICKS)
    await ticker.run_all()
    ticker._clock.set_offset(timedelta(days=400).total_seconds())
    await ticker.run_all()

    assert log_lines == []


async def test_the_ticker_starts_and_stops(ticker: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "TICKS", TICKS)
    ticker.start()
    jobs = ticker._ticker.get_jobs()
    assert len(jobs) == len(TICKS)
    assert all(job.coalesce and job.max_instances == 1 and job.misfire_grace_time is None for job in jobs)
    for _ in range(2):
        ticker.stop()
