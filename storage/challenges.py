"""Challenges, who takes part in them, and the days each person did it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.challenges import Cell, Challenge, Plan, State, Taking, Totals
from domain.messages import Subject
from domain.requests import Community
from domain.times import to_us
from storage import outbox
from storage.communities import community_of
from storage.database import Connection, Row
from storage.resting import RESTED

_CHALLENGE = """
    SELECT challenges.id AS challenge_id, challenges.author_id, challenges.title, challenges.rules, challenges.roles,
           challenges.starts_on, challenges.ends_on, challenges.zone AS its_zone, challenges.state,
           challenges.source, challenges.posted_chat, challenges.thanked_chat, challenges.thanked_person, communities.*
    FROM challenges
    JOIN communities ON communities.id = challenges.community_id
"""


async def add(db: Connection, community: Community, author_id: int, plan: Plan, ends_at: datetime) -> int:
    """A new challenge in its community's zone."""
    return int(
        await db.value(
            """INSERT INTO challenges (community_id, author_id, title, rules, roles, starts_on, ends_on, zone, ends_at,
                                       source, state)
               VALUES (:community_id, :author_id, :title, :rules, :roles, :starts_on, :ends_on, :zone, :ends_at,
                       :source, 'running')
               RETURNING id""",
            community_id=community.id,
            author_id=author_id,
            title=plan.title,
            rules=plan.rules,
            roles=",".join(plan.roles),
            starts_on=plan.starts_on.isoformat(),
            ends_on=plan.ends_on.isoformat(),
            zone=community.zone,
            ends_at=to_us(ends_at),
            source=plan.source,
        )
    )


async def get(db: Connection, challenge_id: int) -> Challenge | None:
    row = await db.one(f"{_CHALLENGE} WHERE challenges.id = :id", id=challenge_id)
    return _challenge(row) if row else None


async def get_certain(db: Connection, challenge_id: int) -> Challenge:
    """A challenge that must be there. Raises LookupError."""
    challenge = await get(db, challenge_id)
    if challenge is None:
        raise LookupError("a challenge that is no longer there")
    return challenge


async def running_in(db: Connection, person_id: int, community_ids: Sequence[int], most: int) -> list[Challenge]:
    """What runs, or is about to begin, in these communities, and what the person organises; the first to end first."""
    wanted = {f"c{number}": one for number, one in enumerate((0, *community_ids))}
    rows = await db.all(
        f"""{_CHALLENGE}
            WHERE challenges.state = 'running'
              AND (challenges.author_id = :person_id
                   OR challenges.community_id IN ({", ".join(f":{name}" for name in wanted)}))
            ORDER BY challenges.ends_at, challenges.id
            LIMIT :most""",
        person_id=person_id,
        most=most,
        **wanted,
    )
    return [_challenge(row) for row in rows]


async def taken_in(db: Connection, person_id: int, community_ids: Sequence[int], most: int) -> list[Challenge]:
    """What runs in these communities, or is about to begin, and the person takes part in; the first to end first."""
    wanted = {f"c{number}": one for number, one in enumerate((0, *community_ids))}
    rows = await db.all(
        f"""{_CHALLENGE}
            JOIN challenge_participants AS taken
              ON taken.challenge_id = challenges.id AND taken.person_id = :person_id
            WHERE challenges.state = 'running'
              AND challenges.community_id IN ({", ".join(f":{name}" for name in wanted)})
            ORDER BY challenges.ends_at, challenges.id
            LIMIT :most""",
        person_id=person_id,
        most=most,
        **wanted,
    )
    return [_challenge(row) for row in rows]


# --- taking part ------------------------------------------------------------------------------------------------------


