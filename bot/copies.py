"""What a helper is shown of a file: a copy made of its bytes at that moment, without what could tell where it was made,
when, by which phone or by whom. The file itself stays as it came.

A picture is drawn again from its points. Of a film only the boxes that tell such things are emptied; a voice message
goes as it is (docs/threat-model.md says what may remain).
"""

import asyncio
import io
from collections.abc import Mapping
from typing import Any

import storage.files
from domain.files import without_place
from storage.database import Database

_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_POINTS = 50_000_000  # a phone's largest pictures; what claims more may be made to fill the memory
_SIDE = 2_560  # of the copy; the messenger makes photos no larger
_FLATTEST = 18  # the messenger takes no photo whose sides differ twentyfold
_NAMES = {"photo": "photo.jpg", "video": "video.mp4", "voice": "voice.ogg"}
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, MemoryError)


class Copies:
    """Makes them one at a time: each may take some hundred megabytes for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._one = asyncio.Lock()

    async def filled(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body with the copy's bytes in it; where there is nothing to show, with other words."""
        media = body["media"]
        async with self._one:
            async with self._database.reading() as db:
                content = await storage.files.content(db, media["kept"])
            copy = None if content is None else await asyncio.to_thread(copy_of, media["kind"], content)
        if copy is None:
            return {**body, "media": None, "html": media["instead"], "buttons": []}
        return {**body, "media": {"kind": media["kind"], "name": _NAMES[media["kind"]], "content": copy}}


def copy_of(kind: str, content: bytes) -> bytes | None:
    """None for a picture that can't be read, or is too large to be."""
    if kind == "photo":
        return drawn_again(content)
    return without_place(content) if kind == "video" else content


def drawn_again(content: bytes) -> bytes | None:
    """The points of a picture as a new JPEG, upright, at most 2560 a side, with nothing beside them."""
    from PIL import Image, ImageOps  # imported on first use: 4 MB of memory

    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > _MOST_POINTS:
                return None
            picture.draft("RGB", (_SIDE, _SIDE))  # a large JPEG is read at a fraction of its size at once
            picture.thumbnail((_SIDE, _SIDE))
            shown = ImageOps.exif_transpose(picture).convert("RGBA")
    except (*_UNREADABLE, Image.DecompressionBombError):
        return None
    width, height = shown.size
    paper = Image.new("RGB", (max(width, height // _FLATTEST), max(height, width // _FLATTEST)), "white")
    paper.paste(shown, (0, 0), shown)
    drawn = io.BytesIO()
    paper.save(drawn, "JPEG", quality=85)
    return drawn.getvalue()
