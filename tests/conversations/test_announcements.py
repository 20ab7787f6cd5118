"""B1–B3: said once, with a preview of its reach; every recipient in a ledger; confirmed, and the rest reminded."""

from typing import Any

import pytest

import storage.chats
import storage.communities
import storage.persons
from domain.requests import Community
from domain.roles import Role
from domain.times import to_us
from sandbox import Call, Chat, Fault, Message
from tests.cast import Talker, World
from tests.papers import page_count
from tests.scenes import School, add_member, person_id_of, school

TOMORROW = "Tomorrow school begins at 9"
OWN = ["Change the text", "Delete for all"]  # on the card of its author, always
PHOTO = ("plan.jpg", b"\xff\xd8\xff\xe0 a picture", "image/jpeg")


async def written(author: Talker, words: str = TOMORROW, whom: str = "Everybody") -> str:
    """The form up to the preview."""
    await author.says("/announce")
    await author.says(words)
    return await author.taps(whom)


async def sent(scene: School, words: str = TOMORROW, whom: str = "Everybody") -> str:
    """Sent to class 5A by its head; returns the head's card."""
    await written(scene.head, words, whom)
    await scene.head.taps("Send")
    await scene.world.tick()
    await scene.world.later(seconds=4)
    return card_of(scene.head).text


def card_of(author: Talker) -> Message:
    """The author's live card."""
    return next(one for one in author.messages if one.text.startswith("Your announcement"))


def said_of(world: World, method: str, words: str) -> list[Call]:
    return [call for call in world.sandbox.calls_of(method) if words in str(call.params)]


def has_picture(talker: Talker) -> bool:
    return talker.last.media is not None


def is_announced(talker: Talker) -> bool:
    return any(message.text.startswith("📢") and message.labels for message in talker.messages)


def post_in(group: Chat) -> Message:
    return next(message for message in reversed(group.visible) if message.text.startswith("📢"))


async def mark(world: World, talker: Talker, why: str) -> None:
    async with world.birge.database.writing() as db:
        await storage.persons.mark_unreachable(db, "telegram", str(talker.person.id), why)


async def leave(world: World, talker: Talker) -> None:
    person_id = await person_id_of(world, talker)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE person_id = :id", id=person_id)


async def group_of(world: World, community: Community, creator: Talker, members: list[Talker]) -> Chat:
    """A group chat that is bound to the community."""
    group = world.group(community.name, creator, members)
    world.sandbox.adds_bot(creator.person, group)
    await world.settle()
    async with world.birge.database.writing() as db:
        chat = await storage.chats.save(db, "telegram", str(group.id), community.name)
        await storage.chats.bind(db, chat.id, community.id)
    return group


async def ledger(world: World) -> list[tuple[str, str | None]]:
    rows = await world.rows("SELECT state, reason FROM deliveries WHERE outgoing_id IS NOT NULL ORDER BY person_id")
    return [(row["state"], row["reason"]) for row in rows]


# --- B1: written, previewed, sent -------------------------------------------------------------------------------------


@pytest.mark.row("B1")
async def test_the_preview_shows_it_as_it_will_look_and_whom_it_reaches(world: World) -> None:
    scene = await school(world, parents=4)
    await mark(world, scene.parents[0], "blocked")
    await mark(world, scene.parents[1], "never_started")
    await mark(world, scene.parents[2], "never_started")
    await written(scene.head, f"{TOMORROW} <b>sharp</b> & dry")
    *_, preview, review = scene.head.messages
    look = f"📢 \u2068Məktəb 12 › 5A\u2069\nHead of class: \u2068Sevinc\u2069\n\n{TOMORROW} <b>sharp</b> & dry"
    assert preview.text == look
    assert preview.labels == ["✓ I have read it"]
    assert "Above you see how it will look.\nFor: Everybody" in review.text
    assert "\n3 now, 1 blocked the bot, 2 never started the bot\n" in f"{review.text}\n"
    assert review.labels == ["Send", "Schedule", "Urgent", "Back", "Cancel"]
    assert "only the preview" in await scene.head.taps("I have read it")
    assert await world.rows("SELECT * FROM announcements") == []
    await scene.head.taps("Send")
    await world.tick()
    assert scene.parents[3].last.text == look  # the same, to the letter
    assert scene.parents[3].last.labels == ["✓ I have read it"]


