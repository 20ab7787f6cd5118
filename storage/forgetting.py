"""A person is forgotten: her name and her accounts go, what was counted stays counted, without a name.

Her row stays, empty, so that every count stays as it was. What names her is found by asking the database: each text
column of each table whose rows name a person. What others wrote is theirs: it is only found, for the coordinator.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import storage.cases
from domain.communities import NAMELESS
from domain.times import to_us
from storage import expected, operation, pages, pins, school_years
from storage.database import Connection, Reference

FORGOTTEN = "forgotten at"  # noted, with the tables it stood in, until no old page of the database holds what went
_EMPTIED = {"memberships", "families", "expected_names", "identities", "stories"}  # whose rows go, or their words
_TEXT = ("text", "character varying")
# Too much to read through, and nobody's words: what was sent lies sealed.
_NO_WORDS = {"deliveries", "outgoings", "outgoing_bodies", "invites", "identities", "one_time_codes", "wrong_tries"}
_SHORTEST = 3  # letters of a name that is looked for among words
_MOST_IN_A_COLUMN = 20


@dataclass(frozen=True, slots=True)
class Held:
    """Words that hold a name, in a table; `community_id` None: nobody's in particular."""

    table: str
    community_id: int | None
    words: str


async def names_of(db: Connection, person_id: int) -> list[str]:
    """What she was ever called here."""
    rows = await db.all(
        """SELECT called FROM memberships WHERE person_id = :id
           UNION SELECT called FROM role_proposals WHERE person_id = :id
           UNION SELECT called FROM families WHERE parent_id = :id
           UNION SELECT called FROM announcements WHERE author_id = :id
           UNION SELECT called FROM campaigns WHERE author_id = :id
           UNION SELECT called FROM stories WHERE person_id = :id""",
        id=person_id,
    )
    return sorted(row["called"] for row in rows if row["called"] != NAMELESS)


async def schools_of(db: Connection, person_id: int) -> list[str]:
    """The paths of the schools she was ever in, and of communities that stand in no school."""
    rows = await db.all(
        """SELECT DISTINCT COALESCE(school.path, communities.path) AS path FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           LEFT JOIN communities AS school
             ON school.kind = 'school' AND SUBSTR(communities.path, 1, LENGTH(school.path)) = school.path
           WHERE memberships.person_id = :id""",
        id=person_id,
    )
    return [row["path"] for row in rows]


async def forget(db: Connection, person_id: int, names: Sequence[str], now: datetime) -> None:
    """Everything that tells who she was. What she told the hotline keeps its own rules: its helpers can still learn,
    by two persons, who needs them."""
    await storage.cases.keep_known(db, person_id)
    stood_in = await _take_name_away(db, person_id, names)
    await expected.forget_person(db, person_id, names)
    await school_years.forget_person(db, person_id)
    await _leave(db, person_id, now)
    await _close_accounts(db, person_id)
    await _note(db, stood_in | _EMPTIED, now)


async def _take_name_away(db: Connection, person_id: int, names: Sequence[str]) -> set[str]:
    """From what names her; in which tables it stood."""
    found = set()
    for table, column, words in await _named_by(db):
        for name in names:
            changed = await db.all(
                f"""UPDATE {table} SET {words} = :nameless
                    WHERE {column} = :id AND {words} = :name
                    RETURNING 1 AS one""",  # noqa: S608 - our names
                nameless=NAMELESS,
                id=person_id,
                name=name,
            )
            found |= {table} if changed else set()
    return found


async def _note(db: Connection, tables: Iterable[str], now: datetime) -> None:
    """Together with those of whoever was forgotten before, if they were not wiped yet."""
    before = wiped_by(await operation.read(db, FORGOTTEN))
    await operation.write(db, FORGOTTEN, " ".join([now.isoformat(), *sorted({*tables, *before})]))


def wiped_by(noted: str | None) -> list[str]:
    """The tables in a note, which are to be wiped."""
    return noted.split()[1:] if noted is not None else []


async def _named_by(db: Connection) -> list[tuple[str, str, str]]:
    """Table, the column that names a person, and a text column of the same rows."""
    references = [one for one in await db.references() if one.parent == "persons" and one.child not in _NO_WORDS]
    return [(one.child, one.column, words) for one in references for words in await _texts(db, one.child)]


async def _texts(db: Connection, table: str) -> list[str]:
    return [column.name for column in await db.columns(table) if column.type in _TEXT]


