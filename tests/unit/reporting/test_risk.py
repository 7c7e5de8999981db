"""The bad day in words and as a table."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from ccsim.experiment.replicate import run
from ccsim.inputs.scenario import loads
from ccsim.reporting.batches import batch_words
from ccsim.reporting.risk import bad_day_rows, bad_days, rows_of, sentences
from tests.unit.experiment.centres import plain, whole
from tests.unit.reporting.played import result as made_by_hand


def shown(result: Any) -> str:
    out = Console(file=io.StringIO(), width=140)
    table = bad_days(result)
    assert table is not None
    out.print(table)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_the_sentences_hold_the_figures_of_the_object() -> None:
    result = run(whole(), replications=200)
    risk = result.to_dict()["risk"]
    missed, bad = sentences(result)
    assert f"chance of {100 * risk['target_missed']['mean']:.1f} %" in missed
    worst = max(result.to_dict()["intervals"], key=lambda row: row["target_missed"]["mean"])
    assert f"the interval at {worst['start'][-5:]} misses it most often" in missed
    entry = risk["measures"]["over_threshold"]["one_in_20"]
    span = f"({100 * entry['low']:.1f} to {100 * entry['high']:.1f} %)"
    assert bad.startswith(
        f"On 1 day in 20, {100 * entry['value']:.1f} % {span} of callers or more wait beyond their target wait; on 1 day in 5"
    )


def test_few_days_say_that_they_cannot_show_it() -> None:
    result = run(plain(), replications=15)
    assert sentences(result)[-1] == "How bad the worst day in 20 is, 15 days cannot show: play 72 or more."
    assert bad_days(result) is None
    single = run(plain(), replications=1)
    assert "one day cannot show" in sentences(single)[-1]
    assert "most often" not in " ".join(sentences(single))


def test_some_days_say_that_it_may_be_worse() -> None:
    result = run(plain(), replications=60)
    assert sentences(result)[-1].endswith("60 days cannot say how much worse it may be: play more.")


def test_the_table_has_a_row_for_what_a_planner_asks() -> None:
    text = shown(run(whole(), replications=200))
    for words in ("waited beyond the threshold", "mean wait", "longest wait", "hung up", "intervals of the day that miss", "EUR a day"):
        assert words in text
    assert "nan" not in text


def test_work_is_taken_up_and_does_not_wait_on_the_line() -> None:
    work = loads(
        "open: 08:00-12:00\ninterval: 1 h\ntarget: {wait: 2 h, share: 90 %, per: day}\ncalls:\n"
        "  letters: {volume: 40, channel: work, handle_time: 10 min}\nstaff:\n  desk: {agents: 2, shift: 08:00-12:00}\n"
    )
    said = " ".join(sentences(run(work, replications=100)))
    assert "of the work or less is taken up within 2 h" in said
    assert "caller" not in said


def test_where_nobody_called_nothing_is_said() -> None:
    nobody = plain(("volume: 20", "volume: [0.000001, 0]"))
    result = run(nobody, replications=30)
    assert sentences(result) == []


def test_results_without_risk_are_shown_without_it() -> None:
    """Documents that an earlier version kept have no such key."""
    assert sentences(made_by_hand()) == []
    assert bad_days(made_by_hand()) is None
    assert batch_words(made_by_hand().to_dict()) == []


def test_the_rows_of_a_file_are_those_of_the_table() -> None:
    result = run(whole(), replications=100)
    rows = rows_of(result.to_dict())
    assert {(row["measure"], row["which"]) for row in rows} == set(result.risk.index)
    assert list(rows[0]) == ["measure", "which", "value", "low", "high", "unit", "worse", "of"]
    for row in rows:
        assert result.risk.loc[(row["measure"], row["which"]), "value"] == pytest.approx(row["value"])
        assert list(row) == list(rows[0])


LONG = """
open: 00:00-24:00
days: DAYS
interval: 1 h
warm_up: 24 h
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 240, handle_time: {mean: MEAN, dist: exponential}}
staff:
  desk: {agents: 24 positions}
"""


def test_a_path_in_batches_says_how_it_was_cut_and_whether_that_will_do() -> None:
    text = LONG.replace("DAYS", "24").replace("MEAN", "3 min").replace("24 positions", str([2] * 24))
    document = run(loads(text), batches=10).to_dict()
    cut, alike = batch_words(document)
    assert cut == (
        "One path, cut into 10 batches of 2 days; intervals are those of the batch means. The first 3 days are left out with the warm-up, "
        "so that batches are of one length."
    )
    assert alike.startswith(
        "The batches do not hang together (correlation of neighbours in “answered within the threshold, of all offered” "
    )
    batches = document["batches"] | {"correlation": 0.7, "hang_together": True, "left_out_days": 0, "days": 1, "notes": ["More."]}
    assert batch_words({"batches": batches}) == [
        "One path, cut into 10 batches of a day; intervals are those of the batch means.",
        "Note: the batches hang together (correlation of neighbours in “answered within the threshold, of all offered” 0.70, luck seldom "
        "gives 0.47 or more): too short, they make the intervals too narrow. Give fewer, or more `days`.",
        "Note: More.",
    ]
    assert len(batch_words({"batches": batches | {"correlation": None, "hang_together": False}})) == 2


def test_intervals_that_miss_equally_often_are_not_told_apart() -> None:
    nobody = loads(
        "open: 08:00-12:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 90 %}\ncalls:\n"
        "  a: {volume: 400, handle_time: 3 min, patience: 3 min}\nstaff:\n  desk: {agents: 1, shift: 08:00-12:00}\n"
    )
    assert "every interval misses it equally often, with 100.0 %" in sentences(run(nobody, replications=100))[0]


def test_that_a_day_held_and_that_it_missed_have_one_interval() -> None:
    centre = loads(
        "open: 08:00-12:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 90 %, per: day}\ncalls:\n"
        "  a: {volume: 40, handle_time: 3 min, patience: 3 min}\nstaff:\n  desk: {agents: 2, shift: 08:00-12:00}\n"
    )  # fmt: skip
    document = run(centre, replications=20, seed=1).to_dict()
    pairs = [(document["measures"]["target_met"], document["risk"]["target_missed"])]
    pairs += [(row["target_met"], row["target_missed"]) for row in document["intervals"]]
    for met, missed in pairs:
        assert [met["mean"], met["low"], met["high"]] == pytest.approx([1 - missed[key] for key in ("mean", "high", "low")])


def test_figures_of_single_days_show_the_digits_that_are_known_of_them() -> None:
    result = made_by_hand()
    figure = {"value": 20352.0, "low": 20288.0, "high": 20416.0}
    cost = {"unit": "EUR a day", "worse": "more", "of": "days", "one_in_2": figure, "one_in_5": figure, "one_in_20": figure}
    result.to_dict()["risk"] = {"days": 100, "measures": {"cost": cost}}
    assert bad_day_rows(result)[0][1:] == ("20,400", "20,400", "20,400", "20,300 to 20,400", "EUR a day")
