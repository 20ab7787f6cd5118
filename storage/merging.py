"""Two persons that turn out to be one: everything that names the younger row names the older one from then on.

Which columns name a person, and of what there may be only one, is asked of the database itself: a new table is part of
it from its first day. The younger row stays, empty, since what was delivered to it is too much to go through.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import storage.cases
import storage.expected
import storage.families
import storage.feedback
import storage.one_time_codes
import storage.pages
import storage.pins
import storage.rsvps
import storage.school_years
from domain.challenges import in_a_row
from domain.roles import PROVEN
from domain.times import to_us
from storage.database import Connection, Reference

# Named by her account or by marks, or too many: what was delivered to somebody stays with her old number.
_STAYS = {("deliveries", "person_id")}
# For so long an account that came along does nothing that those before it could not take back.
SETTLES = timedelta(days=1)


async def merge(db: Connection, one: int, other: int) -> int:
    """The number both are known by from now on: the older one, whose settings count."""
    older, younger = sorted((one, other))
    await storage.one_time_codes.end_moves(db, older, younger)
    await _end_offices(db, older, younger)
    await storage.cases.follow(db, older, younger)
    await storage.feedback.follow(db, older, younger)
    await storage.school_years.follow(db, older, younger)
    await db.run(
        """UPDATE deliveries SET person_id = :older
           WHERE outgoing_id IN (SELECT id FROM outgoings) AND person_id = :younger
             AND NOT EXISTS (SELECT 1 FROM deliveries AS hers
                             WHERE hers.outgoing_id = deliveries.outgoing_id AND hers.person_id = :older)""",
        older=older,
        younger=younger,
    )
    await _prefer_active(db, older, younger)
    await storage.rsvps.follow(db, older, younger)
    await storage.families.follow(db, older, younger)
    joined = [*await storage.expected.of_person(db, older), *await storage.expected.of_person(db, younger)]
    for reference in await db.references():
        if reference.parent == "persons" and (reference.child, reference.column) not in _STAYS:
            await _name_again(db, reference, older, younger)
    for table in ("families", "parents_answers"):  # nobody is her own parent, or agrees as one
        await db.run(f"DELETE FROM {table} WHERE child_id = parent_id")  # noqa: S608 - our names
    await storage.expected.follow(db, joined, older)
    await _count_days_again(db, older)
    return older


async def _end_offices(db: Connection, *person_ids: int) -> None:
    """Nobody carries an office, or what it opens, to another account: it is given again, by two."""
    roles = ", ".join(f"'{role.value}'" for role in sorted(PROVEN))
    for person_id in person_ids:
        await db.run(
            f"""UPDATE memberships
                SET state = CASE state WHEN 'active' THEN 'left' ELSE state END, stepped_down_at = NULL
                WHERE person_id = :id AND role IN ({roles})""",  # noqa: S608 - our names
            id=person_id,
        )
        await db.run(
            """UPDATE role_proposals SET state = 'refused'
               WHERE (person_id = :id OR proposed_by = :id) AND state IN ('proposed', 'confirmed')""",
            id=person_id,
        )
        await storage.pins.remove(db, person_id)
        await storage.pages.forget_address(db, person_id)


async def _prefer_active(db: Connection, older: int, younger: int) -> None:
    """Where the older one only waits for what the younger one is already, her wish is dropped."""
    await db.run(
        """UPDATE memberships SET state = 'left'
           WHERE person_id = :older AND state = 'waiting'
             AND EXISTS (SELECT 1 FROM memberships AS hers
                         WHERE hers.person_id = :younger AND hers.community_id = memberships.community_id
                           AND hers.role = memberships.role AND hers.state = 'active')""",
        older=older,
        younger=younger,
    )


async def _name_again(db: Connection, reference: Reference, older: int, younger: int) -> None:
    table, column = reference.child, reference.column
    for unique in await db.unique_keys(table):
        if column in unique.columns:
            same = " AND ".join(f"kept.{name} = {table}.{name}" for name in unique.columns if name != column)
            await db.run(
                f"""DELETE FROM {table}
                    WHERE {column} = :younger AND ({unique.where})
                      AND EXISTS (SELECT 1 FROM (SELECT * FROM {table} WHERE {unique.where}) AS kept
                                  WHERE kept.{column} = :older AND {same or "1 = 1"})""",  # noqa: S608 - our names
                older=older,
                younger=younger,
            )
    await db.run(
        f"UPDATE {table} SET {column} = :older WHERE {column} = :younger",  # noqa: S608 - our names
        older=older,
        younger=younger,
    )


async def _count_days_again(db: Connection, person_id: int) -> None:
    """The days of a challenge that she did on either account."""
    rows = await db.all(
        "SELECT challenge_id, day FROM challenge_checkins WHERE person_id = :id ORDER BY challenge_id, day",
        id=person_id,
    )
    done: dict[int, list[date]] = {}
    for row in rows:
        done.setdefault(row["challenge_id"], []).append(date.fromisoformat(row["day"]))
    await db.many(
        """UPDATE challenge_participants SET days = :days, streak = :streak, last_day = :last
           WHERE challenge_id = :challenge_id AND person_id = :person_id""",
        [
            {
                "challenge_id": challenge_id,
                "person_id": person_id,
                "days": len(days),
                "streak": in_a_row(days),
                "last": days[-1].isoformat(),
            }
            for challenge_id, days in done.items()
        ],
    )


async def came_along(db: Connection, identity_ids: Iterable[int], now: datetime) -> None:
    """Her messages go to these accounts from now on, and those that she had before may separate them again."""
    rows = [{"id": one, "now": to_us(now)} for one in identity_ids]
    await db.many("UPDATE identities SET chosen_at = :now WHERE id = :id", rows)


async def is_new(db: Connection, person_id: int, now: datetime, identity_id: int | None = None) -> bool:
    """Whether an account (this one) came along within the last day, and might still be separated again."""
    found = await db.value(
        """SELECT 1 FROM identities
           WHERE person_id = :person_id AND chosen_at > :since AND COALESCE(:identity_id, id) = id
             AND chosen_at > (SELECT MIN(hers.chosen_at) FROM identities AS hers WHERE hers.person_id = :person_id)""",
        person_id=person_id,
        identity_id=identity_id,
        since=to_us(now - SETTLES),
    )
    return found is not None


async def part(db: Connection, identity_id: int, person_id: int, by: int) -> int | None:
    """An account is hers no more: whoever uses it is somebody new, of this number. None when it isn't hers, or didn't
    come after the account `by` that says so: whoever took over throws out nobody. Nor is a way back left, or an address
    to look through."""
    row = await db.one(
        """SELECT persons.language, persons.zone, identities.chosen_at FROM identities
           JOIN persons ON persons.id = identities.person_id
           JOIN identities AS sayer ON sayer.id = :by AND sayer.chosen_at < identities.chosen_at
           WHERE identities.id = :id AND identities.person_id = :person_id""",
        id=identity_id,
        person_id=person_id,
        by=by,
    )
    if row is None:
        return None
    await db.run("DELETE FROM one_time_codes WHERE person_id = :person_id", person_id=person_id)
    await db.run(
        "DELETE FROM feeds WHERE person_id = :person_id AND made_at >= :since",
        person_id=person_id,
        since=row["chosen_at"],
    )
    stranger = await db.value(
        "INSERT INTO persons (language, zone) VALUES (:language, :zone) RETURNING id",
        language=row["language"],
        zone=row["zone"],
    )
    await db.run(
        "UPDATE identities SET person_id = :stranger, chosen_at = 0 WHERE id = :id", stranger=stranger, id=identity_id
    )
    return int(stranger)
