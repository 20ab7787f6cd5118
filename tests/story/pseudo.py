"""A pseudo-locale: every sentence of the catalogues in ⟦brackets⟧, so that a text that is in none of them shows."""

from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from domain.languages import LANGUAGES
from locales.strings import extract_strings

ROOT = Path(__file__).parent.parent.parent
OPEN, CLOSE = "⟦", "⟧"


def build(folder: Path) -> Path:
    """Catalogues of all five languages in which each sentence is the English one, bracketed."""
    template = extract_strings(ROOT)
    for language in LANGUAGES:
        path = folder / language / "LC_MESSAGES" / "birge.mo"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_mo(file, _bracketed(template, language))
    return folder


def _bracketed(template: Catalog, language: str) -> Catalog:
    catalogue = Catalog(locale=Locale.parse(language))
    for message in template:
        if not message.id:
            continue
        if isinstance(message.id, str):
            catalogue.add(message.id, f"{OPEN}{message.id}{CLOSE}")
        else:
            forms = [f"{OPEN}{message.id[1]}{CLOSE}"] * catalogue.num_plurals
            catalogue.add(tuple(message.id), tuple(forms))
    return catalogue


def outside(shown: str) -> str:
    """What of a text stands in no bracket."""
    depth, left = 0, []
    for letter in shown:
        if letter == OPEN:
            depth += 1
        elif letter == CLOSE:
            depth -= 1
        elif depth == 0:
            left.append(letter)
    return "".join(left)
