"""A2: the tree, who is who in it, and what may be added."""

import pytest

import storage.communities
from domain.roles import Role
from tests.cast import World
from tests.conversations.communities.codes import states
from tests.scenes import add_member, belong, school


@pytest.mark.row("A2")
async def test_a_parent_sees_who_is_who_and_nothing_to_change(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    said = await parent.says("/community")
    assert "Class: \u20685A" in said
    assert "Part of: \u2068Bakı məktəbləri\u2069 › \u2068Nəsimi\u2069 › \u2068Məktəb 12\u2069" in said
    assert "Head of class: \u2068Sevinc" in said
    assert "Pupils: 1\nParents: 2\nTeachers: 0" in said
    assert parent.labels == ["Leave", "↑ Məktəb 12"]

    said = await parent.taps("↑ Məktəb 12")
    assert "Coordinator: \u2068Kamran" in said
    assert parent.labels == ["5A", "↑ Nəsimi"]


@pytest.mark.row("A2")
async def test_a_coordinator_adds_a_class_that_speaks_the_schools_language(world: World) -> None:
    scene = await school(world)
    kamran = scene.coordinator
    await kamran.says("/community")
    await kamran.taps("Whole: School")
    assert kamran.labels[:2] == ["5A", "5B"]
    await kamran.taps("Add below")
    await kamran.taps("Class")
    said = await kamran.says("  6\u200bБ ")
    assert "✓ Added" in said
    assert "6Б" in said
    row = (await world.rows("SELECT * FROM communities WHERE name = '6Б'"))[0]
    assert (row["parent_id"], row["kind"]) == (scene.school.id, "class")
    assert (row["language"], row["zone"], row["country"]) == ("en", "Asia/Baku", "az")
    assert "Code:" in await kamran.taps("Invite people")


@pytest.mark.row("A2")
async def test_a_second_one_of_the_same_name_is_refused_and_asked_again(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.says("/home")
    await scene.coordinator.taps("Məktəb 12")
    await scene.coordinator.taps("Add below")
    await scene.coordinator.taps("Class")
    assert "one with this name already" in await scene.coordinator.says("5A")
    assert "✓ Added" in await scene.coordinator.says("5C")


@pytest.mark.row("ANY_bad_longest_text")
async def test_a_name_that_is_too_long_is_asked_again(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.says("/home")
    await scene.coordinator.taps("Məktəb 12")
    await scene.coordinator.taps("Add below")
    await scene.coordinator.taps("Club")
    assert "1 to 64" in await scene.coordinator.says("x" * 4096)
    assert "✓ Added" in await scene.coordinator.says("Chess")


@pytest.mark.row("A2_bad_cycle")
async def test_nothing_above_can_be_put_below(world: World) -> None:
    scene = await school(world)
    await scene.owner.says("/home")
    await scene.owner.forges(f"c:{scene.class_a.id}")
    await scene.owner.taps("Add below")
    kinds = set(scene.owner.labels)
    assert kinds == {"Committee", "Club", "Cancel"}
    token = (await world.rows("SELECT MAX(token) AS token FROM conversations"))[0]["token"]
    assert "earlier question" in await scene.owner.forges(f"f:{token}:is:school")


@pytest.mark.row("A2_bad_end_before_start")
async def test_a_membership_cannot_end_before_it_begins(world: World) -> None:
    scene = await school(world)
    now = world.now
    with pytest.raises(Exception, match="membership_ends_after_it_begins"):
        async with world.birge.database.writing() as db:
            await storage.communities.add_member(db, 1, scene.class_b.id, Role.TEACHER, "Name", now, until=now)


@pytest.mark.row("A3_bad_someone_elses")
@pytest.mark.row("ANY_bad_other_school")
async def test_a_person_of_another_school_sees_and_changes_nothing(world: World) -> None:
    scene = await school(world)
    await scene.outsider.says("/home")
    for data in ("c", "c.add", "c.lang", "c.down", "m", "i", "i.new", "i.all", "bind.in", "bind"):
        assert "can't do this here" in await scene.outsider.forges(f"{data}:{scene.class_a.id}:1:1")
    assert "can't do this here" in await scene.outsider.forges(f"c.lang.is:{scene.class_a.id}:ru")
    assert (await world.rows("SELECT language FROM communities WHERE name = '5A'"))[0]["language"] == "en"


@pytest.mark.row("A2")
async def test_the_language_of_a_community(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"c:{scene.class_a.id}")
    await scene.coordinator.taps("Language")
    await scene.coordinator.taps("Русский")
    rows = await world.rows("SELECT name, language FROM communities WHERE language = 'ru'")
    assert [row["name"] for row in rows] == ["5A"]


@pytest.mark.row("A2")
@pytest.mark.row("A3")
async def test_when_the_only_head_steps_down_the_level_above_is_told(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/community")
    await scene.head.taps("Leave")
    assert "You have left" in await scene.head.taps("Head of class")
    assert "Nobody leads this community any more" in scene.coordinator.last.text
    assert "5A" in scene.coordinator.last.text
    assert await states(world, scene.head, scene.class_a) == [("head_of_class", "left")]
    assert "members" not in {command["command"] for command in world.sandbox.menu(scene.head.person)}


@pytest.mark.row("A2")
async def test_while_a_chair_is_left_nobody_above_is_troubled(world: World) -> None:
    scene = await school(world)
    await add_member(world, scene.class_a, Role.CHAIR, "Chair")
    before = len(scene.coordinator.messages)
    await scene.head.says("/community")
    await scene.head.taps("Leave")
    await scene.head.taps("Head of class")
    assert len(scene.coordinator.messages) == before


@pytest.mark.row("A2")
async def test_when_the_term_of_the_only_head_is_over_both_are_told(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        await db.run(
            "UPDATE memberships SET until = since + 3600000000 WHERE role = 'head_of_class' AND community_id = :id",
            id=scene.class_a.id,
        )
    await world.later(hours=2)
    assert "Your time in this role is over" in scene.head.last.text
    assert "Nobody leads this community any more" in scene.coordinator.last.text
    assert "can't do this here" in await scene.head.says("/members")


@pytest.mark.row("A3")
async def test_the_last_one_who_runs_the_network_cannot_leave_it_alone(world: World) -> None:
    scene = await school(world)
    await scene.owner.says("/home")
    await scene.owner.taps("Bakı")
    await scene.owner.taps("Leave")
    assert "You are the only one" in await scene.owner.taps("Coordinator")
    assert await states(world, scene.owner, scene.network) == [("coordinator", "active")]


async def test_a_tap_twice_on_stepping_down_is_answered(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await belong(world, parent, scene.class_b, Role.PARENT)
    await parent.says("/home")
    await parent.taps("5A")
    await parent.taps("Leave")
    world.sandbox.taps(parent.person, parent.last, "Parent")
    world.sandbox.taps(parent.person, parent.last, "Parent")
    await world.settle()
    assert await states(world, parent, scene.class_a) == [("parent", "left")]


async def test_many_classes_come_in_pages(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        for number in range(20):
            await storage.communities.add(db, scene.school, "class", f"{number:02}X", "az", "Asia/Baku", "az")
    await scene.coordinator.says("/home")
    await scene.coordinator.taps("Məktəb 12")
    seen = [label for label in scene.coordinator.labels if label.endswith("X")]
    while "More" in scene.coordinator.labels:
        await scene.coordinator.taps("More")
        seen += [label for label in scene.coordinator.labels if label.endswith("X")]
    assert seen == [f"{number:02}X" for number in range(20)]
