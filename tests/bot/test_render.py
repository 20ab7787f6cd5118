import base64
import gettext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render import LOCALES, Renderer, moment
from domain.languages import LANGUAGES
from domain.messages import (
    Body,
    Copy,
    DeepLink,
    Document,
    Keyboard,
    Link,
    Moment,
    NewFile,
    Photo,
    Video,
    Voice,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)

AT = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)


def address_of(link: DeepLink) -> str:
    return f"https://t.me/birge_bot?start={link.payload}"


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(address_of)


def english(renderer: Renderer, body: Body) -> str:
    return renderer.html(body, "en", "Asia/Baku")


# --- words ----------------------------------------------------------------------------------------------------------


def test_what_people_wrote_is_escaped_and_isolated(renderer: Renderer) -> None:
    said = english(renderer, text("<b>%(title)s</b> is full.", title='<a href="x">5A & "5B"</a>'))

    assert said == '<b>\u2068&lt;a href="x"&gt;5A &amp; "5B"&lt;/a&gt;\u2069</b> is full.'


def test_plain_text_is_not_escaped(renderer: Renderer) -> None:
    assert renderer.plain(text("%(title)s is full.", title="5A & 5B"), "en", "UTC") == "\u20685A & 5B\u2069 is full."
    assert renderer.plain(Words("5A & 5B"), "en", "UTC") == "5A & 5B"


def test_a_toast_shows_no_markup(renderer: Renderer) -> None:
    body = text('<b>%(title)s</b> is <i>full</i> &amp; <a href="https://example.org">over</a>.', title="<b>5A</b>")

    assert renderer.plain(body, "en", "UTC") == "\u2068<b>5A</b>\u2069 is full & over."
    assert renderer.html(body, "en", "UTC").startswith("<b>\u2068&lt;b&gt;5A")


def test_own_words_are_escaped_and_never_translated(renderer: Renderer) -> None:
    assert renderer.html(Words("Home <3"), "az", "UTC") == "Home &lt;3"


@given(st.text())
def test_no_words_break_the_markup(words: str) -> None:
    said = Renderer(address_of).html(text("<b>%(name)s</b>", name=words), "en", "UTC")

    inside = said.removeprefix("<b>\u2068").removesuffix("\u2069</b>")
    assert "<" not in inside
    assert ">" not in inside


def test_sentences_stand_under_each_other(renderer: Renderer) -> None:
    assert english(renderer, lines(Words("one"), None, Words("two"))) == "one\ntwo"
    assert english(renderer, paragraphs(Words("one"), lines(Words("two"), Words("three")))) == "one\n\ntwo\nthree"


def test_a_mark_is_written_as_the_reader_writes_it(renderer: Renderer) -> None:
    mark = text("On average: %(average)s of 3", average=2.84)
    assert english(renderer, mark) == "On average: 2.8 of 3"
    assert renderer.html(mark, "az", "UTC") == "Orta qiymət: 2,8 / 3"
    assert renderer.html(mark, "ru", "UTC") == "В среднем: 2,8 из 3"


def test_values_of_every_kind(renderer: Renderer) -> None:
    said = english(
        renderer,
        text(
            "%(number)s %(words)s %(part)s %(link)s %(at)s %(more)s",
            number=5,
            words=Words("<"),
            part=text("(%(n)s)", n=1),
            link=DeepLink("ABC"),
            at=Moment(AT),
            more=lines(Words("a"), Words("b")),
        ),
    )

    assert said == "5 &lt; (1) https://t.me/birge_bot?start=ABC Monday, 7 December 2026, 18:00 a\nb"


def test_a_sentence_without_values_may_have_a_percent_sign_doubled(renderer: Renderer) -> None:
    assert english(renderer, text("100 %% of 5A")) == "100 % of 5A"


# --- catalogues -----------------------------------------------------------------------------------------------------


def catalogues(folder: Path, **messages: dict[Any, Any]) -> Path:
    """Catalogues that have these messages in one language."""
    from babel.messages import mofile
    from babel.messages.catalog import Catalog

    for language in LANGUAGES:
        catalogue = Catalog(locale=language, charset="utf-8")
        for sentence, translation in messages.get(language, {}).items():
            catalogue.add(sentence, translation)
        path = folder / language / "LC_MESSAGES" / "birge.mo"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            mofile.write_mo(file, catalogue)
    return folder


def test_plural_forms_of_the_readers_language(tmp_path: Path) -> None:
    forms = ("%(n)s ответ", "%(n)s ответа", "%(n)s ответов")
    renderer = Renderer(address_of, catalogues(tmp_path, ru={("%(n)s answer", "%(n)s answers"): forms}))

    def said(n: int, language: str) -> str:
        return renderer.html(text_n("%(n)s answer", "%(n)s answers", n), language, "UTC")

    assert [said(n, "ru") for n in (1, 3, 5, 11, 21)] == ["1 ответ", "3 ответа", "5 ответов", "11 ответов", "21 ответ"]
    assert [said(n, "en") for n in (1, 0, 2)] == ["1 answer", "0 answers", "2 answers"]


