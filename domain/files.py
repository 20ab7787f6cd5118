"""Files that come with a report: what of them is kept, how long the messenger is asked for them, and what a copy leaves
out that could tell where it was made."""

from collections.abc import Iterator
from datetime import timedelta

LARGEST = 20 * 1024 * 1024  # bytes; the messenger hands out no more (Bot API, getFile)
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})  # of a document that is a picture

# Between two tries to fetch a file that the messenger did not give: two days of them.
PAUSES = tuple(timedelta(minutes=one) for one in (1, 5, 15, 60, 180, *(360 for _ in range(7))))

_HEAD = 8  # bytes before the content of a box: its length and its name
_HOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf"})  # boxes that hold boxes
_TELLING = frozenset({b"udta", b"meta", b"uuid"})  # place, device, author, title


def without_place(film: bytes) -> bytes:
    """A copy of an MP4 file in which the boxes that tell of place, device and author are empty space. Nothing moves,
    so that it plays as before; what is no MP4 comes back as it is."""
    copy = bytearray(film)
    for name, start, end in list(_boxes(film, 0, len(film))):
        if name in _TELLING:
            copy[start - 4 : start] = b"free"
            copy[start:end] = bytes(end - start)
    return bytes(copy)


def _boxes(film: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each box's name, and where its content begins and ends; those inside a holder, too."""
    while at + _HEAD <= end:
        size, name = int.from_bytes(film[at : at + 4], "big"), film[at + 4 : at + 8]
        head = _HEAD
        if size == 1:  # a long one: its length stands behind the name, in 8 bytes
            size, head = int.from_bytes(film[at + 8 : at + 16], "big"), 16
        elif size == 0:  # as long as the file
            size = end - at
        if size < head or at + size > end:
            return
        if head == _HEAD:
            yield name, at + _HEAD, at + size
        if name in _HOLDERS:
            yield from _boxes(film, at + head, at + size)
        at += size
