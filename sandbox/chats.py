"""Chats and who belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.people import Account, Bot, Json, Person

if TYPE_CHECKING:
    from sandbox.messages import Message

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_tags",
    "can_send_welcome_messages",
)
USUAL_RIGHTS = frozenset(RIGHTS) - {"can_promote_members"}
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
NOT_GIVEN_TO_ALL = frozenset({"can_change_info", "can_pin_messages", "can_manage_topics", "can_edit_tag"})


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's standing in a group; `status` is the Bot API's word."""

    user: Account
    status: str
    rights: frozenset[str] = frozenset()
    anonymous: bool = False

    @property
    def inside(self) -> bool:
        return self.status in ("creator", "administrator", "member")

    @property
    def rules(self) -> bool:
        return self.status in ("creator", "administrator")

    def may(self, right: str) -> bool:
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def json(self) -> Json:
        """The Bot API's ChatMember."""
        person: Json = {"status": self.status, "user": self.user.user()}
        if self.status == "creator":
            return person | {"is_anonymous": self.anonymous}
        if self.status == "administrator":
            rights = {right: right in self.rights for right in RIGHTS}
            return person | rights | {"can_be_edited": False, "is_anonymous": self.anonymous}
        return person | ({"until_date": 0} if self.status == "kicked" else {})


@dataclass(eq=False, slots=True)
class InviteLink:
    """A way into a group."""

    url: str
    creator: Account
    name: str | None = None
    asks: bool = False
    primary: bool = False
    revoked: bool = False
    expires: datetime | None = None
    member_limit: int | None = None
    pending: int = 0

    def json(self) -> Json:
        optional = {
            "name": self.name,
            "expire_date": int(self.expires.timestamp()) if self.expires else None,
            "member_limit": self.member_limit,
            "pending_join_request_count": self.pending or None,
        }
        return {
            "invite_link": self.url,
            "creator": self.creator.user(),
            "creates_join_request": self.asks,
            "is_primary": self.primary,
            "is_revoked": self.revoked,
        } | {key: value for key, value in optional.items() if value is not None}


@dataclass(eq=False, slots=True)
class Chat:
    """A private chat with the bot (`person` is set), a basic group or a supergroup.

    `messages` is the whole history, deleted ones flagged; `visible` is what people still see.
    """

    id: int
    kind: str
    title: str = ""
    person: Person | None = None
    username: str | None = None
    forum: bool = False
    protected: bool = False
    started: bool = False
    blocked: bool = False
    open_until: datetime | None = None
    members: dict[int, Member] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    by_id: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0
    topics: dict[int, str] = field(default_factory=dict)
    closed_topics: set[int] = field(default_factory=set)
    muted: bool = False  # only those who rule may write
    migrated_to: Chat | None = None
    migrated_from: Chat | None = None
    links: list[InviteLink] = field(default_factory=list)
    requests: dict[int, InviteLink | None] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)
    actions: dict[str, datetime] = field(default_factory=dict)
    description: str = ""
    last_heard: float | None = None

    @property
    def is_group(self) -> bool:
        return self.kind != "private"

    @property
    def visible(self) -> list[Message]:
        return [message for message in self.messages if not message.deleted]

    @property
    def last(self) -> Message | None:
        return next((message for message in reversed(self.messages) if not message.deleted), None)

    @property
    def pinned(self) -> list[Message]:
        """Newest first."""
        return [message for message in reversed(self.messages) if message.pinned and not message.deleted]

    @property
    def name(self) -> str:
        return self.person.name if self.person else self.title

    def member(self, who: Account) -> Member:
        if self.person is not None:
            belongs = who is self.person or (isinstance(who, Bot) and self.started)
            return Member(who, "member" if belongs else "left")
        return self.members.get(who.id, Member(who, "left"))

    def has(self, who: Account) -> bool:
        return self.member(who).inside

    @property
    def insiders(self) -> list[Member]:
        return [member for member in self.members.values() if member.inside]

    def json(self) -> Json:
        """The Bot API's Chat."""
        if self.person is not None:
            known = {key: getattr(self.person, key) for key in ("username", "first_name", "last_name")}
            return {"id": self.id, "type": "private"} | {key: value for key, value in known.items() if value}
        chat: Json = {"id": self.id, "type": self.kind, "title": self.title}
        if self.username:
            chat["username"] = self.username
        return chat | ({"is_forum": True} if self.forum else {})

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name!r} {self.id}>"


def permissions() -> dict[str, Any]:
    """What every member of a group may do."""
    return {name: name not in NOT_GIVEN_TO_ALL for name in PERMISSIONS}
