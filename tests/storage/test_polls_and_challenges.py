"""Rows of polls and challenges that aren't there, and what an empty page answers."""

import pytest

import storage.challenges
import storage.polls
from tests.cast import World


async def test_what_must_be_there_and_is_not_is_a_bug(world: World) -> None:
    async with world.birge.database.reading() as db:
        with pytest.raises(LookupError):
            await storage.polls.get_certain(db, 1)
        with pytest.raises(LookupError):
            await storage.challenges.get_certain(db, 1)


async def test_nobody_has_answered_on_an_empty_page(world: World) -> None:
    async with world.birge.database.reading() as db:
        assert await storage.polls.answered_by(db, 1, []) == frozenset()
        assert await storage.polls.answered_of(db, 1, []) == frozenset()
