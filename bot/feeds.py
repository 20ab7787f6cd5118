"""Personal calendars over HTTP: an address of 128 random bits, which opens one person's meetings and nothing else.

A guess, a revoked address and any other path are answered alike. No address stands in a log.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import storage.feeds
import storage.meetings
import storage.persons
from bot.clock import Clock
from bot.pacer import Rate
from domain import calendars
from domain.meetings import SeenMeeting, is_for
from domain.roles import ids_above
from storage.database import Connection, Database, DatabaseFails

PATH = "/feeds/{secret}.ics"
_GUESSES = Rate(1.0, 120)
_READS = Rate(20.0, 30)  # of one calendar: apps ask every few minutes at most
_KEPT = 20_000  # measures
_NO_WAIT = 1e-6  # seconds: what adding up fractions leaves
_PAST = timedelta(days=60)
_LONGEST = 64  # characters of a secret that is worth looking for
_PRIVATE = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}

_NOTHING = Response("Not Found", status_code=404, media_type="text/plain", headers=_PRIVATE)


class Gate:
    """How often one may ask. Times are seconds of a clock that only goes forward."""

    def __init__(self, pace: Rate) -> None:
        self._pace = pace
        self._full: dict[str, float] = {}  # when each measure is empty again

    def wait(self, caller: str, now: float) -> float:
        """Seconds until this one may ask again; 0 takes its turn."""
        full = max(self._full.get(caller, now), now) + self._pace.every
        left = full - now - self._pace.every * self._pace.burst
        if left > _NO_WAIT:
            return left
        if len(self._full) >= _KEPT and caller not in self._full:
            self._make_room(now)
        self._full[caller] = full
        return 0.0

    def _make_room(self, now: float) -> None:
        """What is empty goes; in a flood from everywhere, those who came first are measured anew."""
        self._full = {one: at for one, at in self._full.items() if at > now}
        if len(self._full) >= _KEPT:
            self._full = dict(list(self._full.items())[_KEPT // 2 :])


def application(database: Database, clock: Clock, monotonic: Callable[[], float]) -> Starlette:
    """The feeds, for GET and HEAD. Guesses are measured by their caller (a proxy may make all of them one), a calendar
    by its own address."""
    guesses, reads = Gate(_GUESSES), Gate(_READS)

    async def answer(request: Request) -> Response:
        secret = request.path_params.get("secret", "")[:_LONGEST]
        try:
            async with database.reading() as db:
                found = await _meetings(db, secret, clock.now())
        except DatabaseFails:
            return Response(status_code=503, headers={"Retry-After": "60", **_PRIVATE})
        caller = request.client.host if request.client else ""
        wait = guesses.wait(caller, monotonic()) if found is None else reads.wait(secret, monotonic())
        if wait:
            return Response(status_code=429, headers={"Retry-After": str(int(wait) + 1), **_PRIVATE})
        return _NOTHING if found is None else await _calendar(found, request.headers.get("if-none-match", ""))

    app = Starlette(routes=[Route(PATH, answer), Route("/{path:path}", answer)])
    app.router.redirect_slashes = False  # a redirect would name the Host that the caller named
    return app


async def _calendar(found: Sequence[SeenMeeting], known: str) -> Response:
    tag = f'"{calendars.tag(found)}"'
    headers = {"ETag": tag, **_PRIVATE}
    if tag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    # A long one takes some 50 ms to write: the bot's replies don't wait for it.
    content = await asyncio.to_thread(calendars.feed, found)
    return Response(content, media_type="text/calendar", headers=headers)


async def _meetings(db: Connection, secret: str, now: datetime) -> list[SeenMeeting] | None:
    """Hers, as far as she may see them at this moment; None: no such calendar."""
    person_id = await storage.feeds.person_of(db, secret)
    if person_id is None:
        return None
    held = await storage.persons.held_by(db, person_id, now)
    found = await storage.meetings.in_calendar(db, person_id, ids_above(held), now - _PAST)
    return calendars.wanted([seen for seen in found if is_for(seen, person_id, held)])
