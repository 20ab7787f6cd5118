"""/duty: who is on duty, the plan by buttons alone, swaps, gaps, and what the hotline still needs."""

from datetime import UTC, datetime

import pytest

import storage.canary
import storage.communities
import storage.duty
from domain.canary import Canary, Ended
from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.scenes import Hotline, add_member, on_duty, person_id_of, report, school

NOT_HERE = "You can't do this here."


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def hours(scene: Hotline, hours: str) -> None:
    """The same two, at these hours."""
    world = scene.world
    await on_duty(world, await person_id_of(world, scene.worker), await person_id_of(world, scene.other_worker), hours)


# --- who is on duty ---------------------------------------------------------------------------------------------------


@pytest.mark.row("F12")
async def test_everybody_of_the_hotline_sees_who_is_on_duty_now_and_next(scene: Hotline) -> None:
    shown = await scene.worker.says("/duty")
    assert "Now: Leyla. Backup: Murad." in shown
    assert "Next, Tuesday, 1 December 2026, 16:00: Leyla. Backup: Murad." in shown
    assert "Your shifts" in shown
    assert "as helper" in shown
    assert "as backup" in await scene.other_worker.says("/duty")
    assert "The hotline is open." not in shown  # that is for the head of the helpers
    assert "✓ The hotline is open." in await scene.supervisor.says("/duty")


@pytest.mark.row("F12")
@pytest.mark.parametrize("who", ["pupil", "parent", "head", "coordinator"])
async def test_nobody_else_hears_who_works_for_the_hotline(scene: Hotline, who: str) -> None:
    everyone = {
        "pupil": scene.pupil,
        "parent": scene.school.parents[0],
        "head": scene.school.head,
        "coordinator": scene.school.coordinator,
    }
    assert NOT_HERE in await everyone[who].says("/duty")
    assert NOT_HERE in await everyone[who].forges("du.plan")


@pytest.mark.row("F12")
async def test_a_schools_own_team_sees_who_is_on_duty_and_plans_nothing(scene: Hotline) -> None:
    own = await add_member(scene.world, scene.school.school, Role.SUPERVISOR, "Zaur")
    await scenes.accepts(scene.world, own)
    shown = await own.says("/duty")
    assert "Now: Leyla. Backup: Murad." in shown
    assert "The hotline is open." not in shown
    assert own.labels == []
    assert NOT_HERE in await own.forges("du.plan")


@pytest.mark.row("F12")
async def test_a_helper_plans_nothing(scene: Hotline) -> None:
    await scene.worker.says("/duty")
    assert "Plan" not in scene.worker.labels
    for forged in ("du.plan", "du.publish", "du.fill:turns", "du.discard", "du.hours:8-16", "du.set:0:0:worker:1"):
        assert NOT_HERE in await scene.worker.forges(forged)


# --- the plan ---------------------------------------------------------------------------------------------------------


async def set_post(scene: Hotline, post: str, name: str) -> str:
    await scene.supervisor.taps(post)
    return await scene.supervisor.taps(name)


@pytest.mark.row("F12")
async def test_a_week_is_planned_by_buttons_alone(scene: Hotline) -> None:
    boss = scene.supervisor
    await boss.says("/duty")
    await boss.taps("Plan")
    await boss.taps("Hours")
    await boss.taps("08:00–20:00")
    await boss.taps("Monday")
    await set_post(scene, "08:00–14:00 helper", "Leyla")
    await set_post(scene, "08:00–14:00 backup", "Murad")
    await set_post(scene, "14:00–20:00 helper", "Murad")
    day = await set_post(scene, "14:00–20:00 backup", "Leyla")
    assert "14:00–20:00: Murad, Leyla" in day
    await boss.taps("Back")
    week = await boss.taps("Same every day")
    assert week.count("08:00–14:00: Leyla, Murad") == 7
    assert "✓ The duty roster is published." in await boss.taps("Publish")
    assert "There is a new duty roster." in scene.worker.last.text
    assert "Now: Leyla. Backup: Murad." in await scene.worker.says("/duty")  # it is 09:00 in Baku


