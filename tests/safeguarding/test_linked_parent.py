"""Rule 11: nothing a linked parent can open, receive, export or search holds a trace of the hotline.

Everything a parent can do is done without a case of her child and with one: what she gets must be the same, byte for
byte but for the time of day.
"""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from domain.roles import Role
from handlers import routes
from handlers.route import Route
from tests.cast import Talker, World
from tests.conversations.test_families import code_of, linked
from tests.scenes import Hotline, hotline, person_id_of, report, take

SECRET = "They take my money behind the gym"
# These are somebody's own, or ask for words first: what is said to /cancel depends on the command before it.
_COMMANDS = sorted(set(routes.COMMANDS) - {"start", "cancel"})
_PASSING = {"message_id", "callback_query_id", "chat_id"}
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d[.\d]*)?")


def _is_open(route: Route) -> bool:
    """What a parent may tap; of the rest tests/rights.csv tells."""
    return not route.confidential and (route.may.anyone or Role.PARENT in route.may.roles)


def _buttons(membership: int, community: int) -> list[str]:
    """Every such button, with what she could name in it."""
    names = [name for name, route in routes.BUTTONS.items() if _is_open(route) and name not in ("bye", "cancel")]
    forged = [f"{name}:{number}" for name in names for number in (membership, community)]
    return [*names, *forged]


# Without these she is linked no more, or another person.
_ENDS = ("fam.out", "c.down.yes", "mv.", "lang.is", "zone.is", "quiet.is")


async def _got(world: World, parent: Talker, act: Any) -> list[Any]:
    """The calls of the messenger by which an act is answered."""
    world.sandbox.clock.set(world.now + timedelta(seconds=10))  # nobody taps faster
    world.birge.clock.set_offset(world.sandbox.clock.offset)
    async with world.birge.database.writing() as db:  # every act begins with the same token
        await db.run("DELETE FROM conversations")
    before, stood = len(world.sandbox.calls), len(parent.chat.visible)
    await act()
    files = [
        _CLOCK.sub("", message.media.data.decode())
        for message in parent.chat.visible[stood:]
        if message.media is not None
    ]
    return files + [
        (call.method, _CLOCK.sub("", json.dumps(_lasting(call.params), default=str, sort_keys=True)))
        for call in world.sandbox.calls[before:]
        if call.method not in ("getUpdates", "answerCallbackQuery")
    ]


def _lasting(params: Any) -> Any:
    return {name: value for name, value in params.items() if name not in _PASSING}


async def everything(scene: Hotline, parent: Talker, membership: int) -> list[tuple[str, Any]]:
    """All that she can do, and what she gets for it."""
    world, found = scene.world, []
    await parent.says("/home")
    for name in _COMMANDS:
        found.append((f"/{name}", await _got(world, parent, lambda name=name: parent.says(f"/{name}"))))
    home = parent.last
    for data in _buttons(membership, scene.school.class_a.id):
        if not data.startswith(_ENDS):
            act = lambda data=data: parent.forges(data, message=home)  # noqa: E731 - the next line runs it
            found.append((data, await _got(world, parent, act)))
    for words in ("Pupil0", "help", SECRET):
        found.append((words, await _got(world, parent, lambda words=words: parent.says(words))))
    return found


@pytest.mark.rule(11)
@pytest.mark.row("A4")
@pytest.mark.timeout(300)
async def test_a_linked_parent_never_sees_a_trace_of_the_hotline(world: World) -> None:
    scene = await hotline(world)
    parent, child = scene.school.parents[0], scene.pupil
    await linked(parent, child)
    await parent.taps("I agree")
    number = await person_id_of(world, child)
    [pupil] = await world.rows("SELECT id FROM memberships WHERE person_id = :id", id=number)
    await everything(scene, parent, pupil["id"])  # so that what her own taps change is changed
    before = await everything(scene, parent, pupil["id"])
    received = len(parent.chat.visible)
    case = await report(child, SECRET)
    await take(scene.worker)
    assert len(parent.chat.visible) == received  # and nothing comes by itself
    after = await everything(scene, parent, pupil["id"])
    assert len([got for _, got in before if got]) > 100  # she got an answer to each
    assert [name for name, _ in after] == [name for name, _ in before]
    assert [(was, now) for was, now in zip(before, after, strict=True) if was != now] == []
    chat = "".join(message.text for message in parent.chat.visible if message.from_bot)
    assert case not in chat
    assert SECRET not in chat


@pytest.mark.rule(11)
@pytest.mark.row("A4")
async def test_the_hotline_asks_no_parent_and_a_parents_no_changes_nothing_there(world: World) -> None:
    scene = await hotline(world)
    parent, child = scene.school.parents[0], scene.pupil
    await linked(parent, child)
    await parent.taps("I don't agree")
    received = len(parent.messages)
    number = await report(child, SECRET)
    await scene.worker.taps("Take")
    assert number in "".join(message.text for message in scene.worker.messages)
    assert len(parent.messages) == received
    await code_of(child)  # her family's doors are as open as before
    assert "Parent0" in await child.forges("fam")
