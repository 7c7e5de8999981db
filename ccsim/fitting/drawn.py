"""Parameters that the records do not rule out: sets of numbers for the fitted scenario, each drawn from where its estimate may lie.

Each estimate is drawn from a law of two halves of a normal one, with the estimate as its median and the estimate's own 95 % limits as the
2.5 % and 97.5 % points: on the logarithm where the limits are above 0, on the logarithm of the odds for a share. The limits come from days
and people left out in turn with Student's t (estimate.py) and keep their level on three days, where a bootstrap of three days (Rubin 1981,
The Bayesian bootstrap, Annals of Statistics 9(1)) would be too sure. Two things are drawn together with what they hang on. The mean of a
patience law follows from its drawn shape, as the likeliest one for the waits recorded (a profile likelihood). The calls of a weekday's
slots have the variance that Poisson and the interval's own factor give a mean over its days, and add up to the drawn calls of the weekday.
Handle times by interval have a common level, and each what its own limits leave open beyond that.
Each number's draws are stratified, one in each of K equal parts of its law (McKay, Beckman & Conover 1979, Technometrics 21(2)), so that
few sets do not lean to one side by chance.

Where too few weekdays were seen twice, nothing tells how far days differ. The cv of the day's factor is then drawn evenly from 0 to twice
its starting value of 0.12; the intervals of the weekdays' calls allow for such days already (demand.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError, ScenarioError
from ccsim.fitting.drawn_patience import patience_means
from ccsim.fitting.estimate import Estimate, Floats
from ccsim.fitting.fit import Fit, TypeFit
from ccsim.fitting.spells import falling_together
from ccsim.fitting.written import scenario_text, written_slots
from ccsim.fitting.written_people import delay_words
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.units import parse_duration, parse_share

if TYPE_CHECKING:
    from ccsim.fitting.attendance import Category
    from ccsim.fitting.by_interval import BySlot

FEWEST: Final = 5  # sets, below which their spread says next to nothing
MOST: Final = 400
STARTING: Final = 0.12  # busyness of the day where the records say nothing of it
_RANGE: Final = 2.0 * STARTING
_Z: Final = 1.959963984540054
_SPARE: Final = 3  # times the sets asked for that are drawn at most, where some make no scenario

# Gives for a name and a count as many uniforms on (0, 1), the same whenever it is asked; owner k is set k
Luck = Callable[[str, int], Floats]


@dataclass(frozen=True)
class Draws:
    """Sets of parameters drawn for one fitted scenario.

    title     of that scenario
    text      SHA-256 of its file as it was fitted
    fitted    what it says at each key that is drawn, as in the file; None where it says nothing
    sets      for each draw, what stands at each of these keys instead
    held      sentences on what was not drawn
    """

    title: str
    text: str
    fitted: dict[str, Any]
    sets: tuple[dict[str, Any], ...]
    held: tuple[str, ...]


def draw_parameters(found: Fit, count: int, luck: Luck, repeats: bool = False) -> Draws:
    """`count` sets of parameters for the scenario that `scenario_text(found, repeats)` writes.

    Raises `InputError` for fewer than 5 or more than 400, or where the records leave next to nothing that makes a scenario.
    """
    check_count(count)
    text = scenario_text(found, repeats)
    scenario = loads(text)
    table = _Table(scenario, count, luck)
    for one in found.types.values():
        _volume(table, found, one)
        _busyness(table, one)
        _handle_time(table, found, one)
        _patience(table, found, one)
        for key, later in (("redial", one.redials), ("repeat", one.repeats)):
            if later is not None and key in scenario.data["calls"][one.name]:
                table.share(f"calls.{one.name}.{key}.chance", later.chance, 1.0)
                table.scaled(f"calls.{one.name}.{key}.after.mean", later.delay)
    _spread(table, found)
    _people(table, found)
    table.held.append("as fitted in every draw: opening hours, roster and who takes what, kinds of laws, odds by weekday")
    sets = table.sets()
    return Draws(scenario.title, hashlib.sha256(text.encode("utf-8")).hexdigest(), table.fitted, sets, tuple(table.held))


def check_count(count: int) -> None:
    """Raise `InputError` for fewer sets than have a spread, or more than are ever played."""
    if not FEWEST <= count <= MOST:
        raise InputError(f"{count} draws are asked for; give {FEWEST} to {MOST}, such as 40")


class _Table:
    """What was drawn so far: for each key what the scenario says and the values that take its place."""

    def __init__(self, scenario: Scenario, asked: int, luck: Luck) -> None:
        self.scenario = scenario
        self.count = asked * _SPARE
        self._asked = asked
        self.fitted: dict[str, Any] = {}
        self.held: list[str] = []
        self._luck = luck
        self._values: dict[str, list[Any]] = {}

    def uniforms(self, name: str) -> Floats:
        """[count] uniforms of a name; of the sets asked for, one in each of as many equal parts of (0, 1)."""
        found, asked = self._luck(name, self.count), self._asked
        found[:asked] = (np.argsort(np.argsort(found[:asked])) + self._luck(f"{name}, within", asked)) / asked
        return found

    def normals(self, name: str) -> Floats:
        """[count] standard normal values of a name."""
        from scipy import special

        return np.asarray(special.ndtri(self.uniforms(name)), dtype=np.float64)

    def put(self, key: str, fitted: Any, values: list[Any]) -> None:
        """Take a key that is drawn."""
        self.fitted[key] = fitted
        self._values[key] = values

    def law(self, key: str, estimate: Estimate, top: float = np.inf, of: str = "") -> Floats | None:
        """[count] values of an estimate; None, and a sentence, where its interval is not known. `of` names luck that keys share."""
        if not (np.isfinite(estimate.low) and np.isfinite(estimate.high)):
            self.held.append(f"{key}: its interval is not known")
            return None
        return np.minimum(drawn(estimate, self.normals(of or key)), top)

    def scaled(self, key: str, estimate: Estimate, of: str = "") -> None:
        """Draw a length of time."""
        values = self.law(key, estimate, of=of)
        if values is not None:
            fitted = _at(self.scenario.data, key)
            ratios = (values / estimate.value).tolist()
            length = parse_duration(fitted)
            self.put(key, fitted, [f"{max(length * ratio, 0.01):.2f} s" for ratio in ratios])

    def share(self, key: str, estimate: Estimate, top: float) -> None:
        """Draw a share, at the most `top`."""
        values = self.law(key, estimate)
        if values is not None and estimate.value > 0:
            fitted = _at(self.scenario.data, key)
            ratios = (values / estimate.value) * parse_share(fitted)
            self.put(key, fitted, [f"{100 * share:.4f} %" for share in np.clip(ratios, 0.0, top).tolist()])

    def plain(self, key: str, estimate: Estimate, top: float, of: str = "") -> None:
        """Draw a plain number, at the most `top`."""
        values = self.law(key, estimate, top, of)
        if values is not None:
            fitted = _at(self.scenario.data, key)
            scale = float(fitted) / estimate.value if estimate.value > 0 else 1.0
            self.put(key, fitted, [f"{number:.4f}" for number in np.clip(values * scale, 0.0, top).tolist()])

    def sets(self) -> tuple[dict[str, Any], ...]:
        """The first sets that make a scenario, as many as were asked for."""
        good: list[dict[str, Any]] = []
        for number in range(self.count):
            one = {key: values[number] for key, values in self._values.items()}
            try:
                changed(self.scenario, one)
            except ScenarioError:
                continue  # such as shrinkage of more than everybody
            good.append(one)
            if len(good) == self._asked:
                return tuple(good)
        raise InputError(f"of {self.count} draws only {len(good)} make a scenario; the records say too little for draws, so leave them out")


def drawn(estimate: Estimate, z: Floats) -> Floats:
    """Values of an estimate for standard normal `z` [K]: the estimate at 0, its 95 % limits at -1.96 and 1.96.

    >>> drawn(Estimate(4.0, 2.0, 16.0, "s", 9, "days"), np.array([-1.959963984540054, 0.0, 1.959963984540054])).round(6).tolist()
    [2.0, 4.0, 16.0]
    """
    value, low, high = estimate.value, min(estimate.low, estimate.value), max(estimate.high, estimate.value)
    if estimate.unit == "share" and 0.0 < low and high < 1.0:
        from scipy import special

        middle, left, right = (float(special.logit(number)) for number in (value, low, high))
        return np.asarray(special.expit(_halves(middle, left, right, z)))
    if low > 0.0:
        return np.exp(_halves(float(np.log(value)), float(np.log(low)), float(np.log(high)), z))
    return np.maximum(_halves(value, low, high, z), 0.0)


def _halves(value: float, low: float, high: float, z: Floats) -> Floats:
    return value + z / _Z * np.where(z > 0, high - value, value - low)


def _at(data: Mapping[str, Any], key: str) -> Any:
    """What stands at a dotted key of a fitted scenario's file. Names may hold dots: the longest that is there is meant."""
    place: Any = data
    parts = key.split(".")
    while parts:
        length = next(length for length in range(len(parts), 0, -1) if ".".join(parts[:length]) in place)
        place, parts = place[".".join(parts[:length])], parts[length:]
    return place


