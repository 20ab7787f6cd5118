"""A12, B6: whoever left, or muted a class, while something waited for her gets it no more; the ledger says so."""

from typing import Any

import pytest

from domain.roles import Role
from sandbox import Fault
from tests.cast import Talker, World
from tests.conversations.test_announcements import TOMORROW, leave
from tests.conversations.test_digests import announces, chooses, sleeps
from tests.conversations.test_meetings import called
from tests.conversations.test_polls import a_poll, native
from tests.scenes import belong, school

ENGLISH = {
    "send": "Send",
    "counts": ("Your announcement", "Sent 2 of 6", "Not reached: 4"),
    "lost": "Not reached",
    "left": "Somebody who left before it was sent",
    "muted": "has muted this community",
    "chase": "Remind the rest",
    "nobody": "There is nobody to remind: whoever got it has confirmed it, has left",
}
AZERBAIJANI = {
    "send": "Göndər",
    "counts": ("Elanınız", "Göndərilib: 2 / 6", "Çatmayıb: 4"),
    "lost": "Kimə çatmayıb",
    "left": "Elan göndərilənədək ayrılmış şəxs",
    "muted": "bu icmanı səssizə alıb",
    "chase": "Qalanlara xatırlat",
    "nobody": "Xatırlatma göndərməyə adam yoxdur",
}


def heard(talker: Talker, words: str = TOMORROW) -> bool:
    return any(words in one.text for one in talker.messages)


async def mutes(talker: Talker) -> None:
    await talker.says("/settings")
    await talker.taps("Mute")
    await talker.taps("5A")
    await talker.taps("For good")


@pytest.mark.row("A12")
@pytest.mark.row("B2")
@pytest.mark.row("B6")
@pytest.mark.parametrize(("language", "said"), [("en", ENGLISH), ("az", AZERBAIJANI)])
async def test_what_waited_for_the_morning_and_the_evening_reaches_only_who_still_is_here_and_wants_it(
    world: World, language: str, said: dict[str, Any]
) -> None:
    scene = await school(world, parents=4)
    gathers, gathers_no_more, asleep, asleep_no_more = scene.parents
    for one in (gathers, gathers_no_more):
        await chooses(one)
    for one in (asleep, asleep_no_more, scene.pupils[0]):
        await sleeps(one)
    await scene.head.forges(f"lang.is:{language}:home")
    await world.later(hours=14)  # 23:00
    await scene.head.says(f"/announce {TOMORROW}")
    await scene.head.taps(said["send"])
    await world.tick()
    for one in (gathers_no_more, asleep_no_more):
        await leave(world, one)
        await belong(world, one, scene.class_b, Role.PARENT)  # she went to another class
    for one in (gathers, scene.pupils[0]):
        await mutes(one)
    await world.later(hours=19, minutes=1)  # 18:01 of the next day
    await world.later(seconds=10)
    assert heard(asleep)
    assert not any(map(heard, (gathers, gathers_no_more, asleep_no_more, scene.pupils[0])))
    card = next(one for one in scene.head.messages if one.text.startswith(said["counts"][0]))
    assert all(count in card.text for count in said["counts"])
    listed = await scene.head.taps(said["lost"], message=card)
    assert (listed.count(said["left"]), listed.count(said["muted"])) == (2, 2)
    await leave(world, asleep)  # she had it; now nobody but the author is left who has it
    assert said["nobody"] in await scene.head.taps(said["chase"], message=card)


@pytest.mark.row("B2")
@pytest.mark.row("B6")
@pytest.mark.parametrize(
    ("language", "parents", "send", "lost", "why"),
    [
        ("en", "Parents", "Send", "Not reached", "no longer among its readers"),
        ("uk", "Батьки", "Надіслати", "Хто не отримав", "більше не серед одержувачів"),
    ],
)
async def test_who_has_another_role_by_the_morning_is_named_with_the_reason(
    world: World, language: str, parents: str, send: str, lost: str, why: str
) -> None:
    scene = await school(world, parents=2, pupils=0)
    for one in scene.parents:
        await sleeps(one)
    await scene.head.forges(f"lang.is:{language}:home")
    await world.later(hours=14)
    await scene.head.says("/announce")
    await scene.head.says(TOMORROW)
    await scene.head.taps(parents)
    await scene.head.taps(send)
    await world.tick()
    await leave(world, scene.parents[0])
    await belong(world, scene.parents[0], scene.class_a, Role.TEACHER)
    await world.later(hours=9)
    await world.later(seconds=10)
    assert not heard(scene.parents[0])
    assert heard(scene.parents[1])
    assert f"Parent0\u2069 (\u20685A\u2069): {why}" in await scene.head.taps(lost)


@pytest.mark.row("B6")
async def test_what_was_urgent_still_comes_to_who_muted_it_meanwhile_and_no_meeting_to_who_left(world: World) -> None:
    scene = await school(world)
    muted, left = scene.parents
    for one in scene.parents:
        await sleeps(one)
    await world.later(hours=14)
    await called(scene, "2026-12-07 18:00 Picnic")
    await leave(world, left)
    await mutes(muted)
    await announces(scene.head, urgent=True)
    await world.later(hours=9)
    assert heard(muted)
    assert not any(heard(one, "Picnic") for one in scene.parents)
    assert heard(scene.pupils[0], "Picnic")


@pytest.mark.row("B6")
async def test_who_left_while_a_poll_was_still_on_its_way_to_her_gets_none(world: World) -> None:
    scene = await school(world)
    left, stays = scene.parents
    for one in scene.parents:
        world.sandbox.faults.append(Fault("sendPoll", chat_id=one.chat.id, status=429, retry_after=60, times=1))
    await a_poll(scene)
    await leave(world, left)
    await world.later(seconds=30)
    await world.later(seconds=40)
    assert [len(native(one.chat)) for one in (left, stays)] == [0, 1]
    rows = await world.rows("SELECT reason FROM deliveries WHERE kind = 'open_poll' AND state = 'failed'")
    assert [row["reason"] for row in rows] == ["left"]


@pytest.mark.row("B6")
async def test_who_left_while_the_reminder_of_a_poll_was_on_its_way_to_her_gets_none(world: World) -> None:
    scene = await school(world)
    left, stays = scene.parents
    await a_poll(scene)
    for one in scene.parents:
        world.sandbox.faults.append(Fault("sendMessage", chat_id=one.chat.id, status=429, retry_after=60, times=1))
    await scene.head.taps("Remind the rest")
    await world.tick()
    await leave(world, left)
    await world.later(seconds=30)
    await world.later(seconds=40)
    assert [heard(one, "waiting for your answer") for one in (left, stays)] == [False, True]


@pytest.mark.row("B6")
async def test_a_poll_at_night_wakes_nobody(world: World) -> None:
    scene = await school(world)
    asleep, awake = scene.parents
    await sleeps(asleep)
    await world.later(hours=14)  # 23:00
    await a_poll(scene)
    assert [native(one.chat)[0].silent for one in (asleep, awake)] == [True, False]
