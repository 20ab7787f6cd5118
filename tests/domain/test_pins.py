"""Which PINs are too easy, and how long wrong ones shut everything."""

from datetime import timedelta

import pytest

from domain.pins import is_weak, left, locked_out_for


@pytest.mark.parametrize("pin", ["0000", "777777", "1234", "0123", "7890", "4321", "0987", "1212", "123123", "1221"])
def test_it_is_weak(pin: str) -> None:
    assert is_weak(pin)


@pytest.mark.parametrize("pin", ["2580", "1984", "90210", "120394", "1357"])
def test_it_is_not_weak(pin: str) -> None:
    assert not is_weak(pin)


def test_every_fifth_wrong_try_shuts_it_for_longer() -> None:
    shut = {wrong: pause for wrong in range(61) if (pause := locked_out_for(wrong)) is not None}

    assert list(shut) == list(range(5, 61, 5))
    assert [pause / timedelta(minutes=1) for pause in shut.values()][:4] == [15, 30, 60, 120]
    assert max(shut.values()) == shut[60] == timedelta(hours=12)


def test_the_tries_that_are_left() -> None:
    assert [left(wrong) for wrong in range(1, 6)] == [4, 3, 2, 1, 5]