@pytest.mark.row("F12")
@pytest.mark.row("F12_bad_gap")
async def test_a_gap_is_named_and_the_old_roster_goes_on_counting(scene: Hotline) -> None:
    boss = scene.supervisor
    await boss.says("/duty")
    await boss.taps("Plan")
    await boss.taps("Hours")
    await boss.taps("00:00–24:00")
    await boss.taps("Tuesday")
    await set_post(scene, "08:00–16:00 helper", "Leyla")
    await boss.taps("Back")
    refused = await boss.taps("Publish")
    assert "Monday 00:00–08:00: nobody is on duty. Other gaps: 40." in refused
    assert "Monday: nobody yet" in refused
    assert "Tuesday\n00:00–08:00: nobody, nobody\n08:00–16:00: Leyla, nobody" in refused
    async with scene.world.birge.database.reading() as db:
        network = await storage.communities.root(db)
        assert network is not None
        stored = await storage.duty.pattern(db, network.id, network.zone)
        assert stored is not None
        assert len(stored.roster.pairs) == 21
    assert "Now: Leyla" in await scene.worker.says("/duty")


@pytest.mark.row("F12_bad_gap")
async def test_one_person_is_not_helper_and_backup(scene: Hotline) -> None:
    boss = scene.supervisor
    await boss.says("/duty")
    await boss.taps("Plan")
    await boss.taps("Take turns")
    await boss.taps("Tuesday")
    await set_post(scene, "16:00–24:00 helper", "Leyla")
    await set_post(scene, "16:00–24:00 backup", "Leyla")
    await boss.taps("Back")
    assert "Tuesday 16:00–24:00: helper and backup are one person." in await boss.taps("Publish")


@pytest.mark.row("F12_bad_gap")
async def test_who_holds_the_role_no_more_is_not_accepted(scene: Hotline) -> None:
    boss = scene.supervisor
    aytac = await add_member(scene.world, scene.school.network, Role.WORKER, "Aytac")
    await boss.says("/duty")
    await boss.taps("Plan")
    await boss.taps("Monday")
    await boss.taps("00:00–08:00 helper")
    assert "Aytac" not in boss.labels  # she has not accepted the code of conduct yet
    number = await person_id_of(scene.world, aytac)
    assert NOT_HERE in await boss.forges(f"du.set:0:0:worker:{number}")


@pytest.mark.parametrize(
    "forged",
    [
        "du.day:7",
        "du.day:x",
        "du.day",
        "du.who:0:3:worker",
        "du.who:0:0:boss",
        "du.who",
        "du.set:0:0:worker",
        "du.hours:1-2",
        "du.fill",
        "du.fill:x",
    ],
)
async def test_a_forged_tap_plans_nothing(scene: Hotline, forged: str) -> None:
    await scene.supervisor.says("/duty")
    assert NOT_HERE in await scene.supervisor.forges(forged)
    assert await scene.world.rows("SELECT 1 FROM duty_rosters WHERE state = 'draft'") == []


async def test_a_plan_is_thrown_away_and_published_once(scene: Hotline) -> None:
    boss = scene.supervisor
    await boss.says("/duty")
    await boss.taps("Plan")
    await boss.taps("Hours")
    await boss.taps("08:00–16:00")
    assert "00:00–24:00" in await boss.taps("Discard")  # as the roster that counts
    await boss.taps("Take turns")
    await boss.taps("Publish")
    states = [row["state"] for row in await scene.world.rows("SELECT state FROM duty_rosters ORDER BY id")]
    assert states == ["over", "published"]


# --- swaps ------------------------------------------------------------------------------------------------------------


async def third(scene: Hotline) -> Talker:
    """One more helper, who is not on duty."""
    aytac = await add_member(scene.world, scene.school.network, Role.WORKER, "Aytac")
    await scenes.accepts(scene.world, aytac)
    return aytac


@pytest.mark.row("F12")
async def test_a_shift_is_offered_and_taken_by_a_tap_and_the_supervisor_sees_it(scene: Hotline) -> None:
    aytac = await third(scene)
    await scene.worker.says("/duty")
    assert "it stays yours" in await scene.worker.taps("Offer: ")
    assert "Leyla offers a shift" in aytac.last.text
    assert "offers" not in scene.other_worker.last.text  # she is the backup of that shift
    assert "✓ The shift is yours" in await aytac.taps("Take: ")
    assert "Aytac instead of Leyla." in scene.supervisor.last.text
    assert "Aytac instead of Leyla." in scene.worker.last.text
    assert "Now: Aytac. Backup: Murad." in await aytac.says("/duty")
    number = await report(scene.pupil, "They push me")
    assert number in aytac.last.text
    assert number not in scene.worker.last.text