@pytest.mark.row("B1")
async def test_one_line_goes_straight_to_the_preview_and_back_opens_the_questions(world: World) -> None:
    scene = await school(world)
    said = await scene.head.says(f"/announce {TOMORROW}")
    assert TOMORROW in said
    assert "For: Everybody" in said
    assert "Who is it for?" in await scene.head.taps("Back")
    assert "For: Parents" in await scene.head.taps("Parents", message=scene.head.last)
    await scene.head.taps("Back")
    assert "Please send me a text" in await scene.head.taps("Back")
    await scene.head.says("Another text")
    assert "Another text" in await scene.head.taps("Pupils and parents")
    await scene.head.taps("Cancel")
    await world.tick()
    assert scene.parents[0].messages[1:] == []


@pytest.mark.row("B1")
async def test_those_above_choose_the_community_and_are_shown_with_their_role(world: World) -> None:
    scene = await school(world)
    await scene.coordinator.says(f"/announce {TOMORROW}")
    assert "Məktəb 12\u2069\nCoordinator: " in await scene.coordinator.taps("Whole: School")
    await scene.coordinator.taps("Send")
    await world.tick()
    reached = [scene.coordinator, scene.head, *scene.parents, *scene.pupils]
    assert [TOMORROW in one.messages[-1].text or TOMORROW in one.messages[-2].text for one in reached] == [True] * 5
    assert len(await ledger(world)) == 5
    assert TOMORROW not in scene.outsider.last.text


