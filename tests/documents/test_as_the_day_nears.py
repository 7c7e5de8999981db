"""The example that looks at one day three times: what it says is narrower each time it looks."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
import pytest

from tests.house.sources import ROOT


@pytest.fixture(scope="module")
def looks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("as_the_day_nears", ROOT / "examples" / "as_the_day_nears.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_range_of_calls_people_and_service_level_narrows_with_every_look(looks: ModuleType) -> None:
    spread = []
    for known in looks.LOOKS.values():
        calls, came, level = looks.days(looks.MONDAY + known, 150)
        spread.append([float(np.subtract(*np.quantile(values, [0.975, 0.025]))) for values in (calls, came, level)])
    month, eve, ten = np.array(spread)
    assert (ten[[0, 2]] < eve[[0, 2]]).all()
    assert (eve[1:] < month[1:]).all()
    assert ten[1] < eve[1]


def test_a_range_is_written_with_its_mean(looks: ModuleType) -> None:
    assert looks.described(np.arange(101.0), ".0f") == "50 (2 to 98)"
