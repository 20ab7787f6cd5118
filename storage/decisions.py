"""The minutes of meetings, what was decided, and who takes care of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.announcements import Content
from domain.decisions import MOST, Decision, Minutes, Owner, State, next_reminder
from domain.meetings import Meeting
from domain.roles import LEADERS, Role
from domain.times import from_us, maybe_us, to_us
from storage import called, communities, meetings, persons
from storage.database import Connection, Row, listed

# --- minutes ----------------------------------------------------------------------------------------------------------


async def save_minutes(db: Connection, meeting_id: int, content: Content, written_by: int, now: datetime) -> None:
    await db.run(
        """INSERT INTO minutes (meeting_id, words, media_kind, file_id, channel, written_by, written_at)
           VALUES (:meeting_id, :words, :media_kind, :file_id, :channel, :written_by, :now)
           ON CONFLICT (meeting_id) DO UPDATE
           SET words = excluded.words, media_kind = excluded.media_kind, file_id = excluded.file_id,
               channel = excluded.channel, written_by = excluded.written_by, written_at = excluded.written_at""",
        meeting_id=meeting_id,
        words=content.words,
        media_kind=content.kind,
        file_id=content.file_id,
        channel=content.channel,
        written_by=written_by,
        now=to_us(now),
    )


async def minutes_of(db: Connection, meeting_id: int) -> Minutes | None:
    row = await db.one("SELECT * FROM minutes WHERE meeting_id = :meeting_id", meeting_id=meeting_id)
    if row is None:
        return None
    content = Content(row["words"], row["media_kind"], row["file_id"], row["channel"])
    return Minutes(content, from_us(row["written_at"]))


async def with_minutes(db: Connection, community_ids: Iterable[int], most: int) -> list[Meeting]:
    """The latest meetings of these communities whose minutes were written."""
    names, wanted = listed(community_ids)
    rows = await db.all(
        f"""SELECT meetings.id FROM meetings
            JOIN minutes ON minutes.meeting_id = meetings.id
            WHERE meetings.community_id IN ({names})
            ORDER BY meetings.starts_at DESC, meetings.id DESC
            LIMIT :most""",  # noqa: S608 - our names
        most=most,
        **wanted,
    )
    return [await meetings.get(db, row["id"]) for row in rows]


# --- decisions --------------------------------------------------------------------------------------------------------


async def add(db: Connection, decision: Decision, now: datetime) -> int | None:
    """A new one; returns its number, or None when the meeting has as many as it may."""
    number, next_at = next_reminder(decision.due_at, decision.meeting.zone, now)
    new_id = await db.value(
        """INSERT INTO decisions (meeting_id, words, owner_id, made_by, due_at, state, reminded, next_at)
           SELECT :meeting_id, :words, :owner_id, :made_by, :due_at, 'open', :reminded, :next_at
           WHERE (SELECT COUNT(*) FROM decisions WHERE meeting_id = :meeting_id) < :most
           RETURNING id""",
        meeting_id=decision.meeting.id,
        words=decision.words,
        owner_id=decision.owner_id,
        made_by=decision.made_by,
        due_at=to_us(decision.due_at),
        reminded=number,
        next_at=maybe_us(next_at),
        most=MOST,
    )
    return None if new_id is None else int(new_id)


async def get(db: Connection, decision_id: int) -> Decision | None:
    row = await db.one("SELECT * FROM decisions WHERE id = :id", id=decision_id)
    return _decision(row, await meetings.get(db, row["meeting_id"])) if row else None


async def own(db: Connection, decision_id: int, person_id: int) -> Decision | None:
    """A task, for whoever takes care of it."""
    found = await get(db, decision_id)
    return found if found is not None and found.owner_id == person_id else None


async def of_meeting(db: Connection, meeting: Meeting) -> list[Decision]:
    rows = await db.all("SELECT * FROM decisions WHERE meeting_id = :id ORDER BY id", id=meeting.id)
    return [_decision(row, meeting) for row in rows]


async def owners_of(db: Connection, meeting: Meeting, decided: Sequence[Decision]) -> Mapping[int, Owner]:
    """By decision, who takes care of it, as the meeting's community knows her."""
    ids = [one.owner_id for one in decided if one.owner_id is not None]
    known = await called.around(db, ids, meeting.community.path) if ids else {}
    return {
        one.id: Owner(known[one.owner_id].name, known[one.owner_id].is_pupil)
        for one in decided
        if one.owner_id is not None and one.owner_id in known
    }


async def open_of(db: Connection, person_id: int, *, skip: int = 0, most: int) -> list[Decision]:
    """Somebody's tasks, the most urgent first."""
    rows = await db.all(
        """SELECT * FROM decisions
           WHERE owner_id = :person_id AND state = 'open'
           ORDER BY due_at, id
           LIMIT :most OFFSET :skip""",
        person_id=person_id,
        most=most,
        skip=skip,
    )
    return [_decision(row, await meetings.get(db, row["meeting_id"])) for row in rows]


