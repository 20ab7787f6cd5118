"""Rule 13 and F7: whose a case is. Offices are held at a school, a district, a region or the network; a case belongs to
the reporter's school, and one about an adult there to what lies above it."""

from dataclasses import dataclass
from datetime import datetime

import pytest

import storage.cases
import storage.hotline
from domain import ladder
from domain.cases import Case, Stage
from domain.communities import CommunityKind
from domain.roles import HOTLINE, Role
from storage.database import Connection
from tests import scenes
from tests.cast import Talker, World
from tests.scenes import Hotline, add_member, belong, person_id_of, report

WORKERS = frozenset({Role.WORKER})

NOT_HERE = "You can't do this here. /home shows what you can do."
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
SECRET = "They wait for me behind the gym"
NOTHING = "Nothing waits."


@dataclass
class Teams:
    """The network's hotline, and beside it one of the school and a supervisor of the district."""

    hotline: Hotline
    local: Talker  # worker of school 12
    local_head: Talker  # supervisor of school 12
    district: Talker  # supervisor of the district
    elsewhere: Talker  # worker of the other school

    @property
    def world(self) -> World:
        return self.hotline.world

    @property
    def pupil(self) -> Talker:
        return self.hotline.pupil


@pytest.fixture
async def teams(world: World) -> Teams:
    scene = await scenes.hotline(world)
    twelve, seven = scene.school.school, scene.school.other_school
    return Teams(
        scene,
        local=await add_member(world, twelve, Role.WORKER, "Lala"),
        local_head=await add_member(world, twelve, Role.SUPERVISOR, "Samir"),
        district=await add_member(world, scene.school.district, Role.SUPERVISOR, "Dilara"),
        elsewhere=await add_member(world, seven, Role.WORKER, "Elnur"),
    )


async def case_of(world: World) -> Case:
    row = (await world.rows("SELECT id FROM cases ORDER BY opened_at DESC, id"))[0]
    async with world.birge.database.reading() as db:
        case = await storage.cases.get(db, row["id"])
    assert case is not None
    return case


def is_called(talker: Talker, number: str) -> bool:
    return any(number in message.text for message in talker.messages)


@pytest.mark.rule(13)
@pytest.mark.row("F7")
async def test_a_case_belongs_to_the_reporters_school(teams: Teams) -> None:
    number = await report(teams.pupil, SECRET)
    assert (await case_of(teams.world)).community == teams.hotline.school.school
    assert is_called(teams.local, number)
    for talker in (teams.local_head, teams.district, teams.hotline.worker, teams.elsewhere):
        assert not is_called(talker, number)
    assert number in await teams.hotline.worker.says("/queue")  # those above see it, too
    assert await teams.elsewhere.says("/queue") == NOTHING
    assert SECRET in await teams.local.taps("Take")


@pytest.mark.rule(9)
@pytest.mark.rule(13)
@pytest.mark.rule(15)
@pytest.mark.row("A2")
async def test_a_school_that_moves_takes_its_cases_to_those_who_are_called_from_then_on(teams: Teams) -> None:
    school = teams.hotline.school
    elsewhere = await scenes.community(teams.world, school.network, CommunityKind.DISTRICT, "Xətai")
    theirs = await add_member(teams.world, elsewhere, Role.SUPERVISOR, "Vüsal")
    await school.owner.says("/home")
    asked = await school.owner.forges(f"c.move.to:{school.school.id}:{elsewhere.id}")
    number = await report(teams.pupil, SECRET)
    about_an_adult = await report(teams.pupil, "Our teacher", adult="Yes")
    await school.owner.says("/home")
    assert await school.owner.forges(f"c.move.to:{school.school.id}:{elsewhere.id}") == asked  # whatever was told
    assert "I tell nobody whether there is anything" in asked
    assert "✓ Moved" in await school.owner.forges(f"c.move.yes:{school.school.id}:{elsewhere.id}")
    assert await teams.district.says(f"/case {number}") == NO_SUCH
    assert SECRET in await theirs.says(f"/case {number}")
    assert SECRET in await teams.local_head.says(f"/case {number}")
    assert await theirs.says(f"/case {about_an_adult}") == NO_SUCH  # that one was never the school's
    await teams.local.taps("Take", message=teams.local.find("Take"))
    assert number in await teams.local.says("/queue")


@pytest.mark.rule(13)
async def test_a_supervisor_watches_over_her_own_and_what_lies_below(teams: Teams) -> None:
    number = await report(teams.pupil, SECRET)
    await teams.local.taps("Take")
    for talker in (teams.local_head, teams.district, teams.hotline.supervisor):
        assert number in await talker.says("/queue")
        assert SECRET in await talker.says(f"/case {number}")
    other_head = await add_member(teams.world, teams.hotline.school.other_school, Role.SUPERVISOR, "Orxan")
    assert await other_head.says("/queue") == NOTHING
    assert await other_head.says(f"/case {number}") == await other_head.says("/case 000000") == NO_SUCH


