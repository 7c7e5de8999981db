"""Paid time that is not spent on duty, by named category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from ccsim.inputs.distributions import Distribution
from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import ShrinkageKeys
from ccsim.inputs.keys.staff import LastsKeys
from ccsim.inputs.odds import absences_by_weekday
from ccsim.inputs.workforce import MOST_PIECES, Group, one_law
from ccsim.units import DAY, format_duration, format_share, shown

HIGH_CORRELATION = 0.1  # above this, half of a small group may be away together every few weeks
Kind = Literal["planned", "absence", "in-shift", "late", "early"]
# the keys that belong to some kinds only
_BELONG: dict[str, tuple[str, ...]] = {
    "share": ("planned", "absence", "in-shift"),
    "of": ("planned", "absence", "in-shift"),
    "correlation": ("absence",),
    "weekdays": ("absence",),
    "lasts": ("absence",),
    "no_show": ("absence",),
    "ends_after": ("absence",),
    "pieces": ("in-shift",),
    "chance": ("late", "early"),
    "by": ("late", "early"),
}


class Shrinkage(Frozen):
    """One category of shrinkage."""

    name: str
    kind: Kind
    share: float  # of paid scheduled time; 0 for late and early, which have a `chance`
    correlation: float  # between two people's absences on one day
    of: Literal["paid", "remaining"]
    groups: tuple[str, ...] | None  # None: every group of people
    paid: bool
    weekdays: tuple[float, ...] = (1.0,) * 7  # factors on the odds of absence, Monday first
    lasts: float | None = None  # mean length of an absence in calendar days; None: each day by itself
    ends_after: int | None = None  # shifts missed in a row that end the employment
    pieces: float = 1800.0  # length of a piece of in-shift time [s]
    chance: float = 0.0  # of being late or leaving early on a shift
    by: Distribution | None = None  # by how much
    planned: bool = False  # headings of the waterfall
    office: Literal["in", "out"] = "out"

    def applies_to(self, group: Group) -> bool:
        """Whether the category takes people out of a group; positions on duty have no shrinkage."""
        return group.people is not None and (self.groups is None or group.name in self.groups)


def build_shrinkage(
    name: str, keys: ShrinkageKeys, staff: Mapping[str, Group], horizon: Horizon, folder: Folder, warnings: list[str]
) -> Shrinkage:
    """The category that a file gives under `shrinkage`."""
    path: Path = ("shrinkage", name)
    _check_keys(keys, path)
    if keys.correlation > HIGH_CORRELATION:
        warnings.append(
            f"`shrinkage.{name}.correlation` is {keys.correlation:g}: above {HIGH_CORRELATION:g} "
            "people are mostly away together, on few days; 0 to 0.05 is usual"
        )
    _check_groups(keys, staff, path)
    lasts = keys.lasts.mean if isinstance(keys.lasts, LastsKeys) else keys.lasts
    if lasts is not None and lasts < DAY:
        raise Fault(
            (*path, "lasts"), f"an absence of kind absence takes whole days; found {format_duration(lasts)}, where 1 day or more belongs"
        )
    return Shrinkage(
        name=name,
        kind=keys.kind,
        share=keys.share or 0.0,
        correlation=keys.correlation,
        of=keys.of,
        groups=keys.groups,
        paid=keys.paid,
        weekdays=tuple((keys.weekdays or {}).get(day, 1.0) for day in range(7)),
        lasts=None if lasts is None else lasts / DAY,
        ends_after=keys.ends_after,
        pieces=keys.pieces or 1800.0,
        chance=keys.chance or 0.0,
        by=None if keys.by is None else one_law(keys.by, (*path, "by"), horizon, folder),
        planned=keys.kind in ("planned", "in-shift") if keys.planned is None else keys.planned,
        office=keys.office or ("in" if keys.kind == "in-shift" else "out"),
    )


def _check_keys(keys: ShrinkageKeys, path: Path) -> None:
    """Refuse keys that belong to another kind, and miss those that belong to this one."""
    for key, kinds in _BELONG.items():
        if key in keys.model_fields_set and keys.kind not in kinds:
            why = ": planned shrinkage takes a fixed number of people" if key == "correlation" and keys.kind == "planned" else ""
            how = "give `chance` and `by` instead" if key == "share" else "leave it out"
            raise Fault((*path, key), f"{key} belongs to the kind {' or '.join(kinds)}{why}; {how}")
    for key in ("share",) if keys.kind in _BELONG["share"] else ("chance", "by"):
        if getattr(keys, key) is None:
            raise Fault((*path, key), f"this key is missing and has no default for the kind {keys.kind}; add it")
    if not keys.paid and keys.kind not in ("planned", "absence"):
        raise Fault(
            (*path, "paid"), "a person away for a part of the shift is paid for the shift; `paid: false` belongs to planned or absence"
        )
    if keys.no_show and keys.ends_after is None:
        raise Fault((*path, "no_show"), "`no_show` needs `ends_after`, the shifts missed in a row that end the employment; add it")
    if keys.ends_after is not None and not keys.no_show:
        raise Fault((*path, "ends_after"), "`ends_after` goes with `no_show: true`; add it, or leave this out")


def _check_groups(keys: ShrinkageKeys, staff: Mapping[str, Group], path: Path) -> None:
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


def taken(categories: Iterable[Shrinkage]) -> dict[str, float]:
    """What each category takes of paid scheduled time, by name; those of lateness and early leaving, which have no share, left out.

    Shares of paid time add. Those `of: remaining` come after all of these, in the order given, and take their share of what is left.
    """
    listed = [category for category in categories if category.kind not in ("late", "early")]
    shares = {category.name: category.share for category in listed if category.of == "paid"}
    left = 1.0 - sum(shares.values())
    for category in listed:
        if category.of == "remaining":
            shares[category.name] = category.share * left
            left -= shares[category.name]
    return shares


def chances(group: Group, categories: Iterable[Shrinkage]) -> dict[str, float]:
    """For each category that applies to a group, the chance or share by which it strikes those whom the earlier ones left, by name.

    Planned categories come first, then absence, each in file order: a category takes its share ÷ (1 - the shares before it). Pieces of
    in-shift time fall on those who are there: their share ÷ (1 - the shares of all who are away).
    """
    met = [category for category in categories if category.applies_to(group)]
    shares = taken(met)
    found = {}
    left = 1.0
    for kind in ("planned", "absence", "in-shift"):
        before = left
        for category in met:
            if category.kind == kind:
                divisor = 1.0 if kind == "planned" else left if kind == "absence" else before
                found[category.name] = min(1.0, shares[category.name] / divisor)
                left -= shares[category.name]
    return found


def check_shrinkage(shrinkage: Mapping[str, Shrinkage], staff: Mapping[str, Group], warnings: list[str]) -> None:
    """Refuse categories that together leave nobody or cannot be; warn of those that apply to nobody."""
    for group in staff.values():
        lost = 0.0
        for name, share in taken(category for category in shrinkage.values() if category.applies_to(group)).items():
            lost += share
            if lost >= 1 - 1e-9:
                raise Fault(
                    ("shrinkage", name, "share"),
                    f"with this category {format_share(lost)} of the paid time of the group {shown(group.name)} is lost; leave it some",
                )
        for name in sorted(group.roster.activities if group.roster else ()):
            if name in shrinkage and shrinkage[name].share and shrinkage[name].applies_to(group):
                warnings.append(
                    f"`shrinkage.{name}` is in the published roster of the group {shown(group.name)} and is drawn besides; "
                    "leave the group out of its `groups` unless both are meant"
                )
        for name, chance in chances(group, shrinkage.values()).items():
            _check_weekdays(shrinkage[name], group, chance)
            _check_pieces(shrinkage[name], group, chance)
    for category in shrinkage.values():
        _warn_of_length(category, staff, warnings)
    if shrinkage and staff and not any(category.applies_to(group) for category in shrinkage.values() for group in staff.values()):
        warnings.append("`shrinkage` takes nobody away in a run: every group is given as positions on duty; `ccsim staff` reckons with it")


def _check_weekdays(category: Shrinkage, group: Group, chance: float) -> None:
    """Refuse an absence that no odds by weekday, or spells so short, can bring about."""
    if category.kind != "absence" or not group.weekdays:
        return
    weights = tuple(group.weight(day) for day in range(7))
    if chance > 0.0 and absences_by_weekday(chance, category.weekdays, weights, category.lasts) is None:
        key = "weekdays" if category.lasts is None else "lasts"
        raise Fault(
            ("shrinkage", category.name, key),
            f"absences of {format_share(round(chance, 4))} of those on the roster of the group {shown(group.name)} "
            "cannot come about in this way: "
            + ("the weekdays with odds above 0 are too few" if category.lasts is None else "they are too short for so many")
            + "; change it, or lower the share",
        )


def _warn_of_length(category: Shrinkage, staff: Mapping[str, Group], warnings: list[str]) -> None:
    """Say where people who come late or leave early are gone for the whole of a shift on average."""
    if category.by is None or category.chance == 0.0:
        return
    met = {name: longest for name, group in staff.items() if category.applies_to(group) and (longest := _longest(group))}
    by = float(np.max(category.by.mean))
    if met and by >= min(met.values()):
        name = min(met, key=lambda group: met[group])
        what = "who comes late does so" if category.kind == "late" else "who leaves early does so"
        warnings.append(
            f"`shrinkage.{category.name}.by` is {format_duration(by)} on average: {what} by a whole shift of the group {shown(name)}, "
            f"{format_duration(met[name])}, or nearly so, and counts as lost with it. Check the unit, "
            "or give people away all day a category of the kind absence"
        )


def _longest(group: Group) -> float:
    """The longest shift of a group, from its start to its end [s]; 0 where it has none."""
    if group.roster is not None:
        return max((shift.parts[-1][1] - shift.parts[0][0] for shift in group.roster.shifts), default=0.0)
    return group.shift[-1][1] - group.shift[0][0] if group.shift else 0.0


def _check_pieces(category: Shrinkage, group: Group, share: float) -> None:
    """Refuse in-shift time that does not fit into a shift beside its breaks, or that cuts it into crumbs."""
    if category.kind != "in-shift" or not group.shift:
        return
    whole = sum(end - start for start, end in group.shift)
    floor = whole - sum(rest.length for rest in group.breaks)
    paid = whole - sum(rest.length for rest in group.breaks if not rest.paid)
    path = ("shrinkage", category.name)
    if share * paid > floor:
        raise Fault(
            (*path, "share"),
            f"of a shift of the group {shown(group.name)} this takes {format_duration(round(share * paid))}, and its breaks leave "
            f"{format_duration(floor)}; lower the share",
        )
    if share * paid > MOST_PIECES * category.pieces:
        raise Fault(
            (*path, "pieces"),
            f"pieces of {format_duration(category.pieces)} would cut a shift into more than {MOST_PIECES} parts; make them longer",
        )
