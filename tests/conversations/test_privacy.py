"""/privacy: what is kept, who reads it, how long, whom to ask, who answers for it; the same for everybody."""

from dataclasses import replace

import pytest

from domain.hotline_checklist import Setup
from tests import scenes
from tests.cast import World
from tests.scenes import report, school

PROMISES = ("anonymous", "never", "secret")


async def test_it_says_what_who_how_long_and_whom_to_ask(world: World) -> None:
    scene = await school(world)
    said = await scene.parents[0].says("/privacy")

    for what in (
        "I keep the number of your account in this messenger",
        "Who reads it: those who lead your class",
        "whoever holds your phone, can see this chat",
        "at most 24 hours",
        "To see it: /mydata. To delete it: /forget. To correct it, ask those who lead your class or school",
        "Responsible: \u2068Bakı məktəbləri\u2069",
    ):
        assert what in said, what
    assert [word for word in PROMISES if word in said] == []
    assert len(said.split()) < 190  # read in a minute


async def test_everybody_finds_it(world: World) -> None:
    scene = await school(world)
    stranger = world.person("Stranger")
    await stranger.starts()
    for talker in (stranger, scene.outsider, scene.pupils[0], scene.head, scene.owner):
        assert "/privacy – What I keep, and who reads it" in await talker.says("/help")
        assert "What I keep" in await talker.says("/privacy")


async def test_in_a_group_it_asks_to_come_to_the_private_chat(world: World) -> None:
    scene = await school(world)
    chat = await scenes.group(scene, scene.class_a)
    said = await scene.parents[0].says("/privacy@birge_bot", where=chat)
    assert "I keep" not in said


@pytest.mark.rule(11)
@pytest.mark.rule(15)
async def test_it_sounds_the_same_to_who_has_a_report_and_who_has_none(world: World) -> None:
    scene = await scenes.hotline(world)
    before = await scene.pupil.says("/privacy")
    await report(scene.pupil, "They take my money.")
    parent = await scene.school.parents[0].says("/privacy")

    assert await scene.pupil.says("/privacy") == before == parent
    assert "Reports to the hotline are read by its helpers" in before


async def test_where_the_hotline_takes_no_messages_it_promises_nothing_about_them(world: World) -> None:
    pipeline = world.birge.pipeline
    pipeline._defaults = replace(pipeline._defaults, setup=Setup())
    person = world.person("Aysel")
    await person.starts()
    said = await person.says("/privacy")
    assert "hotline" not in said
    assert "I keep" in said