@pytest.mark.row("F12")
async def test_of_two_who_take_a_shift_one_gets_it_and_a_kept_one_is_nobodys(scene: Hotline) -> None:
    aytac, world = await third(scene), scene.world
    await scene.worker.says("/duty")
    await scene.worker.taps("Offer: ")
    (offer,) = await world.rows("SELECT id FROM duty_swaps")
    assert "You are on duty in this shift already" in await scene.other_worker.forges(f"du.take:{offer['id']}")
    assert "already" in await scene.worker.forges(f"du.take:{offer['id']}")
    await scene.worker.says("/duty")
    assert "stays yours" in await scene.worker.taps("Keep: ")
    assert "offered no more" in await aytac.forges(f"du.take:{offer['id']}")
    assert "Now: Leyla" in await aytac.says("/duty")


async def test_nobody_offers_what_is_not_hers(scene: Hotline) -> None:
    await scene.other_worker.says("/duty")
    for forged in ("2026-12-01:1:worker", "2027-12-01:1:backup", "x:1:backup", "2026-12-01:9:backup"):
        assert NOT_HERE in await scene.other_worker.forges(f"du.offer:{forged}")
    assert await scene.world.rows("SELECT 1 FROM duty_swaps") == []


# --- outside the hours ------------------------------------------------------------------------------------------------

NIGHT = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)  # Tuesday, 22:30 in Baku


@pytest.mark.rule(10)
@pytest.mark.row("F12")
async def test_at_night_the_child_hears_the_truth_and_whoever_comes_next_is_called(scene: Hotline) -> None:
    await hours(scene, "8-20")
    await scene.world.at(NIGHT)
    before = len(scene.worker.messages)
    number = await report(scene.pupil, "They take my money.")
    sent = scene.pupil.messages[-1].text
    assert "Right now nobody is on duty." in sent
    assert "shift begins: " in sent
    assert "08:00" in sent
    assert "112" in sent
    assert "within 3 hours" not in sent
    assert len(scene.worker.messages) == before
    await scene.world.later(hours=9)  # 07:30
    assert len(scene.worker.messages) == before
    assert f"case {number}, normal, for the next shift" in await scene.worker.says("/queue")
    await scene.world.later(minutes=31)
    assert scene.worker.last.text == f"case {number}, normal, 180 minutes left"
    assert number not in scene.supervisor.last.text
    await scene.world.later(minutes=181)
    assert number in scene.supervisor.last.text


@pytest.mark.rule(9)
@pytest.mark.row("F12")
async def test_danger_at_night_calls_everybody_at_once_and_promises_nothing(scene: Hotline) -> None:
    await hours(scene, "8-20")
    await scene.world.at(NIGHT)
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    told = await scene.pupil.taps("Yes, fetch a helper")
    assert "Right now nobody is on duty." in told
    assert "I am calling all the helpers" in told
    assert "112" in told
    for one in (scene.worker, scene.other_worker, scene.supervisor):
        assert "danger, now" in one.last.text


@pytest.mark.row("F12")
async def test_a_critical_report_at_night_calls_everybody(scene: Hotline) -> None:
    await hours(scene, "8-20")
    await scene.world.at(NIGHT)
    number = await report(scene.pupil, "He is here.", safe="No")
    assert "I am calling all the helpers" in scene.pupil.last.text
    for one in (scene.worker, scene.other_worker, scene.supervisor):
        assert number in one.last.text


@pytest.mark.row("F12")
async def test_what_slept_and_becomes_danger_wakes_at_once(scene: Hotline) -> None:
    await hours(scene, "8-20")
    await scene.world.at(NIGHT)
    number = await report(scene.pupil, "They take my money.")
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    assert scene.worker.last.text == f"case {number}, danger, now"


# --- gaps that come later ---------------------------------------------------------------------------------------------


@pytest.mark.row("F12")
@pytest.mark.row("F6")
async def test_who_blocks_the_bot_is_passed_over_and_the_supervisor_is_told_once(scene: Hotline) -> None:
    aytac = await third(scene)
    world = scene.world
    async with world.birge.database.writing() as db:
        await db.run(
            "UPDATE identities SET unreachable = 'blocked' WHERE person_id = :id",
            id=await person_id_of(world, scene.worker),
        )
    await world.tick()
    assert scene.supervisor.last.text.startswith("Leyla can't be on duty any more.")
    told = len(scene.supervisor.messages)
    await world.later(hours=3)
    assert len(scene.supervisor.messages) == told
    assert "✓ The hotline is open." in await scene.supervisor.says("/duty")  # the backup of each shift can come
    number = await report(scene.pupil, "They push me")
    assert number in scene.other_worker.last.text
    assert number not in aytac.last.text


