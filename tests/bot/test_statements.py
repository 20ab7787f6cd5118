"""How many statements the hot routes take, for an update that comes alone. More of them needs a reason, and then a new
number here; fewer is progress, and belongs here, too.

Four of each are a batch's, however many updates it has: seen before? who are they? whose members? the outcomes.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import pytest

from bot.pipeline import Batch
from domain.requests import Incoming
from storage.database import Connection
from tests.cast import World
from tests.conversations.test_announcements import sent
from tests.conversations.test_challenges import a_challenge
from tests.conversations.test_meetings import called, card
from tests.conversations.test_polls import a_poll, poll_in
from tests.scenes import School, school, staffed

Act = Callable[[School], Awaitable[Any]]


async def starts_again(scene: School) -> None:
    await scene.parents[0].starts()


async def goes_home(scene: School) -> None:
    await scene.parents[0].says("/home")


async def taps_home(scene: School) -> None:
    await scene.parents[0].forges("home")


async def says_something(scene: School) -> None:
    await scene.parents[0].says("Hello")


async def checks_in_by_command(scene: School) -> None:
    await scene.parents[0].says("/did")


async def checks_in_by_tap(scene: School) -> None:
    await scene.parents[0].forges("ch.did:1")


async def answers_a_meeting(scene: School) -> None:
    await scene.parents[1].forges("mt.rsvp:1:yes", message=card(scene.parents[1]))


async def confirms_an_announcement(scene: School) -> None:
    await scene.parents[1].forges("a.ok:1")


async def votes(scene: School) -> None:
    await scene.parents[1].votes(poll_in(scene.parents[1].chat), 0)


async def asks_for_the_hotline(scene: School) -> None:
    await scene.pupils[0].says("/hotline")


@pytest.fixture
async def scene(world: World) -> School:
    """A class with a challenge its first parent takes part in, a meeting, a poll and an announcement."""
    scene = await school(world, parents=2, pupils=1)
    await staffed(scene)
    assert await a_challenge(scene) == 1
    await scene.parents[0].taps("Join")
    await called(scene)
    await a_poll(scene)
    await sent(scene)
    return scene


@pytest.fixture
def counted(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statements of each batch."""
    real, found = world.birge.pipeline._work, list[int]()

    async def work(db: Connection, incoming: Sequence[Incoming], now: datetime) -> Batch:
        before = db.statements
        batch = await real(db, incoming, now)
        found.append(db.statements - before)
        return batch

    monkeypatch.setattr(world.birge.pipeline, "_work", work)
    return found


@pytest.mark.parametrize(
    ("act", "statements"),
    [
        (starts_again, 9),
        (goes_home, 9),
        (taps_home, 9),
        (says_something, 8),
        (checks_in_by_command, 11),
        (checks_in_by_tap, 13),
        (answers_a_meeting, 11),
        (confirms_an_announcement, 10),
        (votes, 13),
        (asks_for_the_hotline, 16),
    ],
)
async def test_the_statements_of_a_hot_route(scene: School, counted: list[int], act: Act, statements: int) -> None:
    await act(scene)

    assert counted == [statements]
