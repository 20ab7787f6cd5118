"""Rule 16: the log of the cases is a chain that shows every change; what was witnessed of it can't be taken back."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import storage.cases
import storage.communities
import storage.persons
from bot.witnesses import look
from domain.cases import Answers, Case, Deed, Desk, Risk
from domain.log_cards import DEEDS
from domain.logbook import KEPT, PREFIX, Witness, carried, witness_of
from domain.messages import MAX_PRESS_BYTES, press
from storage import vault, witnesses
from storage.cases import verdicts
from storage.cases.chain import ADD, SAVE_HEAD, linked, sealed_head
from storage.database import Connection, Database, savepoint
from storage.vault import KeyRing, KeyRingUnusable, Vault, make_key_ring, read_key_ring
from tests.conftest import on_sqlite
from tests.storage.conftest import NOW, RING

LONG = 60  # entries of the chain that is attacked
WITNESSED = (1, *range(10, LONG + 1, 10))  # the first hour's, and later ones
TRIES = 1_000
MONTH_AT_TEN_TIMES_PEAK = 400 * 10 * 30  # reports
COLUMNS = ("at", "case_id", "role", "deed", "who", "part_id", "digest", "mac")
HEAD = ("number", "at", "mac", "seal")
SOME = list(Deed)[:20]


@pytest.fixture
async def database(url: str) -> Any:
    opened = await Database.open(url, Vault(RING))
    async with opened.writing() as db:
        await db.vault.ready_for(db, NOW)
    yield opened
    await opened.close()


async def case(db: Connection) -> Case:
    if await storage.communities.root(db) is None:
        await storage.communities.add(db, None, "network", "Bakı", "az", "Asia/Baku", "az")
    known = await storage.persons.meet(db, "telegram", "1001", "az", "Asia/Baku")
    return await storage.cases.open_case(
        db, known.person.id, known.identity.id, Answers(), Risk.HIGH, Desk.WORKERS, NOW
    )


async def written(db: Connection, number: int = LONG) -> Case:
    """A log of so many entries, of every kind."""
    one = await case(db)
    for at in range(number - 1):  # and the one that the chain begins with
        case_id = one.id if at % 5 else None
        await storage.cases.log(
            db, case_id, "worker", SOME[at % 20], NOW + timedelta(minutes=at), person_id=at % 7, part_id=at or None
        )
    return one


# --- attacks ----------------------------------------------------------------------------------------------------------

Row = dict[str, Any]


async def rows(db: Connection) -> list[Row]:
    return [dict(row) for row in await db.all("SELECT * FROM case_log ORDER BY id")]


async def put(db: Connection, entries: list[Row], head: Mapping[str, Any] | None = None) -> None:
    """The log is this from now on."""
    await db.run("DELETE FROM case_log")
    await db.many(ADD, entries)
    if head is not None:
        await db.run(SAVE_HEAD, **head)


def changed_value(dice: random.Random, entry: Row, column: str) -> Any:
    """Another value for this column, as somebody would forge it."""
    value = entry[column]
    if column == "at":
        return value + dice.choice([-1, 1]) * dice.randrange(1, 10**12)
    if column == "case_id":
        return None if value is not None else dice.choice(entry["cases"])
    if column in ("role", "deed"):
        return dice.choice([one for one in ("worker", "supervisor", "clock", "read", "closed", "") if one != value])
    if column == "part_id":
        return dice.randrange(1, 10**9) + LONG
    return bytes([(value or b"\0")[0] ^ dice.randrange(1, 256)]) + (value or b"\0")[1:]


async def change(db: Connection, dice: random.Random) -> None:
    entries = await rows(db)
    one, column = dice.choice(entries), dice.choice(COLUMNS)
    cases = [row["id"] for row in await db.all("SELECT id FROM cases")]
    value = changed_value(dice, {**one, "cases": cases}, column)
    await db.run(f"UPDATE case_log SET {column} = :value WHERE id = :id", value=value, id=one["id"])  # noqa: S608


async def remove(db: Connection, dice: random.Random) -> None:
    await db.run("DELETE FROM case_log WHERE id = :id", id=dice.randrange(1, LONG + 1))


async def remove_and_close_up(db: Connection, dice: random.Random) -> None:
    """Those behind it take its number, so that none is missing."""
    entries = await rows(db)
    del entries[dice.randrange(len(entries))]
    await put(db, [{**one, "id": number} for number, one in enumerate(entries, 1)])


async def cut_off_the_end(db: Connection, dice: random.Random) -> None:
    """The head goes back, too; its seal can't be made, and that of another head isn't at hand."""
    last = dice.randrange(1, LONG)
    await db.run("DELETE FROM case_log WHERE id > :last", last=last)
    if dice.random() < 0.7:
        row = await db.one("SELECT * FROM case_log WHERE id = :last", last=last)
        assert row is not None
        await db.run(
            "UPDATE case_log_head SET number = :id, mac = :mac, at = :at", **{k: row[k] for k in ("id", "mac", "at")}
        )


async def cut_off_the_beginning(db: Connection, dice: random.Random) -> None:
    await db.run("DELETE FROM case_log WHERE id <= :last", last=dice.randrange(1, LONG))


async def reorder(db: Connection, dice: random.Random) -> None:
    entries = await rows(db)
    one, other = dice.sample(range(len(entries)), 2)
    numbers = entries[one]["id"], entries[other]["id"]
    entries[one], entries[other] = {**entries[one], "id": numbers[1]}, {**entries[other], "id": numbers[0]}
    await put(db, entries)


async def insert(db: Connection, dice: random.Random) -> None:
    entries = await rows(db)
    at = dice.randrange(1, len(entries) + 1)
    entries.insert(at, {**dice.choice(entries), "deed": "read"})
    await put(db, [{**one, "id": number} for number, one in enumerate(entries, 1)])


async def recompute(db: Connection, dice: random.Random, link: Callable[[bytes, bytes], bytes]) -> None:
    """A story that fits together, told anew from some entry on with this key: longer, shorter or as long."""
    entries = await rows(db)
    start = dice.randrange(1, len(entries))
    told, before = entries[:start], entries[start - 1]["mac"]
    length = dice.choice([len(entries), max(start + 1, dice.randrange(start, len(entries))), len(entries) + 3])
    for number in range(start + 1, length + 1):
        like = {**entries[min(number, len(entries)) - 1], "id": number}
        if number == start + 1:
            like["deed"] = dice.choice([one for one in ("read", "claimed", "closed") if one != like["deed"]])
        told.append(linked(link, before, like))
        before = told[-1]["mac"]
    await put(db, told, sealed_head(link, told[-1]))


async def recompute_without_key(db: Connection, dice: random.Random) -> None:
    await recompute(db, dice, partial(vault.link, dice.randbytes(32)))


async def recompute_with_key(db: Connection, dice: random.Random) -> None:
    await recompute(db, dice, db.vault.link)


async def begin_anew_with_key(db: Connection, dice: random.Random) -> None:
    """All is wiped away, and the chain begins once more; or nothing begins."""
    await put(db, [])
    await db.run("DELETE FROM case_log_head")
    for _ in range(dice.choice([0, LONG // 2, LONG - 1, LONG + 5])):
        await storage.cases.log(db, None, "worker", Deed.LISTED, NOW)


async def prune_with_key(db: Connection, dice: random.Random) -> None:
    """As if its time were over."""
    await storage.cases.prune(db, NOW + timedelta(minutes=dice.randrange(1, LONG - 1)), NOW)


# What shows by itself, and what only a witness shows.
WITHIN = (
    change,
    remove,
    remove_and_close_up,
    cut_off_the_end,
    cut_off_the_beginning,
    reorder,
    insert,
    recompute_without_key,
)
WITH_KEY = (recompute_with_key, begin_anew_with_key, prune_with_key)


class Undone(Exception):  # noqa: N818
    """The try is over."""


async def tries(db: Connection, seen: Mapping[int, bytes], seeds: range) -> dict[str, list[int]]:
    """For each seed one attack, by turns; the seeds whose attack wasn't found, by attack."""
    attacks = WITHIN + WITH_KEY
    missed: dict[str, list[int]] = {attack.__name__: [] for attack in attacks}
    for seed in seeds:
        attack = attacks[seed % len(attacks)]
        try:
            async with savepoint(db, "try_"):
                await attack(db, random.Random(seed))
                within = await storage.cases.verify(db)
                verdict = await storage.cases.verify(db, seen)
                if verdict.is_whole or (attack in WITHIN and within.broken is None):
                    missed[attack.__name__].append(seed)
                raise Undone
        except Undone:
            pass
    return missed


