"""A9: one action moves all classes up; undo puts back the same rows."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

import storage.chats
import storage.communities
import storage.invites
from domain.communities import CommunityKind
from domain.requests import Community
from domain.roles import Role
from tests.cast import World
from tests.conversations.test_move import moves
from tests.scenes import School, add_member, belong, community, group, hotline, person_id_of, report, school, take

TOUCHED = ("communities", "memberships", "invites", "chats")


async def rows_of(world: World, tables: Sequence[str] = TOUCHED) -> str:
    """A hash of every row of these tables."""
    digest = hashlib.sha256()
    for table in tables:
        for row in await world.rows(f"SELECT * FROM {table} ORDER BY id"):  # noqa: S608
            digest.update(json.dumps([str(row[name]) for name in row.keys()]).encode())  # noqa: SIM118
    return digest.hexdigest()


async def _all(world: World, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in row.keys()) for row in await world.rows(f"SELECT * FROM {table}")]  # noqa: S608, SIM118


async def _groups(scene: School, of: Community) -> list[int]:
    """Where something for this class, and for the whole school, is posted."""
    async with scene.world.birge.database.reading() as db:
        found = [*await storage.chats.of_community(db, of.id), *await storage.chats.below(db, scene.school.path)]
    return [int(chat.address) for chat in found]


async def names(world: World) -> set[str]:
    rows = await world.rows("SELECT name FROM communities WHERE kind = 'class' AND archived_at IS NULL")
    return {row["name"] for row in rows}


async def code_of(scene: School, of: Community) -> str:
    async with scene.world.birge.database.writing() as db:
        person_id = await person_id_of(scene.world, scene.coordinator)
        until = scene.world.now + timedelta(days=300)
        return (await storage.invites.make(db, of, None, person_id, 50, until)).code


@pytest.mark.row("A9")
async def test_a_school_moves_up_and_back_to_the_same_rows(world: World, posters: list[dict[str, Any]]) -> None:
    scene = await school(world)
    leavers = await community(world, scene.school, CommunityKind.CLASS, "11A")
    prep = await community(world, scene.school, CommunityKind.CLASS, "Hazırlıq")
    club = await community(world, leavers, CommunityKind.CLUB, "Şahmat")
    leaver = await add_member(world, leavers, Role.PUPIL, "Leaver")
    teacher = await add_member(world, leavers, Role.HEAD_OF_CLASS, "Old head")
    await teacher.forges("lang.is:en:settings")  # her menu is there
    player = await add_member(world, club, Role.PUPIL, "Player")
    chat = await group(scene, leavers, [scene.coordinator])
    old_code, leavers_code = await code_of(scene, scene.class_a), await code_of(scene, leavers)
    before, kamran = await rows_of(world), scene.coordinator

    await kamran.says("/home")
    await kamran.taps("Məktəb 12")
    await kamran.taps("Manage")
    said = await kamran.taps("New school year")
    assert "\u20685A\u2069 → \u20686A\u2069\n\u20685B\u2069 → \u20686B" in said
    assert "\u206811A\u2069 → leaves school" in said
    assert f"These keep their names: \u2068{prep.name}" in said
    assert await rows_of(world) == before

    said = await kamran.taps("Begin it")
    assert "✓ 2 classes have moved up.\n1 class has left school." in said
    assert await names(world) == {"6A", "6B", prep.name, "7C"}
    assert "New school year: \u2068Məktəb 12\u2069\nYour class is called: \u20686A" in scene.head.last.text
    new_code = scene.head.last.text.split("Its code now: ")[1][:9]
    assert [page["name"] for page in posters[0]["data"]["pages"]] == ["6A", "6B"]  # to hang in place of the old ones
    assert new_code in kamran.last.text
    await scene.head.taps("🖨")
    assert posters[1]["data"]["pages"][0]["code"] == new_code
    assert "has left school" in teacher.last.text
    assert "announce" not in {command["command"] for command in world.sandbox.menu(teacher.person)}

    newcomer = world.person("Newcomer")
    for code in (old_code, leavers_code):
        assert "can't let you in" in await newcomer.starts(code)
    assert "6A" in await newcomer.says(f"/join {new_code}")
    await newcomer.taps("Cancel")
    for gone in (leaver, player):
        await gone.says("/home")
        assert not {"11A", "Şahmat"} & set(gone.labels)
        assert "can't do this here" in await gone.says("/community")
    assert "11A" not in "".join((await kamran.says("/community"), *kamran.labels))
    assert "can't do this here" in await kamran.forges(f"c:{leavers.id}")
    assert "11A" not in await kamran.forges(f"b:{scene.school.id}")
    assert "can't do this here" in await kamran.says("/poll", chat)
    assert await _groups(scene, leavers) == []

    await kamran.forges(f"yr:{scene.school.id}")
    assert "their codes no longer work" in await kamran.taps("Undo the move")
    assert await names(world) == {"5A", "5B", "11A", prep.name, "7C"}
    assert await _groups(scene, leavers) == [chat.id, chat.id]
    await leaver.says("/home")
    assert "11A" in leaver.labels
    assert "announce" in {command["command"] for command in world.sandbox.menu(teacher.person)}
    assert "taken back: \u2068Məktəb 12\u2069\nYour class is called: \u20685A" in scene.head.messages[-1].text


@pytest.mark.row("A9")
@pytest.mark.row("A10")
async def test_two_accounts_of_a_leaver_that_became_one_are_one_after_an_undo(world: World) -> None:
    scene = await school(world)
    leavers = await community(world, scene.school, CommunityKind.CLASS, "11A")
    one, other = [await add_member(world, leavers, Role.PARENT, name) for name in ("Old phone", "New phone")]
    await belong(world, one, leavers, Role.PSYCHOLOGIST)  # ends with her account
    await scene.coordinator.says("/home")
    await scene.coordinator.taps("Məktəb 12")
    await scene.coordinator.taps("Manage")
    await scene.coordinator.taps("New school year")
    await scene.coordinator.taps("Begin it")
    await moves(one, other)
    await scene.coordinator.taps("Undo the move")
    rows = await world.rows("SELECT role, state FROM memberships WHERE community_id = :id", id=leavers.id)
    assert sorted((row["role"], row["state"]) for row in rows) == [
        ("parent", "active"),
        ("parent", "left"),
        ("psychologist", "left"),
    ]


@pytest.mark.row("A9")
async def test_undo_restores_every_row(world: World) -> None:
    scene = await school(world)
    leavers = await community(world, scene.school, CommunityKind.CLASS, "11A")
    await add_member(world, leavers, Role.PUPIL, "Leaver")
    waiting = world.person("Waiting")
    await waiting.starts(await code_of(scene, leavers))
    await waiting.taps("Pupil")
    await waiting.says("Waits")
    async with world.birge.database.writing() as db:  # one whose time runs out anyway
        await storage.communities.save_until(
            db, (await world.rows("SELECT MAX(id) AS id FROM memberships"))[0]["id"], world.now + timedelta(days=100)
        )
    before = await rows_of(world)
    await scene.owner.forges(f"yr:{scene.district.id}")
    await scene.owner.taps("Begin it")
    assert await rows_of(world) != before
    await world.later(days=6)
    await scene.owner.taps("Undo the move")
    assert await rows_of(world) == before
    number = (await world.rows("SELECT id FROM school_years"))[0]["id"]
    assert "taken back already" in await scene.owner.forges(f"yr.undo:{number}")


@pytest.mark.row("A9_bad_twice")
async def test_a_second_run_has_no_effect_and_says_so(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.forges(f"yr:{scene.school.id}")
    await scene.coordinator.taps("Begin it")
    after = await rows_of(world)
    assert "has begun here already" in await scene.coordinator.forges(f"yr.go:{scene.school.id}:2")
    assert scene.coordinator.labels == ["Undo the move", "Back"]
    assert await rows_of(world) == after
    said = await scene.owner.forges(f"yr:{scene.district.id}")  # the other school has not begun
    assert "7C" in said
    assert "6A" not in said
    await scene.owner.taps("Begin it")
    assert await names(world) == {"6A", "6B", "8C"}
    number = (await world.rows("SELECT MIN(id) AS id FROM school_years"))[0]["id"]
    assert "can't do this here" in await scene.head.forges(f"yr.undo:{number}")
    await world.later(days=8)
    assert "7 days, and they are over" in await scene.coordinator.forges(f"yr.undo:{number}")
    assert "Undo the move" not in scene.coordinator.labels
    assert await world.rows("SELECT invite_id FROM renewed_invites") == []


@pytest.mark.row("A9")
async def test_two_classes_that_would_be_called_alike_are_named_and_nothing_of_the_school_moves(world: World) -> None:
    scene = await school(world, language="ru")
    other = await community(world, scene.school, CommunityKind.CLASS, "5 «А»")  # a Cyrillic А
    said = await scene.coordinator.forges(f"yr:{scene.school.id}")
    assert "5 «А», 5A" in said or "5A, 5 «А»" in said
    assert "Начать" not in scene.coordinator.labels
    await scene.coordinator.forges(f"c.name:{other.id}")
    await scene.coordinator.says("5V")
    await scene.coordinator.forges(f"yr:{scene.school.id}")
    await scene.coordinator.taps("Начать")
    assert await names(world) == {"6A", "6B", "6V", "7C"}
    await community(world, scene.school, CommunityKind.CLASS, "5A")  # a new one has the old name
    assert "5A" in await scene.coordinator.taps("Вернуть")
    assert await names(world) == {"6A", "6B", "6V", "7C", "5A"}


@pytest.mark.row("A9")
@pytest.mark.parametrize(("language", "go", "back"), [("en", "Begin it", "Undo the move"), ("ru", "Начать", "Вернуть")])
async def test_an_undo_makes_no_namesakes_of_classes_that_were_moved_or_renamed_since(
    world: World, language: str, go: str, back: str
) -> None:
    scene = await school(world, language=language)
    await community(world, scene.school, CommunityKind.CLASS, "11A")
    await scene.owner.forges(f"yr:{scene.district.id}")
    await scene.owner.taps(go)
    async with world.birge.database.writing() as db:
        await storage.communities.save_name(db, scene.class_b.id, "5a")  # by hand, after it was 6B
        await storage.communities.move(db, scene.other_class, scene.school)  # another school's, which has moved up too
        await storage.communities.save_name(db, scene.class_a.id, "7c")
    before = await rows_of(world)
    heard = await scene.owner.taps(back)
    assert "\u20687c\u2069" in heard  # the class that came would be 7C again
    assert await rows_of(world) == before
    async with world.birge.database.writing() as db:
        await storage.communities.save_name(db, scene.class_a.id, "6A")
    assert "\u20685a\u2069" in await scene.owner.taps(back)
    async with world.birge.database.writing() as db:
        await storage.communities.save_name(db, scene.class_b.id, "11a")
    assert "\u206811a\u2069" in await scene.owner.taps(back)  # the leavers come back under that name
    async with world.birge.database.writing() as db:
        await storage.communities.save_name(db, scene.class_b.id, "5B")
    await scene.owner.taps(back)
    assert await names(world) == {"5A", "5B", "7C", "11A"}


@pytest.mark.row("A9")
@pytest.mark.row("ANY_bad_other_school")
async def test_an_undo_changes_nothing_in_another_school_where_a_class_has_gone(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.forges(f"yr:{scene.school.id}")
    await scene.coordinator.taps("Begin it")
    undo = scene.coordinator.find("Undo the move")
    async with world.birge.database.writing() as db:
        await storage.communities.move(db, scene.class_a, scene.other_school)
    before = await rows_of(world)
    said = await scene.coordinator.taps("Undo the move", message=undo)
    assert "These classes stand elsewhere by now: \u20686A\u2069." in said
    assert await rows_of(world) == before
    async with world.birge.database.writing() as db:
        moved = await storage.communities.get(db, scene.class_a.id)
        assert moved is not None
        await storage.communities.move(db, moved, scene.school)
    assert "✓ Taken back" in await scene.coordinator.taps("Undo the move", message=undo)
    assert await names(world) == {"5A", "5B", "7C"}


@pytest.mark.row("A9")
@pytest.mark.parametrize(
    ("language", "leave", "leaves_school", "who", "begin"),
    [
        ("en", "They leave", "leaves school", "Who leaves?", "Begin it"),
        ("az", "Bitirir", "məktəbi bitirir", "Kim bitirir?", "Başla"),
    ],
)
async def test_a_school_of_nine_years_is_asked_once_and_remembered(
    world: World, language: str, leave: str, leaves_school: str, who: str, begin: str
) -> None:
    scene = await school(world, language=language)
    ninth = await community(world, scene.school, CommunityKind.CLASS, "9A")
    graduate, kamran = await add_member(world, ninth, Role.PUPIL, "Aysel", language), scene.coordinator
    said = await kamran.forges(f"yr:{scene.school.id}")
    assert ("9" in said, "10" in said, "6A" in said) == (True, True, False)
    assert not any(begin in one for one in kamran.labels)
    for forged in (f"yr.go:{scene.school.id}:3", f"yr.last:{scene.school.id}:{scene.school.id}:7"):
        await kamran.forges(forged)
        assert kamran.last.text == said
    assert "/home" in await scene.head.forges(f"yr.last:{scene.school.id}:{scene.school.id}:9")

    assert "10A" in await kamran.taps(kamran.labels[1])  # they go on; but that was a slip
    assert await kamran.taps(who) == said
    assert f"9A\u2069 → {leaves_school}" in await kamran.taps(leave)
    await kamran.taps(begin)
    assert await names(world) == {"6A", "6B", "7C"}
    await graduate.says("/home")
    assert "9A" not in graduate.labels

    await community(world, scene.school, CommunityKind.CLASS, "9B")
    await world.later(days=365)
    said = await kamran.forges(f"yr:{scene.school.id}")
    assert f"9B\u2069 → {leaves_school}" in said


@pytest.mark.row("A9")
async def test_a_district_is_asked_school_by_school_or_for_all(world: World) -> None:
    scene = await school(world)
    third = await community(world, scene.district, CommunityKind.SCHOOL, "Məktəb 3")
    for place, name in ((scene.school, "9A"), (scene.other_school, "9A"), (third, "4A")):
        await community(world, place, CommunityKind.CLASS, name)
    said = await scene.owner.forges(f"yr:{scene.district.id}")
    assert "Məktəb 12" in said
    assert "All go on (3)" in scene.owner.labels
    stranger = await add_member(world, scene.other_school, Role.COORDINATOR, "Vüsal")
    assert "Məktəb 7" in await stranger.forges(f"yr.last:{scene.other_school.id}:{scene.school.id}:9")  # not hers
    said = await scene.owner.taps("They leave")
    assert "Məktəb 3" in said
    assert "year 4. Do they leave this school now, or go on to year 5?" in said
    said = await scene.owner.taps("All go on (2)")
    assert "Məktəb 12, 9A\u2069 → leaves school" in said
    assert "Məktəb 7, 9A\u2069 → \u206810A" in said
    assert "Məktəb 3, 4A\u2069 → \u20685A" in said


@pytest.mark.row("A9_bad_open_case")
async def test_an_open_case_keeps_its_school_and_its_people(world: World) -> None:
    staff = await hotline(world)
    scene = staff.school
    async with world.birge.database.writing() as db:
        await storage.communities.save_name(db, scene.class_a.id, "11A")
    await report(staff.pupil, "They take my money.")
    of_cases = [name for name in await world.tables() if name.startswith("case")]
    before = {name: await _all(world, name) for name in of_cases}
    await scene.coordinator.forges(f"yr:{scene.school.id}")
    await scene.coordinator.taps("Begin it")
    for name in of_cases:
        assert await _all(world, name) == before[name], name
    await take(staff.worker)
    await staff.worker.taps("Answer")
    await staff.worker.says("I believe you.")
    await staff.worker.taps("Send")
    assert "I believe you." in staff.pupil.last.text
    assert "Read" in "".join(label for one in staff.pupil.messages for label in one.labels) or await staff.pupil.says(
        "/mycases"
    )
