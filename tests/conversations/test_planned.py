"""B5: sent at its hour, listed until then, moved or called off."""

from datetime import UTC, datetime, timedelta

import pytest

import storage.communities
from domain.roles import Role
from domain.times import to_us
from tests.cast import Talker, World
from tests.conversations.test_announcements import TOMORROW, card_of, is_announced, leave, ledger
from tests.conversations.test_campaigns import planned as campaign
from tests.conversations.test_campaigns import with_post
from tests.scenes import School, add_member, school

AT_SIX = "tomorrow at 18:00"


async def planned(scene: School, at: str = AT_SIX, author: Talker | None = None) -> str:
    """The head of 5A plans it for an hour; what she is told."""
    author = author or scene.head
    await author.says(f"/announce {TOMORROW}")
    await author.taps("Schedule")
    await author.says(at)
    return await author.taps("Schedule")


@pytest.mark.row("B5")
async def test_it_is_shown_among_what_is_planned_and_goes_out_at_its_hour(world: World) -> None:
    scene = await school(world)
    await scene.head.says(f"/announce {TOMORROW}")
    assert "\n\n4 now" in scene.head.last.text
    assert "On which day?" in await scene.head.taps("Schedule")
    assert "It goes out: Wednesday, 2 December 2026, 18:00" in await scene.head.says(AT_SIX)
    assert "\n\n4 at that hour" in scene.head.last.text
    assert scene.head.labels[:2] == ["Schedule", "Another time"]
    await scene.head.taps("Another time")
    assert "It goes out" not in await scene.head.taps("Send at once")
    assert scene.head.labels[:2] == ["Send", "Schedule"]
    await scene.head.taps("Schedule")
    await scene.head.says(AT_SIX)
    assert "Planned: \u2068Məktəb 12 › 5A" in await scene.head.taps("Schedule")
    await planned(scene, "3 December 9:00")
    await world.later(hours=1)
    assert await ledger(world) == []
    said = await scene.head.says("/announce")
    assert "2 announcements are planned." in said
    assert "Please send me a text" in said
    listed = await scene.head.taps("What is planned")
    assert "1. Wednesday, 2 December 2026, 18:00" in listed
    assert "2. Thursday, 3 December 2026, 09:00" in listed
    await scene.head.says("/cancel")
    await world.later(hours=33)
    await world.later(seconds=4)
    assert is_announced(scene.parents[0])
    assert "Sent 4 of 4" in card_of(scene.head).text
    assert len(await ledger(world)) == 4
    await world.later(seconds=30)
    assert len(await ledger(world)) == 4  # once


@pytest.mark.row("B5")
async def test_what_is_planned_can_be_moved_or_called_off(world: World) -> None:
    scene = await school(world)
    await planned(scene)
    card = scene.head.last
    assert "On which day?" in await scene.head.taps("Change the time")
    assert "Friday, 4 December 2026, 10:00" in await scene.head.says("4 December 10:00")
    assert "Shall I call it off?" in await scene.head.taps("Call it off", message=scene.head.last)
    assert "Planned" in await scene.head.taps("Keep it")
    await scene.head.taps("Call it off", message=scene.head.last)
    assert "Called off" in await scene.head.taps("Yes, call off")
    for data in ("a.off.yes:1", "a.off:1", "a.see:1", "a.time:1"):
        assert "no longer planned" in await scene.head.forges(data, message=card)
    await world.later(days=4)
    assert await ledger(world) == []
    for one in (scene.parents[0], scene.outsider):
        assert "can't do this here" in await one.forges("a.plan:5", message=one.last)


SAID = {
    "en": ("Change the text", "Leave it", "Correct it", "Change the time", "Schedule"),
    "ru": ("Изменить текст", "Оставить", "Исправить", "Изменить время", "Запланировать"),
}


