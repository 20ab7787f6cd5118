"""C6: who came to a meeting, by its code, by its picture, or counted by the organiser."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from PIL import Image

from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.test_meetings import called, meeting_id
from tests.scenes import School, add_member, hotline, report, school

DOOR_OPENS = datetime(2026, 12, 7, 13, 30, tzinfo=UTC)  # half an hour before it begins
ON_TIME = DOOR_OPENS + timedelta(minutes=30)
COUNTED = {
    "en": "Welcome to “\u2068First joint meeting\u2069”! Counted.",
    "ru": "Добро пожаловать: «\u2068First joint meeting\u2069». Отмечено.",
}
AGAIN = {"en": "Already counted", "ru": "Уже отмечено"}
HERE = {"en": "I am here", "ru": "Я на встрече"}


async def door(scene: School) -> str:
    """The head of class shows the code of the meeting she called."""
    heard = await scene.head.taps("Attendance")
    found = re.search(r"Code: ([A-Z]{6})", heard)
    assert found is not None, heard
    return found[1]


async def rows(world: World) -> list[tuple[str, int]]:
    found = await world.rows("SELECT party, COUNT(*) AS persons FROM attendance GROUP BY party ORDER BY party")
    return [(row["party"], row["persons"]) for row in found]


def live(talker: Talker) -> str:
    return talker.find("Write the numbers").text


@pytest.mark.row("C6")
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_whoever_gives_the_code_is_counted_once_and_the_organisers_card_lives(
    world: World, language: str
) -> None:
    scene = await school(world, pupils=0)
    first, second = [await add_member(world, scene.class_a, Role.PUPIL, f"Pupil{n}", language) for n in range(2)]
    await called(scene)
    await world.at(ON_TIME)
    code = await door(scene)
    assert "Together: 0" in live(scene.head)
    assert COUNTED[language] in await first.says(f"/start here-{code}")
    assert AGAIN[language] in await first.says(code)
    await second.says("/meetings")
    await second.taps(HERE[language])
    assert COUNTED[language] in await second.says(f" {code[:3].lower()}-{code[3:]} ")  # as people type it
    assert "Counted" in await scene.parents[0].says(code)  # nobody had answered the invitation
    await world.later(seconds=4)
    assert "Together: 3\nPupils: 2\nParents: 1" in live(scene.head)
    assert await rows(world) == [("parents", 1), ("pupils", 2)]
    assert await scene.head.taps("Their names") == "Who came: \u2068First joint meeting\u2069\n" + "\n".join(
        f"\u2068{name}\u2069" for name in ("Parent0", "Pupil0", "Pupil1")
    )
    assert scene.head.last.protected


@pytest.mark.row("C6")
async def test_whoever_leads_finds_a_meeting_again_that_has_begun(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/meetings")
    assert "None of your meetings has begun" in await scene.head.taps("Past meetings")
    await called(scene)
    await world.at(ON_TIME)
    await scene.head.says("/meetings")
    assert "Which meeting is it?" in await scene.head.taps("Past meetings")
    assert scene.head.labels == ["7 Dec 2026: First joint meeting"]
    await scene.head.taps("First joint meeting")
    assert scene.head.labels == ["Who answered", "Attendance"]
    await world.later(days=31)
    await scene.head.says("/meetings")
    assert "None of your meetings has begun" in await scene.head.taps("Past meetings")
    await scene.parents[0].says("/meetings")
    assert "Past meetings" not in scene.parents[0].labels


@pytest.mark.row("C6")
async def test_heads_without_a_phone_are_counted_by_buttons_or_in_one_line(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.at(ON_TIME)
    await scene.parents[0].says(await door(scene))
    await scene.head.taps("+1 Guests")
    await scene.head.forges(f"mt.heads:{await meeting_id(world)}:guests:1")  # the same tap once more
    heard = await scene.head.taps("+5", message=scene.head.find("+1 Guests"))
    assert "Pupils: 5" in heard
    assert "Guests: 1" in heard
    await scene.head.taps("Write the numbers")
    assert "four whole numbers" in await scene.head.says("twelve")
    assert "four whole numbers" in await scene.head.says("12 8 2 99999")
    heard = await scene.head.says("12 8 2 1")
    assert "Together: 24\nPupils: 12\nParents: 9\nTeachers: 2\nGuests: 1" in heard
    assert "Of them counted without a phone: 23" in heard
    for forged in ("pupils:-1", "pupils:10000", "pupils:007", "dogs:1", "pupils"):
        assert "You can't do this here" in await scene.head.forges(f"mt.heads:{await meeting_id(world)}:{forged}")


@pytest.mark.row("C6_bad_wrong_meeting")
async def test_the_code_of_a_meeting_for_others_is_refused(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.at(ON_TIME)
    code = await door(scene)
    stranger = world.person("Stranger")
    for one in (scene.outsider, stranger):
        heard = await one.says(f"/start here-{code}")
        assert heard == "This code belongs to a meeting for others. Guests are counted by the organiser."
    await scene.outsider.says("/meetings")
    await scene.outsider.taps("I am here")
    assert "for others" in await scene.outsider.says(code)
    assert await rows(world) == []
    for data in ("mt.door:{}", "mt.heads:{}:pupils:5", "mt.heads.all:{}"):
        assert "You can't do this here" in await scene.parents[0].forges(data.format(await meeting_id(world)))


@pytest.mark.row("C6_bad_outside_the_window")
async def test_too_early_and_too_late_are_refused_with_the_reason(world: World) -> None:
    scene = await school(world)
    await called(scene)
    code = await door(scene)
    early = await scene.parents[0].says(code)
    assert "too early" in early
    assert "The code works from Monday, 7 December 2026, 17:30 on" in early
    assert "too early" in await scene.head.taps("+1 Pupils")
    await world.at(DOOR_OPENS - timedelta(minutes=1))
    assert "too early" in await scene.parents[0].says(code)
    await world.at(DOOR_OPENS)
    assert "Counted" in await scene.parents[0].says(code)
    await world.at(ON_TIME + timedelta(hours=3))  # two hours that it lasts, and one more
    assert "too late" in await scene.parents[1].says(code)
    assert "Pupils: 1" in await scene.head.taps("+1 Pupils")  # the organiser may count later
    assert await rows(world) == [("parents", 1)]


@pytest.mark.row("C6_bad_outside_the_window")
async def test_the_code_of_a_cancelled_meeting_is_refused(world: World) -> None:
    scene = await school(world)
    await called(scene)
    code = await door(scene)
    await scene.head.forges(f"mt.off.yes:{await meeting_id(world)}")
    await world.at(ON_TIME)
    assert "was cancelled" in await scene.parents[0].says(code)
    assert "was cancelled" in await scene.head.forges(f"mt.door:{await meeting_id(world)}")


@pytest.mark.row("C6")
async def test_whoever_guesses_codes_must_wait(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.at(ON_TIME)
    code = await door(scene)
    for guess in ("BCDFGH", "/start here-BCDFGJ", "BCDFGK", "BCDFGM", "ВСТНКМ"):  # the last one in Cyrillic
        assert "No meeting has this code" in await scene.pupils[0].says(guess)
    assert "Too many wrong codes. Please try again in 60 minutes." in await scene.pupils[0].says(code)
    await world.later(minutes=61)
    assert "Counted" in await scene.pupils[0].says(code)


async def test_a_code_typed_before_others_shows_no_trace_of_a_report(world: World) -> None:
    staff = await hotline(world)
    await report(staff.pupil, "They take my money.")
    await called(staff.school)
    await world.at(ON_TIME)
    code = await door(staff.school)
    said = len(staff.pupil.messages)
    assert "Counted" in await staff.pupil.says(code)
    assert len(staff.pupil.messages) == said + 1


async def test_the_picture_opens_the_same_door(world: World) -> None:
    scene = await school(world)
    await called(scene)
    code = await door(scene)
    picture = next(one for one in scene.head.messages if code in one.text)
    assert picture.media is not None
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.media.data)))
    assert found.text.endswith(f"?start=here-{code}")
