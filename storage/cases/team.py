"""Whose case it is: who works for the hotline there or above, may know of the case and can be reached.

Of which community a case is stands in no row in clear: `case_teams` holds marks, of its community and of each above it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import teams
from domain.cases import Answers, Case
from domain.ladder import Reached
from domain.requests import Community
from domain.roles import HOTLINE, OFFICES, Membership, Role
from domain.times import to_us
from storage import communities, persons
from storage.cases.sealing import mark_of_excluded
from storage.database import Connection, listed

# In a question about `cases`: not those that the person of the mark :excluded may not know of. Whoever asks for
# somebody of the staff asks with known_to(), which holds the schools that a case bypasses, and the teams, too.
NOT_EXCLUDED = """NOT EXISTS (SELECT 1 FROM case_excluded
                               WHERE case_excluded.case_id = cases.id AND case_excluded.person_mark = :excluded)"""


def mark_of_team(db: Connection, community_id: int) -> bytes:
    return db.vault.mark("case team", str(community_id))


def mark_of_district(db: Connection, community_id: int) -> bytes:
    """What figures by district are grouped by."""
    return db.vault.mark("case district", str(community_id))


def _mark_of_bypassed(db: Connection, community_id: int) -> bytes:
    return db.vault.mark("case bypasses", str(community_id))


# --- what somebody of the staff may know of ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """In a question about `cases`: those that one person may know of (`sql`), and of these the ones whose supervisor
    she is (`supervised`). What she may not know of changes neither the statement nor how many there are."""

    sql: str
    supervised: str
    values: dict[str, object]


async def known_to(db: Connection, person_id: int, roles: frozenset[Role] = OFFICES) -> Known:
    """What she may know of by one of the roles."""
    held = await _held(db, [person_id])
    office = [one for one in held if one.role in roles]
    marks = [mark_of_excluded(db, person_id), *(_mark_of_bypassed(db, one) for one in sorted(teams.works_at(held)))]
    excluded, values = _named("x", marks)
    in_team, of_team = _in_team(db, "t", office)
    # A school's psychologist holds no office: she knows the cases that she opened herself.
    is_psychologist = any(one.role is Role.PSYCHOLOGIST for one in held)
    own = {"own": db.vault.mark("case worker", str(person_id)) if is_psychologist else b""}
    supervised, of_supervised = _in_team(db, "s", [one for one in office if one.role is Role.SUPERVISOR])
    sql = f"""NOT EXISTS (SELECT 1 FROM case_excluded
                          WHERE case_excluded.case_id = cases.id AND case_excluded.person_mark IN ({excluded}))
              AND ({in_team} OR cases.worker_mark = :own)"""  # noqa: S608 - our own text
    return Known(sql, supervised, values | of_team | of_supervised | own)


@dataclass(frozen=True, slots=True)
class Unkept:
    """In a question about `cases`: those that a person isn't kept out of, whoever she is."""

    sql: str
    values: dict[str, object]


async def open_to(db: Connection, person_id: int) -> Unkept:
    marks = sorted(_marks_of(db, person_id, await _held(db, [person_id])))
    excluded, values = _named("x", marks)
    sql = f"""NOT EXISTS (SELECT 1 FROM case_excluded
                          WHERE case_excluded.case_id = cases.id
                            AND case_excluded.person_mark IN ({excluded}))"""  # noqa: S608 - our own text
    return Unkept(sql, values)


async def marks_that_stay(db: Connection) -> set[bytes]:
    """Of those who are kept out of a case: whoever could still meet it in the log or in figures, once it is destroyed.
    Nobody else's mark outlives it."""
    roles = sorted(role.value for role in OFFICES | {Role.COORDINATOR})
    names, values = listed(roles)
    held = await db.all(
        f"SELECT DISTINCT person_id FROM memberships WHERE state = 'active' AND role IN ({names})",  # noqa: S608
        **values,
    )
    schools = await db.all("SELECT id FROM communities")
    people = {mark_of_excluded(db, row["person_id"]) for row in held}
    return people | {_mark_of_bypassed(db, row["id"]) for row in schools}


