"""Rules 7, 11, 13, 14 and 15: nobody is alone with a case and its oversight, and who is kept out of it hears nothing of
it: not as the one who began it, not by a report of the same event, not by a notice that stays."""

import ast
from pathlib import Path

import pytest

import storage.cases
from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.conversations.test_identity import Vault, in_danger, one, vault
from tests.conversations.test_plans import add_step, begun, case_id, with_goals
from tests.conversations.test_referrals import in_agency, referred
from tests.safeguarding.test_identity import with_a_photo
from tests.scenes import Hotline, add_member, person_id_of, report, take, taken

ROOT = Path(__file__).parents[2]
NOT_HERE = "You can't do this here. /home shows what you can do."
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
SECRET = "It is about the psychologist herself"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


@pytest.fixture
async def guarded(world: World) -> Vault:
    return await vault(world)


def said_to(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


async def keeps_out(who: Talker, number: str, name: str) -> str:
    await who.says(f"/case {number}")
    await who.taps("More")
    await who.taps("Keep out")
    return await who.taps(name)


# --- a case that begins with a plan has nobody who reported it --------------------------------------------------------


@pytest.mark.rule(15)
async def test_who_began_a_case_and_stepped_aside_hears_nothing_of_it(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    number = await begun(scene, nigar)
    await nigar.taps("Open")
    await nigar.taps("I know these people")
    await scene.world.later(minutes=2)
    before = said_to(nigar)
    await scene.worker.says("/queue")
    await take(scene.worker)
    assert "Answer" not in scene.worker.labels
    assert await scene.worker.forges(f"cs.say:{await case_id(scene.world)}") == NOT_HERE
    assert await scene.worker.forges(f"cs.who:{await case_id(scene.world)}") == NOT_HERE
    await closes(scene)
    await scene.world.later(days=8)
    assert said_to(nigar) == before
    assert number not in said_to(nigar)
    assert await scene.world.rows("SELECT 1 FROM case_letters") == []
    assert "No report was sent" in await nigar.says("/mycases")
    opened = await scene.world.rows("SELECT role FROM case_log WHERE deed = 'opened'")
    assert [row["role"] for row in opened] == ["worker"]


async def closes(scene: Hotline) -> None:
    """The worker and, since nobody was answered, the supervisor."""
    await scene.worker.taps("Close", message=scene.worker.find("Close"))
    await scene.worker.taps("Unfounded")
    await scene.worker.says(SECRET)
    await scene.worker.taps("Send and close")
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Close it")
    assert [row["state"] for row in await scene.world.rows("SELECT state FROM cases")] == ["closed"]


@pytest.mark.rule(15)
async def test_who_began_a_case_and_handed_it_over_hears_nothing_of_it(scene: Hotline) -> None:
    await begun(scene, scene.worker)
    await scene.worker.taps("Open")
    await scene.worker.taps("Bullying")
    await scene.worker.taps("Keep: ")
    await scene.worker.taps("More")
    assert "Who is it?" not in scene.worker.labels
    await scene.worker.taps("Hand over")
    await scene.worker.taps("Murad")
    await scene.other_worker.taps("Take over")
    assert "Answer" not in scene.other_worker.labels
    assert await scene.other_worker.forges(f"cs.say:{await case_id(scene.world)}") == NOT_HERE


@pytest.mark.rule(15)
async def test_who_began_a_case_and_is_kept_out_keeps_nothing_of_it(scene: Hotline) -> None:
    number = await begun(scene, scene.worker)
    await keeps_out(scene.supervisor, number, "Leyla")
    await scene.world.later(minutes=2)
    assert number not in said_to(scene.worker)
    await keeps_out(scene.supervisor, number, "↩ Leyla")  # and lets her in again, like anybody
    assert number in await scene.worker.says("/queue")


# --- nobody keeps out those who watch ---------------------------------------------------------------------------------


@pytest.mark.rule(13)
@pytest.mark.parametrize("name", ["Nərmin", "Vüqar"])
async def test_a_worker_keeps_out_no_custodian_and_no_auditor(guarded: Vault, name: str) -> None:
    number = await taken(guarded.line)
    assert "Only a supervisor can keep this person out" in await keeps_out(guarded.line.worker, number, name)
    assert "✓ Kept out" in await keeps_out(guarded.line.supervisor, number, name)


@pytest.mark.rule(14)
async def test_a_name_opens_at_once_only_where_somebody_hears_of_it(guarded: Vault) -> None:
    await in_danger(guarded)
    case = await one(guarded)
    await kept_out(guarded, guarded.line.supervisor, guarded.custodian, guarded.auditor)
    assert "The name can't be opened now" in await guarded.line.worker.forges(f"cs.break:{case}:go")
    assert await guarded.world.rows("SELECT 1 FROM case_asks") == []
    async with guarded.world.birge.database.writing() as db:
        await storage.cases.let_in(db, case, await person_id_of(guarded.world, guarded.auditor))
    assert "Name: " in await guarded.line.worker.forges(f"cs.break:{case}:go")


async def kept_out(guarded: Vault, *talkers: Talker) -> None:
    for talker in talkers:
        async with guarded.world.birge.database.writing() as db:
            await storage.cases.keep_out(db, await one(guarded), await person_id_of(guarded.world, talker))


@pytest.mark.rule(14)
async def test_the_auditor_judges_where_nobody_else_is_left(guarded: Vault) -> None:
    await in_danger(guarded)
    await guarded.line.worker.forges(f"cs.break:{await one(guarded)}:go")
    await kept_out(guarded, guarded.line.supervisor, guarded.custodian)
    await guarded.world.later(hours=25)
    await guarded.auditor.taps("Open")
    assert "was justified" in await guarded.auditor.taps("Justified")
    assert [row["state"] for row in await guarded.world.rows("SELECT state FROM case_asks")] == ["agreed"]


@pytest.mark.rule(14)
async def test_a_judgement_that_is_owed_to_nobody_alarms_the_operator(guarded: Vault) -> None:
    await in_danger(guarded)
    await guarded.line.worker.forges(f"cs.break:{await one(guarded)}:go")
    assert not await has_no_judge(guarded)
    await kept_out(guarded, guarded.line.supervisor, guarded.custodian, guarded.auditor)
    assert await has_no_judge(guarded)


async def has_no_judge(guarded: Vault) -> bool:
    async with guarded.world.birge.database.reading() as db:
        return await storage.cases.has_no_judge(db, guarded.world.now)


@pytest.mark.rule(15)
async def test_who_is_kept_out_after_opening_a_name_hears_no_judgement(guarded: Vault) -> None:
    number = await in_danger(guarded)
    worker = guarded.line.worker
    await worker.forges(f"cs.break:{await one(guarded)}:go")
    await keeps_out(guarded.line.supervisor, number, "Leyla")
    before = said_to(worker)
    await guarded.custodian.taps("Open")
    assert "was not justified" in await guarded.custodian.taps("Not justified")
    assert said_to(worker) == before
    assert number not in before


# --- an urgent case is not closed by one person -----------------------------------------------------------------------


@pytest.mark.rule(7)
async def test_a_ready_answer_closes_an_urgent_case_only_with_a_second_person(scene: Hotline) -> None:
    await report(scene.pupil, "He beats me every day", safe="No")
    await take(scene.worker, "Information")
    await scene.worker.taps("To an adult")
    assert "a second person must agree" in await scene.worker.taps("Send and close")
    assert [row["state"] for row in await scene.world.rows("SELECT state FROM cases")] == ["taken"]
    await scene.supervisor.taps("Open")
    assert "A good adult is one who listens" in said_to(scene.supervisor)
    await scene.supervisor.taps("Close it")
    assert "A good adult is one who listens" in said_to(scene.pupil)
    row = (await scene.world.rows("SELECT closed_at, ends_on FROM cases"))[0]
    assert row["ends_on"] - row["closed_at"] > 60 * 86_400 * 1_000_000  # an urgent one is kept as long as any other


# --- cases of one event -----------------------------------------------------------------------------------------------


async def two_of_one_event(scene: Hotline) -> tuple[str, str]:
    other = await add_member(scene.world, scene.school.class_a, Role.PUPIL, "Aysel")
    first = await taken(scene)
    second = await report(other, "They take his money.")
    await scene.worker.says(f"/case {first}")
    await scene.worker.taps("More")
    await scene.worker.taps("Same event")
    await scene.worker.taps(second)
    return first, second


@pytest.mark.rule(15)
async def test_who_is_kept_out_of_one_is_kept_out_of_all_of_the_event(scene: Hotline) -> None:
    first, second = await two_of_one_event(scene)
    await scene.other_worker.says(f"/case {second}")
    await keeps_out(scene.worker, first, "Murad")
    for number in (first, second):
        assert await scene.other_worker.says(f"/case {number}") == NO_SUCH
        assert f"case {number}" not in said_to(scene.other_worker)
    await keeps_out(scene.supervisor, second, "↩ Murad")
    assert await scene.other_worker.says(f"/case {first}") == "This case is taken. /queue shows what waits."
    assert second in await scene.other_worker.says("/queue")


@pytest.mark.rule(15)
async def test_who_steps_aside_from_one_has_none_of_the_event(scene: Hotline) -> None:
    first, second = await two_of_one_event(scene)
    await scene.worker.says(f"/case {second}")
    await scene.worker.taps("Take")
    await scene.worker.taps("I know these people", message=scene.worker.find("I know these people"))
    await scene.world.later(minutes=2)
    states = await scene.world.rows("SELECT state, worker FROM cases")
    assert [tuple(row) for row in states] == [("new", None), ("new", None)]
    for number in (first, second):
        assert await scene.worker.says(f"/case {number}") == NO_SUCH


@pytest.mark.rule(15)
async def test_joining_takes_back_what_those_kept_out_of_the_other_were_told(scene: Hotline) -> None:
    other = await add_member(scene.world, scene.school.class_a, Role.PUPIL, "Aysel")
    first = await taken(scene)
    await keeps_out(scene.worker, first, "Murad")
    second = await report(other, "They take his money.")
    await scene.other_worker.says(f"/case {second}")
    assert second in said_to(scene.other_worker)
    await scene.worker.says(f"/case {first}")
    await scene.worker.taps("More")
    await scene.worker.taps("Same event")
    await scene.worker.taps(second)
    assert f"case {second}" not in said_to(scene.other_worker)


# --- nothing stays with who is kept out -------------------------------------------------------------------------------


# They speak of the log or of the hotline as a whole, and name no case.
_WITHOUT_A_CASE = {
    "domain/log_cards.py witness",
    "handlers/cases/audit.py _tell_breach",
    "handlers/cases/exclusion.py _ask_for_a_supervisor",
    "jobs/logs.py tell_verdict",
    "jobs/logs.py tell_restore",
}


@pytest.mark.rule(15)
def test_every_notice_to_the_staff_about_a_case_can_be_taken_back() -> None:
    """By the card that keeping out deletes: in every handler and job of the hotline, and where pages are made."""
    folders = ("domain", "handlers/cases", "jobs")
    files = [path for folder in folders for path in (ROOT / folder).glob("*.py")]
    notices = [
        (f"{path.relative_to(ROOT)} {function.name}", {one.arg: ast.unparse(one.value) for one in node.keywords})
        for path in files
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Say" and "ToPerson(" in ast.unparse(node)
    ]
    confidential = [(where, given) for where, given in notices if given.get("lane") == "Lane.CASE"]
    assert len(confidential) > 20
    assert {where for where, given in confidential if "card" not in given} == _WITHOUT_A_CASE


@pytest.mark.rule(15)
async def test_who_is_kept_out_keeps_no_notice_that_a_report_was_taken_back(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("Take it back")
    await scene.pupil.taps("Yes, take back")
    assert number in said_to(scene.worker)
    await keeps_out(scene.supervisor, number, "Leyla")
    assert number not in said_to(scene.worker)


@pytest.mark.rule(17)
async def test_an_agencys_copies_stay_their_day(scene: Hotline) -> None:
    """Its people hold no office: what they were shown is taken back after a day, and not before."""
    zaur = await in_agency(scene.world, scene.school, "Shelter", "Zaur")
    await taken(scene)
    number = await referred(scene)
    await zaur.taps("Open")
    await scene.world.later(hours=2)
    assert f"Referral {number}" in said_to(zaur)
    await scene.world.later(hours=23)
    assert f"Referral {number}" not in said_to(zaur)


# --- two lists don't tell who reported --------------------------------------------------------------------------------


async def reported_by_murad(scene: Hotline) -> None:
    await report(scene.other_worker, "It happened to me.")
    await take(scene.worker)


@pytest.mark.rule(15)
async def test_keep_out_and_hand_over_name_the_same_people(scene: Hotline) -> None:
    await reported_by_murad(scene)
    await scene.worker.taps("More")
    await scene.worker.taps("Keep out")
    kept_out = scene.worker.labels
    await scene.worker.taps("Hand over", message=scene.worker.find("Hand over"))
    assert scene.worker.labels == kept_out
    assert "Murad – Hotline worker" in kept_out
    assert "can't take this on right now" in await scene.worker.taps("Murad")
    scene.world.sandbox.blocks(scene.supervisor.person)
    await scene.world.settle()
    await scene.worker.taps("Hand over", message=scene.worker.find("Hand over"))
    assert scene.worker.labels == kept_out


@pytest.mark.rule(15)
async def test_the_owners_of_a_step_don_t_tell_who_reported(scene: Hotline) -> None:
    await reported_by_murad(scene)
    await with_goals(scene)
    refused = await add_step(scene.worker, "Talk every Monday", "Murad")
    assert "can't take this on right now" in refused
    assert await scene.world.rows("SELECT 1 FROM plan_steps") == []


# --- stopped, and no supervisor ---------------------------------------------------------------------------------------


async def stopped(guarded: Vault) -> int:
    """Sexual material came, and no supervisor is left who may know of the case."""
    line = guarded.line
    await with_a_photo(line)
    await kept_out(guarded, line.supervisor)
    await line.worker.taps("Show", message=line.worker.find("Show"))
    await line.worker.taps("Sexual material")
    return await one(guarded)


@pytest.mark.rule(7)
async def test_a_stopped_case_without_a_supervisor_is_let_go_on_by_the_custodian(guarded: Vault) -> None:
    case = await stopped(guarded)
    assert "May a helper write to the reporter?" in guarded.custodian.last.text
    async with guarded.world.birge.database.reading() as db:
        assert await storage.cases.has_nobody(db, guarded.world.now)
    await guarded.world.later(hours=3)
    assert [tuple(row) for row in await guarded.world.rows("SELECT state, desk, stopped FROM cases")] == [
        ("new", "supervisors", 1)
    ]
    for talker in (guarded.line.worker, guarded.line.other_worker, guarded.line.supervisor, guarded.auditor):
        assert await talker.forges(f"cs.resume:{case}") == NOT_HERE
        assert await talker.forges(f"cs.take:{case}") == NOT_HERE
    assert "goes on" in await guarded.custodian.taps("Allow writing")
    assert [tuple(row) for row in await guarded.world.rows("SELECT state, desk, stopped FROM cases")] == [
        ("new", "workers", 0)
    ]
    await guarded.line.other_worker.says("/queue")
    await guarded.line.other_worker.taps("Take")
    assert "Please write your answer" in await guarded.line.other_worker.forges(f"cs.say:{case}")


@pytest.mark.rule(7)
async def test_while_a_supervisor_is_there_no_custodian_lets_it_go_on(guarded: Vault) -> None:
    case = await stopped(guarded)
    async with guarded.world.birge.database.writing() as db:
        await storage.cases.let_in(db, case, await person_id_of(guarded.world, guarded.line.supervisor))
    assert await guarded.custodian.taps("Allow writing") == NOT_HERE
    await guarded.world.later(hours=1)
    assert "Answer" in await labels_after(guarded.line.supervisor, "Take")


async def labels_after(talker: Talker, label: str) -> list[str]:
    await talker.taps(label)
    return talker.labels
