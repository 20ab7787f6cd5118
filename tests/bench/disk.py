"""How long the disk takes to keep something: what every commit waits for."""

import os
import tempfile
import time
from pathlib import Path
from statistics import median


def fsync_ms(folder: Path, times: int = 50) -> float:
    """Milliseconds until a page at the end of a file is on the disk; the median."""
    found = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(bytes(4_096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            found.append(time.perf_counter() - began)
    return 1_000 * median(found)
