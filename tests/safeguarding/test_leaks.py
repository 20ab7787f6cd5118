"""Rule 20: what was written in confidence is in no byte of the database, its log, our logs or a file beside them; and
without the keys nobody can tell from the database who has or had a case."""

import base64
import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

import domain.cases
from domain.second_person import Matter, Stands
from sandbox import Fault
from storage.database import is_postgres
from tests import postgres, scenes
from tests.cast import World
from tests.pictures import jpeg
from tests.safeguarding.search import forms_of, leaks, logged
from tests.scenes import Hotline, report

MARKERS = ("Ağ бабочка ұшты зəр", "Gizli сөз әжə two", "подпись şəkil үшін", "yarımçıq сұрақ ə")
CASE, FORM, CAPTION, POLL = MARKERS

pytestmark = pytest.mark.rule(20)


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


def test_the_search_finds_what_lies_open(tmp_path: Path) -> None:
    for form in forms_of(CASE):
        (tmp_path / "file").write_bytes(b"before" + form + b"after")
        assert leaks(MARKERS, tmp_path, "")
    inside = base64.b64encode(b"ab" + CASE.encode() + b"cd")
    (tmp_path / "file").write_bytes(inside)
    assert leaks(MARKERS, tmp_path, "")
    (tmp_path / "file").write_bytes(b"")
    assert leaks(MARKERS, tmp_path, f"handler broke: {CASE}")
    assert leaks(MARKERS, tmp_path, "nothing") == []


