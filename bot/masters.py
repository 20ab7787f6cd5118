"""`birge keys`: the master keys of the key ring, beside what the database says of their use.

A master key is destroyed only once it wraps nothing and every backup made while it did is older than backups are kept
(BIRGE_BACKUPS_KEPT_DAYS): then no backup that may still exist opens with it, and what was destroyed stays destroyed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config import Settings
from storage import keyring
from storage.keys import out_of_use
from storage.snapshot import masters_in_use, notes, snapshot
from storage.vault import KeyRingUnusable, read_key_ring


@dataclass(frozen=True, slots=True)
class Master:
    """`wraps`: how many keys. `needed_until`: by backups; None while it wraps something or is the newest."""

    month: str
    newest: bool
    wraps: int
    needed_until: datetime | None

    def why_kept(self, now: datetime) -> str | None:
        """Why it must not be destroyed now; None: it may be."""
        if self.newest:
            return "it wraps what is new"
        if self.wraps:
            return f"it still wraps {self.wraps} keys, which the bot wraps again while it runs"
        if self.needed_until is None:
            return "the bot has not yet seen that it wraps nothing: start it"
        if now < self.needed_until:
            return f"backups may need it until {self.needed_until:%Y-%m-%d}"
        return None


def masters(settings: Settings) -> list[Master]:
    """The master keys of the key ring, oldest first. Raises KeyRingUnusable or DatabaseUnusable."""
    ring = read_key_ring(settings.keys)
    with snapshot(settings.database) as connection:
        used, noted = masters_in_use(connection), notes(connection)
    return [
        Master(month, month == ring.newest, used.get(month, 0), _needed_until(noted, month, settings))
        for month in sorted(ring.masters)
    ]


def _needed_until(noted: Mapping[str, str], month: str, settings: Settings) -> datetime | None:
    since = noted.get(out_of_use(month))
    return datetime.fromisoformat(since) + timedelta(days=settings.backups_kept_days) if since else None


def table(settings: Settings) -> list[str]:
    """A line for each master key."""
    return [f"{one.month}  {_use(one)}" for one in masters(settings)]


def _use(one: Master) -> str:
    if one.newest:
        return f"wraps {one.wraps} keys and what is new"
    if one.wraps or one.needed_until is None:
        return f"wraps {one.wraps} keys; the bot wraps them again while it runs"
    return f"wraps nothing; backups may need it until {one.needed_until:%Y-%m-%d}"


def rotate(settings: Settings, now: datetime, *, again: bool) -> list[str]:
    """Adds this month's master key, and destroys those whose time is over; what to tell the operator."""
    over = [one.month for one in masters(settings) if one.why_kept(now) is None]
    added = keyring.add_master(settings.keys, now, again=again)
    said = [f"Destroyed the master key of {month}: no kept backup needs it." for month in over]
    if over:
        keyring.remove_masters(settings.keys, over)
    if added is None:
        return [*said, "This month has its master key already. Another one after a leak: birge keys rotate --again"]
    return [
        *said,
        f"Added the master key of {added}. The bot takes it up within seconds and wraps every key again under it.",
        f"Copy {settings.keys} now to where its copy is kept, apart from the backups: without it nothing sealed opens.",
    ]


def destroy(settings: Settings, month: str, now: datetime) -> str:
    """Destroys one; what to tell the operator. Raises KeyRingUnusable with the reason why it stays."""
    found = {one.month: one for one in masters(settings)}
    if month not in found:
        raise KeyRingUnusable(f"The key ring {settings.keys} has no master key of {month}: birge keys list")
    why = found[month].why_kept(now)
    if why is not None:
        raise KeyRingUnusable(f"The master key of {month} stays: {why}.")
    keyring.remove_masters(settings.keys, [month])
    return f"Destroyed the master key of {month}. Destroy its copies, too."
