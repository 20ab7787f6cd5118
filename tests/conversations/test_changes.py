"""B5: other words for what was sent, and taking it back: in every copy, wherever it stands by then."""

import pytest

from domain.roles import Role
from jobs import changes
from jobs.announcements import expand_outgoings
from sandbox import Chat
from tests.cast import World
from tests.conversations.test_announcements import (
    OWN,
    PHOTO,
    TOMORROW,
    card_of,
    group_of,
    has_picture,
    leave,
    ledger,
    post_in,
    said_of,
    sent,
)
from tests.conversations.test_digests import chooses, digests_of, sleeps
from tests.conversations.test_own_language import ENGLISH, RUSSIAN
from tests.conversations.test_planned import planned
from tests.scenes import School, add_member, school

TEN, AT_TEN = "Tomorrow at 10", "Завтра в 10"


async def corrects(scene: School, words: str = TEN) -> str:
    await scene.head.taps("Change the text", message=card_of(scene.head))
    await scene.head.says(words)
    return await scene.head.taps("Correct it")


async def takes_back(scene: School) -> str:
    await scene.head.taps("Delete for all", message=card_of(scene.head))
    said = await scene.head.taps("Yes, take it back")
    await scene.world.later(seconds=2)
    return said


# --- corrected --------------------------------------------------------------------------------------------------------


@pytest.mark.row("B5")
async def test_a_correction_marks_every_delivered_copy_and_the_group_s(world: World) -> None:
    scene = await school(world)
    group = await group_of(world, scene.class_a, scene.head, scene.parents)
    await sent(scene)
    await scene.parents[0].taps("I have read it")
    assert "Corrected" in await corrects(scene)
    await world.later(seconds=5)
    for one in scene.parents:
        assert one.last.text.startswith("✏️ Corrected\n\n📢")
        assert TEN in one.last.text
        assert TOMORROW not in one.last.text
    assert scene.parents[0].labels == []  # she has confirmed, and stays counted
    assert scene.parents[1].labels == ["✓ I have read it"]
    assert post_in_any(group).startswith("✏️ Corrected")
    assert TEN in card_of(scene.head).text
    assert "Confirmed 1 of 4" in card_of(scene.head).text
    await scene.parents[1].taps("I have read it")
    assert scene.parents[1].last.text.startswith("✏️ Corrected")
    await world.later(minutes=1)
    assert [TEN in one.text for one in scene.parents[0].messages].count(True) == 1


@pytest.mark.row("B5")
async def test_a_correction_reaches_the_copy_in_a_reminder_and_in_a_digest_s_reader_s(world: World) -> None:
    scene = await school(world)
    gathered, reader = scene.parents
    await chooses(gathered)
    await sent(scene)
    await world.later(hours=9, seconds=5)
    await world.later(seconds=5)
    await scene.head.taps("Remind the rest", message=card_of(scene.head))
    await scene.head.taps("Remind", message=scene.head.last)
    await world.tick()
    await corrects(scene)
    await world.later(seconds=5)
    for one in (gathered, reader):
        assert one.last.text.startswith("🔔 A reminder")
        assert not any(TOMORROW in message.text for message in one.messages)
        assert TEN in one.last.text
        assert one.labels == ["✓ I have read it"]


def post_in_any(group: Chat) -> str:
    """The announcement's post, whatever stands above it."""
    return next(one.text for one in reversed(group.visible) if "📢" in one.text)


