"""E1: polls. One question to a class, answered in the messenger's own polls, in groups and privately."""

from collections.abc import Sequence
from typing import Any

import pytest

import storage.polls
from domain.roles import Role
from sandbox import Chat, Message
from tests.cast import Talker, World
from tests.scenes import School, add_member, group, person_id_of, school


async def a_poll(scene: School, line: str = "Museum? | Yes | No") -> None:
    """The head of class 5A asks it of everyone privately."""
    await scene.head.says(f"/poll {line}")
    await scene.head.taps("Open the poll")
    await scene.world.tick()


def native(chat: Chat) -> list[Message]:
    """The polls that stand in a chat, oldest first."""
    return [message for message in chat.visible if message.poll is not None]


def poll_in(chat: Chat) -> Message:
    return native(chat)[-1]


def last(chat: Chat) -> str:
    return chat.visible[-1].text


def is_closed(message: Message) -> bool:
    assert message.poll is not None
    return message.poll.closed


async def poll_id(world: World) -> int:
    return int((await world.rows("SELECT MAX(id) AS id FROM polls"))[0]["id"])


async def ballots(world: World) -> list[int]:
    return [row["choices"] for row in await world.rows("SELECT choices FROM poll_ballots ORDER BY person_id")]


async def answers(talker: Talker, *said: str) -> str:
    """Answers a form: words are said, and "[Label]" is tapped. Returns what was heard last."""
    heard = ""
    for one in said:
        heard = await (talker.taps(one[1:-1]) if one.startswith("[") else talker.says(one))
    return heard


# --- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("E1")
async def test_one_line_opens_a_native_poll_for_everyone_in_the_class(world: World) -> None:
    scene = await school(world)
    review = await scene.head.says("/poll Shall we go to the museum? | Yes | No")
    assert "Shall we go to the museum?" in review
    assert "Community: \u20685A\u2069" in review
    assert "Everyone gets it privately." in review
    assert "sees who chose what" in review
    assert "Your poll" in await scene.head.taps("Open the poll")
    await world.tick()
    for talker in (*scene.parents, *scene.pupils, scene.head):
        message = poll_in(talker.chat)
        assert message.poll is not None
        assert (message.poll.question, message.poll.options) == ("Shall we go to the museum?", ["Yes", "No"])
        assert not message.poll.anonymous
    assert native(scene.outsider.chat) == []
    assert native(scene.coordinator.chat) == []


@pytest.mark.row("E1")
async def test_the_form_asks_everything_and_opens_it_in_groups_and_privately(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    assert "What is your question?" in await scene.head.says("/poll")
    assert "What can people choose?" in await scene.head.says("Which day?")
    await answers(scene.head, "Monday\nTuesday", "Friday")
    assert "How many answers" in await scene.head.taps("Next")
    assert "When does the poll close?" in await scene.head.taps("Several")
    assert "Where do I ask this?" in await scene.head.taps("In 3 days")
    review = await scene.head.taps("Both")
    for part in ("Monday", "Tuesday", "Friday", "Answers per person: Several", "Friday, 4 December 2026, 09:00"):
        assert part in review
    await scene.head.taps("Open the poll")
    await world.tick()
    for where in (chat, scene.parents[0].chat):
        message = poll_in(where)
        assert message.poll is not None
        assert message.poll.multiple
        assert message.poll.options == ["Monday", "Tuesday", "Friday"]


@pytest.mark.row("E1")
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[In 1 hour]", "Tuesday, 1 December 2026, 10:00"),
        ("[Tomorrow evening]", "Wednesday, 2 December 2026, 20:00"),
        ("[In a week]", "Tuesday, 8 December 2026, 09:00"),
        ("7 December 18:00", "Monday, 7 December 2026, 18:00"),
        ("[I close it myself]", "when you close it"),
    ],
)
async def test_the_close_is_chosen_or_written(world: World, said: str, shown: str) -> None:
    scene = await school(world)
    review = await answers(scene.head, "/poll", "Which day?", "Monday\nTuesday", "[Next]", "[One]", said)
    assert f"Closes: {shown}" in review


