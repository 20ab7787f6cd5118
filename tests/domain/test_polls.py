"""What is decided about polls: what may be asked, when it closes, what a vote counts for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.messages import Refused
from domain.polls import (
    Closing,
    Poll,
    Reminder,
    State,
    Tally,
    Whom,
    ballot,
    choices_of,
    closes_at,
    enough_options,
    one_line,
    options_in,
    remind_at,
    tally,
    units,
    with_options,
)
from domain.requests import Community
from domain.roles import Membership, Role

NOW = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
CLASS = Community(7, 5, "class", "5A", "/1/5/7/", "az", "Asia/Baku", "az")
PARENT = Membership(1, 7, "/1/5/7/", Role.PARENT)


def a_poll(state: State = State.OPEN, closing: datetime | None = None) -> Poll:
    return Poll(1, CLASS, 1, "Museum?", ("Yes", "No", "Later"), True, Whom.GROUPS, state, Reminder.NONE, closing)


def test_one_line_is_taken_apart() -> None:
    assert one_line("Muzeyə\u200b gedək?  | Bəli|  Xeyr ") == ("Muzeyə gedək?", ("Bəli", "Xeyr"))
    assert one_line("Museum?") == ("Museum?", ())


@pytest.mark.parametrize(
    "line", ["", "|Yes|No", "Q?|Yes||No", "Q?|Yes|yes", f"Q?|{'x' * 101}|No", f"{'x' * 301}|Yes|No"]
)
def test_one_line_that_can_be_no_poll(line: str) -> None:
    with pytest.raises(Refused):
        one_line(line)


def test_options_come_one_a_line_or_one_by_one() -> None:
    assert options_in("Yes\n\n No\n") == ["Yes", " No"]
    assert options_in(" ") == [""]
    assert with_options(("Yes",), options_in("No\nLater")) == ("Yes", "No", "Later")


def test_two_to_twelve_options() -> None:
    twelve = tuple(map(str, range(12)))
    assert with_options(twelve[:11], twelve[11:]) == twelve
    enough_options(twelve[:2])
    with pytest.raises(Refused):
        with_options(twelve, ["one more"])
    with pytest.raises(Refused):
        enough_options(twelve[:1])


def test_length_is_counted_as_the_messenger_does() -> None:
    assert [units(words) for words in ("", "ə", "😀", "👨‍👩‍👧")] == [0, 1, 2, 8]


def test_closing_by_a_button() -> None:
    baku = ZoneInfo("Asia/Baku")
    assert closes_at(Closing.HOUR, NOW, baku) == NOW + timedelta(hours=1)
    assert closes_at(Closing.EVENING, NOW, baku) == datetime(2026, 12, 2, 16, 0, tzinfo=UTC)
    assert closes_at(Closing.DAYS, NOW, baku) == NOW + timedelta(days=3)
    assert closes_at(Closing.WEEK, NOW, baku) == NOW + timedelta(days=7)


def test_the_reminder_comes_a_day_before_or_halfway() -> None:
    assert remind_at(NOW, None) is None
    assert remind_at(NOW, NOW + timedelta(hours=1)) == NOW + timedelta(minutes=30)
    assert remind_at(NOW, NOW + timedelta(days=7)) == NOW + timedelta(days=6)


@pytest.mark.parametrize(
    ("poll", "memberships", "counts"),
    [
        (a_poll(), [PARENT], 0b101),
        (a_poll(closing=NOW + timedelta(seconds=1)), [PARENT], 0b101),
        (a_poll(closing=NOW), [PARENT], None),
        (a_poll(State.CLOSED), [PARENT], None),
        (a_poll(State.REPLACED), [PARENT], None),
        (a_poll(), [], None),
        (a_poll(), [Membership(1, 5, "/1/5/", Role.COORDINATOR)], None),
        (a_poll(), [Membership(1, 7, "/1/5/7/", Role.WORKER)], None),
        (a_poll(), [Membership(1, 70, "/1/5/70/", Role.PARENT)], None),
    ],
)
def test_a_vote_counts_while_the_poll_is_open_and_for_members(
    poll: Poll, memberships: list[Membership], counts: int | None
) -> None:
    assert ballot(poll, [2, 0], memberships, NOW) == counts


def test_choices_are_bits_and_others_than_the_options_are_none() -> None:
    assert choices_of([], 3) == 0
    assert choices_of([0, 2, 2], 3) == 0b101
    assert choices_of([3], 3) is None
    assert choices_of([-1], 3) is None


def test_what_was_taken_back_is_no_answer() -> None:
    assert tally({0: 4, 0b01: 2, 0b11: 1}, 2) == Tally(3, (3, 1))
    assert [tally({0b01: 2, 0b10: 1}, 2).percent(option) for option in (0, 1)] == [67, 33]
    assert tally({}, 2).percent(0) == 0


@given(st.lists(st.frozensets(st.integers(0, 11)), max_size=40))
def test_a_tally_counts_each_person_and_each_choice(chosen: list[frozenset[int]]) -> None:
    ballots: dict[int, int] = {}
    for options in chosen:
        choices = choices_of(options, 12)
        assert choices is not None
        ballots[choices] = ballots.get(choices, 0) + 1
    counts = tally(ballots, 12)
    assert counts.answered == sum(bool(options) for options in chosen)
    assert counts.votes == tuple(sum(number in options for options in chosen) for number in range(12))
