"""What people answered to a meeting: places and the waiting list, and who gives one up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import storage.persons
import storage.slots
from domain.meetings import Answer, Counts, Meeting, Reader, Rsvp
from domain.roles import COMMUNITY_ROLES, MEMBERS, STAFF, Role
from domain.times import maybe_time, to_us
from storage.database import Connection
from storage.meetings import FREE, MINE, answer_of

# Persons who are coming, with their guests.
_TAKEN = """(SELECT COALESCE(SUM(1 + taken.guests), 0) FROM rsvps AS taken
             WHERE taken.meeting_id = meetings.id AND taken.answer = 'accepted' AND taken.person_id <> :person_id)"""


async def answer(db: Connection, meeting_id: int, person_id: int) -> Answer:
    """What somebody has just answered."""
    [row] = await db.all(
        f"""SELECT {MINE}, {FREE} FROM rsvps
            WHERE rsvps.meeting_id = :meeting_id AND rsvps.person_id = :person_id""",  # noqa: S608 - our own text
        meeting_id=meeting_id,
        person_id=person_id,
    )
    found = answer_of(row)
    if found is None:
        raise LookupError("an answer that was just given")
    return found


async def take_place(db: Connection, meeting_id: int, person_id: int, guests: int, now: datetime) -> bool:
    """The person comes with so many guests, if there is room for all of them; else nothing changes and it is False."""
    found = await db.value(
        f"""INSERT INTO rsvps (meeting_id, person_id, answer, guests, turn, answered_at)
            SELECT meetings.id, :person_id, 'accepted', :guests, NULL, :now FROM meetings
            WHERE meetings.id = :meeting_id AND meetings.state = 'called' AND meetings.starts_at > :now
              AND (meetings.capacity IS NULL OR meetings.capacity >= 1 + :guests + {_TAKEN})
            ON CONFLICT (meeting_id, person_id) DO UPDATE
            SET answer = 'accepted', guests = excluded.guests, turn = NULL, answered_at = excluded.answered_at
            RETURNING person_id""",  # noqa: S608 - our own text
        meeting_id=meeting_id,
        person_id=person_id,
        guests=guests,
        now=to_us(now),
    )
    return found is not None


async def wait_in_line(db: Connection, meeting_id: int, person_id: int, now: datetime) -> None:
    """The last place on the waiting list; who stands there already keeps hers."""
    await db.run(
        """INSERT INTO rsvps (meeting_id, person_id, answer, guests, turn, answered_at)
           SELECT :meeting_id, :person_id, 'waiting', 0, COALESCE(MAX(line.turn), 0) + 1, :now
           FROM rsvps AS line WHERE line.meeting_id = :meeting_id
           ON CONFLICT (meeting_id, person_id) DO UPDATE
           SET answer = 'waiting', guests = 0, turn = excluded.turn, answered_at = excluded.answered_at
           WHERE rsvps.answer <> 'waiting'""",
        meeting_id=meeting_id,
        person_id=person_id,
        now=to_us(now),
    )


async def save_rsvp(db: Connection, meeting_id: int, person_id: int, rsvp: Rsvp, now: datetime) -> None:
    """An answer that takes no place: can't, maybe."""
    await db.run(
        """INSERT INTO rsvps (meeting_id, person_id, answer, guests, turn, answered_at)
           VALUES (:meeting_id, :person_id, :answer, 0, NULL, :now)
           ON CONFLICT (meeting_id, person_id) DO UPDATE
           SET answer = excluded.answer, guests = 0, turn = NULL, answered_at = excluded.answered_at""",
        meeting_id=meeting_id,
        person_id=person_id,
        answer=rsvp.value,
        now=to_us(now),
    )


async def forget_rsvp(db: Connection, meeting_id: int, person_id: int) -> None:
    """The answer of somebody who no longer belongs to the audience."""
    await db.run(
        "DELETE FROM rsvps WHERE meeting_id = :meeting_id AND person_id = :person_id",
        meeting_id=meeting_id,
        person_id=person_id,
    )


