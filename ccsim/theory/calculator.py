"""The calculator: one question in planners' terms, everything a formula has to say about it as one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ccsim.errors import InputError
from ccsim.theory.checks import Floats, number, whole
from ccsim.theory.models import queue_of
from ccsim.theory.patience import Patience, as_patience
from ccsim.theory.redial import redialling
from ccsim.theory.requirement import required_agents, scheduled_agents
from ccsim.theory.station import VARIANTS, Station
from ccsim.theory.targets import Targets

# Rows shown on either side of the answer.
AROUND = 3
MEASURES = ("delay_probability", "mean_wait", "average_speed_of_answer", "abandoned_fraction", "blocked_fraction", "occupancy")


@dataclass(frozen=True)
class Question:
    """What is asked of the calculator: calls a second, times in seconds, shares 0 to 1; the rest as in `required_agents`."""

    arrival_rate: float
    handle_time: float
    threshold: float = 20.0
    agents: float | None = None
    targets: Targets | None = None
    patience: Patience | None = None
    lines: float | None = None
    redial: float = 0.0
    shrinkage: float = 0.0
    short_abandon: float = 0.0


@dataclass(frozen=True)
class Description:
    """The calculator's answer: `summary` of the question, the row of the agents asked or found, the rows around it, and remarks."""

    summary: dict[str, Any]
    row: dict[str, float]
    around: list[dict[str, float]]
    notes: list[str]
    met: list[bool] | None

    def to_dict(self) -> dict[str, Any]:
        """Return the object that `ccsim erlang --json` prints; infinite waits are None."""
        rows = [{name: _finite(value) for name, value in row.items()} for row in self.around]
        return self.summary | {name: _finite(value) for name, value in self.row.items()} | {"around": rows, "notes": self.notes}


def describe(question: Question) -> Description:
    """Return what a station does at the agents asked, or at the fewest that meet every target, and at the numbers around them.

    The model is the simplest that holds what is given (`queue_of`). Raises `InputError` for numbers out of range, when neither agents nor
    a target are given, and when no number of agents meets the targets.

    >>> answer = describe(Question(100 / 1800, 180.0, targets=Targets(threshold=20.0, share=0.8), shrinkage=0.3))
    >>> answer.summary["model"], answer.summary["required_agents"], answer.summary["scheduled_agents"]
    ('Erlang C', 14, 20)
    """
    if question.agents is None and question.targets is None:
        raise InputError("neither agents nor a target are given; give the agents to describe, or a target to find them")
    rate = float(number("calls a second", question.arrival_rate))
    handle = float(number("handle time", question.handle_time, above=True))
    number("redial", question.redial, 0.0, 1.0)
    lines = None if question.lines is None else float(whole("lines", question.lines, 1.0))
    required = None if question.targets is None else _required(question)
    agents = required if question.agents is None else float(number("agents", question.agents))
    assert agents is not None
    row = _rows(question, np.array([agents]))[0]
    near = agents + np.arange(-AROUND, AROUND + 1.0)
    near = near[(near >= 1.0) & (near <= (np.inf if lines is None else lines)) | (near == agents)]
    around = _rows(question, near)
    station = _station(question, np.asarray(agents))[0]
    summary = {
        "model": station.model,
        "offered_load": rate * handle,
        "required_agents": None if required is None else _count(required),
        "scheduled_agents": _count(float(scheduled_agents(agents if required is None else required, question.shrinkage))),
    }
    met = None if question.targets is None else [bool(m) for m in question.targets.met(_station(question, near)[0])]
    return Description(summary, row, around, _notes(question, station, row, agents, required), met)


def _required(question: Question) -> float:
    assert question.targets is not None
    found = required_agents(
        question.arrival_rate,
        question.handle_time,
        question.targets,
        patience=question.patience,
        lines=question.lines,
        redial=question.redial,
    )
    return float(found)


def _station(question: Question, agents: Floats) -> tuple[Station, dict[str, Any]]:
    """Return the station at these agents, with what redials add to its row."""
    given: dict[str, Any] = {"patience": question.patience, "lines": question.lines}
    if not question.redial:
        return queue_of(question.arrival_rate, question.handle_time, agents, **given), {}
    found = redialling(question.arrival_rate, question.handle_time, agents, question.redial, **given)
    return found.queue, {"attempts_per_caller": found.attempts_per_caller, "lost_fraction": found.lost_fraction}


def _rows(question: Question, agents: Floats) -> list[dict[str, float]]:
    station, more = _station(question, agents)
    columns: dict[str, Any] = {"agents": agents}
    columns |= {name: getattr(station, name) for name in MEASURES}
    columns |= {f"service_level_{v}": station.service_level(question.threshold, v, question.short_abandon) for v in VARIANTS}
    columns |= {"wait_p90": station.wait_quantile(0.9)} | more
    arrays = {name: np.broadcast_to(np.asarray(value, dtype=float), agents.shape) for name, value in columns.items()}
    return [{name: _count(v[i]) if name == "agents" else float(v[i]) for name, v in arrays.items()} for i in range(agents.size)]


def _notes(question: Question, station: Station, row: dict[str, float], agents: float, required: float | None) -> list[str]:
    notes = []
    load = question.arrival_rate * question.handle_time
    if load > 0.0 and np.isinf(row["average_speed_of_answer"]) and as_patience(question.patience).endless:
        notes.append(
            f"Overloaded: {load:g} erlangs for {agents:g} agents, and nobody hangs up; the queue grows without end, so waits are infinite "
            "and the service level is 0."
        )
    if question.patience is None and question.lines is None and question.redial:
        notes.append("Nobody hangs up and no line is ever taken, so nobody calls again; give a patience or lines for redials to matter.")
    if question.redial and (question.patience is not None or question.lines is not None):
        notes.append("Measures are of an attempt, redials included; redials are taken to be long apart, quick ones lose more callers.")
    if np.isinf(row.get("attempts_per_caller", 1.0)):
        notes.append(f"Overloaded: {load:g} erlangs for {agents:g} agents, and everyone calls until answered; attempts have no limit.")
    if required is not None and question.agents is not None and agents < required:
        notes.append(f"{agents:g} agents miss the target; {required:g} would meet it.")
    if station.model == "Erlang B" and question.patience is not None:
        notes.append("With as many lines as agents nobody waits, so patience does not come into it.")
    return notes


def _count(value: float) -> float | int:
    return int(value) if float(value).is_integer() and value < 1e15 else float(value)


def _finite(value: float) -> float | int | None:
    return value if np.isfinite(value) else None
