"""What can go wrong, said to the person who can put it right.

Every error that a user can cause derives from `CcsimError`; the command line prints its sentence and leaves with its `exit_status`.
A sentence says what was found, where, and what would do.
"""

from __future__ import annotations


class CcsimError(Exception):
    """A fault that the user can mend."""

    exit_status = 2


class ScenarioError(CcsimError):
    """A scenario file, or a file that it names, cannot be used."""


class InputError(CcsimError, ValueError):
    """An argument of a function or an option of a command makes no sense."""


class ResultError(CcsimError):
    """The work was done, but what came of it cannot be given (an output that cannot be written)."""

    exit_status = 1
