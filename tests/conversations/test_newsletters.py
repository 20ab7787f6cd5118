"""B8: a newsletter is drafted from what really happened, edited, and sent to everybody or printed."""

from datetime import UTC, datetime

import pytest

import storage.announcements
import storage.challenges
import storage.meetings
import storage.polls
from domain.announcements import Content, Look
from domain.challenges import Plan
from domain.meetings import Meeting, MeetingKind
from domain.polls import Asked, Whom
from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.test_stories import TRIP
from tests.papers import page_count
from tests.scenes import School, add_member, hotline, person_id_of, school, taken

NOVEMBER = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)


async def lived(world: World, language: str = "en") -> School:
    """A school with a November behind it, and things in it that are not for everybody."""
    scene = await school(world, parents=6, language=language)
    author = await person_id_of(world, scene.coordinator)
    readers = [await person_id_of(world, one) for one in scene.parents]
    async with world.birge.database.writing() as db:
        for words, roles, where in (
            ("The new library is open", (), scene.school),
            ("Only for teachers", ("teacher",), scene.school),
            ("Trip of our class", (), scene.class_a),
        ):
            look = Look("Məktəb 12", "Kamran", Role.COORDINATOR, Content(words))
            await storage.announcements.save(db, where, author, look, roles, 8, NOVEMBER)
        for title, everybody in (("First joint meeting", True), ("About one child", False)):
            joint = MeetingKind.JOINT
            meeting = Meeting(0, scene.school, joint, title, NOVEMBER, "Asia/Baku", author, in_group=everybody)
            await storage.meetings.add(db, meeting, NOVEMBER)
        for title, people in (("Read every day", readers), ("Draw every day", readers[:4])):
            plan = Plan(title, "Do it", NOVEMBER.date(), NOVEMBER.date())
            challenge = await storage.challenges.add(db, scene.school, author, plan, NOVEMBER)
            for person_id in people:
                await storage.challenges.join(db, challenge, person_id, scene.class_a.id, NOVEMBER)
        await db.run("UPDATE challenges SET state = 'over'")
        for question, whom in (("Where shall we go?", Whom.GROUPS), ("Who needs help at home?", Whom.PERSONS)):
            asked = Asked(question, ("The sea", "The hills"), whom=whom)
            poll = await storage.polls.add(db, scene.school.id, author, asked, NOVEMBER, None)
            for person_id in readers:
                await storage.polls.cast(db, poll, person_id, 2, NOVEMBER)
            await storage.polls.close(db, poll, NOVEMBER)
    return scene


async def drafted(author: Talker, period: str = "Last month", whole: str = "Whole: School") -> str:
    await author.says("/newsletter")
    await author.taps(whole)
    return await author.taps(period)


@pytest.mark.row("B8")
async def test_it_is_drafted_from_what_happened_edited_and_sent(world: World) -> None:
    scene = await lived(world)
    draft = await drafted(scene.coordinator)
    assert "Newsletter: Sunday, 1 November 2026 – Monday, 30 November 2026" in draft
    assert "Meetings\n1. Thursday, 12 November 2026: \u2068First joint meeting\u2069" in draft
    assert "\u2068Read every day\u2069 – took part: 6, days done: 0" in draft
    assert "Draw every day\u2069\n" in draft  # four people: the number stays out
    assert "\u2068Where shall we go?\u2069 – answers: 6, most for: \u2068The hills\u2069" in draft
    assert "The new library is open" in draft
    assert "In our classes and groups\n6. Announcements: 1\n" in f"{draft}\n"
    for secret in ("Only for teachers", "About one child", "Trip of our class", "Who needs help", "Parent0", "Pupil0"):
        assert secret not in draft

    assert "1. (left out)" in await scene.coordinator.taps("1")
    await scene.coordinator.taps("Opening words")
    assert "at most 400 characters" in await scene.coordinator.says("x" * 401)
    assert "Dear families" in await scene.coordinator.says("Dear families, this was our November.")
    preview = await scene.coordinator.taps("Send to everybody")
    assert "Dear families" in preview
    assert "People it reaches: 9" in preview
    await scene.coordinator.taps("Yes, send it")
    await world.later(seconds=4)
    reader = scene.parents[0]
    assert "• \u2068Where shall we go?\u2069 – answers: 6" in reader.last.text
    assert "First joint meeting" not in reader.last.text
    assert reader.last.labels == ["✓ I have read it", "As a PDF"]
    assert "counted" in await reader.taps("I have read it")
    assert reader.find("As a PDF").text.endswith("You have confirmed that you read this.")
    assert len(await world.rows("SELECT * FROM announcement_confirmations")) == 1
    await reader.taps("As a PDF")
    media = reader.last.media
    assert media is not None
    assert media.name == "newsletter.pdf"
    assert page_count(bytes(media.data)) == 1
    assert "sent already" in await scene.coordinator.forges("nl.drop:1:0:1")
    assert "sent already" in await scene.coordinator.forges("nl.send.yes:1")
    assert "The new library" in await drafted(scene.coordinator)
    assert "Dear families" not in scene.coordinator.last.text  # no newsletter tells of another


