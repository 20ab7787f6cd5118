"""The key ring file as it changes, and the list beside it."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import keyring
from storage.vault import KeyRingUnusable, make_key_ring, read_key_ring
from tests.storage.ordinary import NOBODY, ordinary_user

ROOT = Path(__file__).parent.parent.parent
DECEMBER, JANUARY = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 3, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "ring" / "birge.keys"
    make_key_ring(path, DECEMBER)
    return path


def test_a_new_month_has_a_key_of_its_own(keys: Path) -> None:
    before = read_key_ring(keys)
    assert keyring.add_master(keys, JANUARY) == "2027-01"

    after = read_key_ring(keys)
    assert (after.newest, after.marks) == ("2027-01", before.marks)
    assert after.masters["2026-12"] == before.masters["2026-12"] != after.masters["2027-01"]
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def test_a_month_has_one_key_unless_one_more_is_asked_for(keys: Path) -> None:
    assert keyring.add_master(keys, DECEMBER) is None
    names = [keyring.add_master(keys, DECEMBER, again=True) for _ in range(10)]
    assert names == [f"2026-12.{number:02}" for number in range(2, 12)]
    assert read_key_ring(keys).newest == "2026-12.11"
    keyring.remove_masters(keys, names[3:5])  # type: ignore[arg-type]
    assert keyring.add_master(keys, DECEMBER, again=True) == "2026-12.12"
    assert keyring.add_master(keys, JANUARY) == "2027-01"


def test_a_clock_that_is_behind_is_noticed(keys: Path) -> None:
    keyring.add_master(keys, JANUARY)
    before = keys.read_bytes()

    with pytest.raises(KeyRingUnusable, match="is of 2027-01, which is still to come: check the clock"):
        keyring.add_master(keys, DECEMBER, again=True)
    assert keys.read_bytes() == before


def test_the_newest_key_is_never_removed(keys: Path) -> None:
    keyring.add_master(keys, JANUARY)
    keyring.remove_masters(keys, ["2026-12", "2027-01", "2020-01"])

    assert list(read_key_ring(keys).masters) == ["2027-01"]


def test_rotations_at_once_undo_nothing_of_each_other(keys: Path) -> None:
    """What wraps keys already must not vanish because another command read the file before."""
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from storage import keyring\n"
        "now = datetime(2026, 12, 9, tzinfo=UTC)\n"
        "for _ in range(10): print(keyring.add_master(Path(sys.argv[1]), now, again=True))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(keys)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    made = [name for one in running for name in one.communicate()[0].split()]

    assert len(set(made)) == 30
    assert set(read_key_ring(keys).masters) == {"2026-12", *made}


def test_a_rotation_that_was_killed_half_way_is_no_obstacle(keys: Path) -> None:
    left = keys.with_name("birge.keys.new")
    left.write_text('{"masters": {"2026-1')
    left.chmod(0o644)
    before = read_key_ring(keys)
    assert before.newest == "2026-12"
    keyring.add_master(keys, JANUARY)

    assert not left.exists()
    assert before.masters.items() < read_key_ring(keys).masters.items()
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def test_a_link_stays_a_link(keys: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.keys"
    link.symlink_to(keys)
    keyring.add_master(link, JANUARY)
    keyring.note_destroyed(link, [5], JANUARY)

    assert link.is_symlink()
    assert read_key_ring(keys).newest == "2027-01"
    assert keyring.destroyed(keys) == keyring.destroyed(link) == [5]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_changes_stays_the_bots(keys: Path) -> None:
    """cron runs as root, the bot does not."""
    os.chown(keys, NOBODY, NOBODY)
    keyring.add_master(keys, JANUARY)
    keyring.note_destroyed(keys, [5], JANUARY)

    owners = {path.name: path.stat().st_uid for path in keys.parent.iterdir()}
    assert owners == dict.fromkeys(("birge.keys", "birge.keys.lock", "birge.keys.destroyed"), NOBODY)


def test_a_folder_that_cannot_be_written(keys: Path) -> None:
    with ordinary_user(keys) as folder:
        os.chmod(folder, 0o500)
        with pytest.raises(KeyRingUnusable, match="can't be written: Permission denied"):
            keyring.add_master(folder / keys.name, JANUARY)


def test_a_ring_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyRingUnusable, match="There is no key ring"):
        keyring.add_master(tmp_path / "birge.keys", JANUARY)


# --- the list of destroyed keys ---------------------------------------------------------------------------------------


def test_the_list_grows(keys: Path) -> None:
    assert keyring.destroyed(keys) == []
    keyring.note_destroyed(keys, [7, 2**62 - 1], DECEMBER)
    keyring.note_destroyed(keys, [9], JANUARY)

    assert keyring.destroyed(keys) == [7, 2**62 - 1, 9]
    file = keys.with_name("birge.keys.destroyed")
    assert file.read_text() == f"7 2026-12-01\n{2**62 - 1} 2026-12-01\n9 2027-01-03\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_line_that_a_crash_cut_off_counts_for_nothing(keys: Path) -> None:
    keyring.note_destroyed(keys, [7], DECEMBER)
    file = keys.with_name("birge.keys.destroyed")
    with file.open("a") as cut:
        cut.write("123456")
    assert keyring.destroyed(keys) == [7]
    keyring.note_destroyed(keys, [123456789], DECEMBER)

    assert keyring.destroyed(keys) == [7, 123456789]


def test_a_list_that_cannot_be_used_says_so(keys: Path) -> None:
    file = keys.with_name("birge.keys.destroyed")
    for content in (b"seven\n", b"5\n\n6\n", b"\xff\xfe\n"):
        file.write_bytes(content)
        with pytest.raises(KeyRingUnusable, match="is damaged: put back a copy of it"):
            keyring.destroyed(keys)
    file.unlink()
    file.mkdir()
    with pytest.raises(KeyRingUnusable, match="can't be read: Is a directory"):
        keyring.destroyed(keys)
    with pytest.raises(KeyRingUnusable, match="can't be written: Is a directory"):
        keyring.note_destroyed(keys, [1], DECEMBER)
