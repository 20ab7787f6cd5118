"""Rules 11 (its one exception), 13, 15, 17 and 20, where a case leaves the hotline: agencies, plans, parents."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

import storage.cases
from domain.invites import NO_SUCH_CODE
from domain.referrals import Asked
from domain.roles import Role
from storage.database import is_postgres
from tests.cast import Talker, World
from tests.conversations.test_plans import approved, case_id, handed_over
from tests.conversations.test_referrals import WISH, Agencies, referral_id, referred, scene, states
from tests.safeguarding.search import forms_of
from tests.scenes import add_member, person_id_of, taken

__all__ = ["scene"]

ROOT = Path(__file__).parents[2]
NOT_HERE = "You can't do this here"
SECRET = "Müəllim Kamran məni vurdu"


def said_to(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


# --- rule 17: a small fixed form, consent, revoking -------------------------------------------------------------------


@pytest.mark.rule(17)
def test_the_form_has_these_questions_and_no_other() -> None:
    assert list(Asked.__dataclass_fields__) == ["concern", "urgency", "age", "wish"]


@pytest.mark.rule(17)
async def test_an_agency_sees_the_form_and_nothing_of_the_case(scene: Agencies) -> None:
    number = await taken(scene, SECRET)
    await referred(scene)
    await scene.zaur.says("/queue")
    await scene.zaur.taps("Open")
    seen = said_to(scene.zaur)
    assert WISH in seen
    pseudonym = re.search(r"Pupil-\w{6}", said_to(scene.worker))
    assert pseudonym is not None
    for secret in (number, SECRET, "Kamran", pseudonym[0], "Pupil0", "Leyla", "5A"):
        assert re.search(rf"\b{re.escape(secret)}\b", seen) is None, secret  # a code of chance may hold "5A"


@pytest.mark.rule(17)
async def test_revoking_closes_it_and_takes_back_what_was_shown(scene: Agencies) -> None:
    await taken(scene)
    number = await referred(scene)
    await scene.zaur.taps("Open")
    assert WISH in said_to(scene.zaur)
    await scene.worker.forges(f"rf:{await case_id(scene.world)}")
    assert "is revoked" in await scene.worker.taps("Revoke")
    assert WISH not in said_to(scene.zaur)
    assert number not in said_to(scene.zaur)
    assert "No referral waits" in await scene.zaur.says("/queue")
    one = await referral_id(scene.world, number)
    for press in (f"ag:{one}", f"ag.yes:{one}", f"ag.say:{one}:question"):
        assert NOT_HERE in await scene.zaur.forges(press)


@pytest.mark.rule(17)
async def test_words_that_come_after_revoking_go_nowhere(scene: Agencies) -> None:
    await taken(scene)
    await referred(scene)
    await scene.zaur.taps("Open")
    await scene.zaur.taps("Ask back")
    await scene.worker.forges(f"rf:{await case_id(scene.world)}")
    await scene.worker.taps("Revoke")
    assert NOT_HERE in await scene.zaur.says("Who is it?")
    assert await states(scene.world) == ["revoked"]


@pytest.mark.rule(17)
async def test_consent_or_a_second_person(scene: Agencies) -> None:
    await taken(scene)
    await referred(scene, consent=False)
    assert await states(scene.world) == ["waiting"]
    assert scene.zaur.messages[-1].text.startswith("Hello!")
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Agree")
    rows = await scene.world.rows("SELECT deed, role FROM case_log WHERE deed LIKE 'referr%' ORDER BY id")
    assert [(row["role"], row["deed"]) for row in rows] == [("worker", "referred"), ("supervisor", "referral_agreed")]


# --- rule 13: who may not ---------------------------------------------------------------------------------------------


@pytest.mark.rule(13)
async def test_nobody_but_the_agency_sees_its_referral(scene: Agencies) -> None:
    """Another agency, the hotline's own other worker, coordinators, a parent: the same answer as to an invented one."""
    await taken(scene)
    one = await referral_id(scene.world, await referred(scene))
    school = scene.school
    others = [scene.gulnar, scene.other_worker, scene.supervisor, school.owner, school.coordinator, school.parents[0]]
    for talker in others:
        for press in ("ag:{}", "ag.yes:{}", "ag.say:{}:done"):
            invented = await talker.forges(press.format(987654321))
            assert await talker.forges(press.format(one)) == invented, (talker.person.name, press)
    assert "No referral waits" in await scene.gulnar.says("/queue")
    assert await states(scene.world) == ["sent"]


@pytest.mark.rule(13)
async def test_an_agencys_people_get_no_case(scene: Agencies) -> None:
    """Their office is a worker's, but of an agency: nothing of the hotline's queue, of no case, of no plan."""
    before = said_to(scene.zaur)
    number = await taken(scene, SECRET)
    case = await case_id(scene.world)
    assert said_to(scene.zaur) == before, "an agency was called to a case"
    unknown = await scene.zaur.says("/case 000000")
    assert await scene.zaur.says(f"/case {number}") == unknown
    assert number not in await scene.zaur.says("/queue")
    for route in ("cs", "cs.take", "cs.more", "cs.say", "pl", "pl.new", "pl.tick", "pp", "rf", "rf.new", "cf"):
        assert NOT_HERE in await scene.zaur.forges(f"{route}:{case}"), route
    assert NOT_HERE in await scene.zaur.forges("hl.plan")


