"""The calls of a path as rows: what each came of, and what became of it."""

from __future__ import annotations

import numpy as np

from ccsim.engine.call_log import calls_of
from ccsim.experiment.replicate import run
from ccsim.inputs import loads
from tests.unit.measures.by_hand import and_later, floor_of, path_of, with_later

PLAIN = ["arrival", "call_type", "answered_at", "ended_at", "hung_up_at", "blocked", "agent", "wait"]
TEXT = """
date: 2027-04-12
open: 08:00-12:00
interval: 30 min
target: {wait: 30 s, share: 80 %}
lines: 12
calls:
  sales: {volume: 400, handle_time: {mean: 5 min, cv: 1}, patience: {mean: 2 min}, redial: {chance: 0.6, after: {mean: 10 min}},
          transfer: {billing: 0.2}}
  billing: {volume: 100, handle_time: {mean: 5 min, cv: 1}, patience: {mean: 2 min}, repeat: {chance: 0.2, after: {mean: 20 min}}}
staff:
  all: {agents: 8, shift: 08:00-12:00}
"""


def test_rows_stand_in_order_of_arrival_and_name_the_call_they_follow() -> None:
    floor = with_later(floor_of(types=2))
    first = [(10.0, 0, "hung up", 30.0, 0.0, -1), (500.0, 0, "unreached", 60.0, 20.0, 1)]
    later = [("redial", 0, (400.0, 0, "answered", 5.0, 60.0, 0)), ("transfer", 2, (465.0, 1, "blocked", 0.0, 0.0, -1))]
    day, log = and_later(floor, path_of(floor, first), later, back=[1])
    log = log._replace(later_attempt=np.array([1, 2]))
    frame = calls_of(floor, day, log, ["sales", "billing"], [f"all {n}" for n in range(1, 11)])
    assert frame.index.tolist() == [0, 2, 3, 1]
    assert frame["reason"].tolist() == ["first", "redial", "transfer", "first"]
    assert frame["follows"].fillna(-1).tolist() == [-1, 0, 2, -1]
    assert frame["attempt"].tolist() == [0, 1, 2, 0]
    assert frame["call_type"].tolist() == ["sales", "sales", "billing", "sales"]
    assert frame["called_back"].tolist() == [False, False, False, True]
    assert frame["unreached"].tolist() == [False, False, False, True]
    assert frame.loc[1, ["wait", "ended_at", "agent"]].tolist() == [60.0, 580.0, "all 2"]
    assert np.isnan(frame.loc[1, "hung_up_at"])


def test_a_floor_without_later_calls_has_the_plain_columns_and_no_others() -> None:
    floor = floor_of()
    day, log = path_of(floor, [(10.0, 0, "hung up", 30.0, 0.0, -1)])
    assert list(calls_of(floor, day, log, ["sales"], ["all 1"] * 10)) == PLAIN


def test_the_rows_of_a_path_are_the_calls_that_were_counted() -> None:
    result = run(loads(TEXT), replications=1)
    frame, measures = result.calls(0), result.to_dict()["measures"]
    assert frame["arrival"].is_monotonic_increasing
    counts = frame["reason"].value_counts()
    for name, reason in (("first_calls", "first"), ("redials", "redial"), ("repeats", "repeat"), ("transfers", "transfer")):
        assert measures[name]["mean"] == counts[reason] > 0
    assert measures["offered"]["mean"] == len(frame)
    assert measures["blocked"]["mean"] == frame["blocked"].sum()
    follows = frame["follows"].dropna().astype(int)
    assert (frame.loc[follows.index, "arrival"].to_numpy() >= frame.loc[follows.to_numpy(), "arrival"].to_numpy()).all()
    assert (frame.loc[follows.index, "attempt"].to_numpy() == frame.loc[follows.to_numpy(), "attempt"].to_numpy() + 1).all()


def test_who_was_lost_is_who_never_got_an_answer_by_the_rows() -> None:
    """Followed caller by caller in the rows: of first calls, repeats and transfers, the chains of redials without an answer."""
    result = run(loads(TEXT), replications=1)
    frame = result.calls(0)
    redials = frame[frame["reason"] == "redial"]
    answered_later = {}
    for call, before in zip(redials.index[::-1], redials["follows"][::-1].astype(int), strict=True):
        answered_later[before] = answered_later.get(call, bool(np.isfinite(frame.loc[call, "answered_at"])))
    begun = frame[frame["reason"] != "redial"]
    lost = [call for call in begun.index if not (np.isfinite(begun.loc[call, "answered_at"]) or answered_later.get(call, False))]
    assert result.to_dict()["measures"]["lost_fraction"]["mean"] == len(lost) / len(begun)
    assert len(lost) > 0
