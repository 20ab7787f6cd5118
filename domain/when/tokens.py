"""A message cut into words and figures, each knowing where it stood in what was typed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from domain.when.words import LONGEST_PHRASE, Meanings, Role, Suffix, fold, key, lexicon, suffixes


class Kind(Enum):
    WORD = auto()
    NUMBER = auto()  # values: the number
    CLOCK = auto()  # values: hour, minute
    DATE = auto()  # values: year, month, day
    PAIR = auto()  # 7.12, 18.30, 18-00: values: first, second
    DASH = auto()
    FIGURE = auto()  # figures or signs that stand for no date: a phone number, "~"


@dataclass(frozen=True, slots=True)
class Token:
    """start and end are places in the text as typed; size counts the digits of the first number."""

    kind: Kind
    start: int
    end: int
    text: str = ""
    meanings: Meanings = field(default_factory=dict)
    values: tuple[int, ...] = ()
    size: int = 0
    second_size: int = 0
    mark: str = ""
    suffix: frozenset[Suffix] = frozenset()
    glued: bool = False  # no space before it
    apart: bool = False  # a comma, a bracket, a new line or the like before it
    broken: bool = False  # a new line, a colon or a quotation mark before it

    def value(self, role: Role) -> int | None:
        """What the word means in this role; None if it has no such role."""
        return self.meanings.get(role)

    def has(self, *roles: Role) -> bool:
        return any(role in self.meanings for role in roles)


# Each alternative takes a run that cannot be split in two ways, so reading time grows only with the text's length.
_PIECE = re.compile(
    r"(?P<first_of_two>\d{1,2}[.:]\d{2})(?=-\d{1,2}[.:]\d{2}(?![.:/-]?\d))"
    r"|(?P<figure>\d+(?:[.:/-]\d+)*)(?P<tail>-?(?:[ap]\.m\b|[^\W\d_]+))?"
    r"|(?P<half>[ap]\.\s?m\b)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<dash>-)"
    r"|(?P<doubt>[~≈<>+±≤≥])"
    r"|(?P<stop>[^\s])"
    r"|(?P<line>\n)"
)
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_PAIR = re.compile(r"(\d{1,2})([-./])(\d{1,2})")
_NUMBER = re.compile(r"\d{1,4}")
YEAR_SIZE = 4
_BREAKS = frozenset(':"“”„«»|;')


def tokenise(words: str, language: str) -> list[Token]:
    """Never fails; what is no word and no figure only sets its neighbours apart."""
    folded, places = _fold(words)
    return list(_join_phrases(list(_pieces(folded, places, language)), lexicon(language)))


def _fold(words: str) -> tuple[str, list[int]]:
    """The text as it is compared, and for each of its characters (and its end) the place in the text as typed."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(words):
        for plain in fold(character):
            folded.append(plain)
            places.append(place)
    return "".join(folded), [*places, len(words)]


def _pieces(folded: str, places: list[int], language: str) -> Iterator[Token]:
    apart = broken = False
    end = 0
    for match in _PIECE.finditer(folded):
        if match["stop"] or match["line"]:
            apart = True
            broken = broken or bool(match["line"]) or match["stop"] in _BREAKS
            continue
        first, *others = _read(match, places, language)
        yield replace(first, glued=first.start == end, apart=apart, broken=broken)
        yield from others
        end = places[match.end()]
        apart = broken = False


def _read(match: re.Match[str], places: list[int], language: str) -> list[Token]:
    start, end = places[match.start()], places[match.end()]
    if match["first_of_two"]:
        return [_figure(match[0], start, end)]
    if match["figure"]:
        return _read_figure(match, places, language)
    if match["half"] or match["word"]:
        return [_word(match[0], start, end, language)]
    return [Token(Kind.DASH if match["dash"] else Kind.FIGURE, start, end, match[0])]


def _read_figure(match: re.Match[str], places: list[int], language: str) -> list[Token]:
    figure = _figure(match["figure"], places[match.start()], places[match.end("figure")])
    if not match["tail"]:
        return [figure]
    letters = match["tail"].lstrip("-")
    after = places[match.end()]
    word = replace(_word(letters, places[match.end() - len(letters)], after, language), glued=True)
    if _is_suffix(word.text, figure, match["tail"]):
        return [replace(figure, suffix=suffixes()[word.text], end=after)]
    counts = word.has(Role.MONTH, Role.UNIT, Role.UNIT_DAYS, Role.PART_OF, Role.OCLOCK)
    if counts or figure.kind is not Kind.NUMBER or (word.has(Role.YEAR_WORD) and figure.size == YEAR_SIZE):
        return [figure, word]  # 6pm, 7-декабря, 2026г, 18:00Z
    return [Token(Kind.WORD, figure.start, after, match[0])]  # 5A, 10-Б: the name of a class, no number


def _is_suffix(name: str, figure: Token, tail: str) -> bool:
    if name not in suffixes() or figure.kind is Kind.FIGURE:
        return False
    # "5a" is a class; only "5-a qədər" can be an hour.
    return suffixes()[name] != {Suffix.TO} or figure.kind is not Kind.NUMBER or tail.startswith("-")


def _figure(text: str, start: int, end: int) -> Token:
    if match := _YEAR_FIRST.fullmatch(text):
        return Token(Kind.DATE, start, end, text, values=(int(match[1]), int(match[3]), int(match[4])))
    if match := _DAY_FIRST.fullmatch(text):
        year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
        return Token(Kind.DATE, start, end, text, values=(year, int(match[3]), int(match[1])))
    if match := _CLOCK.fullmatch(text):
        return Token(Kind.CLOCK, start, end, text, values=(int(match[1]), int(match[2])), size=len(match[1]))
    if match := _PAIR.fullmatch(text):
        values = int(match[1]), int(match[3])
        size, second_size = len(match[1]), len(match[3])
        return Token(Kind.PAIR, start, end, text, values=values, mark=match[2], size=size, second_size=second_size)
    if _NUMBER.fullmatch(text):
        return Token(Kind.NUMBER, start, end, text, values=(int(text),), size=len(text))
    return Token(Kind.FIGURE, start, end, text)


def _word(text: str, start: int, end: int, language: str) -> Token:
    name = key("".join(c for c in text if c.isalpha()))
    return Token(Kind.WORD, start, end, name, lexicon(language).get((name,), {}))


def _join_phrases(tokens: list[Token], known: Mapping[tuple[str, ...], Meanings]) -> Iterator[Token]:
    """Words that mean something only together, as "cümə axşamı", become one token, the longest phrase first."""
    at = 0
    while at < len(tokens):
        phrase, after = _longest_phrase(tokens, at, known)
        if phrase:
            yield replace(tokens[at], end=tokens[after - 1].end, text=" ".join(phrase), meanings=known[phrase])
        else:
            yield tokens[at]
        at = after


def _longest_phrase(
    tokens: list[Token], at: int, known: Mapping[tuple[str, ...], Meanings]
) -> tuple[tuple[str, ...], int]:
    """The phrase that begins here, if any, and the place after it. "bazar-ertəsi" is one phrase too."""
    words: list[str] = []
    best: tuple[str, ...] = ()
    after = at + 1
    for place in range(at, min(at + 2 * LONGEST_PHRASE, len(tokens))):
        if tokens[place].kind is Kind.DASH and tokens[place].glued and words:
            continue
        if tokens[place].kind is not Kind.WORD or len(words) == LONGEST_PHRASE:
            break
        words.append(tokens[place].text)
        if len(words) > 1 and tuple(words) in known:
            best, after = tuple(words), place + 1
    return best, after
