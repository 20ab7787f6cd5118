"""C1: a consultation with slots, one family each; and places that somebody who left does not keep."""

from datetime import UTC, datetime

import pytest

import storage.feeds
import storage.forgetting
import storage.merging
from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.test_meetings import called, meeting_id, steps
from tests.conversations.test_move import moves
from tests.scenes import School, add_member, belong, group, person_id_of, school


async def consultation(scene: School, *length: str, minutes: str = "30") -> None:
    """On Monday at 18:00, in slots."""
    asked = await steps(scene.head, "/meeting", "[Consultation]", "7 December 18:00", *(length or ("[1 hour]",)))
    assert "minutes for each family" in asked
    tap = f"[{minutes}]" if minutes in ("10", "15", "20", "30") else minutes
    review = await steps(scene.head, tap, "About the term", "Room 5", "[Skip]", "[Parents]")
    if "group chat" in review:
        review = await steps(scene.head, "[Yes]")
    assert f"Minutes for each family: {minutes}" in review
    await steps(scene.head, "[Call it]")
    await scene.world.tick()


async def takes(talker: Talker, time: str) -> str:
    await talker.taps("Choose a time")
    return await talker.taps(time)


async def slots(world: World) -> list[int | None]:
    return [row["person_id"] for row in await world.rows("SELECT person_id FROM slots ORDER BY starts_at")]


async def leaves(world: World, talker: Talker) -> None:
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, talker)
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person_id)


@pytest.mark.row("C1")
async def test_a_time_is_chosen_changed_and_given_back_and_the_next_is_told(world: World) -> None:
    scene = await school(world, parents=3)
    await consultation(scene)
    first, second, third = scene.parents
    assert "Which time suits you?" in await first.taps("Choose a time")
    assert first.labels == ["18:00", "18:30"]
    assert "Your time: Monday, 7 December 2026, 18:30" in await first.taps("18:30")
    await second.taps("Choose a time")
    assert second.labels == ["18:00"]
    await second.taps("18:00")
    assert None not in await slots(world)
    assert "All times are taken" in await third.taps("Choose a time")
    assert "waiting list, place 1" in await third.taps("Wait for one")
    assert "can't come" in await first.taps("Can't")
    assert "it is yours" in third.messages[-1].text
    assert "18:30" in third.messages[-1].text
    await scene.head.taps("Who answered")
    assert "18:00 \u2068Parent1\u2069\n18:30 \u2068Parent2\u2069" in scene.head.last.text


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("language", "choose", "later"), [("en", "Choose a time", "Later"), ("ru", "Выбрать время", "Позже")]
)
async def test_forty_times_come_in_pages_and_each_is_one_tap_away(
    world: World, language: str, choose: str, later: str
) -> None:
    scene = await school(world, parents=1)
    parent = await add_member(world, scene.class_a, Role.PARENT, "Oksana", language)
    chat = await group(scene, scene.class_a)
    await consultation(scene, "[4 hours]", minutes="6")
    assert chat.visible[-1].labels == ["Choose a time"]  # no card grows
    await parent.taps(choose)
    assert parent.labels[:8] == ["18:00", "18:06", "18:12", "18:18", "18:24", "18:30", "18:36", "18:42"]
    assert parent.labels[8:] == [later]
    await parent.taps(later)
    assert len(parent.labels) == 10
    number = await meeting_id(world)
    assert "18:48" in await parent.taps("18:48")
    await scene.parents[0].forges(f"mt.slots.page:{number}:999")
    assert scene.parents[0].labels[-2] == "21:54"  # the last page: 40 times less the one that is taken
    assert len(scene.parents[0].labels) == 8


