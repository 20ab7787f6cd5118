"""A13: partners, guests of one community: they see what was opened to them, and nobody's name."""

from dataclasses import dataclass

import pytest

import storage.communities
from domain.roles import Role
from tests.cast import Talker, World
from tests.conftest import on_sqlite
from tests.conversations.communities.codes import code, states
from tests.conversations.test_announcements import sent
from tests.conversations.test_meetings import called
from tests.scenes import School, add_member, school


@dataclass
class Hosted:
    """A partner of 5A, whom the coordinator invited."""

    scene: School
    partner: Talker


@pytest.fixture
async def hosted(world: World) -> Hosted:
    scene = await school(world)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"pt:{scene.class_a.id}")
    await scene.coordinator.taps("Invite partner")
    said = await scene.coordinator.taps("30 days")
    assert "🖨 Poster" not in scene.coordinator.labels  # one guest is not invited by a poster on a door
    partner = world.person("Orkhan")
    await partner.says(f"/join {said.split('Code: ')[1][:9]}")
    await partner.says("Orkhan, ASAN")
    await scene.coordinator.taps("Accept")
    return Hosted(scene, partner)


@pytest.mark.row("A13")
async def test_a_partner_is_invited_sees_what_is_opened_and_leaves_by_herself(world: World, hosted: Hosted) -> None:
    scene, partner = hosted.scene, hosted.partner
    assert "Welcome as a partner of: \u20685A" in partner.last.text
    assert "Nothing is open to you" in await partner.taps("Show")
    await called(scene, "2026-12-07 18:00 Picnic")
    await sent(scene, "Bring a cup")
    heard = len(partner.messages)
    await world.tick()
    assert len(partner.messages) == heard  # what is for members is not for guests
    await scene.coordinator.forges(f"pt:{scene.class_a.id}")
    await scene.coordinator.taps("What they see")
    await scene.coordinator.taps("Picnic")
    assert "This meeting is open to you as a partner:" in partner.last.text
    assert "✓ Picnic" in scene.coordinator.labels
    await scene.coordinator.taps("📢 Bring a cup")
    assert "Bring a cup" in partner.last.text
    said = await partner.says("/home")
    said = await partner.taps("5A")
    assert "You are a partner of: \u20685A\u2069, until 31 Dec 2026" in said
    assert "Picnic" in said
    assert "When: " in await partner.taps("Picnic")
    await partner.taps("Calendar")
    media = partner.last.media
    assert media is not None
    assert b"SUMMARY:Picnic" in media.data
    await world.later(days=31)
    assert "Your time in this role is over: Partner" in partner.last.text
    assert await states(world, partner, scene.class_a) == [("partner", "left")]
    assert "can't do this here" in await partner.forges(f"pt.see:{scene.class_a.id}")


@pytest.mark.row("A13_bad_name")
async def test_no_members_name_comes_before_a_partner(world: World, hosted: Hosted) -> None:
    scene, partner = hosted.scene, hosted.partner
    await called(scene, "2026-12-07 18:00 Picnic")
    await sent(scene, "Bring a cup")
    await scene.pupils[0].taps("Going")
    number = (await world.rows("SELECT MAX(id) AS id FROM meetings"))[0]["id"]
    announcement = (await world.rows("SELECT MAX(id) AS id FROM announcements"))[0]["id"]
    await scene.coordinator.forges(f"pt.m.is:{number}:on")
    await scene.coordinator.forges(f"pt.a.is:{announcement}:on")
    before = len(partner.messages)
    for command in ("/home", "/community", "/members", "/meetings", "/polls", "/challenges", "/invite", "/did"):
        await partner.says(command)
    here = scene.class_a.id
    for data in (
        f"c:{here}", f"m:{here}", f"pt:{here}", f"pt.open:{here}", f"i.all:{here}", f"mt:{number}", f"mt.who:{number}",
        f"mt.rsvp:{number}:yes", f"mt.manage:{number}", f"a.lost:{announcement}", f"a.ok:{announcement}",
        f"pt.see:{scene.school.id}", f"pt.see:{scene.class_b.id}", f"pt.m.is:{number}:off",
    ):  # fmt: skip
        said = await partner.forges(data)
        assert "can't do this here" in said or "not sent to you" in said, data
    for data in (f"pt.see:{here}", f"pt.m:{number}", f"pt.a:{announcement}", f"c.down:{here}"):
        assert "can't do this here" not in await partner.forges(data), data
    shown = "\n".join(message.text for message in partner.messages[before:])
    everybody = [*scene.parents, *scene.pupils, scene.head, scene.coordinator, scene.owner]
    assert [one.person.name for one in everybody if one.person.name in shown] == []
    rows = await world.rows("SELECT person_id FROM rsvps")
    assert len(rows) == 1


