"""The tree of communities: where each stands, and what it is called."""

from collections.abc import Iterable
from dataclasses import replace

from domain.requests import Community
from domain.rosters import class_key
from storage.database import Connection, Row

COLUMNS = "id, parent_id, kind, name, path, language, zone, country, archived_at"


async def get(db: Connection, community_id: int) -> Community | None:
    row = await db.one(f"SELECT {COLUMNS} FROM communities WHERE id = :id", id=community_id)  # noqa: S608 - our names
    return community_of(row) if row else None


async def root(db: Connection) -> Community | None:
    """The network at the root of the tree."""
    row = await db.one(f"SELECT {COLUMNS} FROM communities WHERE parent_id IS NULL ORDER BY id")  # noqa: S608
    return community_of(row) if row else None


async def network(db: Connection) -> Community:
    """The same, where there must be one."""
    found = await root(db)
    if found is None:
        raise LookupError("nothing is set up: there is no network")
    return found


async def children(db: Connection, community_id: int) -> list[Community]:
    rows = await db.all(
        f"""SELECT {COLUMNS} FROM communities
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
        f"""SELECT {COLUMNS} FROM communities
            WHERE id IN ({", ".join(f":{name}" for name in wanted)})
            ORDER BY path""",  # noqa: S608 - our names
        **wanted,
    )
    return [community_of(row) for row in rows]


async def of_kind(db: Connection, kind: str) -> list[Community]:
    rows = await db.all(
        f"""SELECT {COLUMNS} FROM communities
            WHERE kind = :kind AND archived_at IS NULL
            ORDER BY name, id""",  # noqa: S608 - our names
        kind=kind,
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


async def child_called(db: Connection, parent_id: int, name: str, *, but: int = 0) -> str | None:
    """The name of a community right below that people would take for this one, as it is written there: 5A, 5 a and 5А
    with a Cyrillic А are one. `but`: the one that is renamed."""
    rows = await db.all(
        "SELECT name FROM communities WHERE parent_id = :parent_id AND id != :but AND archived_at IS NULL ORDER BY id",
        parent_id=parent_id,
        but=but,
    )
    wanted = class_key(name) or name
    return next((row["name"] for row in rows if (class_key(row["name"]) or row["name"]) == wanted), None)


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
        f"""SELECT {COLUMNS} FROM communities
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


async def save_zone_below(db: Connection, community: Community, zone: str) -> None:
    """Of a community, of those below it that lived by the same one, and of their people who chose none themselves."""
    places = {"path": community.path, "old": community.zone, "zone": zone}
    await db.run(
        """UPDATE persons SET zone = :zone
           WHERE chose_zone = 0 AND zone = :old
             AND id IN (SELECT memberships.person_id FROM communities
                        JOIN memberships ON memberships.community_id = communities.id
                                        AND memberships.state IN ('waiting', 'active')
                        WHERE communities.path >= :path AND communities.path < :path || ':'
                          AND communities.zone = :old)""",
        **places,
    )
    await db.run(
        "UPDATE communities SET zone = :zone WHERE path >= :path AND path < :path || ':' AND zone = :old", **places
    )


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
