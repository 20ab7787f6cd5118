"""The one door for codes that people type: to join, to link a family, to move, at a meeting, to offer something.

A wrong one is counted, of each kind apart; after five in an hour nothing is looked up until a pause is over, which says
how long it is. All that open nothing sound the same: what never was, is over, was used, or is somebody else's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import storage.typed_codes
from domain.invites import NO_SUCH_CODE, normalised
from domain.messages import Keyboard, Refused, Text, WrongTry, text_n
from domain.requests import Request
from domain.typed_codes import Kind, paused_until, whole_minutes
from storage.database import Connection

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Door:
    """What opens by codes of one kind: how what was typed is read (None: it can't be one), what is said to all that
    open nothing, and the way to try another one."""

    kind: Kind
    read: Callable[[str], str | None]
    no_such: Text
    another: Keyboard = ()


TO_JOIN = Door(Kind.INVITE, normalised, NO_SUCH_CODE)


async def opened(
    db: Connection, request: Request, door: Door, typed: str, find: Callable[[str], Awaitable[_Found | None]]
) -> _Found:
    """What is found by the code that was typed. Raises Refused."""
    await _check_pause(db, request, door.kind)
    code = door.read(typed)
    found = await find(code) if code is not None else None
    if found is None:
        raise Refused(door.no_such, keep=[WrongTry(door.kind)], buttons=door.another)
    return found


async def _check_pause(db: Connection, request: Request, kind: Kind) -> None:
    pause = paused_until(await storage.typed_codes.wrong_tries(db, request.person.id, kind, request.now))
    if pause is not None:
        raise Refused(
            text_n(
                "Too many wrong codes. Please try again in %(n)s minute.",
                "Too many wrong codes. Please try again in %(n)s minutes.",
                whole_minutes(pause - request.now),
            )
        )
