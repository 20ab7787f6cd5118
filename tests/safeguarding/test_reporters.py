"""Rules 1 to 3, 12 and 20 on the reporter's side: what she is told, what others learn, what lies in the database."""

import re
from datetime import timedelta

import pytest

from domain.countries import get as country
from domain.roles import Role
from domain.safe_contact import LINES
from tests import scenes
from tests.cast import START, Talker, World
from tests.conversations.test_reporters import HELPER, another_phone, answers, chooses, code_of, comes_back, heard
from tests.safeguarding.test_leaks import links, read
from tests.scenes import Hotline, add_member, report, taken

MINUTE, HOUR = 60_000_000, 3_600_000_000


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def came_back(scene: Hotline) -> Talker:
    """Everything that leaves a row: a code, wrong tries, a letter behind a line, one that waits, traces."""
    await taken(scene)
    await chooses(scene.pupil, "Line: book")
    await answers(scene.worker)
    aysel = await another_phone(scene)
    await comes_back(aysel, "1234 5678 1234 5678")
    await comes_back(aysel, code_of(scene.pupil))
    await aysel.says("/mycases")
    await aysel.taps(next(label for label in aysel.labels if len(label) == 6))
    await chooses(aysel, "In the evening")
    await answers(scene.worker)
    return aysel


@pytest.mark.rule(20)
async def test_no_join_links_codes_letters_and_traces_to_a_person(scene: Hotline) -> None:
    await scene.world.later(seconds=17)
    await came_back(scene)
    of_cases, of_others = await read(scene.world)
    assert {place.table for place in of_cases} >= {"case_codes", "case_code_tries", "case_letters", "case_traces"}
    assert links(of_cases, of_others) == []


@pytest.mark.rule(20)
async def test_times_tell_nothing_finer_than_a_minute(scene: Hotline) -> None:
    await scene.world.later(seconds=17)
    await came_back(scene)
    for table, column, step in (
        ("case_code_tries", "at", MINUTE),
        ("case_traces", "at", HOUR),
        ("cases", "acted_at", MINUTE),
    ):
        found = [row[column] for row in await scene.world.rows(f"SELECT {column} FROM {table}")]  # noqa: S608
        assert found
        assert [at for at in found if at % step] == []


@pytest.mark.rule(20)
async def test_neither_a_code_nor_what_waits_can_be_read_in_the_database(scene: Hotline) -> None:
    await came_back(scene)
    code = code_of(scene.pupil)
    rows = [
        value
        for table in await scene.world.tables()
        for row in await scene.world.rows(f"SELECT * FROM {table}")  # noqa: S608 - names of tables
        for value in tuple(row)
    ]
    stored = [value if isinstance(value, bytes) else str(value).encode() for value in rows]
    for secret in (code, code.replace(" ", ""), HELPER, LINES["book"].msgid):
        assert not [value for value in stored if secret.encode() in value]


@pytest.mark.rule(20)
async def test_traces_go_when_nothing_can_be_deleted_any_more(scene: Hotline) -> None:
    await came_back(scene)
    assert await scene.world.rows("SELECT 1 FROM case_traces")
    await scene.world.later(hours=48)
    assert await scene.world.rows("SELECT 1 FROM case_traces") == []
    assert await scene.world.rows("SELECT 1 FROM case_code_tries") == []


@pytest.mark.rule(1)
@pytest.mark.rule(3)
async def test_the_last_screens_have_a_door_outside(scene: Hotline) -> None:
    """Sent, taken back, a wrong code, a report found again: each names somebody to call."""
    number = await report(scene.pupil, "They take my money.")
    screens = [scene.pupil.last.text]
    aysel = await another_phone(scene)
    screens.append(await comes_back(aysel, "1234 5678 1234 5678"))
    screens.append(await comes_back(aysel, code_of(scene.pupil)))
    await aysel.says("/mycases")
    screens.append(await aysel.taps(number))
    await aysel.taps("Take it back")
    screens.append(await aysel.taps("Yes, take back"))
    numbers = [line.number for line in country("AZ").helplines]
    assert [text for text in screens if not all(one in text for one in numbers)] == []


@pytest.mark.rule(2)
def test_a_harmless_line_tells_nothing_of_the_hotline() -> None:
    words = re.compile(r"help|hotline|report|case|confiden|danger|safe|anonym|answer|message", re.IGNORECASE)
    assert len(LINES) in (3, 4)
    assert [line.msgid for line in LINES.values() if words.search(line.msgid)] == []


@pytest.mark.rule(11)
async def test_what_stays_after_erasing_tells_nothing_of_the_hotline(scene: Hotline) -> None:
    await taken(scene)
    await answers(scene.worker)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps("Erase here")
    await scene.pupil.taps("Yes, erase")
    left = scene.pupil.last
    assert re.search(r"help|hotline|report|case", f"{left.text} {left.labels}", re.IGNORECASE) is None


@pytest.mark.rule(7)
async def test_taking_back_promises_nothing_that_is_not_true(scene: Hotline) -> None:
    number = await taken(scene)
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    asked = await scene.pupil.taps("Take it back")
    assert "the helpers must still do something" in asked
    assert "delete" not in asked.lower()
    assert "nobody" not in asked.lower()


# --- several reporters of one event -----------------------------------------------------------------------------------


def masked(words: str) -> str:
    """Without what differs between any two reports: number, name and code."""
    return re.sub(r"\b(\d{4} ){3}\d{4}\b|\b[0-9A-HJKMNP-TV-Z]{6}\b", "…", words)


async def lives(scene: Hotline, pupil: Talker) -> None:
    """A report from the first word until after it is closed."""
    number = await report(pupil, "They take our money.")
    await scene.worker.says(f"/case {number}")
    await scenes.take(scene.worker)
    await answers(scene.worker)
    await pupil.says("/mycases")
    await pupil.taps(number)
    await scene.worker.says(f"/case {number}")
    await scene.worker.taps("Close")
    await scene.worker.taps("Helped")
    await scene.worker.says("We spoke with the school.")
    await scene.worker.taps("Send and close")


@pytest.mark.rule(12)
async def test_a_second_reporter_changes_no_byte_of_what_the_first_one_gets(scene: Hotline) -> None:
    first = scene.pupil
    second = await add_member(scene.world, scene.school.class_a, Role.PUPIL, "Second")
    third = await add_member(scene.world, scene.school.class_b, Role.PUPIL, "Third")
    alone = {one: len(one.messages) for one in (first, second, third)}
    await lives(scene, first)
    after_first = masked(heard(first))
    await lives(scene, second)
    assert masked(heard(first)) == after_first
    assert masked(heard(second)) == after_first
    assert len(third.messages) == alone[third]
    await scene.world.at(START + timedelta(days=8))
    assert masked(heard(first)) == masked(heard(second))
    before = heard(second)
    await first.taps("Yes")
    assert heard(second) == before
    for one in (first, second):
        others = [row["number"] for row in await scene.world.rows("SELECT number FROM cases")]
        own = [number for number in others if number in heard(one)]
        assert len(own) == 1
