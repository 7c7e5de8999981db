"""The engine's own files: compiled code is of today if it was made since they were written.

Machine code holds that of the functions it calls. numba looks at the file of a function itself, not at those of what it calls.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache


@cache
def _files() -> tuple[tuple[str, float, int], ...]:
    folder = os.path.dirname(__file__)
    found = []
    for at, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".py"):
                seen = os.stat(os.path.join(at, name))
                found.append((os.path.relpath(os.path.join(at, name), folder), seen.st_mtime, seen.st_size))
    return tuple(sorted(found))


@cache
def stamp() -> str:
    """Another one whenever one of the files was written anew."""
    return hashlib.sha256(repr(_files()).encode()).hexdigest()


def written() -> float:
    """When the last of them was, as the operating system counts time [s]."""
    return max(time for _, time, _ in _files())
