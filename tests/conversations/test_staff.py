"""What the staff of the hotline sees and taps: every button works for whoever is shown it, every sentence is true."""

from collections.abc import Awaitable, Callable

import pytest

import storage.cases
from domain.communities import CommunityKind
from domain.roles import Role
from sandbox import Fault
from tests import scenes
from tests.cast import Talker, World
from tests.scenes import Hotline, add_member, community, report, take, taken

DEAD = "You can't do this here"
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
OVER = "This question is over already"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


def heard(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


async def begun(talker: Talker) -> str:
    await talker.says("/hotline")
    await talker.taps("Begin a plan")
    await talker.says("Bruises, third time.")
    return (await talker.taps("Next")).split("Case ")[1][:6]


# --- More -------------------------------------------------------------------------------------------------------------


async def worker_of_it(scene: Hotline) -> tuple[Talker, str]:
    return scene.worker, await taken(scene)


async def supervisor_of_another(scene: Hotline) -> tuple[Talker, str]:
    return scene.supervisor, await taken(scene)


async def supervisor_of_one_that_waits(scene: Hotline) -> tuple[Talker, str]:
    return scene.supervisor, await report(scene.pupil, "They hit me.")


async def psychologist_of_her_own(scene: Hotline) -> tuple[Talker, str]:
    nigar = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    return nigar, await begun(nigar)


WHO: list[Callable[[Hotline], Awaitable[tuple[Talker, str]]]] = [
    worker_of_it,
    supervisor_of_another,
    supervisor_of_one_that_waits,
    psychologist_of_her_own,
]


@pytest.mark.parametrize("who", WHO, ids=lambda one: one.__name__)
async def test_every_button_on_more_works_for_whoever_is_shown_it(
    scene: Hotline, who: Callable[[Hotline], Awaitable[tuple[Talker, str]]]
) -> None:
    talker, number = await who(scene)
    await talker.says(f"/case {number}")
    await talker.taps("More")
    labels, page = list(talker.labels), talker.last
    assert "Notes" in labels
    assert "Keep out" in labels
    for label in labels:
        assert DEAD not in await talker.taps(label, message=page), label


async def test_nobody_else_is_shown_more(scene: Hotline) -> None:
    number = await taken(scene)
    stranger = await add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Nigar")
    case_id = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    for talker in (scene.other_worker, stranger, scene.school.owner, scene.pupil):
        for route in ("cs.more", "cs.notes", "cs.note", "cs.out"):
            assert DEAD in await talker.forges(f"{route}:{case_id}"), number


async def test_a_psychologist_notes_something_in_her_own_case(scene: Hotline) -> None:
    nigar, number = await psychologist_of_her_own(scene)
    await nigar.says(f"/case {number}")
    await nigar.taps("More")
    await nigar.taps("Notes")
    await nigar.taps("New note")
    assert "Noted" in await nigar.says("Talked with her.")
    assert "Talked with her." in await nigar.says(f"/case {number}")


# --- who wrote --------------------------------------------------------------------------------------------------------


async def test_the_words_of_an_adult_do_not_stand_as_a_pupils(scene: Hotline) -> None:
    await report(scene.school.parents[0], "She comes home crying.")
    shown = await take(scene.worker)
    assert "From: a parent (Pupil-" in shown
    assert "a parent (Pupil-" in shown.split("From:")[1].split("\n", 1)[1]
    assert "Parent0" not in shown


async def test_a_pupils_stand_as_before(scene: Hotline) -> None:
    await report(scene.pupil, "They hit me.")
    shown = await take(scene.worker)
    assert "From: Pupil-" in shown
    assert "(Pupil-" not in shown


async def test_a_psychologists_and_a_teachers_words_say_so(scene: Hotline) -> None:
    nigar, number = await psychologist_of_her_own(scene)
    assert "From: a psychologist (Pupil-" in await nigar.says(f"/case {number}")
    head = scene.school.head
    await head.says("/hotline")
    await head.taps("About a pupil")
    await head.says("Bruises.")
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await head.taps(label)
    shown = await take(scene.worker)
    assert "From: a teacher (Pupil-" in shown
    assert "Sevinc" not in shown


@pytest.mark.rule(20)
async def test_what_she_is_stands_nowhere_in_clear(scene: Hotline) -> None:
    await report(scene.school.parents[0], "She comes home crying.")
    row = (await scene.world.rows("SELECT * FROM cases"))[0]
    assert all("parent" not in str(value) for value in tuple(row))
    async with scene.world.birge.database.reading() as db:
        case = await storage.cases.get(db, row["id"])
    assert case is not None
    assert case.answers.by == "parent"


# --- an open question -------------------------------------------------------------------------------------------------


async def parts(world: World) -> int:
    return int((await world.rows("SELECT COUNT(*) AS n FROM case_parts"))[0]["n"])


@pytest.mark.parametrize("screen", ["case", "queue", "more"])
async def test_another_screen_ends_the_open_question(scene: Hotline, screen: str) -> None:
    number = await taken(scene)
    before = await parts(scene.world)
    page = scene.worker.find("More")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    question = scene.worker.last
    assert question.keyboard[0][0].label == "Cancel"
    if screen == "more":
        await scene.worker.taps("More", message=page)
    else:
        await scene.worker.says(f"/case {number}" if screen == "case" else "/queue")
    said = await scene.worker.says("lunch at one?")
    assert "Sending this closes the case" not in said
    assert await parts(scene.world) == before
    assert OVER in await scene.worker.taps("Cancel", message=question)


async def test_what_was_typed_and_seen_can_still_be_sent(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("I am here.")
    preview = scene.worker.last
    await scene.worker.says("/queue")
    assert "I am here." not in await scene.worker.says("lunch at one?")
    assert "On its way" in await scene.worker.taps("Send", message=preview)
    assert "I am here." in scene.pupil.last.text
    assert "lunch" not in heard(scene.pupil)


async def test_danger_in_loose_words_is_heard(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("I am here.")
    await scene.worker.says("/queue")
    await scene.worker.says("I want to kill myself")
    assert "112" in heard(scene.worker)


async def test_cancel_stands_under_an_answer_a_note_and_a_summary(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    assert scene.worker.labels == ["Cancel"]
    assert "Nothing was sent" in await scene.worker.taps("Cancel")
    await scene.worker.taps("More", message=scene.worker.find("More"))
    await scene.worker.taps("Notes")
    await scene.worker.taps("New note")
    assert scene.worker.labels == ["Cancel"]


# --- what is true -----------------------------------------------------------------------------------------------------


async def test_after_a_handover_it_is_not_said_that_nobody_ever_answered(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("I am here.")
    await scene.worker.taps("Send")
    await scene.worker.taps("More", message=scene.worker.find("More"))
    await scene.worker.taps("Hand over")
    await scene.worker.taps("Murad")
    await scene.other_worker.taps("Take over")
    await scene.other_worker.taps("Close")
    await scene.other_worker.taps("Helped")
    await scene.other_worker.says("All done.")
    asked = await scene.other_worker.taps("Send and close")
    assert "Nobody has answered since you took this report, so a second person must agree." in asked
    assert "unanswered" not in scene.supervisor.last.text
    assert "unanswered" not in await scene.supervisor.taps("Open")


async def test_who_is_called_for_a_returned_case_hears_why(scene: Hotline) -> None:
    number = await taken(scene)
    await scene.world.later(hours=10)
    told = heard(scene.other_worker) + heard(scene.supervisor)
    assert f"case {number}, normal" in told
    assert "Back in the queue: it was not answered in time." in told


async def test_an_open_case_says_how_long_it_is_kept(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    assert "Kept while it is open, then 90 days." in await take(scene.worker)
    await scene.worker.taps("More")
    await scene.worker.taps("Kind and risk")
    await scene.worker.taps("Information")
    await scene.worker.taps("Keep: ")
    number = (await scene.world.rows("SELECT number FROM cases"))[0]["number"]
    assert "Kept while it is open, then 30 days." in await scene.worker.says(f"/case {number}")


@pytest.mark.rule(15)
async def test_every_number_that_is_not_hers_sounds_the_same(scene: Hotline) -> None:
    number = await report(scene.pupil, "They hit me.")
    await take(scene.worker)
    await scene.worker.taps("I know these people")
    for typed in (number, "000000", "7F3K2M", "12", "what?"):
        assert await scene.worker.says(f"/case {typed}") == NO_SUCH
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET destroyed_on = 1")
    assert await scene.other_worker.says(f"/case {number}") == NO_SUCH
    refused = await scene.world.rows("SELECT id FROM case_log WHERE deed = 'refused'")
    assert len(refused) == 6


@pytest.mark.rule(13)
async def test_an_agencys_people_see_no_name_of_who_is_on_duty(scene: Hotline) -> None:
    agency = await community(scene.world, scene.school.network, CommunityKind.AGENCY, "Shelter")
    zaur = await add_member(scene.world, agency, Role.WORKER, "Zaur")
    head = await add_member(scene.world, agency, Role.SUPERVISOR, "Zahra")
    for talker in (zaur, head):
        shown = await talker.says("/duty")
        assert DEAD in shown
        assert "Leyla" not in shown
    assert "Leyla" in await scene.worker.says("/duty")
    local = await add_member(scene.world, scene.school.school, Role.WORKER, "Lala")
    assert "Leyla" in await local.says("/duty")


async def test_blanked_copies_of_one_case_are_told_of_in_one_line(scene: Hotline) -> None:
    number = await taken(scene)
    for _ in range(4):
        await scene.worker.says(f"/case {number}")
    said = "Bad Request: message can't be deleted for everyone"
    scene.world.sandbox.faults.append(Fault("deleteMessage", status=400, description=said, times=None))
    await scene.world.later(hours=48)  # it went back to the queue meanwhile, and her copies were asked back
    await scene.world.later(hours=1)
    lines = [one.text for one in scene.supervisor.messages if "could not be deleted" in one.text]
    assert lines == [f"case {number}: a copy could not be deleted from a chat in time, and was blanked"]
