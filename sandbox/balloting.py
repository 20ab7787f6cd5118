"""Votes and closings of native polls, and the updates they cause."""

from __future__ import annotations

from datetime import datetime

from sandbox.errors import Impossible
from sandbox.messages import Message
from sandbox.people import Person
from sandbox.polls import Poll
from sandbox.state import State


def vote(state: State, person: Person, message: Message, chosen: list[int]) -> None:
    poll = message.poll
    if poll is None or message.deleted:
        raise Impossible("There is no poll to vote in.")
    if not message.chat.has(person):
        raise Impossible(f"{person.name} is not in {message.chat.name}.")
    poll.vote(person.id, chosen)
    if message.from_bot:
        _tell_counts(state, poll)
        if not poll.anonymous:
            _tell_answer(state, person, poll)
    state.changes.announce()


def close(state: State, poll: Poll) -> None:
    poll.closed = True
    _tell_counts(state, poll)
    state.changes.announce()


def close_due(state: State) -> None:
    """Closes the polls whose time has come."""
    if not state.closing:
        return
    now = state.clock.now()
    for poll in [poll for poll in state.closing if poll.closes_at and poll.closes_at <= now]:
        state.closing.remove(poll)
        if not poll.closed:
            close(state, poll)


def next_due(state: State) -> datetime | None:
    return min((poll.closes_at for poll in state.closing if poll.closes_at), default=None)


def _tell_counts(state: State, poll: Poll) -> None:
    state.queue.push("poll", poll.json(), f"poll {poll.id}")


def _tell_answer(state: State, person: Person, poll: Poll) -> None:
    chosen = poll.votes.get(person.id, ())
    answer = {
        "poll_id": poll.id,
        "user": person.user(),
        "option_ids": list(chosen),
        "option_persistent_ids": [poll.choices[index].persistent_id for index in chosen],
    }
    state.known.add(person.id)
    state.queue.push("poll_answer", answer, f"user {person.id}")
