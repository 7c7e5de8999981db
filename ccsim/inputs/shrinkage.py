"""Paid time that is not spent on duty, by named category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.keys import ShrinkageKeys
from ccsim.inputs.workforce import Group
from ccsim.units import format_share, shown

HIGH_CORRELATION = 0.1  # above this, half of a small group may be away together every few weeks


class Shrinkage(Frozen):
    """One category of shrinkage."""

    name: str
    kind: Literal["planned", "absence"]
    share: float
    correlation: float  # between two people's absences on one day
    of: Literal["paid", "remaining"]
    groups: tuple[str, ...] | None  # None: every group of people
    paid: bool

    def applies_to(self, group: Group) -> bool:
        """Whether the category takes people out of a group; positions on duty have no shrinkage."""
        return group.people is not None and (self.groups is None or group.name in self.groups)


def build_shrinkage(name: str, keys: ShrinkageKeys, staff: Mapping[str, Group], warnings: list[str]) -> Shrinkage:
    """The category that a file gives under `shrinkage`."""
    path: Path = ("shrinkage", name)
    if keys.kind in ("in-shift", "late"):
        raise Fault(
            (*path, "kind"), f"the kind {keys.kind} is part of the scenario file but not built yet in this version; leave the category out"
        )
    if keys.kind == "planned" and keys.correlation:
        raise Fault(
            (*path, "correlation"),
            "correlation belongs to the kind absence: planned shrinkage takes a fixed number of people; leave it out",
        )
    if keys.correlation > HIGH_CORRELATION:
        warnings.append(
            f"`shrinkage.{name}.correlation` is {keys.correlation:g}: above {HIGH_CORRELATION:g} "
            "people are mostly away together, on few days; 0 to 0.05 is usual"
        )
    for place, group in enumerate(keys.groups or ()):
        if group not in staff:
            near = nearest(group, staff)
            hint = f"did you mean {shown(near)}?" if near else f"the groups are {listed(staff)}" if staff else "there is no `staff`"
            raise Fault((*path, "groups", place), f"there is no group {shown(group)}; {hint}")
        if staff[group].people is None:
            raise Fault(
                (*path, "groups", place),
                f"{shown(group)} is given as positions on duty by interval, to which no shrinkage applies; leave it out",
            )
    return Shrinkage(
        name=name, kind=keys.kind, share=keys.share, correlation=keys.correlation, of=keys.of, groups=keys.groups, paid=keys.paid
    )


def taken(categories: Iterable[Shrinkage]) -> dict[str, float]:
    """What each category takes of paid scheduled time, by name.

    Shares of paid time add. Those `of: remaining` come after all of these, in the order given, and take their share of what is left.
    """
    listed = list(categories)
    shares = {category.name: category.share for category in listed if category.of == "paid"}
    left = 1.0 - sum(shares.values())
    for category in listed:
        if category.of == "remaining":
            shares[category.name] = category.share * left
            left -= shares[category.name]
    return shares


def check_shrinkage(shrinkage: Mapping[str, Shrinkage], staff: Mapping[str, Group], warnings: list[str]) -> None:
    """Refuse categories that together leave nobody; warn of those that apply to nobody."""
    for group in staff.values():
        lost = 0.0
        for name, share in taken(category for category in shrinkage.values() if category.applies_to(group)).items():
            lost += share
            if lost >= 1 - 1e-9:
                raise Fault(
                    ("shrinkage", name, "share"),
                    f"with this category {format_share(lost)} of the paid time of the group {shown(group.name)} is lost; leave it some",
                )
    if shrinkage and staff and not any(category.applies_to(group) for category in shrinkage.values() for group in staff.values()):
        warnings.append("`shrinkage` takes nobody away in a run: every group is given as positions on duty; `ccsim staff` reckons with it")
