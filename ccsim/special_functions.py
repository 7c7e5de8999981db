"""SciPy's special functions, without the linear algebra that it loads beside them.

`import scipy.special` takes a third of a second, nearly all of it for other things than these functions, which lie in one compiled module
of it. What is here is the very function that `scipy.special` has (`special_functions.gammaln is scipy.special.gammaln`), loaded when it is
first asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from types import ModuleType
from typing import Any

_WHOLE, _COMPILED = "scipy.special", "scipy.special._ufuncs"


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        found = getattr(_compiled(), name)
    except (ImportError, AttributeError):
        found = getattr(importlib.import_module(_WHOLE), name)
    globals()[name] = found
    return found


def _compiled() -> ModuleType:
    """The compiled module; only where nobody could be loading SciPy's own at the same time is it loaded without that."""
    if _COMPILED in sys.modules:
        return sys.modules[_COMPILED]
    if _WHOLE in sys.modules or threading.active_count() > 1:
        return importlib.import_module(_WHOLE)
    spec = importlib.util.find_spec(_WHOLE)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(_WHOLE)
    stand_in = ModuleType(_WHOLE)
    stand_in.__path__ = spec.submodule_search_locations
    sys.modules[_WHOLE] = stand_in
    try:
        return importlib.import_module(_COMPILED)
    finally:
        del sys.modules[_WHOLE]
        vars(sys.modules["scipy"]).pop("special", None)
