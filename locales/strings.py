"""Carries the sentences of the code into the catalogues, and the catalogues into the program.

python -m locales.strings update     the code → birge.pot → the five .po files (make strings)
python -m locales.strings compile    .po → .mo; stops at a placeholder that would break a sentence
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ("handlers", "jobs", "domain", "bot")
KEYWORDS: Final = {"text": (1,), "text_n": (1, 2)}
NOTE: Final = "NOTE:"

_EAST_SLAVIC: Final = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
)
_ONE_AND_MANY: Final = "nplurals=2; plural=(n != 1);"
PLURAL_FORMS: Final = {
    "az": _ONE_AND_MANY,
    "kk": _ONE_AND_MANY,
    "ru": _EAST_SLAVIC,
    "uk": _EAST_SLAVIC,
    "en": _ONE_AND_MANY,
}
# Languages whose first form means exactly one, so that "one pupil" needs no number. In ru and uk it means 21, too.
ONE_IS_ONE: Final = frozenset({"az", "kk", "en"})
COUNT: Final = "n"  # text_n() puts the number into %(n)s

PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")

# A header that changed by itself would make a conflict of every two branches that add a sentence.
_FIXED_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_CHURN: Final = (b'"Generated-By:', b'"Last-Translator:', b'"Language-Team:', b'"PO-Revision-Date:', b'"Report-Msgid')


class CatalogueError(Exception):
    """A catalogue nobody can use; the words say where and why."""


# --- where things are -------------------------------------------------------------------------------------------------


def pot_path(root: Path) -> Path:
    return root / "locales" / "birge.pot"


def po_path(root: Path, language: str) -> Path:
    return root / "locales" / language / "LC_MESSAGES" / "birge.po"


def source_files(root: Path) -> list[Path]:
    return [path for folder in SOURCES for path in sorted((root / folder).rglob("*.py"))]


# --- reading and writing ----------------------------------------------------------------------------------------------


def load(path: Path) -> Catalog:
    """Raises CatalogueError for a file that isn't there or isn't a catalogue."""
    try:
        with path.open("rb") as file:
            return read_po(file, abort_invalid=True)
    except FileNotFoundError:
        raise CatalogueError(f"{path}: there is no such file; run `make strings`.") from None
    except (PoFileError, ValueError) as error:
        raise CatalogueError(f"{path}: this isn't a catalogue: {error}.") from error


def save(path: Path, catalog: Catalog) -> None:
    """Writes the file only if it changes: no line numbers, no line breaks of its own, no dates."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=0, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    lines = [line for line in buffer.getvalue().splitlines(keepends=True) if not line.startswith(_CHURN)]
    content = b"".join(lines)
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def forms(message: Message) -> tuple[str, ...]:
    """The translations: one, or one for each plural form."""
    return tuple(message.string) if isinstance(message.string, (list, tuple)) else (message.string or "",)


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def form_count(language: str) -> int:
    return int(PLURAL_FORMS[language].removeprefix("nplurals=").partition(";")[0])


