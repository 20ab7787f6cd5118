"""D1: challenges. Join with a tap, tick each day, and see how many do it together."""

import asyncio
from datetime import UTC, date, datetime

import pytest

import storage.challenges
import storage.persons
from domain.challenges import Plan, Totals, end_of
from domain.communities import CommunityKind
from domain.requests import Community
from domain.roles import Role
from sandbox import Chat
from storage.database import Connection
from tests.cast import Talker, World
from tests.scenes import School, add_member, community, group, school

DID_IT = "I did it today"


async def answers(talker: Talker, *said: str) -> str:
    """Answers a form: words are said, and "[Label]" is tapped. Returns what was heard last."""
    heard = ""
    for one in said:
        heard = await (talker.taps(one[1:-1]) if one.startswith("[") else talker.says(one))
    return heard


async def a_challenge(
    scene: School, starts: str = "[Today]", lasts: str = "[7 days]", whom: str = "[Everybody]"
) -> int:
    """The head of class 5A calls it. Returns its number."""
    await answers(scene.head, "/challenge Reading | 20 minutes a day", starts, lasts, whom, "[Call the challenge]")
    await scene.world.tick()
    return await newest(scene.world)


async def a_school_challenge(scene: School) -> int:
    await answers(scene.coordinator, "/challenge Reading | 20 minutes a day", "[Whole: School]", "[Today]")
    await answers(scene.coordinator, "[7 days]", "[Everybody]", "[Call the challenge]")
    await scene.world.tick()
    return await newest(scene.world)


async def newest(world: World) -> int:
    return int((await world.rows("SELECT MAX(id) AS id FROM challenges"))[0]["id"])


async def counted(world: World) -> int:
    return int((await world.rows("SELECT COUNT(*) AS days FROM challenge_checkins"))[0]["days"])


def last(chat: Chat) -> str:
    return chat.visible[-1].text


