"""Who may do what: every route × role × own, child, sibling and parent community, as tests/rights.csv says.

A cell names the communities in which a person with that role (held in school 12) may use the route: O her own, C a
class below it, S another school, P the district above; "-" is none of them. A route missing from the file fails. A
role whose cell is left out at the end of a line may do what a stranger may.
"""

import csv
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import storage.pins
from domain.messages import Refused
from domain.requests import Community, Conversation, Identity, Incoming, Kind, Person, Request
from domain.roles import ANYONE, Audience, Membership, Role
from handlers import routes
from handlers.forms import Form
from handlers.route import Route, Where
from tests.cast import World
from tests.scenes import School, school

FILE = Path(__file__).with_name("rights.csv")
STRANGER = "stranger"
ROLES = [STRANGER, *(role.value for role in Role)]


def _tables() -> dict[str, Route]:
    """Every way in, by its name in the file."""
    found: dict[str, Route] = {}
    for table, named in {
        "command": routes.COMMANDS,
        "start": routes.STARTS,
        "button": routes.BUTTONS,
        "step": routes.STEPS,
        "event": routes.EVENTS,
    }.items():
        found |= {f"{table} {name}": route for name, route in named.items()}
    return found | {f"form {name}": _of_form(form) for name, form in routes.FORMS.items()}


def _of_form(form: Form) -> Route:
    async def never(_db: Any, _request: Any) -> list[Any]:
        return []

    return Route(never, form.may, community=form.may != ANYONE, where=Where.PRIVATE, confidential=form.confidential)


ROUTES = _tables()


def _rows() -> list[dict[str, str]]:
    with FILE.open(newline="") as file:
        found = list(csv.DictReader(file))
    return [{name: row[STRANGER] if cell is None else cell for name, cell in row.items()} for row in found]


def test_the_file_names_every_route_and_no_other() -> None:
    assert sorted(row["route"] for row in _rows()) == sorted(ROUTES)


def test_the_file_judges_every_role() -> None:
    assert list(_rows()[0]) == ["route", *ROLES]


@dataclass(frozen=True)
class Subject:
    """Something that belongs to a community and is for all of it."""

    community: Community
    audience: Audience


@dataclass
class Scene:
    world: World
    school: School

    def target(self, scope: str) -> Community:
        places = {"O": self.school.school, "C": self.school.class_a, "S": self.school.other_school}
        return places.get(scope, self.school.district)

    async def allows(self, route: Route, role: str, scope: str) -> bool:
        """Whether the pipeline lets a person with this role in school 12 through."""
        target = self.target(scope)
        request = self._request(route, role, target)
        if route.subject is not None:
            route = replace(route, subject=partial(_found, target))
        async with self.world.birge.database.writing() as db:
            try:
                await self.world.birge.pipeline.admit(db, route, request)
            except Refused:
                return False
        return True

    def _request(self, route: Route, role: str, target: Community) -> Request:
        held = () if role == STRANGER else (Membership(1, self.school.school.id, self.school.school.path, Role(role)),)
        kind = "group" if route.where is Where.GROUP else "private"
        incoming = Incoming("telegram", "1", Kind.BUTTON, chat="1", chat_kind=kind, sender="1")  # type: ignore[arg-type]
        person, identity = Person(1, "en", "Asia/Baku"), Identity(1, "telegram", "1")
        return Request(
            incoming,
            person,
            identity,
            held,
            Conversation(),
            self.world.now,
            community_id=target.id,
            args=(str(target.id),),
        )


async def _found(target: Community, _db: Any, _number: int, _person_id: int) -> Subject:
    return Subject(target, Audience(target.id, target.path))


@pytest.fixture
async def scene(world: World) -> Scene:
    """Whoever has an office has entered her PIN: tests/safeguarding/test_pins.py tells of those who have not."""
    async with world.birge.database.writing() as db:
        await storage.pins.unlock(db, 1, 1, world.now)
    return Scene(world, await school(world, parents=0, pupils=0))


async def test_the_pipeline_judges_as_the_file_says(scene: Scene) -> None:
    wrong = []
    for row in _rows():
        for role in ROLES:
            allowed = "".join([scope for scope in "OCSP" if await scene.allows(ROUTES[row["route"]], role, scope)])
            if (allowed or "-") != row[role]:
                wrong.append(f"{row['route']}, {role}: the file says {row[role]}, the pipeline {allowed or '-'}")
    assert wrong == []
