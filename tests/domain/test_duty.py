"""The roster by itself: who is on duty when, also when the clocks change, what is a gap, and what fills it quickly."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain import duty
from domain.duty import HOURS, Gap, Lack, Pair, Post, Roster, Slot, Swap

BAKU, KYIV = "Asia/Baku", "Europe/Kyiv"
TUESDAY = date(2026, 12, 1)


def roster(hours: str = "0-24", zone: str = BAKU, pair: Pair = Pair(1, 2)) -> Roster:  # noqa: B008 - frozen
    found = duty.empty(hours, zone)
    return Roster(hours, zone, dict.fromkeys(found.slots, pair))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2026 on the wall in Baku."""
    return datetime(2026, 12, day, hour, minute, tzinfo=ZoneInfo(BAKU)).astimezone(UTC)


@pytest.mark.row("F12")
@pytest.mark.parametrize("hours", HOURS)
def test_shifts_follow_each_other_without_a_hole(hours: str) -> None:
    shifts = HOURS[hours]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(shifts))
    assert all(begins < ends <= 24 for begins, ends in shifts)


@pytest.mark.row("F12")
def test_round_the_clock_somebody_is_on_duty_at_every_minute_of_a_year() -> None:
    for zone in (BAKU, KYIV):
        plan = roster(zone=zone)
        at = datetime(2026, 12, 1, tzinfo=UTC)
        for _ in range(366 * 24 * 2):
            shift = plan.at(at)
            assert shift is not None
            assert shift.begins <= at < shift.ends
            at += timedelta(minutes=30)


@pytest.mark.row("F12")
def test_outside_the_hours_nobody_is_and_the_next_shift_is_known() -> None:
    plan = roster("8-20")
    assert plan.at(local(1, 7, 59)) is None
    assert plan.at(local(1, 8)) is not None
    assert plan.at(local(1, 19, 59)) is not None
    assert plan.at(local(1, 20)) is None
    following = plan.next(local(1, 20))
    assert following is not None
    assert following.begins == local(2, 8)


@pytest.mark.row("F12")
@pytest.mark.parametrize(
    ("day", "offset"),
    [
        ((2027, 3, 27), 2),
        ((2027, 3, 28), 3),  # the clocks go forward in Kyiv in this night
        ((2027, 10, 30), 3),
        ((2027, 10, 31), 2),  # and back in this one
    ],
)
def test_eight_on_the_wall_is_eight_on_the_wall_when_the_clocks_change(day: tuple[int, int, int], offset: int) -> None:
    first = roster("8-20", KYIV).on(date(*day))[0]
    assert first.begins == datetime(*day, 8 - offset, tzinfo=UTC)


@pytest.mark.row("F12")
def test_the_night_of_a_clock_change_is_one_hour_shorter_or_longer() -> None:
    spring, autumn = (roster("0-24", KYIV).on(date(2027, *day))[0] for day in ((3, 28), (10, 31)))
    assert spring.ends - spring.begins == timedelta(hours=7)
    assert autumn.ends - autumn.begins == timedelta(hours=9)


@pytest.mark.row("F12")
@pytest.mark.row("F12_bad_gap")
@pytest.mark.parametrize(
    ("pair", "lacks"),
    [
        (Pair(1, 2), []),
        (Pair(None, 2), [Lack.NOBODY]),
        (Pair(1, None), [Lack.BACKUP]),
        (Pair(), [Lack.NOBODY, Lack.BACKUP]),
        (Pair(1, 1), [Lack.TWICE]),
        (Pair(9, 2), [Lack.UNABLE]),
        (Pair(1, 9), [Lack.UNABLE]),
        (Pair(9, 9), [Lack.TWICE, Lack.UNABLE]),
    ],
)
def test_every_gap_is_found_in_whatever_shift_it_is(pair: Pair, lacks: list[Lack]) -> None:
    whole = roster()
    assert len(whole.slots) == 21
    for slot in whole.slots:
        found = duty.gaps(whole.with_pair(slot, pair), [1, 2, 3])
        assert [(gap.slot, gap.lack) for gap in found] == [(slot, lack) for lack in lacks]


@pytest.mark.row("F12")
def test_an_empty_plan_is_nothing_but_gaps() -> None:
    assert len(duty.gaps(duty.empty("8-16", BAKU), [1, 2])) == 14


@pytest.mark.row("F12")
def test_a_shift_is_unmanned_only_when_neither_can_come() -> None:
    assert duty.unmanned(roster(), [2]) == []
    assert duty.unmanned(roster(), [1]) == []
    assert len(duty.unmanned(roster(), [3])) == 21


@pytest.mark.row("F12")
def test_quick_fills() -> None:
    monday = duty.empty("8-20", BAKU).with_pair(Slot(0, 0), Pair(1, 2)).with_pair(Slot(0, 1), Pair(2, 1))
    same = duty.monday_for_all(monday)
    assert [same.pair(Slot(day, 1)) for day in range(7)] == [Pair(2, 1)] * 7
    assert duty.gaps(same, [1, 2]) == []
    turns = duty.by_turns(duty.empty("0-24", BAKU), [1, 2, 3])
    assert duty.gaps(turns, [1, 2, 3]) == []
    assert {turns.pair(slot).worker for slot in turns.slots} == {1, 2, 3}
    assert duty.by_turns(monday, [1]) == monday  # one person alone is nobody's backup


@pytest.mark.row("F12")
def test_a_swap_counts_on_its_day_alone() -> None:
    swapped = Roster("0-24", BAKU, roster().pairs, (Swap(1, TUESDAY, 1, Post.WORKER, 1, 3),))
    assert [shift.pair for shift in swapped.on(TUESDAY)] == [Pair(1, 2), Pair(3, 2), Pair(1, 2)]
    assert {shift.pair for shift in swapped.on(TUESDAY + timedelta(days=7))} == {Pair(1, 2)}


@pytest.mark.row("F12")
def test_a_swapped_shift_can_be_swapped_again_and_an_old_one_moves_nobody_else() -> None:
    twice = (Swap(1, TUESDAY, 0, Post.BACKUP, 2, 3), Swap(2, TUESDAY, 0, Post.BACKUP, 3, 4))
    assert Roster("0-24", BAKU, roster().pairs, twice).on(TUESDAY)[0].pair == Pair(1, 4)
    of_somebody_else = (Swap(1, TUESDAY, 0, Post.WORKER, 7, 3),)
    assert Roster("0-24", BAKU, roster().pairs, of_somebody_else).on(TUESDAY)[0].pair == Pair(1, 2)


def test_a_gap_says_who() -> None:
    assert Gap(Slot(0, 0), Lack.UNABLE, 9) in duty.gaps(roster(pair=Pair(9, 2)), [2])