@pytest.mark.row("F10")
@pytest.mark.row("F10_bad_closed")
async def test_when_nobody_can_come_to_a_shift_it_closes_and_what_was_reported_goes_on(scene: Hotline) -> None:
    number, world = await report(scene.pupil, "They push me"), scene.world
    await scene.worker.taps("Take")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'removed' WHERE role = 'worker' AND called = 'Murad'")
    await world.tick()
    shown = await scene.supervisor.says("/duty")
    assert "The hotline is closed." in shown
    assert "1. Two helpers" in shown
    closed = await scene.school.parents[0].says("/hotline")
    assert "I can't take messages" in closed
    assert "112" in closed
    # A report that is open is never cut off.
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("Write to the helper")
    assert "✓ Sent to the helper." in await scene.pupil.says("and today again")
    await scene.pupil.taps("Done")
    await scene.pupil.taps("Danger now")
    assert "The alarm is sent." in await scene.pupil.taps("Yes, fetch a helper")


# --- from nothing -----------------------------------------------------------------------------------------------------


@pytest.mark.row("F10")
async def test_the_first_supervisor_is_led_from_nothing_to_an_open_hotline(world: World) -> None:
    scene = await school(world)
    boss = await add_member(world, scene.network, Role.SUPERVISOR, "Rauf")
    todo = await boss.says("/duty")
    assert [line[:2] for line in todo.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3."]
    assert boss.labels == ["Code of conduct", "Members", "Plan"]
    assert "I can't take messages" in await scene.pupils[0].says("/hotline")
    for name in ("Leyla", "Murad"):
        await scenes.accepts(world, await add_member(world, scene.network, Role.WORKER, name))
    assert "Until you do, the hotline stays closed." in await boss.taps("Code of conduct")
    assert "✓ Accepted. Thank you." in await boss.taps("I accept this")
    todo = await boss.taps("Duty")
    assert "1. A duty roster without a gap" in todo
    assert boss.labels == ["Plan"]
    await boss.taps("Plan")
    await boss.taps("Take turns")
    await boss.taps("Publish")
    assert "✓ The hotline is open." in await boss.says("/duty")
    assert "Please read these six lines first" in await scene.pupils[0].says("/hotline")


# --- what a coordinator of the network sees ---------------------------------------------------------------------------


@pytest.mark.row("F10")
async def test_a_coordinator_of_the_network_sees_what_is_missing_and_nobody_on_duty(world: World) -> None:
    scene = await school(world)
    owner = scene.owner
    assert "Two helpers who can be reached here" in await owner.says("/duty")
    assert owner.labels == ["Members"]
    await scenes.staffed(scene)
    shown = await owner.says("/duty")
    assert "✓ The hotline is open." in shown
    assert owner.labels == []
    for name in ("Leyla", "Murad", "Rauf"):
        assert name not in shown
    for forged in ("du.plan", "du.publish", "du.set:0:0:worker:1", "du.offer:2026-12-01:1:worker"):
        assert NOT_HERE in await owner.forges(forged)
    assert NOT_HERE in await scene.coordinator.says("/duty")  # of a school


@pytest.mark.row("F11")
@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (Ended.TAKEN, "Last weekly test: Tuesday, 1 December 2026, 09:00. Minutes until a helper took it: 4"),
        (Ended.MISSED, "⚠️ Last weekly test: Tuesday, 1 December 2026, 09:00. Nobody took it in time."),
    ],
)
async def test_those_who_open_the_hotline_see_how_its_last_test_ended(scene: Hotline, ended: Ended, told: str) -> None:
    async with scene.world.birge.database.writing() as db:
        await storage.canary.save_last(db, Canary(scene.world.now, ended, 4))
    for one in (scene.supervisor, scene.school.owner):
        assert told in await one.says("/duty")
    assert "weekly test" not in await scene.worker.says("/duty")


@pytest.mark.row("F11")
async def test_while_a_test_waits_nobody_learns_that_it_is_one(scene: Hotline) -> None:
    async with scene.world.birge.database.writing() as db:
        await storage.canary.save_last(db, Canary(scene.world.now))
    assert "weekly test" not in await scene.supervisor.says("/duty")
