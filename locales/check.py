"""Reads the catalogues as a careful editor would: python -m locales.check (part of make check).

Notes for translators steer some checks; write them on the line above text(…):

    # NOTE: button           the sentence labels a button: at most 24 characters in each language
    # NOTE: child            said to a child: the familiar forms of address are right
    # NOTE: any alphabet     holds names or words in other alphabets
"""

import ast
import itertools
import re
import sys
import tokenize
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message

from locales import strings

BUTTON_LONG: Final = 20
BUTTON_TOO_LONG: Final = 24

TAG: Final = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*>")
TAGS: Final = frozenset({"a", "b", "blockquote", "code", "i", "pre", "s", "tg-spoiler", "u"})
ADDRESS: Final = re.compile(r"https?://\S+|[\w.]+@[\w.]+|[/@]\w+|&\w+;")
WORD: Final = re.compile(r"[^\W\d_]+")
LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u02af]")
CYRILLIC: Final = re.compile(r"[\u0400-\u052f]")
# Letters that look the same in both alphabets: alone they are typed on the wrong keyboard more often than meant.
TWIN: Final = re.compile(r"(?<![\w-])[aceiopxyABCEHIKMOPTXY](?![\w-])")
SYMBOLS: Final = frozenset({"So", "Sk", "Sm", "Mn", "Me", "Cf"})
LATIN_LANGUAGES: Final = frozenset({"az", "en"})
FOREIGN_LETTERS: Final = {
    "ru": (re.compile("[іїєґәғқңөұүһ]", re.IGNORECASE), "Russian"),
    "uk": (re.compile("[ыэъёәғқңөұүһ]", re.IGNORECASE), "Ukrainian"),
    "kk": (re.compile("[їєґ]", re.IGNORECASE), "Kazakh"),
}
FAMILIAR: Final = {
    "az": re.compile(r"\b(sən|səni|sənə|sənin|səndə|səndən)\b", re.IGNORECASE),
    "kk": re.compile(r"\b(сен|сені|саған|сенің|сенде|сенен|сенімен)\b", re.IGNORECASE),
    "ru": re.compile(r"\b(ты|тебя|тебе|тобой|твой|твоя|твоё|твое|твои)\b", re.IGNORECASE),
    "uk": re.compile(r"\b(ти|тебе|тобі|тобою|твій|твоя|твоє|твої)\b", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` is a path and a line; `advice` says what is wrong and what to do."""

    where: str
    sentence: str
    advice: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {'' if self.fatal else 'warning: '}{self.sentence!r}: {self.advice}"


def check(root: Path) -> list[Fault]:
    """Everything that is wrong with the catalogues under `root`, which stands beside handlers/, jobs/…"""
    template = strings.extract_strings(root)
    faults = [*check_sources(root), *check_template(root, template)]
    for language in strings.PLURAL_FORMS:
        faults.extend(check_catalogue(root, language, template))
    return faults


# --- the code ---------------------------------------------------------------------------------------------------------


def check_sources(root: Path) -> Iterator[Fault]:
    for path in strings.source_files(root):
        name = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=name)
        for line in _unreadable_calls(tree):
            advice = "the catalogues see only a plain string here; pass the sentence itself, and values as %(name)s"
            yield Fault(f"{name}:{line}", "text(…)", advice)
        for line, note in _lost_notes(path):
            yield Fault(f"{name}:{line}", note, "reaches no sentence; put it on the line right above text( or text_n(")


def _unreadable_calls(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (wanted := strings.KEYWORDS.get(_called(node.func))):
            given = node.args[: len(wanted)]
            if any(not (isinstance(each, ast.Constant) and isinstance(each.value, str)) for each in given):
                yield node.lineno


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _lost_notes(path: Path) -> Iterator[tuple[int, str]]:
    """Notes above a line without a sentence, and notes behind code: those would go to the sentence that follows."""
    heard = Counter(note for *_, notes in strings.extract_file(path) for note in notes)
    with path.open("rb") as file:
        comments = [token for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]
    for token in comments:
        note = token.string.lstrip("# ")
        if not note.startswith(strings.NOTE):
            continue
        heard[note] -= 1
        if heard[note] < 0 or token.line[: token.start[1]].strip():
            yield token.start[0], note


# --- a catalogue as a whole -------------------------------------------------------------------------------------------


def check_template(root: Path, template: Catalog) -> Iterator[Fault]:
    path = strings.pot_path(root)
    name = path.relative_to(root).as_posix()
    try:
        stored = strings.load(path)
    except strings.CatalogueError as error:
        yield Fault(name, "", str(error))
        return
    if _contents(stored) != _contents(template):
        yield Fault(name, "", "the code has changed since it was written; run `make strings`")


def _contents(catalog: Catalog) -> dict[object, set[str]]:
    """Each sentence with the words of its notes: the file breaks their lines elsewhere."""
    return {message.id: set(" ".join(message.auto_comments).split()) for message in strings.sentences(catalog)}


def check_catalogue(root: Path, language: str, template: Catalog) -> Iterator[Fault]:
    path = strings.po_path(root, language)
    name = path.relative_to(root).as_posix()
    try:
        catalog = strings.load(path)
    except strings.CatalogueError as error:
        yield Fault(name, "", str(error))
        return
    yield from _check_header(name, language, catalog)
    yield from _check_file(name, path, catalog)
    yield from _check_obsolete(name, catalog, template)
    for wanted in strings.sentences(template):
        message = catalog.get(strings.singular(wanted))
        if message is None or message.id != wanted.id:
            yield Fault(name, strings.singular(wanted), "is in the code and not here; run `make strings`, translate it")
            continue
        yield from _check_message(name, language, message, wanted)


def _check_header(name: str, language: str, catalog: Catalog) -> Iterator[Fault]:
    wanted = strings.PLURAL_FORMS[language]
    if f"nplurals={catalog.num_plurals}; plural={catalog.plural_expr};" != wanted:
        yield Fault(name, "Plural-Forms", f"set it to {wanted!r}, or run `make strings`")
    if str(catalog.locale_identifier) != language:
        yield Fault(name, "Language", f"set it to {language!r}")


def _check_file(name: str, path: Path, catalog: Catalog) -> Iterator[Fault]:
    msgids = len(re.findall(r"^msgid ", path.read_text(encoding="utf-8"), re.MULTILINE))
    if msgids - 1 > len(catalog):
        yield Fault(name, "", "a sentence stands here twice; keep the right one, then run `make strings`")


def _check_obsolete(name: str, catalog: Catalog, template: Catalog) -> Iterator[Fault]:
    gone = [*catalog.obsolete.values(), *(m for m in strings.sentences(catalog) if m.id not in template)]
    for message in gone:
        yield Fault(name, strings.singular(message), "is no longer in the code; run `make strings`")


# --- one sentence -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """One translated form beside the English it translates."""

    language: str
    source: str
    words: str
    notes: tuple[str, ...]

    def noted(self, note: str) -> bool:
        return any(each.startswith(f"{strings.NOTE} {note}") for each in self.notes)

    def prose(self) -> str:
        """The words without tags, placeholders, addresses and commands."""
        return ADDRESS.sub(" ", strings.PLACEHOLDER.sub(" ", TAG.sub(" ", self.words)))


def _check_message(name: str, language: str, message: Message, wanted: Message) -> Iterator[Fault]:
    """`wanted` is the sentence as the code has it now, with its notes."""
    where = f"{name}:{message.lineno}"
    if language == "en":  # its words are the code's: that is where to mend them
        where = ":".join(map(str, wanted.locations[0]))
    sentence = strings.singular(message)
    for advice in (*_unfinished(language, message), *strings.misplaced(language, message)):
        yield Fault(where, sentence, advice)
    for source, words in strings.pairs(message):
        form = Form(language, source, words, tuple(wanted.auto_comments))
        if words.strip():
            yield from (Fault(where, sentence, advice) for judge in JUDGES for advice in judge(form))
            yield from (Fault(where, sentence, advice, fatal=False) for judge in DOUBTS for advice in judge(form))


def _unfinished(language: str, message: Message) -> Iterator[str]:
    translated = strings.forms(message)
    if message.fuzzy:
        yield "is marked fuzzy; correct the translation and take the mark away"
    if not all(form.strip() for form in translated):
        yield "isn't translated; translate each form"
    wanted = strings.form_count(language) if message.pluralizable else 1
    if len(translated) != wanted:
        yield f"has {len(translated)} plural forms; {language} needs {wanted}"


def _judge_tags(form: Form) -> Iterator[str]:
    tags = TAG.findall(form.words)
    if unknown := sorted({name for _, name in tags} - TAGS):
        yield f"no messenger knows <{unknown[0]}>; write &lt; for a plain <, or use one of {', '.join(sorted(TAGS))}"
    if not _balanced(tags):
        yield f"the tags in {form.words!r} don't close in turn; close each one, the innermost first"
    if Counter(tags) != Counter(TAG.findall(form.source)):
        yield f"the tags in {form.words!r} aren't those of the English sentence; use the same ones"


def _balanced(tags: Sequence[tuple[str, str]]) -> bool:
    open_tags: list[str] = []
    for slash, name in tags:
        if not slash:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags


def _judge_emoji(form: Form) -> Iterator[str]:
    wanted = _leading_symbols(form.source)
    if _leading_symbols(form.words) != wanted:
        yield (
            f"{form.words!r} should begin with {wanted!r}"
            if wanted
            else f"{form.words!r} begins with a sign of its own"
        )


def _leading_symbols(words: str) -> str:
    return "".join(itertools.takewhile(lambda sign: unicodedata.category(sign) in SYMBOLS, TAG.sub("", words)))


def _judge_space(form: Form) -> Iterator[str]:
    if _margins(form.words) != _margins(form.source):
        yield f"{form.words!r} doesn't begin or end with the same spaces or line breaks as the English sentence"


def _margins(words: str) -> tuple[str, str]:
    return words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]


def _judge_button(form: Form) -> Iterator[str]:
    if form.noted("button") and _width(form.words) > BUTTON_TOO_LONG:
        yield f"{form.words!r} is {_width(form.words)} characters; a button has room for {BUTTON_TOO_LONG}: shorten it"


def _doubt_button(form: Form) -> Iterator[str]:
    if form.noted("button") and BUTTON_LONG < _width(form.words) <= BUTTON_TOO_LONG:
        yield f"{form.words!r} is {_width(form.words)} characters; a small screen shows {BUTTON_LONG} of a button"


def _width(words: str) -> int:
    """A placeholder counts as two digits; variation selectors take no room."""
    return len(strings.PLACEHOLDER.sub("00", words).replace("\ufe0f", ""))


def _judge_alphabet(form: Form) -> Iterator[str]:
    if form.noted("any alphabet"):
        return
    prose = form.prose()
    for word in WORD.findall(prose):
        if LATIN.search(word) and CYRILLIC.search(word):
            yield f"{word!r} mixes Latin and Cyrillic letters ({_odd_letters(word)}); type it again in one alphabet"
    if form.language in LATIN_LANGUAGES:
        if found := CYRILLIC.search(prose):
            yield f"{found[0]!r} in {form.words!r} is a Cyrillic letter; {form.language} is written in Latin"
        return
    for letter in set(TWIN.findall(prose)) - set(TWIN.findall(form.source)):
        yield f"{letter!r} in {form.words!r} is a Latin letter standing alone; type it in Cyrillic"
    letters, name = FOREIGN_LETTERS[form.language]
    if found := letters.search(prose):
        yield f"{found[0]!r} in {form.words!r} isn't a {name} letter; correct the word"


def _odd_letters(word: str) -> str:
    latin, cyrillic = LATIN.findall(word), CYRILLIC.findall(word)
    return f"Latin: {''.join(latin)}" if len(latin) <= len(cyrillic) else f"Cyrillic: {''.join(cyrillic)}"


def _judge_address(form: Form) -> Iterator[str]:
    familiar = FAMILIAR.get(form.language)
    if familiar and not form.noted("child") and (found := familiar.search(form.prose())):
        yield f"{found[0]!r} is familiar; use the polite form, or note `# NOTE: child` in the code if a child reads it"


def _doubt_unchanged(form: Form) -> Iterator[str]:
    if form.language != "en" and form.words == form.source and WORD.search(form.prose()):
        yield f"{form.words!r} is the English; translate it if {form.language} has a word of its own"


Judge = Callable[[Form], Iterator[str]]
JUDGES: Final[tuple[Judge, ...]] = (
    _judge_tags,
    _judge_emoji,
    _judge_space,
    _judge_button,
    _judge_alphabet,
    _judge_address,
)
DOUBTS: Final[tuple[Judge, ...]] = (_doubt_button, _doubt_unchanged)


def main() -> int:
    faults = check(strings.ROOT)
    for fault in faults:
        print(fault)
    wrong = sum(fault.fatal for fault in faults)
    print(f"Catalogues: {wrong} faults, {len(faults) - wrong} warnings.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
