"""A small school in the database: two classes, and people in them."""

import storage.communities
import storage.persons
from domain.communities import CommunityKind
from domain.requests import Community
from domain.roles import Role
from storage.database import Connection
from tests.storage.conftest import NOW


async def community(db: Connection, parent: Community | None, kind: CommunityKind, name: str) -> Community:
    return await storage.communities.add(db, parent, kind, name, "az", "Asia/Baku", "az")


async def school(db: Connection) -> tuple[Community, Community, Community]:
    """A school and its classes 5A and 5B."""
    twelve = await community(db, None, CommunityKind.SCHOOL, "Məktəb 12")
    first = await community(db, twelve, CommunityKind.CLASS, "5A")
    return twelve, first, await community(db, twelve, CommunityKind.CLASS, "5B")


async def person(
    db: Connection, address: str, *belongs: tuple[Community, Role], language: str = "az", zone: str = "Asia/Baku"
) -> int:
    known = await storage.persons.meet(db, "telegram", address, language, zone)
    for where, role in belongs:
        await storage.communities.add_member(db, known.person.id, where.id, role, f"Person {address}", NOW)
    return known.person.id
