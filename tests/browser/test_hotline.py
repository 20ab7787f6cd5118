"""F1 on a phone: a child writes to the hotline, with an old button and a file that can't be taken, and is answered."""

import pytest

from domain.roles import Role
from tests.browser.conftest import PhoneOf
from tests.cast import World
from tests.chromium import in_a_browser
from tests.sandbox.client import picture
from tests.scenes import add_member, hotline, take

pytestmark = in_a_browser

WORDS = "Növbədə pulumu alırlar. Hər gün."


@pytest.mark.row("F1")
@pytest.mark.row("F1_bad_file")
@pytest.mark.row("A3_bad_old")
@pytest.mark.parametrize("language", ["en", "az", "kk"])
async def test_writing_to_the_hotline(world: World, phone_of: PhoneOf, language: str) -> None:
    scene = await hotline(world)
    pupil = await add_member(world, scene.school.class_a, Role.PUPIL, "Nigar", language)
    phone = await phone_of(pupil)
    await phone.opens()
    await phone.opens_commands()
    await phone.looks("commands")
    await phone.chooses("hotline")
    await phone.reads("6. You can also call")
    await phone.looks("notice")
    await phone.taps("I have read it")
    await phone.reads("What happened?")
    await phone.looks("question")

    await phone.types(WORDS)
    await phone.reads("Write more, or tap Next")
    await phone.attaches("document", "game.exe", "application/x-msdownload", b"MZ")
    await phone.reads("can't pass on this kind of file")
    await phone.looks("refused-file")
    await phone.attaches("photo", "one.png", "image/png", picture())
    await phone.reads("Write more, or tap Next")
    await phone.taps("Next")
    await phone.reads("Is it about an adult at school?")
    await phone.looks("about-an-adult")
    await phone.taps("Skip", oldest=True)
    await phone.reads("This button belongs to an earlier question")
    await phone.looks("refused-old-button")

    await phone.taps("No")
    await phone.reads("Are you safe right now?")
    await phone.taps("I am not sure")
    await phone.reads("When may a helper write to you here?")
    await phone.looks("when")
    await phone.taps("At any time")
    await phone.reads("Nothing is sent before")
    await phone.looks("review")
    await phone.taps("Send")
    await phone.reads("Its number is", "should read it within")
    await phone.looks("sent")

    assert WORDS in await take(scene.worker)
    await scene.worker.taps("Answer")
    await scene.worker.says("Salam! Mən sizi oxudum.")
    await scene.worker.taps("Send")
    await phone.reads("Helper")
    await phone.looks("answered")
    assert "Salam! Mən sizi oxudum." in pupil.last.text