# --- calling ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("D1")
async def test_the_form_asks_everything_and_invites_everybody_it_is_for(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    assert "What is the challenge called?" in await scene.head.says("/challenge")
    assert "write the rules" in await scene.head.says("Read every day")
    assert "When does it start?" in await scene.head.says("20 minutes,\nany book")
    assert "How long does it last?" in await scene.head.taps("Tomorrow")
    assert "Who is it for?" in await scene.head.taps("14 days")
    review = await scene.head.taps("Parents")
    for part in (
        "Read every day",
        "any book",
        "For: Parents",
        "Wednesday, 2 December 2026",
        "Tuesday, 15 December 2026",
    ):
        assert part in review
    assert "Your challenge" in await scene.head.taps("Call the challenge")
    await world.tick()
    assert "A new challenge" in scene.parents[0].last.text
    assert scene.parents[0].labels == ["Join"]
    assert "A new challenge" not in scene.pupils[0].last.text
    assert "A new challenge" not in scene.outsider.last.text
    assert "Taking part: 0" in last(chat)
    assert chat.visible[-1].labels == ["Join", DID_IT]


@pytest.mark.row("D1")
@pytest.mark.parametrize(
    ("starts", "lasts", "first", "last_one"),
    [
        ("[Today]", "[7 days]", "Tuesday, 1 December", "Monday, 7 December"),
        ("[Next Monday]", "[21 days]", "Monday, 7 December", "Sunday, 27 December"),
        ("5 December", "10", "Saturday, 5 December", "Monday, 14 December"),
        ("[Tomorrow]", "20 December", "Wednesday, 2 December", "Sunday, 20 December"),
        ("[Tomorrow]", "1", "Wednesday, 2 December", "Wednesday, 2 December"),
    ],
)
async def test_the_days_are_chosen_or_written(world: World, starts: str, lasts: str, first: str, last_one: str) -> None:
    scene = await school(world)
    review = await answers(scene.head, "/challenge Reading | Read", starts, lasts, "[Everybody]")
    assert f"First day: {first} 2026" in review
    assert f"Last day: {last_one} 2026" in review


@pytest.mark.row("D1")
@pytest.mark.parametrize(
    ("language", "monday", "week", "first", "last_one", "earlier"),
    [
        (
            "en",
            "Next Monday",
            "7 days",
            "First day: Monday, 28 December 2026",
            "Last day: Saturday, 9 January 2027",
            "earlier question",
        ),
        (
            "uk",
            "У понеділок",
            "7 днів",
            "Перший день: понеділок, 28 грудня 2026",
            "Останній день: субота, 9 січня 2027",
            "від попереднього запитання",
        ),
    ],
)
async def test_both_days_are_tapped_in_a_calendar_that_begins_and_ends_where_it_must(
    world: World, language: str, monday: str, week: str, first: str, last_one: str, earlier: str
) -> None:
    scene = await school(world, language=language)
    await scene.head.says("/challenge Reading | Read")
    assert monday in scene.head.labels[:3]
    await scene.head.taps("28")
    assert scene.head.labels[0] == week
    assert "27" not in scene.head.labels  # before the first day
    token = (await world.rows("SELECT MAX(token) AS token FROM conversations"))[0]["token"]
    for forged in ("2026-12-27", "2027-12-29", "2026-12-99", "0", "400"):  # also longer than a challenge may be
        assert earlier in await scene.head.forges(f"f:{token}:is:{forged}")
    await scene.head.taps("›", message=scene.head.find("28"))
    await scene.head.taps("9")
    review = await scene.head.taps(scene.head.labels[0])
    assert first in review
    assert last_one in review


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("/challenge", "\u200b"), "What is the challenge called?"),
        (("/challenge " + "Ə" * 101,), "It has 101 characters; at most 100 fit"),
        (("/challenge Reading", "ж" * 2_001), "They have 2001 characters; at most 2000 fit"),
        (("/challenge Reading", "\n"), "write the rules in words"),
        (("/challenge Reading | Read", "30 November 2026"), "past already"),
        (("/challenge Reading | Read", "soon"), "find a date"),
        (("/challenge Reading | Read", "[Today]", "0"), "lasts 1 to 366 days"),
        (("/challenge Reading | Read", "[Today]", "9999999"), "lasts 1 to 366 days"),
        (("/challenge Reading | Read", "[Today]", "20 December 2027"), "lasts 1 to 366 days"),
        (("/challenge Reading | Read", "[Next Monday]", "5 December"), "lies before the first one"),
        (("/challenge Reading | Read", "[Today]", "two or three"), "Please write it again"),
    ],
)
async def test_what_cannot_be_is_asked_again_and_nothing_is_lost(
    world: World, said: tuple[str, ...], told: str
) -> None:
    scene = await school(world)
    assert told in await answers(scene.head, *said)
    assert await world.rows("SELECT * FROM challenges") == []


async def test_a_first_day_that_is_over_by_the_time_of_the_review_is_refused(world: World) -> None:
    scene = await school(world)
    await answers(scene.head, "/challenge Reading | Read", "1 December", "[7 days]", "[Everybody]")
    await world.later(hours=16)  # the night after it
    assert "first day is over already" in await scene.head.taps("Call the challenge")
    assert await world.rows("SELECT * FROM challenges") == []


@pytest.mark.row("A3_bad_forged")
async def test_only_leaders_call_one(world: World) -> None:
    scene = await school(world)
    assert "You can't do this here" in await scene.parents[0].says("/challenge Reading | Read")


# --- taking part ------------------------------------------------------------------------------------------------------


@pytest.mark.row("D1")
async def test_join_and_tick_with_the_days_and_the_streak(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene)
    mother = scene.parents[0]
    joined = await mother.taps("Join")
    assert "Did you do it today?" in joined
    assert "✓ You take part." in joined
    assert "You did it on 1 day so far." in await mother.taps(DID_IT)
    await world.later(days=1)
    said = await mother.taps(DID_IT)
    assert "You did it on 2 days so far." in said
    assert "2 days in a row" in said
    await world.later(days=2)
    said = await mother.taps(DID_IT)
    assert "You did it on 3 days so far." in said
    assert "in a row" not in said


