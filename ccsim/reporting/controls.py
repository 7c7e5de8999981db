"""What the control variates of a run did, in a sentence or two."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ccsim.measures.definitions import label

_AS_PLAYED = (
    "So adjusted are the figures of the whole and those by call type. Groups, contingents and intervals are told as they were played: "
    "what they come to together may differ from the whole by what luck brought."
)
_NAMED = 3  # controls that are named; the others are counted


def control_words(controls: Mapping[str, Any] | None, measure: str, replications: int) -> list[str]:
    """What to say of the `controls` of a result (`Result.controls`, or that part of its JSON), and of what they did for one measure."""
    if controls is None:
        return []
    said = [f"Control variates left out: {sentence}." for sentence in controls["left_out"]]
    used = controls["used"]
    if not used:
        return said or ["Control variates: luck has nothing here whose average is known, or there are too few days for them."]
    named = ", ".join(used[:_NAMED])
    more = len(used) - _NAMED
    listed = f"{named} and {more} more" if more > 0 else named
    gain = controls["gain"].get(measure)
    if gain is None or not math.isfinite(gain):
        did = f"they say nothing of {label(measure)}" if measure not in controls["gain"] else f"they settle it: {label(measure)}"
    elif gain < 1.05:
        did = f"they do nothing for {label(measure)}"
    else:
        did = (
            f"the interval of {label(measure)!r} is {math.sqrt(gain):.1f} times narrower for them, "
            f"as narrow as {replications * gain:,.0f} days would make it"
        )
    return [f"Set against what luck brought ({listed}): {did}.", _AS_PLAYED, *said]
