"""C1 and C3: meetings of each kind ask what they need; those that recur; the reminders chosen with the rest."""

from datetime import UTC, datetime

import pytest

import storage.communities
from tests.cast import World
from tests.conversations.test_meetings import card, has_card, steps
from tests.scenes import School, school

WEEKLY = ("[🔁 Repeat]", "[Every week]")


async def in_kyiv(world: World) -> School:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        await storage.communities.save_zone(db, scene.class_a.id, "Europe/Kyiv")
    return scene


async def starts(world: World) -> list[datetime]:
    rows = await world.rows("SELECT starts_at FROM meetings WHERE state = 'called' ORDER BY starts_at")
    return [datetime.fromtimestamp(row["starts_at"] / 1_000_000, UTC) for row in rows]


# --- recurring --------------------------------------------------------------------------------------------------------


@pytest.mark.row("C1")
async def test_a_weekly_meeting_keeps_its_wall_time_over_the_change_of_the_clocks(world: World) -> None:
    scene = await in_kyiv(world)
    await world.at(datetime(2027, 3, 15, 8, tzinfo=UTC))
    await scene.head.says("/meeting 20 March 18:00 Choir")
    review = await steps(scene.head, *WEEKLY, "[4]")
    assert "Every week" in review
    assert "Meetings in all: 4. The last one: Saturday, 10 April 2027, 18:00" in review
    await steps(scene.head, "[Call it]")
    assert [at.hour for at in await starts(world)] == [16, 16, 15, 15]
    await world.tick()
    parent = scene.parents[0]
    assert sum("Choir" in message.text for message in parent.messages) == 1
    assert "Every week" in card(parent).text
    await parent.says("/meetings")
    assert parent.labels[:2] == ["20 Mar 2027: Choir", "27 Mar 2027: Choir"]  # which is which
    await world.at(datetime(2027, 3, 20, 16, 1, tzinfo=UTC))
    assert "Saturday, 27 March 2027" in parent.last.text
    await parent.taps("Going", message=parent.last)
    assert len(await world.rows("SELECT 1 FROM rsvps")) == 1
    await world.at(datetime(2027, 3, 27, 16, 1, tzinfo=UTC))
    assert "Saturday, 3 April 2027" in parent.last.text


@pytest.mark.row("C1")
async def test_it_recurs_until_a_day_and_the_day_is_asked_again(world: World) -> None:
    scene = await in_kyiv(world)
    await scene.head.says("/meeting 7 December 18:00 Choir")
    await steps(scene.head, "[🔁 Repeat]", "[Every two weeks]")
    assert "from 2 to 60" in await scene.head.says("1")
    assert "after the second meeting" in await scene.head.says("8 December")
    assert "past already" in await scene.head.says("30 November 2026")
    assert "can't find a date" in await scene.head.says("later")
    assert "Meetings in all: 3." in await scene.head.says("4 January 2027")
    assert "Meetings in all" not in await steps(scene.head, "[🔁 Repeat]", "[Once]")
    review = await steps(scene.head, "[🔁 Repeat]", "[Every month]", "[4]")
    assert "Sunday, 7 March 2027" in review


@pytest.mark.row("C1")
async def test_a_course_is_a_series_in_ukrainian(world: World) -> None:
    scene = await school(world, language="uk")
    await scene.head.says("/meeting у понеділок о 9:00 Курс для батьків")
    assert "від 2 до 60" in await steps(scene.head, "[🔁 Повторювати]", "[Щотижня]", "1")
    assert "Усього зустрічей: 8. Остання: понеділок, 25 січня 2027, 09:00" in await scene.head.taps("8")
    assert "Нагадування: За годину" in await steps(scene.head, "[⏰ Нагадування]", "[За годину]")


