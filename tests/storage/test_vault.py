import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database import Connection, Database
from storage.vault import (
    KeyRing,
    KeyRingUnusable,
    Sealed,
    Vault,
    make_key_ring,
    open_or_make_key_ring,
    read_key_ring,
)
from tests.storage.conftest import NOW, RING

AT = {"table": "deliveries", "column": "body", "row": 7}


async def seal(database: Database, plain: bytes = b"salam") -> bytes:
    return database.vault.seal(plain, table="deliveries", column="body", row=7)


async def test_what_is_sealed_opens_again(database: Database) -> None:
    sealed = await seal(database, "Ağrıyır 💔".encode())

    assert b"A\xc4" not in sealed
    async with database.reading() as db:
        opened = await database.vault.open(db, sealed, table="deliveries", column="body", row=7)
    assert opened.decode() == "Ağrıyır 💔"


async def test_the_same_words_are_sealed_differently_each_time(database: Database) -> None:
    assert await seal(database) != await seal(database)


@pytest.mark.parametrize("moved", [{"table": "conversations"}, {"column": "trace"}, {"row": 8}])
async def test_a_value_moved_to_another_place_does_not_open(database: Database, moved: dict[str, str]) -> None:
    sealed = await seal(database)

    async with database.reading() as db:
        with pytest.raises(Sealed, match="doesn't open"):
            await database.vault.open(db, sealed, **{**AT, **moved})  # type: ignore[arg-type]


@given(at=st.integers(0, 45), bit=st.integers(0, 7))
def test_a_changed_byte_is_noticed(at: int, bit: int) -> None:
    import asyncio

    class NoKeys:
        async def one(self, _sql: str, **_values: object) -> None:
            return None

    async def scene() -> None:
        vault = Vault(RING)
        key = await _lonely_key(vault)
        sealed = bytearray(vault.seal(b"nine words", table="t", column="c", row=1, key=key))
        sealed[at % len(sealed)] ^= 1 << bit
        with pytest.raises(Sealed):
            await vault.open(NoKeys(), bytes(sealed), table="t", column="c", row=1)  # type: ignore[arg-type]

    asyncio.run(scene())


async def _lonely_key(vault: Vault) -> int:
    class Nowhere:
        async def run(self, _sql: str, **_values: object) -> None: ...

    return await vault.new_key(Nowhere(), "case", "1")  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [b"", b"\x01", b"\x01" * 20, None])
async def test_what_was_never_sealed_does_not_open(database: Database, nothing: bytes) -> None:
    async with database.reading() as db:
        with pytest.raises(Sealed):
            await database.vault.open(db, nothing, table="deliveries", column="body", row=7)


async def test_nobody_opens_what_a_destroyed_key_sealed(database: Database) -> None:
    async with database.writing() as db:
        key = await database.vault.new_key(db, "case", "17")
        sealed = database.vault.seal(b"salam", key=key, table="deliveries", column="body", row=7)
        await database.vault.destroy_key(db, key)

    async with database.reading() as db:
        with pytest.raises(Sealed, match="destroyed"):
            await database.vault.open(db, sealed, table="deliveries", column="body", row=7)


async def test_another_vault_opens_with_the_same_ring_only(database: Database) -> None:
    sealed = await seal(database)

    async with database.reading() as db:
        assert await Vault(RING).open(db, sealed, table="deliveries", column="body", row=7) == b"salam"
        wrong = Vault(replace(RING, masters={"2026-12": b"x" * 32}))
        with pytest.raises(KeyRingUnusable, match="belongs to another database"):
            await wrong.open(db, sealed, table="deliveries", column="body", row=7)
        lacking = Vault(replace(RING, masters={"2027-01": b"m" * 32}))
        with pytest.raises(KeyRingUnusable, match="lacks the key of 2026-12"):
            await lacking.open(db, sealed, table="deliveries", column="body", row=7)


async def test_a_wrong_ring_is_refused_on_the_next_day_too(database: Database) -> None:
    wrong = Vault(replace(RING, masters={"2026-12": b"x" * 32}))

    with pytest.raises(KeyRingUnusable, match="belongs to another database"):
        async with database.writing() as db:
            await wrong.ready_for(db, NOW + timedelta(days=1))


