"""What a route is: who handles something, who may, and what it is about. The tables are in handlers.routes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from domain.messages import DeepLink, Link, Outgoing, Refused, Text, text
from domain.requests import Request
from domain.roles import ANYONE, PROVEN, Right
from storage.database import Connection

Handler = Callable[[Connection, Request], Awaitable[list[Outgoing]]]

# Loads a subject as one person sees it; None when it is not there or not for her. What it returns has `community`
# (a domain.requests.Community) and, where it is for some only, `audience` (a domain.roles.Audience).
Loader = Callable[[Connection, int, int], Awaitable[Any]]

NOT_HERE = text("You can't do this here. /home shows what you can do.")
# NOTE: button. In a group chat: the way to the private one.
TO_PRIVATE = Link(text("Open private chat"), DeepLink("home"))


def not_here() -> Refused:
    """The answer to a forged button, and to one whose time or right is over."""
    return Refused(NOT_HERE)


@dataclass(frozen=True, slots=True)
class Watched:
    """What was said to words before their own answer, and what is said after it, whatever becomes of that; `alone`:
    they get no other."""

    said: list[Outgoing]
    alone: bool = False
    after: Sequence[Outgoing] = ()


class Where(Enum):
    PRIVATE = auto()
    GROUP = auto()
    ANYWHERE = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """One way in. `subject` loads what the first argument names; `community` asks which one when nothing names it."""

    handler: Handler
    may: Right = ANYONE
    subject: Loader | None = None
    community: bool = False
    leads_below: bool = False  # what it shows of a community leads on to those below it: they are not asked about
    where: Where = Where.PRIVATE
    patient: bool = False  # a step that takes words written before its question, too
    confidential: bool = False  # touches a case: its messages go by the case lane, its log lines name nothing
    help: Text | None = None  # what the command does, in the / menu and /help
    menu: Right | None = None  # who sees the command there; None: whoever may use it
    in_group_menu: bool = False
    of_teams: bool = False  # shown to the hotline's own: an agency's people hold their role and have no use for it
    resumes: bool = False  # after it goes on what was asked for while it was locked

    @property
    def unlocked(self) -> bool:
        """Whether the hotline's staff must have proven themselves by their PIN: for all that is confidential and that
        their roles open. It follows from the right, so that no route can forget it."""
        return self.confidential and not self.may.anyone and bool(self.may.roles & PROVEN)
