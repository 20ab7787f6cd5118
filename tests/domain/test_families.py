"""When a parent is asked about a pupil, whose age nobody knows."""

import pytest

from domain import countries
from domain.families import needs_parent
from domain.requests import Community


def community(name: str, kind: str = "class") -> Community:
    return Community(1, None, kind, name, "/1/", "az", "Asia/Baku", "az")


@pytest.mark.parametrize(
    ("name", "kind", "age", "asked"),
    [
        ("5A", "class", 18, True),
        ("11B", "class", 18, True),  # 16, maybe 17
        ("11B", "class", 16, False),
        ("10 «Б»", "class", 16, True),
        ("1a", "class", 6, False),
        ("99", "class", 14, True),  # no grade
        ("Günəş", "class", 14, True),
        ("11 dostlar", "club", 14, True),  # no class
    ],
)
def test_the_grade_tells_the_youngest(
    monkeypatch: pytest.MonkeyPatch, name: str, kind: str, age: int, asked: bool
) -> None:
    rules = (countries.Rule("consent_age", age),)
    monkeypatch.setattr(countries, "get", lambda code: countries.Country(code, (), (), rules))
    assert needs_parent(community(name, kind)) is asked


def test_where_the_law_is_unknown_everybody_below_18_is_asked_about() -> None:
    assert needs_parent(community("11A"))
