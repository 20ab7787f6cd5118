"""A child who waits, asks for help in a word, or is in danger in the middle of something: never silence, never two
questions at once."""

from datetime import timedelta

import pytest

from domain import asking_for_help
from domain.cases import CLOCKS, Risk
from domain.languages import LANGUAGES
from tests import scenes
from tests.cast import START, Talker, World
from tests.scenes import Hotline, report, take, taken

BROKEN = "Nobody has answered yet. I have called more helpers."
OFFER = "Shall I fetch the helper on duty right now?"
LINE = "Your library book is waiting."


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


def heard(talker: Talker) -> list[str]:
    return [message.text for message in talker.messages]


def broken(talker: Talker) -> int:
    return sum(BROKEN in one for one in heard(talker))


async def answers(worker: Talker, words: str) -> None:
    await worker.taps("Answer")
    await worker.says(words)
    await worker.taps("Send")


# --- the promise was broken -------------------------------------------------------------------------------------------


async def test_who_waits_in_vain_hears_so_at_the_first_two_clocks_and_not_for_ever(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.", safe="No")  # within 15 minutes
    clock = CLOCKS[Risk.CRITICAL]
    await scene.world.later(minutes=8)
    assert broken(scene.pupil) == 0  # it was only half of it: others were called, the promise still holds
    await scene.world.at(START + clock + timedelta(minutes=1))
    assert broken(scene.pupil) == 1
    assert "Please don't wait for this: call." in scene.pupil.last.text
    assert "116 111" in scene.pupil.last.text
    assert "🆘 Danger now" in scene.pupil.labels
    await scene.world.at(START + 2 * clock + timedelta(minutes=1))
    assert broken(scene.pupil) == 2
    for more in range(3, 7):
        await scene.world.at(START + more * clock + timedelta(minutes=1))
    assert broken(scene.pupil) == 2


async def test_after_down_time_it_is_said_once(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.", safe="No")
    await scene.world.later(hours=5)
    assert broken(scene.pupil) == 1


async def test_in_danger_it_is_said_after_five_minutes(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    await scene.world.later(minutes=4)
    assert broken(scene.pupil) == 0
    await scene.world.later(minutes=2)
    assert broken(scene.pupil) == 1


async def test_a_helper_who_lets_it_lie_breaks_it_too(scene: Hotline) -> None:
    await taken(scene)
    await scene.world.later(hours=10)
    assert broken(scene.pupil) == 1


async def test_who_was_answered_does_not_hear_that_nobody_did(scene: Hotline) -> None:
    await taken(scene)
    await answers(scene.worker, "I am here.")
    scene.world.sandbox.blocks(scene.worker.person)
    await scene.world.settle()
    await scene.world.later(minutes=10)
    assert (await scene.world.rows("SELECT state FROM cases"))[0]["state"] == "new"
    assert broken(scene.pupil) == 0


async def test_a_teacher_is_told_so_about_the_pupil(scene: Hotline) -> None:
    head = scene.school.head
    await head.says("/hotline")
    await head.taps("About a pupil")
    await head.taps("Skip")
    await head.taps("Skip")
    await head.taps("No")
    await head.taps("Skip")
    await head.taps("Send")
    await scene.world.later(minutes=16)
    assert "If the pupil needs help now, please don't wait for this: call." in head.last.text


async def test_it_comes_within_her_hours_and_behind_her_line(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.", safe="No")
    await scene.pupil.taps("How to write")
    await scene.pupil.taps("In the evening")
    await scene.pupil.taps("Line: book")
    before = heard(scene.pupil)
    await scene.world.later(minutes=40)
    assert heard(scene.pupil) == before
    await scene.world.at(START.replace(hour=14, minute=30))  # 18:30 in Baku
    assert heard(scene.pupil)[len(before) :] == [LINE]
    assert BROKEN in await scene.pupil.taps("Read")


async def test_who_took_it_back_hears_nothing_of_it(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.", safe="No")
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("Take it back")
    await scene.pupil.taps("Yes, take back")
    await scene.world.later(minutes=40)
    assert broken(scene.pupil) == 0


# --- a word alone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["I need help!", "HELP", "help me", "sos", "Мне нужна помощь", "көмектес", "Kömək!"])
async def test_a_call_for_help_in_a_word_opens_the_notice(scene: Hotline, words: str) -> None:
    assert "Please read these six lines first" in await scene.pupil.says(words)
    assert "I have read it" in scene.pupil.labels


async def test_the_word_itself_is_kept_for_the_report(scene: Hotline) -> None:
    await scene.pupil.says("help me")
    await scene.pupil.taps("I have read it")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await scene.pupil.taps(label)
    assert "help me" in scene.pupil.last.text


def test_only_a_whole_message_asks_for_help_and_every_language_has_its_words() -> None:
    assert asking_for_help.PHRASES.keys() == LANGUAGES.keys()
    for phrases in asking_for_help.PHRASES.values():
        assert all(asking_for_help.is_asked(phrase.upper() + "!!!") for phrase in phrases)
    for other in ("help me with my homework", "Who can help?", "no help needed", "", "помощь в уроках"):
        assert not asking_for_help.is_asked(other)


async def test_words_nobody_waits_for_show_the_way_to_help(scene: Hotline) -> None:
    assert "I am not waiting for an answer" in await scene.pupil.says("nobody likes me")
    assert scene.pupil.labels == ["Show what you can do", "I need help", "🆘 Danger now"]
    assert "116 111" in await scene.pupil.taps("Danger now")


async def test_also_where_the_hotline_is_closed(scene: Hotline) -> None:
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'ended' WHERE role = 'worker'")
    await scene.pupil.says("hmm")
    assert "116 111" in await scene.pupil.taps("Danger now")


# --- danger in the middle of something --------------------------------------------------------------------------------


async def test_the_offer_stands_last_and_is_the_only_question(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.taps("Skip")
    said = await scene.pupil.says("i want to die")
    assert said.index("116 111") < said.index("I have kept it with the rest.") < said.index(OFFER)
    assert "Is it about an adult" not in said
    assert scene.pupil.labels[0] == "Yes, fetch a helper"


async def test_after_a_false_alarm_the_report_goes_on_below(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.taps("Skip")
    await scene.pupil.says("i want to die")
    said = await scene.pupil.taps("No, false alarm")
    assert "I have called nobody. We go on below." in said
    assert "Is it about an adult at school?" in scene.pupil.last.text
    await scene.pupil.taps("No", message=scene.pupil.last)
    assert "Are you safe right now?" in scene.pupil.last.text


async def test_with_an_open_report_it_is_kept_in_one_line_and_asked_again_after_a_false_alarm(scene: Hotline) -> None:
    number = await taken(scene)
    said = await scene.pupil.says("i want to die")
    assert said.index("This is kept here, but sent to nobody yet.") < said.index(OFFER)
    assert "Shall I send this" not in said
    assert "Shall I send this to the helper?" in await scene.pupil.taps("No, false alarm")
    assert "Sent to the helper" in await scene.pupil.taps(f"Send to {number}")


async def test_a_refused_answer_stands_above_the_offer(scene: Hotline) -> None:
    await scene.school.head.says("/poll")
    said = await scene.school.head.says("I want to die " * 200)
    assert said.index("too long") < said.index(OFFER)


async def test_who_wrote_nothing_is_not_told_that_it_is_read(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    said = await scene.pupil.taps("Danger now")
    assert f"{OFFER} The helper learns of the danger." in said
    assert "reads" not in said
    await scene.pupil.taps("I have read it")
    await scene.pupil.says("They wait outside.")
    assert "reads what you wrote here" in await scene.pupil.taps("Danger now")


async def test_in_the_night_it_is_said_once(scene: Hotline) -> None:
    worker, backup = [await scenes.person_id_of(scene.world, one) for one in (scene.worker, scene.other_worker)]
    await scenes.on_duty(scene.world, worker, backup, hours="8-20")
    await scene.world.at(START.replace(hour=19))
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    said = await scene.pupil.taps("Yes, fetch a helper")
    assert "Please don't wait for that: call." in said
    assert "Don't only wait" not in said
    assert "116 111" in said


# --- the code ---------------------------------------------------------------------------------------------------------


async def test_every_wrong_code_sounds_the_same_and_says_when_to_try_again(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have a code")
    said = [await scene.pupil.says("1234 5678 1234 5678") for _ in range(3)]
    wrong = "This code does not fit. Please look at it once more. The next try: from %s on."
    assert said[0].startswith(wrong % "09:00")
    assert said[1] == said[0]
    assert said[2].startswith(wrong % "09:02")
    assert "Please wait until 09:02, then type the code again." in await scene.pupil.says("1234 5678 1234 5678")


async def test_who_has_no_code_after_all_stops_and_what_was_begun_goes_on(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.says("They push me.")
    await scene.pupil.taps("I have a code")
    said = await scene.pupil.taps("Stop", message=scene.pupil.last)
    assert "Stopped." in said
    assert "What happened?" in said
    await scene.pupil.taps("Next")
    assert "about an adult" in scene.pupil.last.text


# --- the harmless line ------------------------------------------------------------------------------------------------


async def test_several_words_come_as_one_line_and_read_shows_them_all_in_their_order(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    await scene.pupil.taps("How to write")
    await scene.pupil.taps("In the evening")
    await scene.pupil.taps("Line: book")
    before = len(scene.pupil.messages)
    await take(scene.worker)
    for words in ("First words.", "Second words.", "Third words."):
        await answers(scene.worker, words)
    assert len(scene.pupil.messages) == before
    await scene.world.at(START.replace(hour=14, minute=30))  # 18:30 in Baku
    assert heard(scene.pupil)[before:] == [LINE]
    line = scene.pupil.last
    await scene.pupil.taps("Read")
    shown = heard(scene.pupil)[before:]
    assert [one.split("\n")[-1] for one in shown] == ["First words.", "Second words.", "Third words."]
    await scene.pupil.taps("Hide", message=line)
    assert line.text == LINE
    assert "First words." in await scene.pupil.taps("Read", message=line)
    assert len(scene.pupil.messages) == before + 3  # what was shown once is not shown twice


async def test_that_somebody_reads_it_is_not_said_once_there_is_an_answer(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    await scene.pupil.taps("How to write")
    await scene.pupil.taps("In the evening")
    await take(scene.worker)
    await answers(scene.worker, "I am here.")
    await scene.world.at(START.replace(hour=14, minute=30))
    said = "\n".join(heard(scene.pupil))
    assert "I am here." in said
    assert "A helper is reading report" not in said


# --- ways on ----------------------------------------------------------------------------------------------------------


async def test_danger_now_stands_where_a_child_may_stop(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/help")
    assert pupil.labels == ["I need help", "🆘 Danger now"]
    await taken(scene)
    await pupil.taps("Write to the helper")
    await pupil.taps("Done")
    assert pupil.labels == ["🆘 Danger now"]
    await pupil.taps("Danger now")
    await pupil.taps("No, false alarm")
    assert pupil.labels == ["🆘 Danger now"]
    await pupil.taps("Danger now")
    said = await pupil.taps("Yes, fetch a helper")
    assert "🆘 Danger now" in pupil.find("Write more").labels
    assert "The alarm is sent." in said


async def test_from_the_notice_back_to_the_open_question(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("Danger now")
    await pupil.taps("Who reads this?")
    assert "Back" not in pupil.labels  # nothing is open yet
    await pupil.taps("I have read it")
    await pupil.taps("Skip")
    await pupil.taps("Who reads this?")
    assert "Is it about an adult" in await pupil.taps("Back", message=pupil.last)
    await pupil.taps("No", message=pupil.last)
    assert "Are you safe right now?" in pupil.last.text
    assert "This question is over already" in await scene.school.head.forges("hl.back")


async def test_a_sad_face_is_answered_as_one(scene: Hotline) -> None:
    await taken(scene)
    await answers(scene.worker, "I am here.")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    await scene.worker.says("We talked.")
    await scene.worker.taps("Send and close")
    assert "I am sorry it did not help." in await scene.pupil.taps("It did not")
    assert "I am still not safe" in scene.pupil.labels
    assert "Thank you. And if something" in await scene.pupil.taps("A little")
