"""A short month: the same judge, fewer days."""

from pathlib import Path

import pytest

from tests.month.month import Order, is_right, play


@pytest.mark.rule(9)
@pytest.mark.rule(16)
async def test_a_day_with_helpers_who_look_now_and_then_is_right_to_the_last_entry(tmp_path: Path) -> None:
    found = await play(Order(seed=7, days=1, a_day=50, peak=2, workers=4, looks_every=18), tmp_path)
    assert found.reports == 100
    assert found.climbed > 0
    assert is_right(found), found
