"""The ladder by itself: who is called at each rung, whom it passes over, and that it never ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain import ladder
from domain.cases import CLOCKS, Answers, Case, Desk, Reporter, Risk, Stage, State, due_stage
from domain.ladder import There
from domain.requests import Community

NOW = datetime(2026, 12, 1, 5, tzinfo=UTC)
NETWORK = Community(1, None, "network", "Network", "/1/", "az", "Asia/Baku", "az")
THERE = There(True, [1], [2], [3], [4], [1, 2, 3, 4, 5])


def case(risk: Risk = Risk.HIGH, desk: Desk = Desk.WORKERS) -> Case:
    return Case(7, "7F3K2M", State.NEW, risk, desk, 0, NOW, NOW, NETWORK, Reporter(1, 2, "ABCDEF"), Answers(), 9)


@pytest.mark.rule(9)
@pytest.mark.row("F6")
@pytest.mark.parametrize("risk", [Risk.CRITICAL, Risk.HIGH, Risk.NORMAL])
def test_worker_backup_supervisor_outside_supervisor_everybody(risk: Risk) -> None:
    rungs = [ladder.called(case(risk), stage, THERE) for stage in range(7)]
    assert rungs == [[1], [2], [3], [4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]


@pytest.mark.rule(9)
@pytest.mark.row("F6")
def test_in_danger_worker_and_backup_are_called_at_once_and_the_supervisor_at_five_minutes() -> None:
    danger = case(Risk.DANGER)
    assert ladder.called(danger, Stage.PAGED, THERE) == [1, 2]
    assert due_stage(danger, NOW + timedelta(minutes=4, seconds=59)) is None
    assert due_stage(danger, NOW + timedelta(minutes=5)) == Stage.ESCALATED
    assert ladder.called(danger, Stage.ESCALATED, THERE) == [3]
    assert due_stage(replace(danger, stage=2), NOW + timedelta(minutes=10)) == Stage.OUTSIDE


@pytest.mark.row("F6")
@pytest.mark.parametrize(("risk", "clock"), CLOCKS.items())
def test_each_rung_is_due_at_its_time_and_none_twice(risk: Risk, clock: timedelta) -> None:
    climbing, rungs = case(risk), []
    for minute in range(int(clock.total_seconds() // 60) * 6):
        stage = due_stage(climbing, NOW + timedelta(minutes=minute))
        if stage is not None:
            climbing = replace(climbing, stage=stage)
            rungs.append((stage, minute))
    whole = clock.total_seconds() / 60
    expected = [(Stage.REMINDED, whole / 2), *((Stage.PAGED + rung, whole * (rung - 1)) for rung in range(2, 7))]
    assert [(stage, -(-at // 1)) for stage, at in expected if risk is not Risk.DANGER or stage != 1] == rungs


@pytest.mark.row("F6")
def test_after_down_time_only_the_highest_rung_calls() -> None:
    assert due_stage(case(Risk.HIGH), NOW + timedelta(hours=2, minutes=30)) == Stage.OUTSIDE
    assert due_stage(case(Risk.HIGH), NOW + timedelta(days=3)) == 73


@pytest.mark.rule(9)
@pytest.mark.row("F6")
@pytest.mark.parametrize(
    ("there", "called"),
    [
        (There(True, [], [2], [3], [4], [2, 3, 4]), [2]),
        (There(True, [], [], [3], [4], [3, 4]), [3]),
        (There(True, [], [], [], [4], [4]), [4]),
        (There(True, [], [], [], [], [5]), [5]),
        (There(True), []),
    ],
)
def test_who_can_not_come_is_passed_over_to_the_next(there: There, called: list[int]) -> None:
    assert ladder.called(case(), Stage.PAGED, there) == called


@pytest.mark.rule(9)
@pytest.mark.row("F6")
def test_somebody_is_called_at_every_rung_as_long_as_anybody_is_there() -> None:
    someone: list[list[int]] = [[], [1]]
    for risk, desk, stage, on_duty in product(Risk, Desk, range(9), (True, False)):
        for worker, backup, supervisor, outside in product(someone, repeat=4):
            everybody = list(dict.fromkeys([*worker, *backup, *supervisor, *outside]))
            there = There(on_duty, worker, backup, supervisor, outside, everybody)
            assert bool(ladder.called(case(risk, desk), stage, there)) is bool(everybody)


@pytest.mark.row("F6")
@pytest.mark.parametrize("stage", range(7))
def test_a_supervisors_case_nags_no_worker(stage: int) -> None:
    assert set(ladder.called(case(desk=Desk.SUPERVISORS), stage, THERE)) <= {3, 4}
    assert ladder.called(case(desk=Desk.SUPERVISORS), stage, There(True, [1], [2], [], [], [1, 2])) == [1, 2]


@pytest.mark.row("F12")
@pytest.mark.parametrize(("risk", "sleeps"), [(r, r in (Risk.HIGH, Risk.NORMAL)) for r in Risk])
def test_outside_the_hours_what_is_urgent_calls_everybody_and_the_rest_waits(risk: Risk, sleeps: bool) -> None:
    night = There(False, [], [], [3], [4], [1, 2, 3, 4])
    assert ladder.sleeps(case(risk), night) is sleeps
    if not sleeps:
        assert ladder.called(case(risk), Stage.PAGED, night) == [1, 2, 3, 4]
    assert not ladder.sleeps(case(risk), THERE)
    assert not ladder.sleeps(case(risk, Desk.SUPERVISORS), night)
