"""How much comes at once: a flood is let go after one sentence, and nothing written by hand ever is."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.limits
from bot.limits import MESSAGES, TAPS, TO_HELPER, Limits
from domain.requests import Incoming, Kind
from domain.roles import Role
from tests.cast import Talker, World
from tests.scenes import Hotline, add_member, group, hotline, school

AT = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
TOO_MANY = "I got many messages from you at once"
PICTURE = b"\xff\xd8\xff\xe0picture"


def message(number: int, at: datetime | None = AT, **more: object) -> Incoming:
    made = Incoming("telegram", str(number), Kind.COMMAND, chat="1001", sender="1001", command="home", sent_at=at)
    return replace(made, **more)  # type: ignore[arg-type]


def passed(limits: Limits, some: Sequence[Incoming], now: datetime = AT) -> int:
    return sum(not limits.weigh(one, now).hurried for one in some)


# --- the measure ------------------------------------------------------------------------------------------------------


def test_a_burst_passes_and_then_one_every_other_second() -> None:
    limits = Limits()
    flood = [message(number, AT + timedelta(seconds=number / 3)) for number in range(30)]

    assert passed(limits, flood, AT + timedelta(seconds=10)) == 20 + 4
    assert passed(limits, [message(100, later := AT + timedelta(minutes=2))], later) == 1


@given(seconds=st.lists(st.floats(0, 600), min_size=1, max_size=200).map(sorted))
def test_never_more_than_the_measure_in_any_stretch_of_time(seconds: list[float]) -> None:
    limits = Limits()
    let_in = []
    for number, second in enumerate(seconds):
        at = AT + timedelta(seconds=second)
        if not limits.weigh(message(number, at), at).hurried:
            let_in.append(second)
    for first in range(len(let_in)):
        for last in range(first, len(let_in)):
            stretch = let_in[last] - let_in[first]
            assert last - first + 1 <= MESSAGES.burst + stretch / MESSAGES.every + 1e-3


def test_what_piled_up_while_the_bot_was_down_is_no_flood() -> None:
    some = [message(number, AT - timedelta(minutes=number)) for number in reversed(range(200))]

    assert passed(Limits(), some) == 200


def test_a_flood_that_piled_up_is_one() -> None:
    some = [message(number, AT - timedelta(hours=3)) for number in range(200)]

    assert passed(Limits(), some) == MESSAGES.burst


def test_the_same_event_is_counted_once_and_weighs_the_same() -> None:
    limits = Limits()
    some = [message(number) for number in range(25)]

    assert passed(limits, some) == passed(limits, some) == 20
    assert [limits.weigh(one, AT).hurried for one in some] == [False] * 20 + [True] * 5


def test_a_clock_that_was_set_back_shuts_nobody_out() -> None:
    limits = Limits()
    passed(limits, [message(number) for number in range(30)])
    before = AT - timedelta(hours=1)

    assert passed(limits, [message(50, before)], before) == 1


def test_a_message_of_the_future_is_of_now() -> None:
    limits = Limits()
    assert passed(limits, [message(number, AT + timedelta(days=number)) for number in range(30)]) == MESSAGES.burst


def test_an_edit_of_an_old_message_makes_no_room() -> None:
    limits = Limits()
    edits = [
        message(number, AT - timedelta(hours=number), kind=Kind.WORDS, edited=True, words="x") for number in range(60)
    ]

    assert passed(limits, edits) == MESSAGES.burst


def test_an_album_weighs_as_one_message() -> None:
    limits = Limits()
    parts = [message(number, kind=Kind.WORDS, album="a") for number in range(10)]
    weighed = [limits.weigh(one, AT) for one in parts]

    assert [one.goes_on for one in weighed] == [False] + [True] * 9
    assert passed(limits, [message(100 + number) for number in range(30)]) == MESSAGES.burst - 1


def test_nobody_waits_for_somebody_else() -> None:
    limits = Limits()
    passed(limits, [message(number) for number in range(200)])

    assert passed(limits, [message(1000 + number, sender=str(number)) for number in range(200)]) == 200


def test_the_hotline_has_a_measure_of_its_own() -> None:
    limits = Limits()
    passed(limits, [message(number) for number in range(200)])
    passed(limits, [message(300 + number, kind=Kind.BUTTON, press="home") for number in range(200)])

    assert passed(limits, [message(600, command="hotline"), message(601, kind=Kind.BUTTON, press="hl.danger")]) == 2
    assert not limits.weigh(message(602, kind=Kind.WORDS, words="x"), AT, concerns=True).hurried
    assert not limits.weigh(message(603, kind=Kind.WORDS, words="x"), AT, step="cs.open").hurried


@pytest.mark.parametrize(
    "one",
    [
        message(1, kind=Kind.VOTE),
        message(1, kind=Kind.MEMBERSHIP),
        message(1, kind=Kind.ANSWER),
        message(1, kind=Kind.WORDS, chat="-5", chat_kind="group"),
        message(1, command="start_of_another_bot", chat="-5", chat_kind="group"),
    ],
)
def test_what_nobody_answers_or_whose_last_state_counts_is_not_weighed(one: Incoming) -> None:
    limits = Limits()

    assert passed(limits, [replace(one, event_id=str(number)) for number in range(500)]) == 500
    assert passed(limits, [message(1000)]) == 1


def test_it_is_told_once_a_minute_and_the_same_for_the_same_event() -> None:
    limits = Limits()
    assert [limits.tells(message(number), AT) for number in (1, 2, 1, 3)] == [True, False, True, False]
    assert limits.tells(message(4), AT + timedelta(minutes=1))
    assert limits.tells(message(5), AT - timedelta(days=1))


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.limits, "_KEPT", 100)
    monkeypatch.setattr(bot.limits, "_REMEMBERED", 50)
    limits = Limits()
    for number in range(1_000):
        one = message(number, sender=str(number), chat=str(number), album=str(number), kind=Kind.WORDS)
        limits.weigh(one, AT)
        limits.tells(one, AT + timedelta(seconds=number))

    sizes = [len(held) for held in (limits._full, limits._weighed, limits._albums, limits._told)]
    assert all(0 < size <= 101 for size in sizes), sizes


# --- as people see it -------------------------------------------------------------------------------------------------


async def outcomes(world: World) -> Counter[str]:
    return Counter(row["outcome"] for row in await world.rows("SELECT outcome FROM inbox"))


async def flood(talker: Talker, words: Sequence[str]) -> list[str]:
    """All of it written before anything is answered; what the bot said then."""
    before = len(talker.messages)
    for one in words:
        talker.world.sandbox.sends(talker.person, text=one)
    await talker.world.settle()
    return [said.text for said in talker.messages[before:]]


async def test_thirty_messages_at_once_get_one_kind_sentence_and_others_are_answered(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    said = await flood(mother, ["/home"] * 60)

    assert 15 <= len([one for one in said if TOO_MANY not in one]) <= 25
    assert len([one for one in said if TOO_MANY in one]) == 1
    assert (await outcomes(world))["let go"] >= 37
    assert "What would you like to do?" in await scene.head.says("/home")
    await world.later(minutes=2)
    assert "What would you like to do?" in await mother.says("/home")


async def test_plain_words_too_many_are_met_with_the_sentence_once(world: World) -> None:
    scene = await school(world)
    said = await flood(scene.parents[0], [f"salam {number}" for number in range(60)])

    assert 15 <= len([one for one in said if "I am not waiting for an answer" in one]) <= 25
    assert len([one for one in said if TOO_MANY in one]) == 1


async def test_three_hundred_taps_are_all_answered_and_few_are_handled(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    await mother.says("/settings")
    card = mother.last
    queries = [world.sandbox.taps(mother.person, card, card.labels[0]) for _ in range(300)]
    await world.settle()
    async with asyncio.timeout(10):
        for query in queries:
            await query.answered.wait()

    assert (await outcomes(world))["let go"] >= 300 - TAPS.burst - 40
    assert len(await world.rows("SELECT 1 FROM deliveries")) < 200


async def test_a_form_that_is_flooded_stays_open(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce Tomorrow school begins at 9")
    said = await flood(scene.head, ["?"] * 60)
    assert said.count("Please tap one of the buttons under my question, or /cancel.") <= 25
    assert len([one for one in said if TOO_MANY in one]) == 1
    await scene.head.taps("Send")
    await world.tick()
    assert "Tomorrow school begins at 9" in scene.parents[0].last.text


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await hotline(world)


async def parts_of(world: World) -> int:
    return int((await world.rows("SELECT COUNT(*) AS parts FROM case_parts"))[0]["parts"])


async def test_a_child_who_writes_in_short_messages_and_an_album_is_never_cut_off(scene: Hotline) -> None:
    """Rule 7: every word is kept and told of."""
    world, pupil = scene.school.world, scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    said = await flood(pupil, [f"word {number}" for number in range(20)])
    assert len(said) == 20
    assert not any(TOO_MANY in one for one in said)
    world.sandbox.sends(pupil.person, album=[PICTURE] * 10)
    await world.settle()
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await pupil.taps(label)
    assert await parts_of(world) == 30


async def test_words_for_the_hotline_are_kept_however_many_they_are(scene: Hotline) -> None:
    world, pupil = scene.school.world, scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    said = await flood(pupil, [f"word {number}" for number in range(90)])
    assert len(said) <= TO_HELPER.burst + 6
    assert not any(TOO_MANY in one for one in said)
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await pupil.taps(label)
    assert await parts_of(world) == 90


async def test_after_any_flood_the_hotline_opens_and_danger_is_answered(scene: Hotline) -> None:
    world, pupil = scene.school.world, scene.pupil
    await flood(pupil, ["/home"] * 80)
    said = await flood(pupil, ["I want to die"])
    assert "If you are in danger now" in "".join(said)
    assert "who reads" in (await pupil.says("/hotline")).lower()
    assert "If you are in danger now" in await pupil.taps("Danger now")
    assert (await outcomes(world))["failed"] == 0


async def test_a_flood_of_danger_words_is_kept_and_answered_a_bounded_number_of_times(scene: Hotline) -> None:
    world, pupil = scene.school.world, scene.pupil
    said = await flood(pupil, [f"I want to die {number}" for number in range(90)])
    numbers = [one for one in said if "If you are in danger now" in one]
    assert 30 <= len(numbers) <= 36
    assert not any(TOO_MANY in one for one in said)
    await pupil.taps("Yes, fetch a helper")
    assert await parts_of(world) == 90
    assert (await outcomes(world))["failed"] == 0


async def test_words_to_a_helper_in_a_flood_call_her_a_bounded_number_of_times(scene: Hotline) -> None:
    from tests.scenes import taken

    world, pupil = scene.school.world, scene.pupil
    await taken(scene)
    await pupil.says("/mycases")
    await pupil.taps(pupil.labels[0])
    await pupil.taps("Write to the helper")
    before, kept = len(scene.worker.messages), await parts_of(world)
    await flood(pupil, [f"more {number}" for number in range(90)])
    assert await parts_of(world) == kept + 90
    assert 1 <= len(scene.worker.messages) - before <= TO_HELPER.burst + 6


async def test_commands_in_a_group_fill_no_chat(world: World) -> None:
    scene = await school(world, parents=20)
    chat = await group(scene, scene.class_a)
    before = len([one for one in chat.visible if one.from_bot])
    for mother in scene.parents:
        for _ in range(3):
            world.sandbox.sends(mother.person, chat, "/help")
    await world.settle()
    said = [one.text for one in chat.visible if one.from_bot][before:]
    assert len([one for one in said if "/help" in one]) <= 10
    assert said.count("Please write this to me in our private chat.") == 1
    assert (await outcomes(world))["let go"] >= 50


async def test_something_confidential_in_a_flooded_group_is_deleted_all_the_same(world: World) -> None:
    """Rule 4."""
    scene = await hotline(world)
    chat = await group(scene.school, scene.school.class_a)
    world.sandbox.promotes_bot(scene.school.head.person, chat)
    for _ in range(60):
        world.sandbox.sends(scene.pupil.person, chat, "/help")
    world.sandbox.sends(scene.pupil.person, chat, "/hotline")
    secret = world.sandbox.sends(scene.pupil.person, chat, "I want to die")
    await world.settle()
    assert secret.deleted
    assert not any("/hotline" in one.text for one in chat.visible if not one.from_bot)


async def test_whoever_asks_for_the_hotline_in_a_group_that_others_flood_hears_in_private(world: World) -> None:
    """Rule 4: what classmates do shuts nobody's way."""
    scene = await hotline(world)
    other = await add_member(world, scene.school.class_a, Role.PUPIL, "Other")
    chat = await group(scene.school, scene.school.class_a, [other])
    world.sandbox.promotes_bot(scene.school.head.person, chat)
    for _ in range(60):
        world.sandbox.sends(other.person, chat, "/help")
    before = len(scene.pupil.messages)
    secret = world.sandbox.sends(scene.pupil.person, chat, "/hotline")
    await world.settle()
    assert secret.deleted
    assert len(scene.pupil.messages) > before


def test_the_link_to_the_hotline_is_measured_as_a_way_into_it() -> None:
    limits = Limits()
    passed(limits, [message(number) for number in range(60)])
    link = message(100, command="start", words="hotline", chat_kind="private")

    assert passed(limits, [link]) == 1


async def test_a_flood_of_danger_words_in_a_group_is_deleted_whole_and_told_of_a_bounded_number_of_times(
    world: World,
) -> None:
    scene = await hotline(world)
    world.sandbox.privacy = False
    chat = await group(scene.school, scene.school.class_a)
    world.sandbox.promotes_bot(scene.school.head.person, chat)
    secret = [world.sandbox.sends(scene.pupil.person, chat, f"I want to die {number}") for number in range(90)]
    await world.settle()
    assert all(one.deleted for one in secret)
    assert 30 <= sum("You can talk to me here" in one.text for one in scene.pupil.messages) <= 36


async def test_a_new_member_is_not_measured_by_what_others_do(world: World) -> None:
    scene = await school(world)
    await flood(scene.parents[0], ["/home"] * 100)
    newcomer = await add_member(world, scene.class_a, Role.PARENT, "Newcomer")
    assert "What would you like to do?" in await newcomer.says("/home")
