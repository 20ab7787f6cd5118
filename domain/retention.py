"""When a closed case ends: how long it is kept by what became of it, and by the rules of its country (rule 21)."""

from collections.abc import Set
from datetime import datetime, timedelta

from domain import countries
from domain.cases import Case, Reason, Risk
from domain.concerns import Concern
from domain.times import coarse

# What the log tells of a case that had more than words.
PLANNED, REFERRED = "planned", "referred"
_DAY = timedelta(days=1)

# What was shown of a case leaves the chats first. Who can't be reached holds nothing up for longer than this: the
# messenger deletes nothing older.
COPIES_HOLD = timedelta(hours=48)


def ends_on(case: Case, reason: Reason, deeds: Set[str], closed_at: datetime) -> datetime:
    """The first moment of the day on which a case closed at this time is destroyed."""
    return coarse(closed_at + lasts(case, reason, deeds), _DAY) + _DAY


def lasts(case: Case, reason: Reason, deeds: Set[str]) -> timedelta:
    """For how long a case that is closed for this reason is kept."""
    kept = countries.get(case.community.country).retention
    only_asked = reason is Reason.INFORMED or case.kind is Concern.INFORMATION
    long = kept.information if only_asked and case.risk is Risk.NORMAL else kept.closed
    if PLANNED in deeds:
        long = max(long, kept.plan)
    if REFERRED in deeds or reason is Reason.HANDED_ON:
        long = max(long, kept.referral)
    return long