@pytest.mark.row("B5")
@pytest.mark.parametrize(
    ("language", "words", "time"),
    [
        ("en", "Somebody else has changed this announcement", "Somebody else has changed the time"),
        ("ru", "Тем временем это объявление изменил кто-то другой", "время изменил кто-то другой"),
    ],
)
async def test_of_two_who_change_it_the_second_hears_so_and_sees_what_the_first_one_made(
    world: World, language: str, words: str, time: str
) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Chair", language)
    change, _, correct, _, _ = SAID[language]
    await planned(scene)
    number = (await world.rows("SELECT id FROM announcements"))[0]["id"]
    await scene.head.forges(f"a.fix:{number}")
    await scene.head.says("Tomorrow at 10")
    await chair.forges(f"a.fix:{number}")
    await chair.says("Tomorrow at 11")
    await scene.head.taps("Correct it")
    heard = await chair.taps(correct)
    assert words in heard
    assert "Tomorrow at 10" in heard
    assert chair.labels == [change]
    await chair.taps(change)  # having read that, she may change it
    await chair.says("Tomorrow at 11")
    await chair.taps(correct)
    await scene.head.forges(f"a.time:{number}")
    await chair.forges(f"a.time:{number}")
    await scene.head.says("4 December 10:00")
    assert time in await chair.says("05.12.2026 10:00")
    [row] = await world.rows("SELECT words, due_at FROM announcements")
    assert row["words"] == "Tomorrow at 11"
    assert row["due_at"] == to_us(datetime(2026, 12, 4, 6, tzinfo=UTC))


@pytest.mark.row("B5")
async def test_an_old_button_to_a_page_that_is_no_more_shows_what_is_still_planned(world: World) -> None:
    scene = await school(world)
    for hour in range(10, 17):
        await planned(scene, f"3 December {hour}:00")
    card = scene.head.last
    await scene.head.says("/announce")
    await scene.head.taps("What is planned")
    first = scene.head.last
    assert scene.head.labels == [*map(str, range(1, 7)), "Later"]
    await scene.head.forges("a.off.yes:1", message=card)
    assert "6. Thursday, 3 December 2026, 16:00" in await scene.head.taps("Later", message=first)


@pytest.mark.row("B5_bad_past")
async def test_a_time_in_the_past_is_refused(world: World) -> None:
    scene = await school(world)
    await scene.head.says(f"/announce {TOMORROW}")
    await scene.head.taps("Schedule")
    assert "This time is past already." in await scene.head.says("30 November 2026 18:00")
    await scene.head.says("today at 10:00")
    await world.later(hours=2)
    assert "This time is past by now." in await scene.head.taps("Schedule")
    assert await world.rows("SELECT * FROM announcements") == []
    assert "On which day?" in await scene.head.taps("Another time")  # nothing is lost


@pytest.mark.row("B5")
async def test_who_lost_her_right_meanwhile_sends_nothing_and_the_coordinator_hears_of_it(world: World) -> None:
    scene = await school(world)
    await planned(scene)
    await leave(world, scene.head)
    await world.later(hours=34)
    assert await ledger(world) == []
    assert "its author no longer leads this community" in scene.coordinator.last.text
    assert TOMORROW in scene.coordinator.last.text
    assert scene.coordinator.labels == ["Announce"]


@pytest.mark.row("B5")
async def test_an_audience_that_is_gone_by_then(world: World) -> None:
    scene = await school(world, parents=0, pupils=1)
    await scene.head.says("/announce")
    await scene.head.says(TOMORROW)
    await scene.head.taps("Pupils")
    await scene.head.taps("Schedule")
    await scene.head.says(AT_SIX)
    await scene.head.taps("Schedule")
    await leave(world, scene.pupils[0])
    await world.later(hours=34)
    assert "nobody is left whom it was for" in scene.head.last.text


