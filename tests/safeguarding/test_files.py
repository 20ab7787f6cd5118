"""Rules 7 and 20 for what is no words: a file is kept sealed as it came, and what a helper is shown tells nothing of
where it was made."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import storage.cases
import storage.files
from bot import copies
from domain.cases import Case, Part
from sandbox import Fault, Message
from storage.backup import back_up
from storage.database import is_postgres
from storage.vault import read_key_ring
from tests import postgres, scenes
from tests.cast import START, Talker, World
from tests.pictures import jpeg, mp4, png
from tests.safeguarding.search import forms_of
from tests.scenes import Hotline

MARKER = "Qızıl ұя 40.4093N ə"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def sent(scene: Hotline, **file: Any) -> str:
    """The pupil sends a report with a file, and the worker takes it; the worker's last words before Show."""
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    told = await scene.pupil.says("look", **file)
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await scene.pupil.taps(label)
    await scene.worker.taps("Take")
    return told


def shown_to(worker: Talker) -> Message:
    """The last message with a file."""
    return next(message for message in reversed(worker.messages) if message.media is not None)


async def the_part(world: World) -> tuple[Case, Part]:
    """The file of the only case."""
    [row] = await world.rows("SELECT id FROM cases")
    async with world.birge.database.reading() as db:
        case = await storage.cases.get(db, row["id"])
        assert case is not None
        [part] = [one for one in await storage.cases.parts(db, case) if one.file_id]
    return case, part


async def kept(world: World) -> bytes | None:
    _, part = await the_part(world)
    async with world.birge.database.reading() as db:
        return await storage.files.content(db, part.id)


def holds(content: bytes, marker: str = MARKER) -> bool:
    return any(form in content for form in forms_of(marker))


# --- kept as it came, shown without what tells ------------------------------------------------------------------------


@pytest.mark.rule(7)
@pytest.mark.rule(20)
async def test_a_photo_is_kept_as_it_came_and_shown_without_its_place(scene: Hotline) -> None:
    photo = jpeg(MARKER, (80, 50), turned=True)
    await sent(scene, photo=("one.jpg", photo, "image/jpeg"))
    assert await kept(scene.world) == photo
    await scene.worker.taps("Show: photo 1")
    copy = shown_to(scene.worker)
    assert copy.protected
    assert copy.media is not None
    assert holds(photo)
    assert not holds(copy.media.data)
    with Image.open(io.BytesIO(copy.media.data)) as picture:
        assert picture.size == (50, 80)  # upright, as the phone would show it
        assert not picture.getexif()
        assert not picture.info.keys() & {"exif", "icc_profile", "comment", "xmp"}


@pytest.mark.rule(7)
@pytest.mark.parametrize(("format", "mime"), [("PNG", "image/png"), ("WEBP", "image/webp")])
async def test_a_picture_sent_as_a_file_is_a_photo(scene: Hotline, format: str, mime: str) -> None:
    picture = png(MARKER, format=format)
    assert "I have kept that" in await sent(scene, document=(f"{MARKER}.png", picture, mime))
    await scene.worker.taps("Show: photo 1")
    copy = shown_to(scene.worker).media
    assert copy is not None
    assert copy.kind == "photo"
    assert holds(picture)
    assert not holds(copy.data)
    assert copy.name in (None, "photo.jpg")


@pytest.mark.rule(7)
async def test_a_film_is_shown_without_the_boxes_that_tell(scene: Hotline) -> None:
    film = mp4(MARKER)
    await sent(scene, video=("one.mp4", film, "video/mp4"))
    assert await kept(scene.world) == film
    await scene.worker.taps("Show: video 1")
    copy = shown_to(scene.worker).media
    assert copy is not None
    assert copy.kind == "video"
    assert len(copy.data) == len(film)
    assert holds(film)
    assert not holds(copy.data)
    assert copy.data.endswith(b"points" * 50)


async def test_a_voice_message_comes_as_it_was(scene: Hotline) -> None:
    await sent(scene, voice=("one.oga", b"OggS a voice", "audio/ogg"))
    await scene.worker.taps("Show: voice message 1")
    copy = shown_to(scene.worker).media
    assert copy is not None
    assert (copy.kind, copy.data) == ("voice", b"OggS a voice")


