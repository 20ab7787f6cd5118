"""Answers to taps."""

from __future__ import annotations

from datetime import timedelta

from sandbox.api.registry import method
from sandbox.errors import bad_request
from sandbox.markup import utf16
from sandbox.requests import Params
from sandbox.state import State

ANSWERABLE_FOR = timedelta(minutes=15)
LONGEST_ANSWER = 200
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@method("answerCallbackQuery")
def answer_callback_query(state: State, params: Params) -> bool:
    query = state.queries.get(params.text("callback_query_id"))
    if query is None or query.answer is not None or state.clock.now() - query.at > ANSWERABLE_FOR:
        raise bad_request(TOO_OLD)
    text = params.text("text")
    if utf16(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer, query.alert, query.url = text, params.flag("show_alert"), params.text("url") or None
    query.answered.set()
    state.changes.announce()
    return True