@pytest.mark.rule(15)
@pytest.mark.row("F7")
@pytest.mark.parametrize("adult", ["Yes", "I am not sure"])
async def test_about_an_adult_at_school_the_school_hears_nothing(teams: Teams, adult: str) -> None:
    number = await report(teams.pupil, SECRET, adult=adult)
    case = await case_of(teams.world)
    assert case.community == teams.hotline.school.district
    assert is_called(teams.hotline.worker, number)
    await teams.world.later(hours=12)
    assert is_called(teams.district, number)
    for talker in (teams.local, teams.local_head):
        assert not is_called(talker, number)
        assert await talker.says("/queue") == NOTHING
        assert await talker.says(f"/case {number}") == await talker.says("/case 000000") == NO_SUCH
        assert await talker.forges(f"cs.take:{case.id}") == await talker.forges("cs.take:424242") == NOT_HERE
    assert SECRET in await teams.hotline.worker.taps("Take")


@pytest.mark.rule(15)
@pytest.mark.row("F7")
async def test_whoever_works_at_that_school_hears_nothing_in_a_higher_office_either(teams: Teams) -> None:
    await belong(teams.world, teams.hotline.worker, teams.hotline.school.class_b, Role.TEACHER)
    number = await report(teams.pupil, SECRET, adult="Yes")
    case = await case_of(teams.world)
    assert not is_called(teams.hotline.worker, number)
    assert await teams.hotline.worker.says("/queue") == NOTHING
    assert NOT_HERE in await teams.hotline.worker.forges(f"cs.take:{case.id}")
    await belong(teams.world, teams.district, teams.hotline.school.school, Role.TEACHER)  # and who begins to later
    assert await teams.district.says("/queue") == NOTHING
    assert SECRET in await teams.hotline.other_worker.taps("Take")


async def test_a_parent_of_that_school_may_still_help(teams: Teams) -> None:
    await belong(teams.world, teams.hotline.worker, teams.hotline.school.class_b, Role.PARENT)
    number = await report(teams.pupil, SECRET, adult="Yes")
    assert is_called(teams.hotline.worker, number)


@pytest.mark.row("F7")
async def test_who_belongs_to_two_schools_is_heard_above_both(teams: Teams) -> None:
    parent = teams.hotline.school.parents[0]
    await belong(teams.world, parent, teams.hotline.school.other_class, Role.PARENT)
    number = await report(parent, SECRET)
    case = await case_of(teams.world)
    assert case.community == teams.hotline.school.district
    assert len(case.schools) == 2
    for talker in (teams.local, teams.elsewhere):
        assert not is_called(talker, number)
        assert NOT_HERE in await talker.forges(f"cs.take:{case.id}")


async def test_who_belongs_to_no_school_is_heard_by_the_network(teams: Teams) -> None:
    stranger = teams.world.person("Naila")
    await stranger.starts()
    await report(stranger, SECRET)
    case = await case_of(teams.world)
    assert case.community == teams.hotline.school.network
    assert await teams.district.says("/queue") == NOTHING


async def test_a_case_from_before_there_were_teams_is_the_networks(teams: Teams) -> None:
    number = await report(teams.pupil, SECRET)
    async with teams.world.birge.database.writing() as db:
        await db.run("DELETE FROM case_teams")
    for talker in (teams.hotline.worker, teams.hotline.supervisor):
        assert number in await talker.says("/queue")
    for talker in (teams.local, teams.local_head, teams.district, teams.elsewhere):
        assert await talker.says("/queue") == NOTHING
        assert await talker.says(f"/case {number}") == NO_SUCH
    await teams.hotline.worker.says(f"/case {number}")
    assert SECRET in await teams.hotline.worker.taps("Take")


async def test_of_which_community_a_case_is_stands_nowhere_in_clear(teams: Teams) -> None:
    await report(teams.pupil, SECRET)
    scene = teams.hotline.school
    marks = {row["team_mark"] for row in await teams.world.rows("SELECT team_mark FROM case_teams")}
    assert len(marks) == 3  # the school, the district, the network
    named = {str(one.id).encode() for one in (scene.school, scene.district, scene.network)}
    assert not marks & named
    assert all(len(mark) == 16 for mark in marks)
    async with teams.world.birge.database.reading() as db:
        district = storage.cases.mark_of_district(db, scene.district.id)
    assert [row["district_mark"] for row in await teams.world.rows("SELECT district_mark FROM cases")] == [district]
    assert district not in marks