@pytest.mark.parametrize("bad", ["%(nme)s dolub.", "%(name)d dolub.", "%(name) dolub.", "100% dolub %(name)s"])
def test_a_bad_placeholder_falls_back_to_english(tmp_path: Path, bad: str, log_lines: list[dict[str, Any]]) -> None:
    renderer = Renderer(address_of, catalogues(tmp_path, az={"%(name)s is full.": bad}))

    assert renderer.html(text("%(name)s is full.", name="5A"), "az", "UTC") == "\u20685A\u2069 is full."
    (line,) = log_lines
    assert (line["event"], line["language"]) == ("a bad placeholder in a catalogue", "az")
    assert "5A" not in str(line)


def test_a_bad_plural_falls_back_to_the_right_english_form(tmp_path: Path) -> None:
    bad = ("%(x)s", "%(x)s")
    renderer = Renderer(address_of, catalogues(tmp_path, az={("%(n)s day", "%(n)s days"): bad}))

    assert [renderer.html(text_n("%(n)s day", "%(n)s days", n), "az", "UTC") for n in (1, 2)] == ["1 day", "2 days"]


def test_a_sentence_nobody_translated_is_english(renderer: Renderer) -> None:
    assert renderer.html(text("Nobody has translated this."), "kk", "UTC") == "Nobody has translated this."


def test_a_missing_catalogue_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Build it with: make strings"):
        Renderer(address_of, tmp_path)


def test_the_five_catalogues_are_built() -> None:
    for language in LANGUAGES:
        with (LOCALES / language / "LC_MESSAGES" / "birge.mo").open("rb") as file:
            assert gettext.GNUTranslations(file).gettext("") != ""


# --- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("az", "Asia/Baku", "7 dekabr 2026, bazar ertəsi, 18:00"),
        ("kk", "Asia/Almaty", "2026 ж. 7 желтоқсан, дүйсенбі, 19:00"),
        ("ru", "Asia/Krasnoyarsk", "понедельник, 7 декабря 2026, 21:00"),
        ("uk", "Europe/Kyiv", "понеділок, 7 грудня 2026, 16:00"),
        ("en", "Europe/Moscow", "Monday, 7 December 2026, 17:00"),
    ],
)
def test_a_date_reads_naturally_with_its_weekday_and_24_hours(language: str, zone: str, said: str) -> None:
    assert moment(AT, language, zone) == said
    assert moment(AT, language, zone, "day") == said.rpartition(", ")[0]
    assert moment(AT, language, zone, "time") == said.rpartition(", ")[2]


def test_summer_time_and_midnight() -> None:
    summer, midnight = datetime(2026, 7, 1, 9, 5, tzinfo=UTC), datetime(2026, 12, 6, 20, 0, tzinfo=UTC)

    assert moment(summer, "uk", "Europe/Kyiv") == "середа, 1 липня 2026, 12:05"
    assert moment(midnight, "az", "Asia/Baku") == "7 dekabr 2026, bazar ertəsi, 00:00"


def test_a_moment_has_the_readers_zone_or_its_own(renderer: Renderer) -> None:
    here, there = text("%(at)s", at=Moment(AT, show="time")), text("%(at)s", at=Moment(AT, "Europe/Kyiv", "time"))

    assert renderer.html(here, "en", "Asia/Baku") == "18:00"
    assert renderer.html(there, "en", "Asia/Baku") == "16:00"


# --- buttons and files ----------------------------------------------------------------------------------------------


def test_buttons_are_plain_and_fit_on_a_line(renderer: Renderer) -> None:
    keyboard: Keyboard = [
        [button(text("%(name)s", name="A & B"), "c", 17)],
        [],
        [
            Link(Words("Open"), DeepLink("home")),
            Link(Words("Read"), "https://example.org"),
            Copy(Words("Code"), "4KTR"),
        ],
        [button(Words("x" * 41), "c")],
    ]

    assert renderer.buttons(keyboard, "en", "UTC") == [
        [{"label": "A & B", "press": "c:17"}],
        [
            {"label": "Open", "url": "https://t.me/birge_bot?start=home"},
            {"label": "Read", "url": "https://example.org"},
            {"label": "Code", "copy": "4KTR"},
        ],
        [{"label": "x" * 39 + "…", "press": "c"}],
    ]


def test_files(renderer: Renderer) -> None:
    for file in (Photo("a"), Video("a"), Document("a"), Voice("a")):
        assert renderer.media(file, "en", "UTC") == {"kind": type(file).__name__.lower(), "file_id": "a"}
    calendar = NewFile("meeting.ics", b"BEGIN", "text/calendar")
    content = base64.b64encode(b"BEGIN").decode()
    made = {"kind": "document", "name": "meeting.ics", "content": content, "mime": "text/calendar"}
    assert renderer.media(calendar, "en", "UTC") == made
    assert renderer.media(None, "en", "UTC") is None
