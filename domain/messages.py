"""What Birge says, as data: a handler or a job returns these, the pipeline stores them, a channel sends them.

Nothing here knows a messenger, a language or a database. A body is rendered once for each reader (or once for each
language, for a message to many) when the transaction that made it commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal

MAX_PRESS_BYTES = 64  # A button carries at most 64 bytes (Bot API, InlineKeyboardButton.callback_data).


# --- words ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """One whole translatable sentence (the English one is the key), with what is put into its %(name)s places."""

    msgid: str
    params: Mapping[str, "Value"] = field(default_factory=dict)
    plural: str | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A person's own words, shown as typed (escaped), never translated."""

    words: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole sentences under each other."""

    parts: tuple["Body", ...]
    gap: str = "\n"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, shown in the reader's language and zone (or in `zone`), 24-hour, with the weekday."""

    at: datetime
    zone: str | None = None
    # date: without the weekday, in short
    show: Literal["full", "day", "date", "time", "month", "weekday"] = "full"


@dataclass(frozen=True, slots=True)
class DeepLink:
    """The address that opens the bot with a start code; the channel knows its own form of it."""

    payload: str
    group: bool = False


@dataclass(frozen=True, slots=True)
class ByLanguage:
    """What somebody wrote in several languages: each reader gets hers, or `otherwise`."""

    bodies: Mapping[str, "Body"]
    otherwise: "Body"


@dataclass(frozen=True, slots=True)
class Plain:
    """Sentences as plain text, to be pasted into another messenger: no tags, no invisible marks."""

    body: "Body"


Body = Text | Words | Lines | ByLanguage
Value = str | int | float | Text | Words | Lines | ByLanguage | Moment | DeepLink | Plain


def text(msgid: str, /, **params: Value) -> Text:
    """A sentence of the catalogue. A parameter that is a plain str is somebody's words: escaped and isolated."""
    return Text(msgid, params)


def text_n(singular: str, plural: str, n: int, /, **params: Value) -> Text:
    """A sentence that counts; the number itself is %(n)s."""
    return Text(singular, {"n": n, **params}, plural, n)


def lines(*parts: Body | None, gap: str = "\n") -> Lines:
    """Sentences under each other; None is left out."""
    return Lines(tuple(part for part in parts if part is not None), gap)


def paragraphs(*parts: Body | None) -> Lines:
    """Sentences with an empty line between them; None is left out."""
    return lines(*parts, gap="\n\n")


# --- buttons --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """A button that sends `press` back when it is tapped; see press()."""

    label: Body
    press: str


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address."""

    label: Body
    to: DeepLink | str


@dataclass(frozen=True, slots=True)
class Copy:
    """A button that puts `words` (1–256 characters) on the reader's clipboard; what is too long for it gets none."""

    label: Body
    words: "str | Plain"


Row = Sequence[Button | Link | Copy]
Keyboard = Sequence[Row]


def press(route: str, *args: int | str) -> str:
    """What a button carries: its route and the ids it needs, at most 64 bytes. Raises ValueError if it is longer."""
    data = ":".join([route, *map(str, args)])
    if len(data.encode()) > MAX_PRESS_BYTES:
        raise ValueError(f"a button of {len(data.encode())} bytes: {data!r}")
    return data


def button(label: Body, route: str, *args: int | str) -> Button:
    return Button(label, press(route, *args))


# --- where to, and how ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asker:
    """The chat the request came from."""


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A person, on the identity she prefers and can be reached on."""

    person_id: int


@dataclass(frozen=True, slots=True)
class ToIdentity:
    """One account of a person, and no other of hers: a case never moves to another account."""

    identity_id: int


@dataclass(frozen=True, slots=True)
class ToChat:
    """A group chat (a row of `chats`), in the topic it was bound in, or in `thread` (0: the general one)."""

    chat_id: int
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class ToAudience:
    """Everybody whom the rule names: one message, expanded later by jobs.announcements, one delivery per person."""

    community_id: int
    roles: tuple[str, ...] = ()  # empty: every role
    subtree: bool = True


@dataclass(frozen=True, slots=True)
class ToChannel:
    """The messenger itself and no chat: what it is asked for waits for nobody's messages, nor do they wait for it."""

    name: str