@pytest.mark.rule(16)
@pytest.mark.row("F13_bad_edited")
async def test_every_change_of_the_log_is_found(database: Database) -> None:
    """1,000 of 1,000."""
    async with database.writing() as db:
        await written(db)
        last = await storage.cases.head(db)
        seen = {number: row["mac"] for number, row in enumerate(await rows(db), 1) if number in WITNESSED}
        assert last.number == LONG
        assert (await storage.cases.verify(db, seen)).is_whole
        missed = await tries(db, seen, range(TRIES))
        assert (await storage.cases.verify(db, seen)).is_whole  # the tries left nothing behind
    assert {name: seeds for name, seeds in missed.items() if seeds} == {}


@pytest.mark.rule(16)
async def test_the_first_broken_entry_is_named(database: Database) -> None:
    async with database.writing() as db:
        await written(db, 30)
        await db.run("UPDATE case_log SET role = 'clock' WHERE id = 21")
        await db.run("UPDATE case_log SET role = 'clock' WHERE id = 12")
        assert (await storage.cases.verify(db)).broken == 12
        await db.run("DELETE FROM case_log WHERE id = 5")
        assert (await storage.cases.verify(db)).broken == 5


@on_sqlite
@pytest.mark.rule(16)
async def test_values_of_another_kind_are_found_and_break_nothing(database: Database) -> None:
    """SQLite takes any value for any column."""
    async with database.writing() as db:
        await written(db)
        places = [("case_log", one, 7) for one in COLUMNS if one != "case_id"]  # which refers to something
        for table, column, row in [*places, *(("case_log_head", one, 1) for one in HEAD)]:
            for value in ("text", b"bytes", 1.5, 7 * 10**17, ""):
                await db.run("SAVEPOINT odd_")
                await db.run(f"UPDATE {table} SET {column} = :value WHERE id = :id", value=value, id=row)  # noqa: S608
                verdict = await storage.cases.verify(db)
                assert verdict.broken is not None, (table, column, value)
                await db.run("ROLLBACK TO SAVEPOINT odd_")
                await db.run("RELEASE SAVEPOINT odd_")
        assert (await storage.cases.verify(db)).is_whole