async def finish(db: Connection, decision_id: int, note: str | None) -> bool:
    """Done; False: it was done before."""
    found = await db.value(
        """UPDATE decisions SET state = 'done', note = :note, next_at = NULL, revision = revision + 1
           WHERE id = :id AND state = 'open'
           RETURNING id""",
        note=note,
        id=decision_id,
    )
    return found is not None


async def give(db: Connection, decision: Decision, owner_id: int | None, due_at: datetime, now: datetime) -> None:
    """Another owner, or another day; None: whoever had it has it no more. Its reminders begin anew."""
    number, next_at = next_reminder(due_at, decision.meeting.zone, now)
    await db.run(
        """UPDATE decisions SET owner_id = :owner_id, due_at = :due_at, reminded = :reminded, next_at = :next_at,
                                revision = revision + 1
           WHERE id = :id AND state = 'open'""",
        owner_id=owner_id,
        due_at=to_us(due_at),
        reminded=number,
        next_at=maybe_us(next_at) if owner_id is not None else None,
        id=decision.id,
    )


async def remove(db: Connection, decision_id: int) -> None:
    await db.run("DELETE FROM decisions WHERE id = :id", id=decision_id)


# --- what time triggers -----------------------------------------------------------------------------------------------


async def due(db: Connection, now: datetime, most: int) -> list[Decision]:
    """Whose owner is to be reminded."""
    rows = await db.all(
        """SELECT * FROM decisions
           WHERE state = 'open' AND next_at <= :now
           ORDER BY next_at
           LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [_decision(row, await meetings.get(db, row["meeting_id"])) for row in rows]


async def save_reminded(db: Connection, decision_id: int, reminded: int, next_at: datetime | None) -> None:
    await db.run(
        "UPDATE decisions SET reminded = :reminded, next_at = :next_at WHERE id = :id",
        reminded=reminded,
        next_at=maybe_us(next_at),
        id=decision_id,
    )


async def ownerless(db: Connection, now: datetime, most: int) -> list[Decision]:
    """Open ones whose owner belongs neither to the meeting's community nor above or below it any more."""
    rows = await db.all(
        """SELECT decisions.* FROM decisions
           JOIN meetings ON meetings.id = decisions.meeting_id
           JOIN communities AS held_in ON held_in.id = meetings.community_id
           WHERE decisions.state = 'open' AND decisions.owner_id IS NOT NULL
             AND NOT EXISTS (
                 SELECT 1 FROM memberships
                 JOIN communities ON communities.id = memberships.community_id
                 WHERE memberships.person_id = decisions.owner_id AND memberships.state = 'active'
                   AND (memberships.until IS NULL OR memberships.until > :now)
                   AND (communities.path LIKE held_in.path || '%' OR held_in.path LIKE communities.path || '%')
             )
           LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [_decision(row, await meetings.get(db, row["meeting_id"])) for row in rows]


# --- who could take care of it ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    person_id: int
    called: str
    role: Role


async def candidates(db: Connection, path: str, now: datetime, most: int) -> list[Candidate]:
    """Who belongs to a community or to one below it."""
    rows = await db.all(
        """SELECT memberships.person_id, memberships.called, memberships.role FROM communities AS below
           JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                           AND (memberships.until IS NULL OR memberships.until > :now)
                           AND memberships.role NOT IN ('worker', 'supervisor', 'custodian', 'auditor', 'partner')
           WHERE below.path >= :path AND below.path < :behind
           LIMIT :most""",
        path=path,
        behind=path + ":",
        now=to_us(now),
        most=most,
    )
    return [Candidate(row["person_id"], row["called"], Role(row["role"])) for row in rows]


async def whom_to_tell(db: Connection, decision: Decision, now: datetime) -> list[int]:
    """Whoever wrote it down, if she still leads there; else those who do."""
    path = decision.community.path
    if await persons.may(db, LEADERS, decision.made_by, path, now):
        return [decision.made_by]
    return await communities.leaders(db, path, now)


# --- what the groups see ----------------------------------------------------------------------------------------------


async def card_is_due(db: Connection, meeting_id: int) -> None:
    await db.run(
        """INSERT INTO decision_cards (meeting_id, card_due)
           VALUES (:meeting_id, 1)
           ON CONFLICT (meeting_id) DO UPDATE
           SET card_due = 1""",
        meeting_id=meeting_id,
    )


async def take_due_cards(db: Connection, most: int) -> list[Meeting]:
    """Meetings whose decisions the groups are to be shown anew."""
    rows = await db.all(
        """UPDATE decision_cards SET card_due = 0
           WHERE meeting_id IN (SELECT due.meeting_id FROM decision_cards AS due WHERE due.card_due = 1 LIMIT :most)
           RETURNING meeting_id""",
        most=most,
    )
    return [await meetings.get(db, row["meeting_id"]) for row in rows]


def _decision(row: Row, meeting: Meeting) -> Decision:
    return Decision(
        row["id"],
        meeting,
        row["words"],
        row["owner_id"],
        row["made_by"],
        from_us(row["due_at"]),
        State(row["state"]),
        row["note"],
        row["revision"],
        row["reminded"],
    )
