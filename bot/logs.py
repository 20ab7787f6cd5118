"""Logs: one JSON line each, with ids only. Tokens are struck out; what people wrote never gets here."""

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

import structlog

# Of a bot; in the address of somebody's calendar.
_TOKEN = re.compile(r"\d{3,}:[A-Za-z0-9_-]{4,}|(?<=/feeds/)[A-Za-z0-9_%.-]+")
# These libraries write what they send or store at DEBUG or INFO: parameters of statements, bodies of calls.
_TALKATIVE = (
    "aiosqlite",
    "telegram",
    "httpx",
    "httpcore",
    "aiohttp",
    "asyncio",
    "apscheduler",
    "alembic",
    "sqlalchemy",
    "uvicorn",
    "psycopg",
)


Listener = Callable[[Mapping[str, Any]], None]
_listeners: list[Listener] = []


@contextlib.contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Lines that have a `cause` (bot.causes) are given to it, too. It must not fail."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def tell_listeners(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog. A cause of None is none: it doesn't stand in the log."""
    if "cause" in event:
        if event["cause"] is None:
            del event["cause"]
        else:
            for listener in _listeners:
                listener(event)
    return event


def set_up(level: str) -> None:
    """Everything goes to standard error at `level`; libraries that would tell contents only from WARNING on."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_errors_text,
        _without_reprs,
    ]
    structlog.configure(
        # Whoever listens hears of a cause at any level of the log.
        processors=[
            tell_listeners,
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
                _without_tokens,
            ],
        )
    )
    root = logging.getLogger()
    # Else a line that can't be written is told with a traceback, and that quotes what a handler broke over.
    logging.raiseExceptions = False
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # Jobs tell their own errors (bot.scheduler); a look that a stop cuts off is none.
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)


def where_it_broke(error: BaseException) -> str:
    """The kind of an error and the lines it came through, without its text: that may quote what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    way = " < ".join(f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in reversed(frames[-6:]))
    cause = error.__cause__ or error.__context__
    after = f" (from {type(cause).__name__})" if cause is not None else ""
    return f"{type(error).__name__}{after} at {way}"


def _without_errors_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A traceback shrinks to where_it_broke."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if info is True:
        error = sys.exc_info()[1]
    if error is not None:
        event["why"] = where_it_broke(error)
    event.pop("stack_info", None)
    return event


def _without_reprs(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """asyncio tells of a lost error in several lines, with the error's own text: the first line is enough."""
    if "_record" in event and isinstance(event["event"], str):
        event["event"] = event["event"].partition("\n")[0]
    return event


def _without_tokens(_logger: Any, _method: str, line: Any) -> str:
    return _TOKEN.sub("<token>", str(line))
