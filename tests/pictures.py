"""Pictures and films as phones make them: with the place, the device and words beside the points."""

import io
from struct import pack

from PIL import Image, PngImagePlugin

_GPS, _DESCRIPTION, _ORIENTATION = 0x8825, 0x010E, 0x0112


def jpeg(marker: str = "", size: tuple[int, int] = (60, 40), *, turned: bool = False) -> bytes:
    """With the marker in its EXIF, its comment, its XMP, and behind its end."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    drawn = io.BytesIO()
    if not marker:
        picture.save(drawn, "JPEG")
        return drawn.getvalue()
    exif = Image.Exif()
    exif[_DESCRIPTION] = marker
    if turned:
        exif[_ORIENTATION] = 6
    exif.get_ifd(_GPS).update({1: "N", 2: (40.0, 24.0, 33.0), 3: "E", 4: (49.0, 52.0, 1.0)})
    said = marker.encode()
    profile = b"\0" * 128 + said
    picture.save(drawn, "JPEG", exif=exif, comment=said, xmp=b"<x:xmpmeta>" + said, icc_profile=profile)
    return drawn.getvalue() + said


def png(marker: str = "", size: tuple[int, int] = (60, 40), format: str = "PNG") -> bytes:
    """With the marker in a text beside the points; a WebP has it in its XMP."""
    drawn = io.BytesIO()
    beside = PngImagePlugin.PngInfo()
    beside.add_itxt("Comment", marker)
    extra = {"pnginfo": beside} if format == "PNG" else {"xmp": marker.encode()}
    Image.new("RGBA", size, (10, 120, 10, 100)).save(drawn, format, **extra)
    return drawn.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    """A box of an MP4 file."""
    return pack(">I", 8 + len(content)) + name + content


def mp4(marker: str = "") -> bytes:
    """As a phone films: the place beside the film, and for each of its tracks once more."""
    place = box(b"udta", box(b"\xa9xyz", marker.encode()) + box(b"meta", marker.encode()))
    track = box(b"trak", box(b"tkhd", b"\1" * 12) + box(b"meta", marker.encode()) + place)
    moov = box(b"moov", box(b"mvhd", b"\2" * 12) + track + place)
    return box(b"ftyp", b"isom") + moov + box(b"uuid", marker.encode()) + box(b"mdat", b"points" * 50)
