"""ccsim: a workforce staffing and shrinkage simulator for call centres.

    import ccsim
    result = ccsim.run(ccsim.load("scenarios/us-bank-weekday.yaml"), replications=200)
    result.measures

The layers, from the ground up: `units` and `errors`; `inputs` and `theory`; `engine`; `measures`; `experiment`; `staffing`; `reporting`;
`cli`. What stands here is imported when it is asked for, so that `ccsim --help` need not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["Cluster", "Result", "Scenario", "compare", "explain", "load", "replay", "run", "sweep"]

if TYPE_CHECKING:
    from ccsim.engine.replay import replay as replay
    from ccsim.experiment.cluster import Cluster as Cluster
    from ccsim.experiment.compare import compare as compare
    from ccsim.experiment.result import Result as Result
    from ccsim.experiment.sweep import sweep as sweep
    from ccsim.inputs import Scenario as Scenario
    from ccsim.inputs import load as load
    from ccsim.staffing.explain import explain as explain
    from ccsim.staffing.run import run as run

_WHERE = {
    "Cluster": "ccsim.experiment.cluster",
    "Result": "ccsim.experiment.result",
    "Scenario": "ccsim.inputs",
    "compare": "ccsim.experiment.compare",
    "explain": "ccsim.staffing.explain",
    "load": "ccsim.inputs",
    "replay": "ccsim.engine.replay",
    "run": "ccsim.staffing.run",
    "sweep": "ccsim.experiment.sweep",
}


def __getattr__(name: str) -> object:
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'ccsim' has no attribute {name!r}")
