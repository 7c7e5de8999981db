"""Queueing formulas: numbers in, numbers out; the independent check on the simulation. Seconds, rates per second, shares 0 to 1."""

from __future__ import annotations

from ccsim.theory.birth_death import birth_death, station_chain
from ccsim.theory.calculator import Description, Question, describe
from ccsim.theory.engset import Engset, engset
from ccsim.theory.erlang_a import ErlangA, erlang_a
from ccsim.theory.erlang_b import erlang_b
from ccsim.theory.erlang_c import ErlangC, erlang_c
from ccsim.theory.general_service import allen_cunneen_wait, kimura_wait
from ccsim.theory.impatient import ImpatientQueue
from ccsim.theory.models import queue_of
from ccsim.theory.patience import (
    Constant,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    Never,
    Patience,
    Resampled,
    Uniform,
    Weibull,
    patience_law,
)
from ccsim.theory.priority import priority_waits, single_agent_priority_waits, top_priority_tail
from ccsim.theory.redial import Redialling, redialling
from ccsim.theory.redial_chain import RedialChain, redial_chain
from ccsim.theory.requirement import (
    longest_handle_time,
    most_calls,
    most_load,
    required_agents,
    required_lines,
    required_trunks,
    scheduled_agents,
)
from ccsim.theory.square_root import Optimum, cheapest_agents, garnett, halfin_whitt, square_root_agents
from ccsim.theory.station import Station
from ccsim.theory.targets import Targets
from ccsim.theory.through_the_day import ByInterval, VaryingDay
from ccsim.theory.time_varying import modified_offered_load, pointwise_stationary, sipp, stationary_backlog_carryover
from ccsim.theory.transient import exact_transient

__all__ = [
    "ByInterval",
    "Constant",
    "Description",
    "Engset",
    "ErlangA",
    "ErlangC",
    "Exponential",
    "Gamma",
    "Hyperexponential",
    "ImpatientQueue",
    "Lognormal",
    "Never",
    "Optimum",
    "Patience",
    "Question",
    "RedialChain",
    "Redialling",
    "Resampled",
    "Station",
    "Targets",
    "Uniform",
    "VaryingDay",
    "Weibull",
    "allen_cunneen_wait",
    "birth_death",
    "cheapest_agents",
    "describe",
    "engset",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "exact_transient",
    "garnett",
    "halfin_whitt",
    "kimura_wait",
    "longest_handle_time",
    "modified_offered_load",
    "most_calls",
    "most_load",
    "patience_law",
    "pointwise_stationary",
    "priority_waits",
    "queue_of",
    "redial_chain",
    "redialling",
    "required_agents",
    "required_lines",
    "required_trunks",
    "scheduled_agents",
    "single_agent_priority_waits",
    "sipp",
    "square_root_agents",
    "station_chain",
    "stationary_backlog_carryover",
    "top_priority_tail",
]
