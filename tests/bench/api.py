"""The bench's hand on the stand-in API, and a client that finds how fast it is at most."""

import asyncio
import http.client
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import orjson
import uvloop

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Told:
    """What the stand-in saw of one round. Seconds; `latencies` from when an update was due to its answer."""

    updates: int
    unanswered: int
    again: int
    seconds: float
    latencies: tuple[float, ...]
    calls: Mapping[str, int]

    @property
    def rate(self) -> float:
        """Updates answered per second, from the first hand-out to the last answer."""
        answered = self.updates - self.unanswered
        return answered / self.seconds if self.seconds > 0 else 0.0

    def quantile(self, part: float) -> float:
        """The latency that this part of the updates did not exceed, in milliseconds; of what was answered."""
        ordered = sorted(self.latencies)
        if not ordered:
            return 0.0
        return 1_000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class StandIn:
    """The stand-in, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.standin"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, what: str, **asked: Any) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=asked.get("seconds", 0) + 60)
        try:
            connection.request("POST", f"/bench/{what}", orjson.dumps(asked))
            return orjson.loads(connection.getresponse().read())["result"]
        finally:
            connection.close()

    def waits_for_poll(self, token: str, seconds: float = 30) -> bool:
        """Whether the bot asks for updates within so many seconds."""
        return bool(self.ask("polls", token=token, seconds=seconds))

    def set_faults(self, token: str, **faults: float) -> None:
        self.ask("set", token=token, faults=faults)

    def plan(
        self, token: str, kind: str, chats: Sequence[int], says: str | Sequence[str], rate: float | None = None
    ) -> None:
        self.ask("plan", token=token, kind=kind, chats=chats, says=says, rate=rate)

    def run(self, token: str, seconds: float = 120) -> Told:
        """Lets the plan's updates come; returns when all are answered, or after so many seconds."""
        self.ask("go", token=token)
        self.ask("done", token=token, seconds=seconds)
        return self.told(token)

    def told(self, token: str) -> Told:
        found = self.ask("report", token=token)
        return Told(
            found["updates"],
            found["left"],
            found["again"],
            found["last"] - found["first"],
            tuple(found["latencies"]),
            found["calls"],
        )

    def report(self, token: str, *, bulk: bool = False) -> dict[str, Any]:
        return dict(self.ask("report", token=token, bulk=bulk))


# --- how fast the stand-in is -----------------------------------------------------------------------------------------


class _Caller(asyncio.Protocol):
    """Makes one call after the other on one connection."""

    def __init__(self, call: bytes, count: int, ended: asyncio.Future[None]) -> None:
        self._call, self._left, self._ended = call, count, ended
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._transport.write(self._call)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if not data.endswith(b"}}"):
            return
        self._left -= 1
        if self._left:
            self._transport.write(self._call)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)


async def _call_much(port: int, calls: int, connections: int) -> float:
    body = b'{"chat_id":42,"parse_mode":"HTML","text":"Thank you. See you tomorrow!"}'
    call = (
        b"POST /bot1:ceiling/sendMessage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    loop = asyncio.get_running_loop()
    ended: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for one in ended:
        await loop.create_connection(partial(_Caller, call, calls // connections, one), "127.0.0.1", port)
    await asyncio.gather(*ended)
    return calls / (time.perf_counter() - began)


def ceiling(standin: StandIn, calls: int = 40_000, connections: int = 64) -> float:
    """sendMessage per second that the stand-in serves at most, on one core with its client on another."""
    return uvloop.run(_call_much(standin.port, calls, connections))
