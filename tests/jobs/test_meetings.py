"""C3: reminders of meetings, as time goes by."""

from datetime import UTC, datetime, timedelta

import pytest

import storage.communities
import storage.outbox
import storage.persons
from domain.messages import Lane
from domain.roles import Role
from jobs import meetings
from tests.cast import Talker, World
from tests.conftest import on_sqlite
from tests.scenes import School, add_member, person_id_of, school

AT = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)  # Monday, 18:00 in Baku
LINE = "2026-12-07 18:00 First joint meeting"


async def called(scene: School, line: str = LINE) -> None:
    await scene.head.says(f"/meeting {line}")
    await scene.head.taps("Call it")
    await scene.world.tick()


def reminders(talker: Talker) -> int:
    return sum("Reminder\n\n" in message.text for message in talker.messages)


async def sleeps(world: World, talker: Talker, start: int = 22, end: int = 7, zone: str = "Asia/Baku") -> None:
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, talker)
        await storage.persons.save_quiet_hours(db, person_id, start * 60, end * 60)
        await storage.persons.save_zone(db, person_id, zone)


async def rows(world: World) -> list[tuple[str, str, str | None]]:
    """What became of the reminders for everybody."""
    found = await world.rows(
        "SELECT before, state, reason FROM meeting_reminders WHERE zone = '' ORDER BY revision, due_at"
    )
    return [(row["before"], row["state"], row["reason"]) for row in found]


@pytest.mark.row("C3")
async def test_a_week_a_day_and_an_hour_before(world: World) -> None:
    scene = await school(world)
    await called(scene, "2026-12-14 18:00 First joint meeting")
    start = AT + timedelta(days=7)
    mother = scene.parents[0]
    for before, number in ((timedelta(days=7), 1), (timedelta(days=1), 2), (timedelta(hours=1), 3)):
        await world.at(start - before - timedelta(minutes=1))
        assert reminders(mother) == number - 1
        await world.at(start - before)
        assert reminders(mother) == number
        assert "You have not answered yet" in mother.last.text
    await world.at(start)
    await world.tick()
    assert reminders(mother) == 3
    assert await rows(world) == [("week", "done", None), ("day", "done", None), ("hour", "done", None)]


@pytest.mark.row("C3")
async def test_to_those_who_come_may_come_wait_or_did_not_answer_but_not_to_decliners(world: World) -> None:
    scene = await school(world, parents=4)
    await called(scene)
    one, two, three, four = scene.parents
    await one.taps("Going")
    await two.taps("Maybe")
    await three.taps("Can't")
    await world.at(AT - timedelta(days=1))
    assert [reminders(parent) for parent in scene.parents] == [1, 1, 0, 1]
    assert "you are going" in one.last.text
    assert "maybe" in two.last.text
    assert reminders(scene.outsider) == 0
    assert "you can't come" in await four.taps("Can't")
    await world.at(AT - timedelta(hours=1))
    assert [reminders(parent) for parent in scene.parents] == [2, 2, 0, 1 - 1]


@pytest.mark.row("C3")
async def test_an_answer_under_a_reminder_is_shown_there_and_on_the_card(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.at(AT - timedelta(days=1))
    mother = scene.parents[0]
    first, last = [one for one in mother.messages if "Going" in one.labels]
    await mother.taps("Going", message=last)
    assert "you are going." in last.text
    assert "you are going." in first.text
    assert "All meetings" not in last.labels
    await mother.taps("+2", message=last)
    assert "with 2 guests" in first.text


@pytest.mark.row("C3")
async def test_each_reader_has_her_own_time_and_language(world: World) -> None:
    scene = await school(world)
    await called(scene)
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, scene.parents[0])
        await storage.persons.save_zone(db, person_id, "Europe/Kyiv")
        await storage.persons.save_language(db, person_id, "uk")
    await world.at(AT - timedelta(days=1))
    assert "понеділок, 7 грудня 2026, 16:00" in scene.parents[0].last.text
    assert "Monday, 7 December 2026, 18:00" in scene.parents[1].last.text