async def _leave(db: Connection, person_id: int, now: datetime) -> None:
    await db.run("DELETE FROM families WHERE child_id = :id OR parent_id = :id", id=person_id)
    # A parent's no protects her child: without her name it stands until another adult decides.
    await db.run("DELETE FROM parents_answers WHERE child_id = :id OR (parent_id = :id AND agrees = 1)", id=person_id)
    for table in ("memberships", "mutes", "one_time_codes", "wrong_tries", "feeds"):
        await db.run(f"DELETE FROM {table} WHERE person_id = :id", id=person_id)  # noqa: S608 - our names
    await db.run("UPDATE questions SET asked_by = NULL WHERE asked_by = :id", id=person_id)
    # Of open ones those who lead are told by a job that whoever took care has left; it takes her out then.
    await db.run("UPDATE decisions SET owner_id = NULL WHERE owner_id = :id AND state <> 'open'", id=person_id)
    await db.run("UPDATE decisions SET next_at = NULL WHERE owner_id = :id", id=person_id)
    await _free_places(db, person_id, now)
    await db.run(
        """UPDATE role_proposals SET state = 'refused'
           WHERE (person_id = :id OR proposed_by = :id) AND state IN ('proposed', 'confirmed')""",
        id=person_id,
    )
    await db.run("UPDATE role_proposals SET called = :nameless WHERE person_id = :id", nameless=NAMELESS, id=person_id)
    await db.run(
        """UPDATE stories SET state = 'withdrawn', words = '', photos = '[]'
           WHERE person_id = :id AND state = 'waiting'""",
        id=person_id,
    )
    await db.run("UPDATE persons SET quiet_from = NULL, quiet_until = NULL, digest = 0 WHERE id = :id", id=person_id)
    await pins.remove(db, person_id)
    await pages.forget_address(db, person_id)


async def _free_places(db: Connection, person_id: int, now: datetime) -> None:
    """She comes to no meeting ahead: a job gives what is free by it to whoever waits."""
    await db.run(
        "UPDATE slots SET person_id = NULL WHERE person_id = :id AND starts_at > :now", id=person_id, now=to_us(now)
    )
    held = "SELECT meeting_id FROM rsvps WHERE person_id = :id AND answer <> 'declined'"
    await db.run(
        f"UPDATE meetings SET card_due = 1 WHERE card_due = 0 AND starts_at > :now AND id IN ({held})",  # noqa: S608
        id=person_id,
        now=to_us(now),
    )
    await db.run(
        """UPDATE rsvps SET answer = 'declined', guests = 0, turn = NULL
           WHERE person_id = :id AND answer <> 'declined'
             AND meeting_id IN (SELECT id FROM meetings WHERE starts_at > :now)""",
        id=person_id,
        now=to_us(now),
    )


async def _close_accounts(db: Connection, person_id: int) -> None:
    """Nothing is sent there any more but the answer to who asks for this."""
    hers = "place IN (SELECT channel || ':' || address FROM identities WHERE person_id = :id)"
    await db.run(
        f"""UPDATE deliveries SET state = 'dropped', reason = 'forgotten', body = NULL
            WHERE state IN ('waiting', 'held', 'digest') AND {hers}""",  # noqa: S608 - our own text
        id=person_id,
    )
    await db.run(f"UPDATE deliveries SET place = NULL WHERE {hers}", id=person_id)  # noqa: S608 - our own text
    for reference in await db.references():
        if reference.parent == "identities":
            await db.run(
                f"""DELETE FROM {reference.child}
                    WHERE {reference.column} IN (SELECT id FROM identities WHERE person_id = :id)""",  # noqa: S608
                id=person_id,
            )
    await db.run("DELETE FROM identities WHERE person_id = :id", id=person_id)


# --- what others wrote ------------------------------------------------------------------------------------------------


async def words_with(db: Connection, names: Iterable[str]) -> list[Held]:
    """Words that hold one of these names: what others wrote, or she in everybody's name."""
    wanted = [name for name in names if len(name) >= _SHORTEST]
    references = await db.references()
    found = []
    for table in sorted({one.child for one in references} - _NO_WORDS):
        community = _community_of(table, references)
        for column in await _texts(db, table):
            for name in wanted:
                rows = await db.all(
                    f"""SELECT {community.sql} AS community_id, {table}.{column} AS words
                        FROM {table} {community.joined}
                        WHERE {table}.{column} LIKE :like ESCAPE '!'
                        LIMIT {_MOST_IN_A_COLUMN}""",  # noqa: S608 - our names
                    like=f"%{_plainly(name)}%",
                )
                found += [Held(table, row["community_id"], row["words"]) for row in rows]
    return list(dict.fromkeys(found))


def _plainly(name: str) -> str:
    return "".join(f"!{letter}" if letter in "!%_" else letter for letter in name)


@dataclass(frozen=True, slots=True)
class _Place:
    sql: str
    joined: str = ""


def _community_of(table: str, references: Sequence[Reference]) -> _Place:
    """How a row's community is found: it names it, or something of it does."""
    direct = {one.child for one in references if one.parent == "communities" and one.column == "community_id"}
    if table in direct:
        return _Place(f"{table}.community_id")
    if table == "communities":
        return _Place("communities.id")
    return next(_through(table, references, direct), _Place("NULL"))


def _through(table: str, references: Sequence[Reference], direct: set[str]) -> Iterator[_Place]:
    for one in references:
        if one.child == table and one.parent in direct and one.parent != table:
            join = f"JOIN {one.parent} AS owner ON owner.{one.parent_column} = {table}.{one.column}"
            yield _Place("owner.community_id", join)
