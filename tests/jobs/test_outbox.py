"""The words of a message to many are gone from the database once everybody has it."""

from tests.cast import World
from tests.scenes import school


async def test_the_words_of_an_announcement_stay_only_while_somebody_waits(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce Tomorrow school begins at 9")
    await scene.head.taps("Send")
    assert await bodies(world) > 0

    await world.tick()

    assert await bodies(world) == 0
    assert "Tomorrow school begins at 9" in scene.parents[0].last.text


async def test_pauses_that_are_over_are_forgotten(world: World) -> None:
    async with world.birge.database.writing() as db:
        await db.run("INSERT INTO pauses (place_mark, since, until) VALUES (:mark, 0, 1)", mark=b"over")
        await db.run(
            "INSERT INTO pauses (place_mark, since, until) VALUES (:mark, 0, 9000000000000000)", mark=b"not yet"
        )

    await world.tick()

    assert [row["place_mark"] for row in await world.rows("SELECT place_mark FROM pauses")] == [b"not yet"]


async def bodies(world: World) -> int:
    rows = await world.rows("SELECT COUNT(*) AS kept FROM outgoing_bodies WHERE body IS NOT NULL")
    return int(rows[0]["kept"])
