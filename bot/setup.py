"""`birge init`: the database, the key ring, the network at the root of the tree and its two first codes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import storage.communities
import storage.invites
from bot.config import WrongSetting
from domain.communities import NAME_MOST, CommunityKind, community_name
from domain.languages import COUNTRIES
from domain.roles import Role
from storage.database import Database, DatabaseUnusable
from storage.schema import create_or_migrate
from storage.vault import Vault, open_or_make_key_ring

CODE_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Codes:
    owner: str
    supervisor: str


async def init(url: str, keys: Path, name: str, country: str, now: datetime) -> Codes:
    """Makes what `birge run` needs and returns the two codes, shown once. Nothing that exists is overwritten."""
    shown = community_name(name)
    if shown is None:
        raise WrongSetting(f"The name of the network must have 1 to {NAME_MOST} characters, with a letter among them.")
    vault = Vault(open_or_make_key_ring(keys, now))
    create_or_migrate(url)
    database = await Database.open(url, vault)
    try:
        async with database.writing() as db:
            await db.vault.ready_for(db, now)
            if await storage.communities.root(db) is not None:
                raise DatabaseUnusable(
                    "This database has its network already. For a new one use another BIRGE_DATABASE."
                )
            language, zone = COUNTRIES[country]
            root = await storage.communities.add(db, None, CommunityKind.NETWORK, shown, language, zone, country)
            expires = now + CODE_LASTS
            owner = await storage.invites.make_first(db, root.id, Role.COORDINATOR, expires)
            supervisor = await storage.invites.make_first(db, root.id, Role.SUPERVISOR, expires)
    finally:
        await database.close()
    return Codes(owner, supervisor)
