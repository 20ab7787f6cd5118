"""Native polls: votes, counts, closing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiogram import types

from sandbox import Clock, Impossible, Message, Person, Sandbox
from tests.sandbox.client import Api, kinds


@pytest.fixture
async def poll(sandbox: Sandbox, api: Api, aysel: Person) -> Message:
    await api("sendPoll", chat_id=aysel.id, question="Day?", options=["Mon", {"text": "Tue"}], is_anonymous=False)
    await api.drained()
    return sandbox.chat_of(aysel).messages[-1]


async def test_a_vote_and_its_retraction_are_told(sandbox: Sandbox, api: Api, aysel: Person, poll: Message) -> None:
    sandbox.votes(aysel, poll, [1])
    sandbox.votes(aysel, poll, [])

    updates = await api.drained()

    assert kinds(updates) == ["poll", "poll_answer", "poll", "poll_answer"]
    counts = types.Poll.model_validate(updates[0]["poll"])
    assert [option.voter_count for option in counts.options] == [0, 1]
    voted, retracted = (types.PollAnswer.model_validate(updates[i]["poll_answer"]) for i in (1, 3))
    assert voted.user is not None
    assert (voted.poll_id, voted.user.id, voted.option_ids) == (counts.id, aysel.id, [1])
    assert voted.option_persistent_ids == [counts.options[1].persistent_id]
    assert (retracted.option_ids, retracted.option_persistent_ids) == ([], [])


async def test_anonymous_votes_are_only_counted(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api("sendPoll", chat_id=aysel.id, question="Day?", options=["Mon"])
    await api.drained()

    sandbox.votes(aysel, sandbox.chat_of(aysel).messages[-1], [0])

    assert kinds(await api.drained()) == ["poll"]


async def test_stopping_a_poll(sandbox: Sandbox, api: Api, aysel: Person, poll: Message) -> None:
    stopped = await api("stopPoll", chat_id=aysel.id, message_id=poll.id)

    assert stopped["is_closed"] is True
    assert kinds(await api.drained()) == ["poll"]
    with pytest.raises(Impossible, match="closed"):
        sandbox.votes(aysel, poll, [0])
    again = await api.error("stopPoll", chat_id=aysel.id, message_id=poll.id)
    assert again == "Bad Request: poll has already been closed"
    none = await api.error("stopPoll", chat_id=aysel.id, message_id=1)
    assert none == "Bad Request: there is no poll in the message to stop"


async def test_a_poll_closes_by_itself(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api("sendPoll", chat_id=aysel.id, question="Day?", options=["Mon"], open_period=600)
    shown = sandbox.chat_of(aysel).messages[-1].poll
    assert shown is not None
    await api.drained()

    sandbox.clock.advance(timedelta(minutes=11))
    await sandbox.until(lambda: shown.closed)

    (update,) = await api.drained()
    assert update["poll"]["is_closed"] is True


async def test_a_poll_closes_in_real_time(sandbox: Sandbox, aysel: Person) -> None:
    group = sandbox.add_group("5A", aysel)

    poll = sandbox.sends_poll(aysel, group, "?", ["a"], closes_in=timedelta(seconds=0.05)).poll

    assert poll is not None
    await sandbox.until(lambda: poll.closed, timeout=2)


async def test_a_poll_closes_under_a_frozen_clock() -> None:
    frozen = Clock(frozen=Clock().now())
    async with Sandbox(limits=None, clock=frozen) as sandbox:
        person = sandbox.add_person("Aysel")
        poll = sandbox.sends_poll(person, sandbox.chat_of(person), "?", ["a"], closes_in=timedelta(hours=1)).poll
        assert poll is not None

        frozen.advance(timedelta(hours=1))

        await sandbox.until(lambda: poll.closed, timeout=2)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"question": ""}, "poll question must be non-empty"),
        ({"question": "x" * 301}, "poll question length must not exceed 300"),
        ({"options": []}, "poll must have at least 1 option"),
        ({"options": ["x"] * 13}, "poll can't have more than 12 options"),
        ({"options": ["x" * 101]}, "poll options length must not exceed 100"),
        ({"options": [""]}, "poll options must be non-empty"),
        ({"type": "exam"}, "unsupported poll type specified"),
        ({"type": "quiz"}, "correct option ID must be specified"),
        ({"type": "quiz", "correct_option_ids": [7]}, "invalid correct option ID specified"),
        ({"open_period": 60, "close_date": 1}, "open_period and close_date can't be used together"),
        ({"open_period": 3}, "poll can't be open for such time: 5-2628000 seconds are allowed"),
        ({"open_period": 2628001}, "poll can't be open for such time: 5-2628000 seconds are allowed"),
    ],
)
async def test_a_bad_poll_is_refused(api: Api, aysel: Person, params: dict[str, Any], reason: str) -> None:
    good = {"chat_id": aysel.id, "question": "?", "options": ["a", "b"]}

    assert await api.error("sendPoll", **good | params) == f"Bad Request: {reason}"


async def test_what_voters_may_do(sandbox: Sandbox, api: Api, aysel: Person, poll: Message) -> None:
    with pytest.raises(Impossible, match="one answer"):
        sandbox.votes(aysel, poll, [0, 1])
    with pytest.raises(Impossible, match="no such options"):
        sandbox.votes(aysel, poll, [2])
    with pytest.raises(Impossible, match="is not in"):
        sandbox.votes(sandbox.add_person("Kamran"), poll, [0])
    await api("sendPoll", chat_id=aysel.id, question="?", options=["a", "b"], type="quiz", correct_option_ids=[1])
    quiz = sandbox.chat_of(aysel).messages[-1]
    sandbox.votes(aysel, quiz, [0])
    with pytest.raises(Impossible, match="no second vote"):
        sandbox.votes(aysel, quiz, [1])


async def test_several_answers(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    several = {"allows_multiple_answers": True, "is_anonymous": False}
    await api("sendPoll", chat_id=aysel.id, question="?", options=["a", "b", "c"], **several)
    message = sandbox.chat_of(aysel).messages[-1]

    sandbox.votes(aysel, message, [2, 0])

    assert message.poll is not None
    assert (message.poll.options, message.poll.counts()) == (["a", "b", "c"], [1, 0, 1])


async def test_peoples_polls_are_not_the_bots(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    other = sandbox.add_person("Rəşad")
    group = sandbox.add_group("5A", aysel, [other])
    sandbox.adds_bot(aysel, group, admin=True)
    poll = sandbox.sends_poll(aysel, group, "?", ["a"], anonymous=False)
    await api.drained()

    sandbox.votes(other, poll, [0])

    assert await api.drained() == []
