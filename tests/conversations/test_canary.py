"""The weekly test of the hotline: it goes the way of every report, and somebody must take it (F11)."""

from datetime import timedelta
from typing import Any

import pytest

import storage.canary
from bot.causes import Cause
from bot.doctor import _canary
from domain.canary import Ended
from tests import scenes
from tests.cast import World
from tests.scenes import Hotline, on_duty, person_id_of, report


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def begins(world: World) -> str:
    """The weekly test is due now. Returns its number."""
    async with world.birge.database.writing() as db:
        await storage.canary.save_next(db, world.now)
    await world.tick()
    (row,) = await world.rows("SELECT number FROM cases WHERE is_test = 1 AND state = 'new'")
    return str(row["number"])


@pytest.mark.row("F11")
async def test_it_looks_like_any_page_until_it_is_taken(scene: Hotline) -> None:
    number = await begins(scene.world)
    assert scene.worker.last.text == f"case {number}, high, 60 minutes left"
    assert number in await scene.worker.says("/queue")
    await scene.world.later(minutes=4)
    thanks = await scene.worker.taps("Take")
    assert "This was the weekly test: thank you. It took 4 minutes." in thanks
    assert "is yours" not in thanks
    (row,) = await scene.world.rows("SELECT state, is_test FROM cases")
    assert (row["state"], row["is_test"]) == ("closed", 1)
    assert "Nothing waits." in await scene.worker.says("/queue")
    async with scene.world.birge.database.reading() as db:
        last = await storage.canary.last(db)
    assert last is not None
    assert (last.ended, last.minutes) == (Ended.TAKEN, 4)
    assert "was taken after 4 minutes" in _canary(last).sentence


@pytest.mark.row("F11")
@pytest.mark.row("F11_bad_missed")
async def test_nobody_in_time_the_supervisor_and_the_operator_hear_of_it(
    scene: Hotline, log_lines: list[dict[str, Any]]
) -> None:
    scene.world.expects_errors = True
    number = await begins(scene.world)
    await scene.world.later(minutes=59)
    assert number not in scene.supervisor.last.text
    await scene.world.later(minutes=1)
    assert "Nobody took the weekly test of the hotline in time" in scene.supervisor.last.text
    told = len(scene.supervisor.messages)
    assert scene.worker.last.text == f"case {number}: it was the weekly test, and it is over"
    assert scene.worker.last.labels == []
    lookout = scene.world.birge.lookout
    await lookout.look()
    await lookout.look()
    assert [one["cause"] for one in log_lines if "cause" in one].count(Cause.CANARY) == 1
    await scene.world.later(hours=9)
    assert len(scene.supervisor.messages) == told
    async with scene.world.birge.database.reading() as db:
        last = await storage.canary.last(db)
    assert last is not None
    assert not _canary(last).good


@pytest.mark.row("F11")
async def test_a_late_tap_takes_nothing(scene: Hotline) -> None:
    await begins(scene.world)
    page = scene.worker.last
    await scene.world.later(minutes=61)
    scene.world.sandbox.taps(scene.worker.person, page, data=page.buttons[0].data if page.buttons else "cs.take:1")
    await scene.world.settle()
    (row,) = await scene.world.rows("SELECT state FROM cases")
    assert row["state"] == "closed"
    assert "thank you" not in scene.worker.last.text


@pytest.mark.row("F11")
async def test_the_backup_is_reminded_as_of_any_report(scene: Hotline) -> None:
    number = await begins(scene.world)
    assert number not in scene.other_worker.last.text
    await scene.world.later(minutes=31)
    assert number in scene.other_worker.last.text


@pytest.mark.row("F11")
async def test_nobody_outside_the_staff_hears_of_it(scene: Hotline) -> None:
    outside = [scene.pupil, *scene.school.parents, scene.school.head, scene.school.coordinator, scene.school.outsider]
    heard = [len(one.messages) for one in outside]
    await begins(scene.world)
    await scene.worker.taps("Take")
    await scene.world.later(days=2)
    assert [len(one.messages) for one in outside] == heard
    assert "No report was sent from here yet." in await scene.pupil.says("/mycases")


@pytest.mark.row("F11")
async def test_outside_the_hours_it_waits_for_the_shift(scene: Hotline) -> None:
    world = scene.world
    both = [await person_id_of(world, one) for one in (scene.worker, scene.other_worker)]
    await on_duty(world, both[0], both[1], "8-16")
    await world.at(world.now + timedelta(hours=8))  # 17:00
    async with world.birge.database.writing() as db:
        await storage.canary.save_next(db, world.now)
    await world.tick()
    assert await world.rows("SELECT 1 FROM cases") == []
    await world.later(hours=15, minutes=5)
    assert len(await world.rows("SELECT 1 FROM cases WHERE is_test = 1")) == 1


@pytest.mark.row("F11")
async def test_there_is_one_a_week_and_the_first_is_drawn_by_itself(scene: Hotline) -> None:
    world = scene.world
    async with world.birge.database.writing() as db:
        await db.run("DELETE FROM notes_of_operation WHERE name = 'next test of the hotline'")
    for _ in range(5 * 7 * 2):
        await world.later(hours=12)
    sent = await world.rows("SELECT 1 FROM cases WHERE is_test = 1")
    assert len(sent) in (4, 5)


@pytest.mark.row("F11")
async def test_a_real_report_is_none(scene: Hotline) -> None:
    await report(scene.pupil, "They push me")
    (row,) = await scene.world.rows("SELECT is_test FROM cases")
    assert row["is_test"] == 0
