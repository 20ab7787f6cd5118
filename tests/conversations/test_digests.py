"""B6: quiet hours, one message in the evening, and what is urgent breaks through both."""

from datetime import timedelta

import pytest

from domain.roles import Role
from domain.times import to_us
from jobs.announcements import expand_outgoings
from tests.cast import Talker, World
from tests.conversations.test_announcements import (
    PHOTO,
    TOMORROW,
    card_of,
    group_of,
    has_picture,
    is_announced,
    ledger,
    post_in,
    said_of,
)
from tests.scenes import School, add_member, belong, school


async def chooses(talker: Talker, language_of_digest: str = "daily, 18:00") -> str:
    await talker.says("/settings")
    await talker.taps("Announcements")
    return await talker.taps(language_of_digest)


async def sleeps(talker: Talker) -> None:
    """Quiet hours from 22:00 to 7:00."""
    await talker.says("/settings")
    await talker.taps("Quiet hours")
    await talker.taps("22:00")


async def announces(author: Talker, words: str = TOMORROW, *, urgent: bool = False) -> str:
    await author.says(f"/announce {words}")
    if urgent:
        await author.taps("Urgent")
        await author.taps("Urgent", message=author.last)
    said = await author.taps("Send")
    await author.world.tick()
    return said


def digests_of(talker: Talker) -> list[str]:
    return [one.text for one in talker.messages if "digest of the day" in one.text]


@pytest.mark.row("B6")
async def test_the_digest_comes_at_18_grouped_and_newest_first_and_each_counts(world: World) -> None:
    scene = await school(world)
    reader = scene.parents[0]
    assert "Announcements: daily, 18:00" in await chooses(reader)
    await belong(world, reader, scene.class_b, Role.PARENT)
    await scene.head.says(f"/announce {TOMORROW}")
    assert "3 now, 1 in the digest\n" in f"{scene.head.last.text}\n"
    await scene.head.taps("Send")
    await scene.coordinator.says("/announce Bring books")
    await scene.coordinator.taps("5B")
    await scene.coordinator.taps("Send")
    await announces(scene.head, "Second <b>news</b>")
    await world.later(hours=8)  # 17:00
    assert digests_of(reader) == []
    assert not is_announced(reader)
    assert is_announced(scene.parents[1])
    await world.later(hours=1, seconds=5)
    await world.later(seconds=5)
    [shown] = digests_of(reader)
    order = [shown.index(part) for part in ("5A", "Second <b>news</b>", TOMORROW, "5B", "Bring books")]
    assert order == sorted(order)
    assert reader.labels == ["✓ 1", "✓ 2", "✓ 3", "✓ All read"]
    assert ("digest", None) not in await ledger(world)

    assert "You are counted" in await reader.taps("✓ 2")
    assert reader.labels == ["✓ 1", "✓ 3", "✓ All read"]
    assert "✓ 2. Head of class" in reader.last.text
    await world.later(seconds=4)
    counts = await world.rows("SELECT announcement_id FROM announcement_confirmations")
    assert [row["announcement_id"] for row in counts] == [1]
    assert "Sent 4 of 4 · Confirmed 1 of 4" in card_of(scene.head).text
    await reader.taps("✓ All read")
    assert reader.labels == []
    assert len(await world.rows("SELECT * FROM announcement_confirmations")) == 3
    await world.later(days=1)
    assert len(digests_of(reader)) == 1  # none when there is nothing new
    assert "can't do this here" in await scene.parents[1].forges("a.dig:1")


@pytest.mark.row("B6")
async def test_an_evening_without_the_bot_is_made_up_for_in_the_morning(world: World) -> None:
    scene = await school(world)
    asleep, awake = scene.parents
    for one in scene.parents:
        await chooses(one)
    await sleeps(asleep)
    await announces(scene.head)
    await world.later(hours=14)  # 23:00, and no job has looked since the morning
    assert [len(digests_of(one)) for one in (asleep, awake)] == [0, 1]
    await world.later(hours=8)  # 7:00
    assert [len(digests_of(one)) for one in (asleep, awake)] == [1, 1]


