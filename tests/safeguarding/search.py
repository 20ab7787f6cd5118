"""Looking for words in every byte: of files, of logs, of whatever else is handed in."""

import base64
import json
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote


def forms_of(marker: str) -> list[bytes]:
    """The marker as it could lie somewhere: raw, as wide characters, in JSON, base64, hex, addresses and compressed."""
    raw = marker.encode()
    found = [raw, raw.hex().encode(), raw.hex().upper().encode(), quote(marker).encode()]
    found += [marker.encode("utf-16-le"), marker.encode("utf-16-be"), marker.encode("utf-32-le")]
    found += [json.dumps(marker).strip('"').encode(), json.dumps(marker).strip('"').upper().encode()]
    found += [repr(raw).encode()[2:-1], marker.encode("unicode_escape")]
    found += [zlib.compress(raw)[2:-4], zlib.compress(raw, 1)[2:-4], zlib.compress(raw, 9)[2:-4]]
    for shift in range(3):  # base64 of it inside something longer, at each alignment
        encoded = base64.b64encode(b"\0" * shift + raw)
        found.append(encoded[4 if shift else 0 : -4])
    return found


def leaks(markers: Iterable[str], folder: Path, said: str, **more: bytes) -> list[str]:
    """Where a marker lies in clear: each file beside the database (an archive's members, too), what was logged, and
    `more` places by name."""
    places = {str(path): _unpacked(path) for path in folder.rglob("*") if path.is_file()}
    places |= more | {"the log": said.encode()}
    return [
        f"{marker!r} in {place}"
        for place, content in places.items()
        for marker in markers
        if any(form in content for form in forms_of(marker))
    ]


def _unpacked(path: Path) -> bytes:
    """A file's bytes; of an archive what is packed in it as well."""
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content += b"".join(archive.read(name) for name in archive.namelist())
    return content


def logged(folder: Path) -> str:
    return (folder / "log").read_text()
