"""Group chats, and which community each is bound to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.requests import Chat
from storage.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Reader:
    place: str
    language: str
    zone: str
    unreachable: str | None
    thread: int | None = None  # the topic that what is for the whole group goes to


async def find(db: Connection, channel: str, address: str) -> Chat | None:
    row = await db.one(
        "SELECT id, channel, address, title, community_id FROM chats WHERE channel = :channel AND address = :address",
        channel=channel,
        address=address,
    )
    return _chat(row) if row else None


async def get(db: Connection, chat_id: int) -> Chat | None:
    row = await db.one("SELECT id, channel, address, title, community_id FROM chats WHERE id = :id", id=chat_id)
    return _chat(row) if row else None


async def save(db: Connection, channel: str, address: str, title: str) -> Chat:
    """The group chat, known and reachable from now on."""
    row = await db.one(
        """INSERT INTO chats (channel, address, title)
           VALUES (:channel, :address, :title)
           ON CONFLICT (channel, address) DO UPDATE SET title = excluded.title, unreachable = NULL
           RETURNING id, channel, address, title, community_id""",
        channel=channel,
        address=address,
        title=title,
    )
    if row is None:
        raise LookupError("an upsert without a row")
    return _chat(row)


async def bind(db: Connection, chat_id: int, community_id: int, thread: int | None = None) -> None:
    """The group belongs to the community; what is said to all of it goes to this topic from now on."""
    await db.run(
        "UPDATE chats SET community_id = :community_id, thread = :thread WHERE id = :id",
        community_id=community_id,
        thread=thread,
        id=chat_id,
    )


async def let_go(db: Connection, chat_id: int) -> None:
    """The group belongs to no community any more."""
    await db.run("UPDATE chats SET community_id = NULL, thread = NULL WHERE id = :id", id=chat_id)


async def save_title(db: Connection, chat_id: int, title: str) -> None:
    await db.run("UPDATE chats SET title = :title WHERE id = :id", title=title, id=chat_id)


async def tell_rights(db: Connection, chat_id: int) -> bool:
    """Whether it is still to be told what the bot may not do in a group: True once."""
    found = await db.value(
        "UPDATE chats SET rights_told = 1 WHERE id = :id AND rights_told = 0 RETURNING id", id=chat_id
    )
    return found is not None


async def mark_unreachable(db: Connection, channel: str, address: str, why: str) -> None:
    await db.run(
        "UPDATE chats SET unreachable = :why WHERE channel = :channel AND address = :address",
        why=why,
        channel=channel,
        address=address,
    )


async def move(db: Connection, channel: str, old: str, new: str) -> None:
    """A group got a new address (it became a supergroup). Told twice, or late, it changes nothing.

    Where the new chat was heard of first, it takes over the community of the old one.
    """
    await db.run(
        """UPDATE chats SET community_id = (
               SELECT old.community_id FROM chats AS old WHERE old.channel = :channel AND old.address = :old
           )
           WHERE channel = :channel AND address = :new AND community_id IS NULL""",
        new=new,
        channel=channel,
        old=old,
    )
    await db.run(
        """UPDATE chats SET community_id = NULL, unreachable = 'moved'
           WHERE channel = :channel AND address = :old
             AND EXISTS (SELECT 1 FROM chats AS other WHERE other.channel = :channel AND other.address = :new)""",
        new=new,
        channel=channel,
        old=old,
    )
    await db.run(
        """UPDATE chats SET address = :new, unreachable = NULL
           WHERE channel = :channel AND address = :old
             AND NOT EXISTS (SELECT 1 FROM chats AS other WHERE other.channel = :channel AND other.address = :new)""",
        new=new,
        channel=channel,
        old=old,
    )


async def of_community(db: Connection, community_id: int) -> list[Chat]:
    """The reachable group chats of a community."""
    rows = await db.all(
        """SELECT chats.id, chats.channel, chats.address, chats.title, chats.community_id FROM chats
           JOIN communities ON communities.id = chats.community_id AND communities.archived_at IS NULL
           WHERE chats.community_id = :community_id AND chats.unreachable IS NULL
           ORDER BY chats.id""",
        community_id=community_id,
    )
    return [_chat(row) for row in rows]


async def below(db: Connection, path: str, *, after: int = 0, most: int = 100) -> list[Chat]:
    """The reachable group chats of the community at `path` and of those below it, by number, `most` at a time."""
    rows = await db.all(
        """SELECT chats.id, chats.channel, chats.address, chats.title, chats.community_id
           FROM communities
           JOIN chats ON chats.community_id = communities.id
           WHERE communities.path >= :path AND communities.path < :path || ':' AND communities.archived_at IS NULL
             AND chats.unreachable IS NULL AND chats.id > :after
           ORDER BY chats.id
           LIMIT :most""",
        path=path,
        after=after,
        most=most,
    )
    return [_chat(row) for row in rows]


async def bound(db: Connection, most: int) -> list[tuple[Chat, str]]:
    """The group chats that belong to a community, reachable or not, with its name; the oldest first."""
    rows = await db.all(
        """SELECT chats.id, chats.channel, chats.address, chats.title, chats.community_id, communities.name
           FROM chats
           JOIN communities ON communities.id = chats.community_id
           ORDER BY chats.id
           LIMIT :most""",
        most=most,
    )
    return [(_chat(row), row["name"]) for row in rows]


async def readers(db: Connection, chat_ids: Iterable[int]) -> Mapping[int, Reader]:
    """How each of these is written to: as its community reads, or as the network does where it belongs to none."""
    wanted = {f"c{number}": chat_id for number, chat_id in enumerate(sorted(set(chat_ids)))}
    if not wanted:
        return {}
    rows = await db.all(
        f"""SELECT chats.id, chats.channel, chats.address, chats.unreachable, chats.thread,
                   communities.language, communities.zone
            FROM chats
            LEFT JOIN communities ON communities.id = COALESCE(chats.community_id, (
                SELECT MIN(id) FROM communities WHERE parent_id IS NULL
            ))
            WHERE chats.id IN ({", ".join(f":{name}" for name in wanted)})""",  # noqa: S608 - names only
        **wanted,
    )
    return {
        row["id"]: Reader(
            f"{row['channel']}:{row['address']}",
            row["language"] or "en",
            row["zone"] or "UTC",
            row["unreachable"],
            row["thread"],
        )
        for row in rows
    }


def _chat(row: Row) -> Chat:
    return Chat(row["id"], row["channel"], row["address"], row["title"], row["community_id"])
