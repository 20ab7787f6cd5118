"""Media in calls (uploads, file identifiers, addresses), and getFile."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.api.registry import method
from sandbox.errors import bad_request
from sandbox.files import DOWNLOAD_LIMIT, PHOTO_LIMIT, Media, picture_size
from sandbox.people import Json
from sandbox.requests import Params, Upload
from sandbox.state import State

DETAILS = ("duration", "width", "height", "performer", "title", "emoji", "length")
KINDS = ("photo", "video", "document", "audio", "animation")


def media_of(state: State, params: Params, kind: str) -> Media:
    """The media in the parameter of the same name."""
    return _media(state, kind, params.upload(kind), params.text(kind), params.values)


def media_in(state: State, params: Params, described: object) -> Media:
    """The media of an InputMedia."""
    if not isinstance(described, dict) or described.get("type") not in KINDS:
        raise bad_request("can't parse InputMedia: unknown type")
    reference = str(described.get("media") or "")
    upload = params.attached(reference) if reference.startswith("attach://") else None
    return _media(state, described["type"], upload, reference, described)


def _media(state: State, kind: str, upload: Upload | None, reference: str, details: Mapping[str, object]) -> Media:
    if upload is not None:
        _ensure_fits(kind, upload)
        described = {name: details[name] for name in DETAILS if details.get(name) is not None}
        return state.files.keep(kind, upload.data, upload.name, _mime(upload), **described)
    if not reference or reference == "attach":
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if "://" in reference:
        raise bad_request("failed to get HTTP URL content")
    known = state.files.media(reference)
    if known is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if known.kind != kind:
        raise bad_request(f"can't use file of type {known.kind.title()} as {kind.title()}")
    return known


def _ensure_fits(kind: str, upload: Upload) -> None:
    if not upload.data:
        raise bad_request("file must be non-empty")
    if kind != "photo":
        return
    size = picture_size(upload.data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if len(upload.data) > PHOTO_LIMIT:
        raise bad_request(
            f"file of size {len(upload.data)} bytes is too big for a photo; the maximum size is 10485760 bytes"
        )
    if sum(size) > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _mime(upload: Upload) -> str | None:
    """What the client says of the file, unless it says nothing in particular."""
    return upload.mime if upload.mime and upload.mime != "application/octet-stream" else None


@method("getFile")
def get_file(state: State, params: Params) -> Json:
    file_id = params.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    stored = state.files.file(file_id)
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return stored.json() | {"file_path": stored.path}