def _in_team(db: Connection, name: str, held: Iterable["Held"]) -> tuple[str, dict[str, object]]:
    """A case without a team is older than teams are: it is the network's."""
    offices = list(held)
    names, values = _named(name, [mark_of_team(db, one.community_id) for one in offices])
    values[f"{name}_root"] = int(any(one.is_root for one in offices))
    sql = f"""(EXISTS (SELECT 1 FROM case_teams
                       WHERE case_teams.case_id = cases.id AND case_teams.team_mark IN ({names}))
               OR (:{name}_root = 1
                   AND NOT EXISTS (SELECT 1 FROM case_teams WHERE case_teams.case_id = cases.id)))"""  # noqa: S608
    return sql, values


def _named(name: str, marks: Iterable[bytes]) -> tuple[str, dict[str, object]]:
    names, values = listed(marks, or_none=b"")
    return names.replace(":", f":{name}"), {f"{name}{key}": value for key, value in values.items()}


@dataclass(frozen=True, slots=True)
class Held(Membership):
    """A membership, with whose it is."""

    person_id: int = 0

    @property
    def is_root(self) -> bool:
        return len(teams.ids(self.path)) == 1


async def _held(db: Connection, person_ids: Iterable[int], now: datetime | None = None) -> list[Held]:
    """What these persons are, anywhere; without a time a role that is over counts until it is ended, within a minute:
    whoever comes by a route is asked there, too."""
    names, values = listed(sorted(set(person_ids)), or_none=0)
    rows = await db.all(
        f"""SELECT memberships.id, memberships.person_id, memberships.community_id, communities.path, memberships.role
            FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.person_id IN ({names}) AND memberships.state = 'active'
              AND (memberships.until IS NULL OR memberships.until > :now)
            ORDER BY memberships.id""",  # noqa: S608 - names only
        now=to_us(now) if now else 0,
        **values,
    )
    return [
        Held(row["id"], row["community_id"], row["path"], Role(row["role"]), person_id=row["person_id"]) for row in rows
    ]


async def staff(db: Connection, now: datetime) -> frozenset[int]:
    """Who works on cases, anywhere."""
    rows = await db.all(
        """SELECT DISTINCT person_id FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           WHERE role IN ('auditor', 'custodian', 'supervisor', 'worker') AND role IN ('supervisor', 'worker')
             AND communities.kind <> 'agency'
             AND state = 'active' AND (until IS NULL OR until > :now)""",
        now=to_us(now),
    )
    return frozenset(row["person_id"] for row in rows)


async def is_read_at_school(db: Connection, memberships: Iterable[Membership], now: datetime) -> bool:
    """Whether somebody at a school of a person with these memberships works on its cases."""
    on_paths = sorted({one for membership in memberships for one in teams.ids(membership.path)})
    names, values = listed(on_paths, or_none=0)
    found = await db.value(
        f"""SELECT 1 FROM communities
            JOIN memberships ON memberships.community_id = communities.id AND memberships.state = 'active'
                            AND memberships.role IN ('supervisor', 'worker')
                            AND (memberships.until IS NULL OR memberships.until > :now)
            WHERE communities.id IN ({names}) AND communities.kind = 'school'
            LIMIT 1""",  # noqa: S608 - names only
        now=to_us(now),
        **values,
    )
    return found is not None


async def at_work(db: Connection, now: datetime) -> list[int]:
    """Those of them who can be reached."""
    return await _reached(db, await staff(db, now))


# --- who is called ----------------------------------------------------------------------------------------------------


async def on_call(db: Connection, case: Case, roles: frozenset[Role], now: datetime) -> list[int]:
    """Who holds one of the roles nearest to the case, in its community or above, may know of it and can be reached."""
    return (await reached(db, case, roles, now)).nearest(roles)


async def on_call_besides(db: Connection, case: Case, role: Role, now: datetime, *person_ids: int) -> list[int]:
    """The nearest who hold the role, besides these persons."""
    return (await reached(db, case, frozenset({role}), now)).nearest(frozenset({role}), besides=person_ids)


async def at_hand(db: Connection, case: Case, roles: frozenset[Role], now: datetime) -> list[int]:
    """All of them, the nearest first."""
    return (await reached(db, case, roles, now)).at_hand(roles)


async def supervisors(db: Connection, case: Case, now: datetime) -> list[int]:
    """The nearest first."""
    return await at_hand(db, case, frozenset({Role.SUPERVISOR}), now)


