"""Sentences that wait for the next page of a browser.

An address carries the key of one and never its words, so that no link can put words on the page.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from ccsim.web.guard import new_key

MOST_KEPT: Final = 200
LONGEST: Final = 600  # letters


class Notices:
    """Sentences by key, each for the browser that it is meant for; the oldest are forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def keep(self, sentence: str, who: str) -> str:
        """Keep a sentence for a browser; its key."""
        key = new_key()
        self._kept[key] = (who, sentence[:LONGEST])
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return key

    def of(self, key: str, who: str) -> str:
        """The sentence of a key; "" where there is none for this browser."""
        owner, sentence = self._kept.get(key, ("", ""))
        return sentence if owner == who else ""
