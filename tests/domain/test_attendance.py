"""Who counts as having come: the code as people type it, and when the door is open."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.attendance import Came, Party, buttons, counts_from, counts_until, heads_of, party_of, read, why_not
from domain.meetings import Meeting, MeetingKind, State
from domain.messages import Button
from domain.requests import Community
from domain.roles import Membership, Role

CLASS = Community(3, 2, "class", "5A", "/1/2/3/", "az", "Asia/Baku", "az")
AT = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)
MEETING = Meeting(1, CLASS, MeetingKind.JOINT, "First", AT, "Asia/Baku", called_by=1)


@pytest.mark.parametrize("typed", ["BKTRPX", "bktrpx", " bkt-rpx ", "BKT RPX", "B.K.T.R.P.X"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read(typed) == "BKTRPX"


@pytest.mark.parametrize("typed", ["", "hello", "please", "hmmmmm", "BKTRP", "BKTRPXZ", "BKTRP0", "BKTRPO", "привет"])
def test_no_word_is_a_code(typed: str) -> None:
    assert read(typed) is None


def test_cyrillic_letters_that_look_the_same_are_read() -> None:
    assert read("ВКТРХМ") == "BKTPXM"


def test_the_door_opens_half_an_hour_before_and_closes_an_hour_after() -> None:
    assert (counts_from(MEETING), counts_until(MEETING)) == (AT - timedelta(minutes=30), AT + timedelta(hours=3))
    short = replace(MEETING, ends_at=AT + timedelta(minutes=45))
    assert counts_until(short) == AT + timedelta(minutes=105)
    assert why_not(short, counts_until(short)) is not None
    assert why_not(short, counts_until(short) - timedelta(seconds=1)) is None
    assert why_not(short, counts_from(short)) is None
    assert why_not(replace(short, state=State.CANCELLED), AT) is not None


@pytest.mark.parametrize(
    ("role", "path", "party"),
    [
        (Role.PUPIL, "/1/2/3/", Party.PUPILS),
        (Role.PARENT, "/1/2/3/4/", Party.PARENTS),
        (Role.HEAD_OF_CLASS, "/1/2/3/", Party.TEACHERS),
        (Role.COORDINATOR, "/1/", Party.TEACHERS),
        (Role.PARENT, "/1/9/", Party.GUESTS),
    ],
)
def test_everybody_comes_as_what_she_is_there(role: Role, path: str, party: Party) -> None:
    assert party_of([Membership(1, 3, path, role)], CLASS.path) is party


@pytest.mark.parametrize("typed", ["", "12", "1 2 3", "1 2 3 4 5", "1 2 3 x", "1 2 3 -4", "1 2 3 10000", "١ ٢ ٣ ٤"])
def test_heads_are_four_whole_numbers(typed: str) -> None:
    assert heads_of(typed) is None


def test_heads_come_on_top_of_codes() -> None:
    heads = heads_of("12, 8; 2 1")
    assert heads is not None
    came = Came({Party.PUPILS: 3}, heads)
    assert (came.of(Party.PUPILS), came.all) == (15, 26)


@pytest.mark.parametrize("heads", [0, 1, 7])
def test_the_buttons_that_count_stay_in_their_places(heads: int) -> None:
    rows = buttons(MEETING, Came(heads=dict.fromkeys(Party, heads)))[: len(Party)]
    presses = [[one.press for one in row if isinstance(one, Button)] for row in rows]
    steps = (heads + 1, heads + 5, max(heads - 1, 0))
    assert presses == [[f"mt.heads:1:{party}:{step}" for step in steps] for party in Party]