async def outside_of(db: Connection, case: Case, supervisors: Sequence[int]) -> list[int]:
    """Those of them who hold no role in the reporter's school."""
    inside = {
        one.person_id
        for one in await _held(db, supervisors)
        if any(school in teams.ids(one.path) for school in case.schools)
    }
    return [one for one in supervisors if one not in inside]


async def reached(db: Connection, case: Case, roles: frozenset[Role], now: datetime) -> Reached:
    """Who holds one of the roles, may know of the case and can be reached."""
    found = await communities.along(db, case.community.path, now, roles)
    called = [member.person_id for _, member in found]
    there = set(await _reached(db, await without_excluded(db, case, called)))
    return Reached(
        [
            [(member.person_id, Role(member.role)) for at, member in found if at == one and member.person_id in there]
            for one in reversed(teams.ids(case.community.path))
        ]
    )


# --- who watches over the log -----------------------------------------------------------------------------------------


async def office(db: Connection, roles: frozenset[Role], now: datetime) -> list[int]:
    """Who holds one of these offices for the whole network and can be reached."""
    network = await communities.root(db)
    held = await communities.nearest(db, network.path, now, roles) if network else []
    return await _reached(db, [member.person_id for member in held])


async def offices(db: Connection, roles: frozenset[Role], now: datetime) -> list[int]:
    """Who holds one of them anywhere, and can be reached."""
    return await _reached(db, await called(db, roles, now))


async def called(db: Connection, roles: frozenset[Role], now: datetime) -> dict[int, str]:
    """Who holds one of them anywhere, and how each is called there."""
    names, values = listed(sorted(role.value for role in roles))
    rows = await db.all(
        f"""SELECT person_id, called FROM memberships
            WHERE role IN ('auditor', 'custodian', 'supervisor', 'worker') AND role IN ({names})
              AND state = 'active' AND (until IS NULL OR until > :now)
            ORDER BY id DESC""",  # noqa: S608 - names only
        now=to_us(now),
        **values,
    )
    return {row["person_id"]: row["called"] for row in rows}


async def _reached(db: Connection, person_ids: Iterable[int]) -> list[int]:
    readers = await persons.readers(db, person_ids)
    return [person_id for person_id, reader in readers.items() if reader.place is not None]


# --- who is kept out --------------------------------------------------------------------------------------------------


async def exclude(db: Connection, case_id: int, person_id: int) -> None:
    """The case doesn't exist for her, and nobody can change that: she has reported it."""
    await _exclude(db, case_id, mark_of_excluded(db, person_id))
    await _exclude(db, case_id, _mark_of_reporter(db, person_id))


async def bypass(db: Connection, case_id: int, school_id: int) -> None:
    """The case doesn't exist for whoever works at this school, now or later (F7)."""
    await _exclude(db, case_id, _mark_of_bypassed(db, school_id))


async def keep_out(db: Connection, case_id: int, person_id: int) -> None:
    """From now on the case, and each joined to it, doesn't exist for her, until a supervisor lets her in."""
    await _exclude(db, case_id, mark_of_excluded(db, person_id))
    await _exclude(db, case_id, _mark_of_kept_out(db, person_id))


async def let_in(db: Connection, case_id: int, person_id: int) -> bool:
    """She was kept out, and is no more; False when she wasn't. Who has reported it stays excluded, and is told apart
    by nobody."""
    return any([await _let_in(db, one, person_id) for one in await joined(db, case_id)])


async def _let_in(db: Connection, case_id: int, person_id: int) -> bool:
    found = await db.value(
        "DELETE FROM case_excluded WHERE case_id = :case_id AND person_mark = :mark RETURNING case_id",
        case_id=case_id,
        mark=_mark_of_kept_out(db, person_id),
    )
    await db.run(
        """DELETE FROM case_excluded
           WHERE case_id = :case_id AND person_mark = :mark
             AND NOT EXISTS (SELECT 1 FROM case_excluded AS fixed
                             WHERE fixed.case_id = :case_id AND fixed.person_mark = :reporter)""",
        case_id=case_id,
        mark=mark_of_excluded(db, person_id),
        reporter=_mark_of_reporter(db, person_id),
    )
    return found is not None


def marks_kept(db: Connection, person_id: int) -> tuple[bytes, ...]:
    """The marks by which a person is kept from a case, whatever the reason."""
    return mark_of_excluded(db, person_id), _mark_of_kept_out(db, person_id), _mark_of_reporter(db, person_id)


