"""How long absences last: whether who is away on one day is away on the next more often than others are.

A person is a Markov chain over calendar days, away or not, looked at on the days it was due: with p the share of days away, who is away
(or not) is away g days later with the chance p + (1 - p) c^g (or p - p c^g), whatever lies between. The likeliest c gives the mean length
1 / ((1 - p) (1 - c)) in calendar days, days off counted, as the scenario's `lasts` has it; with c = 0 each day stands by itself. People who
are away more often than others all year look like long absences: where a log is short nothing tells the two apart.
Source: Billingsley (1961), Annals of Mathematical Statistics 32(1), "Statistical methods in Markov chains".
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ccsim.fitting.estimate import Estimate, Floats, group_sums, left_out_in_turn

LONGEST_GAP: Final = 14  # days between two shifts of a person, beyond which the one says nothing of the other
FEWEST: Final = 10  # days away that were followed by a day due
GROUPS: Final = 50  # of people, left out in turn
_CLOSEST: Final = 0.995  # the largest c


def fit_lasts(person: Any, day: Any, away: Any) -> Estimate:
    """Mean length of an absence in calendar days, people left out in turn; limits of nan where it is not known, or each day is by itself.

    person, day (since 1970), away: [N], a row for each day on which a person was due.
    """
    unknown = Estimate(np.nan, np.nan, np.nan, "days", 0, "people")
    _, who = np.unique(np.asarray(person).astype(str), return_inverse=True)
    order = np.lexsort((day, who))
    who, day, away = who[order], np.asarray(day)[order], np.asarray(away)[order].astype(float)
    gap = np.diff(day)
    pair = (who[1:] == who[:-1]) & (gap >= 1) & (gap <= LONGEST_GAP)
    followed = int((away[:-1] * pair).sum())
    people = int(who.max()) + 1 if len(who) else 0
    if people < 3 or followed < FEWEST or away.all():
        return unknown
    columns = [np.ones(len(who)), away]
    for before in (0.0, 1.0):
        for after in (0.0, 1.0):
            for length in range(1, LONGEST_GAP + 1):
                own = np.zeros(len(who))
                own[:-1] = pair & (away[:-1] == before) & (away[1:] == after) & (gap == length)
                columns.append(own)
    sums = group_sums(who % GROUPS, *columns)
    found = left_out_in_turn(_length, sums, "days", people, "people", positive=True)
    alone = 1.0 / (1.0 - away.mean())
    return found if found.low > alone else Estimate(found.value, np.nan, np.nan, "days", people, "people")


def lag(length: float, share: float) -> float:
    """c, the part of a departure from the share that is left a day later, of absences of this mean length."""
    return max(1.0 - 1.0 / (length * (1.0 - share)), 0.0)


def falling_together(correlation: float, length: float, share: float) -> float:
    """What the correlation of two people's falling ill has to be for this correlation of their being away.

    A day's common chance F of falling ill, of variance r f (1 - f), adds that variance times (1 - p)^2 to the covariance of two people,
    of which c^2 is left a day later; f = p / (length (1 - p)).
    """
    c, falls = lag(length, share), share / (length * (1.0 - share))
    return correlation * share * (1.0 - c * c) / (falls * (1.0 - falls) * (1.0 - share))


def _length(sums: Floats) -> float:
    """The mean length of the greatest likelihood, from days due, days away, and counts of pairs [2, 2, gaps]."""
    from scipy import optimize

    due, gone = float(sums[0]), float(sums[1])
    if not 0 < gone < due:
        return np.nan
    p, pairs = gone / due, sums[2:].reshape(2, 2, LONGEST_GAP)
    gaps = np.arange(1, LONGEST_GAP + 1)

    def loss(c: float) -> float:
        left = c**gaps
        away = np.array([p - p * left, p + (1.0 - p) * left])
        return -float((pairs[:, 1] * np.log(away + 1e-300)).sum() + (pairs[:, 0] * np.log(1.0 - away + 1e-300)).sum())

    c = float(optimize.minimize_scalar(loss, bounds=(0.0, _CLOSEST), method="bounded", options={"xatol": 1e-5}).x)
    return 1.0 / ((1.0 - p) * (1.0 - c))
