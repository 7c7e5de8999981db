"""What is built and installed: one version everywhere, and every dependency held to the version that the tests ran with."""

from __future__ import annotations

import re
import tomllib

import ccsim
from tests.house.sources import ROOT


def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        found = tomllib.load(file)["project"]
    assert isinstance(found, dict)
    return found


def plain(requirement: str) -> str:
    """The name of a package as it stands in lists: ruamel.yaml>=0.18 is ruamel-yaml."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]).lower()


def test_every_dependency_is_held_to_one_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    held = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    asked = project()
    extras = asked["optional-dependencies"]
    needed = asked["dependencies"]
    assert isinstance(extras, dict)
    assert isinstance(needed, list)
    for requirement in [*needed, *(name for extra in extras.values() for name in extra if not name.startswith("ccsim"))]:
        assert plain(requirement) in held, f"{requirement} has no line in constraints.txt"
    assert all(re.fullmatch(r"[0-9][0-9a-z.]*", version) for version in held.values())


def test_the_citation_names_this_version() -> None:
    assert f"\nversion: {ccsim.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_ci_runs_what_a_developer_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands == ['cd "$(dirname "$0")/.." && exec make test']
