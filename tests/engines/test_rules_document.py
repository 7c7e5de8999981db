"""The page with the rules names every hand-played case, and no case that is not there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "rules-of-the-floor.md"
CHECKS_OF_CASES = {"test_the_random_route_cases_choose_more_than_one_place"}


def played() -> set[str]:
    names: set[str] = set()
    for path in [HERE / "test_rules.py", *HERE.glob("test_rules_of_*.py")]:
        names.update(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return names - CHECKS_OF_CASES


def named() -> set[str]:
    return set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))


def test_every_case_named_on_the_page_is_played() -> None:
    assert named() - played() == set()


def test_every_case_played_is_named_on_the_page() -> None:
    assert played() - named() == set()
    assert len(played()) > 100