@pytest.mark.rule(16)
async def test_an_old_head_put_back_with_its_seal_shows_by_the_witness(database: Database) -> None:
    async with database.writing() as db:
        await written(db, 20)
        before = dict(await db.one("SELECT number, at, mac, seal FROM case_log_head") or {})
        await storage.cases.log(db, None, "worker", Deed.LISTED, NOW)
        last = await storage.cases.head(db)
        await db.run("DELETE FROM case_log WHERE id = :id", id=last.number)
        await db.run(SAVE_HEAD, **before)
        assert (await storage.cases.verify(db)).is_whole
        assert (await storage.cases.verify(db, {last.number: last.mac})).lost == last.number
        assert not await storage.cases.contains(db, last.number, last.mac[:PREFIX])


@pytest.mark.rule(16)
async def test_entries_have_numbers_without_a_gap_after_what_was_undone(database: Database) -> None:
    async with database.writing() as db:
        await written(db, 5)
    for _ in range(3):
        async with database.writing() as db:
            await db.run("SAVEPOINT undone_")
            await storage.cases.log(db, None, "worker", Deed.LISTED, NOW)
            await db.run("ROLLBACK TO SAVEPOINT undone_")
    async with database.writing() as db:
        await storage.cases.log(db, None, "worker", Deed.LISTED, NOW)
        assert [row["id"] for row in await rows(db)] == [1, 2, 3, 4, 5, 6]


# --- before the chain, and after five years ---------------------------------------------------------------------------