@pytest.mark.row("B6")
async def test_a_morning_without_the_bot_is_made_up_for_in_the_next_one(world: World) -> None:
    scene = await school(world)
    for one in scene.parents:
        await sleeps(one)
    await world.later(hours=14)
    await announces(scene.head)
    await world.later(hours=24)  # 23:00 again, and no job has looked since
    assert not any(map(is_announced, scene.parents))
    await world.later(hours=8)
    assert all(map(is_announced, scene.parents))


@pytest.mark.row("B6")
async def test_18_is_the_readers_own_and_her_language_too(world: World) -> None:
    scene = await school(world, parents=1, pupils=0)
    reader = scene.parents[0]
    await chooses(reader)
    await reader.says("/settings")
    await reader.taps("Time zone")
    await reader.taps("Moscow")
    await reader.forges("lang.is:ru:settings", message=reader.last)
    await announces(scene.head)
    before = len(reader.messages)
    await world.later(hours=9, seconds=5)  # 18:00 in Baku
    assert len(reader.messages) == before
    await world.later(hours=1)
    assert len(reader.messages) == before + 1
    assert TOMORROW in reader.last.text
    assert "Классный руководитель" in reader.last.text


@pytest.mark.row("B6")
async def test_more_than_fits_comes_in_several_messages_and_pictures_on_a_tap(world: World) -> None:
    scene = await school(world, parents=1, pupils=0)
    reader = scene.parents[0]
    await chooses(reader)
    await announces(scene.head, "a" * 2_500)
    await announces(scene.head, "b" * 2_500)
    await scene.head.says("/announce")
    await scene.head.says("The plan", photo=PHOTO)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.tick()
    await world.later(hours=9, seconds=5)
    first, second = digests_of(reader)
    assert "b" * 2_500 in first
    assert "The plan" in first
    assert "a" * 2_500 in second
    await reader.taps("📎 1")
    assert has_picture(reader)
    assert reader.last.text.endswith("The plan")
    await reader.taps("I have read it")
    assert "confirmed" in reader.last.text


@pytest.mark.row("B6")
async def test_confirmed_in_the_group_it_is_confirmed_in_the_digest(world: World) -> None:
    scene = await school(world, parents=1, pupils=0)
    reader = scene.parents[0]
    await chooses(reader)
    chat = await group_of(world, scene.class_a, scene.head, scene.parents)
    await announces(scene.head)
    await world.later(hours=9, seconds=5)
    assert "You are counted" in await reader.taps("I have read it", chat, post_in(chat))
    assert reader.labels == []
    assert "✓ 1." in digests_of(reader)[0]


@pytest.mark.row("B6")
async def test_nothing_rings_in_quiet_hours_and_it_comes_when_they_end(world: World) -> None:
    scene = await school(world)
    asleep = scene.parents[0]
    await sleeps(asleep)
    await world.later(hours=14)  # 23:00
    await announces(scene.head)
    assert is_announced(scene.parents[1])
    assert not is_announced(asleep)
    await world.later(hours=7)
    assert not is_announced(asleep)
    await world.later(hours=1, minutes=1)
    assert is_announced(asleep)
    await world.later(seconds=6)
    assert "Sent 4 of 4" in card_of(scene.head).text
    assert len(said_of(world, "sendMessage", TOMORROW)) >= 4


@pytest.mark.row("B6")
async def test_what_is_urgent_wakes_the_sleeping_and_does_not_wait_for_the_evening(world: World) -> None:
    scene = await school(world)
    asleep, reader = scene.parents
    await sleeps(asleep)
    await chooses(reader)
    await world.later(hours=14)
    await scene.head.says(f"/announce {TOMORROW}")
    assert "2 are left this month." in await scene.head.taps("Urgent")
    review = await scene.head.taps("Urgent", message=scene.head.last)
    assert "❗ Urgent: it also comes at night." in review
    assert "4 now\n" in f"{review}\n"
    await scene.head.taps("Send")
    await world.tick()
    assert is_announced(asleep)
    assert is_announced(reader)
    await world.later(days=1)
    assert digests_of(reader) == []


