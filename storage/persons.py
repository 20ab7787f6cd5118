"""People, their identities on messengers, and what they belong to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.reminders import QuietHours, quiet_hours
from domain.requests import Conversation, Identity, Person
from domain.roles import Audience, Membership, Right, Role, is_allowed
from domain.times import maybe_time, to_us
from storage import conversations
from storage.database import Connection, Row, listed


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the account an event came from."""

    identity: Identity
    person: Person
    memberships: tuple[Membership, ...]
    conversation: Conversation
    unreachable: str | None


async def identify(db: Connection, channel: str, addresses: Iterable[str], now: datetime) -> Mapping[str, Known]:
    """The accounts that are known, by address, in two statements however many they are."""
    names, wanted = listed(sorted(set(addresses)))
    rows = await db.all(
        f"""SELECT identities.id AS identity_id, identities.address, identities.unreachable,
                   persons.id AS id, persons.language, persons.chose_language, persons.zone,
                   persons.quiet_from, persons.quiet_until, persons.digest,
                   conversations.token, conversations.state, conversations.asked_as
            FROM identities
            JOIN persons ON persons.id = identities.person_id
            LEFT JOIN conversations ON conversations.identity_id = identities.id
            WHERE identities.channel = :channel AND identities.address IN ({names})""",  # noqa: S608 - names only
        channel=channel,
        **wanted,
    )
    belonging = await memberships_of(db, [row["id"] for row in rows], now)
    return {
        row["address"]: Known(
            identity=Identity(row["identity_id"], channel, row["address"]),
            person=_person(row),
            memberships=belonging.get(row["id"], ()),
            conversation=await conversations.opened(db, row),
            unreachable=row["unreachable"],
        )
        for row in rows
    }


async def memberships_of(
    db: Connection, person_ids: Iterable[int], now: datetime
) -> Mapping[int, tuple[Membership, ...]]:
    """The memberships in force, by person."""
    ids = list(person_ids)
    if not ids:
        return {}
    names, wanted = listed(ids)
    rows = await db.all(
        f"""SELECT memberships.id, memberships.person_id, memberships.community_id, communities.path,
                   memberships.role, memberships.until, communities.kind
            FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.person_id IN ({names})
              AND memberships.state = 'active'
              AND (memberships.until IS NULL OR memberships.until > :now)
            ORDER BY memberships.id""",  # noqa: S608 - names only
        now=to_us(now),
        **wanted,
    )
    found: dict[int, tuple[Membership, ...]] = {}
    for row in rows:
        membership = Membership(
            row["id"],
            row["community_id"],
            row["path"],
            Role(row["role"]),
            maybe_time(row["until"]),
            of_agency=row["kind"] == "agency",
        )
        found[row["person_id"]] = (*found.get(row["person_id"], ()), membership)
    return found


async def held_by(db: Connection, person_id: int, now: datetime) -> tuple[Membership, ...]:
    """One person's memberships in force."""
    return (await memberships_of(db, [person_id], now)).get(person_id, ())


async def may(
    db: Connection, right: Right, person_id: int, path: str, now: datetime, audience: Audience | None = None
) -> bool:
    """Whether somebody who is not asking just now may still do something in the community at `path`."""
    return is_allowed(right, await held_by(db, person_id, now), path, audience)


async def meet(db: Connection, channel: str, address: str, language: str, zone: str) -> Known:
    """A new person on a new identity."""
    person_id = await db.value(
        "INSERT INTO persons (language, zone) VALUES (:language, :zone) RETURNING id", language=language, zone=zone
    )
    identity_id = await db.value(
        """INSERT INTO identities (person_id, channel, address)
           VALUES (:person_id, :channel, :address)
           RETURNING id""",
        person_id=person_id,
        channel=channel,
        address=address,
    )
    return Known(Identity(identity_id, channel, address), Person(person_id, language, zone), (), Conversation(), None)


async def identities(db: Connection, person_id: int) -> list[int]:
    """A person's accounts, the oldest first."""
    rows = await db.all("SELECT id FROM identities WHERE person_id = :id ORDER BY id", id=person_id)
    return [row["id"] for row in rows]


async def reachable_accounts(db: Connection, person_ids: Iterable[int]) -> Mapping[int, list[int]]:
    """The accounts on which these people can be reached, by person."""
    names, wanted = listed(sorted(set(person_ids)))
    rows = await db.all(
        f"""SELECT id, person_id FROM identities
            WHERE person_id IN ({names}) AND unreachable IS NULL
            ORDER BY id""",  # noqa: S608 - names only
        **wanted,
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["person_id"], []).append(row["id"])
    return found


async def mark_reachable(db: Connection, identity_id: int) -> None:
    await db.run("UPDATE identities SET unreachable = NULL WHERE id = :id", id=identity_id)


async def mark_unreachable(db: Connection, channel: str, address: str, why: str) -> None:
    await db.run(
        "UPDATE identities SET unreachable = :why WHERE channel = :channel AND address = :address",
        why=why,
        channel=channel,
        address=address,
    )


async def countries(db: Connection, person_id: int) -> list[str]:
    """The countries of the communities a person belongs to, or asks to join."""
    rows = await db.all(
        """SELECT DISTINCT communities.country FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           WHERE memberships.person_id = :person_id AND memberships.state IN ('active', 'waiting')
           ORDER BY communities.country""",
        person_id=person_id,
    )
    return [row["country"] for row in rows]


async def save_language(db: Connection, person_id: int, language: str) -> None:
    await db.run(
        "UPDATE persons SET language = :language, chose_language = 1 WHERE id = :id", language=language, id=person_id
    )


