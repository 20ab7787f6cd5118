"""What a person finds her way by: the commands in her / menu and in /help, the buttons of /home, the languages."""

from collections.abc import Iterable
from typing import Any

import storage.persons
from domain.languages import LANGUAGES
from domain.messages import ASKER, Button, Menu, Text, To, ToPerson, Words, button
from domain.requests import Request
from domain.roles import Membership, Right, is_allowed
from handlers.route import Route
from storage.database import Connection

Commands = tuple[tuple[str, Text], ...]


def commands(memberships: Iterable[Membership]) -> Commands:
    """Each command a person with these memberships may use, with what it does."""
    held = tuple(memberships)
    return tuple(
        (name, route.help)
        for name, route in _tables().COMMANDS.items()
        if route.help is not None and _is_shown(route, held)
    )


def _is_shown(route: Route, held: tuple[Membership, ...]) -> bool:
    counted = tuple(one for one in held if not (route.of_teams and one.of_agency))
    return has_anywhere(route.menu or route.may, counted)


def group_commands() -> Commands:
    """The commands that work in a group chat."""
    return tuple((name, route.help) for name, route in _tables().COMMANDS.items() if route.help and route.in_group_menu)


def has_anywhere(right: Right, memberships: Iterable[Membership]) -> bool:
    """Whether a person has a right in one of her communities."""
    held = tuple(memberships)
    return right.anyone or any(is_allowed(right, held, membership.path) for membership in held)


def menu(memberships: Iterable[Membership], to: To = ASKER) -> Menu:
    return Menu(commands(memberships), to)


async def menu_of(db: Connection, request: Request, person_id: int) -> Menu:
    """The menu of a person whose roles have just changed."""
    return menu(await storage.persons.held_by(db, person_id, request.now), ToPerson(person_id))


def doors(memberships: Iterable[Membership]) -> list[tuple[Text, str]]:
    """The buttons of /home that a person with these memberships may use: label and route."""
    held, tables = tuple(memberships), _tables()
    return [(label, route) for label, route in tables.HOME if _is_shown(tables.BUTTONS[route], held)]


def languages(card: str) -> list[list[Button]]:
    """The five languages, each by its own name. `card` is what is shown again in the chosen one."""
    names = [button(Words(name), "lang.is", code, card) for code, name in LANGUAGES.items()]
    return [names[:2], names[2:4], names[4:]]


def first_languages(request: Request, card: str) -> list[list[Button]]:
    """The same for whoever has neither chosen one nor belongs anywhere yet."""
    return [] if request.memberships or request.person.chose_language else languages(card)


def _tables() -> Any:
    # The tables name the handlers, and these handlers show the tables.
    from handlers import routes

    return routes
