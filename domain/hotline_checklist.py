"""What the hotline needs before it takes a message (row F10). The same list stands in `birge doctor` and in /duty, and
is asked each time somebody wants to write to the hotline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain import countries, distress, duty
from domain.duty import Roster
from domain.messages import Text, text
from domain.roles import Role

_WORKERS_LEAST = 2


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration says."""

    second_route: bool = False  # staff can be paged by another way than the messenger, or that is a stand-in
    untranslated: tuple[str, ...] = ()  # languages in which the notice is not whole
    can_mail: bool = False  # e-mail can be sent


NOT_SET_UP = Setup()


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody with a role of the hotline. `ready`: she can be reached, and has accepted the code of conduct."""

    person_id: int
    role: Role
    called: str
    ready: bool
    outside: bool  # her office lies above every school


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the checklist looks at."""

    country: str
    officers: tuple[Officer, ...]
    roster: Roster | None
    setup: Setup

    def able(self, role: Role) -> list[Officer]:
        return [one for one in self.officers if one.role is role and one.ready]

    @property
    def workers(self) -> list[int]:
        """Who can be on duty."""
        return [one.person_id for one in self.able(Role.WORKER)]


class Point(StrEnum):
    """In the order in which a hotline is set up."""

    WORKERS = "workers"
    SUPERVISOR = "supervisor"
    ROSTER = "roster"
    NUMBERS = "numbers"
    RETENTION = "retention"
    NOTICE = "notice"
    SECOND_ROUTE = "second route"


def missing(facts: Facts) -> list[Point]:
    """What keeps the hotline closed; none: it is open."""
    return [point for point, is_met in _MET.items() if not is_met(facts)]


def _has_workers(facts: Facts) -> bool:
    return len(set(facts.workers)) >= _WORKERS_LEAST


def _has_supervisor(facts: Facts) -> bool:
    return any(one.outside for one in facts.able(Role.SUPERVISOR))


def _has_roster(facts: Facts) -> bool:
    """It was published without a gap. Where one of a pair can't come any more the ladder passes over to the other; a
    shift to which nobody can come closes the hotline."""
    return facts.roster is not None and not duty.unmanned(facts.roster, facts.workers)


def _has_numbers(facts: Facts) -> bool:
    return countries.get(facts.country).has_what_a_child_needs


def _has_retention(facts: Facts) -> bool:
    return {rule.name for rule in countries.get(facts.country).rules} >= set(countries.KEPT)


_MET: Mapping[Point, Callable[[Facts], bool]] = {
    Point.WORKERS: _has_workers,
    Point.SUPERVISOR: _has_supervisor,
    Point.ROSTER: _has_roster,
    Point.NUMBERS: _has_numbers,
    Point.RETENTION: _has_retention,
    Point.NOTICE: lambda facts: not facts.setup.untranslated,
    Point.SECOND_ROUTE: lambda facts: facts.setup.second_route,
}


# --- in words ---------------------------------------------------------------------------------------------------------

TO_DO: Mapping[Point, Text] = {
    # NOTE: A step before the hotline opens. Helpers are people who answer children.
    Point.WORKERS: text("Two helpers who can be reached here and have accepted the code of conduct."),
    # NOTE: A step before the hotline opens. The head of the helpers.
    Point.SUPERVISOR: text("A head of the helpers who belongs to no school and has accepted the code of conduct."),
    # NOTE: A step before the hotline opens.
    Point.ROSTER: text("A duty roster without a gap: a helper and a backup for every shift."),
    # NOTE: A step before the hotline opens.
    Point.NUMBERS: text("Numbers to call, with source and date: for an emergency, and for children."),
    # NOTE: A step before the hotline opens. For how long reports are kept.
    Point.RETENTION: text("The country's rule for how long reports are kept."),
    # NOTE: A step before the hotline opens. The notice is what a child reads before the first word.
    Point.NOTICE: text("The notice for children in all five languages."),
    # NOTE: A step before the hotline opens. SMTP is a technical word: the server that sends e-mail.
    Point.SECOND_ROUTE: text("A second way to call the helpers: e-mail (BIRGE_SMTP)."),
}


def findings(facts: Facts, today: date) -> list[str]:
    """All that whoever runs the bot should know and mend about the hotline, in sentences; none: nothing."""
    closed = [f"The hotline is closed until this is there: {TO_DO[point].msgid}" for point in missing(facts)]
    return closed + countries.complaints(countries.get(facts.country), today) + _unread_lists()


def _unread_lists() -> list[str]:
    unread = [language for language, one in distress.lists().items() if not one.reviewed_by]
    return [f"Nobody has reviewed the distress words of these languages yet: {', '.join(unread)}."] if unread else []
