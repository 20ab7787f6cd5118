"""Polls, their ballots, and the copies of them in the messengers' chats."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.messages import Subject
from domain.polls import Asked, Poll, Reminder, State, Tally, Whom, tally
from domain.times import from_us, maybe_time, maybe_us, to_us
from storage import outbox
from storage.communities import community_of
from storage.database import Connection, Row

_POLL = """
    SELECT polls.id AS poll_id, polls.author_id, polls.question, polls.options, polls.multiple, polls.whom,
           polls.state, polls.reminder, polls.closes_at, polls.opened_chat, polls.opened_person,
           polls.reminded_person, polls.closed_at, communities.*
    FROM polls
    JOIN communities ON communities.id = polls.community_id
"""


async def add(
    db: Connection, community_id: int, author_id: int, asked: Asked, now: datetime, remind_at: datetime | None
) -> int:
    """A new poll, whose copies jobs.polls sends."""
    return int(
        await db.value(
            """INSERT INTO polls (community_id, author_id, question, options, multiple, whom, state, reminder,
                                  opened_at, closes_at, remind_at)
               VALUES (:community_id, :author_id, :question, :options, :multiple, :whom, 'open', 'none',
                       :now, :closes_at, :remind_at)
               RETURNING id""",
            community_id=community_id,
            author_id=author_id,
            question=asked.question,
            options=json.dumps(asked.options, ensure_ascii=False),
            multiple=int(asked.multiple),
            whom=asked.whom.value,
            now=to_us(now),
            closes_at=maybe_us(asked.closes_at),
            remind_at=maybe_us(remind_at),
        )
    )


async def get(db: Connection, poll_id: int) -> Poll | None:
    row = await db.one(f"{_POLL} WHERE polls.id = :id", id=poll_id)
    return _poll(row) if row else None


async def get_certain(db: Connection, poll_id: int) -> Poll:
    """A poll that must be there. Raises LookupError."""
    poll = await get(db, poll_id)
    if poll is None:
        raise LookupError("a poll that is no longer there")
    return poll


async def open_for(
    db: Connection, person_id: int, community_ids: Sequence[int], now: datetime, *, before: int, most: int
) -> list[Poll]:
    """The open polls of these communities and those the person asked herself, newest first, with numbers below
    `before` (0: all)."""
    wanted = {f"c{number}": one for number, one in enumerate((0, *community_ids))}
    rows = await db.all(
        f"""{_POLL}
            WHERE polls.state = 'open' AND (polls.closes_at IS NULL OR polls.closes_at > :now)
              AND (polls.author_id = :person_id OR polls.community_id IN ({", ".join(f":{name}" for name in wanted)}))
              AND (:before = 0 OR polls.id < :before)
            ORDER BY polls.id DESC
            LIMIT :most""",
        person_id=person_id,
        now=to_us(now),
        before=before,
        most=most,
        **wanted,
    )
    return [_poll(row) for row in rows]


# --- opening ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reached:
    """A poll on its way to many, and up to which group chat and which person it has come."""

    poll: Poll
    chat: int
    person: int


async def opening(db: Connection, most: int) -> list[Reached]:
    """Polls whose copies are not all sent yet, oldest first."""
    rows = await db.all(
        f"{_POLL} WHERE polls.state = 'open' AND polls.opening = 1 ORDER BY polls.id LIMIT :most", most=most
    )
    return [Reached(_poll(row), row["opened_chat"], row["opened_person"]) for row in rows]


async def save_opened(db: Connection, poll_id: int, chat: int, person: int, *, done: bool) -> None:
    await db.run(
        "UPDATE polls SET opened_chat = :chat, opened_person = :person, opening = :opening WHERE id = :id",
        chat=chat,
        person=person,
        opening=int(not done),
        id=poll_id,
    )


# --- votes ------------------------------------------------------------------------------------------------------------


async def subject_of(db: Connection, channel: str, native_id: str) -> tuple[str, int] | None:
    """What a native poll is a copy of: kind and id; None when no delivery is known to have made it (yet)."""
    row = await db.one(
        """SELECT subject_kind, subject_id FROM deliveries
           WHERE poll_id = :native_id AND place LIKE :channel || ':%'
           UNION ALL
           SELECT 'poll', poll_id FROM poll_copies
           WHERE native_id = :native_id AND channel = :channel""",
        native_id=native_id,
        channel=channel,
    )
    return (row["subject_kind"], row["subject_id"]) if row else None


async def save_copy(
    db: Connection, channel: str, native_id: str, question: str, options: Sequence[str], since: datetime
) -> None:
    """A native poll of ours that no delivery knows: a copy of the one poll that asks the same, if there is one."""
    await db.run(
        """INSERT INTO poll_copies (channel, native_id, poll_id)
           SELECT :channel, :native_id, MIN(id) FROM polls
           WHERE question = :question AND options = :options AND opened_at >= :since
           HAVING COUNT(*) = 1
           ON CONFLICT DO NOTHING""",
        channel=channel,
        native_id=native_id,
        question=question,
        options=json.dumps(list(options), ensure_ascii=False),
        since=to_us(since),
    )


async def cast(db: Connection, poll_id: int, person_id: int, choices: int, at: datetime) -> None:
    """The person's one ballot; an older vote doesn't undo a newer one. The author's card is out of date now."""
    await db.run(
        """INSERT INTO poll_ballots (poll_id, person_id, choices, cast_at)
           VALUES (:poll_id, :person_id, :choices, :at)
           ON CONFLICT (poll_id, person_id) DO UPDATE SET choices = excluded.choices, cast_at = excluded.cast_at
           WHERE poll_ballots.cast_at <= excluded.cast_at""",
        poll_id=poll_id,
        person_id=person_id,
        choices=choices,
        at=to_us(at),
    )
    await db.run("UPDATE polls SET card_due = 1 WHERE id = :id AND card_due = 0", id=poll_id)


