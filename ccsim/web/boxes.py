"""Fields of a form that is not a scenario's: what belongs in each, and what was typed, read and checked field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ccsim.errors import InputError
from ccsim.units import parse_duration, parse_number, parse_share, shown

Typed = Mapping[str, Any]  # by field its text, or a list where several may be chosen
YES, NO = "yes", "no"
YES_OR_NO: Final = {YES: "yes", NO: "no"}


@dataclass(frozen=True)
class Box:
    """One field of a form: name, label, what belongs in it, what reads it, whether it must be filled, what stands in it at first.

    Where there are `choices`, one of them is chosen, or `several`; they are told in words. `belongs` says of what else was typed whether
    the field belongs to it; one that does not is not shown and not read. What few need is one `more`, and folded away.
    """

    name: str
    label: str
    hint: str
    read: Callable[[str], Any] = str
    required: bool = False
    first: Any = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    belongs: Callable[[Typed], bool] | None = None
    wide: bool = False
    more: bool = False

    def here(self, typed: Typed) -> bool:
        """Whether the field belongs to what else was typed."""
        return self.belongs is None or self.belongs(typed)


class Misfilled(InputError):
    """Fields that cannot be used; `faults` holds a sentence by the name of each, "" for what belongs to none of them."""

    def __init__(self, faults: Mapping[str, str], labels: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{labels[name]}: {fault}" if labels.get(name) else fault for name, fault in faults.items()))
        self.faults = dict(faults)


def read_boxes(boxes: Sequence[Box], typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed as values by name, None for fields left empty or out of place; and by name what is wrong."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for box in boxes:
        values[box.name] = None
        told = typed.get(box.name) or ""
        if not box.here(typed):
            continue
        if not told or (isinstance(told, str) and not told.strip()):
            if box.required:
                faults[box.name] = f"This is needed: {box.hint}"
            continue
        try:
            values[box.name] = _read(box, told)
        except InputError as fault:
            faults[box.name] = sentence(fault)
    return values, faults


def _read(box: Box, told: Any) -> Any:
    chosen = [str(one) for one in told] if isinstance(told, (list, tuple)) else [str(told).strip()]
    if box.choices:
        strange = next((one for one in chosen if one not in box.choices), None)
        if strange is not None:
            raise InputError(f"found {shown(strange)}, which is none of the choices; choose one again")
    if box.several:
        return chosen
    return box.read(chosen[0])


def sentence(fault: Exception) -> str:
    """What a fault says, beginning with a capital letter."""
    words = str(fault)
    return words[:1].upper() + words[1:]


def yes(text: str) -> bool:
    """Whether yes was chosen."""
    return text == YES


def number_from(least: int, most: int) -> Callable[[str], int]:
    """What reads a whole number between two; thousands may be parted by commas.

    >>> number_from(50, 200_000)("1,000")
    1000
    """

    def read(text: str) -> int:
        words = text.strip().replace(",", "")
        if not (words.isascii() and words.isdigit() and len(words) < 20 and least <= int(words) <= most):
            raise InputError(f"found “{text.strip()[:40]}”, where a whole number from {least:,} to {most:,} belongs")
        return int(words)

    return read


def calls_number(text: str) -> float:
    """How many calls come in, 0 or more; raises `InputError`."""
    found = parse_number(text)
    if found < 0.0:
        raise InputError(f"{shown(text)} is below 0: so many calls cannot come in")
    return found


def some_time(text: str) -> float:
    """A duration [s] above 0; raises `InputError`."""
    found = parse_duration(text)
    if not found > 0.0:
        raise InputError(f"{shown(text)} is no time at all; give a longer one")
    return found


def _share(wrong: str, above: float = -1.0, below: float = 2.0) -> Callable[[str], float]:
    """What reads a share above one and below another; where it is not, `wrong` says so."""

    def read(text: str) -> float:
        found = parse_share(text)
        if not above < found < below:
            raise InputError(f"{shown(text)} {wrong}")
        return found

    return read


share_to_meet: Final = _share("is no target that agents can meet; give more than 0 % and less than 100 %, such as 80 %", 0.0, 1.0)
part_of_all: Final = _share("cannot be had; give more than 0 % and less than 100 %, such as 95 %", 0.0, 1.0)
small_share: Final = _share("leaves nothing; give less than 100 %", below=1.0)
shrinkage_share: Final = _share("leaves nobody on duty; give less than 100 %", below=1.0)
occupancy_share: Final = _share("leaves no time for calls; give more than 0 %", 0.0)
