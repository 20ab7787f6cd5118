"""Of what kind a case is and how urgent: both are set before anything else is done about it."""

from enum import StrEnum

from domain.cases import Case, Risk
from domain.messages import Text, text


class LowerReason(StrEnum):
    """Why somebody holds a case for less urgent than it was."""

    MISTAKE = "mistake"
    SAFE = "safe"
    HELPED = "helped"


LOWER_REASONS: dict[LowerReason, Text] = {
    # NOTE: button. Why a report is less urgent: an alarm was a mistake.
    LowerReason.MISTAKE: text("False alarm"),
    # NOTE: button. Why a report is less urgent: the child is safe now.
    LowerReason.SAFE: text("Safe now"),
    # NOTE: button. Why a report is less urgent: others help the child already.
    LowerReason.HELPED: text("Others help"),
}


def is_sorted(case: Case) -> bool:
    return case.kind is not None


def may_answer(case: Case) -> bool:
    """In danger words come first, and the kind after them."""
    return is_sorted(case) or case.risk is Risk.DANGER


def is_raised(before: Risk, after: Risk) -> bool:
    order = list(Risk)
    return order.index(after) < order.index(before)
