"""What the program needs of a messenger."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.messages import DeepLink, Result
from domain.requests import Incoming


class ChannelUnusable(Exception):  # noqa: N818 - its text is the sentence the operator reads
    """The messenger can't be used at all (wrong token, not reachable at the start); the text is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Received:
    """Updates received together, translated, in order. `confirm` goes back to confirmed() once they are committed."""

    incoming: Sequence[Incoming]
    confirm: Any


@dataclass(frozen=True, slots=True, order=True)
class Introduction:
    """What people see in one language before the first word: what the bot is, and (command, what it does) by chat."""

    about: str
    in_private: tuple[tuple[str, str], ...]
    in_groups: tuple[tuple[str, str], ...]


class Channel(Protocol):
    """A messenger. receive() and send() never raise for what the messenger or the network does."""

    name: str

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def receive(self) -> AsyncGenerator[Received, None]: ...

    def confirmed(self, received: Received) -> None: ...

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result: ...

    def address_of(self, link: DeepLink) -> str: ...
