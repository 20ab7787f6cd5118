"""A short storm with every `make test`; the long one is `make torture`."""

from pathlib import Path

import pytest

import storage.pins
from tests.conftest import PIN_COST
from tests.torture.judge import holds
from tests.torture.storm import Order, Run
from tests.torture.weather import plan


async def test_a_short_storm_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.pins, "_COST", PIN_COST)  # the bot is a process of its own, and tries them in earnest
    order = Order(seed=9, kills=4, malformed=2_000, minutes=1.0, parents=6, newcomers=2, afterwards=0.5)
    run = Run(order, tmp_path)
    found = await run.through()
    assert holds(found), (found, run.notes)
    assert (found["kills"], found["malformed"]) == (4, 2_000)
    assert found["deeds"] > 100


def test_a_seed_is_a_storm() -> None:
    assert plan(1, 50) == plan(1, 50)
    assert plan(1, 50) != plan(2, 50)
