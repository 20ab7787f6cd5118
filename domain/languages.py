"""The five languages, and the zones people live in."""

from collections.abc import Mapping
from typing import Final

# Each language by its own name: nobody has to read another one to find hers.
LANGUAGES: Final[dict[str, str]] = {
    "az": "Azərbaycanca",
    "kk": "Қазақша",
    "ru": "Русский",
    "uk": "Українська",
    "en": "English",
}

ZONES: Final[tuple[str, ...]] = (
    "Asia/Baku",
    "Asia/Almaty",
    "Asia/Krasnoyarsk",
    "Europe/Moscow",
    "Europe/Kyiv",
)

# Language and zone that a network or a region of a country begins with.
COUNTRIES: Final[dict[str, tuple[str, str]]] = {
    "az": ("az", "Asia/Baku"),
    "kz": ("kk", "Asia/Almaty"),
    "ru": ("ru", "Europe/Moscow"),
    "ua": ("uk", "Europe/Kyiv"),
}

# Of those that live by more than one of these zones.
_ZONES_OF: Final[dict[str, tuple[str, ...]]] = {"ru": ("Europe/Moscow", "Asia/Krasnoyarsk")}


def zones_of(country: str) -> tuple[str, ...]:
    return _ZONES_OF.get(country, (COUNTRIES[country][1],) if country in COUNTRIES else ())


def language_of(code: str | None, otherwise: str) -> str:
    """One of the five for a messenger's language code ("az", "ru-RU"), or `otherwise`."""
    short = (code or "").lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else otherwise


# What many read besides the language of their school, when nothing is known of the readers themselves.
_BESIDE: Final[dict[str, tuple[str, ...]]] = {
    "az": ("az", "ru"),
    "kz": ("kk", "ru"),
    "ru": ("ru", "en"),
    "ua": ("uk", "en"),
}


def second_language(first: str, country: str, spoken: Mapping[str, int]) -> str:
    """The language for a poster beside `first`: what most others of its readers (by language) have, else one of the
    country's."""
    others = {language: count for language, count in spoken.items() if language != first and language in LANGUAGES}
    if others:
        return min(others, key=lambda language: (-others[language], tuple(LANGUAGES).index(language)))
    beside = (*_BESIDE.get(country, ()), "en", "ru")
    return next(language for language in beside if language != first)
