"""What waits to be said is the same once it may be said."""

from datetime import UTC, datetime

import orjson
import pytest

from domain.messages import Body, Button, Copy, DeepLink, Link, Moment, Words, button, lines, paragraphs, text, text_n
from domain.written import kept, kept_buttons, unkept, unkept_buttons

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        Words("<b>hers</b>"),
        text("Hello, %(name)s!", name="Aysel"),
        text_n("%(n)s minute", "%(n)s minutes", 5, at=Moment(NOON, "Asia/Baku", "time")),
        paragraphs(text("One %(what)s", what=text("two")), None, lines(Words("three"), text("four"), gap=" ")),
        text("Open %(link)s", link=DeepLink("home", group=True)),
    ],
)
def test_words_come_back_as_they_were(body: Body) -> None:
    assert unkept(orjson.loads(orjson.dumps(kept(body)))) == body


def test_buttons_come_back_as_they_were() -> None:
    rows: list[list[Button | Link | Copy]] = [
        [button(text("Answer"), "my.say", 17), Link(text("Open"), DeepLink("home"))],
        [Link(Words("Site"), "https://example.org"), Copy(text("Copy"), "4KTR8PXM")],
    ]
    assert unkept_buttons(orjson.loads(orjson.dumps(kept_buttons(rows)))) == rows
