"""Referrals, said and answered: the form, a second person's yes, what an agency does, silence, revoking."""

import pytest

import storage.communities
from domain.communities import CommunityKind
from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.conversations.test_plans import case_id
from tests.scenes import Hotline, School, add_member, taken

NOT_HERE = "You can't do this here"
WISH = "Talk with the family."
pytestmark = pytest.mark.row("F9")


class Agencies(Hotline):
    """A hotline with two agencies, one person in each."""

    zaur: Talker
    gulnar: Talker  # of the other agency


@pytest.fixture
async def scene(world: World) -> Agencies:
    found = await scenes.hotline(world)
    scene = Agencies(found.school, found.worker, found.other_worker, found.supervisor)
    network = found.school.network
    scene.zaur = await in_agency(world, found.school, "Shelter", "Zaur")
    scene.gulnar = await in_agency(world, found.school, "Clinic", "Gulnar")
    assert network.kind == CommunityKind.NETWORK
    return scene


async def in_agency(world: World, school: School, name: str, person: str) -> Talker:
    agency = await scenes.community(world, school.network, CommunityKind.AGENCY, name)
    return await add_member(world, agency, Role.WORKER, person)


async def referred(scene: Hotline, *, consent: bool = True, to: str = "Shelter") -> str:
    """The worker refers the case she has taken; its referral's number."""
    worker = scene.worker
    await worker.forges(f"rf:{await case_id(scene.world)}")
    await worker.taps("New referral")
    await worker.taps(to)
    await worker.taps("Bullying")
    await worker.taps("This week")
    await worker.taps("11–13")
    await worker.says(WISH)
    if consent:
        await worker.taps("The child agreed")
    else:
        await worker.taps("No, but it must")
        await worker.says("Her father hits her.")
    await worker.taps("Send")
    rows = await scene.world.rows("SELECT number FROM referrals ORDER BY heard_at DESC, id")
    return str(rows[0]["number"])


async def referral_id(world: World, number: str) -> int:
    return int((await world.rows("SELECT id FROM referrals WHERE number = :number", number=number))[0]["id"])


async def states(world: World) -> list[str]:
    return [row["state"] for row in await world.rows("SELECT state FROM referrals ORDER BY heard_at, id")]


async def test_the_form_is_shown_once_more_and_goes_to_one_agency(scene: Agencies) -> None:
    await taken(scene)
    await scene.worker.taps("More")
    assert "referred to nobody" in await scene.worker.taps("Referral")
    assert "Which agency" in await scene.worker.taps("New referral")
    await scene.worker.taps("Shelter")
    await scene.worker.taps("Bullying")
    await scene.worker.taps("This week")
    await scene.worker.taps("11–13")
    await scene.worker.says(WISH)
    review = await scene.worker.taps("The child agreed")
    assert "The agency sees this and nothing else" in review
    assert "About: Bullying" in review
    assert "I will tell you" in await scene.worker.taps("Send")
    number = (await scene.world.rows("SELECT number FROM referrals"))[0]["number"]
    assert scene.zaur.last.text == f"referral {number}: please look at it"
    assert not any(number in one.text for one in scene.gulnar.messages)


async def test_an_agency_accepts_asks_once_and_says_what_was_done(scene: Agencies) -> None:
    case = await taken(scene)
    number = await referred(scene)
    assert f"referral {number}: sent" in await scene.zaur.says("/queue")
    shown = await scene.zaur.taps(f"Open {number}")
    assert WISH in shown
    assert "Age: 11–13" in shown
    assert "accepted" in await scene.zaur.taps("Accept")
    assert scene.worker.last.text == f"case {case}: an agency has accepted a referral"
    await scene.zaur.says("/queue")
    await scene.zaur.taps(f"Open {number}")
    assert "You can ask once" in await scene.zaur.taps("Ask back")
    assert "Sent" in await scene.zaur.says("In which part of the town?")
    assert scene.worker.last.text == f"case {case}: word from an agency"
    assert "In which part of the town?" in await scene.worker.taps("Open")
    await scene.worker.taps("Answer them")
    await scene.worker.says("In the north.")
    assert "In the north." in await scene.zaur.taps("Open")
    assert "Ask back" not in scene.zaur.labels
    await scene.zaur.taps("Done")
    await scene.zaur.says("We have talked with them.")
    assert "We have talked with them." in await scene.worker.taps("Open")
    assert await states(scene.world) == ["done"]
    assert "No referral waits" in await scene.zaur.says("/queue")


