"""The calculator of the page: what was typed, read and checked field by field, and the formula's answer as blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ccsim.errors import InputError
from ccsim.units import parse_duration, parse_number, parse_share, shown


@dataclass(frozen=True)
class Box:
    """One field of a form: name, label, what belongs in it, what reads it, whether it must be filled, what stands in it at first."""

    name: str
    label: str
    hint: str
    read: Callable[[str], Any]
    required: bool = False
    first: str = ""


def whole_number(text: str) -> int:
    """A whole number from 0 on; raises `InputError`."""
    words = text.strip()
    if not (words.isascii() and words.isdigit()) or len(words) > 9:
        raise InputError(f"found “{words[:40]}”, where a whole number belongs")
    return int(words)


def calls_number(text: str) -> float:
    """How many calls come in, 0 or more; raises `InputError`."""
    found = parse_number(text)
    if found < 0.0:
        raise InputError(f"{shown(text)} is below 0: so many calls cannot come in")
    return found


def some_time(text: str) -> float:
    """A duration [s] above 0; raises `InputError`."""
    found = parse_duration(text)
    if not found > 0.0:
        raise InputError(f"{shown(text)} is no time at all; give a longer one")
    return found


def share_to_meet(text: str) -> float:
    """A share above 0 % and below 100 %, which are met by nobody and by nothing; raises `InputError`."""
    found = parse_share(text)
    if not 0.0 < found < 1.0:
        raise InputError(f"{shown(text)} is no target that agents can meet; give more than 0 % and less than 100 %, such as 80 %")
    return found


def shrinkage_share(text: str) -> float:
    """A share below 100 %; raises `InputError`."""
    found = parse_share(text)
    if not found < 1.0:
        raise InputError(f"{shown(text)} leaves nobody on duty; give less than 100 %")
    return found


def occupancy_share(text: str) -> float:
    """A share above 0 %; raises `InputError`."""
    found = parse_share(text)
    if not found > 0.0:
        raise InputError(f"{shown(text)} leaves no time for calls; give more than 0 %")
    return found


def read_boxes(boxes: tuple[Box, ...], typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed as values by name, None for fields left empty; and by name what is wrong."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for box in boxes:
        text = (typed.get(box.name) or "").strip()
        values[box.name] = None
        if not text:
            if box.required:
                faults[box.name] = f"This is needed: {box.hint}"
            continue
        try:
            values[box.name] = box.read(text)
        except InputError as fault:
            words = str(fault)
            faults[box.name] = words[:1].upper() + words[1:]
    return values, faults


BOXES: Final = (
    Box("calls", "Calls", "how many come in that time, such as 100", calls_number, True, "100"),
    Box("per", "in", "the time they come in, such as 30 min", some_time, True, "30 min"),
    Box("handle_time", "Handle time", "talk, hold and wrap of a call, such as 5 min", some_time, True, "5 min"),
    Box("threshold", "Target wait", "the wait to keep under, such as 20 s", parse_duration, True, "20 s"),
    Box("share", "Share to answer within it", "such as 80 %", share_to_meet, True, "80 %"),
    Box("patience", "Mean patience", "left out, nobody hangs up; start with 5 min", some_time),
    Box("shrinkage", "Shrinkage", "share of paid time not on duty, such as 30 %", shrinkage_share),
    Box("max_occupancy", "Highest occupancy", "such as 85 %", occupancy_share),
    Box("agents", "Agents on duty", "left out, the fewest that meet the target are found", whole_number),
)
_HEADS: Final = {
    "agents": ("agents", "agents"),
    "level": ("answered in time", "percent"),
    "delay_probability": ("have to wait", "percent"),
    "mean_wait": ("mean wait", "wait"),
    "wait_p90": ("90 % wait at most", "wait"),
    "abandoned_fraction": ("hung up", "percent"),
    "occupancy": ("occupancy", "percent"),
}


def calculated(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The fewest agents that meet the targets, or what the agents told come to, as blocks; and what one more agent buys."""
    from ccsim.reporting import wording
    from ccsim.theory import Targets, patience_law
    from ccsim.theory.calculator import Question, describe

    if not asked["per"] > 0.0:
        raise InputError("the calls come in a time of 0 s; give a longer one, such as 30 min")
    targets = Targets(asked["threshold"], asked["share"], "offered", 0.0, occupancy=asked.get("max_occupancy"))
    patience = None if asked.get("patience") is None else patience_law(asked["patience"], "exponential", None)
    question = Question(
        arrival_rate=asked["calls"] / asked["per"],
        handle_time=asked["handle_time"],
        threshold=asked["threshold"],
        agents=asked.get("agents"),
        targets=targets,
        patience=patience,
        shrinkage=asked.get("shrinkage") or 0.0,
    )
    found = describe(question)
    row, summary = dict(found.row), found.summary
    agents = wording.agents(row["agents"])
    within = wording.duration(asked["threshold"])
    said = [
        f"{agents} agents on duty "
        + ("are the fewest that meet the target" if asked.get("agents") is None else "were asked about")
        + f": {wording.percent(row['service_level_offered'])} of all callers are answered within {within}, and callers wait "
        f"{wording.wait(row['mean_wait'])} on average."
    ]
    more = next((dict(other) for other in found.around if other["agents"] == row["agents"] + 1), None)
    if more is not None:
        said.append(f"One more agent makes that {wording.percent(more['service_level_offered'])} and {wording.wait(more['mean_wait'])}.")
    if asked.get("shrinkage"):
        rostered = wording.agents(summary["scheduled_agents"])
        said.append(f"At {wording.plain_percent(asked['shrinkage'])} shrinkage that takes {rostered} on the roster.")
    told_of = [name for name in _HEADS if name != "abandoned_fraction" or patience is not None]
    rows, strong = [], []
    for number, other in enumerate(found.around):
        told = {**other, "level": other["service_level_offered"]}
        met = [] if found.met is None else ["met" if found.met[number] else "missed"]
        rows.append([getattr(wording, _HEADS[name][1])(told[name]) for name in told_of] + met)
        if other["agents"] == row["agents"]:
            strong.append(number)
    heads = [_HEADS[name][0] for name in told_of] + ([] if found.met is None else ["target"])
    table = {
        "kind": "table", "title": "What one agent more or fewer changes", "heads": heads, "rows": rows,
        "right": [True] * len(told_of) + [False] * (len(heads) - len(told_of)), "strong": strong,
    }  # fmt: skip
    closing = f"{summary['model']} at {wording.count(summary['offered_load'])} erlangs. It knows no absence, no busy days, no redials."
    notes = [{"kind": "text", "text": f"Note: {note}", "look": "yellow"} for note in found.notes]
    return {
        "title": "",
        "blocks": [{"kind": "text", "text": sentence, "look": ""} for sentence in said]
        + notes
        + [table, {"kind": "text", "text": closing, "look": "dim"}],
    }
