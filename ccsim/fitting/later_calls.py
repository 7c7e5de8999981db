"""Callers who call again: after hanging up (redials) and after an answer (repeats), from caller ids.

Of the callers who hang up a share p calls again after a delay that is exponential with mean m; besides, callers whom we know call for other
reasons at a rate r. The next call of the caller after t seconds so has the density (p f(t) + (1 - p F(t)) r) exp(-r t), and none within the
c seconds seen has the chance (1 - p F(c)) exp(-r c); c ends at closing or after the longest delay looked at. The three numbers are those of
the greatest likelihood; r is left out where it makes nothing likelier.

Calls without an id say nothing. Where ids are missing at random the estimates hold for everybody; where those who redial are recognised
more often (regular customers are) the chance is too high for the rest; and a call again from another number is missed, so that it is low.
Source: a mixture cure model, Boag (1949), J. Royal Statistical Society B 11(1); Maller & Zhou (1996), Survival Analysis with Long-Term
Survivors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Estimate, Floats, coded
from ccsim.fitting.patience import curvature

if TYPE_CHECKING:
    import pandas as pd

FEWEST: Final = 20  # calls again, below which nothing is said
REDIAL_WITHIN: Final = 4 * 3600.0  # s
_TOLD: Final = 2.996  # half the 95 % point of chi-square with two degrees of freedom
REPEAT_WITHIN: Final = 24 * 3600.0  # s


@dataclass(frozen=True)
class LaterCalls:
    """What caller ids say of one call type and one kind of later call."""

    chance: Estimate
    delay: Estimate  # mean [s]
    background: float  # calls for other reasons, of one known caller [1/s]
    within_hour: float  # share seen to call again within an hour, for whatever reason
    median: float  # of the delays seen within an hour [s]
    by_attempt: tuple[tuple[int, int], ...]  # for each attempt: hang-ups, and how many were followed by a call within the time looked at
    unknown: float  # share of the calls looked at that have no id
    delays: Floats  # seen [s]


def fit_redials(frame: pd.DataFrame, kind: str) -> LaterCalls | None:
    """Redials after a hang-up or a busy signal of this type; None where too few have an id, or call again for that."""
    return _fit(frame, kind, answered=False, within=REDIAL_WITHIN)


def fit_repeats(frame: pd.DataFrame, kind: str) -> LaterCalls | None:
    """Calls again after an answered call of this type; None where too few have an id, or call again for that."""
    return _fit(frame, kind, answered=True, within=REPEAT_WITHIN)


def _fit(frame: pd.DataFrame, kind: str, answered: bool, within: float) -> LaterCalls | None:
    own = (frame["call_type"] == kind).to_numpy()
    ours = own & ((frame["outcome"] == "answered").to_numpy() == answered)
    if not ours.any():
        return None
    known = frame["caller"].notna().to_numpy()
    unknown = 1.0 - float(known[ours].mean())
    rows = frame.loc[known & own, ["arrival", "caller", "wait", "handle_time", "outcome"]]
    if len(rows) < FEWEST:
        return None
    _, caller = coded(rows["caller"].to_numpy(dtype=object), ordered=False)
    arrival = rows["arrival"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6
    order = np.lexsort((arrival, caller))
    caller, arrival = caller[order], arrival[order]
    stay = np.nan_to_num(rows["wait"].to_numpy(dtype=float)) + np.nan_to_num(rows["handle_time"].to_numpy(dtype=float))
    ended = arrival + stay[order]
    outcome = (rows["outcome"] == "answered").to_numpy()[order]
    following = np.concatenate([caller[1:] == caller[:-1], [False]])
    gap = np.where(following, np.concatenate([arrival[1:], [0.0]]) - ended, np.inf)
    chosen = (outcome == answered) & (gap >= 0)
    if not chosen.any():
        return None
    seen = np.minimum(_until_closing(frame, arrival, ended), within)
    event = chosen & (gap <= seen)
    if event.sum() < FEWEST:
        return None
    mixed = _mixture(np.minimum(gap, seen)[chosen & (seen > 0)], event[chosen & (seen > 0)])
    if mixed is None or mixed[1].value > within:
        return None  # what calls there are come for other reasons, as far as can be told
    chance, delay, background = mixed
    hour = gap[chosen] <= 3600.0
    return LaterCalls(
        chance=chance,
        delay=delay,
        background=background,
        within_hour=float(hour.mean()),
        median=float(np.median(gap[chosen][hour])) if hour.any() else float("nan"),
        by_attempt=() if answered else _by_attempt(following, gap, outcome, chosen, event, within),
        unknown=unknown,
        delays=gap[event],
    )


def _until_closing(frame: pd.DataFrame, arrival: Floats, ended: Floats) -> Floats:
    """Seconds from the end of each call to the last arrival of its day; a centre that takes calls at all hours has no closing."""
    moments = frame["arrival"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6
    days, codes = np.unique(moments // 86400.0, return_inverse=True)
    last, first = np.full(len(days), -np.inf), np.full(len(days), np.inf)
    np.maximum.at(last, codes, moments)
    np.minimum.at(first, codes, moments)
    if np.median(last - first) > 23 * 3600.0:
        return np.maximum(moments.max() - ended, 0.0)
    return np.maximum(last[np.searchsorted(days, arrival // 86400.0)] - ended, 0.0)


def _mixture(times: Floats, events: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[Estimate, Estimate, float] | None:
    """Chance, mean delay [s] and rate of other calls [1/s] of the greatest likelihood; intervals from the curvature.

    None where calls for other reasons alone are as likely: twice the logarithms' difference is below the 95 % point of chi-square.
    """
    from scipy import special

    count = int(events.sum())
    own = _Loss(times[events], times[~events])
    middle = max(float(np.median(times[events])), 1.0)
    plain = _least(own, np.array([special.logit(min(events.mean(), 0.95)), np.log(middle)]))
    with_rate = _least(own, np.array([*plain.x, np.log(0.1 * events.mean() / times.mean())]))
    best = with_rate if with_rate.fun < plain.fun - 1.92 else plain
    if -best.fun < count * np.log(count / times.sum()) - count + _TOLD:
        return None
    spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(curvature(own.value, best.x))), 0.0))
    low, high = best.x[:2] - 1.96 * spread[:2], best.x[:2] + 1.96 * spread[:2]
    p, p_low, p_high = (float(special.expit(at[0])) for at in (best.x, low, high))
    m, m_low, m_high = (float(np.exp(at[1])) for at in (best.x, low, high))
    chance = Estimate(p, p_low, p_high, "share", len(times), "calls")
    delay = Estimate(m, m_low, m_high, "s", count, "calls again")
    return chance, delay, float(np.exp(best.x[2])) if len(best.x) > 2 else 0.0


class _Loss:
    """The log-likelihood, with its sign turned, of the odds of p, the logarithm of m, and that of r where there is one."""

    def __init__(self, seen: Floats, missing: Floats) -> None:
        self.seen, self.missing = seen, missing

    def value(self, at: Floats) -> float:
        """The loss."""
        return self.with_slope(at)[0]

    def with_slope(self, at: Floats) -> tuple[float, Floats]:
        """The loss and its derivatives."""
        from scipy import special

        t, n = self.seen, len(at)
        p, m = float(special.expit(at[0])), float(np.exp(np.clip(at[1], -5, 20)))
        r = float(np.exp(np.clip(at[2], -40, 0))) if n > 2 else 0.0
        left, left_missing = np.exp(-t / m), np.exp(-self.missing / m)
        stayed = 1.0 - p * (1.0 - left)
        density = np.maximum(p / m * left + stayed * r, 1e-300)
        longer = np.maximum(1.0 - p * (1.0 - left_missing), 1e-300)
        loss = -float((np.log(density) - r * t).sum() + (np.log(longer) - r * self.missing).sum())
        by_p = ((left / m - (1.0 - left) * r) / density).sum() - ((1.0 - left_missing) / longer).sum()
        by_m = (p * left / m**2 * (t / m - 1.0 + r * t) / density).sum() + (p * left_missing * self.missing / m**2 / longer).sum()
        by_r = (stayed / density - t).sum() - self.missing.sum()
        return loss, -np.array([by_p * p * (1.0 - p), by_m * m, by_r * r][:n])


def _least(loss: _Loss, start: Floats) -> Any:
    """Where the loss is least: by its slopes, or where that fails by looking about."""
    from scipy import optimize

    scale = float(len(loss.seen) + len(loss.missing))

    def scaled(at: Floats) -> tuple[float, Floats]:
        value, slope = loss.with_slope(at)
        return value / scale, slope / scale

    found = optimize.minimize(scaled, start, jac=True, method="BFGS", options={"gtol": 1e-7})
    if not found.success and np.abs(found.jac).max() > 1e-5:
        options = {"xatol": 1e-6, "fatol": 1e-6, "maxiter": 3000, "maxfev": 3000}
        return optimize.minimize(loss.value, start, method="Nelder-Mead", options=options)
    found.fun *= scale
    return found


def _by_attempt(following: Any, gap: Floats, outcome: Any, chosen: Any, event: Any, within: float) -> tuple[tuple[int, int], ...]:
    """Hang-ups and calls again by how many hang-ups in a row came before, each within the time looked at."""
    attempt = np.zeros(len(gap), dtype=np.int64)
    for place in range(1, len(gap)):
        if following[place - 1] and not outcome[place - 1] and 0 <= gap[place - 1] <= within:
            attempt[place] = attempt[place - 1] + 1
    found = []
    for number in range(min(int(attempt[chosen].max()) + 1, 6)):
        own = chosen & (attempt == number)
        found.append((int(own.sum()), int((own & event).sum())))
    return tuple(found)
