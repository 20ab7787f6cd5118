"""C5: questions and proposals before a dialogue meeting, supported, ranked and answered."""

import pytest

from domain.roles import Role
from sandbox import Message
from tests.cast import Talker, World
from tests.conversations.test_meetings import called, card, meeting_id, steps
from tests.conversations.test_my_data import files_of
from tests.scenes import School, add_member, group, hotline, school

WORDS = {
    "en": {
        "ask": "Ask or propose",
        "question": "A question",
        "idea": "💡 A proposal",
        "send": "Send",
        "listed": "It is on the list",
        "no_more": "No more questions are taken for this meeting",
        "most": "One person can have 3 open questions at a meeting",
        "answer": "✓ Answer: \u2068From January\u2069",
    },
    "kk": {
        "ask": "Сұрақ не ұсыныс",
        "question": "Сұрақ",
        "idea": "💡 Ұсыныс",
        "send": "Жіберу",
        "listed": "Тізімге қосылды",
        "no_more": "Бұл кездесуге енді сұрақ қабылданбайды",
        "most": "Бір кездесуге бір адам ең көбі 3 ашық сұрақ қоя алады",
        "answer": "✓ Жауап: \u2068From January\u2069",
    },
}


async def dialogue(scene: School) -> None:
    """The head of class calls a dialogue meeting, and everybody has its card."""
    await steps(scene.head, "/meeting", "[Dialogue]", "7 December 18:00", "Meet the minister")
    await steps(scene.head, "[Skip]", "[Skip]", "[No limit]", "[Everybody]", "[Call it]")
    await scene.world.tick()


async def asks(talker: Talker, words: str, language: str = "en", kind: str = "question") -> str:
    said = WORDS[language]
    await talker.taps("❓", message=card_of(talker))
    await talker.taps(said["ask"])
    await talker.taps(said[kind])
    await talker.says(words)
    return await talker.taps(said["send"])


def card_of(talker: Talker) -> Message:
    return next(one for one in talker.messages if any(label.startswith("❓") for label in one.labels))


@pytest.mark.row("C5")
@pytest.mark.parametrize("language", ["en", "kk"])
async def test_questions_are_asked_supported_ranked_and_answered(world: World, language: str) -> None:
    scene = await school(world, pupils=0)
    pupil, other = [await add_member(world, scene.class_a, Role.PUPIL, f"Pupil{n}", language) for n in range(2)]
    await dialogue(scene)
    assert WORDS[language]["listed"] in await asks(pupil, "Why is there no library?", language)
    heard = await asks(other, "When do lessons end?", language)
    assert "1. \u2068Why is there no library?\u2069" in heard
    assert "Pupil" not in heard  # nobody's name
    heard = await other.taps("👍 1")
    assert "1. \u2068Why is there no library?\u2069\n👍 2" in heard
    await other.forges("q.up:1:on:0")  # the same tap once more
    assert "👍 2" in other.find("✓ 1").text
    assert "👍 1" in await other.taps("✓ 1")  # taken back
    await scene.parents[0].taps("❓", message=card_of(scene.parents[0]))
    ranked = await scene.parents[0].taps("👍 2")
    assert ranked.index("When do lessons end?") < ranked.index("Why is there no library?")
    await scene.head.taps("❓", message=card_of(scene.head))
    await scene.head.taps("Manage")
    assert "Asked by: \u2068Pupil1\u2069" in await scene.head.taps("✎ 1")
    assert scene.head.last.protected
    await scene.head.taps("To print")
    sheet = scene.head.last.media
    assert sheet is not None
    printed = sheet.data.decode()
    assert printed.index("When do lessons end?") < printed.index("Why is there no library?")
    assert "Pupil" not in printed
    await scene.head.taps("Record the answer", message=scene.head.find("Record the answer"))
    assert "whoever asked is told" in await scene.head.says("From January")
    assert WORDS[language]["answer"] in other.last.text
    assert "From January" not in pupil.last.text
    page, hers = await files_of(other)
    assert [(one["words"], one["answer"]) for one in hers["questions_asked"]] == [
        ("When do lessons end?", "From January")
    ]
    assert "From January" in page


