"""What the program serves over HTTP: to whoever watches it /health, /ready and /metrics, which know no person; to the
world, at an address of its own, people's calendars (bot.feeds)."""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn import Config, Server

from bot import feeds
from bot.app import Birge
from bot.config import WrongSetting, address_of
from bot.watching import Watching

_CONNECTIONS = 32  # at once; one more is told to come later
_ENDS_WITHIN = 1  # seconds that a connection may still take when the program stops
_PROXIES = ["127.0.0.1", "::1"]
_FRESH = {"Cache-Control": "no-store"}

Answer = Callable[[Request], Awaitable[Response]]


def application(watching: Watching) -> Starlette:
    """The three pages, each for GET alone. What a caller says of himself, such as his Host, changes nothing."""

    async def health(_request: Request) -> Response:
        return _judged({"alive": watching.is_alive()})

    async def ready(_request: Request) -> Response:
        return _judged(await watching.checks())

    async def metrics(_request: Request) -> Response:
        return Response(await watching.figures(), headers=_FRESH, media_type=CONTENT_TYPE_LATEST)

    pages: dict[str, Answer] = {"/health": health, "/ready": ready, "/metrics": metrics}
    routes = [Route(path, page, methods=["GET"]) for path, page in pages.items()]
    for route in routes:
        route.methods = {"GET"}  # Starlette adds HEAD
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False  # a redirect would name the Host that the caller named
    return app


def _judged(checks: Mapping[str, bool]) -> Response:
    """200 when all is well; else 503 with the names of what is not."""
    wrong = [name for name, well in checks.items() if not well]
    return JSONResponse({"ok": not wrong, "wrong": wrong}, status_code=503 if wrong else 200, headers=_FRESH)


class _Server(Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The program has its own way to stop."""
        yield


@contextlib.asynccontextmanager
async def serving(listen: str, watching: Watching) -> AsyncIterator[None]:
    """Serves the pages at BIRGE_ADMIN_LISTEN ("host:port"; empty: nowhere). Raises WrongSetting with one sentence."""
    async with _serving("BIRGE_ADMIN_LISTEN", listen, application(watching)):
        yield


@contextlib.asynccontextmanager
async def serving_feeds(listen: str, birge: Birge) -> AsyncIterator[None]:
    """Serves people's calendars at BIRGE_LISTEN, as serving does."""
    app = feeds.application(birge.database, birge.clock, asyncio.get_running_loop().time)
    async with _serving("BIRGE_LISTEN", listen, app):
        yield


@contextlib.asynccontextmanager
async def _serving(setting: str, listen: str, app: Starlette) -> AsyncIterator[None]:
    address = address_of(listen)
    if address is None:
        yield
        return
    with _listening(setting, listen, address) as listener:
        server = _Server(
            Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                # Whom a proxy on this machine speaks for; what anybody else says of himself changes nothing.
                proxy_headers=setting == "BIRGE_LISTEN",
                forwarded_allow_ips=_PROXIES,
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=_ENDS_WITHIN,
            )
        )
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await asyncio.wait((task,), timeout=2 * _ENDS_WITHIN)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@contextlib.contextmanager
def _listening(setting: str, listen: str, address: tuple[str, int]) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        listener = socket.create_server(address, family=family)
    except (OSError, UnicodeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        why = os.strerror(number) if number is not None and number in errno.errorcode else "no such address"
        raise WrongSetting(
            f"{setting}: {listen} can't be used ({why}). Choose another port, or set it empty to turn it off."
        ) from None
    with listener:
        yield listener
