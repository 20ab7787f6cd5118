"""Rule 15 and F7: a case never ends up owned by nobody in silence. The last who could work on it is kept out by nobody,
the only supervisor by two alone; when all have stepped aside, everybody hears the truth."""

import pytest

import storage.communities
from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.scenes import Hotline, add_member, belong, person_id_of, report, take, taken

NOT_HERE = "You can't do this here"
SECRET = "They take my money behind the gym"
LEFT = "Nobody would be left for this report."
FIRST = "a second person must agree first"
NEEDED = "The hotline needs another supervisor: somebody must be given the role."


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def keeps_out(talker: Talker, name: str) -> str:
    await talker.taps("More")
    await talker.taps("Keep out")
    return await talker.taps(name)


async def steps_aside(talker: Talker, number: str) -> None:
    await talker.says(f"/case {number}")
    if "I know these people" not in talker.labels:
        await talker.taps("Take")
    await talker.taps("I know these people")


def said(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


async def kept_out(scene: Hotline, talker: Talker) -> bool:
    case_id = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    person_id = await person_id_of(scene.world, talker)
    async with scene.world.birge.database.reading() as db:
        return await storage.cases.seen_by(db, case_id, person_id) is None


@pytest.mark.rule(15)
@pytest.mark.row("F7_bad_everyone_excluded")
async def test_the_last_who_could_work_on_it_is_kept_out_by_nobody(scene: Hotline) -> None:
    await taken(scene, SECRET)
    assert "Kept out from now on" in await keeps_out(scene.worker, "Murad")
    assert LEFT in await scene.worker.taps("Rauf", message=scene.worker.find("Rauf"))
    assert not await kept_out(scene, scene.supervisor)
    assert await scene.world.rows("SELECT id FROM case_asks") == []


@pytest.mark.rule(15)
async def test_the_only_supervisor_is_kept_out_by_two(scene: Hotline) -> None:
    number = await taken(scene, SECRET)
    assert FIRST in await keeps_out(scene.worker, "Rauf")
    assert not await kept_out(scene, scene.supervisor)
    assert scene.other_worker.last.text == f"case {number}: somebody is to be kept out, please look at it"
    assert "must no longer know of it: Rauf" in await scene.other_worker.taps("Open")
    assert SECRET not in said(scene.other_worker)
    assert "Kept out from now on" in await scene.other_worker.taps("Keep out")
    assert "Kept out from now on" in scene.worker.last.text
    assert await kept_out(scene, scene.supervisor)
    assert number not in said(scene.supervisor)


@pytest.mark.rule(15)
async def test_the_second_person_may_say_no(scene: Hotline) -> None:
    number = await taken(scene, SECRET)
    await keeps_out(scene.worker, "Rauf")
    await scene.other_worker.taps("Open")
    assert "nobody was kept out" in await scene.other_worker.taps("Let her stay")
    assert scene.worker.last.text == f"case {number}: nobody was kept out"
    assert not await kept_out(scene, scene.supervisor)


@pytest.mark.rule(15)
async def test_neither_who_asks_nor_whom_it_is_about_decides(scene: Hotline) -> None:
    await belong(scene.world, scene.supervisor, scene.school.network, Role.CUSTODIAN)
    await taken(scene, SECRET)
    await keeps_out(scene.worker, "Rauf")
    row = (await scene.world.rows("SELECT id, case_id FROM case_asks"))[0]
    for talker in (scene.worker, scene.supervisor, scene.school.owner, scene.pupil):
        for route in ("cs.second", "cs.agree", "cs.keep"):
            assert NOT_HERE in await talker.forges(f"{route}:{row['case_id']}:{row['id']}")
    await scene.world.later(hours=5)  # asked again, and over: she who is meant hears of none of it
    assert "second person" not in said(scene.supervisor)
    assert "nobody has decided in time" in said(scene.worker)


@pytest.mark.rule(15)
async def test_with_another_supervisor_one_person_is_enough(scene: Hotline) -> None:
    await add_member(scene.world, scene.school.network, Role.SUPERVISOR, "Sabina")
    await taken(scene, SECRET)
    assert "Kept out from now on" in await keeps_out(scene.worker, "Rauf")
    assert FIRST in await scene.worker.taps("Sabina", message=scene.worker.find("Sabina"))


@pytest.mark.rule(15)
@pytest.mark.row("F7_bad_everyone_excluded")
async def test_when_all_step_aside_everybody_hears_the_truth(scene: Hotline) -> None:
    number = await report(scene.pupil, SECRET)
    for talker in (scene.worker, scene.other_worker):
        await steps_aside(talker, number)
        assert "Somebody else takes it" in said(talker)
    assert NEEDED not in said(scene.school.owner)
    await steps_aside(scene.supervisor, number)
    assert "Nobody else is left for it. Those who run the hotline are told." in said(scene.supervisor)
    assert "Somebody else takes it" not in said(scene.supervisor)
    told = scene.pupil.last.text
    assert "The helpers here can't take your report. Those who run the hotline are told." in told
    assert "Please don't wait: call." in told
    assert "116 111" in told
    assert "will read it" not in told
    assert scene.school.owner.last.text == NEEDED
    assert number not in said(scene.school.owner)
    assert NEEDED not in said(scene.school.coordinator)  # of one school: gives no role for all


@pytest.mark.rule(15)
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.WORKER])
async def test_who_gets_a_role_then_is_called_at_once(scene: Hotline, role: Role) -> None:
    number = await report(scene.pupil, SECRET)
    for talker in (scene.worker, scene.other_worker, scene.supervisor):
        await steps_aside(talker, number)
    await scene.world.later(minutes=20)
    newcomer = await add_member(scene.world, scene.school.network, role, "Nurlan")
    await scene.world.later(minutes=1)
    assert newcomer.last.text.startswith(f"case {number}, normal")
    assert SECRET in await newcomer.taps("Take")
    assert "A helper is reading" in scene.pupil.last.text
    for talker in (scene.worker, scene.other_worker, scene.supervisor):
        assert number not in said(talker)


