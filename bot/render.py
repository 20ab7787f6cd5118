"""Messages in their reader's language: a body becomes HTML, an Outgoing becomes rows for the outbox."""

import base64
import gettext
import html
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import segno
import structlog
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from bot import labels
from domain.languages import LANGUAGES
from domain.messages import (
    Body,
    Button,
    ByLanguage,
    Copy,
    DeepLink,
    Document,
    HtmlFile,
    InLanguage,
    KeptFile,
    Keyboard,
    Lines,
    Link,
    Media,
    Moment,
    NewFile,
    Paper,
    PaperValue,
    Photo,
    Plain,
    QrCode,
    Text,
    TextFile,
    Value,
    Video,
    Voice,
    Words,
    text,
)

logger = structlog.get_logger(__name__)

LOCALES = Path(__file__).parent.parent / "locales"
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_TAGS = re.compile(r"</?(?:b|i|u|s|code|pre|a|blockquote|tg-spoiler)(?: [^>]*)?>")
_NO_PAPER = text("The file could not be made. We have been told of it.")
_COPY_MOST = 256  # characters that a button can copy (Bot API, CopyTextButton)
_BUTTON_MOST = 40  # characters; more than any phone shows in one line

_PAGE_STYLE = "<style>body{font:16px/1.5 sans-serif;max-width:40em;margin:2em auto;padding:0 1em}</style>"

AddressOf = Callable[[DeepLink], str]


class Renderer:
    """Holds the five catalogues. `address_of` turns a start code into the channel's own link."""

    def __init__(self, address_of: AddressOf, folder: Path = LOCALES) -> None:
        self._address_of = address_of
        self._catalogues: Mapping[str, gettext.NullTranslations] = {
            language: _catalogue(folder, language) for language in LANGUAGES
        }
        self._fixed: dict[tuple[str, str, bool], str] = {}  # sentences without values, as they are shown

    def html(self, body: Body, language: str, zone: str) -> str:
        """The body as the messenger's HTML: what people wrote is escaped, ours keeps its <b>, <i>, <code>, <a>."""
        return self._body(body, language, zone, escape=True)

    def plain(self, body: Body, language: str, zone: str) -> str:
        """The body without markup, for buttons, toasts and command menus."""
        return self._body(body, language, zone, escape=False)

    def without(self, sentences: Iterable[Text]) -> tuple[str, ...]:
        """The languages in which one of these sentences is not translated."""
        wanted = [sentence.msgid for sentence in sentences]
        return tuple(
            language
            for language, catalogue in self._catalogues.items()
            if language != "en" and any(catalogue.gettext(msgid) == msgid for msgid in wanted)
        )

    def _body(self, body: Body, language: str, zone: str, *, escape: bool) -> str:
        if isinstance(body, Text):
            return self._text(body, language, zone, escape=escape)
        if isinstance(body, Words):
            return html.escape(body.words, quote=False) if escape else body.words
        if isinstance(body, ByLanguage):
            return self._body(body.bodies.get(language, body.otherwise), language, zone, escape=escape)
        return body.gap.join([self._body(part, language, zone, escape=escape) for part in body.parts])

    def _text(self, sentence: Text, language: str, zone: str, *, escape: bool) -> str:
        if not sentence.params and sentence.plural is None:  # a label, most often: always the same
            key = (sentence.msgid, language, escape)
            if (shown := self._fixed.get(key)) is None:
                shown = self._fixed[key] = self._filled(sentence, language, zone, escape=escape)
            return shown
        return self._filled(sentence, language, zone, escape=escape)

    def _filled(self, sentence: Text, language: str, zone: str, *, escape: bool) -> str:
        values = {name: self._value(value, language, zone, escape=escape) for name, value in sentence.params.items()}
        shown = str if escape else _without_markup
        try:
            return shown(self._translated(sentence, language)) % values
        except (KeyError, ValueError, TypeError):
            # `make check` fails on such a catalogue; should one slip through, people still get the sentence.
            logger.warning("a bad placeholder in a catalogue", language=language, msgid=sentence.msgid)
            return shown(_source(sentence)) % values

    def _translated(self, sentence: Text, language: str) -> str:
        catalogue = self._catalogues[language]
        if sentence.plural is None or sentence.n is None:
            return catalogue.gettext(sentence.msgid)
        return catalogue.ngettext(sentence.msgid, sentence.plural, sentence.n)

    def _value(self, value: Value, language: str, zone: str, *, escape: bool) -> str:
        match value:
            case Moment(at, own_zone, show):
                return moment(at, language, own_zone or zone, show)
            case DeepLink():
                return self._address_of(value)
            case Text() | Words() | Lines() | ByLanguage():
                return self._body(value, language, zone, escape=escape)
            case Plain(body):
                bare = self._bare(body, language, zone)
                return html.escape(bare, quote=False) if escape else bare
            case str():
                shown = html.escape(value, quote=False) if escape else value
                return f"{_FIRST_STRONG_ISOLATE}{shown}{_POP_ISOLATE}"
            case int():
                return str(value)
            case float():  # a mark: 2.8, and 2,8 for most of our readers
                return format_decimal(value, "0.0", locale=language)

    def _bare(self, body: Body, language: str, zone: str) -> str:
        """Plain text on buttons, on paper and in other messengers: its invisible marks would be boxes there."""
        words = self.plain(body, language, zone)
        return words.replace(_FIRST_STRONG_ISOLATE, "").replace(_POP_ISOLATE, "")

    def buttons(self, keyboard: Keyboard, language: str, zone: str) -> list[list[dict[str, str]]]:
        """The keyboard as JSON values: rows of {label, press | url | copy}."""
        rows = [[self._button(one, language, zone) for one in row] for row in keyboard if row]
        kept = ([one for one in row if len(one.get("copy", "")) <= _COPY_MOST] for row in rows)
        return labels.in_rows([row for row in kept if row])

    def media(self, file: Media | None, language: str, zone: str) -> dict[str, Any] | None:
        """A file as JSON values: {kind, file_id}, for one we made {kind, name, content (base64), mime}, for one
        that is kept sealed {kind, kept, instead}, for a paper {kind, paper, name, language, data, instead}."""
        match file:
            case None:
                return None
            case QrCode(of):  # drawn here, where the link's address is known
                return self.media(qr_code(self._address_of(of)), language, zone)
            case TextFile(name, body):
                return self.media(self._text_file(name, body, language, zone), language, zone)
            case HtmlFile(name, body):
                return self.media(self._page(name, body, language, zone), language, zone)
            case Paper(template, data, name):  # drawn when it is sent
                return {
                    "kind": "document",
                    "paper": template,
                    "name": name,
                    "language": language,
                    "data": self._on_paper(data, language, zone),
                    "instead": self.html(_NO_PAPER, language, zone),
                }
            case NewFile(name, content, mime, picture):
                return {
                    "kind": "photo" if picture else "document",
                    "name": name,
                    "content": base64.b64encode(content).decode(),
                    "mime": mime,
                }
            case KeptFile(kind, part_id, instead):  # opened when it is sent, so that no row of the outbox holds it
                return {"kind": kind, "kept": part_id, "instead": self.html(instead, language, zone)}
            case Photo(file_id) | Video(file_id) | Document(file_id) | Voice(file_id):
                return {"kind": type(file).__name__.lower(), "file_id": file_id}

    def _on_paper(self, value: PaperValue, language: str, zone: str) -> Any:
        match value:
            case None | bool() | int() | float() | str():
                return value
            case InLanguage(other, body):
                return self.plain(body, other, zone)
            case QrCode(of):
                return _drawing(self._address_of(of))
            case Mapping():
                return {name: self._on_paper(one, language, zone) for name, one in value.items()}
            case Sequence():
                return [self._on_paper(one, language, zone) for one in value]
            case _:
                return self._value(value, language, zone, escape=False)

    def _text_file(self, name: str, body: Body, language: str, zone: str) -> NewFile:
        words = self._bare(body, language, zone)
        # Windows' editor takes UTF-8 for granted only behind this mark.
        return NewFile(name, words.encode("utf-8-sig"), "text/plain")

    def _page(self, name: str, body: Body, language: str, zone: str) -> NewFile:
        shown = self.html(body, language, zone).replace("\n", "<br>\n")
        head = f'<!doctype html>\n<html lang="{language}"><meta charset="utf-8">{_PAGE_STYLE}'
        return NewFile(name, f"{head}\n<body>{shown}</body></html>\n".encode(), "text/html")

    def _button(self, one: Button | Link | Copy, language: str, zone: str) -> dict[str, str]:
        label = self._bare(one.label, language, zone)
        label = label if len(label) <= _BUTTON_MOST else label[: _BUTTON_MOST - 1] + "…"
        match one:
            case Button(_, press):
                return {"label": label, "press": press}
            case Copy(_, words):
                copied = words if isinstance(words, str) else self._bare(words.body, language, zone)
                return {"label": label, "copy": copied}
            case Link(_, to):
                return {"label": label, "url": to if isinstance(to, str) else self._address_of(to)}