@pytest.mark.row("C5")
async def test_a_proposal_is_answered_with_what_becomes_of_it(world: World) -> None:
    scene = await school(world, pupils=2)
    await dialogue(scene)
    await asks(scene.pupils[0], "A bench in the yard", kind="idea")
    await scene.head.forges("q:1")
    await steps(scene.head, "[Record the answer]", "[No, because …]", "There is no room")
    assert "✗ No, because: \u2068There is no room\u2069" in scene.pupils[0].last.text
    await scene.head.forges("q.answer:1")  # it was found after all
    await steps(scene.head, "[Planned]", "In spring, by the parents")
    assert "🗓 Planned. \u2068In spring, by the parents\u2069" in scene.pupils[0].last.text
    assert "not open any more" in await scene.pupils[1].forges("q.up:1:on:0")


@pytest.mark.row("C5")
async def test_what_was_taken_off_the_list_comes_back_by_no_answer(world: World) -> None:
    scene = await school(world, pupils=1)
    await dialogue(scene)
    await asks(scene.pupils[0], "Sevinc is stupid")
    await scene.head.forges("q.answer:1")  # the form is open while another leader takes it off
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Chair")
    await chair.forges("q.hide:1")
    assert "not open any more" in await scene.head.says("No, she is not")
    await chair.forges("q:1", message=chair.last)
    assert chair.labels == ["Back on the list"]
    assert "not open any more" in await chair.forges("q.answer:1")
    await scene.parents[0].taps("❓", message=card_of(scene.parents[0]))
    assert "stupid" not in scene.parents[0].last.text


@pytest.mark.row("C5")
async def test_what_asks_the_same_is_added_up_and_what_is_unfit_leaves_the_list(world: World) -> None:
    scene = await school(world, pupils=3)
    first, second, third = scene.pupils
    await dialogue(scene)
    await asks(first, "Why no library?")
    await asks(second, "Is there a library?")
    await asks(third, "Sevinc is stupid")
    await second.forges("q.up:1:on:0")  # who supports both counts once
    await scene.head.forges("q:2")
    await scene.head.taps("Same as another")
    assert "👍 2" in await scene.head.taps("Why no library?")
    await scene.head.forges("q:3")
    await scene.head.taps("Off the list")
    assert "took this off the list" in third.last.text
    heard = await first.taps("❓", message=card_of(first))
    assert "Is there a library?" not in heard
    assert "stupid" not in heard
    await scene.head.taps("Back on the list")
    assert "stupid" in await first.taps("❓", message=card_of(first))
    await scene.head.forges("q.answer:1")
    await scene.head.says("It opens in May")
    assert "It opens in May" in first.last.text
    assert "It opens in May" in second.last.text  # hers went into it


@pytest.mark.row("C5")
@pytest.mark.parametrize("language", ["en", "kk"])
async def test_the_organiser_stops_questions_and_so_does_the_beginning(world: World, language: str) -> None:
    scene = await school(world, pupils=0)
    pupil, said = await add_member(world, scene.class_a, Role.PUPIL, "Pupil", language), WORDS[language]
    await dialogue(scene)
    number = await meeting_id(world)
    await asks(pupil, "Why is there no library?", language)
    await pupil.taps(said["ask"])
    await pupil.taps(said["question"])
    await pupil.says("Too late?")
    await scene.head.taps("❓", message=card_of(scene.head))
    await scene.head.taps("Manage")
    assert "No more questions are taken" in await scene.head.taps("Stop questions")
    assert said["no_more"] in await pupil.taps(said["send"])  # even what was being written
    for data in ("q.up:1:off:0", f"q.ask:{number}"):
        assert said["no_more"] in await pupil.forges(data)
    heard = await pupil.taps("❓", message=card_of(pupil))
    assert said["no_more"] in heard
    assert "1. \u2068Why is there no library?\u2069\n👍 1" in heard  # it can still be read
    assert pupil.labels == []
    assert "No more" not in await scene.head.taps("Take questions")
    assert said["listed"] in await asks(pupil, "Is there room now?", language)
    await world.later(days=7)  # it has begun
    for data in ("q.up:1:off:0", f"q.ask:{number}"):
        assert said["no_more"] in await pupil.forges(data)
    assert "has begun already" in await scene.head.forges(f"q.take:{number}:on:0")
    await scene.head.forges(f"qs.work:{number}:0")
    assert scene.head.labels == ["✎ 1", "✎ 2", "🖨 To print", "Back"]


