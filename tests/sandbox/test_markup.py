"""Telegram's HTML: what it becomes, and how it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.errors import ApiError
from sandbox.markup import checked_url, formatted, found, to_html, typed_by_person


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b> <strong>b</strong>", "a b", [entity("bold", 0, 1), entity("bold", 2, 1)]),
        ("<i>a</i><em>b</em>", "ab", [entity("italic", 0, 1), entity("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [entity("underline", 0, 1), entity("underline", 1, 1)]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", [entity("strikethrough", i, 1) for i in range(3)]),
        ("<code>x</code>", "x", [entity("code", 0, 1)]),
        ("<pre>x\ny</pre>", "x\ny", [entity("pre", 0, 3)]),
        (
            '<pre><code class="language-python">x</code></pre>',
            "x",
            [entity("pre", 0, 1, language="python")],
        ),
        ("<blockquote>q</blockquote>", "q", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [entity("expandable_blockquote", 0, 1)]),
        ("<tg-spoiler>s</tg-spoiler>", "s", [entity("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">s</span>', "s", [entity("spoiler", 0, 1)]),
        (
            '<a href="http://example.com/x?a=1&amp;b=2">l</a>',
            "l",
            [entity("text_link", 0, 1, url="http://example.com/x?a=1&b=2")],
        ),
        ('<a href="https://Example.com">l</a>', "l", [entity("text_link", 0, 1, url="https://example.com/")]),
        ('<a href="tg://user?id=7">l</a>', "l", [entity("text_mention", 0, 1, user={"id": 7})]),
        ("<b>b<i>bi</i></b>", "bbi", [entity("bold", 0, 3), entity("italic", 1, 2)]),
        ("<B>x</B >", "x", [entity("bold", 0, 1)]),
        ("<b>x</>", "x", [entity("bold", 0, 1)]),
        ("😀<b>x</b>", "😀x", [entity("bold", 2, 1)]),
        ("&lt;b&gt; &amp; &quot;&#39;&#x41;", "<b> & \"'A", []),
        ("a & b &nbsp; &unknown;", "a & b &nbsp; &unknown;", []),
        ("  <b>x</b>\n ", "x", [entity("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("<b> x </b>", "x", [entity("bold", 0, 1)]),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    words = formatted(source, "HTML", None)

    assert words.text == text
    assert list(words.entities) == entities


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("ə<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=http://x>y</a>", "Unexpected end of name token at byte offset 8"),
    ],
)
def test_bad_html_is_refused_with_the_place(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        formatted(source, "HTML", None)

    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("*b* _i_ __u__ ~s~ ||x||", "b i u s x", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
        ("*a _b_ c*", "a b c", ["italic", "bold"]),
        ("1\\. a\\-b\\!", "1. a-b!", []),
        ("`a.b`", "a.b", ["code"]),
        ("```python\nx = 1\n```", "x = 1", ["pre"]),
        ("[x](https://example.org/a\\)b)", "x", ["text_link"]),
        ("[x](tg://user?id=7)", "x", ["text_mention"]),
        (">a\n>b\nc", "a\nb\nc", ["blockquote"]),
    ],
)
def test_markdown_becomes_text_and_entities(source: str, text: str, entities: list[str]) -> None:
    words = formatted(source, "MarkdownV2", None)

    assert words.text == text
    assert sorted(entity["type"] for entity in words.entities) == sorted(entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a *b", "Can't find end of Bold entity at byte offset 2"),
        ("`x", "Can't find end of Code entity at byte offset 0"),
        ("[x]", "Can't find end of a URL at byte offset 2"),
    ],
)
def test_bad_markdown_is_refused(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        formatted(source, "MarkdownV2", None)

    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


def test_an_unknown_parse_mode_is_refused() -> None:
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        formatted("x", "BBCode", None)


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("go /start now", "bot_command", "/start"),
        ("/start@birge_bot x", "bot_command", "/start@birge_bot"),
        ("see https://example.org/a?b=1.", "url", "https://example.org/a?b=1"),
        ("see t.me/birge_bot?start=AB", "url", "t.me/birge_bot?start=AB"),
        ("ask @aysel!", "mention", "@aysel"),
        ("#məktəb", "hashtag", "#məktəb"),
        ("write to a.b@mektəb.edu.az", "email", "a.b@mektəb.edu.az"),
    ],
)
def test_telegram_finds_what_people_type(text: str, kind: str, part: str) -> None:
    (detected,) = found(text, [])

    assert detected == entity(kind, text.index(part), len(part))


@pytest.mark.parametrize("text", ["a/b", "1/2 and 3/4", "<</x>>", "#1", "a@b", "18.00", "etc...and"])
def test_what_only_looks_like_an_entity_is_none(text: str) -> None:
    assert found(text, []) == []


def test_nothing_is_found_in_code() -> None:
    assert list(formatted("<code>/start</code>", "HTML", None).entities) == [entity("code", 0, 6)]


def test_given_entities_are_moved_when_the_text_is_trimmed() -> None:
    words = formatted("  x y ", None, [entity("bold", 2, 3)])

    assert (words.text, words.html, list(words.entities)) == ("x y", "<b>x y</b>", [entity("bold", 0, 3)])


def test_a_hundred_entities_are_kept() -> None:
    assert len(formatted("<b>x</b> " * 120, "HTML", None).entities) == 100


def test_what_a_person_types_is_no_markup() -> None:
    words = typed_by_person("<b>x</b> & y")

    assert (words.text, words.html) == ("<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y")


def test_html_can_be_made_of_entities() -> None:
    source = 'a <b>b <i>c</i></b> <a href="https://x.az/">d</a> &lt;'
    words = formatted(source, "HTML", None)

    assert to_html(words.text, words.entities) == source


@pytest.mark.parametrize("url", ["", "x", "http://", "javascript:alert(1)", "http://a b.az"])
def test_what_is_no_address(url: str) -> None:
    assert checked_url(url) is None
