"""The command line: what it says, where, and with which exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

import ccsim.cli
from ccsim import __version__

ROOT = Path(__file__).resolve().parents[2]


def test_help_names_every_command(ccsim: Callable[..., Any]) -> None:
    said = ccsim("--help")
    assert said.status == 0
    for name in (
        "run", "compare", "sweep", "explain", "runs", "staff", "schedule", "size", "contingent", "now", "card", "fit", "forecast",
        "backtest", "report", "export", "template", "erlang", "web", "doctor", "completion",
    ):  # fmt: skip
        assert f"\n  {name} " in said.out


def test_every_command_that_help_names_can_be_asked_for_its_help(ccsim: Callable[..., Any]) -> None:
    for name in ccsim_commands():
        said = ccsim(name, "--help")
        assert said.status == 0
        assert "--json" in said.out


def ccsim_commands() -> list[str]:
    return list(ccsim.cli.COMMANDS)


def test_the_version_is_that_of_the_package(ccsim: Callable[..., Any]) -> None:
    assert ccsim("--version").out == f"ccsim {__version__}\n"


def test_python_m_ccsim_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "ccsim", "--version"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"ccsim {__version__}\n"


@pytest.mark.parametrize("arguments", [("dance",), ("staff",), ("staff", "a.yaml", "--loud"), ("run", "a.yaml", "--engine", "steam")])
def test_what_cannot_be_asked_leaves_with_2(ccsim: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    said = ccsim(*arguments)
    assert said.status == 2
    assert said.out == ""
    assert "Error:" in said.err


@pytest.mark.parametrize("command", ["run", "staff"])
def test_a_missing_file_is_told_in_one_sentence(ccsim: Callable[..., Any], command: str, tmp_path: Path) -> None:
    said = ccsim(command, tmp_path / "nowhere.yaml")
    assert said.status == 2
    assert said.out == ""
    assert "nowhere.yaml" in said.err
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make `ccsim staff` end in an exception."""

    def make(fault: BaseException) -> None:
        @click.command()
        @click.argument("file")
        def staff(file: str) -> None:
            raise fault

        monkeypatch.setattr("ccsim.cli.staff.staff", staff)

    return make


def test_a_fault_of_our_own_leaves_with_1_and_says_how_to_see_where(ccsim: Callable[..., Any], broken: Callable[..., None]) -> None:
    broken(ZeroDivisionError("division by zero"))
    said = ccsim("staff", "x.yaml")
    assert said.status == 1
    assert "ZeroDivisionError" in said.err
    assert "ccsim --traceback staff x.yaml" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in ccsim("--traceback", "staff", "x.yaml").err


def test_an_interrupt_leaves_with_130(ccsim: Callable[..., Any], broken: Callable[..., None]) -> None:
    broken(KeyboardInterrupt())
    said = ccsim("staff", "x.yaml")
    assert said.status == 130
    assert said.err.strip() == "ccsim: interrupted"


def test_a_thread_that_nobody_waits_for_does_not_see_its_libraries_taken_apart() -> None:
    """A solver that was interrupted works on in a daemon thread, and Python's own way out aborts the process under it now and then."""
    script = """
import sys, threading
import ccsim.cli
ccsim.cli._leave = lambda status: print("left at once", status)
never = threading.Event()
thread = threading.Thread(target=never.wait, args=(2.0,), daemon=sys.argv.pop() == "daemon")
thread.start()
ccsim.cli.main()
"""
    for kind, leaves in (("daemon", True), ("waited for", False)):
        said = subprocess.run([sys.executable, "-c", script, "--version", kind], cwd=ROOT, capture_output=True, text=True, check=True)
        assert ("left at once 0" in said.stdout) == leaves


def test_a_reader_who_has_had_enough_is_no_fault(twenty: Path) -> None:
    code = f"import sys; from ccsim.cli import main; sys.stdout.write('x' * 200_000); main(['staff', {str(twenty)!r}, '--json'])"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    complaints = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert complaints == b""


def test_staff_prints_required_and_scheduled_agents(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("staff", twenty)
    assert said.status == 0
    assert "Twenty [red]people[/red]" in said.out
    assert "Erlang A" in said.out
    assert "required ÷ 0.7" in said.out
    assert "08:00" in said.out


def test_staff_prints_one_json_object_and_nothing_else(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("staff", twenty, "--by", "formula", "--json")
    document = json.loads(said.out)
    assert said.err == ""
    assert document["ccsim"] == __version__
    assert [row["start"] for row in document["intervals"]] == [f"2027-04-12T{time}" for time in ("08:00", "08:30", "09:00", "09:30")]
    assert all(row["scheduled_agents"] > row["required_agents"] > 0 for row in document["intervals"])


ERLANG = [sys.executable, "-m", "ccsim", "erlang", "--calls", "100", "--per", "30 min", "--handle-time", "180 s", "--threshold", "20 s"]


def test_an_encoding_that_lacks_letters_gets_the_numbers_all_the_same() -> None:
    ended = subprocess.run(ERLANG, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=True)
    assert b"88.8 %" in ended.stdout


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only where the system has a device that is always full")
def test_a_full_disk_is_told_in_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(ERLANG, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("ccsim: the answer could not be given")


def test_what_is_no_ordinary_file_is_not_written_over(ccsim: Callable[..., Any], twenty: Path) -> None:
    ended = ccsim("run", twenty, "--replications", 1, "--chart", os.devnull)
    assert ended.status == 2
    assert "not an ordinary file" in ended.err
    assert not Path(os.devnull).is_file()


def test_a_picture_behind_a_link_is_put_where_the_link_points(ccsim: Callable[..., Any], twenty: Path, tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "day.png")
    assert ccsim("run", twenty, "--replications", 1, "--chart", tmp_path / "link.png").status == 0
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "day.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "-o"), ("report", "--pdf"), ("run", "--chart"), ("card", "-o"), ("schedule", "-o"), ("size", "-o"),
        ("contingent", "-o"), ("explain", "--chart"), ("sweep", "--set", "staff.day.agents=20", "--chart"),
    ],
)  # fmt: skip
def test_no_command_writes_over_the_scenario_it_reads(ccsim: Callable[..., Any], twenty: Path, arguments: tuple[str, ...]) -> None:
    before = twenty.read_text(encoding="utf-8")
    said = ccsim(arguments[0], twenty, *arguments[1:], twenty)
    assert said.status == 2
    assert "would be written over" in said.err
    assert twenty.read_text(encoding="utf-8") == before


def test_a_workbook_of_a_scenario_is_written_over_by_no_command(ccsim: Callable[..., Any], twenty: Path, tmp_path: Path) -> None:
    book = tmp_path / "twenty.xlsx"
    assert ccsim("template", book, "--from", twenty).status == 0
    before = book.read_bytes()
    assert "is there already" in ccsim("template", book).err
    assert "would be written over" in ccsim("export", book, book).err
    assert book.read_bytes() == before