async def test_each_day_has_one_key(database: Database) -> None:
    first = await seal(database)
    async with database.writing() as db:
        await db.vault.ready_for(db, NOW + timedelta(days=1))
    second = await seal(database)
    async with database.writing() as db:
        await db.vault.ready_for(db, NOW)
    third = await seal(database)

    assert first[1:9] == third[1:9] != second[1:9]
    assert database.vault.is_ready_for(NOW)
    assert not database.vault.is_ready_for(NOW + timedelta(days=1))


async def test_a_day_key_that_was_rolled_back_seals_nothing(database: Database) -> None:
    tomorrow = NOW + timedelta(days=1)
    with pytest.raises(RuntimeError):
        await _break_after_making_a_key(database, lambda db: db.vault.ready_for(db, tomorrow))

    assert not database.vault.is_ready_for(tomorrow)
    sealed = await seal(database)
    async with database.reading() as db:
        assert await Vault(RING).open(db, sealed, table="deliveries", column="body", row=7) == b"salam"


async def test_a_case_key_that_was_rolled_back_is_forgotten(database: Database) -> None:
    made: list[int] = []

    async def make(db: Connection) -> None:
        made.append(await db.vault.new_key(db, "case", "1"))

    with pytest.raises(RuntimeError):
        await _break_after_making_a_key(database, make)

    with pytest.raises(KeyError):
        database.vault.seal(b"lost", key=made[0], table="cases", column="words", row=1)


async def _break_after_making_a_key(database: Database, make: Callable[[Connection], object]) -> None:
    async with database.writing() as db:
        made = make(db)
        await made  # type: ignore[misc]
        raise RuntimeError


@given(st.text(), st.text(), st.text(), st.text())
def test_marks_of_two_purposes_or_values_never_meet(one: str, other: str, value: str, another: str) -> None:
    vault = Vault(RING)
    one, other = one.replace("\0", ""), other.replace("\0", "")

    same = (one, value) == (other, another)
    assert (vault.mark(one, value) == vault.mark(other, another)) == same
    assert len(vault.mark(one, value)) == 16


def test_marks_depend_on_the_ring() -> None:
    assert Vault(RING).mark("place", "a") != Vault(replace(RING, marks=b"x" * 32)).mark("place", "a")


def test_a_new_ring_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "birge.keys"
    before = os.umask(0)
    try:
        ring = make_key_ring(path, NOW)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_ring(path) == ring
    assert list(ring.masters) == ["2026-12"]


def test_a_ring_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "birge.keys"
    ring = open_or_make_key_ring(path, NOW)

    with pytest.raises(KeyRingUnusable, match="There is a key ring at"):
        make_key_ring(path, NOW)
    assert open_or_make_key_ring(path, NOW) == ring


def _ring(ring: KeyRing = RING) -> dict[str, object]:
    import base64

    def encoded(key: bytes) -> str:
        return base64.b64encode(key).decode()

    masters = {month: encoded(key) for month, key in ring.masters.items()}
    return {"format": 1, "masters": masters, "marks": encoded(ring.marks)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not a key ring"),
        ("[]", "is not a key ring"),
        ("{}", "is not a key ring"),
        ("SQLite format 3", "is not a key ring"),
        ('{"masters": 1, "marks": ""}', "is not a key ring"),
        (json.dumps({**_ring(), "marks": 5}), "is not a key ring"),
        (json.dumps({**_ring(), "marks": "?" * 44}), "is not a key ring"),
        (json.dumps({**_ring(), "marks": "AAAA"}), "is damaged"),
        (json.dumps({**_ring(), "masters": {}}), "is damaged"),
        (json.dumps({**_ring(), "masters": {"2026-12": "AAAA"}}), "is damaged"),
    ],
)
def test_another_file_is_refused_in_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "birge.keys"
    path.write_text(content)

    with pytest.raises(KeyRingUnusable, match=said) as refused:
        read_key_ring(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "birge.keys"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(KeyRingUnusable, match="is not a key ring"):
        read_key_ring(path)


def test_a_missing_ring_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyRingUnusable, match="Put it back, or make a new Birge with: birge init"):
        read_key_ring(tmp_path / "none")


def test_a_ring_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(KeyRingUnusable, match="can't be read: Is a directory"):
        read_key_ring(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyRingUnusable, match="can't be made"):
        make_key_ring(tmp_path / "file" / "birge.keys", NOW)
    with pytest.raises(KeyRingUnusable, match="can't be written: File name too long"):
        make_key_ring(tmp_path / ("x" * 300), NOW)
