"""Rules 20 and 21, and row F17: a closed case shows when it ends; then nothing of it can be opened, found or told."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import storage.cases
import storage.retention
from bot import backups, doctor
from bot.causes import Cause
from bot.config import Settings
from domain.cases import Answers, Case, Desk, Reason, Reporter, Risk, State
from domain.requests import Community
from domain.retention import ends_on
from storage.backup import back_up
from storage.cases.sealing import mark_of_excluded
from storage.retention import DULL, OUTLIVES
from storage.vault import Sealed, read_key_ring
from tests import scenes
from tests.cast import START, World
from tests.pictures import jpeg
from tests.safeguarding.search import forms_of
from tests.scenes import Hotline, person_id_of, take

MARKER = "Sirr ұя 7 ə"
DAY = timedelta(days=1)


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def closed(scene: Hotline, reason: str = "Unfounded") -> str:
    """A report with a photo, read, shown, answered and closed; its number."""
    pupil, worker = scene.pupil, scene.worker
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says(MARKER, photo=("one.jpg", jpeg(MARKER), "image/jpeg"))
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    number = (await pupil.taps("Send")).split("Its number is ")[1][:6]
    await take(worker)
    await worker.says(f"/case {number}")
    await worker.taps("Show: photo 1")
    await worker.taps("Answer")
    await worker.says(MARKER)
    await worker.taps("Send")
    await worker.says(f"/case {number}")
    await worker.taps("Close")
    await worker.taps(reason)
    await worker.says(MARKER)
    await worker.taps("Send and close")
    return number


async def the_case(world: World) -> Any:
    return (await world.rows("SELECT * FROM cases"))[0]


# --- when it ends -----------------------------------------------------------------------------------------------------


@pytest.mark.rule(21)
@pytest.mark.parametrize(
    ("reason", "deeds", "days"),
    [
        (Reason.INFORMED, (), 30),
        (Reason.UNFOUNDED, (), 90),
        (Reason.HELPED, (), 90),
        (Reason.HANDED_ON, (), 365),
        (Reason.HELPED, ("planned",), 365),
        (Reason.INFORMED, ("referred",), 365),
    ],
)
def test_how_long_a_case_is_kept(reason: Reason, deeds: tuple[str, ...], days: int) -> None:
    network = Community(1, None, "network", "N", "1", "az", "Asia/Baku", "nowhere")
    case = Case(
        1,
        "7F3K2M",
        State.CLOSED,
        Risk.NORMAL,
        Desk.WORKERS,
        0,
        START,
        START,
        network,
        Reporter(1, 1, "X"),
        Answers(),
        1,
    )
    ends = ends_on(case, reason, frozenset(deeds), START)
    assert timedelta(days=days) < ends - START <= timedelta(days=days + 1)
    assert (ends.hour, ends.minute) == (0, 0)


@pytest.mark.rule(21)
@pytest.mark.row("F17")
async def test_each_closed_case_shows_its_end(scene: Hotline) -> None:
    number = await closed(scene)
    told = "Monday, 1 March 2027" if START.month == 11 else "Tuesday, 2 March 2027"
    await scene.supervisor.says(f"/case {number}")
    assert f"It is destroyed on: {told}" in scene.supervisor.last.text
    assert f"{number}: closed, kept until {told}" in await scene.pupil.says("/mycases")
    assert f"Kept until: {told}" in await scene.pupil.taps(number)


@pytest.mark.rule(21)
async def test_a_case_that_opens_again_has_no_end(scene: Hotline) -> None:
    number = await closed(scene)
    await scene.pupil.taps("still not safe")
    assert (await the_case(scene.world))["ends_on"] is None
    assert "kept until" not in await scene.pupil.says("/mycases")
    await scene.world.later(days=200)
    assert (await the_case(scene.world))["destroyed_on"] is None
    await scene.supervisor.says(f"/case {number}")
    assert "destroyed" not in scene.supervisor.last.text


async def test_a_case_closed_before_there_were_ends_gets_one(scene: Hotline) -> None:
    await closed(scene)
    ends = (await the_case(scene.world))["ends_on"]
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET ends_on = NULL")
    await scene.world.tick()
    assert (await the_case(scene.world))["ends_on"] == ends


# --- what is left of it -----------------------------------------------------------------------------------------------


@pytest.mark.rule(20)
@pytest.mark.rule(21)
@pytest.mark.row("F17")
async def test_after_its_end_only_a_dull_row_stays(scene: Hotline) -> None:
    world = scene.world
    await closed(scene)
    before = await the_case(world)
    await world.later(days=89)
    assert (await the_case(world))["destroyed_on"] is None
    await world.later(days=2)
    row = dict(await the_case(world))
    assert {name for name, value in row.items() if value not in (None, 0, b"", "")} <= DULL
    assert {"number", "risk", "state", "reason", "opened_at", "closed_at", "destroyed_on"} <= {
        name for name, value in row.items() if value
    }
    assert row["answered_after"] == 0
    assert all(row[name] % (24 * 3_600_000_000) == 0 for name in ("closed_at", "destroyed_on"))
    assert row["opened_at"] % 3_600_000_000 == 0
    assert await world.rows("SELECT 1 FROM sealing_keys WHERE id = :id", id=before["key_id"]) == []
    assert await world.rows("SELECT 1 FROM destroyed_keys WHERE id = :id", id=before["key_id"]) != []
    assert await world.rows("SELECT 1 FROM case_log WHERE deed = 'answered'") != []


@pytest.mark.rule(20)
@pytest.mark.rule(21)
async def test_nothing_that_hangs_on_a_case_outlives_it(scene: Hotline) -> None:
    """Whatever tables there are: every one that refers to a case, or to what refers to one."""
    world = scene.world
    await closed(scene)
    hanging = await tables_of_cases(world)
    assert {"case_parts", "case_files", "case_file_chunks", "case_copies"} <= hanging
    assert [await world.rows(f"SELECT 1 FROM {name}") for name in ("case_parts", "case_file_chunks")] != [[], []]  # noqa: S608
    await world.later(days=91)
    left = {name for name in hanging - OUTLIVES if await world.rows(f"SELECT 1 FROM {name}")}  # noqa: S608 - our tables
    assert left == set()


async def tables_of_cases(world: World) -> set[str]:
    async with world.birge.database.reading() as db:
        references = await db.references()
    found: set[str] = set()
    while more := {one.child for one in references if one.parent in found | {"cases"}} - found - {"cases"} - OUTLIVES:
        found |= more
    return found


@pytest.mark.rule(21)
async def test_every_table_that_names_a_case_is_known_to_hang_on_it(scene: Hotline) -> None:
    """A column that names a case or a part of one without a reference would be forgotten when it is destroyed."""
    world = scene.world
    hanging = await tables_of_cases(world)
    tables = await world.tables()
    async with world.birge.database.reading() as db:
        named = {name for name in tables for column in await db.columns(name) if column.name == "case_id"}
        columns = {column.name for column in await db.columns("cases")}
    assert named - hanging - OUTLIVES == set()
    assert DULL - columns <= {"kind", "is_test", "district_mark"}  # brought by others


@pytest.mark.rule(21)
async def test_a_table_made_later_is_emptied_too(scene: Hotline) -> None:
    world = scene.world
    await closed(scene)
    async with world.birge.database.writing() as db:
        await db.run("CREATE TABLE case_toys (id BIGINT PRIMARY KEY, case_id BIGINT REFERENCES cases (id))")
        await db.run("CREATE TABLE toy_parts (toy_id BIGINT REFERENCES case_toys (id), words TEXT)")
        await db.run("INSERT INTO case_toys (id, case_id) SELECT 1, id FROM cases")
        await db.run("INSERT INTO toy_parts (toy_id, words) VALUES (1, 'x')")
    await world.later(days=91)
    assert await world.rows("SELECT 1 FROM case_toys") == await world.rows("SELECT 1 FROM toy_parts") == []


@pytest.mark.rule(15)
@pytest.mark.rule(20)
async def test_who_must_not_know_of_it_learns_nothing_and_who_reported_is_forgotten(scene: Hotline) -> None:
    """The log goes on naming the case: whoever was kept out of it still is. Nothing marks whoever reported it."""
    world = scene.world
    await closed(scene)
    case_id = (await the_case(world))["id"]
    people = {
        "kept out": await person_id_of(world, scene.other_worker),
        "reporter": await person_id_of(world, scene.pupil),
    }
    async with world.birge.database.writing() as db:
        await storage.cases.exclude(db, case_id, people["kept out"])
    await world.later(days=91)
    async with world.birge.database.reading() as db:
        marks = {name: mark_of_excluded(db, one) for name, one in people.items()}
        rows = await db.all("SELECT person_mark FROM case_excluded WHERE case_id = :id", id=case_id)
        left = {bytes(row["person_mark"]) for row in rows}
    assert marks["kept out"] in left
    assert marks["reporter"] not in left


@pytest.mark.rule(20)
@pytest.mark.rule(21)
@pytest.mark.row("F17")
async def test_a_destroyed_case_opens_for_nobody_by_no_way(scene: Hotline) -> None:
    number = await closed(scene)
    case = await the_case(scene.world)
    part = (await scene.world.rows("SELECT part_id FROM case_files"))[0]["part_id"]
    await scene.world.later(days=91)
    for one in (scene.worker, scene.supervisor, scene.pupil):
        assert await one.says(f"/case {number}") == await one.says("/case 0Z0Z0Z")
        for route in ("cs", "cs.take", "cs.say", "cs.show", "cs.more", "my", "my.say", "my.unsafe", "my.face"):
            known = await one.forges(f"{route}:{case['id']}:{part}")
            assert known == await one.forges(f"{route}:424242:{part}"), route
            # What a child may tap in need leads to the numbers, whoever taps it.
            expected = "please call" if route.startswith("my.") else "can't do this here"
            assert expected in known
    assert "No report was sent from here yet" in await scene.pupil.says("/mycases")
    async with scene.world.birge.database.reading() as db:
        assert await storage.cases.get(db, case["id"]) is None


@pytest.mark.rule(5)
@pytest.mark.rule(21)
async def test_what_was_shown_leaves_the_chats_before_the_case_does(scene: Hotline) -> None:
    number = await closed(scene)
    await scene.world.later(days=90)
    await scene.supervisor.says(f"/case {number}")
    shown = scene.supervisor.last
    await scene.world.later(hours=20)
    assert shown.deleted
    await scene.world.tick()
    assert (await the_case(scene.world))["destroyed_on"] is not None


@pytest.mark.rule(21)
async def test_one_case_that_breaks_stops_no_other(scene: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    world, make_dull = scene.world, storage.retention._make_dull
    world.expects_errors = True
    await closed(scene)
    await closed(scene)
    broken = (await the_case(world))["id"]

    async def breaks(db: Any, case_id: int, *more: Any) -> None:
        if case_id == broken:
            raise ValueError("of this case alone")
        await make_dull(db, case_id, *more)

    with monkeypatch.context() as patched:
        patched.setattr(storage.retention, "_make_dull", breaks)
        await world.later(days=91)
    left = await world.rows("SELECT id FROM cases WHERE destroyed_on IS NULL")
    assert [row["id"] for row in left] == [broken]
    async with world.birge.database.reading() as db:
        case = await storage.cases.get(db, broken)
        assert case is not None
        assert len(await storage.cases.parts(db, case)) == 3
    await world.later(hours=1)
    assert await world.rows("SELECT id FROM cases WHERE destroyed_on IS NULL") == []


# --- backups obey the same clock --------------------------------------------------------------------------------------


@pytest.mark.rule(20)
@pytest.mark.rule(21)
async def test_what_a_restore_brings_back_is_destroyed_again(scene: Hotline) -> None:
    """An older copy of the database has the case whole, but its key is on the list of destroyed ones."""
    world = scene.world
    await closed(scene)
    before = dict(await the_case(world))
    async with world.birge.database.writing() as db:
        await db.vault.destroy_key(db, before["key_id"])
    assert dict(await the_case(world))["reporter_mark"] == before["reporter_mark"]
    await world.tick()
    row = await the_case(world)
    assert row["destroyed_on"] is not None
    assert row["reporter_mark"] == b""
    assert await world.rows("SELECT 1 FROM case_parts") == []


@pytest.mark.rule(20)
@pytest.mark.rule(21)
async def test_after_its_end_no_byte_of_it_is_in_database_or_backup(scene: Hotline, tmp_path: Path) -> None:
    world = scene.world
    await closed(scene)
    sealed = [bytes(row["content"]) for row in await world.rows("SELECT content FROM case_file_chunks")]
    sealed += [bytes(row["content"]) for row in await world.rows("SELECT content FROM case_parts")]
    await world.later(days=91)
    back_up(world.url, read_key_ring(world.keys), tmp_path / "after.backup", world.now)
    for table in await world.tables():
        for row in await world.rows(f"SELECT * FROM {table}"):  # noqa: S608 - our tables
            held = [bytes(value) for value in dict(row).values() if isinstance(value, bytes | memoryview)]
            assert not set(held) & set(sealed), table
            assert not any(form in value for value in held for form in forms_of(MARKER)), table
    async with world.birge.database.reading() as db:
        for one in sealed:
            with pytest.raises(Sealed):
                await db.vault.open(db, one, table="case_parts", column="content", row=0)


@pytest.mark.rule(21)
@pytest.mark.row("F17_bad_old_backup")
async def test_a_backup_older_than_the_limit_alarms(
    scene: Hotline, tmp_path: Path, log_lines: list[dict[str, Any]]
) -> None:
    world, kept, file = scene.world, timedelta(days=35), tmp_path / "old.backup"
    world.expects_errors = True
    database = world.birge.database
    back_up(world.url, read_key_ring(world.keys), file, START)
    settings = Settings(database=world.url, keys=world.keys, backups_kept_days=35)

    def complaints(now: datetime) -> list[str]:
        found = doctor._backup_and_masters(settings, now)
        return [one.sentence for one in found if one.about is doctor.About.OLD_COPIES and not one.good]

    async def told(now: datetime) -> bool:
        log_lines.clear()
        await backups.look(database, now, kept)
        return any(line.get("cause") is Cause.OLD_BACKUP for line in log_lines)

    assert complaints(START + kept) == []
    assert not await told(START + kept)
    later = START + kept + DAY
    assert str(file) in complaints(later)[0]
    assert await told(later)
    file.unlink()
    assert complaints(later) == []
    assert not await told(later)
    await told(START + timedelta(days=500))
    assert await world.rows("SELECT 1 FROM notes_of_operation WHERE name LIKE 'backup at%'") == []


# --- drafts -----------------------------------------------------------------------------------------------------------


async def begun(scene: Hotline) -> bytes:
    """A report that is begun and not sent; its sealed state."""
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.says(MARKER)
    return await draft_of(scene)


async def draft_of(scene: Hotline) -> bytes:
    rows = await scene.world.rows("SELECT state FROM conversations WHERE state IS NOT NULL ORDER BY touched_on DESC")
    return bytes(rows[0]["state"])


@pytest.mark.rule(20)
@pytest.mark.rule(21)
async def test_what_was_begun_is_gone_after_a_day_and_can_never_be_opened_again(scene: Hotline) -> None:
    """A backup that holds the sealed draft holds its key only until that one is destroyed."""
    world = scene.world
    draft = await begun(scene)
    key_id = int.from_bytes(draft[1:9], "big")
    [key] = await world.rows("SELECT purpose FROM sealing_keys WHERE id = :id", id=key_id)
    assert key["purpose"] == "draft"
    await world.later(hours=26)
    assert await world.rows("SELECT 1 FROM conversations WHERE state IS NOT NULL") == []
    await world.later(hours=24)
    assert await world.rows("SELECT 1 FROM sealing_keys WHERE id = :id", id=key_id) == []
    assert await world.rows("SELECT 1 FROM destroyed_keys WHERE id = :id", id=key_id) != []
    async with world.birge.database.reading() as db:
        identity = (await db.all("SELECT identity_id FROM conversations"))[0]["identity_id"]
        with pytest.raises(Sealed):
            await db.vault.open(db, draft, table="conversations", column="state", row=identity)


@pytest.mark.rule(21)
async def test_a_draft_that_is_written_on_outlives_the_key_it_began_with(scene: Hotline) -> None:
    first = await begun(scene)
    for _ in range(6):
        await scene.world.later(hours=20)
        await scene.pupil.says("and then")
    last = await draft_of(scene)
    assert first[1:9] != last[1:9]
    for label in ("Next", "Skip", "Skip", "Skip"):
        await scene.pupil.taps(label)
    assert "The report is sent" in await scene.pupil.taps("Send")
    assert MARKER in await scene.worker.taps("Take")
