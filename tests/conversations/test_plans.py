"""Support plans, said and answered: goals, steps, a second person's yes, ticks, what is overdue, a case of her own, a
conference, and what a parent may see."""

import re
from datetime import timedelta

import pytest

import storage.persons
from domain.communities import CommunityKind
from domain.roles import Role
from tests import scenes
from tests.cast import ASKS_FOR_PIN, PIN, Talker, World
from tests.scenes import Hotline, add_member, person_id_of, taken

NOT_HERE = "You can't do this here"
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
pytestmark = pytest.mark.row("F9")


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def case_id(world: World) -> int:
    return int((await world.rows("SELECT id FROM cases ORDER BY opened_at DESC"))[0]["id"])


async def deeds(world: World) -> list[str]:
    return [row["deed"] for row in await world.rows("SELECT deed FROM case_log ORDER BY id")]


async def with_goals(scene: Hotline, *goals: str, parents: str = "") -> str:
    """The worker has written goals; what she sees of the plan."""
    await scene.worker.taps("More")
    await scene.worker.taps("Support plan")
    await scene.worker.taps("Write a plan")
    for goal in goals or ("He comes to school without fear.",):
        await scene.worker.says(goal)
    await scene.worker.taps("Next")
    return await (scene.worker.says(parents) if parents else scene.worker.taps("Skip"))


async def add_step(worker: Talker, what: str, owner: str, day: str = "Tomorrow") -> str:
    await worker.taps("Add a step")
    await worker.says(what)
    await worker.taps(owner)
    return await worker.taps(day)


async def approved(scene: Hotline, owner: str = "Leyla", parents: str = "") -> str:
    """A case with a plan in force that has one step; its number."""
    number = await taken(scene)
    await with_goals(scene, parents=parents)
    await add_step(scene.worker, "Talk every Monday", owner)
    await scene.worker.taps("Ask for approval")
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Approve")
    return number


# --- goals, steps -----------------------------------------------------------------------------------------------------


async def test_a_plan_goes_from_goals_to_a_second_persons_yes(scene: Hotline) -> None:
    number = await taken(scene)
    shown = await with_goals(scene, "No more fear.", "One friend.", parents="Bring him to school.")
    assert "1. \u2068No more fear." in shown
    assert "2. \u2068One friend." in shown
    assert "Bring him to school." in shown
    assert "No step yet" in shown
    shown = await add_step(scene.worker, "Talk every Monday", "Leyla")
    assert "Talk every Monday" in shown
    assert "Who: Leyla. Until: Wednesday, 2 December 2026" in shown.replace("\u2068", "").replace("\u2069", "")
    assert "The supervisor is asked" in await scene.worker.taps("Ask for approval")
    assert scene.supervisor.last.text == f"case {number}: a support plan waits for a second person"
    assert "Talk every Monday" in await scene.supervisor.taps("Open")
    assert await scene.supervisor.taps("Approve") == f"case {number}: the support plan is approved"
    assert f"case {number}: 1 step of the support plan is yours" in [one.text for one in scene.worker.messages]
    assert "Approved" in await scene.worker.taps("Open")


async def test_no_typed_word_of_a_plan_stays_in_the_chat(scene: Hotline) -> None:
    await taken(scene)
    await with_goals(scene, "Gizli məqsəd")
    await add_step(scene.worker, "Gizli addım", "The parents")
    typed = [one.text for one in scene.worker.chat.visible if not one.from_bot]
    assert [one for one in typed if "Gizli" in one] == []
    await scene.world.later(hours=25)
    assert [one for one in scene.worker.messages if "Gizli" in one.text] == []


@pytest.mark.row("F9_bad_step")
async def test_a_step_without_owner_or_date_is_not_saved(scene: Hotline) -> None:
    await taken(scene)
    await with_goals(scene)
    worker = scene.worker
    assert "saved once it says who does it and until when" in await worker.taps("Add a step")
    await worker.says("Talk every Monday")
    assert "Please tap one of the buttons" in await worker.says("me")
    await worker.says("/cancel")
    assert await scene.world.rows("SELECT 1 FROM plan_steps") == []
    await worker.taps("Add a step")
    await worker.says("Talk every Monday")
    await worker.taps("Leyla")
    assert "one that is ahead" in await worker.says("yesterday")
    assert await scene.world.rows("SELECT 1 FROM plan_steps") == []
    assert "Talk every Monday" in await worker.says("20 December 2026")


