"""What people type, made fit to keep and to show: their words stay theirs."""

import unicodedata

# Marks that turn the direction of what follows; zero-width joiners stay, some scripts and emoji need them.
_TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)}
_INVISIBLE = {"\u200b", "\u2060", "\ufeff", "\u00ad", "\u180e"}
_BLANK_LETTERS = {"\u3164", "\u115f", "\u1160", "\uffa0", "\u2800"}


def clean(words: str) -> str:
    """The words in composed form, without control, direction and zero-width characters; line breaks stay."""
    lined = words.replace("\r\n", "\n").replace("\r", "\n")
    # Composed last: what stood between a letter and its accent may be gone now.
    return unicodedata.normalize("NFC", "".join(letter for letter in lined if _may_stay(letter))).strip()


def clean_line(words: str) -> str:
    """The words on one line, with single spaces: a name or a title."""
    return " ".join(clean(words).split())


def shorten(words: str, most: int) -> str:
    """The words, cut at `most` characters with an ellipsis."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def units(words: str) -> int:
    """The length as the messenger counts it: an emoji is two."""
    return len(words.encode("utf-16-le")) // 2


def _may_stay(letter: str) -> bool:
    if letter in "\n\t":
        return True
    if letter in _TURNING or letter in _INVISIBLE or letter in _BLANK_LETTERS:
        return False
    category = unicodedata.category(letter)
    if category == "Cn":  # an emoji newer than this Python stays, what Unicode will never assign doesn't
        return not (0xFDD0 <= ord(letter) <= 0xFDEF or ord(letter) & 0xFFFE == 0xFFFE)
    return category not in {"Cc", "Cs", "Co"}
