"""Answers as pages show them, kept in the folder so that they are there after a restart: an archive for each.

In it stand `answer.json` (sentences and tables), the charts as SVG files, the tables to download as CSV files and a page to print, so that
whoever asks for one of them reads no more than that.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ccsim.web.workspace import Workspace

SHOWN: Final = "shown"  # subfolder of the archives
MADE: Final = "made"  # subfolder of reports and workbooks
KEY: Final = re.compile(r"run-\d{1,9}|compare(?:-\d{1,9}){2,9}|study-\d{8}T\d{6}-[0-9a-f]{8}")
_MADE: Final = {"report": ".html", "rules": "-rules.html", "workbook": ".xlsx"}
_ANSWER: Final = "answer.json"
_PAGE: Final = "page.html"
_HEAD: Final = ("key", "study", "heading", "title", "at", "files")  # what a list of studies tells of one, with its first sentence
_LONGEST: Final = 300  # letters of it

Answer = dict[str, Any]


def own(workspace: Workspace, folder: str) -> Path:
    """A subfolder of what the page keeps for itself, made where it is not there yet."""
    found = workspace.own / folder
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def keep(workspace: Workspace, answer: Mapping[str, Any]) -> Answer:
    """Keep an answer, and give what a page asks first: its key.

    `pictures` are mappings with an `svg`; `tables` are texts of CSV files by name; `text` is that of a scenario to be opened; `page` is
    HTML to print.
    """
    path = own(workspace, SHOWN) / f"{answer['key']}.zip"
    partial = path.with_suffix(f".{os.getpid()}.partial")
    told = {**answer, "pictures": [{name: words for name, words in one.items() if name != "svg"} for one in answer.get("pictures", ())]}
    told["tables"] = list(answer.get("tables", {}))
    told["page"] = bool(answer.get("page"))
    head = {name: answer.get(name) for name in _HEAD} | {"said": "".join(answer.get("said", ())[:1])[:_LONGEST]}
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        archive.writestr(_ANSWER, json.dumps(told, ensure_ascii=False))
        for place, one in enumerate(answer.get("pictures", ())):
            archive.writestr(f"{place}.svg", one["svg"])
        for place, text in enumerate(answer.get("tables", {}).values()):
            archive.writestr(f"{place}.csv", text)
        if answer.get("page"):
            archive.writestr(_PAGE, answer["page"])
        archive.comment = json.dumps(head).encode()
    os.replace(partial, path)
    return {"key": answer["key"]}


def shown(workspace: Workspace, key: str) -> Answer | None:
    """An answer that was kept; None where there is none."""
    content = _read(workspace, key, _ANSWER)
    try:
        found: Answer | None = None if content is None else json.loads(content)
    except ValueError:
        return None
    return found


def picture(workspace: Workspace, key: str, place: int) -> bytes | None:
    """A chart of a kept answer as SVG; None where there is none."""
    return _read(workspace, key, f"{place}.svg")


def table(workspace: Workspace, key: str, place: int) -> bytes | None:
    """A table of a kept answer as CSV; None where there is none."""
    return _read(workspace, key, f"{place}.csv")


def page(workspace: Workspace, key: str) -> bytes | None:
    """The page to print of a kept answer; None where there is none."""
    return _read(workspace, key, _PAGE)


def studies(workspace: Workspace, most: int) -> list[Answer]:
    """What is told in a list of the studies that were kept, newest first."""
    found: list[Answer] = []
    for path in sorted(own(workspace, SHOWN).glob("study-*.zip"), reverse=True)[:most]:
        try:
            with zipfile.ZipFile(path) as archive:
                found.append(json.loads(archive.comment))
        except (OSError, ValueError, zipfile.BadZipFile):
            continue
    return found


def made(workspace: Workspace, number: int, what: str) -> Path:
    """Where a report, one with the rules for contingents, or a workbook of a kept run lies once it is made."""
    return own(workspace, MADE) / f"run-{number}{_MADE[what]}"


def _read(workspace: Workspace, key: str, name: str) -> bytes | None:
    if not KEY.fullmatch(key):
        return None
    try:
        with zipfile.ZipFile(workspace.own / SHOWN / f"{key}.zip") as archive:
            return archive.read(name)
    except (OSError, KeyError, zipfile.BadZipFile, EOFError):
        return None