async def test_back_asks_the_question_before_again(scene: Hotline) -> None:
    await taken(scene)
    await with_goals(scene)
    await scene.worker.taps("Add a step")
    await scene.worker.says("Talk")
    await scene.worker.taps("The parents")
    assert "Who does it?" in await scene.worker.taps("Back")
    await scene.worker.taps("Leyla")
    assert "Who: Leyla" in await scene.worker.taps("Tomorrow")


async def test_five_goals_are_enough(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("More")
    await scene.worker.taps("Support plan")
    await scene.worker.taps("Write a plan")
    for number in range(5):
        await scene.worker.says(f"Goal {number}")
    assert "five goals already" in await scene.worker.says("One more")
    await scene.worker.taps("Next")
    assert "One more" not in await scene.worker.taps("Skip")


async def test_a_step_can_be_taken_out_of_a_draft(scene: Hotline) -> None:
    await taken(scene)
    await with_goals(scene)
    await add_step(scene.worker, "Wrong step", "Leyla")
    assert "Wrong step" not in await scene.worker.taps("Remove step 1")


async def test_whoever_wrote_it_can_not_approve_it(scene: Hotline) -> None:
    """A supervisor who added a step herself is no second person."""
    await taken(scene)
    await with_goals(scene)
    await add_step(scene.worker, "Talk", "Leyla")
    case, plan = await case_id(scene.world), await plan_id(scene.world)
    await scene.supervisor.says("/queue")
    await scene.supervisor.forges(f"pl:{case}")
    await add_step(scene.supervisor, "Watch", "Rauf")
    assert "nobody else is there" in await scene.worker.taps("Ask for approval")
    assert NOT_HERE in await scene.worker.forges(f"pl.ok:{case}:{plan}")
    second = await add_member(scene.world, scene.school.network, Role.SUPERVISOR, "Second")
    await scene.worker.taps("Ask for approval")
    assert NOT_HERE in await scene.supervisor.forges(f"pl.ok:{case}:{plan}")
    await second.taps("Open")
    assert "approved" in await second.taps("Approve")


async def plan_id(world: World) -> int:
    return int((await world.rows("SELECT id FROM support_plans ORDER BY version DESC"))[0]["id"])


async def test_what_is_sent_back_can_be_written_on(scene: Hotline) -> None:
    number = await taken(scene)
    await with_goals(scene)
    await add_step(scene.worker, "Talk", "Leyla")
    await scene.worker.taps("Ask for approval")
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Send back")
    assert scene.worker.last.text == f"case {number}: please look at the support plan again"
    await scene.worker.taps("Open")
    assert "Add a step" in scene.worker.labels


async def test_a_changed_plan_is_a_new_version_and_the_old_one_stays(scene: Hotline) -> None:
    await approved(scene)
    await scene.worker.taps("Open")
    shown = await scene.worker.taps("Change")
    assert "version 2" in shown
    assert "Talk every Monday" in shown
    await add_step(scene.worker, "Change the seat", "The parents")
    await scene.worker.taps("Ask for approval")
    assert [row["state"] for row in await versions(scene.world)] == ["approved", "waiting"]
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Approve")
    assert [row["state"] for row in await versions(scene.world)] == ["replaced", "approved"]
    await scene.worker.taps("Open")
    older = await scene.worker.taps("Earlier ones")
    assert "version 1" in older
    assert "Change the seat" not in older


async def versions(world: World) -> list[dict[str, object]]:
    return await world.rows("SELECT version, state FROM support_plans ORDER BY version")


# --- ticks, what is overdue -------------------------------------------------------------------------------------------


async def test_a_step_is_ticked_off_by_its_owner(scene: Hotline) -> None:
    await approved(scene, owner="Murad")
    case = await case_id(scene.world)
    step = (await scene.world.rows("SELECT id FROM plan_steps"))[0]["id"]
    assert NOT_HERE in await scene.worker.forges(f"pl.tick:{case}:{step}")
    steps = await scene.other_worker.taps("My steps")
    assert "Talk every Monday" in steps
    assert "They take my money." not in steps
    assert "Done. Thank you." in await scene.other_worker.taps("✓ Step 1")
    assert [row["state"] for row in await scene.world.rows("SELECT state FROM plan_steps")] == ["done"]
    assert "ticked" in await deeds(scene.world)
    await scene.world.later(days=3)
    assert not any("overdue" in one.text for one in scene.supervisor.messages)


async def test_what_is_overdue_is_told_in_numbers_by_day_and_once(scene: Hotline) -> None:
    number = await approved(scene, owner="Murad")
    await scene.world.later(days=1, hours=16)  # past midnight, their time
    assert not overdue(scene.other_worker)
    await scene.world.later(hours=8)
    assert overdue(scene.other_worker) == [f"case {number}: 1 step of yours is overdue"]
    assert overdue(scene.supervisor) == [f"case {number}: 1 step overdue"]
    assert overdue(scene.worker) == []
    await scene.world.tick()
    await scene.world.later(hours=10)
    assert len(overdue(scene.supervisor)) == 1
    await scene.world.later(days=8)
    assert len(overdue(scene.supervisor)) == 2


def overdue(talker: Talker) -> list[str]:
    return [one.text for one in talker.messages if "overdue" in one.text and "step" in one.text]


async def test_quiet_hours_are_kept(scene: Hotline) -> None:
    await approved(scene, owner="Murad")
    person = await person_id_of(scene.world, scene.other_worker)
    async with scene.world.birge.database.writing() as db:
        await storage.persons.save_quiet_hours(db, person, 8 * 60, 15 * 60)
    await scene.world.later(days=2)  # nine in the morning, their time
    assert overdue(scene.supervisor)
    assert not overdue(scene.other_worker)
    await scene.world.later(hours=6, minutes=30)
    assert overdue(scene.other_worker)


async def test_what_an_owner_who_has_left_should_do_falls_to_the_worker(scene: Hotline) -> None:
    number = await approved(scene, owner="Murad")
    await answered(scene)
    person = await person_id_of(scene.world, scene.other_worker)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person)
    await scene.world.later(days=2, hours=1)
    assert overdue(scene.other_worker) == []
    assert overdue(scene.worker) == [f"case {number}: 1 step overdue"]


