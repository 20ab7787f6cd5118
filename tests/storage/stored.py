"""One stored database per migration: tests/storage/stored/NNNN.sql, as that migration leaves a database that has rows.

python -m tests.storage.stored            writes the files that are missing
python -m tests.storage.stored --again    writes all: only while no Birge that has these migrations is out
"""

import contextlib
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

import storage.schema

FOLDER = Path(__file__).parent / "stored"
MIGRATIONS = Path(storage.schema.__file__).parent / "migrations"

# Rows that every version has had a place for since the first.
ROWS = """
    INSERT INTO sealing_keys (id, purpose, name, master, wrapped) VALUES (7, 'day', '2026-12-01', '2026-12', x'00');
    INSERT INTO persons (id, language, zone) VALUES (1, 'az', 'Asia/Baku'), (2, 'kk', 'Asia/Almaty');
    INSERT INTO identities (id, person_id, channel, address) VALUES (1, 1, 'telegram', '1001'),
                                                                    (2, 2, 'telegram', '1002');
    INSERT INTO communities (id, parent_id, kind, name, path, language, zone, country)
    VALUES (1, NULL, 'network', 'Bakı məktəbləri', '/1/', 'az', 'Asia/Baku', 'az'),
           (2, 1, 'school', 'Məktəb 12', '/1/2/', 'az', 'Asia/Baku', 'az'),
           (3, 2, 'class', '5A', '/1/2/3/', 'az', 'Asia/Baku', 'az');
    INSERT INTO memberships (id, person_id, community_id, role, called, state, since)
    VALUES (1, 1, 3, 'parent', 'Aysel Məmmədova', 'active', 1764565200000000),
           (2, 2, 3, 'head_of_class', 'Айгүл', 'active', 1764565200000000);
    INSERT INTO chats (id, channel, address, title, community_id) VALUES (1, 'telegram', '-100', '5A', 3);
    INSERT INTO inbox (channel, event_id, at, outcome) VALUES ('telegram', '1', 1764565200000000, 'done');
    INSERT INTO deliveries (id, lane, kind, place, place_mark, person_id, state, not_before)
    VALUES (1, 1, 'say', 'telegram:1001', x'01', 1, 'sent', 0), (2, 1, 'say', 'telegram:1002', x'02', 2, 'waiting', 0);
"""


def revisions() -> list[str]:
    """The numbers of the migrations, oldest first."""
    scripts = ScriptDirectory.from_config(config())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def migrate(path: Path, to: str) -> None:
    """Up to a migration, as storage.schema does it."""
    with storage.schema._file_opened(path) as connection:
        storage.schema._upgrade(storage.schema._config(connection), connection, to)


def dump(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        return "\n".join(raw.iterdump()) + "\n"


def load(sql: str, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.executescript(sql)


def generate(*, again: bool = False) -> Iterator[Path]:
    """Writes the stored databases that are missing, or all."""
    FOLDER.mkdir(exist_ok=True)
    for revision in revisions():
        file = FOLDER / f"{revision}.sql"
        if again or not file.exists():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "birge.sqlite3"
                migrate(path, revision)
                load(ROWS, path)
                file.write_text(dump(path))
            yield file


if __name__ == "__main__":
    for written in generate(again="--again" in sys.argv):
        print(written)  # noqa: T201 - a command that talks to whoever typed it
