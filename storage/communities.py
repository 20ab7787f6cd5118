"""The tree of communities and who belongs to it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.communities import UNDO_WITHIN, WARNED_BEFORE, Belonging, Found, Member
from domain.requests import Community
from domain.roles import LEADING, STAFF, Role
from domain.times import from_us, maybe_time, maybe_us, to_us
from storage.database import Connection, Row, listed

_COLUMNS = "id, parent_id, kind, name, path, language, zone, country, archived_at"
_OFFICES = "('auditor', 'custodian', 'supervisor', 'worker')"
_MEMBER = (
    "memberships.id, memberships.person_id, memberships.called, memberships.role, memberships.state, "
    "memberships.until, memberships.decided_by, memberships.since"
)


async def get(db: Connection, community_id: int) -> Community | None:
    row = await db.one(f"SELECT {_COLUMNS} FROM communities WHERE id = :id", id=community_id)  # noqa: S608 - our names
    return community_of(row) if row else None


async def root(db: Connection) -> Community | None:
    """The network at the root of the tree."""
    row = await db.one(f"SELECT {_COLUMNS} FROM communities WHERE parent_id IS NULL ORDER BY id")  # noqa: S608
    return community_of(row) if row else None


async def network(db: Connection) -> Community:
    """The same, where there must be one."""
    found = await root(db)
    if found is None:
        raise LookupError("nothing is set up: there is no network")
    return found


async def children(db: Connection, community_id: int) -> list[Community]:
    rows = await db.all(
        f"""SELECT {_COLUMNS} FROM communities
            WHERE parent_id = :id AND archived_at IS NULL
            ORDER BY name, id""",  # noqa: S608 - our names
        id=community_id,
    )
    return [community_of(row) for row in rows]


async def several(db: Connection, ids: list[int]) -> list[Community]:
    wanted = {f"c{number}": one for number, one in enumerate(ids)}
    if not wanted:
        return []
    rows = await db.all(
        f"""SELECT {_COLUMNS} FROM communities
            WHERE id IN ({", ".join(f":{name}" for name in wanted)})
            ORDER BY path""",  # noqa: S608 - our names
        **wanted,
    )
    return [community_of(row) for row in rows]


async def add(
    db: Connection, parent: Community | None, kind: str, name: str, language: str, zone: str, country: str
) -> Community:
    """A new community under its parent (None: the root), with its place in the tree."""
    new_id = await db.value(
        """INSERT INTO communities (parent_id, kind, name, path, language, zone, country)
           VALUES (:parent_id, :kind, :name, '?', :language, :zone, :country)
           RETURNING id""",
        parent_id=parent.id if parent else None,
        kind=kind,
        name=name,
        language=language,
        zone=zone,
        country=country,
    )
    path = f"{parent.path if parent else '/'}{new_id}/"
    await db.run("UPDATE communities SET path = :path WHERE id = :id", path=path, id=new_id)
    return Community(new_id, parent.id if parent else None, kind, name, path, language, zone, country)


async def has_child_named(db: Connection, parent_id: int, name: str) -> bool:
    found = await db.value(
        "SELECT 1 FROM communities WHERE parent_id = :parent_id AND name = :name AND archived_at IS NULL",
        parent_id=parent_id,
        name=name,
    )
    return found is not None


async def places_for(
    db: Connection, community: Community, kinds: Iterable[str], led: Iterable[str], *, after: str = "", most: int = 50
) -> list[Community]:
    """Under what a community could be moved: communities of these kinds in the subtrees of the paths `led`, but for
    where it is and what lies below it; by path, `most` at a time."""
    names = {f"k{number}": kind for number, kind in enumerate(kinds)}
    paths = {f"p{number}": path for number, path in enumerate(led)}
    if not names or not paths:
        return []
    below = " OR ".join(f"(path >= :{name} AND path < :{name} || ':')" for name in paths)
    rows = await db.all(
        f"""SELECT {_COLUMNS} FROM communities
            WHERE kind IN ({", ".join(f":{name}" for name in names)}) AND ({below})
              AND NOT (path >= :own AND path < :own || ':') AND id <> :parent_id AND path > :after
              AND archived_at IS NULL
            ORDER BY path
            LIMIT :most""",  # noqa: S608 - our names
        own=community.path,
        parent_id=community.parent_id or 0,
        after=after,
        most=most,
        **names,
        **paths,
    )
    return [community_of(row) for row in rows]


async def move(db: Connection, community: Community, over: Community) -> Community:
    """The community, with all below it, under another one; raises ValueError for one that lies below it itself."""
    if over.path.startswith(community.path):
        raise ValueError("a cycle")
    path = f"{over.path}{community.id}/"
    await db.run(
        """UPDATE communities SET path = :path || SUBSTR(path, CAST(:kept AS INTEGER))
           WHERE path >= :old AND path < :old || ':'""",
        path=path,
        kept=len(community.path) + 1,
        old=community.path,
    )
    await db.run("UPDATE communities SET parent_id = :over WHERE id = :id", over=over.id, id=community.id)
    return replace(community, parent_id=over.id, path=path)


async def ancestors(db: Connection, path: str) -> list[Community]:
    """From the root down to the community itself."""
    return await several(db, [int(part) for part in path.strip("/").split("/")])


async def save_language(db: Connection, community_id: int, language: str) -> None:
    await db.run("UPDATE communities SET language = :language WHERE id = :id", language=language, id=community_id)


async def save_name(db: Connection, community_id: int, name: str) -> None:
    await db.run("UPDATE communities SET name = :name WHERE id = :id", name=name, id=community_id)


async def save_zone(db: Connection, community_id: int, zone: str) -> None:
    await db.run("UPDATE communities SET zone = :zone WHERE id = :id", zone=zone, id=community_id)


# --- memberships ----------------------------------------------------------------------------------------------------


async def ask_to_join(
    db: Connection, person_id: int, community_id: int, role: str, called: str, now: datetime
) -> int | None:
    """A membership that waits for a decision; None when there is one already, waiting or active."""
    found = await db.value(
        """INSERT INTO memberships (person_id, community_id, role, called, state, since)
           VALUES (:person_id, :community_id, :role, :called, 'waiting', :now)
           ON CONFLICT DO NOTHING
           RETURNING id""",
        person_id=person_id,
        community_id=community_id,
        role=role,
        called=called,
        now=to_us(now),
    )
    return None if found is None else int(found)


async def add_member(
    db: Connection,
    person_id: int,
    community_id: int,
    role: Role,
    called: str,
    now: datetime,
    *,
    until: datetime | None = None,
    decided_by: int | None = None,
) -> int | None:
    """An active membership; None when another chair or head holds the place, or the person holds the role already."""
    found = await db.value(
        """INSERT INTO memberships (person_id, community_id, role, called, state, since, until, decided_by)
           VALUES (:person_id, :community_id, :role, :called, 'active', :now, :until, :decided_by)
           ON CONFLICT DO NOTHING
           RETURNING id""",
        person_id=person_id,
        community_id=community_id,
        role=role.value,
        called=called,
        now=to_us(now),
        until=maybe_us(until),
        decided_by=decided_by,
    )
    return None if found is None else int(found)


async def membership(db: Connection, membership_id: int) -> Member | None:
    row = await db.one(f"SELECT {_MEMBER} FROM memberships WHERE id = :id", id=membership_id)  # noqa: S608 - our names
    return _member(row) if row else None


async def belonging(db: Connection, membership_id: int) -> Belonging | None:
    """A membership with its community, and whether a roster expected it; none in one that left school."""
    found = await membership(db, membership_id)
    row = await db.one(
        """SELECT communities.*, expected_names.id AS expected FROM memberships
           JOIN communities ON communities.id = memberships.community_id AND communities.archived_at IS NULL
           LEFT JOIN expected_names ON expected_names.membership_id = memberships.id
           WHERE memberships.id = :id""",
        id=membership_id,
    )
    return Belonging(community_of(row), found, listed=row["expected"] is not None) if found and row else None


async def own(db: Connection, person_id: int, community_id: int, now: datetime) -> list[Member]:
    """What one person is, or waits to be, in a community."""
    rows = await db.all(
        f"""SELECT {_MEMBER} FROM memberships
            WHERE person_id = :person_id AND community_id = :community_id AND state IN ('waiting', 'active')
              AND (until IS NULL OR until > :now)
            ORDER BY id""",  # noqa: S608 - our names
        person_id=person_id,
        community_id=community_id,
        now=to_us(now),
    )
    return [_member(row) for row in rows]


async def awaited(db: Connection, person_id: int) -> list[Community]:
    """The communities a person has asked to join and heard nothing from."""
    rows = await db.all(
        """SELECT communities.* FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           WHERE memberships.person_id = :person_id AND memberships.state = 'waiting'
           ORDER BY communities.path""",
        person_id=person_id,
    )
    return [community_of(row) for row in rows]


async def save_called(db: Connection, membership_id: int, person_id: int, called: str) -> None:
    """The name a person goes by, in one membership of her own."""
    await db.run(
        "UPDATE memberships SET called = :called WHERE id = :id AND person_id = :person_id",
        called=called,
        id=membership_id,
        person_id=person_id,
    )


async def decide(db: Connection, membership_id: int, before: str, after: str, decided_by: int, now: datetime) -> bool:
    """Moves a membership from one state to another; False when it is not in the first one (any more), or when the
    place (one chair, one head of class) is taken."""
    taken = await db.value(
        """SELECT 1 FROM memberships AS mine
           JOIN memberships AS other
             ON other.community_id = mine.community_id AND other.role = mine.role AND other.id <> mine.id
           WHERE mine.id = :id
             AND ((:after IN ('waiting', 'active') AND other.person_id = mine.person_id
                   AND other.state IN ('waiting', 'active'))
                  OR (:after = 'active' AND other.state = 'active' AND mine.role IN ('chair', 'head_of_class')))""",
        id=membership_id,
        after=after,
    )
    if taken is not None:
        return False
    found = await db.value(
        """UPDATE memberships SET state = :after, decided_by = :decided_by
           WHERE id = :id AND state = :before
           RETURNING id""",
        after=after,
        decided_by=decided_by,
        id=membership_id,
        before=before,
    )
    return found is not None


async def end(db: Connection, membership_id: int) -> bool:
    """The member leaves; False when she had left before."""
    found = await db.value(
        "UPDATE memberships SET state = 'left' WHERE id = :id AND state = 'active' RETURNING id",
        id=membership_id,
    )
    return found is not None


async def step_down(db: Connection, membership_id: int, now: datetime) -> None:
    """She leaves by herself, and may take it back for a while."""
    await db.run(
        "UPDATE memberships SET state = 'left', stepped_down_at = :now WHERE id = :id AND state = 'active'",
        now=to_us(now),
        id=membership_id,
    )


async def take_back_leave(db: Connection, membership_id: int, person_id: int, now: datetime) -> Member | None:
    """What she left by herself within the last hour is hers again; None when it was long ago, or is over, or the
    place is another's now. An office of the hotline never: two people give it."""
    row = await db.one(
        f"""UPDATE memberships SET state = 'active', stepped_down_at = NULL
            WHERE id = :id AND person_id = :person_id AND state = 'left' AND stepped_down_at > :since
              AND role NOT IN {_OFFICES} AND (until IS NULL OR until > :now)
              AND NOT EXISTS (
                  SELECT 1 FROM memberships AS other
                  WHERE other.community_id = memberships.community_id AND other.role = memberships.role
                    AND ((other.person_id = :person_id AND other.state IN ('waiting', 'active'))
                         OR (other.state = 'active' AND other.role IN ('chair', 'head_of_class'))))
            RETURNING {_MEMBER.replace("memberships.", "")}""",  # noqa: S608 - our names
        id=membership_id,
        person_id=person_id,
        since=to_us(now - UNDO_WITHIN),
        now=to_us(now),
    )
    return _member(row) if row else None


