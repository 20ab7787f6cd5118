"""The web chat at `/`, and everything a person can do over HTTP below `/sandbox/`.

    GET  /sandbox/cast                      {"people": [{"id", "name", …}]}
    GET  /sandbox/state?person=ID&chat=ID   what she sees; messages only of the chat that is named
    GET  /sandbox/events                    server-sent events: {"version": n} at each change
    GET  /sandbox/clock?after=OFFSET&wait=SECONDS   {"now": epoch seconds, "offset": seconds, "frozen": bool}
    GET  /sandbox/query/ID?wait=SECONDS     whether a tap was answered, and how
    GET  /sandbox/calls?method=NAME&last=N  the Bot API calls
    GET  /sandbox/file/UNIQUE_ID            a file's bytes
    POST /sandbox/VERB                      JSON (for `send` also multipart, with files); see `sandbox.verbs`

An act that is impossible in Telegram is answered with 409 and {"error": "…"}.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from sandbox import views
from sandbox.errors import ApiError, Impossible
from sandbox.files import picture_mime
from sandbox.people import Json
from sandbox.requests import integer
from sandbox.verbs import VERBS, Wanted

if TYPE_CHECKING:
    from sandbox.control import Sandbox

STATIC = Path(__file__).with_name("static")
LONGEST_WAIT = 60.0
# Many changes at once are one repaint.
BREATH = 0.03
HEARTBEAT = 15.0
SAFE_TO_SHOW = ("image/", "audio/", "video/")
Handler = Any


class Pages:
    """The handlers of one sandbox's pages."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.state = sandbox.state
        self.closing = False

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self.index)
        app.router.add_get("/static/{name}", self.static)
        for path, handler in (
            ("cast", self.cast),
            ("state", self.screen),
            ("events", self.events),
            ("clock", self.clock),
            ("calls", self.calls),
            ("query/{id}", self.query),
            ("file/{id}", self.file),
        ):
            app.router.add_get(f"/sandbox/{path}", handler)
        app.router.add_post("/sandbox/{verb}", self.act)
        app.on_shutdown.append(self.close)

    async def close(self, app: web.Application) -> None:
        """Lets the listeners go before the server would have to cut them off."""
        self.closing = True
        self.state.changes.announce()

    async def index(self, request: web.Request) -> web.StreamResponse:
        return self._page("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        return self._page(request.match_info["name"])

    def _page(self, name: str) -> web.StreamResponse:
        """A file of the page, asked for anew each time, so that nobody looks at the last version's."""
        if name not in {path.name for path in STATIC.iterdir()}:
            return _refusal(404, "There is no such page.")
        return web.FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})

    async def cast(self, request: web.Request) -> web.Response:
        return web.json_response(views.cast_json(self.state))

    async def screen(self, request: web.Request) -> web.Response:
        person = self.state.people.get(_number(request, "person"))
        if person is None:
            return _refusal(404, "There is no such person.")
        chat = self.state.chats.get(_number(request, "chat"))
        return web.json_response(views.screen_json(self.state, person, chat))

    async def clock(self, request: web.Request) -> web.Response:
        """The time; with `after`, once the offset differs from it or `wait` seconds are over."""
        clock, after = self.sandbox.clock, request.query.get("after")
        seen = clock.changes.version
        if after is not None and abs(float(after) - clock.offset) < 1e-6:
            clock.followed = True
            self.state.changes.announce()
            await clock.changes.next(seen, min(float(request.query.get("wait", "0")), LONGEST_WAIT))
        return web.json_response(views.clock_json(clock))

    async def calls(self, request: web.Request) -> web.Response:
        named, last = request.query.get("method"), int(request.query.get("last", "100"))
        chosen = [call for call in self.state.calls if named in (None, call.method)]
        return web.json_response({"calls": [_call_json(call) for call in chosen[-last:]]})

    async def query(self, request: web.Request) -> web.Response:
        query = self.state.queries.get(request.match_info["id"])
        if query is None:
            return _refusal(404, "There is no such tap.")
        wait = min(float(request.query.get("wait", "0")), LONGEST_WAIT)
        if wait and query.answer is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(query.answered.wait(), wait)
        return web.json_response(views.query_view(query))

    async def file(self, request: web.Request) -> web.Response:
        """Pictures and sounds are shown; anything else is only ever downloaded."""
        stored = self.state.files.unique(request.match_info["id"])
        if stored is None:
            return _refusal(404, "There is no such file.")
        mime = picture_mime(stored.data) or stored.mime or "application/octet-stream"
        shown = mime.startswith(SAFE_TO_SHOW) and mime != "image/svg+xml"
        name = quote(stored.name or stored.path.rsplit("/", 1)[-1])
        headers = {
            "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "max-age=86400",
        }
        return web.Response(body=stored.data, content_type=mime.partition(";")[0], headers=headers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        async for version in self._versions():
            await response.write(f"data: {json.dumps({'version': version})}\n\n".encode())
        return response

    async def _versions(self) -> AsyncIterator[int]:
        seen = self.state.changes.version
        yield seen
        while not self.closing:
            await self.state.changes.next(seen, HEARTBEAT)
            await asyncio.sleep(BREATH)
            seen = self.state.changes.version
            yield seen

    async def act(self, request: web.Request) -> web.Response:
        verb = VERBS.get(request.match_info["verb"])
        if verb is None:
            return _refusal(404, f"There is no such verb; there are: {', '.join(sorted(VERBS))}.")
        try:
            done = verb(self.sandbox, Wanted(self.sandbox, await _body(request)))
        except (Impossible, ApiError) as error:
            return _refusal(409, str(error))
        except (KeyError, TypeError, ValueError) as error:
            return _refusal(400, f"{type(error).__name__}: {error}")
        return web.json_response({"ok": True} | (done or {}))


def add_pages(sandbox: Sandbox) -> None:
    Pages(sandbox).add_to(sandbox.server.app)


async def _body(request: web.Request) -> Json:
    if request.content_type == "multipart/form-data":
        return await _multipart(request)
    body = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise TypeError("An object is expected.")
    return body


async def _multipart(request: web.Request) -> Json:
    """Fields as text; a file becomes (name, bytes, mime)."""
    body: Json = {}
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name:
            data = bytes(await part.read(decode=True))
            if part.filename is None:
                body[part.name] = data.decode()
            else:
                mime = part.headers.get("Content-Type", "application/octet-stream")
                body.setdefault(part.name, []).append((part.filename, data, mime))
    return body


def _number(request: web.Request, name: str) -> int:
    return integer(request.query.get(name, "")) or 0


def _refusal(status: int, reason: str) -> web.Response:
    return web.json_response({"ok": False, "error": reason}, status=status)


def _call_json(call: Any) -> Json:
    return {
        "method": call.method,
        "params": call.params,
        "at": call.at.timestamp(),
        "status": call.status,
        "error": call.error,
        "retry_after": call.retry_after,
    }
