"""Playing a kept run again: the same numbers to the last bit, or what has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ccsim.errors import CcsimError
from ccsim.experiment.history.place import HistoryError
from ccsim.experiment.history.records import Record, changed_versions, scenario_of, versions
from ccsim.inputs.scenario import Scenario

# (scenario, replications, seed, engine, whether with controls) to the result's document
Replay = Callable[[Scenario, int, int, str, bool], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Check:
    """What playing a kept run again has shown."""

    figures: int  # figures compared
    differing: tuple[tuple[str, Any, Any], ...]  # where, before, now
    gone: tuple[str, ...]  # figures that this version does not give
    versions: tuple[tuple[str, str, str], ...]  # what differs: name, before, now
    replications: int  # of the run played again

    @property
    def same(self) -> bool:
        """Whether all figures are the same to the last bit."""
        return not self.differing and not self.gone


def check(record: Record, replay: Replay) -> Check:
    """Plays a kept run again with `replay`, and compares every figure that was kept.

    Raises `HistoryError` for a run whose scenario could not be kept exactly, or cannot be read any more.
    """
    if record.asked.get("counted_elsewhere"):
        raise HistoryError(
            f"run {record.number} cannot be played again by itself: it was one of several, and its volumes were counted under the staff of "
            "another; give the files to `ccsim compare` or `ccsim sweep` again"
        )
    if not record.exact:
        raise HistoryError(
            f"run {record.number} cannot be played again exactly: a file that its scenario names was changed while it was played, or "
            "could not be kept"
        )
    try:
        document = replay(scenario_of(record), record.replications, record.seed, record.engine, "controls" in record.document)
    except HistoryError:
        raise
    except CcsimError as fault:
        raise HistoryError(f"run {record.number} cannot be played by this version of ccsim: {fault}") from None
    before, now = dict(figures(record.document)), dict(figures(document))
    differing = tuple((name, value, now[name]) for name, value in before.items() if name in now and now[name] != value)
    gone = tuple(name for name in before if name not in now)
    told = tuple(changed_versions(record.versions, versions()))
    return Check(len(before), differing, gone, told, int(document["replications"]))


def figures(document: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure of a result's document by its dotted place; what only says who made it and whether it was interrupted is left out."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if name or key not in ("ccsim", "scenario", "interrupted"):
                yield from figures(value, f"{name}.{key}" if name else str(key))
    elif isinstance(document, list):
        for place, value in enumerate(document):
            where = value.get("start", place) if isinstance(value, Mapping) else place
            yield from figures(value, f"{name}[{where}]")
    else:
        yield name, document
