"""Who lives in the demo and what they say: cast.toml, read."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody who comes to a community with its code; `community` is a key of her place."""

    person: Facts
    community: str
    role: str


@dataclass(frozen=True)
class Place:
    """A region with its communities, the people in them and what happens there."""

    facts: Facts

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    def get(self, name: str) -> Any:
        """What is told of this place only, or nothing."""
        return self.facts.get(name, ())

    @property
    def communities(self) -> list[Facts]:
        return list(self.facts["communities"])

    def below(self, key: str) -> set[str]:
        """A community and everything under it, by their keys."""
        found = {key}
        for community in self.communities:  # written from the root down
            if community["under"] in found:
                found.add(community["key"])
        return found

    def over(self, key: str) -> list[str]:
        """A community and those it is part of, the nearest first."""
        parents = {community["key"]: community["under"] for community in self.communities}
        found = [key]
        while found[-1] in parents:
            found.append(parents[found[-1]])
        return found

    def leader_of(self, key: str) -> str:
        """The name of whoever leads a community, or the nearest above it."""
        led = {one: member["name"] for member in self["staff"] for one in member["in"] if member["office"] in _LEADING}
        return next((led[one] for one in self.over(key) if one in led), str(self["lead"]["name"]))

    def joining(self) -> list[Joining]:
        """Teachers and families, each with the communities they come to; children of one family one after the other."""
        teachers = [Joining(one, key, "teacher") for one in self.get("teachers") for key in one["in"]]
        return [*teachers, *(joining for family in self["families"] for joining in self._family(family))]

    def _family(self, family: Facts) -> Iterator[Joining]:
        for parent in family["parents"]:
            for key in self.parents_of(family):
                yield Joining(parent, key, "parent")
        for child in family["children"]:
            yield Joining(child, child["in"], "pupil")

    def parents_of(self, family: Facts) -> list[str]:
        """Where the parents belong: to the place's own community for them, or to each child's."""
        common = self.get("parents_in")
        return [common] if common else list(dict.fromkeys(child["in"] for child in family["children"]))

    def people(self) -> list[Facts]:
        families = [one for family in self["families"] for one in (*family["parents"], *family["children"])]
        strangers = [self[name] for name in ("declined", "waiting") if name in self.facts]
        return [self["lead"], *self["staff"], *families, *self.get("teachers"), *strangers]


_LEADING = ("coordinator", "chair", "head_of_class")


@dataclass(frozen=True)
class Cast:
    """Everybody."""

    facts: Facts

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return tuple(Place(place) for place in self.facts["places"])

    def people(self) -> list[Facts]:
        local = [person for place in self.places for person in place.people()]
        return [*local, self["owner"], *self.hotline(), self["outsider"]]

    def hotline(self) -> list[Facts]:
        """Who works for the hotline: each of them has the same PIN."""
        return [self["supervisor"], *self["workers"], self["auditor"], self["agency"]["worker"]]


def read_cast() -> Cast:
    return Cast(tomllib.loads(files("bot.demo").joinpath("cast.toml").read_text("utf-8")))