@pytest.mark.row("B5")
@pytest.mark.row("B5_bad_past")
async def test_in_azerbaijani(world: World) -> None:
    scene = await school(world, language="az")
    await scene.head.says("/announce Sabah dərs saat 9-da başlayır")
    await scene.head.taps("Planlaşdır")
    assert "Bu vaxt artıq keçib." in await scene.head.says("30 noyabr 2026 18:00")
    await scene.head.says("sabah saat 18:00")
    assert "🗓 Planlaşdırılıb" in await scene.head.taps("Planlaşdır")
    await scene.head.taps("Mətni dəyiş")
    await scene.head.says("Sabah dərs saat 10-da başlayır")
    await scene.head.taps("Düzəlt")
    await world.later(hours=34)
    await world.later(seconds=4)
    assert scene.parents[0].last.text.endswith("saat 10-da başlayır")
    card = next(one for one in scene.head.messages if "Hamıdan sil" in one.labels)
    await scene.head.taps("Mətni dəyiş", message=card)
    await scene.head.says("Sabah dərs yoxdur")
    await scene.head.taps("Düzəlt")
    await world.later(seconds=5)
    assert scene.parents[0].last.text.startswith("✏️ Düzəldilib")
    await scene.head.taps("Hamıdan sil", message=card)
    assert "Geri götürüldü" in await scene.head.taps("Bəli, geri götür")
    await world.later(seconds=5)
    assert not any("Sabah dərs" in one.text for one in scene.parents[0].messages)


@pytest.mark.row("B5")
@pytest.mark.row("B7")
@pytest.mark.parametrize(
    ("language", "heading", "of_campaign", "at", "change"),
    [
        ("en", "What is planned: ", "Campaign: ", "Monday, 7 December 2026, 10:00", "Change it"),
        ("ru", "Что запланировано: ", "Кампания: ", "понедельник, 7 декабря 2026", "Изменить"),
    ],
)
async def test_the_posts_of_campaigns_stand_there_too_and_lead_to_where_they_are_changed(
    world: World, language: str, heading: str, of_campaign: str, at: str, change: str
) -> None:
    scene = await school(world)
    boss = await add_member(world, scene.class_a, Role.COORDINATOR, "Boss")
    await campaign(boss)
    await with_post(boss)
    await planned(scene)
    await boss.forges(f"lang.is:{language}:home")
    listed = await boss.forges(f"a.plan:{scene.class_a.id}")
    assert listed.startswith(f"{heading}\u20685A\u2069\n\n1. ")
    assert TOMORROW in listed
    assert f"\n2. {at}" in listed
    assert f"{of_campaign}\u2068Week of Kindness\u2069\n\u2068Help somebody today\u2069" in listed
    await boss.taps("2")
    assert change in boss.labels
    of_head = await scene.head.forges(f"a.plan:{scene.class_a.id}")  # who may not change it does not see it before
    assert TOMORROW in of_head
    assert "Help somebody" not in of_head
    await boss.forges("cp.pause:1")
    assert "Help somebody" not in await boss.forges(f"a.plan:{scene.class_a.id}")


@pytest.mark.row("B5")
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Your planned announcement was not sent: its time had passed."),
        ("az", "Planlaşdırılmış elanınız göndərilmədi: vaxtı keçmişdi."),
    ],
)
async def test_what_could_not_go_until_long_after_its_hour_goes_no_more(world: World, language: str, told: str) -> None:
    scene = await school(world)
    await planned(scene)  # it says “tomorrow”
    await scene.head.forges(f"lang.is:{language}:home")
    await world.at(world.now + timedelta(hours=33 + 13))  # the bot was down meanwhile
    assert await ledger(world) == []
    assert scene.head.last.text.startswith(told)
    assert TOMORROW in scene.head.last.text
    assert len(scene.head.labels) == 1


@pytest.mark.row("B5")
@pytest.mark.row("B7")
async def test_what_was_planned_before_a_new_school_year_comes_from_the_class_as_it_is_called_now(world: World) -> None:
    scene = await school(world)
    await planned(scene)
    coordinator = await add_member(world, scene.class_a, Role.COORDINATOR, "Boss")
    await campaign(coordinator)
    await with_post(coordinator)
    async with world.birge.database.writing() as db:
        await storage.communities.save_name(db, scene.class_a.id, "6A")
    await world.later(days=1, hours=10)
    assert scene.parents[0].last.text.startswith("📢 \u2068Məktəb 12 › 6A\u2069\n")
    assert "Your announcement: \u2068Məktəb 12 › 6A\u2069" in card_of(scene.head).text
    await world.later(days=5)
    assert scene.parents[0].last.text.startswith("📢 \u2068Məktəb 12 › 6A · Week of Kindness\u2069\n")
