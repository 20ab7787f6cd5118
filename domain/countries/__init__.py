"""What differs by country: where a child can turn outside this bot, from what age she consents herself, and how long
what is kept stays. Data, each with its source and the day it was last checked; a number without either is not shown to
anybody (rule 10 of docs/safeguarding.md), a rule without either counts with a safe default until somebody checks it.

`checked_on` is a day ("2026-11-22"), a month or a year; a month or a year counts from its first day.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from domain.messages import Body, Text, Words, lines, text

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


LISTENS = frozenset({"children", "children_mobile", "family"})  # kinds of a line for children


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
class Retention:
    """For how long something is kept once it is over (rule 21)."""

    draft: timedelta = timedelta(hours=24)  # a report that was begun and not sent
    information: timedelta = timedelta(days=30)  # a question that information answered
    closed: timedelta = timedelta(days=90)  # closed, and unfounded
    plan: timedelta = timedelta(days=365)  # with a support plan
    referral: timedelta = timedelta(days=365)  # handed on to an agency
    audit: timedelta = timedelta(days=5 * 365)  # who did what, without content
    ledger: timedelta = timedelta(days=365)  # what was delivered to whom


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a country's law: consent_age in years, the others in days. Without a day of checking nobody has looked
    it up yet, and it is as careful as we can be."""

    name: str
    amount: int
    source: str = ""
    checked_on: date | None = None

    def is_due(self, today: date) -> bool:
        return self.checked_on is not None and today - self.checked_on > GOOD_FOR


CONSENT_AGE = 18  # where nobody has checked the law: whoever is younger asks a parent
KEPT = tuple(field.name for field in fields(Retention) if field.name != "draft")  # a draft's time is ours, no law's


@dataclass(frozen=True, slots=True)
class Country:
    """`unchecked` are numbers that stand in the file without a source or a date: nobody is shown them."""

    code: str
    helplines: tuple[Helpline, ...]
    unchecked: tuple[str, ...]
    rules: tuple[Rule, ...] = ()

    @property
    def consent_age(self) -> int:
        """From what age somebody consents herself."""
        return next((rule.amount for rule in self.rules if rule.name == "consent_age"), CONSENT_AGE)

    @property
    def retention(self) -> Retention:
        return Retention(**{rule.name: timedelta(days=rule.amount) for rule in self.rules if rule.name in KEPT})

    @property
    def has_what_a_child_needs(self) -> bool:
        """Numbers for an emergency and of somebody who listens to children."""
        known = {line.what for line in self.helplines}
        return "emergency" in known and bool(known & LISTENS)


@cache
def get(code: str) -> Country:
    """The country of a code; one without a file has no helplines."""
    if code not in CODES:
        return Country(code, (), ())
    return parse(code, files(__package__).joinpath(f"{code}.toml").read_text("utf-8"))


def parse(code: str, source: str) -> Country:
    """A country from the text of its file. Raises CountryError for what can't be right."""
    try:
        read = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise CountryError(f"The file of {code} can't be read: {error}.") from error
    helplines: list[Helpline] = []
    unchecked: list[str] = []
    for entry in read.get("numbers", []):
        found = _helpline(code, entry)
        if found is None:
            unchecked.append(str(entry["number"]))
        else:
            helplines.append(found)
    return Country(code, tuple(helplines), tuple(unchecked), _rules(code, read.get("rules", {})))


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
    return found + _about_rules(country, today)


def _about_rules(country: Country, today: date) -> list[str]:
    dated = {rule.name for rule in country.rules if rule.checked_on is not None and rule.source}
    unknown = [name for name in ("consent_age", *KEPT) if name not in dated]
    due = [rule.name for rule in country.rules if rule.is_due(today)]
    found = []
    if unknown:
        found.append(
            f"Nobody has checked these rules of the law of {country.code!r}; careful defaults count until a lawyer "
            f"has, and has dated them in domain/countries: {_listed(unknown)}."
        )
    if due:
        found.append(f"These rules of {country.code!r} were last checked over 90 days ago: {_listed(due)}.")
    return found


def _rules(code: str, read: dict[str, Any]) -> tuple[Rule, ...]:
    return tuple(_rule(code, name, entry) for name, entry in read.items())


def _rule(code: str, name: str, entry: dict[str, Any]) -> Rule:
    amount = entry.get("years" if name == "consent_age" else "days")
    if name not in ("consent_age", *KEPT) or type(amount) is not int or amount <= 0:
        raise CountryError(f"The file of {code} has a rule without a known name and a number above 0: {name!r}.")
    source, checked_on = str(entry.get("source", "")).strip(), _day(code, str(entry.get("checked_on", "")).strip())
    return Rule(name, amount, source, checked_on if source else None)


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


def numbers_of(several: Iterable[Country]) -> Body | None:
    """The numbers to call, each in a line of its own; None: there are none."""
    found = {(line.what, line.number): line for country in several for line in country.helplines}
    shown = [
        # The number first, where no line ends within it.
        text("📞 <b>%(number)s</b> – %(what)s", what=WHAT[line.what], number=Words(line.number))
        for line in found.values()
    ]
    return lines(*shown) if shown else None
