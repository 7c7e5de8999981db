"""Dice that random plans throw, and the times that they come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Dice(Protocol):
    """What a random plan asks for."""

    def choice(self, among: Sequence[T]) -> T:
        """One of these."""

    def randint(self, low: int, high: int) -> int:
        """A whole number, both ends included."""

    def uniform(self, low: float, high: float) -> float:
        """A number between."""


class Clockwork:
    """Times of a plan: multiples of a step, or anything."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.coarse = dice.choice([True, True, False])
        self.step = dice.choice([30.0, 60.0, 300.0])
        self.opening = 28800.0
        self.length = dice.choice([8, 20, 40]) * self.step

    def between(self, low: float, high: float) -> float:
        """A time in low ... high; on the grid both ends may come up."""
        if self.coarse:
            return low + self.step * self.dice.randint(0, max(int((high - low) / self.step), 0))
        return self.dice.uniform(low, high)

    def length_of(self, steps: int) -> float:
        """A length of 0 (on the grid) to so many steps."""
        return self.between(0.0, steps * self.step)
