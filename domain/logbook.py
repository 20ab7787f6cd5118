"""The log of the cases: its entries, how long it is kept, what a verification finds and what a witness says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cases import Deed
from domain.roles import Role
from domain.times import from_us

KEPT = timedelta(days=5 * 365 + 2)  # rule 21
EVERY = timedelta(hours=1)  # between two witnesses of a log that grows
AT_LEAST_EVERY = timedelta(days=1)  # and of one that doesn't
SAMPLE = 5  # entries that a supervisor looks at each month
PREFIX = 16  # bytes of a mac that a witness carries: nobody finds another entry with the same ones

# Deeds by which the name of somebody who reported was opened, and those by which somebody saw anything of a case.
OPENINGS = frozenset({"unmasked", "broken"})
READS = frozenset({Deed.READ.value, Deed.SHOWN.value, Deed.EXPORTED.value}) | OPENINGS


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log. `case_number` is None where it is about no case; `deed` may be a word of a newer Birge."""

    id: int
    at: datetime
    role: str
    deed: str
    case_id: int | None
    case_number: str | None
    who: bytes | None


@dataclass(frozen=True, slots=True)
class Known:
    """The last verdict, and when it was given. `broken`: the first entry that isn't as it was written; `lost`: the
    first that was witnessed and isn't there. None: all is well."""

    at: datetime
    number: int
    broken: int | None
    lost: int | None


def highest_of(roles: Iterable[Role]) -> str:
    """How the log names somebody who holds these roles."""
    held = set(roles)
    ranked = (Role.SUPERVISOR, Role.WORKER, Role.CUSTODIAN, Role.AUDITOR, Role.PSYCHOLOGIST)
    return next((role.value for role in ranked if role in held), "stranger")


# --- witnesses --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Witness:
    """What is known outside the database of one entry: its number, its time in microseconds, how its mac begins."""

    number: int
    at: int
    mac: bytes

    def is_due(self, now: datetime) -> bool:
        """Whether the log must still have the entry."""
        return from_us(self.at) > now - KEPT


def witness_of(args: tuple[str, ...]) -> Witness | None:
    """What the button under a witness carries; None for what none of ours carries."""
    if len(args) != 3 or not all(one.isascii() for one in args) or not (args[0].isdigit() and args[1].isdigit()):
        return None
    if len(args[0]) > 18 or len(args[1]) > 12 or len(args[2]) != 2 * PREFIX:
        return None
    try:
        return Witness(int(args[0]), int(args[1]) * _MINUTE, bytes.fromhex(args[2]))
    except ValueError:
        return None


_MINUTE = 60_000_000  # microseconds


def carried(number: int, at: int, mac: bytes) -> tuple[int, int, str]:
    """What a button carries of a witness: at most 64 bytes with its route."""
    return number, at // _MINUTE, mac[:PREFIX].hex()
