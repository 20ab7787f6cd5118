"""Deliveries: what is to be sent, what became of it. Bodies are sealed, and gone once sent.

In the case lane no column names a chat or a person: place and message id are sealed too, and marks (HMACs) of their
own purpose stand in for what SQL must group by, so that no row of another lane can be joined to them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from domain.messages import Lane, Subject
from domain.times import from_us, maybe_time, maybe_us, to_us
from storage import letters
from storage.database import Connection, Row, listed
from storage.vault import Sealed

_TABLE = "deliveries"
_LIVE_PAUSE = timedelta(seconds=3)
_TO_GO = ("waiting", "held")  # held: until its reader's quiet hours end
UNOPENABLE = "unopenable"  # the kind of a delivery whose body no key opens any more
UNREACHABLE = frozenset({"blocked", "deactivated", "never_started", "removed"})
# Given up though somebody could have read it: once the fault is mended it may be sent again (storage.letters).
GIVEN_UP = frozenset({"rejected", "broken", "unanswered"})
_WORTH_KEEPING = frozenset({"say", "open_poll", "admit"})  # an edit sent late would put old words over newer ones


@dataclass(frozen=True, slots=True)
class Draft:
    """A delivery about to be stored. `body` is what the channel needs, as JSON values; `place` is "channel:address"."""

    kind: str
    place: str | None
    body: Mapping[str, Any]
    lane: Lane = Lane.REPLY
    card: str | None = None
    subject: Subject | None = None
    person_id: int | None = None
    outgoing_id: int | None = None
    question: int | None = None
    live: bool = False  # an edit of a count: at most one in 3 s
    not_before: datetime | None = None
    not_after: datetime | None = None
    dedupe_key: str | None = None
    failed: str | None = None  # the reason why it can't be sent at all; kept for the ledger
    every: bool = False  # a delete: of all messages of its card


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery to send now. `target` is the message an edit, a pin or a delete is about, once it is known."""

    id: int
    lane: Lane
    kind: str
    place: str
    place_mark: bytes
    card_mark: bytes | None
    body: Mapping[str, Any]
    outgoing_id: int | None
    question: int | None
    attempts: int
    changes: int
    target: int | None
    not_after: datetime | None
    live: bool
    may_be_taken_back: bool = True  # it is about a subject whose revision may change


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; `waiting`: again, once the chat's pause is over."""

    delivery: Waiting
    state: str  # sent | failed | dropped | waiting
    reason: str | None = None
    message_id: int | None = None
    poll_id: str | None = None
    said: str | None = None  # why the messenger rejected it, in its words, with nothing quoted


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a chat is left alone. Where the clock was set back since, it is over: rather asked too soon, and told
    again, than silent for as long as the clock was wrong."""

    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        return self.since <= now < self.until


_ON_PAUSE = "pauses.since <= :now AND pauses.until > :now"


def place_mark(db: Connection, lane: Lane, place: str) -> bytes:
    return db.vault.mark("case place" if lane == Lane.CASE else "place", place)


def card_mark(db: Connection, lane: Lane, place: str, card: str) -> bytes:
    return db.vault.mark("case card" if lane == Lane.CASE else "card", f"{place}\0{card}")


async def enqueue(db: Connection, drafts: Sequence[Draft], now: datetime) -> list[Waiting]:
    """Stores deliveries in order. An edit of a card that still waits replaces its body; only the newest edit waits.

    A dedupe_key that was used before stores nothing. Returns those that may go as soon as they are committed and need
    no second look at the database for it.
    """
    new: list[tuple[dict[str, Any], Draft]] = []
    for draft in drafts:
        row = _row(db, draft)
        if draft.kind == "edit" and draft.card is not None and await _joined_what_waits(db, row, draft, new, now):
            continue
        if draft.every and draft.card is not None:
            new += [(_row(db, one), one) for one in await _of_each_message(db, draft, row["card_mark"])]
            continue
        new.append((row, draft))
    await db.many(_INSERT, [row for row, _ in new])
    return [_handed_over(row, draft) for row, draft in new if _is_ready(row, draft)]


async def _of_each_message(db: Connection, draft: Draft, mark: bytes) -> list[Draft]:
    """The delete of a card that was said more than once: one for each message; for what still waits to be said, one
    that waits for it."""
    rows = await db.all(
        """SELECT id, state, message_id, trace FROM deliveries
           WHERE card_mark = :mark AND kind IN ('say', 'open_poll') AND state IN ('sent', 'waiting', 'held')
           ORDER BY id""",
        mark=mark,
    )
    standing = [number for row in rows if (number := await _message_id(db, row)) is not None]
    found = [replace(draft, card=None, every=False, body={**draft.body, "message_id": one}) for one in standing]
    return [*found, replace(draft, every=False)] if any(row["state"] in _TO_GO for row in rows) else found


async def _message_id(db: Connection, row: Row) -> int | None:
    """Of a delivery that was sent."""
    if row["trace"] is None:
        return None if row["message_id"] is None else int(row["message_id"])
    try:
        trace = await db.vault.open(db, row["trace"], table=_TABLE, column="trace", row=row["id"])
    except Sealed:
        return None
    return int(orjson.loads(trace)["message_id"])


def _is_ready(row: Mapping[str, Any], draft: Draft) -> bool:
    about_a_card = draft.card is not None and draft.kind not in _CARDS
    may_be_double = draft.dedupe_key is not None
    return not (row["state"] != "waiting" or row["not_before"] or about_a_card or may_be_double)


_CARDS = ("say", "open_poll")  # what an edit, a pin or a delete can be about


def _handed_over(row: Mapping[str, Any], draft: Draft) -> Waiting:
    return Waiting(
        row["id"],
        draft.lane,
        draft.kind,
        draft.place or "",
        row["place_mark"],
        row["card_mark"],
        draft.body,
        draft.outgoing_id,
        draft.question,
        attempts=0,
        changes=0,
        target=None,
        not_after=draft.not_after,
        live=bool(draft.body.get("live")),
        may_be_taken_back=draft.subject is not None,
    )


async def _joined_what_waits(
    db: Connection, row: dict[str, Any], draft: Draft, new: list[tuple[dict[str, Any], Draft]], now: datetime
) -> bool:
    """Whether the edit went into a delivery of its card that still waits. Else a live one is held back a little."""
    for other, before in reversed(new):
        if other["card_mark"] == row["card_mark"] and other["kind"] in ("say", "edit"):
            if other["state"] != "waiting":
                return False
            other["body"] = _sealed(db, other["id"], _revised(before.body, before.question, draft))
            return True
    last = await db.one(
        """SELECT last.id, last.state, last.sent_at, last.place, last.body, many.id AS many_id, many.body AS many_body
           FROM deliveries AS last
           LEFT JOIN outgoing_bodies AS many ON many.id = last.body_id AND last.body IS NULL
           WHERE last.card_mark = :card_mark AND last.kind IN ('say', 'edit')
           ORDER BY last.id DESC
           LIMIT 1""",
        card_mark=row["card_mark"],
    )
    if last is None:
        return False
    if last["state"] in _TO_GO:
        content = await _content(db, last)
        await db.run(
            "UPDATE deliveries SET body = :body, changes = changes + 1 WHERE id = :id AND state IN ('waiting', 'held')",
            body=_sealed(db, last["id"], _revised(content["body"], content.get("question"), draft)),
            id=last["id"],
        )
        return True
    if draft.live and last["sent_at"] is not None:
        shown_at = min(from_us(last["sent_at"]), now)  # a clock that was set back since keeps nothing back for longer
        row["not_before"] = max(row["not_before"], to_us(shown_at + _LIVE_PAUSE))
    return False


def _revised(before: Mapping[str, Any], question: int | None, edit: Draft) -> Draft:
    """An edit has words and buttons only: the picture, the silence and the question of what still waits stay."""
    return replace(edit, body={**before, **edit.body}, question=question)


def _sealed(db: Connection, row_id: int, draft: Draft) -> bytes:
    # The question's token is sealed, too: beside the conversations it would tell whose question a row of the case
    # lane asked, and gaps in what the other lanes asked would tell the same.
    content = {"place": draft.place or "", "card": draft.card, "body": draft.body, "question": draft.question}
    return _sealed_content(db, row_id, content)


def _sealed_content(db: Connection, row_id: int, content: Mapping[str, Any]) -> bytes:
    return db.vault.seal(orjson.dumps(content), table=_TABLE, column="body", row=row_id)


_COLUMNS = (
    "id",
    "lane",
    "kind",
    "place",
    "place_mark",
    "card_mark",
    "body",
    "outgoing_id",
    "person_id",
    "state",
    "reason",
    "message_id",
    "subject_kind",
    "subject_id",
    "subject_revision",
    "not_before",
    "not_after",
    "dedupe_key",
)
_INSERT = f"""INSERT INTO deliveries ({", ".join(_COLUMNS)})
              VALUES ({", ".join(f":{column}" for column in _COLUMNS)})
              ON CONFLICT DO NOTHING"""  # noqa: S608 - our own names


def _row(db: Connection, draft: Draft) -> dict[str, Any]:
    row_id = db.new_id(_TABLE)
    secret = draft.lane == Lane.CASE
    place = draft.place or ""
    return {
        "id": row_id,
        "lane": int(draft.lane),
        "kind": draft.kind,
        "place": None if secret else draft.place,
        "place_mark": place_mark(db, draft.lane, place),
        "card_mark": card_mark(db, draft.lane, place, draft.card) if draft.card else None,
        "body": None if draft.failed else _sealed(db, row_id, draft),
        "outgoing_id": draft.outgoing_id,
        "person_id": None if secret else draft.person_id,
        "state": "failed" if draft.failed else "waiting",
        "reason": draft.failed,
        "message_id": None,
        "subject_kind": draft.subject.kind if draft.subject and not secret else None,
        "subject_id": draft.subject.id if draft.subject and not secret else None,
        "subject_revision": draft.subject.revision if draft.subject and not secret else None,
        "not_before": to_us(draft.not_before) if draft.not_before else 0,
        "not_after": maybe_us(draft.not_after),
        "dedupe_key": draft.dedupe_key,
    }


async def waiting(
    db: Connection, lane: Lane, now: datetime, but: Iterable[int], most: int, *, without: Iterable[bytes] = ()
) -> list[Waiting]:
    """Deliveries of a lane that may go now, oldest first, without those already in hand, the chats on pause and the
    places `without` (marks) that have enough in hand: a chat with a thousand waiting hides nobody else's.

    What is about a card (an edit, a pin, a delete) waits until that card is sent: only then it has a target.
    """
    names, served = listed(without, or_none=b"")
    rows = await db.all(
        f"""SELECT due.id, due.lane, due.kind, due.place_mark, due.card_mark, due.body, due.outgoing_id,
                  due.place, many.id AS many_id, many.body AS many_body,
                  due.attempts, due.changes, due.not_after, due.subject_id, original.id AS original_id,
                  original.message_id, original.trace
           FROM deliveries AS due
           LEFT JOIN outgoing_bodies AS many ON many.id = due.body_id AND due.body IS NULL
           LEFT JOIN pauses ON pauses.place_mark = due.place_mark AND {_ON_PAUSE}
           LEFT JOIN deliveries AS original ON original.id = (
               SELECT MAX(card.id) FROM deliveries AS card
               WHERE card.card_mark = due.card_mark AND card.kind IN ('say', 'open_poll') AND card.state = 'sent'
                 AND card.id < due.id AND due.kind NOT IN ('say', 'open_poll')
           )
           WHERE due.state = 'waiting' AND due.lane = :lane AND due.not_before <= :now AND pauses.until IS NULL
             AND due.place_mark NOT IN ({names})
             AND (due.card_mark IS NULL OR due.kind IN ('say', 'open_poll') OR NOT EXISTS (
               SELECT 1 FROM deliveries AS card
               WHERE card.card_mark = due.card_mark AND card.kind IN ('say', 'open_poll')
                 AND card.state IN ('waiting', 'held')
                 AND card.id < due.id
             ))
           ORDER BY due.lane, due.id
           LIMIT :most""",  # noqa: S608 - names only
        now=to_us(now),
        lane=int(lane),
        most=most + len(held := set(but)),
        **served,
    )
    return [await _opened(db, row) for row in rows if row["id"] not in held][:most]


async def lanes_waiting(db: Connection) -> set[Lane]:
    """The lanes in which anything waits, whenever it may go: a glance at the head of each."""
    rows = await db.all(_HEADS)
    return {Lane(row["lane"]) for row in rows}


_HEADS = " UNION ALL ".join(
    f"""SELECT {lane} AS lane
        WHERE EXISTS (SELECT 1 FROM deliveries WHERE deliveries.state = 'waiting' AND deliveries.lane = {lane})"""  # noqa: S608 - numbers
    for lane in map(int, Lane)
)


async def _opened(db: Connection, row: Row) -> Waiting:
    kind, target = row["kind"], row["message_id"]
    try:
        content = await _content(db, row)
        if row["trace"] is not None:
            trace = await db.vault.open(db, row["trace"], table=_TABLE, column="trace", row=row["original_id"])
            target = orjson.loads(trace)["message_id"]
    except Sealed:  # its key was destroyed: one such row must not stop what stands behind it
        kind, content = UNOPENABLE, {"place": "", "body": {}}
    return Waiting(
        row["id"],
        Lane(row["lane"]),
        kind,
        content["place"],
        row["place_mark"],
        row["card_mark"],
        content["body"],
        row["outgoing_id"],
        content.get("question"),
        row["attempts"],
        row["changes"],
        target,
        maybe_time(row["not_after"]),
        bool(content["body"].get("live")),
        row["subject_id"] is not None,
    )


async def _content(db: Connection, row: Row) -> dict[str, Any]:
    if row["many_id"] is not None:
        plain = await db.vault.open(db, row["many_body"], table="outgoing_bodies", column="body", row=row["many_id"])
        return {"place": row["place"], "body": orjson.loads(plain)}
    content: dict[str, Any] = orjson.loads(
        await db.vault.open(db, row["body"], table=_TABLE, column="body", row=row["id"])
    )
    return content


async def is_waiting(db: Connection, delivery_id: int) -> bool:
    """Whether a delivery is still to be sent: it may have been taken back since it was taken in hand."""
    return await db.value("SELECT 1 FROM deliveries WHERE id = :id AND state = 'waiting'", id=delivery_id) is not None


async def newest(db: Connection) -> int:
    """The number of the last delivery that was stored; 0: there is none yet."""
    return int(await db.value("SELECT COALESCE(MAX(id), 0) FROM deliveries"))


async def next_due(db: Connection, now: datetime) -> datetime | None:
    """When the next delivery that must still wait may go."""
    due = await db.value(
        "SELECT MIN(not_before) FROM deliveries WHERE state = 'waiting' AND not_before > :now", now=to_us(now)
    )
    return None if due is None else from_us(due)


async def count_waiting(db: Connection) -> int:
    return int(await db.value("SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'"))


async def oldest_reply(db: Connection, now: datetime) -> int | None:
    """The oldest reply that could go now: to no chat that the messenger told us to leave alone."""
    found = await db.value(
        f"""SELECT due.id FROM deliveries AS due
           LEFT JOIN pauses ON pauses.place_mark = due.place_mark AND {_ON_PAUSE}
           WHERE due.state = 'waiting' AND due.lane = :lane AND due.not_before <= :now AND pauses.until IS NULL
           ORDER BY due.lane, due.id
           LIMIT 1""",  # noqa: S608 - names only
        lane=int(Lane.REPLY),
        now=to_us(now),
    )
    return None if found is None else int(found)


async def drop_stale(db: Connection, now: datetime) -> None:
    """Takes back what is past its time."""
    for state in _TO_GO:  # one after the other: each has an index
        await db.run(
            f"""UPDATE deliveries SET state = 'dropped', reason = 'late', body = NULL
                WHERE state = '{state}' AND not_after < :now""",  # noqa: S608 - our own word
            now=to_us(now),
        )


async def drop_of_subject(db: Connection, subject: Subject) -> None:
    """Takes back what waits about older revisions of a subject."""
    for state in _TO_GO:
        await db.run(
            f"""UPDATE deliveries SET state = 'dropped', reason = 'changed', body = NULL
                WHERE state = '{state}' AND subject_kind = :kind AND subject_id = :id
                  AND subject_revision < :revision""",  # noqa: S608 - our own word
            kind=subject.kind,
            id=subject.id,
            revision=subject.revision,
        )
    await letters.drop_of_subject(db, subject)


async def save_outcomes(db: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """What became of a group of tries. A body that was replaced while it was on its way follows as an edit."""
    sent = []
    for outcome in outcomes:
        if outcome.state == "waiting":
            await _put_back(db, outcome)
        elif outcome.state == "sent":
            sent.append(outcome)
        else:
            await _give_up(db, outcome, now)
    await _mark_sent(db, sent, now)


async def _put_back(db: Connection, outcome: Outcome) -> None:
    await db.run(
        "UPDATE deliveries SET attempts = attempts + 1 WHERE id = :id AND state = 'waiting'",
        id=outcome.delivery.id,
    )


async def _give_up(db: Connection, outcome: Outcome, now: datetime) -> None:
    """No more tries, unless newer words came meanwhile to a chat that can be reached: these may get through. What may
    be sent again once a fault is mended keeps its body for a while (storage.letters), but in the case lane."""
    final = outcome.state == "dropped" or outcome.reason in UNREACHABLE
    kept = outcome.reason in GIVEN_UP and _is_letter(outcome.delivery)
    await db.run(
        """UPDATE deliveries
           SET state = :state, reason = :reason, attempts = attempts + 1, body = CASE WHEN :kept = 1 THEN body END,
               given_up_at = :given_up_at, said = :said
           WHERE id = :id AND state = 'waiting' AND (changes = :changes OR :final = 1)""",
        state=outcome.state,
        reason=outcome.reason,
        kept=int(kept),
        given_up_at=to_us(now) if kept else None,
        said=outcome.said if kept else None,
        id=outcome.delivery.id,
        changes=outcome.delivery.changes,
        final=int(final),
    )


def _is_letter(delivery: Waiting) -> bool:
    return delivery.lane != Lane.CASE and delivery.kind in _WORTH_KEEPING


async def _mark_sent(db: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    replaced = await _replaced(db, outcomes)
    await db.many(
        """UPDATE deliveries
           SET state = 'sent', body = NULL, attempts = attempts + 1, message_id = :message_id, trace = :trace,
               poll_id = :poll_id, sent_at = :sent_at
           WHERE id = :id""",
        [_sent_row(db, outcome, now) for outcome in outcomes],
    )
    for outcome in outcomes:
        if (body := replaced.get(outcome.delivery.id)) is not None:
            await _follow_with_edit(db, outcome.delivery, body, now)


def _sent_row(db: Connection, outcome: Outcome, now: datetime) -> dict[str, Any]:
    delivery, trace, message_id = outcome.delivery, None, outcome.message_id
    if delivery.lane == Lane.CASE:
        plain = orjson.dumps({"place": delivery.place, "message_id": message_id, "at": to_us(now)})
        trace, message_id = db.vault.seal(plain, table=_TABLE, column="trace", row=delivery.id), None
    return {
        "id": delivery.id,
        "message_id": message_id,
        "trace": trace,
        "poll_id": outcome.poll_id,
        "sent_at": to_us(now) if delivery.lane != Lane.CASE else None,
    }


async def _replaced(db: Connection, outcomes: Sequence[Outcome]) -> Mapping[int, bytes]:
    """The bodies of those cards whose words were changed while they were on their way."""
    of_cards = (one.delivery for one in outcomes if one.delivery.card_mark is not None)
    cards = {one.id: one for one in of_cards if one.kind in _WORDS}
    if not cards:
        return {}
    names, values = listed(cards)
    rows = await db.all(
        f"SELECT id, body, changes FROM deliveries WHERE id IN ({names}) AND changes > 0 AND state = 'waiting'",  # noqa: S608 - names only
        **values,
    )
    return {row["id"]: row["body"] for row in rows if row["changes"] > cards[row["id"]].changes}


_WORDS = ("say", "edit")


async def _follow_with_edit(db: Connection, delivery: Waiting, body: bytes, now: datetime) -> None:
    content = orjson.loads(await db.vault.open(db, body, table=_TABLE, column="body", row=delivery.id))
    live = bool(content["body"].get("live"))
    words = {name: content["body"][name] for name in _EDITED if name in content["body"]}
    later = now + _LIVE_PAUSE if live else None
    draft = Draft("edit", content["place"], words, delivery.lane, content["card"], live=live, not_before=later)
    await db.many(_INSERT, [_row(db, draft)])


_EDITED = ("html", "buttons", "live")  # what an edit has of a body


async def pause_place(db: Connection, mark: bytes, pause: Pause) -> None:
    """The messenger told us to leave this chat alone; a restart obeys it too. A longer pause stays."""
    await db.run(
        """INSERT INTO pauses (place_mark, since, until)
           VALUES (:mark, :since, :until)
           ON CONFLICT (place_mark) DO UPDATE SET since = excluded.since, until = excluded.until
           WHERE excluded.until > pauses.until OR excluded.since < pauses.since""",
        mark=mark,
        since=to_us(pause.since),
        until=to_us(pause.until),
    )


async def pauses(db: Connection, now: datetime) -> Mapping[bytes, Pause]:
    """The chats (marks) that are to be left alone."""
    rows = await db.all(f"SELECT place_mark, since, until FROM pauses WHERE {_ON_PAUSE}", now=to_us(now))  # noqa: S608
    return {bytes(row["place_mark"]): Pause(from_us(row["since"]), from_us(row["until"])) for row in rows}


async def forget_pauses(db: Connection, now: datetime) -> None:
    """Drops the pauses that are over."""
    await db.run("DELETE FROM pauses WHERE until < :now", now=to_us(now))


async def is_sent(db: Connection, lane: Lane, place: str, card: str) -> bool:
    """Whether a card stands (or is about to stand) in a chat."""
    found = await db.value(
        """SELECT 1 FROM deliveries
           WHERE card_mark = :mark AND kind IN ('say', 'open_poll') AND state IN ('sent', 'waiting', 'held')
           LIMIT 1""",
        mark=card_mark(db, lane, place, card),
    )
    return found is not None


async def move_place(db: Connection, old: str, new: str) -> None:
    """A group got a new address: what waits for it goes there. Cards of the old chat stay behind with it."""
    rows = await db.all(
        """SELECT id, lane, body FROM deliveries
           WHERE state = 'waiting' AND body IS NOT NULL AND place_mark IN (:mark, :case_mark)""",
        mark=place_mark(db, Lane.REPLY, old),
        case_mark=place_mark(db, Lane.CASE, old),
    )
    for row in rows:
        lane = Lane(row["lane"])
        content = orjson.loads(await db.vault.open(db, row["body"], table=_TABLE, column="body", row=row["id"]))
        card = content["card"]
        await db.run(
            """UPDATE deliveries SET place = :place, place_mark = :mark, card_mark = :card_mark, body = :body
               WHERE id = :id""",
            place=None if lane == Lane.CASE else new,
            mark=place_mark(db, lane, new),
            card_mark=card_mark(db, lane, new, card) if card else None,
            body=_sealed_content(db, row["id"], {**content, "place": new}),
            id=row["id"],
        )
