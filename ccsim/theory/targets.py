"""What a planner asks of a queue: any set of targets, met together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.errors import InputError
from ccsim.theory.checks import choice, number
from ccsim.theory.station import VARIANTS, Station

# A target met to within this is met: the last digits of a formula must not cost an agent.
SLACK = 1e-12


@dataclass(frozen=True)
class Targets:
    """A set of targets, each a number or an array that broadcasts with the queue; those left out do not bind.

    share of the calls answered within threshold [s], in the `variant` of the service level with its short_abandon [s];
    average_speed_of_answer [s], mean_wait [s], abandoned_fraction, blocked_fraction, delay_probability and occupancy are ceilings;
    wait_quantile = (share, wait [s]) asks that this share of all callers wait no longer. Raises `InputError` when nothing is asked, when
    a share is asked without its threshold, and for numbers out of range.

    >>> from ccsim.theory import ErlangC
    >>> Targets(threshold=20.0, share=0.8).met(ErlangC(100 / 1800, 180.0, [13, 14]))
    array([False,  True])
    """

    threshold: ArrayLike | None = None
    share: ArrayLike | None = None
    variant: str = "offered"
    short_abandon: ArrayLike = 0.0
    average_speed_of_answer: ArrayLike | None = None
    mean_wait: ArrayLike | None = None
    abandoned_fraction: ArrayLike | None = None
    blocked_fraction: ArrayLike | None = None
    delay_probability: ArrayLike | None = None
    occupancy: ArrayLike | None = None
    wait_quantile: tuple[ArrayLike, ArrayLike] | None = None

    def __post_init__(self) -> None:
        choice("variant", self.variant, VARIANTS)
        number("short_abandon", self.short_abandon)
        if (self.share is None) != (self.threshold is None):
            raise InputError("a service level needs both a threshold and a share of the calls to answer within it")
        if self.share is not None and self.threshold is not None:
            number("share", self.share, 0.0, 1.0, above=True, below=True)
            number("threshold", self.threshold)
        for name in ("average_speed_of_answer", "mean_wait"):
            if getattr(self, name) is not None:
                number(name, getattr(self, name), above=True)
        for name in ("abandoned_fraction", "blocked_fraction", "delay_probability"):
            if getattr(self, name) is not None:
                number(name, getattr(self, name), 0.0, 1.0, above=True, below=True)
        if self.occupancy is not None:
            number("occupancy", self.occupancy, 0.0, 1.0, above=True)
        if self.wait_quantile is not None:
            number("wait_quantile share", self.wait_quantile[0], 0.0, 1.0, above=True, below=True)
            number("wait_quantile wait", self.wait_quantile[1])
        if not self.asked:
            raise InputError("no target is given; give a share of calls within a threshold, or another target")

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the targets that bind."""
        names = ("share", *CEILINGS, "wait_quantile")
        return tuple(name for name in names if getattr(self, name) is not None)

    def at(self, picked: NDArray[np.bool_]) -> Targets:
        """Return the targets of the picked elements of a queue with as many elements as `picked`."""

        def pick(value: ArrayLike | None) -> ArrayLike | None:
            return value if value is None or np.ndim(value) == 0 else np.broadcast_to(np.asarray(value), picked.shape)[picked]

        fields = {name: pick(getattr(self, name)) for name in ("threshold", "share", "short_abandon", *CEILINGS)}
        quantile = None if self.wait_quantile is None else (pick(self.wait_quantile[0]), pick(self.wait_quantile[1]))
        return Targets(variant=self.variant, wait_quantile=quantile, **fields)  # type: ignore[arg-type]

    def met(self, queue: Station) -> NDArray[np.bool_]:
        """Return for each element of the queue whether all targets are met (to 1e-12)."""
        good = np.isfinite(np.asarray(queue.mean_wait))  # waits that grow without end meet no target
        if self.share is not None and self.threshold is not None:
            level = np.asarray(queue.service_level(self.threshold, self.variant, self.short_abandon))
            good = good & (level >= np.asarray(self.share) - SLACK)
        for name in CEILINGS:
            ceiling = getattr(self, name)
            if ceiling is not None:
                good = good & (np.asarray(getattr(queue, name)) <= np.asarray(ceiling) * (1.0 + SLACK))
        if self.wait_quantile is not None:
            share, wait = self.wait_quantile
            good = good & (np.asarray(queue.wait_tail(wait)) <= 1.0 - np.asarray(share) + SLACK)
        return np.asarray(good)


CEILINGS = ("average_speed_of_answer", "mean_wait", "abandoned_fraction", "blocked_fraction", "delay_probability", "occupancy")