@pytest.mark.row("A13")
async def test_who_may_not_invite_or_open(world: World) -> None:
    scene = await school(world)
    await called(scene, "2026-12-07 18:00 Picnic")
    number = (await world.rows("SELECT MAX(id) AS id FROM meetings"))[0]["id"]
    foreign = await add_member(world, scene.other_school, Role.COORDINATOR, "Foreign")
    for one in (scene.head, scene.parents[0], scene.pupils[0], scene.outsider, foreign):
        await one.says("/home")
        for data in (f"pt:{scene.class_a.id}", f"pt.invite:{scene.class_a.id}", f"pt.m.is:{number}:on"):
            assert "can't do this here" in await one.forges(data)
    await scene.coordinator.says("/home")
    assert "can't do this here" in await scene.coordinator.forges(f"pt.m.is:{number}:maybe")
    assert "can't do this here" in await scene.coordinator.forges(f"pt.m:{number}")
    assert (await world.rows("SELECT open FROM meetings"))[0]["open"] == 0


@pytest.mark.row("A13")
async def test_in_azerbaijani_a_partner_comes_and_goes_by_itself(world: World) -> None:
    scene = await school(world, language="az")
    invite = await code(world, scene.class_a, scene.coordinator, Role.PARTNER, uses=1, days=20)
    partner = world.person("Orxan", language="az")
    assert "Tərəfdaş" in await partner.says(f"/join {invite.code}")
    await partner.says("Orxan")
    await scene.coordinator.taps("Qəbul et")
    assert "Siz bu icmanın tərəfdaşısınız" in partner.last.text
    await world.later(days=14)  # a week before the end
    assert "Rolunuzun vaxtı tezliklə bitir" in partner.last.text
    assert "Orxan" in scene.coordinator.last.text
    await partner.forges(f"c.down:{scene.class_a.id}")
    await partner.taps("Tərəfdaş")
    assert await states(world, partner, scene.class_a) == [("partner", "left")]


@pytest.mark.row("A13")
async def test_a_link_for_one_partner_lets_no_second_one_in(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.coordinator, Role.PARTNER, uses=1)
    for name, heard in (("Orkhan", "Waiting for"), ("Second", "I can't let you in")):
        somebody = world.person(name)
        said = await somebody.says(f"/join {invite.code}")
        assert heard in (said if "let you in" in said else await somebody.says(name))
    assert "can't do this here" in await scene.head.forges("join.yes:" + str(await newest(world)))


@pytest.mark.row("A13")
@pytest.mark.parametrize(
    ("language", "over", "accept"), [("en", "This is over meanwhile", "Accept"), ("ru", "уже закончилось", "Принять")]
)
async def test_a_guest_who_waited_longer_than_her_link_lasts_is_not_let_in_to_be_thrown_out(
    world: World, language: str, over: str, accept: str
) -> None:
    scene = await school(world, language=language)
    invite = await code(world, scene.class_a, scene.coordinator, Role.PARTNER, uses=1, days=7)
    partner = world.person("Orkhan", language=language)
    await partner.says(f"/join {invite.code}")
    await partner.says("Orkhan")
    card = scene.coordinator.find(accept)
    await world.later(days=8)
    heard = len(partner.messages)
    assert over in await scene.coordinator.taps(accept, message=card)
    assert await states(world, partner, scene.class_a) == [("partner", "waiting")]
    assert len(partner.messages) == heard


async def newest(world: World) -> int:
    return int((await world.rows("SELECT MAX(id) AS id FROM memberships"))[0]["id"])


@pytest.mark.row("A13_bad_name")
async def test_a_story_or_newsletter_that_can_name_a_child_is_neither_opened_nor_offered(world: World) -> None:
    scene = await school(world)
    await sent(scene, "How we planted trees")
    number = (await world.rows("SELECT id FROM announcements"))[0]["id"]
    async with world.birge.database.writing() as db:
        await db.run("UPDATE announcements SET ours = '{}'")
    await scene.coordinator.says("/home")
    assert "can't do this here" in await scene.coordinator.forges(f"pt.a.is:{number}:on")
    await scene.coordinator.forges(f"pt.open:{scene.class_a.id}")
    assert scene.coordinator.labels == ["Back"]
    assert "nothing to offer yet" in await scene.coordinator.forges(f"of.new:{scene.class_a.id}")


@pytest.mark.row("A13")
@pytest.mark.parametrize(
    ("language", "pupil", "parent"), [("en", "Pupil", "Parent"), ("uk", "Учень", "Батько чи мати")]
)
async def test_a_guest_may_be_a_parent_of_the_class_too(world: World, language: str, pupil: str, parent: str) -> None:
    scene = await school(world, language=language)
    guest = await add_member(world, scene.class_a, Role.PARTNER, "Orkhan", language)
    invite = await code(world, scene.class_a, scene.head)
    await guest.says(f"/join {invite.code}")
    assert pupil in guest.labels
    await guest.taps(parent)
    await guest.says("Orkhan")
    assert await states(world, guest, scene.class_a) == [("partner", "active"), ("parent", "waiting")]
    await guest.says(f"/join {invite.code}")
    assert (await states(world, guest, scene.class_a))[2:] == []  # waiting already


