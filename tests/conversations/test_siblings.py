"""A1: a parent of two reads of each message of which class it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.roles import Role
from tests.cast import World
from tests.conversations.test_challenges import answers
from tests.conversations.test_feedback import MORNING
from tests.conversations.test_meetings import called, steps
from tests.conversations.test_polls import a_poll, poll_in
from tests.scenes import add_member, belong, school

WORDS = {
    "en": {
        "community": "Community: ",
        "joint": "Joint meeting: ",
        "new_time": "A meeting has a new time",
        "waits": "A poll is still waiting for your answer",
        "how": "How was it?",
        "not_yet": "Museum?\u2069 (not answered yet)",
    },
    "ru": {
        "community": "Сообщество: ",
        "joint": "Общая встреча: ",
        "new_time": "Встреча перенесена",
        "waits": "Опрос всё ещё ждёт Вашего ответа",
        "how": "Как прошла встреча?",
        "not_yet": "Museum?\u2069 (ещё без ответа)",
    },
}


@pytest.mark.row("A1")
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_every_message_to_a_parent_of_two_names_the_class(world: World, language: str) -> None:
    scene, said = await school(world, parents=0, pupils=0), WORDS[language]
    mother = await add_member(world, scene.class_a, Role.PARENT, "Oksana", language)
    await belong(world, mother, scene.class_b, Role.PARENT)
    other = replace(scene, head=await add_member(world, scene.class_b, Role.HEAD_OF_CLASS, "Nigar"))
    heads = {"\u20685A\u2069": scene, "\u20685B\u2069": other}
    for name, one in heads.items():
        await called(one)
        assert said["joint"] + name in mother.last.text
        await a_poll(one)
        poll = poll_in(mother.chat).poll
        assert poll is not None
        assert poll.description == said["community"] + name
        await one.head.taps("Remind the rest")
        await world.tick()
        assert said["waits"] in mother.last.text
        assert said["community"] + name in mother.last.text
    listed = await mother.says("/polls")
    assert [f"○ {name}: \u2068{said['not_yet']}" in listed for name in heads] == [True, True]
    listed = await mother.says("/meetings")
    assert [said["joint"] + name in listed for name in heads] == [True, True]
    await steps(other.head, "[Move]", "7 December 19:00", "[Move it]")
    await world.tick()
    assert said["new_time"] in mother.last.text
    assert said["joint"] + "\u20685B\u2069" in mother.last.text
    await mother.forges("mt.rsvp:2:yes")
    await world.at(MORNING)
    assert said["how"] in mother.last.text
    assert said["joint"] + "\u20685B\u2069" in mother.last.text


@pytest.mark.row("A1")
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_so_does_the_thanks_at_the_end_of_a_challenge(world: World, language: str) -> None:
    scene = await school(world, parents=0, pupils=0)
    mother = await add_member(world, scene.class_a, Role.PARENT, "Oksana", language)
    await belong(world, mother, scene.class_b, Role.PARENT)
    await answers(scene.head, "/challenge Reading | 20 minutes", "[Today]", "[7 days]", "[Everybody]")
    await scene.head.taps("Call the challenge")
    await world.tick()
    await mother.forges("ch.join:1")
    await world.at(world.now + timedelta(days=8))
    assert "Reading" in mother.last.text
    assert WORDS[language]["community"] + "\u20685A\u2069" in mother.last.text
