"""What the number of people hangs on: each input changed by itself, and one agent more or fewer at the peak."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccsim.inputs.targets import Target
from ccsim.staffing.crews import Load
from ccsim.staffing.sizing.need import OverDays, Question
from ccsim.units import format_duration, format_share

Floats = NDArray[np.float64]
ASIDE = 0.2  # of the volume, where the file gives no range: a new centre's yearly volume is hardly known better
_HANDLE, _POINTS_LOST, _POINTS_SHARE = 0.10, 0.03, 0.05
_CV = 0.10  # of the day, tried where the file has none
_HIGHEST = 0.995
_AROUND = 3
_Change = tuple[str, tuple[str, str], Question, Question]  # input, what it is changed to, and what is then asked


@dataclass(frozen=True)
class Bar:
    """One input of the tornado: what it is changed to, and the people it then takes."""

    name: str
    low_label: str
    high_label: str
    low: float  # people
    high: float

    @property
    def width(self) -> float:
        """From the fewest to the most people."""
        return abs(self.high - self.low)


@dataclass(frozen=True)
class One:
    """The peak interval with so many agents on duty, by formula, over all days together."""

    agents: int
    service_level: float  # the target's variant
    mean_wait: float  # s
    average_speed_of_answer: float  # s
    abandoned_fraction: float
    occupancy: float


def tornado(question: Question, heads: float, low: tuple[float, ...] | None, high: tuple[float, ...] | None) -> tuple[Bar, ...]:
    """Return the people that each change of one input takes, the widest first.

    heads: people as things are; a change takes as many more as the scheduled hours of the week are more, counted in fractions of agents.
    low, high: factors on the volume of each call type, None where the file gives no range; then the volume is changed by `ASIDE`.
    """
    hours = question.smooth_hours()

    def people(changed: Question) -> float:
        return heads * changed.smooth_hours() / hours

    bars = [Bar(name, *labels, people(one), people(other)) for name, labels, one, other in _changes(question, low, high)]
    return tuple(sorted(bars, key=lambda bar: -bar.width))


def _changes(question: Question, low: tuple[float, ...] | None, high: tuple[float, ...] | None) -> list[_Change]:
    many = len(question.parts)
    aside = 0.0 if low or high else ASIDE  # where one end is given, the other is the plan
    down, up = low or (1.0 - aside,) * many, high or (1.0 + aside,) * many
    found: list[_Change] = [
        ("volume", (_range(down), _range(up)), question.times(down), question.times(up)),
        (
            "handle time",
            (_signed(-_HANDLE), _signed(_HANDLE)),
            _scaled(question, "handle_time", 1 - _HANDLE),
            _scaled(question, "handle_time", 1 + _HANDLE),
        ),
    ]
    less, more = max(0.0, question.shrinkage - _POINTS_LOST), min(0.95, question.shrinkage + _POINTS_LOST)
    labels = (format_share(less, 0), format_share(more, 0))
    found.append(("shrinkage", labels, replace(question, shrinkage=less), replace(question, shrinkage=more)))
    shares = [target.share for target in question.targets if target.share]
    if shares:
        lower, higher = _retargeted(question, -_POINTS_SHARE), _retargeted(question, _POINTS_SHARE)
        found.append(("target share", (_shares(lower), _shares(higher)), lower, higher))
        short, long = _rewaited(question, 0.5), _rewaited(question, 2.0)
        found.append(("target wait", (_waits(long), _waits(short)), long, short))
    if any(np.any(part.hang_up_rate > 0.0) for part in question.parts):
        found.append(("patience", ("half", "double"), _scaled(question, "hang_up_rate", 2.0), _scaled(question, "hang_up_rate", 0.5)))
    wild = 2.0 * question.cv if question.cv > 0.0 else _CV
    calm, busy = replace(question, cv=0.0), replace(question, cv=wild)
    found.append(("how much days differ", ("all alike", f"cv {format_share(wild, 0)}"), calm, busy))
    return found


def _scaled(question: Question, field: str, factor: float) -> Question:
    def changed(part: Load) -> Load:
        if field == "handle_time":
            return replace(part, handle_time=part.handle_time * factor)
        return replace(part, hang_up_rate=part.hang_up_rate * factor)

    return replace(question, parts=tuple(map(changed, question.parts)))


def _retargeted(question: Question, points: float) -> Question:
    def moved(target: Target) -> Target:
        share = target.share
        return target if not share else target.model_copy(update={"share": min(max(share + points, 0.01), max(share, _HIGHEST))})

    return replace(question, targets=tuple(map(moved, question.targets)))


def _rewaited(question: Question, factor: float) -> Question:
    targets = [target.model_copy(update={"wait": target.wait * factor}) if target.share else target for target in question.targets]
    return replace(question, targets=tuple(targets))


def power_of_one(question: Question) -> tuple[int, tuple[One, ...]]:
    """Return the interval that requires the most agents, and what each number of agents about that comes to there.

    Of several targets the one that asks for the most there is reported.
    """
    required = question.required()
    peak = int(required.argmax())
    work = question.work
    at = slice(peak, peak + 1)
    one = Load(work.calls[at], work.rate[at], work.handle_time[at], work.hang_up_rate[at], work.balk[at])
    alone = [replace(question, parts=(one,), targets=(target,)).required()[0] for target in question.targets]
    target = question.targets[int(np.argmax(alone))]
    numbers = [n for n in range(int(required[peak]) - _AROUND, int(required[peak]) + _AROUND + 1) if n > 0]
    rows = []
    for number in numbers:
        reached = OverDays(one, target, question.cv, np.array([float(number)]))
        values: dict[str, Any] = {name: float(getattr(reached, name)[0]) for name in One.__dataclass_fields__ if name != "agents"}
        rows.append(One(number, **values))
    return peak, tuple(rows)


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else '−'}{format_share(abs(share))}"


def _range(factors: tuple[float, ...]) -> str:
    changes = sorted({round(factor - 1.0, 6) for factor in factors})
    if len(changes) == 1:
        return _signed(changes[0]) if changes[0] else "as planned"
    return f"{_signed(changes[0]) if changes[0] else '0 %'} to {_signed(changes[-1]) if changes[-1] else '0 %'}"


def _shares(question: Question) -> str:
    return " / ".join(dict.fromkeys(format_share(target.share) for target in question.targets if target.share))


def _waits(question: Question) -> str:
    return " / ".join(dict.fromkeys(format_duration(target.wait) for target in question.targets if target.share))
