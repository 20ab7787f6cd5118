"""Meetings and what people answered to them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import storage.persons
import storage.sessions
import storage.slots
from domain.meetings import Answer, Meeting, MeetingKind, Rsvp, SeenMeeting, State
from domain.reminders import Before
from domain.roles import Role
from domain.series import Every
from domain.times import from_us, maybe_time, maybe_us, to_us
from storage.communities import community_of
from storage.database import Connection, Row
from storage.resting import RESTED

_COLUMNS = """meetings.id AS meeting_id, meetings.kind AS meeting_kind, meetings.title, meetings.place, meetings.agenda,
              meetings.starts_at, meetings.ends_at, meetings.zone AS meeting_zone, meetings.roles, meetings.capacity,
              meetings.in_group, meetings.reminds, meetings.state, meetings.revision, meetings.uid,
              meetings.called_by, meetings.changed_at, meetings.host, meetings.source,
              meetings.speakers, meetings.parts, meetings.slot_minutes, meetings.series_id,
              meetings.announce_at, meetings.takes_questions,
              (SELECT series.every FROM series WHERE series.id = meetings.series_id) AS every,
              communities.id, communities.parent_id, communities.kind,
              communities.name, communities.path, communities.language, communities.zone, communities.country,
              communities.archived_at"""
MINE = """rsvps.answer, rsvps.guests, CASE WHEN rsvps.answer = 'waiting' THEN (
               SELECT COUNT(*) FROM rsvps AS before_me
               WHERE before_me.meeting_id = rsvps.meeting_id AND before_me.answer = 'waiting'
                 AND before_me.turn <= rsvps.turn
           ) END AS place_in_line,
           (SELECT slots.starts_at FROM slots
            WHERE slots.person_id = rsvps.person_id AND slots.meeting_id = rsvps.meeting_id) AS slot_at"""

# The places that nobody has in the meeting :meeting_id; NULL: there is no limit.
FREE = """(SELECT held.capacity - (SELECT CAST(COALESCE(SUM(1 + taken.guests), 0) AS BIGINT) FROM rsvps AS taken
                                    WHERE taken.meeting_id = :meeting_id AND taken.answer = 'accepted')
            FROM meetings AS held
            WHERE held.id = :meeting_id AND held.capacity IS NOT NULL) AS free"""


async def add(db: Connection, meeting: Meeting, now: datetime, announce_at: datetime | None = None) -> int:
    """A new meeting; returns its number. `announce_at`: nobody hears of it before."""
    new_id = await db.value(
        """INSERT INTO meetings (community_id, kind, title, place, agenda, starts_at, ends_at, zone, roles, capacity,
                                 in_group, reminds, state, called_by, called_at, changed_at, host, speakers,
                                 parts, slot_minutes, series_id, announce_at, source)
           VALUES (:community_id, :kind, :title, :place, :agenda, :starts_at, :ends_at, :zone, :roles, :capacity,
                   :in_group, :reminds, 'called', :called_by, :now, :now, :host, :speakers,
                   :parts, :slot_minutes, :series_id, :announce_at, :source)
           RETURNING id""",
        community_id=meeting.community.id,
        kind=meeting.kind.value,
        title=meeting.title,
        place=meeting.place,
        agenda=meeting.agenda,
        starts_at=to_us(meeting.starts_at),
        ends_at=maybe_us(meeting.ends_at),
        zone=meeting.zone,
        roles=_listed(meeting.roles),
        capacity=meeting.capacity,
        in_group=int(meeting.in_group),
        reminds=_listed(meeting.reminds),
        called_by=meeting.called_by,
        source=meeting.source,
        now=to_us(now),
        host=meeting.host,
        speakers=meeting.speakers,
        parts=len(meeting.sessions),
        slot_minutes=meeting.slot_minutes,
        series_id=meeting.series_id,
        announce_at=maybe_us(announce_at),
    )
    await storage.sessions.add(db, new_id, meeting.sessions)
    await _save_uid(db, new_id)
    return int(new_id)


async def _save_uid(db: Connection, meeting_id: int) -> None:
    """What calendars know it by: not to be guessed, the same for ever, and another one in another installation."""
    uid = f"{db.vault.mark('meeting', str(meeting_id)).hex()}@birge"
    await db.run("UPDATE meetings SET uid = :uid WHERE id = :id", uid=uid, id=meeting_id)


async def get(db: Connection, meeting_id: int) -> Meeting:
    """A meeting that another row names, so that it is there. What a person names goes through seen_by."""
    [row] = await db.all(
        f"""SELECT {_COLUMNS} FROM meetings
            JOIN communities ON communities.id = meetings.community_id
            WHERE meetings.id = :id""",  # noqa: S608 - our names
        id=meeting_id,
    )
    return await _whole(db, row)


async def seen_by(db: Connection, meeting_id: int, person_id: int) -> SeenMeeting | None:
    """A meeting with one person's answer to it."""
    row = await db.one(
        f"""SELECT {_COLUMNS}, {MINE}, NULL AS free FROM meetings
            JOIN communities ON communities.id = meetings.community_id
            LEFT JOIN rsvps ON rsvps.meeting_id = meetings.id AND rsvps.person_id = :person_id
            WHERE meetings.id = :id""",  # noqa: S608 - our names
        id=meeting_id,
        person_id=person_id,
    )
    return SeenMeeting(await _whole(db, row), answer_of(row)) if row else None