async def test_a_long_list_has_pages_of_five_and_no_screen_more_than_ten_buttons(world: World) -> None:
    scene = await school(world, pupils=1)
    await dialogue(scene)
    number = await meeting_id(world)
    async with world.birge.database.writing() as db:
        for at in range(11):
            await db.run(
                """INSERT INTO questions (meeting_id, kind, words, state, asked_at)
                   VALUES (:id, 'question', :words, 'open', 0)""",
                id=number,
                words=f"Question {at}?",
            )
    await scene.head.taps("❓", message=card_of(scene.head))
    votes = [f"👍 {at}" for at in range(1, 12)]
    assert scene.head.labels == [*votes[:5], "Later", "Ask or propose", "Manage"]
    await scene.head.taps("Later")
    assert scene.head.labels == [*votes[5:10], "Earlier", "Later", "Ask or propose", "Manage"]
    await scene.head.taps("Manage")
    work = ["✎ 6", "✎ 7", "✎ 8", "✎ 9", "✎ 10", "Earlier", "Later", "🖨 To print", "Stop questions", "Back"]
    assert scene.head.labels == work
    await scene.head.taps("Later")
    assert scene.head.labels == ["✎ 11", "Earlier", "🖨 To print", "Stop questions", "Back"]
    assert "Question 0?" in await scene.head.forges(f"qs.page:{number}:99999999999")  # none such any more
    assert scene.head.last.labels[0] == "👍 1"
    await scene.head.forges("q.same:1")
    assert scene.head.labels == [*(f"Question {at}?" for at in range(1, 8)), "Later"]
    await scene.head.taps("Later")
    assert scene.head.labels == [*(f"Question {at}?" for at in range(8, 11)), "Earlier"]


@pytest.mark.row("C5_bad_fifty")
@pytest.mark.parametrize("language", ["en", "kk"])
async def test_fifty_questions_of_one_person_are_limited_and_she_is_told_so(world: World, language: str) -> None:
    scene = await school(world, pupils=0)
    pupil = await add_member(world, scene.class_a, Role.PUPIL, "Pupil", language)
    await dialogue(scene)
    for number in range(3):
        assert WORDS[language]["listed"] in await asks(pupil, f"Question {number}?", language)
    for _ in range(47):
        assert WORDS[language]["most"] in await pupil.forges(f"q.ask:{await meeting_id(world)}")
    await scene.head.forges("q.answer:1")
    await scene.head.says("Yes")
    assert WORDS[language]["listed"] in await asks(pupil, "One more?", language)  # an answer makes room


async def test_two_forms_at_once_don_t_pass_the_limit(world: World) -> None:
    scene = await school(world)
    await dialogue(scene)
    for number in range(2):
        await asks(scene.pupils[0], f"Question {number}?")
    await scene.pupils[0].forges(f"q.ask:{await meeting_id(world)}")
    await steps(scene.pupils[0], "[A question]", "Third?")
    async with world.birge.database.writing() as db:
        await db.run(
            """INSERT INTO questions (meeting_id, asked_by, kind, words, state, asked_at)
               SELECT meeting_id, asked_by, kind, words, state, asked_at FROM questions WHERE id = 1"""
        )
    assert "One person can have 3 open questions" in await scene.pupils[0].taps("Send")


async def test_distress_in_a_question_is_answered_first_and_nothing_is_listed(world: World) -> None:
    staff = await hotline(world)
    scene = staff.school
    await dialogue(scene)
    pupil = scene.pupils[0]
    await pupil.forges(f"q.ask:{await meeting_id(world)}")
    await pupil.taps("A question")
    heard = await pupil.says("I want to die")
    order = ["If you are in danger now, please call:", "I showed this to nobody", "Shall I fetch the helper"]
    assert sorted(order, key=heard.index) == order
    assert "Shall I fetch the helper on duty right now?" in pupil.last.text  # what is read and tapped
    assert await world.rows("SELECT id FROM questions") == []
    assert "The alarm is sent" in await pupil.taps("Yes, fetch a helper")
    assert "Added to the report" in await pupil.says("He hits me")  # no question either
    assert await world.rows("SELECT id FROM questions") == []


