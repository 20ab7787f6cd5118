"""What tests of communities share."""

from typing import Any

import pytest

from bot.papers import draw


@pytest.fixture
def posters(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The data of each paper with posters that was drawn."""
    drawn: list[dict[str, Any]] = []

    def noted(template: str, filled: dict[str, Any], **more: Any) -> bytes:
        assert template == "poster"
        drawn.append(filled)
        return draw(template, filled, **more)

    monkeypatch.setattr("bot.papers.draw", noted)
    return drawn
