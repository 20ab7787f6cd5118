"""F14: the name of whoever reported, behind a reason and a second person; in danger at once, and judged afterwards."""

import re
from dataclasses import dataclass

import pytest

from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.pictures import jpeg
from tests.scenes import Hotline, report, take

NAME = "Gülzar Məmmədova"
NOT_HERE = "You can't do this here"
OVER = "decided already"
REASON = "The doctor must know who she is"


@dataclass
class Vault:
    """A hotline with a custodian and an auditor, and a pupil whose name nobody else has."""

    line: Hotline
    child: Talker
    custodian: Talker
    auditor: Talker

    @property
    def world(self) -> World:
        return self.line.world


async def vault(world: World) -> Vault:
    line = await scenes.hotline(world)
    child = await scenes.add_member(world, line.school.class_a, Role.PUPIL, "Gülzar", last_name="Məmmədova")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET called = :name WHERE called LIKE 'Gülzar%'", name=NAME)
    custodian = await scenes.add_member(world, line.school.network, Role.CUSTODIAN, "Nərmin")
    auditor = await scenes.add_member(world, line.school.network, Role.AUDITOR, "Vüqar")
    return Vault(line, child, custodian, auditor)


@pytest.fixture
async def scene(world: World) -> Vault:
    return await vault(world)


async def one(scene: Vault) -> int:
    return int((await scene.world.rows("SELECT id FROM cases ORDER BY opened_at DESC"))[0]["id"])


async def asked(scene: Vault) -> tuple[int, int]:
    row = (await scene.world.rows("SELECT id, case_id FROM case_asks ORDER BY asked_at DESC, id"))[0]
    return row["case_id"], row["id"]


async def deeds(scene: Vault) -> list[str]:
    return [row["deed"] for row in await scene.world.rows("SELECT deed FROM case_log ORDER BY id")]


