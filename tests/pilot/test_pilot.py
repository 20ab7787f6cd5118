"""A small pilot: the same judge, fewer schools."""

from pathlib import Path

import pytest

from tests.pilot.people import Order
from tests.pilot.pilot import is_right, play


@pytest.mark.row("A6")
@pytest.mark.row("A9")
async def test_two_schools_join_hear_and_move_up_to_the_last_row(tmp_path: Path) -> None:
    order = Order(schools=2, persons=66)
    found = await play(order, tmp_path)
    assert found.left == 2
    assert is_right(found, order), found
