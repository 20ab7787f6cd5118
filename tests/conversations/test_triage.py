"""Kind and risk first, ready answers, notes, cases of one event, albums, what came in between, the queue's pages."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import storage.cases
from domain.concerns import CONCERNS, Concern
from domain.ready_answers import READY_ANSWERS
from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.pictures import jpeg
from tests.scenes import Hotline, report, take, taken

NOT_HERE = "You can't do this here"
OVER = "decided already"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def ids(world: World) -> dict[str, int]:
    return {row["number"]: int(row["id"]) for row in await world.rows("SELECT id, number FROM cases")}


async def case(world: World, column: str) -> object:
    return (await world.rows("SELECT * FROM cases ORDER BY opened_at DESC"))[0][column]


async def deeds(world: World) -> list[str]:
    return [row["deed"] for row in await world.rows("SELECT deed FROM case_log ORDER BY id")]


def heard(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


async def open_more(talker: Talker, number: str, door: str) -> str:
    await talker.says(f"/case {number}")
    await talker.taps("More")
    return await talker.taps(door)


# --- kind and risk ----------------------------------------------------------------------------------------------------


@pytest.mark.row("F8")
async def test_kind_and_risk_are_two_taps_and_come_first(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.", safe="I am not sure")
    worker = scene.worker
    await worker.taps("Take")
    assert [label for label in worker.labels if label in ("Answer", "Close", "More")] == []
    assert {label.msgid for label in CONCERNS.values()} <= set(worker.labels)
    assert "Bullying. How urgent is it?" in await worker.taps("Bullying")
    assert worker.labels[0] == "Keep: high"
    assert "✓ Bullying, high" in await worker.taps("Keep: high")
    assert worker.labels[:3] == ["Answer", "Close", "More"]
    assert (await case(scene.world, "kind"), await case(scene.world, "risk")) == ("bullying", "high")


@pytest.mark.row("F8")
async def test_nothing_else_is_done_about_a_case_before(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.worker.taps("Take")
    one = (await ids(scene.world))[number]
    for route in ("cs.say", "cs.close", "cs.more", "cs.why"):
        assert "of what kind this report is" in await scene.worker.forges(f"{route}:{one}:helped")
        assert "Bullying" in scene.worker.labels
    assert "They take my money." in heard(scene.worker)
    assert "closed" not in await deeds(scene.world)


@pytest.mark.row("F8")
async def test_in_danger_the_answer_stands_at_once_and_closing_after_the_kind(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    await scene.worker.taps("Take")
    assert scene.worker.labels[0] == "Answer"
    assert "Close" not in scene.worker.labels
    one = next(iter((await ids(scene.world)).values()))
    assert "of what kind" in await scene.worker.forges(f"cs.close:{one}")
    await scene.worker.taps("Answer")
    await scene.worker.says("I am here.")
    await scene.worker.taps("Send")
    assert "I am here." in scene.pupil.last.text
    await scene.worker.taps("Home violence")
    assert "✓ Home violence, danger" in await scene.worker.taps("Keep: danger")


async def test_the_kind_stays_when_somebody_else_takes_the_case(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("I know these people")
    await scene.other_worker.taps("Take")
    assert "Answer" in scene.other_worker.labels
    assert "Bullying, normal" in heard(scene.other_worker)


async def test_kind_and_risk_can_be_set_anew(scene: Hotline) -> None:
    number = await taken(scene)
    assert "of what kind is it?" in await open_more(scene.worker, number, "Kind and risk")
    await scene.worker.taps("Online")
    await scene.worker.taps("Keep: normal")
    assert await case(scene.world, "kind") == "online"


@pytest.mark.row("F8")
async def test_a_raised_risk_begins_its_clock_and_calls_the_supervisor_at_once(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.world.later(minutes=30)
    await scene.worker.taps("Take")
    await scene.worker.taps("Bullying")
    assert "✓ Bullying, critical" in await scene.worker.taps("critical")
    assert scene.supervisor.last.text == f"case {number}, critical, 15 minutes left"
    assert (await deeds(scene.world))[-3:] == ["raised", "paged", "sorted"]
    await scene.world.later(minutes=15)  # unanswered for the clock of the new risk
    assert await case(scene.world, "state") == "new"
    assert scene.other_worker.last.text.startswith(f"case {number}, critical")


async def test_a_supervisor_raises_a_case_that_waits_and_who_is_on_duty_is_called(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.supervisor.says(f"/case {number}")
    await scene.supervisor.taps("More")
    await scene.supervisor.taps("Kind and risk")
    await scene.supervisor.taps("Neglect")
    await scene.supervisor.taps("high")
    assert scene.worker.last.text == f"case {number}, high, 60 minutes left"


async def lower(talker: Talker, to: str) -> str:
    await talker.taps("Bullying")
    assert "Why is it less urgent?" in await talker.taps(to)
    return await talker.taps("Safe now")


@pytest.mark.row("F8_bad_lowered")
async def test_the_second_lowering_by_one_person_needs_a_second_opinion(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.", safe="No")
    worker, supervisor = scene.worker, scene.supervisor
    await worker.taps("Take")
    assert "✓ Bullying, high" in await lower(worker, "high")
    assert await case(scene.world, "risk") == "high"
    await open_more(worker, number, "Kind and risk")
    assert "a second person must agree" in await lower(worker, "normal")
    assert await case(scene.world, "risk") == "high"
    assert supervisor.last.text == f"case {number}: a lower risk is asked for, please look at it"
    shown = await supervisor.taps("Open")
    assert "Somebody asks for a lower risk: normal" in shown
    assert "Reason: Safe now" in shown
    stale = supervisor.last
    await supervisor.taps("Keep the risk")
    assert await case(scene.world, "risk") == "high"
    assert worker.last.text == f"case {number}, decided: high"
    press = next(one.data for row in stale.keyboard for one in row if one.label == "Lower it")
    assert OVER in await supervisor.forges(str(press), message=stale)
    await open_more(worker, number, "Kind and risk")
    await lower(worker, "normal")
    await supervisor.taps("Open", message=supervisor.last)
    await supervisor.taps("Lower it")
    assert await case(scene.world, "risk") == "normal"
    assert (await deeds(scene.world)).count("lowered") == 2


async def test_another_person_lowers_it_alone_the_first_time(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.", safe="No")
    await scene.worker.taps("Take")
    await lower(scene.worker, "high")
    await scene.worker.taps("I know these people")
    await scene.other_worker.taps("Take")
    await open_more(scene.other_worker, number, "Kind and risk")
    assert "✓ Bullying, normal" in await lower(scene.other_worker, "normal")


async def test_a_lowering_is_agreed_to_by_nobody_who_asked_for_it(scene: Hotline) -> None:
    """A supervisor who works on a case herself asks another one."""
    await scenes.belong(scene.world, scene.worker, scene.school.network, Role.SUPERVISOR)
    number = await report(scene.pupil, "They take my money.", safe="No")
    await scene.worker.taps("Take")
    await lower(scene.worker, "high")
    await open_more(scene.worker, number, "Kind and risk")
    await lower(scene.worker, "normal")
    ask = (await scene.world.rows("SELECT id, case_id FROM case_asks WHERE state = 'asked'"))[0]
    for route in ("cs.agree", "cs.second", "cs.keep"):
        assert NOT_HERE in await scene.worker.forges(f"{route}:{ask['case_id']}:{ask['id']}")
    assert await case(scene.world, "risk") == "high"


async def test_without_a_second_person_the_risk_stays(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.", safe="No")
    await scene.worker.taps("Take")
    await lower(scene.worker, "high")
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'supervisor'")
    await open_more(scene.worker, number, "Kind and risk")
    assert "Nobody else is there to agree" in await lower(scene.worker, "normal")
    assert await case(scene.world, "risk") == "high"


async def test_forged_kinds_and_risks_change_nothing(scene: Hotline) -> None:
    number = await taken(scene)
    one = (await ids(scene.world))[number]
    before = await scene.world.rows("SELECT * FROM cases")
    for press in (
        f"cs.kind:{one}:nonsense",
        f"cs.kind:{one}",
        f"cs.risk:{one}:online:urgent",
        f"cs.risk:{one}:online",
        f"cs.low:{one}:online:danger:safe",
        f"cs.low:{one}:online:normal:bored",
        f"cs.ready:{one}:call",
        f"cs.ready:{one}:nonsense",
    ):
        assert NOT_HERE in await scene.worker.forges(press)
    for talker in (scene.other_worker, scene.school.head, scene.school.owner):
        assert NOT_HERE in await talker.forges(f"cs.risk:{one}:online:normal")
        assert NOT_HERE in await talker.forges(f"cs.kind:{one}:online")
    assert await scene.world.rows("SELECT * FROM cases") == before


# --- ready answers ----------------------------------------------------------------------------------------------------


@pytest.mark.row("F8")
async def test_a_question_for_information_is_answered_and_closed_in_one_flow(scene: Hotline) -> None:
    number = await report(scene.pupil, "Whom can I call?")
    worker, pupil = scene.worker, scene.pupil
    await take(worker, "Information")
    assert {one.label.msgid for one in READY_ANSWERS.values()} <= set(worker.labels)
    preview = await worker.taps("Whom to call")
    assert "To: Pupil-" in preview
    assert "116 111" in preview
    assert "numbers to call" not in pupil.last.text
    assert f"Case {number} is closed" in await worker.taps("Send and close")
    assert "These are the numbers to call." in pupil.last.text
    assert "116 111" in pupil.last.text
    assert "I am still not safe" in pupil.labels
    assert await case(scene.world, "state") == "closed"
    assert [one for one in await deeds(scene.world) if one in ("answered", "closed", "asked_second")] == [
        "answered",
        "closed",
    ]


async def test_a_ready_answer_is_read_by_each_in_her_own_language(world: World) -> None:
    scene = await scenes.hotline(world)
    pupil = await scenes.add_member(world, scene.school.class_a, Role.PUPIL, "Лейла", "ru")
    await pupil.says("/hotline")
    await pupil.forges("hl.go:me")
    token = (await world.rows("SELECT MAX(token) AS t FROM conversations WHERE state IS NOT NULL"))[0]["t"]
    for step in range(4):
        await pupil.forges(f"cs.o:{token + step}:skip")
    await pupil.forges(f"cs.o:{token + 4}:send")
    await take(scene.worker, "Information")
    await scene.worker.taps("After a report")
    await scene.worker.taps("Send and close")
    one = next(iter((await ids(world)).values()))
    assert "A helper reads the report" in await scene.supervisor.forges(f"cs:{one}")


async def test_other_words_in_place_of_a_ready_answer_are_a_usual_closing(scene: Hotline) -> None:
    await report(scene.pupil, "Whom can I call?")
    await take(scene.worker, "Information")
    await scene.worker.taps("School's duty")
    assert "My own words." in await scene.worker.says("My own words.")
    assert "a second person must agree" in await scene.worker.taps("Send and close")


# --- what came in between ---------------------------------------------------------------------------------------------


@pytest.mark.row("F5_bad_stale_edit")
async def test_what_came_while_she_wrote_is_shown_before_her_answer_goes_out(scene: Hotline) -> None:
    await taken(scene)
    worker, pupil = scene.worker, scene.pupil
    await pupil.taps("Write to the helper")
    mine = scene.world.sandbox.sends(pupil.person, text="I am at home")
    await scene.world.settle()
    await worker.taps("Answer")
    await worker.says("Stay where you are.")
    preview = worker.last
    scene.world.sandbox.edits(pupil.person, mine, "I ran away")
    await scene.world.settle()
    await pupil.says("He is looking for me")
    shown = await worker.taps("Send", message=preview)
    assert "This came while you were writing" in shown
    assert "I ran away" in shown
    assert "He is looking for me" in shown
    assert "Stay where you are." in shown
    assert "Stay where you are." not in heard(pupil)
    assert worker.last.protected
    assert "On its way" in await worker.taps("Send it")
    assert "Stay where you are." in heard(pupil)


async def test_it_is_shown_again_for_what_came_after_that(scene: Hotline) -> None:
    await taken(scene)
    worker, pupil = scene.worker, scene.pupil
    await pupil.taps("Write to the helper")
    await worker.taps("Answer")
    await worker.says("Hello.")
    preview = worker.last
    await pupil.says("one")
    await worker.taps("Send", message=preview)
    again = worker.last
    await pupil.says("two")
    shown = await worker.taps("Send it", message=again)
    assert "two" in shown
    assert "one" not in shown.split("To: Pupil-")[0]
    assert "Nothing was sent." in await worker.taps("No")
    assert "Hello." not in heard(pupil)


async def test_a_closing_shows_it_too(scene: Hotline) -> None:
    number = await taken(scene)
    worker, pupil = scene.worker, scene.pupil
    await worker.taps("Answer")
    await worker.says("Hello.")
    await worker.taps("Send")
    await worker.says(f"/case {number}")
    await worker.taps("Close")
    await worker.taps("Helped")
    await worker.says("All is well.")
    preview = worker.last
    await pupil.taps("Write to the helper")
    await pupil.says("It is not over")
    assert "It is not over" in await worker.taps("Send and close", message=preview)
    assert await case(scene.world, "state") == "taken"
    assert f"Case {number} is closed" in await worker.taps("Send it")


# --- albums, undelivered ----------------------------------------------------------------------------------------------


@pytest.mark.row("F4")
async def test_an_album_is_one_entry_with_its_pictures_in_order(scene: Hotline) -> None:
    await taken(scene)
    pupil, worker = scene.pupil, scene.worker
    await pupil.taps("Write to the helper")
    await pupil.says("before")
    scene.world.sandbox.sends_album(pupil.person, None, [jpeg(), jpeg(), jpeg()])
    await scene.world.settle()
    await pupil.says("after")
    shown = await worker.taps("Open")
    block = shown.split("before")[1].split("after")[0]
    assert "[photo 1]\n[photo 2]\n[photo 3]" in "\n".join(line for line in block.splitlines() if line)
    assert block.count("Pupil-") == 2  # one heading for the album, one for what came after it
    assert [label for label in worker.labels if label.startswith("Show")] == [f"Show: photo {n}" for n in (1, 2, 3)]


async def test_an_album_of_a_report_is_one_entry_too(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    scene.world.sandbox.sends_album(pupil.person, None, [jpeg(), jpeg()])
    await scene.world.settle()
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await pupil.taps(label)
    shown = await scene.worker.taps("Take")
    assert shown.count("Pupil-") == 2  # the heading of the case, and of the album


@pytest.mark.row("F4_bad_blocked")
async def test_an_answer_that_waited_when_she_blocked_the_bot_is_told_of_too(
    scene: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    say = storage.cases.say_to_reporter

    async def an_hour_later(*given: Any, **more: Any) -> list[Any]:
        said = await say(*given, **more)
        at = scene.world.now + timedelta(hours=1)
        return [replace(one, not_before=at) for one in said]

    await taken(scene)
    worker, pupil = scene.worker, scene.pupil
    monkeypatch.setattr(storage.cases, "say_to_reporter", an_hour_later)
    await worker.taps("Answer")
    await worker.says("are you there?")
    assert "On its way" in await worker.taps("Send")
    scene.world.sandbox.blocks(pupil.person)
    await scene.world.settle()
    await scene.world.later(hours=1, minutes=1)
    assert "not delivered: blocked" in worker.last.text
    assert "undelivered" in await deeds(scene.world)


# --- notes ------------------------------------------------------------------------------------------------------------


async def write_note(talker: Talker, number: str, words: str) -> str:
    told = await open_more(talker, number, "Notes")
    assert "notes" in told or "New note" in talker.labels
    await talker.taps("New note")
    return await talker.says(words)


async def test_a_note_stands_in_the_case_in_its_order_and_never_with_the_reporter(scene: Hotline) -> None:
    number = await taken(scene)
    worker, pupil = scene.worker, scene.pupil
    await scene.world.later(minutes=2)
    await write_note(worker, number, "Spoke with Mrs. Orlova")
    assert worker.last.protected
    await scene.world.later(minutes=2)
    await pupil.taps("Write to the helper")
    await pupil.says("It happened again")
    await worker.says(f"/case {number}")
    shown = heard(worker).split("Case " + number)[-1]
    assert shown.index("They take my money.") < shown.index("Note by Leyla") < shown.index("It happened again")
    assert "Spoke with Mrs. Orlova" in await scene.supervisor.says(f"/case {number}")
    for command in ("/mycases", "/home", "/hotline"):
        await pupil.says(command)
    await pupil.forges(f"my:{(await ids(scene.world))[number]}")
    assert "Orlova" not in heard(pupil)


async def test_what_was_typed_as_a_note_leaves_the_chat_and_lies_sealed(scene: Hotline) -> None:
    number = await taken(scene)
    await open_more(scene.worker, number, "Notes")
    await scene.worker.taps("New note")
    typed = scene.world.sandbox.sends(scene.worker.person, text="a private thought")
    await scene.world.settle()
    assert typed.deleted
    rows = await scene.world.rows("SELECT * FROM case_notes")
    assert len(rows) == 1
    assert b"private" not in bytes(rows[0]["content"])
    await scene.world.later(hours=25)
    assert "a private thought" not in heard(scene.worker)


async def test_a_changed_note_keeps_its_older_version(scene: Hotline) -> None:
    number = await taken(scene)
    worker = scene.worker
    await write_note(worker, number, "It was Monday")
    await open_more(worker, number, "Notes")
    await worker.taps("Change note 1")
    await worker.says("It was Tuesday")
    shown = await worker.says(f"/case {number}")
    assert "It was Monday" in shown
    assert "changed:" in shown
    assert "It was Tuesday" in shown
    listed = await open_more(worker, number, "Notes")
    assert "It was Tuesday" in listed
    assert "It was Monday" not in listed


async def test_a_note_is_for_those_who_may(scene: Hotline) -> None:
    number = await taken(scene)
    one = (await ids(scene.world))[number]
    for talker in (scene.other_worker, scene.school.owner, scene.school.head, scene.pupil):
        for route in ("cs.notes", "cs.note"):
            assert NOT_HERE in await talker.forges(f"{route}:{one}")
    assert NOT_HERE in await scene.worker.forges(f"cs.note:{one}:424242")
    await open_more(scene.worker, number, "Notes")
    await scene.worker.taps("New note")
    await scene.worker.forges(f"cs.aside:{one}")
    assert "I am not waiting" in await scene.worker.says("too late")
    assert await scene.world.rows("SELECT 1 FROM case_notes") == []
    assert await scene.world.rows("SELECT 1 FROM case_notes") == []


async def test_no_ends_a_note(scene: Hotline) -> None:
    number = await taken(scene)
    await open_more(scene.worker, number, "Notes")
    await scene.worker.taps("New note")
    assert "Nothing was sent." in await scene.worker.taps("Cancel")
    await scene.worker.says("not a note")
    assert await scene.world.rows("SELECT 1 FROM case_notes") == []


def without_isolates(shown: str) -> str:
    """Names are isolated, so that no alphabet turns the sentence around them."""
    return shown.translate(dict.fromkeys((0x2068, 0x2069)))


# --- the queue --------------------------------------------------------------------------------------------------------


@pytest.mark.row("F5")
async def test_more_than_twenty_cases_are_paged(scene: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.cases.claim._QUEUE_SHOWS", 2)
    numbers = {await report(scene.pupil, "one") for _ in range(5)}
    worker = scene.worker
    seen = [await worker.says("/queue")]
    while "Next" in worker.labels:
        seen.append(await worker.taps("Next"))
    assert [page.count("case ") for page in seen] == [2, 2, 1]
    assert {number for number in numbers if any(number in page for page in seen)} == numbers
    assert seen[1] == await worker.taps("Back")
    assert NOT_HERE in await scene.school.owner.forges("cs.queue:0")
    await worker.forges("cs.queue:99999999999999999")


@pytest.mark.row("F5")
async def test_the_supervisor_sees_who_has_what_and_what_is_overdue_first(scene: Hotline) -> None:
    mine = await taken(scene)
    late = await report(scene.school.parents[0], "normal")
    await scene.world.later(hours=3, minutes=1)
    await scene.worker.says(f"/case {mine}")
    urgent = await report(scene.pupil, "urgent", safe="No")
    queue = without_isolates(await scene.supervisor.says("/queue")).splitlines()[2:]
    assert queue == [
        f"case {late}, normal, overdue",
        f"case {urgent}, critical, 15 minutes left",
        f"case {mine}: taken by Leyla",
    ]
    assert (await scene.other_worker.says("/queue")).splitlines()[2:] == [
        f"case {urgent}, critical, 15 minutes left",
        f"case {late}, normal, overdue",
    ]


def test_every_concern_fits_its_buttons() -> None:
    assert all(len(f"cs.low:{10**18}:{one.value}:critical:mistake".encode()) <= 64 for one in Concern)
