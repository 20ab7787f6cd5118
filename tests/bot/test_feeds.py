"""C4: the address of somebody's calendar, over real HTTP: what it opens, and to whom it is nothing."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar, Event

from bot import logs
from bot.feeds import Gate
from bot.pacer import Rate
from bot.web import serving_feeds
from domain.roles import Role
from tests.bot.test_web import Answered, Caller, free_port
from tests.cast import Talker, World
from tests.conversations.test_meetings import called
from tests.scenes import School, belong, person_id_of, school

PUBLIC = "https://birge.example.org"


@contextlib.asynccontextmanager
async def served(world: World) -> AsyncIterator[Caller]:
    """The world's feeds at a free port, and the bot told that it is reached under PUBLIC."""
    world.birge.pipeline._defaults = replace(world.birge.pipeline._defaults, public_url=PUBLIC)
    port = free_port()
    async with serving_feeds(f"127.0.0.1:{port}", world.birge):
        yield Caller(port)


async def address(talker: Talker, label: str = "Make my address") -> str:
    """The path that she is told."""
    await talker.says("/meetings")
    await talker.taps("My calendar")
    told = await talker.taps(label)
    return next(word for word in told.split() if word.startswith(PUBLIC)).removeprefix(PUBLIC)


def events(answered: Answered) -> dict[str, Event]:
    """By title; of which class each is stands behind it."""
    found = {str(event["SUMMARY"]).partition(" · "): event for event in Calendar.from_ical(answered.body).events}
    assert {name for _, _, name in found} <= {"5A", "5B", "7C"}
    return {title: event for (title, _, _), event in found.items()}


async def told_of(scene: School, caller: Caller, path: str) -> dict[str, Event]:
    return events(await caller.asks(path))


