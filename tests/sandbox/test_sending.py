"""Messages of all kinds from the bot, their limits, and the people they can't reach."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from aiogram import types

from sandbox import Person, Sandbox
from tests.sandbox.client import Api, RefusedError, picture, result_of
from tests.sandbox.conftest import School

KEYBOARD = {"inline_keyboard": [[{"text": "Going", "callback_data": "go"}]]}


async def test_a_message_is_a_whole_message(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    answer = await api("sendMessage", chat_id=aysel.id, text="<b>Salam</b>", parse_mode="HTML", reply_markup=KEYBOARD)

    message = types.Message.model_validate(answer)
    assert message.from_user is not None
    assert message.from_user.username == "birge_bot"
    assert (message.chat.type, message.chat.first_name, message.text) == ("private", "Aysel", "Salam")
    assert message.entities == [types.MessageEntity(type="bold", offset=0, length=5)]
    assert message.reply_markup is not None
    shown = sandbox.chat_of(aysel).messages[-1]
    assert (shown.id, shown.text, shown.html, shown.labels) == (message.message_id, "Salam", "<b>Salam</b>", ["Going"])


@pytest.mark.parametrize("way", ["json", "form", "query", "multipart"])
async def test_parameters_are_read_whichever_way_they_come(sandbox: Sandbox, api: Api, aysel: Person, way: str) -> None:
    flat = {
        "chat_id": str(aysel.id),
        "text": "123",
        "disable_notification": "true",
        "reply_markup": json.dumps(KEYBOARD),
    }
    typed = {"chat_id": aysel.id, "text": "123", "disable_notification": True, "reply_markup": KEYBOARD}
    address = api.address("sendMessage")

    if way == "json":
        response = await api.session.post(address, json=typed)
    elif way == "form":
        response = await api.session.post(address, data=flat)
    elif way == "query":
        response = await api.session.get(f"{address}?{urlencode(flat)}")
    else:
        await api.form("sendMessage", {}, **flat)
        response = None

    if response is not None:
        await result_of(response)
    assert sandbox.calls[-1].params == typed
    shown = sandbox.chat_of(aysel).messages[-1]
    assert (shown.text, shown.silent, shown.labels) == ("123", True, ["Going"])


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "<p>", "parse_mode": "HTML"}, "can't parse entities: Unclosed start tag"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "message_thread_id": 999}, "message thread not found"),
    ],
)
async def test_a_bad_text_is_refused(api: Api, aysel: Person, params: dict[str, Any], reason: str) -> None:
    if params["text"] == "<p>":
        reason = 'can\'t parse entities: Unsupported start tag "p" at byte offset 0'

    assert await api.error("sendMessage", chat_id=aysel.id, **params) == f"Bad Request: {reason}"


async def test_length_counts_after_the_tags_are_read(api: Api, aysel: Person) -> None:
    text = f"<b>{'x' * 4096}</b>"

    assert len((await api("sendMessage", chat_id=aysel.id, text=text, parse_mode="HTML"))["text"]) == 4096


def button(**what: Any) -> dict[str, Any]:
    return {"text": "x", **what}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[button(callback_data="")]], "BUTTON_DATA_INVALID"),
        ([[button(callback_data="ə" * 33)]], "BUTTON_DATA_INVALID"),
        ([[button(callback_data="x")] * 9], "reply markup is too long"),
        ([[button(callback_data="x")]] * 101, "reply markup is too long"),
        ([[button(url="nowhere")]], "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
        (
            [[button()]],
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ([[{"text": "", "callback_data": "x"}]], "inline keyboard button text must be non-empty"),
    ],
)
async def test_a_bad_keyboard_is_refused(api: Api, aysel: Person, rows: list[Any], reason: str) -> None:
    markup = {"inline_keyboard": rows}

    assert await api.error("sendMessage", chat_id=aysel.id, text="x", reply_markup=markup) == f"Bad Request: {reason}"


async def test_a_hundred_buttons_and_64_bytes_are_allowed(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    rows = [[button(callback_data="ə" * 32)] * 8] * 12 + [[button(callback_data="x")] * 4]

    await api("sendMessage", chat_id=aysel.id, text="x", reply_markup={"inline_keyboard": rows})

    assert len(sandbox.chat_of(aysel).messages[-1].buttons) == 100


async def test_a_reply_shows_what_it_answers(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    start = sandbox.chat_of(aysel).messages[0]

    answer = await api("sendMessage", chat_id=aysel.id, text="x", reply_parameters={"message_id": start.id})
    alone = {"message_id": 999, "allow_sending_without_reply": True}
    other = await api("sendMessage", chat_id=aysel.id, text="x", reply_parameters=alone)

    assert answer["reply_to_message"]["text"] == "/start"
    assert "reply_to_message" not in other


async def test_people_who_cannot_be_reached(sandbox: Sandbox, api: Api, school: School) -> None:
    sandbox.adds_bot(school.aysel, school.group)
    sandbox.blocks(school.aysel)
    sandbox.presses_start(school.olena)
    sandbox.deactivates(school.olena)

    async def refusal(person: Person) -> str:
        return await api.error("sendMessage", chat_id=person.id, text="x")

    assert await refusal(school.aysel) == "Forbidden: bot was blocked by the user"
    assert await refusal(school.olena) == "Forbidden: user is deactivated"
    assert await refusal(school.rashad) == "Forbidden: bot can't initiate conversation with a user"
    assert await refusal(school.kamran) == "Bad Request: chat not found"
    assert await api.error("sendMessage", chat_id=12345, text="x") == "Bad Request: chat not found"
    assert await api.error("sendMessage", chat_id="@nobody", text="x") == "Bad Request: chat not found"
    assert await api.error("sendMessage", text="x") == "Bad Request: chat_id is empty"
    sandbox.unblocks(school.aysel)
    assert await api("sendMessage", chat_id=school.aysel.id, text="x")


async def test_groups_that_cannot_be_reached(sandbox: Sandbox, api: Api, school: School) -> None:
    large = sandbox.add_group("Parliament", school.aysel, supergroup=True)
    assert await api.error("sendMessage", chat_id=large.id, text="x") == "Bad Request: chat not found"
    for group in (school.group, large):
        sandbox.adds_bot(school.aysel, group)
        sandbox.removes_bot(school.aysel, group)

    kicked = [await api.error("sendMessage", chat_id=group.id, text="x") for group in (school.group, large)]
    sandbox.adds_bot(school.aysel, large)
    await api("leaveChat", chat_id=large.id)
    left = await api.error("sendMessage", chat_id=large.id, text="x")

    assert kicked == [
        "Forbidden: bot was kicked from the group chat",
        "Forbidden: bot was kicked from the supergroup chat",
    ]
    assert left == "Forbidden: bot is not a member of the supergroup chat"


@pytest.mark.parametrize(
    ("token", "path", "status", "description"),
    [
        ("100:wrong", "getMe", 401, "Unauthorized"),
        ("nonsense", "getMe", 404, "Not Found"),
        (None, "sendTelepathy", 404, "Not Found: method not found"),
    ],
)
async def test_wrong_tokens_and_methods(api: Api, token: str | None, path: str, status: int, description: str) -> None:
    async with api.session.get(api.address(path, token)) as response:
        assert (response.status, await response.json()) == (
            status,
            {"ok": False, "error_code": status, "description": description},
        )


@pytest.mark.parametrize("number", ["--5", "5x", "", "1e3", "９"])
async def test_what_is_no_number_names_no_chat(api: Api, number: str) -> None:
    refusal = await api.error("sendMessage", chat_id=number, text="x")

    assert refusal == f"Bad Request: {'chat not found' if number else 'chat_id is empty'}"


async def test_method_names_in_any_case(sandbox: Sandbox, api: Api) -> None:
    assert (await api("GETME"))["username"] == "birge_bot"
    assert sandbox.calls[-1].method == "getMe"


@pytest.mark.parametrize("kind", ["photo", "document", "video", "voice", "audio", "animation", "sticker", "video_note"])
async def test_media_are_sent_again_by_identifier(sandbox: Sandbox, api: Api, aysel: Person, kind: str) -> None:
    method = f"send{kind.title().replace('_', '')}"
    captions = {} if kind in ("sticker", "video_note") else {"caption": "<i>c</i>", "parse_mode": "HTML"}

    sent = await api.form(method, {kind: ("a.png", picture())}, chat_id=str(aysel.id), **captions)
    message = types.Message.model_validate(sent)
    carried = getattr(message, kind)
    file_id = carried[-1].file_id if isinstance(carried, list) else carried.file_id
    again = types.Message.model_validate(await api(method, chat_id=aysel.id, **{kind: file_id}))

    assert message.caption == ("c" if captions else None)
    assert getattr(again, kind) == carried
    assert sandbox.calls_of(method)[0].params[kind] == "attach"
    shown = sandbox.chat_of(aysel).messages[-1].media
    assert shown is not None
    assert (shown.kind, shown.data) == (kind, picture())


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("sendPhoto", {"photo": "made-up"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://example.org/a.png"}, "failed to get HTTP URL content"),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendMediaGroup", {"media": []}, "there are too few messages to send as an album"),
        (
            "sendMediaGroup",
            {"media": [{"type": "photo", "media": "x"}] * 11},
            "there are too many messages to send as an album",
        ),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
    ],
)
async def test_bad_media_are_refused(api: Api, aysel: Person, method: str, params: dict[str, Any], reason: str) -> None:
    assert await api.error(method, chat_id=aysel.id, **params) == f"Bad Request: {reason}"


async def test_what_is_no_picture_is_refused_as_a_photo(api: Api, aysel: Person) -> None:
    for data, reason in ((b"not a picture", "IMAGE_PROCESS_FAILED"), (b"", "file must be non-empty")):
        with pytest.raises(RefusedError, match=reason):
            await api.form("sendPhoto", {"photo": ("a.png", data)}, chat_id=str(aysel.id))
    with pytest.raises(RefusedError, match="PHOTO_INVALID_DIMENSIONS"):
        await api.form("sendPhoto", {"photo": ("a.png", picture(1000, 2))}, chat_id=str(aysel.id))


async def test_a_photo_cannot_be_sent_as_a_document(api: Api, aysel: Person) -> None:
    sent = await api.form("sendPhoto", {"photo": ("a.png", picture())}, chat_id=str(aysel.id))

    refusal = await api.error("sendDocument", chat_id=aysel.id, document=sent["photo"][-1]["file_id"])

    assert refusal == "Bad Request: can't use file of type Photo as Document"


async def test_captions_have_their_own_limit(api: Api, aysel: Person) -> None:
    with pytest.raises(RefusedError, match="message caption is too long"):
        await api.form("sendPhoto", {"photo": ("a.png", picture())}, chat_id=str(aysel.id), caption="x" * 1025)


async def test_an_album_is_several_messages(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    media = [{"type": "photo", "media": f"attach://{name}", "caption": name} for name in ("one", "two")]
    files = {name: (f"{name}.png", picture()) for name in ("one", "two")}

    sent = await api.form("sendMediaGroup", files, chat_id=str(aysel.id), media=json.dumps(media))

    albums = {types.Message.model_validate(message).media_group_id for message in sent}
    assert len(albums) == 1
    assert [message["caption"] for message in sent] == ["one", "two"]
    assert sandbox.calls[-1].params == {"chat_id": aysel.id, "media": media}


async def test_kinds_that_make_no_album(api: Api, aysel: Person) -> None:
    photo = await api.form("sendPhoto", {"photo": ("a.png", picture())}, chat_id=str(aysel.id))
    document = await api.form("sendDocument", {"document": ("a.txt", b"a")}, chat_id=str(aysel.id))
    media = [
        {"type": "photo", "media": photo["photo"][-1]["file_id"]},
        {"type": "document", "media": document["document"]["file_id"]},
    ]

    assert "can't be mixed in an album" in await api.error("sendMediaGroup", chat_id=aysel.id, media=media)


async def test_copies_and_forwards(sandbox: Sandbox, api: Api, school: School) -> None:
    sandbox.presses_start(school.rashad)
    here = {"chat_id": school.rashad.id, "from_chat_id": school.aysel.id}
    original = sandbox.sends(school.aysel, text="salam")
    kept = await api("sendMessage", chat_id=school.aysel.id, text="x", protect_content=True)

    copied = await api("copyMessage", **here, message_id=original.id)
    forwarded = types.Message.model_validate(await api("forwardMessage", **here, message_id=original.id))
    many = await api("forwardMessages", **here, message_ids=[original.id, kept["message_id"], 999])

    copy = sandbox.chat_of(school.rashad).by_id[copied["message_id"]]
    assert (copy.text, copy.forwarded) == ("salam", None)
    assert isinstance(forwarded.forward_origin, types.MessageOriginUser)
    assert forwarded.forward_origin.sender_user.id == school.aysel.id
    assert len(many) == 1
    for method, act in (("copyMessage", "copied"), ("forwardMessage", "forwarded")):
        refusal = await api.error(method, **here, message_id=kept["message_id"])
        assert refusal == f"Bad Request: message can't be {act}"


async def test_numbers_of_messages(sandbox: Sandbox, api: Api, school: School) -> None:
    large = sandbox.add_group("Parliament", school.aysel, supergroup=True)
    sandbox.adds_bot(school.aysel, school.group)
    sandbox.adds_bot(school.aysel, large)
    before = sandbox.state.box_id

    private = await api("sendMessage", chat_id=school.aysel.id, text="x")
    small = await api("sendMessage", chat_id=school.group.id, text="x")
    own = await api("sendMessage", chat_id=large.id, text="x")

    assert (private["message_id"], small["message_id"]) == (before + 1, before + 2)
    assert own["message_id"] == 3  # after two lines about the group itself
    assert -(10**12) < school.group.id < 0
    assert large.id < -(10**12)
    assert all(abs(number) < 2**52 for number in (large.id, school.aysel.id))


async def test_typing_is_seen_for_a_while(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api("sendChatAction", chat_id=aysel.id, action="typing")

    seen = (await api.get("state", person=aysel.id))["chats"][0]["action"]
    sandbox.clock.advance(timedelta(seconds=6))

    assert seen == "typing"
    assert (await api.get("state", person=aysel.id))["chats"][0]["action"] is None