async def offices_of(db: Connection, person_id: int) -> list[Community]:
    """The communities in which a person holds a role of the hotline, or is about to."""
    rows = await db.all(
        f"""SELECT {_COLUMNS} FROM communities
            WHERE id IN (SELECT community_id FROM memberships
                         WHERE person_id = :person_id AND state = 'active' AND role IN {_OFFICES})
               OR id IN (SELECT community_id FROM role_proposals
                         WHERE person_id = :person_id AND state IN ('proposed', 'confirmed'))
            ORDER BY path""",  # noqa: S608 - our names
        person_id=person_id,
    )
    return [community_of(row) for row in rows]


async def officers(db: Connection, now: datetime) -> list[int]:
    """Who holds a role of the hotline, anywhere."""
    rows = await db.all(
        f"""SELECT DISTINCT person_id FROM memberships
            WHERE role IN {_OFFICES} AND state = 'active' AND (until IS NULL OR until > :now)""",  # noqa: S608 - our names
        now=to_us(now),
    )
    return [row["person_id"] for row in rows]


async def psychologists(db: Connection, now: datetime) -> list[int]:
    """Who is a psychologist, anywhere."""
    rows = await db.all(
        """SELECT DISTINCT person_id FROM memberships
           WHERE role = 'psychologist' AND state = 'active' AND (until IS NULL OR until > :now)""",
        now=to_us(now),
    )
    return [row["person_id"] for row in rows]