HARD = {
    "en": ("A question", "What do I say to a friend who tells me: I want to die?", "write it once more", "Send"),
    "ru": ("Вопрос", "Что сказать другу, который говорит: хочу умереть?", "ещё раз", "Отправить"),
}


@pytest.mark.parametrize("language", HARD)
async def test_a_question_about_hard_things_is_asked_by_who_writes_it_again(world: World, language: str) -> None:
    """Rule 8: a match offers help, and never blocks."""
    kind, words, once_more, send = HARD[language]
    staff = await hotline(world)
    pupil = await add_member(world, staff.school.class_a, Role.PUPIL, "Aysel", language)
    await dialogue(staff.school)
    await pupil.forges(f"q.ask:{await meeting_id(world)}")
    await pupil.taps(kind)
    assert once_more in await pupil.says(words)
    assert await world.rows("SELECT id FROM questions") == []
    await pupil.says(words)
    await pupil.taps(send)
    assert len(await world.rows("SELECT id FROM questions")) == 1


async def test_distress_put_in_by_an_edit_opens_that_question_again(world: World) -> None:
    staff = await hotline(world)
    await dialogue(staff.school)
    pupil = staff.school.pupils[0]
    await pupil.forges(f"q.ask:{await meeting_id(world)}")
    await pupil.taps("A question")
    await pupil.says("Why?")
    world.sandbox.edits(pupil.person, pupil.chat.messages[-2], "I want to die")
    await world.settle()
    assert any("I showed this to nobody" in message.text for message in pupil.chat.messages[-3:])
    await pupil.says("I want to die")
    await pupil.taps("Send")
    assert len(await world.rows("SELECT id FROM questions")) == 1


async def test_wrong_words_old_buttons_and_others_are_refused(world: World) -> None:
    scene = await school(world)
    await dialogue(scene)
    number = await meeting_id(world)
    await scene.pupils[0].forges(f"q.ask:{number}")
    await scene.pupils[0].taps("A question")
    for words in ("???", "x" * 301):
        assert "It needs words, and at most 300 characters" in await scene.pupils[0].says(words)
    await steps(scene.pupils[0], "Why?", "[Send]")
    for data in (
        f"qs.work:{number}:0",
        f"q.take:{number}:off:0",
        "q:1",
        "q.answer:1",
        "q.hide:1",
        "q.show:1",
        "q.same:1",
        "q.merge:1:1",
    ):
        assert "You can't do this here" in await scene.parents[0].forges(data)
    for data in (f"qs:{number}:0", "q.up:1:on:0", f"q.ask:{number}"):
        assert "You can't do this here" in await scene.outsider.forges(data)
    for data in ("q.up:1:both:0", "q.up:1", "q.up:99:on:0"):
        assert "You can't do this here" in await scene.pupils[0].forges(data)
    assert "You can't do this here" in await scene.head.forges("q.merge:1:1")
    assert "no other open question" in await scene.head.forges("q.same:1")
    await called(scene)  # a joint meeting collects none
    assert "❓ Questions" not in scene.pupils[0].last.labels
    assert "You can't do this here" in await scene.pupils[0].forges(f"qs:{await meeting_id(world)}:0")


async def test_the_group_has_a_door_and_no_list(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await dialogue(scene)
    link = chat.visible[-1].buttons[-1]
    assert link.label == "❓ Ask a question"
    assert link.url is not None
    heard = await scene.pupils[0].says("/start " + link.url.split("?start=")[1])
    assert "Questions and proposals" in heard
    assert "There is none yet." in heard
    assert "Nobody sees who asked, only the organiser." in heard
    assert "👍" not in heard  # there is nothing to support yet
    assert card(scene.pupils[0]).labels[-2] == "❓ Questions"