@pytest.mark.row("C4")
async def test_a_calendar_reads_what_concerns_its_owner_and_hears_of_every_change(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await called(scene, "2026-12-09 17:00 Choir")
    parent = scene.parents[0]
    async with served(world) as caller:
        path = await address(parent)
        assert parent.last.protected
        first = await caller.asks(path)
        assert first.status == 200
        assert "content-type: text/calendar; charset=utf-8" in first.headers.lower()
        found = events(first)
        assert set(found) == {"First joint meeting", "Choir"}
        meeting = found["First joint meeting"]
        assert meeting.start == datetime(2026, 12, 7, 14, tzinfo=UTC)
        assert (meeting["STATUS"], meeting["SEQUENCE"]) == ("CONFIRMED", 0)
        await scene.head.taps("Move", message=scene.head.find("Who answered"))
        await scene.head.says("10 December 18:00")
        await scene.head.taps("Move it")
        await world.tick()
        moved = (await told_of(scene, caller, path))["Choir"]
        assert (moved["UID"], moved["SEQUENCE"]) == (found["Choir"]["UID"], 1)
        await scene.head.taps("Cancel meeting")
        await scene.head.taps("Yes, cancel it")
        await parent.taps("Can't", message=next(m for m in parent.messages if "First joint" in m.text))
        left = await told_of(scene, caller, path)
        assert set(left) == {"Choir"}
        assert left["Choir"]["STATUS"] == "CANCELLED"


@pytest.mark.row("C4")
async def test_unchanged_is_told_in_a_word(world: World) -> None:
    scene = await school(world)
    await called(scene)
    async with served(world) as caller:
        path = await address(scene.parents[0])
        first = await caller.asks(path)
        [tag] = [line.split(": ")[1] for line in first.headers.splitlines() if line.lower().startswith("etag")]
        await world.later(hours=1)
        again = await caller.asks(path, more=f"If-None-Match: {tag}\r\n")
        assert (again.status, again.body) == (304, "")
        await called(scene, "2026-12-09 17:00 Choir")
        assert (await caller.asks(path, more=f"If-None-Match: {tag}\r\n")).status == 200


def without_date(answered: Answered) -> tuple[int, str, list[str]]:
    lines = [line for line in answered.headers.splitlines() if not line.lower().startswith("date:")]
    return answered.status, answered.body, lines


@pytest.mark.row("C4_bad_guessed")
async def test_a_guess_a_revoked_address_and_no_address_are_answered_alike(world: World) -> None:
    scene = await school(world)
    await called(scene)
    parent = scene.parents[0]
    async with served(world) as caller:
        old = await address(parent)
        new = await address(parent, "New address")
        assert len(new) == len("/feeds/.ics") + 22
        assert (await caller.asks(new)).status == 200
        assert "no longer works" in await parent.taps("Stop the address")
        guessed = "/feeds/AAAAAAAAAAAAAAAAAAAAAA.ics"
        told = [without_date(await caller.asks(path)) for path in (old, new, guessed, "/feeds/1.ics", "/health", "/")]
        assert told[0][:2] == (404, "Not Found")
        assert told == [told[0]] * len(told)
        assert (await caller.asks(guessed, method="POST")).status == 405


async def test_the_secret_stands_nowhere(world: World) -> None:
    scene = await school(world)
    async with served(world):
        secret = (await address(scene.parents[0])).removeprefix("/feeds/").removesuffix(".ics")
        assert len(await world.rows("SELECT mark FROM feeds")) == 1
        for table in await world.tables():
            assert secret not in str(await world.rows(f"SELECT * FROM {table}"))  # noqa: S608
    assert logs._without_tokens(None, "", f"GET /feeds/{secret}.ics") == "GET /feeds/<token>"


@pytest.mark.row("C4")
async def test_whoever_left_sees_nothing_more_and_nobody_sees_what_is_not_for_her(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/meeting 2026-12-08 18:00 Teachers only")
    await scene.head.taps("Cancel")
    await called(scene)
    async with served(world) as caller:
        stranger, parent = await address(scene.outsider), await address(scene.parents[0])
        assert events(await caller.asks(stranger)) == {}
        async with world.birge.database.writing() as db:
            person_id = await person_id_of(world, scene.parents[0])
            await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person_id)
        assert events(await caller.asks(parent)) == {}
        await belong(world, scene.outsider, scene.class_a, Role.PARENT)
        assert set(events(await caller.asks(stranger))) == {"First joint meeting"}


@pytest.mark.row("C4_bad_no_address")
async def test_without_an_address_of_its_own_it_offers_the_file(world: World) -> None:
    scene = await school(world, language="ru")
    await scene.parents[0].says("/meetings")
    for press in ("mt.feed", "mt.feed.new"):
        assert "«📅 Календарь» даёт файл" in await scene.parents[0].forges(press)
    assert await world.rows("SELECT 1 FROM feeds") == []


async def test_a_flood_is_told_when_to_come_again(world: World) -> None:
    async with served(world) as caller:
        told = [await caller.asks("/feeds/x.ics") for _ in range(121)]
        assert [one.status for one in told[:100]] == [404] * 100
        assert told[-1].status == 429
        assert "retry-after: " in told[-1].headers.lower()
        path = await address((await school(world)).parents[0])  # a flood of guesses shuts no calendar
        told = [await caller.asks(path) for _ in range(31)]
        assert [one.status for one in told] == [200] * 30 + [429]


def test_each_caller_is_measured_by_itself() -> None:
    gate = Gate(Rate(1.0, 2))
    assert [gate.wait("a", 0.0), gate.wait("a", 0.0), gate.wait("a", 0.0), gate.wait("b", 0.0)] == [0, 0, 1.0, 0]
    assert gate.wait("a", 1.0) == 0


def test_a_flood_from_everywhere_fills_no_memory() -> None:
    gate = Gate(Rate(1_000.0, 1))
    for number in range(50_000):
        assert gate.wait(str(number), float(number) / 1_000) == 0
    assert len(gate._full) <= 20_000
    assert gate.wait("49999", 50.0) > 0