@pytest.mark.row("A13")
async def test_a_guest_whose_link_ended_before_the_answer_may_come_with_another(world: World) -> None:
    scene = await school(world)
    partner = world.person("Orkhan")
    for days in (7, 20):
        invite = await code(world, scene.class_a, scene.coordinator, Role.PARTNER, uses=1, days=days)
        await partner.says(f"/join {invite.code}")
        assert "Waiting for" in await partner.says("Orkhan")
        assert "Waiting for an answer: \u20685A" in await partner.says("/home")
        if days == 7:
            await world.later(days=8)
            assert "Waiting for an answer" not in await partner.says("/home")
    await scene.coordinator.taps("Accept")
    assert ("partner", "active") in await states(world, partner, scene.class_a)


@pytest.mark.row("A13")
@pytest.mark.parametrize(
    ("language", "moved", "off"),
    [
        ("en", "A meeting has a new time", "A meeting was cancelled"),
        ("ru", "Встреча перенесена", "Встреча отменена"),
    ],
)
async def test_a_partner_hears_when_an_open_meeting_is_moved_or_cancelled(
    world: World, language: str, moved: str, off: str
) -> None:
    """A speaker would come on the wrong day."""
    scene = await school(world)
    partner = await add_member(world, scene.class_a, Role.PARTNER, "Orkhan", language)
    await called(scene, "2026-12-07 18:00 Picnic")
    await called(scene, "2026-12-08 18:00 Secret")
    first, second = [row["id"] for row in await world.rows("SELECT id FROM meetings ORDER BY id")]
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"pt.m.is:{first}:on")
    await scene.head.forges(f"mt.move:{first}")
    await scene.head.says("2026-12-09 18:00")
    await scene.head.taps(scene.head.labels[0])
    assert moved in partner.last.text
    assert "9" in partner.last.text
    assert "/meetings" not in partner.last.text  # she answers nothing there
    for number in (first, second):
        await scene.head.forges(f"mt.off.yes:{number}")
    assert off in partner.last.text
    assert [one.text for one in partner.messages if "Secret" in one.text] == []


@pytest.mark.row("A13_bad_name")
@pytest.mark.parametrize("days", [0, 3])
async def test_what_is_corrected_or_taken_back_is_so_at_the_partners_too(
    world: World, hosted: Hosted, days: int
) -> None:
    """It may have named a child by mistake."""
    scene, partner = hosted.scene, hosted.partner
    await sent(scene, "Aysel won")
    number = (await world.rows("SELECT MAX(id) AS id FROM announcements"))[0]["id"]
    await scene.coordinator.forges(f"pt.a.is:{number}:on")
    first = partner.last
    assert "Aysel won" in first.text
    await partner.forges(f"pt.a:{number}")
    await world.later(days=days)
    await scene.head.forges(f"a.back:{number}")
    await scene.head.taps("Yes, take it back")
    shown = [one for one in partner.messages if one.id == first.id]
    if days:
        assert "was taken back" in partner.last.text
        assert "Sevinc" not in partner.last.text  # a partner learns nobody's name
    else:
        assert shown == []
        assert "Aysel" not in "".join(one.text for one in partner.messages)


@pytest.mark.row("A13")
async def test_a_correction_reaches_the_partners_copy(world: World, hosted: Hosted) -> None:
    scene, partner = hosted.scene, hosted.partner
    await sent(scene, "Bring a cup")
    number = (await world.rows("SELECT MAX(id) AS id FROM announcements"))[0]["id"]
    await scene.coordinator.forges(f"pt.a.is:{number}:on")
    await scene.head.forges(f"a.fix:{number}")
    await scene.head.says("Bring a plate")
    for label in ("Skip", "Correct it"):
        if label in scene.head.labels:
            await scene.head.taps(label)
    assert "✏️ Corrected" in partner.last.text
    assert "Bring a plate" in partner.last.text


@pytest.mark.row("A13")
@pytest.mark.row("A2")
@on_sqlite
async def test_however_many_partners_and_coordinators_there_are_their_pages_fit(world: World) -> None:
    scene = await school(world)
    kamran = scene.coordinator
    async with world.birge.database.writing() as db:
        for number in range(90):
            person = await db.value("INSERT INTO persons (language, zone) VALUES ('en', 'Asia/Baku') RETURNING id")
            for role in (Role.PARTNER, Role.COORDINATOR):
                called = f"Guest of honour of the district number {number}"
                await storage.communities.add_member(db, person, scene.school.id, role, called, world.now)
    await kamran.says("/home")
    assert "number 0" in await kamran.forges(f"pt:{scene.school.id}")
    await kamran.taps("Later")
    assert "number 89" in await kamran.taps("Later")
    assert "Later" not in kamran.labels
    said = await kamran.forges(f"c:{scene.school.id}")
    assert "Coordinator: \u2068Kamran" in said
    newcomer = world.person("Newcomer")
    assert "Who runs it:" in await newcomer.starts((await code(world, scene.school, kamran)).code)
    await newcomer.taps("Parent")
    assert "Waiting for: \u2068Kamran" in await newcomer.says("Aysel")
    assert "…" in await kamran.forges(f"c:{scene.school.id}")
