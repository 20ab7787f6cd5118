"""Papers to print: what a Typst template in this folder makes of a message's data.

The data goes in as JSON, so no name is ever read as markup. A template sees this folder and nothing else, and the fonts
that come with Typst: they have every letter of the five languages, and the paper is the same on every machine.
Typst is imported with the first paper: it takes 7 MB, and much of the time nobody prints.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from bot.causes import Cause

logger = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).parent
_LARGE = 20_000  # characters of data, about ten posters
_REMEMBERED = 11
# Pictures such as 🌸 and ✅, which would be empty boxes.
_NO_FONT_DRAWS = re.compile("[\U00010000-\U0010ffff\ufe0f\u20e3⌚⌛⏩-⏺✅✊✋✨❌❎❓-❕❗➕-➗➰➿]")


class Papers:
    """Draws them one at a time, in a thread: a list of thousands takes a second."""

    def __init__(self, folder: Path = TEMPLATES) -> None:
        self._folder = folder
        self._one = asyncio.Lock()

    async def filled(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body with the paper in it; where it can't be drawn, with the words that say so below its own."""
        media = body["media"]
        async with self._one:
            drawn = await asyncio.to_thread(_tried, media, self._folder)
        if isinstance(drawn, bytes):
            return {**body, "media": {"kind": "document", "name": media["name"], "content": drawn}}
        logger.error("a paper can't be drawn", paper=media["paper"], why=drawn, cause=Cause.BUG)
        words = "\n\n".join(part for part in (body["html"], media["instead"]) if part)
        return {**body, "media": None, "html": words}


def _tried(media: Mapping[str, Any], folder: Path) -> bytes | str:
    """The paper, or why there is none, without what people wrote."""
    import typst

    try:
        return draw(media["paper"], media, folder=folder)
    except typst.TypstError as error:
        return error.message  # about the template; its trace could quote the data
    except BaseException as error:  # noqa: BLE001 - a panic of Typst's is no Exception; a thread gets no others
        return type(error).__name__


def draw(template: str, filled: Mapping[str, Any], *, folder: Path = TEMPLATES) -> bytes:
    """The PDF made of {"language", "data"}. Raises TypstError, or OSError when there is no such template."""
    import typst

    data = _NO_FONT_DRAWS.sub("", json.dumps(filled["data"], ensure_ascii=False))
    try:
        return typst.compile(
            folder / f"{template}.typ",
            root=folder,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"language": filled["language"], "data": data},
        )
    finally:
        if len(data) > _LARGE:
            _let_go()


def _let_go() -> None:
    """Typst keeps what it worked out until ten other papers are drawn: half a gigabyte for ten files of posters."""
    import typst

    for _ in range(_REMEMBERED):
        typst.compile(b"", ignore_system_fonts=True)