@pytest.mark.rule(16)
async def test_entries_of_before_the_chain_are_sealed_by_its_first(database: Database) -> None:
    async with database.writing() as db:
        one = await case(db)
        for number in (3, 4, 9):  # on PostgreSQL there were gaps
            await db.run(
                "INSERT INTO case_log (id, case_id, role, deed, at) VALUES (:id, :case, 'worker', 'read', 60000000)",
                id=number,
                case=one.id,
            )
        assert (await storage.cases.verify(db)).is_whole
        await storage.cases.log(db, one.id, "worker", Deed.READ, NOW)
        assert [row["deed"] for row in await rows(db)] == ["read", "read", "read", "began", "read"]
        assert (await storage.cases.verify(db)).is_whole
    for forged in (
        "UPDATE case_log SET role = 'clock' WHERE id = 4",
        "DELETE FROM case_log WHERE id = 3",
        "DELETE FROM case_log WHERE id = 9",
        "INSERT INTO case_log (id, role, deed, at) VALUES (7, 'clock', 'read', 60000000)",
    ):
        async with database.writing() as db:
            await db.run("SAVEPOINT forged_")
            await db.run(forged)
            assert (await storage.cases.verify(db)).broken is not None, forged
            await db.run("ROLLBACK TO SAVEPOINT forged_")


@pytest.mark.rule(16, 21)
async def test_what_is_older_than_five_years_goes_and_an_entry_vouches_for_the_rest(database: Database) -> None:
    async with database.writing() as db:
        one = await written(db, 20)
        later = NOW + KEPT + timedelta(minutes=10)
        assert await storage.cases.prune(db, NOW - timedelta(minutes=1), NOW) == 0
        gone = await storage.cases.prune(db, later - KEPT, later)
        left = await rows(db)
        assert gone == 11
        assert (left[0]["id"], left[-1]["deed"], left[-1]["part_id"]) == (12, "pruned", 11)
        assert await db.value("SELECT 1 FROM cases WHERE id = :id", id=one.id) == 1
        assert (await storage.cases.verify(db)).is_whole
        await storage.cases.log(db, None, "worker", Deed.LISTED, later)
        assert await storage.cases.prune(db, later - KEPT + timedelta(minutes=3), later) == 14
        assert (await storage.cases.verify(db)).is_whole
        for number in (15, 20, left[-1]["id"] + 1):
            await db.run("SAVEPOINT more_")
            await db.run("DELETE FROM case_log WHERE id <= :last", last=number)
            assert (await storage.cases.verify(db)).broken is not None, number
            await db.run("ROLLBACK TO SAVEPOINT more_")


@pytest.mark.rule(16)
async def test_the_log_outlives_what_it_is_about(database: Database) -> None:
    async with database.writing() as db:
        one = await written(db, 20)
        await db.vault.destroy_key(db, one.key_id)
        assert await storage.cases.get(db, one.id) is None
        assert (await storage.cases.verify(db)).is_whole
        assert await db.value("SELECT COUNT(*) FROM case_log WHERE case_id = :id", id=one.id) > 10


@pytest.mark.rule(16)
def test_the_key_of_the_chain_is_in_no_database_and_outlives_master_keys() -> None:
    other = replace(RING, masters={"2027-01": b"n" * 32})
    assert vault.chain_key(RING) == vault.chain_key(other) != RING.marks
    assert vault.chain_key(RING) != vault.chain_key(KeyRing(RING.masters, b"x" * 32))


def test_every_deed_is_told_in_words() -> None:
    assert [deed.value for deed in Deed if deed.value not in DEEDS] == []


# --- how long it takes ------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.rule(16)
async def test_a_month_at_ten_times_peak_is_verified_in_seconds(database: Database) -> None:
    """400 reports a day times ten for 30 days: three entries of each."""
    async with database.writing() as db:
        await written(db, 10)
        entries, last = [], (await rows(db))[-1]
        for number in range(11, 3 * MONTH_AT_TEN_TIMES_PEAK + 1):
            last = linked(db.vault.link, last["mac"], {**last, "id": number})
            entries.append(last)
        await db.many(ADD, entries)
        await db.run(SAVE_HEAD, **sealed_head(db.vault.link, last))
    async with database.reading() as db:
        began = time.monotonic()
        verdict = await storage.cases.verify(db)
        took = time.monotonic() - began
    assert verdict.is_whole
    assert verdict.head.number == 360_000
    assert took < 30  # 3 to 4 by itself; the machine may be busy