async def ahead(
    db: Connection, person_id: int, community_ids: Iterable[int], now: datetime, *, most: int = 200
) -> list[SeenMeeting]:
    """What is planned in these communities, or called or answered by this person, soonest first."""
    return await _concerning(
        db, person_id, community_ids, "meetings.starts_at > :since AND meetings.state = 'called'", now, most
    )


async def in_calendar(
    db: Connection, person_id: int, community_ids: Iterable[int], since: datetime, *, most: int = 1_000
) -> list[SeenMeeting]:
    """What concerns this person and begins later than that, cancelled or not, soonest first."""
    return await _concerning(db, person_id, community_ids, "meetings.starts_at > :since", since, most)


async def _concerning(
    db: Connection, person_id: int, community_ids: Iterable[int], which: str, since: datetime, most: int
) -> list[SeenMeeting]:
    wanted = {f"c{number}": one for number, one in enumerate(sorted(set(community_ids)))}
    names = ", ".join(f":{name}" for name in wanted) or "NULL"
    rows = await db.all(
        f"""SELECT {_COLUMNS}, {MINE}, NULL AS free FROM meetings
            JOIN communities ON communities.id = meetings.community_id
            LEFT JOIN rsvps ON rsvps.meeting_id = meetings.id AND rsvps.person_id = :person_id
            WHERE {which}
              AND meetings.id IN (
                  SELECT id FROM meetings WHERE community_id IN ({names}) AND starts_at > :since
                  UNION ALL
                  SELECT id FROM meetings WHERE called_by = :person_id AND starts_at > :since
                  UNION ALL
                  SELECT meeting_id FROM rsvps WHERE person_id = :person_id)
            ORDER BY meetings.starts_at, meetings.id
            LIMIT :most""",  # noqa: S608 - our names
        person_id=person_id,
        since=to_us(since),
        most=most,
        **wanted,
    )
    return [SeenMeeting(_meeting(row), answer_of(row)) for row in rows]


async def in_groups(db: Connection, community_id: int, now: datetime, most: int) -> list[Meeting]:
    """What is ahead of a community and was announced to its group chats, soonest first."""
    rows = await db.all(
        f"""SELECT {_COLUMNS} FROM meetings
            JOIN communities ON communities.id = meetings.community_id
            WHERE meetings.community_id = :community_id AND meetings.starts_at > :now AND meetings.state = 'called'
              AND meetings.in_group = 1 AND meetings.announce_at IS NULL
            ORDER BY meetings.starts_at, meetings.id
            LIMIT :most""",  # noqa: S608 - our names
        community_id=community_id,
        now=to_us(now),
        most=most,
    )
    return [await _whole(db, row) for row in rows]


async def move(
    db: Connection, meeting_id: int, revision: int, starts_at: datetime, ends_at: datetime | None, now: datetime
) -> bool:
    """Another time, and the next revision; False when it is not in this revision any more, or has begun."""
    found = await db.value(
        """UPDATE meetings SET starts_at = :starts_at, ends_at = :ends_at, revision = revision + 1, changed_at = :now
           WHERE id = :id AND revision = :revision AND state = 'called' AND starts_at > :now
           RETURNING id""",
        starts_at=to_us(starts_at),
        ends_at=maybe_us(ends_at),
        id=meeting_id,
        revision=revision,
        now=to_us(now),
    )
    return found is not None


