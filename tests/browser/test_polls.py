"""E1 on a phone: a native poll is answered, and somebody of another school hears that hers is not counted."""

import pytest

from domain.roles import Role
from tests.browser.conftest import PhoneOf
from tests.cast import World
from tests.chromium import in_a_browser
from tests.scenes import add_member, group, school

pytestmark = in_a_browser

QUESTION = "Qış tətilində uşaqlarla birlikdə hansı muzeyə gedək? | Tarix muzeyinə | Xalça muzeyinə | Gedə bilmirik"


@pytest.mark.row("E1")
@pytest.mark.parametrize("language", ["en", "az"])
async def test_voting(world: World, phone_of: PhoneOf, language: str) -> None:
    scene = await school(world)
    mother = await add_member(world, scene.class_a, Role.PARENT, "Günel", language)
    stranger = await add_member(world, scene.other_class, Role.PARENT, "Olena", language)
    chat = await group(scene, scene.class_a, [mother, stranger], language)
    await scene.head.says("/poll", chat)
    await scene.head.says(f"/poll {QUESTION}", chat)
    phone = await phone_of(mother)
    await phone.opens(chat)
    await phone.looks("poll")
    await phone.votes(1)
    await phone.page.locator('.poll-result.mine[data-share="100"]').wait_for()
    await phone.looks("voted")
    assert await ballots(world) == 1

    await phone.is_handed_to(stranger)
    await phone.opens(chat)
    await phone.votes(0)
    await phone.opens()
    await phone.reads("is not counted")
    await phone.looks("refused")
    assert await ballots(world) == 1


async def ballots(world: World) -> int:
    return len(await world.rows("SELECT 1 FROM poll_ballots"))
