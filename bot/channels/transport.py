"""python-telegram-bot's HTTP on aiohttp: one pool, JSON by orjson."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import aiohttp
import orjson
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

_SECONDS = 20.0
_DOWNLOAD_SECONDS = 120.0
_PIECE = 1 << 16  # bytes
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Json:
    """Stands in for RequestData where there are no files: the parameters go as they are, in one piece of JSON. PTB's
    own looks at each of them first."""

    parameters: Mapping[str, Any]
    contains_files: bool = False


class Unreadable(NetworkError):  # noqa: N818 - named after the answer
    """An answer that is no JSON, or JSON nested too deep to be read; `payload` are its bytes."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("the messenger's answer is no JSON")
        self.payload = payload


class AiohttpRequest(BaseRequest):
    """A BaseRequest whose calls share one aiohttp session. Errors name the kind of fault, never the address: it
    holds the token."""

    def __init__(self, connections: int = 256) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return _SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the transport is not initialized")
        payload, headers = _payload(request_data)
        asked = self._session.request(
            method, _url(url), data=payload, headers=headers, timeout=_timeout(_seconds(read_timeout))
        )
        try:
            async with asked as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut("the messenger did not answer in time") from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"the messenger can't be reached ({type(error).__name__})") from None

    async def download(self, url: str, most: int) -> bytes | None:
        """The bytes at an address; None when there are more than `most`. Raises NetworkError."""
        if self._session is None:
            raise RuntimeError("the transport is not initialized")
        found = bytearray()
        try:
            async with self._session.get(url, timeout=_timeout(_DOWNLOAD_SECONDS), allow_redirects=False) as response:
                if response.status != 200:
                    raise NetworkError(f"the file was not handed out ({response.status})")
                async for piece in response.content.iter_chunked(_PIECE):
                    found += piece
                    if len(found) > most:
                        return None
        except TimeoutError as error:
            raise TimedOut("the file did not come in time") from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"the file can't be fetched ({type(error).__name__})") from None
        return bytes(found)

    async def date_of(self, url: str) -> datetime | None:
        """What time it is at a server, by the Date header of its answer to a plain GET (whole seconds, so half a second
        is added); None when it doesn't answer, or names none."""
        if self._session is None:
            raise RuntimeError("the transport is not initialized")
        timeout = aiohttp.ClientTimeout(total=_SECONDS, connect=10)
        try:
            async with self._session.get(url, timeout=timeout, allow_redirects=False) as response:
                return parsedate_to_datetime(response.headers["Date"]) + timedelta(seconds=0.5)
        except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
            return None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            parsed: dict[str, Any] = orjson.loads(payload)
        except orjson.JSONDecodeError:
            parsed = _parse_leniently(payload)
        return parsed


def _parse_leniently(payload: bytes) -> dict[str, Any]:
    """JSON that a strict reader refuses over one letter: half a pair, a byte that is no UTF-8, a number too large."""
    try:
        parsed: dict[str, Any] = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Unreadable(payload) from None
    return parsed


def _payload(request_data: RequestData | None) -> tuple[Any, dict[str, str]]:
    if request_data is None:
        return None, {}
    if not request_data.contains_files:
        return orjson.dumps(request_data.parameters), _JSON
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, {}


@lru_cache(maxsize=64)
def _url(url: str) -> URL:
    """The address of a method, read once: there are a few dozen of them."""
    return URL(url, encoded=True)


@lru_cache(maxsize=16)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, connect=10)


def _seconds(given: Any) -> float:
    value = getattr(given, "value", given)  # PTB wraps its defaults
    return _SECONDS if value is None else float(value)
