"""A5: a code, a link and a picture, with an end and a limit, which can be revoked."""

import pytest

from domain.invites import shown
from domain.roles import Role
from tests.cast import World
from tests.conversations.communities.codes import code
from tests.conversations.communities.test_join import NO_SUCH_CODE
from tests.scenes import add_member, school


@pytest.mark.row("A5")
async def test_invite_shows_a_code_a_link_and_a_picture(world: World) -> None:
    scene = await school(world)
    said = await scene.head.says("/invite")
    invite = (await world.rows("SELECT * FROM invites WHERE made_by IS NOT NULL"))[0]
    assert f"Code: {invite['code'][:4]}-{invite['code'][4:]}" in said
    assert f"https://t.me/birge_bot?start={invite['code']}" in said
    assert "Works for 150 people." in said
    assert scene.head.last.media is not None
    assert scene.head.last.media.kind == "photo"
    assert scene.head.labels == ["🖨 Poster", "Copy the code", "Another one", "All invitations", "Revoke"]
    assert invite["code"] in (await scene.head.says("/invite")).replace("-", "")  # the same one, not a second

    aysel = world.person("Aysel")
    world.sandbox.follows(aysel.person, f"https://t.me/birge_bot?start={invite['code']}")
    await world.settle()
    assert "5A" in aysel.last.text


@pytest.mark.row("A5")
async def test_another_one_with_other_conditions(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"i.new:{scene.class_b.id}")
    assert scene.coordinator.labels == [
        "Everybody", "Head of class", "Chair", "Psychologist", "Coordinator", "Partner", "Cancel"
    ]  # fmt: skip
    await scene.coordinator.taps("Head of class")
    await scene.coordinator.taps("7 days")
    said = await scene.coordinator.taps("1")
    assert "For: Head of class" in said
    assert "Works for 1 person." in said
    assert "Until: Tuesday, 8 December 2026" in said


@pytest.mark.row("A5")
async def test_a_head_of_class_invites_only_pupils_parents_and_teachers(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/invite")
    await scene.head.taps("Another one")
    assert scene.head.labels == ["Everybody", "Cancel"]


@pytest.mark.row("A5_bad_revoked")
async def test_a_revoked_code_gets_the_neutral_sentence(world: World) -> None:
    scene = await school(world)
    first = await code(world, scene.class_a, scene.head)
    second = await code(world, scene.class_a, scene.head)
    aysel, murad = world.person("Aysel"), world.person("Murad")
    await murad.starts(second.code)
    await murad.taps("Pupil")

    await scene.head.says("/invite")
    await scene.head.taps("Revoke")
    assert await aysel.says(f"/join {second.code}") == NO_SUCH_CODE
    await murad.says("Murad H.")
    assert murad.last.text == NO_SUCH_CODE
    assert "5A" in await aysel.says(f"/join {first.code}")  # the older one stays valid


@pytest.mark.row("A5")
async def test_all_that_work_are_listed(world: World) -> None:
    scene = await school(world)
    made = [await code(world, scene.class_a, scene.head) for _ in range(3)]
    used = await code(world, scene.class_a, scene.head, uses=0)
    await scene.head.says("/invite")
    said = (await scene.head.taps("All invitations")).replace("-", "")
    assert all(one.code in said for one in made)
    assert used.code not in said
    await scene.head.taps(f"{made[0].code[:4]}-")
    assert "Revoke" in scene.head.labels


@pytest.mark.row("A5")
@pytest.mark.row("ANY_bad_other_school")
async def test_an_invite_is_its_leaders_business(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    stranger = await add_member(world, scene.other_class, Role.HEAD_OF_CLASS, "Stranger")
    for one in (stranger, scene.parents[0], scene.outsider):
        await one.says("/home")
        for data in ("i.one", "i.stop"):
            assert "can't do this here" in await one.forges(f"{data}:{invite.id}")
    assert (await world.rows("SELECT revoked_at FROM invites WHERE id = :id", id=invite.id))[0]["revoked_at"] is None
    first = (await world.rows("SELECT id FROM invites WHERE made_by IS NULL"))[0]["id"]
    await scene.owner.says("/home")
    assert "can't do this here" in await scene.owner.forges(f"i.one:{first}")


@pytest.mark.row("A5")
async def test_the_oldest_of_many_invitations_can_be_revoked_too(world: World) -> None:
    scene = await school(world)
    oldest, *_ = [await code(world, scene.class_a, scene.head) for _ in range(9)]
    await scene.head.says("/home")
    await scene.head.forges(f"i.all:{scene.class_a.id}")
    await scene.head.taps("Later")
    await scene.head.taps(shown(oldest.code))
    assert "no longer works" in await scene.head.taps("Revoke")
    newcomer = world.person("Aysel")
    assert "I can't let you in" in await newcomer.says(f"/join {oldest.code}")