def _volume(table: _Table, found: Fit, one: TypeFit) -> None:
    """Calls by interval: the level of the trend, each weekday's calls, and the slots within a weekday."""
    key, demand, days = f"calls.{one.name}.volume", one.demand, found.days
    often = np.bincount(days.weekday[days.usual], minlength=7)
    level = np.ones(table.count)
    if demand.trended:
        place = np.flatnonzero(days.usual)
        age = float((place[-1] - place).mean()) / 7.0  # weeks before the last day, at whose level the profile is
        growth = drawn(_above_minus_one(demand.trend), table.normals(f"{key}, trend"))
        level = (growth / (1.0 + demand.trend.value)) ** age
    own_factor = float(np.nan_to_num(demand.busyness_interval.value)) ** 2
    parts = []
    for w in range(7):
        mean = demand.profile[w][days.open_slots[w]]
        if not len(mean):
            continue
        total = float(mean.sum())
        if not often[w] or w not in demand.weekdays or total <= 0:
            parts.append(np.tile(mean, (table.count, 1)))
            continue
        ratio = drawn(demand.weekdays_alone[w], table.normals(f"{key}, {w}")) / demand.weekdays[w].value
        width = np.sqrt(np.log1p((1.0 / np.maximum(mean, 0.5) + own_factor) / often[w]))  # [S] of the logarithm
        noise = np.stack([table.normals(f"{key}, {w} {slot}") for slot in range(len(mean))], axis=1)
        slots = mean * np.exp(width * noise)
        parts.append(slots * (total * ratio * level / slots.sum(axis=1))[:, None])
    path = np.concatenate(parts, axis=1)
    fitted = table.scenario.data["calls"][one.name]["volume"]
    table.put(key, fitted, [[f"{number:.4g}" for number in row] for row in path.tolist()])


