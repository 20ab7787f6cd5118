"""A message of a case that can't be delivered is never invisible to everybody: the case's own people learn of it."""

from typing import Any

import pytest

from domain.roles import Role
from sandbox import Fault
from tests import scenes
from tests.cast import Talker, World
from tests.scenes import Hotline, add_member, report, taken

LOST = "not delivered: the messenger did not take it"
REJECTED: dict[str, Any] = {"status": 400, "description": "Bad Request: message is too long"}


@pytest.fixture
async def scene(world: World) -> Hotline:
    world.expects_errors = True
    return await scenes.hotline(world)


def reject(scene: Hotline, talker: Talker, **more: Any) -> None:
    fault = Fault("sendMessage", chat_id=talker.person.id, **(REJECTED | more))
    scene.world.sandbox.faults.append(fault)


def heard(talker: Talker) -> list[str]:
    return [one.text for one in talker.messages if LOST in one.text]


async def answer(scene: Hotline) -> None:
    await scene.worker.taps("Answer")
    await scene.worker.says("You did right to write.")
    reject(scene, scene.pupil)
    await scene.worker.taps("Send")


@pytest.mark.row("F4_bad_blocked")
async def test_the_worker_learns_that_her_answer_was_rejected(scene: Hotline) -> None:
    await taken(scene)
    await answer(scene)

    (told,) = heard(scene.worker)
    assert told.startswith("Pupil-")
    assert [one for one in (scene.other_worker, scene.supervisor, scene.school.head) if heard(one)] == []


async def test_without_a_worker_who_can_be_reached_the_supervisor_learns_it(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("You did right to write.")
    reject(scene, scene.pupil)
    await scene.worker.taps("Send")
    # Her next message is lost as well, and meanwhile the worker's role is over.
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'worker'")
    reject(scene, scene.pupil)
    await scene.pupil.says("/mycases")

    assert len(heard(scene.supervisor)) == 1
    assert len(heard(scene.worker)) == 1


async def test_whatever_else_is_lost_on_its_way_to_a_reporter_is_told_too(scene: Hotline) -> None:
    await taken(scene)
    reject(scene, scene.pupil)
    await scene.pupil.says("/mycases")

    assert len(heard(scene.worker)) == 1
    deeds = await scene.world.rows("SELECT deed FROM case_log ORDER BY id DESC LIMIT 1")
    assert deeds[0]["deed"] == "undelivered"


@pytest.mark.rule(15)
async def test_who_may_not_know_of_the_case_hears_nothing(scene: Hotline) -> None:
    await taken(scene)
    outsiders = [scene.school.head, scene.school.owner, scene.school.coordinator, scene.school.outsider]
    before = [len(one.messages) for one in outsiders]
    reject(scene, scene.pupil)
    await scene.pupil.says("/mycases")
    assert [len(one.messages) for one in outsiders] == before


async def test_a_stranger_to_the_hotline_makes_no_noise_there(scene: Hotline) -> None:
    await taken(scene)
    other = await add_member(scene.world, scene.school.class_a, Role.PUPIL, "Other")
    reject(scene, other)
    await other.says("/hotline")
    assert [one for one in scene.world.talkers.values() if heard(one)] == []


async def test_a_closed_report_calls_nobody(scene: Hotline) -> None:
    await taken(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET state = 'closed'")
    reject(scene, scene.pupil)
    await scene.pupil.says("/mycases")
    assert heard(scene.worker) == []


async def test_two_who_work_on_each_others_reports_set_off_no_endless_chain(scene: Hotline) -> None:
    """Everything to both is rejected: the news of it is not told by news of it."""
    await report(scene.worker, "About me.")
    await scene.other_worker.taps("Take")
    await report(scene.other_worker, "About me, too.")
    await scene.worker.taps("Take")
    for one in (scene.worker, scene.other_worker):
        reject(scene, one, times=None)
    calls = len(scene.world.sandbox.calls)
    await scene.worker.says("/mycases")

    assert len(scene.world.sandbox.calls) - calls < 20
    scene.world.sandbox.faults.clear()


@pytest.mark.rule(4)
async def test_the_log_and_the_operator_hear_no_more_than_that_something_broke(
    scene: Hotline, log_lines: list[dict[str, Any]]
) -> None:
    await taken(scene)
    log_lines.clear()
    await answer(scene)

    assert {str(one["cause"]) for one in log_lines if "cause" in one} == {"bug"}
    assert await scene.world.rows("SELECT id FROM deliveries WHERE given_up_at IS NOT NULL") == []
    rows = await scene.world.rows("SELECT body FROM deliveries WHERE lane = 0 AND state = 'failed'")
    assert [row["body"] for row in rows] == [None]
