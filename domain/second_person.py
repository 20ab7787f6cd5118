"""What one person of the hotline may not do alone: a second one agrees, or looks at it the day after.

Rules 7, 13 and 14 of docs/safeguarding.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.cases import ANSWER_CLOCKS, CLOCKS, Risk
from domain.roles import Role


class Matter(StrEnum):
    CLOSING = "closing"  # of a case that was never answered
    LOWERING = "lowering"  # of the risk, a second time by the same person
    UNMASKING = "unmasking"  # the name of whoever reported
    BREAKING = "breaking"  # the same at once, in danger: a second person judges it afterwards
    KEEPING_OUT = "keeping_out"  # of the last supervisor


class Stands(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DENIED = "denied"
    EXPIRED = "expired"
    DROPPED = "dropped"  # asked anew, or the case went to somebody else


# Who judges what was opened in danger: the first of these offices in which somebody else is left.
JUDGES = (Role.CUSTODIAN, Role.SUPERVISOR, Role.AUDITOR)

LASTS: Mapping[Matter, timedelta] = {
    Matter.CLOSING: timedelta(hours=12),  # at most: see closing_due()
    Matter.LOWERING: timedelta(hours=12),
    Matter.UNMASKING: timedelta(hours=4),
    Matter.KEEPING_OUT: timedelta(hours=4),
    Matter.BREAKING: timedelta(hours=24),  # then asked again every day: it never expires
}
NAME_STAYS_OPEN = timedelta(hours=24)
REASON_MOST = 500  # characters


@dataclass(frozen=True, slots=True)
class Ask:
    """Something about a case that waits for a second person, or had one. `office` decides; `content` is case text."""

    id: int
    case_id: int
    matter: Matter
    state: Stands
    office: Role
    asker_id: int
    asked_at: datetime
    due_at: datetime
    reminded: bool = False
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parties(self) -> frozenset[int]:
        """Who must not decide it: who asked, and whom it is about."""
        return frozenset({self.asker_id, self.content.get("person", self.asker_id)})


def may_decide(ask: Ask, person_id: int, roles: frozenset[Role]) -> bool:
    """Whether a person with these roles is the second one. Storage has left out already who is excluded."""
    return ask.state is Stands.ASKED and ask.office in roles and person_id not in ask.parties


def closing_due(risk: Risk, taken_at: datetime, now: datetime) -> datetime:
    """Until when the closing of an unanswered case waits: meanwhile nobody answers it. Not longer than whoever took it
    may let it lie, but for the one clock in which the second person can look at it."""
    return min(now + LASTS[Matter.CLOSING], max(taken_at + ANSWER_CLOCKS[risk], now + CLOCKS[risk]))


def should_remind(ask: Ask, now: datetime) -> bool:
    """Half of the time is over, and nobody has said anything."""
    return (
        not ask.reminded and ask.matter is not Matter.BREAKING and now >= ask.asked_at + (ask.due_at - ask.asked_at) / 2
    )
