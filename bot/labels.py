"""How wide a button's label is, and how many of them stand side by side: a phone cuts off what doesn't fit."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

Row = list[dict[str, str]]

_HALF = 7.4  # ems of a label beside another one, on a phone of 320 points
_CAPITAL, _SMALL, _SIGN = 0.71, 0.58, 1.2  # ems of a bold letter, and of an emoji
_EMS: Mapping[str, float] = {
    **dict.fromkeys("iıіїjlI.,:;'’‘!|·/ ", 0.29),
    **dict.fromkeys("tfr()-–", 0.37),
    **dict.fromkeys("0123456789aceskxyz", 0.56),
    **dict.fromkeys("юыфʼ", 0.8),
    **dict.fromkeys("mwMWшщжШЩЖЮЫФМ—…", 0.9),
}


def in_rows(rows: Sequence[Row]) -> list[Row]:
    """Two that don't fit side by side stand one under the other, in the reader's language as in no other."""
    return [part for row in rows for part in (_apart(row) if len(row) == 2 else [row])]


def _apart(pair: Row) -> list[Row]:
    return [pair] if all(ems(one["label"]) <= _HALF for one in pair) else [[one] for one in pair]


@lru_cache(2048)
def ems(label: str) -> float:
    return sum(_ems(letter) for letter in label)


def _ems(letter: str) -> float:
    if (known := _EMS.get(letter)) is not None:
        return known
    if not letter.isalpha():
        return _SIGN
    return _CAPITAL if letter.isupper() else _SMALL