def qr_code(address: str) -> NewFile:
    """An address as a picture: dark on white with the margin that cameras need."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="png", scale=10, border=4)
    return NewFile("qr.png", drawn.getvalue(), "image/png", picture=True)


def _drawing(address: str) -> str:
    """The same as SVG, for paper."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=4, xmldecl=False, nl=False)
    return drawn.getvalue().decode()


# The same few moments stand on everybody's cards, and Babel takes 15 µs to write one.
@lru_cache(maxsize=4_096)
def moment(at: datetime, language: str, zone: str, show: str = "full") -> str:
    """ "Monday, 7 December 2026, 18:00" in the reader's language and zone."""
    local = at.astimezone(_zone(zone))
    if show in _HEADINGS:
        return format_date(local, _HEADINGS[show], locale=language)
    time = format_time(local, "HH:mm", locale=language)
    if show == "time":
        return time
    if show == "date":
        return format_date(local, "d MMM y", locale=language)
    day = format_date(local, _DAY_PATTERNS.get(language, "EEEE, d MMMM y"), locale=language)
    return day if show == "day" else f"{day}, {time}"


# Babel's "full" patterns bring words such as "г." and "ж." that a chat doesn't need.
_HEADINGS = {"month": "LLL y", "weekday": "EEEEEE"}  # of a calendar
_DAY_PATTERNS = {"kk": "y 'ж'. d MMMM, EEEE", "az": "d MMMM y, EEEE"}


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _without_markup(sentence: str) -> str:
    return html.unescape(_TAGS.sub("", sentence))


def _source(sentence: Text) -> str:
    return sentence.plural if sentence.plural is not None and sentence.n != 1 else sentence.msgid


def _catalogue(folder: Path, language: str) -> gettext.NullTranslations:
    path = folder / language / "LC_MESSAGES" / "birge.mo"
    if not path.exists():
        raise FileNotFoundError(f"The catalogue {path} is not built. Build it with: make strings")
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _changed: int) -> gettext.GNUTranslations:
    """Five files of a thousand sentences take as long as the rest of a start; a process that starts many bots (the
    tests) reads them once."""
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)
