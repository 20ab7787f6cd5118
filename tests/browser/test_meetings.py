"""C2 on a phone: a card is answered in the private chat and in the group, and no more once the meeting has begun."""

import pytest
from playwright.async_api import expect

from domain.roles import Role
from tests.browser.conftest import PhoneOf
from tests.cast import World
from tests.chromium import in_a_browser
from tests.scenes import add_member, group, school

pytestmark = in_a_browser


@pytest.mark.row("C2")
@pytest.mark.row("C2_bad_after_start")
@pytest.mark.parametrize("language", ["en", "az"])
async def test_answering_a_meeting(world: World, phone_of: PhoneOf, language: str) -> None:
    scene = await school(world)
    mother = await add_member(world, scene.class_a, Role.PARENT, "Günel", language, "Həsənova")
    chat = await group(scene, scene.class_a, [mother, scene.outsider], language)
    await scene.head.says("/meeting 2026-12-07 18:00 Valideynlər, şagirdlər və müəllimlərin ilk birgə görüşü")
    await scene.head.taps("Call it")
    await world.tick()
    phone = await phone_of(mother)
    await phone.opens()
    await phone.reads("When: ")
    await phone.looks("card")

    await phone.taps("Going")
    await phone.reads("Your answer: you are going.")
    await phone.looks("going")
    await phone.taps("+2")
    await phone.reads("you are going, with")
    await phone.looks("with-guests")
    await phone.taps("📅 Calendar")
    await phone.page.get_by_test_id("document").wait_for()
    await phone.looks("calendar")
    await phone.opens(chat)
    await phone.looks("group-card")
    await phone.taps("Maybe")
    await phone.is_told("Your answer: maybe.")
    await phone.looks("answered-in-the-group")
    assert await answers(world) == ["tentative"]
    neighbour = await phone_of(scene.outsider)
    await neighbour.opens(chat)
    await neighbour.taps_first()  # it is labelled in the group's language
    await neighbour.is_stopped("You can't do this here", "refused-in-the-group")

    await world.later(days=6, hours=9)  # the minute it begins
    await phone.opens()
    await phone.taps("Can't")
    await phone.reads("has begun already")
    await phone.looks("refused")
    await phone.opens(chat)
    await expect(phone.keys("Going")).to_have_count(0)
    await phone.looks("begun-in-the-group")
    assert await answers(world) == ["tentative"]


async def answers(world: World) -> list[str]:
    return [row["answer"] for row in await world.rows("SELECT answer FROM rsvps")]
