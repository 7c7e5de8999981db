"""How many calls come in all for each that is expected at first, by type and interval: redials, repeats and transfers are calls, too."""

from __future__ import annotations

from typing import Final

import numpy as np

from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import Floats
from ccsim.engine.kernel import Kernel
from ccsim.errors import ScenarioError
from ccsim.experiment.first_calls import first_call_factors
from ccsim.inputs.frozen import floats
from ccsim.inputs.scenario import Scenario

_SEED: Final = 0
_CALLS: Final = 200_000  # about so many first calls are played ...
_FEWEST, _MOST = 16, 200  # ... on at least and at most so many paths


def first_calls_alone(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with the volumes of first calls, where those given count the calls that come of calls, too."""
    known = first_call_factors(scenario, seed)
    if known is None:
        return scenario
    calls = {
        name: call.model_copy(update={"volume": floats(call.volume * factor), "counts_offered": False})
        for (name, call), factor in zip(scenario.calls.items(), known.factors.tolist(), strict=True)
    }
    return scenario.model_copy(update={"calls": calls})


def calls_again(scenario: Scenario) -> Floats:
    """Calls that come, over the volume of the scenario, [T, I]: 1 where no call leads to another.

    They are counted on days of the scenario as it stands, its pools under their own rules, in the compiled engine. First calls are at their
    expectation and later ones in proportion, which takes out most of the luck in the volumes.
    """
    volume = np.array([call.volume for call in scenario.calls.values()])
    if not any(call.leads_to_calls for call in scenario.calls.values()):
        return np.ones_like(volume)
    known = first_call_factors(scenario, _SEED)
    factors = np.ones(len(volume)) if known is None else known.factors
    floor = duty.build(scenario)
    drawer, kernel, begin = Drawer(scenario, floor, _SEED, factors), Kernel(floor), np.array(scenario.horizon.interval_start)
    paths = int(np.clip(np.ceil(_CALLS / max(float(volume.sum()), 1.0)), _FEWEST, _MOST))
    first, later = 0, np.zeros_like(volume)
    for replication in range(paths):
        day = drawer.day(replication)
        first += day.arrival.size
        try:
            log = kernel.play(day)
        except ScenarioError as error:  # the kernel knows no file
            raise scenario.endless(str(error)) from None
        interval = np.maximum(np.searchsorted(begin, log.later_arrival, side="right") - 1, 0)
        np.add.at(later, (log.later_queue, interval), 1.0)
    expected = factors[:, None] * volume
    later *= float(expected.sum()) / max(first, 1)
    return np.where(volume > 0.0, (expected + later) / np.where(volume > 0.0, volume, 1.0), 1.0)
