"""Rules 1 to 8, 11, 13 and 15 of safeguarding, each held by what people say and hear."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from domain.roles import HOTLINE, Role
from tests import scenes
from tests.cast import Talker, World
from tests.pictures import jpeg
from tests.scenes import Hotline, report, taken

ROOT = Path(__file__).parents[2]
PAGE = re.compile(r"case [0-9A-HJKMNP-TV-Z]{6}, (danger, now|(critical|high|normal), (\d+ minutes? left|overdue))")
NOT_HERE = "You can't do this here. /home shows what you can do."
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
SECRET = "Müəllim Kamran məni vurdu"
STAFF_BUTTONS = ("cs", "cs.take", "cs.aside", "cs.say", "cs.close", "cs.agree", "cs.keep")


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def case_id(world: World) -> int:
    return int((await world.rows("SELECT id FROM cases"))[0]["id"])


def heard(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


def sentences() -> list[str]:
    """Every sentence that the hotline's own modules can say."""
    files = [*ROOT.glob("handlers/cases/*.py"), ROOT / "domain/cases.py", ROOT / "jobs/cases.py"]
    calls = [node for path in files for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [
        argument.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("text", "text_n")
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


# --- the notice -------------------------------------------------------------------------------------------------------


@pytest.mark.rule(1)
async def test_the_notice_comes_before_the_first_word(scene: Hotline) -> None:
    notice = await scene.pupil.says("/hotline")
    numbered = [line for line in notice.splitlines() if re.match(r"\d\. ", line)]
    assert len(numbered) == 6
    for subject in ("helpers of the hotline", "name on your account", "whoever holds your phone", "must tell", "call"):
        assert any(subject in line for line in numbered), subject


@pytest.mark.rule(1)
async def test_nothing_goes_on_before_the_tap_and_nothing_is_lost(scene: Hotline) -> None:
    pupil, quiet = scene.pupil, {one: len(one.messages) for one in (scene.worker, scene.supervisor)}
    await pupil.says("/hotline every evening")
    assert "sent to nobody yet" in await pupil.says(SECRET)
    assert await scene.world.rows("SELECT 1 FROM cases") == []
    assert {one: len(one.messages) for one in quiet} == quiet
    assert "What happened?" in await pupil.taps("I have read it")
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    assert f"every evening\n{SECRET}" in pupil.last.text


@pytest.mark.rule(1)
async def test_the_notice_can_be_read_again_at_any_time(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    for label in ("Skip", "Skip", "Skip", "Skip"):
        assert "six lines" in await pupil.taps("Who reads this?")
        await pupil.taps(label)
    await pupil.taps("Send")
    assert "six lines" in await pupil.taps("Who reads this?")


@pytest.mark.rule(2)
def test_we_say_confidential_and_never_that_nobody_knows_who_writes() -> None:
    said = sentences()
    assert len(said) > 80
    assert any("confidential" in one for one in said)
    assert [one for one in said if "anonym" in one.lower()] == []


@pytest.mark.rule(2)
@pytest.mark.parametrize("language", ["az", "kk", "ru", "uk", "en"])
def test_no_language_says_it_either(language: str) -> None:
    ours = set(sentences())
    with (ROOT / "locales" / language / "LC_MESSAGES" / "birge.po").open("rb") as file:
        catalogue = read_po(file)
    translated = [str(one.string) for one in catalogue if one.id in ours]
    assert [one for one in translated if re.search(r"anonim|anonym|аноним|анонім", one.lower())] == []


@pytest.mark.rule(3)
async def test_a_door_outside_stands_on_the_first_and_the_last_screen(scene: Hotline) -> None:
    assert "116 111" in await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    for _ in range(4):
        await scene.pupil.taps("Skip")
    sent = await scene.pupil.taps("Send")
    assert "116 111" in sent
    assert "an adult you trust" in sent


# --- staff ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule(4)
async def test_notices_to_staff_say_number_risk_and_minutes_only(scene: Hotline) -> None:
    before = {talker: len(talker.messages) for talker in (scene.worker, scene.other_worker, scene.supervisor)}
    await report(scene.pupil, SECRET, safe="No")
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    await scene.world.later(hours=1)
    for talker, count in before.items():
        notices = [message.text for message in talker.messages[count:]]
        assert notices
        assert [one for one in notices if not PAGE.fullmatch(one)] == []


@pytest.mark.rule(4)
async def test_case_text_enters_no_group(scene: Hotline) -> None:
    chat = await scenes.group(scene.school, scene.school.class_a, [scene.worker])
    number = await taken(scene, SECRET)
    await scene.worker.says(f"/case {number}", where=chat)
    await scene.worker.says("/queue", where=chat)
    assert all(number not in one.text and SECRET not in one.text for one in chat.messages if one.from_bot)


@pytest.mark.rule(5)
async def test_content_is_shown_protected_in_private_and_removed_after_a_day(scene: Hotline) -> None:
    await taken(scene, SECRET)
    shown = [message for message in scene.worker.messages if SECRET in message.text]
    assert shown
    assert all(message.protected for message in shown)
    await scene.world.later(hours=25)
    assert SECRET not in heard(scene.worker)
    stored = await scene.world.rows("SELECT 1 FROM case_parts")
    assert stored  # kept, sealed, in the store


@pytest.mark.rule(6)
async def test_words_reach_a_child_only_through_a_case(scene: Hotline) -> None:
    await taken(scene)
    case, before = await case_id(scene.world), heard(scene.pupil)
    await scene.worker.says("Come to my house")  # without Answer
    for talker in (scene.other_worker, scene.school.head, scene.school.owner, scene.school.outsider):
        assert NOT_HERE in await talker.forges(f"cs.say:{case}")
        await talker.says("Come to my house")
    assert heard(scene.pupil) == before


@pytest.mark.rule(6)
async def test_every_answer_is_in_the_log_and_can_be_reviewed(scene: Hotline) -> None:
    await taken(scene)
    await scene.worker.taps("Answer")
    await scene.worker.says("How are you?")
    await scene.worker.taps("Send")
    logged = [row["deed"] for row in await scene.world.rows("SELECT deed FROM case_log ORDER BY id")]
    assert logged[-2:] == ["answered", "delivered"]
    assert "How are you?" in await scene.supervisor.forges(f"cs:{await case_id(scene.world)}")


# --- intake -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule(7)
def test_nothing_promises_secrecy() -> None:
    promises = re.compile(
        r"secret|promise|nobody (else )?will (ever )?(know|learn|see)|no one will|between us|guarantee"
    )
    assert [one for one in sentences() if promises.search(one.lower())] == []


@pytest.mark.rule(7)
async def test_one_word_is_enough_and_is_kept_as_typed(scene: Hotline) -> None:
    typed = "ПОМОГИ  ə\n\n<b>??</b> 😢"
    await report(scene.pupil, typed)
    assert typed in await scene.worker.taps("Take")


@pytest.mark.rule(7)
async def test_at_most_four_questions_and_none_must_be_answered(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    asked = 0
    while "Skip" in scene.pupil.labels:
        await scene.pupil.taps("Skip")
        asked += 1
    assert asked == 4
    assert "Send" in scene.pupil.labels


async def with_a_photo(scene: Hotline) -> None:
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.says(photo=("one.jpg", jpeg(), "image/jpeg"))
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await scene.pupil.taps(label)
    await scene.worker.taps("Take")


@pytest.mark.rule(7)
async def test_no_picture_before_the_tap_on_show_which_is_logged(scene: Hotline) -> None:
    await with_a_photo(scene)
    assert all(message.media is None for message in scene.worker.messages)
    assert await scene.world.rows("SELECT 1 FROM case_log WHERE deed = 'shown'") == []
    await scene.worker.taps("Show")
    assert scene.worker.last.media is not None
    assert len(await scene.world.rows("SELECT 1 FROM case_log WHERE deed = 'shown' AND part_id IS NOT NULL")) == 1


@pytest.mark.rule(7)
async def test_sexual_material_is_sealed_for_good_and_the_supervisor_takes_over(scene: Hotline) -> None:
    await with_a_photo(scene)
    await scene.worker.taps("Show")
    picture = scene.worker.last
    show = scene.worker.find("Show")
    assert "hidden for good" in await scene.worker.taps("Sexual material")
    assert picture.deleted
    assert PAGE.fullmatch(scene.supervisor.last.text)
    data = next(one.data for row in show.keyboard for one in row if one.label.startswith("Show"))
    assert NOT_HERE in await scene.worker.forges(str(data))
    assert NOT_HERE in await scene.worker.forges(f"cs.say:{await case_id(scene.world)}")
    assert "This is hidden for good" in await scene.supervisor.taps("Take")
    assert NOT_HERE in await scene.supervisor.forges(str(data))
    assert NOT_HERE in await scene.supervisor.forges(str(data).replace("cs.show", "cs.sex"))
    assert NOT_HERE in await scene.supervisor.forges(f"cs.show:{await case_id(scene.world)}:x")


@pytest.mark.rule(7)
async def test_a_supervisor_seals_without_handing_on(scene: Hotline) -> None:
    await with_a_photo(scene)
    await scene.worker.taps("Show")
    case = await case_id(scene.world)
    await scenes.belong(scene.world, scene.worker, scene.school.network, Role.SUPERVISOR)
    assert "hidden for good" in await scene.worker.taps("Sexual material")
    assert (await scene.world.rows("SELECT state FROM cases WHERE id = :id", id=case))[0]["state"] == "taken"


# --- distress ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule(8)
async def test_a_false_alarm_leaves_nothing_but_a_count(scene: Hotline) -> None:
    async def stored() -> dict[str, list[tuple[object, ...]]]:
        passing = {"inbox", "deliveries", "conversations"}  # every message of anybody leaves its row there
        return {
            name: [tuple(row) for row in await scene.world.rows(f"SELECT * FROM {name}")]  # noqa: S608 - names of tables
            for name in await scene.world.tables()
            if name not in passing
        }

    await scene.pupil.says("hello")
    before = await stored()
    assert "116 111" in await scene.pupil.says("хочу умереть")
    await scene.pupil.taps("No, false alarm")
    after = await stored()
    assert {name for name in after if after[name] != before[name]} == {"notes_of_operation"}
    assert set(after["notes_of_operation"]) - set(before["notes_of_operation"]) == {("hotline false alarms", "1")}
    assert await scene.world.rows("SELECT 1 FROM conversations WHERE state IS NOT NULL") == []


@pytest.mark.rule(8)
async def test_a_match_only_offers(scene: Hotline) -> None:
    calm = {talker: len(talker.messages) for talker in (scene.worker, scene.supervisor)}
    await scene.pupil.says("хочу умереть")
    assert await scene.world.rows("SELECT 1 FROM cases") == []
    assert {talker: len(talker.messages) for talker in calm} == calm


# --- parents ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule(11)
async def test_a_parent_finds_no_trace(scene: Hotline) -> None:
    parent = scene.school.parents[0]
    commands = (
        "/home",
        "/community",
        "/meetings",
        "/polls",
        "/challenges",
        "/mycases",
        "/hotline",
        "/help",
    )
    before = [await parent.says(command) for command in commands]
    count = len(parent.messages)
    await taken(scene, SECRET)
    await scene.worker.taps("Answer")
    await scene.worker.says("Hello")
    await scene.worker.taps("Send")
    await scene.world.later(minutes=5)
    assert len(parent.messages) == count
    assert [await parent.says(command) for command in commands] == before


@pytest.mark.rule(11)
async def test_a_childs_own_home_shows_no_trace_either(scene: Hotline) -> None:
    """Whoever holds her phone sees the same /home as before."""
    before = (await scene.pupil.says("/home"), scene.pupil.labels)
    await report(scene.pupil, SECRET)
    assert (await scene.pupil.says("/home"), scene.pupil.labels) == before


# --- access -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule(13)
async def test_without_a_hotline_role_a_case_sounds_like_none(scene: Hotline) -> None:
    """The owner of the network, coordinators, heads: a real id and an invented one get the same answer."""
    number = await taken(scene, SECRET)
    case = await case_id(scene.world)
    for talker in (scene.school.owner, scene.school.coordinator, scene.school.head, scene.school.outsider):
        for route in STAFF_BUTTONS:
            real, invented = await talker.forges(f"{route}:{case}"), await talker.forges(f"{route}:424242")
            assert real == invented == NOT_HERE
        assert await talker.says(f"/case {number}") == await talker.says("/case 000000") == NOT_HERE
        assert await talker.says("/queue") == NOT_HERE
        assert "/queue" not in await talker.says("/help")


@pytest.mark.rule(13)
async def test_a_hotline_role_elsewhere_in_the_tree_is_none_here(scene: Hotline) -> None:
    await report(scene.pupil, SECRET)
    case = await case_id(scene.world)
    local = await scenes.add_member(scene.world, scene.school.other_school, Role.WORKER, "Local")
    assert NOT_HERE in await local.forges(f"cs.take:{case}")
    assert await local.says("/queue") == "Nothing waits."


@pytest.mark.rule(15)
async def test_a_worker_who_reports_can_not_tell_that_her_case_is_known(scene: Hotline) -> None:
    number = await report(scene.worker, SECRET)
    case = await case_id(scene.world)
    heard_before = len(scene.worker.messages)
    assert scene.other_worker.last.text.startswith(f"case {number}")
    assert "Nothing waits." in await scene.worker.says("/queue")
    assert await scene.worker.says(f"/case {number}") == await scene.worker.says("/case 000000") == NO_SUCH
    for route in STAFF_BUTTONS:
        assert await scene.worker.forges(f"{route}:{case}") == await scene.worker.forges(f"{route}:424242") == NOT_HERE
    await scene.world.later(hours=4)
    assert not any(PAGE.fullmatch(one.text) for one in scene.worker.messages[heard_before:])


@pytest.mark.rule(15)
async def test_who_steps_aside_finds_nothing_more(scene: Hotline) -> None:
    number = await taken(scene, SECRET)
    case = await case_id(scene.world)
    assert "removed" in await scene.worker.taps("I know these people")
    assert SECRET not in heard(scene.worker)
    assert "Nothing waits." in await scene.worker.says("/queue")
    assert await scene.worker.says(f"/case {number}") == NO_SUCH
    assert await scene.worker.forges(f"cs.take:{case}") == NOT_HERE
    count = len(scene.worker.messages)
    assert SECRET in await scene.other_worker.taps("Take", message=scene.other_worker.last)
    await scene.pupil.taps("Write to the helper")
    await scene.pupil.says("more")
    await scene.world.later(hours=2)
    assert len(scene.worker.messages) == count


@pytest.mark.rule(15)
async def test_when_everybody_is_excluded_the_supervisor_is_called(scene: Hotline) -> None:
    number = await taken(scene, SECRET)
    await scene.worker.taps("I know these people")
    await scene.other_worker.taps("Take")
    await scene.other_worker.taps("I know these people")
    assert scene.supervisor.last.text.startswith(f"case {number}")
    assert SECRET in await scene.supervisor.taps("Take")


@pytest.mark.rule(15)
async def test_numbers_are_random_and_pseudonyms_are_others(scene: Hotline) -> None:
    numbers = [await report(scene.pupil, "one") for _ in range(3)]
    ids = [row["id"] for row in await scene.world.rows("SELECT id FROM cases ORDER BY id")]
    assert len(set(numbers)) == 3
    assert all(later - earlier > 1_000_000 for earlier, later in pairwise(ids))
    shown = await scene.worker.taps("Take")
    assert not any(f"Pupil-{number}" in shown for number in numbers)


def test_the_hotline_roles_are_two() -> None:
    assert {Role.WORKER, Role.SUPERVISOR} == HOTLINE
