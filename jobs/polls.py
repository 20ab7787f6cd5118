"""What time triggers about polls: copies are opened and stopped, votes matched, cards kept current, people reminded.

Every look takes a chunk and notes how far it came, so that the next one goes on there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import storage.chats
import storage.outgoings
import storage.persons
import storage.polls
from domain.messages import (
    Delete,
    Edit,
    Lane,
    Outgoing,
    Say,
    StopPoll,
    Subject,
    ToAudience,
    ToChat,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
)
from domain.poll_cards import author_doors, author_view, closing_line, native, result, told_at_close, whose
from domain.polls import Poll, State, Tally, Whom, ballot
from storage.database import Connection
from storage.polls import Copy, Reached

PERSONS_AT_ONCE = 500
GROUPS_AT_ONCE = 100
_POLLS_AT_ONCE = 5
_VOTES_AT_ONCE = 500
_VOTES_KEPT = timedelta(days=1)
# A copy that was on its way while the poll was closed is marked as sent some seconds later.
_LATE_COPIES = timedelta(minutes=10)


# --- opening ----------------------------------------------------------------------------------------------------------


async def open_polls(db: Connection, now: datetime) -> list[Outgoing]:
    """The next copies of every new poll."""
    said: list[Outgoing] = []
    for reached in await storage.polls.opening(db, _POLLS_AT_ONCE):
        said += await _open_more(db, reached, now)
    return said


async def _open_more(db: Connection, reached: Reached, now: datetime) -> list[Outgoing]:
    poll = reached.poll
    chats = [] if poll.whom == Whom.PERSONS else await _next_groups(db, reached)
    people = [] if poll.whom == Whom.GROUPS else await _next_people(db, reached, now)
    done = len(chats) < GROUPS_AT_ONCE and len(people) < PERSONS_AT_ONCE
    asleep = await storage.persons.in_quiet_hours(db, people, now)
    await storage.polls.save_opened(
        db, poll.id, max(chats, default=reached.chat), max(people, default=reached.person), done=done
    )
    return [
        *(native(poll, ToChat(chat_id), lane=Lane.BROADCAST) for chat_id in chats),
        *(native(poll, ToPerson(one), lane=Lane.BROADCAST, silent=one in asleep) for one in people),
    ]


async def _next_groups(db: Connection, reached: Reached) -> list[int]:
    path = reached.poll.community.path
    return [chat.id for chat in await storage.chats.below(db, path, after=reached.chat, most=GROUPS_AT_ONCE)]


async def _next_people(db: Connection, reached: Reached, now: datetime) -> list[int]:
    everybody = ToAudience(reached.poll.community.id)
    return await storage.outgoings.audience_ids(db, everybody, now, after=reached.person, most=PERSONS_AT_ONCE)


# --- votes and the author's card --------------------------------------------------------------------------------------


async def match_kept_votes(db: Connection, now: datetime) -> list[Outgoing]:
    """Votes that came before their poll was marked as sent are counted now."""
    votes = await storage.polls.take_known_votes(db, _VOTES_AT_ONCE)
    if votes:
        memberships = await storage.persons.memberships_of(db, {vote.person_id for vote in votes}, now)
        for vote in votes:
            poll = await storage.polls.get(db, vote.subject_id) if vote.kind == "poll" and vote.subject_id else None
            choices = ballot(poll, vote.options, memberships.get(vote.person_id, ()), vote.at) if poll else None
            if poll is not None and choices is not None:
                await storage.polls.cast(db, poll.id, vote.person_id, choices, vote.at)
    await storage.polls.drop_votes_before(db, now - _VOTES_KEPT)
    return []


async def refresh_cards(db: Connection, now: datetime) -> list[Outgoing]:
    """The authors see how many have answered."""
    said: list[Outgoing] = []
    for poll in await storage.polls.take_changed(db, _VOTES_AT_ONCE):
        counts = await storage.polls.count(db, poll)
        view, doors = author_view(poll, counts, now), author_doors(poll, counts, now)
        said.append(Edit(view, doors, card=poll.author_card, to=ToPerson(poll.author_id), live=True))
    return said


# --- reminding --------------------------------------------------------------------------------------------------------


async def remind_of_polls(db: Connection, now: datetime) -> list[Outgoing]:
    """Those who have not answered are reminded once."""
    await storage.polls.start_due_reminders(db, now)
    said: list[Outgoing] = []
    for reached in await storage.polls.reminding(db, _POLLS_AT_ONCE):
        poll, people = reached.poll, await _next_people(db, reached, now)
        await storage.polls.save_reminded(
            db, poll.id, max(people, default=reached.person), done=len(people) < PERSONS_AT_ONCE
        )
        answered = await storage.polls.answered_by(db, poll.id, people)
        asleep = await storage.persons.in_quiet_hours(db, people, now)
        said += [_reminder(poll, one, silent=one in asleep) for one in people if one not in answered]
    return said


def _reminder(poll: Poll, person_id: int, *, silent: bool) -> Say:
    asked = text("%(question)s", question=poll.question)
    # NOTE: button. Shows a poll, to be answered.
    answer = [[button(text("Answer"), "poll.open", poll.id)]]
    return Say(
        paragraphs(text("A poll is still waiting for your answer:"), lines(asked, whose(poll)), closing_line(poll)),
        answer,
        to=ToPerson(person_id),
        lane=Lane.REMINDER,
        subject=Subject("poll", poll.id),
        not_after=poll.closes_at,
        dedupe_key=f"{poll.card}:remind:{person_id}",
        silent=silent,
    )


# --- closing ----------------------------------------------------------------------------------------------------------


async def close_finished_polls(db: Connection, now: datetime) -> list[Outgoing]:
    said: list[Outgoing] = []
    for poll in await storage.polls.due(db, now, _POLLS_AT_ONCE):
        await storage.polls.close(db, poll.id, now)
        said += told_at_close(poll, await storage.polls.count(db, poll), now)
    return said


async def stop_closed_polls(db: Connection, now: datetime) -> list[Outgoing]:
    """The copies of polls that are over: each is stopped, and the groups hear the result."""
    said: list[Outgoing] = []
    for ended in await storage.polls.stopping(db, _POLLS_AT_ONCE):
        poll = ended.poll
        copies = await storage.polls.take_copies_to_stop(db, poll.id, PERSONS_AT_ONCE)
        if not copies and now - ended.closed_at > _LATE_COPIES:
            await storage.polls.save_stopped(db, poll.id)
        said += _stopped(poll, await storage.polls.count(db, poll), copies)
    return said


def _stopped(poll: Poll, counts: Tally, copies: Sequence[Copy]) -> list[Outgoing]:
    said: list[Outgoing] = []
    for copy in copies:
        to = ToChat(copy.chat_id) if copy.chat_id else ToPerson(copy.person_id)
        said.append(StopPoll(poll.card, to))
        if poll.state == State.REPLACED:
            said.append(Delete(poll.card, to))
        elif isinstance(to, ToChat):
            said.append(Say(result(poll, counts), to=to, dedupe_key=f"{poll.card}:result:{copy.chat_id}"))
    return said
