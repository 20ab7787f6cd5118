"""The hotline, said and answered: intake, danger, groups, relay, queue, clocks, closing."""

import re
from dataclasses import replace

import pytest

import storage.cases
import storage.conversations
import storage.persons
import storage.roles
from domain.hotline_checklist import Setup
from domain.roles import Role
from sandbox import Fault, Media
from storage.vault import Vault, read_key_ring
from tests import scenes
from tests.cast import World
from tests.pictures import jpeg
from tests.scenes import Hotline, report, take, taken

NUMBER = re.compile(r"[0-9A-HJKMNP-TV-Z]{6}")
NOT_HERE = "You can't do this here"
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
STALE = "This button belongs to an earlier question"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def case_id(world: World) -> int:
    return int((await world.rows("SELECT id FROM cases ORDER BY opened_at DESC"))[0]["id"])


async def deeds(world: World) -> list[str]:
    return [row["deed"] for row in await world.rows("SELECT deed FROM case_log ORDER BY id")]


async def states(world: World) -> list[str]:
    return [row["state"] for row in await world.rows("SELECT state FROM cases ORDER BY opened_at")]


def photo() -> Media | tuple[str, bytes, str]:
    return ("one.jpg", jpeg(), "image/jpeg")


# --- F1 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F1")
async def test_a_report_goes_from_the_notice_to_a_number(scene: Hotline) -> None:
    pupil = scene.pupil
    notice = await pupil.says("/hotline")
    assert all(f"{line}. " in notice for line in range(1, 7))
    assert "What happened?" in await pupil.taps("I have read it")
    assert "I have kept that" in await pupil.says("They take my money.")
    assert "I have kept that" in await pupil.says(photo=photo())
    assert "about an adult" in await pupil.taps("Next")
    assert "safe right now" in await pupil.taps("No")
    assert "When may a helper write" in await pupil.taps("I am not sure")
    review = await pupil.taps("In the evening")
    assert "They take my money." in review
    assert "Photos, videos and voice messages: 1" in review
    assert await scene.world.rows("SELECT 1 FROM cases") == []
    sent = await pupil.taps("Send")
    assert NUMBER.search(sent)
    assert "within an hour" in sent
    assert "116 111" in sent


async def test_home_and_help_have_the_door(scene: Hotline) -> None:
    await scene.pupil.says("/home")
    assert "six lines" in await scene.pupil.taps("I need help")
    await scene.pupil.says("/help")
    assert "I need help" in scene.pupil.labels
    assert "six lines" in await scene.pupil.starts("hotline")


