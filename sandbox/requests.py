"""Reading the parameters of a call, whichever way a client writes them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.errors import ApiError, bad_request
from sandbox.files import UPLOAD_LIMIT
from sandbox.people import Json

# The described type of each form field, by its name; whatever is not here is a String.
INTEGERS = frozenset(
    "active_period actor_chat_id cache_time close_date direct_messages_topic_id draft_id duration "
    "emoji_status_expiration_date expire_date from_story_id heading height icon_color length limit live_period "
    "max_connections max_tip_amount member_limit message_id message_thread_id month_count new_owner_chat_id "
    "open_period photo_height photo_size photo_width position proximity_alert_radius score send_date sender_chat_id "
    "star_count start_timestamp story_id subscription_period subscription_price timeout until_date user_id "
    "video_start_timestamp width offset chat_id from_chat_id".split()
)
FLOATS = frozenset(("horizontal_accuracy", "latitude", "longitude"))
BOOLEANS = frozenset(
    "allow_adding_options allow_bot_chats allow_channel_chats allow_group_chats allow_paid_broadcast allow_user_chats "
    "allows_multiple_answers allows_revoting can_change_info can_delete_messages can_delete_stories can_edit_messages "
    "can_edit_stories can_invite_users can_manage_chat can_manage_direct_messages can_manage_tags can_manage_topics "
    "can_manage_video_chats can_pin_messages can_post_messages can_post_stories can_promote_members "
    "can_restrict_members creates_join_request disable_content_type_detection disable_edit_message "
    "disable_notification drop_pending_updates exclude_from_blockchain exclude_limited_non_upgradable "
    "exclude_limited_upgradable exclude_saved exclude_unique exclude_unlimited exclude_unsaved for_channels force "
    "has_spoiler hide_results_until_closes is_access_restricted is_anonymous is_big is_canceled is_closed is_flexible "
    "is_personal is_public keep_original_details members_only need_email need_name need_phone_number "
    "need_shipping_address needs_repainting ok only_if_banned pay_for_upgrade post_to_chat_page protect_content "
    "remove_caption return_bots revoke_messages send_email_to_provider send_phone_number_to_provider show_alert "
    "show_caption_above_media show_gift_button shuffle_options sort_by_price supports_streaming "
    "use_independent_chat_permissions disable_web_page_preview allow_sending_without_reply".split()
)
OBJECTS = frozenset(
    "accepted_gift_types added_user_ids allowed_updates areas button caption_entities checklist commands content "
    "correct_option_ids country_codes custom_emoji_ids description_entities emoji_list entities errors "
    "explanation_entities explanation_media keywords link_preview_options mask_position media menu_button message_ids "
    "options permissions prices question_entities reaction reply_markup reply_parameters result results rich_message "
    "rights scope shipping_options stickers suggested_post_parameters suggested_tip_amounts text_entities".split()
)
MOST_AT_ONCE = 100
TRUE = frozenset(("true", "yes", "1", "on"))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the call."""

    data: bytes = field(repr=False)
    name: str | None
    mime: str | None