@pytest.mark.row("C1")
async def test_another_time_frees_the_first_and_two_taps_at_once_leave_one(world: World) -> None:
    scene = await school(world, parents=2)
    await consultation(scene, "[1 hour]", minutes="15")
    first, second = scene.parents
    await takes(first, "18:15")
    await takes(first, "18:45")
    assert [one is None for one in await slots(world)] == [True, True, True, False]
    await first.taps("Choose a time")
    await second.taps("Choose a time")
    world.sandbox.taps(first.person, first.last, "18:00")
    world.sandbox.taps(second.person, second.last, "18:00")
    await world.settle()
    taken = await slots(world)
    assert taken[0] is not None
    winner = taken[0] == await person_id_of(world, first)
    assert taken[3] == (None if winner else await person_id_of(world, first))  # whoever lost keeps what she had
    loser = second if winner else first
    assert "Somebody else has this time already" in loser.last.text


@pytest.mark.row("C1_bad_slot_taken")
async def test_a_slot_that_is_taken_forged_or_too_late_is_refused(world: World) -> None:
    scene = await school(world, parents=2, language="ru")
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, scene.head)
        await db.run("UPDATE persons SET language = 'en' WHERE id = :id", id=person_id)
    await consultation(scene)
    first, second = scene.parents
    number = await meeting_id(world)
    [slot, *_] = await world.rows("SELECT id FROM slots ORDER BY starts_at")
    await first.forges(f"mt.slot:{number}:{slot['id']}:o")
    before = await slots(world)
    for forged in (slot["id"], 999, "x", ""):
        await second.forges(f"mt.slot:{number}:{forged}:o")
    await second.forges(f"mt.rsvp:{number}:yes")
    await scene.outsider.forges(f"mt.slot:{number}:{slot['id'] + 1}:o")
    await scene.pupils[0].forges(f"mt.slot:{number}:{slot['id'] + 1}:o")
    assert await slots(world) == before
    await first.forges(f"mt.guests:{number}:3")  # a family brings no guests to its time
    assert [row["guests"] for row in await world.rows("SELECT guests FROM rsvps")] == [0]
    await world.at(datetime(2026, 12, 7, 14, 1, tzinfo=UTC))
    await second.forges(f"mt.slot:{number}:{slot['id'] + 1}:o")
    await first.forges(f"mt.rsvp:{number}:no")
    assert await slots(world) == before


@pytest.mark.row("C1_bad_slots")
async def test_minutes_that_make_no_slots_are_asked_again(world: World) -> None:
    scene = await school(world)
    await steps(scene.head, "/meeting", "[Consultation]", "7 December 18:00-19:00")
    assert "from 5 to 120" in await scene.head.says("a few")
    assert "from 5 to 120" in await scene.head.says("4")
    assert "no time for any family" in await scene.head.says("90")
    assert "title" in await scene.head.says("25")


