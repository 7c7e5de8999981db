"""What a floor written by hand may have beyond callers, agents and pools: announcements, overflow, call-backs, chats, work, later calls.

Everything is told by call type, in the words of the rules page, and made into `Service` and `Later`. A law is a number (a constant) or a
row of `ccsim.engine.streams`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ccsim.engine import streams
from ccsim.engine.more import NEVER, UNLIMITED, Later, Service

Law = float | Sequence[float]


def law_row(law: Law) -> list[float]:
    """The row of a law; a bare number is constant."""
    return [streams.CONSTANT, float(law), 0, 0, 0, 0] if isinstance(law, (int, float)) else list(law)


@dataclass
class Redial:
    """Calling again after a hang-up or a busy signal; `chance` by redials made."""

    after: Law = 10.0
    chance: float | Sequence[float] = 1.0
    most: int = UNLIMITED
    keeps: bool = False
    after_closing: bool = False


@dataclass
class CallBack:
    """The offer to be called back."""

    offer_at: float
    accept: float = 1.0
    reached: float = 1.0
    ring: float = 30.0
    mean_handle: float | Sequence[float] = 60.0


@dataclass(kw_only=True)
class Extras:
    """The part of a plan that becomes `Service` and `Later`; nothing of it told, and not `rich`, both are None."""

    rich: bool = False  # with a neutral `Service` and `Later` even where nothing of them is told
    announcement: dict[str, float] = field(default_factory=dict)
    overflow: dict[tuple[int, str], float] = field(default_factory=dict)  # (team, type): s after arrival
    team_factor: dict[tuple[int, str], float] = field(default_factory=dict)  # (team, type)
    chats: dict[str, int] = field(default_factory=dict)  # how many at once
    slower: dict[str, float] = field(default_factory=dict)
    work: Sequence[str] = ()
    reserve: dict[str, int] = field(default_factory=dict)
    callback: dict[str, CallBack] = field(default_factory=dict)
    told: list[tuple[float, Law]] = field(default_factory=list)  # (chance, after) of each outage that tells

    redial: dict[str, Redial] = field(default_factory=dict)
    repeat: dict[str, tuple[float, Law]] = field(default_factory=dict)  # (chance, after)
    transfer: dict[str, dict[str, float]] = field(default_factory=dict)  # chances by target, which gets its highest priority
    later_handle: dict[str, Law] = field(default_factory=dict)  # 10 s where left out
    later_handle_mean: dict[str, Sequence[float]] = field(default_factory=dict)  # by interval, times the law
    later_patience: dict[str, Law] = field(default_factory=dict)  # endless where left out
    later_patience_mean: dict[str, Sequence[float]] = field(default_factory=dict)
    balk: dict[str, float] = field(default_factory=dict)
    path_end: float = 1e6  # for later calls

    def has_extras(self) -> bool:
        """Whether anything here is told."""
        told = (
            self.announcement, self.overflow, self.team_factor, self.chats, self.work, self.reserve, self.callback, self.told,
            self.redial, self.repeat, self.transfer,
        )  # fmt: skip
        return self.rich or any(told)

    def service(self, queues: Sequence[tuple[str, int]], takes: Sequence[set[str]], intervals: int) -> Service:
        """`Service` for queues of (type, priority) and what each team takes."""
        names = [name for name, _ in queues]
        announcement = np.array([self.announcement.get(name, 0.0) for name in names], float)
        after = np.array([[self.overflow.get((team, name), 0.0) for name in names] for team in range(len(takes))], float)
        factor = [[self.team_factor.get((team, name), 1.0) for name in names] for team in range(len(takes))]
        callers = [taken - set(self.work) for taken in takes]
        offers = [self.callback.get(name) for name in names]
        return Service(
            team_factor=np.array(factor, float).reshape(len(takes), len(names)),
            serve_after=np.maximum(after.reshape(len(takes), len(names)), announcement),
            announcement=announcement,
            at_once=np.array([self.chats.get(name, 1) for name in names], np.int64),
            slower=np.array([self.slower.get(name, 0.0) for name in names], float),
            kept=np.array([name in self.work for name in names], np.uint8),
            reserve=np.array([self.reserve.get(name, 0) for name in names], np.int64),
            reserve_counts=np.array([[not one.isdisjoint(other) for other in takes] for one in callers], np.uint8).reshape(
                len(takes), len(takes)
            ),
            holds_line=np.array([name not in self.chats and name not in self.work for name in names], np.uint8),
            callback_from=np.array([offer.offer_at if offer else np.inf for offer in offers], float),
            callback_accept=np.array([offer.accept if offer else 0.0 for offer in offers], float),
            callback_reached=np.array([offer.reached if offer else 1.0 for offer in offers], float),
            callback_ring=np.array([offer.ring if offer else 0.0 for offer in offers], float),
            mean_handle=np.array([np.broadcast_to(offer.mean_handle if offer else 60.0, intervals) for offer in offers], float),
            told_chance=np.array([chance for chance, _ in self.told], float),
            told_after=np.array([law_row(after) for _, after in self.told], float).reshape(len(self.told), streams.LAW_SIZE),
        )

    def later(self, types: Sequence[str], queues: Sequence[tuple[str, int]], intervals: int) -> Later:
        """`Later` for these types and queues of (type, priority)."""
        names = [name for name, _ in queues]
        redials = [self.redial.get(name, Redial(chance=0.0)) for name in names]
        chances = [[redial.chance] if isinstance(redial.chance, (int, float)) else list(redial.chance) for redial in redials]
        most_chances = max(map(len, chances))
        never = [NEVER, 0.0, 0.0, 0.0, 0.0, 0.0]
        passed_on = np.zeros((len(names), len(names)))
        for queue, name in enumerate(names):
            for target, chance in self.transfer.get(name, {}).items():
                passed_on[queue, names.index(target)] = chance
        return Later(
            end=self.path_end,
            type_name=np.array([streams.name_key(name) for name in types], np.uint64),
            handle=np.array([law_row(self.later_handle.get(name, 10.0)) for name in names], float),
            handle_mean=np.array([self.later_handle_mean.get(name, [1.0] * intervals) for name in names], float),
            patience=np.array([law_row(self.later_patience[name]) if name in self.later_patience else never for name in names], float),
            patience_mean=np.array([self.later_patience_mean.get(name, [1.0] * intervals) for name in names], float),
            balk=np.array([self.balk.get(name, 0.0) for name in names], float),
            redial_chance=np.array([row + row[-1:] * (most_chances - len(row)) for row in chances], float),
            redial_most=np.array([redial.most for redial in redials], np.int64),
            redial_after=np.array([law_row(redial.after) for redial in redials], float),
            redial_keeps=np.array([redial.keeps for redial in redials], np.uint8),
            redial_after_closing=np.array([redial.after_closing for redial in redials], np.uint8),
            repeat_chance=np.array([self.repeat.get(name, (0.0, 0.0))[0] for name in names], float),
            repeat_after=np.array([law_row(self.repeat.get(name, (0.0, 0.0))[1]) for name in names], float),
            transfer_upto=np.cumsum(passed_on, axis=1),
        )
