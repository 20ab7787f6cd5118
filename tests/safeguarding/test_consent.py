"""Rule 23: works, names and photos of pupils are published with a consent for each publication. As long as nobody can
give one, nothing a pupil sends or is called reaches anybody but those who lead her class and who must know her."""

import pytest

from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.test_challenges import a_challenge
from tests.scenes import School, add_member, group, school

NAME, WORK, FILE = "Nərgiz Qızıldağ", "My poem about the river Kür", "my-drawing.jpg"
PICTURE = b"\xff\xd8\xff\xe0 a drawing by a pupil"


@pytest.fixture
async def scene(world: World) -> School:
    return await school(world, parents=2, pupils=2)


async def lives(scene: School, pupil: Talker) -> None:
    """A pupil sends words and a picture wherever something is asked of her, and where nothing is."""
    await a_challenge(scene)
    for label in ("Join", "I did it today"):
        await pupil.taps(label)
    for command in ("", "/did", "/challenges", "/meetings", "/polls", "/join", "/settings", "/home"):
        if command:
            await pupil.says(command)
        await pupil.says(WORK)
        await pupil.says(WORK, photo=(FILE, PICTURE, "image/jpeg"))
        await pupil.says(WORK, document=(FILE, PICTURE, "image/jpeg"))
        await pupil.says("/cancel")
    await scene.world.later(hours=30)


def shown(talker: Talker) -> list[str]:
    """All that ever stood in her chat, and "a file" for each that was sent to her."""
    said = [message for message in talker.chat.messages if message.from_bot]
    return [message.text for message in said] + ["a file" for message in said if message.media is not None]


@pytest.mark.rule(23)
async def test_what_a_pupil_sends_is_shown_to_nobody(scene: School) -> None:
    world = scene.world
    chat = await group(scene, scene.class_a)
    author = await add_member(world, scene.class_a, Role.PUPIL, NAME)
    others = [one for one in world.talkers.values() if one is not author]
    before = {one: shown(one) for one in others}
    await lives(scene, author)
    for one in others:
        new = shown(one)[len(before[one]) :]
        assert [said for said in new if WORK in said or FILE in said or said == "a file"] == []
    in_group = [message for message in chat.messages if message.from_bot]
    assert in_group
    assert [message.text for message in in_group if WORK in message.text or message.media is not None] == []


@pytest.mark.rule(23)
async def test_a_pupils_name_stands_in_no_chat_but_of_those_who_lead_her_class(scene: School) -> None:
    world = scene.world
    chat = await group(scene, scene.class_a)
    author = await add_member(world, scene.class_a, Role.PUPIL, NAME)
    await lives(scene, author)
    await scene.head.says("/members")
    assert any(NAME in label for label in scene.head.labels)
    may_know = (author, scene.head, scene.coordinator, scene.owner)
    for one in world.talkers.values():
        if one not in may_know:
            for command in ("/community", "/challenges", "/members", "/home"):
                await one.says(command)
            assert [said for said in shown(one) if NAME in said or "Nərgiz" in said] == []
            assert [label for message in one.messages for label in message.labels if "Nərgiz" in label] == []
    assert [message.text for message in chat.messages if message.from_bot and "Nərgiz" in message.text] == []
