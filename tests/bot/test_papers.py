"""Papers: every letter, any name, as many pages as it takes; one that can't be drawn loses no message."""

from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import typst
import zxingcpp

from bot.papers import TEMPLATES, Papers, draw
from bot.render import Renderer
from domain.communities import Member
from domain.invites import Invite
from domain.languages import LANGUAGES
from domain.messages import DeepLink, InLanguage, Moment, Paper, PaperValue, QrCode, Words, text, text_n
from domain.requests import Community
from domain.roles import Role
from handlers.communities.poster import page
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
    (drawn,) = pictures("list", filled([*HOSTILE, *([one, one] for one in HOSTILE)], "W" * 64))
    assert not ink_at_the_edges(drawn, 20)
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


async def test_a_panic_of_typsts_loses_no_words_either(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As Rust's come: no Exception."""

    def panics(*_: Any, **__: Any) -> bytes:
        raise PanicException("Amina")

    monkeypatch.setattr("bot.papers.draw", panics)
    media = filled(["Amina"]) | {"paper": "list", "name": "a.pdf", "instead": "No file."}
    shown = await Papers().filled({"html": "", "media": media})
    assert (shown["html"], shown["media"]) == ("No file.", None)


def test_a_template_sees_its_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.typ").write_text('#read("../secret.txt")')
    with pytest.raises(typst.TypstError):
        draw("a", filled([]), folder=folder)


def test_templates_ask_for_nothing_from_elsewhere() -> None:
    assert [path.name for path in TEMPLATES.glob("*.typ") if "@preview" in path.read_text()] == []


# --- posters ----------------------------------------------------------------------------------------------------------


def poster(name: str, languages: tuple[str, ...], asked: str = "Sevinc", role: Role | None = None) -> dict[str, Any]:
    """What a poster of that class is filled with, said to come from the longest address."""
    above = Community(4, 2, "school", name, "/1/2/4/", languages[0], "Asia/Baku", "az")
    community = Community(5, 4, "class", name, "/1/2/4/5/", languages[0], "Asia/Baku", "az")
    invite = Invite(1, community, "4KTR8PXM", role, 1, 100, datetime(2026, 9, 30, tzinfo=UTC))
    leaders = [Member(number, number, asked, "head_of_class", "active") for number in range(3)]
    renderer = Renderer(lambda link: f"https://t.me/{'b' * 32}?start={link.payload}")
    media = renderer.media(page(invite, above, leaders, languages), languages[0], "UTC")
    assert media is not None
    return media


@pytest.mark.row("A5")
@pytest.mark.parametrize("languages", list(permutations(LANGUAGES, 2))[::3])
def test_a_poster_is_one_page_in_any_two_languages(languages: tuple[str, str]) -> None:
    media = poster("5A", languages, role=Role.PARENT)
    (drawn,) = pictures("poster", media)
    assert [found.text for found in zxingcpp.read_barcodes(drawn)] == [f"https://t.me/{'b' * 32}?start=4KTR8PXM"]
    assert media["data"]["pages"][0]["code"] == "4KTR-8PXM"
    assert not ink_at_the_edges(drawn, 20)


@pytest.mark.row("A5")
@pytest.mark.parametrize("name", [*HOSTILE, "5 «А» \u202e \\ 🌸", "Ж" * 64, "А б " * 16, "סגול " * 12])
def test_a_poster_stays_one_page_whatever_the_names(name: str) -> None:
    media = poster(name, ("ru", "uk"), name)
    (drawn,) = pictures("poster", media)
    assert page_count(draw("poster", media)) == 1
    assert len(zxingcpp.read_barcodes(drawn)) == 1
    assert not ink_at_the_edges(drawn, 20)


def test_large_papers_leave_no_memory_behind() -> None:
    draw("list", filled([f"Pupil {n}" for n in range(1_500)]))
    before = _resident_mb()
    for round_ in range(4):
        draw("list", filled([f"Pupil {round_} {n}" for n in range(1_500)]))
    assert _resident_mb() - before < 50  # it would be 150


def _resident_mb() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4_096 // 1_000_000
