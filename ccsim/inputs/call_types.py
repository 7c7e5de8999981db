"""Who calls, how many of them, for how long, and how long they wait."""

from __future__ import annotations

from ccsim.inputs.demand import build_volume
from ccsim.inputs.distributions import Distribution, build_distribution, handle_time_mean
from ccsim.inputs.faults import Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Floats, Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import CallKeys, HandleTimeKeys
from ccsim.inputs.targets import Target, build_target


class CallType(Frozen):
    """One call type of a scenario."""

    name: str
    volume: Floats  # [I] expected calls in each interval of the path, before busyness
    busyness_cv: float  # of the Gamma factor of the day, mean 1; 0: none
    handle_time: Distribution
    line_share: float  # share of the handle time during which the line is held: talk and hold over all of it
    patience: Distribution | None  # None: they never hang up
    balk: float  # share that hang up at once when told to wait
    priority: int  # higher is answered first
    target: Target | None  # its own, in place of the scenario's


def build_call_type(name: str, keys: CallKeys, horizon: Horizon, folder: Folder, common: Target, warnings: list[str]) -> CallType:
    """The call type that a file gives under `calls`; what a planner should know about it goes to `warnings`."""
    path: Path = ("calls", name)
    told = keys.handle_time
    line_share = handle_time_mean(told, (*path, "handle_time"))[1] if isinstance(told, HandleTimeKeys) else 1.0
    patience = None
    if keys.patience is not None:
        patience = build_distribution(keys.patience, (*path, "patience"), "exponential", horizon, folder)
    volume = build_volume(keys, path, horizon, folder)
    if not volume.sum() > 0:
        warnings.append(f"`calls.{name}`: no calls are expected at all; its waits and service levels will be empty")
    elif patience is None:
        warnings.append(
            f"`calls.{name}.patience` is left out: these callers never hang up, "
            "so an overloaded interval shows queues longer than real callers would stand"
        )
    return CallType(
        name=name,
        volume=volume,
        busyness_cv=keys.busyness_cv,
        handle_time=build_distribution(told, (*path, "handle_time"), "lognormal", horizon, folder),
        line_share=line_share,
        patience=patience,
        balk=keys.balk,
        priority=keys.priority,
        target=None if keys.target is None else build_target(keys.target, (*path, "target"), common, warnings),
    )
