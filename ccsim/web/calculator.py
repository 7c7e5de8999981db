"""The calculator of the page: its fields, and the formula's answer as blocks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from ccsim.errors import InputError
from ccsim.units import parse_count, parse_duration, parse_number, parse_share
from ccsim.web.boxes import Box, calls_number, occupancy_share, share_to_meet, shrinkage_share, some_time

_VARIANTS: Final = {
    "offered": "of all callers",
    "answered": "of the answered callers",
    "excluding_short_abandons": "of callers, short hang-ups left out,",
    "counting_short_abandons": "of callers, short hang-ups counted as answered in time,",
}
_LAWS: Final = {
    name: name for name in ("exponential", "lognormal", "gamma", "weibull", "erlang", "hyperexponential", "uniform", "constant")
}
BOXES: Final = (
    Box("calls", "Calls", "how many come in that time, such as 100", calls_number, True, "100"),
    Box("per", "in", "the time they come in, such as 30 min", some_time, True, "30 min"),
    Box("handle_time", "Handle time", "talk, hold and wrap of a call, such as 5 min", some_time, True, "5 min"),
    Box("threshold", "Target wait", "the wait to keep under, such as 20 s", parse_duration, True, "20 s"),
    Box("share", "Share to answer within it", "such as 80 %", share_to_meet, True, "80 %"),
    Box("patience", "Mean patience", "left out, nobody hangs up; start with 5 min", some_time),
    Box("shrinkage", "Shrinkage", "share of paid time not on duty, such as 30 %", shrinkage_share),
    Box("max_occupancy", "Highest occupancy", "such as 85 %", occupancy_share),
    Box("agents", "Agents on duty", "left out, the fewest that meet the target are found", parse_count),
    Box("variant", "Service level", "left out: of all calls offered", choices=_VARIANTS, more=True),
    Box("short_abandon", "Short hang-ups", "left out: 0 s; hang-ups up to this wait", parse_duration, more=True),
    Box("asa", "Highest speed of answer", "on average, such as 60 s; left out: any", parse_duration, more=True),
    Box("abandoned", "Highest share that hangs up", "such as 5 %; left out: any", parse_share, more=True),
    Box("patience_dist", "Law of the patience", "left out: exponential", choices=_LAWS, more=True),
    Box("patience_cv", "Its coefficient of variation", "left out: 1", parse_number, more=True),
    Box("lines", "Lines", "for calls in hand and waiting; left out: unlimited", parse_count, more=True),
    Box("redial", "Chance to call again", "after a hang-up or busy signal; left out: 0 %", parse_share, more=True),
)
_HEADS: Final = {
    "agents": ("agents", "agents"),
    "level": ("answered in time", "percent"),
    "delay_probability": ("have to wait", "percent"),
    "mean_wait": ("mean wait", "wait"),
    "wait_p90": ("90 % wait at most", "wait"),
    "abandoned_fraction": ("hung up", "percent"),
    "blocked_fraction": ("busy signals", "percent"),
    "occupancy": ("occupancy", "percent"),
}


def calculated(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The fewest agents that meet the targets, or what the agents told come to, as blocks; and what one more agent buys."""
    from ccsim.reporting import wording
    from ccsim.theory import Targets, patience_law
    from ccsim.theory.calculator import Question, describe

    if not asked["per"] > 0.0:
        raise InputError("the calls come in a time of 0 s; give a longer one, such as 30 min")
    variant, short = asked.get("variant") or "offered", asked.get("short_abandon") or 0.0
    ceilings = {"average_speed_of_answer": "asa", "abandoned_fraction": "abandoned", "occupancy": "max_occupancy"}
    targets = Targets(asked["threshold"], asked["share"], variant, short, **{name: asked.get(box) for name, box in ceilings.items()})
    patience, law, cv = asked.get("patience"), asked.get("patience_dist") or "exponential", asked.get("patience_cv")
    if patience is None and (cv is not None or law != "exponential"):
        raise InputError("a law of the patience, or its coefficient of variation, needs the mean patience; give that too")
    question = Question(
        arrival_rate=asked["calls"] / asked["per"],
        handle_time=asked["handle_time"],
        threshold=asked["threshold"],
        agents=asked.get("agents"),
        targets=targets,
        patience=None if patience is None else patience_law(patience, law, cv),
        lines=asked.get("lines"),
        redial=asked.get("redial") or 0.0,
        shrinkage=asked.get("shrinkage") or 0.0,
        short_abandon=short,
    )
    found = describe(question)
    row, summary = dict(found.row), found.summary
    level, within, one = f"service_level_{variant}", wording.duration(asked["threshold"]), row["agents"] == 1
    first = f"{wording.agents_words(row['agents'])} on duty "
    if asked.get("agents") is None:
        first += f"{'is' if one else 'are'} the fewest that meet{'s' if one else ''} the target"
    else:
        first += f"{'was' if one else 'were'} asked about"
    overloaded = math.isinf(row["mean_wait"])
    if overloaded:
        least = wording.agents_words(math.floor(summary["offered_load"]) + 1)
        said = [f"{first}: too few to keep up, so that the queue grows without end. To keep up takes {least} or more."]
    else:
        said = [
            f"{first}: {wording.percent(row[level])} {_VARIANTS[variant]} are answered within {within}, and callers wait "
            f"{wording.wait(row['mean_wait'])} on average."
        ]
    if asked.get("redial"):
        lost = wording.percent(row["lost_fraction"])
        said.append(f"With redials a caller calls {row['attempts_per_caller']:.2f} times on average, and {lost} never get through.")
    more = next((dict(other) for other in found.around if other["agents"] == row["agents"] + 1), None)
    if more is not None and math.isfinite(more["mean_wait"]):
        waits = wording.wait(more["mean_wait"])
        said.append(
            f"One more agent keeps up: {wording.percent(more[level])} are answered within {within}, and callers wait {waits} on average."
            if overloaded
            else f"One more agent makes that {wording.percent(more[level])} and {waits}."
        )
    if asked.get("shrinkage"):
        rostered = wording.agents(summary["scheduled_agents"])
        said.append(f"At {wording.plain_percent(asked['shrinkage'])} shrinkage that takes {rostered} on the roster.")
    silent = {"abandoned_fraction": patience is None, "blocked_fraction": asked.get("lines") is None}
    told_of = [name for name in _HEADS if not silent.get(name, False)]
    rows, strong = [], []
    for number, other in enumerate(found.around):
        told = {**other, "level": other[level]}
        met = [] if found.met is None else ["met" if found.met[number] else "missed"]
        rows.append([getattr(wording, _HEADS[name][1])(told[name]) for name in told_of] + met)
        if other["agents"] == row["agents"]:
            strong.append(number)
    heads = [_HEADS[name][0] for name in told_of] + ([] if found.met is None else ["target"])
    table = {
        "kind": "table", "title": "What one agent more or fewer changes", "heads": heads, "rows": rows,
        "right": [True] * len(told_of) + [False] * (len(heads) - len(told_of)), "strong": strong,
    }  # fmt: skip
    closing = f"{summary['model']} at {wording.count(summary['offered_load'])} erlangs. It knows no absence and no busy days."
    notes = [{"kind": "text", "text": f"Note: {note}", "look": "yellow"} for note in found.notes]
    return {
        "title": "",
        "blocks": [{"kind": "text", "text": sentence, "look": ""} for sentence in said]
        + notes
        + [table, {"kind": "text", "text": closing, "look": "dim"}],
    }