def _above_minus_one(trend: Estimate) -> Estimate:
    """Growth a week as a factor."""
    return replace(trend, value=1.0 + trend.value, low=1.0 + trend.low, high=1.0 + trend.high, unit="")


def _busyness(table: _Table, one: TypeFit) -> None:
    """How much days and intervals differ; where days say nothing of it, about the starting value."""
    key, demand = f"calls.{one.name}.busyness", one.demand
    fitted = table.scenario.data["calls"][one.name].get("busyness")
    if np.isfinite(demand.busyness_day.value):
        day = table.law(f"{key}.day", demand.busyness_day, 1.0)
        if day is None:
            day = np.full(table.count, demand.busyness_day.value)
    else:
        day = _RANGE * table.uniforms(f"{key}.day")
        table.held.append(f"{key}.day: no weekday was seen often enough to tell; drawn evenly from 0 to {_RANGE:g}")
    interval = np.zeros(table.count)
    if np.isfinite(demand.busyness_interval.value):
        own = table.law(f"{key}.interval", demand.busyness_interval, 1.0)
        interval = own if own is not None else np.full(table.count, demand.busyness_interval.value)
    values = [{"day": f"{a:.4f}", "interval": f"{b:.4f}"} for a, b in zip(day.tolist(), interval.tolist(), strict=True)]
    table.put(key, fitted, values)


def _by_slot(table: _Table, found: Fit, one: TypeFit, slots: BySlot) -> None:
    """Means by interval: the level that all have in common, and what each interval's own limits leave open beyond it."""
    key = f"calls.{one.name}.handle_time.mean"
    fitted = list(_at(table.scenario.data, key))
    places = written_slots(found)
    width = np.log(slots.high / np.maximum(slots.low, 1e-9)) / (2.0 * _Z)  # [S] of the logarithm
    level, common = np.zeros(table.count), 0.0
    handle = one.handle_time
    if handle is not None and handle.mean.low > 0:
        whose = "all types" if one.handle_time_pooled else one.name
        level = np.log(drawn(handle.mean, table.normals(f"handle time of {whose}, mean")) / handle.mean.value)
        common = float(np.log(handle.mean.high / handle.mean.low)) / (2.0 * _Z)
    own = np.sqrt(np.maximum(width**2 - common**2, 0.0))
    kinds = {place: np.exp(level + own[place] * table.normals(f"{key}, {place}")) for place in sorted(set(places))}
    lengths = [parse_duration(text) for text in fitted]
    rows = [
        [f"{max(length * float(kinds[place][k]), 0.01):.2f} s" for length, place in zip(lengths, places, strict=True)]
        for k in range(table.count)
    ]
    table.put(key, fitted, rows)


