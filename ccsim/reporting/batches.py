"""What there is to say of a path cut into batches."""

from __future__ import annotations

from typing import Any

from ccsim.measures.definitions import label


def batch_words(document: dict[str, Any]) -> list[str]:
    """How the path was cut, whether the batches hang together, and what else spoils them; nothing where paths are replications."""
    batches = document.get("batches")
    if batches is None:
        return []
    each = "a day" if batches["days"] == 1 else f"{batches['days']} days"
    said = f"One path, cut into {batches['count']} batches of {each}; intervals are those of the batch means."
    left_out = batches["left_out_days"]
    if left_out:
        first = "The first day is" if left_out == 1 else f"The first {left_out} days are"
        said += f" {first} left out with the warm-up, so that batches are of one length."
    return [said, *_correlation(batches), *(f"Note: {note}" for note in batches["notes"])]


def _correlation(batches: dict[str, Any]) -> list[str]:
    if batches["correlation"] is None:
        return []
    luck = f"luck seldom gives {batches['bound']:.2f} or more"
    found = f"(correlation of neighbours in “{label(batches['measure'])}” {batches['correlation']:.2f}, {luck})"
    if batches["hang_together"]:
        return [f"Note: the batches hang together {found}: too short, they make the intervals too narrow. Give fewer, or more `days`."]
    return [f"The batches do not hang together {found}."]
