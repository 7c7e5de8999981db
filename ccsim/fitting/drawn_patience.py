"""The likeliest mean patience for a given cv: what the waits recorded say once the shape of the law is fixed.

With its shape k given, the scale b of a Weibull law is likeliest where b^k is the sum of t^k over all waits, divided by those who hung up.
The place of a lognormal law with a given width is where the score is 0: the sum of z over the hang-ups plus that of the hazard of the
standard normal law over waits that an agent cut short, z = (log t - place) / width. So a heavier tail is drawn together with the longer
mean that goes with it, and the share that hangs up within the waits seen stays what was seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.fitting.estimate import Floats
from ccsim.fitting.patience import AT_ONCE

if TYPE_CHECKING:
    import pandas as pd


def patience_means(frame: pd.DataFrame, family: str, cv: Floats) -> Floats:
    """[K] the likeliest mean [s] of a weibull or lognormal patience with each of these cv, for the waits in `frame`."""
    times, lost, cut = _waits(frame)
    mean = _weibull_mean if family == "weibull" else _lognormal_mean
    return np.array([mean(times, lost, cut, number) for number in cv.tolist()])


def _waits(frame: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Different waits [s], how many hung up after each, and how many an agent answered; those who hung up at once are no waits."""
    some = frame[frame["wait"].notna().to_numpy() & (frame["outcome"] != "blocked").to_numpy()]
    wait, gone = some["wait"].to_numpy(dtype=float), (some["outcome"] == "abandoned").to_numpy()
    used = wait >= (AT_ONCE if not (wait % 1.0 > 0).any() else 1e-6)
    times = np.maximum(np.round(wait[used], 1), 0.05)
    moments, codes = np.unique(times, return_inverse=True)
    weights = gone[used].astype(float)
    lost: Any = np.bincount(codes, weights=weights)
    return moments, lost, np.bincount(codes).astype(float) - lost


def _weibull_mean(times: Floats, lost: Floats, cut: Floats, cv: float) -> float:
    from scipy import optimize, special

    def squared(log_shape: float) -> float:
        k = np.exp(log_shape)
        return float(special.gammaln(1 + 2 / k) - 2 * special.gammaln(1 + 1 / k) - np.log1p(cv * cv))

    shape = float(np.exp(optimize.brentq(squared, np.log(0.1), np.log(200.0))))
    logs = np.log(times)
    top = float(logs.max())
    scale = top + np.log(((lost + cut) * np.exp(shape * (logs - top))).sum() / lost.sum()) / shape
    return float(np.exp(scale + special.gammaln(1 + 1 / shape)))


def _lognormal_mean(times: Floats, lost: Floats, cut: Floats, cv: float) -> float:
    from scipy import optimize, special

    width = float(np.sqrt(np.log1p(cv * cv)))
    logs = np.log(times)

    def score(place: float) -> float:
        z = (logs - place) / width
        hazard = np.exp(-0.5 * z * z - 0.5 * np.log(2 * np.pi) - special.log_ndtr(-z))
        return float((lost * z).sum() + (cut * hazard).sum())

    low = float(logs.min()) - 1.0
    high = float(logs.max()) + 1.0
    while score(high) > 0 and high < 60:
        high += 2.0
    return float(np.exp(optimize.brentq(score, low, high) + width * width / 2))
