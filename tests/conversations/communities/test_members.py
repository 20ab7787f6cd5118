"""A3: roles are given downwards, for one community, with an end; anybody may step down."""

import pytest

from domain.communities import CommunityKind
from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.communities.codes import code, states
from tests.scenes import School, add_member, belong, community, person_id_of, school


async def number_of(scene: School, talker: Talker) -> int:
    """The newest membership of a person."""
    rows = await scene.world.rows(
        "SELECT MAX(id) AS id FROM memberships WHERE person_id = :id", id=await person_id_of(scene.world, talker)
    )
    return int(rows[0]["id"])


@pytest.mark.row("A3")
async def test_a_role_is_given_from_above_with_its_end_and_the_person_is_told(world: World) -> None:
    scene = await school(world)
    teacher = await add_member(world, scene.class_b, Role.TEACHER, "Leyla")
    for reader in (teacher, scene.coordinator):
        await reader.says("/home")
        await reader.forges("zone.is:1")  # an hour east of the school, where it is September then
    await scene.coordinator.forges(f"m:{scene.class_b.id}")
    await scene.coordinator.taps("Leyla")
    await scene.coordinator.taps("Give a role")
    assert scene.coordinator.labels == [
        "Pupil", "Parent", "Head of class", "Chair", "Psychologist", "Coordinator", "Back"
    ]  # fmt: skip
    await scene.coordinator.taps("Head of class")
    assert "has a new role: Head of class" in await scene.coordinator.taps("This school year")
    assert "You have a new role: Head of class" in teacher.last.text
    assert "31 August 2027" in teacher.last.text
    await scene.coordinator.taps("All members")
    assert "Until: Tuesday, 31 August 2027" in await scene.coordinator.taps("Leyla – Head of class")
    assert await states(world, teacher, scene.class_b) == [("teacher", "active"), ("head_of_class", "active")]
    assert "members" in {command["command"] for command in world.sandbox.menu(teacher.person)}
    assert "5B" in await teacher.says("/members")


