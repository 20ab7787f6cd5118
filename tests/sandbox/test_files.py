"""Files up and down."""

from __future__ import annotations

import struct

import pytest
from aiogram import types

from sandbox import Person, Sandbox
from sandbox.control import Part
from sandbox.files import DOWNLOAD_LIMIT, picture_size
from tests.sandbox.client import Api, Json, RefusedError, picture


async def download(api: Api, path: str, token: str | None = None) -> tuple[int, bytes]:
    async with api.session.get(f"{api.sandbox.url}/file/bot{token or api.sandbox.bot.token}/{path}") as response:
        return response.status, await response.read()


async def last_message(api: Api) -> Json:
    update: Json = (await api.drained())[-1]["message"]
    return update


async def test_a_photo_has_several_sizes_and_can_be_fetched(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    data = picture(800, 400)
    sandbox.sends(aysel, photo=data, caption="look")

    message = types.Message.model_validate(await last_message(api))

    assert message.photo is not None
    assert message.caption == "look"
    assert [(size.width, size.height) for size in message.photo] == [(90, 45), (320, 160), (800, 400)]
    assert len({size.file_unique_id for size in message.photo}) == 3
    file = await api("getFile", file_id=message.photo[-1].file_id)
    assert file["file_size"] == len(data)
    assert await download(api, file["file_path"]) == (200, data)


async def test_a_document_keeps_its_name_and_kind(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.sends(aysel, document=("cədvəl.ics", b"BEGIN:VCALENDAR", "text/calendar"))

    document = types.Message.model_validate(await last_message(api)).document

    assert document is not None
    assert (document.file_name, document.mime_type, document.file_size) == ("cədvəl.ics", "text/calendar", 15)


async def test_files_too_large_to_fetch(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.sends(aysel, video=b"x" * (DOWNLOAD_LIMIT + 1))

    file_id = (await last_message(api))["video"]["file_id"]

    assert await api.error("getFile", file_id=file_id) == "Bad Request: file is too big"


async def test_wrong_identifiers_paths_and_tokens(api: Api) -> None:
    assert await api.error("getFile") == "Bad Request: file_id not specified"
    assert "wrong file_id" in await api.error("getFile", file_id="x")
    assert (await download(api, "photos/file_9.jpg"))[0] == 404
    assert (await download(api, "photos/file_0.jpg", "100:wrong"))[0] == 401


async def test_too_large_an_upload(api: Api, aysel: Person) -> None:
    with pytest.raises(RefusedError, match="Request Entity Too Large"):
        await api.form("sendDocument", {"document": ("a", b"x" * (50 * 2**20 + 1))}, chat_id=str(aysel.id))


async def test_an_album_from_a_person(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api.drained()
    parts: list[Part] = [picture(), ("photo", picture()), ("video", b"v")]
    sandbox.sends(aysel, album=parts, caption="trip")

    messages = [update["message"] for update in await api.drained()]

    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["trip", None, None]


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (picture(3, 4), (3, 4)),
        (b"GIF89a" + struct.pack("<HH", 5, 6) + b"\0" * 8, (5, 6)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x07\x00\x08\x01\x01\x11\x00", (8, 7)),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x08\0\0\x09\0\0", (9, 10)),
        (b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 5 + (10 | 11 << 14).to_bytes(4, "little"), (11, 12)),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + struct.pack("<HH", 13, 14), (13, 14)),
        (b"no picture", None),
        (b"\xff\xd8", None),
    ],
)
def test_sizes_of_pictures(data: bytes, size: tuple[int, int] | None) -> None:
    assert picture_size(data) == size
