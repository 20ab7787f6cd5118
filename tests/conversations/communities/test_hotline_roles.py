"""Hotline roles: two people give them, for a year, with the code of conduct (rule 14 of docs/safeguarding.md)."""

import pytest

from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.communities.codes import states
from tests.conversations.communities.test_members import number_of
from tests.scenes import School, add_member, belong, school


async def three(world: World) -> tuple[School, Talker, Talker]:
    """The owner, the supervisor, and a psychologist of the network who is to work for the hotline."""
    scene = await school(world)
    supervisor = await add_member(world, scene.network, Role.SUPERVISOR, "Sevda")
    candidate = await add_member(world, scene.network, Role.PSYCHOLOGIST, "Nigar")
    return scene, supervisor, candidate


async def propose(scene: School, proposer: Talker, candidate: str, role: str) -> str:
    await proposer.says("/home")
    await proposer.forges(f"m:{scene.network.id}")
    await proposer.taps(candidate)
    return await proposer.taps(role)


@pytest.mark.row("A3")
async def test_a_coordinator_proposes_the_supervisor_confirms_and_the_person_accepts(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    assert "A second person must agree" in await propose(scene, scene.owner, "Nigar", "Hotline worker")
    assert "Proposed by: \u2068Owner" in supervisor.last.text
    assert "Confirmed" in await supervisor.taps("Confirm")
    assert await states(world, nigar, scene.network) == [("psychologist", "active")]

    assert "Code of conduct" in nigar.last.text
    assert "Your role has begun: Hotline worker" in await nigar.taps("I accept this")
    assert await states(world, nigar, scene.network) == [("psychologist", "active"), ("worker", "active")]
    assert "The role has begun" in scene.owner.last.text
    assert "The role has begun" in supervisor.last.text
    [row] = await world.rows("SELECT * FROM role_proposals")
    assert (row["state"], row["confirms"]) == ("active", "supervisor")
    assert None not in (row["proposed_by"], row["decided_by"], row["decided_at"], row["answered_at"])
    assert [one["version"] for one in await world.rows("SELECT version FROM conduct_acceptances")] == ["2026-1"]

    await world.later(days=366)
    assert "Your time in this role is over: Hotline worker" in "".join(one.text for one in nigar.messages)
    assert await states(world, nigar, scene.network) == [("psychologist", "active"), ("worker", "left")]


@pytest.mark.row("A3")
async def test_the_other_way_round(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    await supervisor.says("/members")
    await supervisor.taps("Nigar")
    offices = ["Hotline worker", "Hotline supervisor", "Keeper of names", "Hotline auditor"]
    assert supervisor.labels == [*offices, "Remove PIN", "All members"]
    await supervisor.taps("Hotline supervisor")
    await scene.owner.taps("Confirm")
    await nigar.taps("I accept this")
    assert ("supervisor", "active") in await states(world, nigar, scene.network)


@pytest.mark.row("A3")
async def test_no_from_the_second_person_or_from_the_person_herself(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    await propose(scene, scene.owner, "Nigar", "Hotline worker")
    assert "Not confirmed" in await supervisor.taps("No")
    assert "Not confirmed" in scene.owner.last.text

    await propose(scene, scene.owner, "Nigar", "Hotline worker")
    await supervisor.taps("Confirm")
    await nigar.taps("No, thank you")
    assert "does not want this role" in scene.owner.last.text
    assert await states(world, nigar, scene.network) == [("psychologist", "active")]


@pytest.mark.row("A3_bad_forged")
@pytest.mark.row("A3_bad_someone_elses")
async def test_nobody_confirms_her_own_proposal_or_her_own_role(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    await belong(world, nigar, scene.network, Role.SUPERVISOR)
    await propose(scene, scene.owner, "Nigar – Psychologist", "Hotline worker")
    [row] = await world.rows("SELECT id FROM role_proposals")
    for one in (scene.owner, nigar, scene.coordinator, scene.head, scene.outsider):
        assert "can't do this here" in await one.forges(f"hotline.yes:{row['id']}")
    for one in (scene.owner, supervisor, scene.outsider):
        assert "can't do this here" in await one.forges(f"conduct.yes:{row['id']}")
    assert "decided already" in await nigar.forges(f"conduct.yes:{row['id']}")
    assert (await world.rows("SELECT state FROM role_proposals"))[0]["state"] == "proposed"


@pytest.mark.row("A3")
async def test_without_a_second_person_it_cannot_be_given(world: World) -> None:
    scene = await school(world)
    await add_member(world, scene.network, Role.PSYCHOLOGIST, "Nigar")
    assert "nobody else who could" in await propose(scene, scene.owner, "Nigar", "Hotline worker")
    assert await world.rows("SELECT 1 FROM role_proposals") == []


@pytest.mark.row("A3_bad_old")
async def test_a_second_tap_and_a_second_proposal_change_nothing(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    await propose(scene, scene.owner, "Nigar", "Hotline worker")
    assert "proposed already" in await propose(scene, scene.owner, "Nigar", "Hotline worker")
    card = supervisor.last
    world.sandbox.taps(supervisor.person, card, "Confirm")
    world.sandbox.taps(supervisor.person, card, "No")
    await world.settle()
    await nigar.taps("I accept this")
    assert (await world.rows("SELECT state FROM role_proposals"))[0]["state"] == "active"


@pytest.mark.row("A3")
async def test_one_tap_takes_a_hotline_role_from_a_lost_phone(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    await belong(world, nigar, scene.network, Role.WORKER)
    await supervisor.says("/home")
    assert "✓ Removed" in await supervisor.forges(f"m.out.yes:{await number_of(scene, nigar)}")
    assert ("worker", "left") in await states(world, nigar, scene.network)


@pytest.mark.row("A3")
async def test_a_hotline_role_is_nobodys_business_below(world: World) -> None:
    scene, _supervisor, nigar = await three(world)
    await belong(world, nigar, scene.network, Role.WORKER)
    chair = await add_member(world, scene.network, Role.CHAIR, "Chair")
    await chair.says("/home")
    await chair.forges(f"m:{scene.network.id}")
    assert not any("Hotline" in label for label in chair.labels)
    assert "Hotline" not in await scene.parents[0].forges(f"c:{scene.network.id}")
    assert "can't do this here" in await chair.forges(f"m.one:{await number_of(scene, nigar)}")


# --- what was lost in the chat ----------------------------------------------------------------------------------------


@pytest.mark.row("A3")
async def test_what_waits_for_an_answer_stands_on_duty_and_home_until_it_is_given(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    await propose(scene, scene.owner, "Nigar", "Hotline worker")
    assert "Waiting for an answer: \u2068Nigar" in await supervisor.says("/duty")
    assert "Waiting for an answer" not in await scene.owner.says("/duty")  # who proposed it doesn't confirm it
    assert "Proposed by: \u2068Owner" in await supervisor.taps("Nigar – Hotline worker")
    assert "✓ Confirmed." in await supervisor.taps("Confirm")
    assert "Waiting for an answer" not in await supervisor.says("/duty")

    await nigar.says("/home")
    assert "Your role: Hotline worker" in await nigar.taps("Code of conduct")
    assert "Your role has begun: Hotline worker" in await nigar.taps("I accept this")
    assert nigar.labels == ["Open the queue"]
    await nigar.says("/home")
    assert "Code of conduct" not in nigar.labels


@pytest.mark.row("A3_bad_forged")
async def test_nobody_else_is_shown_what_waits(world: World) -> None:
    scene, _, nigar = await three(world)
    await propose(scene, scene.owner, "Nigar", "Hotline worker")
    [row] = await world.rows("SELECT id FROM role_proposals")
    for one in (scene.owner, scene.coordinator, nigar):
        assert "can't do this here" in await one.forges(f"hotline:{row['id']}")
    for one in (nigar, scene.pupils[0]):
        assert "can't do this here" in await one.forges("conduct")


@pytest.mark.row("A3")
async def test_an_auditor_begins_with_the_log(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    await propose(scene, scene.owner, "Nigar", "Hotline auditor")
    await supervisor.taps("Confirm")
    await nigar.taps("I accept this")
    assert nigar.labels == ["Open the log"]


@pytest.mark.rule(14)
@pytest.mark.row("A3_bad_old")
async def test_who_was_removed_meanwhile_gives_no_role_of_the_hotline_and_gets_none(world: World) -> None:
    scene, supervisor, nigar = await three(world)
    second = await add_member(world, scene.district, Role.COORDINATOR, "Second")
    agent = await add_member(world, scene.district, Role.TEACHER, "Agent")
    await second.forges(f"m.hotline:{await number_of(scene, agent)}:worker")
    card = supervisor.find("Confirm")
    await scene.owner.forges(f"m.out.yes:{await number_of(scene, second)}")
    assert "may no longer do so" in await supervisor.taps("Confirm", message=card)
    assert card.labels == []
    assert "I accept this" not in agent.labels

    await propose(scene, scene.owner, "Nigar", "Hotline worker")
    await supervisor.taps("Confirm")
    await scene.owner.forges(f"m.out.yes:{await number_of(scene, nigar)}")
    assert "can't do this here" in await nigar.taps("I accept this", message=nigar.find("I accept this"))
    assert await world.rows("SELECT 1 FROM memberships WHERE role = 'worker'") == []
    assert {row["state"] for row in await world.rows("SELECT state FROM role_proposals")} == {"refused", "declined"}
