"""What stands in the files: a docstring on all that is public, nothing left undone, no place that only one machine has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.sources import ROOT, modules, project_files, tree

# Put together from pieces, so that this file does not find itself
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
ONE_MACHINE = re.compile(r"(?<![\w.])/(" + "|".join(("wo" + "rk/", "ro" + "ot/", "ho" + r"me/\w", "opt/" + "pypi")) + ")")
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".csv", ".json", ".cff", ".ipynb", ".bib", ".cfg", ""}


def texts() -> Iterator[tuple[str, str]]:
    for path in project_files():
        if path.suffix in TEXT:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def undocumented(module: ast.Module) -> Iterator[str]:
    """Public functions, classes and methods without a docstring; the inside of functions is nobody's business."""
    bodies: list[tuple[str, list[ast.stmt]]] = [("", module.body)]
    while bodies:
        owner, body = bodies.pop()
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                plain = isinstance(node, ast.ClassDef) or not any("overload" in ast.unparse(mark) for mark in node.decorator_list)
                if plain and ast.get_docstring(node) is None:
                    yield owner + node.name
                if isinstance(node, ast.ClassDef):
                    bodies.append((f"{node.name}.", node.body))


def test_every_public_function_says_what_it_gives() -> None:
    bare = [f"{path.relative_to(ROOT)}: {name}" for path in modules("ccsim") for name in undocumented(tree(path))]
    assert not bare


def test_every_module_says_what_it_is_for() -> None:
    bare = [path for path in modules("ccsim", "tests") if path.stat().st_size and not ast.get_docstring(tree(path))]
    assert not [str(path.relative_to(ROOT)) for path in bare]


def test_nothing_is_left_for_later() -> None:
    assert not [name for name, text in texts() if UNFINISHED.search(text)]


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert not [name for name, text in texts() if ONE_MACHINE.search(text)]


@pytest.mark.parametrize("line", ["# TO" + "DO: later", "open('/wor" + "k/data.csv')", "see /hom" + "e/jane/x"])
def test_the_searches_find_what_they_look_for(line: str) -> None:
    assert UNFINISHED.search(line) or ONE_MACHINE.search(line)


def test_a_missing_docstring_is_found() -> None:
    source = 'class Pool:\n    """On call."""\n    def size(self): ...\ndef _own(): ...\ndef run():\n    """Done."""\n    def inner(): ...'
    assert list(undocumented(ast.parse(source))) == ["Pool.size"]
