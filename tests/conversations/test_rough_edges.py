"""Telegram as it is: topics, albums, edits, groups that move, people who vanish, updates of no known shape."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from domain.roles import Role
from sandbox import Chat, Fault, Impossible
from tests.cast import Talker, World
from tests.scenes import Hotline, School, add_member, group, hotline, school

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def said_in(chat: Chat, thread: int | None = None, *, anywhere: bool = False) -> list[str]:
    """What the bot says in a group; with a thread, in that topic alone."""
    return [one.text for one in chat.visible if one.from_bot and (anywhere or one.thread == thread)]


async def outcomes(world: World) -> list[str]:
    return [row["outcome"] for row in await world.rows("SELECT outcome FROM inbox ORDER BY at")]


async def raw(world: World, **update: Any) -> None:
    world.sandbox.send_raw_update(update)
    await world.settle()


def from_(talker: Talker, **more: Any) -> dict[str, Any]:
    """A message in her private chat, as Telegram tells of it."""
    person = talker.person
    return {
        "message_id": 900_000 + len(talker.chat.messages),
        "date": int(talker.world.now.timestamp()),
        "chat": {"id": person.id, "type": "private", "first_name": person.first_name},
        "from": person.user(),
    } | more


# --- topics of a forum ------------------------------------------------------------------------------------------------


@dataclass
class Forum:
    scene: School
    chat: Chat
    topic: int


@pytest.fixture
async def forum(world: World) -> Forum:
    scene = await school(world)
    chat = world.sandbox.add_group("5A", scene.head.person, [one.person for one in scene.parents], forum=True)
    world.sandbox.adds_bot(scene.head.person, chat)
    topic = world.sandbox.opens_topic(scene.head.person, chat, "News")
    await world.settle()
    return Forum(scene, chat, topic)


async def bind_in_topic(forum: Forum) -> None:
    world, head = forum.scene.world, forum.scene.head
    world.sandbox.sends(head.person, forum.chat, "/start", thread=forum.topic)
    await world.settle()
    link = forum.chat.visible[-1].buttons[0].url or ""
    await head.starts(link.partition("start=")[2])
    assert "✓ Done" in await head.taps("5A")


async def test_a_command_is_answered_in_its_topic_and_in_the_general_one(forum: Forum) -> None:
    world, mother = forum.scene.world, forum.scene.parents[0]
    world.sandbox.sends(mother.person, forum.chat, "/help", thread=forum.topic)
    await world.settle()
    assert "/help" in said_in(forum.chat, forum.topic)[-1]
    before = len(said_in(forum.chat, forum.topic))
    world.sandbox.sends(mother.person, forum.chat, "/help")
    await world.settle()
    assert "/help" in said_in(forum.chat)[-1]
    assert len(said_in(forum.chat, forum.topic)) == before


async def test_what_is_for_all_goes_to_the_topic_where_the_group_was_bound(forum: Forum) -> None:
    world, head = forum.scene.world, forum.scene.head
    await bind_in_topic(forum)
    assert "This group belongs to: \u20685A" in said_in(forum.chat, forum.topic)[-1]
    general = said_in(forum.chat)

    await head.says("/announce Tomorrow school begins at 9")
    await head.taps("Send")
    await head.says("/poll Museum? | Yes | No")
    await head.taps("Open the poll")
    await head.says("/meeting 7 December 18:00 Parents")
    await head.taps("Call it")
    await world.tick()
    polls = [one for one in forum.chat.visible if one.poll]
    assert [one.thread for one in polls] == [forum.topic]
    for words in ("Tomorrow school begins at 9", "Parents"):
        assert any(words in one for one in said_in(forum.chat, forum.topic))
    assert said_in(forum.chat) == general


async def test_start_elsewhere_is_answered_there_and_moves_nothing(forum: Forum) -> None:
    world, head = forum.scene.world, forum.scene.head
    await bind_in_topic(forum)
    other = world.sandbox.opens_topic(head.person, forum.chat, "Chatter")
    world.sandbox.sends(forum.scene.parents[0].person, forum.chat, "/start", thread=other)
    await world.settle()
    assert said_in(forum.chat, other) == [
        "This group belongs to: \u20685A\u2069. Announcements and meetings appear here."
    ]
    await head.says("/announce Tomorrow school begins at 9")
    await head.taps("Send")
    await world.tick()
    assert any("Tomorrow" in one for one in said_in(forum.chat, forum.topic))


@pytest.mark.parametrize("how", ["closes_topic", "deletes_topic"])
async def test_a_topic_that_is_closed_or_gone_loses_no_announcement(forum: Forum, how: str) -> None:
    world, head = forum.scene.world, forum.scene.head
    await bind_in_topic(forum)
    getattr(world.sandbox, how)(head.person, forum.chat, forum.topic)
    await head.says("/announce Tomorrow school begins at 9")
    await head.taps("Send")
    await head.says("/poll Museum? | Yes | No")
    await head.taps("Open the poll")
    await world.tick()
    assert any("Tomorrow school begins at 9" in one for one in said_in(forum.chat))
    assert [one.thread for one in forum.chat.visible if one.poll] == [None]


async def test_a_tap_in_a_topic_is_answered_there(forum: Forum) -> None:
    world, head = forum.scene.world, forum.scene.head
    await bind_in_topic(forum)
    await head.says("/meeting 7 December 18:00 Parents")
    await head.taps("Call it")
    await world.tick()
    general = said_in(forum.chat)
    assert await forum.scene.parents[0].taps("Going", forum.chat) != ""
    assert said_in(forum.chat) == general


async def test_a_reply_in_an_ordinary_supergroup_is_in_no_topic(world: World) -> None:
    scene = await school(world)
    chat = world.sandbox.add_group("5A", scene.head.person, [scene.parents[0].person], supergroup=True)
    world.sandbox.adds_bot(scene.head.person, chat)
    await world.settle()
    first = world.sandbox.sends(scene.head.person, chat, "/help")
    world.sandbox.sends(scene.parents[0].person, chat, "/help", reply_to=first)
    await world.settle()
    assert all("message_thread_id" not in call.params for call in world.sandbox.calls_of("sendMessage"))
    assert len([one for one in said_in(chat, anywhere=True) if "/help" in one]) == 2


async def test_a_private_chat_with_topics_is_answered(world: World) -> None:
    """In the topic; and where Telegram knows of none, all the same."""
    mother = await add_member(world, (await school(world)).class_a, Role.PARENT, "Aysel")
    before = len(mother.messages)
    await raw(world, message=from_(mother, text="/home", message_thread_id=77, is_topic_message=True))
    asked = [call.params.get("message_thread_id") for call in world.sandbox.calls_of("sendMessage")]
    assert asked[-2:] == [77, None]
    assert len(mother.messages) == before + 1


# --- who speaks -------------------------------------------------------------------------------------------------------


async def test_a_command_in_the_name_of_a_channel_is_sent_to_the_private_chat(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    people = await world.rows("SELECT COUNT(*) AS n FROM persons")
    world.sandbox.sends(scene.parents[0].person, chat, "/poll Museum? | Yes | No", as_channel="Mum's cakes")
    await world.settle()
    assert said_in(chat)[-1] == "Please write this to me in our private chat."
    assert [row["n"] for row in await world.rows("SELECT COUNT(*) AS n FROM persons")] == [row["n"] for row in people]


async def test_something_confidential_in_the_name_of_a_channel_is_deleted(world: World) -> None:
    """Rule 4."""
    scene = await hotline(world)
    world.sandbox.privacy = False
    chat = await group(scene.school, scene.school.class_a)
    world.sandbox.promotes_bot(scene.school.head.person, chat)
    said = world.sandbox.sends(scene.pupil.person, chat, "I want to die", as_channel="Me")
    await world.settle()
    assert said.deleted


async def test_what_comes_from_the_linked_channel_is_left_alone(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    before = said_in(chat)
    world.sandbox.posts_from_channel(chat, "School 12", "/help for all: helpline, suicide prevention week")
    await world.settle()
    assert said_in(chat) == before
    assert "ignored" not in await outcomes(world)


async def test_what_an_inline_bot_put_together_is_kept_for_the_hotline(world: World) -> None:
    scene = await hotline(world)
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    world.sandbox.sends(scene.pupil.person, text="They took this", via_bot="gif")
    await world.settle()
    assert "I have kept that" in scene.pupil.last.text


async def test_another_bots_command_and_a_bot_that_writes_are_left_alone(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    world.sandbox.promotes_bot(scene.head.person, chat)
    before = said_in(chat)
    world.sandbox.sends(scene.parents[0].person, chat, "/help@another_bot")
    bot = {"id": 300, "is_bot": True, "first_name": "Other", "username": "other_bot"}
    await raw(world, message={**from_(scene.parents[0], text="/help"), "chat": chat.json(), "from": bot})
    await raw(world, message={**from_(scene.parents[0], text="/help"), "from": bot})
    assert said_in(chat) == before


@pytest.mark.parametrize("typed", ["/HELP", "/Help@Birge_Bot", "/help " + "x" * 4_000, "/hElP\n\n" + "ж" * 2_000])
async def test_a_command_however_it_is_typed(world: World, typed: str) -> None:
    scene = await school(world)
    assert "These are the commands you can use." in await scene.parents[0].says(typed)


async def test_a_command_of_4096_letters_is_answered(world: World) -> None:
    scene = await school(world)
    assert "don't know this command" in await scene.parents[0].says("/" + "x" * 4_095)


@pytest.mark.parametrize(
    "name",
    ["\u200b\u200b\u200b", "\u202eevil\u202c", "Z̸̡̢͚͎̟͇̓a̵͖͈͆l̴̨̛̗g̶̢̱͐o̶̘̊" * 4, "أحمد", "👩‍👩‍👧‍👦", "<b>&amp;%(name)s", "x" * 64],
)
async def test_names_of_all_kinds(world: World, name: str) -> None:
    scene = await school(world)
    someone = world.person(name)
    assert "Hello" in await someone.starts()
    chat = await group(scene, scene.class_a, [someone])
    assert "/help" in await someone.says("/help", chat)
    assert "failed" not in await outcomes(world)


# --- albums -----------------------------------------------------------------------------------------------------------


async def album(talker: Talker, caption: str = "", parts: int = 4) -> list[str]:
    before = len(talker.messages)
    talker.world.sandbox.sends_album(talker.person, None, [PICTURE] * parts, caption)
    await talker.world.settle()
    return [one.text for one in talker.messages[before:]]


async def test_an_album_that_nobody_awaits_gets_one_answer(world: World) -> None:
    scene = await school(world)
    (said,) = await album(scene.parents[0], "Look")
    assert "I am not waiting for an answer" in said
    assert len(await album(scene.parents[0])) == 1


async def test_an_album_in_an_announcement_gets_one_answer_and_the_question_stays(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    assert await album(scene.head, "Our trip") == [
        "Please send me a text, or one photo, video or file with a text under it."
    ]
    assert "Who is it for?" in await scene.head.says("Our trip", photo=PICTURE)
    assert await album(scene.head) == ["Please tap one of the buttons under my question, or /cancel."]


async def test_an_album_in_any_other_question_gets_one_answer(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/poll")
    assert len(await album(scene.head)) == 1
    await scene.parents[0].says("/join")
    assert len(await album(scene.parents[0], "4KTR8PXM")) == 1


@pytest.fixture
async def line(world: World) -> Hotline:
    return await hotline(world)


async def test_an_album_with_words_of_danger_gets_the_numbers_once_and_is_whole(line: Hotline) -> None:
    await line.pupil.says("/hotline")
    await line.pupil.taps("I have read it")
    said = await album(line.pupil, "I want to die", 10)
    assert len([one for one in said if "If you are in danger now" in one]) == 1
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await line.pupil.taps(label)
    parts = await line.world.rows("SELECT COUNT(*) AS n FROM case_parts")
    assert parts[0]["n"] == 10


# --- edits ------------------------------------------------------------------------------------------------------------


async def edit(talker: Talker, words: str, to: str) -> str:
    written = next(one for one in reversed(talker.chat.messages) if one.text == words)
    before = talker.seen()
    talker.world.sandbox.edits(talker.person, written, to)
    await talker.world.settle()
    return "\n\n".join(text for number, (text, edited) in talker.seen().items() if before.get(number) != (text, edited))


async def test_an_edited_command_is_not_run_again(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/poll Museum? | Yes | No")
    assert await edit(scene.head, "/poll Museum? | Yes | No", "/poll Zoo? | Yes | No") == ""
    await scene.head.taps("Open the poll")
    assert [row["question"] for row in await world.rows("SELECT question FROM polls")] == ["Museum?"]


async def test_an_answer_that_is_edited_while_the_form_is_open_is_the_answer(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    await scene.head.says("Tomorow we begin at 9")
    await scene.head.taps("Everybody")
    assert "Who is it for?" in await edit(scene.head, "Tomorow we begin at 9", "Tomorrow we begin at 9")
    assert "Tomorrow we begin at 9" in await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.tick()
    assert "Tomorrow we begin at 9" in scene.parents[0].last.text


async def test_an_edit_that_is_no_answer_leaves_the_form_as_it_was(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    await scene.head.says("Tomorrow we begin at 9")
    assert "too long" in await edit(scene.head, "Tomorrow we begin at 9", "x" * 4_000)
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    await world.tick()
    assert "Tomorrow we begin at 9" in scene.parents[0].last.text


async def test_an_edit_after_the_form_is_over_changes_nothing(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/announce")
    await scene.head.says("Tomorrow we begin at 9")
    await scene.head.taps("Everybody")
    await scene.head.taps("Send")
    assert await edit(scene.head, "Tomorrow we begin at 9", "Tomorrow we begin at 10") == ""


# --- a group becomes a supergroup -------------------------------------------------------------------------------------


def moves(old: Chat, new: Chat, scene: School) -> dict[str, dict[str, Any]]:
    """What Telegram tells of it, each as an update."""
    said = {"date": int(scene.world.now.timestamp()), "from": scene.head.person.user()}
    member = {"user": scene.world.sandbox.bot.user(), "status": "member"}
    return {
        "to": {"message": {**said, "message_id": 1, "chat": old.json(), "migrate_to_chat_id": new.id}},
        "from": {"message": {**said, "message_id": 1, "chat": new.json(), "migrate_from_chat_id": old.id}},
        "added": {
            "my_chat_member": {
                **said,
                "chat": new.json(),
                "old_chat_member": {**member, "status": "left"},
                "new_chat_member": member,
            }
        },
    }


@pytest.mark.parametrize(
    "order",
    [
        ("to", "from"),
        ("from", "to"),
        ("from",),
        ("to",),
        ("to", "from", "to", "from"),
        ("added", "to", "from"),
        ("added", "from", "to", "to"),
        ("to", "added", "from"),
        ("send", "to", "from"),
        ("send", "added", "from"),
        ("added", "send", "from", "to"),
    ],
)
async def test_a_group_moves_along_in_whatever_order_it_is_told(world: World, order: Sequence[str]) -> None:
    """`send`: the bot writes to the old group first, and hears of the move by the refusal."""
    scene = await school(world)
    old = await group(scene, scene.class_a)
    new = world.sandbox.upgrades(old)
    told = moves(old, new, scene)
    world.sandbox.state.queue.drop_all()  # it is told in the order of the test
    for step in order:
        if step == "send":
            await scene.head.says("/announce Tomorrow school begins at 9")
            await scene.head.taps("Send")
            await world.tick()
        else:
            await raw(world, **told[step])
    rows = await world.rows("SELECT address FROM chats WHERE community_id IS NOT NULL AND unreachable IS NULL")
    assert [row["address"] for row in rows] == [str(new.id)]
    assert len([one for one in scene.head.messages if "moved a group of yours" in one.text]) <= 1
    if "send" in order:
        assert len([one for one in said_in(new) if "Tomorrow school begins at 9" in one]) == 1
    if "added" in order:
        assert "This group belongs to: \u20685A" in "".join(said_in(new)[-3:])
    assert "/help" in await scene.parents[0].says("/help", new)


async def test_what_waits_for_the_old_group_goes_to_the_new_one_once(world: World) -> None:
    scene = await school(world)
    old = await group(scene, scene.class_a)
    world.sandbox.faults.append(Fault("sendMessage", chat_id=old.id, status=429, retry_after=60, times=1))
    for day in ("Monday", "Tuesday", "Friday"):
        await scene.head.says(f"/announce {day} school begins at 9")
        await scene.head.taps("Send")
    await world.tick()
    new = world.sandbox.upgrades(old)
    await world.settle()
    await world.later(minutes=2)
    assert [sum(day in one for one in said_in(new)) for day in ("Monday", "Tuesday", "Friday")] == [1, 1, 1]


# --- rights, comings and goings ---------------------------------------------------------------------------------------


async def test_a_muted_group_takes_nothing_and_members_hear_it_all_the_same(world: World) -> None:
    world.expects_errors = True  # what the messenger refused is told in the log
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    world.sandbox.mutes(scene.head.person, chat)
    await scene.head.says("/announce Tomorrow school begins at 9")
    await scene.head.taps("Send")
    await world.tick()
    assert not any("Tomorrow" in one for one in said_in(chat))
    assert "Tomorrow school begins at 9" in scene.parents[0].last.text
    world.sandbox.mutes(scene.head.person, chat, on=False)
    assert "/help" in await scene.parents[0].says("/help", chat)


async def test_a_bot_that_may_not_pin_posts_its_poll(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await scene.head.says("/poll Museum? | Yes | No")
    await scene.head.taps("Open the poll")
    await world.tick()
    assert len([one for one in chat.visible if one.poll]) == 1
    assert "failed" not in await outcomes(world)


async def test_kicked_and_added_again_it_is_the_same_group(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    for _ in range(3):
        world.sandbox.removes_bot(scene.head.person, chat)
        world.sandbox.adds_bot(scene.head.person, chat)
    await world.settle()
    assert [row["community_id"] for row in await world.rows("SELECT community_id FROM chats")] == [scene.class_a.id]
    await scene.head.says("/announce Tomorrow school begins at 9")
    await scene.head.taps("Send")
    await world.tick()
    assert len([one for one in said_in(chat) if "Tomorrow" in one]) == 1


async def test_blocked_and_unblocked_she_hears_what_comes_after(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    for _ in range(3):
        world.sandbox.blocks(mother.person)
        world.sandbox.unblocks(mother.person)
    world.sandbox.blocks(mother.person)
    await world.settle()
    await scene.head.says("/announce Monday we begin at 9")
    assert "blocked" in scene.head.last.text
    await scene.head.taps("Send")
    await world.tick()
    world.sandbox.unblocks(mother.person)
    await world.settle()
    await scene.head.says("/announce Tuesday we begin at 9")
    await scene.head.taps("Send")
    await world.tick()
    assert "Tuesday" in mother.last.text
    assert not any("Monday" in one.text for one in mother.messages)


async def test_a_deleted_account_stops_nobody(world: World) -> None:
    scene = await school(world)
    gone, other = scene.parents
    world.sandbox.deactivates(gone.person)
    await scene.head.says("/announce Tomorrow school begins at 9")
    await scene.head.taps("Send")
    await world.tick()
    assert "Tomorrow" in other.last.text
    found = await world.rows("SELECT unreachable FROM identities WHERE address = :a", a=str(gone.person.id))
    assert [row["unreachable"] for row in found] == ["deactivated"]
    with pytest.raises(Impossible):
        world.sandbox.sends(gone.person, text="?")


# --- late, early, and of no known shape -------------------------------------------------------------------------------


async def test_what_was_written_over_a_day_ago_is_answered(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    before = len(mother.messages)
    late = int((world.now - timedelta(hours=30)).timestamp())
    await raw(world, message=from_(mother, text="/home", date=late))
    await raw(world, message=from_(mother, text="salam", date=late, message_id=999_999))
    assert len(mother.messages) == before + 2


async def test_a_message_of_the_future_and_of_number_nought(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    before = len(mother.messages)
    soon = int((world.now + timedelta(days=400)).timestamp())
    await raw(world, message=from_(mother, text="/home", date=soon))
    await raw(world, message=from_(mother, text="/home", message_id=0))
    assert len(mother.messages) == before + 2


async def test_a_tap_that_comes_too_late_to_be_answered_still_counts(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    await mother.says("/settings")
    why = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    world.sandbox.faults.append(Fault("answerCallbackQuery", status=400, description=why, times=None))
    await mother.taps("Language")
    assert "English" in mother.labels
    await mother.taps("Azərbaycanca")
    found = await world.rows(
        "SELECT persons.language FROM persons JOIN identities ON person_id = persons.id WHERE address = :a",
        a=str(mother.person.id),
    )
    assert [row["language"] for row in found] == ["az"]


async def test_a_tap_on_a_message_that_is_no_more_is_answered(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    await mother.says("/settings")
    card = mother.last
    world.sandbox.deletes(mother.person, card)
    query = world.sandbox.taps(mother.person, card, data="lang")
    await world.settle()
    async with asyncio.timeout(10):
        await query.answered.wait()
    tap = {"id": "q", "from": mother.person.user(), "chat_instance": "1"}
    await raw(world, callback_query={**tap, "message": {"chat": mother.chat.json(), "message_id": 5, "date": 0}})
    await raw(world, callback_query={**tap, "inline_message_id": "x", "data": "home"})
    assert "This button no longer works" in mother.last.text
    assert "failed" not in await outcomes(world)


@pytest.mark.parametrize(
    "update",
    [
        {"inline_query": {"id": "1", "from": {"id": 5, "is_bot": False}, "query": "x", "offset": ""}},
        {"business_message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "/start"}},
        {"guest_message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "/start"}},
        {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}, "text": "/start"}},
        {"message": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}, "text": "/start"}},
        {"poll": {"id": "77", "question": "?", "options": [{"text": "a", "voter_count": 1}], "is_closed": False}},
        {"poll_answer": {"poll_id": "77", "voter_chat": {"id": -5, "type": "channel"}, "option_ids": [0]}},
        {"poll_answer": {"poll_id": "77", "user": {"id": 5, "is_bot": False}, "option_ids": [2**62, -1]}},
        {"of_next_year": {"nested": [[[[["x"]]]]]}},
        {"message": {"message_id": "x", "date": [], "chat": 5}},
        {"message": None},
        {"message": {"text": "x" * 64_000}},
        {},
    ],
)
async def test_an_update_of_another_kind_or_shape_stops_nobody(world: World, update: dict[str, Any]) -> None:
    scene = await school(world)
    await raw(world, **update)
    assert "What would you like to do?" in await scene.parents[0].says("/home")
    assert "failed" not in await outcomes(world)


async def test_a_text_of_64_kilobytes_is_answered_and_cut(line: Hotline) -> None:
    await line.pupil.says("/hotline")
    await line.pupil.taps("I have read it")
    await raw(line.world, message=from_(line.pupil, text="ж" * 32_000))
    assert "I have kept that" in line.pupil.last.text
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await line.pupil.taps(label)
    assert "Its number is" in line.pupil.last.text
    await line.worker.taps("Take")
    assert sum(one.text.count("ж") for one in line.worker.messages) >= 16_384


@pytest.mark.parametrize("words", ["Qor\0xuram", "\0", "\ud83d", "a\udfffb", "\0\0\0/home", "\u0001\u0002"])
async def test_letters_that_no_database_takes(line: Hotline, words: str) -> None:
    await line.pupil.says("/hotline")
    await line.pupil.taps("I have read it")
    before = len(line.pupil.messages)
    await raw(line.world, message=from_(line.pupil, text=f"x{words}"))
    assert len(line.pupil.messages) == before + 1
    assert "I have kept that" in line.pupil.last.text


async def test_everything_twice_and_out_of_order(world: World) -> None:
    scene = await school(world)
    world.sandbox.redeliver = True
    mother = scene.parents[0]
    await mother.says("/settings")
    await mother.taps("Language")
    world.sandbox.redeliver_last(20)
    await world.settle()
    assert len([one for one in mother.messages if one.text.startswith("Your settings")]) <= 1
    assert set(await outcomes(world)) <= {"done", "refused", "ignored"}


async def test_a_second_poller_takes_nothing_from_anybody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram ends one of the two polls with 409 each time; the operator is told, and people are answered."""
    world.expects_errors = True
    monkeypatch.setattr("bot.channels.telegram._PAUSES", (0.0,))
    scene = await school(world)
    world.sandbox.faults.append(
        Fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates request", times=5)
    )
    assert "What would you like to do?" in await scene.parents[0].says("/home")
    assert "What would you like to do?" in await scene.parents[0].says("/home")
