import dataclasses
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import messages
from domain.messages import (
    ASKER,
    Asker,
    Button,
    Lane,
    Lines,
    Moment,
    Outgoing,
    Refused,
    Result,
    Say,
    Text,
    Words,
    WrongTry,
    button,
    lines,
    paragraphs,
    press,
    text,
    text_n,
)
from domain.requests import Incoming, Kind, Request


def test_a_sentence_and_its_values() -> None:
    said = text("%(title)s is full.", title="5A")

    assert said == Text("%(title)s is full.", {"title": "5A"})
    assert (said.plural, said.n) == (None, None)


def test_a_sentence_that_counts_has_its_number() -> None:
    assert text_n("%(n)s answer of %(all)s", "%(n)s answers of %(all)s", 3, all=5) == Text(
        "%(n)s answer of %(all)s", {"n": 3, "all": 5}, "%(n)s answers of %(all)s", 3
    )


def test_a_value_may_be_called_like_an_argument() -> None:
    assert text("%(msgid)s", msgid="x").params == {"msgid": "x"}
    assert text_n("%(n)s %(singular)s", "%(n)s %(singular)s", 1, singular="x").params == {"n": 1, "singular": "x"}


def test_lines_leave_out_what_is_not_there() -> None:
    one, two = Words("one"), Words("two")

    assert lines(one, None, two) == Lines((one, two), "\n")
    assert paragraphs(None, one) == Lines((one,), "\n\n")
    assert lines().parts == ()


def test_a_button_carries_its_route_and_ids() -> None:
    assert button(Words("Going"), "rsvp", 17, "accepted") == Button(Words("Going"), "rsvp:17:accepted")
    assert press("home") == "home"


@given(st.lists(st.integers(0, 10**18 - 1) | st.text("əxз", max_size=20), max_size=5))
def test_a_button_is_never_longer_than_the_messenger_takes(args: list[int | str]) -> None:
    data = ":".join(["route", *map(str, args)])
    if len(data.encode()) <= 64:
        assert press("route", *args) == data
    else:
        with pytest.raises(ValueError, match=f"a button of {len(data.encode())} bytes"):
            press("route", *args)


def test_messages_are_frozen() -> None:
    for kind in (*get_args(Outgoing), *get_args(Result), Text, Words, Lines, Moment, Button):
        assert dataclasses.is_dataclass(kind)
        assert kind.__dataclass_params__.frozen  # type: ignore[union-attr]


def test_a_message_goes_to_whoever_asked_and_is_a_reply() -> None:
    said = Say(Words("Hello"))

    assert said.to is ASKER
    assert isinstance(said.to, Asker)
    assert said.lane is Lane.REPLY
    assert not said.buttons


def test_confidential_words_are_served_first() -> None:
    assert sorted([Lane.BROADCAST, Lane.REMINDER, Lane.CASE, Lane.REPLY]) == [
        Lane.CASE,
        Lane.REPLY,
        Lane.REMINDER,
        Lane.BROADCAST,
    ]


def test_a_refusal_keeps_what_it_must() -> None:
    refused = Refused(Words("No."), keep=[WrongTry("code")])

    assert (refused.body, refused.keep, refused.alert) == (Words("No."), (WrongTry("code"),), True)


def test_everything_that_can_be_said_is_listed_once() -> None:
    assert len(set(get_args(messages.Outgoing))) == len(get_args(messages.Outgoing))


# --- requests -------------------------------------------------------------------------------------------------------


def request(*args: str) -> Request:
    from domain.requests import Conversation, Identity, Person

    incoming = Incoming("telegram", "1", Kind.BUTTON, chat="1001")
    now = datetime(2026, 12, 1, tzinfo=UTC)
    person = Person(1, "az", "Asia/Baku")
    return Request(incoming, person, Identity(1, "telegram", "1001"), (), Conversation(), now, args=args)


@pytest.mark.parametrize(
    ("given_", "number"),
    [("17", 17), ("0", 0), ("-1", 0), ("²", 0), ("١", 0), ("9" * 18, 10**18 - 1), ("9" * 19, 0), ("", 0), ("1e3", 0)],
)
def test_a_forged_number_is_none(given_: str, number: int) -> None:
    assert request("x", given_).number(1) == number
    assert request().number(1) == 0


def test_where_a_request_came_from() -> None:
    made: Any = request()

    assert made.place == "telegram:1001"
    assert made.incoming.is_private
    assert made.roles == frozenset()
