"""A2: the tree, who is who in it, and what may be added."""

import pytest

import storage.communities
import storage.persons
from domain.requests import Community
from domain.roles import Role
from tests.cast import World
from tests.conversations.communities.codes import code, states
from tests.scenes import add_member, belong, person_id_of, school


@pytest.mark.row("A2")
async def test_a_parent_sees_who_is_who_and_nothing_to_change(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    said = await parent.says("/community")
    assert "Class: \u20685A" in said
    assert "Part of: \u2068Bakı məktəbləri\u2069 › \u2068Nəsimi\u2069 › \u2068Məktəb 12\u2069" in said
    assert "Head of class: \u2068Sevinc" in said
    assert "Pupils: 1\nParents: 2\nTeachers: 0" in said
    assert "Sevinc\u2069, since 1 Dec 2026" in said
    assert parent.labels == ["Tell a story", "Leave", "↑ Məktəb 12"]

    said = await parent.taps("↑ Məktəb 12")
    assert "Coordinator: \u2068Kamran" in said
    assert parent.labels == ["5A", "Tell a story", "↑ Nəsimi"]


@pytest.mark.row("A2")
async def test_a_coordinator_adds_a_class_that_speaks_the_schools_language(world: World) -> None:
    scene = await school(world)
    kamran = scene.coordinator
    assert "School: " in await kamran.says("/community")  # she is not asked which: this page leads on
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


async def test_a_name_may_be_spelt_anew_but_not_as_another_one(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.forges(f"c.name:{scene.class_b.id}")
    for spelling in ("5a", "5 \N{CYRILLIC CAPITAL LETTER A}"):
        assert "one with this name already: \u20685A\u2069" in await scene.coordinator.says(spelling)
    assert "5 b" in await scene.coordinator.says("5 b")
    [row] = await world.rows(f"SELECT name FROM communities WHERE id = {scene.class_b.id}")  # noqa: S608 - a number
    assert row["name"] == "5 b"


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
    assert kinds == {"Committee", "Fraction", "Hub", "Club", "Cancel"}
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
    await scene.coordinator.taps("Manage")
    await scene.coordinator.taps("Language")
    await scene.coordinator.taps("Русский")
    rows = await world.rows("SELECT name, language FROM communities WHERE language = 'ru'")
    assert [row["name"] for row in rows] == ["5A"]


@pytest.mark.row("A2")
@pytest.mark.row("A3")
async def test_when_the_only_head_steps_down_the_level_above_is_told(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/community")
    assert scene.head.labels[:5] == ["Members", "Invite", "Who is missing", "Groups", "Tell a story"]
    await scene.head.taps("Leave")
    assert "You have left" in await scene.head.taps("Head of class")
    assert "Nobody leads this community any more" in scene.coordinator.last.text
    assert "5A" in scene.coordinator.last.text
    assert await states(world, scene.head, scene.class_a) == [("head_of_class", "left")]
    assert "members" not in {command["command"] for command in world.sandbox.menu(scene.head.person)}


@pytest.mark.row("A2")
async def test_while_a_chair_is_left_a_class_is_led_and_only_its_head_is_missed(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Chair")
    before = len(scene.coordinator.messages)
    await chair.says("/community")
    await chair.taps("Leave")
    await chair.taps("Chair")
    await chair.taps("Stay after all")
    assert len(scene.coordinator.messages) == before
    await scene.head.says("/community")
    await scene.head.taps("Leave")
    await scene.head.taps("Head of class")
    assert "This class has no head any more" in scene.coordinator.last.text
    await scene.head.taps("Stay after all")
    assert "Somebody leads this community again" in scene.coordinator.last.text


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
    while "Later" in scene.coordinator.labels:
        await scene.coordinator.taps("Later")
        seen += [label for label in scene.coordinator.labels if label.endswith("X")]
        assert len(scene.coordinator.labels) <= 10
        assert "Manage" in scene.coordinator.labels
    assert seen == [f"{number:02}X" for number in range(20)]
    await scene.coordinator.taps("Manage")
    seldom = ["New school year", "Partners", "Stage", "Rename", "Language"]
    assert scene.coordinator.labels == ["Groups", "Tell a story", "Leave", *seldom, "Back"]
    await scene.coordinator.forges(f"c.more:{scene.school.id}:1:0")  # from a page with more classes
    assert scene.coordinator.labels[-2:] == ["Later", "Back"]
    await scene.coordinator.taps("Back")
    assert scene.coordinator.labels[:2] == ["00X", "01X"]


@pytest.mark.row("A2")
@pytest.mark.parametrize("side", ["Fraction", "Club"])
async def test_a_club_has_members_from_several_branches(world: World, side: str) -> None:
    scene = await school(world)
    await scene.owner.says("/home")
    await scene.owner.forges(f"c.add:{scene.district.id}")
    await scene.owner.taps(side)
    await scene.owner.says("Robototexnika")
    club = await storage_community(world, "Robototexnika")
    pupil, outsider = scene.pupils[0], scene.outsider
    for one in (pupil, outsider):
        invite = await code(world, club, scene.owner)
        await one.says(f"/join {invite.code}")
        await one.taps("Pupil")
        await one.says("Aysel")
        await scene.owner.taps("Accept")
        assert "You belong to this community now" in one.last.text
    said = await outsider.taps("Show")
    assert "Pupils: 2" in said
    assert "can't do this here" in await outsider.forges(f"c:{scene.class_a.id}")


async def storage_community(world: World, name: str) -> Community:
    async with world.birge.database.reading() as db:
        number = await db.value("SELECT id FROM communities WHERE name = :name", name=name)
        found = await storage.communities.get(db, int(number))
    assert found is not None
    return found


@pytest.mark.row("A2")
async def test_a_class_is_moved_under_another_school_with_all_that_is_below(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        club = await storage.communities.add(db, scene.class_a, "club", "Chess", "en", "Asia/Baku", "az")
    await scene.owner.says("/home")
    await scene.owner.forges(f"c:{scene.class_a.id}")
    await scene.owner.taps("Manage")
    await scene.owner.taps("Move under…")
    assert "School: Məktəb 7" in scene.owner.labels
    assert "School: Məktəb 12" not in scene.owner.labels  # there it is
    said = await scene.owner.taps("School: Məktəb 7")
    assert "goes along, too. I tell nobody whether there is anything" in said
    before = len(scene.owner.messages)
    assert "✓ Moved" in await scene.owner.taps("Yes, move it")
    assert len(scene.owner.messages) == before  # she leads both places: nothing changes for her
    moved = await storage_community(world, "5A")
    assert moved.path == f"{scene.other_school.path}{scene.class_a.id}/"
    assert (await storage_community(world, "Chess")).path == f"{moved.path}{club.id}/"
    assert "Məktəb 7" in await scene.head.says("/community")
    assert "can't do this here" in await scene.coordinator.forges(f"c:{scene.class_a.id}")


@pytest.mark.row("A2")
@pytest.mark.parametrize(
    ("language", "moved", "for_head", "gained", "lost"),
    [
        ("en", "Moved", "Those who lead the new place see", "You see and manage it", "You no longer see"),
        ("ru", "Перемещено", "Видят это и управляют этим", "Теперь Вы видите это", "Вы больше не видите"),
    ],
)
async def test_whom_a_move_concerns_hears_what_changes_and_nobody_else(
    world: World, language: str, moved: str, for_head: str, gained: str, lost: str
) -> None:
    scene = await school(world, language=language)
    new = await add_member(world, scene.other_school, Role.COORDINATOR, "Vüsal", language)
    chair = await add_member(world, scene.other_school, Role.CHAIR, "Aygün", language)
    of_both = await add_member(world, scene.district, Role.COORDINATOR, "Both", language)
    await scene.owner.says("/home")
    await scene.owner.forges(f"c.move.to:{scene.class_a.id}:{scene.other_school.id}")
    quiet = [scene.parents[0], scene.pupils[0], scene.outsider, of_both]
    heard = [len(one.messages) for one in quiet]
    await scene.owner.forges(f"c.move.yes:{scene.class_a.id}:{scene.other_school.id}")
    for one, sentence in ((scene.head, for_head), (new, gained), (chair, gained), (scene.coordinator, lost)):
        assert moved in one.last.text
        assert sentence in one.last.text
        assert one.last.text.index("Məktəb 12") < one.last.text.index("Məktəb 7")
    assert [len(one.messages) for one in quiet] == heard


@pytest.mark.row("A3_bad_old")
async def test_a_second_tap_moves_nothing_and_tells_nobody_again(world: World) -> None:
    scene = await school(world)
    await scene.owner.says("/home")
    yes = f"c.move.yes:{scene.class_a.id}:{scene.other_school.id}"
    assert "✓ Moved" in await scene.owner.forges(yes)
    heard = len(scene.head.messages)
    said = await scene.owner.forges(yes)
    assert len(scene.head.messages) == heard
    assert "done already" in said


@pytest.mark.row("A2_bad_cycle")
@pytest.mark.row("A3_bad_forged")
async def test_nothing_is_moved_below_itself_or_by_who_leads_only_one_of_both(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        fraction = await storage.communities.add(db, scene.school, "fraction", "Care", "en", "Asia/Baku", "az")
        inner = await storage.communities.add(db, fraction, "committee", "Board", "en", "Asia/Baku", "az")
    before = [tuple(row) for row in await world.rows("SELECT id, path FROM communities ORDER BY id")]
    owner, kamran = scene.owner, scene.coordinator
    await owner.says("/home")
    for step in ("c.move.to", "c.move.yes"):
        said = await owner.forges(f"{step}:{fraction.id}:{inner.id}")
        assert "This is not possible: \u2068Board\u2069 is part of \u2068Care\u2069." in said
        assert "is part of" in await owner.forges(f"{step}:{fraction.id}:{fraction.id}")
        assert "does not fit there: Class: 5A" in await owner.forges(
            f"{step}:{scene.other_school.id}:{scene.class_a.id}"
        )
        await kamran.says("/home")
        assert "can't do this here" in await kamran.forges(f"{step}:{scene.class_a.id}:{scene.other_school.id}")
        assert "can't do this here" in await kamran.forges(f"{step}:{scene.school.id}:{scene.district.id}")
        assert "can't do this here" in await scene.head.forges(f"{step}:{scene.class_a.id}:{scene.school.id}")
    async with world.birge.database.writing() as db:
        await storage.communities.add(db, scene.other_school, "class", "5A", "en", "Asia/Baku", "az")
    assert "one with this name already" in await owner.forges(f"c.move.yes:{scene.class_a.id}:{scene.other_school.id}")
    after = await world.rows("SELECT id, path FROM communities WHERE id <= :last ORDER BY id", last=inner.id)
    assert [tuple(row) for row in after] == before


@pytest.mark.row("A3_bad_old")
async def test_nothing_is_moved_under_a_class_that_left_school(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        club = await storage.communities.add(db, scene.class_a, "club", "Chess", "en", "Asia/Baku", "az")
        await db.run("UPDATE communities SET archived_at = 1 WHERE id = :id", id=scene.class_b.id)
    await scene.owner.says("/home")
    assert "can't do this here" in await scene.owner.forges(f"c.move.yes:{club.id}:{scene.class_b.id}")
    assert (await storage_community(world, "Chess")).path == club.path


@pytest.mark.row("A2")
async def test_a_school_assesses_itself_and_everybody_sees_its_stage(world: World) -> None:
    scene = await school(world)
    kamran = scene.coordinator
    await kamran.says("/home")
    await kamran.taps("Məktəb 12")
    assert len(kamran.last.keyboard) <= 9
    assert "Who is missing" in kamran.labels
    await kamran.taps("Manage")
    seldom = ["New school year", "Partners", "Stage", "Rename", "Language"]
    assert kamran.labels == ["Tell a story", "Leave", *seldom, "Back"]
    assert "not assessed itself yet" in await kamran.taps("Stage")
    said = await kamran.taps("Assess now")
    assert "1 of 6. Every class has a head" in said
    for answer in ("Yes", "Yes", "Yes", "Partly", "No"):
        await kamran.taps(answer)
    await kamran.taps("Back")
    await kamran.taps("Partly")
    assert "Stage: model school" in await kamran.taps("Yes")
    said = await kamran.taps("Save")
    assert "10 of 12 points" in said
    assert "As of: 1 Dec 2026" in said
    assert "• Parents or pupils have started something themselves" in said
    await scene.pupils[0].says("/community")
    assert "Stage: model school (1 Dec 2026)" in await scene.pupils[0].taps("↑ Məktəb 12")
    assert "can't do this here" in await scene.head.forges(f"c.stage.new:{scene.school.id}")
    assert "can't do this here" in await kamran.forges(f"c.stage:{scene.class_a.id}")


@pytest.mark.row("A2")
@pytest.mark.parametrize(
    ("language", "region", "russia", "city", "shown"),
    [("en", "Region", "Russia", "Krasnoyarsk", "Time zone"), ("ru", "Регион", "Россия", "Красноярск", "Часовой пояс")],
)
async def test_a_region_of_a_country_with_several_zones_lives_by_its_own(
    world: World, language: str, region: str, russia: str, city: str, shown: str
) -> None:
    scene = await school(world, language=language)
    owner = scene.owner
    await owner.says("/home")
    await owner.forges(f"c.add:{scene.network.id}")
    for label in (region, russia, city):
        await owner.taps(label)
    await owner.says("Красноярский край")
    [made] = await world.rows("SELECT id, zone FROM communities WHERE kind = 'region'")
    assert made["zone"] == "Asia/Krasnoyarsk"
    async with world.birge.database.writing() as db:
        over = await storage.communities.get(db, made["id"])
        assert over is not None
        below = await storage.communities.add(db, over, "school", "Гимназия 2", "ru", over.zone, "ru")
        other = await storage.communities.add(db, over, "school", "Лицей 1", "ru", "Europe/Kyiv", "ru")
    parent = await add_member(world, below, Role.PARENT, "Parent", language)
    async with world.birge.database.writing() as db:
        await storage.persons.adopt_zone(db, await person_id_of(world, parent), below.zone)
    await owner.forges(f"c.more:{made['id']}:9:0")
    await owner.taps(shown)
    assert f"✓ {city}" in owner.labels
    await owner.forges(f"c.zone.is:{made['id']}:0")
    zones = await world.rows("SELECT id, zone FROM communities WHERE country = 'ru' ORDER BY id")
    assert [tuple(row) for row in zones] == [
        (made["id"], "Europe/Moscow"), (below.id, "Europe/Moscow"), (other.id, "Europe/Kyiv")
    ]  # fmt: skip
    [own] = await world.rows("SELECT zone FROM persons WHERE id = :id", id=await person_id_of(world, parent))
    assert own["zone"] == "Europe/Moscow"
    for data in (f"c.zone.is:{made['id']}:9", f"c.zone.is:{made['id']}", f"c.zone.is:{scene.network.id}:1"):
        await owner.forges(data)
    after = await world.rows("SELECT id, zone FROM communities WHERE country = 'ru' ORDER BY id")
    assert [tuple(row) for row in after] == [tuple(row) for row in zones]
    assert [row["zone"] for row in await world.rows("SELECT zone FROM communities WHERE kind = 'network'")] == [
        "Asia/Baku"
    ]
