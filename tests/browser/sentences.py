"""The bot's sentences as a reader of some language sees them, named by their English ones."""

import re
from collections.abc import Iterable
from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from bot.render import LOCALES

_PLACEHOLDER = re.compile(r"%\\\(\w+\\\)s")
_TAG = re.compile(r"</?\w[^>]*>")


@cache
def _catalogue(language: str) -> Catalog:
    """What the bot itself reads."""
    with (LOCALES / language / "LC_MESSAGES" / "birge.mo").open("rb") as file:
        return read_mo(file)


def label(english: str, language: str) -> str:
    """A button's label."""
    message = _catalogue(language).get(english)
    return str(message.string) if message and message.string else english


def sentence(part: str, language: str) -> re.Pattern[str]:
    """Finds, in a bubble, a sentence that has this part in English: as it is translated, or in English if it is not."""
    messages = [message for message in _catalogue(language) if part in str(message.id)]
    translated = [_shown(form) for message in messages for form in _forms(message.string)]
    return re.compile("|".join([*translated, re.escape(part)]), re.DOTALL)


def _forms(translated: str | Iterable[str] | None) -> list[str]:
    """One, or one for each of a language's numbers."""
    return [translated] if isinstance(translated, str) else list(translated or ())


def _shown(translated: str) -> str:
    return _PLACEHOLDER.sub(".*?", re.escape(_TAG.sub("", translated)))
