"""Holds the calls the bot made against the official description of the Bot API, where that is at hand."""

import importlib.machinery
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

from sandbox import Call

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
