"""Open a file with whatever the machine has for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: An opener that is still there after so long has taken the file; one that has not said no.
_SECONDS = 3


def opens(path: Path) -> bool:
    """Hand ``path`` to the system's opener; False where there is none or it refuses."""
    if sys.platform == "win32":
        os.startfile(path)
        return True
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        started = subprocess.Popen(
            [opener, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return started.wait(_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return True
