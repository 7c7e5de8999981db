"""How many of those rostered turn up: the exact distribution, as the engine draws it, and the draws themselves.

Planned leave takes whole people off the roster before the day: of n people and a share p, n p of them, rounded up or down at random with
the right mean. Each category of absence then strikes everybody left with the same chance, independently (binomial), or, with a
correlation rho, given that day's own rate, which is Beta with mean m and a + b = 1 / rho - 1 (beta-binomial: Skellam 1948, Journal of the
Royal Statistical Society B 10(2), 257-261). Time lost inside the shift is no luck here: it takes its share of those who turned up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.inputs.shrinkage import taken
from ccsim.staffing.crews import shrinkage_of

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
MOST_PEOPLE = 20_000
# Chances below this are left out where they would only cost time
_NEGLIGIBLE = 1e-18
_SLACK = 1e-12


@dataclass(frozen=True)
class Away:
    """What keeps rostered people from turning up.

    planned: shares of the roster on leave; absent: (chance, correlation between two people) of each category, of those whom the earlier
    ones left; inside: share of the time of those who came that is lost within the shift.
    """

    planned: tuple[float, ...] = ()
    absent: tuple[tuple[float, float], ...] = ()
    inside: float = 0.0

    def __post_init__(self) -> None:
        for share in (*self.planned, *(chance for chance, _ in self.absent), self.inside):
            if not 0.0 <= share <= 1.0:
                raise InputError(f"a share of {share:g} of the people cannot be away; give 0 to 1")
        for _, correlation in self.absent:
            if not 0.0 <= correlation < 1.0:
                raise InputError(f"a correlation of {correlation:g} between absences makes no sense here; give 0 to 0.99")
        if sum(self.planned) >= 1.0:
            raise InputError(f"planned leave takes {100 * sum(self.planned):g} % of the people: nobody would be left; lower the shares")

    @property
    def share(self) -> float:
        """Share of paid time lost, all in all: the shrinkage."""
        left = 1.0 - sum(self.planned)
        for chance, _ in self.absent:
            left *= 1.0 - chance
        return 1.0 - left * (1.0 - self.inside)


def away_of(scenario: Scenario, group: str | None = None) -> Away:
    """Return what keeps the people of a group of `staff` away, or for None those whom every category strikes that names no groups.

    Shares of the file are of paid time and add (`ccsim.inputs.shrinkage.taken`); an absence strikes those whom earlier categories left.
    """
    met = [part for part in scenario.shrinkage.values() if part.groups is None or (group is not None and group in part.groups)]
    shares = taken(met)
    planned = tuple(shares[part.name] for part in met if part.kind == "planned" and shares[part.name] > 0.0)
    left = 1.0 - sum(planned)
    absent: list[tuple[float, float]] = []
    for part in met:
        if part.kind == "absence" and shares[part.name] > 0.0:
            absent.append((min(1.0, shares[part.name] / left), part.correlation))
            left -= shares[part.name]
    inside = max(0.0, 1.0 - (1.0 - shrinkage_of(scenario, group)[0]) / left)
    return Away(planned, tuple(absent), inside if inside > 1e-12 else 0.0)


@lru_cache(maxsize=512)
def turn_up(people: int, away: Away) -> Floats:
    """Return the chance that exactly k of `people` rostered turn up, for k from 0 to `people`: an array of length people + 1.

    Raises `InputError` for a number of people that is negative or above 20,000.

    >>> turn_up(2, Away(absent=((0.25, 0.0),))).round(4).tolist()
    [0.0625, 0.375, 0.5625]
    """
    if not 0 <= people <= MOST_PEOPLE:
        raise InputError(f"a roster of {people:,} people cannot be reckoned with; give 0 to {MOST_PEOPLE:,}")
    chances = _after_leave(people, away.planned)
    for chance, correlation in away.absent:
        chances = _after_absence(chances, chance, correlation)
    chances /= chances.sum()
    chances.flags.writeable = False
    return chances


def at_least(people: int, required: float, away: Away) -> float:
    """Return the chance that of `people` rostered at least `required` are on duty, time lost inside the shift taken off."""
    here = int(np.ceil(required / (1.0 - away.inside) - 1e-9)) if away.inside < 1.0 else people + 1
    if here <= 0:
        return 1.0
    return 0.0 if here > people else float(min(1.0, turn_up(people, away)[here:].sum()))


def people_for(required: float, away: Away, certainty: float) -> int:
    """Return the fewest people to roster so that at least `required` turn up with a chance of `certainty`.

    One more on the roster never lowers that chance, so the answer is found by doubling and halving. Raises `InputError` where `certainty`
    is not above 0 and below 1, and where no roster of up to 20,000 people reaches it.

    >>> people_for(14, Away(absent=((0.3, 0.0),)), 0.95)
    25
    """
    if not 0.0 < certainty < 1.0:
        raise InputError(f"a certainty of {certainty:g} cannot be had; give a chance above 0 and below 1, such as 0.95")
    if not (np.isfinite(required) and required >= 0.0):
        raise InputError(f"required is {required:g}; give a finite number of 0 or more")

    def enough(people: int) -> bool:
        return at_least(people, required, away) >= certainty - _SLACK

    low, high = int(np.ceil(required - 1e-9)), max(int(np.ceil(required / max(1.0 - away.share, 1e-3))), 1)
    if enough(low):
        return low
    high = min(max(high, low + 1), MOST_PEOPLE)
    while not enough(high):
        if high == MOST_PEOPLE:
            raise InputError(
                f"no roster of up to {MOST_PEOPLE:,} people brings {required:g} on duty on {100 * certainty:g} % of days; ask for less "
                "certainty, or lower the absences or their correlation"
            )
        low, high = high, min(2 * high, MOST_PEOPLE)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def drawn(scenario: Scenario, days: int, seed: int = 1) -> dict[str, NDArray[np.int64]]:
    """Return how many people of each group turned up in `days` days drawn by the engine, [days] for each group of people.

    The simulated route to `turn_up`: the draws that a run plays, without playing them. Counts the first day of the path on which the group
    works. Raises `InputError` for less than one day.
    """
    from ccsim.engine import duty
    from ccsim.engine.draws import Drawer
    from ccsim.engine.shifts import shifts as shifts_of

    if days < 1:
        raise InputError(f"{days} days cannot be drawn; give 1 or more")
    drawer = Drawer(scenario, duty.build(scenario), seed)
    roster = shifts_of(scenario)
    shifts = {}
    for number, name in enumerate(scenario.staff):
        mine = np.flatnonzero((roster.group == number) & (roster.day >= 0))
        if mine.size:
            shifts[name] = mine[roster.day[mine] == roster.day[mine].min()]
    counts = {name: np.zeros(days, dtype=np.int64) for name in shifts}
    for replication in range(days):
        drawer.day(replication)
        for name, mine in shifts.items():
            counts[name][replication] = int((drawer.away[mine] == 0).sum())
    return counts


def _after_leave(people: int, planned: tuple[float, ...]) -> Floats:
    """Chances of the number left when each category has taken its whole people."""
    chances = np.zeros(people + 1)
    chances[people] = 1.0
    for share in planned:
        whole = int(np.floor(share * people))
        more = share * people - whole
        left = np.zeros_like(chances)
        for number, chance in ((whole, 1.0 - more), (whole + 1, more)):
            if chance > 0.0:
                left[: people + 1 - number] += chance * chances[number:]
                left[0] += chance * chances[:number].sum()
        chances = left
    return chances


def _after_absence(chances: Floats, chance: float, correlation: float) -> Floats:
    """Chances of the number present when each of those left is missing with a chance, common to all given the day's rate."""
    left = np.zeros_like(chances)
    for here in np.flatnonzero(chances > _NEGLIGIBLE):
        left[: here + 1] += chances[here] * _missing(int(here), chance, correlation)[::-1]
    return left


@lru_cache(maxsize=512)
def _missing(people: int, chance: float, correlation: float) -> Floats:
    """Chances that k of `people` are missing, k from 0 to `people`: binomial or beta-binomial."""
    from ccsim.special_functions import betaln, gammaln, xlog1py, xlogy

    k = np.arange(people + 1.0)
    choose = gammaln(people + 1.0) - gammaln(k + 1.0) - gammaln(people - k + 1.0)
    if correlation == 0.0 or chance in (0.0, 1.0):
        found = np.exp(choose + xlogy(k, chance) + xlog1py(people - k, -chance))
    else:
        spread = 1.0 / correlation - 1.0
        a, b = chance * spread, (1.0 - chance) * spread
        found = np.exp(choose + betaln(k + a, people - k + b) - betaln(a, b))
    return np.asarray(found / found.sum())
