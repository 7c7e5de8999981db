"""Patience from waits, of which most are cut short by an agent.

A caller who hangs up shows its patience; one who is answered shows that its patience was longer (a right-censored value). Those who hang
up at once are counted apart, as are those who do so while an announcement plays. Exponential patience has the mean of all time waited over
the number who hang up; for the others the censored likelihood is at its highest; Kaplan and Meier's curve assumes no family. The Weibull
family, of which the exponential is one, is believed by a likelihood ratio test, the lognormal by Schwarz's criterion.

Sources: Kaplan & Meier (1958), JASA 53(282); Brown et al. (2005), JASA 100(469), section 5; Mandelbaum & Zeltyn (2013), Queueing Systems
75(2-4), "Data-stories about (im)patient customers in tele-queues".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Estimate, Floats, group_sums, left_out_in_turn, share

if TYPE_CHECKING:
    import pandas as pd

FEWEST: Final = 20  # hang-ups, below which no family but the exponential is tried
_NESTED: Final = 1.92  # half the 95 % point of chi-square: what a Weibull law's second number must add to the logarithm of the likelihood
DIFFERENT: Final = 10  # different waits of hang-ups, likewise
AT_ONCE: Final = 0.5  # s; a wait shorter than this is none, where clocks show whole seconds; else only one of 0 is


@dataclass(frozen=True)
class Patience:
    """What the waits of one call type say."""

    family: str  # exponential, weibull or lognormal, the likeliest
    mean: Estimate  # of the family [s]
    cv: Estimate  # of the family
    exponential: Estimate  # mean of the exponential law [s]
    log_likelihood: dict[str, float]  # by family
    balk: Estimate  # share of those told to wait who hang up at once
    in_announcement: Estimate  # share of all callers who hang up while it plays; nan where none was told
    median: float  # by Kaplan and Meier; nan where fewer than half would have hung up [s]
    restricted_mean: float  # area below Kaplan and Meier's curve, as far as it goes [s]
    longest: float  # as far as that [s]
    curve: tuple[Floats, Floats, Floats, Floats]  # waits [s], share still waiting, its low and high limit
    censored: float  # share of the waits that an agent cut short
    hung_up: int


def fit_patience(frame: pd.DataFrame, announcement: float = 0.0) -> Patience | None:
    """What the waits of one type in `frame` (as of `CallRecords`) say; None where nobody hung up after a wait.

    `announcement` [s] is how long one plays from the arrival: no agent is offered before, and hang-ups by then are counted apart.
    """
    some = frame.loc[frame["wait"].notna().to_numpy() & (frame["outcome"] != "blocked").to_numpy(), ["arrival", "wait", "outcome"]]
    wait, gone = some["wait"].to_numpy(dtype=float), (some["outcome"] == "abandoned").to_numpy()
    day = some["arrival"].to_numpy(dtype="datetime64[D]")
    none = AT_ONCE if not (wait % 1.0 > 0).any() else 1e-6
    at_once = gone & (wait < none)
    waited = wait >= none
    if not (gone & waited).any():
        return None
    told = waited & (wait > announcement) if announcement else waited
    if not (gone & told).any():
        return None
    # Given that it was longer than the announcement, patience is counted from its end.
    times, events, days = wait[told] - announcement, gone[told], day[told]
    sums = group_sums(days if len(np.unique(days)) > 4 else np.arange(len(times)) % 20, times, events.astype(float))
    hung_up = int(events.sum())
    exponential = left_out_in_turn(
        lambda s: s[0] / s[1] if s[1] > 0 else np.nan,
        sums,
        "s",
        hung_up,
        "hang-ups",
        positive=bool((sums[:, 1].sum() - sums[:, 1] > 0).all()),
    )
    likelihood = {"exponential": float(-hung_up * (np.log(times.sum() / hung_up) + 1.0))}
    family, mean, cv = "exponential", exponential, Estimate(1.0, 1.0, 1.0, "", hung_up, "hang-ups")
    # Behind an announcement only the exponential law begins anew; the other families would need the part that nobody saw.
    if hung_up >= FEWEST and not announcement and len(np.unique(times[events])) >= DIFFERENT:
        for name, needed in (("weibull", _NESTED), ("lognormal", 0.5 * np.log(hung_up))):
            found = _best(name, times, events)
            likelihood[name] = found[0]
            if found[0] - needed * (family == "exponential") > likelihood[family]:
                family, mean, cv = name, found[1], found[2]
            elif name == "weibull":  # the exponential law is one of Weibull's: how far the cv is from 1 is known as well as there
                cv = Estimate(1.0, min(found[2].low, 1.0), max(found[2].high, 1.0), "", hung_up, "hang-ups")
    curve = kaplan_meier(times + announcement, events)
    below = np.flatnonzero(curve[1] <= 0.5)
    edges = np.concatenate([[0.0], curve[0]])
    return Patience(
        family=family,
        mean=mean,
        cv=cv,
        exponential=exponential,
        log_likelihood=likelihood,
        balk=share(float(at_once.sum()), float((waited | at_once).sum()), "callers told to wait"),
        in_announcement=share(float((gone & ~told).sum()), len(wait), "callers") if announcement else share(0, 0, "callers"),
        median=float(curve[0][below[0]]) if len(below) else float("nan"),
        restricted_mean=float((np.diff(edges) * np.concatenate([[1.0], curve[1][:-1]])).sum()),
        longest=float(curve[0][-1]),
        curve=curve,
        censored=float(1.0 - events.mean()),
        hung_up=hung_up,
    )


def kaplan_meier(times: Floats, events: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[Floats, Floats, Floats, Floats]:
    """Share whose patience is longer than each time seen, with its 95 % limits (Greenwood's variance on the complementary logarithm).

    >>> curve = kaplan_meier(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, True]))
    >>> curve[1].tolist()
    [0.75, 0.75, 0.375, 0.0]
    """
    moments, codes = np.unique(times, return_inverse=True)
    lost = np.bincount(codes, weights=events.astype(float))
    ended = np.bincount(codes).astype(float)
    at_risk = len(times) - np.concatenate([[0.0], np.cumsum(ended)[:-1]])
    alive = np.cumprod(1.0 - lost / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(lost / (at_risk * (at_risk - lost)))
        width = 1.96 * np.sqrt(variance) / np.abs(np.log(alive))
        low, high = alive ** np.exp(width), alive ** np.exp(-width)
    known = (alive > 0) & (alive < 1)
    return moments, alive, np.where(known, low, alive), np.where(known, high, alive)


def _best(name: str, times: Floats, events: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[float, Estimate, Estimate]:
    """Highest log-likelihood of a family, and its mean [s] and cv there with intervals from the curvature.

    Beyond ten thousand different waits they are taken together by tenths of a second, which moves nothing that could be seen.
    """
    from scipy import optimize

    if len(np.unique(times)) > 10_000:
        times = np.maximum(np.round(times, 1), 0.05)
    moments, codes = np.unique(times, return_inverse=True)
    lost = np.bincount(codes, weights=events.astype(float))
    cut = np.bincount(codes, weights=(~events).astype(float))
    logs = np.log(moments)

    def loss(at: Floats) -> float:
        place, log_width = float(at[0]), float(np.clip(at[1], -7.0, 7.0))
        z = (logs - place) * np.exp(-log_width) if name == "lognormal" else np.exp(np.clip((logs - place) * np.exp(log_width), -700, 50))
        if name == "lognormal":
            from scipy import special

            density = -0.5 * z * z - 0.5 * np.log(2 * np.pi) - log_width - logs
            longer = special.log_ndtr(-z)
        else:
            density = log_width + (np.exp(log_width) - 1.0) * (logs - place) - place - z
            longer = -z
        return float(-(lost * density).sum() - (cut * longer).sum())

    start = np.array([np.log(times.sum() / events.sum()), 0.0])
    found = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-7, "maxiter": 2000})
    covariance = np.linalg.pinv(curvature(loss, found.x))
    count = int(events.sum())

    def with_interval(of: Any, unit: str) -> Estimate:
        step = 1e-5
        slope = np.array([(of(found.x + step * unit_) - of(found.x - step * unit_)) / (2 * step) for unit_ in np.eye(2)])
        reach = 1.96 * float(np.sqrt(max(slope @ covariance @ slope, 0.0)))
        value = float(of(found.x))
        return Estimate(float(np.exp(value)), float(np.exp(value - reach)), float(np.exp(value + reach)), unit, count, "hang-ups")

    return float(-found.fun), with_interval(lambda at: _log_mean(name, at), "s"), with_interval(lambda at: _log_cv(name, at), "")


def _log_mean(name: str, at: Floats) -> float:
    from scipy import special

    if name == "lognormal":
        return float(at[0] + np.exp(2 * at[1]) / 2)
    return float(at[0] + special.gammaln(1.0 + np.exp(-at[1])))


def _log_cv(name: str, at: Floats) -> float:
    from scipy import special

    if name == "lognormal":
        return float(0.5 * np.log(np.expm1(min(np.exp(2 * at[1]), 500.0))))
    shape = np.exp(-at[1])
    return float(0.5 * np.log(np.expm1(special.gammaln(1 + 2 * shape) - 2 * special.gammaln(1 + shape))))


def curvature(loss: Any, at: Floats) -> Floats:
    """Matrix of second derivatives of a function at a point, by central differences."""
    n, step = len(at), 1e-4
    eye = np.eye(n) * step
    found = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            four = loss(at + eye[i] + eye[j]) - loss(at + eye[i] - eye[j]) - loss(at - eye[i] + eye[j]) + loss(at - eye[i] - eye[j])
            found[i, j] = found[j, i] = four / (4 * step * step)
    return found
