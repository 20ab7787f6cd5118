"""C8: how it was, in three faces and a line, from those who were there."""

from datetime import UTC, datetime, timedelta

import pytest

import storage.persons
from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.test_attendance import ON_TIME, door
from tests.conversations.test_meetings import called, card, meeting_id
from tests.conversations.test_move import moves
from tests.scenes import School, add_member, hotline, person_id_of, school

OVER = datetime(2026, 12, 7, 16, 0, tzinfo=UTC)  # 20:00 in Baku
MORNING = datetime(2026, 12, 8, 5, 0, tzinfo=UTC)  # 9:00 there
ASKED = {"en": "How was it?", "uk": "Як пройшла зустріч?"}
THANKS = {"en": "Thank you!", "uk": "Дякую!"}
READ = {
    "en": "The organiser reads all lines together, without names: Friday, 11 December 2026",
    "uk": "Організатор прочитає всі рядки разом, без імен: пʼятниця, 11 грудня 2026",
}
FEW = {"en": "the organiser may guess who wrote it", "uk": "організатор може здогадатися, хто це написав"}
LATE = {"en": "It is too late for an answer", "uk": "Відповідати вже пізно"}
REFUSED = "You can't do this here"
LINE = {"en": "Write a line", "uk": "Написати кілька слів"}


async def came(scene: School, *people: Talker) -> None:
    """These gave the code at the door."""
    await called(scene)
    await scene.world.at(ON_TIME)
    code = await door(scene)
    for one in people:
        await one.says(code)


def asked(talker: Talker) -> int:
    return sum(any(word in one.text for word in ASKED.values()) for one in talker.messages)


def summary(talker: Talker) -> list[str]:
    return [one.text for one in talker.messages if one.text.startswith("How it was")]


@pytest.mark.row("C8")
@pytest.mark.parametrize("language", ["en", "uk"])
async def test_those_who_came_are_asked_once_and_the_organiser_hears_the_average(world: World, language: str) -> None:
    scene = await school(world, parents=2, pupils=3)
    parent = await add_member(world, scene.class_a, Role.PARENT, "Oksana", language)
    people = [*scene.parents, *scene.pupils, parent]
    await came(scene, *people[1:])
    await world.at(OVER)
    assert "The meeting is over" in scene.head.last.text
    assert scene.head.last.labels == ["Attendance", "Minutes"]
    await world.at(MORNING - timedelta(minutes=1))
    assert [asked(one) for one in people] == [0] * 6
    for _ in range(2):
        await world.later(minutes=1)
    assert [asked(one) for one in people] == [0, 1, 1, 1, 1, 1]  # the first one was not there
    assert asked(scene.head) == 0
    for one in people[1:5]:
        await one.taps("🙂")
    await parent.taps("🙁")
    assert THANKS[language] in await parent.taps("😐")  # changed, and counted once
    heard = await parent.taps(LINE[language])
    assert READ[language] in heard  # who reads it, and when
    assert FEW[language] not in heard
    assert "Too long" in await parent.says("Too long")
    await world.at(MORNING + timedelta(days=1))
    heading, numbers = "How it was: \u2068First joint meeting\u2069", "On average: 2.8 of 3\nAnswers: 5"
    when = "If anybody has written something, it comes on this day: Friday, 11 December 2026"
    assert summary(scene.head) == [f"{heading}\n\n{numbers}\n\n{when}"]
    number = await meeting_id(world)
    await people[1].taps("Write a line")
    await people[1].says("More songs")  # one person more since the numbers were shown
    assert REFUSED in await scene.head.forges(f"fb.words:{number}:0")  # nobody reads along
    await world.at(MORNING + timedelta(days=3))
    [_, told] = summary(scene.head)
    assert sorted(told.removeprefix(f"{heading}\n\n").split("\n")) == [
        "– \u2068More songs\u2069",
        "– \u2068Too long\u2069",
    ]
    assert "Oksana" not in told
    assert REFUSED in await scene.coordinator.forges(f"fb.words:{number}:0")  # the organiser's alone
    assert "too late" in await people[1].taps("🙁")
    await world.at(MORNING + timedelta(days=8))
    assert len(summary(scene.head)) == 2
    assert await world.rows("SELECT mark FROM feedback GROUP BY mark HAVING COUNT(*) > 1") == []


