"""Texts and captions in calls, within their limits."""

from __future__ import annotations

from typing import Any

from sandbox.errors import bad_request
from sandbox.markup import Words, formatted, utf16
from sandbox.people import Json
from sandbox.requests import Params
from sandbox.state import State

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024


def text_of(state: State, params: Params) -> Words:
    words = words_of(state, params.text("text"), params.text("parse_mode"), params.array("entities"))
    if not words.text:
        raise bad_request("message text is empty")
    if utf16(words.text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return words


def caption_of(state: State, params: Params) -> Words:
    caption = words_of(state, params.text("caption"), params.text("parse_mode"), params.array("caption_entities"))
    return within_caption(caption)


def caption_in(state: State, described: Json) -> Words:
    """The caption of one part of an album, or of media that replace others."""
    entities = described.get("caption_entities") or []
    return within_caption(words_of(state, described.get("caption") or "", described.get("parse_mode") or "", entities))


def within_caption(words: Words) -> Words:
    if utf16(words.text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return words


def words_of(state: State, source: Any, parse_mode: Any, entities: Any) -> Words:
    if not (isinstance(source, str) and isinstance(parse_mode, str) and isinstance(entities, list)):
        raise bad_request("can't parse text: a String with an Array of MessageEntity is expected")
    words = formatted(source, parse_mode, entities)
    return Words(words.text, tuple(_with_user(state, entity) for entity in words.entities), words.html)


def _with_user(state: State, entity: Json) -> Json:
    """A mention by identifier carries the whole User, for those whom the bot can know."""
    if entity["type"] != "text_mention":
        return entity
    person = state.people.get(entity["user"]["id"])
    return entity | {"user": person.user()} if person else entity | {"user": entity["user"] | _somebody()}


def _somebody() -> Json:
    return {"is_bot": False, "first_name": ""}
