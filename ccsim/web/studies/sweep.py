"""One key of a scenario, or two, set to several values, all played under the same luck."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccsim.errors import InputError
from ccsim.web.boxes import Box, Typed
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED, days_box, measure_box
from ccsim.web.studies.study import Finding, Study, Subject, Values, fault_of, picture, printed, written_tables
from ccsim.web.telling import days

if TYPE_CHECKING:
    from ccsim.experiment.paired import Played
    from ccsim.experiment.sweep import Sweep

MOST_VALUES: Final = 40
_MOST_DAYS: Final = 100_000
_NOT_SWEPT: Final = ("title", "date", "days", "timezone", "holidays", "fte", "known", "schedule")  # no lever of the day, or other days


def keys_of(subject: Subject) -> dict[str, str]:
    """Keys that can be set to several values, by dotted name: in words, with what stands there now."""
    from ccsim.web.form import parts

    found: dict[str, str] = {}
    for part in parts(subject.scenario.data):
        for one in part.fields:
            if one.path[0] in _NOT_SWEPT or one.row.kind == "text":
                continue
            now = one.value if len(one.value) < 40 else f"{one.value[:36]} ..."
            found[".".join(one.path)] = f"{' · '.join(one.path).replace('_', ' ')}" + (f" (now {now})" if now else "")
    # what the file says comes first: it is what most would vary
    return dict(sorted(found.items(), key=lambda item: "(now " not in item[1]))


def values_of(text: str) -> list[str]:
    """Values with commas between them, commas in brackets parting nothing; raises `InputError`."""
    from ccsim.experiment.sweep import parse_setting

    _, found = parse_setting(f"key={' '.join(text.split())}")
    if len(found) > MOST_VALUES:
        raise InputError(f"these are {len(found)} values; give up to {MOST_VALUES}")
    return found


def _first(typed: Typed) -> bool:
    return bool(typed.get("key"))


def _second(typed: Typed) -> bool:
    return bool(typed.get("other"))


def _boxes(subject: Subject) -> tuple[Box, ...]:
    keys = keys_of(subject)
    how = "with commas between them, as they would stand in the file: 8, 10, 12, or 60 s, 90 s; a list in brackets"
    return (
        Box("key", "Key", "what is varied; type to search", required=True, choices=keys, wide=True),
        Box("values", "Its values", how, values_of, required=True, wide=True),
        Box("other", "A second key", "left out: only the first is varied", choices=keys, wide=True, belongs=_first),
        Box("other_values", "Values of the second key", how, values_of, required=True, wide=True, belongs=_second),
        measure_box(subject.scenario),
        days_box(_MOST_DAYS, "200 of each"),
        SEED,
    )


def _settings(values: Values) -> dict[str, list[str]]:
    found = {values["key"]: values["values"]}
    if values["other"]:
        found[values["other"]] = values["other_values"]
    return found


def _check(subject: Subject, values: Values) -> dict[str, str]:
    """Each value is read as its key would be, by itself."""
    from ccsim.experiment.sweep import MOST_CELLS
    from ccsim.inputs import changed

    if values["other"] and values["other"] == values["key"]:
        return {"other": "This is the first key again; choose another, or leave it out."}
    if values["other"] and len(values["values"]) * len(values["other_values"]) > MOST_CELLS:
        return {"other_values": f"These are more than {MOST_CELLS} combinations with the values above; give fewer."}
    faults = {}
    for place, key in (("values", values["key"]), ("other_values", values["other"])):
        several = values[place] if key else None
        twice = next((one for number, one in enumerate(several or ()) if one in (several or ())[:number]), None)
        if twice is not None:
            faults[place] = f"{twice} stands there twice; give each value once."
        for one in several or () if twice is None else ():
            fault = fault_of(lambda key=key, one=one: changed(subject.scenario, {key: one}))  # type: ignore[misc]
            if fault:
                faults[place] = f"{one}: {fault.rpartition('`: ')[2] or fault}"
                break
    return faults


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.experiment.sweep import sweep
    from ccsim.reporting.sweeps import show_sweep, sweep_csv

    found = sweep(subject.scenario, _settings(values), values["days"], values["seed"], measure=values["measure"], progress=days(tell))
    tell("drawing", 0, 0)
    tables = written_tables(lambda folder: sweep_csv(found, Path(folder) / "sweep.csv"))
    return Finding(_said(found), printed(show_sweep, found), _pictures(found), tables)


def _said(found: Sweep) -> list[str]:
    """Where the measure that leads is best and worst, or highest and lowest."""
    from ccsim.experiment.differences import better_of, difference
    from ccsim.reporting.differences import signed
    from ccsim.reporting.sweeps import heads
    from ccsim.reporting.wording import half_width, number_of, value

    name = found.measure
    rows = []
    for told, one in zip(found.values, found.played, strict=True):
        number = number_of(one.measures[name])
        if number is not None:
            rows.append((number, told, one))
    if not rows:
        return ["With none of these values is the measure known: no calls came in."]
    order = sorted(rows, key=lambda row: row[0], reverse=better_of(name) != "lower")
    best, worst = ("best", "worst") if better_of(name) else ("highest", "lowest")
    what = heads(found, [name])[0].replace("\n", " ")

    def words(row: tuple[float, tuple[str, ...], Played]) -> str:
        entry = row[2].measures[name]
        told = " and ".join(f"{key} at {one}" for key, one in zip(found.keys, row[1], strict=True))
        return f"{value(entry)}{half_width(entry, name)} with {told}"

    first = f"{what[:1].upper()}{what[1:]}: {best}, {words(order[0])}; {worst}, {words(order[-1])}."
    apart = difference(name, order[-1][2], order[0][2])
    if len(order) < 2 or not math.isfinite(apart.mean):
        return [first]
    sure = "" if apart.low > 0.0 or apart.high < 0.0 else ", which these days do not tell from none"
    return [first, f"Between the two lie {signed(apart)} on the same days{sure}."]


def _pictures(found: Sweep) -> list[dict[str, str]]:
    """A chart for each measure shown, and what the money buys."""
    from ccsim.reporting.sweeps import measure_svgs

    keys = " and ".join(found.keys)
    drawn = []
    for place, (title, svg) in enumerate(measure_svgs(found)):
        words = f"Over the values of {keys}."
        if title.startswith("What the money"):
            words = f"Each point with its value of {found.keys[0]}; lines as in the other charts."
        elif place == 0:
            words += " Bars are the 95 % confidence of the difference from the first value; the grey one is that of its level."
        drawn.append(picture(title, words, svg))
    return drawn


STUDY = Study(
    name="sweep",
    title="Vary a key",
    asks="What changes if a key of the scenario, or two, take one value after the other: the same callers on the same days each time.",
    boxes=_boxes,
    do=_do,
    check=_check,
    act="Play them",
    fits=lambda scenario: bool(scenario.staff or scenario.contingent),
)