@pytest.mark.rule(13)
async def test_whoever_leaves_the_agency_keeps_nothing(scene: Agencies) -> None:
    await taken(scene)
    await referred(scene)
    await scene.zaur.taps("Open")
    zaur = await person_id_of(scene.world, scene.zaur)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=zaur)
    await scene.world.tick()
    assert WISH not in said_to(scene.zaur)
    assert NOT_HERE in await scene.zaur.says("/queue")


# --- rule 15: excluded ------------------------------------------------------------------------------------------------


async def exclude(world: World, talker: Talker) -> None:
    async with world.birge.database.writing() as db:
        await storage.cases.exclude(db, await case_id(world), await person_id_of(world, talker))


@pytest.mark.rule(15)
async def test_an_excluded_person_of_the_agency_hears_of_nothing(scene: Agencies) -> None:
    await taken(scene)
    await exclude(scene.world, scene.zaur)
    empty = await scene.zaur.says("/queue")
    before = len(scene.zaur.messages)
    number = await referred(scene)
    assert len(scene.zaur.messages) == before
    assert await scene.zaur.says("/queue") == empty
    one = await referral_id(scene.world, number)
    assert await scene.zaur.forges(f"ag:{one}") == await scene.zaur.forges("ag:987654321")


@pytest.mark.rule(15)
async def test_an_excluded_owner_hears_of_no_step(scene: Agencies) -> None:
    await approved(scene, owner="Murad")
    await exclude(scene.world, scene.other_worker)
    before = len(scene.other_worker.messages)
    await scene.world.later(days=3)
    assert len(scene.other_worker.messages) == before
    assert "No step of a support plan" in await scene.other_worker.taps("My steps")
    case, step = await case_id(scene.world), (await scene.world.rows("SELECT id FROM plan_steps"))[0]["id"]
    assert NOT_HERE in await scene.other_worker.forges(f"pl.tick:{case}:{step}")


@pytest.mark.rule(15)
async def test_who_is_kept_out_is_offered_as_no_owner(scene: Agencies) -> None:
    await taken(scene)
    async with scene.world.birge.database.writing() as db:
        await storage.cases.keep_out(
            db, await case_id(scene.world), await person_id_of(scene.world, scene.other_worker)
        )
    await scene.worker.forges(f"pl.new:{await case_id(scene.world)}")
    await scene.worker.says("A goal.")
    await scene.worker.taps("Next")
    await scene.worker.taps("Skip")
    await scene.worker.taps("Add a step")
    await scene.worker.says("A step.")
    assert "Leyla" in scene.worker.labels
    assert "Murad" not in scene.worker.labels


@pytest.mark.rule(15)
async def test_an_excluded_parent_opens_nothing(scene: Agencies) -> None:
    """The report may be about this very parent."""
    await approved(scene)
    code = await handed_over(scene)
    parent = scene.school.parents[0]
    await exclude(scene.world, parent)
    assert await parent.starts(code) == await parent.starts("plan-123456")


# --- rule 11: parents -------------------------------------------------------------------------------------------------


@pytest.mark.rule(11)
async def test_a_parent_is_shown_nothing_before_two_people_have_recorded_it(scene: Agencies) -> None:
    await approved(scene)
    case = await case_id(scene.world)
    await scene.worker.taps("Open")
    await scene.worker.taps("Show a parent")
    await scene.worker.taps("Yes to both")
    rows = await scene.world.rows("SELECT id, state, code_mark FROM plan_invitations")
    assert [(row["state"], row["code_mark"]) for row in rows] == [("asked", None)]
    one = rows[0]["id"]
    assert NOT_HERE in await scene.worker.forges(f"pp.yes:{case}:{one}")
    assert "has changed meanwhile" in await scene.worker.forges(f"pp.code:{case}:{one}")
    assert NOT_HERE in await scene.other_worker.forges(f"pp.yes:{case}:{one}")
    assert await scene.world.rows("SELECT 1 FROM plan_invitations WHERE code_mark IS NOT NULL") == []


@pytest.mark.rule(11)
async def test_nothing_else_of_a_parent_tells_of_it(scene: Agencies) -> None:
    """Menus, /mycases, /home, /help: what they were before she saw a plan."""
    await approved(scene)
    parent = scene.school.parents[0]
    screens = ("/home", "/help", "/mycases", "/privacy", "/meetings")
    before = {one: await parent.says(one) for one in screens}
    await parent.starts(await handed_over(scene))
    assert {one: await parent.says(one) for one in screens} == before


