"""The words people use for dates, and how a word is made comparable.

One word list per language lies beside this module; a native speaker can correct it without reading code. All five are
read together, because families in one class speak different languages and mix them.
"""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from functools import lru_cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("az", "kk", "ru", "uk", "en")


class Role(Enum):
    """What a word can do in a date phrase. One word may have several roles: дня is "of the day" and "days"."""

    MONTH = auto()
    MONTH_WORD = auto()
    WEEKDAY = auto()
    DAY_WORD = auto()
    YEAR_WORD = auto()
    DAYS = auto()  # today, tomorrow: days ahead
    EVENING_OF = auto()  # tonight: days ahead, and evening
    PART = auto()  # in the evening, free to stand anywhere
    PART_OF = auto()  # pm, вечера: always belongs to the hour before it
    UNIT = auto()  # minutes in it
    UNIT_DAYS = auto()  # days in it
    HOUR_WORD = auto()  # saat 18
    OCLOCK = auto()
    CLOCK_UNIT = auto()  # 18:00 часов; but "18:00 Час кода" is a title
    CALENDAR = auto()  # month, year: left over, they change the date
    AT = auto()
    ON = auto()
    OF = auto()
    FROM = auto()
    UNTIL = auto()
    AND = auto()
    TILL = auto()  # stands after: 19:30-a qədər
    IN = auto()
    AFTER = auto()  # stands after: 2 saatdan sonra
    LATER = auto()  # stands after: 2 hours from now
    ONE = auto()
    NEXT = auto()
    THIS = auto()
    NEAREST = auto()
    NTH = auto()
    NOON = auto()
    EVERY = auto()
    EVERY_AFTER = auto()
    REPEATING = auto()
    NUMBER_WORD = auto()
    UNSURE = auto()
    ZONE = auto()
    PLACE = auto()
    TIME_WORD = auto()
    BY = auto()


class Half(Enum):
    """The part of the day an hour is said to be in; the value is what the word lists hold."""

    MORNING = "morning"
    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    AM = "am"
    PM = "pm"


class Suffix(Enum):
    """What the letters glued to a number say: 7-го, 18:00-da, 18:00-dan, 19:30-a, 19:30-dək."""

    ORDINAL = "ordinal"
    AT = "at"
    FROM = "from"
    TO = "to"
    UNTIL = "until"


Meanings = Mapping[Role, int]
HALVES = tuple(Half)
ENGLISH, OTHER = 1, 0
LONGEST_PHRASE = 5

_DROPPED = frozenset("'’‘ʼʹ′`´＇ʻ‛")
_LOOKS_LIKE = str.maketrans("ıəієґғқңөұүһ∶−", "ieиеггкноуух:-")
_LATIN_IN_CYRILLIC = str.maketrans("aceiopxyhkə", "асеиорхухка")


@lru_cache(maxsize=4096)
def fold(character: str) -> str:
    """One character as it is compared: plain, lower, without its marks; may be none or several.

    i, ı, I and İ become one letter, which is the only reading that is right in Azerbaijani and elsewhere at once.
    """
    if character in _DROPPED:
        return ""
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "No" | "Nl":
            return "~"  # ², ½: no figure that may be glued to its neighbour
        case "Pd":
            return "-"
        case "Cf" | "Mn":
            return ""
        case "Zl" | "Zp":
            return "\n"
        case "Cc":
            return "\n" if character in "\r\n\v\f" else " "
    plain = unicodedata.normalize("NFKD", character).lower()
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_LOOKS_LIKE)


def key(word: str) -> str:
    """A folded word in one alphabet: phones offer a Latin i in Kazakh words and a Cyrillic ә in Azerbaijani ones."""
    if any("а" <= c <= "я" for c in word):
        return word.translate(_LATIN_IN_CYRILLIC).replace("ә", "а")
    return word.replace("ә", "e")


def keys(phrase: str) -> tuple[str, ...]:
    """The words of a phrase from a word list, ready to be looked up."""
    return tuple(key(word) for word in "".join(map(fold, phrase)).replace("-", " ").split())


@lru_cache(maxsize=16)
def lexicon(language: str) -> Mapping[tuple[str, ...], Meanings]:
    """Every phrase known in any language; where two disagree on a phrase's value, the reader's language wins."""
    found: dict[tuple[str, ...], dict[Role, int]] = {}
    for code in sorted(LANGUAGES, key=lambda code: code != language):
        for phrase, role, value in _meanings(code, own=code == language):
            found.setdefault(phrase, {}).setdefault(role, value)
    for phrase in _split(_load("zones")["zones"]):
        found.setdefault(phrase, {})[Role.ZONE] = 1
    return found


@lru_cache(maxsize=1)
def suffixes() -> Mapping[str, frozenset[Suffix]]:
    """What a suffix may mean: -те is "at" in Kazakh and "-th" in Ukrainian; the words around it decide."""
    found: dict[str, frozenset[Suffix]] = {}
    for code in LANGUAGES:
        for name, phrases in _load(code)["suffix"].items():
            for (suffix,) in _split(phrases):
                found[suffix] = found.get(suffix, frozenset()) | {Suffix(name)}
    return found


@lru_cache(maxsize=1)
def places() -> tuple[str, ...]:
    """How the names of places begin."""
    return tuple(place for (place,) in _split(_load("zones")["places"]))


def _meanings(code: str, *, own: bool) -> Iterator[tuple[tuple[str, ...], Role, int]]:
    words = _load(code)
    yield from _months(words, own=own)
    for number, phrases in enumerate(words["weekdays"]):
        yield from ((phrase, Role.WEEKDAY, number) for phrase in _split(phrases))
    for name in ("day_word", "month_word", "year_word", "every", "every_after", "repeating"):
        yield from ((phrase, Role[name.upper()], 1) for phrase in _split(words.get(name, "")))
    for name in ("days", "evening_of", "unit", "unit_days"):
        for value, phrases in words.get(name, {}).items():
            yield from ((phrase, Role[name.upper()], int(value)) for phrase in _split(phrases))
    for name in ("part", "part_of"):
        for half, phrases in words.get(name, {}).items():
            yield from ((phrase, Role[name.upper()], HALVES.index(Half(half))) for phrase in _split(phrases))
    said_in = ENGLISH if code == "en" else OTHER
    for name, phrases in words["words"].items():
        yield from ((phrase, Role[name.upper()], said_in) for phrase in _split(phrases))


def _months(words: Mapping[str, Any], *, own: bool) -> Iterator[tuple[tuple[str, ...], Role, int]]:
    endings = ["", *("".join(ending) for ending in _split(words.get("month_endings", "")))]
    for number, phrases in enumerate(words["months"], start=1):
        full, *shorter = _split(phrases)
        yield from (((full[0] + ending,), Role.MONTH, number) for ending in endings)
        yield from ((phrase, Role.MONTH, number) for phrase in shorter)
    for number, phrases in enumerate(words.get("months_own", []) if own else [], start=1):
        yield from ((phrase, Role.MONTH, number) for phrase in _split(phrases))


def _split(phrases: str) -> list[tuple[str, ...]]:
    return [keys(phrase) for phrase in phrases.split(",") if phrase.strip()]


@lru_cache(maxsize=8)
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