async def test_a_file_outlives_the_account_of_the_bot(scene: Hotline) -> None:
    await sent(scene, photo=("one.jpg", jpeg(), "image/jpeg"))
    pipeline = scene.world.birge.pipeline
    pipeline._defaults = replace(pipeline._defaults, bot="another")
    scene.world.sandbox.state.files._by_id.clear()
    await scene.worker.taps("Show: photo 1")
    assert shown_to(scene.worker).media is not None


@pytest.mark.row("F1_bad_file")
@pytest.mark.parametrize("name", ["a.pdf", "a.heic", "a.docx"])
async def test_other_documents_are_refused_and_the_words_stay(scene: Hotline, name: str) -> None:
    mime = {"pdf": "application/pdf", "heic": "image/heic"}.get(name[2:], "application/msword")
    told = await sent(scene, document=(name, b"%PDF", mime))
    assert "can't pass on this kind of file" in told
    assert "look" in scene.worker.messages[-1].text
    assert await scene.world.rows("SELECT 1 FROM case_files") == []


# --- what can't be shown ----------------------------------------------------------------------------------------------


@pytest.mark.rule(7)
async def test_what_was_found_to_be_sexual_material_is_given_out_by_nothing(scene: Hotline) -> None:
    await sent(scene, photo=("one.jpg", jpeg(), "image/jpeg"))
    case, part = await the_part(scene.world)
    await scene.worker.taps("Show: photo 1")
    await scene.worker.taps("Sexual material")
    assert await kept(scene.world) is None
    for one in (scene.worker, scene.supervisor):
        files = [message for message in one.messages if message.media is not None]
        await one.forges(f"cs.show:{case.id}:{part.id}")
        assert [message for message in one.messages if message.media is not None] == files == []
    # What stood in the outbox already finds nothing to fill it with.
    body = {"html": "", "media": {"kind": "photo", "kept": part.id, "instead": "no"}}
    filled = await copies.Copies(scene.world.birge.database).filled(body)
    assert filled["media"] is None


@pytest.mark.rule(7)
async def test_new_words_below_it_bring_it_not_back(scene: Hotline) -> None:
    await sent(scene, photo=("one.jpg", jpeg(), "image/jpeg"))
    await scene.worker.taps("Show: photo 1")
    await scene.worker.taps("Sexual material")
    photo = next(message for message in scene.pupil.chat.visible if message.media is not None)
    scene.world.sandbox.edits(scene.pupil.person, photo, "please help me")
    await scene.world.settle()
    await scene.supervisor.taps("Take")
    assert "please help me" in scene.supervisor.last.text
    assert [label for label in scene.supervisor.labels if "Show" in label] == []


@pytest.mark.parametrize("photo", [b"\xff\xd8\xff\xe0 cut off", b"", jpeg()[:300]])
async def test_a_broken_picture_is_told_of(scene: Hotline, photo: bytes) -> None:
    assert copies.drawn_again(photo) is None
    if photo:
        await sent(scene, photo=("one.jpg", photo, "image/jpeg"))
        assert "can't be shown" in await scene.worker.taps("Show: photo 1")


def test_a_picture_that_would_fill_the_memory_is_not_opened() -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 200_000
    assert copies.drawn_again(bomb.getvalue()) is None


def test_pictures_of_odd_shapes_become_ones_that_the_messenger_takes() -> None:
    for size in ((4_000, 2), (2, 4_000), (6_000, 4_000), (1, 1)):
        drawn = copies.drawn_again(jpeg(size=size))
        assert drawn is not None
        with Image.open(io.BytesIO(drawn)) as picture:
            assert max(picture.size) <= 2_560
            assert max(picture.size) <= 20 * min(picture.size)


# --- never lost silently ----------------------------------------------------------------------------------------------


