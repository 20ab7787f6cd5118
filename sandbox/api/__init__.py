"""The methods of the Bot API, by subject."""

from __future__ import annotations

from sandbox.api import bot, chats, commands, editing, invites, members, queries, receiving, sending, uploads
from sandbox.api.registry import METHODS, Method

__all__ = [
    "METHODS",
    "Method",
    "bot",
    "chats",
    "commands",
    "editing",
    "invites",
    "members",
    "queries",
    "receiving",
    "sending",
    "uploads",
]
