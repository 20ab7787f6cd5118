"""Pages by e-mail: where somebody gets them, and the lines that wait to be sent.

Address and line are sealed under a key of the person's own; taking the address back destroys that key, and with it
every line that still waits. No row names a person: a mark stands where SQL must look something up.
"""

import contextlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import orjson

from domain.paging import CODE_LASTS, CODE_TRIES, Address, Page
from domain.pins import CODE
from domain.times import coarse, from_us, to_us
from storage.database import Connection, Row, listed
from storage.vault import Sealed

_LARGEST_ID = 10**18
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def _person(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("page person", str(person_id))


# --- addresses --------------------------------------------------------------------------------------------------------


def new_code() -> str:
    """What is mailed to an address, to see that it is hers."""
    return f"{secrets.randbelow(10**CODE):0{CODE}}"


async def save_address(db: Connection, person_id: int, address: str, code: str, now: datetime) -> None:
    """She wants to be paged there; it counts once she has entered the code."""
    await forget_address(db, person_id)
    mark = _person(db, person_id)
    key_id = await db.vault.new_key(db, "staff", secrets.token_hex(16))
    await db.run(
        """INSERT INTO page_addresses (person_mark, key_id, address, state, wrong, asked_at)
           VALUES (:mark, :key_id, :address, 'asked', 0, :now)""",
        mark=mark,
        key_id=key_id,
        address=_sealed(db, key_id, mark, {"address": address, "code": code}),
        now=to_us(coarse(now, _MINUTE)),
    )


def _sealed(db: Connection, key_id: int, mark: bytes, value: Mapping[str, str]) -> bytes:
    return db.vault.seal(orjson.dumps(value), table="page_addresses", column="address", row=mark.hex(), key=key_id)


async def _opened(db: Connection, row: Row) -> Mapping[str, str]:
    name = row["person_mark"].hex()
    plain = await db.vault.open(db, row["address"], table="page_addresses", column="address", row=name)
    found: Mapping[str, str] = orjson.loads(plain)
    return found


async def addresses(db: Connection, person_ids: Iterable[int]) -> Mapping[int, Address]:
    """Where these people are paged, by person: those who gave an address, confirmed or not."""
    marks = {_person(db, person_id): person_id for person_id in person_ids}
    if not marks:
        return {}
    names, wanted = listed(sorted(marks))
    rows = await db.all(f"SELECT * FROM page_addresses WHERE person_mark IN ({names})", **wanted)  # noqa: S608 - names only
    found = {}
    for row in rows:
        person_id = marks[bytes(row["person_mark"])]
        with contextlib.suppress(Sealed):  # its key was destroyed, and a restore brought the row back
            address = (await _opened(db, row))["address"]
            found[person_id] = Address(person_id, row["key_id"], address, row["state"] == "confirmed")
    return found


async def asked_at(db: Connection, person_id: int) -> datetime | None:
    """When a code was last mailed to her."""
    found = await db.value("SELECT asked_at FROM page_addresses WHERE person_mark = :mark", mark=_person(db, person_id))
    return None if found is None else from_us(found)


async def confirm(db: Connection, person_id: int, code: str, now: datetime) -> bool | None:
    """Whether it is the code that was mailed; None: none waits any more. After five wrong ones it is over."""
    mark = _person(db, person_id)
    row = await db.one("SELECT * FROM page_addresses WHERE person_mark = :mark AND state = 'asked'", mark=mark)
    if row is None or now - from_us(row["asked_at"]) >= CODE_LASTS:
        return None
    kept = await _opened(db, row)
    if not hmac.compare_digest(kept["code"].encode(), code.encode()):
        if row["wrong"] + 1 >= CODE_TRIES:
            await forget_address(db, person_id)
            return None
        await db.run("UPDATE page_addresses SET wrong = wrong + 1 WHERE person_mark = :mark", mark=mark)
        return False
    await db.run(
        "UPDATE page_addresses SET state = 'confirmed', address = :address WHERE person_mark = :mark",
        address=_sealed(db, row["key_id"], mark, {"address": kept["address"]}),
        mark=mark,
    )
    return True


async def forget_address(db: Connection, person_id: int) -> bool:
    """Nothing opens it again, nor what was on its way there. Whether she had one."""
    key_id = await db.value(
        "DELETE FROM page_addresses WHERE person_mark = :mark RETURNING key_id", mark=_person(db, person_id)
    )
    if key_id is not None:
        await db.vault.destroy_key(db, key_id)
    return key_id is not None


async def keep_only(db: Connection, person_ids: Iterable[int]) -> None:
    """The addresses of everybody else are forgotten."""
    names, kept = listed([_person(db, person_id) for person_id in person_ids], or_none=b"")
    rows = await db.all(
        f"DELETE FROM page_addresses WHERE person_mark NOT IN ({names}) RETURNING key_id",  # noqa: S608 - names only
        **kept,
    )
    for row in rows:
        await db.vault.destroy_key(db, row["key_id"])


# --- what waits -------------------------------------------------------------------------------------------------------


async def add(db: Connection, to: Address, body: Mapping[str, str], now: datetime) -> None:
    """A line for this address; the same line waits only once."""
    page_id = secrets.randbelow(_LARGEST_ID - 1) + 1
    line = orjson.dumps({"address": to.address, "body": body})
    await db.run(
        """INSERT INTO pages (id, body, once, state, tries, not_before, made_on)
           VALUES (:id, :body, :once, 'waiting', 0, :now, :made_on)
           ON CONFLICT (once) WHERE state = 'waiting' DO NOTHING""",
        id=page_id,
        body=db.vault.seal(line, table="pages", column="body", row=page_id, key=to.key_id),
        once=db.vault.mark("page", f"{to.person_id}\0{line.decode()}"),
        now=to_us(coarse(now, _MINUTE)),
        made_on=to_us(coarse(now, _HOUR)),
    )


async def due(db: Connection, now: datetime, most: int) -> list[Page]:
    """What may be sent now, the oldest first."""
    rows = await db.all(
        """SELECT id, body, tries FROM pages
           WHERE state = 'waiting' AND not_before <= :now
           ORDER BY not_before, id
           LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [await _page(db, row) for row in rows]


async def _page(db: Connection, row: Row) -> Page:
    try:
        line = orjson.loads(await db.vault.open(db, row["body"], table="pages", column="body", row=row["id"]))
    except Sealed:  # the address was taken back
        return Page(row["id"], row["tries"], None, {})
    return Page(row["id"], row["tries"], line["address"], line["body"])


async def note_sent(db: Connection, page_id: int) -> None:
    await db.run("UPDATE pages SET state = 'sent', body = NULL, tries = tries + 1 WHERE id = :id", id=page_id)


async def note_failed(db: Connection, page_id: int) -> None:
    """It is not tried again."""
    await db.run("UPDATE pages SET state = 'failed', body = NULL, tries = tries + 1 WHERE id = :id", id=page_id)


async def note_later(db: Connection, page_id: int, not_before: datetime) -> None:
    await db.run(
        "UPDATE pages SET tries = tries + 1, not_before = :not_before WHERE id = :id AND state = 'waiting'",
        not_before=to_us(not_before),
        id=page_id,
    )


async def forget_before(db: Connection, before: datetime) -> None:
    """What stands of pages that were sent or given up."""
    await db.run("DELETE FROM pages WHERE state <> 'waiting' AND made_on < :before", before=to_us(before))
