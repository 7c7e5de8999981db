"""What is mended in records as a whole, once all rows are read: call types spelt in several ways, false dates, people in two calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import coded
from ccsim.fitting.problems import KEPT_ALL, ROW_OUT, Problems
from ccsim.inputs.faults import listed
from ccsim.units import shown

if TYPE_CHECKING:
    import pandas as pd

Bools = np.ndarray[Any, np.dtype[np.bool_]]
FAR: Final = 365  # days without a row on either side, beyond which a few rows are no part of the record
FEW: Final = 0.02  # share of the calls that such rows have at the most
TOGETHER: Final = 2.0  # s that two calls of one person may overlap, as clocks are read to the second
WRONG_DATE: Final = "a date more than a year from all others"
_ADDED: Final = ("offered", "handled", "abandoned", "blocked")


def spellings(names: Any, calls: Any) -> tuple[dict[str, str], list[str]]:
    """For each call type that is spelt in several ways (letter case, blanks), its commonest spelling; and a sentence on each.

    Letters that cannot be printed stand for blanks: a scenario file holds none.
    """
    ways: dict[str, dict[str, float]] = {}
    for name, count in zip(names, calls, strict=True):
        own = ways.setdefault(printable(str(name)).casefold(), {})
        own[str(name)] = own.get(str(name), 0.0) + float(count)
    meant, notes = {}, []
    for own in ways.values():
        best = max(own, key=lambda name: (own[name], name))
        if not best.isprintable():
            best = printable(best)
            meant.update(dict.fromkeys(own, best))
            notes.append(f"the call type {shown(best)} has letters that cannot be printed; they were taken for blanks")
        if len(own) > 1:
            meant.update(dict.fromkeys(own, best))
            others = [shown(name) for name in own if name != best]
            notes.append(f"the call type {shown(best)} is also spelt {listed(others)}; they were taken as one")
    return meant, notes


def printable(name: str) -> str:
    """A name with single blanks, also in place of letters that cannot be printed; `not named` where nothing is left.

    >>> printable("New\x07  sales")
    'New sales'
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split()) or "not named"


def far_days(days: Any, calls: Any) -> Bools:
    """Which rows are dated more than a year from nearly all others: days [N] since 1970, and calls [N] of each row.

    Days less than `FAR` apart are of one stretch. The stretch with most calls is the record, as is each with more than `FEW` of its calls.
    """
    order, place = np.unique(days, return_inverse=True)
    stretch = np.concatenate([[0], np.cumsum(np.diff(order) > FAR)])[place]
    sums: Any = np.bincount(stretch, weights=np.nan_to_num(calls))
    return np.asarray((sums < sums.max())[stretch] & (sums <= FEW * sums.max())[stretch], dtype=bool)


def note_far(problems: Problems, rows: Any, dates: Any) -> None:
    """Note rows set aside for their dates, as `far_days` has them."""
    for row, date in zip(rows, dates, strict=True):
        problems.add(int(row), "", str(np.datetime64(date, "D")), WRONG_DATE, ROW_OUT)


def note_two_at_once(problems: Problems, frame: pd.DataFrame) -> None:
    """Note calls that a person answered while it was still in another, as the lengths in the record have it; they are kept.

    Nothing is said of records that tell time to the minute only, or name groups rather than people: half of all calls would be concerned.
    """
    some = frame[frame["agent"].notna().to_numpy() & frame["handle_time"].notna().to_numpy()]
    if len(some) < 2:
        return
    arrival = some["arrival"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6
    if (arrival % 60 == 0).all():
        return
    _, agent = coded(some["agent"].to_numpy(dtype=object))
    start = arrival + np.nan_to_num(some["wait"].to_numpy(dtype=float))
    order = np.lexsort((start, agent))
    agent, start = agent[order], start[order]
    end = start + some["handle_time"].to_numpy(dtype=float)[order]
    still = np.concatenate([[False], (agent[1:] == agent[:-1]) & (start[1:] < end[:-1] - TOGETHER)])
    if still.mean() > 0.5:
        return
    row, names = some["row"].to_numpy()[order], some["agent"].to_numpy(dtype=object)[order]
    for place in np.flatnonzero(still):
        reason = "answered while the same agent was still in another call; for staff on duty the other ends there"
        problems.add(int(row[place]), "agent", str(names[place]), reason, KEPT_ALL)


def joined(frame: pd.DataFrame, meant: dict[str, str]) -> pd.DataFrame:
    """Counts by interval with call types as `meant` has them: of rows that come together counts are added, and times weighted by calls."""
    import pandas as pd

    if not meant:
        return frame
    spelt = frame["call_type"]
    frame = frame.assign(call_type=spelt.map(lambda name: meant.get(name, name)))
    # Only rows of different spellings belong together; the same one twice is a fault that is told elsewhere.
    first = ~pd.DataFrame({"start": frame["start"], "spelt": spelt}).duplicated().to_numpy()
    key = ["start", "call_type"]
    several = frame.duplicated(key, keep=False).to_numpy() & first
    several &= frame[several].duplicated(key, keep=False).reindex(frame.index, fill_value=False).to_numpy()
    if not several.any():
        return frame
    rows = []
    for _, own in frame[several].groupby(key, sort=False):
        one = own.iloc[0].copy()
        for name in own.columns:
            if name in ("row", *key):
                continue
            values = own[name].to_numpy(dtype=float)
            known = ~np.isnan(values)
            weights = np.where(known, np.nan_to_num(own["offered"].to_numpy(dtype=float)), 0.0)
            if name in (*_ADDED, "agents", "required", "scheduled"):
                one[name] = values[known].sum() if known.any() else np.nan
            else:
                one[name] = (np.nan_to_num(values) * weights).sum() / weights.sum() if weights.sum() > 0 else values[0]
        rows.append(one)
    return pd.concat([frame[~several], pd.DataFrame(rows).astype(frame.dtypes.to_dict())])