async def end_hotline_roles(db: Connection, person_id: int, community_id: int) -> None:
    """Every role of the hotline that a person holds in a community, what is on its way to her, and what she proposed: a
    button on a lost phone gives none of it back."""
    await db.run(
        f"""UPDATE memberships SET state = 'left'
            WHERE person_id = :person_id AND community_id = :community_id AND state = 'active'
              AND role IN {_OFFICES}""",  # noqa: S608 - our names
        person_id=person_id,
        community_id=community_id,
    )
    await db.run(
        """UPDATE role_proposals SET state = 'refused'
           WHERE (person_id = :person_id OR proposed_by = :person_id) AND community_id = :community_id
             AND state IN ('proposed', 'confirmed')""",
        person_id=person_id,
        community_id=community_id,
    )


async def save_until(db: Connection, membership_id: int, until: datetime | None) -> None:
    await db.run("UPDATE memberships SET until = :until WHERE id = :id", until=maybe_us(until), id=membership_id)


async def end_expired(db: Connection, now: datetime) -> list[tuple[int, Member]]:
    """Ends the memberships whose time is over; returns them with their communities' ids."""
    rows = await db.all(
        f"""UPDATE memberships SET state = 'left'
            WHERE state = 'active' AND until <= :now
            RETURNING community_id, {_MEMBER.replace("memberships.", "")}""",  # noqa: S608 - our names
        now=to_us(now),
    )
    return [(row["community_id"], _member(row)) for row in rows]


