"""How a fault in a scenario file is carried from where it is noticed to the sentence that the planner reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ccsim.errors import InputError

Path = tuple[str | int, ...]


class KeyFault(InputError):
    """A value cannot be what its key asks for; `below` leads from that key to the entry at fault."""

    def __init__(self, sentence: str, below: Path = (), rank: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.below = below
        self.rank = rank


class Fault(Exception):
    """A fault of the scenario at `path`; `load` adds the file and the line and raises it as a `ScenarioError`."""

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path
        self.sentence = sentence


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None where none is like it at all.

    >>> nearest("handel_time", ["volume", "handle_time"])
    'handle_time'
    """
    folded = {plain(one): one for one in known}
    found = difflib.get_close_matches(plain(word), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def plain(word: str) -> str:
    """A word of the scenario file's own vocabulary without what may be spelt either way: hyphens, blanks, capitals."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def listed(words: Iterable[str], longest: int = 12) -> str:
    """Words as an enumeration for a sentence; a long one is cut.

    >>> listed(["serve", "hang-up"])
    'serve, hang-up'
    """
    some = list(words)
    return ", ".join(some[:longest]) + (f" and {len(some) - longest} more" if len(some) > longest else "")


def key_path(path: Path) -> str:
    """A place in the file as a planner would say it.

    >>> key_path(("staff", "early", "breaks", 1))
    '`staff.early.breaks`, entry 2'
    """
    keys, entries = [], []
    for part in path:
        if isinstance(part, int):
            entries.append(f"entry {part + 1}")
        else:
            # A quoted key may hold anything, terminal codes included.
            keys.append(part if part.isprintable() else repr(part)[1:-1])
    return ", ".join([f"`{'.'.join(keys)}`", *entries])