async def test_every_question_can_be_skipped_and_taken_back(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    assert "Skipped." in await pupil.taps("Skip")
    assert "What happened?" in await pupil.taps("Back")
    for _ in range(4):
        await pupil.taps("Skip")
    assert "No words." in pupil.last.text
    assert NUMBER.search(await pupil.taps("Send"))


async def test_words_at_a_question_of_buttons_are_kept(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.taps("Skip")
    answer = await pupil.says("It is Mr. X")
    assert "I have kept it with the rest." in answer
    assert "Is it about an adult" in answer
    for _ in range(3):
        await pupil.taps("Skip")
    assert "It is Mr. X" in pupil.last.text


async def test_words_typed_faster_than_the_answers_are_kept(scene: Hotline) -> None:
    """Each answer of ours is a new message below hers: none of hers counts as overtaken by it."""
    pupil, sandbox = scene.pupil, scene.world.sandbox
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    for word in ("one", "two", "three", "four"):
        sandbox.sends(pupil.person, text=word)
    await scene.world.settle()
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "one\ntwo\nthree\nfour" in pupil.last.text


async def test_an_album_is_kept_whole_and_told_of_once(scene: Hotline) -> None:
    pupil, sandbox = scene.pupil, scene.world.sandbox
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    before = len(pupil.messages)
    sandbox.sends_album(pupil.person, None, [b"\xff\xd8\xff one", b"\xff\xd8\xff two", b"\xff\xd8\xff three"])
    await scene.world.settle()
    assert len(pupil.messages) == before + 1
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "voice messages: 3" in pupil.last.text


@pytest.mark.row("F1_bad_file")
async def test_an_unsupported_file_is_named_and_the_rest_is_kept(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    told = await pupil.says("look at this", document=("game.exe", b"MZ", "application/x-msdownload"))
    assert "can't pass on this kind of file" in told
    assert "The words with it are kept." in told
    told = await pupil.says(sticker=True)
    assert "can't pass on this kind of file" in told
    assert "kept" not in told
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "look at this" in pupil.last.text
    assert "Photos" not in pupil.last.text


async def test_a_location_is_not_taken(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    assert "can't pass on this kind" in await pupil.says(location=(40.4, 49.9))


async def test_a_teacher_reports_a_concern_about_a_pupil(scene: Hotline) -> None:
    head = scene.school.head
    await head.says("/hotline")
    assert "What worries you about the pupil?" in await head.taps("About a pupil")
    assert "Saved." in await head.says("Bruises again.")
    assert "Thank you." in await head.taps("Next")
    assert "Is the pupil safe" in await head.taps("Skip")
    await head.taps("No")
    await head.taps("Skip")
    sent = await head.taps("Send")
    assert "within 15 minutes" in sent
    assert "Thank you for telling us." in sent
    assert "adult you trust" not in sent
    shown = await take(scene.worker)
    assert "somebody who works at a school" in shown
    await scene.worker.taps("Answer")
    await scene.worker.says("Thank you.")
    await scene.worker.taps("Send")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    await scene.worker.says("We talked to the family.")
    await scene.worker.taps("Send and close")
    assert "Is the pupil safe now?" in head.last.text
    assert "open again" in await head.taps("Still not safe")


async def test_a_pupil_can_not_forge_the_teachers_form(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    assert NOT_HERE in await scene.pupil.forges("hl.go:pupil")
    assert NOT_HERE in await scene.pupil.forges("hl.go:nonsense")
    assert NOT_HERE in await scene.pupil.forges("hl.go")


async def test_stop_deletes_the_draft(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("never mind")
    assert "nothing is kept" in await pupil.taps("Stop")
    assert await scene.world.rows("SELECT 1 FROM conversations WHERE state IS NOT NULL") == []


async def test_an_old_a_forged_and_a_second_tap_change_nothing(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    first = pupil.last
    await pupil.taps("I have read it")
    question = pupil.last
    await pupil.says("help")
    await pupil.taps("Next")
    assert STALE in await pupil.taps("Skip", message=question) or STALE in pupil.last.text
    token = int((await scene.world.rows("SELECT MAX(token) AS token FROM conversations"))[0]["token"])
    for forged in ("is:maybe", "is", "send", "nonsense", "is:any"):
        assert NOT_HERE in await pupil.forges(f"cs.o:{token}:{forged}", message=first)
    await pupil.taps("Skip")
    await pupil.taps("Skip")
    await pupil.taps("Skip")
    review = pupil.last
    data = next(one.data for row in review.keyboard for one in row if one.label == "Send")
    scene.world.sandbox.taps(pupil.person, review, "Send")
    scene.world.sandbox.taps(pupil.person, review, data=data)
    await scene.world.settle()
    assert len(await scene.world.rows("SELECT 1 FROM cases")) == 1
    assert STALE in "".join(message.text for message in pupil.messages[-3:])


async def test_the_same_update_twice_makes_one_case(scene: Hotline) -> None:
    scene.world.sandbox.redeliver = True
    await report(scene.pupil, "once")
    assert len(await scene.world.rows("SELECT 1 FROM cases")) == 1
    assert len(await scene.world.rows("SELECT 1 FROM case_parts")) == 1


async def test_a_draft_survives_a_restart_and_goes_on_where_it_stood(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("half a sentence")
    fresh = Vault(read_key_ring(scene.world.keys))
    async with scene.world.birge.database.writing() as db:
        vault, db.vault = db.vault, fresh
        try:
            await fresh.ready_for(db, scene.world.now)
            known = await storage.persons.identify(db, "telegram", [str(pupil.person.id)], scene.world.now)
            draft = known[str(pupil.person.id)].conversation.draft
            assert [part["words"] for part in draft["parts"]] == ["half a sentence"]
        finally:
            db.vault = vault
    await pupil.says("/hotline")
    assert "What happened?" in await pupil.taps("I have read it")
    assert "Next" in pupil.labels


async def test_an_unfinished_draft_is_gone_after_a_day(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("unfinished")
    await scene.world.later(hours=26)
    assert await scene.world.rows("SELECT 1 FROM conversations WHERE state IS NOT NULL") == []
    assert STALE in await pupil.taps("Next")


async def test_too_much_is_refused_without_losing_what_is_kept(scene: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.cases.open.PARTS_MOST", 2)
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("one")
    await pupil.says("two")
    assert "as much as fits" in await pupil.says("three")
    await pupil.taps("Next")
    assert pupil.last.text


async def test_an_edit_in_an_unfinished_report_keeps_both_versions(scene: Hotline) -> None:
    pupil, sandbox = scene.pupil, scene.world.sandbox
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    mine = sandbox.sends(pupil.person, text="It was Monday")
    await scene.world.settle()
    sandbox.edits(pupil.person, mine, "It was Tuesday")
    await scene.world.settle()
    assert "Both versions are kept" in pupil.last.text
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await pupil.taps(label)
    shown = await scene.worker.taps("Take")
    assert "It was Monday" in shown
    assert "changed:" in shown
    assert "It was Tuesday" in shown


async def test_an_edit_that_is_nothing_to_us_is_met_with_silence(scene: Hotline) -> None:
    parent, sandbox = scene.school.parents[0], scene.world.sandbox
    mine = sandbox.sends(parent.person, text="hello")
    await scene.world.settle()
    before = len(parent.messages)
    sandbox.edits(parent.person, mine, "hello!")
    await scene.world.settle()
    assert len(parent.messages) == before


# --- F2 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F2")
async def test_a_distress_word_in_another_form_is_answered_and_still_taken(scene: Hotline) -> None:
    """The typed answer is the form's answer all the same, and the form goes on."""
    head = scene.school.head
    await head.says("/poll")
    said = await head.says("Should we talk about “I want to die”?")
    assert said.index("116 111") < said.index("Shall I fetch the helper") < said.rindex("?")
    async with scene.world.birge.database.reading() as db:
        address = str(head.person.id)
        known = await storage.persons.identify(db, "telegram", [address], scene.world.now)
    assert known[address].conversation.draft["answers"]["question"].startswith("Should we talk about")
    assert known[address].conversation.step == "form:poll:options"


async def test_a_refused_answer_takes_nothing_of_the_numbers_back(scene: Hotline) -> None:
    head = scene.school.head
    await head.says("/poll")
    said = await head.says("I want to die " * 200)
    assert "116 111" in said
    assert "too long" in said


async def test_danger_now_alarms_the_workers_at_once(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    numbers = await pupil.taps("Danger now")
    assert numbers.index("116 111") < numbers.index("Shall I fetch")
    alarmed = await pupil.taps("Yes, fetch a helper")
    number = NUMBER.search(alarmed.split("Its number is ")[1])
    assert number is not None
    for worker in (scene.worker, scene.other_worker):
        assert worker.last.text == f"case {number[0]}, danger, now"
    assert len(scene.supervisor.messages) == 1


async def test_a_second_alarm_calls_nobody_twice(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("Danger now")
    offer = pupil.last
    scene.world.sandbox.taps(pupil.person, offer, data="hl.alert")
    scene.world.sandbox.taps(pupil.person, offer, data="hl.alert")
    await scene.world.settle()
    assert len(await scene.world.rows("SELECT 1 FROM cases")) == 1
    assert sum("danger, now" in one.text for one in scene.worker.messages) == 1


async def test_an_alarm_takes_along_what_was_written(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    assert "I have kept that" in await pupil.says("He is outside my door")
    await pupil.taps("Danger now")
    assert "Everything written here now goes to the helper" in await pupil.taps("Yes, fetch a helper")
    await pupil.says("please hurry")
    shown = await scene.worker.taps("Take")
    assert "He is outside my door" in shown
    assert "please hurry" in shown


async def test_words_nobody_waited_for_are_kept_for_the_alarm(scene: Hotline) -> None:
    pupil = scene.pupil
    assert "not waiting" not in await pupil.says("my dad beats me")
    assert "sent this to nobody yet" in await pupil.says("every evening")
    await pupil.taps("Yes, fetch a helper")
    shown = await scene.worker.taps("Take")
    assert "my dad beats me" in shown
    assert "every evening" in shown


async def test_words_nobody_waited_for_go_into_a_report(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("my dad beats me")
    await pupil.says("every evening")
    await pupil.taps("I need help")
    await pupil.taps("I have read it")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "my dad beats me\nevery evening" in pupil.last.text
    assert "within an hour" in await pupil.taps("Send")  # the words raise it, they answer no question


async def test_a_file_beside_held_words_is_named(scene: Hotline) -> None:
    await scene.pupil.says("my dad beats me")
    assert "can't pass on" in await scene.pupil.says(sticker=True)


async def test_a_false_alarm_is_one_tap_and_raises_nothing(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    answer = await pupil.says("i want to die")
    assert "I have kept that." in answer
    await pupil.taps("No, false alarm")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "within 3 hours" in await pupil.taps("Send")


async def test_an_alarm_raises_an_open_case(scene: Hotline) -> None:
    number = await report(scene.pupil, "They push me")
    await scene.pupil.taps("Danger now")
    assert number in await scene.pupil.taps("Yes, fetch a helper")
    assert scene.worker.last.text == f"case {number}, danger, now"
    assert len(await scene.world.rows("SELECT 1 FROM cases")) == 1


async def test_an_alarm_on_a_taken_case_calls_its_worker_the_supervisor_and_who_is_on_duty(scene: Hotline) -> None:
    number = await taken(scene)
    idle = await scenes.add_member(scene.world, scene.school.network, Role.WORKER, "Nigar")
    other = len(idle.messages)
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    assert scene.worker.last.text == f"case {number}, danger, now"
    assert scene.supervisor.last.text == f"case {number}, danger, now"
    assert scene.other_worker.last.text == f"case {number}, danger, now"  # the backup
    assert len(idle.messages) == other


async def test_words_of_an_intake_join_the_open_case_at_an_alarm(scene: Hotline) -> None:
    await taken(scene, "first")
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("second")
    await pupil.taps("Danger now")
    await pupil.taps("Yes, fetch a helper")
    shown = await scene.worker.taps("Open")
    assert "first" in shown
    assert "second" in shown


@pytest.mark.row("F2_bad_no_numbers")
async def test_without_numbers_the_hotline_does_not_open(scene: Hotline) -> None:
    birge = scene.world.birge
    async with birge.database.writing() as db:
        await db.run("UPDATE communities SET country = 'xx'")
    closed = await scene.pupil.says("/hotline")
    assert "can't take messages" in closed
    assert "an adult you trust" in closed
    assert scene.pupil.labels == []
    assert NOT_HERE in await scene.pupil.forges("hl.go:me")
    assert "can't take messages" in await scene.pupil.forges("hl.read")
    assert NOT_HERE in await scene.pupil.forges("hl.alert")
    told = await scene.pupil.says("i want to die")
    assert "ask an adult near you to call for help" in told
    assert "Shall I fetch" not in told
    assert "not waiting" not in told


async def test_where_it_is_closed_the_verified_numbers_are_shown(scene: Hotline) -> None:
    birge = scene.world.birge
    birge.pipeline._defaults = replace(birge.pipeline._defaults, setup=Setup())
    closed = await scene.pupil.says("/hotline")
    assert "116 111" in closed
    assert "Nobody would read" in closed
    assert await scene.world.rows("SELECT 1 FROM cases") == []


# --- F3 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F3")
@pytest.mark.parametrize("words", ["/hotline", "/hotline help me", "/mycases", "i want to die"])
async def test_nothing_confidential_in_a_group(scene: Hotline, words: str) -> None:
    sandbox, pupil = scene.world.sandbox, scene.pupil
    chat = await scenes.group(scene.school, scene.school.class_a)
    sandbox.privacy = False
    sandbox.promotes_bot(scene.school.head.person, chat)
    await scene.world.settle()
    said_before = len([one for one in chat.messages if one.from_bot])
    mine = sandbox.sends(pupil.person, chat, text=words)
    await scene.world.settle()
    assert mine.deleted
    assert len([one for one in chat.messages if one.from_bot]) == said_before
    assert "If your message is still in the group" in "".join(one.text for one in pupil.messages)
    assert await scene.world.rows("SELECT 1 FROM cases") == []


async def test_where_the_bot_may_not_delete_it_is_silent(scene: Hotline) -> None:
    sandbox, pupil = scene.world.sandbox, scene.pupil
    chat = await scenes.group(scene.school, scene.school.class_a)
    before = len([one for one in chat.messages if one.from_bot])
    mine = sandbox.sends(pupil.person, chat, text="/hotline")
    await scene.world.settle()
    assert not mine.deleted
    assert len([one for one in chat.messages if one.from_bot]) == before
    assert "Please write this to me here" in pupil.last.text


@pytest.mark.row("F3_bad_named")
async def test_a_stranger_in_a_group_leaves_no_trace(scene: Hotline) -> None:
    sandbox = scene.world.sandbox
    sandbox.privacy = False
    stranger = sandbox.add_person("Stranger")
    chat = sandbox.add_group("5A", creator=scene.school.head.person, members=[stranger])
    sandbox.adds_bot(scene.school.head.person, chat)
    sandbox.promotes_bot(scene.school.head.person, chat)
    await scene.world.settle()
    persons = await scene.world.rows("SELECT COUNT(*) AS n FROM persons")
    said = len([one for one in chat.messages if one.from_bot])
    written = sandbox.sends(stranger, chat, text="i want to die")
    await scene.world.settle()
    assert written.deleted
    assert len([one for one in chat.messages if one.from_bot]) == said
    assert (await scene.world.rows("SELECT COUNT(*) AS n FROM persons"))[0]["n"] == persons[0]["n"]


async def test_ordinary_words_in_a_group_are_left_alone(scene: Hotline) -> None:
    sandbox = scene.world.sandbox
    sandbox.privacy = False
    chat = await scenes.group(scene.school, scene.school.class_a)
    sandbox.promotes_bot(scene.school.head.person, chat)
    written = sandbox.sends(scene.pupil.person, chat, text="dying of laughter, lol")
    await scene.world.settle()
    assert not written.deleted


# --- F4 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F4")
async def test_both_sides_talk_under_other_names(scene: Hotline) -> None:
    number = await taken(scene)
    worker, pupil = scene.worker, scene.pupil
    asked = await worker.taps("Answer")
    name = re.search(r"Pupil-[0-9A-HJKMNP-TV-Z]{6}", asked)
    assert name is not None
    assert number not in name[0]
    preview = await worker.says("Thank you for writing.")
    assert f"To: {name[0]}" in preview
    assert "Thank you" not in pupil.last.text
    await worker.taps("Send")
    assert pupil.last.text == "Helper:\n\nThank you for writing."
    assert pupil.last.protected
    assert "Leyla" not in pupil.last.text
    await pupil.taps("Answer")
    assert "Sent to the helper" in await pupil.says("Thanks. It was Monday.")
    assert worker.last.text == f"case {number}: a new message"
    shown = await worker.taps("Open")
    assert f"{name[0]}," in shown
    assert "It was Monday." in shown
    assert worker.last.protected
    assert "Pupil0" not in shown
    assert "Done." in await pupil.taps("Done")


async def test_no_sends_nothing(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("hasty words")
    preview = scene.worker.last
    assert "Nothing was sent." in await scene.worker.taps("No")
    assert "over already" in await scene.worker.taps("Send", message=preview) if preview.labels else True
    assert "hasty" not in scene.pupil.last.text
    assert "over already" in await scene.worker.forges("cs.send:1")
    assert "over already" in await scene.worker.forges("cs.no:1")


async def test_what_a_worker_typed_leaves_her_chat(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    typed = scene.world.sandbox.sends(scene.worker.person, text="Dear pupil")
    await scene.world.settle()
    assert typed.deleted


async def test_a_worker_answers_in_words_that_fit(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    assert "in words" in await scene.worker.says(photo=photo())
    assert "too long" in await scene.worker.says("x" * 3_500)
    assert "To: Pupil-" in await scene.worker.says("short")


async def test_a_worker_may_quote_what_a_child_said(scene: Hotline) -> None:
    """The watch looks at what children write; an answer to it would only be interrupted."""
    await taken(scene)
    await scene.worker.taps("Answer")
    assert "116 111" not in await scene.worker.says("You wrote: I want to die")


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("In the afternoon", "It waits until Tuesday, 1 December 2026, 14:00"),
        ("In the evening", "It waits until Tuesday, 1 December 2026, 18:00"),
        ("Only after I write", "It waits until the reporter writes or taps here"),
    ],
)
async def test_the_preview_shows_when_she_may_be_written_to(scene: Hotline, when: str, shown: str) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    for label in ("Skip", "Skip", "Skip", when, "Send"):
        await pupil.taps(label)
    await take(scene.worker)
    await scene.worker.taps("Answer")
    assert shown in await scene.worker.says("hello")


@pytest.mark.row("F4_bad_blocked")
async def test_a_worker_hears_that_the_reporter_blocked_the_bot(scene: Hotline) -> None:
    await taken(scene)
    scene.world.sandbox.blocks(scene.pupil.person)
    await scene.world.settle()
    await scene.worker.taps("Answer")
    await scene.worker.says("are you there?")
    told = await scene.worker.taps("Send")
    await scene.world.settle()
    assert "not delivered: blocked" in told + scene.worker.last.text


async def test_a_block_that_is_found_while_sending_is_told_too(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("are you there?")
    chat = scene.world.sandbox.chat_of(scene.pupil.person)
    said = "Forbidden: bot was blocked by the user"
    scene.world.sandbox.faults.append(Fault("sendMessage", chat_id=chat.id, status=403, description=said))
    await scene.worker.taps("Send")
    await scene.world.settle()
    assert "not delivered: blocked" in scene.worker.last.text
    assert "undelivered" in await deeds(scene.world)


async def test_photos_are_shown_only_after_a_tap(scene: Hotline) -> None:
    pupil, worker = scene.pupil, scene.worker
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("my leg", photo=photo())
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await pupil.taps(label)
    await worker.taps("Take")
    assert all(message.media is None for message in worker.messages)
    assert "Show: photo 1" in worker.labels
    await worker.taps("Show: photo 1")
    assert worker.last.media is not None
    assert worker.last.protected
    assert "shown" in await deeds(scene.world)


async def test_plain_words_of_a_reporter_are_offered_to_her_helper(scene: Hotline) -> None:
    number = await taken(scene)
    pupil = scene.pupil
    assert "Shall I send this to the helper?" in await pupil.says("by the way")
    assert "Shall I send this" in await pupil.says("one more thing")
    assert "Sent to the helper" in await pupil.taps(f"Send to {number}")
    shown = await scene.worker.taps("Open")
    assert "by the way" in shown
    assert "one more thing" in shown
    assert "over already" in await pupil.forges("my.give:1:1")


async def test_plain_words_can_be_for_nobody(scene: Hotline) -> None:
    await taken(scene)
    await scene.pupil.says("wrong chat")
    assert "sent it to nobody" in await scene.pupil.taps("No")
    assert await scene.world.rows("SELECT 1 FROM conversations WHERE state IS NOT NULL") == []
    assert "over already" in await scene.pupil.forges("my.drop:1")


async def test_a_sticker_out_of_the_blue_is_named(scene: Hotline) -> None:
    await taken(scene)
    assert "can't pass on" in await scene.pupil.says(sticker=True)


async def test_an_album_out_of_the_blue_is_offered_once(scene: Hotline) -> None:
    await taken(scene)
    pupil = scene.pupil
    before = len(pupil.messages)
    scene.world.sandbox.sends_album(pupil.person, None, [b"\xff\xd8\xff one", b"\xff\xd8\xff two"])
    await scene.world.settle()
    assert len(pupil.messages) == before + 1
    await pupil.taps("Send to")
    assert len(await scene.world.rows("SELECT 1 FROM case_parts")) == 3


async def test_words_can_not_be_given_to_somebody_elses_case(scene: Hotline) -> None:
    await taken(scene)
    other = scene.school.parents[0]
    await report(other, "mine")
    await other.says("more")
    token = (await scene.world.rows("SELECT MAX(token) AS t FROM conversations WHERE state IS NOT NULL"))[0]["t"]
    ids = [row["id"] for row in await scene.world.rows("SELECT id FROM cases ORDER BY opened_at, state DESC")]
    answers = [await other.forges(f"my.give:{token}:{one}") for one in (*ids, "x")]
    assert sum(NOT_HERE in answer for answer in answers) >= 1
    shown = await scene.worker.says("/queue")
    assert "more" not in shown


async def test_an_album_in_a_case_is_told_of_once(scene: Hotline) -> None:
    await taken(scene)
    pupil, worker = scene.pupil, scene.worker
    await pupil.taps("Write to the helper")
    notices = len(worker.messages)
    before = len(pupil.messages)
    scene.world.sandbox.sends_album(pupil.person, None, [b"\xff\xd8\xff one", b"\xff\xd8\xff two"])
    await scene.world.settle()
    assert len(pupil.messages) == before + 1
    assert len(worker.messages) == notices + 1
    await worker.taps("Open")
    assert [label for label in worker.labels if label.startswith("Show")] == ["Show: photo 1", "Show: photo 2"]


async def test_a_file_that_can_not_be_passed_on_is_named_in_a_case(scene: Hotline) -> None:
    await taken(scene)
    await scene.pupil.taps("Write to the helper")
    assert "can't pass on" in await scene.pupil.says(sticker=True)


async def test_a_long_case_is_shown_in_several_messages(scene: Hotline) -> None:
    number = await report(scene.pupil, "a" * 4_000, "b" * 4_000, "c" * 100)
    shown = await scene.worker.taps("Take")
    assert number in shown
    assert all(letter * 100 in shown for letter in "abc")


# --- F5 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F5")
async def test_of_two_taps_at_once_exactly_one_wins(scene: Hotline) -> None:
    number = await report(scene.pupil, "They push me")
    await scene.world.later(minutes=91)  # the backup is called, too
    sandbox = scene.world.sandbox
    pages = []
    for one in (scene.worker, scene.other_worker):
        await one.says("/queue")  # with the PIN
        pages.append((one, one.last))
    for talker, message in pages:
        sandbox.taps(talker.person, message, f"Take {number}")
    await scene.world.settle()
    heard = ["\n".join(one.text for one in talker.messages) for talker, _ in pages]
    assert sum(f"Case {number} is yours" in text for text in heard) == 1
    assert sum("This case is taken." in text for text in heard) == 1
    assert sum("They push me" in text for text in heard) == 1


async def test_the_queue_goes_by_risk_and_says_nothing_else(scene: Hotline) -> None:
    assert "Nothing waits." in await scene.worker.says("/queue")
    normal = await report(scene.pupil, "one secret")
    critical = await report(scene.school.parents[0], "two secret", safe="No")
    await scene.world.later(minutes=3)
    queue = await scene.worker.says("/queue")
    assert queue.splitlines() == [
        "Queue",
        "",
        f"case {critical}, critical, 12 minutes left",
        f"case {normal}, normal, 177 minutes left",
    ]


async def test_the_queue_shows_whose_a_case_is(scene: Hotline) -> None:
    number = await taken(scene)
    assert f"case {number}: yours" in await scene.worker.says("/queue")
    assert f"case {number}: taken" in await scene.supervisor.says("/queue")
    assert "Nothing waits." in await scene.other_worker.says("/queue")
    assert "They take my money." in await scene.worker.taps(f"Open {number}")


async def test_a_case_is_opened_by_its_number(scene: Hotline) -> None:
    number = await report(scene.pupil, "hello")
    assert f"case {number}" in await scene.worker.says(f"/case {number.lower()}")
    await scene.worker.taps(f"Take {number}")
    assert "hello" in await scene.worker.says(f"/case {number[:3]}-{number[3:]}")
    assert "This case is taken." in await scene.other_worker.says(f"/case {number}")
    assert f"case {number}: yours" in await scene.worker.says("/case")
    assert NO_SUCH in await scene.worker.says("/case 000000")
    assert NO_SUCH in await scene.worker.says("/case nonsense")


async def test_take_again_shows_it_again(scene: Hotline) -> None:
    await report(scene.pupil, "hello")
    page = scene.worker.last
    await scene.worker.taps("Take", message=page)
    assert "hello" in await scene.worker.forges(f"cs.take:{await case_id(scene.world)}", message=page)


async def test_the_supervisor_reads_but_does_not_write_in_anothers_case(scene: Hotline) -> None:
    await taken(scene)
    number = await case_id(scene.world)
    assert "They take my money." in await scene.supervisor.forges(f"cs:{number}")
    assert "Answer" not in scene.supervisor.labels
    assert NOT_HERE in await scene.supervisor.forges(f"cs.say:{number}")
    assert NOT_HERE in await scene.supervisor.forges(f"cs.close:{number}")
    assert NOT_HERE in await scene.supervisor.forges(f"cs.aside:{number}")


async def test_a_revoked_worker_has_nothing_and_her_case_waits_again(scene: Hotline) -> None:
    number = await taken(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run(
            "UPDATE memberships SET state = 'left' WHERE role = 'worker' AND person_id = :id",
            id=await scenes.person_id_of(scene.world, scene.worker),
        )
    assert NOT_HERE in await scene.worker.says("/queue")
    await scene.pupil.taps("Write to the helper")
    await scene.pupil.says("are you there?")
    assert scene.other_worker.last.text.startswith(f"case {number}")
    assert await states(scene.world) == ["new"]


@pytest.mark.row("F5_bad_stale_edit")
async def test_both_versions_of_an_edited_message_are_shown(scene: Hotline) -> None:
    number = await taken(scene)
    pupil, sandbox = scene.pupil, scene.world.sandbox
    await pupil.taps("Write to the helper")
    mine = sandbox.sends(pupil.person, text="It was Kamran")
    await scene.world.settle()
    sandbox.edits(pupil.person, mine, "It was somebody")
    await scene.world.settle()
    assert "The helper sees both versions" in pupil.last.text
    assert scene.worker.last.text == f"case {number}: a message was changed"
    shown = await scene.worker.taps("Open")
    assert "It was Kamran" in shown
    assert "changed:" in shown
    assert "It was somebody" in shown


async def test_what_staff_were_shown_is_removed_after_a_day(scene: Hotline) -> None:
    await taken(scene)
    copy = scene.worker.find("I know these people")
    await scene.worker.taps("Answer")
    await scene.worker.says("Tell me more.")
    await scene.worker.taps("Send")
    await scene.world.later(hours=23)
    assert copy in scene.worker.messages
    await scene.world.later(hours=2)
    assert copy.deleted
    assert {row["state"] for row in await scene.world.rows("SELECT state FROM case_copies")} == {"removed"}


async def test_what_can_not_be_deleted_is_tried_again_then_blanked(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.worker.taps("Take")
    copy = scene.worker.last
    said = "Bad Request: message can't be deleted for everyone"
    fault = Fault("deleteMessage", status=400, description=said, times=None)
    scene.world.sandbox.faults.append(fault)
    await scene.world.later(hours=25)
    asked = len([one for one in scene.world.sandbox.calls if one.method == "deleteMessage"])
    await scene.world.later(minutes=10)
    assert len([one for one in scene.world.sandbox.calls if one.method == "deleteMessage"]) == asked
    await scene.world.later(hours=2)
    assert len([one for one in scene.world.sandbox.calls if one.method == "deleteMessage"]) > asked
    assert "They take my money." in copy.text
    await scene.world.later(hours=24)
    assert copy.text == "This message was removed."
    assert scene.supervisor.last.text.startswith(f"case {number}: a copy could not be deleted")


async def test_a_photo_that_can_not_be_deleted_is_reported(scene: Hotline) -> None:
    pupil, worker = scene.pupil, scene.worker
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says(photo=photo())
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await pupil.taps(label)
    await worker.taps("Take")
    await worker.taps("Show: photo 1")
    said = "Bad Request: message can't be deleted"
    scene.world.sandbox.faults.append(Fault("deleteMessage", status=400, description=said, times=None))
    await scene.world.later(hours=50)
    await scene.world.later(hours=1)
    assert any("a file could not be deleted" in one.text for one in scene.supervisor.messages)


# --- /mycases ---------------------------------------------------------------------------------------------------------


async def test_a_reporter_finds_her_reports(scene: Hotline) -> None:
    pupil = scene.pupil
    assert "No report" in await pupil.says("/mycases")
    number = await report(pupil, "a secret")
    mine = await pupil.says("/mycases")
    assert f"{number}: sent, waiting for a helper" in mine
    assert "secret" not in mine
    assert "waiting for a helper" in await pupil.taps(number)
    await pupil.taps("Write to the helper")
    assert "Added to the report." in await pupil.says("more of it")
    await scene.worker.taps("Take")
    assert f"{number}: a helper is working on it" in await pupil.says("/mycases")
    assert "six lines" in await pupil.taps("Who reads this?")


async def test_nobody_else_opens_a_report_as_hers(scene: Hotline) -> None:
    await report(scene.pupil, "a secret")
    number = await case_id(scene.world)
    assert NOT_HERE in await scene.school.parents[0].forges(f"my:{number}")
    for route in ("my.say", "my.unsafe", "my.face"):  # but for what is said to everybody
        assert "Shall I fetch the helper" in await scene.school.parents[0].forges(f"{route}:{number}")
    assert [dict(one) for one in await scene.world.rows("SELECT state, face, alarmed_at FROM cases")] == [
        {"state": "new", "face": None, "alarmed_at": None}
    ]


async def test_a_case_never_moves_to_another_account(scene: Hotline) -> None:
    """The same person on a second phone: the reports stay on the one they were sent from."""
    await report(scene.pupil, "a secret")
    number, person_id = await case_id(scene.world), await scenes.person_id_of(scene.world, scene.pupil)
    second = scene.world.person("Second")
    await second.starts()
    async with scene.world.birge.database.writing() as db:
        await db.run(
            "UPDATE identities SET person_id = :person WHERE address = :address",
            person=person_id,
            address=str(second.person.id),
        )
    assert "No report" in await second.says("/mycases")
    assert NOT_HERE in await second.forges(f"my:{number}")
    await scene.worker.taps("Take")
    assert "reading report" not in second.last.text
    assert "reading report" in scene.pupil.last.text


async def test_done_belongs_to_what_is_open(scene: Hotline) -> None:
    await report(scene.pupil, "a secret")
    assert "over already" in await scene.pupil.forges("my.done:1")


# --- F6 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F6")
@pytest.mark.parametrize(("safe", "minutes"), [("No", 15), ("I am not sure", 60), ("Yes", 180)])
async def test_an_unclaimed_case_reaches_the_supervisor_and_is_never_forgotten(
    scene: Hotline, safe: str, minutes: int
) -> None:
    number = await report(scene.pupil, "hello", safe=safe)
    assert scene.worker.last.text.startswith(f"case {number}")
    assert number not in scene.other_worker.last.text  # she is the backup
    start = len(scene.worker.messages)
    await scene.world.later(minutes=minutes / 2 + 1)
    assert len(scene.worker.messages) == start
    assert scene.other_worker.last.text.startswith(f"case {number}")
    assert number not in scene.supervisor.last.text
    await scene.world.later(minutes=minutes / 2)
    assert scene.supervisor.last.text.startswith(f"case {number}")
    assert (await deeds(scene.world))[-3:] == ["paged", "reminded", "escalated"]
    await scene.world.later(minutes=minutes)  # the supervisor outside the school: here the same
    heard = {one: len(one.messages) for one in (scene.worker, scene.other_worker, scene.supervisor)}
    await scene.world.later(minutes=minutes * 0.8)
    assert {one: len(one.messages) for one in heard} == heard
    await scene.world.later(minutes=minutes * 0.2)
    assert {one: len(one.messages) for one in heard} == {one: count + 1 for one, count in heard.items()}
    await scene.world.later(minutes=minutes * 10)  # after a time of silence: one page, not ten
    assert {one: len(one.messages) for one in heard} == {one: count + 2 for one, count in heard.items()}


async def test_danger_reaches_the_supervisor_after_five_minutes(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    before = len(scene.supervisor.messages)
    await scene.world.later(minutes=4)
    assert len(scene.supervisor.messages) == before
    await scene.world.later(minutes=1)
    assert "danger, now" in scene.supervisor.last.text


async def test_a_taken_case_climbs_no_more(scene: Hotline) -> None:
    await taken(scene)
    before = len(scene.supervisor.messages)
    await scene.world.later(hours=5)
    assert len(scene.supervisor.messages) == before


async def test_with_nobody_to_call_the_child_hears_the_truth(world: World) -> None:
    hotline = await scenes.hotline(world)
    scene, pupil = hotline.school, hotline.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    for _ in range(4):
        await pupil.taps("Skip")
    await dismissed(world, "worker", "supervisor")
    sent = await pupil.taps("Send")
    assert "nobody is on duty" in sent
    assert "116 111" in sent
    await pupil.taps("Danger now")
    assert "nobody is on duty" in await pupil.taps("Yes, fetch a helper")
    await world.later(hours=4)
    assert "escalated" not in await deeds(world)
    worker = await scenes.add_member(world, scene.network, Role.WORKER, "Aytac")
    await world.later(seconds=20)  # the first who comes is called
    assert "danger, now" in worker.last.text


async def test_without_workers_the_supervisor_is_called(world: World) -> None:
    scene = await scenes.hotline(world)
    pupil, supervisor = scene.pupil, scene.supervisor
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("hello")
    await dismissed(world, "worker")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "within 3 hours" in await pupil.taps("Send")
    assert supervisor.last.text.startswith("case ")
    assert "hello" in await supervisor.taps("Take")


async def dismissed(world: World, *roles: str) -> None:
    """Nobody holds these roles any more."""
    async with world.birge.database.writing() as db:
        for role in roles:
            await db.run("UPDATE memberships SET state = 'removed' WHERE role = :role", role=role)


@pytest.mark.row("F6_bad_dodge")
async def test_a_case_is_not_closed_unanswered_by_one_person(scene: Hotline) -> None:
    number = await taken(scene)
    worker, supervisor = scene.worker, scene.supervisor
    await worker.taps("Close")
    await worker.taps("Unfounded")
    await worker.says("Nothing to do.")
    assert "a second person must agree" in await worker.taps("Send and close")
    assert await states(scene.world) == ["taken"]
    assert "Nothing to do." not in scene.pupil.last.text
    case = await case_id(scene.world)
    assert NOT_HERE in await worker.forges(f"cs.agree:{case}")
    assert supervisor.last.text == f"case {number}: is to be closed, please look at it"
    assert "Nothing to do." in await supervisor.taps("Open")
    assert "stays open" in await supervisor.taps("Keep it open")
    assert "please answer it" in worker.last.text
    assert NOT_HERE in await supervisor.forges(f"cs.agree:{case}")
    await worker.forges(f"cs.why:{case}:unfounded")
    await worker.says("Really nothing.")
    await worker.taps("Send and close")
    await supervisor.taps("Open")
    assert "is closed" in await supervisor.taps("Close it")
    assert "Really nothing." in scene.pupil.last.text
    assert await states(scene.world) == ["closed"]


async def test_without_a_second_person_it_stays_open(scene: Hotline) -> None:
    await taken(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'supervisor'")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    await scene.worker.says("done")
    assert "Please answer it first" in await scene.worker.taps("Send and close")
    assert await states(scene.world) == ["taken"]


# --- F18 --------------------------------------------------------------------------------------------------------------


async def closed(scene: Hotline) -> str:
    number = await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("Hello")
    await scene.worker.taps("Send")
    await scene.worker.says(f"/case {number}")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    await scene.worker.says("We talked to them.")
    assert f"Case {number} is closed" in await scene.worker.taps("Send and close")
    return number


@pytest.mark.row("F18")
async def test_a_closed_case_has_a_summary_faces_and_a_way_back(scene: Hotline) -> None:
    number = await closed(scene)
    pupil = scene.pupil
    assert "We talked to them." in pupil.last.text
    assert "116 111" in pupil.last.text
    assert pupil.last.protected
    case = await case_id(scene.world)
    assert NOT_HERE in await pupil.forges(f"my.face:{case}:9")
    assert NOT_HERE in await pupil.forges(f"my.face:{case}")
    assert "Thank you" in await pupil.taps("A little")
    assert (await scene.world.rows("SELECT face FROM cases"))[0]["face"] == 2
    assert f"{number}: closed" in await pupil.says("/mycases")
    await pupil.taps(number)
    assert "open again" in await pupil.taps("I am still not safe")
    assert scene.supervisor.last.text.startswith(f"case {number}")
    assert NOT_HERE in await scene.other_worker.forges(f"cs.take:{case}")
    assert "We talked to them." in await scene.supervisor.taps("Take")
    assert "open again" in await pupil.forges(f"my.unsafe:{case}")
    assert NOT_HERE in await pupil.forges(f"my.face:{case}:1")


async def test_words_for_a_closed_case_open_it_at_the_supervisor(scene: Hotline) -> None:
    number = await taken(scene)
    await scene.pupil.taps("Write to the helper")
    await scene.worker.taps("Answer")
    await scene.worker.says("Hello")
    await scene.worker.taps("Send")
    await scene.worker.says(f"/case {number}")
    await scene.worker.taps("Close")
    await scene.worker.taps("Handed on")
    await scene.worker.says("Others go on.")
    await scene.worker.taps("Send and close")
    assert await states(scene.world) == ["closed"]
    await scene.pupil.says("It goes on")
    assert await states(scene.world) == ["new"]
    assert "It goes on" in await scene.supervisor.taps("Take")


async def test_closing_needs_a_reason_and_the_open_question(scene: Hotline) -> None:
    await taken(scene)
    case = await case_id(scene.world)
    assert NOT_HERE in await scene.worker.forges(f"cs.why:{case}:bored")
    assert NOT_HERE in await scene.worker.forges(f"cs.why:{case}")
    assert "over already" in await scene.worker.forges("cs.shut:1")
    await scene.worker.taps("Close")
    await scene.worker.taps("Information given")
    assert "Nothing was sent." in await scene.worker.taps("Cancel")


async def test_the_summary_of_somebody_who_blocked_the_bot(scene: Hotline) -> None:
    number = await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("Hello")
    await scene.worker.taps("Send")
    scene.world.sandbox.blocks(scene.pupil.person)
    await scene.world.settle()
    await scene.worker.says(f"/case {number}")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    await scene.worker.says("We talked to them.")
    assert "not delivered: blocked" in await scene.worker.taps("Send and close")


async def test_a_case_that_was_taken_away_takes_no_answer(scene: Hotline) -> None:
    """The preview still stands in the worker's chat when she has stepped aside."""
    await taken(scene)
    case = await case_id(scene.world)
    await scene.worker.taps("Answer")
    await scene.worker.says("Hello")
    preview = scene.worker.last
    data = next(one.data for row in preview.keyboard for one in row if one.label == "Send")
    await scene.worker.forges(f"cs.aside:{case}")
    assert "This question is over already" in await scene.worker.forges(str(data))
    assert "Hello" not in scene.pupil.last.text


# --- nothing written is lost, nobody waits for nobody -----------------------------------------------------------------


async def shown_to(scene: Hotline) -> str:
    return await scene.worker.taps("Take")


async def test_a_report_outlives_what_interrupts_it(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    question = pupil.last
    await pupil.says("half a report")
    await pupil.says("/join")
    await pupil.says("/cancel")
    assert "I have kept that." in await pupil.says("the other half")
    await pupil.says("/join")
    assert "What happened?" in await pupil.taps("Skip", message=question)  # an old button brings it back, too
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "half a report\nthe other half" in pupil.last.text


async def test_hotline_brings_an_interrupted_report_back(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("half a report")
    await pupil.says("/join")
    await pupil.says("/hotline and more")
    assert "I have kept that." in await pupil.says("the end")
    await pupil.says("/join")
    assert "What happened?" in await pupil.forges("hl.go:me")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "half a report\nand more\nthe end" in pupil.last.text


async def test_answering_a_helper_leaves_the_next_report_where_it_is(scene: Hotline) -> None:
    await taken(scene, "first")
    pupil, worker = scene.pupil, scene.worker
    await worker.taps("Answer")
    await worker.says("Hello")
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("second report")
    await worker.taps("Send")
    await pupil.taps("Answer")
    await pupil.says("thank you")
    assert "What happened?" in await pupil.taps("Done")
    await pupil.forges(f"my.say:{await case_id(scene.world)}")
    assert "Done." in await pupil.says("/cancel")  # nobody is told that nothing was sent
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "second report" in pupil.last.text
    assert "thank you" not in pupil.last.text


async def test_words_under_the_notice_answer_no_other_question(scene: Hotline) -> None:
    """Her words would have become her name in a class."""
    pupil = scene.pupil
    await pupil.says("/join")
    await pupil.says("/hotline")
    assert "sent to nobody yet" in await pupil.says("my uncle is odd to me")
    assert "can't pass on" in await pupil.says(sticker=True)
    await pupil.taps("I have read it")
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await pupil.taps(label)
    assert "my uncle is odd to me" in await shown_to(scene)


async def test_words_that_another_form_refused_reach_the_helper(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/join")
    assert "116 111" in await pupil.says("my dad beats me")
    assert "Everything written here now goes to the helper" in await pupil.taps("Yes, fetch a helper")
    await pupil.says("he is on the stairs")  # and no form takes it
    shown = await shown_to(scene)
    assert "my dad beats me" in shown
    assert "he is on the stairs" in shown


async def test_words_behind_a_command_reach_the_helper(scene: Hotline) -> None:
    await scene.pupil.says("/home my dad beats me")
    await scene.pupil.taps("Yes, fetch a helper")
    assert "my dad beats me" in await shown_to(scene)


async def test_a_false_alarm_in_another_form_keeps_nothing_either(scene: Hotline) -> None:
    head = scene.school.head
    await head.says("/poll")
    await head.says("Who says “I want to die”?")
    await head.taps("No, false alarm")
    await head.says("/cancel")
    assert await scene.world.rows("SELECT 1 FROM conversations WHERE state IS NOT NULL") == []


async def test_an_alarm_takes_along_the_words_that_were_only_offered(scene: Hotline) -> None:
    await taken(scene)
    await scene.pupil.says("he beats me now")
    await scene.pupil.says("i want to die")
    await scene.pupil.taps("Yes, fetch a helper")
    shown = await scene.worker.taps("Open")
    assert "he beats me now" in shown
    assert "i want to die" in shown


async def test_a_false_alarm_says_nothing_about_later_words(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says("i want to die laughing, no: i want to die")
    await pupil.taps("No, false alarm")
    await pupil.says("my dad beats me")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "within an hour" in await pupil.taps("Send")


async def alarm(scene: Hotline) -> str:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    return await scene.pupil.taps("Yes, fetch a helper")


async def test_every_later_alarm_calls_again(scene: Hotline) -> None:
    await alarm(scene)
    await take(scene.worker)
    await scene.worker.taps("Answer")
    await scene.worker.says("I am here")
    await scene.worker.taps("Send")
    await scene.world.later(hours=30)
    before = {one: len(one.messages) for one in (scene.worker, scene.supervisor)}
    await alarm(scene)
    assert {one: len(one.messages) for one in before} == {one: count + 1 for one, count in before.items()}
    assert "danger, now" in scene.worker.last.text
    await scene.world.later(minutes=5)  # and nobody answers it
    assert await states(scene.world) == ["new"]
    assert "danger, now" in scene.other_worker.last.text


async def test_an_alarm_on_the_case_of_somebody_who_left_calls_the_others(scene: Hotline) -> None:
    number = await taken(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE called = 'Leyla'")
    before = len(scene.worker.messages)
    await alarm(scene)
    assert scene.other_worker.last.text == f"case {number}, danger, now"
    assert all("danger" not in one.text for one in scene.worker.messages[before:])


async def test_still_not_safe_is_urgent_and_calls_every_time(scene: Hotline) -> None:
    number = await closed(scene)
    await scene.pupil.taps("I am still not safe")
    assert scene.supervisor.last.text.startswith(f"case {number}, critical")
    await scene.world.later(minutes=16)
    await scene.supervisor.taps("Take")
    await scene.world.later(minutes=3)
    before = len(scene.supervisor.messages)
    assert "fetching" in await scene.pupil.forges(f"my.unsafe:{await case_id(scene.world)}")
    assert scene.supervisor.last.text.startswith(f"case {number}, critical")
    assert len(scene.supervisor.messages) == before + 1


async def test_still_not_safe_without_a_supervisor_calls_the_workers(scene: Hotline) -> None:
    number = await closed(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'supervisor'")
    await scene.pupil.taps("I am still not safe")
    assert scene.other_worker.last.text.startswith(f"case {number}, critical")
    assert "is yours" in await scene.other_worker.taps("Take")


async def test_still_not_safe_with_nobody_there_says_so(scene: Hotline) -> None:
    await closed(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role IN ('supervisor', 'worker')")
    said = await scene.pupil.taps("I am still not safe")
    assert "nobody is on duty" in said
    assert "fetching" not in said


async def test_a_case_at_the_supervisors_desk_is_called_for_until_it_is_taken(scene: Hotline) -> None:
    await closed(scene)
    await scene.pupil.taps("I am still not safe")
    before = len(scene.supervisor.messages)
    await scene.world.later(minutes=16)
    assert len(scene.supervisor.messages) == before + 1
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'supervisor'")
    await scene.world.later(minutes=15)
    assert "overdue" in scene.worker.last.text
    assert "is yours" in await scene.worker.taps("Take")


async def test_a_case_that_is_taken_and_left_lying_waits_again(scene: Hotline) -> None:
    number = await report(scene.pupil, "They push me", safe="No")
    await scene.worker.taps("Take")
    await scene.world.later(minutes=44)
    assert await states(scene.world) == ["taken"]
    await scene.world.later(minutes=1)
    assert await states(scene.world) == ["new"]
    for one in (scene.worker, scene.other_worker, scene.supervisor):
        said, why = one.last.text.split("\n")
        assert said == f"case {number}, critical, 15 minutes left"
        assert why == "Back in the queue: it was not answered in time."
    assert (await deeds(scene.world))[-1] == "reopened"


async def test_an_answered_case_stays_with_its_worker(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("Hello")
    await scene.worker.taps("Send")
    await scene.world.later(hours=20)
    assert await states(scene.world) == ["taken"]


async def test_whoever_takes_it_over_closes_nothing_unanswered_alone(scene: Hotline) -> None:
    """The answer of the helper before her, or the summary of an earlier closing, is none of hers."""
    number = await closed(scene)
    await scene.pupil.taps("I am still not safe")
    await scene.supervisor.taps("Take")
    await scene.supervisor.says(f"/case {number}")
    await scene.supervisor.taps("Close")
    await scene.supervisor.taps("Unfounded")
    await scene.supervisor.says("Nothing.")
    assert "Please answer it first" in await scene.supervisor.taps("Send and close")
    assert await states(scene.world) == ["taken"]


async def test_removing_a_worker_takes_all_of_it_from_her_at_once(scene: Hotline) -> None:
    """One tap: both roles, a role on its way, her copies; and her case waits again."""
    number = await taken(scene, "a secret")
    copy, school = scene.worker.last, scene.school
    await scenes.belong(scene.world, scene.worker, school.network, Role.SUPERVISOR)
    person_id = await scenes.person_id_of(scene.world, scene.worker)
    async with scene.world.birge.database.writing() as db:
        proposal = await storage.roles.propose(
            db, school.network.id, person_id, "Leyla", Role.WORKER, person_id, Role.SUPERVISOR, scene.world.now
        )
        await db.run("UPDATE role_proposals SET state = 'confirmed'")
    rows = await scene.world.rows("SELECT id FROM memberships WHERE person_id = :id AND role = 'worker'", id=person_id)
    await school.owner.says("/home")
    assert "Removed" in await school.owner.forges(f"m.out.yes:{rows[0]['id']}")
    await scene.world.later(seconds=20)
    assert copy.deleted
    assert NOT_HERE in await scene.worker.says("/queue")
    assert "decided already" in await scene.worker.forges(f"conduct.yes:{proposal}")
    assert NOT_HERE in await scene.worker.says("/queue")
    assert await states(scene.world) == ["new"]
    assert scene.other_worker.last.text.startswith(f"case {number}")
    assert number not in scene.worker.last.text


async def test_a_copy_that_will_not_go_is_asked_for_each_hour_only(scene: Hotline) -> None:
    await taken(scene, "a secret")
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE called = 'Leyla'")
    said = "Bad Request: message can't be deleted"
    scene.world.sandbox.faults.append(Fault("deleteMessage", status=400, description=said, times=None))

    def asked() -> int:
        return len([one for one in scene.world.sandbox.calls if one.method == "deleteMessage"])

    await scene.world.later(minutes=5)
    before = asked()
    assert before
    await scene.world.later(minutes=30)
    assert asked() == before
    await scene.world.later(minutes=40)
    assert asked() > before


async def test_a_case_whose_key_is_gone_stands_in_nobodys_way(scene: Hotline) -> None:
    await taken(scene, "first")
    row = (await scene.world.rows("SELECT key_id FROM cases"))[0]
    number = await report(scene.pupil, "second", safe="No")
    async with scene.world.birge.database.writing() as db:
        await db.vault.destroy_key(db, row["key_id"])
    assert number in await scene.pupil.says("/mycases")
    assert number in await scene.worker.says("/queue")
    await scene.world.later(minutes=16)
    assert scene.supervisor.last.text.startswith(f"case {number}")
    await scene.world.later(hours=25)
    assert (await deeds(scene.world)).count("escalated") > 1


async def test_an_edit_of_a_report_that_was_interrupted_is_kept(scene: Hotline) -> None:
    pupil, sandbox = scene.pupil, scene.world.sandbox
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    mine = sandbox.sends(pupil.person, text="It was Monday")
    await scene.world.settle()
    await pupil.says("/join")
    sandbox.edits(pupil.person, mine, "It was Tuesday")
    await scene.world.settle()
    assert "Both versions are kept" in pupil.last.text
    await pupil.says("/cancel")
    assert "I have kept that" in await pupil.says("the end")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert "It was Monday\nIt was Tuesday\nthe end" in pupil.last.text


async def test_danger_that_was_put_in_later_reaches_the_helper(scene: Hotline) -> None:
    pupil, sandbox = scene.pupil, scene.world.sandbox
    mine = sandbox.sends(pupil.person, text="hello")
    await scene.world.settle()
    sandbox.edits(pupil.person, mine, "my dad beats me")
    await scene.world.settle()
    await pupil.taps("Yes, fetch a helper")
    assert "my dad beats me" in await shown_to(scene)


@pytest.mark.row("F5")
async def test_the_notice_that_called_for_somebody_says_that_the_case_is_taken(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.world.later(minutes=91)
    assert "Take" in scene.other_worker.labels
    await scene.worker.taps("Take")
    assert scene.other_worker.last.text == f"case {number}: taken"
    assert scene.other_worker.last.labels == []
    assert f"case {number}: yours" in [message.text for message in scene.worker.messages]
