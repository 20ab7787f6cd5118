"""C1, C2 and the file of C4: a meeting is called, answered, moved, cancelled, found again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event

import storage.communities
import storage.persons
import storage.rsvps
from bot.render import moment
from domain.roles import Role
from jobs.announcements import expand_outgoings
from sandbox import Fault, Message
from tests.cast import Talker, World
from tests.scenes import School, add_member, belong, group, person_id_of, school

LINE = "2026-12-07 18:00 First joint meeting"
AT = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)  # 18:00 in Baku, a Monday


async def called(scene: School, line: str = LINE) -> None:
    """The head of class 5A calls it, and everybody has the card."""
    await scene.head.says(f"/meeting {line}")
    await scene.head.taps("Call it")
    await scene.world.tick()


async def steps(talker: Talker, *said: str) -> str:
    """Answers a form: words are said, and "[Label]" is tapped. Returns what was heard last."""
    heard = ""
    for one in said:
        heard = await (talker.taps(one[1:-1]) if one.startswith("[") else talker.says(one))
    return heard


def card(talker: Talker) -> Message:
    """The meeting's card in a private chat: the oldest message with the buttons of an answer."""
    return next(message for message in talker.messages if "Going" in message.labels)


def has_card(talker: Talker) -> bool:
    return any("Going" in message.labels for message in talker.messages)


async def meeting_id(world: World) -> int:
    return int((await world.rows("SELECT MAX(id) AS id FROM meetings"))[0]["id"])


async def answers(world: World) -> list[str]:
    return [row["answer"] for row in await world.rows("SELECT answer FROM rsvps ORDER BY person_id")]


async def lives_in(world: World, talker: Talker, zone: str) -> None:
    async with world.birge.database.writing() as db:
        await storage.persons.save_zone(db, await person_id_of(world, talker), zone)


# --- calling it -------------------------------------------------------------------------------------------------------


@pytest.mark.row("C1")
async def test_one_line_is_shown_in_words_and_nobody_hears_of_it_before_the_tap(world: World) -> None:
    scene = await school(world)
    review = await scene.head.says(f"/meeting {LINE}")
    assert "\u2068First joint meeting\u2069" in review
    assert "Monday, 7 December 2026, 18:00" in review
    await world.tick()
    assert not has_card(scene.parents[0])
    assert "I am telling 4 people" in await scene.head.taps("Call it")
    await world.tick()
    for one in (scene.head, *scene.parents, *scene.pupils):
        assert "Monday, 7 December 2026, 18:00" in card(one).text
    for one in (scene.outsider, scene.coordinator, scene.owner):
        assert not has_card(one)


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("az", "7 dekabr 18:00 Birinci görüş"),
        ("kk", "7 желтоқсан 18:00 Бірінші кездесу"),
        ("ru", "в понедельник, 7 декабря, в 18:00 Первая встреча"),
        ("uk", "7 грудня о 18:00 Перша зустріч"),
        ("en", "7 December at 6 pm First meeting"),
    ],
)
async def test_each_language_calls_a_meeting_in_its_own_words(world: World, language: str, words: str) -> None:
    scene = await school(world, language=language)
    review = await scene.head.says(f"/meeting {words}")
    assert moment(AT, language, "Asia/Baku") in review
    assert f"\u2068{' '.join(words.split()[-2:])}\u2069" in review
    await scene.head.taps(scene.head.labels[0])
    await world.tick()
    assert moment(AT, language, "Asia/Baku") in scene.parents[0].last.text


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("az", "sabah saat 18:00 Görüş"),
        ("kk", "ертең 18:00 Кездесу"),
        ("ru", "завтра в 18:00 Встреча"),
        ("uk", "завтра о 18:00 Зустріч"),
        ("en", "tomorrow at 18:00 Meeting"),
    ],
)
async def test_tomorrow_is_the_communitys_tomorrow(world: World, language: str, words: str) -> None:
    scene = await school(world, language=language)
    review = await scene.head.says(f"/meeting {words}")
    assert moment(datetime(2026, 12, 2, 14, 0, tzinfo=UTC), language, "Asia/Baku") in review


@pytest.mark.row("C1")
async def test_by_buttons_alone_but_for_the_title(world: World) -> None:
    scene = await school(world)
    assert "What kind" in await scene.head.says("/meeting")
    assert "On which day?" in await scene.head.taps("Training")
    assert "Wednesday, 2 December 2026" in await scene.head.taps("Tomorrow")
    review = await steps(scene.head, "[18:00]", "Reading aloud", "[Skip]", "[Skip]", "[No limit]", "[Everybody]")
    assert "Training: \u20685A\u2069" in review
    assert "Wednesday, 2 December 2026, 18:00" in review
    await scene.head.taps("Call it")
    await world.tick()
    assert "Reading aloud" in card(scene.pupils[0]).text


@pytest.mark.row("C1")
async def test_everything_in_words_with_an_end_a_place_and_an_agenda(world: World) -> None:
    scene = await school(world)
    await steps(
        scene.head, "/meeting", "[Webinar]", "7 December", "18:30-20:00", "How to help", "https://example.org/x?a=1"
    )
    review = await steps(scene.head, "Aysel, Rauf", "Speaker: Aysel\nQuestions at the end", "25", "[Parents]")
    assert "Speakers: \u2068Aysel, Rauf\u2069" in review
    assert "Monday, 7 December 2026, 18:30 – 20:00" in review
    assert "Where: https://example.org/x?a=1" in review
    assert "Speaker: Aysel\nQuestions at the end" in review
    assert "For: Parents" in review
    assert "Places: 25" in review
    await scene.head.taps("Call it")
    await world.tick()
    assert "18:30 – 20:00" in card(scene.parents[0]).text
    assert not has_card(scene.pupils[0])


@pytest.mark.row("C1")
async def test_day_and_hour_can_be_said_at_once_and_taken_back(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Dialogue]")
    assert "title" in await scene.head.says("7 dekabr 18:00")
    assert "On which day?" in await scene.head.taps("Back")
    assert "At what time?" in await scene.head.says("8 декабря")
    assert "On which day?" in await scene.head.taps("Back")
    review = await steps(scene.head, "9 December 10:15", "Talk", "In room 5", "[Skip]", "[30]", "[Everybody]")
    assert "Wednesday, 9 December 2026, 10:15" in review
    assert "Where: \u2068In room 5\u2069" in review


