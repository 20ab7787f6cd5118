"""The key ring file as it changes: a master key more, a master key less; and beside it the list of destroyed keys.

Whoever changes one of the two files holds a lock first, so that two at once can't undo each other's work. The key ring
is replaced as a whole. The list ("birge.keys.destroyed", one line for each key: its id and the day) only grows: it is
what a restore replays, and lies here since it must outlive every backup of the database.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from storage.vault import KeyRing, KeyRingUnusable, as_json, new_master, read_key_ring

_LIST = "destroyed"


def add_master(path: Path, now: datetime, *, again: bool = False) -> str | None:
    """Adds the master key of this month; `again` adds one more to a month that has its own. Returns its name, or None
    when there was nothing to add. Raises KeyRingUnusable."""
    with _held(path):
        ring = read_key_ring(path)
        month = f"{now:%Y-%m}"
        if ring.newest[: len(month)] > month:
            raise KeyRingUnusable(
                f"The newest master key of {path} is of {ring.newest}, which is still to come: check the clock."
            )
        if ring.newest.startswith(month):
            if not again:
                return None
            month = f"{month}.{int(ring.newest.partition('.')[2] or 1) + 1:02}"
        _replace(path, KeyRing({**ring.masters, month: new_master()}, ring.marks))
        return month


def remove_masters(path: Path, months: Iterable[str]) -> None:
    """Takes master keys out: what they wrap, in any backup, can't be opened again. Raises KeyRingUnusable."""
    with _held(path):
        ring = read_key_ring(path)
        gone = set(months) - {ring.newest}
        _replace(path, KeyRing({name: key for name, key in ring.masters.items() if name not in gone}, ring.marks))


def _replace(path: Path, ring: KeyRing) -> None:
    """Whole or not at all."""
    path = path.resolve()  # a link stays one
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)  # a crash left it
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(as_json(ring))
            file.flush()
            _give_to_owner_of(path, file.fileno())
            os.fsync(file.fileno())
        os.replace(new, path)
        _keep_names(path.parent)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise KeyRingUnusable(f"The key ring {path} can't be replaced: {error.strerror}.") from error


def note_destroyed(path: Path, key_ids: Iterable[int], now: datetime) -> None:
    """Adds keys to the list beside the key ring; they are on the disk when this returns. Raises KeyRingUnusable."""
    add_lines(path, _LIST, [f"{key_id} {now:%Y-%m-%d}" for key_id in key_ids])


def add_lines(path: Path, which: str, lines: Iterable[str]) -> None:
    """Adds lines to a list beside the key ring, on the disk when this returns. Raises KeyRingUnusable."""
    with _held(path):
        file = list_of(path, which)
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as opened:
                _give_to_owner_of(path, descriptor)
                opened.truncate(opened.read().rfind(b"\n") + 1)  # a crash may have cut the last line
                opened.seek(0, os.SEEK_END)
                opened.write("".join(f"{line}\n" for line in lines).encode())
                opened.flush()
                os.fsync(descriptor)
            _keep_names(file.parent)
        except OSError as error:
            raise KeyRingUnusable(f"The list {file} can't be written: {error.strerror}.") from error


def destroyed(path: Path) -> list[int]:
    """The ids in the list beside the key ring; none if there is no list. Raises KeyRingUnusable."""
    try:
        return [int(line.split()[0]) for line in lines_of(path, _LIST)]
    except (ValueError, IndexError) as error:
        raise KeyRingUnusable(f"The list {list_of(path, _LIST)} is damaged: put back a copy of it.") from error


def lines_of(path: Path, which: str) -> list[bytes]:
    """The whole lines of a list beside the key ring; none if there is no list. Raises KeyRingUnusable."""
    file = list_of(path, which)
    try:
        whole, _, _ = file.read_bytes().rpartition(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeyRingUnusable(f"The list {file} can't be read: {error.strerror}.") from error
    return whole.splitlines()


def list_of(path: Path, which: str) -> Path:
    """Where a list beside the key ring lies."""
    path = path.resolve()
    return path.with_name(f"{path.name}.{which}")


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Nobody else changes the key ring or its list meanwhile."""
    import fcntl

    try:
        lock_file = os.open(f"{path.resolve()}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise KeyRingUnusable(f"The folder of the key ring {path} can't be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        if path.exists():
            _give_to_owner_of(path, lock_file)
        yield
    finally:
        os.close(lock_file)


def _give_to_owner_of(path: Path, descriptor: int) -> None:
    """Whoever types a command (root, by cron) need not be who runs the bot."""
    owner = path.stat()
    os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _keep_names(folder: Path) -> None:
    """The names in a folder are on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
