"""Rules 9 and 10: whoever should be called is called in time, over restarts and down time, and a child hears the truth
about it within seconds."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.checklist import setup_of
from bot.config import Settings
from bot.render import Renderer
from domain.roles import Role
from handlers.cases.notice import NOTICE
from tests import scenes
from tests.cast import Talker, World
from tests.conftest import Fresh, on_sqlite
from tests.scenes import Hotline, add_member, person_id_of, report

NIGHT = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)  # 22:30 in Baku


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def with_a_school_supervisor(scene: Hotline) -> Talker:
    """The school has a supervisor of its own: the network's is the one outside."""
    own = await add_member(scene.world, scene.school.school, Role.SUPERVISOR, "Zaur")
    await scenes.accepts(scene.world, own)
    return own


async def outside_the_hours(scene: Hotline) -> None:
    world = scene.world
    both = [await person_id_of(world, one) for one in (scene.worker, scene.other_worker)]
    await scenes.on_duty(world, both[0], both[1], "8-20")
    await world.at(NIGHT)


def heard(talker: Talker, number: str) -> int:
    """How many notices about a case she got."""
    return sum(message.text.startswith(f"case {number}") for message in talker.messages)


@pytest.mark.rule(9)
@pytest.mark.row("F6")
@pytest.mark.parametrize(("safe", "minutes"), [("No", 15), ("I am not sure", 60), ("Yes", 180)])
async def test_each_rung_calls_one_person_at_its_time(scene: Hotline, safe: str, minutes: int) -> None:
    world, inside = scene.world, await with_a_school_supervisor(scene)
    number = await report(scene.pupil, "They push me", safe=safe)
    rungs = [scene.worker, scene.other_worker, inside, scene.supervisor]
    clock = timedelta(minutes=minutes)
    begun = world.now
    for called, due in enumerate([timedelta(0), clock / 2, clock, 2 * clock], 1):
        await world.at(begun + due + timedelta(minutes=1))
        assert [heard(one, number) for one in rungs] == [1] * called + [0] * (len(rungs) - called)
        if called > 1:
            await world.at(begun + due + clock / 2 - timedelta(minutes=1))  # and nobody again before the next
            assert sum(heard(one, number) for one in rungs) == called
    for more in (3, 4, 5):
        await world.at(begun + more * clock + timedelta(minutes=1))
        assert [heard(one, number) for one in rungs] == [more - 1] * len(rungs)


@pytest.mark.rule(9)
@pytest.mark.row("F6")
async def test_danger_calls_two_at_once_the_supervisor_at_five_and_the_one_outside_at_ten(scene: Hotline) -> None:
    world, inside = scene.world, await with_a_school_supervisor(scene)
    begun = world.now
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    (row,) = await world.rows("SELECT number FROM cases")
    number = str(row["number"])
    for minutes, counts in ((0, [1, 1, 0, 0]), (4, [1, 1, 0, 0]), (5, [1, 1, 1, 0]), (10, [1, 1, 1, 1]), (15, [2] * 4)):
        await world.at(begun + timedelta(minutes=minutes, seconds=20))
        called = [heard(one, number) for one in (scene.worker, scene.other_worker, inside, scene.supervisor)]
        assert called == counts, minutes


@pytest.mark.rule(9)
@pytest.mark.row("F6")
async def test_the_clock_runs_on_while_the_bot_does_not(scene: Hotline) -> None:
    world, inside = scene.world, await with_a_school_supervisor(scene)
    number = await report(scene.pupil, "They push me", safe="No")
    await world.restart()
    await world.later(minutes=31)  # twice the clock: only the highest rung calls, and once
    assert heard(scene.supervisor, number) == 1
    assert heard(inside, number) == 0
    await world.restart()
    await world.later(seconds=30)
    assert heard(scene.supervisor, number) == 1


@pytest.mark.rule(9)
@pytest.mark.row("F6")
async def test_who_took_it_ends_the_calls(scene: Hotline) -> None:
    number = await report(scene.pupil, "They push me", safe="No")
    await scene.worker.taps("Take")
    await scene.world.later(minutes=16)
    assert heard(scene.supervisor, number) == 0
    assert heard(scene.other_worker, number) == 0


@pytest.mark.rule(9)
@pytest.mark.rule(15)
@pytest.mark.row("F6")
async def test_who_is_excluded_is_passed_over_without_a_trace(scene: Hotline) -> None:
    number = await report(scene.pupil, "They push me")
    await scene.worker.taps("Take")
    await scene.worker.taps("I know these people")
    assert heard(scene.other_worker, number) >= 1
    before = len(scene.worker.messages)
    for _ in range(6):
        await scene.world.later(hours=3)
    assert len(scene.worker.messages) == before


@pytest.mark.rule(10)
@pytest.mark.row("F12")
@pytest.mark.parametrize("safe", ["Yes", "No"])
async def test_with_nobody_on_duty_the_truth_and_numbers_come_within_five_seconds(scene: Hotline, safe: str) -> None:
    await outside_the_hours(scene)
    began = time.monotonic()
    await report(scene.pupil, "They push me", safe=safe)
    assert time.monotonic() - began < 5
    said = scene.pupil.last.text
    assert "Right now nobody is on duty." in said
    assert "116 111" in said
    assert "112" in said


@pytest.mark.rule(10)
@pytest.mark.row("F12")
async def test_what_was_promised_before_the_hours_ended_is_kept(scene: Hotline) -> None:
    world = scene.world
    await outside_the_hours(scene)
    await world.at(NIGHT + timedelta(hours=20, minutes=30))  # Wednesday 19:00: still on duty
    number = await report(scene.pupil, "They push me", safe="I am not sure")
    assert "within an hour" in scene.pupil.last.text
    await world.later(minutes=62)  # 20:02
    assert heard(scene.supervisor, number) >= 1


@pytest.mark.row("F10")
@on_sqlite
async def test_outside_the_demo_it_opens_with_a_second_way_to_call(fresh: Fresh, tmp_path: Path) -> None:
    url, keys = fresh.copy(tmp_path)
    renderer = Renderer(lambda link: link.payload)
    real = Settings(telegram_token="", telegram_api="https://telegram.example", database=url, keys=keys)
    assert not setup_of(real, renderer).second_route
    mail = {"smtp": "smtp://127.0.0.1:2525", "smtp_from": "birge@example.org"}
    with_mail = Settings(
        telegram_token="",
        telegram_api="https://telegram.example",
        database=url,
        keys=keys,
        **mail,  # type: ignore[arg-type]
    )
    assert setup_of(with_mail, renderer).second_route
    assert setup_of(with_mail, renderer).untranslated == ()


@pytest.mark.rule(1)
@pytest.mark.row("F10_bad_closed")
def test_a_notice_that_is_not_whole_in_a_language_is_found() -> None:
    renderer = Renderer(lambda link: link.payload)
    assert renderer.without(NOTICE) == ()
    unheard_of = type(NOTICE[0])("This sentence stands in no catalogue.")
    assert renderer.without([*NOTICE, unheard_of]) == ("az", "kk", "ru", "uk")
