"""The HTTP server: the Bot API, files, and room for the web chat."""

from __future__ import annotations

import asyncio
import hmac
import re
from contextlib import suppress

from aiohttp import web

from sandbox import balloting
from sandbox.calling import Answer, Caller, DroppedError
from sandbox.errors import ApiError
from sandbox.files import UPLOAD_LIMIT
from sandbox.requests import Params, read_params
from sandbox.state import State
from sandbox.webhook import Deliverer

TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n</body>\r\n</html>\r\n"


class Server:
    """Serves one state on one port, and keeps its time: closes polls, delivers to the webhook."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.state: State = caller.state
        self.deliverer = Deliverer(caller)
        self.app = web.Application(client_max_size=UPLOAD_LIMIT + 2**20)
        self.app.router.add_route("*", "/bot{token}/{method}", self._bot_api)
        self.app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, host: str, port: int) -> None:
        runner = web.AppRunner(self.app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, host, port, reuse_address=True)
        await site.start()
        self.port = int(runner.addresses[0][1])
        self._runner = runner
        self._tasks = [asyncio.create_task(self._keep_time()), asyncio.create_task(self.deliverer.run())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _keep_time(self) -> None:
        """Closes polls when their time comes."""
        clock, alarms = self.state.clock, self.state.alarms
        while True:
            seen = alarms.version
            balloting.close_due(self.state)
            due = balloting.next_due(self.state)
            left = max(0.0, (due - clock.now()).total_seconds()) if due and not clock.frozen else None
            await alarms.next(seen, left)

    async def _bot_api(self, request: web.Request) -> web.StreamResponse:
        try:
            self._ensure_token(request)
            params = await read_params(request)
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        return await self._called(request, params)

    async def _called(self, request: web.Request, params: Params) -> web.StreamResponse:
        try:
            answer = await self.caller.call(request.match_info["method"], params)
        except DroppedError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return _response(answer)

    def _ensure_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found")
        if not hmac.compare_digest(token, self.state.bot.token):
            raise ApiError(401, "Unauthorized")

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._ensure_token(request)
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        stored = self.state.files.at(request.match_info["path"])
        if stored is None:
            return web.json_response(ApiError(404, "Not Found").body(), status=404)
        return web.Response(body=stored.data, content_type="application/octet-stream")


def _response(answer: Answer) -> web.Response:
    """A gateway's error is a page of its own, not JSON."""
    if answer.status == 502:
        return web.Response(status=502, text=BAD_GATEWAY, content_type="text/html")
    return web.json_response(answer.body, status=answer.status)
