"""The log of the cases, said and answered: who is in it, the auditor's look and her witnesses, the monthly look of the
supervisors, and what whoever reported may ask."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import storage.cases
from bot.causes import HEADINGS, SENTENCES, Cause
from bot.doctor import About, _log
from bot.witnesses import look, verify
from domain.cases import Deed
from domain.roles import Role
from storage.backup import back_up
from storage.cases.chain import ADD, SAVE_HEAD, linked, sealed_head
from storage.database import Connection, Database
from storage.restore import restore
from storage.vault import Vault, read_key_ring
from tests import scenes
from tests.cast import Talker, World
from tests.conftest import on_sqlite
from tests.scenes import Hotline, person_id_of, report, taken

NOT_HERE = "You can't do this here"
NO_SUCH = "I can't show you a case with this number. Yours: /queue"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


@pytest.fixture
async def auditor(scene: Hotline) -> Talker:
    return await scenes.add_member(scene.world, scene.school.network, Role.AUDITOR, "Aydan")


async def deeds(world: World) -> list[tuple[str, str]]:
    return [(row["role"], row["deed"]) for row in await world.rows("SELECT role, deed FROM case_log ORDER BY id")]


def keys_of(world: World) -> Path:
    path = world.birge.database.vault.masters.path
    assert path is not None
    return path


async def verified(world: World) -> Any:
    """The bot looks at the log now."""
    verdict = await verify(world.birge.database, world.now)
    await world.tick()
    return verdict


def heard(talker: Talker) -> str:
    return "\n".join(message.text for message in talker.messages)


# --- what is an entry -------------------------------------------------------------------------------------------------


@pytest.mark.rule(16)
@pytest.mark.row("F13")
async def test_every_view_and_search_is_an_entry(scene: Hotline) -> None:
    number = await taken(scene)
    before = len(await deeds(scene.world))
    await scene.worker.says("/queue")
    await scene.worker.says(f"/case {number}")
    await scene.supervisor.says(f"/case {number}")
    assert (await deeds(scene.world))[before:] == [
        ("worker", "listed"),
        ("worker", "searched"),
        ("worker", "read"),
        ("supervisor", "searched"),
        ("supervisor", "read"),
    ]
    async with scene.world.birge.database.reading() as db:
        assert (await storage.cases.verify(db)).is_whole


@pytest.mark.rule(16)
async def test_a_psychologist_who_looks_at_her_cases_is_an_entry(scene: Hotline) -> None:
    psychologist = await scenes.add_member(scene.world, scene.school.school, Role.PSYCHOLOGIST, "Ulviyya")
    before = len(await deeds(scene.world))
    assert "You have no case." in await psychologist.says("/queue")
    assert [one for one in (await deeds(scene.world))[before:] if one != ("clock", "began")] == [
        ("psychologist", "listed")
    ]


@pytest.mark.rule(15, 16)
async def test_a_failed_attempt_is_kept_and_does_not_tell_whether_there_is_a_case(scene: Hotline) -> None:
    number = await taken(scene)
    (case,) = await scene.world.rows("SELECT id FROM cases")
    for talker, role in (
        (scene.pupil, "stranger"),
        (scene.school.parents[0], "stranger"),
        (scene.other_worker, "worker"),
    ):
        for press in ("cs", "cs.say", "cs.close", "cs.take"):
            for case_id in (case["id"], 424_242):
                before = await scene.world.rows("SELECT MAX(id) AS id FROM case_log")
                await talker.forges(f"{press}:{case_id}")
                (entry,) = await scene.world.rows(
                    "SELECT role, deed, case_id, part_id, who FROM case_log WHERE id > :id", id=before[0]["id"]
                )
                assert (entry["role"], entry["deed"], entry["case_id"], entry["part_id"]) == (
                    role,
                    "refused",
                    None,
                    None,
                )
                assert entry["who"] is not None
    told = len(await deeds(scene.world))
    assert NOT_HERE in await scene.pupil.says(f"/case {number}")
    assert NO_SUCH in await scene.other_worker.says("/case ZZZZZZ")
    assert NOT_HERE in await scene.pupil.says("/audit")
    assert [deed for _, deed in (await deeds(scene.world))[told:]] == ["refused"] * 3


async def test_what_is_refused_elsewhere_is_no_entry(scene: Hotline) -> None:
    before = await deeds(scene.world)
    await scene.pupil.forges("join.yes:1")
    await scene.pupil.forges("nonsense")
    await scene.pupil.forges("my:424242")
    await scene.pupil.forges("hl.go:pupil")
    assert await deeds(scene.world) == before


@pytest.mark.rule(16)
async def test_what_breaks_leaves_no_entry_and_no_gap(scene: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await taken(scene)
    before = await deeds(scene.world)

    async def broken(*_: Any, **__: Any) -> int:
        raise ValueError

    scene.world.expects_errors = True
    with monkeypatch.context() as patched:
        patched.setattr(storage.cases, "note_copy", broken)
        await scene.worker.says(f"/case {number}")
    assert await deeds(scene.world) == before
    await scene.worker.says(f"/case {number}")
    async with scene.world.birge.database.reading() as db:
        assert (await storage.cases.verify(db)).is_whole


# --- the auditor ------------------------------------------------------------------------------------------------------


@pytest.mark.rule(16)
async def test_the_auditor_sees_the_log_without_content(scene: Hotline, auditor: Talker) -> None:
    secret = "They take my money behind the gym"
    number = await taken(scene, secret)
    assert "entries" in await auditor.says("/audit")
    entries = await auditor.taps("Entries")
    assert f"helper: read it (case {number})" in entries
    assert f"who reported: sent it (case {number})" in entries
    assert "auditor: looked at the log" in entries
    assert secret not in heard(auditor)
    assert "Leyla" not in entries
    assert (await deeds(scene.world))[-1] == ("auditor", "audited")


async def test_the_auditor_turns_pages(scene: Hotline, auditor: Talker) -> None:
    await taken(scene)
    for _ in range(22):
        await scene.worker.says("/queue")
    await auditor.says("/audit")
    first = await auditor.taps("Entries")
    assert len(first.splitlines()) == 20
    assert "Newer" not in auditor.labels
    second = await auditor.taps("Older")
    assert "the bot: began this log" in second
    assert "Older" not in auditor.labels
    assert len((await auditor.taps("Newer")).splitlines()) == 20
    assert "nothing more" in await auditor.forges("au.log:999999999999999999")
    assert "looked at the queue" in await auditor.forges("au.log:x")


@pytest.mark.rule(15)
async def test_an_excluded_auditor_finds_no_line_of_the_case(scene: Hotline, auditor: Talker) -> None:
    number = await taken(scene)
    (case,) = await scene.world.rows("SELECT id FROM cases")
    assert number in await auditor.forges("au.log:0")
    async with scene.world.birge.database.writing() as db:
        await storage.cases.exclude(db, case["id"], await person_id_of(scene.world, auditor))
    shown = await auditor.forges("au.log:0")
    assert number not in shown
    assert "read it" not in shown


@pytest.mark.rule(13)
async def test_nobody_else_comes_to_the_log(scene: Hotline, auditor: Talker) -> None:
    for talker in (scene.pupil, scene.worker, scene.supervisor, scene.school.owner, scene.school.outsider):
        for press in ("au", "au.now", "au.log:0", "au.check:1:1:" + "0" * 32):
            assert NOT_HERE in await talker.forges(press)
    number = await taken(scene)
    assert NOT_HERE in await auditor.says(f"/case {number}")


@pytest.mark.rule(16)
async def test_the_auditor_has_the_log_checked(scene: Hotline, auditor: Talker) -> None:
    await taken(scene)
    await auditor.says("/audit")
    assert "I am checking" in await auditor.taps("Check now")
    assert (await verified(scene.world)).is_whole
    assert "everything is as it was written" in auditor.last.text
    assert "everything is as it was written" in await auditor.says("/audit")


# --- witnesses --------------------------------------------------------------------------------------------------------


def witnessed(auditor: Talker) -> list[Any]:
    return [message for message in auditor.messages if "Its last mark" in message.text]


@pytest.mark.rule(16)
async def test_the_auditor_gets_a_witness_each_hour_in_which_the_log_grew(scene: Hotline, auditor: Talker) -> None:
    await taken(scene)
    await scene.world.tick()
    assert len(witnessed(auditor)) == 1
    await scene.world.later(minutes=30)
    assert len(witnessed(auditor)) == 1
    await scene.worker.says("/queue")
    await scene.world.later(minutes=31)
    assert len(witnessed(auditor)) == 2
    (last,) = await scene.world.rows("SELECT number FROM case_log_head")
    assert f"{last['number']} entries" in witnessed(auditor)[-1].text
    assert witnessed(auditor)[-1].silent
    assert not witnessed(auditor)[-1].protected  # it is for keeping elsewhere
    for one in witnessed(auditor):
        assert "still there, as it was written" in await auditor.taps("Check", message=one)


@pytest.mark.rule(16)
async def test_a_log_that_does_not_grow_is_witnessed_once_a_day(scene: Hotline, auditor: Talker) -> None:
    async with scene.world.birge.database.writing() as db:
        await storage.cases.log(db, None, "clock", Deed.LISTED, scene.world.now)
    await scene.world.tick()
    await scene.world.later(hours=23)
    assert len(witnessed(auditor)) == 1
    await scene.world.later(hours=1, minutes=1)
    assert len(witnessed(auditor)) == 2


async def recomputed(db: Connection, number: int) -> None:
    """Somebody who has the key tells another story, from this entry on."""
    rows = [dict(row) for row in await db.all("SELECT * FROM case_log ORDER BY id")]
    told, before = rows[: number - 1], rows[number - 2]["mac"]
    for row in rows[number - 1 :]:
        told.append(linked(db.vault.link, before, {**row, "role": "clock"}))
        before = told[-1]["mac"]
    await db.run("DELETE FROM case_log")
    await db.many(ADD, told)
    await db.run(SAVE_HEAD, **sealed_head(db.vault.link, told[-1]))


@pytest.mark.rule(16)
async def test_a_tap_on_a_witness_shows_a_log_that_was_told_anew(
    scene: Hotline, auditor: Talker, log_lines: list[dict[str, Any]]
) -> None:
    await taken(scene)
    await scene.world.tick()
    async with scene.world.birge.database.writing() as db:
        await recomputed(db, 3)
        assert (await storage.cases.verify(db)).is_whole  # by itself it fits together
    assert "is not what it was" in await auditor.taps("Check")
    assert "is not what it was" in scene.supervisor.last.text
    assert "is not what it was" not in heard(scene.worker)
    assert "is not what it was" not in heard(scene.pupil)
    scene.world.expects_errors = True
    await look(scene.world.birge.database, scene.world.now)
    assert [line["cause"] for line in log_lines if "cause" in line] == [Cause.LOG_BROKEN]


@pytest.mark.rule(16)
async def test_a_tap_on_a_witness_shows_a_log_that_was_cut_off(scene: Hotline, auditor: Talker) -> None:
    await taken(scene)
    await scene.world.tick()
    async with scene.world.birge.database.writing() as db:
        await db.run("DELETE FROM case_log WHERE id > 3")
        row = await db.one("SELECT id, at, mac FROM case_log WHERE id = 3")
        assert row is not None
        await db.run(SAVE_HEAD, **sealed_head(db.vault.link, row))
    assert "is not what it was" in await auditor.taps("Check")


async def test_a_forged_and_an_old_witness(scene: Hotline, auditor: Talker) -> None:
    await taken(scene)
    assert NOT_HERE in await auditor.forges("au.check:1")
    assert NOT_HERE in await auditor.forges("au.check:x:y:z")
    assert "deleted because of its age" in await auditor.forges("au.check:1:1:" + "0" * 32)


@pytest.mark.rule(16)
async def test_the_list_beside_the_key_ring_shows_a_log_that_was_told_anew(
    scene: Hotline, auditor: Talker, log_lines: list[dict[str, Any]]
) -> None:
    await taken(scene)
    assert (await verified(scene.world)).is_whole
    assert " witnessed " in keys_of(scene.world).with_name("birge.keys.witnesses").read_text()
    async with scene.world.birge.database.writing() as db:
        await recomputed(db, 3)
    await scene.world.later(hours=1)
    scene.world.expects_errors = True
    verdict = await verified(scene.world)
    assert (verdict.broken, verdict.lost) == (None, verdict.head.number)
    assert [entry["cause"] for entry in log_lines if "cause" in entry] == [Cause.LOG_BROKEN]
    for talker in (auditor, scene.supervisor):
        assert "is not what it was" in talker.last.text
    told = heard(scene.supervisor).count("is not what it was")
    await scene.world.later(hours=2)
    await verified(scene.world)
    assert heard(scene.supervisor).count("is not what it was") == told  # once a day
    assert "as the check message says" in await auditor.says("/audit")


async def test_the_doctor_says_how_the_log_is_and_that_nobody_audits(scene: Hotline) -> None:
    await taken(scene)
    world = scene.world
    settings: Any = type("Settings", (), {"keys": keys_of(world)})
    async with world.birge.database.reading() as db:
        good, nobody = await _log(db, settings, world.now)
    assert good.good
    assert "no auditor" in nobody.sentence
    await scenes.add_member(world, scene.school.network, Role.AUDITOR, "Aydan")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE case_log SET role = 'auditor' WHERE id = 3")
        (bad,) = await _log(db, settings, world.now)
    assert (bad.good, bad.about) == (False, About.LOG)
    assert "entry 3" in bad.sentence


def test_the_operator_reads_what_to_do_without_a_word_of_a_case() -> None:
    assert "hotline's log" in SENTENCES[Cause.LOG_BROKEN]
    assert HEADINGS[Cause.LOG_BROKEN] == "The hotline's log is not what it was"


# --- a restore --------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.rule(16)
async def test_a_restore_shows_as_one_and_is_no_breach(scene: Hotline, auditor: Talker, tmp_path: Path) -> None:
    world = scene.world
    await taken(scene)
    back_up(world.url, read_key_ring(keys_of(world)), tmp_path / "backup", world.now)
    await scene.worker.says("/queue")
    await world.tick()
    assert (await verified(world)).is_whole
    later = world.now
    restore(f"sqlite:///{tmp_path / 'again.sqlite3'}", keys_of(world), tmp_path / "backup", later)
    # The bot goes on with the restored database.
    with sqlite3.connect(tmp_path / "again.sqlite3") as again:
        rows = again.execute("SELECT id, role, deed FROM case_log ORDER BY id").fetchall()
    assert rows[-1][1:] == ("operator", "restored")
    database = await Database.open(
        f"sqlite:///{tmp_path / 'again.sqlite3'}", Vault(read_key_ring(keys_of(world)), keys_of(world))
    )
    try:
        assert (await verify(database, later)).is_whole
        async with database.reading() as db:
            entry = await storage.cases.last_restore(db)
        assert entry is not None
        assert entry.id == rows[-1][0]
    finally:
        await database.close()
    assert " restored " in keys_of(world).with_name("birge.keys.witnesses").read_text()


@pytest.mark.rule(16)
async def test_auditors_and_supervisors_hear_of_a_restore_once(scene: Hotline, auditor: Talker) -> None:
    await taken(scene)
    await scene.world.tick()
    held = witnessed(auditor)[-1]
    world = scene.world
    async with world.birge.database.writing() as db:  # as a restore leaves it
        await db.run("DELETE FROM case_log WHERE id > 4")
        row = await db.one("SELECT id, at, mac FROM case_log WHERE id = 4")
        assert row is not None
        await db.run(SAVE_HEAD, **sealed_head(db.vault.link, row))
        made = storage.cases.chain.restored(db.vault.link, await storage.cases.head(db), world.now)
        await db.run(ADD, **made)
        await db.run(SAVE_HEAD, **sealed_head(db.vault.link, made))
    await world.tick()
    await world.tick()
    for talker in (auditor, scene.supervisor):
        assert heard(talker).count("The bot was put back from a backup") == 1
    assert "put back from a backup" not in heard(scene.worker)
    assert "put back from a backup after this" in await auditor.taps("Check", message=held)
    assert "is not what it was" not in heard(scene.supervisor)


# --- the monthly look -------------------------------------------------------------------------------------------------


async def a_month_later(scene: Hotline) -> None:
    await scene.world.at(datetime(2027, 1, 1, 6, 0, tzinfo=UTC))


def sampled(talker: Talker) -> list[Any]:
    return [message for message in talker.messages if "Monthly look" in message.text]


@pytest.mark.rule(16)
async def test_supervisors_are_shown_some_reads_each_month(scene: Hotline) -> None:
    await scene.world.tick()
    number = await taken(scene)
    for _ in range(9):
        await scene.worker.says(f"/case {number}")
    await scene.supervisor.says(f"/case {number}")
    assert sampled(scene.supervisor) == []
    await a_month_later(scene)
    shown = sampled(scene.supervisor)
    assert len(shown) == 5
    assert all(f"Leyla, helper: read it (case {number})" in one.text for one in shown)
    assert len({one.text for one in shown}) <= 5
    assert sampled(scene.worker) == []
    await scene.world.later(days=3)
    assert len(sampled(scene.supervisor)) == 5
    assert "Noted: all right" in await scene.supervisor.taps("All right")
    assert (await deeds(scene.world))[-1] == ("supervisor", "found_fine")


@pytest.mark.rule(16)
async def test_an_odd_read_is_told_to_auditors_and_other_supervisors(scene: Hotline, auditor: Talker) -> None:
    other = await scenes.add_member(scene.world, scene.school.network, Role.SUPERVISOR, "Nigar")
    await scene.world.tick()
    number = await taken(scene)
    await other.says(f"/case {number}")
    await a_month_later(scene)
    (about_other,) = [one for one in sampled(scene.supervisor) if "Nigar" in one.text]
    before = heard(other)
    assert "Noted: this is odd" in await scene.supervisor.taps("This is odd", message=about_other)
    assert f"supervisor: read it (case {number})" in auditor.last.text
    assert heard(other) == before  # it is about her
    (about_worker,) = [one for one in sampled(scene.supervisor) if "Leyla" in one.text]
    await scene.supervisor.taps("This is odd", message=about_worker)
    assert f"helper: read it (case {number})" in other.last.text
    assert "odd" not in scene.worker.last.text


@pytest.mark.rule(15, 16)
async def test_nobody_judges_her_own_read_nor_that_of_a_case_she_must_not_know_of(scene: Hotline) -> None:
    await scene.world.tick()
    number = await taken(scene)
    await scene.supervisor.says(f"/case {number}")
    entries = await scene.world.rows("SELECT id, role, case_id FROM case_log WHERE deed = 'read' ORDER BY id")
    by_role = {row["role"]: row["id"] for row in entries}
    assert NOT_HERE in await scene.supervisor.forges(f"lg.fine:{by_role['supervisor']}")
    assert NOT_HERE in await scene.supervisor.forges("lg.odd:1")
    assert NOT_HERE in await scene.supervisor.forges("lg.odd:999")
    async with scene.world.birge.database.writing() as db:
        person_id = await person_id_of(scene.world, scene.supervisor)
        await storage.cases.exclude(db, entries[0]["case_id"], person_id)
    assert NOT_HERE in await scene.supervisor.forges(f"lg.odd:{by_role['worker']}")
    await a_month_later(scene)
    assert sampled(scene.supervisor) == []


# --- who reported -----------------------------------------------------------------------------------------------------


@pytest.mark.row("F13")
async def test_whoever_reported_may_ask_who_has_read_it(scene: Hotline) -> None:
    number = await report(scene.pupil, "They take my money.")
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    assert "Nobody has read" in await scene.pupil.taps("Who read it?")
    await scene.worker.taps("Take")
    await scene.supervisor.says(f"/case {number}")
    await scene.worker.says(f"/case {number}")
    await scene.pupil.says("/mycases")
    await scene.pupil.taps(number)
    told = await scene.pupil.taps("Who read it?")
    assert told.count(": a helper") == 1
    assert told.count(": the head of the helpers") == 1
    assert "Leyla" not in told
    assert "Rauf" not in told
    assert (await deeds(scene.world))[-1] == ("reporter", "asked")
    async with scene.world.birge.database.writing() as db:
        (case,) = await db.all("SELECT id FROM cases")
        await db.run("UPDATE case_log SET deed = 'unmasked' WHERE deed = 'read' AND role = 'supervisor'")
    assert "looked up who sent this; the reason is written down" in await scene.pupil.forges(f"my.read:{case['id']}")


@pytest.mark.rule(13)
async def test_nobody_else_asks_who_has_read_a_report(scene: Hotline) -> None:
    await taken(scene)
    (case,) = await scene.world.rows("SELECT id FROM cases")
    for talker in (scene.worker, scene.supervisor, scene.school.parents[0], scene.school.head):
        assert NOT_HERE in await talker.forges(f"my.read:{case['id']}")


async def test_notes_of_operation_name_nobody_of_a_case(scene: Hotline, auditor: Talker) -> None:
    await taken(scene)
    await auditor.says("/audit")
    await auditor.taps("Check now")
    await verified(scene.world)
    notes = {row["name"]: row["value"] for row in await scene.world.rows("SELECT * FROM notes_of_operation")}
    assert json.loads(notes["log verdict"]).keys() == {"at", "number", "broken", "lost"}
    assert "log to be verified" not in notes
