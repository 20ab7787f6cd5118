"""What is on a paper: its pages as pictures, as a printer would draw them."""

import io
import json
import re
from collections.abc import Mapping
from typing import Any

import typst
import zxingcpp
from PIL import Image

from bot.papers import TEMPLATES


def page_count(pdf: bytes) -> int:
    """How many pages the file says it has."""
    found = re.search(rb"/Type/Pages/Count (\d+)", pdf)
    assert found is not None, "no PDF"
    return int(found[1])


def pictures(template: str, filled: Mapping[str, Any], dots_per_inch: float = 72) -> list[Image.Image]:
    """The pages of the same template with the same data."""
    # One page comes as bytes, several as a list of them.
    drawn: bytes | list[bytes] = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        ignore_system_fonts=True,
        format="png",
        ppi=dots_per_inch,
        sys_inputs={"language": filled["language"], "data": json.dumps(filled["data"])},
    )
    pages = drawn if isinstance(drawn, list) else [drawn]
    return [Image.open(io.BytesIO(page)).convert("L") for page in pages]


def decoded(page: Image.Image) -> list[str]:
    """What the squares on it say."""
    return [found.text for found in zxingcpp.read_barcodes(page)]


def ink_at_the_edges(page: Image.Image, margin: int) -> bool:
    """Whether anything is drawn within so many points of the paper's edges."""
    width, height = page.size
    strips = [(0, 0, margin, height), (width - margin, 0, width, height), (0, height - margin, width, height)]
    return any(min(page.crop(strip).tobytes()) < 250 for strip in strips)
