"""The command `ccsim`: options in, sentences and tables out. Each lives in a module of its own, imported when called."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
import threading
import traceback
from collections.abc import Sequence

import click

from ccsim import __version__
from ccsim.errors import CcsimError

# Name: (what it does, in a line; the module that holds a click command of that name)
COMMANDS = {
    "run": ("Play days of a scenario and show waits, staffing and contingents.", "ccsim.cli.run"),
    "compare": ("Play several scenarios under the same luck and show what differs.", "ccsim.cli.compare"),
    "sweep": ("Play a scenario with a key set to each of several values.", "ccsim.cli.sweep"),
    "explain": ("Say step by step why an answer is not Erlang's, another's, or what happened.", "ccsim.cli.explain"),
    "runs": ("List, show, compare and check the runs that were kept.", "ccsim.cli.runs"),
    "staff": ("Say for every interval how many agents are needed.", "ccsim.cli.staff"),
    "schedule": ("Choose shifts that meet the target, and prove it by playing them.", "ccsim.cli.schedule"),
    "size": ("Say what a centre takes that does not exist yet: people, seats, lines, cost.", "ccsim.cli.size"),
    "contingent": ("Find the rule by which to call contingents, and what the pool is worth.", "ccsim.cli.contingent"),
    "now": ("Say how many contingents to call at this moment.", "ccsim.cli.now"),
    "card": ("Make the one-page card that says when to call contingents.", "ccsim.cli.card"),
    "fit": ("Estimate a scenario from records of calls and people.", "ccsim.cli.fit"),
    "forecast": ("Forecast the calls of days to come by interval, with bands.", "ccsim.cli.forecast"),
    "backtest": ("Learn from some days of records, predict others, and say how well that went.", "ccsim.cli.backtest"),
    "erlang": ("Calculate with the Erlang formulas.", "ccsim.cli.erlang"),
    "web": ("Open the page for the browser: scenarios, runs, comparisons, contingents.", "ccsim.cli.web"),
    "doctor": ("Say whether ccsim is well on this machine.", "ccsim.cli.doctor"),
    "completion": ("Print the script by which a shell completes ccsim.", "ccsim.cli.completion"),
    "template": ("Make a workbook to write a scenario in.", "ccsim.cli.template"),
    "export": ("Write a run into a workbook with charts.", "ccsim.cli.export"),
    "report": ("Write a report to print: answer, charts, risk, assumptions.", "ccsim.cli.report"),
}
INTERRUPTED = 130
PYTHONS_OWN = gc.get_threshold()  # for a process that runs for days
_OBJECTS = 100_000  # made before Python looks for some that point at each other: at its 700 it looks a thousand times while we import


class Commands(click.Group):
    """The group of commands; help and completion read the table above, so that listing the commands imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][1]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands into the help text."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (line, _) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="ccsim %(version)s")
@click.option("--traceback", "show_traceback", is_flag=True, help="After an unexpected fault, show where in the program it arose.")
def group(show_traceback: bool) -> None:
    """Simulate a call centre's day: waits, staff, absences and agents on call.

    Try `ccsim run scenarios/us-bank-weekday.yaml`. `ccsim COMMAND --help` tells of each command.
    """


def _print_anywhere() -> None:
    """Let output go anywhere: letters that an encoding lacks as question marks, all of it into nothing where it was closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments` (left out: those of the process) name, and leave the process with its exit status.

    0 is done, 2 a fault in what was asked or in a file, 1 anything else, 130 interrupted.
    """
    own_process = arguments is None
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if own_process:
        gc.set_threshold(_OBJECTS, 10, 10)
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or it looks through all packages that are installed for some
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # or numpy starts threads that wait, busily, for larger matrices than ours
    _print_anywhere()
    try:
        status = group.main(args=arguments, prog_name="ccsim", standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as fault:
        fault.show()
        status = 2
    except CcsimError as fault:
        click.echo(f"ccsim: {fault}", err=True)
        status = fault.exit_status
    except (click.Abort, KeyboardInterrupt):
        click.echo("ccsim: interrupted", err=True)
        status = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough (`ccsim run ... | head`): no word about it, not even when Python closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except OSError as fault:
        click.echo(f"ccsim: the answer could not be given: {(fault.strerror or str(fault)).lower()}", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it fails no more when Python ends
        status = 1
    except Exception as fault:
        status = 1
        if "--traceback" in arguments[:1]:
            traceback.print_exc()
        else:
            line = " ".join(["ccsim", "--traceback", *arguments])
            click.echo(f"ccsim: a fault in ccsim itself ({type(fault).__name__}: {fault}). `{line}` shows where it arose.", err=True)
    # A solver that was interrupted still runs, as a daemon: Python would take its libraries apart under it, and the process would abort
    waited_for = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    if own_process and not waited_for and sys.getprofile() is None:
        _leave(status)
    sys.exit(status)


def _leave(status: int) -> None:
    """End the process without taking apart, one by one, all that was imported: its memory goes back at once.

    What others asked to be done at the end is done. Returns where output cannot be written, for Python to end as it does.
    """
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError):
        return
    os._exit(status)