@pytest.mark.row("B8")
@pytest.mark.row("B9")
async def test_a_story_told_to_the_school_stands_first(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await parent.forges(f"st.new:{scene.school.id}")
    await parent.says(TRIP)
    await parent.taps("Next")
    await parent.taps("No")
    await parent.taps("Send")
    await scene.coordinator.taps("Publish")
    draft = await drafted(scene.coordinator, "This month")
    assert f"Stories\n1. “\u2068{TRIP}\u2069”" in draft
    assert "Announcements" not in draft  # it is told once


@pytest.mark.row("B9")
async def test_a_story_that_is_taken_back_is_in_no_newsletter_any_more(world: World) -> None:
    scene = await lived(world)
    writer = scene.parents[0]
    await writer.forges(f"st.new:{scene.school.id}")
    await writer.says(TRIP)
    await writer.taps("Next")
    await writer.taps("No")
    await writer.taps("Send")
    await scene.coordinator.taps("Publish")
    await world.later(days=1)
    assert TRIP in await drafted(scene.coordinator, "This quarter")
    await scene.coordinator.taps("Send to everybody")
    await scene.coordinator.taps("Yes, send it")
    await world.later(seconds=4)
    assert TRIP in await drafted(scene.coordinator, "This quarter")  # one more, which stays a draft
    reader = scene.parents[1]
    assert TRIP in reader.last.text
    await writer.taps("Withdraw it")
    await writer.taps("Yes, take it back")
    await world.later(seconds=4)
    assert reader.last.text.startswith("✏️ Corrected")
    assert "The new library is open" in reader.last.text
    assert TRIP not in reader.last.text
    assert TRIP not in str(await world.rows("SELECT items, ours FROM newsletters, announcements"))


async def takes_back(author: Talker, number: int, language: str) -> None:
    """A leader, not its writer, takes what was announced back."""
    await author.forges(f"a.back:{number}")
    await author.taps({"en": "Yes, take it back", "kk": "Иә, қайтарып алу", "uk": "Так, видалити"}[language])


@pytest.mark.row("B5")
@pytest.mark.row("B8_bad_empty")
@pytest.mark.parametrize(
    ("language", "send", "yes", "gone"),
    [
        ("en", "Send to everybody", "Yes, send it", "What it told of was taken back"),
        ("uk", "Надіслати всім", "Так, надіслати", "Те, про що йшлося, відкликано"),
    ],
)
async def test_what_a_leader_takes_back_goes_out_in_no_newsletter_and_leaves_those_that_went(
    world: World, language: str, send: str, yes: str, gone: str
) -> None:
    scene = await school(world)
    writer, reader = scene.parents
    await writer.forges(f"st.new:{scene.school.id}")
    await writer.says(TRIP)
    await writer.taps("Next")
    await writer.taps("No")
    await writer.taps("Send")
    await scene.coordinator.taps("Publish")
    await scene.coordinator.says("/announce The library is open")
    await scene.coordinator.taps("Whole: School")
    await scene.coordinator.taps("Send")
    await world.later(seconds=4)
    await scene.coordinator.forges(f"lang.is:{language}:home")
    await scene.coordinator.says("/newsletter")
    await scene.coordinator.forges(f"nl.new:{scene.school.id}:this_month")
    await scene.coordinator.taps(send)
    await scene.coordinator.taps(yes)
    await world.later(seconds=4)
    await scene.coordinator.says("/newsletter")
    draft = await scene.coordinator.forges(f"nl.new:{scene.school.id}:this_month")
    assert TRIP in draft
    assert "The library is open" in draft
    assert TRIP in reader.last.text
    await scene.coordinator.taps(send)
    for number in (1, 2):  # between the preview and the yes
        await takes_back(scene.coordinator, number, language)
    assert gone in await scene.coordinator.forges("nl.send.yes:2")
    assert gone in await scene.coordinator.forges("nl.send:2")
    for _ in range(4):  # each change is told in its turn
        await world.later(seconds=2)
    assert reader.last.text.startswith("✏️ Corrected")
    for withdrawn in (TRIP, "The library is open"):
        assert [one.text for one in reader.messages if withdrawn in one.text] == []
        assert withdrawn not in str(await world.rows("SELECT items, ours FROM newsletters, announcements"))
    assert len(await world.rows("SELECT id FROM newsletters WHERE state = 'draft'")) == 1


@pytest.mark.row("B5")
@pytest.mark.row("B8")
@pytest.mark.parametrize(
    ("language", "fix", "done"), [("en", "Correct it", "Corrected."), ("kk", "Түзету", "Түзетілді.")]
)
async def test_what_is_corrected_is_corrected_in_drafts_and_in_those_that_went(
    world: World, language: str, fix: str, done: str
) -> None:
    scene = await school(world)
    reader = scene.parents[0]
    await scene.coordinator.says("/announce The trip is on Monday")
    await scene.coordinator.taps("Whole: School")
    await scene.coordinator.taps("Send")
    await drafted(scene.coordinator, "This month")
    await scene.coordinator.taps("Send to everybody")
    await scene.coordinator.taps("Yes, send it")
    await drafted(scene.coordinator, "This month")
    await world.later(seconds=4)
    assert "The trip is on Monday" in reader.last.text
    await scene.coordinator.forges(f"lang.is:{language}:home")
    await scene.coordinator.forges("a.fix:1")
    await scene.coordinator.says("The trip is on Tuesday")
    await scene.coordinator.taps(fix)
    assert any(one.text.startswith(done) for one in scene.coordinator.messages)
    for _ in range(4):
        await world.later(seconds=2)
    assert reader.last.text.startswith("✏️ Corrected")
    assert "The trip is on Tuesday" in reader.last.text
    assert "Tuesday" in await scene.coordinator.forges("nl.back:2")
    assert reader.last.labels[-1] == "As a PDF"
    await takes_back(scene.coordinator, 2, language)
    assert "This newsletter was taken back" in await reader.forges("nl.paper:1")
    await world.later(seconds=4)
    assert not any("Monday" in one.text for one in reader.messages)


@pytest.mark.row("B8_bad_nothing")
async def test_a_time_in_which_nothing_happened(world: World) -> None:
    scene = await school(world)
    assert "Nothing happened here in this time" in await drafted(scene.coordinator, "Last quarter")
    assert await world.rows("SELECT id FROM newsletters") == []


@pytest.mark.row("B8")
async def test_nothing_of_the_hotline_is_in_a_newsletter(world: World) -> None:
    scene = await hotline(world)
    await taken(scene, "They take my money.")
    await world.later(hours=1)
    assert "Nothing happened here in this time" in await drafted(scene.school.coordinator, "This month")


@pytest.mark.row("B8_bad_empty")
async def test_a_newsletter_with_everything_left_out_is_not_sent(world: World) -> None:
    scene = await lived(world)
    await drafted(scene.coordinator, "This quarter")
    for label in ("1", "2", "3", "4", "5", "Later", "6"):
        await scene.coordinator.taps(label)
    assert "Everything is left out" in await scene.coordinator.taps("Send to everybody")
    assert "Everything is left out" in await scene.coordinator.forges("nl.send.yes:1")
    assert "can't do this here" in await scene.coordinator.forges("nl.drop:1:99:1")
    await scene.coordinator.taps("Earlier")
    assert "2. (left out)" not in await scene.coordinator.taps("2")


@pytest.mark.row("B8_bad_forged")
async def test_only_who_coordinates_makes_one_and_nobody_else_sees_the_draft(world: World) -> None:
    scene = await lived(world)
    await drafted(scene.coordinator)
    other = await add_member(world, scene.other_school, Role.COORDINATOR, "Other")
    for one in (scene.head, scene.parents[0], other):
        for data in ("nl.drop:1:0:1", "nl.open:1", "nl.send:1", "nl.send.yes:1", "nl.back:1", "nl.paper:1"):
            assert "can't do this here" in await one.forges(data)
        assert "can't do this here" in await one.forges(f"nl.new:{scene.school.id}:this_month")
    assert "can't do this here" in await scene.coordinator.forges(f"nl.new:{scene.school.id}:ever")


@pytest.mark.row("B8")
async def test_every_reader_gets_it_in_her_language(world: World) -> None:
    scene = await lived(world, language="uk")
    reader = await add_member(world, scene.class_b, Role.PARENT, "Aysel", "az")
    await drafted(scene.coordinator, "Минулий місяць", "Уся спільнота: Школа")
    await scene.coordinator.taps("Надіслати всім")
    await scene.coordinator.taps("Так, надіслати")
    await world.later(seconds=4)
    assert "Новини спільноти" in scene.parents[0].last.text
    assert "İcma xəbərləri" in reader.last.text