@pytest.mark.row("B5")
async def test_what_waits_gets_the_new_words_and_a_version_not_renewed_falls_back(world: World) -> None:
    scene = await school(world)
    olga = await add_member(world, scene.class_a, Role.PARENT, "Olga", "ru")
    asleep, reader = scene.parents
    await sleeps(asleep)
    await chooses(reader)
    await world.later(hours=14)  # 23:00
    await scene.head.says("/announce")
    await scene.head.says(ENGLISH, photo=PHOTO)
    await scene.head.taps("Everybody")
    await scene.head.taps("+ Русский")
    await scene.head.says(RUSSIAN)
    await scene.head.taps("Send")
    await world.tick()
    assert RUSSIAN in olga.last.text
    await scene.head.taps("Change the text", message=card_of(scene.head))
    review = await scene.head.says(TEN)
    assert "with a note: Русский" in review
    await scene.head.taps("Correct it")
    await world.later(seconds=5)
    assert TEN in olga.last.text
    assert RUSSIAN not in olga.last.text
    assert has_picture(olga)
    await world.later(hours=8, minutes=1)
    assert asleep.last.text.startswith("📢")  # the first she reads of it: nothing is corrected for her
    assert TEN in asleep.last.text
    assert has_picture(asleep)
    await world.later(hours=11)
    assert TEN in digests_of(reader)[0]
    await scene.head.taps("Change the text", message=card_of(scene.head))
    await scene.head.taps("Leave it")
    await scene.head.taps("+ Русский")
    await scene.head.says(AT_TEN)
    await scene.head.taps("Correct it")
    await world.later(seconds=5)
    assert AT_TEN in olga.last.text
    assert "Corrected" in digests_of(reader)[0]


@pytest.mark.row("B5")
async def test_what_is_planned_gets_other_words_unmarked(world: World) -> None:
    scene = await school(world)
    await planned(scene)
    await scene.head.taps("Change the text")
    await scene.head.says(TEN)
    assert "Planned" in await scene.head.taps("Correct it")
    await scene.head.taps("Change the text", message=scene.head.last)
    await scene.head.taps("Leave it")
    assert "Nothing was changed." in await scene.head.taps("Correct it")
    await world.later(hours=34)
    assert scene.parents[0].last.text.startswith("📢")
    assert TEN in scene.parents[0].last.text


@pytest.mark.row("B5")
async def test_two_who_correct_at_once_and_one_who_comes_too_late(world: World) -> None:
    scene = await school(world)
    await sent(scene)
    await scene.coordinator.forges("a.fix:1")
    await scene.coordinator.says("Tomorrow at 11")
    await corrects(scene)
    heard = await scene.coordinator.taps("Correct it")
    assert "Somebody else has changed this announcement meanwhile" in heard
    assert TEN in heard
    await takes_back(scene)
    assert "can't be changed" in await scene.coordinator.forges("a.fix:1")
    assert "room for" not in scene.coordinator.last.text


# --- taken back -------------------------------------------------------------------------------------------------------


@pytest.mark.row("B5")
async def test_what_is_taken_back_disappears_everywhere(world: World) -> None:
    scene = await school(world)
    group = await group_of(world, scene.class_a, scene.head, scene.parents)
    asleep, reader = scene.parents
    await sleeps(asleep)
    await chooses(reader)
    await world.later(hours=14)
    await sent(scene)
    await scene.head.taps("Remind the rest")
    await scene.head.taps("Remind", message=scene.head.last)
    await world.tick()
    post = post_in(group)
    await scene.head.taps("Delete for all", message=card_of(scene.head))
    question = scene.head.last
    world.sandbox.taps(scene.head.person, question, "Yes, take it back")
    world.sandbox.taps(scene.head.person, question, "Yes, take it back")
    await world.settle()
    await world.later(seconds=5)
    assert not any(TOMORROW in one.text for one in [*scene.pupils[0].messages, *group.visible])
    assert "Taken back." in card_of(scene.head).text
    assert card_of(scene.head).labels == []
    await world.later(hours=24)
    assert not any(TOMORROW in one.text for one in [*asleep.messages, *reader.messages])
    assert sorted(await ledger(world), key=str) == [
        ("dropped", "recalled"),
        ("dropped", "recalled"),
        ("sent", None),
        ("sent", None),
    ]
    for data in ("a.ok:1", "a.chase:1", "a.back:1", "a.back.yes:1"):
        assert "was taken back" in await scene.head.forges(data, message=question)
    assert post not in group.visible