async def answered(scene: Hotline) -> None:
    """So that nobody else is called to the case."""
    await scene.worker.forges(f"cs.say:{await case_id(scene.world)}")
    await scene.worker.says("We are with you.")
    await scene.worker.taps("Send")


async def test_what_parents_do_is_ticked_off_by_whoever_works_on_the_case(scene: Hotline) -> None:
    number = await approved(scene, owner="The parents")
    await answered(scene)
    case, step = await case_id(scene.world), (await scene.world.rows("SELECT id FROM plan_steps"))[0]["id"]
    assert NOT_HERE in await scene.other_worker.forges(f"pl.tick:{case}:{step}")
    await scene.world.later(days=2, hours=1)
    assert overdue(scene.worker) == [f"case {number}: 1 step overdue"]
    assert "Overdue" in await scene.worker.taps("Open")
    assert "Overdue" not in await scene.worker.taps("✓ Step 1")


async def test_the_schools_psychologist_owns_a_step_and_sees_no_more(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    await add_member(scene.world, scene.school.other_school, Role.PSYCHOLOGIST, "Another")
    await taken(scene)
    await with_goals(scene)
    await scene.worker.taps("Add a step")
    await scene.worker.says("Talk every Monday")
    assert "Another" not in scene.worker.labels
    await scene.worker.taps("Nigar")
    await scene.worker.taps("Tomorrow")
    await scene.worker.taps("Ask for approval")
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Approve")
    steps = await nigar.taps("My steps")
    assert "Talk every Monday" in steps
    assert "They take my money." not in steps
    assert NOT_HERE in await nigar.forges(f"cs:{await case_id(scene.world)}")
    assert NOT_HERE in await nigar.forges(f"pl:{await case_id(scene.world)}")
    assert "Done. Thank you." in await nigar.taps("✓ Step 1")


async def test_about_an_adult_at_school_its_psychologist_is_offered_nothing(scene: Hotline) -> None:
    await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    await scene.pupil.says("/hotline")
    for label in ("I have read it", "Skip", "Yes", "Skip", "Skip", "Send"):
        await scene.pupil.taps(label)
    await scenes.take(scene.worker)
    await with_goals(scene)
    await scene.worker.taps("Add a step")
    await scene.worker.says("Talk every Monday")
    assert "Leyla" in scene.worker.labels
    assert "Nigar" not in scene.worker.labels


# --- a case that begins with a plan -----------------------------------------------------------------------------------


async def begun(scene: Hotline, who: Talker) -> str:
    await who.says("/hotline")
    await who.taps("Begin a plan")
    await who.says("Bruises, third time.")
    return (await who.taps("Next")).split("Case ")[1][:6]


async def test_a_psychologist_opens_a_case_with_a_plan(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    number = await begun(scene, nigar)
    assert scene.supervisor.last.text == f"case {number}: opened for a support plan"
    assert number in await nigar.says("/queue")
    assert "Bruises" in await nigar.taps(f"Open {number}")
    assert "Answer" not in nigar.labels
    await nigar.taps("Write a plan")
    await nigar.says("He is safe at home.")
    await nigar.taps("Next")
    await nigar.taps("Skip")
    assert "Until" in await add_step(nigar, "Visit", "Nigar")
    await nigar.taps("Ask for approval")
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Approve")
    assert "is approved" in "".join(one.text for one in nigar.messages)


async def test_her_case_stays_hers_and_her_copies_stay_a_day(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    await begun(scene, nigar)
    await nigar.taps("Open")
    await scene.world.later(hours=10)
    assert [row["state"] for row in await scene.world.rows("SELECT state FROM cases")] == ["taken"]
    assert any("Bruises" in one.text for one in nigar.messages)
    await scene.world.later(hours=15)
    assert not any("Bruises" in one.text for one in nigar.messages)
    assert "No report was sent" in await nigar.says("/mycases")


@pytest.mark.rule(18)
async def test_a_psychologist_enters_a_pin_before_her_cases(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    number = await begun(scene, nigar)
    await scene.world.later(minutes=21)
    nigar.pin = None
    assert await nigar.says("/queue") == f"{ASKS_FOR_PIN}\n\n–"
    nigar.pin = PIN
    assert number in await nigar.says("/queue")


@pytest.mark.rule(18)
async def test_a_coordinator_removes_the_forgotten_pin_of_a_psychologist_but_of_no_office(scene: Hotline) -> None:
    school = scene.school
    nigar = await add_member(scene.world, school.school, Role.PSYCHOLOGIST, "Nigar")
    person = await person_id_of(scene.world, nigar)
    rows = await scene.world.rows("SELECT id FROM memberships WHERE person_id = :id", id=person)
    assert "PIN is removed" in await school.coordinator.forges(f"m.pin:{rows[0]['id']}")
    await scenes.belong(scene.world, nigar, school.network, Role.WORKER)
    for talker in (school.coordinator, school.owner):
        assert NOT_HERE in await talker.forges(f"m.pin:{rows[0]['id']}")


async def test_she_steps_aside_like_everybody(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    number = await begun(scene, nigar)
    await nigar.taps("Open")
    await nigar.taps("I know these people")
    assert any(number in one.text for one in scene.worker.messages)
    assert "You have no case" in await nigar.says("/queue")
    assert NO_SUCH in await nigar.says(f"/case {number}")


async def test_when_she_is_psychologist_no_more_the_case_waits_for_somebody_else(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    number = await begun(scene, nigar)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'psychologist'")
    await scene.world.tick()
    assert any(number in one.text for one in scene.worker.messages)
    assert NOT_HERE in await nigar.says(f"/case {number}")


async def test_a_psychologist_sees_no_other_case_and_a_pupil_begins_none(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    number = await taken(scene)
    case = await case_id(scene.world)
    assert "You have no case" in await nigar.says("/queue")
    unknown = await nigar.says("/case 000000")
    assert await nigar.says(f"/case {number}") == unknown
    for route in ("cs", "cs.more", "pl", "pl.new", "pp", "rf", "rf.new", "cf"):
        assert NOT_HERE in await nigar.forges(f"{route}:{case}")
    assert NOT_HERE in await scene.pupil.forges("hl.plan")
    assert NOT_HERE in await scene.school.head.forges("hl.plan")


async def test_a_worker_begins_with_a_plan_too(scene: Hotline) -> None:
    number = await begun(scene, scene.worker)
    assert number in await scene.worker.says("/queue")
    assert number not in await scene.other_worker.says("/queue")


# --- conferences ------------------------------------------------------------------------------------------------------


async def test_a_conference_names_the_number_the_time_and_the_place_alone(scene: Hotline) -> None:
    agency = await scenes.community(scene.world, scene.school.network, CommunityKind.AGENCY, "Shelter")
    zaur = await add_member(scene.world, agency, Role.WORKER, "Zaur")
    number = await taken(scene, "They take my money.")
    await scene.worker.taps("More")
    await scene.worker.taps("Conference")
    await scene.worker.taps("Call one")
    assert "tap whom you invite" in await scene.worker.taps("Next")
    await scene.worker.taps("Murad")
    assert "✓ Murad" in scene.worker.find("✓").labels
    await scene.worker.taps("Shelter")
    await scene.worker.taps("Next")
    await scene.worker.taps("Tomorrow")
    await scene.worker.taps("14:00")
    await scene.worker.says("Room 3")
    assert "The conference is called" in await scene.worker.taps("Send")
    expected = f"case {number}: a conference\nWhen: Wednesday, 2 December 2026, 14:00\nWhere: Room 3"
    for one in (zaur, scene.other_worker):
        assert one.last.text.replace("\u2068", "").replace("\u2069", "") == expected
        assert one.labels == []
    assert all("conference" not in one.text for one in scene.supervisor.messages)
    assert NO_SUCH in await zaur.says(f"/case {number}")
    await scene.worker.forges(f"cf:{await case_id(scene.world)}")
    assert "Agreed steps" in scene.worker.labels


# --- what a parent may see --------------------------------------------------------------------------------------------


async def handed_over(scene: Hotline) -> str:
    """The start code that a worker was given for a parent, after two records."""
    await scene.worker.taps("Open")
    shown = await scene.worker.taps("Show a parent")
    assert "A parent would read this and nothing else" in shown
    await scene.worker.taps("Yes to both")
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Yes to both")
    await scene.worker.taps("Open")
    found = re.search(r"plan-\d+", await scene.worker.taps("Get the code"))
    assert found is not None
    return found[0]


async def test_the_code_works_written_down_on_paper(scene: Hotline) -> None:
    await approved(scene)
    code = await handed_over(scene)
    assert f"Or on paper, to be written to me: /start {code}" in scene.worker.last.text
    assert "Support plan from the school" in await scene.school.parents[0].says(f"/start {code}")


async def test_a_parent_sees_goals_and_dates_after_two_records(scene: Hotline) -> None:
    number = await approved(scene, parents="Bring him to school.")
    code = await handed_over(scene)
    parent = scene.school.parents[0]
    seen = await parent.starts(code)
    assert "Support plan from the school" in seen
    assert "He comes to school without fear." in seen
    assert "2 December 2026" in seen
    for secret in (number, "Talk every Monday", "Leyla", "They take my money", "Pupil-", "case", "hotline", "report"):
        assert secret not in seen
    assert "Support plan" in await parent.starts(code)
    assert "parent_read" in await deeds(scene.world)


async def test_a_code_is_for_one_account_and_ends(scene: Hotline) -> None:
    await approved(scene)
    code = await handed_over(scene)
    await scene.school.parents[0].starts(code)
    assert "can't let you in with this code" in await scene.school.outsider.starts(code)
    assert "can't let you in with this code" in await scene.school.outsider.starts("plan-1234567")
    await scene.world.later(days=8)
    assert "can't let you in with this code" in await scene.school.parents[0].starts(code)


async def test_a_revoked_way_leaves_nothing_with_the_parent(scene: Hotline) -> None:
    await approved(scene)
    code = await handed_over(scene)
    parent = scene.school.parents[0]
    await parent.starts(code)
    case = await case_id(scene.world)
    await scene.worker.forges(f"pp:{case}")
    assert "Revoked" in await scene.worker.taps("Revoke")
    assert not any("Support plan" in one.text for one in parent.messages)
    assert "can't let you in" in await parent.starts(code)


async def test_guessing_codes_ends_in_a_pause(scene: Hotline) -> None:
    await approved(scene)
    code = await handed_over(scene)
    parent = scene.school.parents[0]
    for number in range(5):
        await parent.starts(f"plan-{number}")
    assert "Too many wrong codes" in await parent.starts(code)


async def test_times_of_a_step_end_with_its_day(scene: Hotline) -> None:
    await approved(scene)
    step = (await scene.world.rows("SELECT ends_at FROM plan_steps"))[0]
    local_midnight = scene.world.now.replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert step["ends_at"] == int(local_midnight.timestamp() * 1_000_000)