def sentences(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


# --- extract and update -----------------------------------------------------------------------------------------------


def extract_strings(root: Path) -> Catalog:
    """Every text(…) and text_n(…) in the code, with the translators' notes above them."""
    template = _empty_catalogue(None)
    for path in source_files(root):
        name = path.relative_to(root).as_posix()
        for line, msgid, notes in extract_file(path):
            template.add(msgid, locations=[(name, line)], auto_comments=notes)
    return template


def extract_file(path: Path) -> list[tuple[int, str | tuple[str, ...], list[str]]]:
    """The line, the sentence (or singular and plural) and the notes of each call."""
    with path.open("rb") as file:
        return [(line, msgid, notes) for line, msgid, notes, _ in extract("python", file, KEYWORDS, [NOTE])]


def update(root: Path) -> None:
    template = extract_strings(root)
    save(pot_path(root), template)
    for language in PLURAL_FORMS:
        path = po_path(root, language)
        catalog = load(path) if path.exists() else _empty_catalogue(language)
        before = {singular(message): message.id for message in sentences(catalog)}
        catalog.update(template, no_fuzzy_matching=True)
        catalog.mime_headers = [("Plural-Forms", PLURAL_FORMS[language])]
        _doubt_changed_plurals(catalog, before)
        if language == "en":
            _say_it_as_written(catalog)
        save(path, catalog)
        _report(language, catalog)


def _empty_catalogue(language: str | None) -> Catalog:
    return Catalog(
        locale=language,
        project="Birge",
        version="1",
        header_comment="# What Birge says. Changed a sentence in the code? make strings. Done translating? make check.",
        creation_date=_FIXED_DATE,
        revision_date=_FIXED_DATE,
        fuzzy=False,
    )


def _doubt_changed_plurals(catalog: Catalog, before: Mapping[str, object]) -> None:
    """Babel finds a plural by its singular alone: if only the English plural changed, the old forms would stay."""
    for message in sentences(catalog):
        if message.pluralizable and message.id != before.get(singular(message), message.id):
            message.flags.add("fuzzy")


def _say_it_as_written(english: Catalog) -> None:
    for message in sentences(english):
        message.string = message.id
        message.flags.discard("fuzzy")


def _report(language: str, catalog: Catalog) -> None:
    missing = sum(not all(forms(message)) or message.fuzzy for message in sentences(catalog))
    print(f"{language}: {len(catalog)} sentences, {missing} to translate, {len(catalog.obsolete)} taken out")
    for gone in catalog.obsolete.values():
        print(f"  out: {singular(gone)!r}")


# --- compile ----------------------------------------------------------------------------------------------------------


def compile_catalogues(root: Path) -> None:
    """Writes the .mo files that are older than their .po. Raises CatalogueError before writing a broken one."""
    for language in PLURAL_FORMS:
        source = po_path(root, language)
        target = source.with_suffix(".mo")
        if target.exists() and source.exists() and target.stat().st_mtime > source.stat().st_mtime:
            continue
        catalog = load(source)
        if faults := [f"{source}:{line}" for line in _broken_lines(language, catalog)]:
            raise CatalogueError("\n".join(faults))
        with target.open("wb") as file:
            write_mo(file, catalog)


def _broken_lines(language: str, catalog: Catalog) -> Iterator[str]:
    for message in sentences(catalog):
        for advice in misplaced(language, message):
            yield f"{message.lineno}: {singular(message)!r}: {advice}"


def misplaced(language: str, message: Message) -> Iterator[str]:
    """What is wrong with the placeholders of the forms that are translated."""
    for position, (source, form) in enumerate(pairs(message)):
        means_one = message.pluralizable and position == 0 and language in ONE_IS_ONE
        if form:
            yield from _misplaced_in(source, form, optional={COUNT} if means_one else set())


def _misplaced_in(source: str, form: str, optional: set[str]) -> Iterator[str]:
    if "%" in PLACEHOLDER.sub("", form).replace("%%", ""):
        yield f"in {form!r} a percent sign is neither %% nor part of %(name)s; write it as one of them"
    wanted, found = set(PLACEHOLDER.findall(source)), set(PLACEHOLDER.findall(form))
    for name in sorted(wanted - found - optional):
        yield f"%({name})s is missing in {form!r}; put it where it belongs"
    for name in sorted(found - wanted):
        yield f"%({name})s in {form!r} isn't in the English sentence; take it out or correct its name"


def pairs(message: Message) -> list[tuple[str, str]]:
    """Each translated form beside the English it translates; a plural's forms all beside the English plural."""
    source = message.id if isinstance(message.id, str) else message.id[1]
    return [(source, form) for form in forms(message)]


def main(arguments: Sequence[str]) -> int:
    commands = {"update": update, "compile": compile_catalogues}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        commands[arguments[0]](ROOT)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
