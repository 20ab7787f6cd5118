"""Rule 14, a lost phone: one tap revokes all. Rule 18: another person removes a PIN that was forgotten."""

import pytest

import storage.communities
import storage.pins
from domain.roles import Role
from tests.cast import PIN, Talker, World
from tests.scenes import Hotline, add_member, belong, hotline, identity_id_of, person_id_of, report, taken

WORDS = "They take my money."
NO = "You can't do this here. /home shows what you can do."


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await hotline(world)


async def opens_page_of(scene: Hotline, who: Talker, of: Talker) -> str:
    await who.says("/home")
    await who.forges(f"m:{scene.school.network.id}")
    return await who.taps(of.person.name)


async def membership_of(scene: Hotline, of: Talker) -> int:
    person_id = await person_id_of(scene.world, of)
    rows = await scene.world.rows("SELECT id FROM memberships WHERE person_id = :id", id=person_id)
    return int(rows[0]["id"])


# --- a lost phone -----------------------------------------------------------------------------------------------------


@pytest.mark.rule(14)
@pytest.mark.parametrize("who", ["supervisor", "owner"])
async def test_one_tap_for_a_lost_phone_revokes_all(scene: Hotline, who: str) -> None:
    number = await taken(scene, WORDS)
    assert any(WORDS in message.text for message in scene.worker.messages)
    actor = scene.supervisor if who == "supervisor" else scene.school.owner
    await opens_page_of(scene, actor, scene.worker)

    done = await actor.taps("Lost phone")
    await scene.world.tick()

    assert "the work of \u2068Leyla\u2069 for the hotline has ended" in done
    assert not any(WORDS in one.text for one in scene.worker.messages)  # what stood in her chat is taken back
    assert await scene.worker.says("/queue") == NO
    assert await scene.worker.says(f"/case {number}") == NO
    assert scene.other_worker.last.text.startswith(f"case {number}")  # it waits for the others
    assert await scene.world.rows("SELECT 1 FROM cases WHERE state = 'taken'") == []
    if who == "owner":
        assert "Lost phone: the work of" in "".join(one.text for one in scene.supervisor.messages)


@pytest.mark.rule(14)
@pytest.mark.row("A3_bad_forged")
async def test_an_office_that_was_given_up_comes_back_by_no_forged_undo(scene: Hotline) -> None:
    """Nor one of a psychologist by going on with another account."""
    network, leyla, mind = scene.school.network.id, scene.worker, scene.school.parents[0]
    await belong(scene.world, mind, scene.school.school, Role.PSYCHOLOGIST)
    number = await membership_of(scene, leyla)
    await leyla.forges(f"c.down.yes:{network}:{number}")
    assert "It is too late to take this back" in await leyla.forges(f"c.back:{network}:{number}")
    assert await leyla.says("/queue") == NO

    [row] = await scene.world.rows("SELECT id FROM memberships WHERE role = 'psychologist'")
    await mind.forges(f"c.down.yes:{scene.school.school.id}:{row['id']}")
    undo = f"c.back:{scene.school.school.id}:{row['id']}"
    other = scene.world.person("Other")
    await other.starts()
    await mind.says("/move")
    code = (await mind.taps("Get a code")).split("Your code: ")[1][:11].strip("\u2068\u2069 \n")
    await other.says(f"/move {code[:9]}")
    assert "Done" in await mind.taps("Yes, it is mine")
    assert "It is too late to take this back" in await other.forges(undo)


@pytest.mark.rule(14)
async def test_a_lost_phone_stands_under_every_row_of_whoever_works_for_the_hotline(scene: Hotline) -> None:
    await belong(scene.world, scene.worker, scene.school.class_a, Role.PARENT)
    person_id = await person_id_of(scene.world, scene.worker)
    [row] = await scene.world.rows("SELECT id FROM memberships WHERE person_id = :id AND role = 'parent'", id=person_id)
    owner = scene.school.owner
    for one in (scene.school.head, scene.school.coordinator):  # who may not end it learns nothing here
        await one.forges(f"m.one:{row['id']}")
        assert "Lost phone" not in one.labels
        assert "can't do this here" in await one.forges(f"m.lost:{row['id']}")
    await owner.forges(f"m.one:{row['id']}")
    await owner.taps("Lost phone")
    assert await scene.worker.says("/queue") == NO
    await owner.forges(f"m.one:{row['id']}")
    assert "Lost phone" not in owner.labels  # there is nothing left to end


