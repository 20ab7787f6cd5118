"""One call of the Bot API: faults, hooks, the effect, the log."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sandbox import balloting
from sandbox.api import METHODS
from sandbox.errors import ApiError, Impossible, bad_request, too_many_requests
from sandbox.faults import Fault, Faults
from sandbox.people import Json
from sandbox.requests import Params
from sandbox.state import Call, State

Moment = Literal["before", "after"]
Verdict = Literal["drop"] | None
Hook = Callable[[Moment, str, Json], Awaitable[Verdict] | Verdict]


class DroppedError(Exception):
    """The connection is to be closed without an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the bot."""

    status: int
    body: Json


class Caller:
    """Carries out calls on a state, with the faults and hooks set for it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.faults = Faults()
        self.hooks: list[Hook] = []
        self._logs: list[Path] = []

    def log_to(self, path: Path) -> None:
        self._logs.append(path)

    async def call(self, name: str, params: Params) -> Answer:
        """Raises DroppedError when a fault or a hook closes the connection."""
        described = METHODS.get(name.lower())
        method = described[0] if described else name
        dropped = await self._tell_hooks("before", method, params)
        fault = self.faults.struck(method, params)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if dropped or (fault and fault.drop == "before"):
            self._log(method, params, Answer(0, {}))
            raise DroppedError
        answer = await self._answer(method, params, fault)
        lost = bool(fault and fault.drop == "after")
        # Written down before the hooks, for one of them may end the bot and with it this connection.
        self._log(method, params, Answer(0, answer.body) if lost else answer)
        if await self._tell_hooks("after", method, params) or lost:
            raise DroppedError
        return answer

    async def _answer(self, method: str, params: Params, fault: Fault | None) -> Answer:
        try:
            if fault and fault.status:
                raise _faulty(fault)
            return Answer(200, {"ok": True, "result": await self._effect(method, params)})
        except ApiError as error:
            return Answer(error.code, error.body())
        except Impossible as error:
            # What no person could do, no bot can either.
            return Answer(400, bad_request(str(error)).body())

    async def _effect(self, method: str, params: Params) -> Any:
        described = METHODS.get(method.lower())
        if described is None:
            raise ApiError(404, "Not Found: method not found")
        balloting.close_due(self.state)
        result = described[1](self.state, params)
        return await result if inspect.isawaitable(result) else result

    async def _tell_hooks(self, moment: Moment, method: str, params: Params) -> bool:
        """Whether a hook wants the connection dropped."""
        dropped = False
        for hook in list(self.hooks):
            told = hook(moment, method, params.values)
            dropped |= (await told if inspect.isawaitable(told) else told) == "drop"
        return dropped

    def _log(self, method: str, params: Params, answer: Answer) -> None:
        retry_after = answer.body.get("parameters", {}).get("retry_after")
        error, result = answer.body.get("description"), answer.body.get("result")
        now = self.state.clock.now()
        self.state.calls.append(Call(method, params.values, now, answer.status, error, retry_after, result))
        line = json.dumps({"method": method, "params": params.values}, ensure_ascii=False) + "\n"
        for path in self._logs:
            with path.open("a", encoding="utf-8") as log:
                log.write(line)
        self.state.changes.announce()


def _faulty(fault: Fault) -> ApiError:
    status = fault.status or 500
    if status == 429:
        return too_many_requests(fault.retry_after or 1)
    usual = {500: "Internal Server Error", 502: "Bad Gateway", 403: "Forbidden: bot was blocked by the user"}
    parameters = {"retry_after": fault.retry_after} if fault.retry_after else None
    return ApiError(status, fault.description or usual.get(status, "Bad Request: FAULT"), parameters)