@pytest.mark.row("C1")
async def test_what_one_goes_back_from_has_no_buttons_any_more(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting 7 dekabr 18:00 Talk", "[Parts]", "18:15 Reading")
    assert with_buttons(scene.head) == ["Saved."]
    for behind in ("[Next]", "[Parts]", "[Back]", "[Reminders]", "[Back]"):
        await steps(scene.head, behind)
        assert len(with_buttons(scene.head)) == 1
    await steps(scene.head, "[Cancel]", "/meeting", "[Dialogue]", "7 dekabr", "[Back]")
    assert with_buttons(scene.head) == ["On which day?"]


def with_buttons(talker: Talker) -> list[str]:
    """The questions that can be tapped, by their first words."""
    questions = ("What kind", "On which day?", "At what time?", "Saved.", "Please check", "Write each", "When shall")
    found = [message.text for message in talker.messages if message.labels]
    return [first for text in found for first in questions if text.startswith(first)]


@pytest.mark.row("C1")
async def test_a_second_line_is_the_agenda(world: World) -> None:
    scene = await school(world)
    review = await scene.head.says("/meeting 2026-12-07 18:00 Council\nBudget\nElections")
    assert "\u2068Council\u2069" in review
    assert "Budget\nElections" in review


@pytest.mark.row("C1_bad_past")
@pytest.mark.parametrize("line", ["2020-12-07 18:00 First joint meeting", "yesterday 18:00 First joint meeting"])
async def test_a_past_date_is_asked_again_with_an_example(world: World, line: str) -> None:
    scene = await school(world)
    heard = await scene.head.says(f"/meeting {line}")
    assert "This time is past already" in heard
    assert "Tuesday, 8 December 2026, 18:00" in heard
    assert "Monday, 7 December 2026, 18:00" in await scene.head.says(LINE)
    assert "The meeting is called" in await scene.head.taps("Call it")


@pytest.mark.row("C1_bad_past")
async def test_a_past_date_in_the_form_is_asked_again_and_the_rest_stays(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Study visit]")
    heard = await scene.head.says("30 November 2026 18:00")
    assert "This time is past already" in heard
    assert "For example: Tuesday, 8 December 2026, 18:00" in heard
    assert "This time is past already" in await steps(scene.head, "[Today]", "8:15")
    assert "For example: 18:30" in await scene.head.says("25:00")
    review = await steps(scene.head, "15:30", "Visit", "[Skip]", "[Skip]", "[Skip]", "[No limit]", "[Everybody]")
    assert "Study visit: \u20685A\u2069" in review
    assert "Tuesday, 1 December 2026, 15:30" in review


@pytest.mark.row("C1_bad_end_before_start")
async def test_an_end_before_the_start_is_asked_again_with_an_example(world: World) -> None:
    scene = await school(world)
    heard = await scene.head.says("/meeting 7 December 18:00-17:00 Meeting")
    assert "It would end before it begins" in heard
    assert "For example" in heard
    heard = await steps(scene.head, "/meeting", "[Training]", "7 December", "18:00-17:00")
    assert "It would end before it begins" in heard
    assert "For example: 18:30" in heard


@pytest.mark.row("C1_bad_unknown_time")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("in the evening", "can't find a date"),
        ("7 December in the evening", "can't find an hour"),
        ("7 December 18:00 Mars time", "I did not understand this part: \u2068Mars time\u2069"),
        ("7 December 18:00 Kyiv time", "local time of the meeting place"),
        ("every Friday 18:00", "one date at a time"),
        ("Friday, 7 December, 18:00", "don't belong together"),
    ],
)
async def test_an_unknown_time_is_asked_again_with_an_example(world: World, words: str, why: str) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Training]")
    heard = await scene.head.says(words)
    assert why in heard
    assert "For example: Tuesday, 8 December 2026, 18:00" in heard
    assert "title" in await scene.head.says("Tuesday, 8 December 2026, 18:00")


@pytest.mark.row("C1_bad_unknown_time")
async def test_a_line_without_a_date_is_asked_for_one_and_offered_as_the_title(world: World) -> None:
    scene = await school(world)
    assert "can't find a date" in await scene.head.says("/meeting Parents and teachers together")
    await scene.head.says("7 December 18:00")
    review = await scene.head.taps("Parents and teachers together")
    assert "\u2068Parents and teachers together\u2069" in review


@pytest.mark.row("C1_bad_unknown_time")
async def test_an_hour_alone_is_asked_for_the_day(world: World) -> None:
    scene = await school(world)
    assert "can't find a date" in await scene.head.says("/meeting 18:00")
    assert "At what time?" in await scene.head.says("7 December")


async def test_a_title_that_does_not_fit_is_asked_again(world: World) -> None:
    scene = await school(world)
    assert "too long" in await scene.head.says(f"/meeting 7 December 18:00 {'x' * 101}")
    assert "at most 100 characters" in await scene.head.says("…")
    assert "\u2068Short\u2069" in await scene.head.says("Short")
    assert "What is its title" in await scene.head.says("/meeting 7 December 18:00")


async def test_answers_that_do_not_fit_are_asked_again(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Training]", "7 December 18:00", "Reading")
    assert "at most 200" in await scene.head.says("x" * 201)
    assert "at most 1500" in await steps(scene.head, "[Skip]", "x" * 1501)
    for wrong in ("0", "many", "-3", "100001", "²"):
        assert "whole number" in await steps(scene.head, *(["[Skip]"] if wrong == "0" else []), wrong)
    assert "Who is it for?" in await scene.head.says("100000")
    assert "tap one of the buttons" in await scene.head.says("my friends")


async def test_only_hours_that_are_still_ahead_are_offered(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Training]", "[Today]")
    assert "9:00" not in scene.head.labels
    assert "10:00" in scene.head.labels
    await world.at(datetime(2026, 12, 1, 18, 50, tzinfo=UTC))
    await steps(scene.head, "/meeting", "[Training]")
    assert "Today" not in scene.head.labels
    assert scene.head.labels[0] == "Tomorrow"


