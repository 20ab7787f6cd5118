"""Words that may mean that somebody is in danger, in five languages at once: a class speaks several.

A match only offers help (rule 8 of docs/safeguarding.md). It is kept nowhere, blocks nothing and says nothing about who
wrote it. The lists are short on purpose: a listed phrase is taken out of a group, so that it must be hardly ever
anything else.

How a list is written, one phrase a line: `word*` is a word with any ending, `a|b` is one or the other, `~` stands for
up to three words of any kind, and a line that begins with `!` names what only looks alike. Letters are folded before
they are compared: "özümü öldürəcəm" and "ozumu oldurecem", "жёсткий" and "жесткий", "өлгім" and "олгим" are the same.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from domain.languages import LANGUAGES
from domain.writing import clean

_READ_MOST = 10_000  # characters; a message has at most 4,096

# What people type for each other on a keyboard without their own letters; marks above and below go by themselves.
_SAME = str.maketrans(
    {
        "ə": "e",
        "ı": "i",
        "ә": "а",
        "ғ": "г",
        "ґ": "г",
        "қ": "к",
        "ң": "н",
        "ө": "о",
        "ұ": "у",
        "ү": "у",
        "һ": "х",
        "і": "и",
        "є": "е",
        **dict.fromkeys("ьъ'’ʼ`´‘", ""),
    }
)
_NO_WORD = re.compile(r"[\W_]+")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_UP_TO_THREE_WORDS = r"(?:\w+ ){0,3}"


class ListError(ValueError):
    """A list doesn't follow its own rules; the text names the line."""


@dataclass(frozen=True, slots=True)
class WordList:
    """One language's list. `reviewed_by` is empty until somebody who knows children and the language has signed it."""

    version: int
    reviewed_by: str
    phrases: tuple[str, ...]
    look_alikes: tuple[str, ...]


def is_heard(words: str) -> bool:
    """Whether the words hold a listed phrase of any of the five languages."""
    signs, look_alikes = _compiled()
    folded = fold(words[:_READ_MOST])
    # Nearly all words have no sign in them, and then nothing that looks alike matters.
    return signs.search(folded) is not None and signs.search(look_alikes.sub(" ", folded)) is not None


def fold(words: str) -> str:
    """The words in small letters without marks, one space around each, stretched letters ("помогиииите") pulled in."""
    lowered = clean(words).replace("İ", "i").lower()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(letter))
    spaced = _NO_WORD.sub(" ", bare.translate(_SAME)).strip()
    return " " + _STRETCHED.sub(r"\1", spaced) + " "


@cache
def lists() -> dict[str, WordList]:
    """The five lists, by language."""
    return {
        language: parse(files(__package__).joinpath(f"{language}.txt").read_text("utf-8")) for language in LANGUAGES
    }


def parse(source: str) -> WordList:
    """A list from the text of its file. Raises ListError."""
    header: dict[str, str] = {}
    phrases: list[str] = []
    look_alikes: list[str] = []
    for number, raw in enumerate(source.splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        name, colon, value = line.partition(":")
        if colon:
            header[name.strip()] = value.strip()
        elif pattern(line.removeprefix("!")) == "":
            raise ListError(f"line {number} has no word in it")
        else:
            (look_alikes if line.startswith("!") else phrases).append(line.removeprefix("!").strip())
    if not header.get("version", "").isdigit() or "reviewed_by" not in header:
        raise ListError("a list begins with its version and reviewed_by")
    return WordList(int(header["version"]), header["reviewed_by"], tuple(phrases), tuple(look_alikes))


def pattern(phrase: str) -> str:
    """A phrase of a list as a regular expression over folded words, from a word's beginning; empty: it has no word."""
    found, has_word = "", False
    for part in phrase.split():
        if part == "~":
            found += _UP_TO_THREE_WORDS
            continue
        choices = [_one_word(choice) for choice in part.split("|")]
        if not all(choices):
            return ""
        found += f"(?:{'|'.join(choices)}) "
        has_word = True
    return found if has_word else ""


def _one_word(choice: str) -> str:
    ending = r"\w*" if choice.endswith("*") else ""
    word = fold(choice.removesuffix("*")).strip()
    return re.escape(word) + ending if word and " " not in word else ""


@cache
def _compiled() -> tuple[re.Pattern[str], re.Pattern[str]]:
    known = lists().values()
    return _any_of([phrase for one in known for phrase in one.phrases]), _any_of(
        [phrase for one in known for phrase in one.look_alikes]
    )


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(f"(?<= )(?:{'|'.join(map(pattern, phrases))})")