async def promote(db: Connection, meeting: Meeting, now: datetime) -> list[Reader]:
    """Places that became free go to those who wait for the longest and still belong to the audience: who got one."""
    promoted: list[Reader] = []
    if meeting.capacity is None and meeting.slot_minutes is None:  # nobody waits
        return promoted
    while (person_id := await _promote_first(db, meeting, now)) is not None:
        if await storage.persons.may(db, MEMBERS, person_id, meeting.community.path, now, meeting.audience):
            promoted.append(await reader(db, meeting.id, person_id))
        else:
            await leave(db, meeting.id, person_id)
    return promoted


async def reader(db: Connection, meeting_id: int, person_id: int) -> Reader:
    [row] = await db.all("SELECT zone, quiet_from, quiet_until FROM persons WHERE id = :id", id=person_id)
    mine = await answer(db, meeting_id, person_id)
    return Reader(person_id, row["zone"], row["quiet_from"], row["quiet_until"], mine)


async def _promote_first(db: Connection, meeting: Meeting, now: datetime) -> int | None:
    """Gives a place that is free to whoever waits for the longest; None when there is none, or nobody waits."""
    if meeting.slot_minutes is not None:
        person_id = await storage.slots.hand_on(db, meeting.id, now)
        if person_id is not None:
            await save_rsvp(db, meeting.id, person_id, Rsvp.ACCEPTED, now)
        return person_id
    found = await db.value(
        f"""UPDATE rsvps SET answer = 'accepted', guests = 0, turn = NULL, answered_at = :now
            WHERE meeting_id = :meeting_id AND answer = 'waiting'
              AND turn = (SELECT MIN(line.turn) FROM rsvps AS line
                          WHERE line.meeting_id = :meeting_id AND line.answer = 'waiting')
              AND EXISTS (SELECT 1 FROM meetings
                          WHERE meetings.id = :meeting_id AND meetings.state = 'called' AND meetings.starts_at > :now
                            AND (meetings.capacity IS NULL OR meetings.capacity > {_TAKEN}))
            RETURNING person_id""",  # noqa: S608 - our own text
        meeting_id=meeting.id,
        now=to_us(now),
        person_id=0,  # of everybody else's places, all count
    )
    return None if found is None else int(found)


async def leave(db: Connection, meeting_id: int, person_id: int) -> None:
    """Somebody who no longer belongs to the audience gives up her place."""
    await storage.slots.give_back(db, meeting_id, person_id)
    await forget_rsvp(db, meeting_id, person_id)


