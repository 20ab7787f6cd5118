"""Invite links."""

from __future__ import annotations

from sandbox.api import targets
from sandbox.api.registry import method
from sandbox.chats import Chat, InviteLink
from sandbox.errors import bad_request
from sandbox.people import Account, Json
from sandbox.requests import Params
from sandbox.state import State

NO_RIGHTS = "not enough rights to manage chat invite link"


def new_link(state: State, chat: Chat, creator: Account, *, primary: bool = False, asks: bool = False) -> InviteLink:
    link = InviteLink(f"https://t.me/+{state.new_word(16)}", creator, primary=primary, asks=asks)
    chat.links.append(link)
    state.links[link.url] = (chat, link)
    return link


def _invitable(state: State, params: Params) -> Chat:
    chat = targets.group_of(state, params)
    targets.ensure_right(state, chat, "can_invite_users", bad_request(NO_RIGHTS))
    return chat


@method("createChatInviteLink")
def create_chat_invite_link(state: State, params: Params) -> Json:
    chat, name = _invitable(state, params), params.text("name")
    if len(name) > 32:
        raise bad_request("invite link name is too long")
    members, asks = params.number("member_limit"), params.flag("creates_join_request")
    if members and asks:
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    link = new_link(state, chat, state.bot, asks=asks)
    link.name, link.member_limit = name or None, members or None
    link.expires = params.moment("expire_date")
    return link.json()


@method("exportChatInviteLink")
def export_chat_invite_link(state: State, params: Params) -> str:
    """A new primary link in place of the old one."""
    chat = _invitable(state, params)
    for link in chat.links:
        if link.primary and link.creator is state.bot:
            link.revoked = True
    return new_link(state, chat, state.bot, primary=True).url


@method("revokeChatInviteLink")
def revoke_chat_invite_link(state: State, params: Params) -> Json:
    chat = _invitable(state, params)
    link = next((one for one in chat.links if one.url == params.text("invite_link")), None)
    if link is None:
        raise bad_request("INVITE_HASH_EXPIRED")
    link.revoked = True
    state.changes.announce()
    return link.json()