async def save_zone(db: Connection, person_id: int, zone: str) -> None:
    await db.run("UPDATE persons SET zone = :zone, chose_zone = 1 WHERE id = :id", zone=zone, id=person_id)


async def adopt_zone(db: Connection, person_id: int, zone: str) -> None:
    """The zone of the community a person joins becomes hers, unless she chose one."""
    await db.run("UPDATE persons SET zone = :zone WHERE id = :id AND chose_zone = 0", zone=zone, id=person_id)


async def save_quiet_hours(db: Connection, person_id: int, quiet_from: int | None, quiet_until: int | None) -> None:
    """Minutes after midnight in the person's zone; None, None: no quiet hours."""
    await db.run(
        "UPDATE persons SET quiet_from = :quiet_from, quiet_until = :quiet_until WHERE id = :id",
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        id=person_id,
    )


async def save_digest(db: Connection, person_id: int, digest: bool) -> None:
    """Whether announcements come together in the evening."""
    await db.run("UPDATE persons SET digest = :digest WHERE id = :id", digest=int(digest), id=person_id)


@dataclass(frozen=True, slots=True)
class Reader:
    """Where and how a person reads: her preferred reachable identity (None: there is none), language and zone."""

    person_id: int
    place: str | None
    unreachable: str | None
    language: str
    zone: str
    others: tuple[str, ...] = ()  # further accounts of hers that can be reached


async def readers(db: Connection, person_ids: Iterable[int]) -> Mapping[int, Reader]:
    """How these people read, by person, in one statement."""
    ids = sorted(set(person_ids))
    if not ids:
        return {}
    names, wanted = listed(ids)
    rows = await db.all(
        f"""SELECT persons.id, persons.language, persons.zone, identities.channel, identities.address,
                  identities.unreachable
           FROM persons
           JOIN identities ON identities.person_id = persons.id
           WHERE persons.id IN ({names})
           ORDER BY persons.id, identities.unreachable IS NOT NULL, identities.chosen_at DESC, identities.id""",  # noqa: S608 - names only
        **wanted,
    )
    found: dict[int, Reader] = {}
    for row in rows:
        reader, first = _reader(row), found.get(row["id"])
        if first is None:
            found[row["id"]] = reader
        elif reader.place is not None:
            found[row["id"]] = replace(first, others=(*first.others, reader.place))
    return found


@dataclass(frozen=True, slots=True)
class Reachable:
    """An account that can be written to, and when its person has asked to be left alone."""

    identity_id: int
    zone: str
    quiet: QuietHours | None


async def reachable_after(db: Connection, identity_id: int, most: int) -> tuple[list[Reachable], int | None]:
    """Accounts behind this one, in the order of their numbers, and the one to go on from; None: no more."""
    rows = await db.all(
        """SELECT identities.id, identities.unreachable, persons.zone, persons.quiet_from, persons.quiet_until
           FROM identities
           JOIN persons ON persons.id = identities.person_id
           WHERE identities.id > :id
           ORDER BY identities.id
           LIMIT :most""",
        id=identity_id,
        most=most,
    )
    found = [
        Reachable(row["id"], row["zone"], quiet_hours(row["zone"], row["quiet_from"], row["quiet_until"]))
        for row in rows
        if not row["unreachable"]
    ]
    return found, rows[-1]["id"] if len(rows) == most else None


async def quiet_hours_of(db: Connection, person_ids: Iterable[int]) -> Mapping[int, QuietHours]:
    """The quiet hours of those of these people who have any."""
    ids = sorted(set(person_ids))
    if not ids:
        return {}
    names, wanted = listed(ids)
    rows = await db.all(
        f"""SELECT id, zone, quiet_from, quiet_until FROM persons
            WHERE quiet_from IS NOT NULL AND id IN ({names})""",  # noqa: S608 - names only
        **wanted,
    )
    found = {row["id"]: quiet_hours(row["zone"], row["quiet_from"], row["quiet_until"]) for row in rows}
    return {person_id: hours for person_id, hours in found.items() if hours is not None}


async def in_quiet_hours(db: Connection, person_ids: Iterable[int], now: datetime) -> frozenset[int]:
    """Which of these people have quiet hours now."""
    found = await quiet_hours_of(db, person_ids)
    return frozenset(person_id for person_id, hours in found.items() if hours.holds(now))


async def accounts(db: Connection, identity_ids: Iterable[int]) -> Mapping[int, Reader]:
    """How people read on these accounts of theirs, by identity."""
    ids = sorted(set(identity_ids))
    if not ids:
        return {}
    names, wanted = listed(ids)
    rows = await db.all(
        f"""SELECT identities.id AS identity_id, identities.channel, identities.address, identities.unreachable,
                   persons.id, persons.language, persons.zone
            FROM identities
            JOIN persons ON persons.id = identities.person_id
            WHERE identities.id IN ({names})""",  # noqa: S608 - names only
        **wanted,
    )
    return {row["identity_id"]: _reader(row) for row in rows}


def _reader(row: Row) -> Reader:
    return Reader(
        row["id"],
        None if row["unreachable"] else f"{row['channel']}:{row['address']}",
        row["unreachable"],
        row["language"],
        row["zone"],
    )


def _person(row: Row) -> Person:
    return Person(
        row["id"],
        row["language"],
        row["zone"],
        row["quiet_from"],
        row["quiet_until"],
        bool(row["chose_language"]),
        bool(row["digest"]),
    )
