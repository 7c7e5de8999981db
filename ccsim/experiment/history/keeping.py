"""Keeping runs, without ever spoiling one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ccsim.experiment.history.place import HistoryError, place
from ccsim.experiment.history.records import record_of
from ccsim.experiment.history.store import History
from ccsim.experiment.result import Result


def keep(
    results: Result | Sequence[Result], command: str = "run", asked: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> str | None:
    """Keeps what was played in the history; returns None, or a sentence that says why it was not kept. Never raises.

    Several results are kept together or not at all. `asked` is what else the user asked for, such as a precision, in
    one mapping for all results or in one for each. Where the history lies, or that there is to be none: `place`.
    """
    results = [results] if isinstance(results, Result) else list(results)
    whose = "this run was" if len(results) == 1 else "these runs were"
    try:
        path = place()
        if path is None:
            return None
        each = [asked or {}] * len(results) if asked is None or isinstance(asked, Mapping) else asked
        records = [record_of(result, command, one) for result, one in zip(results, each, strict=True)]
        with History(path, create=True) as history:
            history.keep(records)
    except HistoryError as fault:
        return f"{whose} not kept: {fault}"
    except Exception as fault:
        return f"{whose} not kept in the history ({type(fault).__name__}: {fault})"
    return None