@pytest.mark.row("A3")
async def test_a_head_of_class_gives_no_rank_like_her_own(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/members")
    await scene.head.taps("Parent0")
    await scene.head.taps("Give a role")
    assert scene.head.labels == ["Pupil", "Teacher", "Back"]
    assert "has a new role: Teacher" in await scene.head.taps("Teacher")


@pytest.mark.row("A2_bad_two_chairs")
async def test_a_second_chair_is_refused_with_the_reason(world: World) -> None:
    scene = await school(world)
    await add_member(world, scene.class_a, Role.CHAIR, "Gülnar")
    await scene.coordinator.says("/home")
    number = await number_of(scene, scene.parents[0])
    said = await scene.coordinator.forges(f"m.role:{number}:chair:year")
    assert "There can be only one at a time" in said
    assert "Gülnar" in said
    assert await states(world, scene.parents[0], scene.class_a) == [("parent", "active")]
    own = await number_of(scene, scene.head)
    assert "has this role already" in await scene.coordinator.forges(f"m.role:{own}:head_of_class:year")


@pytest.mark.row("A3_bad_forged")
@pytest.mark.parametrize("role", ["coordinator", "chair", "head_of_class", "psychologist", "worker", "supervisor", "x"])
async def test_a_forged_button_gives_no_rank(world: World, role: str) -> None:
    scene = await school(world)
    number = await number_of(scene, scene.parents[0])
    await scene.head.says("/members")
    for data in (f"m.role:{number}:{role}:year", f"m.role:{number}:{role}", f"m.hotline:{number}:{role}"):
        assert "can't do this here" in await scene.head.forges(data)
    assert await states(world, scene.parents[0], scene.class_a) == [("parent", "active")]


@pytest.mark.row("A3_bad_forged")
async def test_a_coordinator_makes_no_second_one_beside_her(world: World) -> None:
    scene = await school(world)
    teacher = await add_member(world, scene.school, Role.TEACHER, "Leyla")
    number = await number_of(scene, teacher)
    await scene.coordinator.says("/home")
    assert "can't do this here" in await scene.coordinator.forges(f"m.role:{number}:coordinator:year")
    await scene.owner.says("/home")
    assert "new role: Coordinator" in await scene.owner.forges(f"m.role:{number}:coordinator:year")


@pytest.mark.row("A3_bad_old")
async def test_a_button_from_the_time_when_she_led_does_nothing_now(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/members")
    await scene.head.taps("Pupil0")
    await scene.head.taps("Remove")
    old = scene.head.last
    await scene.head.says("/community")
    await scene.head.taps("Leave")
    await scene.head.taps("Head of class")
    assert "can't do this here" in await scene.head.taps("Yes, remove", message=old)
    assert await states(world, scene.pupils[0], scene.class_a) == [("pupil", "active")]


@pytest.mark.row("A3_bad_someone_elses")
@pytest.mark.row("ANY_bad_other_school")
async def test_nobody_of_another_school_sees_or_changes_a_member(world: World) -> None:
    scene = await school(world)
    number = await number_of(scene, scene.pupils[0])
    stranger = await add_member(world, scene.other_class, Role.HEAD_OF_CLASS, "Stranger")
    for one in (stranger, scene.outsider, scene.pupils[0]):
        await one.says("/home")
        for data in ("m.one", "m.give", "m.role", "m.out", "m.out.yes", "m.hotline"):
            assert "can't do this here" in await one.forges(f"{data}:{number}:teacher")
    assert await states(world, scene.pupils[0], scene.class_a) == [("pupil", "active")]


@pytest.mark.row("A3")
async def test_a_member_is_removed_and_told(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/members")
    await scene.head.taps("Pupil0")
    await scene.head.taps("Remove")
    assert "✓ Removed" in await scene.head.taps("Yes, remove")
    assert "You no longer have this role" in scene.pupils[0].last.text
    assert await states(world, scene.pupils[0], scene.class_a) == [("pupil", "left")]
    assert "can't do this here" in await scene.pupils[0].says("/community")


@pytest.mark.row("A3_bad_forged")
async def test_nobody_is_removed_by_an_equal_or_from_below(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Chair")
    second = await add_member(world, scene.school, Role.COORDINATOR, "Second")
    cases = [
        (scene.head, chair),
        (scene.coordinator, second),
        (scene.head, scene.coordinator),
        (scene.head, scene.head),
    ]
    for actor, target in cases:
        await actor.says("/home")
        assert "can't do this here" in await actor.forges(f"m.out.yes:{await number_of(scene, target)}")
    await scene.owner.says("/home")
    await scene.owner.forges(f"m.out.yes:{await number_of(scene, second)}")
    assert await states(world, second, scene.school) == [("coordinator", "left")]


@pytest.mark.row("A3")
async def test_a_removed_only_head_is_missed_by_the_level_above(world: World) -> None:
    scene = await school(world)
    await scene.owner.says("/home")
    await scene.owner.forges(f"m.out.yes:{await number_of(scene, scene.head)}")
    assert "Nobody leads this community any more" in scene.coordinator.last.text


async def test_a_long_list_comes_in_pages_with_the_waiting_first(world: World) -> None:
    scene = await school(world, parents=0, pupils=12)
    seen: list[str] = []
    await scene.head.says("/members")
    seen += scene.head.labels
    while "More" in scene.head.labels:
        await scene.head.taps("More")
        seen += scene.head.labels
    assert sum("Pupil" in label for label in seen) == 12
    await scene.head.taps("Back")
    assert scene.head.labels[:2] == ["Pupil0 – Pupil", "Pupil1 – Pupil"]


async def test_members_stand_in_the_order_of_the_readers_alphabet(world: World) -> None:
    scene = await school(world, parents=0, pupils=0)
    reader = await add_member(world, scene.class_a, Role.CHAIR, "Şəbnəm", "az")
    for name in ("Çinarə", "Samir", "Cavid", "Əli", "Emin", "İlqar"):
        await add_member(world, scene.class_a, Role.PUPIL, name)
    await scene.coordinator.says("/home")
    await reader.says("/members")
    seen = [label.split(" – ")[0] for label in reader.labels if " – " in label]
    await reader.taps(reader.labels[-1])
    seen += [label.split(" – ")[0] for label in reader.labels if " – " in label]
    assert seen == ["Cavid", "Çinarə", "Emin", "Əli", "İlqar", "Samir", "Sevinc", "Şəbnəm"]
    children = [await community(world, scene.school, CommunityKind.CLASS, name) for name in ("10A", "1A")]
    await scene.coordinator.forges(f"c:{scene.school.id}")
    assert scene.coordinator.labels[:4] == ["1A", "5A", "5B", "10A"]
    assert len(children) == 2
    await scene.coordinator.says("/announce")
    assert scene.coordinator.labels[1:5] == ["1A", "5A", "5B", "10A"]


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_member_is_found_across_alphabets_below_where_she_is_looked_for(world: World, language: str) -> None:
    scene = await school(world, parents=0, pupils=0, language=language)
    await add_member(world, scene.class_a, Role.PUPIL, "Şəbnəm", last_name="Əliyeva")
    await add_member(world, scene.class_b, Role.PUPIL, "Шабнам", last_name="Алиева")
    await add_member(world, scene.other_class, Role.PUPIL, "Shabnam", last_name="Aliyeva")
    await add_member(world, scene.network, Role.WORKER, "Shabnam", last_name="Worker")
    await scene.coordinator.says("/members")
    await scene.coordinator.forges(f"m.find:{scene.school.id}")
    with_nobody = await scene.coordinator.says("Хәлилов")
    await scene.coordinator.says("алиева шаб")
    found = {label.split(" – ")[0] for label in scene.coordinator.labels if " – " in label}
    assert found == {"Şəbnəm Əliyeva", "Шабнам Алиева"}
    assert "Şəbnəm" not in with_nobody
    await scene.coordinator.taps("Şəbnəm Əliyeva")
    assert "Şəbnəm Əliyeva" in scene.coordinator.last.text


async def test_who_may_not_see_the_list_finds_nobody(world: World) -> None:
    scene = await school(world)
    for one in (scene.parents[0], scene.pupils[0], scene.outsider):
        await one.says("/home")
        assert "can't do this here" in await one.forges(f"m.find:{scene.class_a.id}")
    await scene.head.says("/members")
    await scene.head.taps("Find")
    await scene.head.forges(f"c.down.yes:{scene.class_a.id}:{await number_of(scene, scene.head)}")
    assert "Pupil0" not in await scene.head.says("Pupil0")


@pytest.mark.row("A3")
async def test_stepping_down_is_undone_within_the_hour_and_those_above_hear_it(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/community")
    await scene.head.taps("Leave")
    await scene.head.taps("Head of class")
    assert "Nobody leads this community" in scene.coordinator.last.text
    assert "✓ You are back" in await scene.head.taps("Stay after all")
    assert "Somebody leads this community again" in scene.coordinator.last.text
    assert await states(world, scene.head, scene.class_a) == [("head_of_class", "active")]
    assert "members" in {command["command"] for command in world.sandbox.menu(scene.head.person)}


@pytest.mark.row("A3_bad_old")
@pytest.mark.row("A3_bad_someone_elses")
async def test_an_undo_too_late_of_another_or_of_a_place_that_is_taken_is_refused(world: World) -> None:
    scene = await school(world)
    number = await number_of(scene, scene.head)
    await scene.head.says("/community")
    await scene.head.taps("Leave")
    await scene.head.taps("Head of class")
    undo, late = f"c.back:{scene.class_a.id}:{number}", "It is too late to take this back"
    assert late in await scene.parents[0].forges(undo)
    await add_member(world, scene.class_a, Role.HEAD_OF_CLASS, "Second")
    assert late in await scene.head.forges(undo)
    pupil = scene.pupils[0]
    await scene.coordinator.forges(f"m.out.yes:{await number_of(scene, pupil)}")
    assert late in await pupil.forges(f"c.back:{scene.class_a.id}:{await number_of(scene, pupil)}")
    parent = scene.parents[0]
    await parent.says("/community")
    await parent.taps("Leave")
    await parent.taps("Parent")
    await world.later(hours=2)
    assert late in await parent.taps("Stay after all")
    assert await states(world, scene.head, scene.class_a) == [("head_of_class", "left")]


@pytest.mark.row("A3")
@pytest.mark.parametrize(
    ("language", "soon", "over"),
    [
        ("en", "Your role ends soon", "A role that you gave has ended"),
        ("ru", "Ваша роль скоро закончится", "Роль, которую Вы дали, закончилась"),
    ],
)
async def test_the_end_of_a_role_is_told_a_week_before_and_at_the_end(
    world: World, language: str, soon: str, over: str
) -> None:
    scene = await school(world, language=language)
    teacher = await add_member(world, scene.class_b, Role.TEACHER, "Leyla", language)
    number = await number_of(scene, teacher)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"m.role:{number}:head_of_class:year")
    heard = len(teacher.messages), len(scene.coordinator.messages)
    await world.later(days=357)
    assert (len(teacher.messages), len(scene.coordinator.messages)) == heard
    await world.later(days=2)
    assert soon in teacher.last.text
    assert "Leyla" in scene.coordinator.last.text
    heard = len(teacher.messages), len(scene.coordinator.messages)
    await world.later(hours=3)
    assert (len(teacher.messages), len(scene.coordinator.messages)) == heard  # once
    assert "members" in {command["command"] for command in world.sandbox.menu(teacher.person)}
    await world.later(days=7)
    assert any(over in message.text for message in scene.coordinator.messages)
    assert "members" not in {command["command"] for command in world.sandbox.menu(teacher.person)}
    assert "community" in {command["command"] for command in world.sandbox.menu(teacher.person)}


@pytest.mark.row("A3_bad_forged")
@pytest.mark.rule(13)
async def test_no_pupil_gets_a_role_that_opens_cases(world: World) -> None:
    scene = await school(world)
    pupil, kamran = scene.pupils[0], scene.coordinator
    await belong(world, pupil, scene.school, Role.PARENT)  # however else she belongs there
    number = await number_of(scene, pupil)
    await kamran.says("/home")
    await kamran.forges(f"m.one:{number}")
    assert not {"Hotline worker", "Hotline supervisor"} & set(kamran.labels)
    await kamran.taps("Give a role")
    assert "Chair" in kamran.labels  # of a fraction, say
    assert "Psychologist" not in kamran.labels
    for data in (f"m.role:{number}:psychologist:year", f"m.hotline:{number}:worker"):
        assert "can't do this here" in await kamran.forges(data), data
    invite = await code(world, scene.school, kamran, Role.PSYCHOLOGIST)
    await pupil.says(f"/join {invite.code}")
    await pupil.says("Pupil0")
    assert "A pupil can't have this role." in await kamran.taps("Accept")
    assert ("psychologist", "active") not in await states(world, pupil, scene.school)


@pytest.mark.row("A3")
async def test_the_end_of_a_role_is_told_to_who_can_give_it_by_then(world: World) -> None:
    """Whoever gave it has left, and can't give it again."""
    scene = await school(world)
    teacher = await add_member(world, scene.class_b, Role.TEACHER, "Leyla")
    number = await number_of(scene, teacher)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"m.role:{number}:head_of_class:year")
    after_him = await add_member(world, scene.school, Role.COORDINATOR, "Aynur")
    await scene.coordinator.forges(f"c.down:{scene.school.id}")
    await scene.coordinator.taps("Coordinator")
    heard = len(scene.coordinator.messages)
    await world.later(days=359)
    assert "A role ends soon. If it is to go on, please give it again." in after_him.last.text
    await world.later(days=7)
    told = [one.text for one in after_him.messages]
    assert sum("This class has no head any more" in one or "Nobody leads this community" in one for one in told) == 1
    assert len(scene.coordinator.messages) == heard


@pytest.mark.row("A3_bad_forged")
async def test_an_undo_opens_no_other_community_than_its_own(world: World) -> None:
    scene = await school(world)
    above = await add_member(world, scene.other_school, Role.COORDINATOR, "Above")
    number, heard = await number_of(scene, scene.head), len(above.messages)
    await scene.head.says("/community")
    await scene.head.taps("Leave")
    await scene.head.taps("Head of class")
    said = await scene.head.forges(f"c.back:{scene.other_class.id}:{number}")
    assert "It is too late to take this back" in said
    assert "7C" not in said
    assert len(above.messages) == heard  # nobody there is told that somebody leads again
    assert "✓ You are back" in await scene.head.forges(f"c.back:{scene.class_a.id}:{number}")


@pytest.mark.rule(15)
@pytest.mark.row("A3_bad_forged")
async def test_a_chair_learns_by_no_button_who_works_for_the_hotline(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.school, Role.CHAIR, "Chair")
    number = await number_of(scene, await add_member(world, scene.school, Role.WORKER, "Murad"))
    await chair.says("/home")
    for data in (f"m.one:{number}", f"m.give:{number}", f"m.role:{number}:head_of_class", f"m.role:{number}:parent"):
        said = await chair.forges(data)
        assert "can't do this here" in said, data
        assert "Murad" not in said
    assert await world.rows("SELECT 1 FROM memberships WHERE called = 'Murad' AND role <> 'worker'") == []


@pytest.mark.row("A1")
async def test_only_who_may_answer_a_newcomer_has_the_buttons_for_it(world: World) -> None:
    scene = await school(world)
    supervisor = await add_member(world, scene.school, Role.SUPERVISOR, "Supervisor")
    aysel = world.person("Aysel")
    await aysel.starts((await code(world, scene.school, scene.coordinator)).code)
    await aysel.taps("Teacher")
    await aysel.says("Aysel M.")
    await supervisor.says("/members")
    assert "Somebody asks to join" in await supervisor.taps("⏳ Aysel M. – Teacher")
    assert supervisor.labels == ["All members"]
    await scene.coordinator.forges(f"m.one:{await number_of(scene, aysel)}")
    assert scene.coordinator.labels == ["Accept", "Decline", "All members"]


async def test_many_of_one_name_are_found_on_a_screen_of_ten_buttons(world: World) -> None:
    scene = await school(world, parents=0, pupils=12)
    await scene.head.forges(f"m.find:{scene.class_a.id}")
    assert "Write more of the name" in await scene.head.says("Pupil")
    assert len(scene.head.labels) == 10
