"""People's names across alphabets: found however they are typed, and sorted as the reader's alphabet has it.

A name is folded to how it sounds, roughly: Şəbnəm, Шабнам and Shabnam become one word. Where a letter stands for two
sounds (Г is g in Russian and h in Ukrainian, and Həsən is Гасан), a name is read in both ways.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from anyascii import anyascii

Key = TypeVar("Key")

_TYPO_FROM = 6  # sounds: in a shorter word one wrong letter makes another name

_PAIRS = re.compile("shch|dzh|дж|dj|zh|ch|sh|kh|gh")
_PAIR_SOUNDS = {"shch": "s", "sh": "s", "kh": "h", "gh": "k"}  # each other one: j
_SOUNDS = {
    **dict(zip("абвдеєжзиіїйклмнопрстуфхчшщыэ", "abvdaajziiiiklmnoprstufhjssia", strict=True)),
    **dict(zip("ґғқңөұүһә", "kkknouuha", strict=True)),
    **dict(zip("əeöüıîyşçcğgqñw", "aaouiiisjjkkknu", strict=True)),
}
_SOUNDS |= {"ц": "ts", "ю": "iu", "я": "ia", "ё": "io", "ь": "", "ъ": ""}
_READ_AS = [str.maketrans(_SOUNDS | {"г": g, "x": x}) for g in "kh" for x in ("h", "ks")]
_AGAIN = re.compile(r"(.)\1+")
_GLIDE = re.compile(r"i(?=[aou])")  # Мария, Mariya, Maria; Гюльнар, Gülnar
_BETWEEN = re.compile(r"[\W_]+")
# Written inside a word, or left over from a small İ.
_DROPPED = str.maketrans("", "", "'’ʼ`´‘\u0307")


@lru_cache(maxsize=65_536)
def _readings(word: str) -> tuple[str, ...]:
    """How one word may sound: each time as it is spelt, and without its glides."""
    paired = _PAIRS.sub(lambda found: _PAIR_SOUNDS.get(found[0], "j"), word)
    written = dict.fromkeys((paired, paired.replace("ё", "е")))  # Пётр is printed Петр
    spelt = [_AGAIN.sub(r"\1", anyascii(one.translate(way)).lower()) for one in written for way in _READ_AS]
    return tuple(dict.fromkeys(one for one in (*spelt, *(_AGAIN.sub(r"\1", _GLIDE.sub("", s)) for s in spelt)) if one))


def _words(name: str) -> list[str]:
    small = unicodedata.normalize("NFC", name.replace("İ", "i").lower()).translate(_DROPPED)
    return [word for word in _BETWEEN.split(small) if word]


@lru_cache(maxsize=32_768)
def _sounding(name: str) -> str:
    """Every reading of every word of a name, each between spaces: what begins one is found by looking for a string."""
    return f" {' '.join(reading for word in _words(name) for reading in _readings(word))} "


def find(typed: str, named: Sequence[tuple[Key, str]], language: str) -> list[Key]:
    """Whose name it may be that was typed, in whatever alphabet: each word of it begins a word of the name, or (where
    nobody's does) is one letter from it. Whole words first, then as the reader's alphabet has it."""
    wanted = [_readings(word) for word in _words(typed)]
    if not wanted or not all(wanted):
        return []
    found = [one for one in named if _begins(wanted, _sounding(one[1]))]
    if not found:
        found = [one for one in named if _is_one_letter_off(wanted, _sounding(one[1]))]
    order = in_order(language)
    return [key for key, name in sorted(found, key=lambda one: (-_whole(wanted, _sounding(one[1])), order(one[1])))]


_Typed = list[tuple[str, ...]]


def _begins(typed: _Typed, name: str) -> bool:
    return all(any(f" {reading}" in name for reading in readings) for readings in typed)


def _whole(typed: _Typed, name: str) -> int:
    return sum(any(f" {reading} " in name for reading in readings) for readings in typed)


def _is_one_letter_off(typed: _Typed, name: str) -> bool:
    words = name.split()
    return all(any(_is_typo(reading, word) for reading in readings for word in words) for readings in typed)


def _is_typo(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < _TYPO_FROM or one[0] != other[0]:
        return False
    from rapidfuzz.distance import OSA  # its 3 MB only where somebody searches

    return OSA.distance(one, other, score_cutoff=1) <= 1


def apart(one: str, other: str) -> int | None:
    """In how many words two spellings of one person's name are a letter apart, whatever the order of the words and with
    or without the father's name; None: they are two people's, or too little to say so."""
    few, many = sorted((_words(one), _words(other)), key=len)
    if len(few) < 2:
        return 0 if few and few == many else None
    sounding = _sounding(" ".join(many))
    wanted = [_readings(word) for word in few]
    if not all(_is_one_letter_off([readings], sounding) for readings in wanted):
        return None
    return len(wanted) - _whole(wanted, sounding)


# --- sorting ----------------------------------------------------------------------------------------------------------

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_ALPHABETS = {
    "az": "abcçdeəfgğhxıijkqlmnoöprsştuüvwyz",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": _RUSSIAN,
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "en": _LATIN,
}
_NUMBER = re.compile(r"(\d+)")
_LAST = len(_ALPHABETS["kk"])  # behind every letter of the reader's own
_BETWEEN_WORDS = -1
_FOREIGN = {letter: place for place, letter in enumerate(_LATIN + _RUSSIAN + "әіїєґғқңөұүһ", start=_LAST)}


def lowered(words: str, language: str) -> str:
    """In small letters: in Azerbaijani, I has no dot and İ keeps it."""
    if language == "az":
        words = words.replace("I", "ı")
    return unicodedata.normalize("NFC", words.replace("İ", "i")).lower()


def in_order(language: str) -> Callable[[str], tuple[object, ...]]:
    """The key to sort by: the reader's alphabet first, others behind it; 5A before 10A."""
    own = {letter: place for place, letter in enumerate(_ALPHABETS.get(language, _LATIN))}

    def place(letter: str) -> int:
        if letter in own or letter in _FOREIGN:
            return own.get(letter, _FOREIGN.get(letter, _LAST))
        plain = anyascii(letter).lower()[:1]  # é beside e, ş beside s where it is no letter of its own
        return own.get(plain, _FOREIGN.get(plain, _LAST)) if plain.isalpha() else _BETWEEN_WORDS

    def key(name: str) -> tuple[object, ...]:
        # Letters and numbers take turns, if with nothing between: each is compared with its kind.
        parts = _NUMBER.split(lowered(name, language))
        return *(int(part) if at % 2 else [place(one) for one in part] for at, part in enumerate(parts)), name

    return key
