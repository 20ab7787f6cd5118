"""Holds the calls the bot made against the official description of the Bot API, where that is at hand."""

import importlib.machinery
import importlib.util
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

from sandbox import Call

BUTTONS_MOST = 10  # on a screen: more are paged, or stand behind another one
# A calendar or the hours of a day: they turn, have cells that are no answer, or days for answers.
_IN_A_GRID = re.compile(r"f:\d+:(turn|no|is:\d{4}-\d\d-\d\d)")
# One choice in a row of its own: a number set by steps, the parties that a class lacks, a poll and its results.
_ONE_IN_A_ROW = {"mt.heads", "mt.guests", "b.in", "poll.open", "poll"}
# The way around, which has a row for each community and each command; and a keypad.
_DOORS = {"help", "settings"}
_KEYPAD = "pin:"
# The screens of whoever works for the hotline, or wrote to it: its kinds of concern all stand side by side.
_HOTLINE = re.compile(r"(cs|my|du|rf|pl|hl)[.:]|f:\d+:is:bullying")

_CHECKER = Path(__file__).parent.parent.parent / "shared" / "telegram" / "check-calls"


@cache
def _checker() -> ModuleType | None:
    if not _CHECKER.exists():
        return None
    loader = importlib.machinery.SourceFileLoader("check_calls", str(_CHECKER))
    spec = importlib.util.spec_from_loader("check_calls", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def breaches(calls: Iterable[Call]) -> list[str]:
    """What the description forbids in these calls; nothing where the description isn't there."""
    checker = _checker()
    if checker is None:
        return []
    found: list[str] = []
    for call in calls:
        found += checker.breaches_of({"method": call.method, "params": call.params})
    return found


def crowded(calls: Iterable[Call]) -> list[list[str]]:
    """The screens with more buttons than somebody takes in at once."""
    screens = {json.dumps(rows): rows for rows in map(_rows, calls) if _weight(rows) > BUTTONS_MOST}
    return [[button["text"] for row in rows for button in row] for rows in screens.values()]


def _rows(call: Call) -> list[list[dict[str, str]]]:
    markup = call.params.get("reply_markup") or {}
    found: list[list[dict[str, str]]] = (json.loads(markup) if isinstance(markup, str) else markup).get(
        "inline_keyboard", []
    )
    return found


def _weight(rows: list[list[dict[str, str]]]) -> int:
    pressed = [[button.get("callback_data", "") for button in row] for row in rows]
    flat = [press for row in pressed for press in row]
    routes = {press.partition(":")[0] for press in flat}
    if any(_IN_A_GRID.match(press) or _HOTLINE.match(press) or press.startswith(_KEYPAD) for press in flat):
        return 0
    if routes >= _DOORS:
        return 0
    return sum(1 if {press.partition(":")[0] for press in row} <= _ONE_IN_A_ROW else len(row) for row in pressed)
