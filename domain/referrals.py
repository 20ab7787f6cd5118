"""Referrals: another agency is asked for help by a small fixed form (rule 17).

An agency's people see what is addressed to their agency, and nothing else: no case, no reporter, no other referral.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from domain.concerns import Concern
from domain.messages import Text, text
from domain.requests import Community
from domain.roles import Role

WORDS_MOST = 600
LINE_MOST = 200
SILENCE = timedelta(days=14)


class State(StrEnum):
    WAITING = "waiting"  # without consent: for a supervisor's yes
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"
    REVOKED = "revoked"
    REFUSED = "refused"  # by the supervisor


OPEN = frozenset({State.SENT, State.ACCEPTED})  # what an agency's people see

STATES: Mapping[State, Text] = {
    # NOTE: The state of a referral to another agency.
    State.WAITING: text("waits for the supervisor's yes"),
    # NOTE: The state of a referral to another agency.
    State.SENT: text("sent, not answered yet"),
    # NOTE: The state of a referral to another agency.
    State.ACCEPTED: text("accepted"),
    # NOTE: The state of a referral to another agency.
    State.REJECTED: text("rejected"),
    # NOTE: The state of a referral to another agency.
    State.DONE: text("done"),
    # NOTE: The state of a referral to another agency.
    State.REVOKED: text("revoked"),
    # NOTE: The state of a referral to another agency: the supervisor said no.
    State.REFUSED: text("not agreed to"),
}

URGENCIES: Mapping[str, Text] = {
    # NOTE: button. By when a referral must be looked at.
    "today": text("Today"),
    # NOTE: button. By when a referral must be looked at.
    "week": text("This week"),
    # NOTE: button. By when a referral must be looked at.
    "month": text("This month"),
}

AGES = ("0–6", "7–10", "11–13", "14–15", "16–17")


@dataclass(frozen=True, slots=True)
class Asked:
    """The fixed form: all that an agency gets. It is kept as JSON."""

    concern: Concern
    urgency: str
    age: str
    wish: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was written between the agency and whoever works on the case; None: nothing."""

    question: str | None = None
    answer: str | None = None
    rejected: str | None = None
    done: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """As storage opens it; `community` is the agency. `reason`: why it goes without the child's consent."""

    id: int
    number: str
    case_id: int
    community: Community
    state: State
    asked: Asked
    author: int
    reason: str | None
    told: Told

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def with_told(self, **said: str) -> "Referral":
        return replace(self, told=replace(self.told, **said))


def may_agree(referral: Referral, person_id: int, roles: frozenset[Role]) -> bool:
    """Whether a person is the second one, who lets it go without the child's consent."""
    return referral.state is State.WAITING and Role.SUPERVISOR in roles and referral.author != person_id
