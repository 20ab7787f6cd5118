"""The figures of the hotline, said and answered: from dull rows, by whole quarters and years, nothing under five."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

import storage.cases
import storage.communities
from domain.cases import Answers, Deed, Desk, Risk
from domain.communities import CommunityKind
from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.scenes import Hotline, person_id_of

NOT_HERE = "You can't do this here"
OCTOBER = datetime(2026, 10, 10, 8, 0, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def reported(
    scene: Hotline,
    reporter: Talker,
    number: int,
    *,
    risk: Risk = Risk.NORMAL,
    at: datetime = OCTOBER,
    is_test: bool = False,
    answered: timedelta | None = None,
) -> list[int]:
    """So many reports; their ids."""
    person_id = await person_id_of(scene.world, reporter)
    made = []
    async with scene.world.birge.database.writing() as db:
        await db.vault.ready_for(db, scene.world.now)
        for _ in range(number):
            one = await storage.cases.open_case(db, person_id, 1, Answers(), risk, Desk.WORKERS, at, is_test=is_test)
            if answered is not None:
                await storage.cases.log(db, one.id, "worker", Deed.ANSWERED, at + answered)
            made.append(one.id)
    return made


def sent_file(talker: Talker) -> list[list[str]]:
    """The last file, as rows."""
    (*_, last) = [message.media for message in talker.messages if message.media is not None]
    return list(csv.reader(io.StringIO(last.data.decode("utf-8-sig"))))


@pytest.mark.rule(22)
@pytest.mark.row("F19")
async def test_the_supervisor_gets_figures_to_read_and_as_a_file(scene: Hotline) -> None:
    sorted_ones = await reported(scene, scene.pupil, 12, answered=timedelta(minutes=10))
    async with scene.world.birge.database.writing() as db:
        await db.many("UPDATE cases SET kind = 'bullying' WHERE id = :id", [{"id": one} for one in sorted_ones])
    await reported(scene, scene.pupil, 7, risk=Risk.HIGH, answered=timedelta(hours=2))
    await reported(scene, scene.pupil, 2, risk=Risk.DANGER)
    await reported(scene, scene.pupil, 30, at=NEW_YEAR - timedelta(hours=3))  # of the next quarter
    await scene.world.at(NEW_YEAR)
    await scene.supervisor.says("/figures")
    assert "2027-Q1" not in " ".join(scene.supervisor.labels)
    told = await scene.supervisor.taps("2026-Q4")
    assert "Together: 21" in told
    assert "Within 15 minutes: 12" in told
    assert "Within 3 hours: 7" in told
    assert "Not answered: –" in told
    assert "Bullying: 12" in told
    assert "Not sorted: 9" in told
    assert "Home violence: 0" in told
    assert "danger: –" in told
    assert "normal: 12" in told
    assert "high: 7" in told
    assert "critical: –" in told  # it hides the 2 of danger
    assert "Məktəb" not in told
    assert "5A" not in told
    rows = sent_file(scene.supervisor)
    assert ["2026-Q4", "all", "all", "21"] in rows
    assert ["2026-Q4", "risk", "danger", ""] in rows
    assert ["2026-Q4", "risk", "normal", "12"] in rows
    logged = await scene.world.rows("SELECT role, deed FROM case_log ORDER BY id DESC LIMIT 1")
    assert [(row["role"], row["deed"]) for row in logged] == [("supervisor", "exported")]


async def test_the_same_run_gives_the_same_numbers(scene: Hotline) -> None:
    await reported(scene, scene.pupil, 12)
    await scene.world.at(NEW_YEAR)
    first = await scene.supervisor.forges("fg:2026-Q4")
    files = sent_file(scene.supervisor)
    await reported(scene, scene.pupil, 3)  # somebody changes the past
    assert await scene.supervisor.forges("fg:2026-Q4") == first
    assert sent_file(scene.supervisor) == files


@pytest.mark.rule(22)
async def test_a_quarter_and_its_year_are_not_given_side_by_side(scene: Hotline) -> None:
    await reported(scene, scene.pupil, 12)
    await scene.world.at(NEW_YEAR)
    await scene.supervisor.forges("fg:2026-Q4")
    assert "by year or by quarter" in await scene.supervisor.forges("fg:2026")
    assert "2026-Q3" in await scene.supervisor.forges("fg:2026-Q3")
    await scene.supervisor.forges("fg:2025")
    assert "by year or by quarter" in await scene.supervisor.forges("fg:2025-Q2")


async def test_of_an_empty_time_there_is_no_data_and_of_a_few_nothing(scene: Hotline) -> None:
    await reported(scene, scene.pupil, 4)
    await scene.world.at(NEW_YEAR)
    assert "No data." in await scene.supervisor.forges("fg:2026-Q3")
    assert ": 0" not in scene.supervisor.last.text
    few = await scene.supervisor.forges("fg:2026-Q4")
    assert "too few for figures" in few
    assert "Publish" not in [label for message in scene.supervisor.messages for label in message.labels]
    assert "4" not in few.replace("2026-Q4", "")
    assert sent_file(scene.supervisor) == [["period", "table", "row", "reports"], ["2026-Q4", "all", "all", ""]]


async def test_test_reports_are_never_counted(scene: Hotline) -> None:
    await reported(scene, scene.pupil, 12)
    await reported(scene, scene.pupil, 9, is_test=True)
    await scene.world.at(NEW_YEAR)
    assert "Together: 12" in await scene.supervisor.forges("fg:2026-Q4")


@pytest.mark.rule(15, 22)
async def test_who_may_not_know_of_a_report_gets_figures_without_it(scene: Hotline) -> None:
    other = await scenes.add_member(scene.world, scene.school.network, Role.SUPERVISOR, "Nigar")
    made = await reported(scene, scene.pupil, 12)
    async with scene.world.birge.database.writing() as db:
        await storage.cases.exclude(db, made[0], await person_id_of(scene.world, other))
    await scene.world.at(NEW_YEAR)
    assert "Together: 12" in await scene.supervisor.forges("fg:2026-Q4")
    assert "Together: 11" in await other.forges("fg:2026-Q4")
    assert "Together: 12" in await scene.supervisor.forges("fg:2026-Q4")


@pytest.mark.rule(22)
async def test_a_district_with_a_single_school_is_not_named(scene: Hotline) -> None:
    world, school = scene.world, scene.school
    small = await scenes.community(world, school.network, CommunityKind.DISTRICT, "Xətai")
    only = await scenes.community(world, small, CommunityKind.SCHOOL, "Məktəb 99")
    pupil = await scenes.add_member(world, only, Role.PUPIL, "Far")
    await reported(scene, scene.pupil, 12)
    await reported(scene, pupil, 11)
    await world.at(NEW_YEAR)
    told = await scene.supervisor.forges("fg:2026-Q4")
    assert "Nəsimi: 12" in told
    assert "Elsewhere: 11" in told
    assert "Xətai" not in told


async def test_coordinators_of_the_network_see_what_is_published(scene: Hotline) -> None:
    owner = scene.school.owner
    await reported(scene, scene.pupil, 12)
    await scene.world.at(NEW_YEAR)
    assert "No figures were published yet" in await owner.says("/figures")
    assert NOT_HERE in await owner.forges("fg:2026-Q4")
    assert NOT_HERE in await owner.forges("fg.out:2026-Q4")
    await scene.supervisor.forges("fg:2026-Q4")
    assert "Published" in await scene.supervisor.taps("Publish")
    await owner.says("/figures")
    assert "Together: 12" in await owner.taps("2026-Q4")
    assert "Publish" not in owner.labels


@pytest.mark.rule(13, 22)
async def test_nobody_else_gets_figures_and_no_time_that_is_not_over(scene: Hotline) -> None:
    at_school = await scenes.add_member(scene.world, scene.school.school, Role.SUPERVISOR, "Nigar")
    await scene.world.at(NEW_YEAR)
    for talker in (scene.pupil, scene.worker, scene.school.coordinator, at_school, scene.school.head):
        assert NOT_HERE in await talker.forges("fg:2026-Q4")
        assert NOT_HERE in await talker.says("/figures")
    for forged in ("fg", "fg:", "fg:2027-Q1", "fg:2027", "fg:2026-Q5", "fg:2026-12", "fg:x", "fg.out:2027"):
        assert NOT_HERE in await scene.supervisor.forges(forged)
