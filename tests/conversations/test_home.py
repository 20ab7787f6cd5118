"""/start, /home, /help and /cancel, and whatever else may come."""

import pytest

from domain.communities import CommunityKind
from domain.roles import Role
from tests.cast import World
from tests.scenes import add_member, belong, community, hotline, report, school


async def test_a_newcomer_is_greeted_in_her_language_and_can_choose_another(world: World) -> None:
    aysel = world.person("Aysel", language="xx")

    await aysel.starts()
    assert {"Azərbaycanca", "Қазақша", "Русский", "Українська", "English"} < set(aysel.labels)
    said = await aysel.taps("English")
    assert "Hello! I am Birge" in said
    assert "Azərbaycanca" not in aysel.labels
    assert {"start", "members"}.isdisjoint({one["command"] for one in world.sandbox.menu(aysel.person)})


async def test_home_shows_a_button_for_each_community(world: World) -> None:
    scene = await school(world)
    assert "What would you like to do?" in await scene.head.says("/home")
    assert scene.head.labels[0] == "5A"
    assert "Head of class" in await scene.head.taps("5A")


async def test_home_is_short_and_help_stands_in_a_row_of_its_own(world: World) -> None:
    scene = await school(world)
    await scene.parents[0].says("/home")
    rows = [[key.label for key in row] for row in scene.parents[0].last.keyboard]
    assert len(rows) <= 6  # it fits on a small phone without scrolling
    assert ["I need help"] in rows
    await scene.outsider.says("/home")
    assert scene.outsider.labels[-4:] == ["I need help", "Join with a code", "Settings", "How it works"]


async def test_help_lists_what_this_person_may_do(world: World) -> None:
    scene = await school(world)
    assert "/members" in await scene.head.says("/help")
    assert "/members" not in await scene.parents[0].says("/help")
    assert "/join" in await scene.outsider.says("/help")


async def test_cancel(world: World) -> None:
    aysel = world.person("Aysel")
    assert "nothing to stop" in await aysel.says("/cancel")
    await aysel.says("/join")
    assert "Stopped" in await aysel.says("/cancel")
    await aysel.says("/join")
    old = aysel.last
    await aysel.says("/join")
    assert "over already" in await aysel.taps("Cancel", message=old)
    assert "Stopped" in await aysel.taps("Cancel")
    assert "over already" in await aysel.taps("Cancel")


@pytest.mark.row("ANY_bad_unknown_command")
async def test_an_unknown_command_is_answered(world: World) -> None:
    aysel = world.person("Aysel")
    assert "don't know this command" in await aysel.says("/wat")


@pytest.mark.row("ANY_bad_plain_words")
@pytest.mark.row("ANY_bad_longest_text")
@pytest.mark.parametrize("words", ["hello", "x" * 4096, "\u202e\u200b", "<b>&", "👍"])
async def test_words_nobody_waits_for_are_answered(world: World, words: str) -> None:
    aysel = world.person("Aysel")
    assert await aysel.says(words) != ""


async def test_the_home_link_opens_home(world: World) -> None:
    scene = await school(world)
    assert "What would you like to do?" in await scene.head.starts("home")


async def test_a_command_offers_only_communities_where_it_may_be_used(world: World) -> None:
    scene = await school(world)
    pupil = await add_member(world, scene.school, Role.PUPIL, "President")
    assert "School: \u2068Məktəb 12" in await pupil.says("/community")


# --- whoever works for the hotline ------------------------------------------------------------------------------------

STAFF_DOORS = {"Queue", "Duty", "Log", "Figures"}


@pytest.mark.parametrize(
    ("role", "doors"),
    [
        (Role.WORKER, {"Queue", "Duty"}),
        (Role.SUPERVISOR, {"Queue", "Duty", "Figures"}),
        (Role.CUSTODIAN, {"Duty"}),
        (Role.AUDITOR, {"Duty", "Log"}),
        (Role.COORDINATOR, {"Duty", "Figures"}),
        (Role.PSYCHOLOGIST, {"Queue"}),
    ],
)
async def test_whoever_works_for_the_hotline_finds_her_work_on_home(world: World, role: Role, doors: set[str]) -> None:
    scene = await school(world)
    officer = await add_member(world, scene.network, role, "Leyla")
    await officer.says("/home")
    assert STAFF_DOORS & set(officer.labels) == doors
    for door in doors:
        await officer.says("/home")
        assert "can't do this here" not in await officer.taps(door)


@pytest.mark.rule(11)
async def test_nobody_else_has_such_a_door_and_a_report_changes_nothing_on_home(world: World) -> None:
    scene = (await hotline(world)).school
    for one in (scene.pupils[0], scene.parents[0], scene.head, scene.coordinator, scene.outsider):
        await one.says("/home")
        assert not STAFF_DOORS & set(one.labels)
    pupil = scene.pupils[0]
    before = await pupil.says("/home"), pupil.labels
    await report(pupil, "They take my money.")
    assert (await pupil.says("/home"), pupil.labels) == before


async def test_an_agency_finds_its_referrals_on_home(world: World) -> None:
    scene = await school(world)
    agency = await community(world, scene.network, CommunityKind.AGENCY, "Shelter")
    officer = await add_member(world, agency, Role.WORKER, "Shirin")
    await officer.says("/home")
    assert STAFF_DOORS & set(officer.labels) == {"Queue"}
    assert "No referral waits." in await officer.taps("Queue")
    assert "can't do this here" in await officer.says("/duty")  # who is on duty is the hotline's own business
    shown = await officer.says("/help")
    assert "/queue" in shown
    assert "/case" not in shown  # nor has she a case
    assert "/duty" not in shown
    for number in range(7):  # however many communities she belongs to
        await belong(
            world, officer, await community(world, scene.school, CommunityKind.CLUB, f"Club {number}"), Role.PARENT
        )
    await officer.says("/home")
    assert "Duty" not in officer.labels
    await belong(world, officer, scene.network, Role.WORKER)
    shown = await officer.says("/help")
    assert "/case" in shown
    assert "/duty" in shown
    await officer.says("/home")
    assert "Duty" in officer.labels


async def test_the_menu_of_an_agencys_people_has_what_works_for_them(world: World) -> None:
    """Two people give the role; the menu that comes with it."""
    scene = await school(world)
    agency = await community(world, scene.network, CommunityKind.AGENCY, "Shelter")
    officer = await add_member(world, agency, Role.PARENT, "Shirin")
    await belong(world, officer, agency, Role.WORKER)
    await officer.forges("lang.is:kk:settings")
    assert {"queue", "case", "duty"} & {one["command"] for one in world.sandbox.menu(officer.person)} == {"queue"}
