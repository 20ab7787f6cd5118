"""Marked-up text ⇄ plain text and entities, by the rules of Telegram's own HTML parser.

Entities count in UTF-16 code units; errors name the byte offset of the tag, as the real server's do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import bad_request
from sandbox.markdown import MarkdownParser
from sandbox.people import Json

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
MOST_ENTITIES = 100
REFERENCE = re.compile(r"&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(lt|gt|amp|quot));?")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
SPACES = " \t\r\n\f\v"

# What Telegram finds by itself in any text, most particular first.
FOUND = (
    ("url", re.compile(r"(?<![\w@])(?:https?://|tg://)[^\s<>\"]*[^\s<>\".,;:!?()\[\]{}»”]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "url",
        re.compile(r"(?<![\w@./-])(?:[\w-]+\.)+(?:com|org|net|me|az|kz|ru|ua|eu|io|info|edu)(?:/[^\s<>\"]*)?(?!\w)"),
    ),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}")),
)


@dataclass(frozen=True, slots=True)
class Words:
    """Text as readers see it, its entities, and how it was typed."""

    text: str = ""
    entities: tuple[Json, ...] = ()
    html: str = ""


@dataclass(slots=True)
class _Open:
    tag: str
    start: int
    position: int
    extra: Json = field(default_factory=dict)
    kind: str = ""


def utf16(text: str) -> int:
    """Length in UTF-16 code units: what Telegram counts by."""
    return len(text) + sum(character > "\uffff" for character in text)


def formatted(source: str, parse_mode: str | None, entities: Sequence[Json] | None) -> Words:
    """What the bot's text becomes: tags read, edges trimmed, links, commands and mentions found."""
    if parse_mode and parse_mode.lower() == "html":
        text, given = _Parser(source).parse()
    elif parse_mode and parse_mode.lower() == "markdownv2":
        text, given = MarkdownParser(source).parse()
        given = [linked for entity in given if (linked := _with_link(entity))]
    elif parse_mode:
        raise bad_request("unsupported parse_mode")
    else:
        text, given = source, [_checked(entity) for entity in entities or ()]
    text, given = _trimmed(_cleaned(text), given)
    typed = source if parse_mode and parse_mode.lower() == "html" else to_html(text, given)
    return Words(text, tuple((given + found(text, given))[:MOST_ENTITIES]), typed)


def typed_by_person(text: str) -> Words:
    """What a person's text becomes: she types no markup, Telegram finds commands and links."""
    return Words(text, tuple(found(text, [])), html.escape(text, quote=False))


def found(text: str, given: Sequence[Json]) -> list[Json]:
    """The entities that Telegram detects by itself, outside of those given."""
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in given if _excludes(entity)]
    detected: list[Json] = []
    for kind, pattern in FOUND:
        for match in pattern.finditer(text):
            start, length = utf16(text[: match.start()]), utf16(match.group())
            if all(start + length <= begin or end <= start for begin, end in taken):
                taken.append((start, start + length))
                detected.append({"type": kind, "offset": start, "length": length})
    return sorted(detected, key=lambda entity: int(entity["offset"]))


def to_html(text: str, entities: Sequence[Json]) -> str:
    """The markup that would give this text and these entities, for reading in tests."""
    units = text.encode("utf-16-le")
    opens: dict[int, list[str]] = {}
    closes: dict[int, list[str]] = {}
    for entity in sorted(entities, key=lambda one: (one["offset"], -one["length"])):
        before, after = _tags(entity)
        opens.setdefault(entity["offset"], []).append(before)
        closes.setdefault(entity["offset"] + entity["length"], []).insert(0, after)
    pieces, last = [], 0
    for place in sorted({*opens, *closes}):
        pieces.append(html.escape(units[last * 2 : place * 2].decode("utf-16-le", "replace"), quote=False))
        pieces += closes.get(place, []) + opens.get(place, [])
        last = place
    return "".join(pieces) + html.escape(units[last * 2 :].decode("utf-16-le", "replace"), quote=False)


