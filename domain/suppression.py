"""Which numbers of a table may leave the community it counts (rule 22): none of 1–4, nor one that can be worked out.

Somebody who reads a table knows its total, the numbers that are shown, and how this works. So hiding must not tell
either: whatever is hidden could have been otherwise, and the same would be shown. What is hidden is therefore chosen by
the numbers alone, never by their places: then the hidden numbers could stand in each other's places, and nobody knows
which of them stands where. tests/domain/test_suppression.py tries every other table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5  # the smallest number that may be shown, but for 0
_TOO_FLAT = 2 * LEAST  # a table without a number as large as this could be worked out from its total


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a table may be shown: its total and its numbers in their order; None: hidden."""

    total: int | None
    numbers: tuple[int | None, ...]


def shown(numbers: Sequence[int]) -> Shown:
    """What may be shown of a table whose total is known to everybody who sees it."""
    total = sum(numbers)
    if 0 < total < LEAST:
        return Shown(None, (None,) * len(numbers))
    small = [number for number in numbers if number < LEAST]
    if not any(small):
        return Shown(total, tuple(numbers))
    if max(numbers) < _TOO_FLAT and len(numbers) > 1:
        return Shown(total, (None,) * len(numbers))
    hidden = set(small)
    if not _hides(small):  # then the next larger number goes, too, wherever it stands
        hidden.add(min(number for number in numbers if number >= LEAST))
    return Shown(total, tuple(None if number in hidden else number for number in numbers))


def _hides(small: Sequence[int]) -> bool:
    """Whether these numbers below 5 hide each other, though their sum is known: it could be made up in another way."""
    return len(small) > 1 and (len(set(small)) > 1 or small[0] < LEAST - 1)