@pytest.mark.rule(1)
async def test_a_child_reads_before_the_first_word_whether_helpers_are_at_her_school(teams: Teams) -> None:
    said = await teams.pupil.says("/hotline")
    assert "some of them at your school" in said
    assert all(f"{number}. " in said for number in range(1, 7))
    stranger = teams.world.person("Naila")
    await stranger.starts()
    assert "at your school" not in await stranger.says("/hotline")
    async with teams.world.birge.database.writing() as db:
        await db.run(
            "UPDATE memberships SET state = 'left' WHERE community_id = :id", id=teams.hotline.school.school.id
        )
    assert "at your school" not in await teams.pupil.says("/hotline")


async def outside(db: Connection, case: Case, now: datetime) -> list[int]:
    return await storage.cases.outside_of(db, case, await storage.cases.supervisors(db, case, now))


# --- who is called, in which order ------------------------------------------------------------------------------------


async def test_the_nearest_are_called_first_and_the_excluded_never(teams: Teams) -> None:
    await report(teams.pupil, SECRET)
    case = await case_of(teams.world)
    people = [teams.local, teams.hotline.worker, teams.hotline.other_worker, teams.local_head, teams.district]
    local, worker, other, local_head, district = [await person_id_of(teams.world, one) for one in people]
    top = await person_id_of(teams.world, teams.hotline.supervisor)
    async with teams.world.birge.database.writing() as db:
        assert await storage.cases.at_hand(db, case, WORKERS, teams.world.now) == [local, worker, other]
        assert await storage.cases.supervisors(db, case, teams.world.now) == [local_head, district, top]
        assert await outside(db, case, teams.world.now) == [district, top]
        assert await storage.cases.on_call(db, case, frozenset({Role.WORKER}), teams.world.now) == [local]
        await storage.cases.exclude(db, case.id, local)
        assert await storage.cases.on_call(db, case, frozenset({Role.WORKER}), teams.world.now) == [worker, other]
        for one in (worker, other, local_head):
            await storage.cases.exclude(db, case.id, one)
        assert await storage.cases.at_hand(db, case, WORKERS, teams.world.now) == []
        there = await storage.hotline.there_for(db, case, teams.world.now)
        assert ladder.called(case, Stage.PAGED, there) == [district]
        await storage.cases.exclude(db, case.id, district)
        await storage.cases.exclude(db, case.id, top)
        assert await storage.cases.at_hand(db, case, HOTLINE, teams.world.now) == []


async def test_an_outside_supervisor_holds_no_role_in_the_school(teams: Teams) -> None:
    await belong(teams.world, teams.district, teams.hotline.school.class_a, Role.PARENT)
    await report(teams.pupil, SECRET)
    case = await case_of(teams.world)
    top = await person_id_of(teams.world, teams.hotline.supervisor)
    async with teams.world.birge.database.reading() as db:
        assert await outside(db, case, teams.world.now) == [top]


async def test_a_worker_whose_office_at_the_school_ends_loses_the_schools_case_only(teams: Teams) -> None:
    await belong(teams.world, teams.local, teams.hotline.school.other_school, Role.WORKER)
    await report(teams.pupil, SECRET)
    await teams.local.taps("Take")
    shown = [message for message in teams.local.messages if SECRET in message.text]
    async with teams.world.birge.database.writing() as db:
        await db.run(
            "UPDATE memberships SET state = 'left' WHERE role = 'worker' AND community_id = :id",
            id=teams.hotline.school.school.id,
        )
    await teams.world.later(minutes=1)
    assert shown
    assert all(message.deleted for message in shown)
    assert [row["state"] for row in await teams.world.rows("SELECT state FROM cases")] == ["new"]
    assert NOT_HERE in await teams.local.forges(f"cs:{(await case_of(teams.world)).id}")


async def test_two_reports_of_one_event_keep_out_the_same_people(teams: Teams) -> None:
    first, second = teams.hotline.worker, teams.hotline.other_worker
    cases = []
    for talker in (first, second):
        await report(talker, SECRET)
    rows = await teams.world.rows("SELECT id FROM cases")
    async with teams.world.birge.database.writing() as db:
        await storage.cases.exclude_together(db, rows[0]["id"], rows[1]["id"])
        for row in rows:
            cases.append(
                [
                    await storage.cases.seen_by(db, row["id"], await person_id_of(teams.world, one))
                    for one in (first, second)
                ]
            )
    assert cases == [[None, None], [None, None]]


# --- offices are given by two, downwards ------------------------------------------------------------------------------