def _handle_time(table: _Table, found: Fit, one: TypeFit) -> None:
    """Mean and cv; the parts of a handle time grow and shrink together."""
    key, handle = f"calls.{one.name}.handle_time", one.handle_time
    written = table.scenario.data["calls"][one.name]["handle_time"]
    slots = one.by_interval
    if slots is not None and isinstance(written.get("mean"), (list, tuple)):
        _by_slot(table, found, one, slots)
    if handle is None and slots is not None:
        table.held.append(f"{key}: counts do not tell the cv")
        return
    if handle is None:
        table.held.append(f"{key}: not in the records, or without an interval")
        return
    whose = "all types" if one.handle_time_pooled else one.name
    for part in ("mean", "talk", "hold", "wrap"):
        if part in written and not isinstance(written[part], (list, tuple)) and parse_duration(written[part]) > 0:
            table.scaled(f"{key}.{part}", handle.mean, f"handle time of {whose}, mean")
    if "cv" in written and handle.cv.value > 0:
        within = any("handle_time_spread" in group for group in table.scenario.data.get("staff", {}).values())
        own = handle.cv_within if within and np.isfinite(handle.cv_within.value) else handle.cv
        table.plain(f"{key}.cv", own, 20.0, f"handle time of {whose}, cv")


def _patience(table: _Table, found: Fit, one: TypeFit) -> None:
    """Mean and cv of the patience, and the share that hangs up at once."""
    key, patience = f"calls.{one.name}.patience", one.patience
    written = table.scenario.data["calls"][one.name]
    if patience is None:
        table.held.append(f"{key}: not in the records, or without an interval")
        return
    whose = "all types" if one.patience_pooled else one.name
    if "dist" not in written["patience"]:
        table.scaled(f"{key}.mean", patience.exponential, f"patience of {whose}, mean")
    else:
        level = table.law(f"{key}.mean", patience.exponential, of=f"patience of {whose}, mean")
        cv = table.law(f"{key}.cv", patience.cv, 20.0, f"patience of {whose}, cv")
        if level is not None and cv is not None:
            frame = found.source.frame
            own = frame if one.patience_pooled else frame[(frame["call_type"] == one.name).to_numpy()]
            cv = np.maximum(cv, 0.05)
            means = patience_means(own, patience.family, cv) * level / patience.exponential.value
            table.put(f"{key}.mean", written["patience"]["mean"], [f"{min(mean, 8.0e6):.2f} s" for mean in means.tolist()])
            table.put(f"{key}.cv", written["patience"]["cv"], [f"{number:.4f}" for number in cv.tolist()])
    if "balk" in written:
        table.share(f"calls.{one.name}.balk", patience.balk, 0.95)


def _spread(table: _Table, found: Fit) -> None:
    """cv between people, which all groups have in common."""
    handle = next(iter(found.types.values())).handle_time
    for name, group in table.scenario.data.get("staff", {}).items():
        if handle is not None and "handle_time_spread" in group:
            table.plain(f"staff.{name}.handle_time_spread", handle.spread, 3.0, "spread between people")


def _lasting(table: _Table, key: str, one: Category, written: Mapping[str, Any]) -> None:
    """How long absences last, and with that length and the share drawn the correlation of falling ill."""
    lasts = np.maximum(drawn(one.lasts, table.normals(f"{key}.lasts")), 1.0)
    table.put(f"{key}.lasts", written["lasts"], [f"{days:.2f} days" for days in lasts.tolist()])
    if "correlation" not in written:
        return
    away = table.law(f"{key}.correlation", one.correlation, 0.9)
    if away is not None:
        shares = np.clip(drawn(one.share, table.normals(f"{key}.share")), 1e-6, 0.95)
        falling = [falling_together(*three) for three in zip(away.tolist(), lasts.tolist(), shares.tolist(), strict=True)]
        table.put(f"{key}.correlation", written["correlation"], [f"{min(max(r, 0.0), 0.9):.4f}" for r in falling])


def _people(table: _Table, found: Fit) -> None:
    """Absence, leave, time off the queue, lateness."""
    written = table.scenario.data.get("shrinkage", {})
    if found.people is None:
        return
    for title, one in found.people.categories.items():
        if title not in written:
            continue
        table.share(f"shrinkage.{title}.share", one.share, 0.95)
        if "lasts" in written[title]:
            _lasting(table, f"shrinkage.{title}", one, written[title])
        elif "correlation" in written[title]:
            table.plain(f"shrinkage.{title}.correlation", one.correlation, 0.9)
    words = delay_words(found.people)
    for title, told in ((words["late"], found.people.late), (words["early"], found.people.early)):
        if told is not None and title in written and "chance" in written[title]:
            table.share(f"shrinkage.{title}.chance", told[0], 1.0)
            table.scaled(f"shrinkage.{title}.by.mean", told[1])