async def test_what_the_messenger_does_not_give_is_asked_for_again(scene: Hotline) -> None:
    scene.world.sandbox.faults.append(Fault("getFile", status=500, times=3))
    await sent(scene, photo=("one.jpg", jpeg(), "image/jpeg"))
    assert "still being fetched" in await scene.worker.taps("Show: photo 1")
    for minutes in (1, 5, 15):
        await scene.world.later(minutes=minutes)
    await scene.worker.taps("Show: photo 1")
    assert shown_to(scene.worker).media is not None


async def test_a_file_that_never_comes_is_told_to_both_sides(scene: Hotline) -> None:
    said = "Bad Request: wrong file_id or the file is temporarily unavailable"
    scene.world.sandbox.faults.append(Fault("getFile", status=400, description=said, times=None))
    await sent(scene, photo=("one.jpg", jpeg(), "image/jpeg"))
    await scene.worker.taps("Bullying")
    await scene.worker.taps("Keep: ")
    await scene.worker.taps("Answer")
    await scene.worker.says("I am here.")
    await scene.worker.taps("Send")
    for _ in range(12):
        await scene.world.later(hours=6)
    assert any("did not arrive" in message.text for message in scene.pupil.messages)
    assert any("a file could not be fetched" in message.text for message in scene.worker.messages)
    await scene.supervisor.says(f"/case {(await the_part(scene.world))[0].number}")
    assert "[photo 1: could not be fetched]" in scene.supervisor.last.text
    assert [label for label in scene.supervisor.labels if "Show" in label] == []


async def test_what_is_too_large_is_said_at_once(scene: Hotline) -> None:
    told = await sent(scene, video=("one.mp4", bytes(21 * 1024 * 1024), "video/mp4"))
    assert "too large" in told
    assert "The words with it are kept" in told
    assert "[video 1: could not be fetched]" in scene.worker.last.text
    assert "look" in scene.worker.last.text
    assert [call for call in scene.world.sandbox.calls if call.method == "getFile"] == []


async def test_the_largest_file_is_kept(scene: Hotline) -> None:
    film = mp4() + bytes(20 * 1024 * 1024 - len(mp4()))
    await sent(scene, video=("one.mp4", film, "video/mp4"))
    assert await kept(scene.world) == film
    [count] = await scene.world.rows("SELECT COUNT(*) AS n FROM case_file_chunks")
    assert count["n"] == 80


# --- no byte of it ----------------------------------------------------------------------------------------------------


@pytest.mark.rule(20)
async def test_nothing_of_a_file_is_in_any_byte_of_database_and_backup(
    scene: Hotline, tmp_path: Path, log_lines: list[dict[str, object]]
) -> None:
    world, photo = scene.world, jpeg(MARKER)
    # An unfinished report, a sent one, one shown; the outbox holds a copy that can't go out.
    await scene.school.parents[0].says("/hotline")
    await scene.school.parents[0].taps("I have read it")
    await scene.school.parents[0].says(document=(f"{MARKER}.jpg", photo, "image/jpeg"))
    await sent(scene, document=(f"{MARKER}.jpg", photo, "image/jpeg"))
    file_ids = list(world.sandbox.state.files._by_id)
    world.sandbox.faults.append(Fault("sendPhoto", status=500, times=2))
    await scene.worker.taps("Show: photo 1")
    assert shown_to(scene.worker).media is not None
    backup = tmp_path / "one.backup"
    back_up(world.url, read_key_ring(world.keys), backup, START)
    places = {str(path): path.read_bytes() for path in world.keys.parent.rglob("*") if path.is_file()}
    places["the log"] = repr(log_lines).encode()
    if is_postgres(world.url):
        places["the server"] = postgres.written(postgres.name_of(world.url))
    for content in list(places.values()):
        places |= {f"unpacked {number}": member for number, member in enumerate(unpacked(content))}
    points = photo[200:400]
    for place, content in places.items():
        assert not holds(content), place
        assert points not in content, place
        assert base64.b64encode(points)[8:-8] not in content, place
        assert not any(file_id.encode() in content for file_id in file_ids), place


def unpacked(content: bytes) -> list[bytes]:
    import zipfile

    if not content.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist()]
