"""Where everything the program writes can be searched afterwards."""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    """Logs as the program sets them up, at DEBUG, and a folder for temporary files of its own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)  # set_up changes it: put back after it
    configure = structlog.configure
    with monkeypatch.context() as patched:  # loggers that remember this test would not serve the next ones
        patched.setattr(
            structlog, "configure", lambda **given: configure(**given | {"cache_logger_on_first_use": False})
        )
        logs.set_up("DEBUG")
    # pytest's streams change under a handler; a file beside the database is searched like the others.
    with (tmp_path / "log").open("w") as stream:
        for handler in root.handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(stream)
        yield tmp_path
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