async def test_what_is_written_is_in_no_byte(
    scene: Hotline, written: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pupil, worker, head, sandbox = scene.pupil, scene.worker, scene.school.head, scene.world.sandbox
    said = ""

    def check() -> None:
        nonlocal said
        captured = capsys.readouterr()
        said += captured.out + captured.err
        for handler in logging.getLogger().handlers:
            handler.flush()
        assert leaks(MARKERS, written, said) == []

    scene.world.expects_errors = True
    # An unfinished form of another subject, and an unfinished report.
    await head.says("/poll")
    await head.says(f"{POLL}?")
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    await pupil.says(FORM)
    await pupil.says(CAPTION, photo=("one.jpg", jpeg(), "image/jpeg"))
    check()
    # Sent, while the network fails in every way there is.
    for label in ("Next", "Skip", "Skip", "Skip"):
        await pupil.taps(label)
    for fault in ("before", "after"):
        sandbox.faults.append(Fault("sendMessage", drop=fault))
    sandbox.faults.append(Fault("sendMessage", status=500))
    await pupil.taps("Send")
    await scenes.take(worker)
    check()
    await worker.taps("Answer")
    sandbox.faults.append(Fault("sendMessage", drop="after"))
    await worker.says(CASE)
    sandbox.faults.append(Fault("sendMessage", status=400, description=f"Bad Request: can't parse {len(CASE)}"))
    await worker.taps("Send")
    await pupil.taps("Write to the helper")
    await pupil.says(CASE)
    check()
    # A handler that breaks over the very words.
    import storage.cases

    async def broken(*_: Any, **__: Any) -> int:
        raise ValueError(f"can't keep {CASE}")

    with monkeypatch.context() as patched:
        patched.setattr(storage.cases, "add_part", broken)
        await pupil.says(CASE)
    assert "something went wrong" in pupil.last.text
    check()
    assert "a handler broke" in logged(written)
    # Closed, and a day later.
    await worker.says("/queue")
    await worker.taps("Open")
    await worker.taps("Close")
    await worker.taps("Helped")
    await worker.says(CASE)
    await worker.taps("Send and close")
    await scene.world.later(hours=26)
    check()
    if is_postgres(scene.world.url):
        on_server = postgres.written(postgres.name_of(scene.world.url))
        assert b"say" in on_server
        assert CASE.encode() not in on_server
        assert "birge.keys" in names_in(written)
    else:
        assert {"birge.sqlite3", "birge.sqlite3-wal", "birge.keys"} <= names_in(written)


def test_a_log_that_can_not_be_written_quotes_nobody(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Python's logging would print the error it met with everything before it: also what a handler broke over."""
    assert written.exists()

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    try:
        raise ValueError(CASE)
    except ValueError:
        logging.getLogger("bot").error("%s", Broken())
    captured = capsys.readouterr()
    assert leaks(MARKERS, written, captured.out + captured.err + logged(written)) == []


# --- who has a case ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A column, and whether its row belongs to a case or to a person."""

    table: str
    column: str


MINUTE = 60_000_000
# Words of ours that say nothing about anybody.
ENUMERATIONS = {
    word.value
    for kind in vars(domain.cases).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum)
    for word in kind
} | {"say", "edit", "delete", "waiting", "sent", "failed", "dropped", "replaced", "blocked", "rejected", "case", "open"}
ENUMERATIONS |= {"standing", "removed", "blanked", "clock", "reporter", "worker", "supervisor", "2026-12"}
ENUMERATIONS |= {word.value for kind in (Matter, Stands) for word in kind}


def tells(value: Any) -> bool:
    """Whether a value could link two rows: no small number, no NULL, no word of ours."""
    if value is None or value == "":
        return False
    if isinstance(value, int):
        return abs(value) > 1_000
    return value not in ENUMERATIONS


async def read(world: World) -> tuple[dict[Place, set[Any]], dict[Place, set[Any]]]:
    """Every telling value of the rows of cases, and of all other rows, by column."""
    of_cases: dict[Place, set[Any]] = {}
    of_others: dict[Place, set[Any]] = {}
    for name in await world.tables():
        for row in await world.rows(f"SELECT * FROM {name}"):  # noqa: S608 - names of tables
            values = dict(row)
            confidential = (
                name.startswith("case")
                or (name == "deliveries" and values["lane"] == 0)
                or (name == "sealing_keys" and values["purpose"] == "case")
            )
            for column, value in values.items():
                if tells(value):
                    (of_cases if confidential else of_others).setdefault(Place(name, column), set()).add(value)
    return of_cases, of_others


def links(of_cases: dict[Place, set[Any]], of_others: dict[Place, set[Any]]) -> list[tuple[Place, Place]]:
    """Columns that share a value, by which rows of a case could be joined to rows of a person."""
    return [
        (ours, theirs)
        for ours, values in of_cases.items()
        for theirs, others in of_others.items()
        if {value for value in values & others if not is_coarse_time(ours, value)}
    ]


def is_coarse_time(place: Place, value: Any) -> bool:
    timed = place.column.endswith("_at") or place.column in ("at", "waiting_since")
    return timed and isinstance(value, int) and value % MINUTE == 0


async def lived_in(scene: Hotline) -> None:
    """Cases in every state, drafts, and the ordinary life of the same people."""
    pupil, worker = scene.pupil, scene.worker
    await scenes.group(scene.school, scene.school.class_a)
    await pupil.says("/settings")
    await report(pupil, CASE)
    await scenes.take(worker)
    await worker.taps("Answer")
    await worker.says(CASE)
    await worker.taps("Send")
    await pupil.taps("Answer")
    await pupil.says(CASE)
    await pupil.taps("Danger now")
    await pupil.taps("Yes, fetch a helper")
    other = scene.school.parents[0]
    await other.says("/hotline")
    await other.taps("I have read it")
    await other.says(FORM)
    await scene.world.later(minutes=7)
    await pupil.says("/home")
    await scene.school.head.says("/poll")


async def test_no_join_links_a_case_to_a_person(scene: Hotline) -> None:
    await lived_in(scene)
    of_cases, of_others = await read(scene.world)
    tables = {"cases", "case_parts", "case_log", "case_copies", "case_excluded", "case_teams"}
    assert {place.table for place in of_cases} >= tables
    assert {place.table for place in of_others} >= {"identities", "memberships", "conversations", "deliveries", "chats"}
    assert links(of_cases, of_others) == []


async def test_the_method_finds_a_link(scene: Hotline) -> None:
    await lived_in(scene)
    of_cases, of_others = await read(scene.world)
    address = next(iter(of_others[Place("identities", "address")]))
    planted = Place("cases", "planted")
    assert links({**of_cases, planted: {address}}, of_others) == [(planted, Place("identities", "address"))]


async def test_times_of_cases_are_whole_minutes(scene: Hotline) -> None:
    await scene.world.later(seconds=17)
    await lived_in(scene)
    for table, columns in {
        "cases": ("opened_at", "waiting_since"),
        "case_log": ("at",),
        "case_copies": ("shown_at", "asked_at"),
    }.items():
        for row in await scene.world.rows(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            assert [column for column in columns if row[column] % MINUTE] == []


async def test_rows_of_the_case_lane_name_nobody(scene: Hotline) -> None:
    await lived_in(scene)
    rows = await scene.world.rows(
        """SELECT place, person_id, message_id, subject_id, outgoing_id, dedupe_key, sent_at
           FROM deliveries WHERE lane = 0"""
    )
    assert len(rows) > 20
    assert {value for row in rows for value in tuple(row)} == {None}


async def test_everything_the_hotline_says_goes_by_the_case_lane(scene: Hotline) -> None:
    """No other lane grows while somebody reports and somebody answers."""

    async def elsewhere() -> int:
        return int((await scene.world.rows("SELECT COUNT(*) AS n FROM deliveries WHERE lane <> 0"))[0]["n"])

    before = await elsewhere()
    await report(scene.pupil, CASE)
    await scenes.take(scene.worker)
    await scene.worker.forges("cs.take:424242")
    await scene.worker.taps("Answer")
    await scene.worker.says(CASE)
    await scene.worker.taps("Send")
    await scene.pupil.says("/mycases")
    await scene.pupil.says("out of the blue")
    assert await elsewhere() == before


async def test_a_destroyed_key_destroys_the_case(scene: Hotline) -> None:
    from storage.cases import get

    await report(scene.pupil, CASE)
    case = (await scene.world.rows("SELECT id, key_id FROM cases"))[0]
    async with scene.world.birge.database.writing() as db:
        await db.vault.destroy_key(db, case["key_id"])
    async with scene.world.birge.database.reading() as db:
        assert await get(db, case["id"]) is None
