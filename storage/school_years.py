"""New school years: all classes below a community moved at once, with what an undo needs to put back the same rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.requests import Community
from domain.roles import PROVEN
from domain.rosters import USES
from domain.school_year import Move, SchoolClass, SchoolYear, Standing
from domain.times import from_us, to_us
from storage import communities, invites
from storage.database import Connection, Row, listed

# The classes of a move that left school, and what stood below them.
_LEAVERS = """SELECT below.id FROM moved_classes
              JOIN communities AS top ON top.id = moved_classes.community_id
              JOIN communities AS below ON below.path >= top.path AND below.path < top.path || ':'
              WHERE moved_classes.school_year_id = :id AND moved_classes.after IS NULL"""
_MOVED = "SELECT community_id FROM moved_classes WHERE school_year_id = :id"


async def classes(db: Connection, of: Community, year: int) -> list[SchoolClass]:
    """The classes below a community (a school, or above schools) but those of schools that have begun this year."""
    rows = await db.all(
        """SELECT communities.id, communities.parent_id, school.name AS school, communities.name
           FROM communities
           JOIN communities AS school ON school.id = communities.parent_id
           WHERE communities.kind = 'class' AND communities.archived_at IS NULL
             AND communities.path >= :path AND communities.path < :path || ':'
             AND NOT EXISTS (
                 SELECT 1 FROM moved_classes
                 JOIN school_years ON school_years.id = moved_classes.school_year_id
                 WHERE moved_classes.school_id = communities.parent_id
                   AND school_years.year = :year AND school_years.undone_at IS NULL
             )
           ORDER BY school.name, school.id, communities.name, communities.id""",
        path=of.path,
        year=year,
    )
    return [SchoolClass(row["id"], row["parent_id"], row["school"], row["name"]) for row in rows]


async def last_grades(db: Connection, of: Community) -> dict[int, int]:
    """After which year classes leave, of the schools below a community of which somebody said so."""
    rows = await db.all(
        """SELECT id, last_grade FROM communities
           WHERE last_grade IS NOT NULL AND path >= :path AND path < :path || ':'""",
        path=of.path,
    )
    return {row["id"]: row["last_grade"] for row in rows}


async def save_last_grade(db: Connection, school_ids: Iterable[int], grade: int | None) -> None:
    """None: it is asked again."""
    await db.many(
        "UPDATE communities SET last_grade = :grade WHERE id = :id", [{"id": one, "grade": grade} for one in school_ids]
    )


async def get(db: Connection, school_year_id: int) -> SchoolYear | None:
    row = await db.one("SELECT * FROM school_years WHERE id = :id", id=school_year_id)
    return await _school_year(db, row)


async def last(db: Connection, of: Community, year: int) -> SchoolYear | None:
    """The newest move of this year that stands, of the community itself or of one above it."""
    up, ids = listed([int(one) for one in of.path.strip("/").split("/")])
    row = await db.one(
        f"""SELECT * FROM school_years
            WHERE community_id IN ({up}) AND year = :year AND undone_at IS NULL
            ORDER BY id DESC""",  # noqa: S608 - names only
        year=year,
        **ids,
    )
    return await _school_year(db, row)


async def _school_year(db: Connection, row: Row | None) -> SchoolYear | None:
    community = await communities.get(db, row["community_id"]) if row else None
    if row is None or community is None:
        return None
    return SchoolYear(row["id"], community, row["year"], from_us(row["done_at"]), row["undone_at"] is not None)


# --- there ------------------------------------------------------------------------------------------------------------


async def begin(
    db: Connection, of: Community, person_id: int, moves: Sequence[Move], year: int, until: datetime, now: datetime
) -> int:
    """Moves all of them at once, in a dozen statements however many there are; the number of the move."""
    new_id = await db.value(
        """INSERT INTO school_years (community_id, person_id, year, done_at)
           VALUES (:community_id, :person_id, :year, :now)
           RETURNING id""",
        community_id=of.id,
        person_id=person_id,
        year=year,
        now=to_us(now),
    )
    await db.many(
        """INSERT INTO moved_classes (school_year_id, community_id, school_id, before, after)
           VALUES (:id, :class_id, :school_id, :before, :after)""",
        [
            {
                "id": new_id,
                "class_id": move.of_class.id,
                "school_id": move.of_class.school_id,
                "before": move.of_class.name,
                "after": move.after,
            }
            for move in moves
        ],
    )
    await _rename(db, new_id)
    await _archive(db, new_id, now)
    await _renew_codes(db, new_id, person_id, [move.of_class.id for move in moves if move.after], until, now)
    return int(new_id)


async def _rename(db: Connection, new_id: int) -> None:
    await db.run(
        f"""UPDATE communities
            SET name = (SELECT moved_classes.after FROM moved_classes
                        WHERE moved_classes.school_year_id = :id AND moved_classes.community_id = communities.id)
            WHERE id IN ({_MOVED} AND after IS NOT NULL)""",  # noqa: S608 - our own text
        id=new_id,
    )


async def _archive(db: Connection, new_id: int, now: datetime) -> None:
    """The leavers' classes, and everybody's membership there: nobody's role of the hotline, which is held nowhere in a
    class, and never ends by itself."""
    await db.run(
        f"UPDATE communities SET archived_at = :now WHERE archived_at IS NULL AND id IN ({_LEAVERS})",  # noqa: S608
        id=new_id,
        now=to_us(now),
    )
    await db.run(
        f"""INSERT INTO ended_memberships (school_year_id, membership_id, state, until)
            SELECT :id, memberships.id, memberships.state, memberships.until FROM memberships
            WHERE memberships.community_id IN ({_LEAVERS}) AND memberships.state IN ('waiting', 'active')
              AND memberships.role NOT IN ('auditor', 'custodian', 'supervisor', 'worker')""",  # noqa: S608
        id=new_id,
    )
    await db.run(
        """UPDATE memberships
           SET state = 'left',
               until = CASE WHEN since < :now AND (until IS NULL OR until > :now) THEN :now ELSE until END
           WHERE id IN (SELECT membership_id FROM ended_memberships WHERE school_year_id = :id)""",
        id=new_id,
        now=to_us(now),
    )


async def _renew_codes(
    db: Connection, new_id: int, made_by: int, class_ids: Iterable[int], until: datetime, now: datetime
) -> None:
    """Whoever has last year's code joins nothing by it any more."""
    await db.run(
        f"""INSERT INTO renewed_invites (school_year_id, invite_id, is_new)
            SELECT :id, invites.id, 0 FROM invites
            WHERE invites.revoked_at IS NULL
              AND (invites.community_id IN ({_MOVED}) OR invites.community_id IN ({_LEAVERS}))""",  # noqa: S608
        id=new_id,
    )
    await db.run(
        """UPDATE invites SET revoked_at = :now
           WHERE id IN (SELECT invite_id FROM renewed_invites WHERE school_year_id = :id)""",
        id=new_id,
        now=to_us(now),
    )
    await invites.make_for_classes(db, class_ids, made_by, USES, until)
    await db.run(
        f"""INSERT INTO renewed_invites (school_year_id, invite_id, is_new)
            SELECT :id, invites.id, 1 FROM invites
            WHERE invites.revoked_at IS NULL AND invites.community_id IN ({_MOVED})""",  # noqa: S608 - our own text
        id=new_id,
    )