def _tags(entity: Json) -> tuple[str, str]:
    simple = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler"}
    simple |= {"code": "code", "pre": "pre", "blockquote": "blockquote"}
    kind = entity["type"]
    if kind == "text_link":
        return f'<a href="{html.escape(entity["url"])}">', "</a>"
    if kind == "text_mention":
        return f'<a href="tg://user?id={entity["user"]["id"]}">', "</a>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    return (f"<{simple[kind]}>", f"</{simple[kind]}>") if kind in simple else ("", "")


def _excludes(entity: Json) -> bool:
    return entity["type"] in ("code", "pre", "text_link", "text_mention", "custom_emoji")


def _checked(entity: Any) -> Json:
    if not isinstance(entity, dict) or not isinstance(entity.get("type"), str):
        raise bad_request("can't parse MessageEntity: expected an Object with a type")
    if not all(isinstance(entity.get(key), int) for key in ("offset", "length")):
        raise bad_request("can't parse MessageEntity: offset and length must be Integers")
    needed = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}.get(entity["type"])
    if needed and not entity.get(needed):
        raise bad_request(f"can't parse MessageEntity: there is no {needed}")
    if needed == "user" and not (isinstance(entity["user"], dict) and isinstance(entity["user"].get("id"), int)):
        raise bad_request("can't parse MessageEntity: the user has no id")
    checked: Json = entity
    return checked