@pytest.mark.row("C1")
async def test_the_day_and_the_hour_are_tapped_on_a_calendar(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Training]", "[Tomorrow]", "[Back]")
    assert scene.head.labels[:5] == ["Today", "Tomorrow", "·", "Dec 2026", "›"]
    assert "tap a day with a number" in await steps(scene.head, "[·]")
    await steps(scene.head, "[›]")
    assert "Jan 2027" in scene.head.labels
    assert "Tuesday, 19 January 2027" in await steps(scene.head, "[19]")
    await steps(scene.head, "[:30]")
    assert scene.head.labels[0] == "7:30"
    review = await steps(scene.head, "[18:30]", "Reading", "[Skip]", "[Skip]", "[No limit]", "[Everybody]")
    assert "Tuesday, 19 January 2027, 18:30" in review


async def test_a_forged_day_or_page_is_no_answer(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Training]")
    token = (await world.rows("SELECT MAX(token) AS token FROM conversations"))[0]["token"]
    for forged in ("2026-11-30", "2029-01-01", "9999-99-99", "x", "2026-12-7"):
        assert "earlier question" in await scene.head.forges(f"f:{token}:is:{forged}")
    await scene.head.forges(f"f:{token}:turn:0000-00")
    assert scene.head.find("Dec 2026").labels[0] == "Today"
    await steps(scene.head, "[Tomorrow]")
    assert "earlier question" in await scene.head.forges(f"f:{token + 1}:is:0310")