@pytest.mark.rule(14)
async def test_a_lost_phone_ends_every_office_every_unlock_and_every_proposal(scene: Hotline) -> None:
    world, network = scene.world, scene.school.network
    lost = await add_member(world, network, Role.SUPERVISOR, "Sevda")
    person_id, identity_id = await person_id_of(world, lost), await identity_id_of(world, lost)
    async with world.birge.database.writing() as db:
        for role in (Role.CUSTODIAN, Role.AUDITOR):
            await storage.communities.add_member(db, person_id, network.id, role, "Sevda", world.now)
    candidate = await add_member(world, network, Role.PSYCHOLOGIST, "Nigar")
    await opens_page_of(scene, lost, candidate)
    await lost.taps("Hotline worker")

    await scene.supervisor.forges(f"m.lost:{await membership_of(scene, lost)}")

    held = await world.rows("SELECT state FROM memberships WHERE person_id = :id", id=person_id)
    assert {row["state"] for row in held} == {"left"}
    assert [row["state"] for row in await world.rows("SELECT state FROM role_proposals")] == ["refused"]
    async with world.birge.database.writing() as db:
        assert not await storage.pins.is_unlocked(db, person_id, identity_id, world.now)
        assert not await storage.pins.is_right(db, person_id, PIN)
    assert "phone_lost" in [row["deed"] for row in await world.rows("SELECT deed FROM case_log")]


@pytest.mark.rule(14)
async def test_a_keypad_on_a_lost_phone_opens_nothing(scene: Hotline) -> None:
    await scene.world.later(hours=13)
    scene.worker.pin = None
    await scene.worker.says("/queue")

    await scene.supervisor.forges(f"m.lost:{await membership_of(scene, scene.worker)}")
    key = next(one for one in scene.worker.messages[-1].buttons if one.label == "2")

    assert "These keys no longer work." in await scene.worker.forges(key.data or "")


@pytest.mark.rule(14)
async def test_nobody_else_and_nobody_for_herself_says_that_a_phone_is_lost(scene: Hotline) -> None:
    worker, supervisor = await membership_of(scene, scene.worker), await membership_of(scene, scene.supervisor)

    for talker, number in (
        (scene.worker, worker),
        (scene.other_worker, worker),
        (scene.supervisor, supervisor),
        (scene.school.coordinator, worker),
        (scene.school.outsider, worker),
        (scene.supervisor, await membership_of(scene, scene.school.head)),  # not of the hotline
    ):
        assert await talker.forges(f"m.lost:{number}") == NO

    assert await scene.worker.says("/queue") == "Nothing waits."


@pytest.mark.rule(14)
async def test_what_lies_above_whoever_says_so_is_locked_but_not_ended(scene: Hotline) -> None:
    """Whoever leads one school ends nothing of those who look after it; but nobody gets in with the phone alone."""
    network = scene.school.network
    lost = await add_member(scene.world, network, Role.SUPERVISOR, "Sevda")
    await belong(scene.world, lost, scene.school.school, Role.WORKER)
    person_id, identity_id = await person_id_of(scene.world, lost), await identity_id_of(scene.world, lost)
    rows = await scene.world.rows("SELECT id FROM memberships WHERE person_id = :id ORDER BY id", id=person_id)

    assert await scene.school.coordinator.forges(f"m.lost:{rows[0]['id']}") == NO
    done = await scene.school.coordinator.forges(f"m.lost:{rows[1]['id']}")

    assert "The roles of this person in communities above yours are locked, too." in done
    assert done in scene.supervisor.last.text
    held = await scene.world.rows("SELECT role, state FROM memberships WHERE person_id = :id ORDER BY id", id=person_id)
    assert [(row["role"], row["state"]) for row in held] == [("supervisor", "active"), ("worker", "left")]
    async with scene.world.birge.database.writing() as db:
        assert not await storage.pins.is_unlocked(db, person_id, identity_id, scene.world.now)
        assert await storage.pins.is_right(db, person_id, PIN)  # else whoever has the phone would choose one


@pytest.mark.rule(18)
async def test_a_supervisor_of_a_school_removes_no_pin_that_opens_more_than_the_school(scene: Hotline) -> None:
    of_school = await add_member(scene.world, scene.school.school, Role.SUPERVISOR, "Sevda")
    await belong(scene.world, scene.worker, scene.school.school, Role.WORKER)
    person_id = await person_id_of(scene.world, scene.worker)
    rows = await scene.world.rows("SELECT id FROM memberships WHERE person_id = :id ORDER BY id", id=person_id)

    assert await of_school.forges(f"m.pin:{rows[1]['id']}") == NO
    assert "The PIN is removed." in await scene.supervisor.forges(f"m.pin:{rows[1]['id']}")


