from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.languages import COUNTRIES, LANGUAGES, ZONES, language_of, second_language


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("az", "az"),
        ("ru-RU", "ru"),
        ("UK_ua", "uk"),
        ("kk-Cyrl-KZ", "kk"),
        ("tr", "en"),
        ("", "en"),
        (None, "en"),
        ("-", "en"),
        ("azb", "en"),
    ],
)
def test_a_messengers_language_becomes_one_of_the_five(code: str | None, language: str) -> None:
    assert language_of(code, "en") == language


def test_countries_have_a_language_and_a_zone_that_exist() -> None:
    for language, zone in COUNTRIES.values():
        assert language in LANGUAGES
        assert zone in ZONES
    for zone in ZONES:
        assert ZoneInfo(zone).utcoffset(datetime(2026, 12, 1)) is not None  # noqa: DTZ001 - wall time


@pytest.mark.parametrize(
    ("first", "country", "spoken", "second"),
    [
        ("az", "az", {}, "ru"),
        ("ru", "az", {"ru": 20}, "az"),
        ("kk", "kz", {"kk": 3, "uk": 1}, "uk"),
        ("ru", "kz", {}, "kk"),
        ("uk", "ua", {}, "en"),
        ("ru", "ru", {}, "en"),
        ("en", "az", {"ru": 2, "az": 2}, "az"),
        ("en", "", {}, "ru"),
        ("az", "az", {"xx": 9}, "ru"),
    ],
)
def test_the_second_language_is_its_readers_or_its_countrys(
    first: str, country: str, spoken: dict[str, int], second: str
) -> None:
    assert second_language(first, country, spoken) == second
