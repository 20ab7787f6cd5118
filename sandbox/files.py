"""Files: what was uploaded, under which identifiers, and how large a picture is."""

from __future__ import annotations

import mimetypes
import struct
from dataclasses import dataclass, field
from random import Random

from sandbox.people import Json

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
# What a person's phone would make of a picture that the sandbox can't measure.
PHONE_PICTURE = (1280, 960)
FOLDERS = {"photo": "photos", "voice": "voice", "video": "videos", "audio": "music", "sticker": "stickers"}
SUFFIXES = {
    "photo": ".jpg",
    "voice": ".oga",
    "video": ".mp4",
    "audio": ".mp3",
    "sticker": ".webp",
    "animation": ".mp4",
    "video_note": ".mp4",
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as the bot knows it. A photo is several of these, with the same bytes."""

    file_id: str
    unique_id: str
    kind: str
    path: str
    data: bytes = field(repr=False)
    name: str | None = None
    mime: str | None = None
    width: int = 0
    height: int = 0

    def json(self) -> Json:
        """The fields that all kinds of files share."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}


@dataclass(frozen=True, slots=True)
class Media:
    """What a message carries: `files` are the sizes of a photo, smallest first, or the one file."""

    kind: str
    files: tuple[StoredFile, ...]
    details: Json = field(default_factory=dict)

    @property
    def file(self) -> StoredFile:
        return self.files[-1]

    @property
    def data(self) -> bytes:
        return self.file.data

    @property
    def name(self) -> str | None:
        return self.file.name

    def json(self) -> Json:
        """The fields that a Message has for it."""
        if self.kind == "photo":
            return {
                "photo": [stored.json() | {"width": stored.width, "height": stored.height} for stored in self.files]
            }
        described = self.file.json() | _described(self)
        if self.kind == "animation":
            return {"animation": described, "document": described}
        return {self.kind: described}


class FileStore:
    """Every file of the sandbox, by the identifier given to the bot and by path."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._by_id: dict[str, Media] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._by_unique: dict[str, StoredFile] = {}
        self._numbers: dict[str, int] = {}

    def keep(
        self, kind: str, data: bytes, name: str | None = None, mime: str | None = None, **details: object
    ) -> Media:
        """Stores bytes as a photo, document, voice…"""
        if kind == "photo":
            media = Media("photo", self._sizes(data), details)
        else:
            guessed = mime or _guessed_mime(kind, name)
            width, height = picture_size(data) or (512, 512) if kind == "sticker" else (0, 0)
            media = Media(kind, (self._file(kind, data, name, guessed, width, height),), details)
        for stored in media.files:
            self._by_id[stored.file_id] = media
            self._by_unique[stored.unique_id] = stored
            self._by_path[stored.path] = stored
        return media

    def media(self, file_id: str) -> Media | None:
        return self._by_id.get(file_id)

    def file(self, file_id: str) -> StoredFile | None:
        media = self._by_id.get(file_id)
        return next((stored for stored in media.files if stored.file_id == file_id), None) if media else None

    def at(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def unique(self, unique_id: str) -> StoredFile | None:
        return self._by_unique.get(unique_id)

    def _sizes(self, data: bytes) -> tuple[StoredFile, ...]:
        width, height = picture_size(data) or PHONE_PICTURE
        sizes = [_fitted(width, height, side) for side in (90, 320, 1280)]
        distinct = [size for index, size in enumerate(sizes) if size not in sizes[:index]]
        return tuple(self._file("photo", data, None, "image/jpeg", *size) for size in distinct)

    def _file(self, kind: str, data: bytes, name: str | None, mime: str | None, width: int, height: int) -> StoredFile:
        folder = FOLDERS.get(kind, "documents")
        number = self._numbers[folder] = self._numbers.get(folder, -1) + 1
        suffix = SUFFIXES.get(kind) or (f".{name.rsplit('.', 1)[-1]}" if name and "." in name else "")
        path = f"{folder}/file_{number}{suffix}"
        prefix = {"photo": "AgACAgIA", "document": "BQACAgIA", "voice": "AwACAgIA", "video": "BAACAgIA"}.get(
            kind, "CAACAgIA"
        )
        return StoredFile(
            prefix + self._token(60), "AQAD" + self._token(12), kind, path, data, name, mime, width, height
        )

    def _token(self, length: int) -> str:
        return "".join(
            self._random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", k=length)
        )


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, JPEG or WebP; None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return int(width), int(height)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp_size(data)
    return _jpeg_size(data) if data[:2] == b"\xff\xd8" else None


def picture_mime(data: bytes) -> str | None:
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return {b"\xff\xd8": "image/jpeg", b"GI": "image/gif"}.get(data[:2])


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 < len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
        # Start-of-frame markers carry the size; C4, C8 and CC mean something else.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return int(width), int(height)
        position += 2 + length
    return None


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(width, height, 1))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _guessed_mime(kind: str, name: str | None) -> str | None:
    usual = {"voice": "audio/ogg", "video": "video/mp4", "audio": "audio/mpeg", "animation": "video/mp4"}
    if kind == "document" and name:
        return mimetypes.guess_type(name)[0] or "application/octet-stream"
    return usual.get(kind)


def _described(media: Media) -> Json:
    """The fields that a document, voice, video… has besides its identifiers."""
    stored, details = media.file, media.details
    named = {"file_name": stored.name, "mime_type": stored.mime}
    known: Json = {key: value for key, value in named.items() if value}
    length = {"duration": int(details.get("duration") or 1)}
    size = {"width": int(details.get("width") or 640), "height": int(details.get("height") or 360)}
    titles = {key: details[key] for key in ("performer", "title") if details.get(key)}
    if media.kind == "sticker":
        flags = {"type": "regular", "is_animated": False, "is_video": False, "emoji": details.get("emoji") or "🙂"}
        return flags | {"width": stored.width, "height": stored.height}
    if media.kind == "voice":
        return length | {"mime_type": stored.mime or "audio/ogg"}
    if media.kind == "video_note":
        return length | {"length": int(details.get("length") or 240)}
    extra = {"video": length | size, "animation": length | size, "audio": length | titles}
    return known | extra.get(media.kind, {})