async def count(db: Connection, poll: Poll) -> Tally:
    rows = await db.all(
        "SELECT choices, COUNT(*) AS persons FROM poll_ballots WHERE poll_id = :id GROUP BY choices", id=poll.id
    )
    return tally({row["choices"]: row["persons"] for row in rows}, len(poll.options))


async def answered_by(db: Connection, poll_id: int, person_ids: Sequence[int]) -> frozenset[int]:
    """Which of these persons, given by number, have answered."""
    if not person_ids:
        return frozenset()
    rows = await db.all(
        """SELECT person_id FROM poll_ballots
           WHERE poll_id = :poll_id AND choices > 0 AND person_id BETWEEN :first AND :last""",
        poll_id=poll_id,
        first=person_ids[0],
        last=person_ids[-1],
    )
    return frozenset(row["person_id"] for row in rows)


async def answered_of(db: Connection, person_id: int, polls: Sequence[Poll]) -> frozenset[int]:
    """Which of these polls the person has answered, by their numbers."""
    wanted = {f"p{number}": one for number, one in enumerate((0, *(poll.id for poll in polls)))}
    rows = await db.all(
        f"""SELECT poll_id FROM poll_ballots
            WHERE person_id = :person_id AND choices > 0
              AND poll_id IN ({", ".join(f":{name}" for name in wanted)})""",  # noqa: S608 - names only
        person_id=person_id,
        **wanted,
    )
    return frozenset(row["poll_id"] for row in rows)


@dataclass(frozen=True, slots=True)
class KeptVote:
    """A vote that came before its native poll was known to be ours."""

    channel: str
    native_id: str
    person_id: int
    options: tuple[int, ...]
    at: datetime
    kind: str | None  # of the subject, once it is known
    subject_id: int | None


