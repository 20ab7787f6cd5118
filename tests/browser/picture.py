"""Draws the picture of the README: `python -m tests.browser.picture` writes docs/demo.png.

The demo plays as always, but for the two people it shows: they read English.
"""

import asyncio
import io
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright
from rich.console import Console

from bot.demo import SIDES, serve
from bot.demo.cast import Cast, read_cast

PICTURE = Path(__file__).parents[2] / "docs" / "demo.png"
# What stands at the lower edge of a chat, if not its end.
_SHOWN = {"right": "Cancel meeting"}
_PATIENCE = 90.0  # seconds for the whole story


def _in_english(facts: Any) -> Any:
    """The cast with the shown people reading English."""
    if isinstance(facts, list):
        return [_in_english(one) for one in facts]
    if not isinstance(facts, dict):
        return facts
    english = {"language": "en"} if facts.get("handle") in SIDES.values() else {}
    return {key: _in_english(value) for key, value in facts.items()} | english


async def draw() -> None:
    said = io.StringIO()
    cast = Cast(_in_english(read_cast().facts))
    demo = asyncio.create_task(serve(0, Console(file=said, width=500), cast))
    try:
        async with asyncio.timeout(_PATIENCE):
            while "are there" not in said.getvalue():
                await asyncio.wait([demo], timeout=0.2)
                if demo.done():
                    await demo
        address = re.search(r"http://\S+", said.getvalue())
        if address is None or "went wrong" in said.getvalue():
            raise RuntimeError(said.getvalue())
        await _photograph(address[0])
    finally:
        demo.cancel()
        await asyncio.gather(demo, return_exceptions=True)


async def _photograph(address: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(address)
        for side, label in _SHOWN.items():
            await _show(page, side, label)
        await page.screenshot(path=PICTURE)
        await browser.close()


async def _show(page: Page, side: str, label: str) -> None:
    """Scrolls a chat until the last such button stands at its lower edge."""
    button = page.get_by_test_id(f"screen-{side}").get_by_role("button", name=label).last
    await button.wait_for()
    await button.evaluate("one => { one.style.scrollMarginBottom = '16px'; one.scrollIntoView({ block: 'end' }); }")


if __name__ == "__main__":
    asyncio.run(draw())
