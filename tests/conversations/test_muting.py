"""A12: a community is muted for a day, a week or for good; what is urgent still comes."""

import pytest

from domain.roles import Role
from tests.cast import World
from tests.conversations.test_announcements import sent
from tests.conversations.test_digests import announces
from tests.conversations.test_meetings import called
from tests.scenes import belong, person_id_of, school

FORGED = ["mute.is:{here}", "mute.is:{here}:9", "mute.is:{other}:1", "mute.of:{other}", "mute.is:x:1"]


@pytest.mark.row("A12")
@pytest.mark.parametrize(
    ("language", "settings", "mute", "week", "unmute"),
    [
        ("en", "/settings", "Mute", "For 1 week", "Unmute"),
        ("ru", "/settings", "Без сообщений", "На неделю", "Включить снова"),
    ],
)
async def test_a_muted_class_is_silent_for_a_week_and_the_ledger_says_so(
    world: World, language: str, settings: str, mute: str, week: str, unmute: str
) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await parent.forges(f"lang.is:{language}:home")
    await belong(world, parent, scene.class_b, Role.PARENT)
    await parent.says(settings)
    await parent.taps(mute)
    assert parent.labels[:3] == ["5B", "5A", "Məktəb 12"]
    await parent.taps("5A")
    await parent.taps(week)
    assert "🔕 5A" in parent.labels
    heard = len(parent.messages)
    card = await sent(scene, "Tomorrow at nine")
    assert len(parent.messages) == heard
    assert "Sent 3 of 4" in card
    assert "Not reached: 1" in card
    assert "has muted this community" in await scene.head.taps("Not reached")
    await called(scene, "2026-12-07 18:00 Picnic")
    assert len(parent.messages) == heard
    await world.later(days=5)  # a day before the meeting: she is reminded of nothing she muted
    assert len(parent.messages) == heard
    await world.later(days=3)
    await sent(scene, "It is over")
    assert "It is over" in parent.last.text

    await parent.says(settings)
    await parent.taps(mute)
    await parent.taps("5A")
    await parent.taps(week)
    await parent.taps("🔕 5A")
    await parent.taps(unmute)
    assert "🔕 5A" not in parent.labels
    await sent(scene, "Once more")
    assert "Once more" in parent.last.text


@pytest.mark.row("A12")
async def test_for_good_is_for_good_and_another_class_still_speaks(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await parent.says("/settings")
    await parent.taps("Mute")
    await parent.taps("Məktəb 12")
    await parent.taps("For good")
    await parent.taps("🔕 Məktəb 12")
    assert "🔕 Muted for good." in parent.last.text
    await sent(scene, "From the class")
    assert "From the class" in parent.last.text
    await world.later(days=400)
    heard = len(parent.messages)
    await scene.coordinator.says("/home")
    await scene.coordinator.says("/announce From the school")
    await scene.coordinator.taps("Whole: School")
    await scene.coordinator.taps("Send")
    await world.tick()
    assert len(parent.messages) == heard
    assert "From the school" in scene.parents[1].last.text


@pytest.mark.row("ANY_bad_forged_data")
@pytest.mark.parametrize("data", FORGED)
async def test_forged_mutes_change_nothing(world: World, data: str) -> None:
    scene = await school(world, parents=1)
    await scene.parents[0].says("/settings")
    forged = data.format(here=scene.class_a.id, other=scene.class_b.id)
    assert "can't do this here" in await scene.parents[0].forges(forged)
    assert await world.rows("SELECT 1 FROM mutes") == []


@pytest.mark.row("A12")
async def test_what_is_urgent_comes_all_the_same(world: World) -> None:
    scene = await school(world, parents=1)
    parent = scene.parents[0]
    await parent.says("/settings")
    await parent.forges(f"mute.is:{scene.class_a.id}:x")
    await announces(scene.head, "School is closed", urgent=True)
    await world.tick()
    assert "School is closed" in parent.last.text


@pytest.mark.row("B1")
async def test_the_preview_counts_out_who_muted_the_community_unless_it_is_urgent(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await parent.forges("digest.is:1")
    await parent.forges(f"mute.is:{scene.class_a.id}:7")
    review = await scene.head.says("/announce Tomorrow at nine")
    assert "3 now\n" in f"{review}\n"
    assert "1 person muted this community and is not told." in review
    await scene.head.taps("Urgent")
    review = await scene.head.taps("Urgent", message=scene.head.last)
    assert "4 now\n" in f"{review}\n"
    assert "muted" not in review


@pytest.mark.row("B3")
async def test_a_reminder_leaves_alone_who_muted_the_community_or_left_it_meanwhile(world: World) -> None:
    scene = await school(world, parents=3)
    muted, gone, _ = scene.parents
    await sent(scene, "Tomorrow at nine")
    await muted.forges(f"mute.is:{scene.class_a.id}:7")
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, gone)
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person_id)
    await scene.head.taps("Remind the rest")
    assert "I am reminding 2 people." in await scene.head.taps("Remind")
    await world.tick()
    assert [any("A reminder" in one.text for one in who.messages) for who in scene.parents] == [False, False, True]