# --- the list beside the key ring -------------------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    make_key_ring(tmp_path / "birge.keys", NOW)
    return tmp_path / "birge.keys"


def head(number: int, at: datetime = NOW) -> storage.cases.Head:
    return storage.cases.Head(number, bytes([number]) * 32, int(at.timestamp()) * 1_000_000)


@pytest.mark.rule(16)
def test_the_list_keeps_every_witness_and_a_restore_says_what_it_took(keys: Path) -> None:
    assert witnesses.standing(keys) == []
    for number in (3, 5, 9):
        witnesses.note(keys, head(number), NOW)
    assert [one.number for one in witnesses.standing(keys)] == [3, 5, 9]
    witnesses.note_restored(keys, head(5), NOW)  # the backup had 4; 5 is the entry that says so
    witnesses.note(keys, head(6), NOW)
    assert [one.number for one in witnesses.standing(keys)] == [3, 5, 6]
    witnesses.note_restored(keys, storage.cases.Head(), NOW)  # a backup of before the chain
    assert witnesses.standing(keys) == []
    text = (keys.parent / "birge.keys.witnesses").read_text()
    assert len(text.splitlines()) == 6
    assert (keys.parent / "birge.keys.witnesses").stat().st_mode & 0o777 == 0o600


@pytest.mark.rule(16)
async def test_the_log_is_verified_and_witnessed_every_hour_and_when_somebody_asks(url: str, keys: Path) -> None:
    database = await Database.open(url, Vault(read_key_ring(keys), keys))
    try:
        await database.transact(lambda db: db.vault.ready_for(db, NOW))
        await database.transact(lambda db: storage.cases.log(db, None, "worker", Deed.LISTED, NOW))
        assert await look(database, NOW) is not None
        assert await look(database, NOW + timedelta(minutes=59)) is None
        await database.transact(lambda db: verdicts.want(db, 1, NOW + timedelta(minutes=59)))
        assert await look(database, NOW + timedelta(minutes=59)) is not None
        assert await look(database, NOW + timedelta(minutes=59)) is None
        assert await look(database, NOW + timedelta(hours=2)) is not None
    finally:
        await database.close()
    assert len(witnesses.standing(keys)) == 3


@pytest.mark.rule(16)
def test_a_damaged_list_is_told_and_not_passed_over(keys: Path) -> None:
    witnesses.note(keys, head(3), NOW)
    (keys.parent / "birge.keys.witnesses").write_text("2026-12-01T05:00Z nonsense 3 1 00\n")
    with pytest.raises(KeyRingUnusable, match="damaged"):
        witnesses.standing(keys)


def test_what_is_older_than_the_log_is_kept_is_asked_of_nobody() -> None:
    young, old = (Witness(n, int(at.timestamp()) * 1_000_000, b"x") for n, at in ((1, NOW), (2, NOW - KEPT)))
    assert witnesses.by_number([young, old], NOW) == {1: b"x"}


@pytest.mark.rule(16)
def test_a_button_carries_a_witness_of_a_very_long_log() -> None:
    at = 1_900_000_000_000_000 // 60_000_000 * 60_000_000
    data = press("au.check", *carried(99_999_999, at, bytes(range(32))))
    assert len(data) <= MAX_PRESS_BYTES
    assert witness_of(tuple(data.split(":")[1:])) == Witness(99_999_999, at, bytes(range(PREFIX)))


@pytest.mark.parametrize(
    "forged", ["", "1", "1:2", "1:2:zz", "x:2:" + "0" * 32, "1:2:" + "g" * 32, "9" * 19 + ":2:" + "0" * 32]
)
def test_a_forged_witness_is_none(forged: str) -> None:
    assert witness_of(tuple(forged.split(":"))) is None
