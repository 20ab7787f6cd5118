"""How long something waits for a second person."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.cases import ANSWER_CLOCKS, CLOCKS, Risk
from domain.second_person import closing_due

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("risk", Risk)
def test_a_closing_waits_no_longer_than_the_report_may_lie_unanswered(risk: Risk) -> None:
    assert closing_due(risk, NOW, NOW) == NOW + ANSWER_CLOCKS[risk]
    assert closing_due(risk, NOW - CLOCKS[risk], NOW) == NOW + 2 * CLOCKS[risk]


@pytest.mark.parametrize("risk", Risk)
def test_whoever_is_asked_late_has_one_clock(risk: Risk) -> None:
    almost_over = NOW - ANSWER_CLOCKS[risk] + timedelta(minutes=1)
    assert closing_due(risk, almost_over, NOW) == NOW + CLOCKS[risk]