@pytest.mark.row("D1_bad_double")
async def test_a_second_tick_on_one_day_is_told_and_counts_once(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene)
    mother = scene.parents[0]
    await mother.taps("Join")
    await mother.taps(DID_IT)
    assert "Today is counted already. See you tomorrow!" in await mother.taps(DID_IT)
    await world.later(hours=14)  # 23:00 in Baku
    assert "counted already" in await mother.taps(DID_IT)
    assert await counted(world) == 1
    await world.later(hours=2)
    assert "You did it on 2 days so far." in await mother.taps(DID_IT)


@pytest.mark.row("D1_bad_double")
async def test_two_taps_at_once_and_the_same_update_twice_count_once(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene)
    mother = scene.parents[0]
    await mother.taps("Join")
    message = mother.find(DID_IT)
    world.sandbox.redeliver = True
    world.sandbox.taps(mother.person, message, DID_IT)
    world.sandbox.taps(mother.person, message, DID_IT)
    await world.settle()
    assert await counted(world) == 1
    assert (await world.rows("SELECT days FROM challenge_participants"))[0]["days"] == 1


@pytest.mark.row("D1")
async def test_before_the_start_one_can_join_and_is_told_when_it_begins(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene, starts="[Next Monday]")
    mother = scene.parents[0]
    assert "It begins: Monday, 7 December 2026" in await mother.taps("Join")
    assert "It begins: Monday, 7 December 2026" in await mother.taps(DID_IT)
    assert await counted(world) == 0
    await world.later(days=6)
    assert "You did it on 1 day so far." in await mother.taps(DID_IT)


