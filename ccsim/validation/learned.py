"""What the training records teach, and what a planner without them would take: everything that a prediction is played with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.records import BLOCKED, CallRecords
from ccsim.fitting.service import Service, seconds, service
from ccsim.fitting.skills import Skills, fit_skills
from ccsim.validation import duty
from ccsim.validation.coming import Coming
from ccsim.validation.hang_ups import HangUpRecords, HangUps, hang_up_records
from ccsim.validation.occupied import Occupied, OccupiedRecords, occupied_records
from ccsim.validation.order import Order, fit_order
from ccsim.validation.weights import blocks, weights

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.estimate import Floats

FEWEST = 50  # answered calls with a handle time, below which nothing is learned


@dataclass(frozen=True)
class Recorded:
    """One part of the records, made ready: calls that wanted an agent and were not blocked, N of them in order of arrival."""

    name: str
    frame: pd.DataFrame
    arrival: Floats  # [N] s since 1970
    calls: Service
    blocked: int
    stretches: pd.DataFrame  # who was on duty, to be played: agent, start, end [s since 1970]
    inferred: bool
    days: int

    @property
    def coming(self) -> Coming:
        """Who called."""
        return Coming(self.arrival, self.frame["call_type"].to_numpy(dtype=object), self.frame["priority"].to_numpy(dtype=float))


@dataclass(frozen=True)
class Plain:
    """What a planner takes who knows means only."""

    handle_time: float  # s, as recorded
    handle_times: Floats  # s, all of them
    patience: float  # s, exponential


@dataclass(frozen=True)
class Learned:
    """What the training records teach; `occupied` and `hang_ups` once for each draw of the parameters, the fit itself first."""

    types: tuple[str, ...]
    skills: Skills
    order: Order
    occupied: list[Occupied]
    hang_ups: list[HangUps]
    callers: Any  # of hang_ups.Callers
    plain: Plain
    days: int
    weighted: str  # what stood in for days where parameters were drawn
    hung_up: int = 0  # callers of the training records who did; without any nobody hangs up in what is played


def recorded(records: CallRecords, roster: pd.DataFrame | None = None, roster_name: str = "") -> Recorded:
    """One part of the records, with those on duty: of a roster (moments), or read off the calls. Raises `InputError`."""
    frame = records.frame
    if records.share < 1.0:
        raise InputError(f"{records.name} holds more than a million calls, of which only some are kept; name a shorter part of it")
    blocked = (frame["outcome"] == BLOCKED).to_numpy()
    waits = frame["wait"].notna().to_numpy()
    if not waits.any():
        raise InputError(f"{records.name} says of no call how long it waited; a prediction has nothing to be compared with")
    frame = frame[~blocked].reset_index(drop=True)
    arrival = seconds(frame["arrival"].to_numpy())
    calls = service(frame)
    own = duty.published(roster, arrival, roster_name) if roster is not None else duty.inferred(calls)
    return Recorded(
        records.name, frame, arrival, calls, int(blocked.sum()), own, roster is None, len(np.unique(arrival // 86400.0))
    )  # fmt: skip


def learn(train: Recorded, types: tuple[str, ...], seed: int, draws: int) -> Learned:
    """What the records teach; `types` are those of all records, `draws` how many times the parameters are drawn besides the fit."""
    if len(train.calls.place) < FEWEST:
        raise InputError(
            f"{train.name} has {len(train.calls.place)} answered calls with a handle time; at least {FEWEST} are needed to learn from"
        )
    block, count, what = blocks(train.arrival)
    time: OccupiedRecords = occupied_records(train.frame, train.calls, types, block)
    agents = duty.on_duty_at(train.stretches, train.arrival)
    gone: HangUpRecords = hang_up_records(train.frame, train.arrival, agents, block)
    drawn = [weights(seed, number, count) for number in range(draws + 1)]
    waited = np.nan_to_num(train.frame["wait"].to_numpy(dtype=float)).sum()
    hung_up = int((train.frame["outcome"] == "abandoned").sum())
    handled = train.frame["handle_time"].dropna().to_numpy(dtype=float)
    return Learned(
        types=types,
        skills=fit_skills(train.frame, types),
        order=fit_order(train.frame, train.arrival),
        occupied=[time.estimate(weight) for weight in drawn],
        hang_ups=[gone.estimate(weight) for weight in drawn],
        callers=gone.callers,
        plain=Plain(float(handled.mean()), np.sort(handled), float(waited) / hung_up if hung_up else np.inf),
        days=train.days,
        weighted=what,
        hung_up=hung_up,
    )
