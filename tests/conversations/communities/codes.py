"""Invites for tests, made through storage."""

from datetime import timedelta

import storage.invites
from domain.invites import Invite
from domain.requests import Community
from domain.roles import Role
from tests.cast import Talker, World
from tests.scenes import person_id_of


async def code(
    world: World, community: Community, by: Talker, role: Role | None = None, *, uses: int = 30, days: int = 30
) -> Invite:
    made_by = await person_id_of(world, by)
    async with world.birge.database.writing() as db:
        return await storage.invites.make(db, community, role, made_by, uses, world.now + timedelta(days=days))


async def states(world: World, talker: Talker, community: Community) -> list[tuple[str, str]]:
    """The role and state of each membership of a person in a community, oldest first."""
    rows = await world.rows(
        """SELECT role, state FROM memberships
           WHERE person_id = :person_id AND community_id = :community_id
           ORDER BY id""",
        person_id=await person_id_of(world, talker),
        community_id=community.id,
    )
    return [(row["role"], row["state"]) for row in rows]