@pytest.mark.row("E1")
async def test_a_leader_asks_in_the_group_in_one_line(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await scene.head.says("/poll Museum? | Yes | No", chat)
    assert poll_in(chat).poll is not None
    assert "Your poll" in scene.head.last.text
    await world.tick()
    assert len(native(chat)) == 1
    assert native(scene.parents[0].chat) == []
    await scene.parents[0].votes(poll_in(chat), 0)
    assert await ballots(world) == [1]


@pytest.mark.row("E1")
async def test_a_school_asks_in_the_groups_of_its_classes(world: World) -> None:
    scene = await school(world)
    chat_a, chat_b = await group(scene, scene.class_a), await group(scene, scene.class_b)
    await answers(scene.coordinator, "/poll Museum? | Yes | No", "[Whole: School]", "[Open the poll]")
    await world.tick()
    assert [len(native(chat)) for chat in (chat_a, chat_b)] == [1, 1]
    assert native(scene.parents[0].chat) == []


async def test_in_a_group_the_poll_needs_one_line(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    assert "all in one line" in await scene.head.says("/poll", chat)
    assert "needs 2 to 12 answers" in await scene.head.says("/poll Museum? | Yes", chat)
    assert native(chat) == []


@pytest.mark.row("A3_bad_forged")
async def test_only_leaders_of_the_class_ask_there(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    assert "You can't do this here" in await scene.parents[0].says("/poll Museum? | Yes | No", chat)
    assert chat.visible[-1].labels == ["Open private chat"]
    assert "You can't do this here" in await scene.outsider.says("/poll Museum? | Yes | No")
    assert native(chat) == []


# --- what can't be asked ----------------------------------------------------------------------------------------------


@pytest.mark.row("E1_bad_few_options")
@pytest.mark.parametrize("line", ["Museum?", "Museum? | Yes"])
async def test_fewer_than_two_options_are_refused_with_the_limit(world: World, line: str) -> None:
    scene = await school(world)
    assert "2 to 12 answers" in await scene.head.says(f"/poll {line}")
    assert await world.rows("SELECT * FROM polls") == []


@pytest.mark.row("E1_bad_few_options")
async def test_next_waits_for_the_second_option(world: World) -> None:
    scene = await school(world)
    await answers(scene.head, "/poll", "Museum?", "Yes")
    assert "2 to 12 answers" in await scene.head.taps("Next")
    await scene.head.says("No")
    assert "How many answers" in await scene.head.taps("Next")


@pytest.mark.row("E1_bad_many_options")
async def test_more_than_twelve_options_are_refused_with_the_limit(world: World) -> None:
    scene = await school(world)
    thirteen = [f"Answer {number}" for number in range(13)]
    said = await scene.head.says(f"/poll Museum? | {' | '.join(thirteen)}")
    assert "2 to 12 answers" in said
    assert "13" in said
    await answers(scene.head, "/poll", "Museum?", "\n".join(thirteen[:12]))
    assert "2 to 12 answers" in await scene.head.says(thirteen[12])
    assert "How many answers" in await scene.head.taps("Next")


@pytest.mark.row("E1_bad_too_long")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"{'Ə' * 301} | Yes | No", "It has 301 characters; at most 300 fit"),
        (f"{'😀' * 151} | Yes | No", "It has 302 characters; at most 300 fit"),
        (f"Museum? | {'ж' * 101} | No", "It has 101 characters; at most 100 fit"),
        (" | Yes | No", "Please write a question"),
        ("Museum? | Yes | | No", "One of the answers is empty"),
        ("Museum? | Yes | YES", "there twice"),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_reason(world: World, line: str, told: str) -> None:
    scene = await school(world)
    assert told in await scene.head.says(f"/poll {line}")
    assert await world.rows("SELECT * FROM polls") == []


@pytest.mark.row("E1_bad_too_long")
async def test_the_longest_question_and_options_go_through(world: World) -> None:
    scene = await school(world)
    options = [f"{number:02}{'ә' * 98}" for number in range(12)]
    await answers(scene.head, f"/poll {'Ə' * 300} | {' | '.join(options)}", "[Open the poll]")
    await world.tick()
    message = poll_in(scene.parents[0].chat)
    assert message.poll is not None
    assert message.poll.options == options


async def test_a_picture_is_no_question_and_no_option(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/poll")
    assert "I can only take words here" in await scene.head.says(photo=b"\xff\xd8\xff")
    await scene.head.says("Museum?")
    assert "I can only take words here" in await scene.head.says(photo=b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("said", "told"),
    [("1 December 2026 08:00", "past already"), ("whenever", "find a date"), ("Friday", "find an hour")],
)
async def test_a_close_that_cannot_be_is_asked_again(world: World, said: str, told: str) -> None:
    scene = await school(world)
    await answers(scene.head, "/poll", "Which day?", "Monday\nTuesday", "[Next]", "[One]")
    assert told in await scene.head.says(said)
    assert "Closes:" in await scene.head.taps("In 1 hour")


async def test_a_close_that_is_over_by_the_time_of_the_review_is_refused(world: World) -> None:
    scene = await school(world)
    await answers(scene.head, "/poll", "Which day?", "Monday\nTuesday", "[Next]", "[One]", "today 18:00")
    await world.later(hours=12)
    assert "past already" in await scene.head.taps("Open the poll")
    assert await world.rows("SELECT * FROM polls") == []


# --- voting -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("E1")
async def test_a_person_has_one_ballot_over_all_chats_and_the_last_counts(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await answers(scene.head, "/poll Museum? | Yes | No", "[Cancel]")
    await answers(
        scene.head, "/poll", "Museum?", "Yes\nNo", "[Next]", "[One]", "[In 3 days]", "[Both]", "[Open the poll]"
    )
    await world.tick()
    mother, father = scene.parents
    await mother.votes(poll_in(chat), 0)
    await father.votes(poll_in(father.chat), 0)
    await mother.votes(poll_in(mother.chat), 1)
    await world.later(seconds=10)
    card = scene.head.find("Close now").text
    assert "2 people have answered so far." in card
    assert "\u2068Yes\u2069: 1 (50 %)" in card
    await father.votes(poll_in(father.chat))
    await world.later(seconds=10)
    card = scene.head.find("Close now").text
    assert "1 person has answered so far." in card
    assert "\u2068No\u2069: 1 (100 %)" in card


async def test_only_the_audience_counts_and_others_are_told_once(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a, [scene.outsider])
    await scene.head.says("/poll Museum? | Yes | No", chat)
    assert "is not counted" in await scene.outsider.votes(poll_in(chat), 0)
    assert await scene.outsider.votes(poll_in(chat), 1) == ""
    assert await scene.outsider.votes(poll_in(chat)) == ""
    assert await ballots(world) == []


async def test_a_vote_before_the_poll_is_marked_as_sent_is_kept_and_counted(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    mother, father = scene.parents
    copies = [poll_in(mother.chat), poll_in(father.chat)]
    async with world.birge.database.writing() as db:
        await db.run("UPDATE deliveries SET poll_id = '-' || poll_id WHERE poll_id IS NOT NULL")
        await db.run("UPDATE polls SET question = '-' || question")  # nor is it known by its words
    await mother.votes(copies[0], 1)
    await mother.votes(copies[0], 0)
    await father.votes(copies[1], 0)
    assert await ballots(world) == []
    async with world.birge.database.writing() as db:
        await db.run("UPDATE deliveries SET poll_id = SUBSTR(poll_id, 2) WHERE poll_id IS NOT NULL")
        await db.run("UPDATE polls SET question = SUBSTR(question, 2)")
    await father.votes(copies[1], 1)  # newer than the kept one
    await world.tick()
    assert await ballots(world) == [1, 2]
    assert await world.rows("SELECT * FROM kept_votes") == []


async def test_a_kept_vote_of_an_outsider_is_not_counted_either(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    copy = poll_in(scene.parents[0].chat)
    assert copy.poll is not None
    async with world.birge.database.writing() as db:
        await storage.polls.keep_vote(
            db, "telegram", copy.poll.id, await person_id_of(world, scene.outsider), [0], world.now
        )
    await world.tick()
    assert await ballots(world) == []
    assert await world.rows("SELECT * FROM kept_votes") == []


async def test_votes_in_polls_of_nobody_are_forgotten_after_a_day(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    vote: dict[str, Any] = {"poll_id": "12345", "user": mother.person.user(), "option_ids": [0]}
    world.sandbox.send_raw_update({"poll_answer": vote})
    await world.settle()
    assert len(await world.rows("SELECT * FROM kept_votes")) == 1
    await world.later(hours=25)
    assert await world.rows("SELECT * FROM kept_votes") == []


async def test_a_vote_for_an_option_that_is_not_there_counts_nothing(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    mother = scene.parents[0]
    copy = poll_in(mother.chat)
    assert copy.poll is not None
    for native_id, options in ((copy.poll.id, [7]), (copy.poll.id, [-1])):
        vote = {"poll_id": native_id, "user": mother.person.user(), "option_ids": options}
        world.sandbox.send_raw_update({"poll_answer": vote})
    await world.settle()
    assert await ballots(world) == []


async def test_a_native_poll_of_something_else_is_no_ballot(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE deliveries SET subject_kind = 'survey' WHERE poll_id IS NOT NULL")
    await scene.parents[0].votes(poll_in(scene.parents[0].chat), 0)
    await world.tick()
    assert await ballots(world) == []


async def test_the_same_vote_twice_is_one_ballot(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    world.sandbox.redeliver = True
    await scene.parents[0].votes(poll_in(scene.parents[0].chat), 0)
    assert await ballots(world) == [1]


# --- the author's card ------------------------------------------------------------------------------------------------


@pytest.mark.row("E1")
async def test_the_result_is_told_in_words_in_the_group_and_to_the_author(world: World) -> None:
    scene = await school(world, parents=3)
    chat = await group(scene, scene.class_a)
    await scene.head.says("/poll Museum? | Yes | No", chat)
    for talker, option in zip(scene.parents, (0, 0, 1), strict=True):
        await talker.votes(poll_in(chat), option)
    said = await scene.head.taps("Close now")
    await world.tick()
    for result in (said, last(chat)):
        assert "Result of the poll" in result
        assert "3 people answered." in result
        assert "\u2068Yes\u2069: 2 (67 %)" in result
        assert "\u2068No\u2069: 1 (33 %)" in result
    assert is_closed(poll_in(chat))
    assert not any("Close now" in one.labels for one in scene.head.messages)


@pytest.mark.row("E1")
async def test_a_poll_closes_by_itself_everywhere_and_once(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await answers(
        scene.head, "/poll", "Museum?", "Yes\nNo", "[Next]", "[Several]", "[In 1 hour]", "[Both]", "[Open the poll]"
    )
    await world.tick()
    await scene.parents[0].votes(poll_in(chat), 0, 1)
    await world.later(minutes=61)
    assert is_closed(poll_in(chat))
    assert is_closed(poll_in(scene.parents[1].chat))
    assert "more than 100" in last(chat)
    said = len(chat.visible), len(scene.head.messages)
    await world.later(minutes=11)
    await world.later(minutes=11)
    assert (len(chat.visible), len(scene.head.messages)) == said
    assert [row["stopping"] for row in await world.rows("SELECT stopping FROM polls")] == [0]


async def test_nobody_answered(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    assert "Nobody has answered." in await scene.head.taps("Close now")


async def test_closing_twice_closes_once(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    card = scene.head.find("Close now")
    await scene.head.taps("Close now")
    number = await poll_id(world)
    assert "This poll is closed." in await scene.head.forges(f"poll.close:{number}", message=card)
    assert "This poll is closed." in await scene.head.forges(f"poll.remind:{number}", message=card)
    assert "This poll is closed." in await scene.head.forges(f"poll.change:{number}", message=card)
    assert sum("Result of the poll" in one.text for one in scene.head.messages) == 1


async def test_copies_that_wait_while_the_poll_is_closed_are_not_sent(world: World) -> None:
    scene = await school(world)
    await answers(scene.head, "/poll Museum? | Yes | No", "[Open the poll]")
    await scene.head.taps("Close now")
    await world.tick()
    assert native(scene.parents[0].chat) == []


@pytest.mark.row("A3_bad_someone_elses")
async def test_only_who_leads_closes_reminds_and_changes(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    number = await poll_id(world)
    for talker in (scene.parents[0], scene.outsider):
        await talker.says("/home")
        for route in ("poll", "poll.close", "poll.remind", "poll.change"):
            assert "You can't do this here" in await talker.forges(f"{route}:{number}")
    for forged in ("poll.close:999999", "poll.close:x", "poll.close", f"poll.open:{'9' * 19}", "poll.open:' OR 1=1"):
        assert "You can't do this here" in await scene.head.forges(forged)
    assert "Close now" in scene.head.find("Close now").labels


async def test_a_leader_above_closes_it_too_and_the_author_hears(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    number = await poll_id(world)
    await scene.coordinator.says("/home")
    assert "Your poll" in await scene.coordinator.forges(f"poll:{number}")
    assert "The poll is closed." in await scene.coordinator.taps("Close now")
    assert "Result of the poll" in scene.head.last.text


# --- reminding --------------------------------------------------------------------------------------------------------


@pytest.mark.row("E1")
async def test_those_who_have_not_answered_are_reminded_once_by_hand(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    mother, father = scene.parents
    await mother.votes(poll_in(mother.chat), 0)
    await world.tick()
    card = scene.head.find("Remind the rest")
    assert "are reminded now" in await scene.head.taps("Remind the rest")
    await world.tick()
    assert "still waiting for your answer" in father.last.text
    assert not any("still waiting" in one.text for one in mother.messages)
    number = await poll_id(world)
    assert "reminded already" in await scene.head.forges(f"poll.remind:{number}", message=card)
    await world.tick()
    assert sum("still waiting" in one.text for one in father.messages) == 1
    await father.taps("Answer")
    assert len(native(father.chat)) == 1
    await father.votes(poll_in(father.chat), 1)
    assert await ballots(world) == [1, 2]


@pytest.mark.row("E1")
async def test_those_who_have_not_answered_are_reminded_by_themselves_before_the_close(world: World) -> None:
    scene = await school(world)
    await answers(scene.head, "/poll", "Museum?", "Yes\nNo", "[Next]", "[One]", "[In 3 days]", "[Open the poll]")
    await world.later(hours=47)
    assert not any("still waiting" in one.text for one in scene.parents[0].messages)
    await world.later(hours=2)
    assert "It closes: Friday, 4 December 2026, 09:00" in scene.parents[0].last.text
    assert "were reminded" in scene.head.find("Close now").text


# --- changing ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("E1")
async def test_before_the_first_vote_the_question_and_options_are_asked_again(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    mother = scene.parents[0]
    assert "What is your question?" in await scene.head.taps("Change")
    review = await answers(scene.head, "Theatre?", "Yes\nNo\nLater", "[Next]")
    assert "Theatre?" in review
    await scene.head.taps("Open the poll")
    await world.tick()
    assert [one.poll and one.poll.question for one in native(mother.chat)] == ["Theatre?"]
    assert any("the new one takes its place" in one.text for one in scene.head.messages)
    await mother.votes(poll_in(mother.chat), 2)
    assert await ballots(world) == [4]


@pytest.mark.row("E1_bad_changed")
async def test_after_the_first_vote_the_options_cannot_be_changed(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    number = await poll_id(world)
    await scene.parents[0].votes(poll_in(scene.parents[0].chat), 0)
    assert "can't be changed any more" in await scene.head.taps("Change")
    await world.later(seconds=10)
    assert not any("Change" in one.labels for one in scene.head.messages)
    assert "can't be changed any more" in await scene.head.forges(f"poll.change:{number}")


@pytest.mark.row("E1_bad_changed")
async def test_a_vote_while_the_author_changes_the_options_wins(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    await answers(scene.head, "[Change]", "Theatre?", "Yes\nNo", "[Next]")
    await scene.parents[0].votes(poll_in(scene.parents[0].chat), 0)
    assert "can't be changed any more" in await scene.head.taps("Open the poll")
    await world.tick()
    assert [one.poll and one.poll.question for one in native(scene.parents[0].chat)] == ["Museum?"]
    assert "nothing to stop" in await scene.head.says("/cancel")


# --- /polls -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("E1")
async def test_the_open_polls_with_my_answer_and_the_way_to_them(world: World) -> None:
    scene = await school(world)
    mother, father = scene.parents
    assert "No poll is open" in await mother.says("/polls")
    await a_poll(scene)
    await mother.votes(poll_in(mother.chat), 0)
    assert "Museum?\u2069 (you have answered)" in await mother.says("/polls")
    assert "Museum?\u2069 (not answered yet)" in await father.says("/polls")
    await father.taps("Museum?")
    assert len(native(father.chat)) == 1
    await scene.head.says("/polls")
    assert scene.head.labels == ["Museum?", "Results"]
    assert "Your poll" in await scene.head.taps("Results")
    assert "No poll is open" in await scene.outsider.says("/polls")
    assert "You can't do this here" in await scene.outsider.forges(f"poll.open:{await poll_id(world)}")
    await scene.head.taps("Close now")
    assert "No poll is open" in await mother.says("/polls")
    assert "This poll is closed." in await father.forges(f"poll.open:{await poll_id(world)}")


async def test_a_leader_above_is_no_member_and_does_not_answer(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    await scene.coordinator.says("/home")
    said = await scene.coordinator.forges(f"poll.open:{await poll_id(world)}")
    assert "This poll is for the members of: \u20685A\u2069" in said


async def test_an_author_from_above_sees_her_poll_but_answers_none(world: World) -> None:
    scene = await school(world)
    await answers(scene.owner, "/poll Museum? | Yes | No")
    await answers(scene.coordinator, "/poll Museum? | Yes | No", "[5A]", "[Open the poll]")
    await scene.coordinator.says("/polls")
    assert scene.coordinator.labels == ["Results"]


async def test_many_open_polls_come_in_pages(world: World) -> None:
    scene = await school(world)
    for number in range(10):
        await answers(scene.head, f"/poll Question {number} | Yes | No", "[Open the poll]")
    await scene.parents[0].says("/polls")
    assert scene.parents[0].labels == [*(f"Question {number}" for number in range(9, 1, -1)), "More"]
    await scene.parents[0].taps("More")
    assert scene.parents[0].labels == ["Question 1", "Question 0"]
    assert "Question 9" in await scene.parents[0].forges("polls.more:x")
    await scene.parents[0].taps("More")
    assert "Question 9" in await scene.parents[0].forges("polls.more:1")  # what came after it is closed by now


# --- many -------------------------------------------------------------------------------------------------------------


async def test_copies_for_many_are_sent_by_chunks_and_a_tick_again_sends_none_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.polls.PERSONS_AT_ONCE", 2)
    monkeypatch.setattr("jobs.polls.GROUPS_AT_ONCE", 1)
    scene = await school(world, parents=5)
    chats = [await group(scene, scene.class_a) for _ in range(2)]
    await answers(
        scene.head, "/poll", "Museum?", "Yes\nNo", "[Next]", "[One]", "[In 3 days]", "[Both]", "[Open the poll]"
    )
    for _ in range(3):
        await world.tick()
    async with world.birge.database.writing() as db:
        await storage.polls.save_opened(db, await poll_id(world), 0, 0, done=False)
    for _ in range(3):
        await world.tick()
    everywhere: Sequence[Chat] = [*chats, *(one.chat for one in (*scene.parents, *scene.pupils, scene.head))]
    assert [len(native(chat)) for chat in everywhere] == [1] * 9
    await world.later(hours=49)
    for _ in range(3):
        await world.tick()
    assert [sum("still waiting" in one.text for one in parent.messages) for parent in scene.parents] == [1] * 5
    await scene.head.taps("Close now")
    for _ in range(3):
        await world.tick()
    assert all(is_closed(poll_in(chat)) for chat in everywhere)


async def test_who_cannot_be_reached_is_in_the_ledger_and_stops_nobody(world: World) -> None:
    scene = await school(world)
    world.sandbox.blocks(scene.parents[0].person)
    await a_poll(scene)
    assert native(scene.parents[1].chat)
    person = await person_id_of(world, scene.parents[0])
    rows = await world.rows(
        "SELECT state, reason FROM deliveries WHERE kind = 'open_poll' AND person_id = :person", person=person
    )
    assert [(row["state"], row["reason"]) for row in rows] == [("failed", "blocked")]


async def test_a_member_with_no_account_left_stops_nobody(world: World) -> None:
    scene = await school(world)
    person = await person_id_of(world, scene.parents[0])
    async with world.birge.database.writing() as db:
        await db.run("DELETE FROM conversations")
        await db.run("DELETE FROM identities WHERE person_id = :person", person=person)
    await a_poll(scene)
    assert native(scene.parents[1].chat)


async def test_a_group_that_became_another_hears_the_result_there(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await scene.head.says("/poll Museum? | Yes | No", chat)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE chats SET address = '-1009999' WHERE community_id = :id", id=scene.class_a.id)
    await scene.head.taps("Close now")
    await world.tick()
    rows = await world.rows("SELECT place FROM deliveries WHERE dedupe_key LIKE 'poll:%:result:%'")
    assert [row["place"] for row in rows] == ["telegram:-1009999"]


async def test_a_new_member_finds_the_poll_under_polls(world: World) -> None:
    scene = await school(world)
    await a_poll(scene)
    late = await add_member(world, scene.class_a, Role.PARENT, "Late")
    await late.says("/polls")
    await late.taps("Museum?")
    await late.votes(poll_in(late.chat), 1)
    assert await ballots(world) == [2]