async def warn_of_ends(db: Connection, now: datetime, most: int) -> list[tuple[int, Member]]:
    """Those whose role ends within a week and who were not told so; one given for a week or less was told with it."""
    rows = await db.all(
        f"""UPDATE memberships SET warned = 1
            WHERE id IN (SELECT id FROM memberships
                         WHERE state = 'active' AND until IS NOT NULL AND until > :now AND until <= :soon
                           AND warned = 0 AND until - since > :week
                         ORDER BY until, id
                         LIMIT :most)
            RETURNING community_id, {_MEMBER.replace("memberships.", "")}""",  # noqa: S608 - our names
        now=to_us(now),
        soon=to_us(now + WARNED_BEFORE),
        week=WARNED_BEFORE // timedelta(microseconds=1),
        most=most,
    )
    return [(row["community_id"], _member(row)) for row in rows]


async def members(
    db: Connection, community_id: int, states: tuple[str, ...] = ("active",), *, after: int = 0, most: int = 50
) -> list[Member]:
    """Members by their number, `most` at a time."""
    names = {f"s{number}": state for number, state in enumerate(states)}
    rows = await db.all(
        f"""SELECT {_MEMBER} FROM memberships
            WHERE community_id = :community_id AND state IN ({", ".join(f":{name}" for name in names)}) AND id > :after
            ORDER BY id
            LIMIT :most""",  # noqa: S608 - our names
        community_id=community_id,
        after=after,
        most=most,
        **names,
    )
    return [_member(row) for row in rows]