async def cancel(db: Connection, meeting_id: int, now: datetime) -> None:
    """Called off, in the next revision."""
    await db.run(
        """UPDATE meetings SET state = 'cancelled', revision = revision + 1, changed_at = :now
           WHERE id = :id AND state = 'called'""",
        id=meeting_id,
        now=to_us(now),
    )


async def save_reminds(db: Connection, meeting_id: int, reminds: Iterable[Before]) -> None:
    await db.run("UPDATE meetings SET reminds = :reminds WHERE id = :id", reminds=_listed(reminds), id=meeting_id)


# --- cards ------------------------------------------------------------------------------------------------------------


async def cards_are_due(db: Connection, meeting_id: int) -> None:
    """What the group's and the organiser's card show is old."""
    await db.run("UPDATE meetings SET card_due = 1 WHERE id = :id AND card_due = 0", id=meeting_id)


async def ask_no_more(db: Connection, now: datetime, most: int) -> None:
    """Of what has begun the cards are old once more: nobody is asked whether she comes."""
    await db.run(
        """UPDATE meetings SET asks = 0, card_due = 1
           WHERE id IN (SELECT id FROM meetings
                        WHERE asks = 1 AND starts_at <= :now
                        ORDER BY starts_at, id
                        LIMIT :most)""",
        now=to_us(now),
        most=most,
    )


async def cards_due(db: Connection, now: datetime, most: int) -> list[Meeting]:
    """Meetings whose cards are old, if they were refreshed long enough ago."""
    rows = await db.all(
        f"""SELECT {_COLUMNS} FROM meetings
            JOIN communities ON communities.id = meetings.community_id
            WHERE meetings.card_due = 1 AND {RESTED}
            ORDER BY meetings.refresh_at, meetings.id
            LIMIT :most""",  # noqa: S608 - our names
        now=to_us(now),
        most=most,
    )
    return [await _whole(db, row) for row in rows]


async def save_refreshed(db: Connection, meeting_id: int, next_at: datetime) -> None:
    await db.run(
        "UPDATE meetings SET card_due = 0, refresh_at = :next_at WHERE id = :id", next_at=to_us(next_at), id=meeting_id
    )


# --- rows -------------------------------------------------------------------------------------------------------------


def answer_of(row: Row) -> Answer | None:
    """The answer in a row with the columns of MINE and FREE; None where there is none."""
    if row["answer"] is None:
        return None
    slot_at, free = maybe_time(row["slot_at"]), row["free"]
    return Answer(Rsvp(row["answer"]), row["guests"], row["place_in_line"], slot_at, free)


async def _whole(db: Connection, row: Row) -> Meeting:
    """With its parts, if it has any."""
    meeting = _meeting(row)
    return replace(meeting, sessions=await storage.sessions.of(db, meeting.id)) if row["parts"] else meeting


def _meeting(row: Row) -> Meeting:
    return Meeting(
        id=row["meeting_id"],
        community=community_of(row),
        kind=MeetingKind(row["meeting_kind"]),
        title=row["title"],
        starts_at=from_us(row["starts_at"]),
        zone=row["meeting_zone"],
        called_by=row["called_by"],
        ends_at=maybe_time(row["ends_at"]),
        place=row["place"],
        agenda=row["agenda"],
        roles=frozenset(Role(name) for name in _names(row["roles"])),
        capacity=row["capacity"],
        in_group=bool(row["in_group"]),
        reminds=frozenset(Before(name) for name in _names(row["reminds"])),
        state=State(row["state"]),
        changed_at=from_us(row["changed_at"]),
        host=row["host"],
        speakers=row["speakers"],
        slot_minutes=row["slot_minutes"],
        series_id=row["series_id"],
        every=Every(row["every"]) if row["every"] else None,
        is_announced=row["announce_at"] is None,
        takes_questions=bool(row["takes_questions"]),
        revision=row["revision"],
        uid=row["uid"] or "",
        source=row["source"],
    )


def _listed(names: Iterable[Any]) -> str:
    return ",".join(sorted(name.value for name in names))


def _names(listed: str) -> list[str]:
    return [name for name in listed.split(",") if name]