@pytest.mark.rule(15)
async def test_somebody_who_can_not_know_of_it_is_not_called(scene: Hotline) -> None:
    number = await report(scene.pupil, SECRET, adult="Yes")
    for talker in (scene.worker, scene.other_worker, scene.supervisor):
        await steps_aside(talker, number)
    local = await add_member(scene.world, scene.school.school, Role.SUPERVISOR, "Samir")
    await scene.world.later(hours=4)
    assert number not in said(local)


@pytest.mark.rule(15)
async def test_a_supervisor_above_comes_first(scene: Hotline) -> None:
    """When a school's own have stepped aside the case goes up, and nobody is told that nobody is left."""
    local = await add_member(scene.world, scene.school.school, Role.SUPERVISOR, "Samir")
    number = await report(scene.pupil, SECRET)
    for talker in (scene.worker, scene.other_worker, local):
        await steps_aside(talker, number)
    assert scene.supervisor.last.text.startswith(f"case {number}")
    assert "can't take your report" not in said(scene.pupil)
    assert NEEDED not in said(scene.school.owner)


@pytest.mark.rule(15)
async def test_a_teacher_hears_it_in_her_own_words(scene: Hotline) -> None:
    head = scene.school.head
    await head.says("/hotline")
    await head.taps("About a pupil")
    await head.says("Bruises.")
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await head.taps(label)
    number = (await scene.world.rows("SELECT number FROM cases"))[0]["number"]
    await take(scene.worker)
    for talker in (scene.worker, scene.other_worker, scene.supervisor):
        await steps_aside(talker, number)
    assert "can't take this report" in head.last.text
    assert "If the pupil needs help now" in head.last.text
