"""A backup: one file that either database can be restored from, written beside a bot that runs.

It is a ZIP archive: `manifest.json` (format, time, migration, and each table's columns, rows and SHA-256), its HMAC
under a key of the key ring (`manifest.hmac`), and `tables/NAME.jsonl`, a JSON list for each row in the order of the
primary key, bytes as {"base64": …}. The key ring is never in it: without that nothing sealed in it opens.
"""

import base64
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from storage.backups import NOTE
from storage.operation import BACKED_UP_AT
from storage.snapshot import masters_in_use, note, snapshot
from storage.vault import KeyRing

if TYPE_CHECKING:
    import sqlalchemy as sa

FORMAT = 1
VERSION_TABLE = "alembic_version"
_MANIFEST, _MAC = "manifest.json", "manifest.hmac"
_ROWS_AT_ONCE = 1_000
# Rows of 256 KiB each: what is held in memory stays what it is for the other tables.
_OF_LARGE_ONES = {"case_file_chunks": 16}
_CHUNK = 1 << 20
_MOST_OF_MANIFEST = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, ValueError, TypeError, RuntimeError)


class BackupUnusable(Exception):  # noqa: N818 - its text is the sentence the operator reads
    """A backup can't be written or read; the text is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: Sequence[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`masters`: how many keys each master key wraps. A table comes after those it refers to."""

    format: int
    made_at: str
    migration: str
    masters: Mapping[str, int]
    tables: Sequence[Table]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


# --- writing ----------------------------------------------------------------------------------------------------------


def back_up(url: str, ring: KeyRing, to: Path, now: datetime) -> Manifest:
    """Writes the file, reads it back, and notes the time in the database. Nothing that exists is overwritten, and
    nothing half-written gets the name. Raises BackupUnusable or DatabaseUnusable."""
    if to.exists():
        raise BackupUnusable(f"There is a file at {to} already. Give the backup another name.")
    try:
        with _part_of(to) as (part, file):
            with snapshot(url) as connection:
                _write(connection, ring, file, now)
            file.flush()
            os.fsync(file.fileno())
            with opened(part, ring) as whole:
                manifest = whole.manifest
            part.rename(to)
            _keep_name(to)
    except OSError as error:
        raise BackupUnusable(f"The backup {to} can't be written: {error.strerror}.") from error
    note(url, BACKED_UP_AT, now.isoformat(timespec="seconds"))
    note(url, f"{NOTE}{to.absolute()}", now.isoformat(timespec="seconds"))
    return manifest


@contextlib.contextmanager
def _part_of(to: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """The file before it is whole: its owner's alone, one at a time, gone if something fails."""
    part = to.with_name(f"{to.name}.part")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupUnusable(f"Another backup to {to} is under way.") from error
        if to.exists() or not os.path.samestat(part.stat(), os.fstat(file.fileno())):
            raise BackupUnusable(f"Another backup to {to} has just ended.")
        try:
            os.fchmod(file.fileno(), 0o600)
            file.truncate()
            yield part, file
        finally:
            part.unlink(missing_ok=True)


def _keep_name(file: Path) -> None:
    """The name in the folder is on the disk, too."""
    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(connection: "sa.Connection", ring: KeyRing, file: IO[bytes], now: datetime) -> None:
    migration = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar_one()  # noqa: S608
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        tables = [_write_table(connection, archive, name) for name in tables_of(connection)]
        manifest = Manifest(FORMAT, now.isoformat(timespec="seconds"), migration, masters_in_use(connection), tables)
        content = json.dumps(asdict(manifest), indent=1).encode()
        archive.writestr(_MANIFEST, content)
        archive.writestr(_MAC, _mac(ring, content))


def tables_of(connection: "sa.Connection") -> list[str]:
    """All tables but Alembic's; each after those it refers to."""
    import sqlalchemy as sa

    found = sa.inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in found if name is not None and name != VERSION_TABLE]


def _write_table(connection: "sa.Connection", archive: zipfile.ZipFile, name: str) -> Table:
    import sqlalchemy as sa

    seen = sa.inspect(connection)
    columns = [column["name"] for column in seen.get_columns(name)]
    order = ", ".join(seen.get_pk_constraint(name)["constrained_columns"])
    statement = sa.text(f"SELECT {', '.join(columns)} FROM {name} ORDER BY {order}")  # noqa: S608 - our own names
    found = connection.execute(statement.execution_options(stream_results=True, yield_per=rows_at_once(name)))
    rows, digest = 0, hashlib.sha256()
    with archive.open(_member(name), "w", force_zip64=True) as member:
        for some in found.partitions():
            lines = "".join(
                f"{json.dumps(list(row), default=_plain, separators=(',', ':'))}\n" for row in some
            ).encode()
            rows += len(some)
            digest.update(lines)
            member.write(lines)
    return Table(name, columns, rows, digest.hexdigest())


def rows_at_once(table: str) -> int:
    """How many rows of a table are in memory together."""
    return _OF_LARGE_ONES.get(table, _ROWS_AT_ONCE)


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _plain(value: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode()}


def _mac(ring: KeyRing, content: bytes) -> str:
    """Only who has the key ring can have written this."""
    key = hmac.digest(ring.marks, b"backup\0manifest", "sha256")
    return hmac.digest(key, content, "sha256").hex()


# --- reading ----------------------------------------------------------------------------------------------------------


class Backup:
    """A backup that was found whole. Made by `opened()`."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    def rows(self, table: str) -> Iterator[list[Any]]:
        with self._archive.open(_member(table)) as member:
            for line in member:
                yield [_value(value) for value in json.loads(line)]


def _value(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


@contextlib.contextmanager
def opened(path: Path, ring: KeyRing) -> Iterator[Backup]:
    """The backup, once every part of it is found to be as it was written. Raises BackupUnusable."""
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise BackupUnusable(f"There is no backup at {path}.") from error
    except _UNREADABLE as error:
        raise _damaged(path) from error
    except OSError as error:
        raise BackupUnusable(f"The backup {path} can't be read: {error.strerror}.") from error
    with archive:
        try:
            manifest = _verified(path, archive, ring)
        except _UNREADABLE as error:
            raise _damaged(path) from error
        yield Backup(archive, manifest)


def _verified(path: Path, archive: zipfile.ZipFile, ring: KeyRing) -> Manifest:
    if archive.getinfo(_MANIFEST).file_size > _MOST_OF_MANIFEST:
        raise ValueError("no manifest is so long")
    content = archive.read(_MANIFEST)
    told = json.loads(content)
    if int(told["format"]) > FORMAT:
        raise BackupUnusable(f"The backup {path} was made by a newer Birge. Update Birge first.")
    if not hmac.compare_digest(archive.read(_MAC), _mac(ring, content).encode()):
        raise BackupUnusable(f"The backup {path} does not belong to this key ring, or somebody changed it.")
    manifest = Manifest(**{**told, "tables": [Table(**table) for table in told["tables"]]})
    for table in manifest.tables:
        if _digest(archive, _member(table.name)) != (table.rows, table.sha256):
            raise ValueError("a table is not as it was written")
    return manifest


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[int, str]:
    lines, digest = 0, hashlib.sha256()
    with archive.open(name) as member:
        while chunk := member.read(_CHUNK):
            lines += chunk.count(b"\n")
            digest.update(chunk)
    return lines, digest.hexdigest()


def _damaged(path: Path) -> BackupUnusable:
    return BackupUnusable(f"The file {path} is no backup of Birge, or it was damaged or cut off. Take another one.")
