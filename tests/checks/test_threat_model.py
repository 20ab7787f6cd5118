"""The threat model and SECURITY.md name what exists, and answer for everybody they must."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MODEL = (ROOT / "docs" / "threat-model.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", MODEL, re.MULTILINE | re.DOTALL))


def test_it_answers_for_everybody() -> None:
    assert list(SECTIONS) == [
        "A parent holding the phone",
        "A head of school",
        "A technical administrator",
        "The messenger",
        "A stolen backup",
        "A stolen phone of a worker",
        "An outsider with the bot's link",
    ]


@pytest.mark.parametrize("title", list(SECTIONS))
def test_each_says_what_they_can_what_stops_them_and_what_remains(title: str) -> None:
    assert re.findall(r"^- \*\*(\w.+?):\*\*", SECTIONS[title], re.MULTILINE) == ["Can", "Stopped by", "Remains"]
    stops = SECTIONS[title].partition("**Stopped by:**")[2].partition("**Remains:**")[0]
    assert re.search(r"`\w+/[\w/]+\.py`", stops), "no module or test is named"


def test_every_module_and_test_it_names_is_there() -> None:
    named = re.findall(r"`([\w/]+\.py)`", MODEL)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_link_leads_somewhere() -> None:
    for path in (ROOT / "SECURITY.md", ROOT / "docs" / "threat-model.md", ROOT / "docs" / "operating.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
