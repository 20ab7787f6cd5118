"""What differs by country: where a child can turn outside this bot. Data, each number with its source and the day it
was last checked; a number without either is not shown to anybody (rule 10 of docs/safeguarding.md).

`checked_on` is a day ("2026-11-22"), a month or a year; a month or a year counts from its first day.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from domain.messages import Text, text

CODES = ("az", "kz", "ru", "ua")
GOOD_FOR = timedelta(days=90)

_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_NUMBER = re.compile(r"\+?[0-9][0-9 -]{1,18}")

WHAT: dict[str, Text] = {
    "emergency": text("Emergency services"),
    "children": text("Children's helpline"),
    "children_mobile": text("Children's helpline, from a mobile phone"),
    "family": text("Helpline for families, women and children's rights"),
    "ministry": text("Hotline of the ministry of education"),
}


class CountryError(ValueError):
    """A country's file doesn't follow the rules; the text is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Helpline:
    """A number to call. `what` is a key of WHAT."""

    what: str
    number: str
    source: str
    checked_on: date

    def is_due(self, today: date) -> bool:
        """Whether somebody should ring it again to see that it still works."""
        return today - self.checked_on > GOOD_FOR


@dataclass(frozen=True, slots=True)
class Country:
    """`unchecked` are numbers that stand in the file without a source or a date: nobody is shown them."""

    code: str
    helplines: tuple[Helpline, ...]
    unchecked: tuple[str, ...]


@cache
def get(code: str) -> Country:
    """The country of a code; one without a file has no helplines."""
    if code not in CODES:
        return Country(code, (), ())
    return parse(code, files(__package__).joinpath(f"{code}.toml").read_text("utf-8"))


def parse(code: str, source: str) -> Country:
    """A country from the text of its file. Raises CountryError for what can't be right."""
    try:
        listed = tomllib.loads(source).get("numbers", [])
    except tomllib.TOMLDecodeError as error:
        raise CountryError(f"The file of {code} can't be read: {error}.") from error
    helplines: list[Helpline] = []
    unchecked: list[str] = []
    for entry in listed:
        found = _helpline(code, entry)
        if found is None:
            unchecked.append(str(entry["number"]))
        else:
            helplines.append(found)
    return Country(code, tuple(helplines), tuple(unchecked))


def complaints(country: Country, today: date) -> list[str]:
    """What whoever runs the bot has to check, in sentences."""
    due = [line.number for line in country.helplines if line.is_due(today)]
    found = []
    if not country.helplines:
        found.append(f"No helpline of the country {country.code!r} has a source and a date: the hotline stays closed.")
    if country.unchecked:
        found.append(f"Ring these numbers, then date them in domain/countries: {_listed(country.unchecked)}.")
    if due:
        found.append(f"These numbers were last checked over 90 days ago; ring them again: {_listed(due)}.")
    return found


def _helpline(code: str, entry: dict[str, Any]) -> Helpline | None:
    what, number = str(entry.get("what", "")), str(entry.get("number", ""))
    if what not in WHAT or not _NUMBER.fullmatch(number):
        raise CountryError(f"The file of {code} has an entry without a known kind and a number: {what!r}, {number!r}.")
    source, checked_on = str(entry.get("source", "")).strip(), _day(code, str(entry.get("checked_on", "")).strip())
    return None if not source or checked_on is None else Helpline(what, number, source, checked_on)


def _day(code: str, typed: str) -> date | None:
    if not typed:
        return None
    found = _DAY.fullmatch(typed)
    try:
        return date(*(int(part or 1) for part in found.groups())) if found else _no_day(code, typed)
    except ValueError as error:
        raise CountryError(f"The file of {code} has a date that doesn't exist: {typed}.") from error


def _no_day(code: str, typed: str) -> date:
    raise CountryError(f"The file of {code} has a date like no other: {typed!r}. Write 2026-11-22.")


def _listed(numbers: Sequence[str]) -> str:
    return ", ".join(numbers)
