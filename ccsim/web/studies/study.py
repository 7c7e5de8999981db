"""A study: a question about a scenario, its fields, what answers it in a worker, and the answer in the one shape that pages show."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ccsim.errors import CcsimError
from ccsim.web.blocks import Block, Catcher
from ccsim.web.boxes import Box, Typed
from ccsim.web.jobs import Tell
from ccsim.web.workspace import Workspace

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Values = Mapping[str, Any]
_NUMBERS: Final = re.compile(r"[+-]\.?\d[\w.,:% ]*( to [+-]?\.?\d[\w.,:% ]*)?")  # a number with a sign, or a range, and its unit


@dataclass
class Subject:
    """What a study is about: a scenario of the folder, by the name of its file. `name` is "" for a study of the folder itself."""

    workspace: Workspace
    name: str = ""
    _read: Scenario | None = None

    @property
    def scenario(self) -> Scenario:
        """The scenario as it is saved; raises `CcsimError`."""
        if self._read is None:
            self._read = self.workspace.load(self.name)
        return self._read

    def others(self) -> dict[str, str]:
        """Other scenarios of the folder: their titles by name of the file."""
        found = {}
        for entry in self.workspace.scenarios():
            if entry.name != self.name:
                found[entry.name] = f"{entry.title} ({entry.name})" if entry.title else entry.name
        return found


@dataclass
class Finding:
    """What a study found.

    said       sentences that stand above everything: the answer
    blocks     what the command prints, as blocks
    pictures   mappings with `title`, `words` (what it shows) and `svg`
    tables     CSV files by name, as text
    text       of a scenario that came of it, to be opened as a new one beside the old; `suffix` ends its name
    offer      what the button says that opens it
    beside     the file that it was made of, where that is not what the study is about: it is kept beside it
    page       HTML to print, which looks at nothing but itself
    draws      sets of parameters that belong to that scenario, and are kept with it
    """

    said: Sequence[str]
    blocks: list[Block]
    pictures: list[dict[str, str]] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    text: str = ""
    suffix: str = ""
    offer: str = ""
    beside: str = ""
    page: str = ""
    draws: str = ""


def _no_faults(subject: Subject, values: Values) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Study:
    """One question that can be asked.

    name     in addresses and names of files
    title    what it is called: "Agents by interval"
    asks     what it answers, in a sentence or two above its fields
    boxes    its fields, for a subject
    do       answers it, in a worker: what it is about, the values of the fields, and how far it is
    check    what is wrong with values that can be read, by field ("" for none of them); called before anything is begun, so it is quick
    quick    whether values are answered in a second or two, and need not wait behind runs
    act      what the button says
    fits     whether the question makes sense for a scenario
    """

    name: str
    title: str
    asks: str
    boxes: Callable[[Subject], tuple[Box, ...]]
    do: Callable[[Subject, Values, Tell], Finding]
    check: Callable[[Subject, Values], dict[str, str]] = _no_faults
    quick: Callable[[Values], bool] = lambda values: False
    act: str = "Begin"
    fits: Callable[[Scenario], bool] = lambda scenario: True


def new_key() -> str:
    """The key of an answer to be kept: when it was found, so that names are in order, and a mark of its own."""
    return f"study-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(4).hex()}"


def answer_of(study: Study, subject: Subject, typed: Typed, found: Finding, title: str = "") -> dict[str, Any]:
    """A finding as it is kept and shown. `title` is that of the scenario."""
    said = [one for one in found.said if one]
    blocks = [block for block in found.blocks if block["kind"] != "text" or block["text"] not in (*said, title)]
    return {
        "key": new_key(),
        "kind": "study",
        "study": study.name,
        "heading": study.title,
        "title": title or study.title,
        "at": time.time(),
        "said": said,
        "files": [subject.name] if subject.name else [],
        "typed": dict(typed),
        "blocks": blocks,
        "pictures": found.pictures,
        "tables": found.tables,
        "text": found.text,
        "suffix": found.suffix,
        "offer": found.offer,
        "beside": found.beside,
        "page": found.page,
        "draws": found.draws,
    }


def printed(show: Callable[..., None], *what: Any) -> list[Block]:
    """What a command prints, as blocks."""
    out = Catcher()
    show(out, *what)
    return out.blocks


def picture(title: str, words: str, svg: str) -> dict[str, str]:
    """A chart with what it shows in words."""
    from ccsim.web.pictures import standing_alone

    return {"name": title.lower().replace(" ", "-"), "title": title, "words": words, "svg": standing_alone(svg)}


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a CSV file; what has parts has a column for each of them, and what is not known is left empty.

    A spreadsheet takes a cell that begins with =, +, - or @ for a formula; texts that do, and are no number, get an apostrophe before them.

    >>> csv_text([{"start": "08:00", "wait": {"mean": 2.5, "low": None}}])
    'start,wait_mean,wait_low\\n08:00,2.5,\\n'
    """
    flat = [_flat(row) for row in rows]
    flat = [{_no_formula(key): _no_formula(value) for key, value in row.items()} for row in flat]
    heads = list(dict.fromkeys(key for row in flat for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, heads, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: "" if value is None else value for key, value in row.items()} for row in flat)
    return text.getvalue()


def _no_formula(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula.

    >>> _no_formula("=1+1"), _no_formula("-2 to 3 s"), _no_formula(-0.5)
    ("'=1+1", '-2 to 3 s', -0.5)
    """
    if not isinstance(cell, str) or not cell.lstrip().startswith(("=", "+", "-", "@")) or _NUMBERS.fullmatch(cell):
        return cell
    return f"'{cell}"


def _flat(row: Mapping[str, Any], begin: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{begin}{key}_")
        elif isinstance(value, (list, tuple)):
            found[f"{begin}{key}"] = " ".join(map(str, value))
        else:
            found[f"{begin}{key}"] = value
    return found


def written_tables(write: Callable[[str], object]) -> dict[str, str]:
    """The CSV files that a command writes into a folder, as texts by name."""
    with tempfile.TemporaryDirectory(prefix="ccsim-") as folder:
        write(folder)
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.csv"))}


def fault_of(act: Callable[[], object]) -> str:
    """What goes wrong in a deed as a sentence; "" where nothing does."""
    try:
        act()
    except CcsimError as fault:
        words = str(fault)
        return words[:1].upper() + words[1:]
    return ""
