"""Where the history lies: `$CCSIM_HISTORY`, or the user's folder for data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from ccsim.errors import CcsimError

ENVIRONMENT: Final = "CCSIM_HISTORY"
NAME: Final = "history.sqlite"
_OFF = ("off", "no", "none", "0")


class HistoryError(CcsimError):
    """The history cannot be used, or does not hold what was asked for."""


def place() -> Path | None:
    """The file of the history; None where `$CCSIM_HISTORY` is `off`.

    The variable names a file, or a folder that is there. Without it: `ccsim/history.sqlite` in `$XDG_DATA_HOME` or `~/.local/share` on
    Linux, in `~/Library/Application Support` on macOS, in `%LOCALAPPDATA%` on Windows.
    """
    told = os.environ.get(ENVIRONMENT, "").strip()
    if told.lower() in _OFF:
        return None
    if told:
        path = Path(told).expanduser()
        return path / NAME if path.is_dir() else path
    return _data_folder() / "ccsim" / NAME


def _data_folder() -> Path:
    home = Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    told = os.environ.get("XDG_DATA_HOME", "")
    # The standard says that a path in it must be absolute, or is to be ignored.
    return Path(told) if os.path.isabs(told) else home / ".local" / "share"
