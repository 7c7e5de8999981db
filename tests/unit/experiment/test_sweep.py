"""Sweeps: the grid, the same luck for each, settings as they are typed."""

from __future__ import annotations

import json

import pytest

import ccsim
from ccsim.errors import CcsimError, InputError, ScenarioError
from ccsim.experiment.replicate import run
from ccsim.experiment.sweep import Sweep, as_number, parse_setting, sweep
from ccsim.inputs.scenario import changed
from tests.unit.experiment.centres import plain, whole


@pytest.fixture(scope="module")
def found() -> Sweep:
    return sweep(whole(), {"contingent.home.agents": [0, 2, 4], "staff.early.agents": ["7", "9"]}, replications=20)


def test_every_combination_is_played_in_order(found: Sweep) -> None:
    assert found.values == [("0", "7"), ("0", "9"), ("2", "7"), ("2", "9"), ("4", "7"), ("4", "9")]
    assert [one.scenario.data["staff"]["early"]["agents"] for one in found.played] == ["7", "9"] * 3
    assert [one.scenario.contingent["home"].agents for one in found.played] == [0, 0, 2, 2, 4, 4]


def test_each_combination_is_what_a_run_of_it_would_be(found: Sweep) -> None:
    alone = run(changed(whole(), {"contingent.home.agents": 4, "staff.early.agents": 9}), replications=20)
    assert found.played[-1].measures == alone.to_dict()["measures"]


def test_differences_are_from_the_first_and_paired(found: Sweep) -> None:
    first, *others = [one["service_level_offered"] for one in found.differences]
    assert (first.mean, first.low, first.high) == (0.0, 0.0, 0.0)
    assert all(one.mean > 0 for one in others)
    assert others[0].gain > 2


def test_the_table_is_tidy(found: Sweep) -> None:
    table = found.table
    assert list(table.columns[:6]) == ["contingent.home.agents", "staff.early.agents", "measure", "mean", "low", "high"]
    row = table[(table["contingent.home.agents"] == 2) & (table["staff.early.agents"] == 9) & (table["measure"] == "mean_wait")]
    assert row["mean"].item() == found.played[3].measures["mean_wait"]["mean"]
    assert len(table) == 6 * len(found.measures)


def test_the_object_can_be_written_as_json(found: Sweep) -> None:
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["keys"] == ["contingent.home.agents", "staff.early.agents"]
    assert [row["set"]["contingent.home.agents"] for row in document["rows"]] == [0, 0, 2, 2, 4, 4]
    assert document["rows"][0]["difference"]["mean_wait"] == {"mean": 0.0, "low": 0.0, "high": 0.0}


def test_values_may_be_lists_or_text() -> None:
    both = sweep(plain(), {"calls.a.volume": [[20, 0], [0, 20]], "calls.a.patience.mean": ["1 min", "2 min"]}, replications=2)
    assert both.values[0] == ("[20, 0]", "1 min")
    assert both.played[0].scenario.calls["a"].patience is not None


def test_it_is_there_under_the_packages_name() -> None:
    assert ccsim.sweep is sweep


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("contingent.home.agents=0,4,8,12", "contingent.home.agents", ["0", "4", "8", "12"]),
        ("target.wait=60 s, 90 s", "target.wait", ["60 s", "90 s"]),
        ("staff.desk.agents=[4,5],[6,7]", "staff.desk.agents", ["[4,5]", "[6,7]"]),
        ("calls.a.patience={mean: 1 min, cv: 2},{mean: 2 min}", "calls.a.patience", ["{mean: 1 min, cv: 2}", "{mean: 2 min}"]),
        ("title='a, b',\"c\"", "title", ["'a, b'", '"c"']),
        ("lines=5", "lines", ["5"]),
        ("title=a=b", "title", ["a=b"]),
    ],
)
def test_a_setting_is_read_as_it_would_stand_in_the_file(text: str, key: str, values: list[str]) -> None:
    assert parse_setting(text) == (key, values)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lines", "no setting"),
        ("=4,5", "no setting"),
        ("lines=", "a value is missing"),
        ("lines=4,,5", "a value is missing"),
        ("lines=[4,5", "a bracket is not closed"),
        ("title='a", "a quotation mark is not closed"),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse_setting(text)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "no key is set"),
        ({"lines": []}, "`lines` has no values"),
        ({"lines": [4, 4]}, "`lines` is set to '4' twice"),
        ({"lines": [4], "interval": ["30 min"], "route": ["random"]}, "3 keys are set; a sweep goes over one key or two"),
        ({"lines": range(1, 502)}, "501 combinations; at most 400"),
        ({"days": [1, 2]}, "days=1 and days=2 cannot be compared day by day"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_a_sentence(settings: dict[str, list[object]], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        sweep(plain(), settings)


@pytest.mark.parametrize(("key", "sentence"), [("staff.desc.agents", "did you mean 'desk'"), ("linse", "did you mean `lines`")])
def test_a_key_that_is_not_there_names_the_nearest(key: str, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        sweep(plain(), {key: [1, 2]})


def test_a_value_that_its_key_cannot_take_is_refused() -> None:
    with pytest.raises(CcsimError, match="'many' is not a number"):
        sweep(plain(), {"staff.desk.agents": ["2", "many"]})


def test_numbers_are_numbers() -> None:
    assert [as_number(text) for text in ("4", "0.25", "1e3", "90 %", "x")] == [4, 0.25, 1000, "90 %", "x"]


def test_what_an_interrupted_sweep_keeps_is_a_sweep_over_so_many_days() -> None:
    def impatient(done: int, total: int) -> None:
        if done >= 64:
            raise KeyboardInterrupt

    settings = {"staff.early.agents": [7, 9]}
    ended = sweep(whole(), settings, replications=5000, progress=impatient).to_dict()
    assert 16 <= ended["replications"] < 5000
    assert ended.pop("interrupted")
    assert ended == sweep(whole(), settings, replications=ended["replications"]).to_dict()