async def everybody_below(db: Connection, path: str, now: datetime, most: int) -> list[Found]:
    """Who belongs to a community or to one below it: no more than her name and where."""
    rows = await db.all(
        """SELECT memberships.id, memberships.called, memberships.role, below.name, below.path
           FROM communities AS below
           JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                           AND (memberships.until IS NULL OR memberships.until > :now)
           WHERE below.path >= :path AND below.path < :behind
           LIMIT :most""",
        path=path,
        behind=path + ":",
        now=to_us(now),
        most=most,
    )
    return [Found(row["id"], row["called"], Role(row["role"]), row["name"], row["path"]) for row in rows]


async def count_members(db: Connection, community_id: int, now: datetime) -> dict[str, int]:
    """Different persons by role, in the community and below it."""
    rows = await db.all(
        """SELECT memberships.role, COUNT(DISTINCT memberships.person_id) AS persons
           FROM communities
           JOIN communities AS below ON below.path >= communities.path AND below.path < communities.path || ':'
           JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                           AND (memberships.until IS NULL OR memberships.until > :now)
           WHERE communities.id = :id
           GROUP BY memberships.role""",
        id=community_id,
        now=to_us(now),
    )
    return {row["role"]: row["persons"] for row in rows}


async def staff(db: Connection, community_id: int, now: datetime) -> list[Member]:
    """Who is who: those who lead a community or care for it."""
    return await _holders(db, community_id, STAFF, now)


async def nearest(
    db: Connection, path: str, now: datetime, roles: frozenset[Role] = LEADING, *, but: int | None = None
) -> list[Member]:
    """Those who hold one of `roles` nearest to a community: in it, else above; one entry for each person, none for
    `but`."""
    for community_id in reversed([int(part) for part in path.strip("/").split("/")]):
        found = await _holders(db, community_id, roles, now)
        first = {member.person_id: member for member in reversed(found) if member.person_id != but}
        if first:
            return sorted(first.values(), key=lambda member: member.membership_id)
    return []


async def along(db: Connection, path: str, now: datetime, roles: frozenset[Role]) -> list[tuple[int, Member]]:
    """Everybody who holds one of `roles` in a community or above it, with the community's id, the nearest first."""
    up, ids = listed(path.strip("/").split("/"))
    wanted = {f"r{number}": role.value for number, role in enumerate(sorted(roles))}
    rows = await db.all(
        f"""SELECT {_MEMBER}, memberships.community_id FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.community_id IN ({up})
              AND memberships.role IN ({", ".join(f":{name}" for name in wanted)})
              AND memberships.state = 'active' AND (memberships.until IS NULL OR memberships.until > :now)
            ORDER BY LENGTH(communities.path) DESC, memberships.id""",  # noqa: S608 - our names
        now=to_us(now),
        **{name: int(one) for name, one in ids.items()},
        **wanted,
    )
    return [(row["community_id"], _member(row)) for row in rows]