To = Asker | ToPerson | ToIdentity | ToChat | ToAudience | ToChannel
ASKER = Asker()


class Pace(StrEnum):
    """When a message to many reaches somebody who has quiet hours, or chose a digest."""

    URGENT = "urgent"  # at once, whatever she chose
    AWAKE = "awake"  # after her quiet hours
    GATHERED = "gathered"  # after her quiet hours; with the digest of the evening if she chose that


class Lane(IntEnum):
    """Served in this order. CASE rows are sealed: no column of theirs names a chat or a person."""

    CASE = 0
    REPLY = 1
    REMINDER = 2
    BROADCAST = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about. The sender drops a message whose revision is no longer the subject's."""

    kind: str
    id: int
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture the channel already holds, by its file id there."""

    file_id: str


@dataclass(frozen=True, slots=True)
class Video:
    file_id: str


@dataclass(frozen=True, slots=True)
class Document:
    file_id: str


@dataclass(frozen=True, slots=True)
class Voice:
    file_id: str


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file we make ourselves (bytes), such as an .ics; a picture is shown as one when `picture` is set."""

    name: str
    content: bytes
    mime: str
    picture: bool = False


@dataclass(frozen=True, slots=True)
class QrCode:
    """A picture of a link, for cameras."""

    of: DeepLink


@dataclass(frozen=True, slots=True)
class KeptFile:
    """The file of a part of a case, kept sealed: what is sent is a copy made of it at that moment. `instead` is said
    when it can't be shown."""

    kind: str  # photo | video | voice
    part_id: int
    instead: Body


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of plain text to keep or to print, in its reader's language."""

    name: str
    body: Body


@dataclass(frozen=True, slots=True)
class HtmlFile:
    """A page to keep, to read or to print, in its reader's language."""

    name: str
    body: Body


@dataclass(frozen=True, slots=True)
class InLanguage:
    """A body in this language, whoever reads it: a paper on a wall is read by many."""

    language: str
    body: Body


