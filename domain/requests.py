"""What comes in, channel-free, and what a handler gets of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.hotline_checklist import NOT_SET_UP, Setup
from domain.roles import Membership, Right, Role, Standing, may, standing


class Kind(StrEnum):
    COMMAND = "command"  # /word and what follows it
    BUTTON = "button"  # a tap, with the button's data
    WORDS = "words"  # plain words or media
    VOTE = "vote"  # an answer to a native poll
    POLL = "poll"  # how a native poll of ours stands: its question in `words`, its options in `answer`
    MEMBERSHIP = "membership"  # the bot was added to, removed from or blocked in a chat
    JOIN_REQUEST = "join_request"  # somebody asks to join a group chat
    TITLED = "titled"  # a group has another title
    MOVED = "moved"  # a group became a supergroup
    ANSWER = "answer"  # what a channel answered to an Ask
    OTHER = "other"  # of no use to us


@dataclass(frozen=True, slots=True)
class Part:
    """A file that came with a message; `kind` is photo | document | voice | video | audio | sticker | other."""

    kind: str
    file_id: str
    size: int | None = None  # bytes
    name: str | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of a messenger, translated. Addresses are the messenger's own ids as text; times are aware."""

    channel: str
    event_id: str
    kind: Kind
    chat: str | None = None
    chat_kind: Literal["private", "group"] = "private"
    chat_title: str | None = None
    thread: int | None = None
    sender: str | None = None
    sender_name: str = ""
    sender_language: str | None = None
    anonymous: bool = False  # a group's administrator who hides behind the group
    command: str = ""
    words: str = ""  # what follows the command, plain words, or a caption
    press: str = ""
    query_id: str | None = None
    message_id: int | None = None
    reply_to: int | None = None
    sent_at: datetime | None = None
    edited: bool = False
    album: str | None = None
    parts: tuple[Part, ...] = ()
    poll_id: str | None = None
    options: tuple[int, ...] = ()
    change: str = ""  # MEMBERSHIP: added | promoted | removed | blocked | unblocked; MOVED: the new address
    answer: Mapping[str, Any] = field(default_factory=dict)
    then: str = ""  # ANSWER: the route that asked
    args: tuple[str, ...] = ()  # ANSWER: what it gave along
    hurried: bool = False  # more came from this account just now than anybody writes or taps by hand
    goes_on: bool = False  # a later part of an album whose first part was answered already

    @property
    def is_private(self) -> bool:
        return self.chat_kind == "private"


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    language: str
    zone: str
    quiet_from: int | None = None  # minutes after midnight, in the person's zone
    quiet_until: int | None = None
    chose_language: bool = False
    digest: bool = False  # announcements come together in the evening

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Identity:
    id: int
    channel: str
    address: str

    @property
    def place(self) -> str:
        return f"{self.channel}:{self.address}"


@dataclass(frozen=True, slots=True)
class Community:
    id: int
    parent_id: int | None
    kind: str
    name: str
    path: str
    language: str
    zone: str
    country: str
    archived: bool = False  # it left school: nobody joins it, and nothing is said there


@dataclass(frozen=True, slots=True)
class Chat:
    """A group chat; community_id is None until it is bound."""

    id: int
    channel: str
    address: str
    title: str
    community_id: int | None

    @property
    def place(self) -> str:
        return f"{self.channel}:{self.address}"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the bot waits to hear from a person, with the draft so far. `token` changes with every question."""

    step: str = ""
    draft: Mapping[str, Any] = field(default_factory=dict)
    token: int = 0
    asked_at: datetime | None = None
    message_id: int | None = None  # of the question, once it is known to be sent
    aside: Mapping[str, Any] = field(default_factory=dict)  # step and draft of a report that something else interrupted


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler gets: who, where, what, when; the subject and the community only after the right was checked."""

    incoming: Incoming
    person: Person
    identity: Identity
    memberships: tuple[Membership, ...]
    conversation: Conversation
    now: datetime
    chat: Chat | None = None
    community_id: int | None = None  # the community that a draft or a choice names: not checked yet
    community: Community | None = None
    subject: Any = None
    args: tuple[str, ...] = ()
    words: str = ""
    setup: Setup = NOT_SET_UP  # what the configuration says of the hotline
    bot: str = ""  # the bot's own account: a file's id is worth something to it alone
    public_url: str = ""  # where the world reaches the program's pages; empty: nowhere

    def standing(self, path: str) -> Standing:
        return standing(self.memberships, path)

    def may(self, right: Right, path: str) -> bool:
        return may(right, self.standing(path))

    def number(self, at: int) -> int:
        """The argument at this place as a number; 0 for what is none, since buttons can be forged."""
        given = self.args[at] if at < len(self.args) else ""
        return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0

    @property
    def roles(self) -> frozenset[Role]:
        """Every role the person holds anywhere."""
        return frozenset(membership.role for membership in self.memberships)

    @property
    def place(self) -> str:
        """The address of the chat this came from."""
        return f"{self.incoming.channel}:{self.incoming.chat}"
