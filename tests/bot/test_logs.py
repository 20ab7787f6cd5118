"""A log line names ids; never a token, never what somebody wrote."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs
from bot.logs import where_it_broke

TOKEN = "123456789:AAE-x_y-0123456789abcdefghijklmnopq"
CHILD = "Məni döyürlər"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What standard error gets from the log at DEBUG."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._TALKATIVE}
    logs.set_up("DEBUG")
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_is_json_with_its_values(log: io.StringIO) -> None:
    structlog.get_logger("bot.x").warning("outbox sent", row=17)

    (line,) = lines(log)
    assert (line["event"], line["row"], line["level"]) == ("outbox sent", 17, "warning")
    assert line["timestamp"].endswith("Z")


def test_tokens_are_struck_out_wherever_they_stand(log: io.StringIO) -> None:
    structlog.get_logger().error(f"https://api.telegram.org/bot{TOKEN}/getMe", url=TOKEN, deep={"a": [TOKEN]})
    logging.getLogger("somebody").error("failed: %s", TOKEN)

    assert TOKEN.partition(":")[2] not in log.getvalue()
    assert log.getvalue().count("<token>") == 4
    assert len(lines(log)) == 2


def test_an_errors_text_never_gets_into_the_log(log: io.StringIO) -> None:
    for _ in range(1):
        try:
            raise KeyError(CHILD)
        except KeyError:
            structlog.get_logger().exception("a handler broke")
            logging.getLogger("somebody").exception("something broke")
            structlog.get_logger().error("once more", exc_info=sys.exc_info())

    assert CHILD not in log.getvalue()
    for line in lines(log):
        assert line["why"].startswith("KeyError at test_logs.py:")


async def test_an_error_that_nobody_waited_for_tells_no_content(log: io.StringIO) -> None:
    async def breaks() -> None:
        raise ValueError(CHILD)

    loop = asyncio.get_running_loop()
    task = loop.create_task(breaks())
    await asyncio.wait([task])
    loop.call_exception_handler(
        {"message": f"Task exception was never retrieved\n{task!r}", "exception": task.exception(), "future": task}
    )

    assert CHILD not in log.getvalue()
    assert "Task exception was never retrieved" in log.getvalue()


async def test_libraries_that_would_tell_contents_are_quiet_even_at_debug(log: io.StringIO) -> None:
    for name in logs._TALKATIVE:
        logging.getLogger(name).debug("executing %s", CHILD)
        logging.getLogger(f"{name}.core").info("HTTP Request: POST https://api.telegram.org/bot%s/sendMessage", TOKEN)
    import aiosqlite

    async with aiosqlite.connect(":memory:") as raw:
        await raw.execute_fetchall("SELECT ?", (CHILD,))

    assert log.getvalue() == ""


def test_where_it_broke_names_kinds_and_lines_only() -> None:
    def inner() -> None:
        raise KeyError(CHILD)

    def outer() -> None:
        try:
            inner()
        except KeyError as error:
            raise RuntimeError(CHILD) from error

    with pytest.raises(RuntimeError) as broken:
        outer()
    said = where_it_broke(broken.value)

    assert said.startswith("RuntimeError (from KeyError) at test_logs.py:")
    assert CHILD not in said
    assert where_it_broke(ValueError(CHILD)) == "ValueError at "