async def keep_vote(
    db: Connection, channel: str, native_id: str, person_id: int, options: Sequence[int], now: datetime
) -> None:
    await db.run(
        """INSERT INTO kept_votes (channel, native_id, person_id, options, at)
           VALUES (:channel, :native_id, :person_id, :options, :now)
           ON CONFLICT (channel, native_id, person_id) DO UPDATE SET options = excluded.options, at = excluded.at""",
        channel=channel,
        native_id=native_id,
        person_id=person_id,
        options=json.dumps(list(options)),
        now=to_us(now),
    )


async def take_known_votes(db: Connection, most: int) -> list[KeptVote]:
    """Takes out the kept votes whose native poll is known by now."""
    rows = await db.all(
        """SELECT kept_votes.*, COALESCE(deliveries.subject_kind, 'poll') AS subject_kind,
                  COALESCE(deliveries.subject_id, poll_copies.poll_id) AS subject_id
           FROM kept_votes
           LEFT JOIN deliveries ON deliveries.poll_id = kept_votes.native_id
                               AND deliveries.place LIKE kept_votes.channel || ':%'
           LEFT JOIN poll_copies ON poll_copies.native_id = kept_votes.native_id
                                AND poll_copies.channel = kept_votes.channel
           WHERE deliveries.id IS NOT NULL OR poll_copies.poll_id IS NOT NULL
           ORDER BY kept_votes.at
           LIMIT :most""",
        most=most,
    )
    await db.many(
        """DELETE FROM kept_votes
           WHERE channel = :channel AND native_id = :native_id AND person_id = :person_id""",
        [{name: row[name] for name in ("channel", "native_id", "person_id")} for row in rows],
    )
    return [_kept(row) for row in rows]


async def drop_votes_before(db: Connection, before: datetime) -> None:
    """Forgets kept votes that belong to nothing of ours."""
    await db.run("DELETE FROM kept_votes WHERE at < :before", before=to_us(before))


# --- the author's card ------------------------------------------------------------------------------------------------


async def take_changed(db: Connection, most: int) -> list[Poll]:
    """Polls whose card is out of date; they count as shown from now on."""
    rows = await db.all(f"{_POLL} WHERE polls.card_due = 1 ORDER BY polls.id LIMIT :most", most=most)
    await db.many("UPDATE polls SET card_due = 0 WHERE id = :id", [{"id": row["poll_id"]} for row in rows])
    return [_poll(row) for row in rows]


# --- reminding --------------------------------------------------------------------------------------------------------


async def start_reminder(db: Connection, poll_id: int) -> bool:
    """False when it was sent before, or the poll is closed."""
    found = await db.value(
        """UPDATE polls SET reminder = 'sending'
           WHERE id = :id AND reminder = 'none' AND state = 'open'
           RETURNING id""",
        id=poll_id,
    )
    return found is not None


async def start_due_reminders(db: Connection, now: datetime) -> None:
    await db.run(
        """UPDATE polls SET reminder = 'sending', card_due = 1
           WHERE state = 'open' AND reminder = 'none' AND remind_at <= :now AND closes_at > :now""",
        now=to_us(now),
    )


async def reminding(db: Connection, most: int) -> list[Reached]:
    rows = await db.all(
        f"{_POLL} WHERE polls.state = 'open' AND polls.reminder = 'sending' ORDER BY polls.id LIMIT :most", most=most
    )
    return [Reached(_poll(row), 0, row["reminded_person"]) for row in rows]


async def save_reminded(db: Connection, poll_id: int, person: int, *, done: bool) -> None:
    await db.run(
        "UPDATE polls SET reminded_person = :person, reminder = :reminder WHERE id = :id",
        person=person,
        reminder=(Reminder.SENT if done else Reminder.SENDING).value,
        id=poll_id,
    )


# --- closing ----------------------------------------------------------------------------------------------------------


async def due(db: Connection, now: datetime, most: int) -> list[Poll]:
    """Open polls whose time is over."""
    rows = await db.all(
        f"{_POLL} WHERE polls.state = 'open' AND polls.closes_at <= :now ORDER BY polls.id LIMIT :most",
        now=to_us(now),
        most=most,
    )
    return [_poll(row) for row in rows]


