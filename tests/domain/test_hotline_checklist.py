"""The checklist by itself: each point that is missing keeps the hotline closed, alone."""

from dataclasses import replace
from datetime import date

import pytest

from domain import duty, hotline_checklist
from domain.duty import Pair, Roster, Slot
from domain.hotline_checklist import NOT_SET_UP, TO_DO, Facts, Officer, Point, Setup, missing
from domain.languages import LANGUAGES
from domain.roles import Role

TODAY = date(2026, 12, 1)
PATTERN = duty.empty("0-24", "Asia/Baku")
WHOLE = Facts(
    "az",
    (
        Officer(1, Role.WORKER, "Leyla", ready=True, outside=True),
        Officer(2, Role.WORKER, "Murad", ready=True, outside=True),
        Officer(3, Role.SUPERVISOR, "Rauf", ready=True, outside=True),
    ),
    Roster("0-24", "Asia/Baku", dict.fromkeys(PATTERN.slots, Pair(1, 2))),
    Setup(second_route=True),
)


def without(person_id: int) -> Facts:
    """Somebody can't be reached, or has not accepted the code of conduct."""
    return replace(
        WHOLE, officers=tuple(replace(one, ready=one.ready and one.person_id != person_id) for one in WHOLE.officers)
    )


def roster(pair: Pair) -> Facts:
    assert WHOLE.roster is not None
    return replace(WHOLE, roster=WHOLE.roster.with_pair(Slot(1, 2), pair))


def of_a_school(facts: Facts) -> Facts:
    return replace(facts, officers=tuple(replace(one, outside=False) for one in facts.officers))


@pytest.mark.rule(10)
@pytest.mark.row("F10")
def test_with_everything_there_it_is_open() -> None:
    assert missing(WHOLE) == []
    assert not any(one.startswith("The hotline is closed") for one in hotline_checklist.findings(WHOLE, TODAY))


@pytest.mark.rule(10)
@pytest.mark.row("F10_bad_closed")
@pytest.mark.parametrize(
    ("facts", "point"),
    [
        (without(1), Point.WORKERS),
        (without(2), Point.WORKERS),
        (without(3), Point.SUPERVISOR),
        (of_a_school(WHOLE), Point.SUPERVISOR),
        (replace(WHOLE, roster=None), Point.ROSTER),
        (roster(Pair(8, 9)), Point.ROSTER),
        (roster(Pair()), Point.ROSTER),
        (replace(WHOLE, setup=Setup(second_route=True, untranslated=("kk",))), Point.NOTICE),
        (replace(WHOLE, setup=NOT_SET_UP), Point.SECOND_ROUTE),
    ],
)
def test_one_thing_missing_closes_it(facts: Facts, point: Point) -> None:
    assert missing(facts) == [point]
    assert any(TO_DO[point].msgid in one for one in hotline_checklist.findings(facts, TODAY))


@pytest.mark.rule(10)
@pytest.mark.row("F10_bad_closed")
@pytest.mark.row("F2_bad_no_numbers")
@pytest.mark.parametrize(("country", "points"), [("ua", [Point.NUMBERS]), ("xx", [Point.NUMBERS, Point.RETENTION])])
def test_a_country_without_checked_numbers_closes_it(country: str, points: list[Point]) -> None:
    assert missing(replace(WHOLE, country=country)) == points


@pytest.mark.row("F10")
def test_one_who_is_twice_a_worker_is_one_worker() -> None:
    twice = replace(WHOLE, officers=(WHOLE.officers[0], WHOLE.officers[0], WHOLE.officers[2]))
    assert Point.WORKERS in missing(twice)


@pytest.mark.row("F10")
def test_a_shift_with_one_of_two_left_stays_open() -> None:
    assert missing(roster(Pair(1, 9))) == []
    assert missing(roster(Pair(9, 2))) == []


@pytest.mark.row("F10")
def test_every_point_has_its_step_and_they_come_in_order() -> None:
    assert set(TO_DO) == set(Point)
    assert missing(Facts("xx", (), None, NOT_SET_UP)) == [point for point in Point if point is not Point.NOTICE]


@pytest.mark.rule(8)
@pytest.mark.rule(10)
def test_doctor_hears_what_does_not_close_it() -> None:
    found = hotline_checklist.findings(replace(WHOLE, country="ua"), TODAY)
    assert any("0 800 500 225" in one for one in found)
    unread = next(one for one in found if one.startswith("Nobody has reviewed the distress words"))
    assert all(language in unread for language in LANGUAGES)
    assert any("ring them again: 112, 116 111" in one for one in hotline_checklist.findings(WHOLE, TODAY))
