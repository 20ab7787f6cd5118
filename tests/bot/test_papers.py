"""Papers: every letter, any name, as many pages as it takes; one that can't be drawn loses no message."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typst

from bot.papers import TEMPLATES, Papers, draw
from bot.render import Renderer
from domain.messages import DeepLink, InLanguage, Moment, Paper, PaperValue, QrCode, Words, text, text_n
from tests.papers import ink_at_the_edges, page_count, pictures

HOSTILE = ['#import "/etc/passwd": x', "$x^2$ @ref <label> *b* _i_ `raw` // no", "W" * 64, "م" * 64, "\\ \" ' {{ %(n)s"]


def filled(lines: list[Any], title: str = "Sinif 5A") -> dict[str, Any]:
    return {"language": "az", "data": {"title": title, "lines": lines}}


@pytest.mark.parametrize("letters", ["əƏğĞıİöçşü", "әғқңөұүһі ӘҒҚҢӨҰҮҺІ", "іїєґ ІЇЄҐ", "ёъыэ", "q w x"])
def test_every_letter_of_the_five_languages_has_a_form_of_its_own(letters: str) -> None:
    """A letter that no font has would be drawn as the same box as another such letter."""
    drawn = {bytes(pictures("list", filled([], one))[0].tobytes()) for one in letters.replace(" ", "")}
    box = bytes(pictures("list", filled([], "\u4e2d"))[0].tobytes())
    assert len(drawn) == len(letters.replace(" ", ""))
    assert box not in drawn


def test_names_are_no_markup_and_stay_on_the_paper() -> None:
    (page,) = pictures("list", filled([*HOSTILE, *([one, one] for one in HOSTILE)], "W" * 64))
    assert not ink_at_the_edges(page, 20)
    assert page_count(draw("list", filled(HOSTILE))) == 1


def test_a_list_has_as_many_pages_as_it_takes() -> None:
    assert page_count(draw("list", filled([]))) == 1
    assert page_count(draw("list", filled([f"Pupil {n}" for n in range(200)]))) == len(
        pictures("list", filled([f"Pupil {n}" for n in range(200)]))
    )
    assert page_count(draw("list", filled([f"Pupil {n}" for n in range(200)]))) > 3


def test_the_same_paper_is_the_same_file() -> None:
    """So that it can be sent twice, and compared: no clock has a part in it."""
    assert draw("list", filled(["a"])) == draw("list", filled(["a"]))


def test_data_is_put_in_its_readers_language_and_the_rest_in_its_own() -> None:
    renderer = Renderer(lambda link: f"https://t.me/birge_bot?start={link.payload}")
    data: dict[str, PaperValue] = {
        "title": text("Yes"),
        "both": [text("Yes"), InLanguage("ru", text("Yes"))],
        "words": Words("<b>5A</b>"),
        "day": Moment(datetime(2026, 12, 7, tzinfo=UTC), show="day"),
        "address": DeepLink("ABC"),
        "qr": QrCode(DeepLink("ABC")),
        "inner": {"n": 3, "none": None, "people": text_n("%(n)s person", "%(n)s people", 2)},
    }
    media = renderer.media(Paper("list", data, "a.pdf"), "en", "UTC")
    assert media is not None
    shown = media["data"]
    assert shown["both"] == ["Yes", "Да"]
    assert (shown["title"], shown["words"]) == ("Yes", "<b>5A</b>")
    assert shown["address"] == "https://t.me/birge_bot?start=ABC"
    assert shown["qr"].startswith("<svg")
    assert shown["inner"] == {"n": 3, "none": None, "people": "2 people"}
    assert (media["kind"], media["name"], media["paper"], media["language"]) == ("document", "a.pdf", "list", "en")


async def test_a_paper_that_cannot_be_drawn_loses_no_words(tmp_path: Path, log_lines: list[dict[str, Any]]) -> None:
    (tmp_path / "list.typ").write_text('#read("/etc/passwd")')
    (tmp_path / "odd.typ").write_text("#panic")
    media = filled(["Amina"]) | {"paper": "list", "name": "a.pdf", "instead": "The file could not be made."}
    body = {"html": "Here is the list.", "media": media, "buttons": [["a"]]}
    for papers in (Papers(tmp_path), Papers(tmp_path / "nowhere")):
        shown = await papers.filled(body)
        assert shown["html"] == "Here is the list.\n\nThe file could not be made."
        assert (shown["media"], shown["buttons"]) == (None, [["a"]])
    told = [line for line in log_lines if line["event"] == "a paper can't be drawn"]
    assert [line["paper"] for line in told] == ["list", "list"]
    assert "Amina" not in str(told)
    good = await Papers().filled(body)
    assert page_count(good["media"]["content"]) == 1


def test_a_template_sees_its_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.typ").write_text('#read("../secret.txt")')
    with pytest.raises(typst.TypstError):
        draw("a", filled([]), folder=folder)


def test_templates_ask_for_nothing_from_elsewhere() -> None:
    assert [path.name for path in TEMPLATES.glob("*.typ") if "@preview" in path.read_text()] == []
