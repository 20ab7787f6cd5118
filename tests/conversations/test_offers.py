"""A13: one community offers something to another, whose coordinator accepts or declines."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from domain.communities import CommunityKind
from domain.roles import Role
from tests.cast import Talker, World
from tests.conftest import on_sqlite
from tests.conversations.test_announcements import sent
from tests.conversations.test_challenges import a_challenge
from tests.conversations.test_digests import sleeps
from tests.conversations.test_meetings import called
from tests.scenes import School, add_member, community, school


@dataclass
class Neighbours:
    """School 12, whose coordinator offers, and school 7 under the same district, whose coordinator is asked."""

    scene: School
    giver: Talker
    taker: Talker


@pytest.fixture
async def near(world: World) -> Neighbours:
    scene = await school(world)
    taker = await add_member(world, scene.other_school, Role.COORDINATOR, "Nigar")
    return Neighbours(scene, scene.coordinator, taker)


async def offers(near: Neighbours, title: str, to: str = "Məktəb 7", where: int = 0) -> str:
    """The coordinator offers what her class has; what she heard last."""
    giver = near.giver
    await giver.says("/home")
    await giver.forges(f"of.new:{where or near.scene.class_a.id}")
    await giver.taps(title)
    await giver.taps(to)
    return await giver.taps("Offer it")


@pytest.mark.row("A13")
async def test_a_meeting_is_offered_accepted_answered_and_reminded_like_ones_own(
    world: World, near: Neighbours
) -> None:
    await called(near.scene, "2026-12-07 18:00 Robot day")
    assert "✓ Offered" in await offers(near, "Meeting: Robot day")
    assert "An offer for your community" in near.taker.last.text
    assert "Meeting\nFrom: \u20685A\u2069" in near.taker.last.text
    assert (
        "Robot day\u2069\nJoint meeting: \u2068Məktəb 7\u2069\nWhen: Monday, 7 December 2026, 18:00"
        in near.taker.last.text
    )
    said = await near.taker.taps("Accept")
    await world.tick()
    assert "✓ Accepted" in said
    assert "✓ Your offer was accepted." in near.giver.last.text
    parent = near.scene.outsider
    assert "Robot day" in parent.last.text
    assert "From: \u20685A\u2069" in parent.last.text
    await parent.taps("Going")
    await world.later(seconds=5)
    assert "Outsider" in await near.taker.taps("Who answered")
    await world.at(datetime.fromisoformat("2026-12-06T18:30:00+04:00"))
    assert "⏰ Reminder" in parent.last.text
    await near.scene.head.says("/meetings")
    rows = await world.rows("SELECT source FROM rsvps JOIN meetings ON meetings.id = meeting_id")
    assert [row["source"] for row in rows] == ["5A"]  # who answered there stands there alone
    number = (await world.rows("SELECT id FROM offers"))[0]["id"]
    assert "was decided already" in await near.taker.forges(f"of.no:{number}")


@pytest.mark.row("A13")
async def test_a_challenge_and_an_announcement_are_offered_and_one_declined(world: World, near: Neighbours) -> None:
    await a_challenge(near.scene)
    await sent(near.scene, "Bring old books")
    title = (await world.rows("SELECT title FROM challenges"))[0]["title"]
    await offers(near, f"Challenge: {title}")
    assert "First day: " in near.taker.last.text  # all of it, before she says yes
    await near.taker.taps("Accept")
    await world.tick()
    outsider = near.scene.outsider
    assert any("A new challenge" in m.text and "From: \u20685A" in m.text for m in outsider.messages)
    await offers(near, "Announcement: Bring old books")
    assert near.taker.messages[-2].text.endswith("Bring old books")
    assert "Sevinc" not in "".join(one.text for one in near.taker.messages)  # no name crosses: a pupil may lead
    await near.taker.taps("Decline")
    assert "not accepted this time" in near.giver.last.text
    assert not any("old books" in m.text for m in outsider.messages)
    await offers(near, "Announcement: Bring old books")
    await near.taker.taps("Accept")
    await world.tick()
    assert "📢 Məktəb 7\nFrom: \u20685A" in outsider.last.text.replace("\u2068Məktəb 7\u2069", "Məktəb 7")
    assert "Nigar" in outsider.last.text  # who let it in answers for it
    assert "✓ You have confirmed" in await outsider.taps("I have read it")


@pytest.mark.row("A13")
async def test_another_community_is_found_by_its_code_or_its_link_and_never_by_a_list(
    world: World, near: Neighbours
) -> None:
    scene = near.scene
    far_district = await community(world, scene.network, CommunityKind.DISTRICT, "Sabunçu")
    far = await community(world, far_district, CommunityKind.SCHOOL, "Məktəb 99")
    boss = await add_member(world, far, Role.COORDINATOR, "Boss")
    await called(scene, "2026-12-07 18:00 Robot day")
    await boss.says("/home")
    said = await boss.forges(f"of.code:{far.id}")
    code = said.split("Code: ")[1][:14]
    giver = near.giver
    await giver.says("/home")
    await giver.forges(f"of.new:{scene.class_a.id}")
    await giver.taps("Robot day")
    assert "Məktəb 99" not in giver.labels
    assert {"5B", "Məktəb 7"} <= set(giver.labels)
    number = (await world.rows("SELECT id FROM meetings"))[0]["id"]
    assert "can't do this here" in await giver.forges(f"of.to:{scene.class_a.id}:m:{number}:{far.id}")
    await giver.taps("By code")
    for wrong in ("0000 0000 0000", "hello", scene.class_a.name, "111111111111"):
        assert "I know no community by this code" in await giver.says(wrong)
    assert "To: \u2068Məktəb 99" in await giver.says(code)
    await giver.taps("Offer it")
    assert "An offer" in boss.last.text
    await boss.forges(f"of.code:{far.id}:new")
    assert "I know no community" in await giver.starts(f"near-{code.replace('-', '')}")
    fresh = boss.last.text.split("Code: ")[1][:14].replace("-", "")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE communities SET archived_at = 1 WHERE id = :id", id=far.id)
    assert "I know no community" in await giver.starts(f"near-{fresh}")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE communities SET archived_at = NULL WHERE id = :id", id=far.id)
    await giver.starts(f"near-{fresh}")
    await giver.taps("Məktəb 12")
    assert "nothing to offer yet" in giver.last.text


@pytest.mark.row("A13")
async def test_where_there_is_no_neighbour_the_code_is_asked_for_at_once(world: World) -> None:
    scene = await school(world)
    await scene.owner.says("/meeting 2026-12-07 18:00 Robot day")
    await scene.owner.taps("Whole: Network")
    await scene.owner.taps("Call it")
    await scene.owner.forges(f"of.new:{scene.network.id}")
    assert "“Partners”, then “Offers”, then “Our code”" in await scene.owner.taps("Robot day")
    assert scene.owner.labels == ["Cancel"]


@pytest.mark.row("A13_bad_lapses")
@pytest.mark.parametrize(
    ("language", "giver_hears", "taker_hears"),
    [
        ("en", "Nobody answered your offer in time", "Nobody answered in time, so this offer is over"),
        ("ru", "На Ваше предложение вовремя не ответили", "Вовремя никто не ответил, предложение больше не действует"),
    ],
)
async def test_an_offer_that_nobody_accepts_lapses_after_its_date_and_both_hear(
    world: World, language: str, giver_hears: str, taker_hears: str
) -> None:
    scene = await school(world, language="en")
    taker = await add_member(world, scene.other_school, Role.COORDINATOR, "Nigar", language)
    near = Neighbours(scene, scene.coordinator, taker)
    await called(scene, "2026-12-07 18:00 Robot day")
    await offers(near, "Meeting: Robot day")
    await near.giver.says("/language")
    await near.giver.taps({"en": "English", "ru": "Русский"}[language])
    old = taker.find({"en": "Accept", "ru": "Принять"}[language])
    await world.at(datetime.fromisoformat("2026-12-07T18:05:00+04:00"))
    assert giver_hears in near.giver.last.text
    assert taker_hears in taker.last.text
    number = (await world.rows("SELECT id FROM offers"))[0]["id"]
    await taker.forges(f"of.take:{number}", message=old)
    assert taker_hears in old.text
    heard = len(taker.messages), len(near.giver.messages)
    await world.later(hours=1)
    assert (len(taker.messages), len(near.giver.messages)) == heard
    assert (await world.rows("SELECT state FROM offers"))[0]["state"] == "lapsed"
    assert (await world.rows("SELECT COUNT(*) AS n FROM meetings"))[0]["n"] == 1


@pytest.mark.row("A13")
async def test_who_may_not_offer_accept_or_ask_for_a_code(world: World, near: Neighbours) -> None:
    scene = near.scene
    await called(scene, "2026-12-07 18:00 Robot day")
    await offers(near, "Meeting: Robot day")
    number = (await world.rows("SELECT id FROM offers"))[0]["id"]
    head = await add_member(world, scene.other_class, Role.HEAD_OF_CLASS, "Head")
    for one in (scene.head, head, scene.outsider, scene.parents[0], scene.pupils[0], near.giver):
        await one.says("/home")
        for data in (f"of.take:{number}", f"of.no:{number}", f"of.see:{number}"):
            assert "can't do this here" in await one.forges(data)
    for one in (near.taker, scene.head, scene.pupils[0]):
        for data in (f"of:{scene.class_a.id}", f"of.new:{scene.class_a.id}", f"of.code:{scene.class_a.id}"):
            assert "can't do this here" in await one.forges(data)
    assert "can't do this here" in await scene.parents[0].starts("near-123456789012")
    assert (await world.rows("SELECT state FROM offers"))[0]["state"] == "offered"
    assert "offered this there already" in await offers(near, "Meeting: Robot day")


@pytest.mark.row("A13")
async def test_a_meeting_that_is_moved_or_called_off_is_so_where_it_was_accepted(
    world: World, near: Neighbours
) -> None:
    await called(near.scene, "2026-12-07 18:00 Robot day")
    await offers(near, "Meeting: Robot day")
    await near.taker.taps("Accept")
    await world.tick()
    assert "Move" not in near.taker.find("Who answered").labels
    copy = (await world.rows("SELECT id FROM meetings WHERE source IS NOT NULL"))[0]["id"]
    assert "is of another community" in await near.taker.forges(f"mt.move:{copy}")
    await near.scene.head.taps("Move")
    await near.scene.head.says("2026-12-08 19:00")
    await near.scene.head.taps("Move it")
    await world.tick()
    outsider = near.scene.outsider
    assert "A meeting has a new time" in outsider.last.text
    assert "8 December 2026, 19:00" in outsider.last.text
    await near.scene.head.taps("Cancel meeting")
    await near.scene.head.taps("Yes, cancel it")
    await world.tick()
    assert "A meeting was cancelled" in outsider.last.text
    states = await world.rows("SELECT state FROM meetings")
    assert {row["state"] for row in states} == {"cancelled"}


@pytest.mark.row("A13_bad_lapses")
async def test_an_offer_of_what_is_called_off_is_over_and_a_moved_one_lasts_longer(
    world: World, near: Neighbours
) -> None:
    await called(near.scene, "2026-12-07 18:00 Robot day")
    await offers(near, "Meeting: Robot day")
    await near.scene.head.taps("Move")
    await near.scene.head.says("2026-12-09 19:00")
    await near.scene.head.taps("Move it")
    await world.at(datetime.fromisoformat("2026-12-08T18:00:00+04:00"))
    assert (await world.rows("SELECT state FROM offers"))[0]["state"] == "offered"
    await near.scene.head.taps("Cancel meeting")
    await near.scene.head.taps("Yes, cancel it")
    number = (await world.rows("SELECT id FROM offers"))[0]["id"]
    assert "This is over meanwhile" in await near.taker.forges(f"of.take:{number}")
    assert (await world.rows("SELECT state FROM offers"))[0]["state"] == "offered"
    await world.tick()
    assert "this offer is over" in near.taker.last.text
    assert (await world.rows("SELECT COUNT(*) AS n FROM meetings"))[0]["n"] == 1


@pytest.mark.row("A13")
async def test_many_things_many_neighbours_and_many_offers_fit_on_screens(world: World, near: Neighbours) -> None:
    for number in range(8):
        await called(near.scene, f"2026-12-07 18:00 Robot day {number}")
    for number in range(7):
        await offers(near, f"Robot day {number}")
    for number in range(7):
        await community(world, near.scene.school, CommunityKind.CLASS, f"6{number}")
    await near.giver.forges(f"of.new:{near.scene.class_a.id}")
    await near.giver.taps("Later")
    assert near.giver.labels == ["Meeting: Robot day 7", "Earlier", "Back"]
    await near.giver.taps("Robot day 7")
    assert len(near.giver.labels) == 10
    await near.giver.taps("More")
    await near.giver.taps("Məktəb 7")
    await near.giver.taps("Offer it")
    await near.taker.forges(f"of:{near.scene.other_school.id}")
    assert len(near.taker.labels) == 9
    await near.taker.taps("Later")  # however many came after it
    oldest = (await world.rows("SELECT title FROM offers ORDER BY id"))[0]["title"]
    await near.taker.taps(oldest)
    await near.taker.taps("Accept")
    rows = await world.rows("SELECT title FROM offers WHERE state = 'accepted'")
    assert [row["title"] for row in rows] == [oldest]


@pytest.mark.row("A13")
async def test_of_a_meeting_with_a_limit_the_other_community_gets_so_many_places(
    world: World, near: Neighbours
) -> None:
    await called(near.scene, "2026-12-07 18:00 Robot day")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE meetings SET capacity = 30")
    giver = near.giver
    await giver.says("/home")
    await giver.forges(f"of.new:{near.scene.class_a.id}")
    await giver.taps("Robot day")
    assert "How many places" in await giver.taps("Məktəb 7")
    assert "whole number" in await giver.says("some")
    assert "Places: 12" in await giver.says("12")
    await giver.taps("Offer it")
    await near.taker.taps("Accept")
    rows = await world.rows("SELECT capacity FROM meetings ORDER BY id")
    assert [row["capacity"] for row in rows] == [30, 12]


@pytest.mark.row("A13")
@pytest.mark.row("B5")
@pytest.mark.parametrize(
    ("language", "accept", "told", "ours", "done", "before"),
    [
        ("en", "Accept", "was taken back where it came from", "Delete ours too", "✓ Taken back", "taken back already"),
        (
            "kk",
            "Қабылдау",
            "жіберілген жерінде қайтарып алынды",
            "Бізден де жою",
            "✓ Қайтарып алынды",
            "қайтарып алынған",
        ),
    ],
)
async def test_who_accepted_what_is_taken_back_hears_it_and_takes_the_copy_back_with_one_tap(
    world: World, near: Neighbours, language: str, accept: str, told: str, ours: str, done: str, before: str
) -> None:
    scene, taker, reader = near.scene, near.taker, near.scene.outsider
    colleague = await add_member(world, scene.other_school, Role.COORDINATOR, "Leyla")
    await taker.forges(f"lang.is:{language}:home")
    await sent(scene, "Bring old books")
    await offers(near, "Announcement: Bring old books")
    await taker.taps(accept)
    await world.tick()
    assert "Bring old books" in reader.last.text
    await offers(near, "Announcement: Bring old books", "5B")  # nobody there has answered yet
    await scene.head.forges("a.back:1")
    await scene.head.taps("Yes, take it back")
    assert told in taker.last.text
    assert "\u20685A\u2069\nBring old books" in taker.last.text
    assert taker.labels == [ours]
    assert "Bring old books" in colleague.last.text
    await world.later(seconds=5)
    assert "Bring old books" in reader.last.text  # it is the copy of those who run the other school
    for one in (scene.head, near.giver, scene.parents[0], reader):
        assert "can't do this here" in await one.forges("a.back.yes:2")
    button = taker.last
    assert done in await taker.taps(ours)
    await world.later(seconds=5)
    assert not any("Bring old books" in one.text for one in reader.messages)
    assert before in await taker.forges("a.back.yes:2", message=button)
    assert "taken back already" in await colleague.taps("Delete ours too")
    await world.later(minutes=1)
    assert [row["state"] for row in await world.rows("SELECT state FROM offers ORDER BY id")] == ["accepted", "lapsed"]


@pytest.mark.row("A13")
@pytest.mark.row("B5")
@on_sqlite
async def test_a_copy_that_is_corrected_before_it_comes_still_says_where_it_is_from(
    world: World, near: Neighbours
) -> None:
    reader = near.scene.outsider
    await sleeps(reader)
    await sent(near.scene, "Bring old books")
    await offers(near, "Announcement: Bring old books")
    await world.later(hours=14)  # 23:00
    await near.taker.taps("Accept")
    await world.tick()
    await near.taker.forges("a.fix:2")
    await near.taker.says("Bring old books on Tuesday")
    await near.taker.taps("Correct it")
    await world.later(hours=9)
    assert "From: \u20685A" in reader.last.text
    assert reader.last.text.endswith("Bring old books on Tuesday")


CORRECTED = {
    "en": {
        "accept": "Accept",
        "told": "was corrected where it came from",
        "ours": "Correct ours too",
        "done": "Corrected. Whoever has it",
        "already": "have these words already",
        "gone": "taken back already",
    },
    "az": {
        "accept": "Qəbul et",
        "told": "göndərildiyi yerdə düzəldilib",
        "ours": "Bizdə də düzəlt",
        "done": "Düzəldildi.",
        "already": "bu mətni artıq alıb",
        "gone": "artıq geri götürülüb",
    },
}


@pytest.mark.row("A13")
@pytest.mark.row("B5")
@pytest.mark.parametrize("language", CORRECTED)
async def test_who_accepted_what_is_corrected_corrects_the_copy_with_one_tap(
    world: World, near: Neighbours, language: str
) -> None:
    scene, taker, reader = near.scene, near.taker, near.scene.outsider
    said = CORRECTED[language]
    await taker.forges(f"lang.is:{language}:home")
    await sent(scene, "Bring old books")
    await offers(near, "Announcement: Bring old books")
    await taker.taps(said["accept"])
    await world.tick()
    assert said["already"] in await taker.forges("a.same:2")
    await scene.head.forges("a.fix:1")
    await scene.head.says("Bring old books on Tuesday")
    await scene.head.taps("Correct it")
    assert said["told"] in taker.last.text
    assert taker.last.text.endswith("From: \u20685A\u2069\nBring old books on Tuesday".split("\n")[1])
    await world.later(seconds=5)
    assert "Tuesday" not in reader.last.text
    for one in (scene.head, near.giver, scene.parents[0], reader):
        assert "can't do this here" in await one.forges("a.same:2")
    assert "can't do this here" in await near.giver.forges("a.same:1")  # no copy
    assert said["done"] in await taker.taps(said["ours"])
    await world.later(seconds=5)
    card = next(one for one in reader.messages if one.text.startswith("✏️ Corrected"))
    assert card.text.endswith("Bring old books on Tuesday")
    assert "From: \u20685A" in card.text
    await scene.head.forges("a.back:1")
    await scene.head.taps("Yes, take it back")
    assert said["gone"] in await taker.forges("a.same:2")


@pytest.mark.row("A13")
@pytest.mark.parametrize(
    ("language", "hears"), [("en", "✓ Your offer was accepted."), ("az", "✓ Təklifiniz qəbul edildi.")]
)
async def test_who_runs_the_community_by_now_hears_what_became_of_its_offer(
    world: World, near: Neighbours, language: str, hears: str
) -> None:
    scene = near.scene
    await called(scene, "2026-12-07 18:00 Robot day")
    await offers(near, "Meeting: Robot day")
    after_her = await add_member(world, scene.school, Role.COORDINATOR, "Aynur", language)
    await near.giver.says("/home")
    await near.giver.forges(f"c.down:{scene.school.id}")
    await near.giver.taps("Coordinator")
    heard = len(near.giver.messages)
    await near.taker.taps("Accept")
    assert hears in after_her.last.text
    assert len(near.giver.messages) == heard  # she left