def _cleaned(text: str) -> str:
    return "".join(character for character in text if character >= " " or character in "\n\t")


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without the white space around; entities are moved and cut with it."""
    kept = text.strip(SPACES)
    ahead, length = utf16(text) - utf16(text.lstrip(SPACES)), utf16(kept)
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - ahead)
        end = min(length, entity["offset"] + entity["length"] - ahead)
        if end > start:
            moved.append(entity | {"offset": start, "length": end - start})
    return kept, sorted(moved, key=lambda one: (one["offset"], -one["length"]))


class _Parser:
    """Reads one text; keeps the tags that are open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "<":
                self._end_tag() if self.source.startswith("</", self.at) else self._start_tag()
            elif character == "&":
                self._emit(self._reference())
            else:
                self.at += 1
                self._emit(character)
        if self.open:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.out), self._with_languages()

    def _emit(self, piece: str) -> None:
        self.out.append(piece)
        self.length += utf16(piece)

    def _reference(self) -> str:
        """The character that `&…;` stands for; a lone ampersand stands for itself."""
        match = REFERENCE.match(self.source, self.at)
        character = _referred(match) if match else None
        if match is None or character is None:
            self.at += 1
            return "&"
        self.at = match.end()
        return character

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _word(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.source) and self.source[self.at] not in stops:
            self.at += 1
        return self.source[start : self.at]

    def _skip_spaces(self) -> None:
        while self.at < len(self.source) and self.source[self.at] in SPACES:
            self.at += 1

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._word(SPACES + ">").lower()
        self._expect_more(begin)
        if tag not in KINDS:
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        attributes = self._attributes(tag, begin)
        self.at += 1
        opened = _Open(tag, self.length, len(self.out), {}, KINDS[tag])
        self._apply(opened, attributes, begin)
        self.open.append(opened)

    def _expect_more(self, begin: int) -> None:
        if self.at >= len(self.source):
            raise _unparsable(f"Unclosed start tag at byte offset {self._byte(begin)}")

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip_spaces()
            self._expect_more(begin)
            if self.source[self.at] == ">":
                return attributes
            name = self._word(SPACES + "=>").lower()
            if not name:
                raise _unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
            self._skip_spaces()
            self._expect_more(begin)
            attributes[name] = self._value(begin) if self.source[self.at] == "=" else ""

    def _value(self, begin: int) -> str:
        self.at += 1
        self._skip_spaces()
        self._expect_more(begin)
        quote = self.source[self.at]
        if quote not in "'\"":
            token, value = self.at, self._word(SPACES + "=>'\"<")
            if not re.fullmatch(r"[\w.-]*", value, re.ASCII) or self.source[self.at : self.at + 1] not in tuple(
                SPACES + ">"
            ):
                raise _unparsable(f"Unexpected end of name token at byte offset {self._byte(token)}")
            return value.lower()
        self.at += 1
        raw = self._word(quote)
        self._expect_more(begin)
        self.at += 1
        return REFERENCE.sub(lambda match: _referred(match) or match.group(), raw)

    def _apply(self, opened: _Open, attributes: dict[str, str], begin: int) -> None:
        """What the attributes say of the entity to come."""
        if opened.tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        if opened.tag == "a":
            opened.extra["url"] = attributes.get("href", "")
        elif opened.tag == "code" and attributes.get("class", "").startswith("language-"):
            opened.extra["language"] = attributes["class"].removeprefix("language-")
        elif opened.tag == "blockquote" and "expandable" in attributes:
            opened.kind = "expandable_blockquote"
        elif opened.tag == "tg-emoji":
            opened.extra["custom_emoji_id"] = attributes.get("emoji-id", "")

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at += 2
        tag = self._word(SPACES + ">").lower()
        self._skip_spaces()
        if self.source[self.at : self.at + 1] != ">":
            raise _unparsable(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        opened = self.open.pop()
        if tag and tag != opened.tag:
            wrong = f'expected "</{opened.tag}>", found "</{tag}>"'
            raise _unparsable(f"Unmatched end tag at byte offset {self._byte(begin)}, {wrong}")
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        if self.length == opened.start:
            return
        entity = {"type": opened.kind, "offset": opened.start, "length": self.length - opened.start} | opened.extra
        if opened.tag == "a":
            linked = _link(opened.extra["url"] or "".join(self.out[opened.position :]))
            if linked is None:
                return
            entity = {"offset": entity["offset"], "length": entity["length"]} | linked
        self.entities.append(entity)

    def _with_languages(self) -> list[Json]:
        """A `<pre><code class="language-…">` is one entity; elsewhere `<code>` has no language."""
        languages = {
            (one["offset"], one["length"]): one["language"]
            for one in self.entities
            if one["type"] == "code" and "language" in one
        }
        places = {(one["offset"], one["length"]) for one in self.entities if one["type"] == "pre"}
        result = []
        for entity in self.entities:
            place = (entity["offset"], entity["length"])
            if entity["type"] == "pre" and place in languages:
                result.append(entity | {"language": languages[place]})
            elif entity["type"] != "code" or place not in places:
                result.append({key: value for key, value in entity.items() if key != "language"})
        return result


def _referred(match: re.Match[str]) -> str | None:
    decimal, hexadecimal, name = match.groups()
    if name:
        return NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else None


def _link(url: str) -> Json | None:
    """The entity a link makes; None when it leads nowhere, and then the words stay plain."""
    mention = re.fullmatch(r"tg://user\?id=(\d+)", url.strip())
    if mention:
        # The user is filled in by whoever knows the people.
        return {"type": "text_mention", "user": {"id": int(mention[1])}}
    checked = checked_url(url)
    return {"type": "text_link", "url": checked} if checked else None


def _with_link(entity: Json) -> Json | None:
    """A link of MarkdownV2 as what it leads to; None when it leads nowhere."""
    if entity["type"] != "text_link":
        return entity
    linked = _link(entity["url"])
    return {"offset": entity["offset"], "length": entity["length"]} | linked if linked else None


def checked_url(url: str) -> str | None:
    """The address as Telegram keeps it, or None when it is none."""
    stripped = url.strip()
    if re.match(r"(?:tg|ton|tonsite|mailto|tel):", stripped, re.IGNORECASE):
        return stripped
    match = re.fullmatch(
        r"(?:(https?)://)?((?:[^\s/?#@]+@)?[^\s/?#:@]+(?::\d{1,5})?)([/?#].*)?", stripped, re.IGNORECASE
    )
    if not match or not ("." in match[2] or match[2].split(":")[0] == "localhost"):
        return None
    path = match[3] or "/"
    return f"{(match[1] or 'http').lower()}://{match[2].lower()}{path if path.startswith('/') else '/' + path}"


def _unparsable(reason: str) -> Exception:
    return bad_request(f"can't parse entities: {reason}")