@pytest.mark.row("D1_bad_after_end")
async def test_after_the_end_joining_and_ticking_are_told(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    number = await a_challenge(scene)
    mother, father = scene.parents
    await mother.taps("Join")
    own, invited, posted = mother.find(DID_IT), father.find("Join"), chat.visible[-1]
    await world.later(days=7)
    assert "This challenge is over" in await mother.forges(f"ch.did:{number}", message=own)
    assert "This challenge is over" in await father.forges(f"ch.join:{number}", message=invited)
    assert "This challenge is over" in await father.forges(f"ch.join:{number}", chat, message=posted)
    assert await counted(world) == 0
    assert len(await world.rows("SELECT * FROM challenge_participants")) == 1


@pytest.mark.row("D1_bad_after_end")
async def test_the_last_day_ends_at_midnight_even_before_the_job_looks(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene, lasts="1")
    mother = scene.parents[0]
    await mother.taps("Join")
    world.sandbox.clock.set(datetime(2026, 12, 1, 20, 0, tzinfo=UTC))  # midnight in Baku
    world.birge.clock.set_offset(world.sandbox.clock.offset)
    assert "This challenge is over" in await mother.taps(DID_IT)
    assert await counted(world) == 0


@pytest.mark.row("D1")
async def test_a_late_joiner_is_welcome_while_it_runs(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene)
    await world.later(days=3)
    late = await add_member(world, scene.class_a, Role.PUPIL, "Late")
    assert "Reading\u2069 (you can join)" in await late.says("/challenges")
    await late.taps("Reading")
    await late.taps("Join")
    assert "You did it on 1 day so far." in await late.taps(DID_IT)


async def test_ticking_needs_joining_and_joining_twice_is_told(world: World) -> None:
    scene = await school(world)
    number = await a_challenge(scene)
    mother = scene.parents[0]
    assert "tap “Join” first" in await mother.forges(f"ch.did:{number}")
    assert mother.labels == ["Join"]
    await mother.taps("Join")
    assert "You take part already." in await mother.forges(f"ch.join:{number}")


# --- in the group -----------------------------------------------------------------------------------------------------


@pytest.mark.row("D1")
async def test_taps_in_the_group_count_for_the_person_and_name_nobody(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await a_challenge(scene)
    mother, pupil = scene.parents[0], scene.pupils[0]
    assert "✓ You take part." in await mother.taps("Join", chat)
    assert "Did you do it today?" in mother.last.text
    assert mother.labels == [DID_IT, "Totals"]
    assert "Well done!" in await mother.taps(DID_IT, chat)
    assert "You did it on 1 day so far." in mother.last.text
    assert "first; then every day counts" in await pupil.taps(DID_IT, chat)
    await world.later(seconds=10)
    assert "Taking part: 1" in last(chat)
    assert "All days done, added up: 1" in last(chat)
    assert not any(name in last(chat) for name in ("Parent0", "Pupil0"))
    card = scene.head.find("Totals").text
    assert "Your challenge" in card
    assert "Taking part: 1" in card


async def test_whoever_has_no_invitation_gets_her_card_after_a_tap_in_the_group(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await a_challenge(scene)
    late = await add_member(world, scene.class_a, Role.PARENT, "Late")
    world.sandbox.joins(late.person, chat)
    assert "You take part." in await late.taps("Join", chat)
    assert "Did you do it today?" in late.last.text
    assert "You did it on 1 day so far." in await late.taps(DID_IT)


@pytest.mark.row("A3_bad_forged")
async def test_others_are_refused_in_the_group_and_with_forged_buttons(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a, [scene.outsider])
    number = await a_challenge(scene, whom="[Parents]")
    assert "You can't do this here" in await scene.outsider.taps("Join", chat)
    assert "You can't do this here" in await scene.pupils[0].taps("Join", chat)
    await scene.outsider.says("/home")
    for forged in (f"ch:{number}", f"ch.did:{number}", f"ch.sum:{number}:{scene.class_a.id}"):
        assert "You can't do this here" in await scene.outsider.forges(forged)
    for forged in ("ch.join:99999", "ch.join:x", "ch.join", f"ch.did:{'9' * 19}", "ch.join:1'--"):
        assert "You can't do this here" in await scene.parents[0].forges(forged)
    assert await world.rows("SELECT * FROM challenge_participants") == []


async def test_leaders_above_watch_but_do_not_take_part(world: World) -> None:
    scene = await school(world)
    number = await a_challenge(scene)
    await scene.coordinator.says("/home")
    assert "Only those it is for" in await scene.coordinator.forges(f"ch.join:{number}")
    assert "Totals:" in await scene.coordinator.forges(f"ch.sum:{number}:{scene.class_a.id}")
    assert "No challenge is open" in await scene.coordinator.says("/challenges")


# --- /challenges ------------------------------------------------------------------------------------------------------


@pytest.mark.row("D1")
async def test_the_list_shows_what_is_open_for_me_with_my_state(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    assert "No challenge is open" in await mother.says("/challenges")
    await a_challenge(scene)
    assert "Reading\u2069 (you can join)" in await mother.says("/challenges")
    assert "You can join at any time" in await mother.taps("Reading")
    await mother.taps("Join")
    assert "Reading\u2069 (you take part)" in await mother.says("/challenges")
    await scene.head.says("/challenges")
    assert scene.head.labels == ["Reading"]
    assert "No challenge is open" in await scene.outsider.says("/challenges")
    await world.later(days=8)
    assert "No challenge is open" in await mother.says("/challenges")


async def test_an_organiser_from_above_finds_hers(world: World) -> None:
    scene = await school(world)
    await answers(scene.coordinator, "/challenge Reading | Read", "[5A]", "[Today]", "[7 days]", "[Parents]")
    await scene.coordinator.taps("Call the challenge")
    assert "Reading\u2069 (you organise it)" in await scene.coordinator.says("/challenges")
    assert "Totals: " in await scene.coordinator.taps("Reading")


async def test_many_challenges_come_in_pages(world: World) -> None:
    scene = await school(world)
    for number in range(10):
        await answers(scene.head, f"/challenge Number {number} | Read", "[Today]", "[7 days]", "[Everybody]")
        await scene.head.taps("Call the challenge")
        await world.later(minutes=1)
    await scene.parents[0].says("/challenges")
    assert scene.parents[0].labels == [*(f"Number {number}" for number in range(8)), "More"]
    await scene.parents[0].taps("More")
    assert scene.parents[0].labels == ["Number 8", "Number 9"]
    await scene.head.says("/challenges")
    assert scene.head.labels == [*(f"Number {number}" for number in range(8)), "More"]


# --- /did -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D1")
async def test_a_typed_line_counts_the_day(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    await a_challenge(scene)
    assert "You don't take part in a challenge" in await mother.says("/did")
    await mother.taps("Join")
    assert "You did it on 1 day so far." in await mother.says("/did")
    await world.later(days=1)
    said = await mother.says("/did")
    assert "✓ You did it today" in said
    assert "2 days in a row" in said
    assert await counted(world) == 2


@pytest.mark.row("D1_bad_double")
async def test_a_day_typed_twice_counts_once(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene)
    await scene.parents[0].taps("Join")
    await scene.parents[0].says("/did")
    assert "counted already" in await scene.parents[0].says("/did")
    assert await counted(world) == 1


async def test_a_line_typed_before_the_start_or_after_the_end_counts_nothing(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    await a_challenge(scene, starts="[Tomorrow]")
    await mother.taps("Join")
    assert "It begins:" in await mother.says("/did")
    await world.later(days=9)
    assert "You don't take part in a challenge" in await mother.says("/did")
    assert await counted(world) == 0


async def test_of_several_challenges_she_chooses_by_a_button(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    for name in ("Reading", "Running"):
        await answers(scene.head, f"/challenge {name} | Daily", "[Today]", "[7 days]", "[Everybody]")
        await scene.head.taps("Call the challenge")
        await world.tick()
        await mother.taps("Join")
    assert "Which challenge" in await mother.says("/did")
    assert mother.labels == ["Reading", "Running"]
    assert "You did it on 1 day so far." in await mother.taps("Running")
    days = await world.rows("SELECT title FROM challenge_checkins JOIN challenges ON challenges.id = challenge_id")
    assert [row["title"] for row in days] == ["Running"]


async def test_whoever_left_the_class_counts_no_more_days_there(world: World) -> None:
    scene = await school(world)
    await a_challenge(scene)
    await scene.parents[0].taps("Join")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE called LIKE 'Parent0%'")
        await db.run("UPDATE challenges SET card_due = 0")
    assert "You can't do this here" in await scene.parents[0].says("/did")
    assert await counted(world) == 0


# --- totals -----------------------------------------------------------------------------------------------------------


async def many_take_part(world: World, number: int, community: Community, count: int, name: str) -> None:
    """Members made through storage, who have joined and ticked once."""
    async with world.birge.database.writing() as db:
        for one in range(count):
            known = await storage.persons.meet(db, "telegram", f"{name}{one}", "en", "Asia/Baku")
            await storage.challenges.join(db, number, known.person.id, community.id, world.now)
            await storage.challenges.check_in(db, number, known.person.id, date(2026, 12, 1))


@pytest.mark.row("D1")
async def test_totals_by_class_for_those_who_lead(world: World) -> None:
    scene = await school(world)
    number = await a_school_challenge(scene)
    await many_take_part(world, number, scene.class_a, 7, "70")
    await many_take_part(world, number, scene.class_b, 2, "80")
    said = await scene.coordinator.taps("Totals")
    assert "Taking part: 9" in said
    assert "5A\u2069: taking part 7, days 7" in said
    assert "5B\u2069: taking part 2, days 2" in said


@pytest.mark.row("D1")
async def test_small_classes_are_not_counted_out_before_others(world: World) -> None:
    scene = await school(world)
    number = await a_school_challenge(scene)
    await many_take_part(world, number, scene.class_a, 7, "70")
    await many_take_part(world, number, scene.class_b, 2, "80")
    mother = scene.parents[0]
    await mother.taps("Join")
    said = await mother.taps("Totals")
    assert "Taking part: 10" in said
    assert "5A\u2069: not shown" in said  # it would give 5B away
    assert "5B\u2069: not shown" in said
    assert "below 5" in said
    hidden = f"ch.in:{number}:{scene.class_b.id}"
    assert "You can't do this here" in await mother.forges(hidden)
    assert "Taking part: 8" in await mother.forges(f"ch.in:{number}:{scene.class_a.id}")


@pytest.mark.row("D1")
async def test_totals_go_down_the_tree_and_up_again(world: World) -> None:
    scene = await school(world)
    await answers(scene.owner, "/challenge Reading | Read", "[Whole: Network]", "[Today]", "[7 days]")
    await answers(scene.owner, "[Everybody]", "[Call the challenge]")
    await world.tick()
    number = await newest(world)
    for place, one in enumerate((scene.class_a, scene.class_b, scene.other_class)):
        await many_take_part(world, number, one, 5 + place, f"9{place}")
    await many_take_part(world, number, scene.network, 6, "99")
    mother = scene.parents[0]
    said = await mother.forges(f"ch.sum:{number}:{scene.network.id}")
    assert "Nəsimi\u2069: taking part 18, days 18" in said
    assert "Others: taking part 6, days 6" in said
    await mother.taps("Nəsimi")
    said = await mother.taps("Məktəb 7")
    assert "7C\u2069: taking part 7, days 7" in said
    assert mother.labels == ["Up"]
    assert "Məktəb 12\u2069: taking part 11, days 11" in await mother.taps("Up")
    for forged in (f"ch.in:{number}", f"ch.in:{number}:99999", f"ch.in:{number}:x"):
        assert "You can't do this here" in await mother.forges(forged)


async def test_totals_stay_within_the_challenge(world: World) -> None:
    scene = await school(world)
    number = await a_challenge(scene)
    assert "You can't do this here" in await scene.head.forges(f"ch.in:{number}:{scene.school.id}")
    assert "Taking part: 0" in await scene.head.forges(f"ch.in:{number}:{scene.class_a.id}")


async def test_long_tables_come_in_pages(world: World) -> None:
    scene = await school(world)
    for one in range(12):
        await community(world, scene.school, CommunityKind.CLASS, f"6-{one:02}")
    await a_school_challenge(scene)
    assert "6-05" in await scene.coordinator.taps("Totals")
    said = await scene.coordinator.taps("More")
    assert "6-11" in said
    assert "6-05" not in said


@pytest.mark.row("D1")
async def test_a_class_group_sees_its_own_part_of_a_school_challenge(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    number = await a_school_challenge(scene)
    await many_take_part(world, number, scene.class_b, 6, "80")
    await scene.parents[0].taps("Join", chat)
    await world.later(seconds=10)
    assert "Taking part: 7" in last(chat)
    assert "Taking part: 1" in last(chat)


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D1_bad_many")
async def test_ten_thousand_ticks_are_all_counted_once(world: World) -> None:
    scene = await school(world, parents=0, pupils=0)
    people, day = 5_000, date(2026, 12, 1)
    async with world.birge.database.writing() as db:
        number = await storage.challenges.add(
            db, scene.class_a, 1, Plan("Reading", "Read", day, day, ()), end_of(day, "Asia/Baku")
        )
        persons = [
            (await storage.persons.meet(db, "telegram", f"7{n:06}", "en", "UTC")).person.id for n in range(people)
        ]
        for person_id in persons:
            await storage.challenges.join(db, number, person_id, scene.class_a.id, world.now)

    async def tick_hundred(start: int) -> int:
        async def tick(db: Connection) -> int:
            ticked = [await storage.challenges.check_in(db, number, one, day) for one in persons[start : start + 100]]
            return sum(taking is not None for taking in ticked)

        return await world.birge.database.transact(tick)

    begun = asyncio.get_running_loop().time()
    twice = [tick_hundred(start) for start in range(0, people, 100) for _ in range(2)]
    assert sum(await asyncio.gather(*twice)) == people
    assert asyncio.get_running_loop().time() - begun < 60  # an hour's worth, in less than a minute
    async with world.birge.database.reading() as db:
        assert await storage.challenges.totals(db, number, scene.school.path) == Totals(people, people)
    assert await counted(world) == people


@pytest.mark.row("D1_bad_many")
async def test_a_whole_class_ticks_at_the_same_moment(world: World) -> None:
    scene = await school(world, parents=0, pupils=25)
    await a_challenge(scene)
    for pupil in scene.pupils:
        world.sandbox.taps(pupil.person, pupil.find("Join"), "Join")
    await world.settle()
    for pupil in scene.pupils:
        for _ in range(2):
            world.sandbox.taps(pupil.person, pupil.find(DID_IT), DID_IT)
    await world.settle()
    assert await counted(world) == 25
    await world.later(seconds=10)
    card = scene.head.find("Totals").text
    assert "Taking part: 25" in card
    assert "All days done, added up: 25" in card


async def test_cards_are_edited_at_most_once_in_three_seconds(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await a_challenge(scene)
    await scene.parents[0].taps("Join")
    await scene.parents[1].taps("Join")
    await world.later(seconds=10)
    before = len([one for one in world.sandbox.calls if one.method == "editMessageText"])
    await scene.parents[0].taps(DID_IT, chat)
    await world.tick()
    await scene.parents[1].taps(DID_IT, chat)
    await world.tick()
    edits = [one for one in world.sandbox.calls if one.method == "editMessageText"][before:]
    assert sum(one.params["chat_id"] == str(chat.id) or one.params["chat_id"] == chat.id for one in edits) == 0
    await world.later(seconds=10)
    assert "All days done, added up: 2" in last(chat)


# --- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("D1")
async def test_at_the_end_everybody_who_took_part_is_thanked_once(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await a_challenge(scene)
    mother, father = scene.parents
    await mother.taps("Join")
    await mother.taps(DID_IT)
    await world.later(days=7)
    assert "Thank you for taking part!" in mother.last.text
    assert "You did it on 1 day." in mother.last.text
    assert "Taking part: 1" in mother.last.text
    assert "Thank you, everybody!" in last(chat)
    assert not any("Join" in one.labels for one in chat.visible)
    assert "Thank you, everybody!" in scene.head.last.text
    assert not any("Thank you" in one.text for one in father.messages)
    said = len(mother.messages), len(chat.visible), len(scene.head.messages)
    await world.later(days=1)
    assert (len(mother.messages), len(chat.visible), len(scene.head.messages)) == said


async def test_chunks_go_on_where_they_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.challenges.PERSONS_AT_ONCE", 2)
    monkeypatch.setattr("jobs.challenges.GROUPS_AT_ONCE", 1)
    scene = await school(world, parents=5)
    chats = [await group(scene, scene.class_a) for _ in range(2)]
    await a_challenge(scene)
    await world.tick()
    assert all("Taking part: 0" in last(chat) for chat in chats)
    for parent in scene.parents:
        await parent.taps("Join")
    await world.later(days=7)
    await world.tick()
    assert all("Thank you for taking part" in parent.last.text for parent in scene.parents)
    assert [sum("Thank you, everybody" in one.text for one in chat.visible) for chat in chats] == [1, 1]
    assert [row["state"] for row in await world.rows("SELECT state FROM challenges")] == ["over"]
