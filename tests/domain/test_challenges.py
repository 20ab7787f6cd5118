"""What is decided about challenges: days, streaks, for which community a person counts, what a table hides."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.challenges import (
    Cell,
    Challenge,
    Phase,
    Plan,
    State,
    Taking,
    Totals,
    count_of_days,
    counts_for,
    end_of,
    read_rules,
    read_title,
    shown,
)
from domain.messages import Refused
from domain.requests import Community
from domain.roles import Membership, Role

SCHOOL = Community(5, 1, "school", "12", "/1/5/", "az", "Asia/Baku", "az")
TUESDAY = date(2026, 12, 1)


def a_challenge(roles: tuple[str, ...] = (), state: State = State.RUNNING) -> Challenge:
    plan = Plan("Reading", "Read", TUESDAY, TUESDAY + timedelta(days=6), roles)
    return Challenge(1, SCHOOL, 1, plan, SCHOOL.zone, state)


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (datetime(2026, 11, 30, 19, 59, tzinfo=UTC), Phase.BEFORE),
        (datetime(2026, 11, 30, 20, 0, tzinfo=UTC), Phase.RUNNING),  # midnight in Baku
        (datetime(2026, 12, 7, 19, 59, tzinfo=UTC), Phase.RUNNING),
        (datetime(2026, 12, 7, 20, 0, tzinfo=UTC), Phase.OVER),
    ],
)
def test_a_challenge_runs_from_midnight_to_midnight_of_its_own_zone(at: datetime, phase: Phase) -> None:
    assert a_challenge().phase(at) is phase
    assert a_challenge(state=State.OVER).phase(at) is Phase.OVER
    assert (at >= a_challenge().ends_at) is (phase is Phase.OVER)


def test_the_day_the_clocks_go_back_has_twenty_five_hours() -> None:
    days = [end_of(date(2026, 10, day), "Europe/Kyiv").astimezone(UTC) for day in (24, 25, 26)]
    assert [later - earlier for earlier, later in pairwise(days)] == [
        timedelta(hours=25),
        timedelta(hours=24),
    ]


@pytest.mark.parametrize(
    ("words", "days"), [("10", 10), (" 366 ", 366), ("10 December", None), ("ten", None), ("٣", None), ("", None)]
)
def test_a_number_of_days(words: str, days: int | None) -> None:
    assert count_of_days(words) == days


@pytest.mark.parametrize("words", ["0", "367", "1" * 5_000])
def test_no_length_of_a_challenge(words: str) -> None:
    with pytest.raises(Refused):
        count_of_days(words)


def test_titles_and_rules_have_limits() -> None:
    assert read_title("  Oxu \n 20 dəqiqə ") == "Oxu 20 dəqiqə"
    assert read_rules("ж" * 2_000) == "ж" * 2_000
    for read, words in (
        (read_title, "ə" * 101),
        (read_title, " \u200b"),
        (read_rules, "ж" * 2_001),
        (read_rules, "\n"),
    ):
        with pytest.raises(Refused):
            read(words)


@pytest.mark.parametrize(("days_ago", "in_a_row"), [(0, 4), (1, 4), (2, 0), (30, 0)])
def test_a_streak_lasts_until_a_whole_day_is_left_out(days_ago: int, in_a_row: int) -> None:
    taking = Taking(9, 4, TUESDAY - timedelta(days=days_ago))
    assert taking.in_a_row(TUESDAY) == in_a_row
    assert taking.did_it(TUESDAY) is (days_ago == 0)
    assert Taking().in_a_row(TUESDAY) == 0


def member(number: int, path: str, role: Role) -> Membership:
    return Membership(number, int(path.strip("/").split("/")[-1]), path, role)


@pytest.mark.parametrize(
    ("memberships", "community_id"),
    [
        ([], None),
        ([member(1, "/1/", Role.COORDINATOR)], None),
        ([member(1, "/1/6/", Role.PARENT)], None),
        ([member(1, "/1/5/", Role.WORKER)], None),
        ([member(1, "/1/5/", Role.TEACHER)], 5),
        ([member(1, "/1/5/", Role.CHAIR), member(2, "/1/5/8/", Role.PARENT)], 8),
        ([member(1, "/1/5/7/", Role.PARENT), member(2, "/1/5/8/", Role.PARENT)], 7),
    ],
)
def test_a_person_counts_once_for_her_deepest_community(
    memberships: list[Membership], community_id: int | None
) -> None:
    assert counts_for(a_challenge(), memberships) == community_id


def test_a_person_counts_where_she_has_the_role_it_is_for() -> None:
    memberships = [member(1, "/1/5/7/", Role.PARENT), member(2, "/1/5/", Role.TEACHER)]
    assert counts_for(a_challenge(("teacher",)), memberships) == 5
    assert counts_for(a_challenge(("pupil",)), memberships) is None


def cells(*people: int) -> list[Cell]:
    return [
        Cell(Totals(count, count), Community(number, 5, "class", str(number), f"/1/5/{number}/", "az", "UTC", "az"))
        for number, count in enumerate(people, 10)
    ]


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ((), ()),
        ((5, 9), (False, False)),
        ((0, 9), (False, False)),
        ((4,), (True,)),
        ((4, 9, 7), (True, False, True)),  # the smallest of the others is hidden with it
        ((4, 0, 7), (True, False, True)),
        ((4, 0, 0), (True, True, False)),
        ((1, 2, 9), (True, True, False)),
    ],
)
def test_a_table_hides_few_and_what_would_give_them_away(people: tuple[int, ...], hidden: tuple[bool, ...]) -> None:
    assert tuple(cell.hidden for cell in shown(cells(*people))) == hidden


@given(st.lists(st.integers(0, 12), min_size=2, max_size=8))
def test_no_small_number_follows_from_the_sum(people: list[int]) -> None:
    table = shown(cells(*people))
    hidden = [cell for cell in table if cell.hidden]
    assert all(cell.hidden for cell in table if 1 <= cell.totals.people <= 4)
    assert len(hidden) != 1