@pytest.mark.row("B5")
async def test_what_is_too_old_to_be_deleted_is_blanked_and_its_readers_are_told(world: World) -> None:
    scene = await school(world)
    reader = scene.parents[1]
    await chooses(reader)
    await sent(scene)
    await world.later(hours=49)
    assert "too old to be deleted" in await scene.head.taps("Delete for all", message=card_of(scene.head))
    await scene.head.taps("Yes, take it back")
    await world.later(seconds=5)
    *_, blanked, told = scene.parents[0].messages
    assert TOMORROW not in blanked.text
    assert "was taken back. Please disregard it." in blanked.text
    assert "was taken back. Please disregard it." in told.text
    assert TOMORROW in told.text  # which one it was
    assert "was taken back" in digests_of(reader)[0]
    assert reader.labels == []


@pytest.mark.row("B5")
async def test_a_recall_while_it_is_expanded_and_sent_leaves_no_copy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.announcements.AT_ONCE", 2)
    monkeypatch.setattr(changes, "AT_ONCE", 1)
    scene = await school(world, parents=4)
    await scene.head.says(f"/announce {TOMORROW}")
    await scene.head.taps("Send")
    async with world.birge.database.writing() as db:
        await expand_outgoings(db, world.now)
    await takes_back(scene)
    await world.later(seconds=40)
    assert not any(TOMORROW in one.text for one in [*scene.parents[0].messages, *scene.pupils[0].messages])
    assert {state for state, _ in await ledger(world)} <= {"dropped", "sent"}
    assert len(await ledger(world)) < 6


@pytest.mark.row("B5")
async def test_a_correction_while_it_is_expanded_reaches_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.announcements.AT_ONCE", 2)
    scene = await school(world, parents=4)
    await scene.head.says(f"/announce {TOMORROW}")
    await scene.head.taps("Send")
    await corrects(scene)
    await world.later(seconds=5)
    await world.later(seconds=40)
    for one in [*scene.parents, *scene.pupils]:
        assert [TEN in message.text for message in one.messages].count(True) == 1
        assert not any(TOMORROW in message.text for message in one.messages)
    assert len(said_of(world, "sendMessage", TEN)) >= 5


@pytest.mark.row("B5")
async def test_the_author_leaves_and_those_above_correct_it(world: World) -> None:
    scene = await school(world)
    await sent(scene)
    card = card_of(scene.head)
    assert card.labels[-2:] == OWN
    await leave(world, scene.head)
    assert "can't do this here" in await scene.head.taps("Change the text", message=card)
    assert "can't do this here" in await scene.parents[0].forges("a.back.yes:1")
    await scene.coordinator.forges("a.fix:1")
    await scene.coordinator.says(TEN)
    await scene.coordinator.taps("Correct it")
    await world.later(seconds=5)
    assert any(TEN in one.text for one in scene.parents[0].messages)


@pytest.mark.row("B5")
@pytest.mark.parametrize("hours", [1, 60])
async def test_what_a_digest_s_reader_got_besides_it_is_taken_back_and_corrected_too(world: World, hours: int) -> None:
    scene = await school(world, parents=1, pupils=0)
    reader = scene.parents[0]
    await chooses(reader)
    await scene.head.says("/announce")
    await scene.head.says(TOMORROW, photo=PHOTO)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.tick()
    await world.later(hours=9, seconds=5)
    await world.later(seconds=5)
    for _ in range(2):
        await reader.taps("📎 1", message=next(one for one in reader.messages if "📎 1" in one.labels))
    await scene.head.taps("Remind the rest", message=card_of(scene.head))
    await scene.head.taps("Remind", message=scene.head.last)
    await world.tick()
    assert sum(TOMORROW in one.text for one in reader.messages) == 4  # the digest, the photo twice, the reminder
    await corrects(scene)
    await world.later(seconds=5)
    assert sum(TEN in one.text for one in reader.messages) == 3
    await world.later(hours=hours)
    await takes_back(scene)
    await world.later(seconds=5)
    assert [one.text for one in reader.messages if TEN in one.text] == []


@pytest.mark.row("B2")
async def test_who_leads_there_no_more_sees_no_counts_go_up(world: World) -> None:
    scene = await school(world)
    await sent(scene)
    await leave(world, scene.head)
    await scene.parents[0].taps("I have read it")
    await world.later(seconds=4)
    assert "Confirmed 0 of 4" in card_of(scene.head).text
