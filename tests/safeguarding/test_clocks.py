"""No clock stops for good while a child waits: after the first answer, after danger, while a second person is asked."""

import pytest

import storage.cases
from domain.cases import Deed
from domain.roles import Role
from tests import scenes
from tests.cast import Talker, World
from tests.conversations.test_reporters import another_phone, answers, code_of, comes_back, deeds, heard
from tests.scenes import Hotline, add_member, on_duty, person_id_of, report, take, taken

MARKER = "Marker-9K"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def row(world: World, number: str) -> dict[str, object]:
    return dict((await world.rows("SELECT * FROM cases WHERE number = :number", number=number))[0])


def told(talker: Talker, words: str) -> int:
    """How often something was said to her, or stands there."""
    return sum(words in message.text for message in talker.messages)


async def passes(world: World, many: int, **each: int) -> None:
    """Time passes step by step."""
    for _ in range(many):
        await world.later(**each)


# --- what is said of an adult at school ---------------------------------------------------------------------------


async def about_an_adult(scene: Hotline, answer: str = "Yes") -> tuple[Talker, str]:
    """A worker of the child's school works on a report of hers; another about an adult is begun, and then danger."""
    local = await add_member(scene.world, scene.school.school, Role.WORKER, "Local")
    number = await report(scene.pupil, "They take my money.")
    await local.says("/queue")
    await take(local)
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.says(MARKER)
    await scene.pupil.taps("Next")
    await scene.pupil.taps(answer)
    await scene.pupil.taps("Danger now")
    return local, number


@pytest.mark.rule(15)
@pytest.mark.parametrize("answer", ["Yes", "I am not sure"])
async def test_an_alarm_brings_words_about_an_adult_at_school_to_nobody_there(scene: Hotline, answer: str) -> None:
    local, number = await about_an_adult(scene, answer)
    said = await scene.pupil.taps("Yes, fetch a helper")
    other = said.split("Its number is ")[1][:6]
    assert other != number
    assert local.last.text == f"case {number}, danger, now"
    await local.says(f"/case {number}")
    assert MARKER not in heard(local)
    assert "I can't show you a case with this number" in await local.says(f"/case {other}")
    assert other not in await local.says("/queue")
    await scene.worker.says(f"/case {other}")
    assert MARKER in await scene.worker.taps("Take ")
    assert (await row(scene.world, number))["risk"] == (await row(scene.world, other))["risk"] == "danger"


@pytest.mark.rule(15)
async def test_so_does_an_alarm_while_that_report_is_set_aside(scene: Hotline) -> None:
    local, number = await about_an_adult(scene)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("Write to the helper")
    await scene.pupil.taps("Danger now")
    said = await scene.pupil.taps("Yes, fetch a helper")
    assert number not in said
    await local.says(f"/case {number}")
    assert MARKER not in heard(local)


@pytest.mark.rule(15)
async def test_a_second_alarm_stays_with_the_report_she_writes_to(scene: Hotline) -> None:
    """Both were opened in one minute: what she writes on goes where it went before."""
    local, number = await about_an_adult(scene)
    said = await scene.pupil.taps("Yes, fetch a helper")
    other = said.split("Its number is ")[1][:6]
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET opened_at = opened_at + 60000000 WHERE number = :number", number=number)
    await scene.pupil.taps("Danger now")
    assert other in await scene.pupil.taps("Yes, fetch a helper")
    await scene.pupil.says("He is here again.")
    await local.says(f"/case {number}")
    assert "He is here again." not in heard(local)


@pytest.mark.rule(9)
async def test_an_alarm_brings_other_words_to_whoever_works_on_it(scene: Hotline) -> None:
    local, number = await about_an_adult(scene, "No")
    assert number in await scene.pupil.taps("Yes, fetch a helper")
    assert MARKER in await local.says(f"/case {number}")


# --- after the first answer -------------------------------------------------------------------------------------------


