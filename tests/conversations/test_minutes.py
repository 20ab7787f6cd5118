"""C7: minutes, decisions with an owner and a day, reminders, and how far it is in the group."""

from datetime import UTC, datetime, timedelta

import pytest

import storage.persons
from domain.roles import Role
from domain.times import to_us
from tests.cast import Talker, World
from tests.conversations.test_meetings import called, meeting_id, steps
from tests.conversations.test_my_data import files_of
from tests.scenes import School, add_member, group, person_id_of, school

AFTER = datetime(2026, 12, 7, 16, 0, tzinfo=UTC)  # 20:00 in Baku; it began at 18:00
NINE = timedelta(hours=5)  # in UTC
WORDS = {
    "en": {"given": "A task from the meeting:", "done": "✓ Done", "skip": "Skip", "thanks": "Done. Thank you!"},
    "az": {"given": "Görüşdən tapşırıq:", "done": "✓ Edildi", "skip": "Keç", "thanks": "Edildi. Təşəkkür edirik!"},
}


async def over(scene: School) -> int:
    """The head of class has called a meeting, and it is over; its number."""
    await called(scene)
    await scene.world.at(AFTER)
    return await meeting_id(scene.world)


async def decides(scene: School, what: str, who: str, day: str = "14 December") -> str:
    await scene.head.forges(f"dn.new:{await meeting_id(scene.world)}")
    await scene.head.says(what)
    await scene.head.says(who)
    asked = await scene.head.taps(who)
    assert asked.endswith("Until which day? Tap, or write a day. For example: 7 December")  # nobody asks for an hour
    await scene.head.says(day)
    heard = await scene.head.taps("Save")
    await scene.world.later(seconds=4)
    return heard


def reminded(talker: Talker) -> list[str]:
    return [one.text.split("\n")[0] for one in talker.messages if one.text.startswith("⏰")]


@pytest.mark.row("C7")
@pytest.mark.parametrize("language", ["en", "az"])
async def test_minutes_a_decision_its_owner_and_the_groups_card(world: World, language: str) -> None:
    said = WORDS[language]
    scene = await school(world)
    parent = await add_member(world, scene.class_a, Role.PARENT, "Aysel", language)
    chat = await group(scene, scene.class_a, [parent])
    number = await over(scene)
    await scene.head.forges(f"mn.write:{number}")
    await scene.head.taps("Write the minutes")
    assert "The minutes are saved" in await scene.head.says("We talked about the trip.")
    await world.tick()
    posted = chat.visible[-1]
    assert "After the meeting" in posted.text
    heard = await decides(scene, "Buy the tickets", "Aysel")
    assert "Who: \u2068Aysel\u2069" in heard
    await decides(scene, "Draw the poster", "Pupil0")
    assert said["given"] in parent.last.text
    assert "Done: 0 of 2" in posted.text
    assert "☐ \u2068Buy the tickets\u2069\nWho: \u2068Aysel\u2069\nUntil: Monday, 14 December 2026" in posted.text
    assert "Who: a pupil" in posted.text
    assert "Pupil0" not in posted.text  # no child's name
    await parent.taps(said["done"])
    assert said["thanks"] in await parent.taps(said["skip"])
    await world.later(seconds=4)
    assert "Done: 1 of 2" in posted.text
    assert "✓ \u2068Buy the tickets\u2069" in posted.text
    assert "is done" in scene.head.last.text
    link = posted.buttons[-1].url
    assert link is not None
    assert "We talked about the trip." in await parent.says("/start " + link.split("?start=")[1])
    assert sum("After the meeting" in one.text for one in chat.visible) == 1  # edited in place
    await scene.pupils[0].says("/meetings")
    await scene.pupils[0].taps("Minutes")
    assert "We talked about the trip." in await scene.pupils[0].taps("First joint meeting")
    assert "Minutes" not in str((await scene.outsider.says("/meetings"), scene.outsider.labels))
    assert "There are no minutes yet" in await scene.outsider.forges("mn.past")
    _, hers = await files_of(parent)
    assert [one["words"] for one in hers["tasks"]] == ["Buy the tickets"]


