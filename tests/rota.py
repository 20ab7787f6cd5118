"""What opens a hotline, beside its people: the code of conduct accepted, and a roster without a gap."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import storage.canary
import storage.duty
import storage.roles
from domain import duty
from domain.hotline_roles import CONDUCT_VERSION
from domain.requests import Community
from storage.database import Connection

ROUND_THE_CLOCK = "0-24"


async def open_hotline(db: Connection, network: Community, officers: Iterable[int], now: datetime) -> None:
    """The first two of these people are on duty round the clock. The weekly test, which has tests of its own, never
    comes."""
    everybody = list(officers)
    for officer in everybody:
        await storage.roles.save_conduct(db, officer, CONDUCT_VERSION, now)
    await on_duty(db, network, everybody[0], everybody[1], now)
    await storage.canary.save_next(db, now + timedelta(days=3_650))


async def on_duty(
    db: Connection, network: Community, worker: int, backup: int, now: datetime, hours: str = ROUND_THE_CLOCK
) -> None:
    """The same two in every shift."""
    roster = duty.empty(hours, network.zone)
    roster = replace(roster, pairs=dict.fromkeys(roster.slots, duty.Pair(worker, backup)))
    await storage.duty.save_draft(db, network.id, roster)
    assert await storage.duty.publish(db, network.id, worker, now)