@pytest.mark.row("B5")
@pytest.mark.row("B6")
@pytest.mark.parametrize(("language", "gone"), [("en", "was taken back"), ("ru", "отозвано")])
async def test_what_was_taken_back_is_not_opened_or_confirmed_by_an_old_button_of_a_digest(
    world: World, language: str, gone: str
) -> None:
    scene = await school(world, parents=1, pupils=0)
    reader = scene.parents[0]
    await chooses(reader)
    await scene.head.says("/announce")
    await scene.head.says("The plan", photo=PHOTO)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await announces(scene.head)
    await world.later(hours=9, seconds=5)
    await reader.forges(f"lang.is:{language}:home")
    await scene.head.forges("a.back:1")
    await scene.head.taps("Yes, take it back")
    for old in ("a.dig.file:1", "a.dig:1"):
        assert gone in await reader.forges(old)
    await reader.forges("a.dig.all:2")
    assert not has_picture(reader)
    rows = await world.rows("SELECT announcement_id FROM announcement_confirmations")
    assert [row["announcement_id"] for row in rows] == [2]


# --- B6: bad input ----------------------------------------------------------------------------------------------------


async def used_up(scene: School) -> None:
    for number in range(2):
        await announces(scene.head, f"Urgent {number}", urgent=True)


@pytest.mark.row("B6_bad_quota")
async def test_the_third_urgent_one_of_a_month_needs_the_chair(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.school, Role.CHAIR, "Rena")
    await used_up(scene)
    await scene.head.says("/announce Third")
    assert "The chair has to agree to another one." in await scene.head.taps("Urgent")
    await scene.head.taps("Urgent", message=scene.head.last)
    assert "I have asked for an agreement: \u2068Rena\u2069" in await scene.head.taps("Send")
    await world.tick()
    assert "Third" not in scene.parents[0].last.text
    assert "asks you to agree" in chair.last.text
    assert not chair.last.silent  # it is urgent, and she is awake
    for one in (scene.parents[0], scene.head, scene.coordinator):
        assert "can't do this here" in await one.forges("a.agree:3", message=one.last)
    question = chair.last
    world.sandbox.taps(chair.person, question, "Agree")
    world.sandbox.taps(chair.person, question, "Agree")
    await world.settle()
    await world.tick()
    assert "Third" in scene.parents[0].last.text
    assert len([one for one in scene.parents[0].messages if "Third" in one.text]) == 1
    assert "answered already" in await chair.forges("a.agree.no:3", message=question)
    await announces(scene.head, "Fourth", urgent=True)
    assert "Called off" in await scene.head.taps("Call it off", message=scene.head.last)  # she need not wait
    assert "answered already" in await chair.taps("Agree", message=chair.last)
    await sleeps(chair)
    await world.later(hours=14)  # 23:00
    await announces(scene.head, "Fifth", urgent=True)
    assert "Fifth" in chair.last.text
    assert chair.last.silent