@pytest.mark.row("C3")
async def test_a_day_before_is_the_same_wall_time_when_kyivs_clocks_go_back(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        await storage.communities.save_zone(db, scene.class_a.id, "Europe/Kyiv")
    world.sandbox.clock.set(datetime(2026, 10, 20, 8, 0, tzinfo=UTC))
    await world.at(datetime(2026, 10, 20, 8, 0, tzinfo=UTC))
    await called(scene, "2026-10-25 18:00 Autumn")
    await world.at(datetime(2026, 10, 24, 14, 59, tzinfo=UTC))
    assert reminders(scene.parents[0]) == 0
    await world.at(datetime(2026, 10, 24, 15, 0, tzinfo=UTC))  # Saturday, 18:00, still summer time
    assert reminders(scene.parents[0]) == 1
    await world.at(datetime(2026, 10, 25, 15, 0, tzinfo=UTC))  # Sunday, 17:00, winter time
    assert reminders(scene.parents[0]) == 2


@pytest.mark.row("C3")
async def test_a_tick_is_safe_to_repeat(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.at(AT - timedelta(days=1))
    async with world.birge.database.writing() as db:
        await db.run("UPDATE meeting_reminders SET state = 'waiting', reached_person = 0 WHERE before = 'day'")
    await world.tick()
    assert reminders(scene.parents[0]) == 1


@pytest.mark.row("C3")
async def test_many_people_take_several_ticks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meetings, "AT_ONCE", 3)
    scene = await school(world, parents=7)
    await called(scene)
    await world.at(AT - timedelta(days=1))
    await world.tick()
    assert [reminders(parent) for parent in scene.parents] == [1] * 7
    told = await world.rows("SELECT told, state FROM meeting_reminders WHERE before = 'day'")
    assert [tuple(row) for row in told] == [(9, "done")]


@pytest.mark.row("C3")
async def test_two_meetings_share_a_tick(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await school(world, parents=1, pupils=0)
    await called(scene)
    await called(scene, "2026-12-07 18:00 Second")
    monkeypatch.setattr(meetings, "AT_ONCE", 2)
    await world.at(AT - timedelta(days=1))
    await world.tick()
    assert reminders(scene.parents[0]) == 2


@pytest.mark.row("C3_bad_down_time")
@pytest.mark.row("C3_bad_dropped")
async def test_after_down_time_only_the_latest_missed_one_goes(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.at(AT - timedelta(minutes=30))  # nobody was there for six days
    assert reminders(scene.parents[0]) == 1
    assert await rows(world) == [("day", "dropped", "late"), ("hour", "done", None)]


@pytest.mark.row("C3_bad_down_time")
@pytest.mark.row("C3_bad_dropped")
async def test_after_down_time_nothing_goes_once_it_has_begun(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.at(AT)
    await world.tick()
    assert reminders(scene.parents[0]) == 0
    assert await rows(world) == [("day", "dropped", "late"), ("hour", "dropped", "late")]


@pytest.mark.row("C3")
async def test_after_a_move_the_old_reminders_are_gone(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await scene.head.taps("Move")
    await scene.head.says("8 December 8:30")
    await scene.head.taps("Move it")
    await world.at(AT - timedelta(days=1))
    assert reminders(scene.parents[0]) == 0
    await world.at(datetime(2026, 12, 7, 4, 30, tzinfo=UTC))
    assert reminders(scene.parents[0]) == 1
    assert "8 December" in scene.parents[0].last.text
    assert await rows(world) == [
        ("day", "dropped", "changed"),
        ("hour", "dropped", "changed"),
        ("day", "done", None),
        ("hour", "waiting", None),
    ]


@pytest.mark.row("C3")
async def test_a_reminder_that_still_waits_to_be_sent_is_taken_back_by_a_move(world: World) -> None:
    scene = await school(world)
    await called(scene)
    mother, due = scene.parents[0], AT - timedelta(days=1)
    async with world.birge.database.writing() as db:
        place = storage.outbox.place_mark(db, Lane.REMINDER, f"telegram:{mother.person.id}")
        await storage.outbox.pause_place(db, place, storage.outbox.Pause(due, due + timedelta(hours=1)))
    await world.at(due)
    await scene.head.taps("Move")
    await scene.head.says("9 December 18:00")
    await scene.head.taps("Move it")
    await world.at(due + timedelta(hours=2))
    assert reminders(mother) == 0
    assert "new time" in mother.last.text
    assert reminders(scene.parents[1]) == 1
    dropped = await world.rows("SELECT reason FROM deliveries WHERE dedupe_key LIKE '%:day:%' AND state = 'dropped'")
    assert [row["reason"] for row in dropped] == ["changed"]


@pytest.mark.row("C3")
async def test_after_a_cancellation_nobody_is_reminded(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await scene.head.taps("Cancel meeting")
    await scene.head.taps("Yes, cancel it")
    await world.at(AT - timedelta(minutes=30))
    assert reminders(scene.parents[0]) == 0
    assert {state for _, state, _ in await rows(world)} == {"dropped"}


async def test_whoever_left_is_not_reminded_even_if_she_answered(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await scene.parents[0].taps("Going")
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, scene.parents[0])
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person_id)
    await world.at(AT - timedelta(days=1))
    assert reminders(scene.parents[0]) == 0
    assert reminders(scene.parents[1]) == 1


async def test_whoever_leads_above_and_comes_is_reminded(world: World) -> None:
    scene = await school(world)
    await called(scene)
    number = (await world.rows("SELECT id FROM meetings"))[0]["id"]
    await scene.coordinator.forges(f"mt.rsvp:{number}:yes")
    await world.at(AT - timedelta(days=1))
    assert reminders(scene.coordinator) == 1
    assert reminders(scene.owner) == 0


# --- quiet hours ------------------------------------------------------------------------------------------------------

EARLY = "2026-12-08 08:00 Early"  # an hour before is 7:00, a day before 8:00
AT_EIGHT = datetime(2026, 12, 8, 4, 0, tzinfo=UTC)


@pytest.mark.row("C3_bad_quiet_hours")
async def test_one_that_falls_into_quiet_hours_goes_just_before_they_begin(world: World) -> None:
    scene = await school(world)
    sleeper, other = scene.parents
    await sleeps(world, sleeper, 21, 8)  # 21:00–8:00
    await called(scene, EARLY)
    await world.at(AT_EIGHT - timedelta(days=1))
    assert reminders(sleeper) == 1
    await world.at(datetime(2026, 12, 7, 16, 49, tzinfo=UTC))
    assert reminders(sleeper) == 1
    await world.at(datetime(2026, 12, 7, 16, 50, tzinfo=UTC))  # 20:50
    assert reminders(sleeper) == 2
    assert reminders(other) == 1
    await world.at(AT_EIGHT - timedelta(hours=1))
    assert reminders(other) == 2
    await world.at(AT_EIGHT - timedelta(minutes=1))
    assert reminders(sleeper) == 2
    missed = await world.rows("SELECT SUM(missed) AS missed FROM meeting_reminders")
    assert missed[0]["missed"] == 0


@pytest.mark.row("C3_bad_quiet_hours")
async def test_if_that_moment_is_past_it_goes_when_they_end(world: World) -> None:
    scene = await school(world)
    sleeper = scene.parents[0]
    await world.at(datetime(2026, 12, 7, 19, 0, tzinfo=UTC))  # 23:00, the evening before
    await sleeps(world, sleeper, 22, 7)
    await called(scene, "2026-12-08 07:30 Very early")  # an hour before is 6:30
    await world.at(datetime(2026, 12, 8, 2, 30, tzinfo=UTC))
    assert reminders(scene.parents[1]) == 1
    assert reminders(sleeper) == 0
    await world.at(datetime(2026, 12, 8, 3, 0, tzinfo=UTC))  # 7:00
    assert reminders(sleeper) == 1
    assert reminders(scene.parents[1]) == 1


@pytest.mark.row("C3_bad_quiet_hours")
@pytest.mark.row("C3_bad_dropped")
async def test_if_they_end_too_late_it_is_dropped_and_counted(world: World) -> None:
    scene = await school(world)
    sleeper = scene.parents[0]
    await world.at(datetime(2026, 12, 7, 19, 0, tzinfo=UTC))
    await sleeps(world, sleeper, 22, 9)
    await called(scene, EARLY)
    await world.at(AT_EIGHT - timedelta(hours=1))
    await world.at(AT_EIGHT + timedelta(hours=2))
    assert reminders(sleeper) == 0
    found = await world.rows("SELECT told, missed, state FROM meeting_reminders WHERE before = 'hour' AND zone = ''")
    assert [tuple(row) for row in found] == [(3, 1, "done")]


@pytest.mark.row("C3_bad_down_time")
async def test_down_time_over_the_beginning_of_quiet_hours(world: World) -> None:
    scene = await school(world)
    sleeper = scene.parents[0]
    await sleeps(world, sleeper, 22, 7)
    await called(scene, "2026-12-08 07:30 Very early")  # an hour before is 6:30
    await world.at(datetime(2026, 12, 7, 10, 0, tzinfo=UTC))
    before = reminders(sleeper)
    # Down from 14:00 to 23:00: 21:50 has passed. She hears of it when she wakes.
    await world.at(datetime(2026, 12, 7, 19, 0, tzinfo=UTC))
    assert reminders(sleeper) == before
    await world.at(datetime(2026, 12, 8, 2, 30, tzinfo=UTC))
    assert reminders(sleeper) == before
    await world.at(datetime(2026, 12, 8, 3, 0, tzinfo=UTC))
    assert reminders(sleeper) == before + 1
    missed = await world.rows("SELECT SUM(missed) AS missed FROM meeting_reminders")
    assert missed[0]["missed"] == 0


@pytest.mark.row("C3_bad_down_time")
async def test_nobody_hears_the_older_one_after_the_nearer_one(world: World) -> None:
    scene = await school(world)
    sleeper, other = scene.parents
    await sleeps(world, sleeper, 22, 7)
    await called(scene, "2026-12-08 07:30 Very early")  # day: Monday 7:30; hour: 6:30, for the sleeper 21:50
    await world.at(datetime(2026, 12, 7, 3, 0, tzinfo=UTC))  # Monday 7:00: the quiet hours are foreseen
    await world.at(datetime(2026, 12, 7, 17, 55, tzinfo=UTC))  # down until 21:55
    assert reminders(sleeper) == 1  # the nearer one, early
    assert reminders(other) == 1  # the day's
    await world.at(datetime(2026, 12, 8, 2, 30, tzinfo=UTC))
    assert reminders(sleeper) == 1
    assert reminders(other) == 2


@pytest.mark.row("C3_bad_quiet_hours")
async def test_whoever_wakes_too_late_after_down_time_is_counted_once(world: World) -> None:
    scene = await school(world)
    sleeper = scene.parents[0]
    await sleeps(world, sleeper, 22, 9)
    await called(scene, EARLY)
    await world.at(datetime(2026, 12, 7, 6, 0, tzinfo=UTC))
    before = reminders(sleeper)
    await world.at(datetime(2026, 12, 7, 19, 0, tzinfo=UTC))  # 23:00
    await world.at(AT_EIGHT - timedelta(hours=1))
    assert reminders(sleeper) == before
    missed = await world.rows("SELECT SUM(missed) AS missed FROM meeting_reminders WHERE before = 'hour'")
    assert missed[0]["missed"] == 1


async def test_whoever_joins_after_quiet_hours_were_foreseen_is_not_forgotten(world: World) -> None:
    scene = await school(world)
    await called(scene, "2026-12-08 07:30 Very early")
    await world.at(datetime(2026, 12, 7, 16, 0, tzinfo=UTC))
    late = await add_member(world, scene.class_a, Role.PARENT, "Late")
    await sleeps(world, late)
    await world.at(datetime(2026, 12, 8, 2, 30, tzinfo=UTC))
    assert reminders(late) == 0
    await world.at(datetime(2026, 12, 8, 3, 0, tzinfo=UTC))
    assert reminders(late) == 1


async def test_another_persons_zone_has_its_own_night(world: World) -> None:
    scene = await school(world)
    away = scene.parents[0]
    await sleeps(world, away, 22, 7, "Asia/Krasnoyarsk")  # there it is three hours later
    await called(scene, "2026-12-07 20:30 Evening")  # an hour before is 19:30 in Baku, 22:30 there
    await world.at(datetime(2026, 12, 7, 14, 49, tzinfo=UTC))
    before = reminders(away)
    await world.at(datetime(2026, 12, 7, 14, 50, tzinfo=UTC))
    assert reminders(away) == before + 1
    assert reminders(scene.parents[1]) == before


# --- notices ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("C3")
async def test_many_people_are_told_of_a_change_in_several_ticks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meetings, "_NOTICES", 2)
    scene = await school(world, parents=4)
    await called(scene)
    await scene.head.taps("Cancel meeting")
    await scene.head.taps("Yes, cancel it")
    await world.tick()
    await world.tick()
    for parent in scene.parents:
        assert sum("A meeting was cancelled" in message.text for message in parent.messages) == 1
    assert [row["state"] for row in await world.rows("SELECT state FROM meeting_notices")] == ["done"]


async def test_a_notice_at_night_makes_no_sound(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await sleeps(world, scene.parents[0])
    await world.at(datetime(2026, 12, 1, 19, 0, tzinfo=UTC))
    await scene.head.taps("Cancel meeting")
    await scene.head.taps("Yes, cancel it")
    await world.tick()
    assert scene.parents[0].last.silent
    assert not scene.parents[1].last.silent


@on_sqlite
async def test_a_clock_that_is_set_back_stops_no_counting(world: World) -> None:
    scene = await school(world)
    await called(scene)
    await world.later(hours=1)
    await scene.parents[0].taps("Going")
    await world.later(seconds=4)
    assert "Going: 1" in scene.head.find("Who answered").text
    await world.later(hours=-1)
    await scene.parents[1].taps("Going")
    await world.later(seconds=4)
    await world.later(seconds=4)
    assert "Going: 2" in scene.head.find("Who answered").text
