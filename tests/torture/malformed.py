"""Updates that no messenger should send: of the shapes of the Bot API, and real ones, distorted."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any, Self

from sandbox import Sandbox
from tests.torture import shapes

Json = Any

_SCALARS: tuple[Json, ...] = (
    None, True, False, 0, -1, 1.5, -0.0, 1e308, 2**31, 2**52 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**40,
    "", " ", "0", "-1", "🐟", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e", "\u2068" * 50, "/start", "/",
    "/@", "/start@birge_bot", "%s%(x)s{}", "'; --", "<b>", "</i>&", "Ə" * 5000, "telegram:1", "private", "channel",
    [], {}, [[]], [{}], {"id": None}, [None, [None, [None]]],
)  # fmt: skip
_KEYS = ("id", "chat", "from", "text", "type", "message", "", "\x00", "update_id", "__class__", "поле")
_NO_IDS: tuple[Json, ...] = (None, "x", "", [], {}, True, 1.5, [1], {"id": 1}, "999999999999999999999999")
_DEEPEST = 120  # ours to copy and to write down: Python itself goes no deeper than a few hundred
_LARGEST = 64 * 1024
_DRAWN_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Malformed:
    """`bare`: it goes out as it is, with no identifier of the queue's."""

    body: Json
    bare: bool = False


@dataclass(eq=False)
class Recorder:
    """Copies the real updates that these people cause."""

    sandbox: Sandbox
    whose: set[int]
    updates: list[Json] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._push = self.sandbox.state.queue.push
        self.sandbox.state.queue.push = self._record  # type: ignore[method-assign]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.sandbox.state.queue.push = self._push  # type: ignore[method-assign]

    def _record(self, kind: str, content: Json, lane: str) -> None:
        if any(str(one) in json.dumps(content) for one in self.whose):
            self.updates.append({kind: json.loads(json.dumps(content))})
        self._push(kind, content, lane)


def patterns(seed: int, count: int, recorded: list[Json]) -> list[Json]:
    """What `count` updates are made of: real ones and drawn ones, the same for the same seed. Takes its time."""
    return recorded + shapes.drawn(seed, min(_DRAWN_MOST, max(50, count // 40)))


def updates(seed: int, count: int, known: list[Json]) -> Iterator[Malformed]:
    """So many; the same for the same seed and patterns."""
    chance = Random(f"{seed}:malformed")
    for _ in range(count):
        update = copy.deepcopy(chance.choice(known))
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            update = distorted(chance, update)
        yield _numbered(chance, update)


def _numbered(chance: Random, update: Json) -> Malformed:
    """Almost all have the identifier that the queue gives: without one, nobody could confirm them."""
    drawn = chance.random()
    if not isinstance(update, dict) or drawn < 0.001:
        return Malformed(update, bare=True)
    update.pop("update_id", None)
    if drawn < 0.002:
        return Malformed({"update_id": chance.choice(_NO_IDS)} | update, bare=True)
    return Malformed(update)


def distorted(chance: Random, update: Json) -> Json:
    """One thing in it is another."""
    places = list(_places(update))
    if not places:
        return chance.choice(_SCALARS)
    holder, key = chance.choice(places)
    chance.choice(_WAYS)(chance, holder, key, places)
    return update


def _places(value: Json) -> Iterator[tuple[Json, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


Places = list[tuple[Json, Any]]


def _replace(chance: Random, holder: Json, key: Any, _places: Places) -> None:
    holder[key] = copy.deepcopy(chance.choice(_SCALARS))


def _remove(_chance: Random, holder: Json, key: Any, _places: Places) -> None:
    del holder[key]


def _swap(chance: Random, holder: Json, key: Any, places: Places) -> None:
    other, at = chance.choice(places)
    holder[key] = copy.deepcopy(other[at])


def _wrap(chance: Random, holder: Json, key: Any, _places: Places) -> None:
    inner = holder[key]
    holder[key] = chance.choice(([inner], {"id": inner}, [inner, inner], str(inner), {"text": inner}))


def _rename(chance: Random, holder: Json, key: Any, _places: Places) -> None:
    if isinstance(holder, dict):
        holder[chance.choice(_KEYS)] = holder.pop(key)


def _add(chance: Random, holder: Json, _key: Any, _places: Places) -> None:
    if isinstance(holder, dict):
        holder[chance.choice(_KEYS)] = copy.deepcopy(chance.choice(_SCALARS))


def _deepen(chance: Random, holder: Json, key: Any, _places: Places) -> None:
    if chance.random() < 0.1:
        for _ in range(chance.randrange(2, _DEEPEST)):
            holder[key] = [holder[key]]


def _enlarge(chance: Random, holder: Json, key: Any, _places: Places) -> None:
    if chance.random() < 0.02:
        holder[key] = chance.choice(("Ə", "a", "/", "\ud83d\ude00", "я\n")) * (_LARGEST // 6)


_WAYS = (_replace, _replace, _replace, _remove, _remove, _swap, _wrap, _rename, _add, _deepen, _enlarge)