async def leaders_below(db: Connection, path: str, now: datetime, roles: frozenset[Role] = LEADING) -> list[int]:
    """Everybody who leads a community or one below it."""
    wanted = {f"r{number}": role.value for number, role in enumerate(sorted(roles))}
    rows = await db.all(
        f"""SELECT DISTINCT memberships.person_id FROM communities AS below
            JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                            AND memberships.role IN ({", ".join(f":{name}" for name in wanted)})
                            AND (memberships.until IS NULL OR memberships.until > :now)
            WHERE below.path >= :path AND below.path < :behind
            ORDER BY memberships.person_id""",  # noqa: S608 - our names
        path=path,
        behind=path + ":",
        now=to_us(now),
        **wanted,
    )
    return [row["person_id"] for row in rows]


async def of_kind(db: Connection, kind: str) -> list[Community]:
    rows = await db.all(
        f"""SELECT {_COLUMNS} FROM communities
            WHERE kind = :kind AND archived_at IS NULL
            ORDER BY name, id""",  # noqa: S608 - our names
        kind=kind,
    )
    return [community_of(row) for row in rows]


async def holding(db: Connection, community_id: int, role: Role, now: datetime) -> list[Member]:
    """Who holds a role in this very community."""
    return await _holders(db, community_id, frozenset({role}), now)


async def leaders(db: Connection, path: str, now: datetime, roles: frozenset[Role] = LEADING) -> list[int]:
    """The persons who lead a community: those with one of `roles` nearest to it, in it or above."""
    return [member.person_id for member in await nearest(db, path, now, roles)]


async def _holders(db: Connection, community_id: int, roles: frozenset[Role], now: datetime) -> list[Member]:
    return (await holders(db, [community_id], roles, now)).get(community_id, [])


async def holders(
    db: Connection, community_ids: list[int], roles: frozenset[Role], now: datetime
) -> dict[int, list[Member]]:
    """Who holds one of `roles` in each of these very communities."""
    names, ids = listed(community_ids)
    wanted = {f"r{number}": role.value for number, role in enumerate(sorted(roles))}
    rows = await db.all(
        f"""SELECT {_MEMBER}, memberships.community_id FROM memberships
            WHERE community_id IN ({names}) AND role IN ({", ".join(f":{name}" for name in wanted)})
              AND state = 'active' AND (until IS NULL OR until > :now)
            ORDER BY id""",  # noqa: S608 - our names
        now=to_us(now),
        **ids,
        **wanted,
    )
    found: dict[int, list[Member]] = {}
    for row in rows:
        found.setdefault(row["community_id"], []).append(_member(row))
    return found


async def known_as(db: Connection, person_id: int, path: str) -> str | None:
    """The name a person goes by in a community, or in the nearest one above it where she is known."""
    up = {f"c{number}": int(part) for number, part in enumerate(path.strip("/").split("/"))}
    found = await db.value(
        f"""SELECT memberships.called FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.person_id = :person_id
              AND communities.id IN ({", ".join(f":{name}" for name in up)})
            ORDER BY LENGTH(communities.path) DESC, memberships.state = 'active' DESC, memberships.id DESC
            LIMIT 1""",  # noqa: S608 - our names
        person_id=person_id,
        **up,
    )
    return None if found is None else str(found)


async def called(db: Connection, person_id: int, community_id: int) -> str | None:
    """The name a community knows a person by."""
    found = await db.value(
        """SELECT called FROM memberships
           WHERE person_id = :person_id AND community_id = :community_id
           ORDER BY state = 'active' DESC, id DESC
           LIMIT 1""",
        person_id=person_id,
        community_id=community_id,
    )
    return None if found is None else str(found)


def community_of(row: Row) -> Community:
    """A community from a row with all its columns."""
    return Community(
        row["id"],
        row["parent_id"],
        row["kind"],
        row["name"],
        row["path"],
        row["language"],
        row["zone"],
        row["country"],
        row["archived_at"] is not None,
    )


def _member(row: Row) -> Member:
    return Member(
        row["id"],
        row["person_id"],
        row["called"],
        row["role"],
        row["state"],
        maybe_time(row["until"]),
        row["decided_by"],
        from_us(row["since"]),
    )
