"""Rule 21: who was sent what is kept for a year, the numbers of an announcement for good."""

import pytest

import storage.announcements
from domain.announcements import Announcement, Counts
from tests.cast import World
from tests.conversations.test_announcements import card_of, mark, sent
from tests.scenes import School, school

pytestmark = pytest.mark.rule(21)


@pytest.fixture
async def scene(world: World) -> School:
    return await school(world, parents=3)


async def counted(world: World) -> tuple[Announcement, Counts]:
    async with world.birge.database.reading() as db:
        announcement = await storage.announcements.get(db, 1)
        assert announcement is not None
        return announcement, await storage.announcements.count(db, announcement)


async def rows(world: World, which: str = "1 = 1") -> int:
    return int((await world.rows(f"SELECT COUNT(*) AS n FROM deliveries WHERE {which}"))[0]["n"])  # noqa: S608 - ours


async def test_after_a_year_the_ledger_goes_and_its_numbers_stay(scene: School) -> None:
    world = scene.world
    await mark(world, scene.parents[0], "blocked")
    await sent(scene)
    await scene.parents[1].taps("read")
    await world.later(seconds=4)
    before = (await counted(world))[1]
    card = card_of(scene.head).text
    assert (before.lost, before.confirmed) == (1, 1)
    await world.later(days=364)
    assert await rows(world, "outgoing_id IS NOT NULL") == before.all
    assert (await counted(world))[1] == before
    await world.later(days=2)
    assert await rows(world, "outgoing_id IS NOT NULL") == 0
    after = (await counted(world))[1]
    assert after.shown == before.shown
    assert after.settled
    assert card_of(scene.head).text == card
    assert "over a year ago" in await scene.head.taps("Not reached")


async def test_what_waits_or_is_newer_stays(scene: School) -> None:
    world = scene.world
    await sent(scene)
    first = (await world.rows("SELECT MIN(id) AS id FROM deliveries"))[0]["id"]
    async with world.birge.database.writing() as db:
        await db.run("UPDATE deliveries SET state = 'waiting', not_before = 9000000000000000 WHERE id = :id", id=first)
    await world.later(days=200)
    await scene.head.says("/home")
    newer = await rows(world, "id > 0")
    await world.later(days=170)
    assert await rows(world, f"id = {first}") == 1
    assert 1 < await rows(world) < newer


async def test_notes_of_days_that_are_over_are_forgotten(scene: School) -> None:
    world = scene.world
    for _ in range(3):
        await world.later(days=150)
    noted = await world.rows("SELECT name FROM notes_of_operation WHERE name LIKE 'ledger of %'")
    assert len(noted) <= 3