# What a paper is made of. A plain str goes onto it as it is; a QrCode becomes a drawing (SVG).
PaperValue = Value | bool | None | InLanguage | QrCode | Sequence["PaperValue"] | Mapping[str, "PaperValue"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF to print, drawn when it is sent by the template of that name in bot/papers, which says what `data` it
    wants. Bodies in it are in their reader's language."""

    template: str
    data: Mapping[str, PaperValue]
    name: str  # of the file, with .pdf


Media = Photo | Video | Document | Voice | NewFile | QrCode | TextFile | HtmlFile | Paper | KeptFile


# --- the closed set of what can be said -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """A new message. `card` names it, so that it can be edited, pinned or deleted later in that chat."""

    body: Body
    buttons: Keyboard = ()
    to: To = ASKER
    card: str | None = None
    lane: Lane = Lane.REPLY
    subject: Subject | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    dedupe_key: str | None = None
    silent: bool = False
    protected: bool = False  # can't be forwarded or saved
    media: Media | None = None
    asks: int | None = None  # the conversation's token, when this is its question
    receipt: tuple[str, ...] = ()  # a route and its arguments: told by an Incoming of kind ANSWER what became of it
    by_mail: bool = False  # also to the address that its reader (a ToPerson) gave and confirmed, if she did
    pace: Pace = Pace.AWAKE  # of a message to many


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail to the address that a person gave for pages, be it confirmed or not."""

    body: Body
    to: ToPerson


@dataclass(frozen=True, slots=True)
class Edit:
    """New words and buttons for a card, or for the message whose button was tapped (card=None).

    To an audience: for what of a message to many, whose dedupe_key is the card, is still to be sent.
    """

    body: Body
    buttons: Keyboard = ()
    card: str | None = None
    to: To = ASKER
    lane: Lane = Lane.REPLY
    live: bool = False  # a count that goes up all the time: at most one edit in 3 s


@dataclass(frozen=True, slots=True)
class Toast:
    """The short answer to a tap, at most 200 characters. It lives 15 s: it says nothing the card doesn't also show."""

    body: Body
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """Takes back a card, or the message that was tapped or written (card=None)."""

    card: str | None = None
    to: To = ASKER
    lane: Lane = Lane.REPLY
    receipt: tuple[str, ...] = ()  # as Say's; "sent": False, "why": "undeletable" when the messenger refuses
    every: bool = False  # all messages that were said as this card, not the newest alone


@dataclass(frozen=True, slots=True)
class Erase:
    """Takes back messages by their numbers: `gone` are deleted; of `late`, too old for that, the words are replaced.
    Its receipt is told how many could be neither ("left")."""

    gone: tuple[int, ...]
    late: tuple[int, ...]
    words: Body
    to: To = ASKER
    lane: Lane = Lane.REPLY
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pin:
    card: str
    to: To = ASKER


@dataclass(frozen=True, slots=True)
class OpenPoll:
    """A poll of the messenger's own kind; people see each other's votes in it. 2–12 options of 1–100 characters."""

    card: str
    question: str
    options: tuple[str, ...]
    multiple: bool = False
    below: Body | None = None  # a line of ours under the question
    to: To = ASKER
    lane: Lane = Lane.REPLY
    dedupe_key: str | None = None
    subject: Subject | None = None
    not_after: datetime | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class StopPoll:
    card: str
    to: To = ASKER


@dataclass(frozen=True, slots=True)
class Admit:
    """The answer to somebody who asked to join a group chat."""

    chat_id: int
    address: str  # the newcomer's own address on that channel
    accept: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands that a private chat's / menu shows, with their descriptions, in one language."""

    commands: tuple[tuple[str, Text], ...] | None  # None: what the roles of a person (a ToPerson) give her now
    to: To = ASKER


class Question(StrEnum):
    """What can be asked of a channel."""

    IS_ADMINISTRATOR = "is_administrator"  # of the asker's chat: is the asker one? → {"yes": bool}
    CHAT_RIGHTS = (
        "chat_rights"  # what the bot may do in the chat → {"delete": bool, "pin": bool, "administrator": bool}
    )
    # The bytes of the file `about` → {"content": bytes}, or {"why": "too_big" | "gone" | "later"}. To ToChannel.
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Ask:
    """Something to learn from the channel; its answer comes back as an Incoming of kind ANSWER to the route `then`."""

    call: Question
    then: str
    args: tuple[str, ...] = ()
    to: To = ASKER
    about: str = ""  # FILE: the file's id at the messenger
    lane: Lane = Lane.REPLY


Outgoing = Say | Mail | Edit | Toast | Delete | Erase | Pin | OpenPoll | StopPoll | Admit | Menu | Ask


# --- no -------------------------------------------------------------------------------------------------------------


class Refused(Exception):  # noqa: N818 - it is an answer to a person, not an error
    """No, said to a person: everything since the savepoint is undone, then `keep` is written and `body` said."""

    def __init__(self, body: Body, *, keep: Sequence[Any] = (), buttons: Keyboard = (), alert: bool = True) -> None:
        super().__init__(body)
        self.body = body
        self.keep = tuple(keep)
        self.buttons = buttons
        self.alert = alert


@dataclass(frozen=True, slots=True)
class WrongTry:
    """Kept after a refusal: whoever was refused tried a code that isn't one."""

    kind: str


@dataclass(frozen=True, slots=True)
class ReadAttempt:
    """Kept after a refusal: whoever was refused, holding this role, wanted to see or do something with a case. Whether
    there is such a case it doesn't say."""

    role: str


# --- what a channel answers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    message_ids: tuple[int, ...] = ()
    poll_id: str | None = None
    file_id: str | None = None
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now. `told`: the messenger itself named the pause (429), so nothing goes to that chat before."""

    after: float  # seconds
    told: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    why: str  # blocked | deactivated | never_started | removed


@dataclass(frozen=True, slots=True)
class Rejected:
    reason: str  # the messenger's own words about the call, never about its content


@dataclass(frozen=True, slots=True)
class Moved:
    address: str  # a group that became a supergroup


Result = Sent | TryLater | Unreachable | Rejected | Moved