@pytest.mark.row("B6_bad_quota")
async def test_the_chair_may_say_no_and_her_own_are_not_counted(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Rena")
    await used_up(scene)
    await announces(scene.head, "Third", urgent=True)
    assert "It was not sent" in await chair.taps("Not urgent")
    await world.tick()
    assert "was not found urgent" in scene.head.last.text
    assert "Third" in scene.head.last.text
    assert "Third" not in scene.parents[0].last.text
    await announces(chair, "Fourth", urgent=True)
    assert "Fourth" in scene.parents[0].last.text
    await world.later(days=31)
    assert "2 are left this month." in await _asked(scene.head)


@pytest.mark.row("B6_bad_quota")
async def test_the_chair_agrees_to_nothing_of_an_author_who_no_longer_leads(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.school, Role.CHAIR, "Rena")
    await used_up(scene)
    await announces(scene.head, "Third", urgent=True)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'head_of_class'")
    assert "its author no longer leads this community" in await chair.taps("Agree")
    await world.tick()
    assert "Third" not in scene.parents[0].last.text
    assert "answered already" in await chair.forges("a.agree:3", message=chair.last)


@pytest.mark.row("B6_bad_quota")
async def test_the_chair_agrees_when_nobody_is_left_whom_it_was_for(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.school, Role.CHAIR, "Rena")
    await used_up(scene)
    await announces(scene.head, "Third", urgent=True)
    async with world.birge.database.writing() as db:
        await db.run(
            "UPDATE memberships SET state = 'left' WHERE community_id = :id AND role <> 'head_of_class'",
            id=scene.class_a.id,
        )
        await db.run("UPDATE announcements SET roles = 'parent' WHERE id = 3")
    await chair.taps("Agree")
    await world.tick()
    assert "nobody is left whom it was for" in scene.head.last.text


@pytest.mark.row("B6_bad_quota")
async def test_where_nobody_could_agree_it_stays_with_the_author(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'coordinator'")
    await used_up(scene)
    await scene.head.says("/announce Third")
    await scene.head.taps("Urgent")
    await scene.head.taps("Urgent", message=scene.head.last)
    assert "there is no chair who could agree" in await scene.head.taps("Send")
    await world.tick()
    assert len(await world.rows("SELECT * FROM announcements")) == 2


async def _asked(author: Talker) -> str:
    await author.says("/announce Fifth")
    return await author.taps("Urgent")


@pytest.mark.row("B6")
@pytest.mark.row("B6_bad_quota")
async def test_in_russian(world: World) -> None:
    scene = await school(world, language="ru")
    reader = scene.parents[0]
    await reader.says("/settings")
    await reader.taps("Объявления")
    assert "Объявления: раз в день, 18:00" in await reader.taps("раз в день, 18:00")
    await scene.head.says(f"/announce {TOMORROW}")
    assert "Сейчас: 3, в сводке: 1\n" in f"{scene.head.last.text}\n"
    await scene.head.taps("Отправить")
    await world.tick()
    await world.later(hours=9, seconds=5)
    assert reader.last.text.startswith("🌆 Сводка за день")
    await reader.taps("✓ 1")
    said = ""
    for number in range(3):
        await scene.head.says(f"/announce Номер {number}")
        await scene.head.taps("Срочно")
        await scene.head.taps("Срочно", message=scene.head.last)
        said = await scene.head.taps("Отправить")
    assert "Срочные объявления этого месяца закончились. Запрос отправлен: \u2068Kamran\u2069" in said
    await scene.coordinator.taps("Согласовать")
    await world.tick()
    assert "Номер 2" in reader.last.text


@pytest.mark.row("B6")
async def test_quiet_hours_that_begin_while_it_is_on_its_way(world: World) -> None:
    scene = await school(world)
    asleep = scene.parents[0]
    await sleeps(asleep)
    await world.later(hours=12, minutes=50)  # 21:50
    await scene.head.says(f"/announce {TOMORROW}")
    await scene.head.taps("Send")
    async with world.birge.database.writing() as db:
        await expand_outgoings(db, world.now)
        later = to_us(world.now + timedelta(minutes=20))  # the line is long
        await db.run("UPDATE deliveries SET not_before = :later WHERE outgoing_id IS NOT NULL", later=later)
    await world.later(minutes=15)  # 22:05
    await world.later(hours=1)
    assert is_announced(scene.parents[1])
    assert not is_announced(asleep)
    assert ("held", None) in await ledger(world)
    await world.later(hours=8)
    assert is_announced(asleep)