async def proposed(world: World) -> int:
    return int((await world.rows("SELECT id FROM role_proposals ORDER BY id DESC"))[0]["id"])


async def membership(world: World, talker: Talker, role: Role) -> int:
    rows = await world.rows(
        "SELECT id FROM memberships WHERE person_id = :id AND role = :role AND state = 'active' ORDER BY id",
        id=await person_id_of(world, talker),
        role=role.value,
    )
    return int(rows[0]["id"])


@pytest.mark.rule(14)
async def test_the_schools_coordinator_and_a_supervisor_above_give_an_office_at_the_school(teams: Teams) -> None:
    scene = teams.hotline.school
    nigar = await add_member(teams.world, scene.school, Role.PSYCHOLOGIST, "Nigar")
    await scene.coordinator.forges(f"m.one:{await membership(teams.world, nigar, Role.PSYCHOLOGIST)}")
    assert "Hotline worker" in scene.coordinator.labels
    assert not {"Keeper of names", "Hotline auditor"} & set(scene.coordinator.labels)
    assert "A second person must agree" in await scene.coordinator.taps("Hotline worker")
    number = await proposed(teams.world)
    assert "Məktəb 12" in teams.local_head.last.text  # the nearest is asked
    for talker in (teams.hotline.worker, teams.elsewhere, scene.coordinator, scene.owner, nigar):
        assert NOT_HERE in await talker.forges(f"hotline.yes:{number}")
    assert "Confirmed" in await teams.district.forges(f"hotline.yes:{number}")  # one above may, too
    await nigar.taps("I accept this")
    roles = await teams.world.rows(
        "SELECT role, community_id FROM memberships WHERE person_id = :id", id=await person_id_of(teams.world, nigar)
    )
    assert ("worker", scene.school.id) in [tuple(row) for row in roles]


@pytest.mark.rule(14)
async def test_offices_are_given_neither_upwards_nor_sideways(teams: Teams) -> None:
    scene = teams.hotline.school
    above = await add_member(teams.world, scene.district, Role.PSYCHOLOGIST, "Aysu")
    beside = await add_member(teams.world, scene.other_school, Role.PSYCHOLOGIST, "Banu")
    below = await add_member(teams.world, scene.class_a, Role.TEACHER, "Ceyla")
    for talker in (scene.coordinator, teams.local_head):
        for target, role in ((above, Role.PSYCHOLOGIST), (beside, Role.PSYCHOLOGIST)):
            data = f"m.hotline:{await membership(teams.world, target, role)}:worker"
            assert NOT_HERE in await talker.forges(data)
    at_class = await membership(teams.world, below, Role.TEACHER)
    assert NOT_HERE in await scene.coordinator.forges(f"m.hotline:{at_class}:worker")  # a class has no team
    at_school = await membership(teams.world, teams.local, Role.WORKER)
    for named in ("custodian", "auditor", "coordinator", "nonsense"):
        assert NOT_HERE in await scene.coordinator.forges(f"m.hotline:{at_school}:{named}")
    assert await teams.world.rows("SELECT 1 FROM role_proposals") == []


@pytest.mark.rule(14)
async def test_the_nearest_second_person_is_neither_of_the_two_it_is_about(teams: Teams) -> None:
    scene = teams.hotline.school
    asked = await membership(teams.world, teams.local_head, Role.SUPERVISOR)
    assert "A second person must agree" in await scene.coordinator.forges(f"m.hotline:{asked}:worker")
    assert "A role of the hotline" in teams.district.last.text
    assert NOT_HERE in await teams.local_head.forges(f"hotline.yes:{await proposed(teams.world)}")


@pytest.mark.rule(14)
async def test_one_tap_takes_every_office_that_lies_below(teams: Teams) -> None:
    scene = teams.hotline.school
    await belong(teams.world, teams.local, scene.network, Role.WORKER)
    at_root = [
        row["id"]
        for row in await teams.world.rows(
            "SELECT id FROM memberships WHERE person_id = :id AND community_id = :network",
            id=await person_id_of(teams.world, teams.local),
            network=scene.network.id,
        )
    ]
    assert "✓ Removed" in await scene.owner.forges(f"m.out.yes:{at_root[0]}")
    assert await teams.local.says("/queue") == NOT_HERE


@pytest.mark.rule(14)
async def test_a_school_takes_no_office_of_the_network(teams: Teams) -> None:
    scene = teams.hotline.school
    await belong(teams.world, teams.local, scene.network, Role.WORKER)
    at_school = await membership(teams.world, teams.local, Role.WORKER)
    assert "✓ Removed" in await scene.coordinator.forges(f"m.out.yes:{at_school}")
    assert await teams.local.says("/queue") == NOTHING  # she still works for the network