@dataclass(frozen=True, slots=True)
class Headed:
    """A class of a move, as it is now, and who leads it (led it, if it left school)."""

    head_id: int
    name: str
    code: str | None
    invite_id: int | None


async def heads(db: Connection, school_year_id: int) -> list[Headed]:
    """Those who lead the classes of a move, each with her class's newest code; those whose class left school, too."""
    rows = await db.all(
        """SELECT memberships.person_id, communities.name, invites.code, invites.id AS invite_id
           FROM moved_classes
           JOIN communities ON communities.id = moved_classes.community_id
           JOIN memberships ON memberships.community_id = communities.id AND memberships.role = 'head_of_class'
           LEFT JOIN ended_memberships ON ended_memberships.school_year_id = moved_classes.school_year_id
                                      AND ended_memberships.membership_id = memberships.id
           LEFT JOIN invites ON invites.id = (
               SELECT MAX(newest.id) FROM invites AS newest
               WHERE newest.community_id = communities.id AND newest.revoked_at IS NULL
                 AND newest.made_by IS NOT NULL AND newest.role IS NULL
           )
           WHERE moved_classes.school_year_id = :id
             AND (memberships.state = 'active' OR ended_memberships.state = 'active')
           ORDER BY memberships.id""",
        id=school_year_id,
    )
    return [Headed(row["person_id"], row["name"], row["code"], row["invite_id"]) for row in rows]


# --- and back ---------------------------------------------------------------------------------------------------------


async def moved_classes(db: Connection, made: SchoolYear) -> list[Community]:
    """The classes of a move, as they are called and where they stand now."""
    rows = await db.all(
        """SELECT communities.* FROM moved_classes
           JOIN communities ON communities.id = moved_classes.community_id
           WHERE moved_classes.school_year_id = :id
           ORDER BY communities.name, communities.id""",
        id=made.id,
    )
    return [communities.community_of(row) for row in rows]