async def join(db: Connection, challenge_id: int, person_id: int, community_id: int, now: datetime) -> bool:
    """False when she takes part already."""
    found = await db.value(
        """INSERT INTO challenge_participants (challenge_id, person_id, community_id, joined_at)
           VALUES (:challenge_id, :person_id, :community_id, :now)
           ON CONFLICT DO NOTHING
           RETURNING person_id""",
        challenge_id=challenge_id,
        person_id=person_id,
        community_id=community_id,
        now=to_us(now),
    )
    if found is not None:
        await _cards_are_due(db, challenge_id)
    return found is not None


async def check_in(db: Connection, challenge_id: int, person_id: int, day: date) -> Taking | None:
    """Counts the day for one who takes part, and how it goes now; None when the day is counted already."""
    found = await db.value(
        """INSERT INTO challenge_checkins (challenge_id, person_id, day)
           VALUES (:challenge_id, :person_id, :day)
           ON CONFLICT DO NOTHING
           RETURNING person_id""",
        challenge_id=challenge_id,
        person_id=person_id,
        day=day.isoformat(),
    )
    if found is None:
        return None
    row = await db.one(
        """UPDATE challenge_participants
           SET days = days + 1, last_day = :day, streak = CASE WHEN last_day = :day_before THEN streak + 1 ELSE 1 END
           WHERE challenge_id = :challenge_id AND person_id = :person_id
           RETURNING days, streak, last_day""",
        challenge_id=challenge_id,
        person_id=person_id,
        day=day.isoformat(),
        day_before=(day - timedelta(days=1)).isoformat(),
    )
    await _cards_are_due(db, challenge_id)
    return _taking(row) if row else None


async def _cards_are_due(db: Connection, challenge_id: int) -> None:
    await db.run("UPDATE challenges SET card_due = 1 WHERE id = :id AND card_due = 0", id=challenge_id)


async def taking(db: Connection, challenge_id: int, person_id: int) -> Taking | None:
    row = await db.one(
        """SELECT days, streak, last_day FROM challenge_participants
           WHERE challenge_id = :challenge_id AND person_id = :person_id""",
        challenge_id=challenge_id,
        person_id=person_id,
    )
    return _taking(row) if row else None


# --- counting ---------------------------------------------------------------------------------------------------------


async def totals(db: Connection, challenge_id: int, path: str) -> Totals:
    """Of the community at `path` with all below it."""
    row = await db.one(
        """SELECT COUNT(*) AS people, COALESCE(SUM(challenge_participants.days), 0) AS days
           FROM challenge_participants
           JOIN communities ON communities.id = challenge_participants.community_id
           WHERE challenge_participants.challenge_id = :id
             AND communities.path >= :path AND communities.path < :path || ':'""",
        id=challenge_id,
        path=path,
    )
    return Totals(row["people"], row["days"]) if row else Totals()


async def totals_below(db: Connection, challenge_id: int, community_id: int) -> list[Cell]:
    """Of each community right below, with all below that, by name."""
    rows = await db.all(
        """SELECT child.*, COALESCE(counted.people, 0) AS people, COALESCE(counted.days, 0) AS days
           FROM communities AS child
           LEFT JOIN (
               SELECT child.id, COUNT(*) AS people, SUM(challenge_participants.days) AS days
               FROM challenge_participants
               JOIN communities AS home ON home.id = challenge_participants.community_id
               JOIN communities AS child ON child.parent_id = :community_id
                                        AND home.path >= child.path AND home.path < child.path || ':'
               WHERE challenge_participants.challenge_id = :id
               GROUP BY child.id
           ) AS counted ON counted.id = child.id
           WHERE child.parent_id = :community_id AND (child.archived_at IS NULL OR counted.people > 0)
           ORDER BY child.name, child.id""",
        id=challenge_id,
        community_id=community_id,
    )
    return [Cell(Totals(row["people"], row["days"]), community_of(row)) for row in rows]


# --- cards ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reached:
    """A challenge on its way to many, and up to which group chat and which person it has come."""

    challenge: Challenge
    chat: int
    person: int = 0


