"""How the calls of a day fall into its intervals: shares by weekday, later weeks counting more, leaning on what all weekdays share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats

HALF_LIFE: Final = 16.0  # weeks
_LEAN: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)  # days of the common profile that a weekday's own may be given
_FIRM: Final = 20.0  # days of the spread of all slots that a slot's own is given


@dataclass(frozen=True)
class Profile:
    """Shares of a day's calls by weekday and slot, and how far single intervals stray from them."""

    share: Floats  # [7, S]; the shares of an open weekday add up to 1
    spread: Floats  # [S] cv of an interval's own factor, estimation of the share included
    overall: float  # cv over all slots
    lean: float  # days of the common profile that each weekday was given


def fit_profile(counts: Floats, weekday: Any, ago: Floats, open_slots: Any) -> Profile:
    """The profile of some days' `counts` [D, S]; `ago` [D] weeks before the last.

    How much a weekday leans on the common profile is chosen by predicting each day from the others.
    """
    weight = 0.5 ** (ago / HALF_LIFE)
    found = [_left_out(counts, weekday, weight, open_slots, lean) for lean in _LEAN]
    totals = counts.sum(axis=1)[:, None]
    misses = []
    for shares in found:
        expected = np.maximum(shares * totals, 1e-9)
        misses.append(float((weight[:, None] * (counts - expected) ** 2 / np.maximum(expected, 1.0)).sum()))
    best = int(np.argmin(misses))
    spread, overall = _spread(counts, found[best] * totals, found[best])
    return Profile(_shares(counts, weekday, weight, open_slots, _LEAN[best]), spread, overall, _LEAN[best])


def _sums(counts: Floats, weekday: Any, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted counts by weekday and slot [7, S], and of all days [S]."""
    own = np.zeros((7, counts.shape[1]))
    np.add.at(own, weekday, counts * weight[:, None])
    return own, own.sum(axis=0)


def _normal(shares: Floats) -> Floats:
    total = shares.sum(axis=-1, keepdims=True)
    return np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)


def _shares(counts: Floats, weekday: Any, weight: Floats, open_slots: Any, lean: float) -> Floats:
    """[7, S] shares by weekday, `lean` mean days of the common profile added to each."""
    own, common = _sums(counts, weekday, weight)
    day = float((counts.sum(axis=1) * weight).sum() / weight.sum())
    return _normal(own + lean * day * _normal(np.where(open_slots, common, 0.0)) + 1e-9 * open_slots)


def _left_out(counts: Floats, weekday: Any, weight: Floats, open_slots: Any, lean: float) -> Floats:
    """[D, S] shares that the other days give each day."""
    own, common = _sums(counts, weekday, weight)
    mine = counts * weight[:, None]
    day = float((counts.sum(axis=1) * weight).sum() / weight.sum())
    slots = open_slots[weekday]
    return _normal(own[weekday] - mine + lean * day * _normal(np.where(slots, common - mine, 0.0)) + 1e-9 * slots)


def _spread(counts: Floats, expected: Floats, shares: Floats) -> tuple[Floats, float]:
    """cv of the intervals' own factors by slot, and over all, from what is beyond chance given the day's total."""
    beyond = ((counts - expected) ** 2 - expected * (1.0 - shares)).sum(axis=0)
    squares = (expected**2).sum(axis=0)
    overall = max(float(beyond.sum() / squares.sum()), 0.0) if squares.sum() > 0 else 0.0
    # Of a slot with few calls chance is nearly all there is, so its own spread counts by what it could show.
    firm = _FIRM * squares.mean()
    slots = np.maximum((beyond + firm / len(counts) * overall) / (squares + firm / len(counts)), 0.0)
    return np.sqrt(slots), float(np.sqrt(overall))
