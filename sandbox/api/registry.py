"""The table of methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.requests import Params
from sandbox.state import State

Method = Callable[[State, Params], Any | Awaitable[Any]]

# By lower-case name, for Telegram doesn't mind the case; with the name as it is described.
METHODS: dict[str, tuple[str, Method]] = {}


def method(name: str) -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        METHODS[name.lower()] = (name, function)
        return function

    return register
