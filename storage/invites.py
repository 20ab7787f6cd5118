"""Invites: codes that turn a person into a member."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from domain.invites import ALPHABET, CLASS_CODE, FIRST_CODE, Invite
from domain.requests import Community
from domain.roles import Role
from domain.times import from_us, to_us
from storage import communities
from storage.database import Connection, Row, listed

_SELECT = """SELECT invites.id AS invite_id, invites.code, invites.role, invites.made_by, invites.uses_left,
                    invites.expires_at, invites.revoked_at, communities.*
             FROM invites
             JOIN communities ON communities.id = invites.community_id"""


async def make(
    db: Connection,
    community: Community,
    role: Role | None,
    made_by: int | None,
    uses: int,
    expires_at: datetime,
    *,
    length: int = CLASS_CODE,
) -> Invite:
    """A new invite. Older ones stay valid until they are revoked."""
    code = _new_code(length)
    new_id = await db.value(
        """INSERT INTO invites (community_id, code, role, made_by, uses_left, expires_at)
           VALUES (:community_id, :code, :role, :made_by, :uses, :expires_at)
           RETURNING id""",
        community_id=community.id,
        code=code,
        role=role.value if role else None,
        made_by=made_by,
        uses=uses,
        expires_at=to_us(expires_at),
    )
    return Invite(new_id, community, code, role, made_by, uses, expires_at)


async def make_for_classes(
    db: Connection, class_ids: Iterable[int], made_by: int, uses: int, expires_at: datetime
) -> None:
    """A code for everybody for each of these classes, in one trip."""
    await db.many(
        """INSERT INTO invites (community_id, code, made_by, uses_left, expires_at)
           VALUES (:community_id, :code, :made_by, :uses, :expires_at)""",
        [
            {
                "community_id": one,
                "code": _new_code(CLASS_CODE),
                "made_by": made_by,
                "uses": uses,
                "expires_at": to_us(expires_at),
            }
            for one in class_ids
        ],
    )


def _new_code(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


async def make_first(db: Connection, community_id: int, role: Role, expires_at: datetime) -> str:
    """The one-use code of `birge init`: whoever sends it first holds the role."""
    community = await communities.get(db, community_id)
    if community is None:
        raise LookupError("no such community")
    invite = await make(db, community, role, None, 1, expires_at, length=FIRST_CODE)
    return invite.code


async def get(db: Connection, invite_id: int) -> Invite | None:
    row = await db.one(f"{_SELECT} WHERE invites.id = :id", id=invite_id)
    return _invite(row) if row else None


async def find_valid(db: Connection, code: str, now: datetime) -> Invite | None:
    """The invite of a code, unless it is revoked, used up or over."""
    row = await db.one(
        f"""{_SELECT}
            WHERE invites.code = :code AND invites.revoked_at IS NULL AND communities.archived_at IS NULL
              AND invites.uses_left > 0 AND invites.expires_at > :now""",
        code=code,
        now=to_us(now),
    )
    return _invite(row) if row else None


async def valid_of(db: Connection, community_id: int, now: datetime) -> list[Invite]:
    """The invites of a community that still work, the newest first."""
    rows = await db.all(
        f"""{_SELECT}
            WHERE invites.community_id = :community_id AND invites.made_by IS NOT NULL AND invites.revoked_at IS NULL
              AND invites.uses_left > 0 AND invites.expires_at > :now
            ORDER BY invites.id DESC""",
        community_id=community_id,
        now=to_us(now),
    )
    return [_invite(row) for row in rows]


async def newest_of(db: Connection, community_ids: list[int], now: datetime) -> dict[int, Invite]:
    """The newest code for everybody of each of these communities that has one."""
    names, wanted = listed(community_ids)
    rows = await db.all(
        f"""{_SELECT}
            WHERE invites.community_id IN ({names}) AND invites.role IS NULL AND invites.made_by IS NOT NULL
              AND invites.revoked_at IS NULL AND invites.uses_left > 0 AND invites.expires_at > :now
            ORDER BY invites.id""",
        now=to_us(now),
        **wanted,
    )
    return {row["id"]: _invite(row) for row in rows}


async def take_use(db: Connection, invite_id: int, now: datetime) -> bool:
    """Takes one use; False when the invite has none left, is revoked or over, or its class has left school. The last
    one can't be taken twice."""
    left = await db.value(
        """UPDATE invites SET uses_left = uses_left - 1
           WHERE id = :id AND uses_left > 0 AND revoked_at IS NULL AND expires_at > :now
             AND EXISTS (
               SELECT 1 FROM communities
               WHERE communities.id = invites.community_id AND communities.archived_at IS NULL
             )
           RETURNING uses_left""",
        id=invite_id,
        now=to_us(now),
    )
    return left is not None


async def revoke(db: Connection, invite_id: int, now: datetime) -> bool:
    """The code works no more; False when it was revoked before."""
    found = await db.value(
        "UPDATE invites SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING id",
        now=to_us(now),
        id=invite_id,
    )
    return found is not None


def _invite(row: Row) -> Invite:
    return Invite(
        row["invite_id"],
        communities.community_of(row),
        row["code"],
        Role(row["role"]) if row["role"] else None,
        row["made_by"],
        row["uses_left"],
        from_us(row["expires_at"]),
        row["revoked_at"] is not None,
    )