def _mark_of_kept_out(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("case kept out", str(person_id))


def _mark_of_reporter(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("case reported by", str(person_id))


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with an office of the hotline for the case, as those who work on it know her."""

    person_id: int
    called: str
    role: Role
    kept_out: bool
    roles: frozenset[Role]


async def colleagues(db: Connection, case: Case, now: datetime) -> list[Colleague]:
    """Who could know of the case, the nearest first, with those who are kept out of it. Whoever has reported it stands
    among them like everybody else: that she was missing would tell who it was."""
    found = await communities.along(db, case.community.path, now, OFFICES)
    excluded = (await _marks(db, "case_excluded", "person_mark", [case.id])).get(case.id, set())
    held = await _held(db, {member.person_id for _, member in found})
    seen = {member.person_id: member for _, member in reversed(found)}
    roles = {one: frozenset(Role(member.role) for _, member in found if member.person_id == one) for one in seen}
    return [
        Colleague(one, member.called, Role(member.role), _mark_of_kept_out(db, one) in excluded, roles[one])
        for one, member in reversed(seen.items())
        if not excluded & (_marks_of(db, one, held) - {mark_of_excluded(db, one)})
    ]


async def _exclude(db: Connection, case_id: int, mark: bytes) -> None:
    await _exclude_from(db, await joined(db, case_id), {mark})


async def _exclude_from(db: Connection, case_ids: Iterable[int], marks: Iterable[bytes]) -> None:
    await db.many(
        "INSERT INTO case_excluded (case_id, person_mark) VALUES (:case_id, :mark) ON CONFLICT DO NOTHING",
        [{"case_id": case_id, "mark": mark} for case_id in case_ids for mark in sorted(marks)],
    )


async def joined(db: Connection, case_id: int) -> list[int]:
    """The case, and all that are of one event with it, over however many links: who must not know of one of them must
    not know of the others."""
    rows = await db.all(
        """WITH RECURSIVE together (id) AS (
               SELECT id FROM cases WHERE id = :case_id
               UNION
               SELECT case_links.other_id FROM case_links
               JOIN together ON together.id = case_links.case_id
           )
           SELECT id FROM together ORDER BY id""",
        case_id=case_id,
    )
    return [row["id"] for row in rows]


async def without_excluded(db: Connection, case: Case, person_ids: Iterable[int]) -> list[int]:
    """Those of the persons who may know of the case."""
    asked = list(person_ids)
    rows = await db.all("SELECT person_mark FROM case_excluded WHERE case_id = :id", id=case.id)
    excluded = {row["person_mark"] for row in rows}
    held = await _held(db, asked)
    return [one for one in asked if not excluded & _marks_of(db, one, held)]


def _marks_of(db: Connection, person_id: int, held: Iterable[Held]) -> set[bytes]:
    """Every mark that keeps this person out of a case."""
    works = teams.works_at(one for one in held if one.person_id == person_id)
    return {mark_of_excluded(db, person_id), *(_mark_of_bypassed(db, one) for one in works)}


async def exclude_together(db: Connection, case_id: int, other_id: int) -> None:
    """Two reports of one event: whoever is kept out of one of them is kept out of the other, too."""
    together = sorted({*await joined(db, case_id), *await joined(db, other_id)})
    found = await _marks(db, "case_excluded", "person_mark", together)
    await _exclude_from(db, together, {mark for marks in found.values() for mark in marks})


async def may_not_know(
    db: Connection, pairs: Collection[tuple[int, int]], now: datetime, roles: frozenset[Role] = OFFICES
) -> set[tuple[int, int]]:
    """Those pairs of a case's and a person's id in which the person holds none of the roles for the case, or is
    excluded."""
    if not pairs:
        return set()
    held = await _held(db, {person_id for _, person_id in pairs}, now)
    cases = sorted({case_id for case_id, _ in pairs})
    in_teams = await _marks(db, "case_teams", "team_mark", cases)
    excluded = await _marks(db, "case_excluded", "person_mark", cases)
    lost = set()
    for case_id, person_id in pairs:
        offices = [one for one in held if one.person_id == person_id and one.role in roles]
        marks = in_teams.get(case_id)
        is_hers = any(one.is_root if marks is None else mark_of_team(db, one.community_id) in marks for one in offices)
        if not is_hers or excluded.get(case_id, set()) & _marks_of(db, person_id, held):
            lost.add((case_id, person_id))
    return lost


async def excluded(db: Connection, pairs: Collection[tuple[int, int]], now: datetime) -> set[tuple[int, int]]:
    """Those pairs of a case's and a person's id in which the person must not know of the case."""
    if not pairs:
        return set()
    held = await _held(db, {person_id for _, person_id in pairs}, now)
    marks = await _marks(db, "case_excluded", "person_mark", sorted({case_id for case_id, _ in pairs}))
    return {pair for pair in pairs if marks.get(pair[0], set()) & _marks_of(db, pair[1], held)}


async def has_nobody(db: Connection, now: datetime) -> bool:
    """Whether a case waits that nobody who can be reached may take, or may let go on."""
    waiting = await db.all("SELECT id, stopped FROM cases WHERE state = 'new' ORDER BY waiting_since LIMIT 200")
    people = await at_work(db, now) if waiting else []
    stopped = [row["id"] for row in waiting if row["stopped"]]
    return await _has_nobody(db, [row["id"] for row in waiting], people, HOTLINE, now) or await _has_nobody(
        db, stopped, people, frozenset({Role.SUPERVISOR}), now
    )


async def _has_nobody(
    db: Connection, case_ids: list[int], people: list[int], roles: frozenset[Role], now: datetime
) -> bool:
    """Whether one of the cases is closed to each of these people."""
    pairs = {(case_id, one) for case_id in case_ids for one in people}
    lost = await may_not_know(db, pairs, now, roles)
    return any(all((case_id, one) in lost for one in people) for case_id in case_ids)


async def _marks(db: Connection, table: str, column: str, case_ids: list[int]) -> dict[int, set[bytes]]:
    names, values = listed(case_ids)
    rows = await db.all(
        f"SELECT case_id, {column} AS mark FROM {table} WHERE case_id IN ({names})",  # noqa: S608 - our names
        **values,
    )
    found: dict[int, set[bytes]] = {}
    for row in rows:
        found.setdefault(row["case_id"], set()).add(row["mark"])
    return found


# --- whose it becomes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Home:
    """Where a new case lives: its community with what lies above it, the root first, and the reporter's schools."""

    path: tuple[Community, ...]
    schools: tuple[Community, ...] = ()

    @property
    def community(self) -> Community:
        return self.path[-1]


async def home_of(db: Connection, person_id: int, answers: Answers, now: datetime) -> Home:
    """The home of a case that this person reports."""
    held = await persons.held_by(db, person_id, now)
    on_paths = {one for membership in held for one in teams.ids(membership.path)}
    known = {one.id: one for one in await communities.several(db, sorted(on_paths))}
    schools = teams.schools_of(held, known)
    found = teams.home_of(schools, answers, known)
    if found is None:
        found = await communities.network(db)
        return Home((found,), tuple(schools))
    return Home(tuple(known[one] for one in teams.ids(found.path)), tuple(schools))


async def give_to(db: Connection, case_id: int, home: Home, answers: Answers) -> None:
    """From now on the teams of its community and of those above it may know of the case; if it is about an adult at
    school, nobody who works at the reporter's school."""
    rows = [{"case_id": case_id, "mark": mark_of_team(db, one.id)} for one in home.path]
    await db.many("INSERT INTO case_teams (case_id, team_mark) VALUES (:case_id, :mark)", rows)
    if teams.is_about_an_adult(answers):
        for school in home.schools:
            await bypass(db, case_id, school.id)


async def go_along(db: Connection, before: Community, after: Community) -> None:
    """A community stands elsewhere: its cases, and those of what lies below it, are known to the teams above its new
    place, and no more to those that it left. Who is called goes by the tree: that must be who may know."""
    here, old, new = mark_of_team(db, before.id), set(teams.ids(before.path)), set(teams.ids(after.path))
    for one in sorted(new - old):
        await db.run(
            """INSERT INTO case_teams (case_id, team_mark)
               SELECT case_id, :mark FROM case_teams WHERE team_mark = :here
               ON CONFLICT DO NOTHING""",
            mark=mark_of_team(db, one),
            here=here,
        )
    for one in sorted(old - new):
        await db.run(
            """DELETE FROM case_teams
               WHERE team_mark = :mark AND case_id IN (SELECT case_id FROM case_teams WHERE team_mark = :here)""",
            mark=mark_of_team(db, one),
            here=here,
        )