@pytest.mark.rule(9)
async def test_words_after_an_answer_wait_under_a_clock_again(scene: Hotline) -> None:
    """Half of it and the worker is called again, the whole of it and the supervisor, the answer clock and anybody."""
    number = await taken(scene)
    await answers(scene.worker)
    await scene.pupil.taps("Answer")
    await scene.pupil.says("He comes tonight.")
    line = f"case {number}, normal"
    await scene.world.later(minutes=89)
    assert told(scene.worker, line) == 0
    await scene.world.later(minutes=1)
    assert scene.worker.last.text == f"{line}, 90 minutes left"
    assert told(scene.supervisor, line) == 0
    await scene.pupil.says("Please.")  # more of them win no time
    await scene.world.later(minutes=90)
    assert scene.supervisor.last.text == scene.worker.last.text == f"{line}, overdue"
    assert scene.supervisor.labels == ["Open"]
    await passes(scene.world, 5, minutes=71)
    assert told(scene.supervisor, line) == 1
    assert (await row(scene.world, number))["state"] == "taken"
    await scene.world.later(minutes=5)
    assert (await row(scene.world, number))["state"] == "new"
    assert scene.other_worker.last.text.startswith(line)


@pytest.mark.rule(9)
async def test_an_answer_ends_that_clock(scene: Hotline) -> None:
    number = await taken(scene)
    await answers(scene.worker)
    await scene.pupil.taps("Answer")
    await scene.pupil.says("He comes tonight.")
    await scene.world.later(minutes=90)
    await scene.worker.says(f"/case {number}")
    await answers(scene.worker)
    before = told(scene.supervisor, number)
    await passes(scene.world, 24, hours=1)
    assert (await row(scene.world, number))["state"] == "taken"
    assert told(scene.supervisor, number) == before


@pytest.mark.rule(9)
async def test_danger_is_followed_up_the_day_after(scene: Hotline) -> None:
    number = await in_danger(scene)
    line = f"case {number}: danger yesterday: please follow up"
    await scene.world.later(hours=23, minutes=59)
    assert told(scene.worker, line) == told(scene.supervisor, line) == 0
    await scene.world.later(minutes=2)
    assert scene.worker.last.text == scene.supervisor.last.text == line
    assert (await deeds(scene.world)).count("follow_up") == 1
    await scene.world.later(hours=3)
    assert (told(scene.worker, line), told(scene.supervisor, line)) == (1, 2)
    await passes(scene.world, 20, hours=3)
    assert (told(scene.worker, line), told(scene.supervisor, line)) == (1, 2)


@pytest.mark.rule(9)
async def test_a_follow_up_that_was_done_is_not_asked_for_again(scene: Hotline) -> None:
    number = await in_danger(scene)
    await scene.world.later(hours=24, minutes=1)
    await scene.worker.says(f"/case {number}")
    await answers(scene.worker)
    await passes(scene.world, 10, hours=1)
    assert (await deeds(scene.world)).count("follow_up") == 1


async def test_nothing_is_followed_up_where_nobody_was_in_danger(scene: Hotline) -> None:
    await taken(scene)
    await answers(scene.worker)
    await passes(scene.world, 30, hours=1)
    assert "follow_up" not in await deeds(scene.world)


async def in_danger(scene: Hotline) -> str:
    """Somebody was in danger, a worker took it and has answered; its number."""
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    said = await scene.pupil.taps("Yes, fetch a helper")
    await scene.worker.taps("Take")
    await answers(scene.worker)
    return said.split("Its number is ")[1][:6]


# --- danger in a case that somebody has taken -------------------------------------------------------------------------


