"""A2: how far a school has come."""

import pytest

from domain.stages import STATEMENTS, Said, Stage, points, stage_of

YES, PARTLY, NO = Said.YES, Said.PARTLY, Said.NO


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ([NO] * 6, Stage.BEGINNER),
        ([PARTLY] * 5 + [NO], Stage.BEGINNER),
        ([PARTLY] * 6, Stage.ADVANCED),
        ([YES] * 4 + [PARTLY] * 2, Stage.MODEL),
        ([YES] * 5 + [NO], Stage.ADVANCED),  # ten points, and something is not there at all
        ([YES] * 6, Stage.MODEL),
    ],
)
def test_the_stage_follows_from_the_points(said: list[Said], stage: Stage) -> None:
    assert len(said) == len(STATEMENTS)
    assert stage_of(said) is stage


def test_yes_counts_two_and_partly_one() -> None:
    assert points([YES, PARTLY, NO]) == 3
