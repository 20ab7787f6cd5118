from itertools import pairwise

import pytest

from bot.pacer import Pacer, Rate
from domain.messages import Lane

PRIVATE, GROUP = "telegram:1001", "telegram:-100"


def send_times(
    pacer: Pacer, places: list[str], *, lane: Lane = Lane.REPLY, live: bool = False, start: float = 1_000.0
) -> list[float]:
    """When each of these goes, one after the other, if nobody waits longer than told."""
    now, times = start, []
    for place in places:
        while wait := pacer.wait(now, place, is_group=place.startswith("telegram:-"), is_live=live):
            now += wait
        while lane >= Lane.REMINDER and (wait := pacer.wait_in_bulk(now)):
            now += wait
        times.append(now)
    return times


def most_within(times: list[float], seconds: float) -> int:
    """The fullest window of that length."""
    return max(sum(1 for one in times if begin <= one < begin + seconds - 1e-6) for begin in times)


def test_announcements_go_at_thirty_a_second_in_the_worst_second() -> None:
    times = send_times(Pacer(), [f"telegram:{number}" for number in range(200)], lane=Lane.BROADCAST)

    assert most_within(times, 1) == 30
    assert times[-1] - times[0] == pytest.approx(199 / 30)


def test_the_worst_second_is_no_worse_after_a_rest() -> None:
    pacer = Pacer()
    times = send_times(pacer, [f"telegram:{number}" for number in range(40)], lane=Lane.REMINDER)
    times += send_times(pacer, [f"telegram:{number}" for number in range(50, 99)], lane=Lane.BROADCAST, start=2_000.0)

    assert most_within(times, 1) == 30


def test_a_timer_that_wakes_late_costs_no_pace() -> None:
    pacer, now, times = Pacer(Rate(1 / 300)), 1_000.0, list[float]()
    for _ in range(3_000):
        while wait := pacer.wait_in_bulk(now):
            now += -(-wait // 0.001) * 0.001 + 0.0004  # whole milliseconds, and a little late
        times.append(now)

    assert 3_000 / (times[-1] - times[0]) > 0.995 * 300
    assert most_within(times, 1) <= 300 + 3


def test_replies_are_not_held_by_announcements() -> None:
    pacer = Pacer()
    send_times(pacer, [f"telegram:{number}" for number in range(200)], lane=Lane.BROADCAST)

    assert pacer.wait(1_000.0, PRIVATE, is_group=False, is_live=False) == 0


def test_a_private_chat_gets_five_at_once_and_then_one_a_second() -> None:
    times = [one - 1_000 for one in send_times(Pacer(), [PRIVATE] * 9)]

    assert times[:5] == [0] * 5
    assert times[5:] == pytest.approx([1, 2, 3, 4])


def test_a_private_chat_that_rested_gets_five_at_once_again() -> None:
    pacer = Pacer()
    send_times(pacer, [PRIVATE] * 9)

    assert send_times(pacer, [PRIVATE] * 5, start=2_000.0) == [2_000.0] * 5


def test_a_group_gets_at_most_twenty_in_any_minute() -> None:
    times = send_times(Pacer(), [GROUP] * 100)

    assert most_within(times, 60) <= 20
    assert most_within(times, 1) == 5


def test_a_groups_live_edits_leave_half_to_what_is_said() -> None:
    pacer = Pacer()
    edits = send_times(pacer, [GROUP] * 40, live=True)

    assert most_within(edits, 60) <= 10
    between = edits[-1] + 0.01
    assert pacer.wait(between, GROUP, is_group=True, is_live=False) == 0


def test_live_edits_and_messages_together_stay_in_the_groups_limit() -> None:
    pacer, times, now = Pacer(), list[float](), 1_000.0
    while now < 1_300:
        times += [now for live in (False, True) if not pacer.wait(now, GROUP, is_group=True, is_live=live)]
        now += 0.25

    assert most_within(times, 60) <= 20


def test_a_private_chats_live_card_has_the_private_chats_pace() -> None:
    assert send_times(Pacer(), [PRIVATE] * 5, live=True) == [1_000.0] * 5


def test_whoever_is_refused_takes_no_turn() -> None:
    pacer = Pacer()
    send_times(pacer, [PRIVATE] * 5)
    waits = [pacer.wait(1_000.0, PRIVATE, is_group=False, is_live=False) for _ in range(3)]

    assert waits == [1.0, 1.0, 1.0]


def test_a_chat_that_is_held_holds_nobody_else() -> None:
    pacer = Pacer()
    pacer.hold(1_000.0, PRIVATE, 7)

    assert pacer.wait(1_000.0, PRIVATE, is_group=False, is_live=False) == 7
    assert pacer.wait(1_000.0, "telegram:2", is_group=False, is_live=False) == 0
    assert pacer.wait(1_007.0, PRIVATE, is_group=False, is_live=False) == 0


def test_what_is_over_is_forgotten() -> None:
    pacer = Pacer()
    for number in range(10_002):
        pacer.wait(number * 10.0, f"telegram:{number}", is_group=False, is_live=False)

    assert len(pacer._next) < 10


def test_times_only_go_forward() -> None:
    times = send_times(Pacer(), [PRIVATE, GROUP] * 30, lane=Lane.BROADCAST)

    assert all(before <= after for before, after in pairwise(times))