@pytest.mark.row("C8")
@pytest.mark.parametrize("language", ["en", "uk"])
async def test_of_fewer_than_five_only_the_words_are_told_at_the_end(world: World, language: str) -> None:
    scene = await school(world)
    parent = await add_member(world, scene.class_a, Role.PARENT, "Oksana", language)
    await called(scene)
    await parent.taps({"en": "Going", "uk": "Буду"}[language])  # nobody took attendance
    await scene.parents[1].taps("Can't")
    await world.at(MORNING)
    assert [asked(one) for one in (parent, *scene.parents, *scene.pupils)] == [1, 0, 0, 0]
    await parent.taps("🙁")
    heard = await parent.taps(LINE[language])
    assert READ[language] in heard
    assert FEW[language] in heard  # she is warned: only she was there
    await parent.says("!" * 3)
    await parent.says("It was cold")
    await world.at(MORNING + timedelta(days=1))
    assert summary(scene.head) == []
    number = await meeting_id(world)
    assert REFUSED in await scene.head.forges(f"fb.words:{number}:0")
    await world.at(MORNING + timedelta(days=3, minutes=1))
    [told] = summary(scene.head)
    assert "Fewer than 5 people answered" in told
    assert "– \u2068It was cold\u2069" in told
    assert "average" not in told
    assert LATE[language] in await parent.taps("😐")
    assert LATE[language] in await parent.forges(f"fb.line:{number}")
    assert "It was cold" in await scene.head.forges(f"fb.words:{number}:0")


@pytest.mark.row("C8")
async def test_where_nobody_answers_nothing_is_told_and_the_next_meeting_s_people_are_asked(world: World) -> None:
    scene = await school(world)
    one, other = scene.parents
    await called(scene)
    await one.taps("Going")
    await world.at(MORNING)
    await called(scene, "2026-12-08 18:00 Second meeting")
    await other.taps("Going")
    await world.at(MORNING + timedelta(days=1))  # the first look at a meeting about which nobody said anything
    assert (asked(one), asked(other), summary(scene.head)) == (1, 1, [])


@pytest.mark.row("C8")
async def test_it_can_be_skipped_and_waits_for_the_end_of_quiet_hours(world: World) -> None:
    scene = await school(world)
    sleeper, other = scene.parents
    async with world.birge.database.writing() as db:
        await storage.persons.save_quiet_hours(db, await person_id_of(world, sleeper), 20 * 60, 10 * 60)
    await came(scene, sleeper, other)
    await world.at(MORNING)
    assert (asked(sleeper), asked(other)) == (0, 1)
    assert "All right, no answer" in await other.taps("Skip")
    await world.later(hours=1)
    assert asked(sleeper) == 1
    await world.at(MORNING + timedelta(days=3, minutes=1))
    assert summary(scene.head) == []  # nobody answered


async def test_who_was_not_there_and_forged_buttons_are_refused(world: World) -> None:
    scene = await school(world)
    await came(scene, scene.parents[0])
    await world.at(MORNING)
    number = await meeting_id(world)
    for one in (scene.parents[1], scene.outsider, scene.head):
        for data in (f"fb:{number}:3", f"fb.line:{number}", f"fb.skip:{number}"):
            assert "You can't do this here" in await one.forges(data)
    for data in (f"fb:{number}:4", f"fb:{number}:0", f"fb:{number}", "fb:99:3"):
        assert "You can't do this here" in await scene.parents[0].forges(data)
    await scene.parents[0].forges(f"fb.line:{number}")  # before any face
    assert "too late" in await scene.parents[0].says("A line")
    assert "You can't do this here" in await scene.parents[0].forges(f"fb.words:{number}:0")
    assert await world.rows("SELECT * FROM feedback") == []


async def test_distress_in_a_line_goes_to_nobody_but_the_hotline(world: World) -> None:
    staff = await hotline(world)
    scene = staff.school
    pupil = scene.pupils[0]
    await came(scene, pupil)
    await world.at(MORNING)
    await pupil.taps("🙁")
    await pupil.taps("Write a line")
    heard = await pupil.says("I want to die")
    assert "If you are in danger now, please call:" in heard
    assert "I showed this to nobody" in heard
    assert "Shall I fetch the helper on duty right now?" in pupil.last.text
    assert [row["words"] for row in await world.rows("SELECT words FROM feedback")] == [None]


async def test_who_answered_on_two_accounts_counts_once(world: World) -> None:
    scene = await school(world)
    old, new = scene.parents
    await came(scene, old, new)
    await world.at(MORNING)
    await old.taps("🙂")
    await new.taps("🙁")
    assert "✓" in await moves(old, new)
    rows = await world.rows("SELECT face FROM feedback")
    assert [row["face"] for row in rows] == [3]
    await new.taps("😐", message=new.find("😐"))
    rows = await world.rows("SELECT face FROM feedback")
    assert [row["face"] for row in rows] == [2]


async def test_after_long_down_time_nobody_is_asked(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await scene.parents[0].taps("Going")
    await world.at(OVER + timedelta(days=9))
    assert asked(scene.parents[0]) == 0
    assert "over" not in scene.head.last.text
    assert card(scene.parents[0]) is not None