async def posting(db: Connection, most: int) -> list[Reached]:
    """Challenges whose group cards are not all sent yet."""
    rows = await db.all(
        f"""{_CHALLENGE}
            WHERE challenges.state = 'running' AND challenges.posting = 1
            ORDER BY challenges.id
            LIMIT :most""",
        most=most,
    )
    return [Reached(_challenge(row), row["posted_chat"]) for row in rows]


async def save_posted(db: Connection, challenge_id: int, chat: int, *, done: bool) -> None:
    await db.run(
        "UPDATE challenges SET posted_chat = :chat, posting = :posting WHERE id = :id",
        chat=chat,
        posting=int(not done),
        id=challenge_id,
    )


async def cards_due(db: Connection, now: datetime, most: int) -> list[Challenge]:
    """Challenges whose counts changed since their cards were edited, if that was long enough ago."""
    rows = await db.all(
        f"""{_CHALLENGE}
            WHERE challenges.state = 'running' AND challenges.card_due = 1 AND {RESTED}
            ORDER BY challenges.id
            LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [_challenge(row) for row in rows]


async def save_refreshed(db: Connection, challenge_id: int, next_at: datetime) -> None:
    await db.run(
        "UPDATE challenges SET card_due = 0, refresh_at = :next_at WHERE id = :id",
        next_at=to_us(next_at),
        id=challenge_id,
    )


# --- the end ----------------------------------------------------------------------------------------------------------


async def due(db: Connection, now: datetime, most: int) -> list[Challenge]:
    """Challenges whose last day is over."""
    rows = await db.all(
        f"""{_CHALLENGE}
            WHERE challenges.state = 'running' AND challenges.ends_at <= :now
            ORDER BY challenges.ends_at, challenges.id
            LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [_challenge(row) for row in rows]


async def end(db: Connection, challenge_id: int) -> None:
    """It is over: invitations that still wait are taken back, and thanks begin."""
    await db.run("UPDATE challenges SET state = 'thanking' WHERE id = :id AND state = 'running'", id=challenge_id)
    await outbox.drop_of_subject(db, Subject("challenge", challenge_id, revision=1))


async def thanking(db: Connection, most: int) -> list[Reached]:
    rows = await db.all(
        f"{_CHALLENGE} WHERE challenges.state = 'thanking' ORDER BY challenges.id LIMIT :most", most=most
    )
    return [Reached(_challenge(row), row["thanked_chat"], row["thanked_person"]) for row in rows]


async def participants(db: Connection, challenge_id: int, *, after: int, most: int) -> list[tuple[int, Taking]]:
    """Those who take part, by number, `most` at a time."""
    rows = await db.all(
        """SELECT person_id, days, streak, last_day FROM challenge_participants
           WHERE challenge_id = :id AND person_id > :after
           ORDER BY person_id
           LIMIT :most""",
        id=challenge_id,
        after=after,
        most=most,
    )
    return [(row["person_id"], _taking(row)) for row in rows]


async def save_thanked(db: Connection, challenge_id: int, chat: int, person: int, *, done: bool) -> None:
    await db.run(
        """UPDATE challenges SET thanked_chat = :chat, thanked_person = :person, state = :state
           WHERE id = :id""",
        chat=chat,
        person=person,
        state=(State.OVER if done else State.THANKING).value,
        id=challenge_id,
    )


def _challenge(row: Row) -> Challenge:
    plan = Plan(
        row["title"],
        row["rules"],
        date.fromisoformat(row["starts_on"]),
        date.fromisoformat(row["ends_on"]),
        tuple(row["roles"].split(",")) if row["roles"] else (),
        row["source"],
    )
    return Challenge(
        row["challenge_id"], community_of(row), row["author_id"], plan, row["its_zone"], State(row["state"])
    )


def _taking(row: Row) -> Taking:
    return Taking(row["days"], row["streak"], date.fromisoformat(row["last_day"]) if row["last_day"] else None)