@pytest.mark.row("C1")
async def test_one_or_all_later_are_moved_and_cancelled(world: World) -> None:
    scene = await in_kyiv(world)
    await scene.head.says("/meeting 7 December 18:00-19:30 Choir")
    await steps(scene.head, *WEEKLY, "[4]", "[Call it]")
    await world.tick()
    await steps(scene.head, "[Move]", "8 December 17:00", "[Only this one]", "[Move it]")
    assert [(at.day, at.hour) for at in await starts(world)] == [(8, 15), (14, 16), (21, 16), (28, 16)]
    await steps(scene.head, "[Move]", "9 December 17:15", "[It and all later]", "[Move it]")
    assert [(at.day, at.hour, at.minute) for at in await starts(world)] == [
        (9, 15, 15),
        (15, 15, 15),
        (22, 15, 15),
        (29, 15, 15),
    ]
    lengths = await world.rows("SELECT DISTINCT ends_at - starts_at AS lasts FROM meetings")
    assert [row["lasts"] // 60_000_000 for row in lengths] == [90]
    await world.tick()
    assert sum("has a new time" in message.text for message in scene.parents[0].messages) == 1
    await world.at(datetime(2026, 12, 9, 16, tzinfo=UTC))
    [second] = await world.rows("SELECT MIN(id) + 1 AS id FROM meetings")
    await scene.head.forges(f"mt.manage:{second['id']}")
    await steps(scene.head, "[Cancel meeting]")
    assert "3 meetings are cancelled" in await steps(scene.head, "[Yes, all later too]")
    await world.tick()
    assert len(await starts(world)) == 1
    assert sum("was cancelled: " in message.text for message in scene.parents[0].messages) == 1
    told = len(scene.parents[0].messages)
    await world.at(datetime(2027, 1, 30, tzinfo=UTC))
    assert len(scene.parents[0].messages) == told


@pytest.mark.row("C1")
async def test_of_those_moved_to_an_earlier_week_people_hear_in_time(world: World) -> None:
    scene = await in_kyiv(world)
    await scene.head.says("/meeting 21 December 18:00 Choir")
    await steps(scene.head, *WEEKLY, "[4]", "[Call it]")
    await world.tick()
    await steps(scene.head, "[Move]", "7 December 18:00", "[It and all later]", "[Move it]")
    parent = scene.parents[0]
    for day in (7, 14, 21):
        await world.at(datetime(2026, 12, day, 16, 1, tzinfo=UTC))
        assert any(f"{day + 7} December 2026" in one.text and "Going" in one.labels for one in parent.messages)


@pytest.mark.row("C1")
async def test_who_looked_ahead_and_answered_hears_of_what_becomes_of_a_later_one(world: World) -> None:
    scene = await in_kyiv(world)
    await scene.head.says("/meeting 7 December 18:00 Choir")
    await steps(scene.head, *WEEKLY, "[4]", "[Call it]")
    await world.tick()
    parent, other = scene.parents
    for day in ("14 Dec", "21 Dec"):
        await parent.says("/meetings")
        await steps(parent, f"[{day}]", "[Going]")
    for number, tap in enumerate(("14 Dec", "21 Dec")):
        await scene.head.says("/meetings")
        await steps(scene.head, f"[{tap}]", "[Manage]")
        if number:
            await steps(scene.head, "[Cancel meeting]", "[Yes, cancel it]")
        else:
            await steps(scene.head, "[Move]", "15 December 18:00", "[Only this one]", "[Move it]")
        await world.tick()
    heard = [one.text for one in parent.messages]
    assert sum("has a new time" in one and "15 December" in one for one in heard) == 1
    assert sum("was cancelled: " in one and "21 December" in one for one in heard) == 1
    assert not any("has a new time" in one.text or "was cancelled: " in one.text for one in other.messages)
    await world.at(datetime(2026, 12, 7, 16, 1, tzinfo=UTC))
    assert "15 December" in other.last.text
    assert sum("has a new time" in one.text for one in parent.messages) == 1


@pytest.mark.row("C1")
async def test_a_later_one_that_is_moved_before_the_others_is_told_at_once(world: World) -> None:
    scene = await in_kyiv(world)
    await scene.head.says("/meeting 7 December 18:00 Choir")
    await steps(scene.head, *WEEKLY, "[4]", "[Call it]")
    await scene.head.says("/meetings")
    await steps(scene.head, "[14 Dec]", "[Manage]", "[Move]", "4 December 18:00", "[Only this one]", "[Move it]")
    await world.tick()
    assert any("4 December 2026" in one.text and "Going" in one.labels for one in scene.parents[0].messages)


async def test_all_later_of_a_meeting_that_does_not_recur_is_refused(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting 7 December 18:00 Choir", "[Call it]")
    [row] = await world.rows("SELECT id FROM meetings")
    assert "can't do this here" in await scene.head.forges(f"mt.off.all:{row['id']}")
    assert "can't do this here" in await scene.parents[0].forges(f"mt.off.all:{row['id']}")


# --- what a kind needs, and what the review offers --------------------------------------------------------------------


@pytest.mark.row("C1")
async def test_a_study_visit_has_a_host_and_a_webinar_speakers_and_a_link(world: World) -> None:
    scene = await school(world)
    review = await steps(
        scene.head, "/meeting", "[Study visit]", "7 December 10:00", "Visit", "Məktəb 7", "[Skip]", "[Skip]", "[20]"
    )
    assert "Who is it for?" in review
    review = await steps(scene.head, "[Teachers]")
    assert "Host: \u2068Məktəb 7\u2069" in review
    assert "Places: 20" in review
    review = await steps(
        scene.head, "/meeting", "[Webinar]", "7 December 10:00", "Talk", "https://example.org/w", "Aysel", "[Skip]"
    )
    review = await steps(scene.head, "[No limit]", "[Everybody]")
    assert "Where: https://example.org/w" in review
    assert "Speakers: \u2068Aysel\u2069" in review


@pytest.mark.row("C1")
async def test_a_training_has_parts_with_rooms_and_speakers(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting 7 December 18:00 Training day", "[🗂 Parts]")
    assert "Begin each line with a time" in await scene.head.says("Reading aloud")
    assert "Begin each line with a time" in await scene.head.says("17:00 Before it begins")
    long = "\n".join(f"18:{minute} {'Reading aloud ' * 5}| Room 5 | Aysel" for minute in range(30, 44))
    assert "there is room for 1100 characters, and your text has" in await scene.head.says(long)
    await scene.head.says("18:30 Reading aloud | Room 5 | Aysel\n19:15 Tea")
    assert "there is room for 1047 characters" in await scene.head.says(long)
    review = await steps(scene.head, "[Next]")
    assert "18:30 Reading aloud · Room 5 · Aysel\n19:15 Tea" in review
    await steps(scene.head, "[Call it]")
    await world.tick()
    assert "18:30 Reading aloud · Room 5 · Aysel" in card(scene.parents[0]).text


@pytest.mark.row("C3")
async def test_no_reminder_is_offered_whose_time_is_past(world: World) -> None:
    scene = await school(world)
    review = await scene.head.says("/meeting 2 December 08:00 Breakfast")  # in 23 hours
    assert "Reminders: An hour before\n" in review
    await scene.head.taps("⏰ Reminders")
    assert scene.head.labels == ["An hour before", "No reminders", "Back", "Cancel"]
    await steps(scene.head, "[Back]", "[🔁 Repeat]", "[Every week]")
    assert "Reminders: A day before · An hour before\n" in await scene.head.taps("4")  # of those that come later
    await steps(scene.head, "[⏰ Reminders]", "[Day and hour]", "[Call it]")
    await scene.head.taps("Reminders")
    assert scene.head.labels == ["✓ An hour before"]
    number = (await world.rows("SELECT MIN(id) AS id FROM meetings"))[0]["id"]
    assert "too late for this reminder" in await scene.head.forges(f"mt.remind.is:{number}:week:on")
    await world.at(datetime(2026, 12, 2, 3, 30, tzinfo=UTC))
    heard = await scene.head.forges(f"mt.remind:{number}")
    assert heard.startswith("No reminder will be sent.")
    assert scene.head.labels == []


@pytest.mark.row("C3")
async def test_the_same_in_azerbaijani(world: World) -> None:
    scene = await school(world, language="az")
    assert "Xatırlatmalar: 1 saat əvvəl\n" in await scene.head.says("/meeting 2 dekabr 08:00 Səhər yeməyi")
    await steps(scene.head, "[⏰]")
    assert scene.head.labels[:2] == ["1 saat əvvəl", "Xatırlatma olmasın"]


@pytest.mark.row("C3")
async def test_the_organiser_chooses_the_reminders_with_the_rest(world: World) -> None:
    scene = await school(world)
    review = await scene.head.says("/meeting 20 December 18:00 Choir")
    assert "Reminders: A week before · A day before · An hour before" in review
    assert "No reminder" in await steps(scene.head, "[⏰ Reminders]", "[No reminders]")
    await steps(scene.head, "[⏰ Reminders]", "[Back]")
    assert "Reminders: A day before" in await steps(scene.head, "[⏰ Reminders]", "[A day before]")
    await steps(scene.head, "[Call it]")
    rows = await world.rows("SELECT before FROM meeting_reminders WHERE state = 'waiting'")
    assert [row["before"] for row in rows] == ["day"]
    await world.at(datetime(2026, 12, 19, 14, 1, tzinfo=UTC))
    assert "⏰ Reminder" in scene.parents[0].last.text


@pytest.mark.row("C1")
async def test_a_plain_meeting_takes_no_more_taps_than_before(world: World) -> None:
    """Nothing of this is asked: eight taps and the title."""
    scene = await school(world, language="ru")
    taps = 0
    await scene.head.says("/meeting")
    for data in ("joint", "2026-12-07", "1800"):
        taps += 1
        await forge(scene, f"is:{data}")
    await scene.head.says("Собрание")
    for data in ("skip", "skip", "skip", "is:all", "done"):
        taps += 1
        await forge(scene, data)
    assert taps == 8
    await world.tick()
    assert has_card(scene.parents[0]) or "Собрание" in scene.parents[0].last.text


async def forge(scene: School, data: str) -> None:
    rows = await scene.world.rows("SELECT MAX(token) AS token FROM conversations")
    await scene.head.forges(f"f:{rows[0]['token']}:{data}")


# --- for other chats --------------------------------------------------------------------------------------------------


@pytest.mark.row("C1")
async def test_the_text_of_a_meeting_is_copied_for_other_messengers(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting 7 December 18:00 Choir <b>&\nBring a pen", "[Call it]")
    heard = await scene.head.taps("For other chats")
    plain = "Choir <b>&\nJoint meeting: 5A\nWhen: Monday, 7 December 2026, 18:00\n\nBring a pen"
    assert plain in heard
    [call] = [one for one in world.sandbox.calls_of("sendMessage") if "copy_text" in str(one.params)]
    [[button]] = call.params["reply_markup"]["inline_keyboard"]
    assert button["copy_text"] == {"text": plain}
    await steps(scene.head, f"/meeting 7 December 18:00 Long\n{'x' * 300}", "[Call it]")
    assert "x" * 300 in await scene.head.taps("For other chats")
    assert scene.head.labels == []
    assert "can't do this here" in await scene.parents[0].forges("mt.copy:1")
