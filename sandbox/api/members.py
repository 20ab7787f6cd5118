"""Letting in, refusing, removing, leaving."""

from __future__ import annotations

from sandbox import membership
from sandbox.api import targets
from sandbox.api.registry import method
from sandbox.chats import Chat, Member
from sandbox.errors import bad_request
from sandbox.people import Person
from sandbox.requests import Params
from sandbox.state import State

NO_INVITING = "not enough rights to manage chat join requests"
NO_RESTRICTING = "not enough rights to restrict/unrestrict chat member"


@method("leaveChat")
def leave_chat(state: State, params: Params) -> bool:
    chat = targets.group_of(state, params)
    membership.depart(state, chat, state.bot, state.bot)
    return True


@method("approveChatJoinRequest")
def approve_chat_join_request(state: State, params: Params) -> bool:
    return _settle(state, params, admitted=True)


@method("declineChatJoinRequest")
def decline_chat_join_request(state: State, params: Params) -> bool:
    return _settle(state, params, admitted=False)


def _settle(state: State, params: Params, *, admitted: bool) -> bool:
    chat = targets.group_of(state, params)
    targets.ensure_right(state, chat, "can_invite_users", bad_request(NO_INVITING))
    person = targets.person_of(state, params)
    if chat.has(person):
        raise bad_request("USER_ALREADY_PARTICIPANT")
    if person.id not in chat.requests:
        raise bad_request("HIDE_REQUESTER_MISSING")
    membership.settle_request(state, chat, person, state.bot, admitted)
    return True


@method("banChatMember")
def ban_chat_member(state: State, params: Params) -> bool:
    chat, person = _removable(state, params)
    if chat.has(person):
        membership.depart(state, chat, person, state.bot, banned=True)
    else:
        membership.change(state, chat, Member(person, "kicked"), state.bot)
    return True


@method("unbanChatMember")
def unban_chat_member(state: State, params: Params) -> bool:
    chat, person = _removable(state, params)
    if chat.has(person):
        if not params.flag("only_if_banned"):
            membership.depart(state, chat, person, state.bot)
    elif chat.member(person).status == "kicked":
        membership.change(state, chat, Member(person, "left"), state.bot)
    return True


def _removable(state: State, params: Params) -> tuple[Chat, Person]:
    chat = targets.group_of(state, params)
    targets.ensure_right(state, chat, "can_restrict_members", bad_request(NO_RESTRICTING))
    person = targets.person_of(state, params)
    if chat.member(person).rules:
        raise bad_request("user is an administrator of the chat")
    return chat, person
