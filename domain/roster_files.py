"""A list of classes and names as it comes in a file: its bytes become rows of cells, or one sentence says why not.

Whoever sends it means well and knows no formats: CSV with any of three delimiters in any of four encodings, or XLSX.
Nothing here trusts the bytes: sizes are counted before anything is unpacked, and no formula is ever worked out.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.messages import Refused, Text, text

LARGEST = 2 * 1024 * 1024  # bytes
MOST_LINES = 20_000
_DELIMITERS = ";,\t"
_MOST_UNPACKED, _MOST_PARTS = 24 * 1024 * 1024, 400
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s>/]")
# A cell beyond column Z or below line 29,999.
_FAR_CELL = re.compile(
    rb"""<(?:\w+:)?(?:c|row)\s(?:[^<>]*\s)?r\s*=\s*["'](?:[A-Z]{2,}[0-9]+|[A-Z]?(?:[3-9][0-9]{4}|[0-9]{6,}))["']"""
)
# What a spreadsheet would work out; a dash alone stands for "nothing".
_FORMULA = re.compile(r"[=+@]|-\S")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_HIGH = re.compile(rb"[\x80-\xff]")

TOO_LARGE = text(
    "This file is too large. Please send one of at most 2 MB and 20,000 lines: for example, each school alone."
)
_NOT_A_LIST = text("I can't read this file. Please save the list as XLSX or CSV and send it again.")
_EMPTY = text("There is nothing in this file. Please send one with a line for each person.")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file. `number` is what the sender's own program shows beside it."""

    number: int
    cells: tuple[str, ...]


def read(content: bytes) -> list[Line]:
    """The rows that say something, in order. Raises Refused."""
    if len(content) > LARGEST:
        raise Refused(TOO_LARGE)
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise Refused(_EMPTY)
    rows = _sheet(content) if content.startswith(_ZIP) else _csv(_decoded(content))
    found = [Line(number, cells) for number, cells in rows if any(cells)]
    if not found:
        raise Refused(_EMPTY)
    for line in found:
        if any(_FORMULA.match(cell) for cell in line.cells):
            raise Refused(_formula(line.number))
    return found


def _formula(number: int) -> Text:
    return text(
        "There is a formula in line %(line)s. Please keep only plain text in the file and send it again.",
        line=str(number),
    )


def _cells(raw: Iterable[object]) -> tuple[str, ...]:
    return tuple(_plain(one) for one in raw)


def _plain(cell: object) -> str:
    """A cell's words. A class called 5 comes out of a spreadsheet as 5.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


# --- CSV --------------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    if content.startswith(_OLD_EXCEL):
        raise Refused(_NOT_A_LIST)
    if content.startswith(_UTF_16):
        return _decoded_as(content, "utf-16")
    if b"\x00" in content:  # a picture, a PDF, a program
        raise Refused(_NOT_A_LIST)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded_as(content, _code_page(content))


def _decoded_as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(_NOT_A_LIST) from None


def _code_page(content: bytes) -> str:
    """Cyrillic (cp1251) or Turkish letters (cp1254), told apart by how words are made: in the first whole words lie
    above the plain letters, in the second a few letters among plain ones. Raises Refused when it may be either."""
    whole = mixed = 0
    for word in _WORD.findall(content):
        high = len(_HIGH.findall(word))
        whole += len(word) > 1 and high == len(word)
        mixed += 0 < high < len(word)
    if min(whole, mixed) * 4 > max(whole, mixed):
        raise Refused(text("I can't tell in which alphabet this file is. Please save it as XLSX or as CSV UTF-8."))
    return "cp1254" if mixed > whole else "cp1251"


def _csv(words: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each line for itself: a quote that nobody closed spoils its own line and no other."""
    lines = words.splitlines()
    if len(lines) > MOST_LINES + 1:
        raise Refused(TOO_LARGE)
    if any(ord(letter) < ord(" ") and letter not in "\t" for line in lines[:5] for letter in line):
        raise Refused(_NOT_A_LIST)
    delimiter = _delimiter(lines)
    for number, line in enumerate(lines, start=1):
        try:
            yield number, _cells(next(csv.reader([line], delimiter=delimiter), []))
        except csv.Error:  # one cell as long as a book
            yield number, _cells([line])


def _delimiter(lines: list[str]) -> str:
    """The one that most of the first lines agree on. Raises Refused when none divides them."""
    first = [line for line in lines if line.strip()][:50]
    found = max(_DELIMITERS, key=lambda one: sum(one in line for line in first))
    if not any(found in line for line in first):
        raise Refused(text("I see only one column. Please divide class, name and role by ; in each line."))
    return found


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _sheet(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The first sheet. Numbers count from 1, as its program shows them."""
    from python_calamine import CalamineError, CalamineWorkbook  # its memory only where a sheet is sent

    _check_parts(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, IndexError, OSError):
        raise Refused(_NOT_A_LIST) from None
    except BaseException as error:
        # A panic of the reader, which is written in Rust, is no Exception: it would stop the bot.
        if type(error).__name__ == "PanicException":
            raise Refused(_NOT_A_LIST) from None
        raise
    if len(rows) > MOST_LINES + 1:
        raise Refused(TOO_LARGE)
    return ((number, _cells(row)) for number, row in enumerate(rows, start=1))


def _check_parts(content: bytes) -> None:
    """What the archive really unpacks to is counted, whatever it says of itself; a formula is looked for. Raises
    Refused."""
    left = _MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS:
                raise Refused(TOO_LARGE)
            for part in parts:
                left -= _check_part(archive, part, left)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise Refused(_NOT_A_LIST) from None


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """How many bytes it has. Raises Refused for more than `most`."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(_NOT_A_LIST)
    part.file_size = 2 * _MOST_UNPACKED  # read to its real end, not to the one it claims
    with archive.open(part) as unpacked:
        content = unpacked.read(most + 1)
    if len(content) > most:
        raise Refused(TOO_LARGE)
    if _FAR_CELL.search(content):  # one cell in the last corner makes a sheet of 17 billion
        raise Refused(TOO_LARGE)
    if _SHEET.fullmatch(part.filename) and _FORMULA_TAG.search(content):
        raise Refused(text("There are formulas in this file. Please paste the list as plain text and send it again."))
    return len(content)
