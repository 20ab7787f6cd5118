"""The cast as the sandbox knows it, and what it has made so far: communities, members, group chats."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.demo.acting import PIN, Actor
from bot.demo.cast import Cast, Facts, Place
from sandbox import Chat, Sandbox


@dataclass(eq=False)
class Company:
    sandbox: Sandbox
    cast: Cast
    actors: dict[str, Actor] = field(default_factory=dict)  # by their names
    ids: dict[tuple[str, str], int] = field(default_factory=dict)  # of communities, by place and key
    codes: dict[tuple[str, str], str] = field(default_factory=dict)  # with which one joins them, likewise
    members: dict[tuple[str, str], list[tuple[Actor, str]]] = field(default_factory=dict)  # with their roles, likewise
    groups: dict[str, Chat] = field(default_factory=dict)  # by place
    challenges: dict[tuple[str, str], str] = field(default_factory=dict)  # their numbers, by place and words

    def __post_init__(self) -> None:
        for one in self.cast.people():
            person = self.sandbox.add_person(
                one["name"],
                language_code=one["language"],
                username=one.get("handle"),
                note=f"PIN {PIN}" if one in self.cast.hotline() else None,
            )
            self.actors[one["name"]] = Actor(self.sandbox, person)

    def actor(self, who: Facts | str) -> Actor:
        return self.actors[who if isinstance(who, str) else who["name"]]

    def by_handle(self, handle: str) -> Actor:
        return next(actor for actor in self.actors.values() if actor.person.username == handle)

    def community(self, place: Place, key: str) -> int:
        return self.ids[place["key"], key]

    def audience(self, place: Place, key: str, whom: str = "all") -> list[Actor]:
        """Teachers and families of a community and of those below it, or its pupils; nobody who has blocked the bot."""
        members = [member for at in place.below(key) for member in self.members.get((place["key"], at), ())]
        found = [actor for actor, role in members if whom in ("all", f"{role}s")]
        return [one for one in _in_order_of(self.actors.values(), found) if one.name != place.get("blocks")]


def _in_order_of(everybody: Iterable[Actor], some: Iterable[Actor]) -> list[Actor]:
    """Those in the order in which the cast names them: who came first may differ from one time to the next."""
    wanted = set(some)
    return [one for one in everybody if one in wanted]