@pytest.mark.rule(9)
async def test_an_alarm_in_a_taken_case_calls_who_is_on_duty_too(scene: Hotline) -> None:
    nigar = await add_member(scene.world, scene.school.network, Role.WORKER, "Nigar")
    await scenes.accepts(scene.world, nigar)
    number = await taken(scene)
    await answers(scene.worker)
    worker, backup = [await person_id_of(scene.world, one) for one in (nigar, scene.other_worker)]
    await on_duty(scene.world, worker, backup)
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    for one in (scene.worker, scene.supervisor, nigar, scene.other_worker):
        assert one.last.text == f"case {number}, danger, now"
        assert one.labels == ["Open"]


# --- while a second person is asked -----------------------------------------------------------------------------------


async def asks_to_close(scene: Hotline) -> str:
    number = await taken(scene)
    await scene.worker.taps("Close")
    await scene.worker.taps("Unfounded")
    await scene.worker.says("We looked at it.")
    await scene.worker.taps("Send and close")
    return number


@pytest.mark.rule(13)
async def test_a_closing_is_the_second_persons_until_the_answer_clock_is_over(scene: Hotline) -> None:
    number = await asks_to_close(scene)
    await passes(scene.world, 8, hours=1)
    assert [one["state"] for one in await scene.world.rows("SELECT state FROM case_asks")] == ["asked"]
    await scene.supervisor.taps("Open")
    assert "closed" in await scene.supervisor.taps("Close it")
    assert (await row(scene.world, number))["state"] == "closed"


@pytest.mark.rule(13)
async def test_whoever_asked_hears_that_nobody_has_decided_and_the_report_waits_again(scene: Hotline) -> None:
    number = await asks_to_close(scene)
    await passes(scene.world, 10, hours=1)
    assert f"case {number}: nobody has decided in time. Please ask again." in heard(scene.worker)
    assert (await row(scene.world, number))["state"] == "new"
    assert scene.other_worker.last.text.startswith(f"case {number}, normal")


@pytest.mark.rule(13)
async def test_asking_again_wins_no_time(scene: Hotline) -> None:
    number = await asks_to_close(scene)
    due_at = (await scene.world.rows("SELECT due_at FROM case_asks"))[0]["due_at"]
    await scene.world.later(hours=8)
    await scene.worker.says(f"/case {number}")
    await scene.worker.taps("Close")
    await scene.worker.taps("Unfounded")
    await scene.worker.says("We looked at it.")
    await scene.worker.taps("Send and close")
    assert [one["due_at"] for one in await scene.world.rows("SELECT due_at FROM case_asks")] == [due_at, due_at]


@pytest.mark.rule(9)
async def test_an_alarm_does_not_wait_for_a_second_person(scene: Hotline) -> None:
    number = await asks_to_close(scene)
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    await scene.world.later(minutes=6)
    assert (await row(scene.world, number))["state"] == "new"


# --- who worked on it -------------------------------------------------------------------------------------------------


@pytest.mark.rule(5)
async def test_whoever_let_a_report_lie_keeps_nothing_of_it(scene: Hotline) -> None:
    await taken(scene, MARKER)
    assert MARKER in heard(scene.worker)
    await passes(scene.world, 10, hours=1)
    assert MARKER not in heard(scene.worker)


async def asked_after(scene: Hotline, number: str) -> None:
    """The week is over, and she is asked whether anybody treats her badly."""
    async with scene.world.birge.database.writing() as db:
        case_id = await db.value("SELECT id FROM cases WHERE number = :number", number=number)
        await storage.cases.log(db, case_id, "clock", Deed.ASKED_AFTER, scene.world.now)


async def says_after(scene: Hotline, number: str, answer: str = "yes") -> str:
    case_id = (await row(scene.world, number))["id"]
    return await scene.pupil.forges(f"my.after:{case_id}:{answer}")


