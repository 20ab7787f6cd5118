"""The reporter's side: coming back with a code, erasing, taking back, hours and harmless lines, being asked after."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

import storage.cases
from domain import codes
from domain.roles import Role
from sandbox import Fault
from tests import scenes
from tests.cast import START, Talker, World
from tests.scenes import Hotline, add_member, report, taken

CODE = re.compile(r"\b\d{4} \d{4} \d{4} \d{4}\b")
WRONG = "This code does not fit."
HELPER = "I read what you wrote."


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


def code_of(reporter: Talker) -> str:
    """The code that stands in her chat."""
    return str([found for message in reporter.messages for found in CODE.findall(message.text)][-1])


async def another_phone(scene: Hotline, name: str = "Aysel") -> Talker:
    talker = scene.world.person(name)
    await talker.starts()
    return talker


async def comes_back(talker: Talker, code: str) -> str:
    await talker.says("/hotline")
    await talker.taps("I have a code")
    return await talker.says(code)


async def answers(worker: Talker, words: str = HELPER) -> str:
    await worker.taps("Answer")
    await worker.says(words)
    return await worker.taps("Send")


async def chooses(pupil: Talker, *labels: str) -> None:
    """Under *How to write*."""
    await pupil.taps("How to write")
    for label in labels:
        await pupil.taps(label)


def heard(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


async def deeds(world: World) -> list[str]:
    return [row["deed"] for row in await world.rows("SELECT deed FROM case_log ORDER BY id")]


# --- the code ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("F15")
async def test_number_code_and_when_somebody_answers_come_in_one_message(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    sent = scene.pupil.last
    assert "Its number is " in sent.text
    assert "within 3 hours" in sent.text
    assert CODE.search(sent.text)
    assert "116 111" in sent.text
    assert len(sent.text) < 900
    assert sent.labels[:4] == ["I wrote it down", "Write more", "How to write", "Erase here"]


async def test_written_down_the_code_leaves_the_chat_and_works_on(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    code = code_of(scene.pupil)
    told = await scene.pupil.taps("I wrote it down")
    assert "Its number is " in told
    assert CODE.search(heard(scene.pupil)) is None
    aysel = await another_phone(scene)
    assert "From now on the answers come here." in await comes_back(aysel, code)


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.replace(" ", ""),
        lambda code: code.replace(" ", "-"),
        lambda code: code.replace(" ", " – "),
        lambda code: code.translate({ord("0") + n: chr(0x0660 + n) for n in range(10)}),
        lambda code: code.translate({ord("0") + n: chr(0x06F0 + n) for n in range(10)}),
        lambda code: "\u200f" + code.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)}) + "\n",
    ],
    ids=["together", "dashes", "long dashes", "Arabic-Indic", "Persian", "full width"],
)
async def test_a_code_is_understood_however_it_is_typed(scene: Hotline, typed: Callable[[str], str]) -> None:
    await report(scene.pupil, "They take my money.")
    aysel = await another_phone(scene)
    assert "waiting for a helper" in await comes_back(aysel, typed(code_of(scene.pupil)))


@pytest.mark.parametrize("typed", ["", "1234", "12345678901234567", "1234 5678 9012 345x", "½" * 16, "²" * 16])
def test_what_can_be_no_code(typed: str) -> None:
    assert codes.read(typed) is None


@pytest.mark.row("F15")
async def test_on_another_phone_she_reads_and_writes_and_the_old_one_hears_nothing(scene: Hotline) -> None:
    await taken(scene)
    await answers(scene.worker)
    old, code = scene.pupil, code_of(scene.pupil)
    aysel = await another_phone(scene)
    before = heard(old)
    found = await comes_back(aysel, code)
    assert HELPER in found
    assert code not in heard(aysel)
    assert code not in "".join(message.text for message in aysel.chat.visible)
    assert heard(old) == before

    await answers(scene.worker, "And today?")
    assert "And today?" in heard(aysel)
    assert heard(old) == before
    await aysel.taps("Write to the helper")
    assert "Sent to the helper" in await aysel.says("Better.")
    assert "a new message" in scene.worker.last.text
    assert "No report was sent from here yet." in await old.says("/mycases")
    assert "Shall I fetch the helper" in await old.taps("Write more")


async def test_mycases_opens_the_same_door_and_a_code_works_again_and_again(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    code = code_of(scene.pupil)
    aysel = await another_phone(scene)
    await comes_back(aysel, code)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps("I have a code")
    assert number in await scene.pupil.says(code)
    assert "No report was sent from here yet." in await aysel.says("/mycases")


async def test_a_code_on_the_phone_itself_changes_nothing(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    found = await comes_back(scene.pupil, code_of(scene.pupil))
    assert "waiting for a helper" in found
    assert "From now on" not in found


async def test_a_new_code_ends_the_old_one_only_when_it_is_written_down(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    old = code_of(scene.pupil)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("New code")
    new = code_of(scene.pupil)
    assert new != old
    aysel = await another_phone(scene)
    assert "waiting for a helper" in await comes_back(aysel, old)  # nobody can lock her out by a tap on her phone
    assert "waiting for a helper" in await comes_back(scene.pupil, new)
    await scene.pupil.taps("I wrote it down", message=scene.pupil.find("I wrote it down"))
    assert WRONG in await comes_back(aysel, old)


async def test_there_are_never_more_codes_than_she_can_use(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    page = scene.pupil.last
    for _ in range(7):
        await scene.pupil.taps("New code", message=page)
    assert "many codes" in await scene.pupil.taps("New code", message=page)
    assert len(await scene.world.rows("SELECT 1 FROM case_codes")) == 8


@pytest.mark.row("F15_bad_wrong_code")
async def test_wrong_ended_and_destroyed_codes_sound_the_same(scene: Hotline) -> None:
    world = scene.world
    await report(scene.pupil, "one")
    destroyed = code_of(scene.pupil)
    number = await report(scene.pupil, "two")
    ended = code_of(scene.pupil)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("New code")
    await scene.pupil.taps("I wrote it down")
    (row,) = await world.rows("SELECT key_id FROM cases WHERE number <> :number", number=number)
    async with world.birge.database.writing() as db:
        await db.vault.destroy_key(db, row["key_id"])
    told = []
    for name, code in (("A", "1234 5678 1234 5678"), ("B", ended), ("C", destroyed)):
        told.append(await comes_back(await another_phone(scene, name), code))
    assert told[0].startswith(WRONG)
    assert "116 111" in told[0]
    assert told == [told[0]] * 3


async def test_wrong_codes_slow_down_also_after_a_restart_and_the_right_one_waits_too(scene: Hotline) -> None:
    world = scene.world
    await report(scene.pupil, "They take my money.")
    code = code_of(scene.pupil)
    aysel = await another_phone(scene)
    for _ in range(2):
        assert "from 09:00 on" in await comes_back(aysel, "1234 5678 1234 5678")
    wrong = await aysel.says("1234 5678 1234 5678")
    assert "The next try: from 09:02 on." in wrong
    waiting = await aysel.says("1234 5678 1234 5678")
    assert waiting.startswith("Please wait until 09:02, then type the code again.")
    assert waiting == await aysel.says(code)  # while she waits not even the right one is looked up
    assert len(await world.rows("SELECT 1 FROM case_code_tries")) == 3
    assert (await deeds(world)).count("refused") == 3
    await world.later(minutes=2)
    assert "from 09:05 on" in await aysel.says("1234 5678 1234 5678")
    await world.later(minutes=3)
    assert "waiting for a helper" in await aysel.says(code)


async def test_many_wrong_codes_from_everywhere_slow_each_down_but_shut_out_nobody(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    code = code_of(scene.pupil)
    async with scene.world.birge.database.writing() as db:
        for account in range(60):
            await storage.cases.save_try(db, 1_000_000 + account, scene.world.now)
    aysel, robber = await another_phone(scene), await another_phone(scene, "Robber")
    assert "from 09:11 on" in await comes_back(robber, "1234 5678 1234 5678")
    assert "waiting for a helper" in await comes_back(aysel, code)


async def test_what_is_no_code_is_no_try(scene: Hotline) -> None:
    aysel = await another_phone(scene)
    assert "A code has 16 digits" in await comes_back(aysel, "7F3K2M")
    assert await scene.world.rows("SELECT 1 FROM case_code_tries") == []


async def test_words_in_place_of_a_code_are_not_lost(scene: Hotline) -> None:
    """Of somebody without a report, with one, and in the middle of one."""
    none, one, middle = scene.pupil, await another_phone(scene, "One"), await another_phone(scene, "Middle")
    await report(one, "They take my money.")
    await middle.says("/hotline")
    await middle.taps("I have read it")
    await middle.says("It began")
    assert "sent to nobody yet" in await comes_back(none, "I want to die")
    assert "Shall I send this to the helper?" in await comes_back(one, "It goes on")
    assert "I have kept that" in await comes_back(middle, "in May")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await middle.taps(label)
    assert "It began\nin May" in middle.last.text


async def test_an_unfinished_report_goes_on_after_a_code(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    aysel = await another_phone(scene)
    await aysel.says("/hotline")
    await aysel.taps("I have read it")
    await aysel.says("Something else")
    assert "What happened?" in await comes_back(aysel, code_of(scene.pupil))
    assert "Next" in aysel.labels


async def test_who_works_on_a_case_and_has_its_code_works_on_it_no_more(scene: Hotline) -> None:
    await taken(scene)
    code = code_of(scene.pupil)
    await comes_back(scene.worker, code)
    (row,) = await scene.world.rows("SELECT state, worker_mark FROM cases")
    assert (row["state"], row["worker_mark"]) == ("new", None)
    assert "Nothing waits." in await scene.worker.says("/queue")


# --- erasing ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("F15")
async def test_one_tap_leaves_nothing_of_the_hotline_in_the_chat(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/home")
    kept = {message.id for message in pupil.chat.visible}
    await taken(scene, "They take my money.", "Every day.")
    await answers(scene.worker)
    await pupil.says("хочу умереть")
    await pupil.says("/mycases")
    assert "stays with the helpers" in await pupil.taps("Erase here")
    told = await pupil.taps("Yes, erase")
    assert told == "Done. Everything from the last two days is deleted here."
    left = [message for message in pupil.chat.visible if message.id not in kept]
    assert [message.text for message in left] == [told]
    await pupil.taps("Remove this too")
    assert {message.id for message in pupil.chat.visible} == kept

    assert (await scene.world.rows("SELECT state FROM cases"))[0]["state"] == "taken"
    assert "a helper is working on it" in await pupil.says("/mycases")
    await answers(scene.worker, "Are you there?")  # and answers come as before
    assert "Are you there?" in heard(pupil)


async def test_she_may_change_her_mind(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    before = len(scene.pupil.chat.visible)
    await scene.pupil.taps("Erase here")
    assert "everything stays" in await scene.pupil.taps("No")
    assert len(scene.pupil.chat.visible) == before + 1


async def test_an_unsent_report_goes_and_she_is_told_before(scene: Hotline) -> None:
    pupil = scene.pupil
    await report(pupil, "one")
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("two")
    await pupil.says("/mycases")
    assert "What was not sent yet is lost." in await pupil.taps("Erase here")
    await pupil.taps("Yes, erase")
    assert "Shall I send this to the helper?" in await pupil.says("nobody asks")
    await pupil.taps("No")
    assert {row["state"] for row in await scene.world.rows("SELECT state FROM conversations")} == {None}


async def test_what_is_older_is_blanked_and_hers_is_for_her_own_hand(scene: Hotline) -> None:
    pupil, world = scene.pupil, scene.world
    await taken(scene)
    await world.later(hours=50)
    await pupil.says("/mycases")
    await pupil.taps("Erase here")
    told = await pupil.taps("Yes, erase")
    assert "Older messages can be deleted only by hand" in told
    ours = [message.text for message in pupil.messages]
    assert "This message was removed." in ours
    assert not [text for text in ours if "report" in text.lower() or CODE.search(text)]
    assert "They take my money." in [message.text for message in pupil.chat.visible]


async def test_more_than_a_hundred_go_in_groups(scene: Hotline) -> None:
    pupil, world = scene.pupil, scene.world
    await report(pupil, "one")
    await pupil.taps("Write more")
    for number in range(75):
        await pupil.says(f"and {number}")
        if number % 25 == 24:
            await world.later(minutes=3)
    await pupil.says("/mycases")
    await pupil.taps("Erase here")
    calls = len(world.sandbox.calls)
    await pupil.taps("Yes, erase")
    made = [call for call in world.sandbox.calls[calls:] if call.method == "deleteMessages"]
    assert len(made) == 2
    assert all(len(call.params["message_ids"]) <= 100 for call in made)
    assert not [message for message in pupil.chat.visible if message.text.startswith("and ")]


# --- taking it back ---------------------------------------------------------------------------------------------------


async def takes_back(pupil: Talker, number: str) -> str:
    await pupil.says("/mycases")
    await pupil.taps(number)
    asked = await pupil.taps("Take it back")
    assert "if somebody is in danger" in asked
    return await pupil.taps("Yes, take back")


@pytest.mark.row("F15")
async def test_a_report_taken_back_is_closed_by_somebody_and_not_by_itself(scene: Hotline) -> None:
    number = await taken(scene)
    assert "is taken back" in await takes_back(scene.pupil, number)
    assert f"case {number}: taken back" in scene.worker.last.text
    assert (await scene.world.rows("SELECT state FROM cases"))[0]["state"] == "taken"
    assert "taken back" in await scene.pupil.says("/mycases")
    before = heard(scene.pupil)
    page = await scene.worker.taps("Open")
    assert "Taken back by the reporter" in page
    assert "nothing more is sent" in await scene.worker.taps("Answer")
    await scene.worker.taps("Close")
    assert "is closed" in await scene.worker.taps("Close it")
    (row,) = await scene.world.rows("SELECT state, reason FROM cases")
    assert (row["state"], row["reason"]) == ("closed", "withdrawn")
    assert heard(scene.pupil) == before


async def test_an_urgent_one_is_not_closed_alone(scene: Hotline) -> None:
    number = await report(scene.pupil, "help", safe="No")
    await scenes.take(scene.worker)
    await takes_back(scene.pupil, number)
    await scene.worker.taps("Close")
    assert "a second person must agree" in await scene.worker.taps("Close it")
    assert (await scene.world.rows("SELECT state FROM cases"))[0]["state"] == "taken"
    assert "to be closed" in scene.supervisor.last.text
    await scene.supervisor.taps("Open")
    assert "is closed" in await scene.supervisor.taps("Close it")
    (row,) = await scene.world.rows("SELECT state, reason FROM cases")
    assert (row["state"], row["reason"]) == ("closed", "withdrawn")


async def test_nobody_has_it_so_the_clock_goes_on(scene: Hotline) -> None:
    number = await report(scene.pupil, "help", safe="No")
    await takes_back(scene.pupil, number)
    await scene.world.later(minutes=16)
    assert f"case {number}" in scene.supervisor.last.text
    assert (await deeds(scene.world))[-1] == "escalated"


async def test_what_waited_is_not_said_any_more_and_no_question_comes(scene: Hotline) -> None:
    number = await taken(scene)
    await answers(scene.worker)
    await chooses(scene.pupil, "In the evening")
    await answers(scene.worker, "Later words")
    await scene.pupil.says("/home")
    await takes_back(scene.pupil, number)
    await scene.world.later(days=8)
    assert "Some time has passed" not in heard(scene.pupil)


async def test_words_after_it_open_it_again(scene: Hotline) -> None:
    number = await taken(scene)
    await takes_back(scene.pupil, number)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("Write to the helper")
    await scene.pupil.says("It goes on.")
    assert f"case {number}: a new message" in scene.worker.last.text
    assert "a helper is working on it" in await scene.pupil.says("/mycases")
    await scene.worker.taps("Open")
    await answers(scene.worker)
    assert HELPER in heard(scene.pupil)


async def test_an_old_button_closes_nothing_that_was_taken_back_or_up_again(scene: Hotline) -> None:
    number = await taken(scene)
    await scene.worker.taps("Close")
    await takes_back(scene.pupil, number)
    assert "nothing more is sent" in await scene.worker.taps("Helped")
    await scene.worker.taps("Open")
    await scene.worker.taps("Close")
    await scene.pupil.taps("🆘 Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    assert "written again" in await scene.worker.taps("Close it")
    assert "You can't do this here" in await scene.pupil.forges("my.back.yes:1")


# --- hours and lines --------------------------------------------------------------------------------------------------


@pytest.mark.row("F16_bad_outside")
async def test_outside_her_hours_an_answer_waits_and_its_writer_sees_until_when(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "In the afternoon")
    before = heard(scene.pupil)
    told = await answers(scene.worker)
    assert "Queued until Tuesday, 1 December 2026, 14:00." in told
    await answers(scene.worker, "And another thing.")
    await scene.world.at(START.replace(hour=9, minute=59))  # 13:59 in Baku
    assert heard(scene.pupil) == before
    await scene.world.at(START.replace(hour=10))
    said = heard(scene.pupil)
    assert said.index(HELPER) < said.index("And another thing.")


@pytest.mark.parametrize("when", [None, "At any time"])
async def test_who_chose_no_hours_is_answered_by_night(scene: Hotline, when: str | None) -> None:
    await taken(scene)
    if when:
        await chooses(scene.pupil, when)
    await scene.world.at(START.replace(hour=5, minute=30))
    scene.world.sandbox.clock.set(START.replace(hour=19))  # 23:00 in Baku
    scene.world.birge.clock.set_offset(scene.world.sandbox.clock.offset)
    await scene.worker.says("/queue")
    assert "On its way" in await answers(scene.worker)
    assert HELPER in heard(scene.pupil)


@pytest.mark.row("F16")
async def test_only_after_she_writes_it_comes_with_her_next_tap(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "Only after I write")
    assert "Queued until the reporter writes or taps." in await answers(scene.worker)
    await scene.world.later(days=2)
    assert HELPER not in heard(scene.pupil)
    await scene.pupil.says("/home")  # others may look on while she does something else
    assert HELPER not in heard(scene.pupil)
    await scene.pupil.says("/mycases")
    assert HELPER in heard(scene.pupil)


async def test_words_out_of_the_blue_are_a_sign_that_she_is_there(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "Only after I write")
    await answers(scene.worker)
    assert HELPER in await scene.pupil.says("hello?")


@pytest.mark.row("F16")
async def test_a_harmless_line_is_all_that_is_seen_until_she_taps(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "Line: book")
    before = {message.id for message in scene.pupil.messages}
    await answers(scene.worker)
    (said,) = [message for message in scene.pupil.messages if message.id not in before]
    assert (said.text, said.labels) == ("Your library book is waiting.", ["Read"])
    assert HELPER in await scene.pupil.taps("Read")
    await scene.pupil.taps("Hide")
    assert (said.text, said.labels) == ("Your library book is waiting.", ["Read"])
    await scene.pupil.taps("Read")
    await scene.pupil.taps("Answer", message=said)
    assert "Sent to the helper" in await scene.pupil.says("Thank you")


async def test_hours_and_line_changed_later_count_for_what_waits(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "In the evening")
    await answers(scene.worker)
    page = scene.pupil.find("Line: quiz")
    before = {message.id for message in scene.pupil.messages}
    await scene.pupil.taps("Line: quiz", message=page)
    said = [message.text for message in scene.pupil.messages if message.id not in before]
    assert said == ["A new quiz question is ready."]


async def test_nobody_else_reads_what_stands_behind_a_line(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "Line: book")
    await answers(scene.worker)
    (row,) = await scene.world.rows("SELECT id FROM case_letters")
    for other in (scene.school.parents[0], scene.worker, scene.supervisor):
        assert "You can't do this here" in await other.forges(f"my.show:{row['id']}")
        assert "You can't do this here" in await other.forges(f"my.hide:{row['id']}")


async def test_no_other_hours_or_lines_than_these(scene: Hotline) -> None:
    await taken(scene)
    (row,) = await scene.world.rows("SELECT id FROM cases")
    assert "You can't do this here" in await scene.pupil.forges(f"my.line:{row['id']}:hotline")
    assert "You can't do this here" in await scene.pupil.forges(f"my.when:{row['id']}:night")
    assert "You can't do this here" in await scene.worker.forges(f"my.line:{row['id']}:book")


async def test_after_an_alarm_of_her_own_nothing_waits(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "Only after I write")
    await scene.pupil.taps("🆘 Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    assert "On its way" in await answers(scene.worker)
    assert HELPER in heard(scene.pupil)
    await scene.world.later(hours=2)
    assert "Queued until the reporter" in await answers(scene.worker, "Still there?")


async def test_who_can_not_be_reached_at_her_hour_gets_it_when_she_is_back(scene: Hotline) -> None:
    """And who wrote it is told once, also when it was written while she was away."""
    await taken(scene)
    await chooses(scene.pupil, "In the afternoon")
    await answers(scene.worker)
    scene.world.sandbox.blocks(scene.pupil.person)
    await scene.world.settle()
    await scene.world.at(START.replace(hour=11))
    await scene.world.later(minutes=1)
    assert heard(scene.worker).count("not delivered yet") == 1
    assert "not delivered: blocked" in await answers(scene.worker, "And this?")
    scene.world.sandbox.unblocks(scene.pupil.person)
    await scene.world.settle()
    await scene.world.later(minutes=1)
    await scene.pupil.says("/mycases")
    said = heard(scene.pupil)
    assert said.index(HELPER) < said.index("And this?")


async def test_words_on_the_phone_she_left_are_kept_there(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    code = code_of(scene.pupil)
    await scene.pupil.taps("Write more")
    await comes_back(await another_phone(scene), code)
    assert "kept here, but sent to nobody yet" in await scene.pupil.says("One more thing")
    await scene.pupil.taps("I have read it")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await scene.pupil.taps(label)
    assert "One more thing" in scene.pupil.last.text


async def test_what_waits_goes_to_the_phone_she_came_back_on(scene: Hotline) -> None:
    await taken(scene)
    code = code_of(scene.pupil)
    await chooses(scene.pupil, "In the evening")
    await answers(scene.worker)
    aysel = await another_phone(scene)
    assert HELPER in await comes_back(aysel, code)
    await scene.world.later(hours=12)
    assert HELPER not in heard(scene.pupil)


# --- asked after ------------------------------------------------------------------------------------------------------


@pytest.mark.rule(12)
async def test_after_seven_and_thirty_days_she_is_asked_once_each(scene: Hotline) -> None:
    world = scene.world
    await taken(scene)
    await answers(scene.worker)
    await world.later(days=6, hours=23)
    assert "Some time has passed" not in heard(scene.pupil)
    await world.later(hours=2)
    assert heard(scene.pupil).count("Some time has passed") == 1
    assert "Thank you." in await scene.pupil.taps("No")
    await world.later(days=22)
    assert heard(scene.pupil).count("Some time has passed") == 0
    await world.later(days=2)
    assert heard(scene.pupil).count("Some time has passed") == 1
    await world.later(days=60)
    assert heard(scene.pupil).count("Some time has passed") == 1


@pytest.mark.rule(12)
async def test_yes_brings_it_to_the_supervisor_at_least_high(scene: Hotline) -> None:
    number = await taken(scene)
    await answers(scene.worker)
    await scene.world.later(days=8)
    told = await scene.pupil.taps("Yes")
    assert "within an hour" in told
    assert scene.supervisor.last.text.startswith(f"case {number}, high")
    (row,) = await scene.world.rows("SELECT state, desk, risk FROM cases")
    assert tuple(row) == ("new", "supervisors", "high")
    assert "treated_badly" in await deeds(scene.world)


@pytest.mark.rule(12)
async def test_the_question_obeys_her_hours_and_her_line(scene: Hotline) -> None:
    await taken(scene)
    await chooses(scene.pupil, "In the evening", "Line: weather")
    await answers(scene.worker)
    await scene.world.at(START.replace(hour=15))
    before = {message.id for message in scene.pupil.messages}
    await scene.world.at(START.replace(hour=5) + timedelta(days=8))
    assert {message.id for message in scene.pupil.messages} == before
    await scene.world.at(START.replace(hour=15) + timedelta(days=8))
    said = [message.text for message in scene.pupil.messages if message.id not in before]
    assert said == ["The weather for tomorrow is here."]
    assert "treated you badly" in await scene.pupil.taps("Read")


async def test_who_never_was_answered_is_not_asked(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    await scene.world.later(days=40)
    assert "Some time has passed" not in heard(scene.pupil)


# --- intake and closing -----------------------------------------------------------------------------------------------


async def test_a_link_into_the_hotline_leaves_no_row_that_names_anybody(scene: Hotline) -> None:
    before = await scene.world.rows("SELECT COUNT(*) AS n FROM deliveries WHERE lane <> 0")
    await scene.pupil.starts("hotline")
    await scene.pupil.starts("hotline-17")
    after = await scene.world.rows("SELECT COUNT(*) AS n FROM deliveries WHERE lane <> 0")
    assert before[0]["n"] == after[0]["n"]


@pytest.mark.row("F18")
async def test_three_faces_then_still_not_safe(scene: Hotline) -> None:
    number = await taken(scene)
    await answers(scene.worker)
    await scene.worker.taps("Close", message=scene.worker.find("Close"))
    await scene.worker.taps("Helped")
    await scene.worker.says("We spoke with the school.")
    await scene.worker.taps("Send and close")
    closed = scene.pupil.last
    assert "We spoke with the school." in closed.text
    assert closed.labels[:4] == ["🙂 It helped", "😐 A little", "🙁 It did not", "I am still not safe"]
    await scene.pupil.taps("🙁 It did not")
    assert "open again" in await scene.pupil.taps("I am still not safe")
    assert scene.supervisor.last.text.startswith(f"case {number}, critical")


async def test_danger_stands_on_every_screen_of_the_reporter(scene: Hotline) -> None:
    pupil = scene.pupil
    screens: list[tuple[str, list[str]]] = []

    async def seen(act: Awaitable[str]) -> None:
        await act
        screens.append((pupil.last.text, pupil.labels))

    await seen(pupil.says("/mycases"))
    await seen(pupil.says("/hotline"))
    await seen(pupil.taps("I have a code"))
    await seen(pupil.says("12"))
    await seen(pupil.says("1234 5678 1234 5678"))
    await pupil.says("/hotline")
    await seen(pupil.taps("I have read it"))
    for label in ("Skip", "Skip", "Skip", "Skip"):
        await seen(pupil.taps(label))
    await seen(pupil.taps("Send"))
    await seen(pupil.taps("How to write"))
    await seen(pupil.taps("Erase here"))
    await seen(pupil.says("/mycases"))
    number = next(label for label in pupil.labels if len(label) == 6)
    await seen(pupil.taps(number))
    await seen(pupil.taps("New code"))
    await seen(pupil.taps("Take it back"))
    await seen(pupil.taps("Yes, take back"))
    assert [text for text, labels in screens if "🆘 Danger now" not in labels] == []


async def test_what_waited_comes_once_and_in_its_order(scene: Hotline) -> None:
    """Also when the messenger says: not so fast."""
    await taken(scene)
    await chooses(scene.pupil, "In the afternoon")
    for words in ("one", "two", "three"):
        await answers(scene.worker, f"Answer {words}")
    scene.world.sandbox.faults.append(Fault("sendMessage", chat_id=scene.pupil.chat.id, status=429, retry_after=1))
    await scene.world.at(START.replace(hour=10))
    await scene.world.later(minutes=1)
    said = heard(scene.pupil)
    assert [said.count(f"Answer {words}") for words in ("one", "two", "three")] == [1, 1, 1]
    assert said.index("Answer one") < said.index("Answer two") < said.index("Answer three")


async def test_a_teacher_is_asked_about_the_pupil(scene: Hotline) -> None:
    teacher = await add_member(scene.world, scene.school.class_a, Role.TEACHER, "Teacher")
    await teacher.says("/hotline")
    await teacher.taps("About a pupil")
    for label in ("Skip", "Skip", "Skip", "Skip", "Send"):
        await teacher.taps(label)
    await scenes.take(scene.worker)
    await answers(scene.worker)
    await scene.world.later(days=8)
    assert "because of the report" in heard(teacher)
