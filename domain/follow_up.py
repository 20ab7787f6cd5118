"""Danger is not over when somebody has answered once: within a day whoever works on the case looks again (rule 9)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.cases import Case, Deed
from domain.messages import Text, Words, text

AFTER = timedelta(hours=24)
AGAIN_AFTER = timedelta(hours=3)  # with nothing done about it, the supervisors are asked again

# What counts as done about it.
DONE = frozenset({Deed.ANSWERED, Deed.NOTED})
CALLS = 2

Entries = Sequence[tuple[Deed, datetime]]  # of the log of a case, in their order


def is_due(case: Case, entries: Entries, now: datetime) -> bool:
    """Whether to ask now: a day after it was taken, or after a later alarm, and once more when nothing was done."""
    begins = _begins(case, entries)
    if begins is None:
        return False
    asked = [(at, place) for place, (deed, at) in enumerate(entries) if deed is Deed.FOLLOW_UP and at > begins]
    if not asked:
        return now >= begins + AFTER
    at, place = asked[-1]
    done = any(deed in DONE for deed, _ in entries[place:])
    return len(asked) < CALLS and not done and now >= at + AGAIN_AFTER


def is_again(case: Case, entries: Entries) -> bool:
    """Whether it was asked for before, since the danger began."""
    begins = _begins(case, entries)
    return begins is not None and any(deed is Deed.FOLLOW_UP and at > begins for deed, at in entries)


def _begins(case: Case, entries: Entries) -> datetime | None:
    """The first time that somebody took it; a later alarm begins anew."""
    taken = next((at for deed, at in entries if deed is Deed.CLAIMED), None)
    alarms = [at for deed, at in entries if deed is Deed.RAISED]
    if taken is None:
        return None
    return max([taken, *alarms, *([case.alarmed_at] if case.alarmed_at else [])])


def asked(case: Case) -> Text:
    return text("case %(number)s: danger yesterday: please follow up", number=Words(case.number))
