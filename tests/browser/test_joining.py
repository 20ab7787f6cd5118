"""A1 on a phone: a newcomer with a wrong code, then with the link that stands in the group chat of the class."""

import pytest

from tests.browser.conftest import PhoneOf
from tests.cast import World
from tests.chromium import in_a_browser
from tests.conversations.communities.codes import code, states
from tests.scenes import school

pytestmark = in_a_browser


@pytest.mark.row("A1")
@pytest.mark.row("A1_bad_wrong")
@pytest.mark.parametrize("language", ["en", "az"])
async def test_joining(world: World, phone_of: PhoneOf, language: str) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel", "Məmmədova", language)
    chat = world.group("5A valideynlər", scene.head, [aysel])
    world.sandbox.sends(scene.head.person, chat, f"https://t.me/{world.sandbox.bot.username}?start={invite.code}")
    phone = await phone_of(aysel)
    await phone.looks("chats")

    await phone.opens()
    await phone.looks("before-start")
    await phone.starts()
    await phone.reads("I am Birge", "Do you have a code")
    await phone.looks("hello")
    await phone.taps("Join with a code")
    await phone.reads("Please send me the code")
    await phone.types("4KTR-8PXM")
    await phone.reads("I can't let you in with this code")
    await phone.looks("wrong-code")

    await phone.opens(chat)
    await phone.looks("group")
    await phone.follows("start=")
    await phone.reads("This code lets you join", "Who are you in this community?")
    await phone.looks("who-are-you")
    await phone.taps("Pupil")
    await phone.reads("What is your name?")
    await phone.types("Aysel Məmmədova")
    await phone.reads("Waiting for")
    await phone.looks("waiting")
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]

    await phone.is_handed_to(scene.head)
    await phone.opens()
    await phone.looks("head-is-asked")
    await phone.taps("Accept")
    await phone.reads("Accepted by")
    await phone.looks("head-accepted")
    await phone.is_handed_to(aysel)
    await phone.opens()
    await phone.reads("Welcome!")
    await phone.looks("welcome")
    assert await states(world, aysel, scene.class_a) == [("pupil", "active")]
