"""The model: what must be true, from nothing but what people asked for and what the stand-in handed out."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Deed:
    """One update that a person caused. `what` of `about` becomes `value`; the last one in order stands."""

    update_id: int
    person: int  # her address
    what: str
    about: Any = None
    value: Any = None
    answer: str = ""  # the kind of answer that it gets, one for each
    where: int = 0  # the chat it was done in


@dataclass(eq=False)
class Deeds:
    """Everything people did, in the order of the queue."""

    done: list[Deed] = field(default_factory=list)
    void: set[int] = field(default_factory=set)  # updates that the stand-in itself forgot: taps over 150 s old

    def add(self, deed: Deed) -> Deed:
        self.done.append(deed)
        return deed

    def _that_count(self) -> Iterator[Deed]:
        return (deed for deed in sorted(self.done, key=lambda one: one.update_id) if deed.update_id not in self.void)

    def last(self, what: str) -> dict[tuple[int, Any], Any]:
        """By person and subject: what she wanted last."""
        return {(deed.person, deed.about): deed.value for deed in self._that_count() if deed.what == what}

    def all(self, what: str) -> set[tuple[int, Any, Any]]:
        """Everything that was wanted at least once."""
        return {(deed.person, deed.about, deed.value) for deed in self._that_count() if deed.what == what}

    def count(self, what: str) -> int:
        return sum(1 for deed in self._that_count() if deed.what == what)

    def answers(self) -> Counter[tuple[int, str]]:
        """How many answers of each kind each chat must have heard."""
        return Counter((deed.where, deed.answer) for deed in self._that_count() if deed.answer)

    def ids(self) -> dict[int, Deed]:
        return {deed.update_id: deed for deed in self._that_count()}


def missing_and_more(wanted: Counter[Any], found: Counter[Any]) -> tuple[Counter[Any], Counter[Any]]:
    return wanted - found, found - wanted


def grouped(pairs: Iterator[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
