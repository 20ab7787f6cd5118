"""What was known of the log of the cases, outside the database: a list beside the key ring, in no backup.

A line each hour ("birge.keys.witnesses"): the day and minute, the number of the last entry, its time, its mac. Whatever
the database says later, its log must still contain those entries (storage.cases.verify). A restore from a backup
shortens the log rightly, and says so by a line of its own.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from domain.logbook import Witness
from storage import keyring
from storage.cases.chain import Head
from storage.vault import KeyRingUnusable

_LIST = "witnesses"
_WITNESSED, _RESTORED = "witnessed", "restored"


def note(keys: Path, last: Head, now: datetime) -> None:
    """One more line. Raises KeyRingUnusable."""
    keyring.add_lines(keys, _LIST, [_line(_WITNESSED, last, now)])


def note_restored(keys: Path, last: Head, now: datetime) -> None:
    """The log was put back to what a backup had, and this is its last entry now. Raises KeyRingUnusable."""
    keyring.add_lines(keys, _LIST, [_line(_RESTORED, last, now)])


def _line(what: str, last: Head, now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H:%M}Z {what} {last.number} {last.at} {last.mac.hex()}"


def standing(keys: Path) -> list[Witness]:
    """What the log must still contain, as far as it is kept so long. Raises KeyRingUnusable."""
    found: list[Witness] = []
    try:
        for line in keyring.lines_of(keys, _LIST):
            what, one = _read(line.decode())
            # The entry that a restore wrote has a number that one of before it may have had, too.
            found = [*([old for old in found if old.number < one.number] if what == _RESTORED else found), one]
    except (ValueError, IndexError) as error:
        raise KeyRingUnusable(f"The list {keyring.list_of(keys, _LIST)} is damaged: put back a copy of it.") from error
    return [one for one in found if one.number]


def _read(line: str) -> tuple[str, Witness]:
    _, what, number, at, mac = [*line.split(), ""][:5]
    if what not in (_WITNESSED, _RESTORED):
        raise ValueError(what)
    return what, Witness(int(number), int(at), bytes.fromhex(mac))


def by_number(witnesses: Iterable[Witness], now: datetime) -> Mapping[int, bytes]:
    """Those whose entries the log must still have, as storage.cases.verify() takes them."""
    return {one.number: one.mac for one in witnesses if one.is_due(now)}
