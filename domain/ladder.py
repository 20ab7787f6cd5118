"""Who is called about a case that nobody takes: the worker on duty, the backup, the supervisor, the supervisor outside
the school, and then everybody again and again (rule 9, row F6).

Only who can take the case is called, and nobody twice for the same rung: where nobody can come, the next rung is.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from domain.cases import Case, Desk, Risk, Stage
from domain.roles import Role

URGENT = frozenset({Risk.DANGER, Risk.CRITICAL})  # calls everybody, whatever the hour


@dataclass(frozen=True, slots=True)
class Reached:
    """Persons and the offices they hold, by level: those of the case's own community first, the network's last."""

    levels: Sequence[Sequence[tuple[int, Role]]]

    def at_hand(self, roles: frozenset[Role]) -> list[int]:
        """All who hold one of the roles, the nearest first."""
        return list(dict.fromkeys(one for level in self._holding(roles) for one in level))

    def nearest(self, roles: frozenset[Role], *, besides: Collection[int] = ()) -> list[int]:
        """Those of the nearest level that has any, besides these persons."""
        others = ([one for one in level if one not in besides] for level in self._holding(roles))
        return next((list(dict.fromkeys(level)) for level in others if level), [])

    def _holding(self, roles: frozenset[Role]) -> Iterator[list[int]]:
        return ([one for one, role in level if role in roles] for level in self.levels)


@dataclass(frozen=True, slots=True)
class There:
    """Who may know of a case, holds the role and can be reached. `on_duty`: whether it is the time of any shift."""

    on_duty: bool
    worker: Sequence[int] = ()
    backup: Sequence[int] = ()
    supervisors: Sequence[int] = ()
    outside: Sequence[int] = ()
    everybody: Sequence[int] = ()

    @property
    def has_supervisor(self) -> bool:
        return bool(self.supervisors or self.outside)


def sleeps(case: Case, there: There) -> bool:
    """Whether a new case waits for the next shift: its reporter is told so."""
    return case.desk is Desk.WORKERS and case.risk not in URGENT and not there.on_duty and bool(there.everybody)


def called(case: Case, stage: int, there: There) -> list[int]:
    """Who is called at a rung; none only where nobody at all is there, or no supervisor for a case that a supervisor
    must look at before anybody writes."""
    if case.stopped and not there.has_supervisor:
        return []
    for rung in range(min(max(stage, Stage.PAGED), Stage.EVERYBODY), Stage.EVERYBODY + 1):
        if found := _on_rung(case, rung, there):
            return list(dict.fromkeys(found))
    return list(there.everybody)


def _on_rung(case: Case, rung: int, there: There) -> Sequence[int]:
    if case.desk is Desk.SUPERVISORS:  # no worker may take it
        both = (*there.supervisors, *there.outside)
        return {Stage.OUTSIDE: there.outside, Stage.EVERYBODY: both}.get(Stage(rung), there.supervisors)
    if rung == Stage.PAGED and not there.on_duty and case.risk in URGENT:
        return there.everybody
    at_once = (*there.worker, *there.backup) if case.risk is Risk.DANGER else there.worker
    by_rung = {
        Stage.PAGED: at_once,
        Stage.REMINDED: there.backup,
        Stage.ESCALATED: there.supervisors,
        Stage.OUTSIDE: there.outside,
        Stage.EVERYBODY: there.everybody,
    }
    return by_rung[Stage(rung)]