@pytest.mark.rule(12)
async def test_only_who_was_asked_says_that_she_is_treated_badly_and_once(scene: Hotline) -> None:
    number = await taken(scene, MARKER)
    await answers(scene.worker)
    assert "112" in await says_after(scene, number)
    assert (await row(scene.world, number))["state"] == "taken"
    await asked_after(scene, number)
    assert "must not happen" in await says_after(scene, number)
    standing = await row(scene.world, number)
    assert (standing["state"], standing["desk"], standing["risk"]) == ("new", "supervisors", "high")
    assert scene.worker.last.text == f"case {number}: it waits in the queue again. What you were shown is removed."
    assert MARKER not in heard(scene.worker)
    await scene.world.later(minutes=20)
    assert "must not happen" not in await says_after(scene, number)
    assert (await row(scene.world, number))["waiting_since"] == standing["waiting_since"]


@pytest.mark.rule(12)
async def test_a_report_that_waits_keeps_the_time_that_it_has_waited(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    before = await row(scene.world, number)
    await asked_after(scene, number)
    await scene.world.later(minutes=10)
    await says_after(scene, number)
    after = await row(scene.world, number)
    assert (after["risk"], after["waiting_since"]) == ("high", before["waiting_since"])
    assert scene.supervisor.last.text == f"case {number}, high, 50 minutes left"


# --- buttons that stand under a report --------------------------------------------------------------------------------


@pytest.mark.rule(10)
@pytest.mark.parametrize("tapped", ["my.unsafe:{}", "my.say:{}", "my.after:{}:yes", "my.face:{}:3"])
async def test_nobody_who_is_not_safe_is_only_turned_away(scene: Hotline, tapped: str) -> None:
    """Of another account by now, destroyed, or never hers: the same numbers and the same offer."""
    number = await report(scene.pupil, "They take my money.")
    case_id = (await row(scene.world, number))["id"]
    aysel = await another_phone(scene)
    await comes_back(aysel, code_of(scene.pupil))
    screens = {
        (await one.forges(tapped.format(case_id)), *one.labels) for one in (scene.pupil, scene.school.parents[0])
    }
    screens.add((await scene.pupil.forges(tapped.format(4)), *scene.pupil.labels))
    (screen,) = screens
    assert "112" in screen[0]
    assert "Yes, fetch a helper" in screen


# --- what is promised -------------------------------------------------------------------------------------------------


async def test_writing_the_code_down_promises_no_time_that_is_over(scene: Hotline) -> None:
    number = await taken(scene)
    await answers(scene.worker)
    await scene.world.later(hours=30)
    said = await scene.pupil.taps("I wrote it down")
    assert f"Report {number}: a helper is working on it" in said
    assert "within 3 hours" not in said


async def test_a_code_that_is_written_down_at_once_leaves_the_promise(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    assert "within 3 hours" in await scene.pupil.taps("I wrote it down")


async def test_no_head_of_the_helpers_is_named_when_none_is_called(scene: Hotline) -> None:
    number = await taken(scene)
    await answers(scene.worker)
    await scene.worker.says(f"/case {number}")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    await scene.worker.says("We helped.")
    await scene.worker.taps("Send and close")
    async with scene.world.birge.database.writing() as db:
        case_id = (await db.one("SELECT id FROM cases"))["id"]  # type: ignore[index]
        await storage.cases.keep_out(db, case_id, await person_id_of(scene.world, scene.supervisor))
    said = await scene.pupil.taps("I am still not safe")
    assert said.startswith("Thank you for telling me. The report is open, and I am fetching a helper.")
    assert (await row(scene.world, number))["desk"] == "workers"
    assert scene.worker.last.text == f"case {number}, critical, 15 minutes left"


async def test_words_that_are_kept_for_nobody_yet_go_on_with_the_report(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    code = code_of(scene.pupil)
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.says(MARKER)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    await scene.pupil.taps("Write to the helper")
    await comes_back(await another_phone(scene), code)
    assert "This is kept here" in await scene.pupil.says("More words.")
    await scene.pupil.taps("I have read it")
    await scene.pupil.taps("Next")
    for _ in range(3):
        await scene.pupil.taps("Skip")
    assert f"{MARKER}\nMore words." in scene.pupil.last.text
