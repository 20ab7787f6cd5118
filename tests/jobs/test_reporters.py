"""What time says to a reporter is said once, whatever crashes, and to nobody who took a report back."""

from datetime import timedelta

import pytest

import jobs.reporters
import storage.cases
from bot import outgoing
from domain.cases import Case
from jobs.schedule import Job
from tests import scenes
from tests.cast import START, World
from tests.conversations.test_reporters import HELPER, answers, chooses, heard
from tests.scenes import Hotline, taken


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def look(world: World, job: Job, *, crash: bool = False) -> int:
    """One look of a job; how much it said. A crash comes before the commit."""

    class Killed(Exception):  # noqa: N818
        pass

    said: list[object] = []
    try:
        async with world.birge.database.writing() as db:
            said += (found := await job(db, world.now))
            await outgoing.store(db, world.birge.renderer, found, None, world.now)
            if crash:
                raise Killed
    except Killed:
        pass
    world.birge.sender.wake()
    await world.settle()
    return len(said)


async def passes(world: World, **by: float) -> None:
    """Time goes by and no job looks."""
    world.sandbox.clock.set(world.now + timedelta(**by))
    world.birge.clock.set_offset(world.sandbox.clock.offset)


async def the_case(world: World) -> Case:
    (row,) = await world.rows("SELECT id FROM cases")
    async with world.birge.database.reading() as db:
        case = await storage.cases.get(db, row["id"])
    assert case is not None
    return case


async def test_what_waited_is_said_once_also_after_a_crash(scene: Hotline) -> None:
    world = scene.world
    await taken(scene)
    await chooses(scene.pupil, "In the afternoon")
    await answers(scene.worker)
    assert await look(world, jobs.reporters.say_what_waited) == 0
    world.sandbox.clock.set(START.replace(hour=11))
    world.birge.clock.set_offset(world.sandbox.clock.offset)
    assert await look(world, jobs.reporters.say_what_waited, crash=True) == 1
    assert HELPER not in heard(scene.pupil)
    assert await look(world, jobs.reporters.say_what_waited) == 1
    assert await look(world, jobs.reporters.say_what_waited) == 0
    assert heard(scene.pupil).count(HELPER) == 1


@pytest.mark.rule(12)
async def test_she_is_asked_once_also_after_a_crash_and_once_for_both_after_a_long_silence(scene: Hotline) -> None:
    world = scene.world
    await taken(scene)
    await answers(scene.worker)
    await passes(world, days=40)
    assert await look(world, jobs.reporters.ask_after, crash=True) == 1
    assert await look(world, jobs.reporters.ask_after) == 1
    assert await look(world, jobs.reporters.ask_after) == 0
    assert heard(scene.pupil).count("Some time has passed") == 1


@pytest.mark.rule(12)
async def test_of_two_that_ask_one_wins(scene: Hotline) -> None:
    world = scene.world
    await taken(scene)
    await answers(scene.worker)
    await passes(world, days=8)
    case = await the_case(world)
    async with world.birge.database.writing() as db:
        assert await storage.cases.claim_asking(db, case, world.now)
        assert not await storage.cases.claim_asking(db, case, world.now)


async def test_a_report_is_taken_back_once_and_then_nothing_is_said(scene: Hotline) -> None:
    world = scene.world
    await taken(scene)
    await answers(scene.worker)
    case = await the_case(world)
    async with world.birge.database.writing() as db:
        assert await storage.cases.withdraw(db, case, world.now)
        assert not await storage.cases.withdraw(db, case, world.now)
    await passes(world, days=8)
    assert await look(world, jobs.reporters.ask_after) == 0


async def test_a_case_whose_key_is_destroyed_stands_in_nobodys_way(scene: Hotline) -> None:
    world = scene.world
    await taken(scene)
    await chooses(scene.pupil, "In the afternoon")
    await answers(scene.worker)
    case = await the_case(world)
    async with world.birge.database.writing() as db:
        await db.vault.destroy_key(db, case.key_id)
    await passes(world, days=8)
    assert await look(world, jobs.reporters.say_what_waited) == 0
    assert await look(world, jobs.reporters.ask_after) == 0
