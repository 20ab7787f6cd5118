"""In a pseudo-locale that brackets every sentence of ours, no letter stands outside brackets but people's own words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.languages import LANGUAGES
from sandbox import Sandbox
from tests.story import pseudo
from tests.story.tale import ANSWER, SECRET, Tale
from tests.story.test_story import tell


@pytest.mark.timeout(400)
async def test_every_sentence_comes_from_the_catalogues(tmp_path: Path) -> None:
    found: list[str] = []

    def look(sandbox: Sandbox, tale: Tale) -> None:
        own = {*tale.words, *LANGUAGES.values(), SECRET, ANSWER}
        found.extend(shown for shown in _shown(sandbox) if _has_letters(pseudo.outside(shown), own))

    await tell(tmp_path, locales=pseudo.build(tmp_path / "locales"), look=look)
    assert found == []


def _shown(sandbox: Sandbox) -> Iterator[str]:
    """Everything the bot showed: messages, buttons, answers to taps, command menus."""
    for chat in sandbox.state.chats.values():
        for message in chat.messages:
            if message.from_bot:
                yield message.text
                yield from message.labels
    for call in sandbox.calls:
        yield str(call.params.get("text", ""))
        yield str(call.params.get("caption", ""))
        for command in call.params.get("commands", ()):
            yield command["description"]


def _has_letters(left: str, own: set[str]) -> bool:
    """Whether letters are left over after people's own words, the longest first, are taken out."""
    for words in sorted(own, key=len, reverse=True):
        left = left.replace(words, "")
    return any(letter.isalpha() for letter in left.replace("<b>", "").replace("</b>", ""))
