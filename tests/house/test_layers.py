"""Who may import whom, and where luck comes from."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.house.sources import ROOT, modules, tree

GENERATORS = {"default_rng", "Generator", "SeedSequence", "RandomState", "PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937"}


def test_every_import_follows_the_layers() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def sources_of_luck(module: ast.Module) -> list[int]:
    """Lines on which a module imports a source of random numbers or names a generator of numpy's."""
    lines = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import) and any(name.name in {"random", "secrets", "numpy.random"} for name in node.names):
            lines.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and (node.module or "") in {"random", "secrets", "numpy.random"}:
            lines.append(node.lineno)
        elif isinstance(node, ast.Attribute) and (node.attr in GENERATORS or ast.unparse(node).startswith(("np.random.", "numpy.random."))):
            lines.append(node.lineno)
    return lines


def test_random_generators_are_made_in_streams_and_nowhere_else() -> None:
    streams = ROOT / "ccsim" / "engine" / "streams.py"
    for path in modules("ccsim"):
        if path != streams:
            assert not sources_of_luck(tree(path)), f"{path.relative_to(ROOT)} makes luck of its own"


def test_the_search_for_luck_finds_it() -> None:
    assert sources_of_luck(ast.parse("import numpy as np\nrng = np.random.default_rng(1)"))
    assert sources_of_luck(ast.parse("from random import choice"))
    assert not sources_of_luck(ast.parse("import numpy as np\nx = np.zeros(3)"))