async def waited_for(db: Connection, now: datetime, most: int) -> list[int]:
    """Meetings ahead for which somebody waits."""
    rows = await db.all(
        """SELECT meetings.id FROM meetings
           WHERE meetings.state = 'called' AND meetings.starts_at > :now
             AND (meetings.capacity IS NOT NULL OR meetings.slot_minutes IS NOT NULL)
             AND EXISTS (SELECT 1 FROM rsvps WHERE rsvps.meeting_id = meetings.id AND rsvps.answer = 'waiting')
           ORDER BY meetings.starts_at, meetings.id
           LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [row["id"] for row in rows]


async def left_behind(db: Connection, now: datetime, most: int) -> list[tuple[int, int]]:
    """Places in meetings ahead, where places are few, of persons who are not of the audience any more, nor lead there:
    the meeting and the person."""
    few = "(meetings.capacity IS NOT NULL OR meetings.slot_minutes IS NOT NULL)"
    rows = await db.all(
        f"""{_left(few)} AND rsvps.answer IN ('accepted', 'waiting')
            ORDER BY meetings.starts_at, meetings.id, rsvps.person_id
            LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [(row["meeting_id"], row["person_id"]) for row in rows]


async def left_of(db: Connection, meeting_id: int, now: datetime) -> list[int]:
    """The same of one meeting ahead, however many places it has."""
    rows = await db.all(
        f"{_left('meetings.id = :meeting_id')} AND rsvps.answer <> 'declined'", now=to_us(now), meeting_id=meeting_id
    )
    return [row["person_id"] for row in rows]


def _left(which: str) -> str:
    # CROSS JOIN: SQLite keeps this order, from the meetings ahead down.
    return f"""SELECT rsvps.meeting_id, rsvps.person_id FROM meetings
               CROSS JOIN communities
               CROSS JOIN rsvps
               WHERE {which} AND meetings.state = 'called' AND meetings.starts_at > :now
                 AND communities.id = meetings.community_id
                 AND rsvps.meeting_id = meetings.id
                 AND NOT EXISTS (
                     SELECT 1 FROM memberships
                     JOIN communities AS held ON held.id = memberships.community_id
                     WHERE memberships.person_id = rsvps.person_id AND memberships.state = 'active'
                       AND (memberships.until IS NULL OR memberships.until > :now)
                       AND ((held.path >= communities.path AND held.path < communities.path || ':'
                             AND memberships.role IN ({_named(COMMUNITY_ROLES)})
                             AND (meetings.roles = ''
                                  OR ',' || meetings.roles || ',' LIKE '%,' || memberships.role || ',%'))
                            OR (communities.path LIKE held.path || '%' AND memberships.role IN ({_named(STAFF)})))
                 )"""  # noqa: S608 - our names


def _named(roles: Iterable[Role]) -> str:
    return ", ".join(f"'{role.value}'" for role in sorted(roles))


_RANK = "CASE {of}.answer WHEN 'accepted' THEN 0 WHEN 'waiting' THEN 1 WHEN 'tentative' THEN 2 ELSE 3 END"


async def follow(db: Connection, older: int, younger: int) -> None:
    """Two persons turn out to be one: of two answers to a meeting the one counts that holds more of it, a place before
    a place in the line, the longer wait before the shorter. What is free by it goes to whoever waits."""
    await storage.slots.keep_one(db, older, younger)
    await db.run(
        """UPDATE meetings SET card_due = 1
           WHERE card_due = 0
             AND id IN (SELECT hers.meeting_id FROM rsvps AS hers
                        JOIN rsvps AS kept ON kept.meeting_id = hers.meeting_id AND kept.person_id = :older
                        WHERE hers.person_id = :younger)""",
        older=older,
        younger=younger,
    )
    hers, kept = _RANK.format(of="hers"), _RANK.format(of="rsvps")
    await db.run(
        f"""DELETE FROM rsvps
            WHERE person_id = :older
              AND EXISTS (SELECT 1 FROM rsvps AS hers
                          WHERE hers.person_id = :younger AND hers.meeting_id = rsvps.meeting_id
                            AND ({hers} < {kept} OR ({hers} = {kept} AND hers.turn < rsvps.turn)))""",  # noqa: S608
        older=older,
        younger=younger,
    )


async def count(db: Connection, meeting_id: int) -> Counts:
    rows = await db.all(
        """SELECT answer, COUNT(*) AS persons, SUM(guests) AS guests FROM rsvps
           WHERE meeting_id = :meeting_id
           GROUP BY answer""",
        meeting_id=meeting_id,
    )
    return Counts({Rsvp(row["answer"]): row["persons"] for row in rows}, sum(row["guests"] for row in rows))


@dataclass(frozen=True, slots=True)
class Answered:
    """One line of the organiser's list."""

    called: str
    rsvp: Rsvp
    guests: int
    slot: datetime | None = None


async def answered(db: Connection, meeting: Meeting, *, skip: int, most: int) -> list[Answered]:
    """Who answered what: those who come first, the waiting list in its order, each by the name her community knows."""
    rows = await db.all(
        """SELECT rsvps.answer, rsvps.guests, slots.starts_at AS slot_at, COALESCE((
               SELECT memberships.called FROM memberships
               JOIN communities ON communities.id = memberships.community_id
               WHERE memberships.person_id = rsvps.person_id AND memberships.state = 'active'
                 AND ((communities.path >= :path AND communities.path < :path || ':')
                      OR :path LIKE communities.path || '%')
               ORDER BY LENGTH(communities.path), memberships.id
               LIMIT 1
           ), '?') AS called
           FROM rsvps
           LEFT JOIN slots ON slots.meeting_id = rsvps.meeting_id AND slots.person_id = rsvps.person_id
           WHERE rsvps.meeting_id = :meeting_id
           ORDER BY CASE rsvps.answer WHEN 'accepted' THEN 0 WHEN 'waiting' THEN 1 WHEN 'tentative' THEN 2 ELSE 3 END,
                    rsvps.turn, slot_at, called, rsvps.person_id
           LIMIT :most OFFSET :skip""",
        meeting_id=meeting.id,
        path=meeting.community.path,
        skip=skip,
        most=most,
    )
    return [Answered(row["called"], Rsvp(row["answer"]), row["guests"], maybe_time(row["slot_at"])) for row in rows]
