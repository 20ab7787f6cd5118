"""A plain client of the Bot API, and bytes to send with it."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import aiohttp

from sandbox import Sandbox

Json = dict[str, Any]


class RefusedError(Exception):
    """An answer that is not ok."""

    def __init__(self, status: int, answer: Json) -> None:
        super().__init__(f"{status} {answer.get('description')}")
        self.status = status
        self.code = answer.get("error_code")
        self.description = str(answer.get("description"))
        self.parameters = answer.get("parameters", {})


class Api:
    """Calls methods with JSON bodies; raises RefusedError."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session

    def address(self, method: str, token: str | None = None) -> str:
        return f"{self.sandbox.url}/bot{token or self.sandbox.bot.token}/{method}"

    async def __call__(self, method: str, **params: Any) -> Any:
        async with self.session.post(self.address(method), json=params) as response:
            return await result_of(response)

    async def form(self, method: str, files: dict[str, tuple[str, bytes]], **fields: str) -> Any:
        """Multipart, as clients upload."""
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        for name, (filename, data) in files.items():
            form.add_field(name, BytesIO(data), filename=filename, content_type="application/octet-stream")
        async with self.session.post(self.address(method), data=form) as response:
            return await result_of(response)

    async def updates(self, offset: int = 0, **params: Any) -> list[Json]:
        got: list[Json] = await self("getUpdates", offset=offset, **params)
        return got

    async def drained(self) -> list[Json]:
        """All updates, confirmed."""
        got = await self.updates()
        if got:
            await self.updates(got[-1]["update_id"] + 1, limit=1)
        return got

    async def error(self, method: str, **params: Any) -> str:
        """The description of the refusal, which must come."""
        try:
            await self(method, **params)
        except RefusedError as refused:
            return refused.description
        raise AssertionError(f"{method} was not refused")

    async def control(self, path: str, **body: Any) -> Json:
        async with self.session.post(f"{self.sandbox.url}/sandbox/{path}", json=body) as response:
            answer: Json = await response.json()
            return answer | {"status": response.status}

    async def get(self, path: str, **query: Any) -> Json:
        async with self.session.get(f"{self.sandbox.url}/sandbox/{path}", params=query) as response:
            answer: Json = await response.json()
            return answer


async def result_of(response: aiohttp.ClientResponse) -> Any:
    answer: Json = await response.json()
    if not answer["ok"]:
        assert answer["error_code"] == response.status
        raise RefusedError(response.status, answer)
    return answer["result"]


def kinds(updates: list[Json]) -> list[str]:
    return [next(key for key in update if key != "update_id") for update in updates]


def picture(width: int = 40, height: int = 30) -> bytes:
    """A PNG of one colour."""
    rows = zlib.compress((b"\0" + b"\x20\x90\x80" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