@pytest.mark.row("C1")
async def test_the_group_shows_the_way_to_ones_private_chat_and_a_move_takes_the_slots_along(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await consultation(scene)
    [post] = [message for message in chat.visible if "Consultation" in message.text]
    assert post.labels == ["Choose a time"]
    parent = scene.parents[0]
    assert "Which time suits you?" in await parent.starts(f"slot-{await meeting_id(world)}")
    await parent.taps("18:30")
    await steps(scene.head, "[Move]", "8 December 10:00", "[Move it]")
    await world.tick()
    assert "Your time: Tuesday, 8 December 2026, 10:30" in parent.last.text


@pytest.mark.row("C1")
async def test_a_parent_chooses_her_time_in_azerbaijani(world: World) -> None:
    scene = await school(world, language="az")
    await steps(scene.head, "/meeting", "[Məsləhət görüşü]", "7 dekabr 18:00-19:00", "[30]", "Rüb haqqında")
    review = await steps(scene.head, "[Keç]", "[Keç]", "[Valideynlər]")
    assert "Hər ailəyə ayrılan vaxt, dəqiqə: 30" in review
    await steps(scene.head, "[Təyin et]")
    await world.tick()
    mother = scene.parents[0]
    assert "Sizə hansı vaxt uyğundur?" in await mother.taps("Vaxt seç")
    assert "Sizin vaxtınız: 7 dekabr 2026, bazar ertəsi, 18:30" in await mother.taps("18:30")
    await scene.parents[1].taps("Vaxt seç")
    [slot] = await world.rows("SELECT id, meeting_id FROM slots WHERE person_id IS NOT NULL")
    taken = await scene.parents[1].forges(f"mt.slot:{slot['meeting_id']}:{slot['id']}:o")
    assert "Bu vaxtı artıq başqası götürüb" in taken


@pytest.mark.row("C3")
async def test_each_family_is_reminded_an_hour_before_its_own_time(world: World) -> None:
    scene = await school(world)
    await consultation(scene)
    first, second = scene.parents
    await takes(first, "18:30")
    before, hour = datetime(2026, 12, 7, 13, 25, tzinfo=UTC), datetime(2026, 12, 7, 13, 31, tzinfo=UTC)
    for moment, reminders in ((before, 1), (hour, 2)):  # one came a day before
        await world.at(moment)
        await world.tick()
        assert sum("⏰ Reminder" in one.text for one in first.messages) == reminders
    assert "Your time: Monday, 7 December 2026, 18:30" in first.last.text
    assert sum("⏰ Reminder" in one.text for one in second.messages) == 1


async def test_a_family_has_one_time(world: World) -> None:
    scene = await school(world)
    await consultation(scene)
    mother, father = scene.parents
    async with world.birge.database.writing() as db:
        child = await person_id_of(world, scene.pupils[0])
        for one in scene.parents:
            await db.run(
                """INSERT INTO families (child_id, parent_id, called, state, head_only, asked_at)
                   VALUES (:child, :parent, 'Parent', 'linked', 0, 0)""",
                child=child,
                parent=await person_id_of(world, one),
            )
    await takes(mother, "18:00")
    assert "Your family has a time already: Monday, 7 December 2026, 18:00" in await takes(father, "18:30")
    assert "Your time" in await takes(mother, "18:30")


# --- whoever leaves ---------------------------------------------------------------------------------------------------


@pytest.mark.row("C2")
async def test_whoever_leaves_the_class_gives_up_her_place_and_the_first_in_line_has_it(world: World) -> None:
    scene = await school(world, parents=3)
    await scene.head.says("/meeting 7 December 18:00 Picnic")
    await steps(scene.head, "[Call it]")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE meetings SET capacity = 1")
    await world.tick()
    first, second, third = scene.parents
    for one in scene.parents:
        await one.taps("Going")
    await leaves(world, second)  # of those who wait
    await leaves(world, first)
    await belong(world, first, scene.other_class, Role.PARENT)
    await world.tick()
    assert "it is yours: \u2068Picnic\u2069" in third.last.text
    rows = await world.rows("SELECT person_id, answer FROM rsvps")
    assert [tuple(row) for row in rows] == [(await person_id_of(world, third), "accepted")]
    await world.later(seconds=4)
    assert "Going: 1" in scene.head.find("Who answered").text


@pytest.mark.row("C2")
async def test_whoever_leaves_gives_back_her_time_too(world: World) -> None:
    scene = await school(world)
    await consultation(scene)
    await called(scene, "2026-12-09 17:00 Choir")
    await takes(scene.parents[0], "18:30")
    await leaves(world, scene.parents[0])
    await world.tick()
    assert await slots(world) == [None, None]


async def test_whoever_is_forgotten_leaves_neither_a_time_nor_a_calendar(world: World) -> None:
    scene = await school(world)
    await consultation(scene)
    first, second = scene.parents
    await takes(first, "18:00")
    await takes(second, "18:30")
    person_id = await person_id_of(world, first)
    async with world.birge.database.writing() as db:
        for one in scene.parents:
            await storage.feeds.make(db, await person_id_of(world, one), world.now)
        await storage.forgetting.forget(db, person_id, ["Parent0"], world.now)
    assert (await slots(world))[0] is None
    assert len(await world.rows("SELECT 1 FROM feeds")) == 1
    async with world.birge.database.writing() as db:
        other = await person_id_of(world, scene.outsider)
        [row] = await db.all("SELECT id FROM slots WHERE person_id IS NULL")
        await db.run("UPDATE slots SET person_id = :other WHERE id = :id", other=other, id=row["id"])
        await storage.merging.merge(db, other, await person_id_of(world, second))
    assert len(await slots(world)) == 2
    assert [one is None for one in await slots(world)].count(True) == 1


@pytest.mark.row("C1")
async def test_both_parents_who_wait_get_one_time_for_their_child(world: World) -> None:
    scene = await school(world, parents=4)
    await consultation(scene)
    first, second, mother, father = scene.parents
    async with world.birge.database.writing() as db:
        child = await person_id_of(world, scene.pupils[0])
        for parent in (mother, father):
            await db.run(
                """INSERT INTO families (child_id, parent_id, called, state, head_only, asked_at)
                   VALUES (:child, :parent, 'Parent', 'linked', 0, 0)""",
                parent=await person_id_of(world, parent),
                child=child,
            )
    await takes(first, "18:00")
    await takes(second, "18:30")
    for parent in (mother, father):
        await parent.taps("Choose a time")
        assert "waiting list" in await parent.taps("Wait for one")
    await first.taps("Can't")
    await second.taps("Can't")
    await world.tick()
    assert [one for one in await slots(world) if one] == [await person_id_of(world, mother)]
    await mother.taps("Can't")  # then the time is the father's
    assert [one for one in await slots(world) if one] == [await person_id_of(world, father)]


FREE = {"en": "A place has become free, and it is yours", "ru": "Освободилось место, и оно Ваше"}


async def answers(world: World) -> list[tuple[str, int | None]]:
    rows = await world.rows("SELECT answer, turn FROM rsvps ORDER BY person_id")
    return [(row["answer"], row["turn"]) for row in rows]


@pytest.mark.row("C2")
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_two_accounts_that_become_one_hold_one_place_and_the_other_goes_to_who_waits(
    world: World, language: str
) -> None:
    scene = await school(world, parents=3)
    old, new, other = scene.parents
    third = await add_member(world, scene.class_a, Role.PARENT, "Oksana", language)
    await called(scene)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE meetings SET capacity = 2")
    for one in (old, new):
        await one.taps("Going")
    await third.taps({"en": "Going", "ru": "Буду"}[language])
    await other.taps("Going")
    await moves(old, new)
    await world.later(seconds=4)
    assert FREE[language] in third.last.text
    assert "become free" not in other.last.text
    assert "Going: 2\nMaybe: 0" in scene.head.find("Who answered").text


@pytest.mark.row("C2")
async def test_whoever_joins_two_accounts_loses_neither_her_place_nor_her_time_nor_her_turn(world: World) -> None:
    scene = await school(world, parents=4)
    old, new, waits, first = scene.parents
    await consultation(scene)
    await old.taps("Can't")
    await takes(new, "18:30")
    await takes(first, "18:00")
    await waits.taps("Choose a time")
    await waits.taps("Wait for one")
    await moves(old, new)
    await world.later(seconds=4)
    older = await person_id_of(world, old)
    assert await slots(world) == [await person_id_of(world, first), older]
    assert "Your time: Monday, 7 December 2026, 18:30" in await new.taps("Choose a time")
    assert await answers(world) == [("accepted", None), ("waiting", 1), ("accepted", None)]
    await first.taps("Can't")  # who waits has it, and no time is lost between two accounts
    assert await slots(world) == [await person_id_of(world, waits), older]


@pytest.mark.row("C2")
async def test_whoever_is_not_of_the_audience_any_more_gives_up_her_place(world: World) -> None:
    scene = await school(world, parents=2)
    await consultation(scene, "[1 hour]")  # for parents
    first, second = scene.parents
    await takes(first, "18:00")
    await takes(second, "18:30")
    third = await add_member(world, scene.class_a, Role.PARENT, "Third")
    await third.forges(f"mt.slot.wait:{await meeting_id(world)}::o")
    await belong(world, first, scene.class_a, Role.PUPIL)
    await belong(world, second, scene.school, Role.COORDINATOR)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'parent' AND called <> 'Third'")
    await world.later(minutes=11)
    # Whoever leads there may stay; a pupil is none of those it is for.
    assert await slots(world) == [await person_id_of(world, third), await person_id_of(world, second)]
    assert FREE["en"] in third.last.text