class Params:
    """The parameters of one call: `values` decoded by their described types, and the uploads by field name."""

    def __init__(self, values: Json, uploads: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.uploads = uploads or {}

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, bool) else str(value).strip().lower() in TRUE

    def number(self, name: str, default: int = 0) -> int:
        """An Integer; what can't be read as one counts as not given, as with the real server."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        read = integer(value) if isinstance(value, str) else None
        return default if read is None else read

    def moment(self, name: str) -> datetime | None:
        """A point in time, given in Unix seconds."""
        seconds = self.number(name)
        if abs(seconds) >= 2**31:
            raise bad_request(f"{name} is out of range")
        return datetime.fromtimestamp(seconds, UTC) if seconds else None

    def fraction(self, name: str) -> float:
        try:
            return float(self.values.get(name, ""))
        except (TypeError, ValueError):
            raise bad_request(f"{name} is empty") from None

    def object(self, name: str) -> Json:
        value = self.values.get(name)
        if value is None or value == "":
            return {}
        if not isinstance(value, dict):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value

    def array(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None or value == "":
            return []
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON array")
        return value

    def numbers(self, name: str) -> list[int]:
        """Several Integers, each once, rising, as methods for many messages want them."""
        given = self.array(name)
        if not all(isinstance(number, int) for number in given):
            raise bad_request(f"can't parse {name}: each must be an Integer")
        if not 1 <= len(given) <= MOST_AT_ONCE or given != sorted(set(given)):
            raise bad_request("message identifiers must be in a strictly increasing order, 1-100 of them")
        return given

    def chat_id(self, name: str = "chat_id") -> int | str:
        value = self.values.get(name)
        if value is None or value == "":
            raise bad_request(f"{name} is empty")
        read = integer(value) if isinstance(value, str) else None
        return read if read is not None else value if isinstance(value, int) else str(value)

    def message_id(self, name: str = "message_id") -> int:
        number = self.number(name)
        if number <= 0:
            raise bad_request("message identifier is not specified")
        return number

    def upload(self, name: str) -> Upload | None:
        """The file of a field: sent under its name, or under the name that `attach://` gives."""
        value = self.values.get(name)
        return (
            self.attached(value) if isinstance(value, str) and value.startswith("attach://") else self.uploads.get(name)
        )

    def attached(self, reference: str) -> Upload | None:
        return self.uploads.get(reference.removeprefix("attach://"))


def integer(text: str) -> int | None:
    """The number that a text is, if it is one."""
    return int(text) if re.fullmatch(r"\s*-?[0-9]{1,19}\s*", text) else None


async def read_params(request: web.Request) -> Params:
    """Query string and body together; the body wins."""
    values = {name: decoded(name, value) for name, value in request.query.items()}
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= await _json_body(request)
    elif request.content_type == "multipart/form-data":
        values |= await _multipart(request, uploads)
    elif request.content_type == "application/x-www-form-urlencoded":
        values |= {name: decoded(name, str(value)) for name, value in (await request.post()).items()}
    return Params(values, uploads)


def decoded(name: str, value: str) -> Any:
    """A form field by its described type; kept as written when it doesn't read as that."""
    if name in INTEGERS and (read := integer(value)) is not None:
        return read
    if name in BOOLEANS:
        return value.strip().lower() in TRUE
    if name in FLOATS or name in OBJECTS:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def _json_body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(body, dict):
        raise bad_request("object expected")
    # Some clients write objects as JSON inside of JSON, which the server takes too.
    return {name: decoded(name, value) if _twice(name, value) else value for name, value in body.items()}


def _twice(name: str, value: Any) -> bool:
    return isinstance(value, str) and name in OBJECTS


async def _multipart(request: web.Request, uploads: dict[str, Upload]) -> Json:
    values: Json = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("can't parse multipart request")
        data = bytes(await part.read(decode=True))
        if part.filename is None:
            values[part.name] = decoded(part.name, data.decode("utf-8", "replace"))
        else:
            if len(data) > UPLOAD_LIMIT:
                raise ApiError(413, "Request Entity Too Large")
            uploads[part.name] = Upload(data, part.filename or None, part.headers.get("Content-Type"))
            values.setdefault(part.name, "attach")
    return _without_attachments(values, uploads)


def _without_attachments(values: Json, uploads: dict[str, Upload]) -> Json:
    """Each uploaded field is "attach"; a part that is only the target of an `attach://` elsewhere is no parameter."""
    for name, value in values.items():
        target = value.removeprefix("attach://") if isinstance(value, str) else ""
        if value != target and target in uploads:
            uploads[name] = uploads[target]
            values = {key: kept for key, kept in values.items() if key != target} | {name: "attach"}
    written = json.dumps([value for value in values.values() if value != "attach"])
    named = {name for name in uploads if f'attach://{name}"' in written or f"attach://{name}\\" in written}
    return {name: value for name, value in values.items() if not (name in named and value == "attach")}
