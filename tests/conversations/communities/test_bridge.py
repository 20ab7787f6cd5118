"""A8: which of the three parties each class lacks, and an invitation for them with one tap."""

import pytest

import storage.bridge
from domain.communities import CommunityKind
from domain.roles import Role
from tests.cast import World
from tests.conversations.communities.codes import states
from tests.scenes import add_member, community, school


def plain(words: str) -> list[str]:
    return words.replace("\u2068", "").replace("\u2069", "").splitlines()


@pytest.mark.row("A8")
async def test_the_coordinator_sees_who_is_missing_and_invites_them_with_one_tap(world: World) -> None:
    scene = await school(world)
    await add_member(world, scene.class_b, Role.PARENT, "Parent of 5B")
    kamran = scene.coordinator
    await kamran.says("/home")
    await kamran.taps("Məktəb 12")
    said = plain(await kamran.taps("Who is missing"))
    assert said == [
        "Who is missing: Məktəb 12",
        "In 1 class somebody is missing.",
        "",
        "5B: no pupils, no teachers",
        "",
        "Tap for an invitation to show or to send.",
    ]
    assert kamran.labels == ["5B: pupils", "5B: teachers", "↑ Məktəb 12"]

    assert "For: teachers" in plain(await kamran.taps("5B: teachers"))
    assert "🖨 Poster" in kamran.labels
    made = await world.rows("SELECT code, role FROM invites WHERE made_by IS NOT NULL")
    assert [one["role"] for one in made] == ["teacher"]
    await kamran.taps("5B: teachers")
    assert len(await world.rows("SELECT 1 FROM invites WHERE made_by IS NOT NULL")) == 1  # the same one again

    leyla = world.person("Leyla")
    assert "You would join as: Teacher" in await leyla.starts(made[0]["code"])
    await leyla.says("Leyla Əliyeva")
    await kamran.taps("Accept")
    assert await states(world, leyla, scene.class_b) == [("teacher", "active")]


@pytest.mark.row("A8")
async def test_in_russian_for_a_district_page_by_page(world: World) -> None:
    scene = await school(world, language="ru")
    for number in range(7):
        await community(world, scene.other_school, CommunityKind.CLASS, f"8-{number}")
    owner = scene.owner
    await owner.says("/home")
    said = await owner.forges(f"b:{scene.district.id}")
    assert "Классов, где кого-то не хватает: 9." in said
    assert "Məktəb 12\u2069, \u20685B\u2069: нет учеников, нет родителей, нет учителей" in said
    assert len([label for label in owner.labels if ": " in label]) == 6 * 3 - 1  # 7C has a parent
    shown = set(owner.labels)
    await owner.forges(f"b:{scene.district.id}:1")
    assert not shown & {label for label in owner.labels if ": " in label}
    assert len([label for label in owner.labels if ": " in label]) == 3 * 3


@pytest.mark.row("A8")
async def test_where_nobody_is_missing_and_where_there_is_no_class(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/home")
    assert "Pupils, parents and teachers are in every class." in await scene.head.forges(f"b:{scene.class_a.id}")
    empty = await community(world, scene.district, CommunityKind.SCHOOL, "Məktəb 99")
    await scene.owner.says("/home")
    assert "There is no class here yet." in await scene.owner.forges(f"b:{empty.id}")


@pytest.mark.row("A8")
@pytest.mark.row("ANY_bad_other_school")
async def test_who_does_not_lead_sees_no_gaps(world: World) -> None:
    scene = await school(world)
    for one in (scene.parents[0], scene.pupils[0], scene.outsider):
        await one.says("/home")
        assert "can't do this here" in await one.forges(f"b:{scene.school.id}")
        assert "can't do this here" in await one.forges(f"b.in:{scene.class_a.id}:parent")
    await scene.head.says("/home")
    assert "can't do this here" in await scene.head.forges(f"b:{scene.school.id}")
    for role in ("coordinator", "head_of_class", "", "x"):
        assert "can't do this here" in await scene.head.forges(f"b.in:{scene.class_a.id}:{role}")
    assert await world.rows("SELECT 1 FROM invites WHERE made_by IS NOT NULL") == []


async def test_who_has_left_or_only_waits_is_missing(world: World) -> None:
    scene = await school(world, parents=2, pupils=1)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'waiting' WHERE role = 'parent'")
        await db.run("UPDATE memberships SET since = 0, until = 1 WHERE role = 'head_of_class'")
    async with world.birge.database.reading() as db:
        found, count = await storage.bridge.gaps_below(db, scene.class_a.id, world.now)
    assert (count, found[0].school) == (1, "Məktəb 12")
    assert found[0].missing == (Role.PARENT, Role.TEACHER)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE communities SET archived_at = 1 WHERE id = :id", id=scene.class_a.id)
        assert await storage.bridge.gaps_below(db, scene.class_a.id, world.now) == ([], 0)  # it left school
        assert not await storage.bridge.has_classes(db, scene.class_a.id)