MODULE = ROOT / "handlers" / "support_plan.py"
# The words of each catalogue that would tell a parent where the plan comes from: hotline, report, case, helper.
TELLING = {
    "en": r"hotline|report|\bcase|helper|confidential",
    "az": r"qaynar|müraciət|köməkçi|məxfi",
    "ru": r"горяч|обращени|случа|помощник|конфиденц",
    "uk": r"гаряч|звернен|випад|помічник|конфіденц",
    "kk": r"қолдау желі|өтініш|көмекші|құпия",
}
OF_THE_HOTLINE = ("<b>Helper:</b>", "Report %(number)s: %(state)s", "case %(number)s: yours")


def shown_to_parents() -> list[str]:
    calls: list[Any] = [node for node in ast.walk(ast.parse(MODULE.read_text())) if isinstance(node, ast.Call)]
    own = [call.args[0].value for call in calls if isinstance(call.func, ast.Name) and call.func.id == "text"]
    return [*own, NO_SUCH_CODE.msgid]


@pytest.mark.rule(11)
def test_no_word_of_the_hotline_is_in_what_a_parent_gets() -> None:
    said = shown_to_parents()
    assert len(said) >= 5
    assert [one for one in said if re.search(TELLING["en"], one.lower())] == []


@pytest.mark.rule(11)
@pytest.mark.parametrize("language", ["az", "kk", "ru", "uk", "en"])
def test_nor_in_any_language(language: str) -> None:
    ours = set(shown_to_parents())
    with (ROOT / "locales" / language / "LC_MESSAGES" / "birge.po").open("rb") as file:
        catalogue = read_po(file)
    telling = [str(one.string) or str(one.id) for one in catalogue if one.id in OF_THE_HOTLINE]
    assert [one for one in telling if not re.search(TELLING[language], one.lower())] == [], "the words have changed"
    translated = [str(one.string) for one in catalogue if one.id in ours]
    assert [one for one in translated if re.search(TELLING[language], one.lower())] == []


# --- rule 20: sealed --------------------------------------------------------------------------------------------------


@pytest.mark.rule(20)
async def test_nothing_of_plans_and_referrals_lies_in_clear(scene: Agencies) -> None:
    """Marked words in every field, sought in every form, in all rows of the tables and in the file."""
    await taken(scene, "Ağ бабочка")
    case = await case_id(scene.world)
    await scene.worker.forges(f"pl.new:{case}")
    await scene.worker.says("Məqsəd ұшты")
    await scene.worker.taps("Next")
    await scene.worker.says("Valideyn сөз")
    await scene.worker.taps("Add a step")
    await scene.worker.says("Addım подпись")
    await scene.worker.taps("Leyla")
    await scene.worker.taps("Tomorrow")
    await referred(scene, consent=False)
    markers = ("Ağ бабочка", "Məqsəd ұшты", "Valideyn сөз", "Addım подпись", WISH, "Her father hits her.")
    everything = b"".join(
        [
            repr([bytes(value) if isinstance(value, memoryview) else value for value in row.values()]).encode()
            for table in await scene.world.tables()
            for row in map(dict, await scene.world.rows(f"SELECT * FROM {table}"))  # noqa: S608
        ]
    )
    if not is_postgres(scene.world.url):
        folder = Path(scene.world.url.removeprefix("sqlite:///")).parent
        everything += b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    shown = (await scene.world.rows("SELECT number FROM referrals"))[0]["number"]
    assert any(form in everything for form in forms_of(shown)), "the search finds nothing at all"
    assert [marker for marker in markers if any(form in everything for form in forms_of(marker))] == []


@pytest.mark.rule(20)
async def test_no_row_names_an_agency_or_an_owner(scene: Agencies) -> None:
    """The columns of these tables hold marks, sealed values, states, times and ids that nobody else has."""
    await approved(scene)
    await referred(scene)
    people = {row["id"] for row in await scene.world.rows("SELECT id FROM persons")}
    agencies = {row["id"] for row in await scene.world.rows("SELECT id FROM communities")}
    for table in ("support_plans", "plan_steps", "referrals", "conferences", "plan_invitations"):
        for row in map(dict, await scene.world.rows(f"SELECT * FROM {table}")):  # noqa: S608
            numbers = {value for name, value in row.items() if isinstance(value, int) and name != "version"}
            assert not numbers & (people | agencies), table


@pytest.mark.rule(4)
async def test_what_staff_and_agencies_are_told_is_numbers(scene: Agencies) -> None:
    before = {talker: len(talker.messages) for talker in (scene.supervisor, scene.zaur, scene.other_worker)}
    await approved(scene, owner="Murad")
    await referred(scene)
    await scene.world.later(days=16)
    for talker, count in before.items():
        notices = [one.text for one in talker.messages[count:] if one.text]
        assert notices
        assert [one for one in notices if "every Monday" in one or WISH in one or "Murad" in one] == []


@pytest.mark.rule(6)
async def test_a_parent_of_the_school_is_no_agency(scene: Agencies) -> None:
    parent = await add_member(scene.world, scene.school.class_a, Role.PARENT, "Another")
    await taken(scene)
    one = await referral_id(scene.world, await referred(scene))
    assert NOT_HERE in await parent.forges(f"ag:{one}")
