"""What two machines must have in common for their days to be the same to the last bit."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib import metadata
from typing import Final

import numpy as np

from ccsim.errors import InputError
from ccsim.experiment.history.records import changed_versions, versions
from ccsim.experiment.workshop import Workshop
from ccsim.inputs.scenario import loads

# Tasks and answers travel between these.
_MESSENGERS: Final = ("dask", "distributed", "cloudpickle")
# What no worker needs
_AT_HOME: Final = ("code of ccsim.theory", "code of ccsim.staffing")
_MENDED_BY: Final = "install the same on every machine (`pip install -c constraints.txt 'ccsim[cluster]'`) and start the workers again"

# A centre whose days ask for every law of luck
_TOUCHSTONE: Final = """
title: a touchstone
date: 2027-04-12
open: 08:00-10:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: 60, busyness_cv: 0.1, handle_time: {mean: 3 min, cv: 1.1}, patience: {mean: 2 min, dist: weibull, shape: 0.7}}
  b: {volume: 40, handle_time: {mean: 3 min, cv: 0.6, dist: gamma}, patience: {mean: 2 min}, redial: {chance: 0.5, after: {mean: 5 min}}}
  c: {volume: 30, handle_time: {mean: 4 min, dist: erlang, phases: 3}, patience: {mean: 3 min, dist: hyperexponential, cv: 1.5}}
staff:
  desk: {agents: 10, shift: 08:00-10:00}
shrinkage:
  sick: {share: 10 %, kind: absence, correlation: 0.02}
  late: {chance: 10 %, kind: late, by: {mean: 12 min}}
"""


class UnlikeWorkerError(InputError):
    """A worker runs something else than this machine, so its days would be other days."""


def described() -> dict[str, str]:
    """Versions by name that must be the same on every machine: ccsim and its code part by part, Python, libraries, kind of machine."""
    found = {name: version for name, version in versions().items() if name not in _AT_HOME}
    found["Python"] = ".".join(platform.python_version_tuple()[:2])
    for name in _MESSENGERS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@lru_cache(maxsize=1)
def numbers() -> str:
    """A print of what this machine makes of functions that processors and system libraries may round differently.

    It is taken of numpy's functions over a range of values, and of days of a small centre that asks for every law of luck.
    """
    found = hashlib.sha256()
    over = np.linspace(1e-9, 40.0, 20_001)
    for values in (np.exp(-over), np.log(over), np.log1p(over), np.expm1(-over), np.sqrt(over), np.sin(over), np.cos(over), over**0.7):
        found.update(values.tobytes())
    # In the readable engine: the draws and the tally are those of both engines, and what lies between them is sums and comparisons.
    chunk = Workshop(loads(_TOUCHSTONE), 1, "simpy").bench().chunk(0, 4)
    assert chunk is not None
    for moments in chunk.moments.values():
        found.update(moments.mean.tobytes() + moments.comoment.tobytes())
    found.update(chunk.waits.tobytes())
    return found.hexdigest()[:16]


def unlike(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """In what a worker differs, as the middle of a sentence; empty where it does not."""
    differing = changed_versions(there, here)
    told = [f"{name} {then} (here {now})" for name, then, now in differing if not name.startswith("code of ")]
    if not told and differing:
        parts = ", ".join(name.removeprefix("code of ") for name, _, _ in differing)
        told = [f"other code under the same version of ccsim (in {parts})"]
    return ", ".join(told)


def unlike_workers(differing: Mapping[str, str]) -> UnlikeWorkerError:
    """The error that says of each worker, by address, in what it differs."""
    told = [f"{address} has {what}" for address, what in list(differing.items())[:3]]
    more = len(differing) - len(told)
    others = f"; so have {more} more" if more > 0 else ""
    return UnlikeWorkerError(f"not all workers of the cluster are like this machine: {'; '.join(told)}{others}: {_MENDED_BY}")


def other_numbers(address: str) -> UnlikeWorkerError:
    """The error for a worker that rounds otherwise."""
    return UnlikeWorkerError(
        f"the worker {address} runs the same versions as this machine, but its processor or system library rounds exp, log and their like "
        "otherwise, so its days would differ in the last digits; give this command on a machine of the workers' own kind"
    )


def unread_by(what: object) -> UnlikeWorkerError:
    """The error for a worker that could not even read its task."""
    return UnlikeWorkerError(f"a worker of the cluster cannot read what it is sent ({what}): {_MENDED_BY}")
