"""Notices to whoever runs the bot: one per cause in ten minutes, without content, whatever else fails."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import pipeline
from bot.app import opened
from bot.causes import HEADINGS, SENTENCES, Cause
from bot.clock import Clock
from bot.config import Settings
from bot.operator import Operator
from domain.messages import Outgoing, Rejected, Result, Sent, TryLater, Unreachable
from domain.requests import Request
from handlers import routes
from handlers.route import Route
from sandbox import Fault, Sandbox
from storage.database import Connection
from tests.cast import START, Talker, World
from tests.conftest import TOKEN, Fresh, NoPacer, on_sqlite

ROOT = Path(__file__).parent.parent.parent
CHILD = "Məni döyürlər"
MINUTE = timedelta(minutes=1)

logger = structlog.get_logger("tests")


@dataclass
class Way:
    """A channel that keeps what it is told. `answers` come first; then everything is sent."""

    told: list[str] = field(default_factory=list)
    answers: list[Result | Exception] = field(default_factory=list)
    tries: int = 0

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result:
        assert (kind, address, target) == ("say", "42", None)
        self.tries += 1
        answer = self.answers.pop(0) if self.answers else Sent((1,))
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Sent):
            self.told.append(body["html"])
        return answer


@dataclass
class Desk:
    """An operator with a clock that a test moves."""

    way: Way
    operator: Operator
    at: list[datetime]

    async def after(self, *, minutes: float = 0) -> list[str]:
        """Time passes; what was told by then."""
        self.at[0] += minutes * MINUTE
        await self.operator.tell()
        told, self.way.told = self.way.told, []
        return told


@pytest.fixture
def desk() -> Any:
    way, at = Way(), [START]
    operator = Operator(way, "42", lambda: at[0])
    with operator.listening():
        yield Desk(way, operator, at)


async def test_a_notice_says_what_when_which_and_where_to_read_on(desk: Desk) -> None:
    logger.error("a handler broke", update="8812", why="RuntimeError at claim.py:3", cause=Cause.BUG)

    assert await desk.after() == [
        "Birge: Something broke inside the bot.\n"
        "2026-12-01 05:00 UTC, update 8812\n"
        "What to do: docs/operating.md, “Something broke”."
    ]


async def test_one_notice_per_cause_in_ten_minutes_and_the_others_counted(desk: Desk) -> None:
    logger.error("a handler broke", update="1", cause=Cause.BUG)
    assert len(await desk.after()) == 1
    for number in range(15):
        logger.error("a handler broke", update=str(number + 2), cause=Cause.BUG)
    logger.error("another program polls", cause=Cause.SECOND_POLLER)

    (other,) = await desk.after(minutes=9)
    assert SENTENCES[Cause.SECOND_POLLER] in other
    (told,) = await desk.after(minutes=1)
    assert "2026-12-01 05:00 UTC, update 2, update 3, update 4, update 5, update 6\nAnd 14 more since." in told
    assert await desk.after(minutes=60) == []


async def test_a_line_without_a_cause_is_no_notice(desk: Desk, log_lines: list[dict[str, Any]]) -> None:
    logger.error("something odd", row=1)
    logger.error("a job broke over a database that fails", cause=None)

    assert await desk.after() == []
    assert "cause" not in log_lines[-1]


async def test_nothing_of_a_case_stands_in_a_notice(desk: Desk) -> None:
    logger.error("a delivery broke", row=17, kind="say", why="KeyError at cases/claim.py:9", cause=Cause.BUG)
    logger.error("a job broke", job="climb", why="KeyError at jobs/cases.py:40", cause=Cause.BUG)

    (told,) = await desk.after()
    assert [word for word in ("case", "17", "climb", "claim", "KeyError", "hotline") if word in told] == []


async def test_a_notice_that_does_not_go_is_tried_again_a_few_times(desk: Desk, log_lines: list[Any]) -> None:
    desk.way.answers = [TryLater(1.0)] * 99
    logger.error("x", cause=Cause.DATABASE)
    for _ in range(90):
        await desk.after(minutes=1)

    assert desk.way.tries == 7
    assert [(one["event"], one["level"]) for one in log_lines[1:]] == [
        ("a notice did not reach the operator", "warning")
    ]
    desk.way.answers.clear()
    logger.error("x", cause=Cause.DATABASE)
    assert len(await desk.after(minutes=1)) == 1


@pytest.mark.parametrize("result", [Rejected("chat is a channel"), Unreachable("never_started")])
async def test_an_operator_who_can_not_be_told_is_not_asked_again_and_again(desk: Desk, result: Result) -> None:
    desk.way.answers = [result]
    logger.error("x", cause=Cause.GAP)

    assert await desk.after() == []
    assert await desk.after(minutes=60) == []
    assert desk.way.tries == 1


async def test_a_channel_that_breaks_breaks_nothing(desk: Desk, log_lines: list[Any]) -> None:
    desk.way.answers = [RuntimeError(CHILD)]
    logger.error("x", cause=Cause.BUG)

    assert await desk.after() == []
    assert len(await desk.after(minutes=1)) == 1
    assert CHILD not in repr(log_lines)


async def test_what_happens_while_a_notice_is_told_is_no_notice(desk: Desk) -> None:
    """Else a channel that fails would be told of by itself, for ever."""
    real = desk.way.send

    async def fails_aloud(*given: Any) -> Result:
        logger.error("the channel fails", cause=Cause.MESSENGER)
        await asyncio.sleep(0)
        return await real(*given)

    desk.way.send = fails_aloud  # type: ignore[method-assign, assignment]
    logger.error("x", cause=Cause.BUG)

    assert len(await desk.after()) == 1
    assert await desk.after(minutes=60) == []


async def test_what_happens_meanwhile_is_told_later(desk: Desk) -> None:
    """A line that comes from elsewhere while a notice is on its way is not lost."""
    gate, real = asyncio.Event(), desk.way.send

    async def slow(*given: Any) -> Result:
        await gate.wait()
        return await real(*given)

    desk.way.send = slow  # type: ignore[method-assign, assignment]
    logger.error("x", update="1", cause=Cause.BUG)
    telling = asyncio.create_task(desk.operator.tell())
    await asyncio.sleep(0)
    logger.error("x", update="2", cause=Cause.BUG)
    gate.set()
    await telling

    (first,) = await desk.after()
    assert "update 1\n" in first
    (second,) = await desk.after(minutes=10)
    assert "more since" not in second


async def test_nobody_to_tell_costs_nothing(log_lines: list[Any]) -> None:
    operator = Operator(None, "", lambda: START)
    with operator.listening():
        logger.error("x", cause=Cause.BUG)
        await operator.tell()
    assert [one["event"] for one in log_lines] == ["x"]


def test_every_cause_has_its_sentence_and_its_place_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "operating.md").read_text()
    titles = {line.lstrip("# ") for line in runbook.splitlines() if line.startswith("#")}
    assert set(SENTENCES) == set(HEADINGS) == set(Cause)
    assert set(HEADINGS.values()) <= titles


# --- in a running bot -------------------------------------------------------------------------------------------------


@pytest.fixture
async def told(fresh: Fresh, tmp_path: Path) -> AsyncIterator[tuple[World, Talker]]:
    """A running bot whose operator is told in a chat."""
    url, keys = fresh.copy(tmp_path)
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        operator = sandbox.add_person("Operator", "", language_code="en")
        given = Settings(
            telegram_token=TOKEN, telegram_api=sandbox.url, database=url, keys=keys, operator=str(operator.id)
        )
        clock = Clock()
        async with opened(given, clock, NoPacer()) as birge:
            running = asyncio.create_task(birge.run())
            await birge.working.wait()
            birge.scheduler.stop()
            world = World(sandbox, birge, url, keys, fresh.owner_code, fresh.supervisor_code, expects_errors=True)
            talker = Talker(world, operator)
            world.talkers["Operator"] = talker
            await talker.starts()
            try:
                yield world, talker
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def notice_to(operator: Talker, words: str) -> str:
    def found() -> list[str]:
        return [one.text for one in operator.messages if words in one.text]

    await operator.world.sandbox.until(found, timeout=10)
    return found()[0]


async def stored_for(world: World, talker: Talker) -> int:
    place = f"telegram:{talker.person.id}"
    return len(await world.rows("SELECT id FROM deliveries WHERE place = :place", place=place))


async def breaks(_db: Connection, _request: Request) -> list[Outgoing]:
    raise RuntimeError(CHILD)


@pytest.mark.rule(4)
async def test_a_broken_case_handler_sounds_like_any_other(
    told: tuple[World, Talker], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, operator = told
    monkeypatch.setitem(routes.COMMANDS, "hotline", Route(breaks, confidential=True))
    child, before = world.person("Aysel"), await stored_for(world, operator)
    await child.starts()
    assert "something went wrong" in await child.says(f"/hotline {CHILD}")

    said = await notice_to(operator, SENTENCES[Cause.BUG])
    assert [word for word in (CHILD, "Aysel", "hotline", "case", str(child.person.id)) if word in said] == []
    assert await stored_for(world, operator) == before  # it went past the outbox


async def test_the_notice_goes_out_while_the_database_fails(
    told: tuple[World, Talker], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, operator = told

    def full(*_: Any, **__: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(world.birge.database, "writing", full)
    monkeypatch.setattr(world.birge.database, "reading", full)
    logger.error("the database has failed for a minute", cause=Cause.DATABASE)

    assert "The database fails" in await notice_to(operator, SENTENCES[Cause.DATABASE])


async def test_a_second_poller_an_update_set_aside_and_a_message_given_up_are_told(
    told: tuple[World, Talker], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, operator = told
    aysel = world.person("Aysel")
    await aysel.starts()
    world.sandbox.faults.append(Fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates"))
    world.sandbox.faults.append(
        Fault("sendMessage", chat_id=aysel.person.id, status=400, description="Bad Request: message is too long")
    )
    world.sandbox.sends(aysel.person, text="/help")

    assert "row" in await notice_to(operator, SENTENCES[Cause.GIVEN_UP])
    await notice_to(operator, SENTENCES[Cause.SECOND_POLLER])

    real = pipeline.Pipeline._transaction
    fails = [2]

    async def poisoned(self: Any, incoming: Any) -> None:
        if fails[0]:
            fails[0] -= 1
            raise RuntimeError("poison")
        await real(self, incoming)

    monkeypatch.setattr(pipeline.Pipeline, "_transaction", poisoned)
    world.sandbox.sends(aysel.person, text="/home")
    assert "update" in await notice_to(operator, SENTENCES[Cause.SET_ASIDE])


@on_sqlite
async def test_a_start_after_a_stop_that_was_not_clean_is_told(fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    with sqlite3.connect(tmp_path / "birge.sqlite3") as raw:
        raw.execute("INSERT INTO notes_of_operation (name, value) VALUES ('stopped cleanly', 'no')")
    raw.close()
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        person = sandbox.add_person("Operator", "", language_code="en")
        sandbox.presses_start(person)
        given = Settings(
            telegram_token=TOKEN, telegram_api=sandbox.url, database=url, keys=keys, operator=str(person.id)
        )
        async with opened(given, Clock(), NoPacer()) as birge:
            running = asyncio.create_task(birge.run())
            try:
                await sandbox.until(
                    lambda: [
                        one for one in sandbox.chat_of(person).visible if SENTENCES[Cause.UNCLEAN_STOP] in one.text
                    ],
                    timeout=10,
                )
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


def test_times_are_the_machines_own() -> None:
    clock = Clock()
    clock.set_offset(1e6)
    assert abs(clock.machine() - datetime.now(UTC)) < MINUTE
