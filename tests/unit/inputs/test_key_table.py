"""The table of keys, and the page and schema drawn from it."""

from __future__ import annotations

import importlib.resources
import pathlib

import jsonschema
import pytest
from ruamel.yaml import YAML

from ccsim.inputs.key_table import json_schema, key_table, reference_page, schema_text

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
HOW = "run: python -m ccsim.inputs.key_table docs/reference/scenario-file.md ccsim/inputs/scenario.schema.json"


def test_the_reference_page_is_current():
    assert (ROOT / "docs" / "reference" / "scenario-file.md").read_text(encoding="utf-8") == reference_page(), HOW


def test_the_json_schema_is_current():
    assert importlib.resources.files("ccsim.inputs").joinpath("scenario.schema.json").read_text(encoding="utf-8") == schema_text(), HOW


def test_every_key_has_a_meaning_and_every_built_key_a_kind():
    rows = key_table()
    assert len({row.path for row in rows}) == len(rows)
    assert all(row.meaning for row in rows)
    assert all(row.kind for row in rows if row.built)
    assert {row.path for row in rows if row.required} >= {
        "open",
        "calls",
        "calls.NAME.volume",
        "calls.NAME.handle_time",
    }


def test_every_key_of_the_table_stands_on_the_page():
    page = reference_page()
    assert all(f"| `{row.path.split('.')[-1]}` |" in page for row in key_table())


def plain_data(text: str):
    """The file as an editor sees it: keys are text."""

    def told(value):
        if isinstance(value, dict):
            return {str(key): told(inner) for key, inner in value.items()}
        return (
            [told(inner) for inner in value] if isinstance(value, list) else value if isinstance(value, (int, float, bool)) else str(value)
        )

    return told(YAML(typ="safe", pure=True).load(text))


FULL = (HERE / "full.yaml").read_text(encoding="utf-8").replace("warm-up", "warm_up")


def test_the_full_scenario_fits_the_json_schema():
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(
        plain_data(FULL.replace("hang_up", "hang-up").replace("excluding-short-abandons", "excluding_short_abandons")), json_schema()
    )


@pytest.mark.parametrize(
    "there, instead",
    [
        ("volume: 5200", "volumes: 5200"),
        ("volume: 5200", "volume: -1"),
        ("interval: 1 h", "interval: 30"),
        ("balk: 5 %", "balk: 5"),
        ("route: longest-idle", "route: longest"),
        ("    volume: 5200\n", ""),
    ],
)
def test_what_load_refuses_the_json_schema_refuses_too(there, instead):
    assert there in FULL
    text = FULL.replace("hang_up", "hang-up").replace("excluding-short-abandons", "excluding_short_abandons").replace(there, instead, 1)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain_data(text), json_schema())
