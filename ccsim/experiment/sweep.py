"""One scenario with one key or two set to several values, all played under the same luck."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ccsim import __version__
from ccsim.errors import InputError
from ccsim.experiment.changes import check_comparable, comparable_costs, notes_on, written
from ccsim.experiment.compare import Plan, check_measured, check_staffed, leading_measure
from ccsim.experiment.comparison import counted_notes, finite
from ccsim.experiment.differences import Difference, common_measures, difference
from ccsim.experiment.notebook import sweep_html
from ccsim.experiment.paired import Played, Progress, play
from ccsim.experiment.replicate import DEFAULT_REPLICATIONS
from ccsim.experiment.workshop import Engine
from ccsim.inputs.document import Plain
from ccsim.inputs.scenario import Scenario, changed
from ccsim.units import parse_number, shown

if TYPE_CHECKING:
    import pandas as pd

MOST_KEYS: Final = 2
MOST_CELLS: Final = 400
_CLOSING: Final = {"[": "]", "{": "}"}


class Sweep:
    """What a scenario came to with each combination of values, all under the same luck.

    scenario       as it was before anything was set
    keys           the keys that were set, by dotted name
    values         the values of each combination as text, in the order of `keys`
    played         each combination with its `Result`
    measure        the one that leads
    interrupted    True if it was ended early; it is then a sweep over fewer paths
    """

    def __init__(
        self,
        scenario: Scenario,
        keys: Sequence[str],
        values: Sequence[tuple[str, ...]],
        played: Sequence[Played],
        measure: str,
        interrupted: bool,
    ) -> None:
        self.scenario = scenario
        self.keys = tuple(keys)
        self.values = list(values)
        self.played = list(played)
        self.measure = measure
        self.interrupted = interrupted

    @property
    def replications(self) -> int:
        """Number of paths played of each combination."""
        return self.played[0].paths

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures, in the order in which they are shown; without the cost where some combinations have none."""
        return common_measures(self.played, comparable_costs([one.scenario for one in self.played]))

    @cached_property
    def notes(self) -> list[str]:
        """Sentences on what to mind, each once."""
        return list(dict.fromkeys(notes_on({one.name: one.scenario for one in self.played}))) + counted_notes(self.played, "the file")

    @cached_property
    def differences(self) -> list[dict[str, Difference]]:
        """Of each combination: each measure less that of the first one."""
        return [{name: difference(name, self.played[0], one) for name in self.measures} for one in self.played]

    @property
    def table(self) -> pd.DataFrame:
        """The sweep as a tidy table: the keys, measure, mean, low, high, unit, and the paired difference from the first combination.

        Values that are numbers are numbers here. Columns `difference`, `difference_low` and `difference_high` are 0 in the first rows.
        """
        import pandas as pd

        heads = [*self.keys, "measure", "mean", "low", "high", "unit", "difference", "difference_low", "difference_high"]
        rows = []
        for values, one, apart in zip(self.values, self.played, self.differences, strict=True):
            for name in self.measures:
                cell = one.measures[name]
                numbers = (cell["mean"], cell["low"], cell["high"], cell["unit"], apart[name].mean, apart[name].low, apart[name].high)
                rows.append((*map(as_number, values), name, *numbers))
        return pd.DataFrame.from_records(rows, columns=heads)

    def _repr_html_(self) -> str:
        """As a notebook shows it."""
        return sweep_html(self)

    def to_dict(self) -> dict[str, Any]:
        """The sweep as one object that can be written as JSON: a row for each combination; null where a measure is not known."""
        result = self.played[0].result
        document: dict[str, Any] = {
            "ccsim": __version__,
            "scenario": self.scenario.title,
            "seed": result.seed,
            "replications": self.replications,
            "engine": result.engine,
            "measure": self.measure,
            "keys": list(self.keys),
        }
        if self.interrupted:
            document["interrupted"] = True
        document["rows"] = [
            {
                "set": dict(zip(self.keys, map(as_number, values), strict=True)),
                "measures": one.measures,
                "difference": {
                    name: {"mean": finite(d.mean), "low": finite(d.low), "high": finite(d.high)} for name, d in differences.items()
                },
            }
            for values, one, differences in zip(self.values, self.played, self.differences, strict=True)
        ]
        document["notes"] = self.notes
        return document


