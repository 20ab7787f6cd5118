"""A bot that crashes soon after each start waits longer and longer before it polls.

Whoever asks Telegram for the same updates again within 3 s gets fewer of them, and a crash loop would keep it busy for
nothing. A start led nowhere until a second batch was committed (the first was confirmed then), or a minute went well.
"""

import json
from datetime import datetime, timedelta

import structlog

import storage.operation
from storage.database import Connection

logger = structlog.get_logger(__name__)

_NOTE = "starts that led nowhere"
_LATELY = timedelta(minutes=10)
_FREE = 3  # starts: an update that kills the program is set aside at its third
_FIRST, _LONGEST = 4.0, 60.0  # seconds


async def note_start(db: Connection, now: datetime, *, clean: bool) -> float:
    """Notes this start; `clean`: the one before ended as it was asked to. Returns how many seconds not to poll."""
    before = [] if clean else _read(await storage.operation.read(db, _NOTE))
    lately = [at for at in before if _is_recent(at, now)]
    starts = [*lately, now.timestamp()]
    await storage.operation.write(db, _NOTE, json.dumps(starts))
    if len(starts) <= _FREE:
        return 0.0
    seconds = pause(len(starts) - _FREE)
    logger.warning("Birge started again and again and got nowhere: polling waits", starts=len(starts), seconds=seconds)
    return seconds


async def too_many(db: Connection, now: datetime) -> int:
    """How many starts led nowhere lately, if that is too many; else 0."""
    starts = [at for at in _read(await storage.operation.read(db, _NOTE)) if _is_recent(at, now)]
    return len(starts) if len(starts) > _FREE else 0


async def note_success(db: Connection) -> None:
    """This start led somewhere."""
    await storage.operation.write(db, _NOTE, "[]")


def pause(number: int) -> float:
    """Seconds before the `number`-th start too many polls."""
    return min(_FIRST * 2.0 ** (number - 1), _LONGEST)


def _is_recent(at: float, now: datetime) -> bool:
    return abs(now.timestamp() - at) < _LATELY.total_seconds()


def _read(noted: str | None) -> list[float]:
    return [float(at) for at in json.loads(noted or "[]")]