def heard(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


async def asks(scene: Vault, reason: str = REASON) -> str:
    """The worker takes the child's case and asks who it is; the number."""
    number = await report(scene.child, "They take my money.")
    await take(scene.line.worker)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    await scene.line.worker.says(reason)
    return number


async def in_danger(scene: Vault) -> str:
    """A case in danger that the worker has taken; its number."""
    await scene.child.says("/hotline")
    await scene.child.taps("Danger now")
    number = (await scene.child.taps("Yes, fetch a helper")).split("Its number is ")[1][:6]
    await scene.line.worker.taps("Take")
    return number


@pytest.mark.row("F14")
async def test_the_name_is_shown_after_a_reason_and_a_second_person(scene: Vault) -> None:
    number = await asks(scene)
    worker, custodian = scene.line.worker, scene.custodian
    assert worker.last.text == "A second person is asked. I will tell you the answer here."
    assert custodian.last.text == f"case {number}: somebody asks for the name, please look at it"
    assert "somebody asks" not in heard(scene.line.supervisor)
    shown = await custodian.taps("Open")
    assert REASON in shown
    assert "They take my money." not in shown
    assert custodian.last.protected
    await custodian.taps("Show it")
    assert worker.last.text == f"case {number}: the name may be shown, for a day"
    told = await worker.taps("Show the name")
    assert NAME in told
    assert "Pupil" in told
    assert "5A" in told
    assert "Məktəb 12" in told
    assert worker.last.protected
    assert [deed for deed in await deeds(scene) if deed in ("asked_second", "agreed", "unmasked")] == [
        "asked_second",
        "agreed",
        "unmasked",
    ]


async def test_the_copy_with_the_name_and_the_one_with_the_reason_are_removed_in_time(scene: Vault) -> None:
    await asks(scene)
    await scene.custodian.taps("Open")
    await scene.world.later(minutes=1)
    assert REASON in heard(scene.custodian)  # no job takes it back before its time
    await scene.custodian.taps("Show it")
    await scene.line.worker.taps("Show the name")
    await scene.world.later(hours=25)
    assert NAME not in heard(scene.line.worker)
    assert REASON not in heard(scene.custodian)


async def test_what_was_typed_as_a_reason_leaves_the_chat(scene: Vault) -> None:
    await report(scene.child, "They take my money.")
    await take(scene.line.worker)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    typed = scene.world.sandbox.sends(scene.line.worker.person, text=REASON)
    await scene.world.settle()
    assert typed.deleted


@pytest.mark.row("F14_bad_no_reason")
@pytest.mark.parametrize("reason", ["…", "??", " . "])
async def test_without_a_reason_it_is_refused(scene: Vault, reason: str) -> None:
    await asks(scene, reason)
    assert "Without a reason the name is not shown" in scene.line.worker.last.text
    assert await scene.world.rows("SELECT 1 FROM case_asks") == []
    assert "somebody asks" not in heard(scene.custodian)
    await scene.line.worker.says(REASON)  # she is still asked
    assert "somebody asks" in heard(scene.custodian)


async def test_a_picture_is_no_reason_and_no_ends_it(scene: Vault) -> None:
    await report(scene.child, "They take my money.")
    await take(scene.line.worker)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    told = await scene.line.worker.says(photo=("one.jpg", jpeg(), "image/jpeg"))
    assert "answer in words" in told
    assert "Nothing was sent." in await scene.line.worker.taps("Cancel", message=scene.line.worker.find("Cancel"))
    assert await scene.world.rows("SELECT 1 FROM case_asks") == []


async def test_the_second_person_may_say_no(scene: Vault) -> None:
    number = await asks(scene)
    case, ask = await asked(scene)
    await scene.custodian.taps("Open")
    await scene.custodian.taps("Don't show it")
    assert scene.line.worker.last.text.startswith(f"case {number}: the name is not shown.")
    assert NOT_HERE in await scene.line.worker.forges(f"cs.name:{case}:{ask}")
    assert OVER in await scene.custodian.forges(f"cs.agree:{case}:{ask}")
    assert NAME not in heard(scene.line.worker)


async def test_without_a_custodian_a_supervisor_decides(scene: Vault) -> None:
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'custodian'")
    await asks(scene)
    assert REASON in await scene.line.supervisor.taps("Open")
    await scene.line.supervisor.taps("Show it")
    assert NAME in await scene.line.worker.taps("Show the name")


async def test_with_nobody_else_there_it_is_not_shown(scene: Vault) -> None:
    await report(scene.child, "They take my money.")
    await take(scene.line.worker)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role IN ('custodian', 'supervisor')")
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    await scene.line.worker.says(REASON)
    assert "Nobody else is there who could agree" in scene.line.worker.last.text
    assert await scene.world.rows("SELECT 1 FROM case_asks") == []


async def test_a_name_is_open_for_a_day_and_while_the_case_is_hers(scene: Vault) -> None:
    await asks(scene)
    case, ask = await asked(scene)
    await scene.custodian.taps("Open")
    await scene.custodian.taps("Show it")
    for talker in (scene.line.other_worker, scene.line.supervisor, scene.custodian, scene.line.school.owner):
        assert NOT_HERE in await talker.forges(f"cs.name:{case}:{ask}")
    assert NOT_HERE in await scene.line.worker.forges(f"cs.name:{case}:424242")
    assert NAME in await scene.line.worker.forges(f"cs.name:{case}:{ask}")
    await scene.line.worker.taps("Answer", message=scene.line.worker.find("Answer"))
    await scene.line.worker.says("Hello")
    await scene.line.worker.taps("Send")
    await scene.world.later(hours=25)
    assert NOT_HERE in await scene.line.worker.forges(f"cs.name:{case}:{ask}")


async def test_who_has_stepped_aside_sees_no_name(scene: Vault) -> None:
    await asks(scene)
    case, ask = await asked(scene)
    await scene.custodian.taps("Open")
    await scene.custodian.taps("Show it")
    await scene.line.worker.forges(f"cs.aside:{case}")
    assert NOT_HERE in await scene.line.worker.forges(f"cs.name:{case}:{ask}")


async def test_a_question_whose_case_went_on_is_over(scene: Vault) -> None:
    await asks(scene)
    case, ask = await asked(scene)
    await scene.line.worker.forges(f"cs.aside:{case}")
    assert OVER in await scene.custodian.taps("Open")
    assert OVER in await scene.custodian.forges(f"cs.agree:{case}:{ask}")


async def test_of_two_who_decide_at_once_one_does(scene: Vault) -> None:
    second = await scenes.add_member(scene.world, scene.line.school.network, Role.CUSTODIAN, "Other")
    await asks(scene)
    case, ask = await asked(scene)
    sandbox = scene.world.sandbox
    for talker, route in ((scene.custodian, "cs.agree"), (second, "cs.keep")):
        sandbox.taps(talker.person, talker.last, data=f"{route}:{case}:{ask}")
    await scene.world.settle()
    decided = [deed for deed in await deeds(scene) if deed in ("agreed", "denied")]
    assert len(decided) == 1
    assert sum(OVER in heard(talker) for talker in (scene.custodian, second)) == 1


async def test_what_nobody_decides_is_asked_again_and_then_expires_aloud(scene: Vault) -> None:
    number = await asks(scene)
    case, ask = await asked(scene)
    await scene.line.worker.taps("Answer", message=scene.line.worker.find("Answer"))
    await scene.line.worker.says("Hello")
    await scene.line.worker.taps("Send")
    await scene.world.later(hours=2, minutes=1)
    assert scene.custodian.last.text == f"case {number}: a second person is still needed, please look at it"
    count = len(scene.custodian.messages)
    await scene.world.later(hours=1)
    assert len(scene.custodian.messages) == count
    await scene.world.later(hours=1, minutes=1)
    assert scene.line.worker.last.text == f"case {number}: nobody has decided in time. Please ask again."
    assert scene.line.supervisor.last.text == f"case {number}: no second person has decided in time"
    assert OVER in await scene.custodian.forges(f"cs.agree:{case}:{ask}")
    assert (await deeds(scene))[-1] == "expired"


async def test_when_the_custodian_leaves_a_supervisor_decides(scene: Vault) -> None:
    number = await asks(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'custodian'")
    await scene.line.worker.taps("Answer", message=scene.line.worker.find("Answer"))
    await scene.line.worker.says("Hello")
    await scene.line.worker.taps("Send")
    await scene.world.later(hours=2, minutes=1)
    assert scene.line.supervisor.last.text == f"case {number}: a second person is still needed, please look at it"
    await scene.line.supervisor.taps("Open")
    await scene.line.supervisor.taps("Show it")
    assert NAME in await scene.line.worker.taps("Show the name")


# --- in danger --------------------------------------------------------------------------------------------------------


@pytest.mark.row("F14")
async def test_in_danger_it_opens_at_once_and_alarms_three(scene: Vault) -> None:
    number = await in_danger(scene)
    worker = scene.line.worker
    await worker.taps("More")
    assert "it opens at once" in await worker.taps("Who is it?")
    assert NAME in await worker.taps("Send help")
    assert worker.last.protected
    assert scene.custodian.last.text == f"case {number}: the name was opened in danger, please judge it within a day"
    for talker in (scene.line.supervisor, scene.auditor):
        assert talker.last.text == f"case {number}: the name was opened in danger"
        assert talker.last.labels == []
    assert NAME not in heard(scene.custodian) + heard(scene.auditor) + heard(scene.line.supervisor)
    assert {"broken", "unmasked"} <= set(await deeds(scene))


async def test_a_second_opening_alarms_nobody_twice_but_is_logged(scene: Vault) -> None:
    await in_danger(scene)
    case = await one(scene)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    await scene.line.worker.taps("For 112")
    count = len(scene.custodian.messages)
    assert NAME in await scene.line.worker.forges(f"cs.break:{case}:112")
    assert len(scene.custodian.messages) == count
    assert (await deeds(scene)).count("unmasked") == 2


async def test_a_typed_reason_opens_it_too(scene: Vault) -> None:
    await in_danger(scene)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    assert NAME in await scene.line.worker.says("She stands on a roof")
    shown = await scene.custodian.taps("Open")
    assert "Reason: She stands on a roof" in shown.replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize(("label", "told"), [("Justified", "was justified"), ("Not justified", "was not justified")])
async def test_it_is_judged_and_the_judgement_is_recorded(scene: Vault, label: str, told: str) -> None:
    await in_danger(scene)
    case = await one(scene)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    await scene.line.worker.taps("No answer")
    _, ask = await asked(scene)
    shown = await scene.custodian.taps("Open")
    assert "No answer" in shown
    await scene.custodian.taps(label, message=scene.custodian.last)
    states = {"Justified": "agreed", "Not justified": "denied"}
    assert (await scene.world.rows("SELECT state FROM case_asks"))[0]["state"] == states[label]
    for talker in (scene.line.supervisor, scene.auditor):
        assert told in talker.last.text
    again = await scene.line.worker.forges(f"cs.name:{case}:{ask}")
    assert (NAME in again) == (label == "Justified")
    assert OVER in await scene.custodian.forges(f"cs.keep:{case}:{ask}")


async def test_what_nobody_judges_within_a_day_is_asked_for_every_day(scene: Vault) -> None:
    number = await in_danger(scene)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    await scene.line.worker.taps("No answer")
    told = f"case {number}: nobody has judged yet whether it was right to open the name"
    for days in (1, 2):
        await scene.world.later(hours=24, minutes=1)
        assert f"case {number}: a second person is still needed" in scene.custodian.last.text
        assert sum(one.text == told for one in scene.auditor.messages) == days
    assert (await scene.world.rows("SELECT state FROM case_asks"))[0]["state"] == "asked"


async def test_only_in_danger_and_only_whose_case_it_is(scene: Vault) -> None:
    await report(scene.child, "They take my money.")
    await take(scene.line.worker)
    case = await one(scene)
    assert NOT_HERE in await scene.line.worker.forges(f"cs.break:{case}:112")
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET risk = 'danger'")
    for talker in (scene.line.other_worker, scene.line.supervisor, scene.custodian, scene.auditor):
        assert NOT_HERE in await talker.forges(f"cs.break:{case}:112")
        assert NOT_HERE in await talker.forges(f"cs.who:{case}")
    assert NOT_HERE in await scene.line.worker.forges(f"cs.break:{case}:because")
    assert NOT_HERE in await scene.line.worker.forges(f"cs.break:{case}")
    assert await scene.world.rows("SELECT 1 FROM case_asks") == []


async def test_whom_no_community_knows_is_named_by_the_account(scene: Vault) -> None:
    stranger = scene.world.person("Nobody")
    await stranger.starts()
    await stranger.says("/hotline")
    await stranger.taps("Danger now")
    await stranger.taps("Yes, fetch a helper")
    await scene.line.worker.taps("Take")
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    told = await scene.line.worker.taps("Send help")
    assert "belongs to no class" in told
    assert f"telegram {stranger.person.id}" in told


# --- another account, and nobody any more -----------------------------------------------------------------------------


async def opened_in_danger(scene: Vault) -> str:
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    return await scene.line.worker.taps("Send help")


@pytest.mark.rule(9)
async def test_a_child_in_danger_who_wants_to_be_forgotten_is_still_found(scene: Vault) -> None:
    await in_danger(scene)
    await scene.child.says("/forget")
    await scene.child.taps("Yes, forget me")
    assert await scene.world.rows("SELECT 1 FROM memberships WHERE called = :name", name=NAME) == []
    told = await opened_in_danger(scene)
    assert NAME in told
    assert "5A" in told


@pytest.mark.rule(9)
async def test_a_stranger_in_danger_who_wants_to_be_forgotten_is_found_by_the_account(scene: Vault) -> None:
    scene.child = scene.world.person("Nobody")
    await scene.child.starts()
    await in_danger(scene)
    await scene.child.says("/forget")
    await scene.child.taps("Yes, forget me")
    assert f"telegram {scene.child.person.id}" in await opened_in_danger(scene)


@pytest.mark.rule(9)
async def test_a_child_in_danger_who_goes_on_with_another_account_is_found(scene: Vault) -> None:
    older = scene.line.school.parents[0]  # was known first: the child's number becomes hers
    await in_danger(scene)
    await scene.child.says("/move")
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", await scene.child.taps("Get a code"))
    assert code is not None
    await older.says(f"/move {code[0]}")
    await older.taps("Both are mine")
    assert "✓ Done" in await scene.child.taps("Yes, it is mine")
    assert NAME in await opened_in_danger(scene)
