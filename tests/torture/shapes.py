"""Updates as the Bot API shapes them, and nearly so: any field may be missing, or hold something else."""

from typing import Any

import hypothesis
from hypothesis import strategies as st

Json = Any

_HUGE = (2**31, 2**52, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, 0, -1, -(10**12))
_NAMES = (
    "🐟",
    "",
    "a" * 300,
    "\u202eabc\u202c",
    "\x00",
    "\ud800",
    "Ə'\"<b>&",
    "/start",
    "/start@birge_bot home",
    "/join X",
)
_PRESSES = (
    "home",
    "f:1:is:x",
    "mt.rsvp:1:yes",
    "mt.rsvp:99999999999999999999:yes",
    "cs.take:1",
    "ch.did:1",
    ":::",
    "at:1:1",
)

words = st.text(max_size=40) | st.sampled_from(_NAMES)
whole = st.integers(-(2**65), 2**65) | st.sampled_from(_HUGE)
flag = st.booleans()
junk: st.SearchStrategy[Json] = st.recursive(
    st.none() | flag | whole | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def nearly(right: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Mostly what belongs there."""
    return st.integers(0, 9).flatmap(lambda drawn: right if drawn else junk)


def shaped(
    must: dict[str, st.SearchStrategy[Json]], may: dict[str, st.SearchStrategy[Json]]
) -> st.SearchStrategy[Json]:
    """An object of the Bot API; now and then something is missing that never is."""
    fields = {name: nearly(right) for name, right in must.items()}
    others = {name: nearly(right) for name, right in may.items()}
    whole_object = st.fixed_dictionaries(fields, optional=others)
    return st.integers(0, 9).flatmap(
        lambda drawn: whole_object if drawn else st.fixed_dictionaries({}, optional=fields | others)
    )


user_id = st.integers(9 * 10**9, 9 * 10**9 + 20)  # nobody's of the school
group_id = st.integers(-9_000_000_020, -9_000_000_000)
date = st.integers(1_790_000_000, 1_800_000_000)

user = shaped(
    {"id": user_id, "is_bot": st.just(False), "first_name": words},
    {"last_name": words, "username": words, "language_code": st.sampled_from(("az", "ru", "xx", "en-US"))},
)
private = shaped({"id": user_id, "type": st.just("private")}, {"first_name": words, "username": words})
group = shaped({"id": group_id, "type": st.sampled_from(("group", "supergroup", "channel"))}, {"title": words})
chat = private | group
file = shaped({"file_id": words, "file_unique_id": words}, {"file_size": whole, "file_name": words, "mime_type": words})
entity = shaped({"type": st.sampled_from(("bot_command", "mention", "url")), "offset": whole, "length": whole}, {})
option = shaped({"text": words, "voter_count": whole}, {"persistent_id": words})
poll = shaped({"id": words, "question": words, "options": st.lists(option, max_size=3)}, {"is_closed": flag})


def _message(more: dict[str, st.SearchStrategy[Json]]) -> st.SearchStrategy[Json]:
    said = {"message_id": st.integers(1, 10**6), "date": date, "chat": chat}
    content = {
        "from": user,
        "sender_chat": group,
        "message_thread_id": whole,
        "is_topic_message": flag,
        "media_group_id": words,
        "text": words,
        "caption": words,
        "entities": st.lists(entity, max_size=2),
        "photo": st.lists(file, max_size=2),
        "document": file,
        "video": file,
        "voice": file,
        "sticker": file,
        "contact": junk,
        "location": junk,
        "poll": poll,
        "via_bot": user,
        "migrate_to_chat_id": group_id,
        "migrate_from_chat_id": group_id,
        "new_chat_members": st.lists(user, max_size=2),
        "left_chat_member": user,
        "pinned_message": junk,
    }
    return shaped(said, content | more)


message = _message({"reply_to_message": _message({})})
member = shaped(
    {"status": st.sampled_from(("creator", "administrator", "member", "restricted", "left", "kicked")), "user": user},
    {"until_date": whole},
)
query = shaped(
    {"id": words, "from": user, "message": message},
    {"data": st.sampled_from(_PRESSES) | words, "chat_instance": words, "inline_message_id": words},
)
vote = shaped({"poll_id": words, "option_ids": st.lists(whole, max_size=3)}, {"user": user, "voter_chat": group})
membership = shaped(
    {"chat": chat, "from": user, "date": date, "old_chat_member": member, "new_chat_member": member}, {}
)
wish = shaped({"chat": group, "from": user, "user_chat_id": user_id, "date": date}, {"bio": words})

updates = st.one_of(
    *(
        st.fixed_dictionaries({kind: nearly(content)})
        for kind, content in (
            ("message", message),
            ("message", message),
            ("edited_message", message),
            ("callback_query", query),
            ("callback_query", query),
            ("poll_answer", vote),
            ("poll", poll),
            ("my_chat_member", membership),
            ("chat_join_request", wish),
            ("of_tomorrow", junk),
        )
    )
)


def drawn(seed: int, count: int) -> list[Json]:
    """So many of them, the same for the same seed."""
    found: list[Json] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(update=updates)
    def collect(update: Json) -> None:
        found.append(update)

    collect()
    return found