def sweep(
    scenario: Scenario,
    settings: Mapping[str, Sequence[Any]],
    replications: int | None = None,
    seed: int | None = None,
    engine: Engine = "kernel",
    measure: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """What the scenario comes to with a key set to each of several values, or two keys to each combination, under the same luck.

    `settings` holds the values by dotted key, `{"contingent.home.agents": [0, 4, 8, 12]}`, as they would stand in the file (see
    `ccsim.inputs.changed`). 200 paths of each are played unless told. `measure` leads (the target's own service level unless told).

    Raises `InputError` for more than two keys, no values or one given twice, and `ScenarioError` for a value that its key cannot take.
    """
    keys = list(settings)
    values = [[_text(value) for value in ([several] if isinstance(several, str) else several)] for several in settings.values()]
    _check(keys, values)
    cells = list(itertools.product(*values))
    if len(cells) > MOST_CELLS:
        raise InputError(f"these are {len(cells):,} combinations; at most {MOST_CELLS} are played, so give fewer values")
    plan = Plan.of(replications, seed, engine, workers, DEFAULT_REPLICATIONS)
    named = {_name(keys, cell): changed(scenario, dict(zip(keys, cell, strict=True))) for cell in cells}
    check_comparable(named)
    check_staffed(named)
    lead = leading_measure(list(named.values()), measure)
    check_measured(named, lead)
    played, complete = play(named, plan.replications, plan.seed, engine, plan.workers, progress, counted=scenario)
    return Sweep(scenario, keys, cells, played, lead, not complete)


def _name(keys: Sequence[str], cell: Sequence[str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in zip(keys, cell, strict=True))


def _check(keys: Sequence[str], values: Sequence[Sequence[str]]) -> None:
    if not keys:
        raise InputError("no key is set; give one and its values, such as contingent.home.agents=0,4,8,12")
    if len(keys) > MOST_KEYS:
        raise InputError(f"{len(keys)} keys are set; a sweep goes over one key or two")
    for key, several in zip(keys, values, strict=True):
        if not several:
            raise InputError(f"`{key}` has no values; give some, such as {key}=1,2,3")
        twice = next((value for number, value in enumerate(several) if value in several[:number]), None)
        if twice is not None:
            raise InputError(f"`{key}` is set to {shown(twice)} twice; give each value once")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return written(_as_read(value))


def _as_read(value: Any) -> Any:
    """A value of Python's as it would have been read from a file."""
    if isinstance(value, Mapping):
        return {str(key): _as_read(inner) for key, inner in value.items()}
    return [_as_read(entry) for entry in value] if isinstance(value, (list, tuple)) else Plain(value)


def as_number(text: str) -> float | int | str:
    """A value as a number where it is one, otherwise the text.

    >>> as_number("12"), as_number("0.5"), as_number("90 s")
    (12, 0.5, '90 s')
    """
    try:
        number = parse_number(text)
    except InputError:
        return text
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def parse_setting(text: str) -> tuple[str, list[str]]:
    """The key and the values of a setting as it stands on a command line; commas within brackets, braces and quotation marks part nothing.

    >>> parse_setting("staff.desk.agents=[4, 5],[6, 7]")
    ('staff.desk.agents', ['[4, 5]', '[6, 7]'])
    """
    key, sign, rest = text.partition("=")
    if not sign or not key.strip():
        raise InputError(f"{shown(text)} is no setting; write a key, an equals sign and values, such as contingent.home.agents=0,4,8,12")
    values, open_brackets, quote, start = [], [], "", 0
    for place, letter in enumerate(rest):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _CLOSING:
            open_brackets.append(_CLOSING[letter])
        elif open_brackets and letter == open_brackets[-1]:
            open_brackets.pop()
        elif letter == "," and not open_brackets:
            values.append(rest[start:place].strip())
            start = place + 1
    if quote or open_brackets:
        raise InputError(f"{shown(text)}: a {'quotation mark' if quote else 'bracket'} is not closed")
    values.append(rest[start:].strip())
    if "" in values:
        raise InputError(f"{shown(text)}: a value is missing; write values with commas between them, such as {key.strip()}=1,2,3")
    return key.strip(), values
