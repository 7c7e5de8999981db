"""The history of runs: what was played, with what, and what came of it, kept in one SQLite file.

A run is kept whole: the scenario's text with the CSV files that it names, seed, replications, engine, versions, results. So it can be
shown, compared and played again though the files have changed or gone. Nothing that goes wrong here spoils a run.
"""

from __future__ import annotations

from ccsim.experiment.history.again import Check, check
from ccsim.experiment.history.keeping import keep
from ccsim.experiment.history.place import ENVIRONMENT, HistoryError, place
from ccsim.experiment.history.records import KeptResult, Record, changed_versions, result_of, scenario_of, scenario_with_files
from ccsim.experiment.history.store import History

__all__ = [
    "ENVIRONMENT",
    "Check",
    "History",
    "HistoryError",
    "KeptResult",
    "Record",
    "changed_versions",
    "check",
    "keep",
    "place",
    "result_of",
    "scenario_of",
    "scenario_with_files",
]