@pytest.mark.row("B1")
async def test_home_has_a_button_for_those_who_may(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/home")
    assert "An announcement" in await scene.head.taps("Announce")
    await scene.coordinator.says("/home")
    assert "Which one is it for?" in await scene.coordinator.taps("Announce")
    assert "An announcement for: \u2068Məktəb 12 › 5B\u2069" in await scene.coordinator.taps("5B")
    await scene.parents[0].says("/home")
    assert not any("Announce" in label for label in scene.parents[0].labels)
    assert "can't do this" in await scene.parents[0].says("/announce Holidays!")
    assert "can't do this" in await scene.parents[0].forges("announce")


@pytest.mark.row("B1")
@pytest.mark.parametrize(
    ("whom", "who"),
    [
        ("Everybody", ["Parent0", "Pupil0", "Sevinc"]),
        ("Pupils", ["Pupil0"]),
        ("Parents", ["Parent0"]),
        ("Teachers", ["Sevinc"]),
        ("Pupils and parents", ["Parent0", "Pupil0"]),
        ("Parents and teachers", ["Parent0", "Sevinc"]),
        ("Pupils and teachers", ["Pupil0", "Sevinc"]),
    ],
)
async def test_an_audience_of_one_or_several_parties(world: World, whom: str, who: list[str]) -> None:
    scene = await school(world, parents=1)
    await scene.head.says("/announce")
    await scene.head.says(TOMORROW)
    assert whom in scene.head.labels
    await scene.head.taps(whom, message=scene.head.last)
    await scene.head.taps("Send")
    await world.tick()
    told = await world.rows(
        """SELECT memberships.called FROM deliveries JOIN memberships USING (person_id)
           WHERE outgoing_id IS NOT NULL AND deliveries.state = 'sent' ORDER BY called"""
    )
    assert [row["called"] for row in told] == who
    assert [is_announced(one) for one in (*scene.parents, *scene.pupils)] == ["Parent0" in who, "Pupil0" in who]


@pytest.mark.row("B1")
@pytest.mark.parametrize("medium", ["photo", "video", "document"])
async def test_a_photo_a_video_or_a_file_goes_with_its_caption(world: World, medium: str) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    given: dict[str, Any] = {medium: PHOTO}
    await scene.head.says("The <i>plan</i>", **given)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.tick()
    message = scene.parents[0].last
    assert message.media is not None
    assert message.media.kind == medium
    assert message.text.endswith("\n\nThe <i>plan</i>")
    [row] = await world.rows("SELECT media_kind, media_channel FROM announcements")
    assert tuple(row) == (medium, "telegram")
    await scene.parents[0].taps("I have read it")  # the caption is edited, the picture stays
    assert scene.parents[0].last.text.endswith("You have confirmed that you read this.")
    assert has_picture(scene.parents[0])


@pytest.mark.row("B1")
async def test_a_picture_needs_no_words(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    await scene.head.says(photo=PHOTO)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.later(seconds=4)
    assert scene.parents[0].last.text == "📢 \u2068Məktəb 12 › 5A\u2069\nHead of class: \u2068Sevinc\u2069"
    assert card_of(scene.head).text.startswith("Your announcement: \u2068Məktəb 12 › 5A\u2069\n\nSent")


@pytest.mark.row("B1")
async def test_the_group_gets_one_silent_post_and_only_when_it_is_for_everybody(world: World) -> None:
    scene = await school(world)
    group = await group_of(world, scene.class_a, scene.head, scene.parents)
    other = await group_of(world, scene.class_b, scene.head, [])
    before, elsewhere = len(group.visible), len(other.visible)
    assert "It will also appear in 1 group chat." in await written(scene.head)
    await scene.head.taps("Send")
    await world.tick()
    [post] = group.visible[before:]
    assert post.silent
    assert TOMORROW in post.text
    assert post.labels == ["✓ I have read it"]
    assert "group chat" not in await written(scene.head, whom="Parents")
    await scene.head.taps("Send")
    await world.tick()
    assert len(group.visible) == before + 1
    assert len(other.visible) == elsewhere


@pytest.mark.row("B1")
async def test_everybody_reads_the_frame_in_the_own_language(world: World) -> None:
    scene = await school(world)
    await scene.parents[0].forges("lang.is:ru:settings", message=scene.parents[0].last)
    await sent(scene)
    assert await ledger(world) == [("sent", None)] * 4
    bodies = await world.rows("SELECT language FROM outgoing_bodies ORDER BY language")
    assert [row["language"] for row in bodies] == ["en", "ru"]


# --- B1: bad input ----------------------------------------------------------------------------------------------------


@pytest.mark.row("B1_bad_empty")
@pytest.mark.parametrize("nothing", ["\u200b\u200b", "\u2800 \u3164", "\u200d\ufe0f"])
async def test_an_empty_text_is_asked_for_again(world: World, nothing: str) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    assert "This text is empty" in await scene.head.says(nothing)
    assert "Who is it for?" in await scene.head.says(TOMORROW)
    await scene.head.says("/cancel")
    assert "This text is empty" in await scene.head.says(f"/announce {nothing}x"[:-1])


@pytest.mark.row("B1_bad_empty")
@pytest.mark.parametrize("what", ["sticker", "voice", "video_note", "audio", "location"])
async def test_what_can_t_be_announced_is_asked_for_again(world: World, what: str) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    odd: dict[str, Any] = {"sticker": True, "location": (40.4, 49.8)}
    given = {what: odd.get(what, ("a", b"sound", None))}
    assert "a text, a photo, a video or a file" in await scene.head.says(**given)
    assert "Who is it for?" in await scene.head.says(TOMORROW)
    assert "tap one of the buttons" in await scene.head.says("Parents, please")


@pytest.mark.row("B1_bad_too_long")
async def test_what_does_not_fit_is_refused_with_the_limit_before_sending(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    said = await scene.head.says("a" * 4096)
    most = int(said.split("room for ")[1].split()[0])
    assert "your text has 4096" in said
    assert f"room for {most}" in await scene.head.says("a" * (most + 1))
    assert f"your text has {most + 2}" in await scene.head.says("a" * most + "😀")  # an emoji counts twice
    assert "Who is it for?" in await scene.head.says("a" * most)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.tick()
    assert "a" * most in scene.parents[0].last.text


@pytest.mark.row("B1_bad_too_long")
async def test_under_a_photo_there_is_less_room_and_the_longest_still_fits_when_confirmed(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    said = await scene.head.says("a" * 1024, photo=PHOTO)
    assert "under a photo, video or file" in said
    most = int(said.split("room for ")[1].split()[0])
    await scene.head.says("a" * most, photo=PHOTO)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.tick()
    await scene.parents[0].taps("I have read it")
    assert scene.parents[0].last.text.endswith("confirmed that you read this.")


@pytest.mark.row("B1_bad_no_one")
async def test_an_audience_of_nobody_is_said_before_sending(world: World) -> None:
    scene = await school(world, pupils=0)
    assert "Nobody has joined yet: Pupils" in await written(scene.head, whom="Pupils")
    assert TOMORROW in await scene.head.taps("Parents", message=scene.head.find("Everybody"))  # the question is open
    await scene.coordinator.says(f"/announce {TOMORROW}")
    assert "Nobody has joined yet" in await scene.coordinator.taps("5B")
    assert await world.rows("SELECT * FROM announcements") == []


@pytest.mark.row("B1_bad_no_one")
async def test_an_audience_that_left_between_preview_and_sending(world: World) -> None:
    scene = await school(world, pupils=1)
    await written(scene.head, whom="Pupils")
    await leave(world, scene.pupils[0])
    assert "Nobody has joined yet" in await scene.head.taps("Send")
    assert await world.rows("SELECT * FROM announcements") == []


@pytest.mark.row("B1_bad_double_tap")
async def test_two_taps_on_send_send_once(world: World) -> None:
    scene = await school(world)
    await written(scene.head)
    review = scene.head.last
    world.sandbox.taps(scene.head.person, review, "Send")
    world.sandbox.taps(scene.head.person, review, "Send")
    await world.settle()
    await world.tick()
    assert len(await world.rows("SELECT * FROM announcements")) == 1
    assert len(await ledger(world)) == 4
    assert [TOMORROW in one.text for one in scene.parents[0].messages].count(True) == 1
    assert review.labels == []


@pytest.mark.row("B1_bad_double_tap")
@pytest.mark.row("ANY_bad_year_old_button")
async def test_an_old_send_button_sends_nothing(world: World) -> None:
    scene = await school(world)
    await written(scene.head)
    review = scene.head.last
    await scene.head.says("/cancel")
    await world.later(days=365)
    assert "belongs to an earlier question" in await scene.head.taps("Send", message=review)
    assert await world.rows("SELECT * FROM announcements") == []


@pytest.mark.row("ANY_bad_same_update_twice")
async def test_every_update_twice_sends_and_counts_once(world: World) -> None:
    scene = await school(world)
    world.sandbox.redeliver = True
    await sent(scene)
    await scene.parents[0].taps("I have read it")
    await world.later(seconds=4)
    assert "Sent 4 of 4 · Confirmed 1 of 4" in card_of(scene.head).text
    assert len(await world.rows("SELECT * FROM announcements")) == 1


# --- B2: the ledger ---------------------------------------------------------------------------------------------------


@pytest.mark.row("B2")
async def test_each_recipient_has_a_row_with_what_became_of_it(world: World) -> None:
    scene = await school(world, parents=3)
    await mark(world, scene.parents[0], "never_started")
    world.sandbox.faults.append(
        Fault("sendMessage", chat_id=scene.parents[1].person.id, status=403, description="bot was blocked by the user")
    )
    await written(scene.head)
    await scene.head.taps("Send")
    assert "Sent 0 of 5 · Confirmed 0 of 5" in scene.head.last.text
    await world.tick()
    assert sorted(await ledger(world), key=str) == [
        ("failed", "blocked"),
        ("failed", "never_started"),
        ("sent", None),
        ("sent", None),
        ("sent", None),
    ]
    await world.later(seconds=4)
    card = card_of(scene.head)
    assert "Sent 3 of 5 · Confirmed 0 of 5\nNot reached: 2" in card.text
    assert TOMORROW in card.text
    assert card.labels == ["Not reached", "Remind the rest", *OWN]


@pytest.mark.row("B2")
async def test_the_author_s_card_is_edited_at_most_once_in_three_seconds(world: World) -> None:
    scene = await school(world, parents=6)
    await sent(scene)
    before = len(said_of(world, "editMessageText", "Your announcement"))
    card = card_of(scene.head)
    for parent in scene.parents:
        await parent.taps("I have read it")
        await world.birge.scheduler.run_all()
    await world.settle()
    await world.later(seconds=4)
    assert "Confirmed 6 of 8" in card.text
    edits = said_of(world, "editMessageText", "Your announcement")[before:]
    assert len(edits) <= 2
    await world.later(seconds=4)
    await world.later(seconds=4)
    after = said_of(world, "editMessageText", "Your announcement")[before:]
    assert len(after) == len(edits)  # nothing has changed: nothing is edited


@pytest.mark.row("B2")
@pytest.mark.row("B3")
@pytest.mark.row("B3_bad_non_recipient")
async def test_who_got_it_who_read_it_and_who_is_reminded_in_kazakh(world: World) -> None:
    scene = await school(world, parents=3, language="kk")
    await mark(world, scene.parents[2], "blocked")
    await scene.head.says("/announce Ертең 10-нан басталады")
    await scene.head.taps("Жіберу")
    await world.tick()
    reader, silent, _ = scene.parents
    assert "✓ Оқығаныңызды растадыңыз." in await reader.taps("✓ Оқып шықтым")
    [announcement] = await world.rows("SELECT id FROM announcements")
    await scene.outsider.says("/home")
    refused = await scene.outsider.forges(f"a.ok:{announcement['id']}")
    assert refused == "Бұл хабарландыру Сізге жіберілмеген, сондықтан оны растаудың қажеті жоқ."
    await world.later(seconds=4)
    card = next(one for one in scene.head.messages if "Қалғанына еске салу" in one.labels)
    assert "Жіберілді: 4 / 5 · Растады: 1 / 5\nЖетпеді: 1" in card.text
    assert "Parent2\u2069 (\u20685A\u2069)" in await scene.head.taps("Кімге жетпеді", message=card)
    await scene.head.taps("Қалғанына еске салу", message=card)
    await scene.head.taps("Еске салу")
    await world.tick()
    assert "🔔 Еске саламын: оқығаныңызды растаңызшы." in silent.last.text
    assert "🔔" not in reader.last.text


@pytest.mark.row("B2")
async def test_old_announcements_are_no_longer_counted(world: World) -> None:
    scene = await school(world)
    await sent(scene)
    await world.later(days=15)
    shown = card_of(scene.head).text
    await scene.parents[0].taps("I have read it")
    await world.later(seconds=4)
    assert card_of(scene.head).text == shown
    assert len(await world.rows("SELECT * FROM announcement_confirmations")) == 1


@pytest.mark.row("B2")
async def test_the_list_of_those_not_reached_names_them_as_their_class_does(world: World) -> None:
    scene = await school(world, parents=5)
    for parent, why in zip(scene.parents, ["blocked", "never_started", "deactivated", "removed", "odd"], strict=True):
        await mark(world, parent, why)
    await sent(scene)
    await leave(world, scene.parents[4])
    said = await scene.head.taps("Not reached")
    assert said.replace("\u2068", "").replace("\u2069", "").splitlines() == [
        "Not reached: Məktəb 12 › 5A",
        "Parent0 (5A): the bot is blocked",
        "Parent1 (5A): the bot was never started",
        "Parent2 (5A): the account is gone",
        "Parent3 (5A): the account is gone",
        "Somebody who is no longer a member: the messenger refused the message",
    ]
    await scene.head.taps("As a file to print")
    media = scene.head.last.media
    assert media is not None
    assert media.name == "not-reached.pdf"
    assert page_count(media.data) == 1
    assert "Parent0" not in str(await world.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT 1"))  # sealed


@pytest.mark.row("B2")
async def test_a_long_list_has_pages(world: World) -> None:
    scene = await school(world, parents=0)
    async with world.birge.database.writing() as db:
        for number in range(32):
            known = await storage.persons.meet(db, "telegram", str(9_000 + number), "en", "Asia/Baku")
            await storage.persons.mark_unreachable(db, "telegram", str(9_000 + number), "never_started")
            await storage.communities.add_member(
                db, known.person.id, scene.class_a.id, Role.PARENT, f"Parent {number:02}", world.now
            )
    await sent(scene)
    first = await scene.head.taps("Not reached")
    assert first.count("never started") == 15
    assert scene.head.labels == ["Next ›", "As a file to print"]
    second = await scene.head.taps("Next ›")
    assert "Parent 15" in second
    assert scene.head.labels == ["‹ Previous", "Next ›", "As a file to print"]
    last = await scene.head.taps("Next ›")
    assert last.count("never started") == 2
    assert scene.head.labels == ["‹ Previous", "As a file to print"]
    assert "Parent 15" in await scene.head.taps("‹ Previous")
    assert "Parent 00" in await scene.head.forges(f"a.lost.page:1:{10**17}")  # such a page is no more


# --- B3: read, and the rest -------------------------------------------------------------------------------------------


@pytest.mark.row("B3")
async def test_a_reader_confirms_once_and_her_card_says_so(world: World) -> None:
    scene = await school(world)
    await sent(scene)
    said = await scene.parents[0].taps("I have read it")
    assert TOMORROW in said
    assert "You have confirmed that you read this." in said
    assert scene.parents[0].labels == []
    assert "already" in await scene.parents[0].forges("a.ok:1")  # the same tap, out of order
    await world.later(seconds=4)
    assert "Confirmed 1 of 4" in card_of(scene.head).text


@pytest.mark.row("B3")
async def test_a_tap_counts_once_in_the_group_and_in_private(world: World) -> None:
    scene = await school(world)
    group = await group_of(world, scene.class_a, scene.head, scene.parents)
    await sent(scene)
    post = post_in(group)
    assert "You are counted" in await scene.parents[0].taps("I have read it", group)
    assert "You have confirmed" in scene.parents[0].last.text  # her private card, too
    assert "already" in await scene.parents[0].taps("I have read it", group)
    await scene.parents[1].taps("I have read it")
    await world.later(seconds=4)
    assert "✓ Read by 2 of 4" in post.text
    assert post.labels == ["✓ I have read it"]
    assert "Confirmed 2 of 4" in card_of(scene.head).text
    assert len(await world.rows("SELECT * FROM announcement_confirmations")) == 2


@pytest.mark.row("B3")
async def test_whoever_taps_in_the_group_before_her_own_copy_comes_is_counted(world: World) -> None:
    scene = await school(world)
    group = await group_of(world, scene.class_a, scene.head, [*scene.parents, scene.outsider])
    await written(scene.head)
    await scene.head.taps("Send")
    assert await ledger(world) == []  # no job has looked yet
    assert "You are counted" in await scene.parents[0].taps("I have read it", group)
    assert "not sent to you" in await scene.outsider.taps("I have read it", group)
    await world.later(seconds=4)
    assert "Confirmed 1 of 4" in card_of(scene.head).text
    assert "already" in await scene.parents[0].taps("I have read it")
    assert scene.parents[0].labels == []


@pytest.mark.row("B3")
async def test_a_copy_that_still_waits_keeps_its_picture_when_it_is_confirmed_in_the_group(world: World) -> None:
    scene = await school(world)
    group = await group_of(world, scene.class_a, scene.head, scene.parents)
    await scene.head.says("/announce")
    await scene.head.says("The plan", photo=PHOTO)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    address = str(scene.parents[0].person.id)
    async with world.birge.database.writing() as db:
        known = (await storage.persons.identify(db, "telegram", [address], world.now))[address]
        await db.run(
            "INSERT INTO pauses (place_mark, since, until) VALUES (:mark, 0, :until)",
            mark=db.vault.mark("place", known.identity.place),
            until=to_us(world.now) + 3_600_000_000,
        )
    await world.tick()
    assert not has_picture(scene.parents[0])
    await scene.parents[0].taps("I have read it", group)
    await world.later(hours=2)
    assert has_picture(scene.parents[0])
    assert scene.parents[0].last.text.endswith("You have confirmed that you read this.")


@pytest.mark.row("B3_bad_non_recipient")
@pytest.mark.row("ANY_bad_other_school")
async def test_whoever_it_was_not_sent_to_can_t_confirm_it(world: World) -> None:
    scene = await school(world)
    stranger = world.person("Stranger")
    group = await group_of(world, scene.class_a, scene.head, [*scene.parents, scene.outsider, stranger])
    await sent(scene)
    late = await add_member(world, scene.class_a, Role.PARENT, "Late")
    post = post_in(group)
    world.sandbox.joins(late.person, group)
    for one in (scene.outsider, late, stranger):
        assert "This announcement was not sent to you" in await one.taps("I have read it", group, post)
    assert "This announcement was not sent to you" in await scene.outsider.forges("a.ok:1")
    await world.later(seconds=4)
    assert "Confirmed 0 of 4" in card_of(scene.head).text
    assert await world.rows("SELECT * FROM announcement_confirmations") == []


@pytest.mark.row("B3")
async def test_the_rest_are_reminded_and_nobody_else_at_most_twice(world: World) -> None:
    scene = await school(world, parents=4)
    await mark(world, scene.parents[0], "never_started")
    await sent(scene)
    await scene.parents[1].taps("I have read it")
    await world.later(seconds=4)
    before = {one: len(one.messages) for one in [*scene.parents, *scene.pupils, scene.head]}
    said = await scene.head.taps("Remind the rest")
    assert "3 people got it and have not confirmed it yet. Shall I remind them?" in said
    assert "2 more times" in said
    question = scene.head.last
    assert "I am reminding 3 people." in await scene.head.taps("Remind", message=question)
    await world.tick()
    reminded = [one for one in before if len(one.messages) > before[one] and one is not scene.head]
    assert reminded == [scene.parents[2], scene.parents[3], scene.pupils[0]]
    assert scene.pupils[0].last.text.startswith("🔔 A reminder")
    assert TOMORROW in scene.pupils[0].last.text

    assert "gone out already" in await scene.head.forges("a.remind:1:1", message=question)  # the same tap, later
    await scene.pupils[0].taps("I have read it")  # on the reminder: the first copy is closed, too
    assert [one.labels for one in scene.pupils[0].messages[-2:]] == [[], []]
    await world.later(seconds=4)
    assert "Reminders: 1 of 2" in card_of(scene.head).text

    assert "2 people" in await scene.head.taps("Remind the rest")
    said = await scene.head.taps("Remind", message=scene.head.last)
    assert "I am reminding 2 people.\nThis was the last reminder." in said
    await world.later(seconds=4)
    card = card_of(scene.head)
    assert card.labels == ["Not reached", *OWN]
    assert "reminded twice" in await scene.head.forges("a.chase:1")
    assert "reminded twice" in await scene.head.forges("a.remind:1:3")
    assert len(said_of(world, "sendMessage", "A reminder")) == 5


@pytest.mark.row("B3")
async def test_two_taps_on_remind_are_one(world: World) -> None:
    scene = await school(world)
    await sent(scene)
    await scene.head.taps("Remind the rest")
    question = scene.head.last
    world.sandbox.taps(scene.head.person, question, "Remind")
    world.sandbox.taps(scene.head.person, question, "Remind")
    await world.settle()
    await world.tick()
    assert len(said_of(world, "sendMessage", "A reminder")) == 3


@pytest.mark.row("B3")
async def test_nobody_is_reminded_when_she_thinks_again_or_all_have_confirmed(world: World) -> None:
    scene = await school(world, parents=1, pupils=0)
    await sent(scene)
    await scene.head.taps("Remind the rest")
    question = scene.head.last
    assert "Nobody was reminded." in await scene.head.taps("Not now")
    await scene.parents[0].taps("I have read it")  # the author knows what she wrote
    assert "There is nobody to remind" in await scene.head.forges("a.chase:1", message=question)
    assert "There is nobody to remind" in await scene.head.forges("a.remind:1:1", message=question)
    await world.later(seconds=4)
    card = card_of(scene.head)
    assert card.labels == OWN
    assert await world.rows("SELECT * FROM announcement_reminders") == []


@pytest.mark.row("ANY_bad_forged_data")
@pytest.mark.parametrize("data", ["a.lost:1", "a.lost.page:1:1", "a.lost.file:1", "a.chase:1", "a.remind:1:1"])
async def test_only_those_who_lead_see_who_is_missing_or_remind(world: World, data: str) -> None:
    scene = await school(world)
    await sent(scene)
    for one in (scene.parents[0], scene.outsider):
        assert "can't do this here" in await one.forges(data)
    assert "can't do this here" in await scene.head.forges(data.replace(":1", ":2", 1))  # there is no such announcement
    assert await world.rows("SELECT * FROM announcement_reminders") == []


@pytest.mark.row("ANY_bad_forged_data")
@pytest.mark.parametrize("data", ["a.ok", "a.ok:0", "a.ok:2", "a.ok:x", f"a.ok:{'9' * 30}", "a.ok:1:1:1"])
async def test_a_forged_confirmation_counts_nobody(world: World, data: str) -> None:
    scene = await school(world)
    await sent(scene)
    assert await scene.outsider.forges(data)
    assert await world.rows("SELECT * FROM announcement_confirmations") == []