@pytest.mark.rule(14)
async def test_whoever_is_removed_from_the_hotline_loses_all_of_it_too(scene: Hotline) -> None:
    await opens_page_of(scene, scene.supervisor, scene.worker)
    await scene.supervisor.taps("Remove")
    await scene.supervisor.taps("Yes, remove")

    assert await scene.worker.says("/queue") == NO
    person_id = await person_id_of(scene.world, scene.worker)
    async with scene.world.birge.database.reading() as db:
        assert not (await storage.pins.lock_of(db, person_id)).is_chosen


@pytest.mark.rule(14)
async def test_a_psychologist_keeps_her_pin_so_that_nobody_chooses_one_for_her(scene: Hotline) -> None:
    await belong(scene.world, scene.worker, scene.school.school, Role.PSYCHOLOGIST)
    person_id = await person_id_of(scene.world, scene.worker)

    await scene.supervisor.forges(f"m.lost:{await membership_of(scene, scene.worker)}")
    scene.worker.pin = None

    assert (await scene.worker.says("/queue")).startswith("Please enter your PIN.")
    async with scene.world.birge.database.reading() as db:
        assert await storage.pins.is_right(db, person_id, PIN)


@pytest.mark.rule(14)
async def test_a_role_that_ends_by_itself_takes_pin_and_unlock_with_it(scene: Hotline) -> None:
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'worker'")

    await scene.world.later(minutes=11)

    assert len(await scene.world.rows("SELECT * FROM pins")) == 1  # the supervisor's
    assert await scene.worker.says("/queue") == NO


# --- a forgotten PIN --------------------------------------------------------------------------------------------------


@pytest.mark.rule(18)
async def test_a_supervisor_removes_a_pin_and_she_chooses_a_new_one(scene: Hotline) -> None:
    scene.worker.pin = None
    await opens_page_of(scene, scene.supervisor, scene.worker)

    assert "The PIN is removed." in await scene.supervisor.taps("Remove PIN")
    assert scene.worker.last.text.startswith("Your PIN was removed.")
    assert (await scene.worker.says("/queue")).startswith("Please choose a PIN")
    card = scene.worker.last
    await scene.worker.enters("1357", card)
    await scene.worker.enters("1357", card)

    assert scene.worker.last.text == "Nothing waits."
    rows = await scene.world.rows("SELECT * FROM case_log WHERE deed LIKE 'pin%' ORDER BY id")
    assert [row["deed"] for row in rows] == ["pin_removed", "pin_chosen"]
    assert rows[0]["digest"] == rows[1]["who"]
    assert rows[0]["who"] != rows[1]["who"]


@pytest.mark.rule(18)
async def test_a_coordinator_removes_only_a_supervisors_pin(scene: Hotline) -> None:
    await opens_page_of(scene, scene.school.owner, scene.worker)
    assert "Remove PIN" not in scene.school.owner.labels
    assert await scene.school.owner.forges(f"m.pin:{await membership_of(scene, scene.worker)}") == NO

    await opens_page_of(scene, scene.school.owner, scene.supervisor)

    assert "The PIN is removed." in await scene.school.owner.taps("Remove PIN")


@pytest.mark.rule(18)
async def test_nobody_removes_her_own_pin_or_as_a_worker_anothers(scene: Hotline) -> None:
    for talker, of in (
        (scene.supervisor, scene.supervisor),
        (scene.worker, scene.worker),
        (scene.other_worker, scene.worker),
    ):
        assert await talker.forges(f"m.pin:{await membership_of(scene, of)}") == NO


@pytest.mark.rule(18)
async def test_a_supervisor_who_is_locked_removes_no_pin(scene: Hotline) -> None:
    await scene.world.later(hours=13)
    scene.supervisor.pin = None

    asked = await scene.supervisor.forges(f"m.pin:{await membership_of(scene, scene.worker)}")

    assert asked.startswith("Please enter your PIN.")
    person_id = await person_id_of(scene.world, scene.worker)
    async with scene.world.birge.database.reading() as db:
        assert await storage.pins.is_right(db, person_id, PIN)


@pytest.mark.rule(18)
async def test_a_lost_phone_waits_for_no_pin(scene: Hotline) -> None:
    """Whoever says so may have no PIN herself, and hurries."""
    await scene.world.later(hours=13)
    scene.supervisor.pin = None
    number = await report(scene.pupil, WORDS)

    done = await scene.supervisor.forges(f"m.lost:{await membership_of(scene, scene.worker)}")

    assert "Lost phone" in done
    assert number not in done
