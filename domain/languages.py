"""The five languages, and the zones people live in."""

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


def language_of(code: str | None, otherwise: str) -> str:
    """One of the five for a messenger's language code ("az", "ru-RU"), or `otherwise`."""
    short = (code or "").lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else otherwise