async def close(db: Connection, poll_id: int, now: datetime) -> bool:
    """False when it was closed before."""
    found = await db.value(
        """UPDATE polls SET state = 'closed', closed_at = :now, stopping = 1, card_due = 0
           WHERE id = :id AND state = 'open'
           RETURNING id""",
        id=poll_id,
        now=to_us(now),
    )
    return await _drop_waiting(db, found)


async def replace(db: Connection, poll_id: int, now: datetime) -> bool:
    """Takes an open poll back that nobody has answered; False when somebody has, or it is closed."""
    found = await db.value(
        """UPDATE polls SET state = 'replaced', closed_at = :now, stopping = 1, card_due = 0
           WHERE id = :id AND state = 'open'
             AND NOT EXISTS (SELECT 1 FROM poll_ballots WHERE poll_id = polls.id AND choices > 0)
           RETURNING id""",
        id=poll_id,
        now=to_us(now),
    )
    return await _drop_waiting(db, found)


async def _drop_waiting(db: Connection, closed_id: int | None) -> bool:
    """Takes back the copies and reminders of a poll closed just now that wait to be sent."""
    if closed_id is None:
        return False
    await outbox.drop_of_subject(db, Subject("poll", closed_id, revision=1))
    return True


@dataclass(frozen=True, slots=True)
class Copy:
    """A native poll in a person's private chat (chat_id is None) or in a group chat."""

    person_id: int
    chat_id: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    poll: Poll
    closed_at: datetime


async def stopping(db: Connection, most: int) -> list[Ended]:
    """Closed and replaced polls of which copies may still be open."""
    rows = await db.all(f"{_POLL} WHERE polls.stopping = 1 ORDER BY polls.id LIMIT :most", most=most)
    return [Ended(_poll(row), from_us(row["closed_at"])) for row in rows]


async def take_copies_to_stop(db: Connection, poll_id: int, most: int) -> list[Copy]:
    """The next copies that were sent and not yet told to stop; they count as told from now on."""
    rows = await db.all(
        """SELECT deliveries.id, deliveries.person_id, chats.id AS chat_id
           FROM deliveries
           LEFT JOIN chats ON deliveries.person_id IS NULL
                          AND deliveries.dedupe_key = 'poll:' || deliveries.subject_id || ':chat:' || chats.id
           WHERE deliveries.kind = 'open_poll' AND deliveries.subject_id = :poll_id
             AND deliveries.subject_kind = 'poll' AND deliveries.state = 'sent'
             AND NOT EXISTS (SELECT 1 FROM poll_stops WHERE poll_stops.delivery_id = deliveries.id)
           ORDER BY deliveries.id
           LIMIT :most""",
        poll_id=poll_id,
        most=most,
    )
    await db.many("INSERT INTO poll_stops (delivery_id) VALUES (:id)", [{"id": row["id"]} for row in rows])
    return [Copy(row["person_id"], row["chat_id"]) for row in rows]


async def save_stopped(db: Connection, poll_id: int) -> None:
    await db.run("UPDATE polls SET stopping = 0 WHERE id = :id", id=poll_id)


def _poll(row: Row) -> Poll:
    return Poll(
        row["poll_id"],
        community_of(row),
        row["author_id"],
        row["question"],
        tuple(json.loads(row["options"])),
        bool(row["multiple"]),
        Whom(row["whom"]),
        State(row["state"]),
        Reminder(row["reminder"]),
        maybe_time(row["closes_at"]),
    )


def _kept(row: Row) -> KeptVote:
    return KeptVote(
        row["channel"],
        row["native_id"],
        row["person_id"],
        tuple(json.loads(row["options"])),
        from_us(row["at"]),
        row["subject_kind"],
        row["subject_id"],
    )