@pytest.mark.row("C7")
async def test_owners_are_reminded_the_day_before_on_the_day_and_three_times_after(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await over(scene)
    await decides(scene, "Buy the tickets", "Parent0")
    day = datetime(2026, 12, 14, tzinfo=UTC) + NINE
    await world.at(day - timedelta(days=1, minutes=1))
    assert reminded(parent) == []
    await world.at(day - timedelta(days=1))
    await world.tick()
    assert reminded(parent) == ["⏰ Tomorrow is the day:"]
    await world.at(day)
    assert reminded(parent)[1:] == ["⏰ Today is the day:"]
    for week in (1, 2, 3, 4, 5):
        await world.at(day + timedelta(weeks=week))
    assert reminded(parent)[2:] == ["⏰ The day is over. Is it done?"] * 3
    await parent.says("/meetings")
    await parent.taps("My tasks")
    assert "Buy the tickets" in await parent.taps("Buy the tickets")


@pytest.mark.row("C7")
@pytest.mark.parametrize(
    ("language", "tasks", "later"), [("en", "My tasks", "Later"), ("az", "Tapşırıqlarım", "Daha sonra")]
)
async def test_many_decisions_and_many_tasks_have_pages(world: World, language: str, tasks: str, later: str) -> None:
    scene = await school(world)
    parent = await add_member(world, scene.class_a, Role.PARENT, "Aysel", language)
    number = await over(scene)
    async with world.birge.database.writing() as db:
        for at in range(1, 15):
            await db.run(
                """INSERT INTO decisions (meeting_id, words, owner_id, made_by, due_at, state)
                   VALUES (:id, :words, :owner, :made_by, :due_at, 'open')""",
                id=number,
                words=f"{at} " + "so many words " * 14,
                owner=await person_id_of(world, parent),
                made_by=await person_id_of(world, scene.head),
                due_at=to_us(world.now) + at,
            )
    await scene.head.forges(f"mn.write:{number}")
    assert scene.head.labels == ["Write the minutes", "Add a decision", *(f"✎ {at}" for at in range(1, 6)), "Later"]
    await scene.head.taps("Later")
    assert scene.head.labels[2:] == [*(f"✎ {at}" for at in range(6, 11)), "Earlier", "Later"]
    assert "7. \u20687 so many" in await scene.head.taps("✎ 7")
    assert "15. \u2068The last" in await decides(scene, "The last", "Pupil0")  # the newest one's page
    await parent.says("/meetings")
    await parent.taps(tasks)
    assert [label.split()[0] for label in parent.labels[:8]] == [str(at) for at in range(1, 9)]
    await parent.taps(later)
    assert len(parent.labels) == 7
    await parent.forges("tk.page:9")  # an old button: such a page is no more
    assert [label.split()[0] for label in parent.labels[:8]] == [str(at) for at in range(1, 9)]
    await parent.taps(later)
    await parent.taps("14 so many words")
    assert "14 so many words" in parent.last.text


@pytest.mark.row("C7")
async def test_after_down_time_one_reminder_goes_and_quiet_hours_are_kept(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    async with world.birge.database.writing() as db:
        await storage.persons.save_quiet_hours(db, await person_id_of(world, parent), 8 * 60, 12 * 60)
    await over(scene)
    await decides(scene, "Buy the tickets", "Parent0")
    day = datetime(2026, 12, 14, tzinfo=UTC) + NINE
    await world.at(day)  # the day before was slept through
    assert reminded(parent) == []
    await world.at(day + timedelta(hours=3))
    assert reminded(parent) == ["⏰ Today is the day:"]
    await world.at(day + timedelta(days=7, minutes=1))
    await scene.head.forges("dn.done:1")  # before her quiet hours end
    await world.later(hours=4)
    assert len(reminded(parent)) == 1


@pytest.mark.row("C7")
async def test_later_and_not_at_all_reach_the_organiser(world: World) -> None:
    scene = await school(world)
    parent, other = scene.parents
    await over(scene)
    await scene.head.forges(f"dn.new:{await meeting_id(world)}")
    await steps(scene.head, "Buy the tickets", "парент0", "[Parent0]", "14 December", "[Save]")  # in any alphabet
    await parent.taps("Later")
    await parent.says("21 December")
    assert "The new day is saved" in await parent.says("The shop is closed")
    assert "has a new day" in scene.head.last.text
    assert "Who: \u2068Parent0\u2069\nUntil: Monday, 21 December 2026\n" in scene.head.last.text
    given = next(one for one in parent.messages if one.text.startswith("📌 A task"))
    assert "Until: Monday, 21 December 2026" in given.text
    assert "A word about it: \u2068The shop is closed\u2069" in scene.head.last.text
    await world.at(datetime(2026, 12, 20, tzinfo=UTC) + NINE)
    assert reminded(parent) == ["⏰ Tomorrow is the day:"]
    await steps(parent, "[I can't do it]", "[Skip]")
    assert "can't do a task" in scene.head.last.text
    await steps(scene.head, "[Somebody else]", "Parent1")
    assert "whoever takes care of it is told" in await scene.head.taps("Parent1")
    assert "Buy the tickets" in other.last.text
    assert "You can't do this here" in await parent.forges("tk.say:1:done")
    await world.at(datetime(2026, 12, 21, tzinfo=UTC) + NINE)
    assert len(reminded(parent)) == 1
    assert reminded(other) == ["⏰ Today is the day:"]


@pytest.mark.row("C7")
async def test_when_an_owner_has_left_whoever_leads_is_told_once(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await over(scene)
    await decides(scene, "Buy the tickets", "Parent0")
    async with world.birge.database.writing() as db:
        parent = await person_id_of(world, scene.parents[0])
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=parent)
    for _ in range(2):
        await world.later(minutes=6)
    assert sum("has left" in one.text for one in scene.head.messages) == 1
    assert "Who: nobody yet" in chat.visible[-1].text
    await scene.head.forges("dn:1")
    assert "Taken off" in await scene.head.taps("Take it off")
    await world.tick()
    assert "Buy the tickets" not in chat.visible[-1].text


async def test_nothing_is_given_to_a_partner_who_could_not_open_it(world: World) -> None:
    scene = await school(world)
    await add_member(world, scene.class_a, Role.PARTNER, "Visitor")
    await over(scene)
    await scene.head.forges(f"dn.new:{await meeting_id(world)}")
    await scene.head.says("Buy the tickets")
    assert "I find nobody by this name." in await scene.head.says("Visitor")
    assert not any("Visitor" in label for label in scene.head.labels)


@pytest.mark.row("C7")
async def test_when_an_owner_is_forgotten_whoever_leads_is_told(world: World) -> None:
    scene = await school(world)
    await over(scene)
    await decides(scene, "Buy the tickets", "Parent0")
    await steps(scene.parents[0], "/forget", "[Yes, forget me]")
    await world.later(minutes=6)
    assert sum("has left" in one.text for one in scene.head.messages) == 1
    assert [row["owner_id"] for row in await world.rows("SELECT owner_id FROM decisions")] == [None]


async def test_that_an_owner_left_is_told_without_a_sound_at_night(world: World) -> None:
    scene = await school(world)
    await over(scene)
    await decides(scene, "Buy the tickets", "Parent0")
    async with world.birge.database.writing() as db:
        parent = await person_id_of(world, scene.parents[0])
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=parent)
        await storage.persons.save_quiet_hours(db, await person_id_of(world, scene.head), 0, 1439)
    await world.later(minutes=6)
    calls = [call.params for call in world.sandbox.calls_of("sendMessage")]
    [told] = [one for one in calls if "has left" in str(one.get("text"))]
    assert told.get("disable_notification")


async def test_minutes_as_a_file_and_what_is_wrong_is_asked_again(world: World) -> None:
    scene = await school(world)
    await called(scene)
    number = await meeting_id(world)
    assert "has not begun yet" in await scene.head.forges(f"mn.write:{number}")
    assert "There are no minutes yet" in await scene.parents[0].forges(f"mn:{number}")
    await world.at(AFTER)
    await scene.head.forges(f"mn.new:{number}")
    assert "send me a text, or one photo or file" in await scene.head.says(voice=b"OggS")
    assert "room for 3000 characters, and your text has 3001" in await scene.head.says("x" * 3001)
    await scene.head.says("All of it", document=b"%PDF-1.4")
    heard = await scene.parents[0].forges(f"mn:{number}")
    assert "All of it" in heard
    media = scene.parents[0].last.media
    assert media is not None
    assert media.data == b"%PDF-1.4"


async def test_who_may_not_and_old_buttons(world: World) -> None:
    scene = await school(world)
    number = await over(scene)
    await decides(scene, "Buy the tickets", "Parent0")
    assert "past already" in await decides_on(scene, "30 November 2026")
    await scene.head.taps("Cancel")
    for data in (
        f"mn.write:{number}",
        f"mn.new:{number}",
        f"dn.new:{number}",
        "dn:1",
        "dn.done:1",
        "dn.out:1",
        "dn.give:1",
    ):
        assert "You can't do this here" in await scene.parents[1].forges(data)
    for data in ("tk:1", "tk.say:1:done", "tk:99"):
        assert "You can't do this here" in await scene.parents[1].forges(data)
    assert "You can't do this here" in await scene.outsider.forges(f"mn:{number}")
    assert "You can't do this here" in await scene.parents[0].forges("tk.say:1:never")
    await scene.parents[0].forges("tk.say:1:done")
    await scene.head.forges("dn.done:1")
    assert "done already" in await scene.parents[0].taps("Skip")
    assert "done already" in await scene.head.forges("dn.out:1")
    assert "There is no open task" in await scene.parents[0].forges("tk.mine")


async def decides_on(scene: School, day: str) -> str:
    await scene.head.forges(f"dn.new:{await meeting_id(scene.world)}")
    return await steps(scene.head, "Buy paper", "Parent0", "[Parent0]", day)


@pytest.mark.row("C7")
async def test_a_group_that_became_a_supergroup_sees_how_far_it_is(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await over(scene)
    await decides(scene, "Buy the tickets", "Parent0")
    new = world.sandbox.upgrades(chat)
    await world.settle()
    await decides(scene, "Draw the poster", "Pupil0")
    [card] = [one for one in new.visible if "After the meeting" in one.text]
    assert "Done: 0 of 2" in card.text
    await scene.parents[0].taps("✓ Done")
    await scene.parents[0].taps("Skip")
    await world.later(seconds=4)
    assert "Done: 1 of 2" in card.text
    assert sum("After the meeting" in one.text for one in new.visible) == 1


@pytest.mark.row("C7")
@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Somebody else has written the minutes meanwhile"), ("kk", "Осы арада хаттаманы басқа адам жазып қойды")],
)
async def test_of_two_who_write_the_minutes_the_second_reads_those_of_the_first(
    world: World, language: str, told: str
) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Chair", language)
    number = await over(scene)
    for one in (scene.head, chair):
        await one.forges(f"mn.new:{number}")
    await scene.head.says("We talked about the trip.")
    heard = await chair.says("We talked.")
    assert told in heard
    assert "We talked about the trip." in heard
    await chair.forges(f"mn.new:{number}")
    await chair.says("We talked about the trip and the books.")
    [row] = await world.rows("SELECT words FROM minutes")
    assert row["words"] == "We talked about the trip and the books."