async def test_a_review_that_was_read_too_long_is_not_called(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/meeting 1 December 10:00 Now")
    await world.later(hours=2)
    assert "past by now" in await scene.head.taps("Call it")
    assert await world.rows("SELECT 1 FROM meetings") == []


async def test_two_taps_call_it_once(world: World) -> None:
    scene = await school(world)
    await scene.head.says(f"/meeting {LINE}")
    review = scene.head.last
    world.sandbox.taps(scene.head.person, review, "Call it")
    world.sandbox.taps(scene.head.person, review, "Call it")
    await world.settle()
    await world.tick()
    assert len(await world.rows("SELECT 1 FROM meetings")) == 1
    assert [message.text for message in scene.parents[0].messages].count(card(scene.parents[0]).text) == 1


@pytest.mark.row("C1")
async def test_only_those_who_lead_call_meetings(world: World) -> None:
    scene = await school(world)
    assert "You can't do this here" in await scene.parents[0].says(f"/meeting {LINE}")
    assert "You can't do this here" in await scene.parents[0].forges("meeting")
    assert "Which one" in await scene.coordinator.says(f"/meeting {LINE}")
    review = await scene.coordinator.taps("5B")
    assert "Joint meeting: \u20685B\u2069" in review
    await scene.coordinator.taps("Call it")
    await world.tick()
    assert not has_card(scene.parents[0])


async def test_from_the_list_of_meetings_too(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/meetings")
    assert "What kind" in await scene.head.taps("Call a meeting")
    await scene.parents[0].says("/meetings")
    assert "Call a meeting" not in scene.parents[0].labels


@pytest.mark.row("C1")
async def test_times_are_shown_in_each_readers_own_zone(world: World) -> None:
    scene = await school(world)
    await lives_in(world, scene.head, "Europe/Kyiv")
    await lives_in(world, scene.parents[0], "Europe/Kyiv")
    review = await scene.head.says(f"/meeting {LINE}")
    assert "When: Monday, 7 December 2026, 18:00" in review
    assert "In your own time: Monday, 7 December 2026, 16:00" in review
    await scene.head.taps("Call it")
    await world.tick()
    assert "16:00" in card(scene.parents[0]).text
    assert "18:00" in card(scene.parents[1]).text


async def test_a_kyiv_class_means_kyivs_wall_time(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        await storage.communities.save_zone(db, scene.class_a.id, "Europe/Kyiv")
    await called(scene)
    assert (await world.rows("SELECT starts_at FROM meetings"))[0]["starts_at"] == 1796659200_000_000  # 16:00 UTC
    assert "20:00" in card(scene.parents[0]).text  # who lives in Baku


# --- the group --------------------------------------------------------------------------------------------------------


@pytest.mark.row("C2")
async def test_the_group_has_one_silent_card_with_counts_and_no_names(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await called(scene)
    posted = chat.visible[-1]
    assert posted.silent
    assert "Going: 0" in posted.text
    heard = await scene.pupils[0].taps("Going", chat)
    assert "Your answer: you are going" in heard
    await world.later(seconds=4)
    assert "Going: 1" in posted.text
    assert "Pupil0" not in posted.text
    assert "Your answer: you are going" in card(scene.pupils[0]).text
    assert "With guests? Then tap how many." in card(scene.pupils[0]).text
    assert posted.labels == ["Going", "Can't", "Maybe"]


@pytest.mark.row("C2")
async def test_the_live_card_is_edited_at_most_once_in_three_seconds(world: World) -> None:
    scene = await school(world, parents=5)
    chat = await group(scene, scene.class_a)
    await called(scene)
    posted = chat.visible[-1]
    for parent in scene.parents:
        await parent.taps("Going", chat)
    edits = [
        call
        for call in world.sandbox.calls
        if call.method == "editMessageText" and int(call.params["chat_id"]) == chat.id
    ]
    assert len(edits) <= 1
    await world.later(seconds=4)
    assert "Going: 5" in posted.text
    assert "Going: 5" in scene.head.find("Move").text


@pytest.mark.row("C2")
async def test_once_it_has_begun_the_card_in_the_group_asks_nobody(world: World) -> None:
    scene = await school(world, parents=5)
    chat = await group(scene, scene.class_a)
    await called(scene)
    posted = chat.visible[-1]
    await scene.parents[0].taps("Going", chat)
    await world.at(AT - timedelta(minutes=1))
    assert posted.labels == ["Going", "Can't", "Maybe"]
    await world.at(AT + timedelta(minutes=1))
    assert posted.labels == []
    assert "Going: 1" in posted.text
    edits = len(world.sandbox.calls)
    await world.later(minutes=5)
    assert [call.method for call in world.sandbox.calls[edits:] if call.method == "editMessageText"] == []


async def test_a_tap_in_the_group_by_somebody_else_is_refused(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a, [scene.outsider])
    await called(scene)
    assert "You can't do this here" in await scene.outsider.taps("Going", chat)
    assert await answers(world) == []


async def test_what_belongs_to_the_private_chat_does_not_work_in_the_group(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await called(scene)
    number = await meeting_id(world)
    for data in (f"mt.ics:{number}", f"mt.who:{number}", f"mt.guests:{number}:1", f"mt:{number}"):
        assert "private chat" in await scene.parents[0].forges(data, chat)


@pytest.mark.row("C1")
@pytest.mark.parametrize(("tapped", "posted"), [("Yes", 1), ("No", 0)])
async def test_a_meeting_for_some_is_posted_to_the_group_only_if_wished(world: World, tapped: str, posted: int) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    before = len(chat.visible)
    await steps(scene.head, "/meeting", "[Training]", "7 December 18:00", "Reading", "[Skip]", "[Skip]", "[No limit]")
    assert "group chat" in await scene.head.taps("Parents, teachers")
    review = await scene.head.taps(tapped)
    assert ("The group chat will see it too" in review) == bool(posted)
    await scene.head.taps("Call it")
    await world.tick()
    assert len(chat.visible) - before == posted
    assert has_card(scene.head)
    if posted:
        assert "You can't do this here" in await scene.pupils[0].taps("Going", chat)
        await scene.parents[0].taps("Going", chat)
        assert await answers(world) == ["accepted"]


# --- answering --------------------------------------------------------------------------------------------------------


@pytest.mark.row("C2")
async def test_an_answer_changes_her_card_in_place_and_the_organisers_counts(world: World) -> None:
    scene = await school(world)
    await called(scene)
    mother, before = scene.parents[0], len(scene.parents[0].messages)
    for label, stands, counted in (
        ("Going", "you are going.", "Going: 1"),
        ("Going", "", "Going: 1"),
        ("Maybe", "maybe", "Maybe: 1"),
        ("Can't", "you can't come", "Can't come: 1"),
        ("Going", "you are going.", "Going: 1"),
    ):
        assert stands in await mother.taps(label, message=card(mother))
        await world.later(seconds=4)
        assert counted in scene.head.find("Move").text
    assert len(mother.messages) == before
    assert await answers(world) == ["accepted"]


@pytest.mark.row("C2")
async def test_guests_are_counted_and_survive_a_second_going(world: World) -> None:
    scene = await school(world)
    await called(scene)
    mother = scene.parents[0]
    await mother.taps("Going")
    assert "with 2 guests" in await mother.taps("+2")
    await mother.taps("Going")
    assert "with 2 guests" in card(mother).text
    await world.later(seconds=4)
    assert "Their guests: 2" in scene.head.find("Move").text
    assert "with 1 guest." in await mother.taps("+1")
    assert "you are going." in await mother.taps("No guests")
    await steps(mother, "[+3]", "[Maybe]", "[Going]")
    assert "you are going." in card(mother).text


@pytest.mark.parametrize(
    "data", ["mt.guests:{}:999", "mt.guests:{}:-1", "mt.guests:{}:x", "mt.guests:{}", "mt.rsvp:{}"]
)
async def test_forged_guests_and_answers_change_nothing(world: World, data: str) -> None:
    scene = await school(world)
    await called(scene)
    await scene.parents[0].taps("Going")
    assert "You can't do this here" in await scene.parents[0].forges(data.format(await meeting_id(world)))
    rows = await world.rows("SELECT answer, guests FROM rsvps")
    assert [tuple(row) for row in rows] == [("accepted", 0)]


@pytest.mark.parametrize("number", ["999", "0", "-1", "x", "", "9" * 19, "9" * 18, "1' OR 1", "٣"])
async def test_forged_meetings_are_refused(world: World, number: str) -> None:
    scene = await school(world)
    await called(scene)
    for route in ("mt", "mt.rsvp", "mt.guests", "mt.ics", "mt.who", "mt.off.yes", "mt.move", "mt.remind.is"):
        press = f"{route}:{number}:yes"[:64]
        assert "You can't do this here" in await scene.parents[0].forges(press)


async def test_guests_need_an_answer_first(world: World) -> None:
    scene = await school(world)
    await called(scene)
    number = await meeting_id(world)
    assert "tap “Going” first" in await scene.parents[0].forges(f"mt.guests:{number}:1")
    await scene.parents[0].taps("Maybe")
    assert "tap “Going” first" in await scene.parents[0].forges(f"mt.guests:{number}:1")


async def with_places(scene: School, places: str) -> None:
    await steps(scene.head, "/meeting", "[Training]", "7 December 18:00", "Reading", "[Skip]", "[Skip]", places)
    await steps(scene.head, "[Everybody]", "[Call it]")
    await scene.world.tick()


@pytest.mark.row("C2")
async def test_a_full_meeting_has_a_waiting_list_and_the_first_in_line_is_promoted_and_told(world: World) -> None:
    scene = await school(world, parents=4)
    await with_places(scene, "1")
    one, two, three, four = scene.parents
    await one.taps("Going")
    assert "waiting list, place 1" in await two.taps("Going")
    assert "waiting list, place 2" in await three.taps("Going")
    assert "place 1" in await two.taps("Going")  # once more: she keeps hers
    assert "place 3" in await four.taps("Going")
    assert "+1" not in card(two).labels
    await three.taps("Can't")
    await world.later(seconds=4)
    assert "Waiting list: 2" in scene.head.find("Move").text
    assert "Free places: 0" in scene.head.find("Move").text
    await one.taps("Maybe")
    told = two.last
    assert "A place has become free, and it is yours" in told.text
    assert not told.silent
    assert "you are going." in card(two).text
    assert "place 1" in await four.taps("Going")
    assert told.labels == ["Can't"]  # the way to give it on is where she reads of it
    await two.taps("Can't", message=told)
    assert "you can't come." in told.text
    assert "you can't come." in card(two).text
    assert "A place has become free" in four.last.text
    assert await answers(world) == ["tentative", "declined", "declined", "accepted"]


@pytest.mark.row("C2")
async def test_guests_count_towards_the_places(world: World) -> None:
    scene = await school(world, parents=3)
    await with_places(scene, "3")
    one, two, three = scene.parents
    await one.taps("Going")
    assert offered(one) == ["+1", "+2"]  # of three places
    await two.taps("Going")
    assert offered(two) == ["+1"]
    assert "not enough free places" in await one.taps("+2")  # of her card, which is older
    assert "you are going." in card(one).text
    await two.taps("+1")
    assert offered(two) == ["No guests"]
    assert "waiting list, place 1" in await three.taps("Going")
    await one.taps("Going")
    assert offered(one) == []
    assert "With guests?" not in card(one).text
    await steps(one, "/meetings", "[Reading]")
    assert "+1" not in one.labels
    await world.at(datetime(2026, 12, 6, 14, tzinfo=UTC))
    assert one.last.text.startswith("⏰")
    assert one.labels == ["Going", "Can't", "Maybe", "📅 Calendar"]  # nor does a reminder offer them
    await two.taps("No guests", message=card(two))
    assert any("it is yours" in message.text for message in three.messages)
    assert offered(three) == []
    await one.taps("Can't", message=card(one))
    assert offered(one) == []
    await two.taps("Going", message=card(two))
    assert offered(two) == ["+1"]  # it is free again


def offered(talker: Talker) -> list[str]:
    """The guests that her card lets her bring."""
    return [label for label in card(talker).labels if label.startswith("+") or label == "No guests"]


@pytest.mark.row("C2")
async def test_fifty_taps_for_the_last_place_give_it_to_one(world: World) -> None:
    scene = await school(world, parents=50, pupils=0)
    await with_places(scene, "1")
    for parent in scene.parents:
        world.sandbox.taps(parent.person, card(parent), "Going")
    await world.settle()
    assert sorted(await answers(world)) == ["accepted", *["waiting"] * 49]
    turns = await world.rows("SELECT DISTINCT turn FROM rsvps WHERE answer = 'waiting'")
    assert len(turns) == 49


async def test_at_the_storage_too_the_last_place_is_one_claim(world: World) -> None:
    scene = await school(world, parents=2)
    await with_places(scene, "2")
    number = await meeting_id(world)
    ids = [await person_id_of(world, one) for one in scene.parents]

    async def claims(person_id: int) -> bool:
        return await world.birge.database.transact(
            lambda db: storage.rsvps.take_place(db, number, person_id, 1, world.now)
        )

    assert sorted(await asyncio.gather(*map(claims, ids))) == [False, True]


async def test_whoever_left_the_class_is_not_promoted(world: World) -> None:
    scene = await school(world, parents=3)
    await with_places(scene, "1")
    one, two, three = scene.parents
    for parent in (one, two, three):
        await parent.taps("Going")
    await leaves(world, two)
    await one.taps("Can't")
    assert "it is yours" in three.last.text
    assert "it is yours" not in two.last.text
    assert await answers(world) == ["declined", "accepted"]


async def leaves(world: World, talker: Talker) -> None:
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, talker)
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person_id)


async def test_a_promotion_at_night_makes_no_sound(world: World) -> None:
    scene = await school(world)
    await with_places(scene, "1")
    async with world.birge.database.writing() as db:
        await storage.persons.save_quiet_hours(db, await person_id_of(world, scene.parents[1]), 22 * 60, 7 * 60)
    await world.at(datetime(2026, 12, 1, 19, 0, tzinfo=UTC))  # 23:00 in Baku
    await scene.parents[0].taps("Going")
    await scene.parents[1].taps("Going")
    await scene.parents[0].taps("Can't")
    assert "it is yours" in scene.parents[1].last.text
    assert scene.parents[1].last.silent


@pytest.mark.row("C2_bad_after_start")
async def test_after_the_start_answers_are_refused(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await called(scene)
    await scene.parents[0].taps("Going")
    in_group = chat.visible[-1].buttons[0].data
    await world.at(AT)
    for label in ("Going", "Can't", "Maybe", "+1"):
        assert "has begun already" in await scene.parents[0].taps(label, message=card(scene.parents[0]))
    assert "has begun already" in await scene.parents[1].forges(str(in_group), chat)  # a screen of before
    assert await answers(world) == ["accepted"]
    await world.later(days=365)
    assert "has begun already" in await scene.parents[0].taps("Can't", message=card(scene.parents[0]))


async def test_another_schools_meeting_is_refused(world: World) -> None:
    scene = await school(world)
    await called(scene)
    number = await meeting_id(world)
    for route in ("mt.rsvp:{}:yes", "mt.guests:{}:1", "mt.ics:{}", "mt:{}", "mt.who:{}", "mt.move:{}", "mt.manage:{}"):
        assert "You can't do this here" in await scene.outsider.forges(route.format(number))
    assert await answers(world) == []


async def test_the_same_update_twice_is_one_answer(world: World) -> None:
    scene = await school(world)
    await called(scene)
    world.sandbox.redeliver = True
    await scene.parents[0].taps("Going")
    await scene.parents[0].taps("+1")
    rows = await world.rows("SELECT answer, guests FROM rsvps")
    assert [tuple(row) for row in rows] == [("accepted", 1)]


async def test_when_the_organiser_no_longer_leads_she_sees_no_counts(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await leaves(world, scene.head)
    await scene.parents[0].taps("Going")
    await world.later(seconds=4)
    assert "Going: 0" in scene.head.find("Move").text


# --- the file for a calendar ------------------------------------------------------------------------------------------


async def file_of(talker: Talker) -> tuple[str, Event]:
    """The method, and the event, of the file that a tap on Calendar gives."""
    await talker.taps("Calendar", message=next(m for m in talker.messages if "📅 Calendar" in m.labels))
    media = talker.last.media
    assert media is not None
    assert media.name == "meeting.ics"
    parsed = Calendar.from_ical(media.data)
    return str(parsed["method"]), parsed.events[0]


@pytest.mark.row("C4")
async def test_the_file_keeps_its_name_and_counts_changes(world: World) -> None:
    scene = await school(world)
    await called(scene, "7 December 18:00-19:30 First joint meeting\nBudget")
    method, event = await file_of(scene.parents[0])
    assert method == "PUBLISH"
    assert event["sequence"] == 0
    assert str(event["summary"]) == "First joint meeting · 5A"
    assert str(event["description"]) == "Budget"
    assert event.start == AT
    assert event.decoded("dtstart").tzinfo.key == "Asia/Baku"
    assert (event.end - event.start).total_seconds() == 90 * 60
    uid = str(event["uid"])
    await steps(scene.head, "[Move]", "8 December 19:00", "[Move it]")
    await world.tick()
    _, moved = await file_of(scene.parents[0])
    assert (str(moved["uid"]), moved["sequence"]) == (uid, 1)
    assert moved.start == datetime(2026, 12, 8, 15, 0, tzinfo=UTC)
    assert (moved.end - moved.start).total_seconds() == 90 * 60  # it lasts as long as before
    await steps(scene.head, "[Cancel meeting]", "[Yes, cancel it]")
    await world.tick()
    method, gone = await file_of(scene.parents[0])
    assert (method, str(gone["uid"]), gone["sequence"], str(gone["status"])) == ("CANCEL", uid, 2, "CANCELLED")


# --- what is ahead ----------------------------------------------------------------------------------------------------


@pytest.mark.row("C2")
async def test_the_list_shows_what_is_ahead_with_my_answer(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    assert "No meetings are planned" in await mother.says("/meetings")
    await called(scene)
    await called(scene, "8 December 18:00 Second")
    heard = await mother.says("/meetings")
    assert heard.index("First joint meeting") < heard.index("Second")
    assert heard.count("You have not answered yet") == 2
    opened = await mother.taps("Second")
    assert "Tuesday, 8 December 2026" in opened
    await mother.taps("Going")
    assert "Your answer: you are going." in mother.last.text
    heard = await mother.taps("All meetings")
    assert heard.count("Your answer: you are going.") == 1
    second = [one for one in mother.messages if "Second" in one.text and "Going" in one.labels]
    assert "Your answer: you are going." in second[0].text  # her own card, too
    await world.at(AT)
    heard = await mother.says("/meetings")
    assert "First joint meeting" not in heard
    assert "Second" in heard
    assert "No meetings" in await scene.outsider.says("/meetings")


async def test_who_called_a_meeting_for_others_is_not_told_that_she_owes_an_answer(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Training]", "[Tomorrow]", "[18:00]", "Reading aloud")
    await steps(scene.head, "[Skip]", "[Skip]", "[No limit]", "[Parents]", "[Call it]")
    await world.tick()
    heard = await scene.head.says("/meetings")
    assert "Reading aloud" in heard
    assert "You have not answered yet" not in heard
    assert "You have not answered yet" in await scene.parents[0].says("/meetings")


async def test_the_list_turns_its_pages(world: World) -> None:
    scene = await school(world)
    for number in range(1, 8):
        await called(scene, f"{number + 6} December 18:00 Meeting {number}")
    assert "Meeting 3" in await scene.head.says("/meetings")
    assert "Meeting 4" not in scene.head.last.text
    heard = await scene.head.taps("Later")
    assert "Meeting 6" in heard
    assert "Meeting 3" not in heard
    assert "Meeting 1" in await scene.head.taps("Earlier")
    assert "Meeting 7" in await scene.head.forges("mt.all:99")  # there is no such page any more
    assert "Meeting 1" in await scene.head.forges("mt.all:x")


async def test_an_opened_meeting_that_is_over_is_refused(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await scene.parents[0].says("/meetings")
    await world.at(AT)
    assert "has begun already" in await scene.parents[0].taps("First joint meeting")


async def test_the_list_shows_those_above_what_they_called_or_answered_only(world: World) -> None:
    scene = await school(world)
    await called(scene)
    assert "No meetings" in await scene.coordinator.says("/meetings")
    await scene.coordinator.forges(f"mt.rsvp:{await meeting_id(world)}:yes")
    assert "First joint meeting" in await scene.coordinator.says("/meetings")
    await steps(scene.owner, "/meeting 9 December 18:00 Above", "[Nəsimi]", "[Məktəb 12]", "[5A]", "[Call it]")
    assert "Above" in await scene.owner.says("/meetings")
    assert "First joint" not in scene.owner.last.text


async def test_a_schools_meeting_is_for_its_classes(world: World) -> None:
    scene = await school(world)
    await steps(scene.coordinator, f"/meeting {LINE}", "[Whole: School]", "[Call it]")
    await world.tick()
    assert has_card(scene.parents[0])
    assert not has_card(scene.outsider)
    assert "First joint meeting" in await scene.pupils[0].says("/meetings")


@pytest.mark.row("C2")
async def test_whoever_joins_later_finds_it_and_can_answer(world: World) -> None:
    scene = await school(world)
    await called(scene)
    late = await add_member(world, scene.class_a, Role.PARENT, "Late")
    await world.tick()
    assert not has_card(late)
    await late.says("/meetings")
    await late.taps("First joint meeting")
    assert "you are going" in await late.taps("Going")
    assert await answers(world) == ["accepted"]


# --- the organiser ----------------------------------------------------------------------------------------------------


@pytest.mark.row("C2")
async def test_those_who_lead_see_who_answered_and_cannot_pass_it_on(world: World) -> None:
    scene = await school(world)
    await called(scene)
    assert "Nobody has answered yet" in await scene.head.taps("Who answered")
    await steps(scene.parents[0], "[Going]", "[+2]")
    await scene.parents[1].taps("Can't")
    await scene.pupils[0].taps("Maybe")
    heard = await scene.head.taps("Who answered")
    assert heard.index("Going\n\u2068Parent0\u2069, guests: 2") < heard.index("Maybe\n\u2068Pupil0\u2069")
    assert "Can't come\n\u2068Parent1\u2069" in heard
    assert scene.head.last.protected
    assert "You can't do this here" in await scene.parents[0].forges(f"mt.who:{await meeting_id(world)}")


async def test_many_names_come_in_pages(world: World) -> None:
    scene = await school(world, parents=42, pupils=0)
    await called(scene)
    for parent in scene.parents:
        world.sandbox.taps(parent.person, card(parent), "Going")
    await world.settle()
    assert (await scene.head.taps("Who answered")).count("Parent") == 40
    assert (await scene.head.taps("More")).count("Parent") == 2
    # Such a page is no more, or never was: the first one is shown.
    assert (await scene.head.forges(f"mt.who:{await meeting_id(world)}:{'9' * 18}")).count("Parent") == 40


async def test_another_leader_manages_it_from_the_list(world: World) -> None:
    scene = await school(world)
    await steps(scene.coordinator, f"/meeting {LINE}", "[5A]", "[Call it]")
    await world.tick()
    await steps(scene.head, "/meetings", "[First joint meeting]")
    assert "You can change this meeting here" in await scene.head.taps("Manage")
    await steps(scene.head, "[Move]", "8 December 19:00", "[Move it]")
    await world.tick()
    assert "8 December" in scene.coordinator.find("Who answered").text
    await steps(scene.parents[0], "/meetings", "[First joint meeting]")
    assert "Manage" not in scene.parents[0].labels


@pytest.mark.row("C3")
async def test_the_organiser_chooses_the_reminders(world: World) -> None:
    scene = await school(world)
    await called(scene, "21 December 18:00 Far")
    assert "Reminder: Monday, 14 December 2026, 18:00" in scene.head.find("Move").text
    await scene.head.taps("Reminders")
    assert "Reminders: A day before · An hour before" in await scene.head.taps("✓ A week before")
    await world.later(seconds=4)
    assert "14 December" not in scene.head.find("Move").text
    await scene.head.taps("✓ A day before")
    assert "No reminder will be sent" in await scene.head.taps("✓ An hour before")
    await world.later(seconds=4)
    assert "No reminder will be sent" in scene.head.find("Move").text
    assert "Reminders: A week before" in await scene.head.taps("A week before")
    rows = await world.rows("SELECT before, state FROM meeting_reminders ORDER BY id")
    assert [tuple(row) for row in rows] == [("day", "dropped"), ("hour", "dropped"), ("week", "waiting")]
    for forged in ("mt.remind.is:{}:year:on", "mt.remind.is:{}:day", "mt.remind.is:{}:day:maybe", "mt.remind.is:{}"):
        assert "You can't do this here" in await scene.head.forges(forged.format(await meeting_id(world)))


@pytest.mark.row("C3")
async def test_a_move_is_shown_done_and_told_once_to_all_but_decliners(world: World) -> None:
    scene = await school(world, parents=3)
    chat = await group(scene, scene.class_a, language="az")
    await called(scene)
    going, declining, silent = scene.parents
    await going.taps("Going")
    await declining.taps("Can't")
    heard = await steps(scene.head, "[Move]", "8 dekabr 19:00")
    assert "Old time: Monday, 7 December 2026, 18:00" in heard
    assert "New time: Tuesday, 8 December 2026, 19:00" in heard
    before = {one: len(one.messages) for one in scene.parents}
    assert "The meeting is moved" in await scene.head.taps("Move it")
    await world.tick()
    await world.tick()
    said = [one.params for one in world.sandbox.calls_of("sendMessage")]
    [notice] = [one for one in said if str(one["chat_id"]) == str(chat.id) and "⚠️" in str(one["text"])]
    assert notice.get("disable_notification")  # those in the group hear of it in private
    for one in (going, silent):
        assert len(one.messages) == before[one] + 1
        assert "A meeting has a new time" in one.last.text
        assert "Tuesday, 8 December 2026, 19:00" in one.last.text
        assert "Tuesday, 8 December 2026, 19:00" in card(one).text
    assert "Your answer: you are going." in going.last.text
    assert len(declining.messages) == before[declining]
    assert "Tuesday, 8 December 2026, 19:00" in card(declining).text
    await world.later(seconds=4)
    posted = [message.text for message in chat.visible if message.from_bot][-2:]
    assert "8 dekabr 2026, çərşənbə axşamı, 19:00" in posted[0]  # in the language of the class
    assert "8 dekabr 2026, çərşənbə axşamı, 19:00" in posted[1]
    assert "Tuesday, 8 December 2026, 19:00" in scene.head.find("Who answered").text


@pytest.mark.row("C3")
async def test_a_cancelled_meeting_is_told_to_all_but_decliners_and_takes_no_answers(world: World) -> None:
    scene = await school(world, parents=3)
    chat = await group(scene, scene.class_a)
    await called(scene)
    old = card(scene.parents[0])
    await scene.parents[1].taps("Can't")
    await scene.head.taps("Cancel meeting")
    assert "stays as it is" in await scene.head.taps("No, keep it")
    await scene.head.taps("Cancel meeting")
    asked = scene.head.last
    assert "everybody is being told" in await scene.head.taps("Yes, cancel it")
    await world.tick()
    await world.tick()
    assert "A meeting was cancelled" in scene.parents[0].last.text
    assert "cancelled" in old.text
    assert old.labels == ["📅 Calendar"]
    assert "A meeting was cancelled" not in scene.parents[1].last.text
    assert "was cancelled" in scene.parents[1].find("Calendar").text
    await world.later(seconds=4)
    assert "A meeting was cancelled" in chat.visible[-1].text
    assert "This meeting was cancelled" in chat.visible[-2].text
    assert chat.visible[-2].labels == []
    number = await meeting_id(world)
    for data in ("mt.rsvp:{}:yes", "mt.guests:{}:1"):
        assert "was cancelled" in await scene.parents[0].forges(data.format(number))
    for data in ("mt.move:{}", "mt.off:{}", "mt.off.yes:{}", "mt.remind:{}"):
        assert "was cancelled" in await scene.head.forges(data.format(number), message=asked)
    assert "No meetings" in await scene.parents[0].says("/meetings")
    assert scene.head.find("Who answered").labels == ["Who answered"]


async def test_a_move_is_refused_once_it_has_begun_or_was_cancelled(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await steps(scene.head, "[Move]", "8 December 19:00")
    review = scene.head.last
    await scene.coordinator.forges(f"mt.off.yes:{await meeting_id(world)}")
    assert "was cancelled" in await scene.head.taps("Move it", message=review)
    await called(scene, "1 December 18:00 Next")
    await steps(scene.head, "[Move]", "9 December 19:00")
    await world.at(datetime(2026, 12, 1, 14, 0, tzinfo=UTC))
    assert "has begun already" in await scene.head.taps("Move it")
    assert "has begun already" in await scene.head.forges(f"mt.off:{await meeting_id(world)}")


async def test_a_move_to_a_time_that_passes_while_it_is_read_is_refused(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await steps(scene.head, "[Move]", "1 December 10:00")
    await world.later(hours=2)
    assert "past by now" in await scene.head.taps("Move it")


async def test_of_two_who_move_it_at_the_same_time_one_is_told(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await steps(scene.head, "[Move]", "8 December 19:00")
    await scene.coordinator.forges(f"mt.move:{await meeting_id(world)}")
    await scene.coordinator.says("9 December 19:00")
    await scene.head.taps("Move it")
    assert "Somebody else has moved this meeting" in await scene.coordinator.taps("Move it")
    assert [tuple(row) for row in await world.rows("SELECT revision FROM meetings")] == [(1,)]


async def test_a_group_that_was_bound_later_stays_silent(world: World) -> None:
    scene = await school(world)
    await called(scene)
    chat = await group(scene, scene.class_a)
    before = len(chat.visible)
    await scene.parents[0].taps("Going")
    await steps(scene.head, "[Move]", "8 December 19:00", "[Move it]")
    await world.tick()
    assert len(chat.visible) == before


async def test_only_those_who_lead_move_and_cancel(world: World) -> None:
    scene = await school(world)
    await called(scene)
    number = await meeting_id(world)
    for data in ("mt.move:{}", "mt.off:{}", "mt.off.yes:{}", "mt.off.no:{}", "mt.remind:{}", "mt.remind.is:{}:day:off"):
        assert "You can't do this here" in await scene.parents[0].forges(data.format(number))
    assert (await world.rows("SELECT state, revision FROM meetings"))[0]["state"] == "called"


@pytest.mark.row("C3")
async def test_two_moves_in_a_row_are_one_notice(world: World) -> None:
    scene = await school(world)
    await called(scene)
    for when in ("8 December 19:00", "9 December 19:00"):
        await steps(scene.head, "[Move]", when, "[Move it]")
    await world.tick()
    await world.tick()
    told = [one.text for one in scene.parents[0].messages if "new time" in one.text]
    assert len(told) == 1
    assert "9 December" in told[0]


async def test_notices_go_to_those_who_know_of_it_and_still_belong(world: World) -> None:
    scene = await school(world)
    await called(scene)
    late = await add_member(world, scene.class_a, Role.PARENT, "Late")
    answered = await add_member(world, scene.class_a, Role.PARENT, "Answered")
    await answered.forges(f"mt.rsvp:{await meeting_id(world)}:maybe")
    await leaves(world, scene.parents[0])
    await steps(scene.head, "[Move]", "8 December 19:00", "[Move it]")
    await world.tick()
    assert "new time" not in late.last.text
    assert "new time" in answered.last.text
    assert "new time" not in scene.parents[0].last.text
    assert "new time" in scene.parents[1].last.text


async def test_a_moved_meetings_card_reaches_also_those_it_had_not_reached_yet(world: World) -> None:
    scene = await school(world)
    await scene.head.says(f"/meeting {LINE}")
    await scene.head.taps("Call it")  # no job has looked yet
    await steps(scene.head, "[Move]", "8 December 19:00", "[Move it]")
    await world.tick()
    await world.tick()
    assert "8 December" in card(scene.parents[0]).text
    rows: list[Any] = await world.rows("SELECT DISTINCT not_after FROM deliveries WHERE subject_kind = 'meeting'")
    assert [row["not_after"] for row in rows] == [1796742000_000_000]


async def test_somebody_who_is_in_two_classes_has_one_card(world: World) -> None:
    scene = await school(world)
    await belong(world, scene.parents[0], scene.class_b, Role.PARENT)
    await steps(scene.coordinator, f"/meeting {LINE}", "[Whole: School]", "[Call it]")
    await world.tick()
    assert len([one for one in scene.parents[0].messages if "Going" in one.labels]) == 1


@pytest.mark.row("C3")
async def test_one_moved_before_its_cards_went_out_has_its_new_time_on_them(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, f"/meeting {LINE}", "[Call it]", "[Move]", "8 December 17:00", "[Move it]")
    async with world.birge.database.writing() as db:
        await expand_outgoings(db, world.now)
    world.birge.sender.wake()
    await world.settle()
    assert "Tuesday, 8 December 2026, 17:00" in card(scene.parents[0]).text
    assert len(scene.parents[0].messages) == 2  # her welcome, and the card


@pytest.mark.row("C2")
@pytest.mark.parametrize("waits", [False, True])
async def test_a_group_that_became_a_supergroup_gets_the_card_anew_and_its_counts(world: World, waits: bool) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    if waits:  # until after the move
        world.sandbox.faults.append(Fault("sendMessage", chat_id=chat.id, status=429, retry_after=60, times=1))
    await called(scene)
    new = world.sandbox.upgrades(chat)
    await world.settle()
    await world.later(minutes=2)
    await scene.parents[0].taps("Going", new)
    await world.later(seconds=4)
    [posted] = [one for one in new.visible if "First joint meeting" in one.text]
    assert "Going: 1" in posted.text


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("language", "going", "nobody"),
    [("en", "Going: 1", "Nobody has answered"), ("uk", "Будуть: 1", "Ніхто ще не")],
)
async def test_who_left_is_neither_counted_nor_named_among_those_who_come(
    world: World, language: str, going: str, nobody: str
) -> None:
    scene = await school(world)
    await called(scene)
    await scene.head.forges(f"lang.is:{language}:home")
    stays, left = scene.parents
    await stays.taps("Going")
    await left.taps("Maybe")
    await leave(world, left)
    number = await meeting_id(world)
    heard = await scene.head.forges(f"mt.who:{number}")
    assert "Parent0" in heard
    assert "Parent1" not in heard
    assert "?" not in heard
    await leave(world, stays)
    await scene.head.forges(f"mt.manage:{number}")
    assert going not in scene.head.last.text
    assert nobody in await scene.head.forges(f"mt.who:{number}")
    await world.later(seconds=4)
    assert await answers(world) == []


async def leave(world: World, talker: Talker) -> None:
    person_id = await person_id_of(world, talker)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person_id)
