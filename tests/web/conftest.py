"""A folder with scenarios, and a desk over it that plays in processes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccsim.web.desk import Desk
from tests.interfaces.conftest import TWENTY

SCENARIO = "# what we know\n" + TWENTY.strip().replace("Twenty [red]people[/red]", "Twenty people") + "\n"

ONE_EACH = {"runs": 1, "quick": 1}  # workers, each of which takes seconds to start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one scenario, beside a file that is none of its business."""
    place = tmp_path / "work"
    place.mkdir()
    (place / "twenty.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "secret.yaml").write_text("title: secret\n", encoding="utf-8")
    return place


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    """A desk over the folder."""
    made = Desk(folder, lanes=ONE_EACH, nice=0)
    yield made
    made.close()
