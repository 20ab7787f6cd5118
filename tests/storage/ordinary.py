"""An ordinary user for a while: root may read and write anything."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

NOBODY = 65534


@contextlib.contextmanager
def ordinary_user(*files: Path) -> Iterator[Path]:
    """A folder of the user's own with copies of the files. What she may do there is decided by its modes."""
    folder = Path(tempfile.mkdtemp(prefix="birge-"))
    was_root = os.geteuid() == 0
    for file in files:
        shutil.copy(file, folder / file.name)
    if was_root:
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if was_root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)
