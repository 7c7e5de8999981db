"""Whatever a file holds, loading ends in a scenario or in one sentence."""

from __future__ import annotations

import pathlib
import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.errors import CcsimError
from ccsim.inputs import loads

HERE = pathlib.Path(__file__).parent
FULL = (HERE / "full.yaml").read_text(encoding="utf-8")
PIECES = re.findall(r"[\w.%]+|[^\w.%]", FULL)
VALUES = [
    "",
    "0",
    "-1",
    "1e308",
    "1e999",
    ".nan",
    "true",
    "null",
    "~",
    "'5'",
    "[]",
    "{}",
    "[1, 2]",
    "{a: 1}",
    "90 s",
    "140 %",
    "07:00-07:00",
    "24:00",
    "x",
    "&a",
    "*base",
    "!!int",
    "<<",
    "9" * 400,
    "\t",
    "\n",
    "- ",
    ": ",
    "# ",
    "'",
    "[",
    "}",
    "\u2028",
    "\U0001f600",
    "all",
    "closed",
]


def ends_well(text: str) -> None:
    sentence = ""
    try:
        scenario = loads(text, HERE)
    except CcsimError as error:
        sentence = str(error) or "an error that says nothing\n"
    assert "\n" not in sentence
    assert "pydantic" not in sentence
    if sentence:
        return
    for call_type in scenario.calls.values():
        assert np.isfinite(call_type.volume).all()
        assert (call_type.volume >= 0).all()
        assert (np.asarray(call_type.handle_time.mean) > 0).all()
    assert scenario.horizon.intervals == len(scenario.horizon.interval_day) > 0


@given(st.text(max_size=60))
def test_arbitrary_text_ends_well(text):
    ends_well(text)


@given(st.text(alphabet="abc:-[]{}#&*!|>'\"%@`,? \n\t012.x~<", max_size=80))
def test_text_of_yaml_s_own_signs_ends_well(text):
    ends_well(text)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, len(PIECES) - 1), st.sampled_from(VALUES)), min_size=1, max_size=3))
def test_a_scenario_with_pieces_replaced_ends_well(changes):
    pieces = list(PIECES)
    for place, value in changes:
        pieces[place] = value
    ends_well("".join(pieces))


@settings(max_examples=100)
@given(st.integers(0, len(FULL) - 1), st.integers(0, 60))
def test_a_scenario_with_a_stretch_cut_out_ends_well(start, length):
    ends_well(FULL[:start] + FULL[start + length :])


LINES = FULL.splitlines(keepends=True)


@settings(max_examples=100)
@given(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES) - 1))
def test_a_scenario_with_two_lines_exchanged_ends_well(one, other):
    lines = list(LINES)
    lines[one], lines[other] = lines[other], lines[one]
    ends_well("".join(lines))


VALUE = re.compile(r"(?<=: )[^,{}\[\]\n]+")
SPOTS = [match.span() for match in VALUE.finditer(FULL)]


@settings(max_examples=200)
@given(st.sampled_from(SPOTS), st.sampled_from(VALUES))
def test_a_scenario_with_one_value_replaced_ends_well(spot, value):
    ends_well(FULL[: spot[0]] + value + FULL[spot[1] :])
