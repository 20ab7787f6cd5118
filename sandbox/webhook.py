"""Posting updates to the bot's webhook, with Telegram's order and patience."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import partial

import aiohttp

from sandbox.calling import Caller
from sandbox.requests import Params, decoded
from sandbox.updates import Queued

# Telegram repeats at once, then waits twice as long each time.
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 # a header's name
REFUSED_IN_ANSWERS = ("get", "setwebhook", "deletewebhook", "close", "logout")


class Deliverer:
    """Delivers while a webhook is set: lanes side by side, in order inside of each."""

    def __init__(self, caller: Caller) -> None:
        self.first_pause = 2.0
        self._caller = caller
        self._state = caller.state
        self._lanes: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            try:
                while True:
                    seen = self._state.changes.version
                    if self._state.webhook.url:
                        self._start_lanes(session)
                    await self._state.changes.next(seen)
            finally:
                await self._stop_lanes()

    def _start_lanes(self, session: aiohttp.ClientSession) -> None:
        """Gives a task to each lane with something waiting, as far as connections reach."""
        for queued in self._state.queue.waiting():
            free = len(self._lanes) < self._state.webhook.max_connections
            if free and queued.lane not in self._lanes:
                task = asyncio.create_task(self._deliver(session, queued))
                self._lanes[queued.lane] = task
                task.add_done_callback(partial(self._finished, queued.lane))

    def _finished(self, lane: str, task: asyncio.Task[None]) -> None:
        self._lanes.pop(lane, None)
        self._state.changes.announce()
        if not task.cancelled() and (error := task.exception()):
            raise error

    async def _stop_lanes(self) -> None:
        tasks = list(self._lanes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, session: aiohttp.ClientSession, queued: Queued) -> None:
        """Repeats one update until it is taken, expires, or the webhook is gone."""
        pause, url = 0.0, self._state.webhook.url
        while self._state.webhook.url == url and queued in self._state.queue.waiting():
            wait = await self._post(session, url, queued)
            if wait is None:
                self._state.queue.delivered(queued)
                return
            await self._pause(max(pause, wait), url)
            pause = min(max(pause * 2, self.first_pause), LONGEST_PAUSE)

    async def _pause(self, seconds: float, url: str) -> None:
        """Waits, but not beyond the end of the webhook."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._state.webhook.url == url and (left := until - loop.time()) > 0:
            await self._state.changes.next(self._state.changes.version, left)

    async def _post(self, session: aiohttp.ClientSession, url: str, queued: Queued) -> float | None:
        """None when the update was taken, else the seconds the bot asks to wait (0 when it asks nothing)."""
        hook = self._state.webhook
        headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
        try:
            async with session.post(url, json=queued.body, headers=headers) as response:
                body = await response.text()
                if 200 <= response.status < 300:
                    await self._execute(body)
                    return None
                self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                return _retry_after(response.headers)
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(str(error) or "Connection timed out")
            return 0.0

    def _failed(self, reason: str) -> None:
        self._state.webhook.last_error = reason
        self._state.webhook.last_error_at = self._state.clock.now()

    async def _execute(self, body: str) -> None:
        """A method named in the answer is carried out; the bot never learns its result."""
        try:
            wanted = json.loads(body)
        except ValueError:
            return
        method = wanted.pop("method", None) if isinstance(wanted, dict) else None
        if isinstance(method, str) and not method.lower().startswith(REFUSED_IN_ANSWERS):
            values = {name: decoded(name, value) if isinstance(value, str) else value for name, value in wanted.items()}
            await self._caller.call(method, Params(values))


def _retry_after(headers: Mapping[str, str]) -> float:
    asked = headers.get("Retry-After", "")
    return min(float(asked), LONGEST_RETRY_AFTER) if asked.isdecimal() else 0.0