async def test_an_agency_rejects_with_a_reason(scene: Agencies) -> None:
    await taken(scene)
    number = await referred(scene)
    await scene.zaur.taps("Open")
    await scene.zaur.taps("Reject")
    await scene.zaur.says("We are full.")
    assert "We are full." in await scene.worker.taps("Open")
    assert await states(scene.world) == ["rejected"]
    assert NOT_HERE in await scene.zaur.forges(f"ag:{await referral_id(scene.world, number)}")


async def test_without_consent_it_waits_for_a_supervisor(scene: Agencies) -> None:
    case = await taken(scene)
    number = await referred(scene, consent=False)
    assert await states(scene.world) == ["waiting"]
    assert not any(number in one.text for one in scene.zaur.messages)
    assert scene.supervisor.last.text == f"case {case}: a referral without consent waits for your yes"
    ids = f"{await case_id(scene.world)}:{await referral_id(scene.world, number)}"
    assert NOT_HERE in await scene.worker.forges(f"rf.yes:{ids}")
    assert "Her father hits her." in await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Agree")
    assert await states(scene.world) == ["sent"]
    shown = await scene.zaur.taps("Open")
    assert WISH in shown
    assert "Her father hits her." not in shown


async def test_a_supervisor_does_not_agree(scene: Agencies) -> None:
    case = await taken(scene)
    number = await referred(scene, consent=False)
    await scene.supervisor.taps("Open")
    await scene.supervisor.taps("Don't agree")
    assert await states(scene.world) == ["refused"]
    assert scene.worker.last.text == f"case {case}: the referral is not agreed to"
    assert not any(number in one.text for one in scene.zaur.messages)


async def test_fourteen_days_of_silence_are_told_once(scene: Agencies) -> None:
    number = await taken(scene)
    await referred(scene)
    told = f"case {number}: no word from an agency for 14 days"
    await scene.world.later(days=13)
    assert not heard(scene.worker, told)
    await scene.world.later(days=1, hours=5)
    assert (heard(scene.worker, told), heard(scene.supervisor, told)) == (1, 1)
    await scene.world.later(days=2)
    assert (heard(scene.worker, told), heard(scene.supervisor, told)) == (1, 1)
    assert heard(scene.zaur, told) == 0


def heard(talker: Talker, told: str) -> int:
    return sum(one.text == told for one in talker.messages)


async def test_there_is_nobody_to_refer_to(world: World) -> None:
    scene = await scenes.hotline(world)
    await taken(scene)
    await scene.worker.taps("More")
    await scene.worker.taps("Referral")
    assert "There is no agency yet" in await scene.worker.taps("New referral")


async def test_a_coordinator_makes_an_agency_and_two_people_its_worker(world: World) -> None:
    """The agency's people hold their office like everybody of the hotline."""
    scene = await scenes.hotline(world)
    owner = scene.school.owner
    await owner.forges(f"c.add:{scene.school.network.id}")
    await owner.taps("Agency")
    assert "Added" in await owner.says("Shelter")
    agency = (await world.rows("SELECT id, path FROM communities WHERE kind = 'agency'"))[0]
    async with world.birge.database.reading() as db:
        community = await storage.communities.get(db, agency["id"])
    assert community is not None
    nadir = await add_member(world, community, Role.TEACHER, "Nadir")
    await owner.forges(f"m:{community.id}")
    await owner.taps("Nadir")
    assert [one for one in owner.labels if "otline" in one] == ["Hotline worker"]
    await owner.taps("Hotline worker")
    await scene.supervisor.taps("Confirm")
    await nadir.taps("I accept this")
    await scenes.belong(world, nadir, community, Role.WORKER)  # with a PIN
    assert "No referral waits" in await nadir.says("/queue")


async def test_only_a_coordinator_makes_an_agency(world: World) -> None:
    scene = await scenes.hotline(world)
    chair = await add_member(world, scene.school.district, Role.CHAIR, "Chair")
    await chair.forges(f"c.add:{scene.school.district.id}")
    assert "School" in chair.labels
    assert "Agency" not in chair.labels