async def standing(db: Connection, made: SchoolYear) -> list[Standing]:
    """The classes of all schools in which an undo gives a class its old name back, or a leaver's class itself."""
    rows = await db.all(
        f"""SELECT communities.parent_id, communities.name,
                   CASE WHEN moved_classes.after = communities.name THEN moved_classes.before
                        WHEN moved_classes.after IS NULL AND communities.archived_at = :done_at THEN communities.name
                   END AS back
            FROM communities
            LEFT JOIN moved_classes ON moved_classes.community_id = communities.id
                                   AND moved_classes.school_year_id = :id
            WHERE communities.kind = 'class'
              AND communities.parent_id IN (SELECT parent_id FROM communities WHERE id IN ({_MOVED}))
              AND (communities.archived_at IS NULL
                   OR (communities.archived_at = :done_at AND communities.id IN ({_LEAVERS})))
            ORDER BY communities.name, communities.id""",  # noqa: S608 - our own text
        id=made.id,
        done_at=to_us(made.done_at),
    )
    return [Standing(row["parent_id"], row["name"], row["back"]) for row in rows]


async def undo(db: Connection, made: SchoolYear, now: datetime) -> bool:
    """Puts back the same rows; what was changed since by hand stays changed. False when it was undone before."""
    found = await db.value(
        "UPDATE school_years SET undone_at = :now WHERE id = :id AND undone_at IS NULL RETURNING id",
        now=to_us(now),
        id=made.id,
    )
    if found is None:
        return False
    await _rename_back(db, made)
    await db.run(
        f"""UPDATE communities SET archived_at = NULL
            WHERE archived_at = :done_at AND id IN ({_LEAVERS})""",  # noqa: S608 - our own text
        id=made.id,
        done_at=to_us(made.done_at),
    )
    await _put_back_memberships(db, made)
    await _put_back_codes(db, made)
    return True


async def _rename_back(db: Connection, made: SchoolYear) -> None:
    await db.run(
        """UPDATE communities
           SET name = (SELECT moved_classes.before FROM moved_classes
                       WHERE moved_classes.school_year_id = :id AND moved_classes.community_id = communities.id)
           WHERE id IN (SELECT moved_classes.community_id FROM moved_classes
                        WHERE moved_classes.school_year_id = :id AND moved_classes.after = communities.name)""",
        id=made.id,
    )


async def _put_back_memberships(db: Connection, made: SchoolYear) -> None:
    of_it = """FROM ended_memberships
               WHERE ended_memberships.school_year_id = :id AND ended_memberships.membership_id = memberships.id"""
    await db.run(
        f"""UPDATE memberships
            SET state = (SELECT ended_memberships.state {of_it}), until = (SELECT ended_memberships.until {of_it})
            WHERE state = 'left'
              AND id IN (SELECT membership_id FROM ended_memberships WHERE school_year_id = :id)""",  # noqa: S608
        id=made.id,
    )


async def _put_back_codes(db: Connection, made: SchoolYear) -> None:
    await db.run(
        """UPDATE invites SET revoked_at = NULL
           WHERE id IN (SELECT invite_id FROM renewed_invites WHERE school_year_id = :id AND is_new = 0)""",
        id=made.id,
    )
    await db.run(
        """DELETE FROM invites
           WHERE id IN (SELECT invite_id FROM renewed_invites WHERE school_year_id = :id AND is_new = 1)""",
        id=made.id,
    )
    for table in ("ended_memberships", "renewed_invites"):
        await db.run(f"DELETE FROM {table} WHERE school_year_id = :id", id=made.id)  # noqa: S608 - our tables


async def forget_person(db: Connection, person_id: int) -> None:
    """No undo makes her a member again."""
    await db.run(
        """DELETE FROM ended_memberships
           WHERE membership_id IN (SELECT id FROM memberships WHERE person_id = :person_id)""",
        person_id=person_id,
    )


async def follow(db: Connection, older: int, younger: int) -> None:
    """Two persons turn out to be one: an undo gives back once what both were in a class that left school, and no
    office that ends with an account."""
    roles = ", ".join(f"'{role.value}'" for role in sorted(PROVEN))
    await db.run(
        f"""DELETE FROM ended_memberships
            WHERE membership_id IN (SELECT id FROM memberships
                                    WHERE person_id IN (:older, :younger) AND role IN ({roles}))""",  # noqa: S608
        older=older,
        younger=younger,
    )
    await db.run(
        """DELETE FROM ended_memberships
           WHERE membership_id IN (
               SELECT hers.id FROM memberships AS hers
               JOIN memberships AS kept ON kept.person_id = :older
                                       AND kept.community_id = hers.community_id AND kept.role = hers.role
               JOIN ended_memberships AS ended ON ended.membership_id = kept.id
               WHERE hers.person_id = :younger)""",
        older=older,
        younger=younger,
    )


async def forget_before(db: Connection, before: datetime) -> None:
    """What only an undo needs, once it is too late for one."""
    for table in ("ended_memberships", "renewed_invites"):
        await db.run(
            f"""DELETE FROM {table}
                WHERE school_year_id IN (SELECT id FROM school_years WHERE done_at < :before)""",  # noqa: S608
            before=to_us(before),
        )
